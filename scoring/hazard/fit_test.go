package hazard

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func fit(t testing.TB, ls []Landmark, life *LifeTable, s Settings) *Model {
	t.Helper()
	m, err := Fit(ls, life, nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func encoded(t testing.TB, m *Model) []byte {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOneBinaryFeatureGivesTheLifeTableRates(t *testing.T) {
	var ls []Landmark
	for i := range 1000 {
		l := Landmark{Date: monday, Issue: monday - 20, Due: monday + 10, Open: 100, PromiseDue: -1, Follow: 3}
		l.Disputed = i%4 == 0
		l.Paid = i%4 == 0 && i < 200 || i%4 != 0 && i%3 == 0
		ls = append(ls, l)
	}
	paid, all := [2]float64{}, [2]float64{}
	for _, l := range ls {
		all[level(l.Disputed)]++
		if l.Paid {
			paid[level(l.Disputed)]++
		}
	}
	m := fit(t, ls, nil, Settings{Ridge: 1e-10, Cut: monday + 3})
	if len(m.Terms) != 1 || m.Kind != KindHazard {
		t.Fatalf("%s %s: terms %v, want disputed alone", m.Kind, m.Fallback, m.Terms)
	}
	m.Calibration.Factor = 1
	if err := m.compile(); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		l := ls[0]
		l.Disputed = i == 1
		c := m.Curve(&l, nil)
		if want := paid[i] / all[i]; math.Abs(c.Paid(3)-want) > 1e-9 {
			t.Errorf("disputed %d: P(paid in 3 days) %v, want %v", i, c.Paid(3), want)
		}
	}
}

func TestFitIsTheSameBitsForAnyWorkers(t *testing.T) {
	ls := draw(truth(), nil, 12000, 4, 60, monday)
	one := encoded(t, fit(t, ls, bump(), Settings{Cut: monday, Workers: 1}))
	for _, workers := range []int{2, 4, 7} {
		if !bytes.Equal(one, encoded(t, fit(t, ls, bump(), Settings{Cut: monday, Workers: workers}))) {
			t.Errorf("%d workers give another model", workers)
		}
	}
}

func TestNothingAfterTheCutIsUsed(t *testing.T) {
	ls, life := firm(8, 60, 12, 20, monday)
	cut := int32(monday - 40)
	early := ls[:0:0]
	poisoned := ls[:0:0]
	r := rand.New(rand.NewPCG(1, 1))
	for _, l := range ls {
		known := cut - l.Date
		if l.Follow <= known {
			early, poisoned = append(early, l), append(poisoned, l)
			continue
		}
		l.Follow, l.Paid = max(known, 0)+1+r.Int32N(50), r.IntN(2) == 0
		poisoned = append(poisoned, l)
		if known >= 0 {
			l.Follow, l.Paid = known, false
			early = append(early, l)
		}
	}
	a := encoded(t, fit(t, early, life, Settings{Cut: cut}))
	b := encoded(t, fit(t, poisoned, life, Settings{Cut: cut}))
	if !bytes.Equal(a, b) {
		t.Error("outcomes after the cut change the model")
	}
}

func TestOrderOfLandmarksChangesNothingButRounding(t *testing.T) {
	ls := draw(truth(), nil, 3000, 6, 60, monday)
	a := fit(t, ls, bump(), Settings{Cut: monday})
	mixed := append([]Landmark(nil), ls...)
	rand.New(rand.NewPCG(2, 2)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	b := fit(t, mixed, bump(), Settings{Cut: monday})
	for i := range a.Terms {
		if math.Abs(a.Terms[i].Coefficient-b.Terms[i].Coefficient) > 1e-9 {
			t.Errorf("%v became %v", a.Terms[i], b.Terms[i])
		}
	}
}

func TestRowCapKeepsTheSmallestKeysWithWeight(t *testing.T) {
	ls := draw(truth(), nil, 8000, 7, 60, monday)
	all := fit(t, ls, bump(), Settings{Cut: monday})
	few := fit(t, ls, bump(), Settings{Cut: monday, MaxRows: all.Training.Rows / 4})
	if got := float64(few.Training.Rows) / float64(all.Training.Rows); got > .25 || got < .24 {
		t.Errorf("kept %.3f of the rows, want a quarter", got)
	}
	limit := uint64(0)
	kept := map[uint64]bool{}
	d := &design{all: ls, cut: monday}
	d.choose(all.Training.Rows / 4)
	for _, i := range d.use {
		kept[ls[i].Key] = true
		limit = max(limit, ls[i].Key)
	}
	for _, l := range ls {
		if l.Key < limit && !kept[l.Key] && d.rows(&l) > 0 {
			t.Fatalf("key %x is left out, %x is in", l.Key, limit)
		}
	}
	if want := float64(len(d.use)) / float64(all.Training.Landmarks); few.Training.SampleRate != 1/d.weight || math.Abs(few.Training.SampleRate-want) > 1e-12 {
		t.Errorf("sample rate %v, want %v", few.Training.SampleRate, want)
	}
	for i := range ls[:200] {
		a, b := all.Curve(&ls[i], nil), few.Curve(&ls[i], nil)
		if math.Abs(a.Paid(30)-b.Paid(30)) > .15 {
			t.Errorf("landmark %d: P(30) %v, from the sample %v", i, a.Paid(30), b.Paid(30))
		}
	}
}

func TestPermutedOutcomesPredictNothing(t *testing.T) {
	ls, life := firm(21, 400, 12, 24, monday)
	auc := func(ls []Landmark) float64 {
		train, test := ls[:0:0], ls[:0:0]
		for _, l := range ls {
			if l.Key%2 == 0 {
				train = append(train, l)
			} else {
				test = append(test, l)
			}
		}
		m := fit(t, train, life, Settings{Cut: monday})
		s := m.Test(test, nil, monday, 14)
		return s.AUC()
	}
	if got := auc(ls); got < .7 {
		t.Errorf("AUC %.3f with true outcomes, want .7 or more", got)
	}
	r := rand.New(rand.NewPCG(9, 9))
	r.Shuffle(len(ls), func(i, j int) {
		ls[i].Follow, ls[j].Follow = ls[j].Follow, ls[i].Follow
		ls[i].Paid, ls[j].Paid = ls[j].Paid, ls[i].Paid
	})
	if got := auc(ls); got < .48 || got > .52 {
		t.Errorf("AUC %.3f with permuted outcomes, want .48 to .52", got)
	}
}

// later splits a firm's landmarks into those before a cut and the rest.
func later(ls []Landmark, cut int32) (train, test []Landmark) {
	for _, l := range ls {
		if l.Date < cut {
			train = append(train, l)
		} else {
			test = append(test, l)
		}
	}
	return train, test
}

func TestTinyFirmsNeverDiverge(t *testing.T) {
	for seed := range uint64(20) {
		ls, life := firm(200+seed, 12, 6, 20, monday)
		train, test := later(ls, monday-70)
		m := fit(t, train, life, Settings{Cut: monday - 70, MinEvents: 1})
		s := m.Test(test, nil, monday+100, 30)
		if loss := s.LogLoss(); !m.Metrics.Converged || !finite(loss) || loss > 1.2 {
			t.Errorf("seed %d: %s %s, %d payments, log loss %v", seed, m.Kind, m.Fallback, m.Training.Payments, loss)
		}
	}
}

func TestSmallFirmsBeatTheBaseRate(t *testing.T) {
	for seed := range uint64(20) {
		ls, life := firm(100+seed, 125, 8, 16, monday)
		train, test := later(ls, monday-42)
		m := fit(t, train, life, Settings{Cut: monday - 42})
		s := m.Test(test, nil, monday+100, 30)
		if loss := s.LogLoss(); m.Kind != KindHazard || s.BrierSkill() <= 0 || loss > .7 {
			t.Errorf("seed %d: %s %s, %d payments, log loss %v, Brier skill %v", seed, m.Kind, m.Fallback, m.Training.Payments, loss, s.BrierSkill())
		}
	}
}

func TestForecastOfAFirmIsCalibrated(t *testing.T) {
	ls, life := firm(31, 500, 15, 26, monday)
	cut := int32(monday - 35)
	train, test := ls[:0:0], ls[:0:0]
	for _, l := range ls {
		if l.Date < cut {
			train = append(train, l)
		} else if l.Date < cut+7 {
			test = append(test, l)
		}
	}
	m := fit(t, train, life, Settings{Cut: cut})
	s := m.Test(test, nil, monday+100, 30)
	base := s.BaseRate()
	if e, noise := s.ECE(10), s.NoiseFloor(10); e > 2.5*noise+.01 {
		t.Errorf("%d landmarks, base rate %.3f: ECE %.3f, noise %.3f", len(s.P), base, e, noise)
	}
	if auc := s.AUC(); auc < .7 {
		t.Errorf("AUC %.3f", auc)
	}
}

func TestLittleDataGivesThePooledModel(t *testing.T) {
	life := bump()
	l := Landmark{Date: monday, Issue: monday - 30, Due: monday, Open: 10, PromiseDue: -1}
	for name, ls := range map[string][]Landmark{"none": nil, "one": {{Date: monday - 10, Due: monday, Open: 1, Follow: 10}}} {
		m := fit(t, ls, life, Settings{Cut: monday})
		if m.Kind != KindPooled || m.Fallback == "" {
			t.Fatalf("%s: kind %q, fallback %q", name, m.Kind, m.Fallback)
		}
		c := m.Curve(&l, nil)
		// Monday's landmark at age 0: Tuesday to Thursday are ages 1 to 3.
		want := (2*life.Rates()[AgeBin(1)] + life.Rates()[AgeBin(3)]) * m.Calibration.Factor
		if math.Abs(c.Hazard(3)-want) > 1e-12 {
			t.Errorf("%s: hazard of 3 days %v, want %v", name, c.Hazard(3), want)
		}
	}
}

func TestPooledModelAppliesTheFrailty(t *testing.T) {
	m := fit(t, nil, bump(), Settings{Cut: monday})
	p := &Past{Paid: 6, LateMean: math.NaN()}
	p.Exposed[5] = 100
	l := Landmark{Date: monday, Due: monday, Open: 10, PromiseDue: -1, Past: p}
	newcomer := l
	newcomer.Past = nil
	a, b := m.Curve(&l, nil), m.Curve(&newcomer, nil)
	k := m.Kappa()
	want := (k + 6) / (k + 100*m.Pooled.Rates[5])
	if got := a.Hazard(30) / b.Hazard(30); math.Abs(got-want) > 1e-9 {
		t.Errorf("hazard times %v, want (kappa+O)/(kappa+E) = %v", got, want)
	}
	// The same ratio of O to E counts for less with less of it.
	few := *p
	few.Paid, few.Exposed[5] = .6, 10
	l.Past = &few
	c := m.Curve(&l, nil)
	if got := c.Hazard(30) / b.Hazard(30); math.Abs(math.Log(got)) >= math.Abs(math.Log(want)) {
		t.Errorf("a short history moves the hazard by %v, a long one by %v", got, want)
	}
}

func TestKappaIsRecovered(t *testing.T) {
	rates := bump().Rates()
	for _, want := range []float64{1, 4, 16} {
		r := rand.New(rand.NewPCG(77, uint64(want)))
		var ls []Landmark
		for range 4000 {
			p := new(Past)
			p.Exposed[10] = 200 * r.Float32()
			z := 0.0
			for range int(want) {
				z += r.ExpFloat64() / want
			}
			for mean, at := z*float64(p.Exposed[10])*rates[10], r.ExpFloat64(); at < mean; at += r.ExpFloat64() {
				p.Paid++
			}
			ls = append(ls, Landmark{Past: p}, Landmark{Past: p})
		}
		d := &design{all: ls, use: make([]int32, len(ls))}
		for i := range ls {
			d.use[i] = int32(i)
		}
		if got := d.kappa(&rates); got != want {
			t.Errorf("kappa %v, want %v", got, want)
		}
	}
}

func TestImpossibleInputIsRefused(t *testing.T) {
	for name, l := range map[string]Landmark{
		"follow": {Follow: -1, Open: 1}, "weight": {Weight: -1, Open: 1}, "weight nan": {Weight: math.NaN(), Open: 1},
		"open": {Open: math.NaN()},
	} {
		if _, err := Fit([]Landmark{l}, nil, nil, Settings{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Fit(nil, nil, nil, Settings{Ridge: -1}); err == nil {
		t.Error("negative ridge: no error")
	}
}

// A landmark counts exp(-age/365), so that the pace of the last year outweighs the one before it.
func TestAnOldLandmarkCountsLess(t *testing.T) {
	d := design{cut: monday, weight: 2}
	for _, c := range []struct {
		date         int32
		weight, want float64
	}{{monday, 0, 2}, {monday, 3, 6}, {monday - 365, 0, 2 / math.E}, {monday - 730, 3, 6 / (math.E * math.E)}, {monday + 9, 0, 2}} {
		if got := d.landmarkWeight(&Landmark{Date: c.date, Weight: c.weight}); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%d days old, weight %v: counts %v, want %v", monday-c.date, c.weight, got, c.want)
		}
	}
	slow := truth()
	slow.Intercept -= .5
	if err := slow.compile(); err != nil {
		t.Fatal(err)
	}
	old, recent := draw(truth(), nil, 4000, 51, 60, monday-365), draw(slow, nil, 4000, 52, 60, monday)
	first := fit(t, append(slices.Clone(old), recent...), bump(), Settings{Cut: monday})
	second := fit(t, append(draw(slow, nil, 4000, 51, 60, monday-365), draw(truth(), nil, 4000, 52, 60, monday)...), bump(), Settings{Cut: monday})
	if second.Intercept < first.Intercept+.1 {
		t.Errorf("intercept %.3f where payments have become slower, %.3f where they have become faster", first.Intercept, second.Intercept)
	}
}

func TestCalibrationFollowsAChangeOfPace(t *testing.T) {
	slow := truth()
	slow.Intercept -= .5
	if err := slow.compile(); err != nil {
		t.Fatal(err)
	}
	ls := draw(truth(), nil, 6000, 41, 60, monday-35)
	for i := range ls { // the first period ran at the usual pace; it is known up to its end
		ls[i].Follow = min(ls[i].Follow, 180)
	}
	late := draw(slow, nil, 6000, 42, 5, monday)
	m := fit(t, append(ls, late...), bump(), Settings{Cut: monday})
	c := m.Calibration
	if c.Factor >= .97 || c.Factor <= math.Exp(-.5) {
		t.Errorf("factor %v: want less than 1, no less than exp(-.5)", c.Factor)
	}
	if want := (c.Observed + 50) / (c.Expected + 50); c.Factor != want {
		t.Errorf("factor %v, want %v", c.Factor, want)
	}
	observed, expected := 0.0, 0.0
	for _, b := range c.Buckets {
		observed, expected = observed+b.Observed, expected+b.Expected
	}
	if observed != c.Observed || math.Abs(expected-c.Expected) > 1e-6 {
		t.Errorf("buckets add up to %v / %v, want %v / %v", observed, expected, c.Observed, c.Expected)
	}
}

func TestCalibrationCountsThePeriodsThatFinishedIn35Days(t *testing.T) {
	ls := draw(truth(), nil, 3000, 43, 30, monday)
	m := fit(t, ls, bump(), Settings{Cut: monday})
	rows, paid := 0, 0.0
	for _, l := range ls {
		from := int32(0)
		for _, end := range Grid {
			if from >= l.Follow {
				break
			}
			pays := l.Paid && l.Follow <= end
			last := min(end, monday-l.Date)
			if day := l.Date + last; day > monday-35 && day <= monday {
				rows++
				if pays {
					paid++
				}
			}
			if pays {
				break
			}
			from = end
		}
	}
	if c := m.Calibration; c.Rows != rows || c.Observed != paid {
		t.Errorf("%d periods with %v payments, want %d with %v", c.Rows, c.Observed, rows, paid)
	}
}
