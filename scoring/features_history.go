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
	parted      int32        // payments that left more than a twentieth of an item open
	daysSum     int64        // of all days
	days        []settledDay // ascending; not where only the ledger is wanted
	flat        flatHistory
	weights     []float64             // exp(-age/memoryDays), by age
	open        [hazard.AgeBins]int32 // business days that open items have been open, by age, as far as node.counted
	estimate    exposedEstimate
	overdue     []int32  // scratch
	pays        []payDay // ascending
	scratch     []hazard.PayDay
}

// payDay is a day on which payments of items became known.
type payDay struct {
	day   Day
	items int32
	slots uint64
	week  int // Monday is 0
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

func (h *history) reset(asOf Day) {
	h.items, h.late, h.daysSum, h.parted = 0, 0, 0, 0
	h.days, h.pays = h.days[:0], h.pays[:0]
	h.flat.cut(0)
	h.estimate = exposedEstimate{asOf: asOf}
	h.open = [hazard.AgeBins]int32{}
}

// weigh returns the recency weights by age, up to one in days or, since it may be that of a wrong date, to some
// years; what is older takes oldWeight.
func (h *history) weigh(age int32) []float64 {
	const kept = 4096
	for len(h.weights) < min(int(age)+1, kept) {
		h.weights = append(h.weights, oldWeight(int32(len(h.weights))))
	}
	return h.weights
}

// oldWeight is the recency weight of an age in days, 0 or more.
func oldWeight(age int32) float64 { return math.Exp(-float64(age) / memoryDays) }

// on is the index of the entry of a day.
func (h *history) on(d Day) int {
	at := len(h.days)
	for at > 0 && h.days[at-1].day > d {
		at--
	}
	if at > 0 && h.days[at-1].day == d {
		return at - 1
	}
	h.days = append(h.days, settledDay{})
	copy(h.days[at+1:], h.days[at:])
	h.days[at] = settledDay{day: d, first: hazard.AgeBins}
	return at
}

// expose adds the business days, sign times, of the days after one up to and including another, by the age that
// an item has on them, to both of two counts. They lie in the bins first to end-1.
func expose(c *Calendar, after, due, until Day, sign int32, to, also *[hazard.AgeBins]int32) (first, end int) {
	if until <= after {
		return 0, 0
	}
	bin := hazard.AgeBin(int32(after + 1 - due))
	first = bin
	from := c.upTo(after)
	for day := after; day < until; bin++ {
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

// count brings what an open item adds to h.open to a day, or takes it out again for a day before its issue. Views
// mostly go forward, so that little is added for each of them.
func (h *history) count(c *Calendar, n *node, day Day) {
	var unused [hazard.AgeBins]int32
	if day = max(day, n.value); day > n.counted {
		expose(c, n.counted, n.due, day, 1, &h.open, &unused)
	} else {
		expose(c, day, n.due, n.counted, -1, &h.open, &unused)
	}
	n.counted = day
}

// pay counts a payment that became known on a day, no earlier than those before.
func (h *history) pay(day Day, c *Calendar) {
	at := len(h.pays) - 1
	if at < 0 || h.pays[at].day != day {
		h.pays = append(h.pays, payDay{day: day, slots: c.runs.On(int32(day)), week: mondayFirst(day)})
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
	at := h.on(n.settled)
	h.flat.cut(at)
	d := &h.days[at]
	d.items += sign
	d.late += beyond
	d.daysSum += int64(sign) * int64(late)
	due := mondayFirst(n.due)
	var item [hazard.AgeBins]int32
	first, end := expose(r.env.Calendar, n.value, n.due, n.settled, sign, &item, &r.risk.exposed[due])
	for b := first; b < end; b++ {
		d.exposed[b] += item[b]
	}
	h.estimate.add(h, n.settled, sign, item[first:end], first)
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

// flatHistory is a history as its sums are made: numbers one after another, without the bins in which nothing was
// paid. What adds nothing to a sum is left out, so that it comes to the same.
type flatHistory struct {
	days []flatDay // the first of history.days; those after have been added or changed since
	paid []paidBin // by day
}

type flatDay struct {
	day               Day
	items, late, days float64
	weight            float64 // of the latest sum
}

// paidBin is a number of payments at an age on one of the days.
type paidBin struct {
	day, bin int32
	count    float64
}

// cut forgets the days from one on.
func (f *flatHistory) cut(from int) {
	if from >= len(f.days) {
		return
	}
	f.days = f.days[:from]
	for len(f.paid) > 0 && int(f.paid[len(f.paid)-1].day) >= from {
		f.paid = f.paid[:len(f.paid)-1]
	}
}

// flatten adds the days that are not in h.flat yet.
func (h *history) flatten() {
	f := &h.flat
	for i := len(f.days); i < len(h.days); i++ {
		d := &h.days[i]
		f.days = append(f.days, flatDay{day: d.day, items: float64(d.items), late: float64(d.late), days: float64(d.daysSum)})
		for b := int32(d.first); b < int32(d.end); b++ {
			if d.paid[b] != 0 {
				f.paid = append(f.paid, paidBin{int32(i), b, float64(d.paid[b])})
			}
		}
	}
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
	weights := h.weigh(int32(day - days[0].day))
	for i := range days {
		d := &days[i]
		w := 0.0
		if age := int(day - d.day); age < len(weights) {
			w = weights[age]
		} else {
			w = oldWeight(int32(age))
		}
		d.weight = w
		s.items += float64(w * d.items)
		s.late += float64(w * d.late)
		s.days += float64(w * d.days)
	}
	for i := range h.flat.paid {
		p := &h.flat.paid[i]
		s.paid[p.bin] += float64(days[p.day].weight * p.count)
	}
	return s
}

// sumExposed adds up the business days that settled items were open, weighted as in the sum made before.
func (h *history) sumExposed(to *[hazard.AgeBins]float64) {
	for i := range h.days {
		d, w := &h.days[i], h.flat.days[i].weight
		for b := int(d.first); b < int(d.end); b++ {
			to[b] += float64(w * float64(d.exposed[b]))
		}
	}
}
