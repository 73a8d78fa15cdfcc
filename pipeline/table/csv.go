package table

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// longestHeader is where the search for the end of the header line gives up.
const longestHeader = 1 << 20

// csvFile is a text file of rows whose header has been read.
type csvFile struct {
	path     string
	index    int
	schema   Schema
	opt      Options
	info     os.FileInfo // when it was opened
	header   header
	mark     int // bytes of the byte order mark
	dialect  dialect
	block    int   // size; smaller in tests
	most     int64 // rejects; fewer in tests
	allExact bool  // in tests
}

// openCSV reads the header of a text file.
func openCSV(path string, index int, schema Schema, opt Options) (format, error) {
	if d := opt.Delimiter; d == '"' || d == '\n' || d == '\r' || d >= 0x80 {
		return nil, &Error{File: path, Msg: fmt.Sprintf("%q cannot be a delimiter", d)}
	}
	in, err := openInput(path, opt.Encoding)
	if err != nil {
		return nil, err
	}
	defer in.close()
	c := &csvFile{path: path, index: index, schema: schema, opt: opt, block: blockSize, most: MaxRejects}
	if c.info, err = in.file.Stat(); err != nil {
		return nil, fileError(path, "", err)
	}
	head, eof, err := readHead(in)
	if err != nil {
		return nil, err
	}
	if rest, ok := bytes.CutPrefix(head, []byte("\uFEFF")); ok {
		c.mark = len(head) - len(rest)
		head = rest
	}
	if len(bytes.TrimRight(head, "\r\n")) == 0 && eof {
		return nil, &Error{File: path, Msg: "is empty", Hint: emptyHint}
	}
	c.header, err = readHeader(path, head, eof, schema, opt)
	if end := c.header.end; err != nil && bytes.IndexByte(head, 0) >= 0 || bytes.IndexByte(head[:max(end, 0)], 0) >= 0 {
		return nil, &Error{File: path, Msg: "is not a text file", Hint: guessKind(head)}
	}
	if err != nil {
		return nil, err
	}
	c.dialect = dialect{delimiter: c.header.delimiter, longestQuoted: maxQuoted}
	return c, nil
}

// readHead reads the beginning of the text, with the end of a line in it unless the text has
// none within longestHeader bytes, and tells whether that is all.
func readHead(in *input) (head []byte, eof bool, err error) {
	for size := 64 << 10; size <= longestHeader; size *= 4 {
		head = slices.Grow(head, size-len(head))
		for len(head) < size {
			n, err := in.text.Read(head[len(head):size])
			head = head[:len(head)+n]
			if err == io.EOF {
				return head, true, nil
			}
			if err != nil {
				return nil, false, in.failure(err)
			}
		}
		if bytes.IndexByte(bytes.TrimLeft(head, "\r\n"), '\n') >= 0 {
			break
		}
	}
	return head, false, nil
}

// guessKind tells from its first bytes what a file that is not text may be.
func guessKind(head []byte) string {
	for _, k := range []struct{ magic, hint string }{
		{"\xff\xfe", "it looks like UTF-16: set encoding: utf-16"},
		{"\xfe\xff", "it looks like UTF-16: set encoding: utf-16"},
		{"\x1f\x8b", "it looks like gzip: let its name end in .gz"},
		{"\x28\xb5\x2f\xfd", "it looks like zstd: let its name end in .zst"},
		{"PK\x03\x04", "it looks like a workbook or a zip archive: export it as CSV"},
		{"PAR1", "it looks like Parquet: let its name end in .parquet"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return k.hint
		}
	}
	return "a text file has no NUL bytes; for UTF-16 without a byte order mark set encoding: utf-16le or utf-16be"
}

func (c *csvFile) columns() []string { return c.header.names }

func (c *csvFile) opened() os.FileInfo { return c.info }

// stream opens the file and has workers read and use its blocks until the text ends.
func (c *csvFile) stream(ctx context.Context, workers int, use func(worker int, b *block) error) (*input, error) {
	in, err := openInput(c.path, c.opt.Encoding)
	if err != nil {
		return nil, err
	}
	defer in.close()
	if err := in.unchanged(c.info); err != nil {
		return nil, err
	}
	g, ctx := errgroup.WithContext(ctx)
	cut := newCutter(in, c.dialect, c.block, c.mark+c.header.end, c.mark)
	next := cut.next
	if !in.plain {
		next = cut.ahead(ctx, g, workers)
	}
	for w := range workers {
		g.Go(func() error {
			for b := new(block); ; {
				if err := ctx.Err(); err != nil {
					return err
				}
				if more, err := next(b); err != nil || !more {
					return err
				}
				if len(b.text) == 0 {
					continue
				}
				if err := use(w, b); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := in.drain(); err != nil {
		return nil, err
	}
	if in.stored != c.info.Size() {
		return nil, in.changed()
	}
	return in, in.unchanged(c.info)
}

// blockCount is what a block adds to the numbers of the rows after it.
type blockCount struct {
	place   int64
	rows    int64
	lines   int64
	skipped int64
	rejects []Reject // Row and Line counted within the block
}

func (c *csvFile) scan(ctx context.Context, workers int, fn func(int, *Batch) error) (Result, error) {
	decoders := make([]*decoder, workers)
	counts := make([][]blockCount, workers)
	var refused atomic.Int64
	in, err := c.stream(ctx, workers, func(w int, b *block) error {
		if decoders[w] == nil {
			decoders[w] = newDecoder(c.index, c.schema, c.header, c.dialect, c.opt)
			decoders[w].allExact = c.allExact
		}
		batch, err := c.decode(decoders[w], b)
		if err != nil {
			return err
		}
		n := c.count(decoders[w], b)
		counts[w] = append(counts[w], n)
		if len(n.rejects) > 0 && refused.Add(int64(len(n.rejects))) > c.most {
			last := n.rejects[len(n.rejects)-1]
			return &Error{File: c.path, Column: last.Column, Msg: fmt.Sprintf("more than %d rows refused; one of the last: %s", c.most, last.Cause)}
		}
		if batch == nil {
			return nil
		}
		return fn(w, batch)
	})
	if err != nil {
		return Result{}, err
	}
	r := Result{Bytes: in.stored}
	in.sum.Sum(r.SHA256[:0])
	lines := c.header.lines
	all := slices.Concat(counts...)
	slices.SortFunc(all, func(a, b blockCount) int { return cmp.Compare(a.place, b.place) })
	for _, n := range all {
		for _, reject := range n.rejects {
			reject.Row += r.Rows
			reject.Line += lines
			r.Rejects = append(r.Rejects, reject)
		}
		r.Rows += n.rows
		r.Skipped += n.skipped
		lines += n.lines
	}
	return r, nil
}

// decode types a block. A panic in it is a fault of this package, yet the file's name is
// what helps to find it.
func (c *csvFile) decode(d *decoder, b *block) (batch *Batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Error{File: c.path, Msg: fmt.Sprintf("the rows from byte %d on cannot be read (%v)", b.place, p)}
		}
	}()
	return d.decode(b.text, b.place), nil
}

// count makes rejects of the rows of a block that were refused.
func (c *csvFile) count(d *decoder, b *block) blockCount {
	n := blockCount{place: b.place, rows: int64(d.total), skipped: d.skipped}
	if len(d.refused) == 0 {
		n.lines = d.lines
		return n
	}
	at := 0
	for _, r := range d.refused {
		n.lines += countLines(b.text[at:r.at])
		at = int(r.at)
		end := c.dialect.rowEnd(b.text, at, true)
		n.rejects = append(n.rejects, Reject{
			File: c.index, Row: int64(r.number) + 1, Line: n.lines + 1, Place: b.place + int64(r.at),
			Column: r.column, Cause: r.cause, Raw: rawRow(b.text[at:end]),
		})
	}
	n.lines += countLines(b.text[at:])
	return n
}

// errFound ends the stream when locate has found all it looks for.
var errFound = errors.New("found")

func (c *csvFile) locate(ctx context.Context, places []int64) ([]Reject, error) {
	found := make([]Reject, 0, len(places))
	row, line := int64(0), c.header.lines
	_, err := c.stream(ctx, 1, func(_ int, b *block) error {
		for at := 0; at < len(b.text); {
			if n := emptyLine(b.text[at:]); n > 0 {
				at += n
				line++
				continue
			}
			end := c.dialect.rowEnd(b.text, at, true)
			row++
			if b.place+int64(at) == places[len(found)] {
				found = append(found, Reject{File: c.index, Row: row, Line: line + 1, Place: b.place + int64(at), Raw: rawRow(b.text[at:end])})
				if len(found) == len(places) {
					return errFound
				}
			}
			line += countLines(b.text[at:end])
			at = end
		}
		return nil
	})
	if err != nil && err != errFound {
		return nil, err
	}
	if len(found) < len(places) {
		return nil, &Error{File: c.path, Msg: fmt.Sprintf("no row starts at byte %d", places[len(found)])}
	}
	return found, nil
}
