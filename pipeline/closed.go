package pipeline

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"kaishu/scoring"
)

// closedItems keeps the rows of items.parquet between rebuilding and writing, in one temporary
// file: there are as many as the history is long, so they never lie in memory. A shard's are written at
// once, its customers in order of their ids; read again for some run of customers they are therefore
// one piece of every shard.
type closedItems struct {
	dir string

	mu   sync.Mutex
	file *os.File
	size int64
}

// closedBlock is where some rows of one customer lie.
type closedBlock struct {
	off  int64
	sum  uint64
	size int32
	rows int32
}

// blockRows bounds a block, so that a customer with a quarter of all rows can be read from anywhere.
const blockRows = 4096

// closedWriter encodes the rows of one shard's customers. Its room serves one shard after another.
type closedWriter struct {
	rows   itemRows
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
	from, items := len(w.blocks), c.Items
	for len(closed)+len(items) > 0 {
		rows := min(len(closed)+len(items), blockRows)
		w.rows.resize(rows, 0)
		for i := range rows {
			if len(closed) == 0 || len(items) > 0 && !closedFirst(&closed[0], &items[0]) {
				w.rows.putOpen(i, &items[0])
				items = items[1:]
			} else {
				w.rows.putClosed(i, &closed[0])
				closed = closed[1:]
			}
		}
		off := len(w.data)
		w.data = w.rows.encode(w.data)
		w.blocks = append(w.blocks, closedBlock{off: int64(off), size: int32(len(w.data) - off), rows: int32(rows)})
	}
	if len(w.blocks) > from {
		w.owners = append(w.owners, closedOwner{c, from, len(w.blocks)})
	}
}

// closedFirst tells whether a closed item comes before an open one.
func closedFirst(c *scoring.Closed, it *scoring.Item) bool {
	if c.Due != it.Due {
		return c.Due < it.Due
	}
	return cmp.Or(cmp.Compare(c.ID, it.ID), cmp.Compare(c.Instalment, it.Instalment), cmp.Compare(c.Kind, it.Kind)) < 0
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
		return cannotSpill("spilling settled items", err)
	}
	clear(w.owners) // the customers go with their shard
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
func (s *closedItems) close() error { return closeSpill(s.file) }
