package scoring

import (
	"math"

	"kaishu/scoring/hazard"
)

// fixedLog is the natural logarithm of v > 0 in units of 2^-32, cut off: that of math.Log, which takes twice as long and
// is asked for the amount of every invoice.
func fixedLog(v int64) int64 {
	const unit = 1 << 32
	x := hazard.Ln(float64(v)) * unit
	units := int64(x)
	// The two differ by 6 units in the last place at most, here 2^-12 where x is largest.
	if rest := x - float64(units); rest > 1./1024 && rest < 1-1./1024 {
		return units
	}
	return int64(math.Log(float64(v)) * unit)
}
