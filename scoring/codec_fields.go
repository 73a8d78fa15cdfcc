package scoring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// The get functions read a value of b at a place and return the place after it, so that both
// stay in registers. Where nothing can be read they return the zero value and the place nowhere,
// from which everything further reads the same. They know no end of a row: fields that run
// into the next row end elsewhere than the row's size says, which is where damage shows.

// nowhere is a place past the end of any blob.
const nowhere = 1 << 62

var errDamaged = errors.New("damaged")

// getHead reads the head of the row at start: its kind, the hash, where the customer stands, and where the row ends.
// The body begins after the customer.
func getHead(b []byte, start int) (kind uint8, hash uint32, from, body, end int, err error) {
	const long = 0x80<<48 | 0x80<<8 // a size or a customer of 128 bytes or more
	if start+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[start:])
		from, end = start+2+hashBytes+1, start+2+int(w>>8&0xff)
		body = from + int(w>>48&0xff)
		if kind = kindOf(uint8(w)); kind < kinds && w&long == 0 && body <= end && end <= len(b) {
			return kind, uint32(w >> 16), from, body, end, nil
		}
	}
	return getLongHead(b, start)
}

// getLongHead reads any head.
func getLongHead(b []byte, start int) (kind uint8, hash uint32, from, body, end int, err error) {
	tag := b[start]
	if tag < codecVersion || tag >= tagEnd {
		return 0, 0, 0, 0, 0, fmt.Errorf("unknown tag %#02x", tag)
	}
	size, at := getUint(b, start+1)
	if at == nowhere || size > uint64(len(b)-at) {
		return 0, 0, 0, 0, 0, errors.New("cut short")
	}
	end = at + int(size)
	if at+hashBytes > end {
		return 0, 0, 0, 0, 0, errDamaged
	}
	hash = binary.LittleEndian.Uint32(b[at:])
	n, from := getUint(b, at+hashBytes)
	if from > end || n > uint64(end-from) {
		return 0, 0, 0, 0, 0, errDamaged
	}
	return kindOf(tag), hash, from, from + int(n), end, nil
}

// textAt is b[from:to] as a string that points into the blob.
func textAt(b []byte, from, to int) string {
	s := b[from:to]
	return unsafe.String(unsafe.SliceData(s), len(s))
}

// getUint reads a uvarint.
func getUint(b []byte, at int) (uint64, int) {
	if at+8 > len(b) {
		return getLastUint(b, at)
	}
	x := binary.LittleEndian.Uint64(b[at:])
	if x&0x80 == 0 {
		return x & 0x7f, at + 1
	}
	// The first byte without its high bit ends the number. Keep the bytes up to it, then
	// close the gaps of one bit between the groups of seven, pairwise.
	ends := ^x & 0x8080808080808080
	if ends == 0 {
		return getLastUint(b, at)
	}
	at += bits.TrailingZeros64(ends)>>3 + 1
	x &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7f
	x = x&0x007f007f007f007f | x&0x7f007f007f007f00>>1
	x = x&0x00003fff00003fff | x&0x3fff00003fff0000>>2
	return x&0x000000000fffffff | x&0x0fffffff00000000>>4, at
}

// getLastUint reads a uvarint near the end of the blob, or one of more than eight bytes.
func getLastUint(b []byte, at int) (uint64, int) {
	if at > len(b) {
		return 0, nowhere
	}
	v, n := binary.Uvarint(b[at:])
	if n <= 0 {
		return 0, nowhere
	}
	return v, at + n
}

// getInt reads a zigzagged uvarint.
func getInt(b []byte, at int) (int64, int) {
	v, at := getUint(b, at)
	return unzigzag(v), at
}

// getInt32 reads a number that must fit 32 bits.
func getInt32(b []byte, at int) (int32, int) {
	v, at := getInt(b, at)
	if v != int64(int32(v)) {
		at = nowhere
	}
	return int32(v), at
}

// getDay reads a day relative to another.
func getDay(b []byte, at int, base int64) (Day, int) {
	v, at := getInt(b, at)
	v += base
	if v != int64(int32(v)) {
		at = nowhere
	}
	return Day(v), at
}

// getString reads a string that points into the blob.
func getString(b []byte, at int) (string, int) {
	n, at := getUint(b, at)
	if at > len(b) || n > uint64(len(b)-at) {
		return "", nowhere
	}
	return textAt(b, at, at+int(n)), at + int(n)
}

// getByte reads one byte.
func getByte(b []byte, at int) (byte, int) {
	if at >= len(b) {
		return 0, nowhere
	}
	return b[at], at + 1
}

// getCurrency reads two bytes.
func getCurrency(b []byte, at int) (Currency, int) {
	if at+2 > len(b) {
		return NoCurrency, nowhere
	}
	return Currency(binary.LittleEndian.Uint16(b[at:])), at + 2
}

// getDecimal reads a mantissa and the number of decimals.
func getDecimal(b []byte, at int) (Decimal, int) {
	v, at := getInt(b, at)
	digits, at := getByte(b, at)
	return Decimal{Mantissa: v, Digits: digits}, at
}

// getFloat reads the eight bytes of a float.
func getFloat(b []byte, at int) (float64, int) {
	if at+8 > len(b) {
		return 0, nowhere
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b[at:])), at + 8
}

// getPos reads the place and the file of a row.
func getPos(b []byte, at int) (Pos, int) {
	place, at := getUint(b, at)
	file, at := getUint(b, at)
	if place >= 1<<44 || file >= 1<<20 {
		at = nowhere
	}
	return MakePos(int(file), int64(place)), at
}
