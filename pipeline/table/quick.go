package table

import (
	"encoding/binary"
	"math/bits"
)

// field is one field of the rows of a text file.
type field struct {
	how  uint8
	end  byte // what follows it: the delimiter, or the line end after the last
	last bool
	col  *column // the one it is read as
	cols []int   // the places of all such in the schema: mostly one, none where it is not needed

	// Of a field with few values, the one read before:
	word  []byte
	value string
}

// The quick ways to read a field. All of them accept less than the exact one and, of what they
// accept, make the same.
const (
	quickSkip  = iota // not needed
	quickText         // any text
	quickWord         // a text of few values
	quickDate         // YYYY-MM-DD
	quickMoney        // a decimal
	quickOther        // as the exact way does, but for the search of the cell
)

// howOf is the quick way to read a column of a file with that delimiter. A date is read without a
// search for its end, so nothing in one may be the delimiter.
func howOf(c *column, delimiter byte) uint8 {
	switch {
	case c.Type == String && c.OneOf == nil:
		return quickText
	case c.Type == String:
		return quickWord
	case c.Type == Date && c.layout.layout == "" && delimiter != '-' && !isDigit(delimiter) && (len(c.nulls.cells) == 0 || !c.nulls.maybe(len("2006-01-02"))):
		return quickDate
	case c.Type == Decimal && !c.lenient:
		return quickMoney
	}
	return quickOther
}

// quickRows reads rows from text[at] on until one in which something is not plain, and gives
// where that row starts: the exact way reads it from there, whatever its cells have left in the
// columns. Splitting and typing in one pass, without a list of separators between them, takes a
// fifth less time than two passes, and less than half where cells stand in quotes.
func (d *decoder) quickRows(at int) int {
	text, fields := d.text, d.fields
	for at < len(text) {
		start := at
		if text[at] <= '\r' {
			if n := emptyLine(text[at:]); n > 0 {
				at += n
				continue
			}
		}
		d.begin()
		for i := range fields {
			f := &fields[i]
			switch f.how {
			case quickSkip:
				at = d.skipCell(f, at)
			case quickText:
				at = d.textCell(f, at)
			case quickDate:
				at = d.dateCell(f, at)
			case quickMoney:
				at = d.moneyCell(f, at)
			case quickWord:
				at = d.wordCell(f, at)
			default:
				at = d.otherCell(f, at)
			}
			if at < 0 {
				return start
			}
		}
		d.end(start)
	}
	return at
}

// special marks the bytes of a word that end a run of ordinary ones by their high bits: control
// characters, bytes outside ASCII and the one that marks holds eight times. The lowest is exact;
// what it borrows may change those above it.
func special(word, marks uint64) uint64 {
	return ((word - 0x20*everyone) | ((word ^ marks) - everyone) | word) & highBits
}

// ordinary is where the run of ordinary bytes from text[at] on ends. There is a line end.
func ordinary(text []byte, at int, marks uint64) int {
	for {
		if s := special(wordAt(text, at), marks); s != 0 {
			return at + bits.TrailingZeros64(s)>>3
		}
		at += 8
	}
}

// quotes is the quote eight times.
const quotes = '"' * everyone

// plainCell finds the cell at text[at] if it is of ordinary bytes, in quotes or not: its content
// is text[from:to], and the next cell starts at next, which is below zero for other cells.
func (d *decoder) plainCell(f *field, at int) (from, to, next int) {
	text := d.padded
	if text[at] != '"' {
		to = ordinary(text, at, d.delims)
		return at, to, f.after(text, to)
	}
	to = ordinary(text, at+1, quotes)
	if text[to] != '"' || to-at >= d.dialect.longestQuoted {
		return at, to, -1
	}
	return at + 1, to, f.after(text, to+1)
}

// after is where the next cell starts when this one, its quote included, ends at text[end];
// below zero when it does not end there.
func (f *field) after(text []byte, end int) int {
	switch {
	case text[end] == f.end:
		return end + 1
	case f.last && text[end] == '\r' && text[end+1] == '\n':
		return end + 2
	}
	return -1
}

// The readers of cells give where the next cell starts, below zero when the row is not plain.

func (d *decoder) skipCell(f *field, at int) int {
	text := d.padded
	if to := ordinary(text, at, d.delims); text[to] == f.end && text[at] != '"' {
		return to + 1
	}
	if _, _, next := d.plainCell(f, at); next >= 0 {
		return next
	}
	return d.otherCell(f, at)
}

// floatEnd are the last two bytes of an identifier that may have been a number with decimals.
const floatEnd = '.' | '0'<<8

func (d *decoder) textCell(f *field, at int) int {
	text, c := d.padded, f.col
	from, to, next := at, ordinary(text, at, d.delims), 0
	if next = to + 1; text[at] == '"' || text[to] != f.end {
		from, to, next = d.plainCell(f, at)
	}
	if next < 0 || c.nulls.maybe(to-from) || to < 2 || text[from] == ' ' {
		return d.otherCell(f, at)
	}
	tail := binary.LittleEndian.Uint16(text[to-2 : to : to])
	if tail>>8 == ' ' || tail == floatEnd && c.id {
		return d.otherCell(f, at)
	}
	c.texts[d.rows] = view(text[from:to])
	return next
}

func (d *decoder) wordCell(f *field, at int) int {
	from, to, next := d.plainCell(f, at)
	if next < 0 {
		return d.otherCell(f, at)
	}
	if word := d.padded[from:to]; string(word) != string(f.word) || len(word) == 0 {
		before := len(d.nulls)
		if next = d.otherCell(f, at); next < 0 || len(d.nulls) > before {
			return next
		}
		f.word = append(f.word[:0], word...)
		f.value = f.col.texts[d.rows]
		return next
	}
	f.col.texts[d.rows] = f.value
	return next
}

func (d *decoder) dateCell(f *field, at int) int {
	const size = len("2006-01-02")
	text, from, end := d.padded, at, at+size
	if text[at] == '"' {
		if from, end = at+1, at+1+size+1; text[end-1] != '"' {
			return d.otherCell(f, at)
		}
	}
	next := end + 1
	if text[end] != f.end {
		next = f.after(text, end)
	}
	day, ok := d.months.day(wordAt(text, from), binary.LittleEndian.Uint16(text[from+8:from+size:from+size]))
	if !ok || next < 0 {
		return d.otherCell(f, at)
	}
	f.col.days[d.rows] = day
	return next
}

func (d *decoder) moneyCell(f *field, at int) int {
	text, c := d.padded, f.col
	word := wordAt(text, at)
	size := bits.TrailingZeros64(special(word, d.delims)) >> 3 // 8 for more than the word has
	if text[at+size] == f.end && size < 8 && !c.nulls.maybe(size) && text[at] > '-' {
		if m, scale, ok := shortDecimal(word, size); ok {
			c.ints[d.rows], c.scales[d.rows] = m, scale
			return at + size + 1
		}
	}
	from, to, next := d.plainCell(f, at)
	if next >= 0 && !c.nulls.maybe(to-from) {
		if m, scale, ok := wordDecimal(text[from:], to-from); ok {
			c.ints[d.rows], c.scales[d.rows] = m, scale
			return next
		}
	}
	return d.otherCell(f, at)
}

// otherCell reads any cell that has no fault.
func (d *decoder) otherCell(f *field, at int) int {
	var cell []byte
	end := at
	if d.text[at] == '"' {
		closing, how := d.dialect.closeQuote(d.text, at, true)
		if how != fieldClosed {
			return -1
		}
		cell, end = d.exact.unquote(d.text[at+1:closing]), closing+1
	} else {
		if d.text[at] != f.end {
			end = d.cellEnd(at)
		}
		if f.last && end > at && d.text[end-1] == '\r' && d.text[end] == '\n' {
			end--
		}
		cell = d.text[at:end]
	}
	next := f.after(d.padded, end)
	if next < 0 {
		return -1
	}
	for _, i := range f.cols {
		if d.set(i, cell) != nil {
			return -1
		}
	}
	return next
}
