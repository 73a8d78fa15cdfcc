package hazard

// daysAhead is the days after a date of which Ahead and Prospect have tables: the follow-up.
const daysAhead = 180

// Ahead is the calendar after one date as tables by day, for the curves of many landmarks of that date: a curve is
// asked for some eighty days, and a division by seven and three look-ups for each took a quarter of scoring. It
// is read-only and may be shared.
type Ahead struct {
	cal  *Calendar
	date int32

	// Of day d after the date: what has passed by its end.
	business [daysAhead + 1]int32
	holidays [daysAhead + 1]int32   // Mondays to Fridays less business days
	weeks    [daysAhead + 1]float64 // begun after that of the date
	monthEnd [daysAhead + 1]int32
	runs     [RunSlots][daysAhead + 1]uint8
	weekday  [daysAhead + 1]uint8 // of the day itself, from 1 for Monday
}

// NewAhead makes the tables of a date.
func NewAhead(cal *Calendar, date int32) *Ahead {
	a := &Ahead{cal: cal, date: date}
	first, _ := week(date)
	for d := range int32(daysAhead + 1) {
		w, day := week(date + d)
		a.weeks[d], a.weekday[d] = float64(w-first), uint8(day+1)
		a.business[d] = cal.business(date+d) - cal.business(date)
		a.holidays[d] = weekdays(date+d) - weekdays(date) - a.business[d]
		a.monthEnd[d] = cal.monthEnd(date+d) - cal.monthEnd(date)
		if cal == nil || cal.Runs == nil {
			continue
		}
		for slot := range a.runs {
			a.runs[slot][d] = uint8(cal.Runs.upTo(uint8(slot), date+d) - cal.Runs.upTo(uint8(slot), date))
		}
	}
	return a
}

// Prospect is what the curves of a customer's items have in common, seen from one date: they are five or six to a
// customer, and most of what a model says of an item it says of the customer. Model.Prospect fills it. It serves one
// goroutine, and the curves made with it refer to it.
type Prospect struct {
	ahead  *Ahead
	pooled *Pooled
	past   *Past
	shared carried // by the periods of an item, but for what is the item's own

	even      float64                // inclination on an even day
	routine   [daysAhead + 1]float64 // sum of it over the Mondays to Fridays up to a day, outside of runs
	inclined  [daysAhead + 1]float64 // the same with runs
	departure [AgeBins]float64

	terms     features
	predictor float64           // of the linear model: what is not the item's own
	effect    [Families]float64 // likewise, see Reason
}

// Calendar is the one that p goes by.
func (p *Prospect) Calendar() *Calendar { return p.ahead.cal }

// Prospect fills into for a customer with a past, nil for one without history, seen from the date of ahead.
func (p *Pooled) Prospect(ahead *Ahead, past *Past, into *Prospect) {
	if past == nil {
		past = &nobody
	}
	into.ahead, into.pooled, into.past = ahead, p, past
	l := Landmark{Date: ahead.date, Due: ahead.date, Past: past}
	z := p.frailty(past)
	p.features(&l, z, &into.terms)
	var w walker
	w.start(p, ahead.cal, &l, z)
	into.shared = w.carried
	for b := range into.departure {
		if into.departure[b] = 1; p.OwnCurve {
			into.departure[b] = w.departure(b)
		}
	}
	h := &w.habit
	into.even = h.week[7] / 5
	start := h.week[ahead.weekday[0]&7]
	for d := range into.routine {
		into.routine[d] = float64(ahead.weeks[d]*h.week[7]) + (h.week[ahead.weekday[d]&7] - start)
	}
	into.inclined = into.routine
	for i := range h.runs {
		held := &ahead.runs[h.slot[i]]
		for d := range into.inclined {
			into.inclined[d] += float64(float64(held[d]) * h.gain[i])
		}
	}
}

// between is the customer's inclination to pay over the days after `from` and up to `to`: business days times
// the mean over weekdays, and runs.
func (p *Prospect) between(from, to int32) float64 {
	a := p.ahead
	sum := p.inclined[to] - p.inclined[from]
	off := a.holidays[to] - a.holidays[from]
	if off == 0 {
		return sum
	}
	routine, mean := p.routine[to]-p.routine[from], p.even
	days := a.business[to] - a.business[from]
	if all := days + off; all > 0 {
		mean = routine / float64(all)
	}
	return float64(float64(days)*mean) + (sum - routine)
}

// course is an item on its way through the ages after the date of a Prospect.
type course struct {
	of    *Prospect
	rates *[AgeBins]float64 // pooled, of the due date's weekday
	begin int32             // age on the first day after the date
}

// course is that of a landmark.
func (p *Prospect) course(l *Landmark) course {
	due := farDue(l)
	return course{of: p, rates: &p.pooled.RatesDue[weekday(due)], begin: l.Date + 1 - due}
}

// bin is the age bin on the day after `day`.
func (c *course) bin(day int32) int { return AgeBin(c.begin + day) }

// until is the last day of an age bin, or `to` where that comes first, and the bin after it.
func (c *course) until(to int32, bin int) (end int32, next int) {
	if bin < AgeBins-1 {
		if last := ageEdges[bin] - c.begin; last <= to {
			return last, bin + 1
		}
	}
	return to, bin
}

// weigh is the weight that the days after `from` and up to `to` have within their interval (walker.spread), and the
// age bin after them; bin is that of the first.
func (c *course) weigh(from, to int32, bin int) (sum float64, next int) {
	for from < to {
		end, next := c.until(to, bin)
		sum += float64(c.of.between(from, end) * float64(c.rates[bin]*c.of.departure[bin]))
		from, bin = end, next
	}
	return sum, bin
}

// stretch fills s with interval j, whose first day is in an age bin, and returns its business days and the
// bin after it (walker.stretch).
func (c *course) stretch(j, bin int, s *stretch) (days float64, next int) {
	p, a := c.of, c.of.ahead
	from, to, first := start(j), Grid[j], bin
	ends, n := a.monthEnd[to]-a.monthEnd[from], a.business[to]-a.business[from]
	var pooled, own, habit float64
	for from < to {
		end, next := c.until(to, bin)
		rate := c.rates[bin]
		passed := float64(a.business[end] - a.business[from])
		pooled += float64(passed * rate)
		rate *= p.departure[bin]
		own += float64(passed * rate)
		habit += float64(p.between(from, end) * rate)
		from, bin = end, next
	}
	if n == 0 {
		*s = stretch{exposure: fewDays * c.rates[first]}
		return fewDays, bin
	}
	days = float64(n)
	*s = stretch{pooled, min(float64(ends)/days, 1), ln(habit / own), ln(own / pooled)}
	return days, bin
}

// Alone is the curve with nothing left of the Prospect that it was made with, which can then serve another customer.
func (c *Curve) Alone() Curve {
	p := c.course.of
	if p == nil {
		return *c
	}
	out := Curve{Cum: c.Cum, Part: c.Part}
	l := Landmark{Date: p.ahead.date, Due: p.ahead.date + 1 - c.course.begin, Past: p.past}
	out.walk.start(p.pooled, p.ahead.cal, &l, p.pooled.frailty(p.past))
	return out
}

// hazards is Hazards of a curve that has a Prospect.
func (c *Curve) hazards(days []int32, cum []float64, at int) int {
	for j := 0; j < Intervals && at < len(days); j++ {
		end := Grid[j]
		if days[at] > end {
			continue
		}
		if days[at] == end { // alone in its interval, as weeks often are: nothing to walk
			cum[at] = c.Cum[j]
			at++
			continue
		}
		from, _ := c.at(j - 1)
		first, bin, all := at, c.course.bin(from), 0.0
		for at < len(days) && days[at] <= end {
			at++
		}
		asked, sums := days[first:at], cum[first:at]
		var passed float64
		if last, _ := c.course.until(end, bin); last == end { // the interval lies in one age bin, as most do
			p, rate := c.course.of, float64(c.course.rates[bin]*c.course.of.departure[bin])
			for k, day := range asked {
				all += float64(p.between(from, day) * rate)
				sums[k], from = all, day
			}
			passed = float64(p.between(from, end) * rate)
		} else {
			for k, day := range asked {
				passed, bin = c.course.weigh(from, day, bin)
				all += passed
				sums[k], from = all, day
			}
			passed, _ = c.course.weigh(from, end, bin)
		}
		c.share(j, all+passed, asked, sums)
	}
	return at
}
