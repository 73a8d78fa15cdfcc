package rank

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// lasting is an effect that starts at once, never fades and always reaches somebody, and
// bare is money without time: under both the increment is the uplift exp(-Λ) - exp(-mΛ).
func lasting(m float64) Effect { return Effect{Multiplier: m, Decay: math.Inf(1), Reach: 1} }

func bare() *Money { return &Money{Horizon: 30, Tail: Tail{{0, 0}}} }

func daily(n int) []float64 {
	days := make([]float64, n)
	for j := range days {
		days[j] = float64(j + 1)
	}
	return days
}

func constant(days []float64, total float64) []float64 {
	cum := make([]float64, len(days))
	for j, d := range days {
		cum[j] = total * d / days[len(days)-1]
	}
	return cum
}

// literal is methods 3.1 word for word: hazards, survival, present values, and g by
// Riemann sums over each step.
func literal(days, cum []float64, pastDue int32, e Effect, m *Money) float64 {
	rate, h := m.Rate/365, days[len(days)-1]
	pv := func(alive func(j int) float64) float64 {
		var sum, before = 0.0, 1.0
		for j, t := range days {
			sum += math.Exp(-rate*t) * (before - alive(j))
			before = alive(j)
		}
		return sum + math.Exp(-rate*h)*before*m.Tail.At(pastDue+int32(h))
	}
	alive0 := func(j int) float64 { return math.Exp(-cum[j]) }
	alive := func(j int) float64 {
		var hazard, from, base float64
		for i := 0; i <= j; i++ {
			const parts = 2000
			for x := range parts {
				t := (from + (days[i]-from)*(float64(x)+.5)/parts) * 5 / 7
				g := 0.0
				if t >= e.Delay {
					g = math.Max(0, 1-(t-e.Delay)/e.Decay)
				}
				hazard += (cum[i] - base) / parts * (1 + (e.Multiplier-1)*g)
			}
			from, base = days[i], cum[i]
		}
		open := 1.0
		if days[j]*5/7 >= e.Promised {
			open -= e.Promise * (1 - alive0(len(days)-1))
		}
		return e.Reach*open*math.Exp(-hazard) + (1-e.Reach)*alive0(j)
	}
	return pv(alive) - pv(alive0)
}

func TestIncrementIsTheFormulaOfPresentValues(t *testing.T) {
	m := &Money{Rate: .08, Horizon: 42, Tail: DefaultTail()}
	days := []float64{3, 7, 14, 21, 30, 42}
	cum := []float64{.05, .2, .35, .4, .7, 1.1}
	for _, e := range []Effect{
		{Multiplier: 2, Decay: 8, Reach: .35},
		{Multiplier: 1.35, Delay: 3.3, Decay: 10, Reach: 1},
		{Multiplier: .5, Delay: 1, Decay: 20, Reach: .6},
	} {
		gain, _, _ := Increment(days, cum, 75, e, m)
		if want := literal(days, cum, 75, e, m); math.Abs(gain-want) > 1e-6 {
			t.Errorf("%+v: gain %.9f, by the formula %.9f", e, gain, want)
		}
	}
}

// Also where the effect has not started by the horizon, has faded long before, or fades on its day.
func TestStepsBeforeAndAfterTheEffectFollowTheFormula(t *testing.T) {
	m := &Money{Rate: .08, Horizon: 42, Tail: DefaultTail()}
	days := daily(42)
	cum := make([]float64, len(days))
	for j := range cum {
		cum[j] = .02*days[j] + .1*math.Sin(days[j]/5)
	}
	for _, e := range []Effect{
		{Multiplier: 1.8, Delay: 30, Decay: 60, Reach: 1},
		{Multiplier: 1.8, Delay: 29.5, Decay: 60, Reach: 1},
		{Multiplier: 2.2, Decay: 5, Reach: .4},
		{Multiplier: 2.2, Delay: 10, Decay: 20, Reach: .4},
		{Multiplier: .5, Delay: 4, Decay: 3, Reach: .9},
		{Multiplier: 3, Decay: math.Inf(1), Reach: 1},
		// A promise before, while and after the effect works, on the first day and beyond the horizon, and without any effect.
		{Multiplier: 1.8, Delay: 10, Decay: 5, Reach: 1, Promise: .24, Promised: 7},
		{Multiplier: 2, Decay: 8, Reach: .35, Promise: .24, Promised: 7},
		{Multiplier: 2, Decay: 5, Reach: .35, Promise: .24, Promised: 9},
		{Multiplier: 2, Decay: 60, Reach: .35, Promise: .24},
		{Multiplier: 2, Decay: 8, Reach: .35, Promise: .24, Promised: 40},
		{Multiplier: 1.8, Delay: 40, Decay: 5, Reach: 1, Promise: .5, Promised: 12},
		{Multiplier: 1, Decay: 8, Reach: .5, Promise: .5, Promised: 30},
	} {
		gain, _, _ := Increment(days, cum, 75, e, m)
		if want := literal(days, cum, 75, e, m); math.Abs(gain-want) > 1e-6 {
			t.Errorf("%+v: gain %.9f, by the formula %.9f", e, gain, want)
		}
	}
}

func TestStepThatTheHorizonCutsCountsInPart(t *testing.T) {
	m := &Money{Rate: .08, Horizon: 42}
	e := Effect{Multiplier: 2, Delay: 20, Decay: 30, Reach: 1}
	long, _, paid := Increment([]float64{30, 45, 60}, []float64{.3, .45, .9}, 0, e, m)
	short, _, want := Increment([]float64{30, 42}, []float64{.3, .42}, 0, e, m)
	if math.Abs(long-short) > 1e-12 || math.Abs(paid-want) > 1e-12 {
		t.Errorf("gain %v and paid %v on the long grid, %v and %v on the cut one", long, paid, short, want)
	}
}

// Where a curve is so steep that nothing is left before the step that the horizon cuts, nothing is left in it either.
func TestPresentValueOfASteepCurveIsANumber(t *testing.T) {
	k, err := NewKernel([]float64{7, 14, 21}, nil, Effect{Multiplier: 1}, Money{Horizon: 18})
	if err != nil {
		t.Fatal(err)
	}
	var on Curve
	on.Set([]float64{10, 800, 1500}, 0)
	if v := k.Present(&on); !(math.Abs(v-1) < 1e-12) {
		t.Errorf("present value %v, want 1", v)
	}
}

func TestUpliftIsLargestAtItsClosedForm(t *testing.T) {
	for _, c := range []struct{ m, p0 float64 }{{1.5, .56}, {2, .50}, {3, .42}, {8, .26}} {
		top := math.Log(c.m) / (c.m - 1)
		if got := 1 - math.Exp(-top); math.Abs(got-c.p0) > .005 {
			t.Fatalf("multiplier %v: P0 at the maximum is %.3f, published %.2f", c.m, got, c.p0)
		}
		at := func(total float64) float64 {
			gain, _, _ := Increment([]float64{30}, []float64{total}, 0, lasting(c.m), bare())
			return gain
		}
		last := 0.0
		for i := 1; i <= 200; i++ {
			x := top * float64(i) / 200
			if g := at(x); g <= last {
				t.Fatalf("multiplier %v: not rising at %v, below the maximum", c.m, x)
			} else {
				last = g
			}
		}
		for i := 1; i <= 200; i++ {
			x := top * (1 + float64(i)/20)
			if g := at(x); g >= last {
				t.Fatalf("multiplier %v: not falling at %v, above the maximum", c.m, x)
			} else {
				last = g
			}
		}
	}
}

func TestSurePayersAndHopelessCasesFall(t *testing.T) {
	days := daily(42)
	e, m := Effect{Multiplier: 2, Decay: 8, Reach: .35, Promise: .24, Promised: 7}, &Money{Rate: .08}
	middle, _, _ := Increment(days, constant(days, .7), 40, e, m)
	for _, total := range []float64{1e-6, 40} {
		if gain, _, _ := Increment(days, constant(days, total), 40, e, m); gain < 0 || gain > middle/100 {
			t.Errorf("hazard %v: gain %v, in the middle %v", total, gain, middle)
		}
	}
}

func TestPublishedExampleFiveToSevenPercentOfHundredIsTwo(t *testing.T) {
	e := lasting(math.Log(.93) / math.Log(.95))
	gain, paid0, paidK := Increment([]float64{30}, []float64{-math.Log(.95)}, 0, e, bare())
	if math.Abs(100*gain-2) > 1e-9 || math.Abs(paid0-.05) > 1e-12 || math.Abs(paidK-.07) > 1e-12 {
		t.Errorf("gain on 100 is %v, paid %v and %v", 100*gain, paid0, paidK)
	}
}

func drawEffect(t *rapid.T) Effect {
	return Effect{
		Multiplier: rapid.Float64Range(1.01, 10).Draw(t, "multiplier"),
		Delay:      rapid.Float64Range(0, 15).Draw(t, "delay"),
		Decay:      rapid.Float64Range(1, 60).Draw(t, "decay"),
		Reach:      rapid.Float64Range(.05, 1).Draw(t, "reach"),
		Promise:    rapid.Float64Range(0, 1).Draw(t, "promise"),
		Promised:   rapid.Float64Range(0, 30).Draw(t, "promised"),
	}
}

func TestHelpfulActionAddsSomethingAndNeverMoreThanTheAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days, e := daily(rapid.IntRange(1, 90).Draw(t, "days")), drawEffect(t)
		m := &Money{Rate: rapid.Float64Range(0, .3).Draw(t, "rate"), Horizon: int32(rapid.IntRange(1, 60).Draw(t, "horizon"))}
		cum, sum := make([]float64, len(days)), 0.0
		for j := range cum {
			sum += rapid.Float64Range(0, .5).Draw(t, "hazard")
			cum[j] = sum
		}
		gain, paid0, paidK := Increment(days, cum, int32(rapid.IntRange(-30, 800).Draw(t, "past due")), e, m)
		if !(gain >= 0 && gain <= 1 && paid0 >= 0 && paidK >= paid0 && paidK <= 1) {
			t.Fatalf("gain %v, paid %v and %v", gain, paid0, paidK)
		}
		e.Multiplier, e.Promise = 1, 0
		if gain, a, b := Increment(days, cum, 0, e, m); gain != 0 || a != b {
			t.Fatalf("multiplier 1 gains %v, paid %v and %v", gain, a, b)
		}
	})
}

func TestSelfCurerRanksBelowPersuadable(t *testing.T) {
	days, m := daily(42), &Money{Rate: .08}
	rapid.Check(t, func(t *rapid.T) {
		e, pastDue := drawEffect(t), int32(rapid.IntRange(0, 400).Draw(t, "past due"))
		self, p95, _ := Increment(days, constant(days, -math.Log(.05)), pastDue, e, m)
		half, p50, _ := Increment(days, constant(days, -math.Log(.5)), pastDue, e, m)
		if math.Abs(p95-.95) > 1e-9 || math.Abs(p50-.5) > 1e-9 || half <= self {
			t.Fatalf("%+v: P(pay) %.2f gains %v, %.2f gains %v", e, p95, self, p50, half)
		}
	})
}

func TestKernelIsSharedByItemsWithoutAllocating(t *testing.T) {
	days := daily(42)
	k, err := NewKernel(days, nil, Effect{Multiplier: 2, Decay: 8, Reach: .35}, Money{Rate: .08})
	if err != nil {
		t.Fatal(err)
	}
	cum := constant(days, .8)
	var on Curve
	if n := testing.AllocsPerRun(100, func() {
		on.Set(cum, 10)
		k.Increment(&on)
	}); n != 0 {
		t.Errorf("%v allocations per item", n)
	}
}

func TestBusinessDaysOfTheCalendarMoveTheEffect(t *testing.T) {
	days, e := []float64{3, 7}, Effect{Multiplier: 2, Delay: 1, Decay: 2, Reach: 1}
	cum := []float64{.1, .5}
	// A long weekend of three days: the effect starts a business day into the second step,
	// fades over two and so covers, with a mean of a half, two of its four business days.
	k, err := NewKernel(days, []float64{0, 4}, e, *bare())
	if err != nil {
		t.Fatal(err)
	}
	var on Curve
	on.Set(cum, 0)
	gain, _, _ := k.Increment(&on)
	if want := math.Exp(-.5) - math.Exp(-.5-.4*.25); math.Abs(gain-want) > 1e-12 {
		t.Errorf("gain %v, want %v", gain, want)
	}
}

func TestDampedEffectIsThatOfTheSmallerMultiplier(t *testing.T) {
	days := daily(42)
	var on Curve
	on.Set(constant(days, .8), 20)
	kernel := func(multiplier float64) *Kernel {
		k, err := NewKernel(days, nil, Effect{Multiplier: multiplier, Decay: 8, Reach: .35}, Money{Rate: .08})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	got, _, paid := kernel(3).Damped(&on, Strength{Boost: .25, Promise: 1, Reach: 1})
	want, _, wantPaid := kernel(1.5).Increment(&on)
	if math.Abs(got-want) > 1e-15 || math.Abs(paid-wantPaid) > 1e-15 {
		t.Errorf("a quarter of multiplier 3 gains %v, multiplier 1.5 %v", got, want)
	}
	if none, _, _ := kernel(3).Damped(&on, Strength{Promise: 1, Reach: 1}); none != 0 {
		t.Errorf("no share gains %v", none)
	}
}

// One step before the promised date and one after it, on a horizon of two days: of the half that would have paid by the
// horizon, .4 of those reached pay on the day.
func TestAPromiseIsKeptByThoseWhoCanPay(t *testing.T) {
	days, cum := []float64{1, 2}, []float64{.3, math.Ln2}
	e, m := Effect{Multiplier: 1, Decay: 1, Reach: .5, Promise: .4, Promised: 2}, &Money{Horizon: 2, Tail: Tail{{0, .25}}}
	k, err := NewKernel(days, days, e, *m)
	if err != nil {
		t.Fatal(err)
	}
	var on Curve
	on.Set(cum, 0)
	gain, paid0, paidK := k.Increment(&on)
	if more := .5 * .4 * .5 * .5; math.Abs(paid0-.5) > 1e-12 || math.Abs(paidK-.5-more) > 1e-12 || math.Abs(gain-.75*more) > 1e-12 {
		t.Errorf("gain %v, paid %v and %v, want %v more and %v of it", gain, paid0, paidK, more, .75)
	}
	if _, _, twice := k.Damped(&on, Strength{Boost: 1, Promise: 2, Reach: 1}); math.Abs(twice-.5-.5*.8*.5*.5) > 1e-12 {
		t.Errorf("twice the promise pays %v", twice)
	}
	if _, _, sure := k.Damped(&on, Strength{Boost: 1, Promise: 9, Reach: 2}); math.Abs(sure-.75) > 1e-12 {
		t.Errorf("a sure promise of everybody pays %v, want that of all who can", sure)
	}
}

func TestTailIsLinearBetweenItsPoints(t *testing.T) {
	for _, c := range []struct {
		age  int32
		want float64
	}{{-5, .95}, {0, .95}, {30, .90}, {60, .85}, {75, .785}, {365, .26}, {5000, .10}} {
		if got := DefaultTail().At(c.age); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("share at %d days: %v, want %v", c.age, got, c.want)
		}
	}
}

func TestKernelRefusesWhatMakesNoSense(t *testing.T) {
	good := lasting(2)
	for name, c := range map[string]struct {
		days, business []float64
		e              Effect
		m              Money
	}{
		"empty grid":         {nil, nil, good, Money{}},
		"falling grid":       {[]float64{3, 2}, nil, good, Money{}},
		"not a number":       {[]float64{math.NaN()}, nil, good, Money{}},
		"lengths":            {[]float64{1, 2}, []float64{1}, good, Money{}},
		"reach above 1":      {[]float64{1}, nil, Effect{Multiplier: 2, Reach: 1.1}, Money{}},
		"negative delay":     {[]float64{1}, nil, Effect{Multiplier: 2, Delay: -1}, Money{}},
		"multiplier":         {[]float64{1}, nil, Effect{Multiplier: math.NaN()}, Money{}},
		"tail out of order":  {[]float64{1}, nil, good, Money{Tail: Tail{{60, .5}, {30, .4}}}},
		"horizon below zero": {[]float64{1}, nil, good, Money{Horizon: -1}},
	} {
		if _, err := NewKernel(c.days, c.business, c.e, c.m); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if c.business == nil {
			if gain, _, _ := Increment(c.days, make([]float64, len(c.days)), 0, c.e, &c.m); !math.IsNaN(gain) {
				t.Errorf("%s: gain %v", name, gain)
			}
		}
	}
}

func BenchmarkIncrement(b *testing.B) {
	for _, grid := range []struct {
		name string
		days []float64
	}{{"steps=6", []float64{3, 7, 14, 21, 30, 42}}, {"steps=42", daily(42)}} {
		b.Run(grid.name, func(b *testing.B) {
			k, err := NewKernel(grid.days, nil, Effect{Multiplier: 2, Decay: 8, Reach: .35}, Money{Rate: .08})
			if err != nil {
				b.Fatal(err)
			}
			cum := constant(grid.days, .8)
			var on Curve
			on.Set(cum, 10)
			for b.Loop() {
				k.Increment(&on)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
		})
	}
}
