package scoring

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"kaishu/scoring/hazard"
)

// account reads the account off the ledger, which is at the end of the as-of date.
func (r *Rebuilder) account() error {
	if r.ledger.overflow {
		return r.tooLarge("its balance")
	}
	a := &r.out.Account
	v := r.see(r.env.AsOf, r.openItems())
	r.items(a, &v)
	if err := r.amounts(a); err != nil {
		return err
	}
	r.settledItems(a)
	r.life()
	r.contacts(a)
	r.placement(a)
	r.trialCash(&a.Trial)
	r.checkDisputes()
	r.warn()
	r.daysToPay(a, v.unit)
	r.pattern(a, v.unit)
	a.FirstInvoice, a.LastPayment = r.ledger.first, r.lastPayment()
	if err := r.promised(a); err != nil {
		return err
	}
	a.Collectable = max(0, a.Collectable-a.Disputed-a.Promised-a.Unapplied)
	if err := r.master(a); err != nil {
		return err
	}
	if r.ledger.overflow {
		return r.tooLarge("what it owes")
	}
	if err := r.writable(a); err != nil {
		return err
	}
	slices.SortFunc(r.out.Refused, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.Export, b.Export), cmp.Compare(a.Pos, b.Pos))
	})
	return nil
}

// plus adds amounts of the reporting currency, and notes an overflow.
func (r *Rebuilder) plus(a, b int64) int64 {
	sum := a + b
	if (a > 0) == (b > 0) && (sum > 0) != (a > 0) && a != 0 {
		r.ledger.overflow = true
	}
	return sum
}

// base converts an amount as of the date.
func (r *Rebuilder) base(minor int64, c Currency) (int64, error) {
	if c == r.env.Reporting {
		return minor, nil
	}
	v, err := r.env.Rates.Convert(minor, c, r.env.AsOf)
	var none *NoRate
	if err != nil && !errors.As(err, &none) || v > largestAmount || v < -largestAmount {
		return 0, r.tooLarge(fmt.Sprintf("%s %s in %s", FormatAmount(minor, c), c, r.env.Reporting))
	}
	return v, err
}

// amounts converts the items and sums them. Collectable is what is overdue or falls due within
// the horizon; the caller takes the rest off.
func (r *Rebuilder) amounts(a *Account) error {
	var weighted Sum
	for i := range a.Items {
		it := &a.Items[i]
		var err error
		if it.OpenBase, err = r.base(it.Open, it.Currency); err != nil {
			return err
		}
		if it.Open < 0 {
			a.Unapplied = r.plus(a.Unapplied, -it.OpenBase)
			continue
		}
		a.OpenItems++
		a.Open = r.plus(a.Open, it.OpenBase)
		a.Bucket[it.Bucket] = r.plus(a.Bucket[it.Bucket], it.OpenBase)
		if it.PastDue > 0 {
			a.OpenOverdue++
			a.Overdue = r.plus(a.Overdue, it.OpenBase)
			a.PastDueMax = max(a.PastDueMax, it.PastDue)
			addProduct(&weighted, it.OpenBase, int64(it.PastDue))
		}
		if it.PastDue > r.env.Grace {
			a.Delays++
		}
		if it.PastDue >= -r.env.Horizon {
			a.Collectable = r.plus(a.Collectable, it.OpenBase)
		}
		if it.Disputed > 0 {
			d, err := r.base(it.Disputed, it.Currency)
			if err != nil {
				return err
			}
			a.Disputed = r.plus(a.Disputed, d)
		}
	}
	a.Exposure = r.plus(a.Open, -a.Unapplied)
	a.PastDueWeighted = nan
	if a.Overdue > 0 {
		a.PastDueWeighted = sumFloat(weighted) / float64(a.Overdue)
	}
	a.PastDueBest = bestPastDue(a.Items)
	return nil
}

// bestPastDue is the most days past due that remain when the money on account is taken to have
// been meant for the oldest items of its currency.
func bestPastDue(items []Item) int32 {
	best := int32(0)
	var seen []Currency
	for i := range items {
		first := &items[i]
		if first.Open < 0 || slices.Contains(seen, first.Currency) {
			continue
		}
		seen = append(seen, first.Currency)
		var credit Sum
		for k := range items {
			if it := &items[k]; it.Open < 0 && it.Currency == first.Currency {
				credit.Add(-it.Open)
			}
		}
		for k := i; k < len(items); k++ { // by due date
			if it := &items[k]; it.Open > 0 && it.Currency == first.Currency {
				if credit.Add(-it.Open); credit.Hi < 0 {
					best = max(best, it.PastDue)
					break
				}
			}
		}
	}
	return best
}

// addProduct adds x*y to a sum.
func addProduct(s *Sum, x, y int64) {
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	if (x < 0) != (y < 0) {
		s.Sub(Sum{Hi: int64(hi), Lo: lo})
	} else {
		s.AddSum(Sum{Hi: int64(hi), Lo: lo})
	}
}

// sumFloat is a sum as a float. A negative sum is turned round first: in two's complement its two
// halves nearly cancel, and their rounding would be left.
func sumFloat(s Sum) float64 {
	if s.Hi < 0 {
		var minus Sum
		minus.Sub(s)
		return -sumFloat(minus)
	}
	return float64(float64(s.Hi)*(1<<64)) + float64(s.Lo)
}

// life fills in the customer's part of the life table.
func (r *Rebuilder) life() {
	if r.env.LedgerOnly {
		return
	}
	t, risk := &r.out.Life, &r.risk
	var unused [hazard.AgeBins]float64
	for _, i := range r.openItems() {
		n := &r.ledger.nodes[i]
		expose(r.env.Calendar, n.value, n.due, r.env.AsOf, 1, &risk.exposed[mondayFirst(n.due)], 0, &unused)
	}
	for w := range risk.exposed {
		for b, days := range risk.exposed[w] {
			t.ExposedDue[w][b] = int64(days)
			t.Exposed[b] += int64(days)
			t.PaidDue[w][b] = int64(risk.paid[w][b])
			t.Paid[b] += t.PaidDue[w][b]
		}
	}
}

// mondayFirst is the weekday of a day, 0 for Monday.
func mondayFirst(d Day) int { return (int(d.Weekday()) + 6) % 7 }

// warn counts what was odd.
func (r *Rebuilder) warn() {
	l, w := &r.ledger, &r.out.Warnings
	for i := range l.nodes {
		n := &l.nodes[i]
		if !n.present {
			continue
		}
		if n.class == returned {
			r.out.Account.Returned++
		}
		if !n.class.credits() && n.of == none && n.open > 0 {
			w.Uncovered++
		}
		if n.names == none {
			continue
		}
		known, same := l.nameKnown(n)
		switch {
		case n.class == creditNote:
			if !known {
				w.UnknownCredits++
			}
		case !known:
			w.UnknownInvoices++
		case !same:
			w.OtherCurrency++
		case n.class.credits() && n.open > 0:
			w.OverAllocated++
		}
	}
}

// nameKnown tells whether the item that a row names is known, and in the row's currency.
func (l *ledger) nameKnown(n *node) (known, same bool) {
	for at := l.groups[n.names].items; at != none; at = l.nodes[at].next {
		if d := &l.nodes[at]; n.matches(d) {
			known = true
			same = same || d.cur == n.cur
		}
	}
	return known, same
}

// master converts the amounts of the customers export.
func (r *Rebuilder) master(a *Account) error {
	m := &a.Master
	c := r.masterCurrency(m)
	a.HasLimit = m.HasLimit
	for _, v := range [...]struct {
		column string
		given  bool
		from   Decimal
		to     *int64
	}{{"credit_limit", m.HasLimit, m.CreditLimit, &a.Limit}, {"annual_margin", m.HasMargin, m.AnnualMargin, &a.Margin},
		{"collateral_amount", m.HasCollateral, m.Collateral, &a.Collateral}} {
		if !v.given {
			continue
		}
		minor, err := minorOf(v.from, c)
		if err != nil {
			return err
		}
		if *v.to, err = r.base(minor, c); err != nil {
			var large *TooLarge
			if errors.As(err, &large) {
				err = &TooLarge{What: v.column, Export: Customers, Pos: m.Pos, ID: strings.Clone(m.Customer), Amount: minor, Currency: c}
			}
			return err
		}
	}
	return nil
}

// promised fills in the account's columns about promises. A running promise counts with what is
// still missing of its amount; one without an amount with the open undisputed amount of the
// invoice it names, or with all that is overdue and neither disputed, covered nor promised otherwise.
func (r *Rebuilder) promised(a *Account) error {
	o, l := &r.notes, &r.ledger
	a.PromisesKept, a.PromisesPartly, a.PromisesBroken, a.PromiseLevel = o.kept, o.partly, o.broken, o.level
	a.PromisesOpen, a.PromiseUntil, a.PromiseBroke = int32(len(o.running)), NoDay, NoDay
	for i := range o.promises {
		if p := &o.promises[i]; p.state == promiseBroken || p.state == promisePartly {
			a.PromiseBroke = max(a.PromiseBroke, p.deadline)
		}
	}
	everything := false
	for _, k := range o.running {
		p := &o.promises[k]
		a.PromiseUntil = max(a.PromiseUntil, p.date)
		if p.needs < 0 {
			o.received(r, p, r.env.AsOf)
			missing, err := r.base(max(0, p.amount-max(0, o.got[p.cur])), l.sides[p.cur].currency)
			var large *TooLarge
			if errors.As(err, &large) {
				return promisedTooMuch()
			}
			if err != nil {
				return err
			}
			a.Promised = r.plus(a.Promised, missing)
			continue
		}
		everything = everything || p.group == none
		for i := range a.Items {
			it := &a.Items[i]
			if p.group != none && it.Kind != paymentItem && it.Open > 0 && it.ID == l.groups[p.group].name {
				v, err := r.base(it.Open-it.Disputed, it.Currency)
				if err != nil {
					return err
				}
				a.Promised = r.plus(a.Promised, v)
			}
		}
	}
	if everything {
		a.Promised = max(a.Promised, a.Overdue-a.Disputed-a.Unapplied)
	}
	return nil
}
