package table

import (
	"math/big"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// loadDecimals reads DECIMAL values: integers or, highest byte first, bytes.
func (v *vector) loadDecimals(in encoding.Values) error {
	v.scales = grow(v.scales, v.n)
	switch v.leaf.kind {
	case parquet.Int32, parquet.Int64:
		for i, x := range v.loadInts(in) {
			v.setDecimal(i, x)
		}
	default:
		v.ints = grow(v.ints, v.n)
		for i := range v.n {
			v.setWide(i, bytesAt(in, v.leaf.kind, i))
		}
	}
	switch v.col.Type {
	case Decimal:
		return nil
	case Float:
		v.floats = grow(v.floats, v.n)
		for i, x := range v.ints {
			v.floats[i] = float64(x) / pow10[v.scales[i]]
		}
		return nil
	}
	for i, scale := range v.scales {
		switch {
		case scale > 0 && v.col.Type == String:
			return v.decimalsInText(appendDecimal(nil, v.ints[i], int(scale)))
		case scale > 0:
			v.refuse(i, appendDecimal(nil, v.ints[i], int(scale)), errNotInt)
		}
	}
	return v.fromInts(v.ints)
}

// setDecimal stores x / 10^scale of the column without zeros at the end of its decimals.
func (v *vector) setDecimal(i int, x int64) {
	scale := v.leaf.scale
	for scale > 0 && x%10 == 0 {
		if x == 0 {
			scale = 0
			break
		}
		x /= 10
		scale--
	}
	if x <= -maxMantissa || x >= maxMantissa || scale > maxDigits {
		v.refuse(i, []byte(decimalText(big.NewInt(x), scale)), errDigits)
		x, scale = 0, 0
	}
	v.ints[i], v.scales[i] = x, uint8(scale)
}

// setWide is setDecimal for a number in bytes.
func (v *vector) setWide(i int, b []byte) {
	for len(b) > 8 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:] // a byte that only repeats the sign
	}
	if len(b) <= 8 {
		var x int64
		if len(b) > 0 && b[0] >= 0x80 {
			x = -1
		}
		for _, c := range b {
			x = x<<8 | int64(c)
		}
		v.setDecimal(i, x)
		return
	}
	x, scale := bigDecimal(b), v.leaf.scale
	ten, rest := big.NewInt(10), new(big.Int)
	for scale > 0 {
		quotient, _ := new(big.Int).QuoRem(x, ten, rest)
		if rest.Sign() != 0 {
			break
		}
		x = quotient
		scale--
	}
	if !x.IsInt64() || x.CmpAbs(big.NewInt(maxMantissa)) >= 0 || scale > maxDigits {
		v.ints[i], v.scales[i] = 0, 0
		v.refuse(i, []byte(decimalText(x, scale)), errDigits)
		return
	}
	v.ints[i], v.scales[i] = x.Int64(), uint8(scale)
}

// bigDecimal reads a two's complement number, highest byte first.
func bigDecimal(b []byte) *big.Int {
	x := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return x
}

// decimalText prints x / 10^scale.
func decimalText(x *big.Int, scale int) string {
	if scale == 0 {
		return x.String()
	}
	digits := new(big.Int).Abs(x).String()
	for len(digits) <= scale {
		digits = "0" + digits
	}
	text := digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	if x.Sign() < 0 {
		return "-" + text
	}
	return text
}
