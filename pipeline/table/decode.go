package table

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// decoder turns blocks of text into batches, row by row. Each worker has its own and uses its
// memory again for every block.
type decoder struct {
	file     int
	dialect  dialect
	cols     []column
	fields   []field // of the file
	schema   *arrow.Schema
	at       []int  // as Batch.columns
	delims   uint64 // the delimiter eight times
	months   months
	allExact bool // for tests: take the exact path always

	// Of the block at hand:
	text    []byte
	padded  []byte // the same with splitPad bytes after it
	place   int64  // of its first byte in the file's text
	rows    int    // kept
	places  []int64
	total   uint32 // rows, those refused or skipped included
	lines   int64  // line ends
	skipped int64
	refused []refusedRow // in order

	// Of the row at hand:
	exact  exactRow
	nulls  []int // columns without a value
	absent bool  // some column of Options.Present has none
}

// refusedRow is a row of a block that was refused.
type refusedRow struct {
	at     uint32 // offset in the block
	number uint32 // in the block, from 0
	column string
	cause  string
}

func newDecoder(file int, schema Schema, h header, d dialect, opt Options) *decoder {
	dec := &decoder{file: file, dialect: d, cols: newColumns(schema, h.mapping, opt), delims: uint64(d.delimiter) * everyone}
	dec.schema, dec.at = arrowSchema(schema)
	dec.fields = make([]field, len(h.names))
	for i := range dec.fields {
		dec.fields[i].end = d.delimiter
	}
	last := &dec.fields[len(dec.fields)-1]
	last.end, last.last = '\n', true
	for i := range dec.cols {
		c := &dec.cols[i]
		if c.field < 0 {
			continue
		}
		f := &dec.fields[c.field]
		f.cols = append(f.cols, i)
		f.col, f.how = c, howOf(c, d.delimiter)
		if len(f.cols) > 1 {
			f.how = quickOther
		}
	}
	return dec
}

// decode reads a block: whole rows, the last ended, with splitPad readable bytes after them.
// The first stands at offset place of the file's text. The batch is nil when no row is good.
func (d *decoder) decode(text []byte, place int64) *Batch {
	d.text, d.padded, d.place = text, text[:len(text)+splitPad], place
	d.rows, d.total, d.skipped, d.refused = 0, 0, 0, d.refused[:0]
	d.exact.room = d.exact.room[:0]
	d.lines = countLines(text)
	d.places = grow(d.places, int(d.lines))
	for i := range d.cols {
		if c := &d.cols[i]; c.field >= 0 {
			c.resize(int(d.lines))
		}
	}
	for at := 0; at < len(text); {
		if !d.allExact {
			at = d.quickRows(at)
		}
		if at < len(text) {
			at = d.exactly(at)
		}
	}
	if d.rows == 0 {
		return nil
	}
	var arrays []arrow.Array
	for i := range d.cols {
		c := &d.cols[i]
		if c.field < 0 {
			c.allNull(d.rows)
		}
		arrays = c.arrays(arrays, d.rows)
	}
	return &Batch{Record: array.NewRecord(d.schema, arrays, int64(d.rows)), File: d.file, Place: d.places[:d.rows], cols: d.cols, columns: d.at}
}

// exactly reads the row at text[at], or passes over a line without a byte, and gives where the
// next row starts. Whatever is refused is refused here.
func (d *decoder) exactly(at int) int {
	if n := emptyLine(d.text[at:]); n > 0 {
		return at + n
	}
	next, ok := d.exact.split(d.text, at, d.dialect)
	cells := d.exact.cells
	switch {
	case !ok:
		d.refuse(at, "", causeQuote)
		return next
	case len(cells) != len(d.fields):
		d.refuse(at, "", causeFields(len(cells), len(d.fields)))
		return next
	}
	d.begin()
	for i := range d.cols { // before all faults: a row that is skipped is not refused
		if c := &d.cols[i]; c.present && c.nulls.has(trim(cells[c.field])) {
			d.absent = true
			d.end(at)
			return next
		}
	}
	for i := range d.cols {
		c := &d.cols[i]
		if c.field < 0 {
			continue
		}
		if err := d.set(i, cells[c.field]); err != nil {
			d.refuse(at, c.Name, cause(trim(cells[c.field]), err)) // columns come in schema order: the first fault
			return next
		}
	}
	d.end(at)
	return next
}

func (d *decoder) refuse(at int, column, cause string) {
	d.refused = append(d.refused, refusedRow{uint32(at), d.total, column, cause})
	d.total++
}

// begin starts a row. Its cells go into row d.rows of the columns, which is kept only by end.
func (d *decoder) begin() { d.nulls, d.absent = d.nulls[:0], false }

// end is the end of the row that began at text[at] and is not refused.
func (d *decoder) end(at int) {
	d.total++
	if d.absent {
		d.skipped++
		return
	}
	for _, i := range d.nulls {
		d.cols[i].setNull(d.rows)
	}
	d.places[d.rows] = d.place + int64(at)
	d.rows++
}

// set types a cell, with every rule, as the value of column i in the row at hand.
func (d *decoder) set(i int, cell []byte) error {
	c := &d.cols[i]
	cell = trim(cell)
	if c.nulls.has(cell) {
		d.absent = d.absent || c.present
		d.nulls = append(d.nulls, i)
		if c.Required && !c.present {
			return errNull
		}
		return nil
	}
	if !isPlain(cell) {
		if err := cleanText(cell, c.decoded); err != nil {
			return err
		}
	}
	return c.set(d.rows, cell)
}

// set types a trimmed cell that has a value as row k.
func (c *column) set(k int, cell []byte) (err error) {
	switch c.Type {
	case String:
		switch {
		case c.OneOf != nil:
			c.texts[k], err = oneOf(cell, c.OneOf)
		case c.id && floatID(cell):
			if !c.repair {
				return errFloatID
			}
			c.texts[k] = view(cell[:len(cell)-2])
		default:
			c.texts[k] = view(cell)
		}
	case Date:
		if c.days[k], err = c.layout.parse(cell); err != nil {
			err = c.layout.explain(err)
		}
	case Decimal:
		c.ints[k], c.scales[k], err = parseDecimal(cell, c.lenient)
	case Int:
		c.ints[k], err = parseInt(cell, c.lenient)
	case Float:
		c.floats[k], err = parseFloat(cell, c.lenient)
	case Bool:
		var v bool
		v, err = parseBool(cell)
		setBit(c.bools, k, v)
	}
	return err
}

// cellEnd is where the unquoted cell at text[at] ends, at a delimiter or a line end.
func (d *decoder) cellEnd(at int) int {
	line := lineEnd(d.text, at) - 1
	if i := bytes.IndexByte(d.text[at:line], d.dialect.delimiter); i >= 0 {
		return at + i
	}
	return line
}
