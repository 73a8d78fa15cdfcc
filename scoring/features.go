package scoring

import (
	"math"

	"kaishu/scoring/hazard"
)

// memoryDays is the time constant of recency weights: what lies age days back weighs
// exp(-age/memoryDays).
const memoryDays = 365

// history is what settled items leave behind for features: integer counts by the day of
// settlement. Weighted by recency in the order of days, they come to the same floating-point sums
// whether the history ends there or goes on.
type history struct {
	items, late int32        // of all days
	daysSum     int64        // of all days
	days        []settledDay // ascending; not where only the ledger is wanted
	weights     []float64    // exp(-age/memoryDays), by age
	overdue     []int32      // scratch
	pays        []payDay     // ascending
	scratch     []hazard.PayDay
}

// payDay is a day on which payments of items became known.
type payDay struct {
	day   Day
	items int32
	slots uint64
}

// settledDay is what was settled on one day.
type settledDay struct {
	day     Day
	items   int32
	late    int32 // items beyond the grace
	daysSum int64 // days late, signed
	paid    [hazard.AgeBins]int32
	exposed [hazard.AgeBins]int32 // business days open, by age
	first   uint8                 // bins outside first..end-1 are zero in both
	end     uint8
}

func (h *history) reset() {
	h.items, h.late, h.daysSum = 0, 0, 0
	h.days, h.pays = h.days[:0], h.pays[:0]
}

// weight is the recency weight of an age in days, 0 or more.
func (h *history) weight(age int32) float64 {
	const kept = 4096
	if age >= kept {
		return math.Exp(-float64(age) / memoryDays)
	}
	for int(age) >= len(h.weights) {
		h.weights = append(h.weights, math.Exp(-float64(len(h.weights))/memoryDays))
	}
	return h.weights[age]
}

// on is the entry of a day.
func (h *history) on(d Day) *settledDay {
	at := len(h.days)
	for at > 0 && h.days[at-1].day > d {
		at--
	}
	if at > 0 && h.days[at-1].day == d {
		return &h.days[at-1]
	}
	h.days = append(h.days, settledDay{})
	copy(h.days[at+1:], h.days[at:])
	h.days[at] = settledDay{day: d, first: hazard.AgeBins}
	return &h.days[at]
}

// expose adds the business days, sign times, that an item was open after its issue up to and
// including a day, by its age, to both of two counts. They lie in the bins first to end-1.
func expose(c *Calendar, issue, due, until Day, sign int32, to, also *[hazard.AgeBins]int32) (first, end int) {
	if until <= issue {
		return 0, 0
	}
	bin := hazard.AgeBin(int32(issue + 1 - due))
	first = bin
	from := c.upTo(issue)
	for day := issue; day < until; bin++ {
		last := until
		if bin+1 < hazard.AgeBins {
			last = min(until, due+Day(hazard.AgeBinStart(bin+1))-1)
		}
		now := c.upTo(last)
		days := sign * int32(now-from)
		to[bin] += days
		also[bin] += days
		from, day = now, last
	}
	return first, bin
}

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
	r.remember(n, -1)
	before := n.paid
	n.settled, n.paid = day, paid
	r.remember(n, 1)
	if paid && !before && !r.env.LedgerOnly {
		r.past.pay(known, r.env.Calendar)
	}
}

// pay counts a payment that became known on a day, no earlier than those before.
func (h *history) pay(day Day, c *Calendar) {
	at := len(h.pays) - 1
	if at < 0 || h.pays[at].day != day {
		h.pays = append(h.pays, payDay{day: day, slots: c.runs.On(int32(day))})
		at++
	}
	h.pays[at].items++
}

// remember adds a settled item to history or, with sign -1, takes it out.
func (r *Rebuilder) remember(n *node, sign int32) {
	if n.settled == NoDay {
		return
	}
	h, late, beyond := &r.past, int32(n.settled-n.due), int32(0)
	if late > r.env.Grace {
		beyond = sign
	}
	h.items += sign
	h.late += beyond
	h.daysSum += int64(sign) * int64(late)
	if r.env.LedgerOnly {
		return
	}
	d := h.on(n.settled)
	d.items += sign
	d.late += beyond
	d.daysSum += int64(sign) * int64(late)
	due := mondayFirst(n.due)
	first, end := expose(r.env.Calendar, n.value, n.due, n.settled, sign, &d.exposed, &r.risk.exposed[due])
	if n.paid {
		bin := hazard.AgeBin(late)
		d.paid[bin] += sign
		r.risk.paid[due][bin] += sign
		first, end = min(first, bin), max(end, bin+1)
	}
	if first < end {
		d.first, d.end = min(d.first, uint8(first)), max(d.end, uint8(end))
	}
}

// atRisk counts what settled items leave to the life table, by weekday of the due date, Monday
// first: payments and business days open.
type atRisk struct {
	paid, exposed [7][hazard.AgeBins]int32
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
func (l *ledger) openItems() []int32 {
	left := l.live[:0]
	for _, i := range l.live {
		n := &l.nodes[i]
		if n.present && n.open > 0 {
			left = append(left, i)
		} else {
			n.live = false
		}
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

// see makes the view of a day. The same function serves the as-of date and past landmarks.
func (r *Rebuilder) see(day Day) view {
	v := view{day: day, unit: r.units(day)}
	r.notes.judge(r, day, v.unit)
	if r.env.LedgerOnly {
		return v
	}
	v.past = new(hazard.Past)
	p := v.past
	r.seeSettled(day, p)
	r.seeMoney(day, p, v.unit)
	r.seePayments(day, p)
	p.Kept, p.Broken = r.notes.kept, r.notes.broken
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
func (r *Rebuilder) seeSettled(day Day, p *hazard.Past) {
	h := &r.past
	var paid, exposed [hazard.AgeBins]float64
	var late, days float64
	for i := range h.days {
		d := &h.days[i]
		w := h.weight(int32(day - d.day))
		p.Settled += d.items
		p.LateWeight += float64(w * float64(d.items))
		late += float64(w * float64(d.late))
		days += float64(w * float64(d.daysSum))
		for b := int(d.first); b < int(d.end); b++ {
			exposed[b] += float64(w * float64(d.exposed[b]))
			paid[b] += float64(w * float64(d.paid[b]))
		}
	}
	var open, unused [hazard.AgeBins]int32
	h.overdue = h.overdue[:0]
	for _, i := range r.ledger.openItems() {
		n := &r.ledger.nodes[i]
		p.OpenItems++
		if age := int32(day - n.due); age > 0 {
			p.OpenOverdue++
			h.overdue = append(h.overdue, age)
		}
		expose(r.env.Calendar, n.value, n.due, day, 1, &open, &unused)
	}
	for b := range open {
		p.Exposed[b] = float32(exposed[b] + float64(open[b]))
		p.PaidAt[b] = float32(paid[b])
		p.Paid += paid[b]
	}
	// Open overdue items are at least as late as they are now.
	mean := math.Inf(-1)
	if p.LateWeight > 0 {
		mean = days / p.LateWeight
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
	var total, monthEnd float64
	for i := range r.ledger.sides {
		for _, c := range r.ledger.sides[i].receipts {
			if c.rows <= 0 {
				continue
			}
			w := r.past.weight(int32(day - c.day))
			total += w
			if c.monthEnd {
				monthEnd += w
			}
		}
	}
	if total > 0 {
		p.PayMonthEnd = float32(monthEnd / total)
	}
	h := &r.past
	h.scratch = h.scratch[:0]
	for i := range h.pays {
		d := &h.pays[i]
		h.scratch = append(h.scratch, hazard.PayDay{
			Weight: h.weight(int32(day - d.day)), Items: float64(d.items), Slots: d.slots, Week: (int(d.day.Weekday()) + 6) % 7,
		})
	}
	p.Rhythm = hazard.FindRuns(h.scratch)
}

// firstSeen is the day from which the customer is known: its first invoice, or customer_since.
func (r *Rebuilder) firstSeen(day Day) Day {
	first := r.ledger.first
	if since := r.out.Account.Master.Since; since != NoDay && since <= day && (first == NoDay || since < first) {
		return since
	}
	return first
}
