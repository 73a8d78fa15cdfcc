package hazard

// Hazards fills cum[k] with the cumulative hazard of payment by days[k] days after the landmark.
// days must ascend; cum must be as long. It walks the calendar once for all of them, where Hazard
// walks to each day anew. The two agree at the ends of the intervals of Grid, and inside an interval
// but for how a holiday is weighed: Hazards adds up from one given day to the next, so that
// it never falls. It does not allocate.
func (c *Curve) Hazards(days []int32, cum []float64) {
	at := 0
	for ; at < len(days) && days[at] <= 0; at++ {
		cum[at] = 0
	}
	if c.course.of != nil {
		at = c.hazards(days, cum, at)
	}
	for j := 0; j < Intervals && at < len(days); j++ {
		if days[at] <= Grid[j] {
			at = c.within(j, days, cum, at)
		}
	}
	for ; at < len(days); at++ {
		cum[at] = c.beyond(days[at])
	}
}

// Cash fills cum[k] with the cumulative hazard of a unit of the item's amount: Hazards times the part-payment
// factor. The share of the amount that is expected to have come in by then is 1-exp(-cum[k]), part payments included.
func (c *Curve) Cash(days []int32, cum []float64) {
	c.Hazards(days, cum)
	if part := c.Factor(); part != 1 {
		for k := range days {
			cum[k] = float64(part * cum[k])
		}
	}
}

// Factor is the part-payment factor.
func (c *Curve) Factor() float64 {
	if c.Part == 0 {
		return 1
	}
	return c.Part
}

// within fills the days from place `at` on that lie in interval j, and is the place after them.
func (c *Curve) within(j int, days []int32, cum []float64, at int) int {
	start, _ := c.at(j - 1)
	end, first := Grid[j], at
	all := 0.0
	w := c.walk
	if w.pooled != nil {
		w.seek(start)
	}
	for ; at < len(days) && days[at] <= end; at++ {
		if w.pooled != nil {
			all += w.spread(w.date + days[at])
		}
		cum[at] = all
	}
	if w.pooled != nil {
		all += w.spread(w.date + end)
	}
	c.share(j, all, days[first:at], cum[first:at])
	return at
}

// share turns weights that days of interval j have passed into cumulative hazards; all is that of the whole interval.
func (c *Curve) share(j int, all float64, days []int32, cum []float64) {
	start, before := c.at(j - 1)
	end := Grid[j]
	if !(all > 0) {
		for k, d := range days {
			cum[k] = float64(d - start)
		}
		all = float64(end - start)
	}
	for k, d := range days {
		if d == end {
			cum[k] = c.Cum[j]
		} else {
			share := cum[k] / all
			if share > 1 {
				share = 1
			}
			cum[k] = before + float64((c.Cum[j]-before)*share)
		}
	}
}
