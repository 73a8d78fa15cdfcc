package pipeline

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

func TestStabilityIndexOfTwoBinsByHand(t *testing.T) {
	then, now := make([]float64, 100), make([]float64, 100)
	for i := range 100 {
		if i >= 50 {
			then[i] = 1
		}
		if i >= 20 {
			now[i] = 1
		}
	}
	s := stabilityIndex(then, now, 1e9, 1e9)
	p, q := 50.5/101, 20.5/101
	want := (q-p)*math.Log(q/p) + (p-q)*math.Log((1-q)/(1-p))
	if s.Bins != 2 || math.Abs(s.PSI-want) > 1e-12 || !s.Alarm || math.Abs(s.Common-(20.5+50.5)/101) > 1e-12 {
		t.Errorf("%+v, want PSI %v", s, want)
	}
}

// Two samples of 200 from one distribution pass ten per cent more often than one in a hundred times; the
// limit that knows their size is passed about as often as it says, and a real shift is seen.
func TestStabilityLimitKnowsTheSizeOfTheSample(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	draw := func(n int, shift float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = random.NormFloat64() + shift
		}
		return out
	}
	const rounds = 1000
	alarms, naive := 0, 0
	for range rounds {
		s := stabilityIndex(draw(200, 0), draw(200, 0), 200, 200)
		if s.Alarm {
			alarms++
		}
		if s.PSI > .10 {
			naive++
		}
	}
	if alarms > 3*rounds/100 || naive < 10*alarms {
		t.Errorf("%d alarms without a change, %d by the limit .10", alarms, naive)
	}
	if s := stabilityIndex(draw(200, 0), draw(200, 1), 200, 200); !s.Alarm {
		t.Errorf("a shift by a standard deviation: %+v", s)
	}
	if s := stabilityIndex([]float64{math.NaN(), math.NaN()}, []float64{math.NaN()}, 2, 1); s.Alarm || s.PSI != 0 {
		t.Errorf("nothing known: %+v", s)
	}
}

func TestASlowdownShowsInTheDrift(t *testing.T) {
	calm := runIn(t, generatedExports(t, fixtures.Options{Customers: 120, Seed: 9}), "2026-02-28", t.TempDir())
	slow := runIn(t, generatedExports(t, fixtures.Options{Customers: 120, Seed: 9, Slowdown: 4, SlowdownDays: 45}), "2026-02-28", t.TempDir())
	a, b := calm.night.drift, slow.night.drift
	if len(a.Features) != len(driftFeatures) || len(a.Calibration) < 4 || a.Calibration[0].By != "all" {
		t.Fatalf("%+v", a)
	}
	items := 0
	for _, c := range a.Calibration {
		if c.By == "bucket" {
			items += c.Items
		}
	}
	if items != a.Calibration[0].Items {
		t.Errorf("%d items in buckets, %d in all", items, a.Calibration[0].Items)
	}
	if a.Calibration[0].Alarm || b.Calibration[0].Ratio > .85*a.Calibration[0].Ratio {
		t.Errorf("observed over expected %.3f in calm, %.3f in a slowdown", a.Calibration[0].Ratio, b.Calibration[0].Ratio)
	}
}

// Of all open items in the order of their customers every step-th, with what their customers have in common.
func TestTheOpenSampleIsEvenOverAllCustomers(t *testing.T) {
	cfg, err := config.Load(generatedExports(t, fixtures.Options{Customers: 400, Seed: 8}))
	if err != nil {
		t.Fatal(err)
	}
	n, err := newNight(cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	for _, do := range []func(context.Context) error{func(context.Context) error { return n.open() }, n.read, n.rebuild} {
		if err := do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var all []hazard.Landmark
	with := 0
	for _, c := range decoded(t, n) {
		if c.OpenItems > 0 {
			with++
		}
		for k := range c.Items {
			if c.Items[k].Open > 0 {
				all = append(all, c.Items[k].AsLandmark())
			}
		}
	}
	for _, most := range []int{7, 100, len(all) / 2, len(all) + 1} {
		sample, customers, err := n.openSample(most)
		if err != nil {
			t.Fatal(err)
		}
		step := len(all)/most + 1
		if customers != with || len(sample) != (len(all)+step-1)/step {
			t.Fatalf("of at most %d: %d items of %d customers, want %d of %d", most, len(sample), customers, (len(all)+step-1)/step, with)
		}
		for i, got := range sample {
			a, b := *got, all[i*step]
			if past := fmt.Sprintf("%+v", *b.Past); fmt.Sprintf("%+v", *a.Past) != past {
				t.Fatalf("item %d of at most %d: its customer is %+v, want %s", i, most, *a.Past, past)
			}
			if a.Past, b.Past = nil, nil; a != b {
				t.Fatalf("item %d of at most %d is %+v, want %+v", i, most, a, b)
			}
		}
	}
}

func TestMonthsPastDueAreTheAgingBuckets(t *testing.T) {
	for days, want := range map[int32]scoring.Bucket{-400: scoring.NotDue, 0: scoring.NotDue, 1: scoring.Days1To30, 30: scoring.Days1To30, 31: scoring.Days31To60,
		60: scoring.Days31To60, 61: scoring.Days61To90, 90: scoring.Days61To90, 91: scoring.Days91To120, 120: scoring.Days91To120, 121: scoring.Over120, 9999: scoring.Over120} {
		if got := monthsPastDue(days); got != int(want) {
			t.Errorf("%d days: %d, want %d", days, got, want)
		}
	}
}

// The forecast adds up: over 13 weeks it expects what the items' curves do, and its interval is that of
// simulated customers whose items share a frailty.
func TestForecastIsThatOfSimulatedCustomers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const customers, shape = 400, 2
	sums := newCashBook()
	currency, err := scoring.ParseCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	type item struct{ amount, early, late float64 } // hazards up to week 2 and 3
	var book [][]item
	for range customers {
		c := &customer{}
		var items []item
		for range 5 {
			it := item{amount: 1000 * math.Exp(random.NormFloat64()), early: .3 * random.Float64()}
			it.late = it.early + .3*random.Float64()
			c.Items = append(c.Items, scoring.Item{Open: int64(it.amount), Currency: currency})
			var curve hazard.Curve
			for j := range curve.Cum {
				day := float64(hazard.Grid[j])
				curve.Cum[j] = it.early * min(day, 14) / 14
				if day > 14 {
					curve.Cum[j] += (it.late - it.early) * min(day-14, 7) / 7
				}
			}
			c.curves = append(c.curves, curve)
			items = append(items, it)
		}
		sums.add(c, func(*hazard.Past) float64 { return shape }, currency)
		book = append(book, items)
	}
	var total []float64
	for range 2000 {
		cash := 0.0
		for _, items := range book {
			z := (random.ExpFloat64() + random.ExpFloat64()) / shape // gamma of shape 2, mean 1
			for _, it := range items {
				p := math.Exp(-z*it.early) - math.Exp(-z*it.late)
				if random.Float64() < p {
					cash += it.amount
				}
			}
		}
		total = append(total, cash)
	}
	mean, variance := 0.0, 0.0
	for _, x := range total {
		mean += x / float64(len(total))
	}
	for _, x := range total {
		variance += (x - mean) * (x - mean) / float64(len(total)-1)
	}
	got := sums.own[currency][2] // days 15 to 21
	if ratio := math.Sqrt(got[1] / variance); ratio < .93 || ratio > 1.07 {
		t.Errorf("standard deviation %.0f, simulated %.0f", math.Sqrt(got[1]), math.Sqrt(variance))
	}
	if ratio := got[0] / mean; ratio < .97 || ratio > 1.1 { // the frailty of mean 1 lowers the marginal probability a little
		t.Errorf("expected %.0f, simulated %.0f", got[0], mean)
	}
}

func TestForecastTableHasThirteenWeeksOfEveryCurrency(t *testing.T) {
	r := runIn(t, generatedExports(t, fixtures.Options{Customers: 60, Seed: 4, Multi: true}), "2026-02-28", t.TempDir())
	f, err := table.ReadColumns(r.Folder+"/cash_forecast.parquet", "week_start", "currency", "expected", "low", "high")
	if err != nil {
		t.Fatal(err)
	}
	weeks := map[string]int{}
	for i := range f.Len() {
		weeks[f.StringAt(f.Column("currency"), i)]++
		expected, low, high := f.DecimalAt(f.Column("expected"), i), f.DecimalAt(f.Column("low"), i), f.DecimalAt(f.Column("high"), i)
		if low < 0 || low > expected || expected > high {
			t.Errorf("row %d: %d..%d..%d", i, low, expected, high)
		}
	}
	if len(weeks) < 2 {
		t.Fatalf("%v", weeks)
	}
	for currency, n := range weeks {
		if n != forecastWeeks {
			t.Errorf("%d weeks of %s", n, currency)
		}
	}
	var base, all float64
	for _, w := range r.night.cashBase {
		base += float64(w.expected)
	}
	for _, c := range decoded(t, r.night) {
		curves := r.night.curves(c, nil)
		at := 0
		for k := range c.Items {
			if it := &c.Items[k]; it.Open > 0 {
				all += float64(it.OpenBase) * curves[at].Paid(7*forecastWeeks)
				at++
			}
		}
	}
	if math.Abs(base-all) > forecastWeeks {
		t.Errorf("the weeks add up to %.0f, the items to %.0f", base, all)
	}
}
