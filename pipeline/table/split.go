package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// splitPad is how many bytes after the text of a block must be readable: quick cells are read
// in words of eight bytes, two at a time.
const splitPad = 64

// exactRow is a row taken apart by every rule of the dialect.
type exactRow struct {
	cells [][]byte // untrimmed, without their quotes; views of the text or of room
	room  []byte   // cells that had doubled quotes
}

// split takes the row at text[at] apart; the text ends with a line end. It gives where the next
// row starts and whether this one is well formed.
func (r *exactRow) split(text []byte, at int, d dialect) (next int, ok bool) {
	r.cells = r.cells[:0]
	line := lineEnd(text, at) - 1
	for {
		if text[at] == '"' {
			end, how := d.closeQuote(text, at, true)
			if how != fieldClosed {
				return line + 1, false
			}
			r.cells = append(r.cells, r.unquote(text[at+1:end]))
			at = end + 1
			if at > line {
				line = lineEnd(text, at) - 1
			}
			if text[at] != d.delimiter {
				return line + 1, true
			}
			at++
			continue
		}
		i := bytes.IndexByte(text[at:line], d.delimiter)
		if i < 0 {
			r.cells = append(r.cells, bytes.TrimSuffix(text[at:line], []byte{'\r'}))
			return line + 1, true
		}
		r.cells = append(r.cells, text[at:at+i])
		at += i + 1
	}
}

// unquote is the content of a quoted field with its doubled quotes made one.
func (r *exactRow) unquote(field []byte) []byte {
	i := bytes.IndexByte(field, '"')
	if i < 0 {
		return field
	}
	from := len(r.room) // when it grows, cells before keep the old memory
	for ; i >= 0; i = bytes.IndexByte(field, '"') {
		r.room = append(r.room, field[:i+1]...)
		field = field[i+2:]
	}
	r.room = append(r.room, field...)
	return r.room[from:]
}

// causeQuote is the cause for every malformed quoted field. Whether a quote inside the field
// or no quote at all ended it may lie beyond the block, so the text must not depend on it.
const causeQuote = "a quoted field does not close, or has a quote inside that is not doubled"

func causeFields(has, want int) string {
	plural := "s"
	if has == 1 {
		plural = ""
	}
	return fmt.Sprintf("has %d field%s, the header has %d", has, plural, want)
}

const (
	highBits = 0x8080808080808080
	everyone = 0x0101010101010101
)

// wordAt is the eight bytes from text[at] on. For a slice whose capacity is known the compiler leaves out five instructions that keep an
// empty one at the end of memory from pointing past it: of text[at:] they are a twelfth of the time of splitting and typing.
func wordAt(text []byte, at int) uint64 {
	return binary.LittleEndian.Uint64(text[at : at+8 : at+8])
}

// putWord stores eight bytes from text[at] on.
func putWord(text []byte, at int, word uint64) {
	binary.LittleEndian.PutUint64(text[at:at+8:at+8], word)
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
