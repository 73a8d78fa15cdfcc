package table

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// decoder turns blocks of text into batches. Each worker has its own and uses its memory
// again for every block.
type decoder struct {
	file     int
	dialect  dialect
	fields   int
	cols     []column
	present  []int // places in cols
	schema   *arrow.Schema
	at       []int // as Batch.columns
	allExact bool  // for tests: take the exact path always

	split   split
	bad     []bool // per row: refused
	badN    int
	skipped int64
	place   []int64
	arrays  []arrow.Array
	refused []refusedRow
}

func newDecoder(file int, schema Schema, h header, d dialect, opt Options) *decoder {
	dec := &decoder{file: file, dialect: d, fields: len(h.names), cols: newColumns(schema, h.mapping, len(h.names), opt)}
	dec.schema, dec.at = arrowSchema(schema)
	for i, c := range schema {
		if h.mapping[i] >= 0 && slices.Contains(opt.Present, c.Name) {
			dec.present = append(dec.present, i)
		}
	}
	return dec
}

// decode reads a block: whole rows, the last ended, with splitPad readable bytes after them.
// The first stands at offset place of the file's text. The batch is nil when no row is good.
func (d *decoder) decode(text []byte, place int64, quoted bool) *Batch {
	if quoted || d.allExact {
		d.split.exact(text, d.dialect, d.fields, d.allExact)
	} else {
		d.split.fast(text, d.dialect.delimiter, d.fields)
	}
	d.refused = append(d.refused[:0], d.split.refused...)
	d.skipAbsent()
	rows := len(d.split.rows)
	d.bad, d.badN = grow(d.bad, rows), 0
	clear(d.bad)
	for i := range d.cols {
		d.column(&d.cols[i])
	}
	if d.badN > 0 {
		rows = d.dropBad()
	}
	slices.SortFunc(d.refused, func(a, b refusedRow) int { return cmp.Compare(a.at, b.at) })
	if rows == 0 {
		return nil
	}
	d.place = grow(d.place, rows)
	for k, r := range d.split.rows {
		d.place[k] = place + int64(r.at)
	}
	d.arrays = d.arrays[:0]
	for i := range d.cols {
		d.arrays = d.cols[i].arrays(d.arrays, rows)
	}
	return &Batch{Record: array.NewRecord(d.schema, d.arrays, int64(rows)), File: d.file, Place: d.place, cols: d.cols, columns: d.at}
}

// skipAbsent drops the rows that have no value in a column of Options.Present.
func (d *decoder) skipAbsent() {
	d.skipped = 0
	s := &d.split
	for _, i := range d.present {
		c := &d.cols[i]
		kept := s.rows[:0]
		for _, r := range s.rows {
			if !c.nulls.has(trim(s.cell(r, c.field))) {
				kept = append(kept, r)
			}
		}
		d.skipped += int64(len(s.rows) - len(kept))
		s.rows = kept
	}
}

// dropBad removes the refused rows from the columns.
func (d *decoder) dropBad() int {
	rows := 0
	for i := range d.cols {
		rows = d.cols[i].drop(d.bad)
	}
	kept := d.split.rows[:0]
	for k, r := range d.split.rows {
		if !d.bad[k] {
			kept = append(kept, r)
		}
	}
	d.split.rows = kept
	return rows
}

// refuse refuses row k for its cell in a column. Columns come in schema order, so the first
// fault of a row stands.
func (d *decoder) refuse(k int, c *column, cell []byte, err error) {
	c.setNull(k)
	if d.bad[k] {
		return
	}
	d.bad[k] = true
	d.badN++
	r := d.split.rows[k]
	d.refused = append(d.refused, refusedRow{r.at, r.number, c.Name, cause(cell, err)})
}

// column types the cells of one column.
func (d *decoder) column(c *column) {
	if c.field < 0 {
		c.allNull(len(d.split.rows))
		return
	}
	c.resize(len(d.split.rows))
	switch {
	case c.Type == String && c.OneOf == nil:
		d.strings(c)
	case c.Type == String:
		d.words(c)
	case c.Type == Date && c.layout.layout == "":
		d.isoDates(c)
	case c.Type == Decimal:
		d.decimals(c)
	default:
		for k, r := range d.split.rows {
			d.slowly(c, k, d.split.cell(r, c.field))
		}
	}
}

// strings reads the cells of a String column.
func (d *decoder) strings(c *column) {
	s := &d.split
	data, seps, texts := s.data, s.seps, c.texts
	for k, r := range s.rows {
		i := int(r.sep) + c.field
		from, to := int(seps[i]+1), int(seps[i+1])
		if c.last && to > from && data[to-1] == '\r' {
			to--
		}
		n := to - from
		if n <= 0 || !s.plain && !isPlain(data[from:to]) || c.nulls.maybe(n) || data[from] <= ' ' || data[to-1] <= ' ' || c.id && data[to-1] == '0' && data[max(to-2, 0)] == '.' {
			d.slowly(c, k, data[from:to])
			continue
		}
		texts[k] = view(data[from:to])
	}
}

// isoDates reads the cells of a Date column written as YYYY-MM-DD.
func (d *decoder) isoDates(c *column) {
	s := &d.split
	data, seps := s.data, s.seps
	sentinel := len(c.nulls.cells) > 0 && c.nulls.maybe(10)
	for k, r := range s.rows {
		i := int(r.sep) + c.field
		from, to := int(seps[i]+1), int(seps[i+1])
		if c.last && to > from && data[to-1] == '\r' {
			to--
		}
		if to-from == 10 && !sentinel {
			cell := data[from : from+10 : from+10]
			if day, ok := isoDay(binary.LittleEndian.Uint64(cell), binary.LittleEndian.Uint16(cell[8:])); ok {
				c.days[k] = day
				continue
			}
		}
		d.slowly(c, k, data[from:to])
	}
}

// decimals reads the cells of a Decimal column. Most are read as one or two words.
func (d *decoder) decimals(c *column) {
	s := &d.split
	data, seps := s.data, s.seps
	for k, r := range s.rows {
		i := int(r.sep) + c.field
		from, to := int(seps[i]+1), int(seps[i+1])
		if c.last && to > from && data[to-1] == '\r' {
			to--
		}
		if n := to - from; !c.lenient && !c.nulls.maybe(n) {
			if m, scale, ok := wordDecimal(data[from:], n); ok {
				c.ints[k], c.scales[k] = m, scale
				continue
			}
		}
		d.slowly(c, k, data[from:to])
	}
}

// words reads the cells of a String column with few values. One that repeats the cell above
// is not looked up again.
func (d *decoder) words(c *column) {
	var last []byte
	var value string
	for k, r := range d.split.rows {
		cell := d.split.cell(r, c.field)
		if len(last) > 0 && bytes.Equal(cell, last) {
			c.texts[k] = value
			continue
		}
		d.slowly(c, k, cell)
		if c.texts[k] != "" { // it was accepted
			last, value = cell, c.texts[k]
		}
	}
}

// slowly reads any cell of any column, with every rule.
func (d *decoder) slowly(c *column, k int, cell []byte) {
	cell = trim(cell)
	if c.nulls.has(cell) {
		if c.Required {
			d.refuse(k, c, cell, errNull)
		} else {
			c.setNull(k)
		}
		return
	}
	var err error
	if !d.split.plain {
		if err = cleanText(cell, c.decoded); err != nil {
			d.refuse(k, c, cell, err)
			return
		}
	}
	switch c.Type {
	case String:
		switch {
		case c.OneOf != nil:
			c.texts[k], err = oneOf(cell, c.OneOf)
		case c.id && floatID(cell):
			if !c.repair {
				err = errFloatID
				break
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
		if v, err = parseBool(cell); err == nil {
			c.setBool(k, v)
		}
	}
	if err != nil {
		d.refuse(k, c, cell, err)
	}
}
