package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// splitPad is how many bytes after the text of a block must be readable: the splitter works
// on 64 bytes at a time and the cell readers on up to 16.
const splitPad = 64

// split is a block of text cut into rows and cells. Cells of a row follow one another in
// data, one byte apart: cell i of a row lies between separators row.sep+i and row.sep+i+1.
// Where the block has no quote, data is the text itself. Otherwise it is a copy in which the
// rows with quotes have lost them. A split is reused from block to block.
type split struct {
	text    []byte   // as in the file, splitPad readable bytes after it
	data    []byte   // what separators point into, splitPad readable bytes after it
	seps    []uint32 // the first is ^0, so that adding one gives 0
	count   int      // of seps in use
	fields  int      // per row; below zero until the first row tells
	rows    []rowRef // in order, without the refused ones
	refused []refusedRow
	total   uint32 // rows, the refused ones included
	lines   int64  // line ends in text
	high    uint64 // all words of data or-ed
	plain   bool   // text is ASCII without NUL
	scratch []byte
}

// rowRef is one row of a split.
type rowRef struct {
	sep    uint32 // the separator before its first cell
	at     uint32 // offset in text
	number uint32 // from 0, the refused rows counted
}

// refusedRow is a row of a block that was refused, by the splitter or later.
type refusedRow struct {
	at     uint32
	number uint32
	column string
	cause  string
}

// causeQuote is the cause for every malformed quoted field. Whether a quote inside the field
// or no quote at all ended it may lie beyond the block, so the text must not depend on it.
const causeQuote = "a quoted field does not close, or has a quote inside that is not doubled"

func (s *split) reset(text []byte, fields int) {
	s.text, s.fields = text, fields
	s.rows, s.refused = s.rows[:0], s.refused[:0]
	s.total, s.lines, s.high = 0, 0, 0
	// Every byte may be a separator, and up to seven more are stored than are counted.
	if need := len(text) + splitPad; cap(s.seps) < need {
		s.seps = make([]uint32, need)
	}
	s.seps = s.seps[:cap(s.seps)]
	s.seps[0], s.count = ^uint32(0), 1
}

// cell is cell i of a row, untrimmed. The last cell of a row is without the CR of its line
// end.
func (s *split) cell(r rowRef, i int) []byte {
	from, to := int(s.seps[int(r.sep)+i]+1), int(s.seps[int(r.sep)+i+1])
	if i == s.fields-1 && to > from && s.data[to-1] == '\r' {
		to--
	}
	return s.data[from:to]
}

const (
	lowBits  = 0x7f7f7f7f7f7f7f7f
	highBits = 0x8080808080808080
	everyone = 0x0101010101010101
)

// gather collects the high bits of the eight bytes of a word into the low byte.
func gather(highs uint64) uint64 { return highs * 0x0002040810204081 >> 56 }

// others marks the bytes of a word that are neither of two: delims and lines hold the one
// and the other eight times. The first result has the bits of bytes that are neither, the
// second of those that are no line end. (x&0x7f + 0x7f)|x has the high bit of a byte clear
// only where the byte of x is zero, that is where the word equals the byte looked for.
func others(w, delims, lines uint64) (neither, inside uint64) {
	x, y := w^delims, w^lines
	zx, zy := (x&lowBits+lowBits)|x, (y&lowBits+lowBits)|y
	return gather(zx & zy & highBits), gather(zy & highBits)
}

// fast splits text that has no quote.
func (s *split) fast(text []byte, delimiter byte, fields int) {
	s.reset(text, fields)
	s.data = text[:len(text)+splitPad]
	s.run(0, len(text), 0, delimiter)
	s.plain = s.high&highBits == 0 && bytes.IndexByte(text, 0) < 0
}

// run splits data[from:to], whole rows without a quote, 64 bytes at a time. What stands at
// data[i] is at text[i+shift]. The last separator there is stands before data[from].
func (s *split) run(from, to, shift int, delimiter byte) {
	padded := s.data[:to+splitPad]
	delims, lines := uint64(delimiter)*everyone, uint64('\n')*everyone
	seps, rows := s.seps, s.rows
	count, last, start := s.count, s.count-1, from // separators stored; that of the row before; the row's offset
	high := s.high
	for base := from; base < to; base += 64 {
		block := (*[64]byte)(padded[base:])
		var neither, inside uint64
		for k := 0; k < 64; k += 16 {
			w, v := binary.LittleEndian.Uint64(block[k:k+8]), binary.LittleEndian.Uint64(block[k+8:k+16])
			high |= w | v // bytes after the text too, at worst for slower checks of cells
			a, b := others(w, delims, lines)
			c, d := others(v, delims, lines)
			neither |= (a | c<<8) << k
			inside |= (b | d<<8) << k
		}
		all, ends := ^neither, ^inside
		if left := to - base; left < 64 {
			all &= 1<<left - 1
			ends &= 1<<left - 1
		}
		s.lines += int64(bits.OnesCount64(ends))
		for ; ends != 0; ends &= ends - 1 {
			j := bits.TrailingZeros64(ends)
			sep := count + bits.OnesCount64(all&(1<<j-1))
			if sep-last == s.fields && s.fields > 1 {
				rows = append(rows, rowRef{uint32(last), uint32(start + shift), s.total})
				s.total++
			} else {
				s.rows = rows
				s.oddRow(sep-last, last, start+shift, base+j+shift)
				rows = s.rows
			}
			last, start = sep, base+j+1
		}
		count = store(seps, count, base, all)
	}
	s.rows, s.count, s.high = rows, count, high
}

// store appends the offsets of the set bits. Eight at a time are written without looking
// whether there are as many, which spares a branch that cannot be predicted.
func store(seps []uint32, count, base int, set uint64) int {
	next := count + bits.OnesCount64(set)
	for at := count; at < next; at += 8 {
		to := seps[at : at+8 : at+8]
		to[0] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
		to[1] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
		to[2] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
		to[3] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
		to[4] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
		to[5] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
		to[6] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
		to[7] = uint32(base + bits.TrailingZeros64(set))
		set &= set - 1
	}
	return next
}

// oddRow deals with text[start:end] where it is not plainly a row: it may have the wrong
// number of cells, or a single one and be no row for lack of any byte. Separator before
// stands before its first cell.
func (s *split) oddRow(cells, before, start, end int) {
	if cells == 1 && (end == start || end == start+1 && s.text[start] == '\r') {
		return
	}
	if cells == s.fields {
		s.rows = append(s.rows, rowRef{uint32(before), uint32(start), s.total})
	} else {
		s.refuse(start, causeFields(cells, s.fields))
	}
	s.total++
}

func (s *split) refuse(at int, cause string) {
	s.refused = append(s.refused, refusedRow{at: uint32(at), number: s.total, cause: cause})
}

func causeFields(has, want int) string {
	plural := "s"
	if has == 1 {
		plural = ""
	}
	return fmt.Sprintf("has %d field%s, the header has %d", has, plural, want)
}

// exact splits text with quotes. Runs of rows without any are copied and split the fast
// way, unless everyRow is set; the others are copied cell by cell without their quotes, each
// cell followed by one byte, so that the separators lie as the fast path leaves them.
func (s *split) exact(text []byte, d dialect, fields int, everyRow bool) {
	s.reset(text, fields)
	if need := len(text) + 2*splitPad; cap(s.scratch) < need {
		s.scratch = make([]byte, need)
	}
	s.data = s.scratch[:cap(s.scratch)]
	size := 0 // of data
	for at := 0; at < len(text); {
		if !everyRow {
			rest := text[at:]
			if i := bytes.IndexByte(rest, '"'); i >= 0 {
				rest = rest[:bytes.LastIndexByte(rest[:i], '\n')+1]
			}
			if n := copy(s.data[size:], rest); n > 0 {
				s.run(size, size+n, at-size, d.delimiter)
				size, at = size+n, at+n
				continue
			}
		}
		if n := emptyLine(text[at:]); n > 0 {
			s.lines++
			at += n
			continue
		}
		size, at = s.exactRow(size, at, d)
	}
	s.plain = s.high&highBits == 0 && bytes.IndexByte(text, 0) < 0
}

// exactRow splits the row at text[at] into data[size:] and gives the new size of data and
// where the next row starts.
func (s *split) exactRow(size, at int, d dialect) (int, int) {
	first, before := size, s.count-1
	size, end, ok := s.copyRow(size, at, d)
	row := s.text[at:end]
	s.lines += countLines(row)
	s.high |= orWords(row)
	cells := s.count - 1 - before
	if s.fields < 0 {
		s.fields = cells
	}
	if ok && cells == s.fields {
		s.rows = append(s.rows, rowRef{uint32(before), uint32(at), s.total})
	} else {
		why := causeQuote
		if ok {
			why = causeFields(cells, s.fields)
		}
		s.refuse(at, why)
		size, s.count = first, before+1
	}
	s.total++
	return size, end
}

// copyRow copies the cells of the row at text[at] and tells the size of data, where the row
// ends and whether it is well formed.
func (s *split) copyRow(size, at int, d dialect) (int, int, bool) {
	text, data := s.text, s.data
	line := lineEnd(text, at) - 1
	for {
		if text[at] == '"' {
			end, how := d.closeQuote(text, at, true)
			if how != fieldClosed {
				return size, line + 1, false
			}
			size += unquote(data[size:], text[at+1:end])
			at = end + 1
			if at > line {
				line = lineEnd(text, at) - 1
			}
			if data[max(size-1, 0)] == '\r' && text[at] != d.delimiter {
				data[size] = '\r' // in place of the one that cell takes for the line's
				size++
			}
		} else {
			end := line
			if i := bytes.IndexByte(text[at:line], d.delimiter); i >= 0 {
				end = at + i
			}
			size += copy(data[size:], text[at:end])
			at = end
		}
		s.seps[s.count] = uint32(size)
		s.count++
		data[size] = '\n'
		size++
		if text[at] != d.delimiter {
			return size, line + 1, true
		}
		at++
	}
}

// unquote copies the content of a quoted field, its doubled quotes made one.
func unquote(to, field []byte) int {
	n := 0
	for {
		i := bytes.IndexByte(field, '"')
		if i < 0 {
			return n + copy(to[n:], field)
		}
		n += copy(to[n:], field[:i+1])
		field = field[i+2:]
	}
}

// isPlain tells whether text is ASCII without NUL.
func isPlain(text []byte) bool {
	return orWords(text)&highBits == 0 && bytes.IndexByte(text, 0) < 0
}

// orWords is all bytes of text or-ed, eight at a time.
func orWords(text []byte) uint64 {
	var all uint64
	for len(text) >= 8 {
		all |= binary.LittleEndian.Uint64(text)
		text = text[8:]
	}
	for _, b := range text {
		all |= uint64(b)
	}
	return all
}
