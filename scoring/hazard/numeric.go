package hazard

import "math"

// The kernels of this package write float64(x*y)+z: the conversion keeps a compiler from
// fusing the two operations, so that a build for a machine with fused multiply-add
// (GOAMD64=v3, arm64) gives the same bits as one without. Of package math only what is exact (Sqrt,
// Abs, Ceil) is used where a result is stored, and Lgamma to choose among a few values: Exp fuses where the
// machine can, Log1p, Expm1 and Pow where the build may. Hence exp, ln and the functions below.

// expm1 is exp(x)-1 without cancellation near 0 (Kahan's identity; error a few ulp).
func expm1(x float64) float64 {
	if math.Abs(x) < 1e-5 {
		return x + float64(float64(x*x)*(0.5+x/6))
	}
	u := exp(x)
	if math.Abs(x) > 40 { // u-1 is exact to the last bit, and the logarithm of a subnormal u is not
		return u - 1
	}
	return (u - 1) * x / ln(u)
}

// log1p is ln(1+x) without cancellation near 0 (Kahan's identity; error a few ulp).
func log1p(x float64) float64 {
	u := 1 + x
	if u == 1 {
		return x
	}
	if math.IsInf(u, 1) {
		return u
	}
	return ln(u) * x / (u - 1)
}

// signedLog is sign(x) ln(1+|x|), with |x| limited.
func signedLog(x, limit float64) float64 {
	if x < 0 {
		return -ln(1 + min(-x, limit))
	}
	return ln(1 + min(x, limit))
}

// clamp limits x to [lo, hi]; NaN stays. Comparing takes a third of the time of min and max, which look after zeros too.
func clamp(x, lo, hi float64) float64 {
	if x < lo {
		return lo
	}
	if x > hi {
		return hi
	}
	return x
}

// finite tells whether x is neither infinite nor NaN.
func finite(x float64) bool {
	return x-x == 0
}
