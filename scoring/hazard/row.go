package hazard

import "math"

// Column describes one value of a Row. Toward says what is known beforehand of its effect on the
// hazard, whatever the data: +1 a higher value never slows payment, -1 it never speeds it
// up, 0 nothing.
type Column struct {
	Name   string
	Family Family
	Toward int8
}

// RowColumns is the number of values of a Row.
const RowColumns = itemNumbers + itemValues + periodNumbers + periodValues

// Values of a landmark that the linear model takes in levels, as they are.
const (
	valueTerms = itemNumbers + iota
	valueUtilization
	valueDisputed
	valueBroken
	valueHistory
	valueContact
	valueDueDay
	itemEnd
	itemValues = itemEnd - itemNumbers
)

// Values of an interval that the linear model takes in levels, as they are.
const (
	valueAge = itemEnd + periodNumbers + iota
	valueInterval
	valuePromise
	valueDays
	periodEnd
	periodValues = periodEnd - itemEnd - periodNumbers
)

// Columns describes the values of a Row in their order. Age has no direction: the exposure
// already falls with it as the pooled hazard does, and against that the items of a slow customer are
// not so slow when old.
func Columns() [RowColumns]Column {
	var out [RowColumns]Column
	for i, t := range itemNumeric {
		out[i] = Column{Name: t.name, Family: t.family}
	}
	for i, t := range periodNumeric {
		out[itemEnd+i] = Column{Name: t.name, Family: t.family}
	}
	out[valueTerms] = Column{Name: "terms", Family: CreditTerms}
	out[valueUtilization] = Column{"utilization", Exposure, -1}
	out[valueDisputed] = Column{"disputed", Disputes, -1}
	out[valueBroken] = Column{"promise_broken", Promises, -1}
	out[valueHistory] = Column{Name: "history", Family: Newness}
	out[valueContact] = Column{Name: "contact", Family: Contact}
	out[valueDueDay] = Column{Name: "due_weekday", Family: CalendarDays}
	out[valueAge] = Column{Name: "age", Family: Ageing}
	out[valueInterval] = Column{Name: "interval", Family: Ageing}
	out[valuePromise] = Column{Name: "promise", Family: Promises}
	out[valueDays] = Column{Name: "days", Family: CalendarDays}
	out[numFrailty].Toward = +1
	out[numLateMean].Toward = -1
	out[numLateShare].Toward = -1
	out[numOverdue].Toward = -1
	out[numKept].Toward = +1
	out[itemEnd+numMonthEndHabit].Toward = +1
	out[itemEnd+numHabit].Toward = +1
	out[itemEnd+numOwnCurve].Toward = +1
	return out
}

// Row is one person-period as numbers, for models other than the linear one: the hazard of
// payment in it is Exposure*exp(eta), eta being what such a model says of Values.
type Row struct {
	Values   [RowColumns]float64 // NaN is missing
	Exposure float64             // expected payments by the pooled life table
	Interval int                 // index into Grid
	Begin    int32               // days past due on the first day
	Last     int32               // the last day
	LogRate  float64             // log pooled hazard per business day

	// Only of rows of a Book.
	Paid   bool
	Weight float64
}

// Hazard is Exposure*exp(eta), with eta limited as in the linear model.
func (r *Row) Hazard(eta float64) float64 {
	return float64(r.Exposure * exp(clamp(eta, minPredictor, maxPredictor)))
}

// Likelihood is the log likelihood of a row with hazard h and minus its derivatives by the
// logarithm of h in the sense of an ascent: slope is the first derivative, bend minus the
// second, never negative.
func Likelihood(h float64, paid bool) (logLik, slope, bend float64) { return likelihood(h, paid) }

// Chance is 1-exp(-h), the probability of payment under a cumulative hazard.
func Chance(h float64) float64 { return -expm1(-h) }

// Walk goes through the person-periods of one landmark.
type Walk struct {
	r     rowWalker
	begin walker
}

// Walk starts at l, to go through all its intervals in full. row is set up for Next.
func (p *Pooled) Walk(l *Landmark, cal *Calendar, row *Row) Walk {
	var w Walk
	var f features
	past := l.past()
	z := p.frailty(past)
	p.features(l, z, &f)
	w.r.start(p, cal, l, z)
	w.r.follow, w.r.end = Grid[Intervals-1], Grid[Intervals-1]
	w.begin = w.r.walker
	row.item(&f, l, past)
	return w
}

// Next fills row with the next interval; false after the last.
func (w *Walk) Next(row *Row) bool {
	row.Begin = w.r.day + 1 - w.r.due
	if !w.r.row() {
		return false
	}
	row.period(&w.r)
	return true
}

// Curve is the curve of the landmark with the given cumulative hazards at the ends of Grid.
func (w *Walk) Curve(cum *[Intervals]float64) Curve { return Curve{Cum: *cum, walk: w.begin} }

// item fills in the values of a landmark. An average that the linear model replaces by the pooled one
// where there is nothing to average is missing.
func (r *Row) item(f *features, l *Landmark, past *Past) {
	copy(r.Values[:], f.num[:])
	v := r.Values[:]
	v[valueTerms] = clamp(float64(l.Due)-float64(l.Issue), -farthest, farthest)
	v[valueUtilization] = given(past.Utilization)
	v[valueDisputed] = float64(f.level[groupDisputed])
	v[valueBroken] = float64(f.level[groupBroken])
	v[valueHistory] = float64(f.level[groupHistory])
	v[valueContact] = float64(past.SinceContact)
	v[valueDueDay] = float64(f.level[groupDueDay])
	if past.SinceContact < 0 {
		v[valueContact] = math.NaN()
	}
	if !(past.LateWeight > 0) {
		v[numLateMean], v[numLateShare] = math.NaN(), math.NaN()
	}
	if past.Kept+past.Broken == 0 {
		v[numKept] = math.NaN()
	}
}

// period fills in the values of the interval that w is in; Begin is set before.
func (r *Row) period(w *rowWalker) {
	copy(r.Values[itemEnd:], w.num[:])
	r.Interval = w.index - 1
	r.Exposure = w.exposure
	r.Last = w.day
	r.LogRate = ln(w.exposure / w.days)
	r.Paid = w.paid
	v := r.Values[:]
	v[valueAge] = float64(r.Begin)
	v[valueInterval] = float64(r.Interval)
	v[valuePromise] = float64(w.level[groupPromise])
	v[valueDays] = w.days
}

// Headline is the value that stands for a family in a Reason about l.
func Headline(f Family, l *Landmark) float64 { return headline(f, l, l.past()) }

// AheadIntervals is the number of intervals that make up the next 30 days, over which
// reasons are given, and AheadShare the part of them that interval j is.
const AheadIntervals = aheadIntervals

// AheadShare is the part of the next 30 days that interval j < AheadIntervals is.
func AheadShare(j int) float64 {
	return float64(Grid[j]-start(j)) / float64(Grid[aheadIntervals-1])
}

// Outcome tells whether l is paid within h days; ok is false where that is not known by the
// cut, or the item ended otherwise before.
func (l *Landmark) Outcome(cut, h int32) (paid, ok bool) {
	paid = l.Paid && l.Follow <= h
	return paid, int64(l.Date)+int64(h) <= int64(cut) && (paid || l.Follow >= h)
}
