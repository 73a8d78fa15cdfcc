package pipeline

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

	"kaishu/scoring"
	"kaishu/scoring/treatment"
)

// keepScores puts what the model says of the customers of a page into the book.
func (n *night) keepScores(page int, list []*customer, room *filing) (err error) {
	if n.book == nil {
		return nil
	}
	room.piece = room.piece[:0]
	for _, c := range list {
		room.entry = n.appendScore(room.entry[:0], c)
		room.piece = append(binary.AppendUvarint(room.piece, uint64(len(room.entry))), room.entry...)
	}
	n.book.pages[page].scores, err = n.book.put(room.piece)
	return err
}

// itemScoreBytes is the size of an encoded itemScore: a float, and three days after the as-of date plus 1, of which there are some
// 180 (hazard.Curve.Quantile).
const itemScoreBytes = 8 + 3*2

// appendScore encodes what the model says of a customer.
func (n *night) appendScore(dst []byte, c *customer) []byte {
	for _, v := range [...]float64{c.paid30, c.p90, c.score} {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
	}
	dst = append(binary.AppendUvarint(dst, uint64(len(c.grade))), c.grade...)
	dst = binary.AppendVarint(dst, c.loss)
	dst = binary.AppendUvarint(dst, uint64(len(c.reasons)))
	for _, r := range c.reasons {
		dst = append(binary.AppendUvarint(dst, uint64(len(r))), r...)
	}
	dst = treatment.AppendOptions(dst, c.options)
	for i := range c.items {
		it := &c.items[i]
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(it.paid30))
		for _, d := range [...]scoring.Day{it.expected, it.early, it.late} {
			days := uint16(0)
			if d != scoring.NoDay {
				days = uint16(d-n.asOf) + 1
			}
			dst = binary.LittleEndian.AppendUint16(dst, days)
		}
	}
	return dst
}

// readScore decodes it again; its texts point into the entry.
func (n *night) readScore(entry []byte, c *customer) (err error) {
	if len(entry) < 24 {
		return errEntry
	}
	b := entry
	text := func() (string, error) {
		part, rest, err := cut(b)
		b = rest
		return unsafe.String(unsafe.SliceData(part), len(part)), err
	}
	for i, v := range [...]*float64{&c.paid30, &c.p90, &c.score} {
		*v = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	b = b[24:]
	if c.grade, err = text(); err != nil {
		return err
	}
	loss, size := binary.Varint(b)
	if size <= 0 {
		return errEntry
	}
	c.loss = loss
	var reasons uint64
	if b, err = numbers(b[size:], &reasons); err != nil {
		return err
	}
	c.reasons = c.reasons[:0]
	for range reasons {
		r, err := text()
		if err != nil {
			return err
		}
		c.reasons = append(c.reasons, r)
	}
	if c.options, b, err = treatment.ReadOptions(b, c.options[:0]); err != nil {
		return err
	}
	if c.decision != nil && c.talks {
		c.talkFirst(n.menu)
	}
	if c.decision != nil && c.out {
		c.holdOut()
	}
	c.items = slices.Grow(c.items[:0], int(c.OpenItems))[:c.OpenItems]
	if len(b) < itemScoreBytes*len(c.items) {
		return errEntry
	}
	for i := range c.items {
		e := (*[itemScoreBytes]byte)(b[itemScoreBytes*i:])
		day := func(at int) scoring.Day {
			if days := binary.LittleEndian.Uint16(e[at:]); days > 0 {
				return n.asOf + scoring.Day(days-1)
			}
			return scoring.NoDay
		}
		c.items[i] = itemScore{math.Float64frombits(binary.LittleEndian.Uint64(e[:])), day(8), day(10), day(12)}
	}
	return nil
}
