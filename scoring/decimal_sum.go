package scoring

import "math/bits"

// Sum is a signed sum of 128 bits in two's complement. It holds control totals, which
// cannot overflow it, and adds up to the same value in any order. The zero value is 0.
type Sum struct {
	Hi int64
	Lo uint64
}

// Add adds v.
func (s *Sum) Add(v int64) { s.AddSum(Sum{Hi: v >> 63, Lo: uint64(v)}) }

// AddSum adds o.
func (s *Sum) AddSum(o Sum) {
	lo, carry := bits.Add64(s.Lo, o.Lo, 0)
	hi, _ := bits.Add64(uint64(s.Hi), uint64(o.Hi), carry)
	s.Hi, s.Lo = int64(hi), lo
}

// Sub takes o away.
func (s *Sum) Sub(o Sum) {
	lo, borrow := bits.Sub64(s.Lo, o.Lo, 0)
	hi, _ := bits.Sub64(uint64(s.Hi), uint64(o.Hi), borrow)
	s.Hi, s.Lo = int64(hi), lo
}

// times10 multiplies the sum by ten.
func (s *Sum) times10() {
	hi, lo := bits.Mul64(s.Lo, 10)
	s.Hi, s.Lo = s.Hi*10+int64(hi), lo
}

// Cmp is -1, 0 or 1 as s is below, equal to or above o.
func (s Sum) Cmp(o Sum) int {
	switch {
	case s == o:
		return 0
	case s.Hi < o.Hi || s.Hi == o.Hi && s.Lo < o.Lo:
		return -1
	}
	return 1
}

// IsZero tells whether the sum is 0.
func (s Sum) IsZero() bool { return s == Sum{} }

// Int64 is the sum as an int64, and whether it fits one.
func (s Sum) Int64() (int64, bool) { return int64(s.Lo), s.Hi == int64(s.Lo)>>63 }

// String writes the sum / 10^digits with exactly that many decimals.
func (s Sum) String(digits int) string {
	hi, lo := uint64(s.Hi), s.Lo
	if s.Hi < 0 {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	var buf [40]byte
	at := len(buf)
	for {
		var rest uint64
		hi, rest = bits.Div64(0, hi, 10)
		lo, rest = bits.Div64(rest, lo, 10)
		at--
		buf[at] = '0' + byte(rest)
		if hi == 0 && lo == 0 {
			break
		}
	}
	return string(pointed(buf[at:], s.Hi < 0, digits, false))
}

// fourDigits are the decimals of AtFour.
const fourDigits = 4

// AtFour is d * 10^4, so that amounts of all currencies, none of which has more than four
// minor digits, add up as they are written, before they are known to be in minor units. Further
// decimals are cut off.
func (d Decimal) AtFour() Sum {
	size := magnitude(d.Mantissa)
	var s Sum
	switch {
	case d.Digits <= 4:
		hi, lo := bits.Mul64(size, pow10[4-d.Digits])
		s = Sum{Hi: int64(hi), Lo: lo}
	case d.Digits-4 < uint8(len(pow10)):
		s.Lo = size / pow10[d.Digits-4]
	}
	if d.Mantissa < 0 {
		var negative Sum
		negative.Sub(s)
		return negative
	}
	return s
}
