package scoring

import (
	"math"
	"slices"

	"kaishu/scoring/hazard"
)

// memoryDays is the time constant of recency weights: what lies age days back weighs
// exp(-age/memoryDays).
const memoryDays = 365

// history is what settled items leave behind for features: integer counts by the day of
// settlement. Weighted by recency in the order of days, they come to the same floating-point sums
// whether the history ends there or goes on.
type history struct {
	late    int32        // items beyond the grace, of all days
	daysSum int64        // of all days
	now     pastSums     // as of the day looked at
	on      *pastSums    // where those of the day being played go: now, or a step of lookback
	settled []settledLot // by day and bin; not where only the ledger is wanted
	flat    flatHistory
	weights []float64 // exp(-age/memoryDays), by age

	estimate exposedEstimate
	open     [hazard.AgeBins]int32 // business days that open items have been open, by age, as far as node.counted
	counted  []int32               // the items in open
	overdue  []int32               // scratch
	pays     []payDay              // ascending
	scratch  []hazard.PayDay
}

// pastSums are the sums that features take of a history without regard to its days.
type pastSums struct {
	items   int32 // settled
	parted  int32 // payments that left more than a twentieth of an item open
	terms   int   // items in exposed
	exposed [hazard.AgeBins]float64
}

// add adds o to s.
func (s *pastSums) add(o *pastSums) {
	s.items += o.items
	s.parted += o.parted
	if s.terms += o.terms; o.terms > 0 {
		for b, v := range o.exposed {
			s.exposed[b] += v
		}
	}
}

// payDay is a day on which payments of items became known.
type payDay struct {
	day   Day
	items int32
	slots uint64
	week  int // Monday is 0
}

// settledLot is some items settled on one day, which all were paid at ages of one bin or were not paid. Negative ones take
// back what another one holds.
type settledLot struct {
	day     Day
	known   Day   // from when they count
	bin     int32 // of their payment, none without one
	items   int32
	late    int32 // items beyond the grace
	daysSum int64 // days late, signed
}

// before orders lots by day and bin.
func (l *settledLot) before(o *settledLot) bool {
	return l.day < o.day || l.day == o.day && l.bin < o.bin
}

// set makes l a copy of o, field by field: to read at once what was just written in parts has the processor wait.
func (l *settledLot) set(o *settledLot) {
	l.day, l.known, l.bin, l.items, l.late, l.daysSum = o.day, o.known, o.bin, o.items, o.late, o.daysSum
}

// merge adds the items of o to l.
func (l *settledLot) merge(o *settledLot) {
	l.items += o.items
	l.late += o.late
	l.daysSum += o.daysSum
}

func (h *history) reset(asOf Day) {
	h.late, h.daysSum, h.now, h.on = 0, 0, pastSums{}, &h.now
	h.settled, h.pays = h.settled[:0], h.pays[:0]
	h.open, h.counted = [hazard.AgeBins]int32{}, h.counted[:0]
	h.flat.cut(NoDay)
	h.estimate = exposedEstimate{asOf: asOf, exact: h.estimate.exact}
}

// keptWeights is the number of days whose recency weights are kept.
const keptWeights = 4096

// weigh returns the recency weights by age, up to one in days or, since it may be that of a wrong date, to some
// years; what is older takes oldWeight.
func (h *history) weigh(age int32) []float64 {
	for len(h.weights) < min(int(age)+1, keptWeights) {
		h.weights = append(h.weights, oldWeight(Day(len(h.weights))))
	}
	return h.weights
}

// weightOf is the recency weight of an age in days, 0 or more, by the kept weights or, beyond them, anew.
func weightOf(weights []float64, age Day) float64 {
	if int(age) < len(weights) {
		return weights[age]
	}
	return oldWeight(age)
}

// oldWeight is the recency weight of an age in days, 0 or more. It is seldom asked for, and weightOf, which always is, is
// only inlined without it.
//
//go:noinline
func oldWeight(age Day) float64 { return math.Exp(-float64(age) / memoryDays) }

// put adds a lot to those that there are, or its items to one of the same day and bin. Days mostly ascend.
func (h *history) put(lot *settledLot) {
	h.flat.cut(lot.day)
	at := len(h.settled)
	for at > 0 && lot.before(&h.settled[at-1]) {
		at--
	}
	switch {
	case at > 0 && !h.settled[at-1].before(lot):
		h.settled[at-1].merge(lot)
	case at == len(h.settled):
		h.settled = extend(h.settled)
		h.settled[at].set(lot)
	default:
		h.settled = slices.Insert(h.settled, at, *lot)
	}
}

// binStarts are the first ages of the bins.
var binStarts = func() (starts [hazard.AgeBins]Day) {
	for b := range starts {
		starts[b] = Day(hazard.AgeBinStart(b))
	}
	return starts
}()

// expose counts the business days, sign times, of the days after one up to and including another by the age that
// an item has on them: in counts as they are, in sums weighted. It is what most of the time of a settled item goes into, a dozen
// bins for each, so that it has the calendar's table at hand.
func expose(c *Calendar, after, due, until Day, sign int32, counts *[hazard.AgeBins]int32, weight float64, sums *[hazard.AgeBins]float64) {
	if until <= after {
		return
	}
	bin, last := hazard.AgeBin(int32(after+1-due)), hazard.AgeBin(int32(until-due))
	if after < calendarFirst || until > calendarLast {
		exposeFar(c, after, due, until, sign, bin, last, counts, weight, sums)
		return
	}
	upTo := c.business[after-calendarFirst+1 : until-calendarFirst+2] // business days up to the day after+i
	from, shift := upTo[0], due-1-after
	ends := binStarts[bin+1 : last+1]
	count, sum := counts[bin:last], sums[bin:last]
	count, sum = count[:len(ends)], sum[:len(ends)] // spares the checks of bounds
	for k, end := range ends {
		now := upTo[shift+end]
		days := sign * (now - from)
		count[k] += days
		sum[k] += float64(weight * float64(days))
		from = now
	}
	days := sign * (upTo[len(upTo)-1] - from)
	counts[last] += days
	sums[last] += float64(weight * float64(days))
}

// exposeFar is expose beyond the calendar's table.
func exposeFar(c *Calendar, after, due, until Day, sign int32, bin, last int, counts *[hazard.AgeBins]int32, weight float64, sums *[hazard.AgeBins]float64) {
	for from := c.upTo(after); bin <= last; bin++ {
		now := c.upTo(until)
		if bin < last {
			now = c.upTo(due + binStarts[bin+1] - 1)
		}
		days := sign * int32(now-from)
		counts[bin] += days
		sums[bin] += float64(weight * float64(days))
		from = now
	}
}

// seeOpen brings history.open to a day and its open items. Views mostly go forward, so that little is added for each of them.
func (r *Rebuilder) seeOpen(day Day, open []int32) {
	h, nodes := &r.past, r.ledger.nodes
	var unused [hazard.AgeBins]float64
	for _, i := range open {
		n := &nodes[i]
		from := n.counted
		if from == NoDay {
			from = n.value
		}
		if from <= day {
			expose(r.env.Calendar, from, n.due, day, 1, &h.open, 0, &unused)
		} else {
			expose(r.env.Calendar, max(day, n.value), n.due, from, -1, &h.open, 0, &unused)
		}
		n.counted = day
	}
	for _, i := range h.counted {
		if n := &nodes[i]; n.counted != day {
			expose(r.env.Calendar, n.value, n.due, n.counted, -1, &h.open, 0, &unused)
			n.counted = NoDay
		}
	}
	h.counted = append(h.counted[:0], open...)
}

// pay counts payments that became known on a day, mostly no earlier than those before.
func (h *history) pay(day Day, items int32, c *Calendar) {
	at := len(h.pays)
	for at > 0 && h.pays[at-1].day > day {
		at--
	}
	if at > 0 && h.pays[at-1].day == day {
		h.pays[at-1].items += items
		return
	}
	if at == len(h.pays) { // mostly
		h.pays = extend(h.pays)
	} else {
		h.pays = slices.Insert(h.pays, at, payDay{})
	}
	p := &h.pays[at]
	p.day, p.items, p.slots, p.week = day, items, c.runs.On(int32(day)), mondayFirst(day)
}

// settle counts an item settled so many days late, and tells whether that is beyond the grace: sign or 0.
func (h *history) settle(late, grace, sign int32) (beyond int32) {
	if late > grace {
		beyond = sign
	}
	h.on.items += sign
	h.late += beyond
	h.daysSum += int64(sign) * int64(late)
	return beyond
}

// remember adds an item whose settlement became known on a day to history or, with sign -1, takes it out.
func (r *Rebuilder) remember(n *node, sign int32, known Day) {
	if n.settled != NoDay {
		r.rememberItem(n.value, n.due, n.settled, known, n.paid, sign)
	}
}

// rememberItem is remember of an item of which these days are known, and whether it was paid.
func (r *Rebuilder) rememberItem(issue, dueOn, settled, known Day, paid bool, sign int32) {
	h, late := &r.past, int32(settled-dueOn)
	beyond := h.settle(late, r.env.Grace, sign)
	if r.env.LedgerOnly {
		return
	}
	due, bin := mondayFirst(dueOn), none
	if paid {
		bin = int32(hazard.AgeBin(late))
		r.risk.paid[due][bin] += sign
	}
	lot := settledLot{day: settled, known: known, bin: bin, items: sign, late: beyond, daysSum: int64(sign) * int64(late)}
	if r.ledger.apart {
		r.back.settle(r.env.AsOf, &lot)
	} else {
		h.put(&lot)
	}
	h.on.terms++
	h.estimate.stale = h.estimate.stale || sign < 0
	expose(r.env.Calendar, issue, dueOn, settled, sign, &r.risk.exposed[due], h.estimate.weight(h, settled), &h.on.exposed)
}

// atRisk counts what settled items leave to the life table, by weekday of the due date, Monday
// first: payments and business days open.
type atRisk struct {
	paid, exposed [7][hazard.AgeBins]int32
}

// flatHistory is a history as its sums are made: numbers one after another, without the bins in which nothing was
// paid. What adds nothing to a sum is left out, so that it comes to the same.
type flatHistory struct {
	days []flatDay // the first of history.settled; those after have been added or changed since
	paid []paidBin // by day
}

type flatDay struct {
	day               Day
	known             Day   // of the last of its lots
	lots              int32 // of history.settled up to this day
	items, late, days float64
	weight            float64 // of the latest sum
}

// paidBin is a number of payments at an age on one of the days.
type paidBin struct {
	day, bin int32
	count    float64
}

// cut forgets the days from one on.
func (f *flatHistory) cut(from Day) {
	for len(f.days) > 0 && f.days[len(f.days)-1].day >= from {
		f.days = f.days[:len(f.days)-1]
	}
	for len(f.paid) > 0 && int(f.paid[len(f.paid)-1].day) >= len(f.days) {
		f.paid = f.paid[:len(f.paid)-1]
	}
}

// flatten adds the days that are not in h.flat yet.
func (h *history) flatten() {
	f, lots, at := &h.flat, h.settled, 0
	if n := len(f.days); n > 0 {
		at = int(f.days[n-1].lots)
	}
	for at < len(lots) {
		on, known := lots[at].day, NoDay
		var all settledLot
		for at < len(lots) && lots[at].day == on {
			bin, before := lots[at].bin, all.items
			for ; at < len(lots) && lots[at].day == on && lots[at].bin == bin; at++ {
				all.merge(&lots[at])
				known = max(known, lots[at].known)
			}
			if bin != none && all.items != before {
				f.paid = extend(f.paid)
				p := &f.paid[len(f.paid)-1]
				p.day, p.bin, p.count = int32(len(f.days)), bin, float64(all.items-before)
			}
		}
		f.days = extend(f.days)
		d := &f.days[len(f.days)-1] // filled in place, as is group
		d.day, d.known, d.lots, d.items, d.late, d.days = on, known, int32(at), float64(all.items), float64(all.late), float64(all.daysSum)
	}
}

// knownOf is what is known on a day of what settled on number i of flat.days, of one bin where that is not none.
func (h *history) knownOf(i int, bin int32, day Day) (known settledLot) {
	from := int32(0)
	if i > 0 {
		from = h.flat.days[i-1].lots
	}
	for ; from < h.flat.days[i].lots; from++ {
		if v := &h.settled[from]; v.known <= day && (bin == none || bin == v.bin) {
			known.merge(v)
		}
	}
	return known
}

// settledSums are a history's sums as weighted by recency on a day.
type settledSums struct {
	items, late, days float64
	paid              [hazard.AgeBins]float64
}

// sum adds a history up for a day.
func (h *history) sum(day Day) (s settledSums) {
	h.flatten()
	days := h.flat.days
	if len(days) == 0 {
		return s
	}
	weights, known := h.weigh(int32(day-days[0].day)), 0
	for ; known < len(days) && days[known].day <= day; known++ {
		d := &days[known]
		w := weightOf(weights, day-d.day)
		d.weight = w
		items, late, sum := d.items, d.late, d.days
		if d.known > day {
			v := h.knownOf(known, none, day)
			items, late, sum = float64(v.items), float64(v.late), float64(v.daysSum)
		}
		s.items += float64(w * items)
		s.late += float64(w * late)
		s.days += float64(w * sum)
	}
	for i := range h.flat.paid {
		p := &h.flat.paid[i]
		if int(p.day) >= known {
			break
		}
		count := p.count
		if days[p.day].known > day {
			v := h.knownOf(int(p.day), p.bin, day)
			count = float64(v.items)
		}
		s.paid[p.bin] += float64(days[p.day].weight * count)
	}
	return s
}
