package hazard

import "math/bits"

// Runs is the largest number of a customer's payment runs in a month that are told apart.
const Runs = 3

// Run is a day of the month on which a customer pays: a slot of RunDays, and the share of its payments
// that are made then. The zero Run is none.
type Run struct {
	Slot  uint8
	Share float32
}

// PayDay is one day on which a customer paid: what FindRuns looks at.
type PayDay struct {
	Weight float64 // of recency
	Items  float64 // paid that day
	Slots  uint64  // RunDays.On
	Week   int     // day of the week, 0 for Monday
}

// Rhythm is what a customer's pay days say about when it pays.
type Rhythm struct {
	Runs    [Runs]Run
	Weekday [5]float32 // shares of the days outside the runs, Monday first; all 0 without any
	Days    float32    // the weight of those days
}

// runChance is the chance that a payment made on any day falls on a given slot's: months have
// some 21 business days.
const runChance = 1. / 21

// FindRuns finds the runs in a customer's pay days, the most evident one first, each in what the
// ones before it leave over. A slot on which h of d days fall is held against chance by its log
// likelihood ratio d*KL(h/d || 1/21), less the logarithm of the number of slots, among which it was
// picked, and of sqrt(d), the price of the estimated share (Schwarz, Annals of Statistics 6, 1978).
// As the posterior odds of a run these weigh its share of the items. Days count for the evidence, since items
// that are paid together say it once; items for the share, since a day's hazard is one of items. A share is shrunk
// by one pay day that is none of a run. work is overwritten.
func FindRuns(work []PayDay) (r Rhythm) {
	days, items := 0.0, 0.0
	for i := range work {
		days += work[i].Weight
		items += float64(work[i].Weight * work[i].Items)
	}
	if !(days > 0) || !(items > 0) {
		return r
	}
	allDays, allItems := days, items
	for n := range r.Runs {
		slot, sure, hits, paid := bestRun(work, days)
		if slot == 0 || hits <= 0 {
			break
		}
		share := paid / allItems * allDays / (allDays + 1)
		r.Runs[n] = Run{uint8(slot), float32(sure * share)}
		for i := range work {
			if work[i].Slots>>slot&1 != 0 {
				work[i].Weight *= 1 - sure
			}
		}
		days -= float64(hits * sure)
	}
	var week [5]float64
	rest := 0.0
	for i := range work {
		if p := &work[i]; p.Week < len(week) {
			week[p.Week] += p.Weight
			rest += p.Weight
		}
	}
	r.Days = float32(rest)
	if rest > 0 {
		for d, x := range week {
			r.Weekday[d] = float32(x / rest)
		}
	}
	return r
}

// bestRun is the slot with the most evidence, its posterior probability, and the weights of
// its days and items; slot 0 where none has more days than by chance, or the odds are under 1 to 20.
func bestRun(work []PayDay, days float64) (slot int, sure, hits, paid float64) {
	var onDays [64]float64
	met := uint64(0)
	for i := range work {
		w := work[i].Weight
		met |= work[i].Slots
		for set := work[i].Slots; set != 0; set &= set - 1 {
			onDays[bits.TrailingZeros64(set)&63] += w
		}
	}
	most := 0.0
	for ; met != 0; met &= met - 1 {
		if k := bits.TrailingZeros64(met) & 63; onDays[k] > most {
			most, slot = onDays[k], k
		}
	}
	if slot == 0 || !(most > days*runChance) {
		return 0, 0, 0, 0
	}
	q := min(most/days, 1)
	evidence := float64(q * ln(q/runChance))
	if q < 1 {
		evidence += float64((1 - q) * ln((1-q)/(1-runChance)))
	}
	odds := float64(days*evidence) - ln(RunSlots-1) - 0.5*ln(1+days)
	if odds < -3 {
		return 0, 0, 0, 0
	}
	for i := range work {
		if p := &work[i]; p.Slots>>slot&1 != 0 {
			paid += float64(p.Weight * p.Items)
		}
	}
	return slot, 1 / (1 + exp(-odds)), most, paid
}
