package scoring

import (
	"cmp"
	"slices"

	"kaishu/scoring/hazard"
)

// Some sums of a history end as 32-bit floats: the business days that items were open, by age, and the share of
// payments at the end of a month. In the order of days, each with its weight on the day of the view, they would be made
// anew for every view. As weighted on the as-of date they are carried along instead, and since
//
//	exp(-(t-d)/365) = exp(-(asOf-d)/365) / exp(-(asOf-t)/365)
//
// one division gives those of a view on day t, but for the rounding of 64-bit arithmetic. Where
// that cannot make a difference to the 32 bits, which is nearly always, the sum in order of days
// would come to the very same; else it is made.

// surelyTheSame bounds the relative error between a sum of so many terms made both ways. A weight is off by less than
// A+2 units of 2^-52, A its age in units of 365 days: by A/2 for the rounding of the exponent, which is
// multiplied by as much, and by one for that of exp itself. There are three of them, products, a division and
// the additions, which are all of positive numbers; twice the sum of all that also covers the rounding of the bounds.
func surelyTheSame(terms int) float64 {
	return float64(float64(terms+3*(oldestEstimated/memoryDays+2)+10) / (1 << 51))
}

// oldestEstimated is the age in days up to which sums are estimated.
const oldestEstimated = 100 * memoryDays

// round32 rounds v+plus to 32 bits, and tells whether everything within a relative error of v does so alike.
func round32(v, within, plus float64) (float32, bool) {
	low, high := float32(float64(v-float64(v*within))+plus), float32(float64(v+float64(v*within))+plus)
	return low, low == high
}

// exposedEstimate tells how far the business days that settled items were open, which pastSums carries, can be used.
type exposedEstimate struct {
	asOf  Day
	stale bool // something was taken out: sums are to be made anew
	old   bool // something is too old
	exact bool // never estimate; of tests
}

// weight is that of a day on the as-of date.
func (e *exposedEstimate) weight(h *history, on Day) float64 {
	age := e.asOf - on
	e.old = e.old || age > oldestEstimated
	return weightOf(h.weigh(int32(age)), age)
}

// seeExposed fills in the business days that items were open, weighted as on a day: of the settled ones, and those of the
// open ones, which are in history.open.
func (r *Rebuilder) seeExposed(day Day, to *[hazard.AgeBins]float32) {
	if r.estimateExposed(day, to) {
		return
	}
	open := &r.past.open
	for b, days := range r.sumExposed(day) {
		to[b] = float32(days + float64(open[b]))
	}
}

// estimateExposed is seeExposed by the sums carried along; false where those in the order of days have to be made.
func (r *Rebuilder) estimateExposed(day Day, to *[hazard.AgeBins]float32) bool {
	h := &r.past
	e := &h.estimate
	if e.stale {
		r.exposeAgain()
	}
	scale := 1 / e.weight(h, day)
	if e.old || e.exact {
		return false
	}
	within, all := surelyTheSame(h.now.terms), true
	for b := range to {
		v, same := round32(float64(h.now.exposed[b]*scale), within, float64(h.open[b]))
		to[b], all = v, all && same
	}
	return all
}

// exposeAgain makes the sums of days open anew.
func (r *Rebuilder) exposeAgain() {
	h := &r.past
	var unused [hazard.AgeBins]int32
	h.estimate.stale, h.now.exposed, h.now.terms = false, [hazard.AgeBins]float64{}, 0
	for i := range r.ledger.nodes {
		if n := &r.ledger.nodes[i]; n.settled != NoDay {
			h.now.terms++
			expose(r.env.Calendar, n.value, n.due, n.settled, 1, &unused, h.estimate.weight(h, n.settled), &h.now.exposed)
		}
	}
}

// openDays are the days from which and until when an item was open.
type openDays struct{ issue, due, settled Day }

// sumExposed adds up the business days that items were open whose settlement is known on a day, in the order of the days on
// which they settled.
func (r *Rebuilder) sumExposed(day Day) (sums [hazard.AgeBins]float64) {
	l := &r.ledger
	var settled []openDays
	for i := range l.nodes {
		if n := &l.nodes[i]; n.settled != NoDay && l.settledKnown(n) <= day {
			settled = append(settled, openDays{n.value, n.due, n.settled})
		}
	}
	settled = r.even.openDays(settled, day)
	slices.SortFunc(settled, func(a, b openDays) int { return cmp.Compare(a.settled, b.settled) })
	weights := r.past.weigh(keptWeights - 1)
	for i := 0; i < len(settled); {
		on := settled[i].settled
		var counts [hazard.AgeBins]int32
		var unused [hazard.AgeBins]float64
		for ; i < len(settled) && settled[i].settled == on; i++ {
			expose(r.env.Calendar, settled[i].issue, settled[i].due, on, 1, &counts, 0, &unused)
		}
		w := weightOf(weights, day-on)
		for b, days := range counts {
			sums[b] += float64(w * float64(days))
		}
	}
	return sums
}

// settledKnown is the day on which everything was known that a settled item is settled by.
func (l *ledger) settledKnown(n *node) Day {
	day := n.known
	for e := n.edges; e != none; e = l.edges[e].beforeThat {
		if g := &l.edges[e]; g.amount > 0 {
			day = max(day, l.nodes[g.from].known)
		}
	}
	return day
}

// receiptEstimate carries the weights of one side's receipts, and of those at the end of a month.
type receiptEstimate struct {
	counted         int // of the receipts, from the first on
	total, monthEnd float64
}

// changed notes that a receipt came to count, no longer does, or was put before others.
func (e *receiptEstimate) changed(at int) {
	if at < e.counted {
		*e = receiptEstimate{}
	}
}

// payMonthEnd is the share of a month's last three business days in the days on which cash came in, weighted
// by recency.
func (r *Rebuilder) payMonthEnd(day Day) float32 {
	h, terms := &r.past, 0
	var total, monthEnd float64
	for i := range r.ledger.sides {
		s := &r.ledger.sides[i]
		for e := &s.estimate; e.counted < len(s.receipts); e.counted++ {
			if c := &s.receipts[e.counted]; c.rows > 0 {
				w := h.estimate.weight(h, c.day)
				e.total += w
				if c.monthEnd {
					e.monthEnd += w
				}
			}
		}
		total += s.estimate.total
		monthEnd += s.estimate.monthEnd
		terms += len(s.receipts)
	}
	if terms == 0 {
		return 0
	}
	if !h.estimate.old && !h.estimate.exact && total > 0 {
		if share, same := round32(monthEnd/total, 2*surelyTheSame(terms), 0); same {
			return share
		}
	}
	return r.sumMonthEnd(day)
}

// sumMonthEnd is payMonthEnd in the order of days.
func (r *Rebuilder) sumMonthEnd(day Day) float32 {
	var total, monthEnd float64
	for i := range r.ledger.sides {
		for _, c := range r.ledger.sides[i].receipts {
			if c.rows <= 0 || c.known > day {
				continue
			}
			age := day - c.day
			w := weightOf(r.past.weigh(int32(age)), age)
			total += w
			if c.monthEnd {
				monthEnd += w
			}
		}
	}
	if total > 0 {
		return float32(monthEnd / total)
	}
	return 0
}
