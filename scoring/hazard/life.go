package hazard

// LifeTable counts, over all customers and for every age bin, payment events and the
// business days that items spent open. Counts are integers, so tables of shards add up to
// the same bytes in any order.
type LifeTable struct {
	Paid    [AgeBins]int64
	Exposed [AgeBins]int64

	// The same by weekday of the due date, Monday first: an item due on a Saturday is paid on
	// the Friday before or the Monday after. All zero where they are not kept.
	PaidDue    [7][AgeBins]int64
	ExposedDue [7][AgeBins]int64
}

// Merge adds another table to t.
func (t *LifeTable) Merge(o *LifeTable) {
	for b := range t.Paid {
		t.Paid[b] += o.Paid[b]
		t.Exposed[b] += o.Exposed[b]
	}
	for d := range t.PaidDue {
		for b := range t.PaidDue[d] {
			t.PaidDue[d][b] += o.PaidDue[d][b]
			t.ExposedDue[d][b] += o.ExposedDue[d][b]
		}
	}
}

// AgeBin is the bin of an age in days relative to the due date.
func AgeBin(age int32) int {
	if age < firstEdge {
		return 0
	}
	if age >= lastEdge {
		return AgeBins - 1
	}
	return int(ageBins[age-firstEdge])
}

// ageBins are the bins of the ages between the first edge and the last.
var ageBins = func() (bins [ageSpan]uint8) {
	bin := 0
	for i := range bins {
		for bin < len(ageEdges) && ageEdges[bin] <= firstEdge+int32(i) {
			bin++
		}
		bins[i] = uint8(bin)
	}
	return bins
}()

// AgeBinStart is the first age of bin b; bin 0 has none and reports the smallest int32.
func AgeBinStart(b int) int32 {
	if b == 0 {
		return -1 << 31
	}
	return ageEdges[b-1]
}

// Rates is the pooled hazard of payment per business day in every age bin: counts shrunk
// by two expected payments towards the rate over all ages, which itself starts from one
// payment in 20 business days. So every rate is positive and finite, for an empty table too.
func (t *LifeTable) Rates() [AgeBins]float64 {
	paid, exposed := 1.0, 20.0
	for b := range t.Paid {
		paid += float64(t.Paid[b])
		exposed += float64(t.Exposed[b])
	}
	all := paid / exposed
	var rates [AgeBins]float64
	for b := range rates {
		rates[b] = (2 + float64(t.Paid[b])) / (2/all + float64(t.Exposed[b]))
	}
	return rates
}

// ratesDue is Rates by weekday of the due date, shrunk by 20 expected payments towards the
// rates of all weekdays.
func (t *LifeTable) ratesDue(rates *[AgeBins]float64) (byDay [7][AgeBins]float64) {
	const strength = 20
	for d := range byDay {
		for b, r := range rates {
			byDay[d][b] = (strength + float64(t.PaidDue[d][b])) / (strength/r + float64(t.ExposedDue[d][b]))
		}
	}
	return byDay
}
