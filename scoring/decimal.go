package scoring

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// Decimal is a number as an export writes it: Mantissa / 10^Digits. 12.50 has mantissa 1250
// and 2 digits, which is not the same as 12.5: the number of decimals written is kept.
type Decimal struct {
	Mantissa int64
	Digits   uint8
}

// pow10 are the powers of ten that fit 64 bits.
var pow10 = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// Minor is d in minor units of c, exactly. More decimals than the currency has are an
// error unless they are zeros, as of a column that holds several currencies with the same number
// of decimals; so is an amount beyond 64 bits. Nothing is ever rounded.
func (d Decimal) Minor(c Currency) (int64, error) {
	digits := c.Digits()
	if int(d.Digits) == digits {
		return d.Mantissa, nil
	}
	written := d
	for int(d.Digits) > digits && d.Mantissa%10 == 0 {
		d = Decimal{d.Mantissa / 10, d.Digits - 1}
	}
	if int(d.Digits) > digits {
		return 0, fmt.Errorf("%s has %s; %s has %d", written, count(int(written.Digits), "decimal"), c, digits)
	}
	size := magnitude(d.Mantissa)
	hi, lo := bits.Mul64(size, pow10[digits-int(d.Digits)])
	v, ok := signed(hi, lo, d.Mantissa < 0)
	if !ok {
		return 0, fmt.Errorf("%s %s is too large", d, c)
	}
	return v, nil
}

// String is d as it was written: all decimals, no thousands separators.
func (d Decimal) String() string { return FormatMinor(d.Mantissa, int(d.Digits)) }

// FormatMinor writes v / 10^digits with exactly that many decimals: 123450 with 2 digits
// is "1234.50".
func FormatMinor(v int64, digits int) string {
	return string(pointed(strconv.AppendUint(nil, magnitude(v), 10), v < 0, digits, false))
}

// FormatAmount writes v minor units of c with thousands separators: "1,234.50" for USD,
// "1,234,567" for JPY.
func FormatAmount(v int64, c Currency) string {
	return string(pointed(strconv.AppendUint(nil, magnitude(v), 10), v < 0, c.Digits(), true))
}

// pointed puts sign, decimal point and, when grouped, thousands separators into a run of digits.
func pointed(digits []byte, negative bool, decimals int, grouped bool) []byte {
	out := make([]byte, 0, len(digits)+len(digits)/3+decimals+3)
	if negative {
		out = append(out, '-')
	}
	whole := len(digits) - decimals
	if whole <= 0 {
		out = append(out, '0')
	}
	for i := range max(whole, 0) {
		if grouped && i > 0 && (whole-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, digits[i])
	}
	if decimals > 0 {
		out = append(out, '.')
		for i := whole; i < len(digits); i++ {
			if i < 0 {
				out = append(out, '0')
			} else {
				out = append(out, digits[i])
			}
		}
	}
	return out
}

// count writes n things: "1 decimal", "3 decimals".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// magnitude is the absolute value of v, also of the smallest int64.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// signed puts a sign on a 128-bit magnitude; false when it does not fit an int64.
func signed(hi, lo uint64, negative bool) (int64, bool) {
	if hi != 0 {
		return 0, false
	}
	if negative {
		return -int64(lo), lo <= -math.MinInt64
	}
	return int64(lo), lo <= math.MaxInt64
}
