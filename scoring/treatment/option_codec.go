package treatment

import (
	"encoding/binary"
	"errors"
	"math"
	"unsafe"
)

// Bits of the byte that an encoded option begins with. What is as in the option before it, as a rule nearly
// everything, is left out.
const (
	sameAction = 1 << iota // the next one of the menu
	sameBlock
	sameTone
	sameAgency
	samePaid
	sameEffort // minutes and units
	noChange   // PaidAction is Paid
)

// AppendOptions appends the encoding of a case's options to dst: a quarter of their size, and no pointer.
func AppendOptions(dst []byte, options []Option) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(options)))
	before := Option{Action: -1}
	for i := range options {
		o := &options[i]
		at := len(dst)
		dst = append(dst, 0)
		head := byte(0)
		either := func(same bool, bit byte) bool {
			if same {
				head |= bit
			}
			return !same
		}
		if either(o.Action == before.Action+1, sameAction) {
			dst = binary.AppendVarint(dst, int64(o.Action))
		}
		if either(o.BlockedBy == before.BlockedBy, sameBlock) {
			dst = appendText(dst, string(o.BlockedBy))
		}
		if either(o.Tone == before.Tone, sameTone) {
			dst = appendText(dst, o.Tone)
		}
		if either(o.Agency == before.Agency, sameAgency) {
			dst = appendText(dst, o.Agency)
		}
		if either(math.Float64bits(o.Paid) == math.Float64bits(before.Paid), samePaid) {
			dst = appendFloat(dst, o.Paid)
		}
		if either(math.Float64bits(o.PaidAction) == math.Float64bits(o.Paid), noChange) {
			dst = appendFloat(dst, o.PaidAction)
		}
		if either(math.Float64bits(o.Minutes) == math.Float64bits(before.Minutes) && o.Units == before.Units, sameEffort) {
			dst = binary.AppendVarint(appendFloat(dst, o.Minutes), o.Units)
		}
		dst = binary.AppendVarint(binary.AppendVarint(dst, o.Value), o.Money)
		dst[at], before = head, *o
	}
	return dst
}

// ReadOptions appends the options at the front of b to out and returns what follows them in b. Their texts point
// into b.
func ReadOptions(b []byte, out []Option) (_ []Option, rest []byte, err error) {
	r := optionReader{b: b}
	o := Option{Action: -1}
	count := r.uint()
	for range min(count, uint64(len(b))) { // each takes a byte at least
		head := r.byte()
		o.Action++
		if head&sameAction == 0 {
			o.Action = int(r.int())
		}
		if head&sameBlock == 0 {
			o.BlockedBy = Block(r.text())
		}
		if head&sameTone == 0 {
			o.Tone = r.text()
		}
		if head&sameAgency == 0 {
			o.Agency = r.text()
		}
		if head&samePaid == 0 {
			o.Paid = r.float()
		}
		if o.PaidAction = o.Paid; head&noChange == 0 {
			o.PaidAction = r.float()
		}
		if head&sameEffort == 0 {
			o.Minutes = r.float()
			o.Units = r.int()
		}
		o.Value = r.int()
		o.Money = r.int()
		out = append(out, o)
	}
	if r.short || count > uint64(len(b)) {
		return nil, nil, errors.New("encoded options are damaged")
	}
	return out, r.b, nil
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendFloat(dst []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
}

// optionReader reads values off the front of b; where one is cut short everything is zero from there on.
type optionReader struct {
	b     []byte
	short bool
}

// take is the next n bytes.
func (r *optionReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.b, r.short = nil, true
		return nil
	}
	part := r.b[:n]
	r.b = r.b[n:]
	return part
}

func (r *optionReader) byte() byte {
	if part := r.take(1); part != nil {
		return part[0]
	}
	return 0
}

func (r *optionReader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.short = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *optionReader) int() int64 {
	v := r.uint()
	return int64(v>>1) ^ -int64(v&1)
}

func (r *optionReader) float() float64 {
	if part := r.take(8); part != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(part))
	}
	return 0
}

func (r *optionReader) text() string {
	part := r.take(r.uint())
	return unsafe.String(unsafe.SliceData(part), len(part))
}
