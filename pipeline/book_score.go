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
			days := uint64(0)
			if d != scoring.NoDay {
				days = uint64(d-n.asOf) + 1
			}
			dst = binary.AppendUvarint(dst, days)
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
	for i := range c.items {
		it := &c.items[i]
		if len(b) < 8 {
			return errEntry
		}
		it.paid30 = math.Float64frombits(binary.LittleEndian.Uint64(b))
		b = b[8:]
		for _, to := range [...]*scoring.Day{&it.expected, &it.early, &it.late} {
			var days uint64
			if b, err = numbers(b, &days); err != nil {
				return err
			}
			if *to = scoring.NoDay; days > 0 {
				*to = n.asOf + scoring.Day(days-1)
			}
		}
	}
	return nil
}
