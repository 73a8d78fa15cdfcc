package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// AppendTexts appends texts that lie one behind another, by their lengths. Bytes that are not UTF-8 become U+FFFD,
// as with String.
func (f *Frame) AppendTexts(col int, text []byte, lengths []int32) {
	if !ascii(text) { // what is a character may end in the next text: one by one
		for _, n := range lengths {
			f.Bytes(col, text[:n])
			text = text[n:]
		}
		return
	}
	c := f.get(col, OutString)
	size := uint32(len(c.text))
	c.text = append(c.text, text...)
	code := int32(len(c.offsets) - 1)
	for i, n := range lengths {
		size += uint32(n)
		c.offsets = append(c.offsets, size)
		c.codes = append(c.codes, code+int32(i))
	}
	f.fillLevels(col, 1, len(lengths))
}

// ascii tells whether no byte has its highest bit set.
func ascii(text []byte) bool {
	const high = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&high != 0 {
			return false
		}
	}
	for _, b := range text {
		if b >= 0x80 {
			return false
		}
	}
	return true
}

// AppendInt32s appends cells of an OutDate or OutInt32 column: of a row whose level is 0 a null, which must be 0
// in v as well. Levels may be nil where there is no null.
func (f *Frame) AppendInt32s(col int, v []int32, levels []byte) {
	if spec := f.columns[col]; spec.Type != OutDate && spec.Type != OutInt32 {
		f.wrong(col, OutInt32)
	} else if !spec.Null && levels != nil {
		panic(fmt.Sprintf("table: column %s has no nulls", spec.Name))
	}
	c := &f.cells[col]
	c.halves = append(c.halves, v...)
	if levels == nil {
		f.fillLevels(col, 1, len(v))
		return
	}
	c.levels = append(c.levels, levels...)
	c.nulls += bytes.Count(levels, []byte{0})
}

// AppendDecimals appends decimals, as Decimal does.
func (f *Frame) AppendDecimals(col int, v []int64) {
	c := f.get(col, OutDecimal)
	for _, x := range v {
		f.checkDecimal(col, x)
	}
	c.words = append(c.words, v...)
	f.fillLevels(col, 1, len(v))
}

// RepeatString appends a text n times.
func (f *Frame) RepeatString(col int, v string, n int) {
	if n == 0 {
		return
	}
	f.String(col, v)
	c := &f.cells[col]
	c.codes = repeat(c.codes, c.codes[len(c.codes)-1], n-1)
	f.fillLevels(col, 1, n-1)
}

// Again appends the last n cells of a column of texts once more.
func (f *Frame) Again(col, n int) {
	c := f.get(col, OutString)
	c.codes = append(c.codes, c.codes[len(c.codes)-n:]...)
	if f.columns[col].Null {
		levels := c.levels[len(c.levels)-n:]
		c.nulls += bytes.Count(levels, []byte{0})
		c.levels = append(c.levels, levels...)
	}
}

// RepeatDecimal appends a decimal n times.
func (f *Frame) RepeatDecimal(col int, v int64, n int) {
	f.checkDecimal(col, v)
	c := f.get(col, OutDecimal)
	c.words = repeat(c.words, v, n)
	f.fillLevels(col, 1, n)
}

// RepeatNull appends n nulls.
func (f *Frame) RepeatNull(col, n int) {
	if n == 0 {
		return
	}
	f.Null(col)
	c := &f.cells[col]
	switch f.columns[col].Type {
	case OutString:
		c.codes = repeat(c.codes, c.codes[len(c.codes)-1], n-1)
	case OutDecimal, OutInt:
		c.words = repeat(c.words, 0, n-1)
	case OutDate, OutInt32:
		c.halves = repeat(c.halves, 0, n-1)
	case OutDouble:
		c.doubles = repeat(c.doubles, 0, n-1)
	case OutBool:
		c.bools = repeat(c.bools, false, n-1)
	}
	c.nulls += n - 1
	f.fillLevels(col, 0, n-1)
}

// fillLevels appends n levels to a column that may have nulls.
func (f *Frame) fillLevels(col int, level byte, n int) {
	if f.columns[col].Null {
		f.cells[col].levels = repeat(f.cells[col].levels, level, n)
	}
}

func repeat[T any](to []T, v T, n int) []T {
	for range n {
		to = append(to, v)
	}
	return to
}
