package boost

import (
	"math"
	"math/rand/v2"
	"testing"

	"kaishu/scoring/hazard"
)

// Slope and bend of a row, in which trees are grown, are the derivatives of its log likelihood.
func TestGradientsAreCentralDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	const step = 1e-4
	for range 2000 {
		row := hazard.Row{Exposure: math.Exp(3*r.NormFloat64() - 2)}
		eta, paid := r.NormFloat64(), r.IntN(2) == 0
		at := func(eta float64) (logLik, slope, bend float64) { return hazard.Likelihood(row.Hazard(eta), paid) }
		_, slope, bend := at(eta)
		up, upSlope, _ := at(eta + step)
		down, downSlope, _ := at(eta - step)
		size := 1 + row.Hazard(eta)
		if want := (up - down) / (2 * step); math.Abs(slope-want) > 1e-6*size {
			t.Errorf("hazard %v, paid %v: slope %v, central difference %v", row.Hazard(eta), paid, slope, want)
		}
		if want := -(upSlope - downSlope) / (2 * step); math.Abs(bend-want) > 1e-6*size {
			t.Errorf("hazard %v, paid %v: bend %v, central difference %v", row.Hazard(eta), paid, bend, want)
		}
	}
}
