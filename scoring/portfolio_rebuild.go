package scoring

import "slices"

// CustomerPortfolio is a customer's part of the portfolio in one currency: in minor units of that
// currency, and in those of the reporting currency, each amount at the rate of its own date.
type CustomerPortfolio struct {
	Currency Currency
	Own      PortfolioSum
	Base     *PortfolioSum // Own itself for the reporting currency
}

// flows takes the portfolio's sums while the ledger is played.
type flows struct {
	ends  [PeriodEnds + 1]Day
	next  int                  // index of the next period end, from the oldest down to 1
	parts []CustomerPortfolio  // by side
	base  []PortfolioSum       // of sides in other currencies
	list  []*CustomerPortfolio // of those not empty
	debts []int32              // scratch
}

func (f *flows) reset(asOf Day, sides []side, reporting Currency) {
	if f.ends[0] != asOf || f.ends[1] == 0 {
		f.ends = Ends(asOf)
	}
	f.next = PeriodEnds - 1
	if len(f.parts) < len(sides) {
		f.parts, f.base = make([]CustomerPortfolio, len(sides)), make([]PortfolioSum, len(sides))
	}
	for i := range sides {
		p := &f.parts[i]
		p.Currency, p.Own, p.Base = sides[i].currency, PortfolioSum{}, &p.Own
		if p.Currency != reporting {
			f.base[i] = PortfolioSum{}
			p.Base = &f.base[i]
		}
	}
}

// endsBefore looks at the portfolio at the period ends before a day; the ledger is at the end of
// the last day before it on which anything became known.
func (r *Rebuilder) endsBefore(day Day) {
	f := &r.flows
	for ; f.next > 0 && f.ends[f.next] < day; f.next-- {
		r.lookAt(f.next)
	}
}

// lookAt sums up the ledger as it stands for period end k.
func (r *Rebuilder) lookAt(k int) {
	l := &r.ledger
	l.openItems(func(_ int32, n *node) { r.standing(k, n) })
	for i := range l.sides {
		s := &l.sides[i]
		f := &r.flows
		f.debts = append(f.debts[:0], s.debts...) // one may stand there twice
		slices.Sort(f.debts)
		for _, d := range slices.Compact(f.debts) {
			if n := &l.nodes[d]; n.present && n.open > 0 {
				r.standing(k, n)
			}
		}
		// What is on account is what the open items exceed the balance by.
		p := &f.parts[i]
		e := &p.Own.Ends[k]
		total, _ := e.Total()
		total.Add(-s.balance)
		e.Open[OnAccount] = total
		if p.Base != &p.Own && !total.IsZero() {
			held, ok := total.Int64()
			if v, err := r.env.Rates.Convert(held, p.Currency, f.ends[k]); ok && err == nil {
				p.Base.Ends[k].Open[OnAccount].Add(v)
			} else {
				p.Base.Ends[k].NoRate++
			}
		}
	}
}

// standing counts an open item at period end k.
func (r *Rebuilder) standing(k int, n *node) {
	f := &r.flows
	p := &f.parts[n.cur]
	p.Own.Ends[k].stand(n, n.open, f.ends[k], f.ends[k+1])
	if p.Base == &p.Own {
		return
	}
	e := &p.Base.Ends[k]
	if v, err := r.env.Rates.Convert(n.open, p.Currency, f.ends[k]); err == nil {
		e.stand(n, v, f.ends[k], f.ends[k+1])
	} else {
		e.NoRate++
	}
}

// stand adds an item with an open amount at a period end.
func (e *EndSum) stand(n *node, open int64, end, before Day) {
	days := int32(end - n.due)
	now := bucketOf(days)
	e.Open[now].Add(open)
	if now != NotDue {
		addProduct(&e.OpenDays, open, int64(days))
	}
	if n.known <= before {
		if was := bucketOf(int32(before - n.due)); was < now {
			e.Rolled[was].Add(open)
		}
	}
}

// portfolio finishes the sums on the as-of date: the ledger as it stands, and the sales. What it
// hands out belongs to the Rebuilder, and holds until its next customer.
func (r *Rebuilder) portfolio() {
	f := &r.flows
	r.lookAt(0)
	oldest := f.ends[PeriodEnds-1] - windowDays[Window365] // what was sold before is in no sum
	for i := range r.ledger.nodes {
		n := &r.ledger.nodes[i]
		if !n.present || n.class != claim && n.class != creditNote || n.value <= oldest {
			continue
		}
		amount := n.amount
		if n.class == creditNote {
			amount = -amount
		}
		p := &f.parts[n.cur]
		p.Own.sell(&f.ends, n.value, amount)
		if p.Base == &p.Own {
			continue
		}
		if v, err := r.env.Rates.Convert(amount, p.Currency, n.value); err == nil {
			p.Base.sell(&f.ends, n.value, v)
		} else {
			p.Base.sellUnrated(&f.ends, n.value)
		}
	}
	f.list = f.list[:0]
	for i := range r.ledger.sides {
		if p := &f.parts[i]; p.Own != (PortfolioSum{}) {
			p.Own.Customers, p.Base.Customers = 1, 1
			f.list = append(f.list, p)
		}
	}
	r.out.Portfolio = f.list
}

// sell counts a sale in its period and in the windows that reach it.
func (s *PortfolioSum) sell(ends *[PeriodEnds + 1]Day, on Day, amount int64) {
	for k := range s.Ends {
		if ends[k] < on {
			break
		}
		e := &s.Ends[k]
		if ends[k+1] < on {
			e.Sales.Add(amount)
		}
		for w, days := range windowDays {
			if ends[k]-days < on {
				e.Window[w].Add(amount)
			}
		}
	}
}

// sellUnrated notes a sale whose currency has no rate on its date.
func (s *PortfolioSum) sellUnrated(ends *[PeriodEnds + 1]Day, on Day) {
	for k := range s.Ends {
		if ends[k] < on {
			break
		}
		e := &s.Ends[k]
		if ends[k+1] < on {
			e.NoRateSales++
		}
		for w, days := range windowDays {
			if ends[k]-days < on {
				e.NoRateWindow[w]++
			}
		}
	}
}
