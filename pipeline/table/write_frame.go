package table

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// OutType is the type of a column of an output.
type OutType uint8

// The types of output columns. In Parquet an OutDate is a DATE, an OutDecimal an INT64
// DECIMAL(18, scale), an OutDouble a DOUBLE, an OutInt an INT64, an OutInt32 an INT32, an
// OutBool a BOOLEAN and an OutString a UTF-8 string.
const (
	OutString OutType = iota
	OutDate
	OutDecimal
	OutDouble
	OutInt
	OutInt32
	OutBool
)

// outDigits is the precision of decimal columns: what an int64 holds whatever the digits.
const outDigits = 18

func (t OutType) String() string {
	switch t {
	case OutString:
		return "string"
	case OutDate:
		return "date"
	case OutDecimal:
		return "decimal"
	case OutDouble:
		return "double"
	case OutInt:
		return "int"
	case OutInt32:
		return "int32"
	case OutBool:
		return "bool"
	}
	return fmt.Sprintf("OutType(%d)", uint8(t))
}

// OutColumn declares a column of an output.
type OutColumn struct {
	Name  string
	Type  OutType
	Scale int  // decimals of an OutDecimal, 0 to 18
	Null  bool // cells may be null
}

// Frame is a run of rows held by columns, the way rows travel to a writer. Cells are
// appended column by column, in any order of columns, until all are equally long. Appending
// a cell of another type than the column's, or a null where the column has none, panics.
type Frame struct {
	columns []OutColumn
	cells   []frameColumn
}

// frameColumn holds the cells of a column in the one slice its type uses; a null has a zero
// there.
//
// Rows come sorted, and many a column says the same over and over or has few words, so a text that is that of the cell before,
// or was met a short while ago, is there once: writers look at a number a cell instead of its bytes.
type frameColumn struct {
	text    []byte
	offsets []uint32 // one more than there are texts, from 0
	codes   []int32  // per cell, which of the texts it is; of a null that of a neighbour
	recent  *recent  // of texts
	words   []int64  // OutDecimal, OutInt
	halves  []int32  // OutDate, OutInt32
	doubles []float64
	bools   []bool
	levels  []byte // of a Null column: 1 per value, 0 per null, as Parquet counts
	nulls   int
}

// NewFrame returns an empty frame with the given columns.
func NewFrame(columns []OutColumn) *Frame {
	f := &Frame{columns: columns, cells: make([]frameColumn, len(columns))}
	for i, c := range columns {
		if c.Type > OutBool {
			panic(fmt.Sprintf("table: output column %s has no type", c.Name))
		}
		if c.Scale < 0 || c.Scale > outDigits {
			panic(fmt.Sprintf("table: output column %s has %d decimals", c.Name, c.Scale))
		}
		f.cells[i].offsets = append(f.cells[i].offsets, 0)
		if c.Type == OutString {
			f.cells[i].recent = &recent{luck: mostLuck}
		}
	}
	return f
}

// Columns are the columns of the frame. They belong to the frame.
func (f *Frame) Columns() []OutColumn { return f.columns }

// Reset empties the frame and keeps its memory.
func (f *Frame) Reset() {
	for i := range f.cells {
		c := &f.cells[i]
		c.text, c.offsets, c.codes = c.text[:0], c.offsets[:1], c.codes[:0]
		if c.recent != nil {
			*c.recent = recent{luck: mostLuck}
		}
		c.words, c.halves, c.doubles, c.bools = c.words[:0], c.halves[:0], c.doubles[:0], c.bools[:0]
		c.levels, c.nulls = c.levels[:0], 0
	}
}

// Len is the number of rows: the length of the first column.
func (f *Frame) Len() int {
	if len(f.columns) == 0 {
		return 0
	}
	return f.length(0)
}

func (f *Frame) length(col int) int {
	c := &f.cells[col]
	switch f.columns[col].Type {
	case OutString:
		return len(c.codes)
	case OutDecimal, OutInt:
		return len(c.words)
	case OutDate, OutInt32:
		return len(c.halves)
	case OutDouble:
		return len(c.doubles)
	default:
		return len(c.bools)
	}
}

// rows is Len for a writer: it panics where the columns are not equally long.
func (f *Frame) rows() int {
	n := f.Len()
	for i, c := range f.columns {
		if got := f.length(i); got != n {
			panic(fmt.Sprintf("table: column %s has %d cells, %s has %d", c.Name, got, f.columns[0].Name, n))
		}
	}
	return n
}

// at is column col, about to get a cell of type t.
func (f *Frame) at(col int, t OutType) *frameColumn {
	if f.columns[col].Type != t {
		f.wrong(col, t)
	}
	c := &f.cells[col]
	if f.columns[col].Null {
		c.levels = append(c.levels, 1)
	}
	return c
}

func (f *Frame) wrong(col int, t OutType) {
	c := f.columns[col]
	panic(fmt.Sprintf("table: column %s is of type %s, not %s", c.Name, c.Type, t))
}

// String appends a text. Bytes that are not UTF-8 become U+FFFD, since a text column that
// holds them cannot be opened by others.
func (f *Frame) String(col int, v string) {
	c := f.at(col, OutString)
	if len(c.offsets) > 1 && c.repeats(c.neighbour(), v) || c.meets(v) {
		return
	}
	if !utf8.ValidString(v) {
		v = strings.ToValidUTF8(v, "\uFFFD")
		if len(c.offsets) > 1 && c.repeats(c.neighbour(), v) || c.meets(v) {
			return
		}
	}
	c.text = append(c.text, v...)
	c.endText()
	if c.recent.luck > 0 {
		c.recent.texts[recentSlot(v)] = int32(len(c.offsets) - 1)
	}
}

// recent are texts of a column that were met a short while ago.
type recent struct {
	luck  int
	texts [64]int32 // by recentSlot, the number of a text plus 1; 0 none
}

// mostLuck is how often more a column is looked up in vain than not before it is taken for one of ids or sentences: a lookup costs as much
// as a text appended.
const mostLuck = 64

// meets makes a cell of v where it is the text met last of its slot.
func (c *frameColumn) meets(v string) bool {
	r := c.recent
	if r.luck <= 0 {
		return false
	}
	if at := r.texts[recentSlot(v)]; at > 0 && c.repeats(at-1, v) {
		r.luck = min(r.luck+1, mostLuck)
		return true
	}
	r.luck--
	return false
}

// recentSlot is where a text is looked for among those met a short while ago: by its length and three of its bytes, which is enough for words.
func recentSlot(v string) uint32 {
	n := len(v)
	if n == 0 {
		return 0
	}
	return (uint32(n) | uint32(v[0])<<8 | uint32(v[n/2])<<16 | uint32(v[n-1])<<24) * 0x9E3779B1 >> 26
}

// neighbour is the code of a null.
func (c *frameColumn) neighbour() int32 {
	if n := len(c.codes); n > 0 {
		return c.codes[n-1]
	}
	return 0
}

// repeats makes a cell of one of the texts if it is v.
func (c *frameColumn) repeats(code int32, v string) bool {
	if string(c.text[c.offsets[code]:c.offsets[code+1]]) != v {
		return false
	}
	c.codes = append(c.codes, code)
	return true
}

// endText makes a cell of the bytes behind the last text.
func (c *frameColumn) endText() {
	if len(c.text) > math.MaxInt32 {
		panic("table: a frame holds at most 2 GiB of text per column")
	}
	c.codes = append(c.codes, int32(len(c.offsets)-1))
	c.offsets = append(c.offsets, uint32(len(c.text)))
}

// Bytes is String of a text in memory of the caller's.
func (f *Frame) Bytes(col int, v []byte) { f.String(col, view(v)) }

// Date appends a day, counted from 1970-01-01.
func (f *Frame) Date(col int, day int32) {
	c := f.at(col, OutDate)
	c.halves = append(c.halves, day)
}

// Decimal appends a decimal of which v is the value times ten to the column's Scale. Beyond
// 18 digits it panics.
func (f *Frame) Decimal(col int, v int64) {
	f.checkDecimal(col, v)
	c := f.at(col, OutDecimal)
	c.words = append(c.words, v)
}

func (f *Frame) checkDecimal(col int, v int64) {
	const limit = 1e18
	if v <= -limit || v >= limit {
		panic(&TooWide{Column: f.columns[col].Name, Value: v, Scale: f.columns[col].Scale})
	}
}

// TooWide is what Frame panics with for a decimal of more than 18 digits. Of wrong cells it is the one that
// amounts of an export can lead to, however right each of them is.
type TooWide struct {
	Column string
	Value  int64 // at Scale decimals
	Scale  int
}

func (w *TooWide) Error() string {
	return fmt.Sprintf("column %s: %s has more than %d digits", w.Column, appendDecimal(nil, w.Value, w.Scale), outDigits)
}

// Double appends a number. NaN is a null, and panics where the column has none.
func (f *Frame) Double(col int, v float64) {
	if math.IsNaN(v) {
		if f.columns[col].Type != OutDouble {
			f.wrong(col, OutDouble)
		}
		f.Null(col)
		return
	}
	c := f.at(col, OutDouble)
	c.doubles = append(c.doubles, v)
}

// Int appends an integer of 64 bits.
func (f *Frame) Int(col int, v int64) {
	c := f.at(col, OutInt)
	c.words = append(c.words, v)
}

// Int32 appends an integer of 32 bits.
func (f *Frame) Int32(col int, v int32) {
	c := f.at(col, OutInt32)
	c.halves = append(c.halves, v)
}

// Bool appends a truth value.
func (f *Frame) Bool(col int, v bool) {
	c := f.at(col, OutBool)
	c.bools = append(c.bools, v)
}

// Null appends a null to a column that may have nulls.
func (f *Frame) Null(col int) {
	spec := f.columns[col]
	if !spec.Null {
		panic(fmt.Sprintf("table: column %s has no nulls", spec.Name))
	}
	c := &f.cells[col]
	c.levels = append(c.levels, 0)
	c.nulls++
	switch spec.Type {
	case OutString:
		c.codes = append(c.codes, c.neighbour())
	case OutDecimal, OutInt:
		c.words = append(c.words, 0)
	case OutDate, OutInt32:
		c.halves = append(c.halves, 0)
	case OutDouble:
		c.doubles = append(c.doubles, 0)
	case OutBool:
		c.bools = append(c.bools, false)
	}
}

// appendRows appends rows from up to to of g, a frame with the same columns.
func (f *Frame) appendRows(g *Frame, from, to int) {
	for i := range f.cells {
		c, d := &f.cells[i], &g.cells[i]
		switch f.columns[i].Type {
		case OutString:
			c.appendTexts(d, from, to)
		case OutDecimal, OutInt:
			c.words = append(c.words, d.words[from:to]...)
		case OutDate, OutInt32:
			c.halves = append(c.halves, d.halves[from:to]...)
		case OutDouble:
			c.doubles = append(c.doubles, d.doubles[from:to]...)
		case OutBool:
			c.bools = append(c.bools, d.bools[from:to]...)
		}
		if f.columns[i].Null {
			for _, l := range d.levels[from:to] {
				c.nulls += 1 - int(l)
			}
			c.levels = append(c.levels, d.levels[from:to]...)
		}
	}
}

// appendTexts appends cells from up to to of another column of texts.
func (c *frameColumn) appendTexts(d *frameColumn, from, to int) {
	if len(d.offsets) == 1 { // nulls alone
		c.codes = repeat(c.codes, c.neighbour(), to-from)
		return
	}
	if from == to {
		return
	}
	first, end := extent(d.codes[from:to])
	end++
	shift := int32(len(c.offsets)-1) - first
	for _, code := range d.codes[from:to] {
		c.codes = append(c.codes, code+shift)
	}
	moved := uint32(len(c.text)) - d.offsets[first]
	c.text = append(c.text, d.text[d.offsets[first]:d.offsets[end]]...)
	for _, o := range d.offsets[first+1 : end+1] {
		c.offsets = append(c.offsets, o+moved)
	}
}

// sameColumns tells whether two lists of columns agree in everything that is written.
func sameColumns(a, b []OutColumn) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
