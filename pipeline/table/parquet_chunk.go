package table

import (
	"bytes"
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	pq "github.com/parquet-go/parquet-go/format"
)

// chunkReader reads the cells of one column of a row group in order, page by page.
type chunkReader struct {
	leaf  *leaf
	col   *column
	pages pageReader
	row   int // of the page that comes next
	value int // that comes next: its place among the values that are not null

	isPlain    bool            // the page has texts that follow their length each
	plain      []byte          // those that come next
	codes      []int32         // places in the dictionary; nil where the page has the values itself
	values     encoding.Values // of the page otherwise
	own        vector          // some of them, from place loaded on
	loaded     int
	entries    vector
	hasEntries bool // entries are those of this chunk

	codeRoom codeRoom
	chosen   []int32 // for fill
}

func newChunkReader(l *leaf, col *column, stored *[]byte) *chunkReader {
	r := &chunkReader{leaf: l, col: col, pages: pageReader{leaf: l, stored: stored}}
	r.own.leaf, r.own.col = l, col
	r.entries.leaf, r.entries.col = l, col
	return r
}

// open starts with the first page of the column in a row group.
func (r *chunkReader) open(file *parquet.File, in io.ReaderAt, group int) error {
	r.row, r.hasEntries = 0, false
	return r.pages.open(file, in, group)
}

// left is how many rows of the page have not been read.
func (r *chunkReader) left() int { return r.pages.rows - r.row }

// next goes on to the next page that has rows; io.EOF when there is none.
func (r *chunkReader) next() (err error) {
	p := &r.pages
	if err := p.next(); err != nil {
		return err
	}
	r.row, r.value, r.isPlain, r.codes = 0, 0, false, nil
	r.own.n, r.loaded = 0, 0
	switch {
	case p.count == 0: // all are null
	case p.hasCodes():
		err = r.takeCodes()
	case p.encoding == pq.Plain && r.leaf.class == classText && r.leaf.kind == parquet.ByteArray:
		r.isPlain, r.plain = true, p.data
	default:
		r.values, err = p.decode()
	}
	return err
}

// takeCodes gets at the codes of a page and at the entries they stand for.
func (r *chunkReader) takeCodes() (err error) {
	p := &r.pages
	if r.codes, err = p.decodeCodes(&r.codeRoom); err != nil {
		return err
	}
	if r.hasEntries {
		return nil
	}
	r.hasEntries = true
	if r.leaf.class == classText && r.leaf.kind == parquet.ByteArray {
		return r.entries.loadEntries(p.entries, p.entryCount)
	}
	values, err := p.decodeEntries()
	if err != nil {
		return err
	}
	return r.entries.load(values, p.entryCount)
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
		if r.left() == 0 {
			err := r.next()
			if errors.Is(err, io.EOF) {
				return faults, errPagesEnd
			}
			if err != nil {
				return faults, err
			}
		}
		k := min(n-done, r.left())
		var err error
		if r.isPlain {
			faults, err = r.fillTexts(done, k, faults)
		} else {
			faults, err = r.copy(done, k, faults)
		}
		if err != nil {
			return faults, err
		}
		r.row += k
		done += k
	}
	return faults, nil
}

// copy puts the next n cells of the page into rows from row on.
func (r *chunkReader) copy(row, n int, faults []batchFault) ([]batchFault, error) {
	v, err := r.load(n)
	if err != nil {
		return faults, err
	}
	if r.pages.levels == nil && r.codes == nil && !v.odd && r.col.Type != String {
		from := r.value - r.loaded
		r.value += n
		v.copy(row, from, from+n)
		return faults, nil
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
	return faults, nil
}

// load gives the vector that holds the values of the next n cells. Values that are not in a dictionary are loaded
// for as many rows as a batch takes, while they are in a cache on their way to it.
func (r *chunkReader) load(n int) (*vector, error) {
	if r.codes != nil {
		return &r.entries, nil
	}
	v, all := &r.own, r.pages.count
	if all == 0 {
		v.n, v.odd = 0, false
		return v, nil
	}
	if r.leaf.kind == parquet.Boolean { // whose values do not start at bytes
		if v.n > 0 {
			return v, nil
		}
		return v, v.load(r.values, all)
	}
	r.loaded = r.value
	to := r.value + n
	if levels := r.pages.levels; levels != nil {
		to = r.value + bytes.Count(levels[r.row:r.row+n], []byte{1})
	}
	return v, v.load(r.leaf.part(r.pages.typ, r.values, r.value, to), to-r.value)
}

// part are the values from up to to of a page.
func (l *leaf) part(t parquet.Type, values encoding.Values, from, to int) encoding.Values {
	data, ends := values.Data()
	if l.kind == parquet.ByteArray {
		return t.NewValues(data, ends[from:to+1])
	}
	return t.NewValues(data[l.bytes(from):l.bytes(to)], nil)
}

// choose tells for each of the next n cells where its value stands, -1 for a null. The caller may change it.
func (r *chunkReader) choose(n int) (chosen []int32, nulls bool) {
	if r.pages.levels == nil && r.codes != nil {
		r.value += n
		return r.codes[r.value-n : r.value], false
	}
	r.chosen = grow(r.chosen, n)
	chosen = r.chosen
	if r.pages.levels == nil {
		for i := range chosen {
			chosen[i] = int32(r.value - r.loaded + i)
		}
		r.value += n
		return chosen, false
	}
	next := r.value
	for i, level := range r.pages.levels[r.row : r.row+n] {
		if level == 0 {
			chosen[i], nulls = -1, true
			continue
		}
		if r.codes != nil {
			chosen[i] = r.codes[next]
		} else {
			chosen[i] = int32(next - r.loaded)
		}
		next++
	}
	r.value = next
	return chosen, nulls
}

// copy puts values from up to to, all good and no texts, into the rows of the column from row on.
func (v *vector) copy(row, from, to int) {
	c := v.col
	switch c.Type {
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
		v.gatherTexts(row, chosen)
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

// gatherTexts copies the chosen texts into the rows of the column from row on, short ones as cellPad bytes. A copy takes less time than
// it saves: entries of a dictionary lie anywhere in a megabyte, and this loop has many of them on
// their way to the cache at once, while routing would wait for each.
func (v *vector) gatherTexts(row int, chosen []int32) {
	c := v.col
	c.roomFor(len(chosen))
	spans, text, texts := v.spans[:v.n], v.text, c.texts[row:row+len(chosen)]
	room, used := c.room, c.used
	for i, at := range chosen {
		if at < 0 {
			texts[i] = ""
			continue
		}
		s := spans[at]
		from, n := int(s.from), int(s.to-s.from)
		if n > cellPad || from+cellPad > len(text) || used+cellPad > len(room) {
			c.used = used
			c.copyText(row+i, view(text[s.from:s.to]))
			room, used = c.room, c.used
			continue
		}
		*(*[cellPad]byte)(room[used:]) = *(*[cellPad]byte)(text[from:])
		texts[i] = view(room[used : used+n])
		used += n
	}
	c.used = used
}
