package hazard

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"
)

// sample draws n predictions, with ties, and outcomes; weights are small integers.
func sample(r *rand.Rand, n int) Sample {
	var s Sample
	for range n {
		p := float64(r.IntN(20)+1) / 22
		s.P = append(s.P, p)
		s.Paid = append(s.Paid, r.Float64() < p*p)
		s.Weight = append(s.Weight, float64(1+r.IntN(4)))
	}
	return s
}

// spelt repeats every item by its weight.
func (s *Sample) spelt() Sample {
	var out Sample
	for i := range s.P {
		for range int(s.Weight[i]) {
			out.P, out.Paid = append(out.P, s.P[i]), append(out.Paid, s.Paid[i])
		}
	}
	return out
}

func TestMetricsEqualTheirDefinitions(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	for range 50 {
		s := sample(r, 30+r.IntN(60))
		all := s.spelt()
		n := float64(len(all.P))
		pairs, won, brier, loss := 0.0, 0.0, 0.0, 0.0
		for i, p := range all.P {
			y := 0.0
			if all.Paid[i] {
				y = 1
			}
			brier += (p - y) * (p - y) / n
			loss -= math.Log(y*p+(1-y)*(1-p)) / n
			for k, q := range all.P {
				if all.Paid[i] && !all.Paid[k] {
					pairs++
					if p > q {
						won++
					} else if p == q {
						won += .5
					}
				}
			}
		}
		ks := 0.0
		for _, at := range all.P {
			var paid, unpaid, underPaid, underUnpaid float64
			for i, p := range all.P {
				if all.Paid[i] {
					paid++
					if p <= at {
						underPaid++
					}
				} else {
					unpaid++
					if p <= at {
						underUnpaid++
					}
				}
			}
			ks = max(ks, math.Abs(underPaid/paid-underUnpaid/unpaid))
		}
		for name, pair := range map[string][2]float64{
			"AUC": {s.AUC(), won / pairs}, "AUC spelt": {all.AUC(), won / pairs}, "KS": {s.KS(), ks}, "KS spelt": {all.KS(), ks},
			"Brier": {s.Brier(), brier}, "log loss": {s.LogLoss(), loss},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Errorf("%s %v, want %v", name, pair[0], pair[1])
			}
		}
	}
}

func TestECEIsTheGapOfTenEqualBins(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 12))
	type row struct {
		p    float64
		paid bool
	}
	rows := make([]row, 500)
	var s Sample
	for i := range rows {
		rows[i] = row{r.Float64(), r.IntN(3) == 0}
		s.P, s.Paid = append(s.P, rows[i].p), append(s.Paid, rows[i].paid)
	}
	sort.Slice(rows, func(a, b int) bool { return rows[a].p < rows[b].p })
	want := 0.0
	for b := range 10 {
		p, y := 0.0, 0.0
		for _, x := range rows[50*b : 50*b+50] {
			p += x.p / 50
			if x.paid {
				y += 1. / 50
			}
		}
		want += math.Abs(p-y) / 10
	}
	if got := s.ECE(10); math.Abs(got-want) > 1e-12 {
		t.Errorf("ECE %v, want %v", got, want)
	}
}

func TestNoiseFloorIsTheECEOfACalibratedModel(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 13))
	mean, runs := 0.0, 200
	var s Sample
	for range runs {
		s = Sample{}
		for range 2000 {
			p := .1 + .2*r.Float64()
			s.P, s.Paid = append(s.P, p), append(s.Paid, r.Float64() < p)
		}
		mean += s.ECE(10) / float64(runs)
	}
	if floor := s.NoiseFloor(10); math.Abs(floor/mean-1) > .1 {
		t.Errorf("noise floor %v, mean ECE %v", floor, mean)
	}
	flat := Sample{P: make([]float64, 2000), Paid: make([]bool, 2000)}
	for i := range flat.P {
		flat.P[i] = .2
	}
	if got := flat.NoiseFloor(10); math.Abs(got-.0226) > 1e-4 { // methods: n = 2,000, p = .2, 10 bins: .023
		t.Errorf("noise floor %v, want .0226", got)
	}
}

func TestCalibrationLineIsRecoveredAndMaximises(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 14))
	var s Sample
	for range 40000 {
		x := 1.5 * r.NormFloat64()
		s.P = append(s.P, 1/(1+math.Exp(-x)))
		s.Paid = append(s.Paid, r.Float64() < 1/(1+math.Exp(-(.3+.7*x))))
	}
	a, b, ok := s.CalibrationLine()
	if !ok || math.Abs(a-.3) > .05 || math.Abs(b-.7) > .05 {
		t.Errorf("line %v %v %v, want .3 and .7", a, b, ok)
	}
	at := func(a, b float64) float64 {
		c := Sample{P: append([]float64(nil), s.P...), Paid: s.Paid}
		for i, p := range c.P {
			c.P[i] = 1 / (1 + math.Exp(-(a + b*math.Log(p/(1-p)))))
		}
		return c.LogLoss()
	}
	for _, d := range []float64{-1e-3, 1e-3} {
		if at(a+d, b) <= at(a, b) || at(a, b+d) <= at(a, b) {
			t.Error("the line is not the maximum of the likelihood")
		}
	}
	separated := Sample{P: []float64{.1, .2, .8, .9}, Paid: []bool{false, false, true, true}}
	if _, _, ok := separated.CalibrationLine(); ok {
		t.Error("separated outcomes have no finite line")
	}
}

func TestMetricsOfNothingAreNaN(t *testing.T) {
	var none Sample
	one := Sample{P: []float64{.3, .4}, Paid: []bool{true, true}}
	for name, x := range map[string]float64{"AUC": none.AUC(), "KS": none.KS(), "Brier": none.Brier(), "loss": none.LogLoss(),
		"ECE": none.ECE(10), "one AUC": one.AUC(), "one KS": one.KS()} {
		if !math.IsNaN(x) {
			t.Errorf("%s: %v, want NaN", name, x)
		}
	}
	sure := Sample{P: []float64{0, 1}, Paid: []bool{true, false}}
	if l := sure.LogLoss(); math.IsInf(l, 0) || l < 30 {
		t.Errorf("log loss of a sure error %v, want large and finite", l)
	}
}
