package table

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// GroupRows is the number of rows of every row group of a ParquetWriter but the last.
const GroupRows = rowGroupRows

// RowGroup collects the pages of one row group apart from its file, so that several goroutines can
// encode a group each. It serves one goroutine at a time, and one group after another.
type RowGroup struct {
	specs   []OutColumn
	columns []columnWriter
	rooms   []pageRoom // of the goroutines that encode a page
	rows    int64
}

// NewGroup returns an empty row group with the columns of the file. Unless Settle has been called, its
// first page is taken for the first of the file.
func (w *ParquetWriter) NewGroup() *RowGroup {
	g := &RowGroup{specs: w.columns, columns: make([]columnWriter, len(w.columns)), rooms: make([]pageRoom, 1)}
	for i, c := range w.columns {
		g.columns[i] = columnWriter{spec: c, zip: w.zip}
		if w.group != nil {
			g.columns[i].settled, g.columns[i].zipped = w.group.columns[i].settled, w.group.columns[i].zipped
		}
	}
	return g
}

// Settle decides by the first page of the file which columns are compressed, and writes nothing. It
// comes before groups that are encoded side by side, so that they all know.
func (w *ParquetWriter) Settle(first *Frame) error {
	g := w.NewGroup()
	if err := g.Write(first); err != nil {
		w.fail(err)
		return w.err
	}
	g.reset()
	w.group = g
	return nil
}

// Append writes a row group to the file, behind those before it, and empties it. The order of groups
// is that of the calls; all but the last have GroupRows rows.
func (w *ParquetWriter) Append(g *RowGroup) error {
	if w.held.Len() > 0 || w.group.rows > 0 || w.rows%rowGroupRows != 0 {
		panic("table: a row group behind one that is not full")
	}
	n := g.rows
	w.flush(g)
	if w.err == nil {
		w.rows += n
	}
	return w.err
}

// Write encodes the rows of a frame with the group's columns as one page. A frame has at most FrameRows
// rows, and exactly as many unless it ends the file; a group has at most GroupRows. Beyond that Write
// panics.
func (g *RowGroup) Write(f *Frame) error {
	n := f.rows()
	if !sameColumns(f.columns, g.specs) || n > pageRows || g.rows%pageRows != 0 || g.rows+int64(n) > rowGroupRows {
		panic(fmt.Sprintf("table: a page of %d rows after %d", n, g.rows))
	}
	return g.page(f, 0, n, 1)
}

// page encodes rows from up to to of f as one page of each column, the columns side by side.
func (g *RowGroup) page(f *Frame, from, to, workers int) error {
	var next atomic.Int32
	var failed atomic.Pointer[error]
	encode := func(room *pageRoom) {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(g.columns) {
				return
			}
			if err := g.columns[i].page(room, &f.cells[i], from, to, g.rows); err != nil {
				err = fmt.Errorf("column %s: %w", g.specs[i].Name, err)
				failed.Store(&err)
			}
		}
	}
	workers = min(workers, len(g.columns))
	for len(g.rooms) < workers {
		g.rooms = append(g.rooms, pageRoom{})
	}
	var others sync.WaitGroup
	for i := 1; i < workers; i++ {
		others.Go(func() { encode(&g.rooms[i]) })
	}
	encode(&g.rooms[0])
	others.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	g.rows += int64(to - from)
	return nil
}

// reset forgets the rows, and keeps the memory and how pages are compressed.
func (g *RowGroup) reset() {
	for i := range g.columns {
		g.columns[i].reset()
	}
	g.rows = 0
}
