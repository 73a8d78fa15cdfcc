package scoring

import (
	"slices"
	"strings"
)

// PortfolioGroup is the part of the portfolio that the customers of one segment, region and collector make up.
type PortfolioGroup struct {
	Segment, Region, Collector string
	Customers                  int64 // with anything in it, in whatever currency
	Parts                      []*PortfolioPart
}

// PortfolioPart is the part of a PortfolioGroup in one currency: in minor units of that currency, and in those of
// the reporting currency, each amount at the rate of its own date.
type PortfolioPart struct {
	Currency       Currency
	Own            PortfolioSum
	Base           *PortfolioSum // Own itself for the reporting currency
	sold, soldBase sold          // not in the sums yet
	rates          [PeriodEnds]rateSpan
}

// flows takes the portfolio's sums while the ledger is played. It adds to the sums of the customer's group at
// once: to fill in sums of the customer's own, of which nearly all are zero, to merge and to clear them took a sixth of
// the time of a customer with fifty invoices.
type flows struct {
	ends   [PeriodEnds + 1]Day
	spans  saleSpans
	next   int               // index of the next period end, from the oldest down to 1
	groups []*PortfolioGroup // those in use, and more beyond the length
	index  map[groupKey]int  // into groups
	group  *PortfolioGroup   // of the customer
	parts  []flow            // by side
	held   [][PeriodEnds]Sum // by side: on account at the period ends, of playApart
	debts  []int32           // scratch
}

type groupKey struct{ segment, region, collector string }

// flow is what one currency's part of a customer adds to.
type flow struct {
	*PortfolioPart
	stood   Sum  // of the open items at the period end looked at
	any     bool // the customer has something open or on account at a period end
	sales   bool // has invoices or credit notes,
	sells   bool // some that are not of nothing,
	credits bool // credit notes
}

// TakePortfolio hands over what the customers since the last call come to, all as of the date of the last
// one, and begins anew. What it returns holds until the next customer.
func (r *Rebuilder) TakePortfolio() []*PortfolioGroup {
	f := &r.flows
	for _, g := range f.groups {
		for _, p := range g.Parts {
			f.spans.sum(&p.Own, &p.sold)
			if p.Base != &p.Own {
				f.spans.sum(p.Base, &p.soldBase)
			}
		}
	}
	taken := f.groups
	f.groups = f.groups[:0]
	clear(f.index)
	return taken
}

// PortfolioGroups is the number of groups that TakePortfolio would hand over.
func (r *Rebuilder) PortfolioGroups() int { return len(r.flows.groups) }

func (f *flows) reset(asOf Day, m *Master, sides []side, reporting Currency) {
	if f.ends[0] != asOf || f.ends[1] == 0 {
		f.ends = Ends(asOf)
		f.spans.cut(&f.ends)
		f.groups, f.index = nil, map[groupKey]int{}
	}
	f.next = PeriodEnds - 1
	f.group = f.groupOf(m)
	f.parts = resize(f.parts, len(sides))
	for i := range sides {
		f.parts[i] = flow{PortfolioPart: f.group.part(sides[i].currency, reporting)}
	}
}

// groupOf is the group of a customer, made when there is none.
func (f *flows) groupOf(m *Master) *PortfolioGroup {
	if at, ok := f.index[groupKey{m.Segment, m.Region, m.Collector}]; ok {
		return f.groups[at]
	}
	key := groupKey{strings.Clone(m.Segment), strings.Clone(m.Region), strings.Clone(m.Collector)}
	at := len(f.groups)
	f.index[key] = at
	f.groups = another(f.groups)
	g := f.groups[at]
	*g = PortfolioGroup{Segment: key.segment, Region: key.region, Collector: key.collector, Parts: g.Parts[:0]}
	return g
}

// another makes a list longer by one: by what was handed over before, where there is any.
func another[T any](list []*T) []*T {
	if at := len(list); at < cap(list) && list[:at+1][at] != nil {
		return list[:at+1]
	}
	return append(list, new(T))
}

// part is the part of a group in a currency, made when there is none.
func (g *PortfolioGroup) part(c, reporting Currency) *PortfolioPart {
	for _, p := range g.Parts {
		if p.Currency == c {
			return p
		}
	}
	at := len(g.Parts)
	g.Parts = another(g.Parts)
	p := g.Parts[at]
	*p = PortfolioPart{Currency: c, Base: &p.Own}
	if c != reporting {
		p.Base = new(PortfolioSum)
	}
	return p
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
	for i := range f.parts {
		f.parts[i].stood = Sum{}
	}
	for _, i := range r.openItems() {
		n := &l.nodes[i]
		r.standing(k, n.cur, n.due, n.known, n.open)
	}
	for i := range l.sides {
		s := &l.sides[i]
		if len(s.debts) > 0 {
			f.debts = append(f.debts[:0], s.debts...) // one may stand there twice
			slices.Sort(f.debts)
			for _, d := range slices.Compact(f.debts) {
				if n := &l.nodes[d]; n.present && n.open > 0 {
					r.standing(k, n.cur, n.due, n.known, n.open)
				}
			}
		}
		// What is on account is what the open items exceed the balance by.
		held := f.parts[i].stood
		held.Add(-s.balance)
		r.hold(k, i, held)
	}
}

// hold counts what is on account in a side's currency at period end k.
func (r *Rebuilder) hold(k, side int, held Sum) {
	if held.IsZero() {
		return
	}
	p := &r.flows.parts[side]
	p.any = true
	p.Own.Ends[k].Open[OnAccount].AddSum(held)
	if p.Base == &p.Own {
		return
	}
	minor, ok := held.Int64()
	if v, rated := r.rateAt(k, p.PortfolioPart).convert(minor); ok && rated {
		p.Base.Ends[k].Open[OnAccount].Add(v)
	} else {
		p.Base.Ends[k].NoRate++
	}
}

// rateAt is the rate of a part's currency at period end k.
func (r *Rebuilder) rateAt(k int, p *PortfolioPart) *rateSpan {
	p.rates[k].find(r.env.Rates, p.Currency, r.flows.ends[k])
	return &p.rates[k]
}

// standing counts an open item of a side's currency at period end k.
func (r *Rebuilder) standing(k int, cur uint8, due, known Day, open int64) {
	f := &r.flows
	p := &f.parts[cur]
	p.any = true
	p.stood.Add(open)
	p.Own.Ends[k].stand(due, known, open, f.ends[k], f.ends[k+1])
	if p.Base == &p.Own {
		return
	}
	e := &p.Base.Ends[k]
	if v, rated := r.rateAt(k, p.PortfolioPart).convert(open); rated {
		e.stand(due, known, v, f.ends[k], f.ends[k+1])
	} else {
		e.NoRate++
	}
}

// stand adds an item with an open amount at a period end.
func (e *EndSum) stand(due, known Day, open int64, end, before Day) {
	days := int32(end - due)
	now := bucketOf(days)
	e.Open[now].Add(open)
	if now != NotDue {
		addProduct(&e.OpenDays, open, int64(days))
	}
	if known <= before {
		if was := bucketOf(int32(before - due)); was < now {
			e.Rolled[was].Add(open)
		}
	}
}

// portfolio finishes the sums on the as-of date: the ledger as it stands, and the sales.
func (r *Rebuilder) portfolio() {
	f := &r.flows
	r.lookAt(0)
	for i := range r.ledger.nodes {
		r.sale(&r.ledger.nodes[i], 1)
	}
	any := int64(0)
	for i := range f.parts {
		p := &f.parts[i]
		if p.any || p.sells && !(p.credits && r.evened(i)) {
			any = 1
			p.Own.Customers++
			continue
		}
		for k := 0; k < len(r.ledger.nodes) && p.sales; k++ { // of a customer who is not counted there is nothing in the sums
			if n := &r.ledger.nodes[k]; int(n.cur) == i {
				r.sale(n, -1)
			}
		}
	}
	f.group.Customers += any
}

// sale adds a node's amount to the sales of its day, sign times.
func (r *Rebuilder) sale(n *node, sign int64) {
	if !n.present || n.class != claim && n.class != creditNote {
		return
	}
	amount := n.amount
	if n.class == creditNote {
		amount = -amount
	}
	r.sell(n.cur, n.value, amount, n.class == creditNote, sign)
}

// sell is sale of an amount on a day in a side's currency.
func (r *Rebuilder) sell(cur uint8, day Day, amount int64, credit bool, sign int64) {
	f := &r.flows
	at := f.spans.of(day)
	if at < 0 {
		return
	}
	p := &f.parts[cur]
	p.sales, p.sells, p.credits = true, p.sells || amount != 0, p.credits || credit
	p.sold.amount[at].Add(sign * amount)
	if p.Base == &p.Own {
		return
	}
	s := &r.ledger.sides[cur]
	s.rate.find(r.env.Rates, s.currency, day)
	if v, rated := s.rate.convert(amount); rated {
		p.soldBase.amount[at].Add(sign * v)
	} else {
		p.soldBase.unrated[at] += sign
	}
}

// evened reports whether a customer's sales and credit notes in a currency come to nothing in every sum that they are in.
func (r *Rebuilder) evened(side int) bool {
	f := &r.flows
	var sums PortfolioSum
	var own sold
	for i := range r.ledger.nodes {
		n := &r.ledger.nodes[i]
		if at := f.spans.of(n.value); at >= 0 && n.present && int(n.cur) == side {
			switch n.class {
			case claim:
				own.amount[at].Add(n.amount)
			case creditNote:
				own.amount[at].Add(-n.amount)
			}
		}
	}
	f.spans.sum(&sums, &own)
	return sums == PortfolioSum{}
}
