package scoring

import "math"

// logPiece is one of 128 pieces of [1, 2).
type logPiece struct{ inverse, log float64 } // of about its middle, and the logarithm of 1/inverse

var logPieces = func() (pieces [128]logPiece) {
	for i := range pieces {
		inverse := 1 / (1 + (float64(i)+.5)/128)
		pieces[i] = logPiece{inverse, -math.Log(inverse)}
	}
	return pieces
}()

// fixedLog is the natural logarithm of v > 0 in units of 2^-32, rounded down.
//
// It is math.Log's in a third of the time, which is a twentieth of what an invoice takes at night. With m the mantissa of v, q
// the inverse of its piece's middle and r = m*q - 1, |r| < 2^-8, log v = e ln 2 - log q + r - r²/2 + r³/3 - r⁴/4 + r⁵/5, and
// what follows is below 2^-50. With the roundings, of which those of e ln 2 are the largest, that is off by less
// than 2^-45, math.Log by less than 2^-46. Where so little does not reach the next unit, on either side, both round down to
// the same; else, one time in 2,000, math.Log is asked.
func fixedLog(v int64) int64 {
	const mantissa, off = 1<<52 - 1, 1. / (1 << 12)
	of := math.Float64bits(float64(v))
	piece := &logPieces[of>>45&127]
	r := float64(math.Float64frombits(of&mantissa|1023<<52)*piece.inverse) - 1
	r2 := float64(r * r)
	tail := float64(r2*(float64(r*(1./3))-.5)) + float64(float64(r2*r2)*(float64(r*.2)-.25))
	log := float64((float64(float64(int64(of>>52)-1023)*math.Ln2) + piece.log + (r + tail)) * (1 << 32))
	if unit := int64(log - off); unit == int64(log+off) {
		return unit
	}
	return int64(math.Log(float64(v)) * (1 << 32))
}
