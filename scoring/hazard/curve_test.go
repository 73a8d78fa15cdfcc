package hazard

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// holidays is a calendar of Mondays to Fridays without every 13th day.
func holidays() *Calendar {
	c := &Calendar{First: monday - 400}
	business, ends := int32(0), int32(0)
	for d := c.First; d < monday+400; d++ {
		if weekday(d) < 5 && d%13 != 0 {
			business++
		}
		if d%30 >= 27 {
			ends++
		}
		c.Business, c.MonthEnd = append(c.Business, business), append(c.MonthEnd, ends)
	}
	return c
}

func TestPaidNeverFallsAndQuantilesInvertIt(t *testing.T) {
	m, cal := truth(), holidays()
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		l := someone(r)
		l.Date = monday - 300 + r.Int32N(600)
		l.Due += l.Date
		c := m.Curve(&l, cal)
		last := 0.0
		for day := int32(0); day <= 400; day++ {
			p := c.Paid(day)
			if p < last || p > 1 {
				rt.Fatalf("P(paid) is %v on day %d and %v the day before", p, day, last)
			}
			last = p
		}
		for j, end := range Grid {
			if c.Hazard(end) != c.Cum[j] {
				rt.Fatalf("hazard of %d days %v, want %v", end, c.Hazard(end), c.Cum[j])
			}
		}
		p := rapid.Float64Range(0, 1).Draw(rt, "p")
		day, ok := c.Quantile(p)
		want := int32(0)
		for want <= 180 && c.Hazard(want) < -math.Log1p(-p) {
			want++
		}
		if ok != (want <= 180) || ok && day != want {
			rt.Fatalf("quantile %v is day %d %v, want %d", p, day, ok, want)
		}
		h := rapid.Int32Range(0, 180).Draw(rt, "h")
		mean := 0.0 // sum of day * P(paid that day), the rest counting h
		for d := int32(1); d <= h; d++ {
			mean += float64(d) * (c.Paid(d) - c.Paid(d-1))
		}
		mean += float64(h) * (1 - c.Paid(h))
		if got := c.RestrictedMean(h); math.Abs(got-mean) > 1e-9 {
			rt.Fatalf("restricted mean %v, want %v", got, mean)
		}
	})
}

func TestHazardFallsOnBusinessDaysOnly(t *testing.T) {
	m, cal := truth(), holidays()
	l := Landmark{Date: monday, Issue: monday - 30, Due: monday - 5, Open: 500, PromiseDue: -1}
	c := m.Curve(&l, cal)
	for day := int32(1); day <= 180; day++ {
		grows := c.Hazard(day)-c.Hazard(day-1) > 1e-12
		if open := cal.Count(l.Date+day-1, l.Date+day) == 1; grows != open {
			t.Errorf("day %d: hazard grows %v, business day %v", day, grows, open)
		}
	}
}

func TestAWeekWithoutBusinessDaysCanStillBringAPayment(t *testing.T) {
	c := truth().Curve(&Landmark{Date: monday, Due: monday, Open: 1, PromiseDue: -1}, &Calendar{First: monday - 10, Business: make([]int32, 300)})
	last := 0.0
	for j, end := range Grid {
		if c.Cum[j] <= last {
			t.Errorf("no hazard up to day %d", end)
		}
		last = c.Cum[j]
	}
	if a, b := c.Hazard(1), c.Hazard(2); math.Abs(b-2*a) > 1e-15 {
		t.Errorf("hazards %v, %v of 1 and 2 days: want an even spread", a, b)
	}
}

func TestBeyondTheGridTheLastRateGoesOn(t *testing.T) {
	l := Landmark{Date: monday, Due: monday, Open: 1, PromiseDue: -1}
	c := truth().Curve(&l, nil)
	var cal *Calendar
	rate := (c.Cum[9] - c.Cum[8]) / float64(cal.Count(monday+120, monday+180))
	want := c.Cum[9] + rate*float64(cal.Count(monday+180, monday+300))
	if got := c.Hazard(300); math.Abs(got-want) > 1e-12 {
		t.Errorf("hazard of 300 days %v, want %v", got, want)
	}
	bare := Curve{Cum: [Intervals]float64{9: 60, 8: 0}}
	if bare.Hazard(240) != 120 || bare.Hazard(150) != 30 {
		t.Errorf("a bare curve has hazards %v and %v, want 120 and 30", bare.Hazard(240), bare.Hazard(150))
	}
}

func TestCurveEqualsTheSumOverDays(t *testing.T) {
	// One term for a level that all days share: the cumulative hazard at a grid end is the
	// sum over days of business x pooled rate at the age of the day, times exp(terms).
	m := truth()
	var cal *Calendar // every interval has a business day
	m.Terms = []Term{{Name: "disputed", Level: "yes", Coefficient: -.9, Scale: 1}}
	if err := m.compile(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		l := someone(r)
		l.Date = monday + r.Int32N(50)
		l.Due += l.Date
		c := m.Curve(&l, cal)
		factor := math.Exp(m.Intercept)
		if l.Disputed {
			factor = math.Exp(m.Intercept - .9)
		}
		sum := 0.0
		for day := int32(1); day <= 180; day++ {
			if cal.Count(l.Date+day-1, l.Date+day) == 1 {
				sum += factor * m.Pooled.RatesDue[weekday(l.Due)][AgeBin(l.Date+day-l.Due)]
			}
			if got := c.Hazard(day); math.Abs(got-sum) > 1e-9*(1+sum) {
				t.Fatalf("hazard of %d days %v, want %v", day, got, sum)
			}
		}
	}
}

func TestExtremeLandmarksGiveProbabilities(t *testing.T) {
	m := truth()
	for _, l := range []Landmark{
		{}, {Open: math.Inf(1)}, {Open: -1}, {Open: math.NaN()}, {Due: math.MaxInt32}, {Due: math.MinInt32}, {Issue: math.MinInt32},
		{Date: 1 << 28, Due: 1 << 28}, {Date: -1 << 28},
		{Open: 1, Past: &Past{Paid: 1e300, LateMean: math.Inf(1), LogMean: math.Inf(-1), Utilization: math.Inf(1), Bureau: math.Inf(1), Tenure: -5}},
		{Open: 1, Past: &Past{LateMean: math.NaN(), LogMean: math.NaN(), Utilization: math.NaN(), Bureau: math.NaN(), LateWeight: math.NaN()}},
	} {
		c := m.Curve(&l, holidays())
		for _, h := range []int32{0, 1, 30, 180, 500} {
			if p := c.Paid(h); !(p >= 0 && p <= 1) {
				t.Errorf("%+v: P(paid in %d days) = %v", l, h, p)
			}
		}
	}
}

func TestCalendarCountsEveryDayOnce(t *testing.T) {
	cal := holidays()
	var none *Calendar
	for from := cal.First - 30; from < cal.First+850; from += 3 {
		if got := cal.Count(from, from-1); got != 0 {
			t.Fatalf("%d business days backwards", got)
		}
		for _, step := range []int32{1, 6, 7, 100} {
			want, plain := int32(0), int32(0)
			for d := from + 1; d <= from+step; d++ {
				if weekday(d) < 5 {
					plain++
					if d%13 != 0 || d < cal.First || d >= cal.First+int32(len(cal.Business)) {
						want++
					}
				}
			}
			if got := cal.Count(from, from+step); got != want {
				t.Fatalf("(%d, %d]: %d business days, want %d", from, from+step, got, want)
			}
			if got := none.Count(from, from+step); got != plain {
				t.Fatalf("(%d, %d] without a table: %d, want %d", from, from+step, got, plain)
			}
		}
	}
	if weekday(0) != 3 || weekday(-1) != 2 || weekday(monday) != 0 {
		t.Error("1970-01-01 was a Thursday")
	}
}

func TestWeekdayHabitIsTheMeanOverTheDays(t *testing.T) {
	p := Pooled{Weekday: [5]float64{1, 1, 1, 1, 1}}
	h := p.habit(&Past{Rhythm: Rhythm{Weekday: [5]float32{0, 0, 0, 1, 0}, Days: 10}})
	inclined := [7]float64{.5, .5, .5, 3, .5} // half the weight is the customer's: Thursdays 5 times an even share
	for from := int32(monday); from < monday+9; from++ {
		for to := from + 1; to < from+20; to++ {
			sum, n := 0.0, 0.0
			for d := from + 1; d <= to; d++ {
				if weekday(d) < 5 {
					sum += inclined[weekday(d)]
					n++
				}
			}
			want := 1.0
			if n > 0 {
				want = sum / n
			}
			if got := h.between(h.upTo(from), h.upTo(to)); math.Abs(got-want) > 1e-12 {
				t.Fatalf("(%d, %d]: %v, want %v", from, to, got, want)
			}
		}
	}
}

func TestOwnCurveIsTheGammaMeanOfTheCustomersHazard(t *testing.T) {
	m := truth()
	m.Pooled.OwnCurve = true
	m.Terms = []Term{{Name: "own_curve", Coefficient: 1, Scale: 1}, {Name: "frailty", Coefficient: 1, Scale: 1}}
	if err := m.compile(); err != nil {
		t.Fatal(err)
	}
	p := &Past{Paid: 5, LateMean: 4}
	for b := range p.Exposed {
		p.Exposed[b], p.PaidAt[b] = float32(5+b), float32(b%3)
	}
	z := m.Pooled.frailty(p)
	l := Landmark{Date: monday, Issue: monday - 20, Due: monday + 10, Open: 1, PromiseDue: -1, Past: p}
	c := m.Curve(&l, nil)
	sum := 0.0
	for day := int32(1); day <= 180; day++ {
		if weekday(monday+day) < 5 {
			b := AgeBin(day - 10)
			rate := m.Pooled.Rates[b] * z
			sum += math.Exp(m.Intercept) * rate * (1 + float64(p.PaidAt[b])) / (1 + rate*float64(p.Exposed[b]))
		}
		if got := c.Hazard(day); math.Abs(got-sum) > 1e-9*(1+sum) {
			t.Fatalf("hazard of %d days %v, want %v", day, got, sum)
		}
	}
}
