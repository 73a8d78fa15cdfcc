package hazard

import (
	"math"
	"math/rand/v2"
	"testing"
)

// payer pays at random times; with the chance q a payment is a part, which leaves between none and all of what is open.
type payer struct {
	record PartRecord
	q      float64
}

// window plays an item whose event, a payment of all that is open, has the given hazard over the window.
func (p payer) window(random *rand.Rand, hazard float64) PartWindow {
	w := PartWindow{Record: p.record, Hazard: hazard}
	open := 1.0
	for at := random.ExpFloat64() * (1 - p.q); at <= hazard; at += random.ExpFloat64() * (1 - p.q) {
		if random.Float64() >= p.q {
			return PartWindow{p.record, hazard, true, 1}
		}
		open *= random.Float64()
		if open <= .05 {
			return PartWindow{p.record, hazard, true, 1 - open}
		}
	}
	w.Came = 1 - open
	return w
}

// Of random payers of which parts leave a half open on average, a unit comes in at (1-q/2)/(1-q) times the hazard
// of being paid up, however likely that is: the factor is the same from hazards of .05 and of 2, where the share that came over the
// share of items paid is not. Several parts may come to 95 % before all is paid, so that with many parts it is somewhat less.
func TestThePartPaymentFactorIsThatOfAUnitsHazard(t *testing.T) {
	for _, q := range []float64{0, .1, .2, .4} {
		want, least := (1-q/2)/(1-q), -.02-q*q/2
		ratios := []float64{}
		for _, hazard := range []float64{.05, .3, 1, 2} {
			random := rand.New(rand.NewPCG(1, uint64(100*q)))
			windows := make([]PartWindow, 200_000)
			for i := range windows {
				windows[i] = payer{PartOften, q}.window(random, 2*hazard*random.Float64())
			}
			p := LearnPartPayments(windows, 100)
			if got := p.Of(&Past{Parted: 1, Settled: 9}); got-want < least || got-want > .02 || p.Default {
				t.Errorf("q %v, hazards around %v: factor %.4f, want %.4f", q, hazard, got, want)
			}
			ratios = append(ratios, p.All.Came/float64(p.All.Paid))
		}
		if fall := (ratios[0] - ratios[3]) / (want - 1); q > 0 && fall < .5 {
			t.Errorf("q %v: shares that came over items paid are %.3f, which hardly depends on the hazard", q, ratios)
		}
	}
}

// A model that expects half as many payments, or twice as many, has the same factor.
func TestAnErrorOfTheModelsLevelIsNotTakenForPartPayments(t *testing.T) {
	for _, level := range []float64{.5, 2} {
		random := rand.New(rand.NewPCG(2, 2))
		windows := make([]PartWindow, 100_000)
		for i := range windows {
			windows[i] = payer{PartRarely, .2}.window(random, random.Float64())
			windows[i].Hazard *= level
		}
		if got := LearnPartPayments(windows, 100).Records[PartRarely].Factor; math.Abs(got-1.125) > .02 {
			t.Errorf("hazards %v times the true ones: factor %.4f, want 1.125", level, got)
		}
	}
}

// root finds where a falling function passes zero, by halving.
func root(f func(x float64) float64) float64 {
	low, high := 0.0, 1e3
	for range 200 {
		if m := (low + high) / 2; f(m) > 0 {
			low = m
		} else {
			high = m
		}
	}
	return (low + high) / 2
}

func TestFactorsSolveTheirEquations(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	var windows []PartWindow
	for _, p := range []payer{{PartUnknown, .05}, {PartRarely, 0}, {PartSometimes, .08}, {PartOften, .2}} {
		for range 100 * (1 + int(p.record)) {
			windows = append(windows, p.window(random, random.ExpFloat64()))
		}
	}
	equation := func(record PartRecord, prior, scale float64, seen func(w *PartWindow) float64) float64 {
		return root(func(x float64) float64 {
			sum := 50 * (prior - x)
			for i := range windows {
				if w := &windows[i]; record == partRecords || w.Record == record {
					sum += seen(w) - 1 + math.Exp(-x*scale*w.Hazard)
				}
			}
			return sum
		})
	}
	paid := func(w *PartWindow) float64 {
		if w.Paid {
			return 1
		}
		return 0
	}
	came := func(w *PartWindow) float64 { return w.Came }
	p := LearnPartPayments(windows, 100)
	level := equation(partRecords, 1, 1, paid)
	all := equation(partRecords, 1, level, came)
	if math.Abs(p.All.Factor-all) > 1e-9 {
		t.Errorf("all: %v, want %v", p.All.Factor, all)
	}
	for r := range partRecords {
		want := equation(r, all, equation(r, level, 1, paid), came)
		if math.Abs(p.Records[r].Factor-want) > 1e-9 {
			t.Errorf("%s: %v, want %v", r, p.Records[r].Factor, want)
		}
	}
	if p.Records[PartMostly].Factor != p.All.Factor || p.Records[PartMostly].Windows != 0 {
		t.Errorf("a record that nobody has: %+v, want the factor of all, %v", p.Records[PartMostly], p.All.Factor)
	}
}

func TestWithFewPaymentsEveryFactorIsOne(t *testing.T) {
	windows := make([]PartWindow, 99)
	for i := range windows {
		windows[i] = PartWindow{Record: PartOften, Hazard: .1, Paid: true, Came: 1}
	}
	p := LearnPartPayments(windows, 100)
	if !p.Default || p.Of(&Past{Parted: 50, Settled: 100}) != 1 || p.All.Paid != 99 {
		t.Errorf("%+v", p)
	}
	if p := (*PartPayments)(nil); p.Of(&Past{Parted: 50}) != 1 {
		t.Error("without factors there is one")
	}
	if p := LearnPartPayments(nil, 1); !p.Default || p.Of(nil) != 1 {
		t.Errorf("of nothing: %+v", p)
	}
}

func TestPartRecordGoesByTheShareOfPayments(t *testing.T) {
	for _, v := range []struct {
		parted, settled int32
		want            PartRecord
	}{
		{0, 0, PartUnknown}, {2, 2, PartUnknown}, {0, 5, PartRarely}, {4, 96, PartRarely}, {5, 95, PartSometimes}, {9, 91, PartSometimes},
		{10, 90, PartOften}, {29, 71, PartOften}, {30, 70, PartMostly}, {5, 0, PartMostly}, {math.MaxInt32, math.MaxInt32, PartMostly},
	} {
		if got := (&Past{Parted: v.parted, Settled: v.settled}).PartRecord(); got != v.want {
			t.Errorf("%d parts, %d settled: %s, want %s", v.parted, v.settled, got, v.want)
		}
	}
}

// Over any days, a unit of the amount has the item's hazard times the factor.
func TestCashComesInAtTheHazardTimesTheFactor(t *testing.T) {
	c := Curve{Cum: [Intervals]float64{.1, .2, .3, .4, .5, .6, .7, .8, .9, 1}}
	days := []int32{1, 7, 30, 100, 180, 200}
	cum, cash := make([]float64, len(days)), make([]float64, len(days))
	c.Hazards(days, cum)
	for _, part := range []float64{0, 1, 1.5} {
		c.Part = part
		c.Cash(days, cash)
		for i := range cash {
			if want := cum[i] * max(part, map[bool]float64{true: 1}[part == 0]); cash[i] != want {
				t.Errorf("part %v, day %d: %v, want %v", part, days[i], cash[i], want)
			}
		}
	}
}
