package hazard

import "math"

// Intervals is the number of intervals of the follow-up grid.
const Intervals = 10

// Grid holds the ends of the follow-up intervals, in days after the landmark: (0,3], (3,7] ...
var Grid = [Intervals]int32{3, 7, 14, 21, 30, 45, 60, 90, 120, 180}

// fewDays stands for the business days of an interval that has none, so that a payment on a
// holiday has a probability.
const fewDays = 0.05

// shortIntervals is the number of intervals shorter than a week, in which a habit by weekday
// matters; longer ones hold nearly every weekday alike.
const shortIntervals = 2

// period is one interval of a landmark as numbers.
type period struct {
	days     float64 // business days, at least fewDays
	exposure float64 // the same, each times the pooled hazard at that age: the expected payments
	num      [periodNumbers]float64
	level    [periodGroups]uint8
}

// walker goes through the days after a landmark once, interval by interval.
type walker struct {
	pooled    *Pooled
	cal       *Calendar
	past      *Past
	z         float64           // the customer's frailty
	rates     *[AgeBins]float64 // pooled, of the due date's weekday
	habit     habit
	monthEnds float64 // the customer's share of payments at month end over the pooled share
	date      int32   // of the landmark
	due       int32
	promise   int32

	day      int32 // the last day passed
	bin      int   // age bin of the next day
	business int32
	monthEnd int32
}

// farthest limits the days between a landmark and its due date, so that sums of days never overflow.
const farthest = 1 << 20

// start puts the walker at the landmark's date.
func (w *walker) start(p *Pooled, cal *Calendar, l *Landmark, z float64) {
	w.pooled, w.cal, w.past, w.z = p, cal, l.past(), z
	w.date, w.promise = l.Date, l.PromiseDue
	w.due = farDue(l)
	w.rates = &p.RatesDue[weekday(w.due)]
	w.habit = p.habit(w.past)
	w.monthEnds = shrunk(float64(w.past.PayMonthEnd), w.past.LateWeight, p.MonthEnd, habitStrength) - p.MonthEnd
	w.seek(0)
}

// farDue is the due date within farthest days of the landmark.
func farDue(l *Landmark) int32 {
	return int32(clampInt(int64(l.Due), int64(l.Date)-farthest, int64(l.Date)+farthest))
}

// seek puts the walker behind the day that is `after` days after the landmark.
func (w *walker) seek(after int32) {
	w.day = w.date + after
	w.bin = AgeBin(w.day + 1 - w.due)
	w.business, w.monthEnd = w.cal.business(w.day), w.cal.monthEnd(w.day)
}

// segment advances to day `to` or to the end of the age bin, whichever comes first, and
// returns the bin and the business days passed.
func (w *walker) segment(to int32) (bin int, days int32) {
	bin = w.bin
	if bin < AgeBins-1 {
		if last := w.due + ageEdges[bin] - 1; last <= to {
			to = last
			w.bin++
		}
	}
	before := w.business
	w.day, w.business = to, w.cal.business(to)
	return bin, w.business - before
}

// pass advances to day `to` and returns the business days passed, the same times the
// pooled hazard at their age, and that times the customer's departure from it.
func (w *walker) pass(to int32) (days int32, pooled, own float64) {
	for w.day < to {
		bin, n := w.segment(to)
		e := float64(float64(n) * w.rates[bin])
		days += n
		pooled += e
		if w.pooled.OwnCurve {
			own += float64(e * w.departure(bin))
		}
	}
	return days, pooled, own
}

// spread advances to day `to` and returns the weight that the days passed have within
// their interval: business days times hazard at their age, pooled and own, times the
// customer's habit by weekday.
func (w *walker) spread(to int32) float64 {
	sum := 0.0
	for w.day < to {
		from := w.day
		bin, n := w.segment(to)
		e := float64(float64(n)*w.rates[bin]) * w.habit.between(from, w.day)
		if w.pooled.OwnCurve {
			e *= w.departure(bin)
		}
		sum += float64(e)
	}
	return sum
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
	from, first := w.day, w.bin
	n, pooled, sum := w.pass(w.date + stop)
	p.days, p.exposure = float64(n), pooled
	own, weekdays := 0.0, 0.0
	if n == 0 {
		p.days = fewDays
		p.exposure = fewDays * w.rates[first]
	} else if w.pooled.OwnCurve {
		own = math.Log(sum / pooled)
	}
	if j < shortIntervals {
		weekdays = math.Log(w.habit.between(from, w.day))
	}
	ends := w.cal.monthEnd(w.day)
	share := 0.0
	if n > 0 {
		share = min(float64(ends-w.monthEnd)/float64(n), 1)
	}
	w.monthEnd = ends
	p.num = [periodNumbers]float64{
		numMonthEnd:      share,
		numMonthEndHabit: float64(share * w.monthEnds),
		numWeekdayHabit:  weekdays,
		numOwnCurve:      own,
	}
	p.level = [periodGroups]uint8{
		groupAge:      uint8(first),
		groupInterval: uint8(j),
		groupPromise:  promiseLevel(w.promise, j),
	}
}

// habit is a customer's inclination to pay on each weekday over that on an even weekday,
// summed from Monday to Sunday: habit[d] is the sum over the days before weekday d.
type habit [8]float64

// habit shrinks the customer's share of payments by weekday towards the pooled shares.
func (p *Pooled) habit(past *Past) (h habit) {
	sum, weight := 0.0, past.LateWeight
	for _, x := range past.PayWeekday {
		sum += float64(x)
	}
	if !(sum > 0) || !(weight > 0) {
		weight = 0
	}
	for d := range 7 {
		h[d+1] = h[d]
		if d < len(p.Weekday) {
			h[d+1] += (float64(5*float64(past.PayWeekday[d])*weight) + float64(p.Weekday[d]*habitStrength)) / (weight + habitStrength)
		}
	}
	return h
}

// between is the mean inclination over the weekdays from Monday to Friday in (from, to], 1
// if there are none.
func (h *habit) between(from, to int32) float64 {
	w0, d0 := week(from)
	w1, d1 := week(to)
	days := float64(5*(w1-w0)) + float64(min(d1+1, 5)-min(d0+1, 5))
	if days == 0 {
		return 1
	}
	return (float64(float64(w1-w0)*h[7]) + h[d1+1] - h[d0+1]) / days
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
