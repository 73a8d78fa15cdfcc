package scoring

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestTheFixedLogarithmIsTheRoundedOneOfTheLibrary(t *testing.T) {
	check := func(v int64) {
		if got, want := fixedLog(v), int64(math.Log(float64(v))*(1<<32)); got != want {
			t.Fatalf("%d: %d, want %d", v, got, want)
		}
	}
	for v := int64(1); v < 1_000_000; v++ {
		check(v)
	}
	draw := rand.New(rand.NewPCG(3, 1))
	for range 3_000_000 {
		check(max(1, draw.Int64()>>draw.IntN(63)))
	}
	for power := int64(1); power > 0; power *= 2 {
		for _, v := range []int64{power - 1, power, power + 1} {
			check(max(1, v))
		}
	}
	check(math.MaxInt64)
	check(largestAmount)
}
