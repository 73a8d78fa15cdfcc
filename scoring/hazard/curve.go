package hazard

import "sort"

// Curve is the chance of payment of one landmark over time: Cum[j] is the cumulative
// hazard at the end of interval j of Grid. Inside an interval the hazard is spread over the
// business days in proportion to the hazard at the item's age and weekday, pooled and the customer's own. A Curve made of Cum
// alone, without a model, spreads evenly over all days. It refers to the landmark's
// Past, the Model and the Calendar, which must not change while it is used.
type Curve struct {
	Cum  [Intervals]float64
	Part float64 // part-payment factor, see Cash; 0 stands for 1

	// How the hazard lies inside an interval: one of the two, or none.
	walk   walker
	course course
}

// Curve computes the curve of l.
func (m *Model) Curve(l *Landmark, cal *Calendar) Curve {
	var c Curve
	var f features
	var p period
	z := m.Pooled.frailty(l.past())
	m.Pooled.features(l, z, &f)
	item := m.scale.item(&f)
	c.walk.start(&m.Pooled, cal, l, z)
	w, sum := c.walk, 0.0
	for j := range c.Cum {
		w.next(j, Grid[j], &p)
		sum += float64(p.exposure * exp(clamp(item+m.scale.period(&p), minPredictor, maxPredictor)))
		c.Cum[j] = sum
	}
	return c
}

// Hazard is the cumulative hazard of payment by `day` days after the landmark: 0 for day 0
// and before. Beyond 180 days it grows by business days at the last interval's rate.
func (c *Curve) Hazard(day int32) float64 {
	if day <= 0 {
		return 0
	}
	j := sort.Search(Intervals, func(j int) bool { return day <= Grid[j] })
	if j == Intervals {
		return c.beyond(day)
	}
	if day == Grid[j] {
		return c.Cum[j]
	}
	return c.inside(j, day)
}

// inside is the hazard on a day within interval j, before its end.
func (c *Curve) inside(j int, day int32) float64 {
	from, before := c.at(j - 1)
	return before + float64((c.Cum[j]-before)*c.part(from, day, Grid[j]))
}

// at is the end of interval j and the hazard there; interval -1 ends on the landmark's day.
func (c *Curve) at(j int) (day int32, hazard float64) {
	if j < 0 {
		return 0, 0
	}
	return Grid[j], c.Cum[j]
}

// part is the share of the hazard of (from, to] that falls on or before day.
func (c *Curve) part(from, day, to int32) float64 {
	if c.course.of != nil {
		first, bin := c.course.weigh(from, day, c.course.bin(from))
		rest, _ := c.course.weigh(day, to, bin)
		if all := first + rest; all > 0 {
			return first / all
		}
	}
	if c.walk.pooled != nil {
		w := c.walk
		w.seek(from)
		first := w.spread(w.date + day)
		if all := first + w.spread(w.date+to); all > 0 {
			return first / all
		}
	}
	return float64(day-from) / float64(to-from)
}

// beyond extends the last interval's rate.
func (c *Curve) beyond(day int32) float64 {
	const last = Intervals - 1
	rate := (c.Cum[last] - c.Cum[last-1])
	days, per := float64(day-Grid[last]), float64(Grid[last]-Grid[last-1])
	if cal, date, ok := c.calendar(); ok {
		end := date + Grid[last]
		if n := cal.Count(date+Grid[last-1], end); n > 0 {
			days, per = float64(cal.Count(end, date+day)), float64(n)
		}
	}
	return c.Cum[last] + float64(rate*(days/per))
}

// calendar is the one that the curve goes by, and the landmark's date; ok is false without one.
func (c *Curve) calendar() (cal *Calendar, date int32, ok bool) {
	if p := c.course.of; p != nil {
		return p.ahead.cal, p.ahead.date, true
	}
	return c.walk.cal, c.walk.date, c.walk.pooled != nil
}

// Paid is the probability that the item is paid within h days.
func (c *Curve) Paid(h int32) float64 { return -expm1(-c.Hazard(h)) }

// Quantile is the first day on which the item is paid with probability p or more; ok is
// false where that is beyond 180 days. Quantile(0.5) is the median, Quantile(0.1) and
// Quantile(0.9) bound the 80 % interval.
func (c *Curve) Quantile(p float64) (day int32, ok bool) {
	if !(p < 1) {
		return 0, false
	}
	need := -log1p(-max(p, 0))
	j := 0
	for j < Intervals && !(c.Cum[j] >= need) {
		j++
	}
	if j == Intervals {
		return 0, false
	}
	from, before := c.at(j - 1)
	if before >= need {
		return 0, true
	}
	low, high := int32(0), Grid[Intervals-1]
	for low < high {
		day := int32(uint32(low+high) >> 1)
		reached := day >= Grid[j]
		if day > from && !reached { // the calendar is only walked inside the interval that reaches p
			reached = c.inside(j, day) >= need
		}
		if reached {
			high = day
		} else {
			low = day + 1
		}
	}
	return low, true
}

// RestrictedMean is the expected number of days, of the next h, on which the item is still
// open at the start: the mean of min(days to payment, h).
func (c *Curve) RestrictedMean(h int32) float64 {
	sum := 0.0
	for d := range h {
		sum += exp(-c.Hazard(d))
	}
	return sum
}
