package scoring

import (
	"math"

	"kaishu/scoring/hazard"
)

// resettle compares an item's balance after a day with what history holds of it.
func (r *Rebuilder) resettle(i int32, known Day) {
	n := &r.ledger.nodes[i]
	day, paid := NoDay, false
	if n.present && n.open == 0 {
		day, paid = r.ledger.settlement(n)
	}
	if day == n.settled && paid == n.paid {
		return
	}
	r.remember(n, -1, known)
	before := n.paid
	n.settled, n.paid = day, paid
	r.remember(n, 1, known)
	if paid && !before && !r.env.LedgerOnly && !r.ledger.apart {
		r.past.pay(known, 1, r.env.Calendar)
	}
}

// settlement is the day on which the balance of an item at zero reached it, by value dates, and
// whether that was a payment: cash on that day, or 95 % of the amount in cash by then. An item
// that was never open at the end of a day was not at risk of being paid: that is no payment.
func (l *ledger) settlement(n *node) (day Day, paid bool) {
	day = n.reopened
	sum := int64(0)
	for e := n.edges; e != none; e = l.edges[e].beforeThat {
		if g := &l.edges[e]; g.amount > 0 {
			day = max(day, g.value)
			if l.nodes[g.from].class == cash {
				sum += g.amount
			}
		}
	}
	if day <= n.value {
		return day, false
	}
	if n.amount-sum <= n.amount/20 {
		return day, true
	}
	for e := n.edges; e != none; e = l.edges[e].beforeThat {
		if g := &l.edges[e]; g.amount > 0 && g.value == day && l.nodes[g.from].class == cash {
			return day, true
		}
	}
	return day, false
}

// openItems are the open items of the invoices export, until the ledger moves on. The others are forgotten.
func (r *Rebuilder) openItems() []int32 {
	l := &r.ledger
	left := l.live[:0]
	for _, i := range l.live {
		n := &l.nodes[i]
		if n.present && n.open > 0 {
			left = append(left, i)
			continue
		}
		n.live = false
	}
	l.live = left
	return left
}

// view is the customer as seen at the end of one day, which the ledger is at.
type view struct {
	day  Day
	past *hazard.Past // nil where only the ledger is wanted
	unit []float64    // by side: a minor unit in major units of the reporting currency, NaN without a rate; until the next view
}

// see makes the view of a day with these open items. The same function serves the as-of date and past landmarks.
func (r *Rebuilder) see(day Day, open []int32) view {
	v := view{day: day, unit: r.units(day)}
	r.notes.judge(r, day, v.unit)
	if r.env.LedgerOnly {
		return v
	}
	v.past = new(hazard.Past)
	p := v.past
	r.seeSettled(day, open, p)
	r.seeMoney(day, p, v.unit)
	r.seePayments(day, p)
	p.Kept, p.Broken = r.notes.kept, r.notes.broken
	p.Parted = r.past.now.parted
	p.SinceContact = -1
	if last := r.notes.lastContact(day); last != NoDay {
		p.SinceContact = int32(day - last)
	}
	p.Bureau = r.out.Account.Master.Bureau
	if first := r.firstSeen(day); first != NoDay {
		p.Tenure = int32(day - first)
	}
	return v
}

// units is what a minor unit of every side is worth on a day.
func (r *Rebuilder) units(day Day) []float64 {
	units := resize(r.unit, len(r.ledger.sides))
	r.unit = units
	for i := range r.ledger.sides {
		s := &r.ledger.sides[i]
		s.rate.find(r.env.Rates, s.currency, day)
		units[i] = s.rate.unit(r.env.Rates, s.currency)
	}
	return units
}

// seeSettled fills in what settled and open items say about how the customer pays.
func (r *Rebuilder) seeSettled(day Day, open []int32, p *hazard.Past) {
	h := &r.past
	sums := h.sum(day)
	p.Settled, p.LateWeight = h.now.items, sums.items
	late, days := sums.late, sums.days
	h.overdue = h.overdue[:0]
	for _, i := range open {
		n := &r.ledger.nodes[i]
		p.OpenItems++
		if age := int32(day - n.due); age > 0 {
			p.OpenOverdue++
			h.overdue = append(h.overdue, age)
		}
	}
	r.seeOpen(day, open)
	r.seeExposed(day, &p.Exposed)
	for b := range sums.paid {
		p.PaidAt[b] = float32(sums.paid[b])
		p.Paid += sums.paid[b]
	}
	// Open overdue items are at least as late as they are now.
	mean := math.Inf(-1)
	if p.LateWeight > 0 {
		mean = days/p.LateWeight + 1e-9 // who always pays on the same day ties: rounding must not decide
	}
	var more, moreLate, moreDays int64
	for _, age := range h.overdue {
		if float64(age) > mean {
			more++
			moreDays += int64(age)
			if age > r.env.Grace {
				moreLate++
			}
		}
	}
	p.LateWeight += float64(more)
	p.LateMean, p.LateShare = nan, nan
	if p.LateWeight > 0 {
		p.LateMean = (days + float64(moreDays)) / p.LateWeight
		p.LateShare = (late + float64(moreLate)) / p.LateWeight
	}
}

// seeMoney fills in the usual amount and the utilization, at the rates of the day.
func (r *Rebuilder) seeMoney(day Day, p *hazard.Past, unit []float64) {
	exposure, logs, count := 0.0, 0.0, 0.0
	for i := range r.ledger.sides {
		s := &r.ledger.sides[i]
		if s.balance != 0 {
			exposure += float64(float64(s.balance) * unit[i])
		}
		if s.logCount > 0 && !math.IsNaN(unit[i]) {
			logs += float64(float64(s.logSum)/(1<<32)) + float64(float64(s.logCount)*math.Log(unit[i]))
			count += float64(s.logCount)
		}
	}
	p.LogMean, p.Utilization = nan, nan
	if count > 0 {
		p.LogMean = logs / count
	}
	m := &r.out.Account.Master
	if m.HasLimit {
		c := r.masterCurrency(m)
		minor, _ := minorOf(m.CreditLimit, c) // was admitted
		if limit := float64(float64(minor) * unit[r.ledger.side(c)]); limit > 0 {
			p.Utilization = exposure / limit
		}
	}
}

// seePayments fills in on which days the customer pays: month ends by the days on which cash came
// in, every day once in a currency however many rows it took; the rhythm by the days on which
// payments of items became known, which is what a landmark's outcome goes by.
func (r *Rebuilder) seePayments(day Day, p *hazard.Past) {
	h := &r.past
	p.PayMonthEnd = r.payMonthEnd(day)
	h.scratch = resize(h.scratch, len(h.pays))
	known := 0
	if len(h.pays) > 0 {
		weights := h.weigh(int32(day - h.pays[0].day))
		for ; known < len(h.pays) && h.pays[known].day <= day; known++ {
			d, to := &h.pays[known], &h.scratch[known]
			to.Weight = weightOf(weights, day-d.day)
			to.Items, to.Slots, to.Week = float64(d.items), d.slots, d.week
		}
	}
	p.Rhythm = hazard.FindRuns(h.scratch[:known])
}

// firstSeen is the day from which the customer is known: its first invoice, or customer_since.
func (r *Rebuilder) firstSeen(day Day) Day {
	first := r.ledger.first
	if since := r.out.Account.Master.Since; since != NoDay && since <= day && (first == NoDay || since < first) {
		return since
	}
	return first
}
