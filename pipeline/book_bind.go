package pipeline

import (
	"encoding/binary"
	"slices"
	"strings"
)

// stream is the entries of a drawer, one after the other, while drawers are merged.
type stream struct {
	drawer *drawer
	number int  // of the drawer
	at     int  // of the entry in the drawer
	end    int  // the entry not to come to any more
	lends  bool // pieces are left to who comes after

	piece  int    // that the entry is in
	within int    // of the entry in the piece
	rest   []byte // of the piece, after the entry
	room   []byte
	entry  []byte
	id     []byte
}

// open begins with the first entry of a piece, which is the drawer's entry `at`.
func (s *stream) open(from *blobs, piece, at int) (ok bool, err error) {
	s.piece, s.at, s.within, s.rest = piece, at, 0, nil
	if s.at == s.end {
		return false, nil
	}
	if s.rest, s.room, err = from.get(&s.drawer.pieces[piece].blob, s.room); err != nil {
		return false, err
	}
	return true, s.cut()
}

func (s *stream) cut() (err error) {
	if s.entry, s.rest, err = cut(s.rest); err == nil {
		s.id, _, err = cut(s.entry)
	}
	return err
}

// next moves to the next entry; ok is false after the last.
func (s *stream) next(from *blobs) (ok bool, err error) {
	if p := &s.drawer.pieces[s.piece]; s.within+1 == p.count {
		if !s.lends && !p.both {
			from.drop(&p.blob)
		}
		return s.open(from, s.piece+1, s.at+1)
	}
	s.at, s.within = s.at+1, s.within+1
	if s.at == s.end {
		return false, nil
	}
	return true, s.cut()
}

// seek is the stream of a drawer from the first customer on whose id is not below one; nil when there is none. at is that entry
// or, without one, how many the drawer has.
func (b *book) seek(d *drawer, number int, id string) (s *stream, at int, err error) {
	piece, _ := slices.BinarySearchFunc(d.pieces, id, func(p piece, id string) int { return strings.Compare(p.first, id) })
	piece = max(piece-1, 0)
	for i := range piece {
		at += d.pieces[i].count
	}
	s = &stream{drawer: d, number: number, end: d.count, lends: true}
	ok, err := s.open(b.blobs, piece, at)
	for ok && err == nil && string(s.id) < id {
		ok, err = s.next(b.blobs)
	}
	if !ok || err != nil {
		return nil, s.at, err
	}
	return s, s.at, nil
}

// bind merges the drawers into pages and tells each of every customer, in order, unless it is nil. The lower and the upper
// half of the book are bound side by side. Not more parts: of each a piece of every drawer may have to be in memory.
func (b *book) bind(workers int, drawers []*drawer, each func(d *drawer, entry int)) error {
	halves, err := b.halves(drawers)
	if err != nil {
		return err
	}
	if err := parallel(workers, len(halves), func(_, i int) error { return halves[i].bind(b.blobs, each != nil) }); err != nil {
		return err
	}
	next := make([]int, len(drawers))
	for i := range halves {
		h := &halves[i]
		b.pages = append(b.pages, h.pages...)
		for _, number := range h.order {
			each(drawers[number], next[number])
			next[number]++
		}
	}
	for _, d := range drawers {
		b.count += d.count
		for i := range d.pieces {
			b.drop(&d.pieces[i].blob) // of both halves
		}
	}
	return nil
}

// half is some pages of a book on their way into it.
type half struct {
	streams streams
	pages   []page
	order   []uint32 // the drawer of each customer
}

// halves parts the drawers' customers between two pages about the middle.
func (b *book) halves(drawers []*drawer) ([2]half, error) {
	var h [2]half
	var middles []string
	for _, d := range drawers {
		if d.count > 0 {
			middles = append(middles, d.middle)
		}
	}
	if len(middles) == 0 {
		return h, nil
	}
	slices.Sort(middles)
	middle := middles[len(middles)/2]
	ends, below := make([]int, len(drawers)), 0
	upper := &h[1].streams
	for i, d := range drawers {
		if d.count == 0 {
			continue
		}
		s, at, err := b.seek(d, i, middle)
		if err != nil {
			return h, err
		}
		if below += at; s != nil {
			*upper = append(*upper, s)
		}
		ends[i] = at
	}
	upper.order()
	for ; below%pageSize != 0 && len(*upper) > 0; below++ {
		ends[(*upper)[0].number]++
		if err := upper.next(b.blobs); err != nil {
			return h, err
		}
	}
	for _, s := range *upper {
		s.lends, s.drawer.pieces[s.piece].both = false, s.within > 0
	}
	for i, d := range drawers {
		s := &stream{drawer: d, number: i, end: ends[i]}
		ok, err := s.open(b.blobs, 0, 0)
		if err != nil {
			return h, err
		}
		if ok {
			h[0].streams = append(h[0].streams, s)
		}
	}
	h[0].streams.order()
	return h, nil
}

// bind merges the streams into pages, which go to blobs, and notes the drawer of each customer if asked to.
func (h *half) bind(to *blobs, noted bool) error {
	var data []byte
	var p page
	turn := func() (err error) {
		if p.accounts, err = to.put(data); err != nil {
			return err
		}
		h.pages = append(h.pages, p)
		data, p = data[:0], page{}
		return nil
	}
	for len(h.streams) > 0 {
		s := h.streams[0]
		if p.count == 0 {
			p.first = string(s.id)
		}
		_, counts, err := cut(s.entry)
		if err != nil {
			return err
		}
		var items, rows uint64
		if _, err = numbers(counts, &items, &rows); err != nil {
			return err
		}
		p.count, p.items, p.rows = p.count+1, p.items+int(items), p.rows+int64(rows)
		data = append(binary.AppendUvarint(data, uint64(len(s.entry))), s.entry...)
		if noted {
			h.order = append(h.order, uint32(s.number))
		}
		if p.count == pageSize {
			if err := turn(); err != nil {
				return err
			}
		}
		if err := h.streams.next(to); err != nil {
			return err
		}
	}
	if p.count == 0 {
		return nil
	}
	return turn()
}

// streams is a heap by id, the lowest first.
type streams []*stream

func (h streams) order() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
}

// next moves the first stream on.
func (h *streams) next(from *blobs) error {
	list := *h
	ok, err := list[0].next(from)
	if err != nil {
		return err
	}
	if !ok {
		list[0], list = list[len(list)-1], list[:len(list)-1]
	}
	list.sink(0)
	*h = list
	return nil
}

func (h streams) sink(i int) {
	for {
		least := i
		for _, k := range [...]int{2*i + 1, 2*i + 2} {
			if k < len(h) && string(h[k].id) < string(h[least].id) {
				least = k
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
