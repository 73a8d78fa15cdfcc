package pipeline

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"kaishu/scoring"
)

// closedItems keeps the items with a balance of zero between rebuilding and writing, in one temporary
// file: there are as many as the history is long, so they never lie in memory. A shard's are written at
// once, its customers in order of their ids; read again for some run of customers they are therefore
// one piece of every shard.
type closedItems struct {
	dir string

	mu   sync.Mutex
	file *os.File
	size int64
}

// closedBlock is where some rows of one customer's items lie: the closed ones encoded, the open ones
// only by their places among them.
type closedBlock struct {
	off  int64
	sum  uint64
	size int32
	rows int32 // closed and open
	open int32 // index in Account.Items of the first open one
}

// blockRows bounds a block, so that a customer with a quarter of all rows can be read from anywhere.
const blockRows = 4096

// Bits of the byte that a row begins with.
const (
	closedKind       = 1<<0 | 1<<1 // index into closedKinds
	closedCurrency   = 1 << 2      // another currency than the row before
	closedInstalment = 1 << 3
	closedNoDay      = 1 << 4
	closedIsOpen     = 0xFF // no closed row, but the next open item of the account
)

var closedKinds = [...]string{"invoice", "credit_note", "debit_note"}

// closedWriter encodes the closed items of one shard's customers.
type closedWriter struct {
	data   []byte
	blocks []closedBlock
	owners []closedOwner
}

type closedOwner struct {
	customer *customer
	from, to int // of blocks
}

// add encodes the closed items of a customer among its open ones, in the order of both.
func (w *closedWriter) add(c *customer, closed []scoring.Closed) {
	if len(closed) == 0 {
		return
	}
	from := len(w.blocks)
	items := c.Items
	var b *closedBlock
	var before scoring.Closed
	for i, k := 0, 0; i < len(closed) || k < len(items); {
		if b == nil || b.rows == blockRows {
			w.blocks = append(w.blocks, closedBlock{off: int64(len(w.data)), open: int32(k)})
			b, before = &w.blocks[len(w.blocks)-1], scoring.Closed{}
		}
		if i == len(closed) || k < len(items) && !closedFirst(&closed[i], &items[k]) {
			w.data = append(w.data, closedIsOpen)
			k++
		} else {
			w.data = appendClosed(w.data, &closed[i], &before)
			before = closed[i]
			i++
		}
		b.rows++
		b.size = int32(int64(len(w.data)) - b.off)
	}
	w.owners = append(w.owners, closedOwner{c, from, len(w.blocks)})
}

// closedFirst tells whether a closed item comes before an open one.
func closedFirst(c *scoring.Closed, it *scoring.Item) bool {
	if c.Due != it.Due {
		return c.Due < it.Due
	}
	return cmp.Or(cmp.Compare(c.ID, it.ID), cmp.Compare(c.Instalment, it.Instalment), cmp.Compare(c.Kind, it.Kind)) < 0
}

// appendClosed encodes a row: days as differences to others that are near, everything as varints.
func appendClosed(b []byte, c, before *scoring.Closed) []byte {
	head := byte(0)
	switch c.Kind {
	case closedKinds[1]:
		head = 1
	case closedKinds[2]:
		head = 2
	}
	if c.Currency != before.Currency {
		head |= closedCurrency
	}
	if c.Instalment != 0 {
		head |= closedInstalment
	}
	if c.On == scoring.NoDay {
		head |= closedNoDay
	}
	b = append(b, head)
	b = binary.AppendUvarint(b, uint64(len(c.ID)))
	b = append(b, c.ID...)
	b = binary.AppendVarint(b, int64(c.Due)-int64(before.Due))
	b = binary.AppendVarint(b, int64(c.Due)-int64(c.Issue))
	b = binary.AppendVarint(b, c.Amount)
	if head&closedCurrency != 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(c.Currency))
	}
	if head&closedInstalment != 0 {
		b = binary.AppendVarint(b, int64(c.Instalment))
	}
	if head&closedNoDay == 0 {
		b = binary.AppendVarint(b, int64(c.On)-int64(c.Due))
	}
	return b
}

// closedRow is a decoded row; id points into the block.
type closedRow struct {
	id         []byte
	kind       string
	issue, due scoring.Day
	on         scoring.Day
	amount     int64
	currency   scoring.Currency
	instalment int32
}

// next decodes the row at the beginning of a block's rest over the row before it and returns what
// follows. The row is an open item where it says so.
func (r *closedRow) next(b []byte) (rest []byte, open bool) {
	head := b[0]
	if head == closedIsOpen {
		return b[1:], true
	}
	b = b[1:]
	size, n := binary.Uvarint(b)
	r.id, b = b[n:n+int(size)], b[n+int(size):]
	due, n := binary.Varint(b)
	b = b[n:]
	terms, n := binary.Varint(b)
	b = b[n:]
	r.due += scoring.Day(due)
	r.issue, r.kind = r.due-scoring.Day(terms), closedKinds[head&closedKind]
	r.amount, n = binary.Varint(b)
	b = b[n:]
	if head&closedCurrency != 0 {
		r.currency = scoring.Currency(binary.LittleEndian.Uint16(b))
		b = b[2:]
	}
	r.instalment, r.on = 0, scoring.NoDay
	if head&closedInstalment != 0 {
		part, n := binary.Varint(b)
		r.instalment, b = int32(part), b[n:]
	}
	if head&closedNoDay == 0 {
		late, n := binary.Varint(b)
		r.on, b = r.due+scoring.Day(late), b[n:]
	}
	return b, false
}

// put writes a shard's closed items to the file and tells their customers where they are.
func (s *closedItems) put(w *closedWriter) error {
	if len(w.data) == 0 {
		return nil
	}
	s.mu.Lock()
	if s.file == nil {
		var err error
		if s.file, err = createSpill(s.dir); err != nil {
			s.mu.Unlock()
			return err
		}
	}
	off := s.size
	s.size += int64(len(w.data))
	s.mu.Unlock()
	blocks := slices.Clone(w.blocks) // without room to grow: they stay
	for i := range blocks {
		b := &blocks[i]
		b.sum = xxh3.Hash(w.data[b.off : b.off+int64(b.size)])
		b.off += off
	}
	for _, o := range w.owners {
		o.customer.closed = blocks[o.from:o.to]
	}
	if _, err := s.file.WriteAt(w.data, off); err != nil {
		return fmt.Errorf("writing settled items to %s: %w", s.file.Name(), err)
	}
	w.data, w.blocks, w.owners = w.data[:0], w.blocks[:0], w.owners[:0]
	return nil
}

// read returns the bytes of some blocks, neighbours in one piece. room is reused and returned,
// possibly grown.
func (s *closedItems) read(blocks []closedBlock, room []byte) (data [][]byte, grown []byte, err error) {
	order := make([]int, len(blocks))
	need := 0
	for i := range blocks {
		order[i] = i
		need += int(blocks[i].size)
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(blocks[x].off, blocks[y].off) })
	if cap(room) < need {
		room = make([]byte, need)
	}
	data = make([][]byte, len(blocks))
	free := room[:need]
	for from := 0; from < len(order); {
		first := &blocks[order[from]]
		to, end := from, first.off
		for ; to < len(order) && blocks[order[to]].off == end; to++ {
			end += int64(blocks[order[to]].size)
		}
		piece := free[:end-first.off]
		free = free[end-first.off:]
		if _, err := s.file.ReadAt(piece, first.off); err != nil {
			return nil, room, fmt.Errorf("reading settled items back from %s: %w", s.file.Name(), err)
		}
		for _, i := range order[from:to] {
			b := &blocks[i]
			data[i], piece = piece[:b.size], piece[b.size:]
			if xxh3.Hash(data[i]) != b.sum {
				return nil, room, fmt.Errorf("reading settled items back from %s: the bytes at %d are not those written", s.file.Name(), b.off)
			}
		}
		from = to
	}
	return data, room, nil
}

// close frees the file.
func (s *closedItems) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	_ = os.Remove(s.file.Name()) // gone already where unlinking an open file works
	return err
}
