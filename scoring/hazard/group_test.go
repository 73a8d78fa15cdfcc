package hazard

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSharedHazardLeavesOneItemAlone(t *testing.T) {
	for _, kappa := range []float64{1, 2, 7.5, 16, 1e9} {
		for _, sum := range []float64{0, 1e-9, .3, 4, 200} {
			// The mean of exp(-z*hazard) over a gamma z of shape and rate kappa.
			if got := math.Pow(1+Shared(sum, kappa)/kappa, -kappa); math.Abs(got-math.Exp(-sum)) > 1e-6 {
				t.Errorf("kappa %v: exp(-%v) became %v", kappa, sum, got)
			}
		}
	}
}

// some is P(some item unpaid) by inclusion and exclusion over the items' shared hazards.
func some(hazards []float64, kappa float64) float64 {
	total := 0.0
	for set := 1; set < 1<<len(hazards); set++ {
		sum, sign := 0.0, -1.0
		for i, h := range hazards {
			if set>>i&1 == 1 {
				sum += kappa * math.Expm1(h/kappa)
				sign = -sign
			}
		}
		total += sign * math.Pow(1+sum/kappa, -kappa)
	}
	return total
}

func TestAnyUnpaidEqualsInclusionAndExclusion(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 4000 {
		kappa := []float64{1, 2, 4, 8, 16, 40, 150}[r.IntN(7)]
		hazards := make([]float64, 2+r.IntN(5))
		for i := range hazards {
			hazards[i] = 8 * r.Float64() * r.Float64()
		}
		want := some(hazards, kappa)
		if got := anyUnpaid(append([]float64(nil), hazards...), kappa); math.Abs(got-want) > 2e-8 {
			t.Fatalf("kappa %v, hazards %v: %v, want %v", kappa, hazards, got, want)
		}
	}
}

func TestReach90(t *testing.T) {
	m := truth()
	item := func(age int32) Landmark {
		return Landmark{Date: monday, Due: monday - age, Issue: monday - age - 30, Open: 100, PromiseDue: -1}
	}
	curves := func(ls ...Landmark) (cs []Curve) {
		for i := range ls {
			cs = append(cs, m.Curve(&ls[i], nil))
		}
		return cs
	}
	a, b, far := item(10), item(-20), item(-100)
	ca, cb := curves(a)[0], curves(b)[0]
	pa, pb := math.Exp(-ca.Hazard(80)), math.Exp(-cb.Hazard(110))
	if got := Reach90(nil, nil, 2, 180); got != 0 {
		t.Errorf("no item: %v", got)
	}
	if got := Reach90(curves(a), []Landmark{a}, 2, 180); got != pa {
		t.Errorf("one item: %v, want exp(-hazard of 80 days) = %v", got, pa)
	}
	if got := Reach90(curves(a, far), []Landmark{a, far}, 2, 180); got != pa {
		t.Errorf("an item that reaches 90 after the horizon counts: %v, want %v", got, pa)
	}
	if got := Reach90(curves(a, item(90)), []Landmark{a, item(90)}, 2, 180); got != 1 {
		t.Errorf("an item stands at 90: %v, want 1", got)
	}
	two := Reach90(curves(a, b), []Landmark{a, b}, 2, 180)
	if want := some([]float64{ca.Hazard(80), cb.Hazard(110)}, 2); math.Abs(two-want) > 1e-8 {
		t.Errorf("two items: %v, want %v", two, want)
	}
	if independent := 1 - (1-pa)*(1-pb); two <= max(pa, pb) || two >= independent {
		t.Errorf("two items that share a frailty: %v, want between %v and %v", two, max(pa, pb), independent)
	}
	credit := a
	credit.Open = -5
	if got := Reach90(curves(credit), []Landmark{credit}, 2, 180); got != 0 {
		t.Errorf("a credit counts: %v", got)
	}
}

func TestScoreDoublesTheOddsEvery20Points(t *testing.T) {
	for odds, want := range map[float64]float64{30: 600, 60: 620, 15: 580} {
		if got := Score(1 / (1 + odds)); math.Abs(got-want) > 1e-3 {
			t.Errorf("odds %v: %v, want %v", odds, got, want)
		}
	}
	for p, want := range map[float64]float64{0: 850, 1: 300, 1e-300: 850, 1 - 1e-16: 300, 2: 300, -1: 850} {
		if got := Score(p); got != want {
			t.Errorf("p %v: %v, want %v", p, got, want)
		}
	}
	if got := Score(math.NaN()); got != 300 {
		t.Errorf("NaN: %v, want 300", got)
	}
	for score, want := range map[float64]string{850: "A", 620: "A", 619.9: "B", 580: "B", 579: "C", 540: "C", 500: "D", 499: "E", 300: "E"} {
		if got := Grade(score); got != want {
			t.Errorf("score %v: %s, want %s", score, got, want)
		}
	}
}
