package table

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// chunkReader reads the cells of one column of a row group in order, page by page.
type chunkReader struct {
	leaf  *leaf
	pages *parquet.FilePages
	page  parquet.Page
	rows  int // of the page
	row   int // of it that come next
	value int // that comes next: its place among the values that are not null
	count int // of those

	levels     []byte  // 1 per value, 0 per null; nil where none is null
	codes      []int32 // places in the dictionary; nil where the page has the values itself
	values     *vector // of the page or of the dictionary
	own        vector
	entries    vector
	dictionary parquet.Dictionary // the one entries were made of

	chosen []int32 // for fill
}

func newChunkReader(l *leaf, col *column) *chunkReader {
	r := &chunkReader{leaf: l}
	r.own.leaf, r.own.col = l, col
	r.entries.leaf, r.entries.col = l, col
	return r
}

// open starts with the first page of the column in a row group.
func (r *chunkReader) open(file *parquet.File, in io.ReaderAt, group int) (err error) {
	r.rows, r.row, r.dictionary = 0, 0, nil
	r.pages, err = openPages(file, in, group, r.leaf.at)
	return err
}

// close lets go of the column chunk.
func (r *chunkReader) close() {
	if r.page != nil {
		parquet.Release(r.page)
		r.page = nil
	}
	if r.pages != nil {
		r.pages.Close()
		r.pages = nil
	}
}

// next goes on to the next page that has rows; io.EOF when there is none.
func (r *chunkReader) next() error {
	for {
		if r.page != nil {
			parquet.Release(r.page)
			r.page = nil
		}
		page, err := r.pages.ReadPage()
		if err != nil {
			return err
		}
		r.page = page
		if page.NumRows() > 0 {
			return r.take(page)
		}
	}
}

// take gets at the values of a page.
func (r *chunkReader) take(page parquet.Page) error {
	r.rows, r.row, r.value, r.count = int(page.NumRows()), 0, 0, int(page.NumRows())
	r.levels, r.codes = nil, nil
	if r.leaf.optional {
		nulls := int(page.NumNulls())
		if nulls > 0 {
			r.levels = page.DefinitionLevels()
			r.count -= nulls
		}
	}
	data := page.Data()
	d := page.Dictionary()
	if d == nil {
		r.values = &r.own
		return r.own.load(data, r.count)
	}
	r.codes = data.Int32()
	if len(r.codes) < r.count {
		return fmt.Errorf("a page has %d values instead of %d", len(r.codes), r.count)
	}
	r.values = &r.entries
	if d == r.dictionary {
		return nil
	}
	r.dictionary = d
	return r.entries.load(d.Page().Data(), d.Len())
}

// batchFault is a row that is refused for a cell.
type batchFault struct {
	row   int
	cause string
}

// fill reads the next n cells into rows 0 to n-1 of the column, which has room for them, and
// appends those that are at fault.
func (r *chunkReader) fill(n int, faults []batchFault) ([]batchFault, error) {
	for done := 0; done < n; {
		if r.row == r.rows {
			err := r.next()
			if errors.Is(err, io.EOF) {
				return faults, errors.New("its pages end before its row group")
			}
			if err != nil {
				return faults, err
			}
		}
		k := min(n-done, r.rows-r.row)
		faults = r.copy(done, k, faults)
		r.row += k
		done += k
	}
	return faults, nil
}

// copy puts the next n cells of the page into rows from row on.
func (r *chunkReader) copy(row, n int, faults []batchFault) []batchFault {
	v := r.values
	if r.levels == nil && r.codes == nil && !v.odd {
		from := r.value
		r.value += n
		v.copy(row, from, from+n)
		return faults
	}
	chosen, nulls := r.choose(n)
	if v.odd {
		for i, at := range chosen {
			if at < 0 || v.states[at] == stateGood {
				continue
			}
			if v.states[at] == stateBad {
				faults = append(faults, batchFault{row + i, v.faults[at]})
			}
			chosen[i] = -1
			nulls = true
		}
	}
	v.gather(row, chosen)
	if nulls {
		v.markNulls(row, chosen)
	}
	return faults
}

// choose tells for each of the next n cells where its value stands, -1 for a null.
func (r *chunkReader) choose(n int) (chosen []int32, nulls bool) {
	r.chosen = grow(r.chosen, n)
	chosen = r.chosen
	if r.levels == nil {
		if r.codes != nil {
			copy(chosen, r.codes[r.value:r.value+n])
		} else {
			for i := range chosen {
				chosen[i] = int32(r.value + i)
			}
		}
		r.value += n
		return chosen, false
	}
	next := r.value
	for i, level := range r.levels[r.row : r.row+n] {
		if level == 0 {
			chosen[i], nulls = -1, true
			continue
		}
		if r.codes != nil {
			chosen[i] = r.codes[next]
		} else {
			chosen[i] = int32(next)
		}
		next++
	}
	r.value = next
	return chosen, nulls
}

// copy puts values from up to to, all good, into the rows of the column from row on.
func (v *vector) copy(row, from, to int) {
	c := v.col
	switch c.Type {
	case String:
		for i := from; i < to; i++ {
			v.putText(row+i-from, int32(i))
		}
	case Date:
		copy(c.days[row:], v.days[from:to])
	case Decimal:
		copy(c.ints[row:], v.ints[from:to])
		copy(c.scales[row:], v.scales[from:to])
	case Int:
		copy(c.ints[row:], v.ints[from:to])
	case Float:
		copy(c.floats[row:], v.floats[from:to])
	case Bool:
		for i, b := range v.bools[from:to] {
			c.setBool(row+i, b)
		}
	}
}

// gather puts the chosen values into the rows of the column from row on. Rows without one
// get a zero, or for texts an empty one.
func (v *vector) gather(row int, chosen []int32) {
	c := v.col
	switch c.Type {
	case String:
		for i, at := range chosen {
			if at < 0 {
				c.texts[row+i] = ""
				continue
			}
			v.putText(row+i, at)
		}
	case Date:
		pick(c.days[row:], v.days[:v.n], chosen)
	case Decimal:
		pick(c.ints[row:], v.ints[:v.n], chosen)
		pick(c.scales[row:], v.scales[:v.n], chosen)
	case Int:
		pick(c.ints[row:], v.ints[:v.n], chosen)
	case Float:
		pick(c.floats[row:], v.floats[:v.n], chosen)
	case Bool:
		for i, at := range chosen {
			if at >= 0 {
				c.setBool(row+i, v.bools[at])
			}
		}
	}
}

// markNulls makes the rows from row on null that have no chosen value. Unlike setNull it
// comes after the cells of later rows and leaves what they hold alone.
func (v *vector) markNulls(row int, chosen []int32) {
	c := v.col
	if c.nullN == 0 && c.Type != String {
		for i := range c.valid {
			c.valid[i] = 0xff
		}
	}
	for i, at := range chosen {
		if at < 0 {
			c.nullN++
			if c.Type != String {
				c.valid[(row+i)>>3] &^= 1 << ((row + i) & 7)
			}
		}
	}
}

func pick[T any](dst, src []T, chosen []int32) {
	var zero T
	dst = dst[:len(chosen)]
	for i, at := range chosen {
		if at < 0 {
			dst[i] = zero
		} else {
			dst[i] = src[at]
		}
	}
}

// putText copies text i into row k, short ones as cellPad bytes. A copy takes less time than
// it saves: entries of a dictionary lie anywhere in a megabyte, and this loop has many of them on
// their way to the cache at once, while routing would wait for each.
func (v *vector) putText(k int, i int32) {
	c := v.col
	from, to := int(v.starts[i]), int(v.ends[i])
	n := to - from
	if n <= cellPad && from+cellPad <= len(v.text) && c.used+cellPad <= len(c.room) {
		*(*[cellPad]byte)(c.room[c.used:]) = *(*[cellPad]byte)(v.text[from:])
		c.texts[k] = view(c.room[c.used : c.used+n])
		c.used += n
		return
	}
	c.copyText(k, v.text[from:to])
}
