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
	spans saleSpans
	next  int                  // index of the next period end, from the oldest down to 1
	parts []CustomerPortfolio  // by side
	base  []PortfolioSum       // of sides in other currencies
	sales []sideSales          // by side; all zero between customers
	list  []*CustomerPortfolio // of those not empty
	debts []int32              // scratch
}

// sideSales are the sales in one currency, and the same in the reporting currency where that is another.
type sideSales struct {
	any       bool
	own, base sold
}

func (f *flows) reset(asOf Day, sides []side, reporting Currency) {
	if f.ends[0] != asOf || f.ends[1] == 0 {
		f.ends = Ends(asOf)
		f.spans.cut(&f.ends)
	}
	f.next = PeriodEnds - 1
	if len(f.parts) < len(sides) {
		f.parts, f.base = make([]CustomerPortfolio, len(sides)), make([]PortfolioSum, len(sides))
		f.sales = make([]sideSales, len(sides))
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
	l, f := &r.ledger, &r.flows
	for i := range l.sides {
		l.sides[i].rate.find(r.env.Rates, l.sides[i].currency, f.ends[k])
	}
	for _, i := range r.openItems() {
		r.standing(k, &l.nodes[i])
	}
	for i := range l.sides {
		s := &l.sides[i]
		if len(s.debts) > 0 {
			f.debts = append(f.debts[:0], s.debts...) // one may stand there twice
			slices.Sort(f.debts)
			for _, d := range slices.Compact(f.debts) {
				if n := &l.nodes[d]; n.present && n.open > 0 {
					r.standing(k, n)
				}
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
			if v, rated := s.rate.convert(held); ok && rated {
				p.Base.Ends[k].Open[OnAccount].Add(v)
			} else {
				p.Base.Ends[k].NoRate++
			}
		}
	}
}

// standing counts an open item at period end k. The rates of the sides are those of that day.
func (r *Rebuilder) standing(k int, n *node) {
	f := &r.flows
	p := &f.parts[n.cur]
	p.Own.Ends[k].stand(n, n.open, f.ends[k], f.ends[k+1])
	if p.Base == &p.Own {
		return
	}
	e := &p.Base.Ends[k]
	if v, rated := r.ledger.sides[n.cur].rate.convert(n.open); rated {
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
	for i := range r.ledger.nodes {
		n := &r.ledger.nodes[i]
		if !n.present || n.class != claim && n.class != creditNote {
			continue
		}
		at := f.spans.of(n.value)
		if at < 0 {
			continue
		}
		amount := n.amount
		if n.class == creditNote {
			amount = -amount
		}
		sales := &f.sales[n.cur]
		sales.any = true
		sales.own.amount[at].Add(amount)
		s := &r.ledger.sides[n.cur]
		if s.currency == r.env.Reporting {
			continue
		}
		s.rate.find(r.env.Rates, s.currency, n.value)
		if v, rated := s.rate.convert(amount); rated {
			sales.base.amount[at].Add(v)
		} else {
			sales.base.unrated[at]++
		}
	}
	f.list = f.list[:0]
	for i := range r.ledger.sides {
		p := &f.parts[i]
		if s := &f.sales[i]; s.any {
			f.spans.sum(&p.Own, &s.own)
			if p.Base != &p.Own {
				f.spans.sum(p.Base, &s.base)
			}
			*s = sideSales{}
		}
		if !p.Own.empty() {
			p.Own.Customers, p.Base.Customers = 1, 1
			f.list = append(f.list, p)
		}
	}
	r.out.Portfolio = f.list
}

// empty tells whether nothing has been counted.
func (s *PortfolioSum) empty() bool {
	for k := range s.Ends { // of most customers the first is not
		if s.Ends[k] != (EndSum{}) {
			return false
		}
	}
	return s.Customers == 0
}
