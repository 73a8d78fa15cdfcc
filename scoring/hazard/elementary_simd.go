//go:build goexperiment.simd && amd64 && go1.26 && !go1.27

package hazard

import "simd/archsimd"

// vectors tells whether the processor has vectors of four float64.
var vectors = archsimd.X86.AVX2()

type four = [4]float64

// What uses vectors ends with archsimd.ClearAVXUpperBits: without it the arithmetic on single numbers that comes after waits for
// the halves of registers that it does not use, and valuing actions (rank.Kernel.Damped) took twice as long.

// fade4 is fade of as many values as make whole vectors, and returns those after them. The powers are looked up in a loop of its
// own: a vector put together of values just stored waits for them.
func fade4(xs []float64) (rest []float64) {
	all := archsimd.BroadcastFloat64x4
	scale, round, high, low := all(stepsPerUnit), all(roundToInteger), all(stepHigh), all(stepLow)
	c5, c4, c3, c2 := all(1./120), all(1./24), all(1./6), all(.5)
	zero, least, most := all(0), all(-700), all(700)
	var room [32]uint64
	for len(xs) >= 4 {
		n := min(len(xs), len(room)) &^ 3
		part := xs[:n]
		xs = xs[n:]
		usual := uint8(15)
		for i := 0; i+4 <= len(part); i += 4 {
			x := archsimd.LoadFloat64x4((*four)(part[i:]))
			usual &= least.Less(x).And(x.Less(most)).ToBits()
			round.Sub(x.Mul(scale)).AsUint64x4().Store((*[4]uint64)(room[i:]))
		}
		if usual != 15 { // near the limits of float64, or NaN
			archsimd.ClearAVXUpperBits()
			fade(part)
			continue
		}
		for i, k := range room[:n] {
			room[i] = powerBits(k)
		}
		for i := 0; i+4 <= len(part); i += 4 {
			to := (*four)(part[i:])
			x := archsimd.LoadFloat64x4(to)
			steps := round.Sub(x.Mul(scale)).Sub(round)
			r := zero.Sub(x).Sub(steps.Mul(high)).Sub(steps.Mul(low))
			square := r.Mul(r)
			q := r.Add(square.Mul(c2.Add(r.Mul(c3.Add(r.Mul(c4.Add(r.Mul(c5))))))))
			t := archsimd.LoadUint64x4((*[4]uint64)(room[i:])).AsFloat64x4()
			t.Add(t.Mul(q)).Store(to)
		}
	}
	archsimd.ClearAVXUpperBits()
	return xs
}
