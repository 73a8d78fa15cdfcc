package table

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// column is one column of the schema while the cells of a block or of pages are typed. Its
// slices are the memory of a batch and are used again for the next one.
type column struct {
	Column
	field   int // place in the file, -1 when the file lacks it
	id      bool
	present bool // rows without a value in it are skipped
	repair  bool // identifiers lose a ".0"
	lenient bool
	decoded bool
	layout  dateLayout
	nulls   nullSet

	ints   []int64
	days   []int32
	scales []uint8
	floats []float64
	bools  []byte // bits
	texts  []string
	room   []byte // of the texts of a page that are copied
	used   int    // of it
	valid  []byte // bits; not looked at while there is no null, nor for texts
	nullN  int
	blank  int // rows that allNull has cleared
}

// newColumns prepares the columns of a schema for one worker.
func newColumns(schema Schema, mapping []int, opt Options) []column {
	cols := make([]column, len(schema))
	nulls := newNullSet(opt.Null)
	for i, c := range schema {
		cols[i] = column{
			Column:  c,
			field:   mapping[i],
			id:      c.ID || strings.HasSuffix(c.Name, "_id"),
			present: mapping[i] >= 0 && slices.Contains(opt.Present, c.Name),
			repair:  opt.IDs == "repair_decimal",
			lenient: opt.Numbers == "lenient",
			decoded: !isUTF8(opt.Encoding),
			layout:  compileDate(opt.DateFormat),
			nulls:   nulls,
		}
	}
	return cols
}

// resize makes room for so many rows, all valid.
func (c *column) resize(rows int) {
	c.nullN, c.used = 0, 0
	if c.Type == String {
		c.texts = grow(c.texts, rows)
		return
	}
	c.valid = grow(c.valid, (rows+7)/8)
	switch c.Type {
	case Date:
		c.days = grow(c.days, rows)
	case Decimal:
		c.ints, c.scales = grow(c.ints, rows), grow(c.scales, rows)
	case Int:
		c.ints = grow(c.ints, rows)
	case Float:
		c.floats = grow(c.floats, rows)
	case Bool:
		c.bools = grow(c.bools, (rows+7)/8)
		clear(c.bools)
	}
}

// grow gives a slice of length n, the old one where it is long enough. What it holds is
// left over from before.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// setNull makes row k null.
func (c *column) setNull(k int) {
	if c.Type == String {
		c.nullN++
		c.texts[k] = ""
		return
	}
	if c.nullN == 0 {
		for i := range c.valid {
			c.valid[i] = 0xff
		}
	}
	c.nullN++
	c.valid[k>>3] &^= 1 << (k & 7)
	switch c.Type {
	case Date:
		c.days[k] = 0
	case Decimal:
		c.ints[k], c.scales[k] = 0, 0
	case Int:
		c.ints[k] = 0
	case Float:
		c.floats[k] = 0
	}
}

// allNull makes every row null, for a column that the file does not have.
func (c *column) allNull(rows int) {
	if rows > c.blank {
		c.resize(rows + rows/4)
		clear(c.valid)
		clear(c.scales)
		clear(c.texts)
		clear(c.days)
		clear(c.ints)
		clear(c.floats)
		c.blank = rows + rows/4
	}
	c.resize(rows)
	c.nullN = rows
}

// isNull tells whether row k has no value.
func (c *column) isNull(k int) bool {
	if c.Type == String {
		return c.texts[k] == ""
	}
	return c.nullN > 0 && !bit(c.valid, k)
}

// view is bytes as a string that lives as long as they do.
func view(text []byte) string { return unsafe.String(unsafe.SliceData(text), len(text)) }

// roomFor makes room for copies of so many short texts.
func (c *column) roomFor(n int) {
	if need := n*cellPad + 8; c.used+need > len(c.room) { // a copy may write 8 bytes more than it needs
		c.room, c.used = make([]byte, max(2*len(c.room), need)), 0 // texts before keep the old memory
	}
}

// copyText stores a copy of a text as row k.
func (c *column) copyText(k int, text string) {
	if c.used+len(text) > len(c.room) {
		c.room, c.used = make([]byte, max(2*len(c.room), len(text), 1<<12)), 0 // texts before keep the old memory
	}
	from := c.used
	c.used += copy(c.room[from:], text)
	c.texts[k] = view(c.room[from:c.used])
}

// cellPad is how many bytes a copy of a short text writes.
const cellPad = 16

func (c *column) setBool(k int, v bool) {
	if v {
		c.bools[k>>3] |= 1 << (k & 7)
	}
}

// drop removes the rows marked bad and gives the number that are left.
func (c *column) drop(bad []bool) int {
	to := 0
	for k, b := range bad {
		if b {
			if c.isNull(k) {
				c.nullN--
			}
			continue
		}
		if c.nullN > 0 && c.Type != String {
			setBit(c.valid, to, bit(c.valid, k))
		}
		switch c.Type {
		case String:
			c.texts[to] = c.texts[k]
		case Date:
			c.days[to] = c.days[k]
		case Decimal:
			c.ints[to], c.scales[to] = c.ints[k], c.scales[k]
		case Int:
			c.ints[to] = c.ints[k]
		case Float:
			c.floats[to] = c.floats[k]
		case Bool:
			setBit(c.bools, to, bit(c.bools, k))
		}
		to++
	}
	return to
}

func bit(bits []byte, k int) bool { return bits[k>>3]>>(k&7)&1 != 0 }

func setBit(bits []byte, k int, v bool) {
	bits[k>>3] &^= 1 << (k & 7)
	if v {
		bits[k>>3] |= 1 << (k & 7)
	}
}

// arrays appends the arrow arrays of a column that is no text, over its own memory.
func (c *column) arrays(out []arrow.Array, rows int) []arrow.Array {
	if c.Type == String {
		return out
	}
	var valid *memory.Buffer
	if c.nullN > 0 {
		valid = memory.NewBufferBytes(c.valid[:(rows+7)/8])
	}
	data := func(t arrow.DataType, buffers ...*memory.Buffer) *array.Data {
		return array.NewData(t, rows, append([]*memory.Buffer{valid}, buffers...), nil, c.nullN, 0)
	}
	switch c.Type {
	case Date:
		days := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.days[:rows]))
		return append(out, array.NewDate32Data(data(arrow.FixedWidthTypes.Date32, days)))
	case Float:
		floats := memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(c.floats[:rows]))
		return append(out, array.NewFloat64Data(data(arrow.PrimitiveTypes.Float64, floats)))
	case Bool:
		return append(out, array.NewBooleanData(data(arrow.FixedWidthTypes.Boolean, memory.NewBufferBytes(c.bools[:(rows+7)/8]))))
	}
	ints := memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(c.ints[:rows]))
	out = append(out, array.NewInt64Data(data(arrow.PrimitiveTypes.Int64, ints)))
	if c.Type == Decimal {
		out = append(out, array.NewUint8Data(data(arrow.PrimitiveTypes.Uint8, memory.NewBufferBytes(c.scales[:rows]))))
	}
	return out
}
