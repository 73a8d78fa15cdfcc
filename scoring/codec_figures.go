package scoring

import (
	"encoding/binary"
	"math/bits"
)

// figures are what invoices and payments, which are nearly all rows, hold besides texts. They are written as
// one word that tells how many bytes each of them takes, and then those bytes, little-endian, so that neither
// writing nor reading them branches on their sizes:
//
//	bits of the word  what
//	0-2, 3-4          bytes of the place (at most 6) and the file (at most 3)
//	5-8               bytes of the mantissa, zigzagged (at most 8)
//	9-11              bytes of the day, counted from dayBase and zigzagged (at most 5)
//	12-14, 15-17      bytes of the due day and the day of knowledge, counted from the day; 7 for NoDay
//	18-20             bytes of the instalment, zigzagged (at most 4)
//	21-22             kind
//	23                a currency, two bytes, follows
//	24-27             decimals of the amount; 15 when they follow as a byte
//	28-29             which texts are not empty, after the row's id
//
// The order of the days is not that of the rows', else the compiler copies two of them as one, just after they were
// stored as two, and the processor has to wait for that.
type figures struct {
	pos        Pos
	amount     Decimal
	due        Day // NoDay where not given, as known
	day        Day
	known      Day
	instalment int32
	currency   Currency
	kind       uint8
	texts      uint8
}

const (
	// figuresRoom is what the largest figures take, 43 bytes, and eight more, which are written and read at a time.
	figuresRoom = 72

	noDayBytes   = 7
	manyDecimals = 15
)

// lowBytes has, at n, the lowest n bytes set.
var lowBytes = [16]uint64{0, 1<<8 - 1, 1<<16 - 1, 1<<24 - 1, 1<<32 - 1, 1<<40 - 1, 1<<48 - 1, 1<<56 - 1, 1<<64 - 1}

func zigzag(v int64) uint64   { return uint64(v)<<1 ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// putBytes writes v at k in as few bytes as hold it and gives their number.
func putBytes(b *[figuresRoom]byte, k uint32, v uint64) uint32 {
	binary.LittleEndian.PutUint64(b[k&63:k&63+8], v)
	return uint32(bits.Len64(v)+7) >> 3
}

// getBytes reads the n bytes at k.
func getBytes(b *[figuresRoom]byte, k, n uint32) uint64 {
	return binary.LittleEndian.Uint64(b[k&63:k&63+8]) & lowBytes[n&15]
}

// putFigures writes f and gives the number of bytes that it takes.
func putFigures(b *[figuresRoom]byte, f *figures) int {
	w, k := uint32(f.kind&3)<<21|uint32(f.texts&3)<<28, uint32(4)
	n := putBytes(b, k, uint64(f.pos.Place()))
	w, k = w|n, k+n
	n = putBytes(b, k, uint64(f.pos.File()))
	w, k = w|n<<3, k+n
	n = putBytes(b, k, zigzag(f.amount.Mantissa))
	w, k = w|n<<5, k+n
	n = putBytes(b, k, zigzag(int64(f.day)-dayBase))
	w, k = w|n<<9, k+n
	if f.due == NoDay {
		w |= noDayBytes << 12
	} else {
		n = putBytes(b, k, zigzag(int64(f.due)-int64(f.day)))
		w, k = w|n<<12, k+n
	}
	if f.known == NoDay {
		w |= noDayBytes << 15
	} else {
		n = putBytes(b, k, zigzag(int64(f.known)-int64(f.day)))
		w, k = w|n<<15, k+n
	}
	n = putBytes(b, k, zigzag(int64(f.instalment)))
	w, k = w|n<<18, k+n
	if f.currency != NoCurrency {
		putBytes(b, k, uint64(f.currency))
		w, k = w|1<<23, k+2
	}
	if f.amount.Digits < manyDecimals {
		w |= uint32(f.amount.Digits) << 24
	} else {
		putBytes(b, k, uint64(f.amount.Digits))
		w, k = w|manyDecimals<<24, k+1
	}
	binary.LittleEndian.PutUint32(b[:4], w)
	return int(k)
}

// getFigures reads figures at b[at:] and gives the place after them, nowhere when they are none.
func getFigures(b []byte, at int, f *figures) int {
	var p *[figuresRoom]byte
	if at+figuresRoom <= len(b) {
		p = (*[figuresRoom]byte)(b[at:])
	} else {
		var last [figuresRoom]byte
		copy(last[:], b[min(at, len(b)):])
		p = &last
	}
	w, k := binary.LittleEndian.Uint32(p[:4]), uint32(4)
	n := w & 7
	place, bad := getBytes(p, k, n), n > 6
	k, n = k+n, w>>3&3
	file := getBytes(p, k, n)
	k, n = k+n, w>>5&15
	mantissa := getBytes(p, k, n)
	bad = bad || n > 8
	k, n = k+n, w>>9&7
	day := unzigzag(getBytes(p, k, n)) + dayBase
	bad = bad || n > 5
	due, known := int64(NoDay), int64(NoDay)
	k, n = k+n, w>>12&7
	if n != noDayBytes {
		due = unzigzag(getBytes(p, k, n)) + day
		bad = bad || n > 5
		k += n
	}
	n = w >> 15 & 7
	if n != noDayBytes {
		known = unzigzag(getBytes(p, k, n)) + day
		bad = bad || n > 5
		k += n
	}
	n = w >> 18 & 7
	instalment := unzigzag(getBytes(p, k, n))
	bad = bad || n > 4
	k += n
	f.currency = NoCurrency
	if w&(1<<23) != 0 {
		f.currency = Currency(getBytes(p, k, 2))
		k += 2
	}
	digits := w >> 24 & 15
	if digits == manyDecimals {
		digits = uint32(getBytes(p, k, 1))
		k++
	}
	f.pos = MakePos(int(file), int64(place))
	f.amount = Decimal{Mantissa: unzigzag(mantissa), Digits: uint8(digits)}
	f.day, f.due, f.known, f.instalment = Day(day), Day(due), Day(known), int32(instalment)
	f.kind, f.texts = uint8(w>>21&3), uint8(w>>28&3)
	if bad || place >= 1<<44 || file >= 1<<20 || day != int64(f.day) || due != int64(f.due) || known != int64(f.known) || w>>30 != 0 {
		return nowhere
	}
	return at + int(k)
}
