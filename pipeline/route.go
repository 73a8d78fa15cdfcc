package pipeline

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// currency reads a currency cell; ok is false when the code is unknown and the row refused.
func (l *lane) currency(b *table.Batch, row int, cell string) (c scoring.Currency, ok bool) {
	if cell == "" {
		return scoring.NoCurrency, true
	}
	c, err := scoring.ParseCurrency(cell)
	if err != nil {
		l.refuse(b, row, "currency", err.Error())
	}
	return c, err == nil
}

func (l *lane) instalment(b *table.Batch, row int, col *array.Int64) (int32, bool) {
	if col.IsNull(row) {
		return 0, true
	}
	v := col.Value(row)
	if v < 0 || v > 1_000_000 {
		l.refuse(b, row, "instalment", fmt.Sprintf("%d is not an instalment number (0 to 1000000)", v))
		return 0, false
	}
	return int32(v), true
}

// invoices routes a batch of the invoices export.
func (l *lane) invoices(b *table.Batch) error {
	id, customer := b.Strings(invoiceID), b.Strings(invoiceCustomer)
	issue, due, known := b.Dates(invoiceIssue), b.Dates(invoiceDue), b.Dates(invoiceKnown)
	terms, currency, kind := b.Strings(invoiceTerms), b.Strings(invoiceCurrency), b.Strings(invoiceKind)
	applies, instalment := b.Strings(invoiceAppliesTo), b.Ints(invoiceInstalment)
	mantissa, decimals := b.Decimals(invoiceAmount)
	hasCurrency := b.Given(invoiceCurrency)
	hasTerms, hasApplies, hasKind, hasPart, hasKnown := b.Given(invoiceTerms), b.Given(invoiceAppliesTo), b.Given(invoiceKind), b.Given(invoiceInstalment), b.Given(invoiceKnown)
	v := scoring.Invoice{Known: scoring.NoDay}
	for i, n := 0, b.Rows(); i < n; i++ {
		ok := true
		if hasCurrency {
			if v.Currency, ok = l.currency(b, i, currency[i]); !ok {
				continue
			}
		}
		if hasPart {
			if v.Instalment, ok = l.instalment(b, i, instalment); !ok {
				continue
			}
		}
		v.Customer, v.ID = customer[i], id[i]
		v.Issue, v.Due = scoring.Day(issue.Value(i)), day(due, i)
		v.Amount.Mantissa, v.Amount.Digits = mantissa.Value(i), decimals.Value(i)
		v.Pos = scoring.MakePos(b.File, b.Place[i])
		if hasTerms {
			v.Terms = terms[i]
		}
		if hasApplies {
			v.AppliesTo = applies[i]
		}
		if hasKind {
			v.Kind = scoring.InvoiceKind(code(invoiceKinds, kind[i]))
		}
		if hasKnown {
			v.Known = day(known, i)
		}
		if l.disputed != nil {
			l.meet(&v)
		}
		l.fact(v.Issue)
		l.count(readInvoices, v.Currency, v.Amount)
		hash := scoring.CustomerHash(v.Customer)
		at := l.shard(hash)
		if err := l.keep(at, l.rows.AppendInvoice(l.buffer(at), hash, &v)); err != nil {
			return err
		}
	}
	return nil
}

// owner is a row of a disputed invoice: whose it is, and from when.
type owner struct {
	customer     string
	issue, known scoring.Day
}

// meet notes the customer of a disputed invoice.
func (l *lane) meet(v *scoring.Invoice) {
	if owners := l.disputed[v.ID]; owners != nil {
		*owners = append(*owners, owner{strings.Clone(v.Customer), v.Issue, v.Known})
	}
}

// payments routes a batch of the payments export.
func (l *lane) payments(b *table.Batch) error {
	id, customer, paid := b.Strings(paymentID), b.Strings(paymentCustomer), b.Dates(paymentPaid)
	currency, invoice, kind := b.Strings(paymentCurrency), b.Strings(paymentInvoice), b.Strings(paymentKind)
	instalment, known := b.Ints(paymentInstalment), b.Dates(paymentKnown)
	mantissa, decimals := b.Decimals(paymentAmount)
	hasCurrency := b.Given(paymentCurrency)
	hasInvoice, hasKind, hasPart, hasKnown := b.Given(paymentInvoice), b.Given(paymentKind), b.Given(paymentInstalment), b.Given(paymentKnown)
	v := scoring.Payment{Known: scoring.NoDay}
	for i, n := 0, b.Rows(); i < n; i++ {
		ok := true
		if hasCurrency {
			if v.Currency, ok = l.currency(b, i, currency[i]); !ok {
				continue
			}
		}
		if hasPart {
			if v.Instalment, ok = l.instalment(b, i, instalment); !ok {
				continue
			}
		}
		v.Customer, v.ID = customer[i], id[i]
		v.Paid = scoring.Day(paid.Value(i))
		v.Amount.Mantissa, v.Amount.Digits = mantissa.Value(i), decimals.Value(i)
		v.Pos = scoring.MakePos(b.File, b.Place[i])
		if hasInvoice {
			v.Invoice = invoice[i]
		}
		if hasKind {
			v.Kind = scoring.PaymentKind(code(paymentKinds, kind[i]))
		}
		if hasKnown {
			v.Known = day(known, i)
		}
		l.fact(v.Paid)
		l.count(readPayments, v.Currency, v.Amount)
		hash := scoring.CustomerHash(v.Customer)
		at := l.shard(hash)
		if err := l.keep(at, l.rows.AppendPayment(l.buffer(at), hash, &v)); err != nil {
			return err
		}
	}
	return nil
}

// masters routes a batch of the customers export.
func (l *lane) masters(b *table.Batch) error {
	str := func(column, row int) string { return b.Strings(column)[row] }
	amount := func(column, row int) (scoring.Decimal, bool) {
		m, d := b.Decimals(column)
		if m.IsNull(row) {
			return scoring.Decimal{}, false
		}
		return scoring.Decimal{Mantissa: m.Value(row), Digits: d.Value(row)}, true
	}
	flag := func(column, row int) bool { c := b.Bools(column); return c.IsValid(row) && c.Value(row) }
	for i, n := 0, b.Rows(); i < n; i++ {
		cur, ok := l.currency(b, i, str(masterCurrency, i))
		if !ok {
			continue
		}
		v := scoring.Master{
			Customer: str(masterCustomer, i), Name: str(masterName, i), Parent: str(masterParent, i), Currency: cur,
			Terms: str(masterTerms, i), Segment: str(masterSegment, i), Region: str(masterRegion, i), Language: str(masterLanguage, i),
			Relationship: scoring.Relationship(code(relationships, str(masterRelationship, i))),
			Collector:    str(masterCollector, i), TravelMinutes: number(b.Floats(masterTravel), i, 0),
			Email: str(masterEmail, i), Phone: str(masterPhone, i), Contacts: str(masterContacts, i), Guarantor: str(masterGuarantor, i),
			Bureau:       number(b.Floats(masterBureau), i, nan),
			DoNotContact: flag(masterDoNotContact, i), Insolvent: flag(masterInsolvent, i), Represented: flag(masterRepresented, i),
			Since: day(b.Dates(masterSince), i), Pos: scoring.MakePos(b.File, b.Place[i]),
		}
		v.CreditLimit, v.HasLimit = amount(masterLimit, i)
		v.AnnualMargin, v.HasMargin = amount(masterMargin, i)
		v.Collateral, v.HasCollateral = amount(masterCollateral, i)
		at := l.shard(scoring.CustomerHash(v.Customer))
		if err := l.keep(at, scoring.AppendMaster(l.buffer(at), &v)); err != nil {
			return err
		}
	}
	return nil
}

// activities routes a batch of the activities export.
func (l *lane) activities(b *table.Batch) error {
	str := func(column, row int) string { return b.Strings(column)[row] }
	promised, decimals := b.Decimals(activityPromiseAmount)
	randomised := b.Bools(activityRandomised)
	for i, n := 0, b.Rows(); i < n; i++ {
		v := scoring.Activity{
			Customer: str(activityCustomer, i), ID: str(activityID, i), Done: day(b.Dates(activityDone), i),
			Action: str(activityAction, i), Outcome: str(activityOutcome, i), Reason: str(activityReason, i),
			PromiseDate: day(b.Dates(activityPromiseDate), i), Minutes: number(b.Floats(activityMinutes), i, 0),
			Collector: str(activityCollector, i), Invoice: str(activityInvoice, i),
			Randomised: randomised.IsValid(i) && randomised.Value(i),
			Agency:     str(activityAgency, i),
			Known:      day(b.Dates(activityKnown), i), Pos: scoring.MakePos(b.File, b.Place[i]),
		}
		if promised.IsValid(i) {
			v.HasPromise, v.PromiseAmount = true, scoring.Decimal{Mantissa: promised.Value(i), Digits: decimals.Value(i)}
		}
		l.fact(v.Done)
		at := l.shard(scoring.CustomerHash(v.Customer))
		if err := l.keep(at, scoring.AppendActivity(l.buffer(at), &v)); err != nil {
			return err
		}
	}
	return nil
}

// route puts one dispute into the shard of its customer.
func (l *lane) dispute(d *scoring.Dispute) error {
	at := l.shard(scoring.CustomerHash(d.Customer))
	return l.keep(at, scoring.AppendDispute(l.buffer(at), d))
}

// disputes copies a batch of the disputes export; disputes are few, and belong to a customer only
// once the invoices have been read.
func disputes(b *table.Batch, out []scoring.Dispute) []scoring.Dispute {
	str := func(column, row int) string { return strings.Clone(b.Strings(column)[row]) }
	mantissa, decimals := b.Decimals(disputeAmount)
	for i, n := 0, b.Rows(); i < n; i++ {
		d := scoring.Dispute{
			Customer: str(disputeCustomer, i), ID: str(disputeID, i), Invoice: str(disputeInvoice, i),
			Opened: day(b.Dates(disputeOpened), i), Closed: day(b.Dates(disputeClosed), i), Reason: str(disputeReason, i),
			Known: day(b.Dates(disputeKnown), i), Pos: scoring.MakePos(b.File, b.Place[i]),
		}
		if mantissa.IsValid(i) {
			d.HasAmount, d.Amount = true, scoring.Decimal{Mantissa: mantissa.Value(i), Digits: decimals.Value(i)}
		}
		out = append(out, d)
	}
	return out
}

func day(col *array.Date32, row int) scoring.Day {
	if col.IsNull(row) {
		return scoring.NoDay
	}
	return scoring.Day(col.Value(row))
}

func number(col *array.Float64, row int, missing float64) float64 {
	if col.IsNull(row) {
		return missing
	}
	return col.Value(row)
}

// code is the place of a word in the list of accepted ones; an empty cell is the first.
func code(list []string, word string) int {
	if word == "" {
		return 0
	}
	for i, w := range list {
		if w == word {
			return i
		}
	}
	return 0
}
