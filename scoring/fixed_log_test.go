package scoring

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestFixedLogIsTheLogarithmCutOff(t *testing.T) {
	check := func(v int64) {
		if got, want := fixedLog(v), int64(math.Log(float64(v))*(1<<32)); got != want {
			t.Fatalf("%d: %d, want %d", v, got, want)
		}
	}
	for v := range int64(100_000) {
		check(v + 1)
	}
	r := rand.New(rand.NewPCG(9, 4))
	for range 2_000_000 {
		check(r.Int64N(math.MaxInt64)>>r.IntN(63) + 1)
	}
	check(math.MaxInt64)
}

func BenchmarkFixedLog(b *testing.B) {
	sum, v := int64(0), int64(1)
	for b.Loop() {
		sum += fixedLog(v)
		v = v*5&0xffffff + 1
	}
	_ = sum
}
