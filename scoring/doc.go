// Package scoring holds credit terms and arithmetic: from the rows of the exports to one account
// per customer as of a date. It knows no file and no Arrow, no clock and no shared state.
//
// There are only a few types, in the order in which a night meets them:
//
//   - Day, Currency and Decimal are a date, a currency and an amount as an export writes them.
//     Amounts become integers of minor units (Decimal.Minor), exactly or not at all; Sum adds
//     them up over a whole run.
//   - Invoice, Payment, Master, Activity and Dispute are rows. AppendInvoice and the like turn
//     them into bytes, a RowWriter into fewer, in Forms that many rows share; a RowReader (or ReadRows, all at
//     once) turns a shard of such bytes into the Rows of each customer. The bytes are the seam between routing and rebuilding: they may lie in memory, in a file or
//     in another system.
//   - Calendar, Terms and Rates say which days are business days, when an invoice is due and
//     what a currency is worth. They are made once and read by all goroutines.
//   - InterestTable is what late payment costs by contract or law.
//   - Rebuild turns the Rows of one customer into its Account as of a date, a pure function.
//   - PortfolioSum holds what a portfolio's indicators (DSO, CEI, roll rates) follow from, by month; the
//     sums of customers add up. MasterFault is something wrong with a customer's master data.
package scoring
