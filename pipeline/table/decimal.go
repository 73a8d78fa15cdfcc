package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
)

// maxDigits is the number of significant digits of a decimal: what DECIMAL(18) and an int64
// hold.
const maxDigits = 18

var (
	errNotAmount = errors.New("is not an amount")
	errLenient   = errors.New("is not an amount; set numbers: lenient for thousands separators and currency signs")
	errDigits    = errors.New("has more than 18 digits")
)

// parseDecimal reads a cell without outer blanks as mantissa / 10^digits. Strictly it is an
// optional sign, digits and optionally a point and digits. Leniently it may have separators
// between groups of three digits, a currency sign, full-width characters, and a minus sign
// behind, △ or parentheses for less than zero; zeros at the end of its decimals are then
// dropped, as they are always where the number has more than 18 digits with them. Errors read on after the quoted cell.
func parseDecimal(cell []byte, lenient bool) (mantissa int64, digits uint8, err error) {
	mantissa, digits, err = strictDecimal(cell)
	switch {
	case lenient:
		if err == errNotAmount {
			mantissa, digits, err = lenientDecimal(cell)
		}
		for ; err == nil && digits > 0 && mantissa%10 == 0; digits-- {
			mantissa /= 10
		}
	case err == errNotAmount:
		if _, _, also := lenientDecimal(cell); also == nil {
			err = errLenient
		}
	}
	return mantissa, digits, err
}

// strictDecimal does without a word on what a lenient reading would give.
func strictDecimal(cell []byte) (int64, uint8, error) {
	text := cell
	negative := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	var m int64
	point, significant := -1, 0
	for i, b := range text {
		switch {
		case isDigit(b):
			if m > 0 || b != '0' {
				significant++
			}
			if significant <= maxDigits {
				m = m*10 + int64(b-'0')
			}
		case b == '.' && point < 0 && i > 0:
			point = i
		default:
			return 0, 0, errNotAmount
		}
	}
	if len(text) == 0 || point == len(text)-1 {
		return 0, 0, errNotAmount
	}
	decimals := 0
	if point >= 0 {
		decimals = len(text) - 1 - point
	}
	if significant > maxDigits || decimals > maxDigits {
		if decimals > 0 && text[len(text)-1] == '0' { // which says nothing, as in columns of other formats
			cell = bytes.TrimRight(cell, "0")
			return strictDecimal(bytes.TrimSuffix(cell, []byte{'.'}))
		}
		return 0, 0, errDigits
	}
	if negative {
		m = -m
	}
	return m, uint8(decimals), nil
}

// wordDecimal reads the decimal in the first size bytes of data, of which eight more can be
// read. It refuses what is not one or is longer than a sign and 16 bytes, without saying why.
func wordDecimal(data []byte, size int) (int64, uint8, bool) {
	if size < 1 {
		return 0, 0, false
	}
	sign := int64(1)
	if data[0] == '-' {
		sign, data, size = -1, data[1:], size-1
	}
	if uint(size-1) < 8 {
		m, scale, ok := shortDecimal(binary.LittleEndian.Uint64(data), size)
		return sign * m, scale, ok
	}
	if uint(size-1) >= 16 {
		return 0, 0, false
	}
	head, point, ok := shortDecimal(binary.LittleEndian.Uint64(data), size-8)
	tail, scale, also := shortDecimal(binary.LittleEndian.Uint64(data[size-8:]), 8)
	if !ok || !also || point > 0 {
		return 0, 0, false
	}
	if scale > 0 {
		return sign * (head*1e7 + tail), scale, true // the tail has seven digits and the point
	}
	return sign * (head*1e8 + tail), 0, true
}

// shortDecimal reads the decimal, without sign, in the first size bytes (1 to 8) of a word.
// It refuses what is not one without saying why.
func shortDecimal(word uint64, size int) (int64, uint8, bool) {
	// Bytes past the cell become zeros in front of its digits.
	x := (word ^ 0x3030303030303030) << (64 - 8*uint(size))
	// The point is the one byte that is '.'^'0'; the lowest high bit of the usual test for
	// a zero byte is exact.
	p := x ^ 0x1e1e1e1e1e1e1e1e
	found := (p - everyone) &^ p & highBits
	decimals := 0
	if found != 0 {
		at := bits.TrailingZeros64(found) &^ 7 // first bit of the point's byte
		decimals = 7 - at>>3
		if decimals == 0 || decimals == size-1 {
			return 0, 0, false
		}
		below := x & (1<<at - 1)
		x = x&^(1<<at-1)&^(0xff<<at) | below<<8
	}
	if (x+0x7676767676767676|x)&highBits != 0 {
		return 0, 0, false
	}
	x = x*10 + x>>8
	x = ((x&0x000000ff000000ff)*0x000f424000000064 + (x>>16&0x000000ff000000ff)*0x0000271000000001) >> 32
	return int64(x), uint8(decimals), true
}

// pow10 are the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}
