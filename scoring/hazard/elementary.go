package hazard

import "math"

// Constants of exp and ln: the logarithm of 2 and a 128th of it, each as a number whose last 32 bits are zero,
// so that its products with small integers are exact, and the rest.
const (
	ln2High, ln2Low   = 0.6931467056274414, 4.7493250390316726e-07
	stepHigh, stepLow = 0.005415208637714386, 3.710410186743494e-09
	stepsPerUnit      = 184.6649652337873
	roundToInteger    = 3 << 51 // added and taken away: the nearest integer, ties to even
)

// exp is the exponential function to 1 unit in the last place: 2**(k/128) from a table times exp(r), r
// at most ln(2)/256, by its series (P. T. P. Tang, ACM Transactions on Mathematical Software 15(2), 1989).
// math.Exp takes twice as long, and its bits depend on whether the machine has fused multiply-add.
func exp(x float64) float64 {
	if !(math.Abs(x) < 700) { // near the limits of float64, or NaN
		return math.Exp(x)
	}
	shifted := float64(x*stepsPerUnit) + roundToInteger
	steps := shifted - roundToInteger
	r := x - float64(steps*stepHigh) - float64(steps*stepLow)
	square := float64(r * r)
	q := r + float64(square*(0.5+float64(r*(1./6+float64(r*(1./24+float64(r*(1./120))))))))
	t := math.Float64frombits(powerBits(math.Float64bits(shifted))) // whose last bits are those of steps
	return t + float64(t*q)
}

// Exp is exp for others whose bits must not depend on the machine.
func Exp(x float64) float64 { return exp(x) }

// Fade puts exp(-x) in the place of every x: the bits of exp, without a call for each, which would have
// the caller's sums stored and loaded again every time. With vectors sixteen and more take half as long.
func Fade(xs []float64) {
	if vectors && len(xs) >= leastFaded4 {
		xs = fade4(xs)
	}
	fade(xs)
}

// leastFaded4 is the number of values from which on vectors pay.
const leastFaded4 = 16

func fade(xs []float64) {
	for i, x := range xs {
		if !(math.Abs(x) < 700) {
			xs[i] = math.Exp(-x)
			continue
		}
		shifted := roundToInteger - float64(x*stepsPerUnit)
		steps := shifted - roundToInteger
		r := -x - float64(steps*stepHigh) - float64(steps*stepLow)
		square := float64(r * r)
		q := r + float64(square*(0.5+float64(r*(1./6+float64(r*(1./24+float64(r*(1./120))))))))
		t := math.Float64frombits(powerBits(math.Float64bits(shifted)))
		xs[i] = t + float64(t*q)
	}
}

// powerBits are those of 2**(k/128), k being the number in the last bits of what exp and Fade have shifted.
func powerBits(k uint64) uint64 {
	return math.Float64bits(powers[k&127]) + uint64(int64(k)>>7)<<52
}

// Ln is ln for others likewise.
func Ln(x float64) float64 { return ln(x) }

// ln is the natural logarithm to 5 units in the last place, near 1 too: that of 1+i/128 from a table plus
// ln(1+r), r at most 1/256, by its series (P. T. P. Tang, ACM Transactions on Mathematical Software
// 16(4), 1990). ln(1) is 0.
func ln(x float64) float64 {
	bits := math.Float64bits(x)
	exponent := int64(bits >> 52)
	if uint64(exponent-1) >= 0x7fe { // 0, subnormal, negative, infinite, NaN
		return math.Log(x)
	}
	const mantissa = 1<<52 - 1
	m := math.Float64frombits(bits&mantissa | 1023<<52)
	i := (bits&mantissa + 1<<44) >> 45
	e := float64(exponent - 1023 + int64((i+128-upperHalf)>>7)) // one more where the table halves
	c := math.Float64frombits(1023<<52 + i<<45)                 // 1+i/128
	r := float64((m - c) * inverses[i])
	square := float64(r * r)
	series := float64(square * (-0.5 + float64(r*(1./3-float64(r*(0.25-float64(r*(0.2-float64(r*(1./6))))))))))
	return float64(e*ln2High) + logs[i] + (r + (series + float64(e*ln2Low)))
}
