package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// parquetBatch is the most rows that a batch of a Parquet file has.
const parquetBatch = 4 << 10

// groupReader turns row groups into batches. Each worker has its own and uses its memory
// again for every batch.
type groupReader struct {
	export  *parquetExport
	in      *os.File
	cols    []column
	chunks  []*chunkReader // nil for a column that the file lacks
	schema  *arrow.Schema
	at      []int  // as Batch.columns
	calling bool   // inside the caller's function
	stored  []byte // room of a page as it lies in the file
	refused *atomic.Int64

	// Of the batch at hand:
	faults []batchFault // of one column
	first  []Reject     // the first fault of each row that has one
	marks  []bool       // per row: refused or skipped; not looked at while not odd
	skips  []bool       // per row: skipped
	odd    bool
	place  []int64
	arrays []arrow.Array

	rejects []Reject
	skipped int64
}

func newGroupReader(p *parquetExport, in *os.File, refused *atomic.Int64) *groupReader {
	r := &groupReader{export: p, in: in, refused: refused, cols: newColumns(p.schema, p.mapping, p.opt)}
	r.schema, r.at = arrowSchema(p.schema)
	r.chunks = make([]*chunkReader, len(r.cols))
	for i, at := range p.mapping {
		if at >= 0 {
			r.chunks[i] = newChunkReader(&p.leaves[at], &r.cols[i], &r.stored)
		}
	}
	return r
}

// guard reads a row group. A panic of the decoder, which damaged files cause, becomes an
// error; one of the caller's function stays what it is.
func (r *groupReader) guard(ctx context.Context, group int, base int64, fn func(*Batch) error) (err error) {
	defer func() {
		if r.calling {
			return
		}
		if v := recover(); v != nil {
			err = damaged(r.export.path, v)
		}
	}()
	first := len(r.rejects)
	if err := r.group(ctx, group, base, fn); err != nil {
		return err
	}
	return r.export.quote(r.in, group, base, r.rejects[first:])
}

// group reads a row group whose first row is row base of the file.
func (r *groupReader) group(ctx context.Context, group int, base int64, fn func(*Batch) error) error {
	for i, c := range r.chunks {
		if c == nil {
			continue
		}
		if err := c.open(r.export.file, r.in, group); err != nil {
			return r.failure(i, err)
		}
	}
	total := r.export.file.RowGroups()[group].NumRows()
	for from := int64(0); from < total; from += parquetBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := int(min(parquetBatch, total-from))
		b, err := r.batch(base+from, rows)
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		r.calling = true
		err = fn(b)
		r.calling = false
		if err != nil {
			return err
		}
	}
	for i, c := range r.chunks {
		if c == nil {
			continue
		}
		if c.left() > 0 || !errors.Is(c.next(), io.EOF) {
			return r.failure(i, errors.New("its pages go on after its row group"))
		}
	}
	return nil
}

// failure is the error of a column that cannot be read.
func (r *groupReader) failure(col int, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File, e.Column = r.export.path, r.cols[col].Name
		return e
	}
	return &Error{File: r.export.path, Column: r.cols[col].Name, Msg: "is damaged", Err: err, Hint: "write or copy the file again"}
}

// batch reads the next rows, the first of which is row base of the file. The batch is nil
// when none of them is good.
func (r *groupReader) batch(base int64, rows int) (*Batch, error) {
	r.odd, r.first = false, r.first[:0]
	for i := range r.cols {
		c := &r.cols[i]
		if r.chunks[i] == nil {
			c.allNull(rows)
			continue
		}
		c.resize(rows)
		var err error
		if r.faults, err = r.chunks[i].fill(rows, r.faults[:0]); err != nil {
			return nil, r.failure(i, err)
		}
		r.note(i, base, rows)
	}
	r.place = grow(r.place, rows)
	for k := range r.place {
		r.place[k] = base + int64(k)
	}
	if r.odd {
		var err error
		if rows, err = r.drop(base, rows); err != nil || rows == 0 {
			return nil, err
		}
	}
	r.arrays = r.arrays[:0]
	for i := range r.cols {
		r.arrays = r.cols[i].arrays(r.arrays, rows)
	}
	return &Batch{Record: array.NewRecord(r.schema, r.arrays, int64(rows)), File: r.export.index, Place: r.place[:rows], cols: r.cols, columns: r.at}, nil
}

// note marks the rows that are refused or skipped for their cell in a column. Columns come
// in schema order, so the first fault of a row stands.
func (r *groupReader) note(col int, base int64, rows int) {
	c := &r.cols[col]
	if c.nullN == 0 {
		return // a cell at fault is a null by now
	}
	if !r.odd {
		if len(r.faults) == 0 && !c.Required && !c.present {
			return
		}
		r.odd = true
		r.marks, r.skips = grow(r.marks, rows), grow(r.skips, rows)
		clear(r.marks)
		clear(r.skips)
	}
	faults := r.faults
	for k := range rows {
		switch {
		case !c.isNull(k):
		case len(faults) > 0 && faults[0].row == k:
			r.refuse(k, base, c, faults[0].cause)
			faults = faults[1:]
		case c.present:
			r.marks[k], r.skips[k] = true, true
		case c.Required:
			r.refuse(k, base, c, cause(nil, errNull))
		}
	}
}

func (r *groupReader) refuse(k int, base int64, c *column, cause string) {
	if r.marks[k] {
		return
	}
	r.marks[k] = true
	place := base + int64(k)
	r.first = append(r.first, Reject{File: r.export.index, Row: place + 1, Place: place, Column: c.Name, Cause: cause})
}

// drop removes the marked rows and gives the number that are left. A row that is skipped
// is not refused, whatever else is wrong with it.
func (r *groupReader) drop(base int64, rows int) (int, error) {
	before := len(r.rejects)
	for _, x := range r.first {
		if !r.skips[x.Place-base] {
			r.rejects = append(r.rejects, x)
		}
	}
	kept := 0
	for k, marked := range r.marks {
		if r.skips[k] {
			r.skipped++
		}
		if !marked {
			r.place[kept] = r.place[k]
			kept++
		}
	}
	if kept < rows {
		for i := range r.cols {
			r.cols[i].drop(r.marks)
		}
	}
	return kept, r.export.tooMany(r.refused.Add(int64(len(r.rejects)-before)), r.rejects)
}

// tooMany is an error once more than MaxRejects rows are refused.
func (p *parquetExport) tooMany(refused int64, rejects []Reject) error {
	if refused <= MaxRejects || len(rejects) == 0 {
		return nil
	}
	last := rejects[len(rejects)-1]
	return &Error{File: p.path, Column: last.Column, Msg: fmt.Sprintf("more than %d rows refused; one of the last: %s", MaxRejects, last.Cause)}
}
