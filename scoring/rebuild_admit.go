package scoring

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

var nan = math.NaN()

// termsCache is the last terms read: rows of one customer mostly agree. It has its own text, since those of rows lie
// where the rows of another shard may lie by now.
type termsCache struct {
	text  []byte
	terms Terms
	err   error
}

func (c *termsCache) parse(s string) (Terms, error) {
	if string(c.text) != s {
		c.text = append(c.text[:0], s...)
		c.terms, c.err = ParseTerms(s)
	}
	return c.terms, c.err
}

// knownOn is the day from which a fact exists: it must have happened and be known.
func (e *Env) knownOn(value, known Day) Day {
	if known != NoDay {
		return max(value, known)
	}
	if e.KnownLag > 0 {
		return e.Calendar.Add(value, int(e.KnownLag))
	}
	return value
}

// admit makes the ledger's nodes and the notes from the rows that exist as of the date.
//
// The order of the tests keeps time travel: a row that is not yet known is only counted, so
// nothing about it can matter. Of the others, those that cannot be used by themselves are
// refused; of those left with the same key, the first in the export is used, and a later one only
// up to the day on which the first became known.
func (r *Rebuilder) admit() error {
	r.past.reset(r.env.AsOf)
	r.risk = atRisk{}
	r.marks.reset(r.env, r.rows.Customer)
	r.admitMaster()
	if err := r.split(); err != nil {
		return err
	}
	r.ledger.reset(r.env, r.rows)
	r.findCurrencies()
	r.flows.reset(r.env.AsOf, &r.out.Account.Master, r.ledger.sides, r.env.Reporting)
	same := r.admitInvoices(nil)
	same = r.admitPayments(same)
	r.countAlike(Invoices)
	r.countAlike(Payments)
	r.replace(same)
	r.notes.admit(r)
	r.planWindows()
	if r.ledger.apart = r.apart(len(same)); !r.ledger.apart && r.even.packed == nil {
		r.ledger.order()
	}
	return nil
}

// refuse records a refused row.
func (r *Rebuilder) refuse(e Export, pos Pos, column, cause string) {
	r.out.Refused = append(r.out.Refused, Refusal{Export: e, Pos: pos, Column: column, Cause: cause})
	r.out.Counts[e].Rejected++
}

// admitMaster picks the first usable row of the customers export.
func (r *Rebuilder) admitMaster() {
	r.ledger.home = NoCurrency
	var first *Master
	rows := r.rows.Masters
	for i := range rows {
		m := &rows[i]
		if column, err := r.masterAmounts(m); err != nil {
			r.refuse(Customers, m.Pos, column, err.Error())
		} else if first == nil || m.Pos < first.Pos {
			first = m
		}
	}
	for i := range rows {
		m := &rows[i]
		if _, err := r.masterAmounts(m); err == nil && m != first {
			r.refuse(Customers, m.Pos, "customer_id", fmt.Sprintf("duplicate customer_id %q", m.Customer))
		}
	}
	if first == nil {
		return
	}
	r.out.Counts[Customers].Used++
	r.out.Account.Master, r.out.Account.HasRow = *first, true
	r.ledger.home = first.Currency
}

// masterCurrency is the currency of the amounts of a master row.
func (r *Rebuilder) masterCurrency(m *Master) Currency {
	if m.Currency == NoCurrency {
		return r.env.Reporting
	}
	return m.Currency
}

func (r *Rebuilder) masterAmounts(m *Master) (column string, err error) {
	c := r.masterCurrency(m)
	for _, a := range [...]struct {
		column string
		given  bool
		amount Decimal
	}{{"credit_limit", m.HasLimit, m.CreditLimit}, {"annual_margin", m.HasMargin, m.AnnualMargin}, {"collateral_amount", m.HasCollateral, m.Collateral}} {
		if a.given {
			if _, err := minorOf(a.amount, c); err != nil {
				return a.column, err
			}
		}
	}
	return "", nil
}

// minorOf is an amount in minor units, refused beyond the 18 digits of the outputs.
func minorOf(d Decimal, c Currency) (int64, error) {
	if currencyDigits[c&(1<<15-1)] == d.Digits && d.Mantissa <= largestAmount && d.Mantissa >= -largestAmount {
		return d.Mantissa, nil // as nearly all are
	}
	return minorOfOther(d, c)
}

func minorOfOther(d Decimal, c Currency) (int64, error) {
	v, err := d.Minor(c)
	if err == nil && (v > largestAmount || v < -largestAmount) {
		return 0, fmt.Errorf("%s %s has more than 18 digits", d, c)
	}
	return v, err
}

// twins are two nodes with the same key, the first one met and another.
type twins struct{ first, other int32 }

// The ids of a customer's rows lie all over its shard's blobs, and waiting for memory one id at a time takes
// longer than everything else that is done to admit a row. So those of the next rows are
// fetched together: nothing in these loops depends on what it reads, and the processor has many
// reads under way.
const ahead = 64

func (r *Rebuilder) fetchInvoices(rows []Invoice) {
	sum := r.fetched
	for i := range rows {
		if id := rows[i].ID; id != "" {
			sum += id[0]
		}
	}
	r.fetched = sum
}

func (r *Rebuilder) fetchPayments(rows []Payment) {
	sum := r.fetched
	for i := range rows {
		v := &rows[i]
		if v.ID != "" {
			sum += v.ID[0]
		}
		if v.Invoice != "" {
			sum += v.Invoice[len(v.Invoice)-1]
		}
	}
	r.fetched = sum
}

func (r *Rebuilder) admitInvoices(same []twins) []twins {
	l := &r.ledger
	for i := range r.rows.Invoices {
		if i%ahead == 0 {
			r.fetchInvoices(r.rows.Invoices[i:min(i+ahead, len(r.rows.Invoices))])
		}
		v := &r.rows.Invoices[i]
		known := r.exists(Invoices, v.Issue, v.Known)
		if known == NoDay {
			r.count(Invoices, v.Currency, v.Amount, notYet)
			continue
		}
		c := v.Currency
		if c == NoCurrency {
			if c = l.home; c == NoCurrency {
				c = r.env.Reporting
			}
		}
		due, column, err := v.Due, "amount", error(nil)
		if due == NoDay {
			due, column, err = r.dueDate(v)
		}
		var amount int64
		if err == nil {
			column = "amount"
			amount, err = r.env.minor(v.Amount, c)
		}
		if err != nil {
			r.refuse(Invoices, v.Pos, column, err.Error())
			r.count(Invoices, v.Currency, v.Amount, rejected)
			continue
		}
		n := l.newNode(v.ID)
		n.value, n.due, n.known, n.instalment = v.Issue, due, known, v.Instalment
		n.row, n.kind, n.class, n.cur = int32(i), uint8(v.Kind), claim, l.side(c)
		n.amount = max(amount, -amount)
		weigh(&l.gross, v.Amount)
		n.of = l.group(v.ID, n.hash)
		if amount < 0 || v.Kind == KindCreditNote {
			n.class, n.names = creditNote, l.named(v.AppliesTo)
		}
		l.classes |= 1 << n.class
		if first, met := l.sameItem(int32(len(l.nodes) - 1)); met {
			same = append(same, twins{first, int32(len(l.nodes) - 1)})
		}
		r.count(Invoices, v.Currency, v.Amount, used)
	}
	return same
}

func (r *Rebuilder) admitPayments(same []twins) []twins {
	l := &r.ledger
	for i := range r.rows.Payments {
		if i%ahead == 0 {
			r.fetchPayments(r.rows.Payments[i:min(i+ahead, len(r.rows.Payments))])
		}
		v := &r.rows.Payments[i]
		known := r.exists(Payments, v.Paid, v.Known)
		if known == NoDay {
			r.count(Payments, v.Currency, v.Amount, notYet)
			continue
		}
		var amount int64
		if v.Currency != NoCurrency {
			var err error
			if amount, err = r.env.minor(v.Amount, v.Currency); err != nil {
				r.refuse(Payments, v.Pos, "amount", err.Error())
				r.count(Payments, v.Currency, v.Amount, rejected)
				continue
			}
		}
		names := l.named(v.Invoice)
		n := l.newNode(v.ID)
		n.value, n.due, n.known, n.instalment = v.Paid, v.Paid, known, v.Instalment
		n.row, n.kind, n.class, n.names = int32(i), uint8(v.Kind), paymentClass(v), names
		n.amount = max(amount, -amount)
		l.classes |= 1 << n.class
		weigh(&l.gross, v.Amount)
		if v.Currency == NoCurrency {
			n.inferred = true // on the day it is known
			l.guess(n, v.Amount)
		} else {
			n.cur = l.side(v.Currency)
		}
		if first := l.sameKey(int32(len(l.nodes) - 1)); first != int32(len(l.nodes)-1) {
			same = append(same, twins{first, int32(len(l.nodes) - 1)})
		}
		r.count(Payments, v.Currency, v.Amount, used)
	}
	return same
}

// paymentClass is what a row of the payments export does; a reversal may be written with
// either sign.
func paymentClass(v *Payment) class {
	negative := v.Amount.Mantissa < 0
	switch v.Kind {
	case KindReversal:
		return returned
	case KindWriteOff:
		if negative {
			return undoWriteOff
		}
		return writeOff
	case KindDiscount:
		if negative {
			return undoDiscount
		}
		return discount
	}
	if negative {
		return refund
	}
	return cash
}

// exists is the day from which a row exists, NoDay when that is after the as-of date.
func (r *Rebuilder) exists(e Export, value, known Day) Day {
	if known == NoDay && r.env.KnownLag <= 0 && value <= r.env.AsOf && value > NoDay {
		return value
	}
	return r.existsOtherwise(e, value, known)
}

func (r *Rebuilder) existsOtherwise(e Export, value, known Day) Day {
	on := r.env.knownOn(value, known)
	if on > r.env.AsOf {
		r.out.Counts[e].NotYet++
		return NoDay
	}
	if known == NoDay && r.env.KnownLag > 0 {
		r.out.Warnings.LagAssumed++
	}
	return max(on, NoDay+1)
}

var errNoDue = errors.New("no due_date, and no terms in the row or of the customer")

// dueDate is the due date of an invoice that names none: by its own terms, else by the customer's.
func (r *Rebuilder) dueDate(v *Invoice) (due Day, column string, err error) {
	text, column := v.Terms, "terms"
	if text == "" {
		if text, column = r.out.Account.Master.Terms, "due_date"; text == "" {
			return NoDay, column, errNoDue
		}
	}
	terms, err := r.terms.parse(text)
	if err != nil {
		if column == "due_date" {
			err = fmt.Errorf("terms of the customer: %w", err)
		}
		return NoDay, column, err
	}
	return terms.Due(v.Issue, r.env.Calendar, r.env.Roll), "", nil
}

// place is where a node's row stands in the exports.
func (r *Rebuilder) place(n *node) Pos {
	if n.of != none {
		return r.rows.Invoices[n.row].Pos
	}
	return r.rows.Payments[n.row].Pos
}

// replace settles which of several rows with the same key is used when: on every day the
// first in the export of those known by then. The others are refused.
func (r *Rebuilder) replace(same []twins) {
	if len(same) == 0 {
		return
	}
	l := &r.ledger
	slices.SortFunc(same, func(a, b twins) int { return cmp.Compare(a.first, b.first) })
	var all []int32
	for i, t := range same {
		if i == 0 || same[i-1].first != t.first {
			all = append(all[:0], t.first)
		}
		all = append(all, t.other)
		if i+1 < len(same) && same[i+1].first == t.first {
			continue
		}
		slices.SortFunc(all, func(a, b int32) int { return cmp.Compare(r.place(&l.nodes[a]), r.place(&l.nodes[b])) })
		until := l.nodes[all[0]].known
		for _, k := range all[1:] {
			n := &l.nodes[k]
			n.until = until
			until = min(until, n.known)
			r.refuseDuplicate(n)
		}
	}
}

func (r *Rebuilder) refuseDuplicate(n *node) {
	if n.of != none {
		v := &r.rows.Invoices[n.row]
		r.refuse(Invoices, v.Pos, "invoice_id", fmt.Sprintf("duplicate invoice_id %q", v.ID))
		r.recount(Invoices, v.Currency, v.Amount)
		return
	}
	v := &r.rows.Payments[n.row]
	r.refuse(Payments, v.Pos, "payment_id", fmt.Sprintf("duplicate payment_id %q", v.ID))
	r.recount(Payments, v.Currency, v.Amount)
}
