package table

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"
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

// block is a run of whole rows, in a worker's room for it.
type block struct {
	text  []byte // splitPad readable bytes after it
	place int64  // of text[0] in the file's text
	buf   []byte
}

// cutter reads the text of a file and cuts it into blocks of whole rows. Workers take them from it in turn, and the one
// that takes a block reads it and hashes what it read: a processor then has in its cache what it types next, and nothing
// is handed from one to another.
type cutter struct {
	in      *input
	dialect dialect
	size    int // of a block, where rows are not longer

	reading sync.Mutex // guards what follows, and the text of in
	done    bool
	skip    int    // bytes of the next block before its first row: at first the byte order mark and the header
	place   int64  // of the next block in the file's text
	rest    []byte // with which the next block begins, in the room of the one before

	// hashing guards the sum of a plain file. It is taken before reading is given back, so that blocks are hashed in order.
	hashing sync.Mutex
}

func newCutter(in *input, d dialect, size, skip, mark int) *cutter {
	return &cutter{in: in, dialect: d, size: size, skip: skip, place: int64(-mark)}
}

// next reads the next block, which may have no rows; false after the last.
func (c *cutter) next(b *block) (bool, error) {
	c.reading.Lock()
	if c.done {
		c.reading.Unlock()
		return false, nil
	}
	fresh, err := c.read(b)
	c.hashing.Lock()
	c.reading.Unlock()
	defer c.hashing.Unlock()
	if c.in.plain && err == nil {
		c.in.sum.Write(fresh)
		c.in.stored += int64(len(fresh))
	}
	return err == nil, err
}

// ahead has a goroutine of its own read the blocks of a file that must be decoded, and gives a next that takes them from there:
// decoding takes longer than typing and must not wait for it.
func (c *cutter) ahead(ctx context.Context, g *errgroup.Group, workers int) func(*block) (bool, error) {
	blocks := 3 * workers // of which each worker has one, and two lie ready for it
	free, full := make(chan block, blocks), make(chan block, blocks)
	for range blocks {
		free <- block{}
	}
	g.Go(func() error {
		defer close(full)
		for {
			select {
			case b := <-free:
				if more, err := c.next(&b); err != nil || !more {
					return err
				}
				full <- b
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	return func(b *block) (more bool, err error) {
		if b.buf != nil {
			free <- *b
		}
		*b, more = <-full
		return more, nil
	}
}

// read is next but for the hash of the bytes that it gives.
func (c *cutter) read(b *block) (fresh []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // a decompressor met bytes it was not made for
			err = &Error{File: c.in.path, Msg: fmt.Sprintf("is damaged (%v)", p)}
		}
		c.done = c.done || err != nil
	}()
	buf := b.buf
	if room, most := len(c.rest)+c.size+blockPad, 4*c.size; cap(buf) < room || cap(buf) > most && room < most {
		buf = make([]byte, room)
	}
	b.buf = buf[:cap(buf)]
	had := copy(b.buf, c.rest)
	have, cut := had, -1
	for cut < 0 {
		if have, c.done, err = c.fill(b, have); err != nil {
			return nil, err
		}
		if cut = c.cut(b.buf[:have], c.skip, c.done); cut >= 0 {
			break
		}
		if have-c.skip >= longestRow {
			return nil, &Error{File: c.in.path, Msg: fmt.Sprintf("the row at byte %d is longer than %d MiB", c.place+int64(c.skip), longestRow>>20),
				Hint: "is this a text file with one row per line?"}
		}
		b.buf = append(make([]byte, 0, min(2*len(b.buf), c.skip+longestRow+blockPad)), b.buf[:have]...)
		b.buf = b.buf[:cap(b.buf)]
	}
	if cut < c.skip {
		return nil, c.in.changed() // the file ends within what was its header
	}
	b.text, b.place = b.buf[c.skip:cut], c.place+int64(c.skip)
	c.rest, c.place, c.skip = b.buf[cut:have], c.place+int64(cut), 0
	if n := len(b.text); n > 0 && b.text[n-1] != '\n' {
		b.text = append(b.text, '\n') // the file ends here
	}
	return b.buf[had:have], nil
}

// fill reads until the block is full, but for the pad, or the file ends.
func (c *cutter) fill(b *block, have int) (int, bool, error) {
	for have < len(b.buf)-blockPad {
		n, err := c.in.text.Read(b.buf[have : len(b.buf)-blockPad])
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
