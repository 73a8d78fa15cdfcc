package hazard

// Intervals is the number of intervals of the follow-up grid.
const Intervals = 10

// Grid holds the ends of the follow-up intervals, in days after the landmark: (0,3], (3,7] ...
var Grid = [Intervals]int32{3, 7, 14, 21, 30, 45, 60, 90, 120, 180}

// fewDays stands for the business days of an interval that has none, so that a payment on a
// holiday has a probability.
const fewDays = 0.05

// period is one interval of a landmark as numbers.
type period struct {
	days     float64 // business days, at least fewDays
	exposure float64 // the same, each times the pooled hazard at that age: the expected payments
	num      [periodNumbers]float64
	level    [periodGroups]uint8
}

// walker goes through the days after a landmark once, interval by interval.
type walker struct {
	pooled *Pooled
	cal    *Calendar
	past   *Past
	z      float64           // the customer's frailty
	rates  *[AgeBins]float64 // pooled, of the due date's weekday
	habit  habit
	carried
	date int32 // of the landmark
	due  int32

	day      int32 // the last day passed
	bin      int   // age bin of the next day
	business int32
	monthEnd int32
	held     [Runs]int32 // runs up to day
	passed   weekdaysPassed
}

// farthest limits the days between a landmark and its due date, so that sums of days never overflow.
const farthest = 1 << 20

// start puts the walker at the landmark's date.
func (w *walker) start(p *Pooled, cal *Calendar, l *Landmark, z float64) {
	w.pooled, w.cal, w.past = p, cal, l.past()
	w.z, w.logZ = z, ln(z)
	w.date, w.promise = l.Date, l.PromiseDue
	w.due = farDue(l)
	w.begin = w.date + 1 - w.due
	w.rates = &p.RatesDue[weekday(w.due)]
	w.habit = p.habit(w.past)
	w.monthEnds = shrunk(float64(w.past.PayMonthEnd), w.past.LateWeight, p.MonthEnd, habitStrength) - p.MonthEnd
	if cal == nil || cal.Runs == nil {
		w.habit.flatten()
	}
	w.seek(0)
}

// farDays is the distance of an interval in which the terms of distant intervals count once.
const farDays = 30

// farDue is the due date within farthest days of the landmark.
func farDue(l *Landmark) int32 {
	return int32(clampInt(int64(l.Due), int64(l.Date)-farthest, int64(l.Date)+farthest))
}

// seek puts the walker behind the day that is `after` days after the landmark.
func (w *walker) seek(after int32) {
	w.day = w.date + after
	w.bin = AgeBin(w.day + 1 - w.due)
	w.business, w.monthEnd = w.cal.business(w.day), w.cal.monthEnd(w.day)
	w.passed = w.habit.upTo(w.day)
	for i := range w.habit.runs {
		w.held[i] = w.cal.Runs.upTo(w.habit.slot[i], w.day)
	}
}

// segment advances to day `to` or to the end of the age bin, whichever comes first, and
// returns the bin, the business days passed, and the same times the customer's inclination to pay on them.
func (w *walker) segment(to int32) (bin int, days int32, inclined float64) {
	bin = w.bin
	if bin < AgeBins-1 {
		if last := w.due + ageEdges[bin] - 1; last <= to {
			to = last
			w.bin++
		}
	}
	before, at := w.business, w.passed
	w.day, w.business, w.passed = to, w.cal.business(to), w.habit.upTo(to)
	days = w.business - before
	inclined = float64(float64(days) * w.habit.between(at, w.passed))
	for i := range w.habit.runs {
		now := w.cal.Runs.upTo(w.habit.slot[i], to)
		inclined += float64(float64(now-w.held[i]) * w.habit.gain[i])
		w.held[i] = now
	}
	return bin, days, inclined
}

// pass advances to day `to` and returns the business days passed, the same times the
// pooled hazard at their age, that times the customer's departure from it, and that times the customer's
// inclination to pay on those days.
func (w *walker) pass(to int32) (days int32, pooled, own, habit float64) {
	for w.day < to {
		bin, n, inclined := w.segment(to)
		rate := w.rates[bin]
		pooled += float64(float64(n) * rate)
		if w.pooled.OwnCurve {
			rate *= w.departure(bin)
		}
		days += n
		own += float64(float64(n) * rate)
		habit += float64(inclined * rate)
	}
	return days, pooled, own, habit
}

// spread advances to day `to` and returns the weight that the days passed have within
// their interval: business days times hazard at their age, pooled and own, times the
// customer's inclination to pay on those days.
func (w *walker) spread(to int32) float64 {
	_, _, _, habit := w.pass(to)
	return habit
}

// departure is the customer's own hazard in an age bin over what the pooled
// hazard and the customer's frailty say, as a gamma posterior mean.
func (w *walker) departure(bin int) float64 {
	expected := float64(float64(float64(w.past.Exposed[bin])*w.pooled.Rates[bin]) * w.z)
	return (ownStrength + float64(w.past.PaidAt[bin])) / (ownStrength + expected)
}

// next fills p with interval j up to `stop` days after the landmark, which is its end or,
// where the follow-up was cut, an earlier day.
func (w *walker) next(j int, stop int32, p *period) {
	var s stretch
	p.days = w.stretch(stop, &s)
	p.terms(j, &s, &w.carried)
}

// stretch fills s with the days up to `stop` days after the landmark, and returns the business days.
func (w *walker) stretch(stop int32, s *stretch) (days float64) {
	first := w.bin
	n, pooled, own, habit := w.pass(w.date + stop)
	ends := w.cal.monthEnd(w.day)
	if n == 0 {
		*s = stretch{exposure: fewDays * w.rates[first]}
		days = fewDays
	} else {
		days = float64(n)
		*s = stretch{pooled, min(float64(ends-w.monthEnd)/days, 1), ln(habit / own), ln(own / pooled)}
	}
	w.monthEnd = ends
	return days
}

// lateHabit is the days past due from which an item is paid outside the customer's routine, or is not.
const lateHabit = 30

// habit is a customer's inclination to pay on a day, over that on an even day. Outside of runs it goes
// by the weekday: week[d] is the sum over the days from Monday to before weekday d. On the day
// of run i, gain[i] comes on top.
type habit struct {
	week [8]float64
	runs int
	slot [Runs]uint8
	gain [Runs]float64
}

// leastOutside is the share of payments that is left for days without a run, whatever the record.
const leastOutside = .03

// habit shrinks the customer's share of payments by weekday towards the pooled shares.
func (p *Pooled) habit(past *Past) (h habit) {
	r := &past.Rhythm
	weight := float64(r.Days)
	outside := 1.0
	for i := range r.Runs {
		if share := float64(r.Runs[i].Share); share > 0 {
			h.slot[h.runs], h.gain[h.runs] = r.Runs[i].Slot, share/runChance
			h.runs++
			outside -= share
		}
	}
	outside = max(outside, leastOutside)
	for d := range 7 {
		h.week[d+1] = h.week[d]
		if d < len(p.Weekday) {
			h.week[d+1] += outside * (float64(5*float64(r.Weekday[d])*weight) + float64(p.Weekday[d]*habitStrength)) / (weight + habitStrength)
		}
	}
	return h
}

// flatten spreads the runs evenly, for want of a calendar of them.
func (h *habit) flatten() {
	if h.runs == 0 {
		return
	}
	for d, x := range h.week {
		h.week[d] = x / h.week[7] * 5
	}
	h.runs = 0
}

// weekdaysPassed counts the days from Monday to Friday up to a day, and sums the inclination over them.
type weekdaysPassed struct {
	days     int64
	inclined float64 // of the days since Monday
	weeks    int64
}

// upTo is what has passed by the end of a day.
func (h *habit) upTo(day int32) weekdaysPassed {
	w, d := week(day)
	return weekdaysPassed{5*w + int64(min(d+1, 5)), h.week[d+1], w}
}

// between is the mean inclination outside of runs over the weekdays from Monday to Friday after one day and up
// to another, that of an even day if there are none.
func (h *habit) between(from, to weekdaysPassed) float64 {
	days := to.days - from.days
	if days == 0 {
		return h.week[7] / 5
	}
	return (float64(float64(to.weeks-from.weeks)*h.week[7]) + to.inclined - from.inclined) / float64(days)
}

// promiseLevel tells where a promise that falls due in so many days stands to interval j.
func promiseLevel(due int32, j int) uint8 {
	start := int32(0)
	if j > 0 {
		start = Grid[j-1]
	}
	switch {
	case due < 0:
		return 0
	case due > Grid[j]:
		return 1
	case due > start || j == 0:
		return 2
	}
	return 3
}
