package table

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync/atomic"
)

const (
	// blockSize is how much text is cut and handed to a worker at a time. Text and typed
	// cells of a block then stay in a core's second-level cache.
	blockSize = 256 << 10

	// longestRow is where the search for the end of a row gives up.
	longestRow = 16 << 20
)

// blockPad is kept free at the end of a block's memory: for the line end that the last row of
// a file may lack, and for what the splitter reads after the text.
const blockPad = 1 + splitPad

// block is a run of whole rows on its way from the reader to a worker.
type block struct {
	text  []byte // splitPad readable bytes after it
	place int64  // of text[0] in the file's text
	buf   []byte
	uses  atomic.Int32
}

// piece is a run of stored bytes for the hash; the block it lies in is in use until then.
type piece struct {
	bytes []byte
	in    *block
}

// cutter reads the text of a file and cuts it into blocks of whole rows. Blocks go round:
// the cutter takes them from free, and whoever uses one last puts it back.
type cutter struct {
	in      *input
	dialect dialect
	size    int // of a block, where rows are not longer
	skip    int // bytes before the first data row, the byte order mark included
	mark    int // bytes of that mark
	free    chan *block
	blocks  chan *block
	pieces  chan piece // nil when the input hashes
}

func newCutter(in *input, d dialect, size, skip, mark, blocks int) *cutter {
	c := &cutter{in: in, dialect: d, size: size, skip: skip, mark: mark, free: make(chan *block, blocks), blocks: make(chan *block, blocks)}
	for range blocks {
		c.free <- new(block)
	}
	if in.plain {
		c.pieces = make(chan piece, blocks)
	}
	return c
}

// take waits for a block that nobody uses and gives it room for so many bytes.
func (c *cutter) take(ctx context.Context, room int) (*block, error) {
	select {
	case b := <-c.free:
		if most := 4 * c.size; cap(b.buf) < room || cap(b.buf) > most && room < most {
			b.buf = make([]byte, room)
		}
		b.buf = b.buf[:cap(b.buf)]
		b.uses.Store(1)
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// release says that a use of the block is over.
func (c *cutter) release(b *block) {
	if b.uses.Add(-1) == 0 {
		c.free <- b
	}
}

// run cuts the whole file. It closes blocks and pieces when it ends.
func (c *cutter) run(ctx context.Context) error {
	defer close(c.blocks)
	if c.pieces != nil {
		defer close(c.pieces)
	}
	b, err := c.take(ctx, c.size+blockPad)
	if err != nil {
		return err
	}
	have, from, place := 0, c.skip, int64(-c.mark)
	for eof := false; ; {
		have, eof, err = c.fill(b, have)
		if err != nil {
			return err
		}
		cut := c.cut(b.buf[:have], from, eof)
		if cut < 0 {
			if have-from >= longestRow {
				return &Error{File: c.in.path, Msg: fmt.Sprintf("the row at byte %d is longer than %d MiB", place+int64(from), longestRow>>20),
					Hint: "is this a text file with one row per line?"}
			}
			b.buf = append(make([]byte, 0, min(2*len(b.buf), from+longestRow+blockPad)), b.buf[:have]...)
			b.buf = b.buf[:cap(b.buf)]
			continue
		}
		var next *block
		if !eof {
			if next, err = c.take(ctx, have-cut+c.size+blockPad); err != nil {
				return err
			}
			copy(next.buf, b.buf[cut:have])
		}
		if err := c.hand(ctx, b, from, cut, place); err != nil || eof {
			return err
		}
		b, have, from, place = next, have-cut, 0, place+int64(cut)
	}
}

// fill reads until the block is full, but for the pad, or the file ends.
func (c *cutter) fill(b *block, have int) (int, bool, error) {
	for have < len(b.buf)-blockPad {
		n, err := c.in.text.Read(b.buf[have : len(b.buf)-blockPad])
		if n > 0 && c.pieces != nil {
			b.uses.Add(1)
			c.pieces <- piece{b.buf[have : have+n], b}
		}
		have += n
		if err == io.EOF {
			return have, true, nil
		}
		if err != nil {
			return have, false, c.in.failure(err)
		}
	}
	return have, false, nil
}

// cut finds the end of the last row that is whole, -1 when there is none.
func (c *cutter) cut(text []byte, from int, eof bool) int {
	if eof {
		return len(text)
	}
	if len(text) <= from {
		return -1
	}
	if bytes.IndexByte(text[from:], '"') < 0 {
		if i := bytes.LastIndexByte(text[from:], '\n'); i >= 0 {
			return from + i + 1
		}
		return -1
	}
	cut := -1
	for at := from; at < len(text); {
		end := c.dialect.rowEnd(text, at, false)
		if end < 0 {
			break
		}
		cut, at = end, end
	}
	return cut
}

// hand gives the rows of a block to the workers.
func (c *cutter) hand(ctx context.Context, b *block, from, cut int, place int64) error {
	if cut < from {
		return c.in.changed() // the file ends within what was its header
	}
	if cut == from {
		c.release(b)
		return nil
	}
	if b.buf[cut-1] != '\n' {
		b.buf[cut] = '\n'
		cut++
	}
	b.text, b.place = b.buf[from:cut], place+int64(from)
	select {
	case c.blocks <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
