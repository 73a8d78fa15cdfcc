//go:build goexperiment.simd && amd64 && go1.26 && !go1.27

package hazard

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestFadingWithVectorsGivesTheBitsOfThePlainLoop(t *testing.T) {
	if !vectors {
		t.Skip("a processor without AVX2")
	}
	r := rand.New(rand.NewPCG(8, 2))
	odd := []float64{0, math.Copysign(0, -1), 699.9, 700, -700, -745.2, 745.2, math.Inf(1), math.Inf(-1), math.NaN(), 5e-324}
	for n := range 200 {
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = r.NormFloat64() * math.Pow(10, float64(r.IntN(7)-4))
			if r.IntN(60) == 0 {
				xs[i] = odd[r.IntN(len(odd))]
			}
		}
		want := append([]float64(nil), xs...)
		fade(want)
		got := append([]float64(nil), xs...)
		if rest := fade4(got); len(rest) != n%4 {
			t.Fatalf("%d of %d values are left over", len(rest), n)
		}
		Fade(xs)
		for i := range got[:n&^3] {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
				t.Errorf("%d values: %v at %d, want %v", n, got[i], i, want[i])
			}
		}
		for i := range xs {
			if math.Float64bits(xs[i]) != math.Float64bits(want[i]) {
				t.Errorf("%d values: %v at %d, want %v", n, xs[i], i, want[i])
			}
		}
	}
}
