package scoring

import (
	"encoding/binary"
	"unsafe"
)

// pattern is what the texts of many rows have in common: all but the decimal digits among their last 16 bytes.
// INV-000000376 is number 376 of the pattern INV-000000000, INV-010423-0010 number 10423_0_0010 of
// INV-000000-0000: what is no digit counts as a zero, so that the 16 bytes are two numbers of eight
// digits wherever the digits stand, and neither taking a text apart nor putting it together branches.
//
// The 16 bytes are held as two words, the last byte highest, in a shorter text after bytes of zero.
type pattern struct {
	template string // a text of the pattern, with zeros for the digits
	hash     uint64 // of that
	last     [2]uint64
	digits   [2]uint64 // 0x0f where a digit stands
	over     [2]uint64 // what, added to a byte less that of the template, makes more than 0x7f of what may not stand there
}

const (
	patternBytes  = 16
	patternDigits = 1e16 // beyond the largest number
	longPattern   = 64   // longer texts have none

	everyByte = 1<<56 | 1<<48 | 1<<40 | 1<<32 | 1<<24 | 1<<16 | 1<<8 | 1
)

// newPattern is the pattern of a text; ok is false when it has none.
func newPattern(s string) (p *pattern, ok bool) {
	p = &pattern{}
	if s == "" || len(s) >= longPattern {
		return p, false
	}
	template := []byte(s)
	for i := range template {
		at := i + patternBytes - len(s)
		if at < 0 {
			continue
		}
		digit, over := byte(0), byte(0x7f)
		if '0' <= s[i] && s[i] <= '9' {
			template[i], digit, over = '0', 0x0f, 0x7f-9
		}
		word, by := at/8, 8*(at%8)
		p.last[word] |= uint64(template[i]) << by
		p.digits[word] |= uint64(digit) << by
		p.over[word] |= uint64(over) << by
	}
	p.template = string(template)
	p.hash = CustomerHash(p.template)
	return p, true
}

// number is which text of the pattern s is; ok is false when it is none.
func (p *pattern) number(s string) (v uint64, ok bool) {
	n := len(s)
	if n != len(p.template) || n < 8 {
		return p.numberShort(s)
	}
	last := word(s, n-8) ^ p.last[1] // 0 to 9 where there are digits, elsewhere 0
	if more(last, p.over[1]) {
		return 0, false
	}
	v = numberOf(last)
	if n == 8 {
		return v, true
	}
	var first uint64
	if n < patternBytes {
		first = word(s, 0) << (8 * (patternBytes - n) & 63)
	} else if first = word(s, n-16); n > patternBytes && s[:n-patternBytes] != p.template[:n-patternBytes] {
		return 0, false
	}
	if first ^= p.last[0]; first != 0 {
		if more(first, p.over[0]) {
			return 0, false
		}
		v += numberOf(first) * 1e8
	}
	return v, true
}

// numberShort is number for texts of less than eight bytes.
func (p *pattern) numberShort(s string) (v uint64, ok bool) {
	if len(s) != len(p.template) {
		return 0, false
	}
	var last uint64
	for i := range len(s) {
		last |= uint64(s[i]) << (8 * (8 - len(s) + i))
	}
	last ^= p.last[1]
	return numberOf(last), !more(last, p.over[1])
}

// templateOf is what would be last in the pattern of a text.
func templateOf(s string) (last [2]uint64) {
	if n := len(s); n >= 8 {
		last[1] = word(s, n-8)
		if n >= patternBytes {
			last[0] = word(s, n-16)
		} else if n > 8 {
			last[0] = word(s, 0) << (8 * (patternBytes - n) & 63)
		}
	} else {
		for i := range n {
			last[1] |= uint64(s[i]) << (8 * (8 - n + i))
		}
	}
	for i, w := range last {
		y := w ^ '0'*everyByte
		over := (y&(0x7f*everyByte) + (0x7f-9)*everyByte | y) & (0x80 * everyByte) // where there is no digit
		last[i] ^= y & ((over ^ 0x80*everyByte) >> 7 * 0x0f)
	}
	return last
}

// is tells whether it is the pattern of a text, given what would be last in that.
func (p *pattern) is(s string, last [2]uint64) bool {
	n := len(s)
	return p.last == last && len(p.template) == n && (n <= patternBytes || p.template[:n-patternBytes] == s[:n-patternBytes])
}

// word is the eight bytes of a text at a place, which must be there.
func word(s string, at int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), at))[:])
}

// more tells whether a byte of x and that of over are more than 0x7f.
func more(x, over uint64) bool {
	return (x&(0x7f*everyByte)+over|x)&(0x80*everyByte) != 0
}

// numberOf is the number of eight digits, one a byte, the first one lowest.
func numberOf(digits uint64) uint64 {
	const (
		one   = 0xff | 0xff<<32
		first = 100 | 1000000<<32
		then  = 1 | 10000<<32
	)
	pairs := digits*10 + digits>>8
	return (pairs&one*first + pairs>>16&one*then) >> 32
}

// digitsOf is the other way round.
func digitsOf(number uint64) uint64 {
	high := number / 10000
	v := high | (number-high*10000)<<32 // two of four digits
	q := v * 10486 >> 20 & (0x7f | 0x7f<<32)
	v = q | (v-q*100)<<16 // four of two
	q = v * 103 >> 10 & (0xf | 0xf<<16 | 0xf<<32 | 0xf<<48)
	return q | (v-q*10)<<8
}

// texts is room in which texts are put together. What is in it stays when it grows, for as long as anybody
// points to it.
type texts struct {
	room []byte
	used int
}

// firstTexts is the first room for texts.
const firstTexts = 4 << 10

// need makes room for n more bytes.
func (t *texts) need(n int) {
	if len(t.room)-t.used < n {
		t.room, t.used = make([]byte, max(2*len(t.room), firstTexts, n)), 0
	}
}

// room is what a text takes while it is put together.
func (p *pattern) room() int { return max(len(p.template), patternBytes) }

// add is text number v of a pattern, for which there must be room. wrong is not zero when there is no such text.
func (t *texts) add(p *pattern, v uint64) (s string, wrong uint64) {
	n := uint(len(p.template))
	if v >= 1e8 || n > patternBytes {
		return t.addOther(p, v)
	}
	b := (*[patternBytes]byte)(t.room[t.used:])
	t.used += patternBytes
	last := digitsOf(v)
	binary.LittleEndian.PutUint64(b[:8], p.last[0])
	binary.LittleEndian.PutUint64(b[8:], last|p.last[1])
	return unsafe.String(&b[(patternBytes-n)%patternBytes], n), last &^ p.digits[1]
}

// addOther is add of a number of more than eight digits or of a long text.
func (t *texts) addOther(p *pattern, v uint64) (s string, wrong uint64) {
	first, last, wrong := p.first(v)
	n := len(p.template)
	from := t.used
	if n > patternBytes {
		t.used += copy(t.room[t.used:], p.template[:n-patternBytes])
	} else {
		from += patternBytes - n
	}
	b := (*[patternBytes]byte)(t.room[t.used:])
	t.used += patternBytes
	binary.LittleEndian.PutUint64(b[:8], first)
	binary.LittleEndian.PutUint64(b[8:], last|p.last[1])
	return textAt(t.room, from, t.used), wrong | last&^p.digits[1]
}

// first is the first eight of the last bytes of text number v, and the digits of the others.
func (p *pattern) first(v uint64) (first, digits, wrong uint64) {
	if v >= patternDigits {
		return p.last[0], 0, 1
	}
	first = digitsOf(v / 1e8)
	return first | p.last[0], digitsOf(v % 1e8), first &^ p.digits[0]
}
