package scoring

import "math"

// The indicators of a portfolio, as pure functions of sums. Credit managers use the same names for
// different sums; each function says which definition it is and where sources disagree. None
// of them guesses: where a denominator is zero or negative the result is NaN.
//
// Receivables are the open items gross of what is on account: cash and credit notes that nobody
// has assigned to an invoice yet lower no bucket. Some sources take the balance of the general
// ledger, which is net of them; the amount on account stands beside the indicators, so that either
// can be had. Sales are invoices and debit notes less credit notes, by their own date.

// DSO is days sales outstanding: receivable / sales * days, sales being those of the window of so
// many days. Sources disagree on the window, which matters more than anything else: 50,000 of
// receivables on 150,000 of sales are 121.67 days by a year of 365, 61.00 by half of one (183),
// so a figure without its window says nothing. NaN when there were no sales.
func DSO(receivable, sales, days float64) float64 {
	if sales <= 0 {
		return math.NaN()
	}
	return receivable / sales * days
}

// BestPossibleDSO is what DSO would be if nothing were overdue: the receivable that is not due
// yet / sales * days, over the same window as the DSO it is compared with.
func BestPossibleDSO(notDue, sales, days float64) float64 { return DSO(notDue, sales, days) }

// AverageDaysDelinquent is DSO less best possible DSO: the days by which customers, not terms, hold
// money back. A DSO that stays flat while the best possible one falls hides worse collections: 158 less
// 59 is 99 days, 160 less 32 is 128.
func AverageDaysDelinquent(dso, best float64) float64 { return dso - best }

// CountbackDSO peels the latest sales off the receivable until it is used up: whole periods count
// with their days, the last one in part. sales and days are by period, latest first. It moves less with
// seasons than DSO does. NaN when the receivable is more than all of the sales given, and when
// periods with negative sales (more credited than sold) leave no part to count.
//
// Sources disagree on the part of the last period: here its days are shared evenly, others round
// to whole months.
func CountbackDSO(receivable float64, sales, days []float64) float64 {
	if receivable <= 0 {
		return 0
	}
	counted := 0.0
	for i, s := range sales {
		if s > 0 && s >= receivable {
			return counted + float64(receivable/s*days[i])
		}
		receivable -= max(s, 0)
		counted += days[i]
	}
	return math.NaN()
}

// CEI is the collection effectiveness index, in per cent: of what could be collected in the
// period, opening receivables plus sales, how much was, leaving aside what is not due yet:
//
//	100 * (begin + sales/n - end) / (begin + sales/n - endNotDue)
//
// n is the number of months in the period, so that sales/n are monthly sales; begin 100, monthly
// sales 200, end 120, of it current 90, is 85.71. Sources disagree on n: the Encyclopedia of Credit words
// it as days, its own example and others divide quarterly sales by 3. 100 is the best; it
// rises with sales alone, so it is to be read over time. NaN when nothing could be collected.
func CEI(begin, sales, n, end, endNotDue float64) float64 {
	collectable := begin + sales/n - endNotDue
	if collectable <= 0 {
		return math.NaN()
	}
	return 100 * (begin + sales/n - end) / collectable
}

// WeightedDays is the mean of days past due weighted by open amount, over overdue items: the
// sum of open * days / the sum of open. NaN without overdue items.
func WeightedDays(openDays, overdue float64) float64 {
	if overdue <= 0 {
		return math.NaN()
	}
	return openDays / overdue
}

// RollRate is the share of what stood in a bucket at one period end that stands in a later bucket at
// the next: followed item by item. Sources disagree: the net flow rate of consumer lending divides
// the next bucket's new total by this one's old total, which mixes in what was never there and depends
// on buckets being as wide as months are long. An item reopened in between (a returned
// payment) rolls without having stood there, so the rate can pass 1. NaN for an empty bucket.
func RollRate(rolled, before float64) float64 {
	if before <= 0 {
		return math.NaN()
	}
	return rolled / before
}

// Period ends at which a portfolio is looked at: the as-of date, then the month-ends before it, latest
// first.
const PeriodEnds = 13

// Windows of days over which sales are summed at every period end.
const (
	Window365 = iota
	Window183
	Window90
	windows
)

// windowDays is the length of each window.
var windowDays = [windows]Day{365, 183, 90}

// WindowDays is the length in days of one of the windows.
func WindowDays(window int) int { return int(windowDays[window]) }

// Ends lists the period ends of an as-of date, and one more, before which the oldest period begins.
func Ends(asOf Day) (ends [PeriodEnds + 1]Day) {
	ends[0] = asOf
	for k := 1; k < len(ends); k++ {
		year, month, _ := ends[k-1].Date()
		ends[k] = MakeDay(year, month, 1) - 1
	}
	return ends
}

// EndSum is a portfolio at one period end, and what was sold in the period that it ends, in minor
// units. What stood there is as it was known then, so that it equals what a night of that date
// says; sales are as known on the as-of date.
type EndSum struct {
	Open     [Buckets]Sum   // open items by bucket; OnAccount: credits, positive
	Rolled   [OnAccount]Sum // of the bucket at the end before, what stands in a later one now
	OpenDays Sum            // of overdue items, open amount times days past due
	Sales    Sum            // of the period
	Window   [windows]Sum   // sales of the days up to the end
	// NoRate counts the items and sales that are in none of the sums because their currency has
	// no rate on their date: rates of today are never used for the past.
	NoRate, NoRateSales int64
	NoRateWindow        [windows]int64
}

// Total is the open amount without credits, and Overdue the part past due.
func (e *EndSum) Total() (total, overdue Sum) {
	for b := Days1To30; b < OnAccount; b++ {
		overdue.AddSum(e.Open[b])
	}
	total = overdue
	total.AddSum(e.Open[NotDue])
	return total, overdue
}

// PortfolioSum holds the sums that every indicator follows from, in one currency. Sums of customers
// add up to that of the portfolio in any order.
type PortfolioSum struct {
	Customers int64 // with anything in it
	Ends      [PeriodEnds]EndSum
}

// Merge adds o to s.
func (s *PortfolioSum) Merge(o *PortfolioSum) {
	s.Customers += o.Customers
	for k := range s.Ends {
		a, b := &s.Ends[k], &o.Ends[k]
		for i := range a.Open {
			a.Open[i].AddSum(b.Open[i])
		}
		for i := range a.Rolled {
			a.Rolled[i].AddSum(b.Rolled[i])
		}
		for i := range a.Window {
			a.Window[i].AddSum(b.Window[i])
			a.NoRateWindow[i] += b.NoRateWindow[i]
		}
		a.OpenDays.AddSum(b.OpenDays)
		a.Sales.AddSum(b.Sales)
		a.NoRate += b.NoRate
		a.NoRateSales += b.NoRateSales
	}
}

// Indicators are the figures of one period end; NaN where there is nothing to divide by, or where
// something that counts has no rate.
type Indicators struct {
	DSO               [windows]float64 // by window
	Countback         float64
	BestPossible      float64 // over 365 days
	Delinquent        float64 // average days delinquent, over 365 days
	CEI               float64 // of the period
	WeightedDays      float64
	Roll              [Over120]float64 // by bucket at the end before
	Receivable, Sales float64          // minor units
}

// At works the indicators out for period end k of an as-of date.
func (s *PortfolioSum) At(k int, asOf Day) Indicators {
	e := &s.Ends[k]
	ends := Ends(asOf)
	total, overdue := e.Total()
	known := func(v float64, ok bool) float64 {
		if !ok {
			return math.NaN()
		}
		return v
	}
	rated := e.NoRate == 0
	out := Indicators{
		Receivable: known(sumFloat(total), rated), Sales: sumFloat(e.Sales), CEI: math.NaN(),
		WeightedDays: known(WeightedDays(sumFloat(e.OpenDays), sumFloat(overdue)), rated),
	}
	var sales, days []float64
	for i := k; i < PeriodEnds; i++ {
		if s.Ends[i].NoRateSales > 0 {
			break
		}
		sales = append(sales, sumFloat(s.Ends[i].Sales))
		days = append(days, float64(ends[i]-ends[i+1]))
	}
	out.Countback = known(CountbackDSO(sumFloat(total), sales, days), rated)
	if len(sales) == 0 {
		out.Sales = math.NaN()
	}
	for w := range out.DSO {
		out.DSO[w] = known(DSO(sumFloat(total), sumFloat(e.Window[w]), float64(windowDays[w])), rated && e.NoRateWindow[w] == 0)
	}
	out.BestPossible = known(BestPossibleDSO(sumFloat(e.Open[NotDue]), sumFloat(e.Window[Window365]), float64(windowDays[Window365])),
		rated && e.NoRateWindow[Window365] == 0)
	out.Delinquent = AverageDaysDelinquent(out.DSO[Window365], out.BestPossible)
	for b := range out.Roll {
		out.Roll[b] = math.NaN()
	}
	if k+1 < PeriodEnds && rated && s.Ends[k+1].NoRate == 0 {
		before := &s.Ends[k+1]
		begin, _ := before.Total()
		if e.NoRateSales == 0 {
			out.CEI = CEI(sumFloat(begin), sumFloat(e.Sales), 1, sumFloat(total), sumFloat(e.Open[NotDue]))
		}
		for b := range out.Roll {
			out.Roll[b] = RollRate(sumFloat(e.Rolled[b]), sumFloat(before.Open[b]))
		}
	}
	return out
}
