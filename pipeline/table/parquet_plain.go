package table

import (
	"encoding/binary"
	"fmt"
	"io"
)

// lengthSize is how many bytes a text's length takes in PLAIN.
const lengthSize = 4

// fillTexts reads the next n cells of a page of PLAIN texts into rows from row on: one pass from the page to the
// column, instead of one that finds where texts lie and one that moves them.
func (r *chunkReader) fillTexts(row, n int, faults []batchFault) ([]batchFault, error) {
	c, levels := r.col, r.pages.levels
	for i := 0; i < n; {
		if levels != nil && levels[r.row+i] == 0 {
			c.setNull(row + i)
			i++
			continue
		}
		if c.Type == String && c.OneOf == nil {
			run := n - i
			if levels != nil {
				run = ones(levels[r.row+i : r.row+n])
			}
			if done := r.quickTexts(row+i, run); done > 0 {
				i += done
				continue
			}
		}
		cell, err := r.text()
		if err != nil {
			return faults, err
		}
		if cause := c.setText(row+i, cell); cause != "" {
			faults = append(faults, batchFault{row + i, cause})
		}
		i++
	}
	return faults, nil
}

// ones is how many levels there are before the first zero.
func ones(levels []byte) int {
	for i, level := range levels {
		if level == 0 {
			return i
		}
	}
	return len(levels)
}

// text takes the next text of a page.
func (r *chunkReader) text() ([]byte, error) {
	if len(r.plain) < lengthSize {
		return nil, fmt.Errorf("a page has less texts than rows: %w", io.ErrUnexpectedEOF)
	}
	size := int64(binary.LittleEndian.Uint32(r.plain))
	rest := r.plain[lengthSize:]
	if size > int64(len(rest)) {
		return nil, fmt.Errorf("a page ends within a text: %w", io.ErrUnexpectedEOF)
	}
	r.plain = rest[size:]
	return rest[:size:size], nil
}

// quickTexts copies texts to rows from row on until n are done or one needs a second look, and gives how many it
// copied. Of what it takes it makes the same as setText.
func (r *chunkReader) quickTexts(row, n int) int {
	c := r.col
	c.roomFor(n)
	nulls, id := c.nulls.lengths, c.id
	end := len(r.plain)
	data := r.plain[:end+pagePad]
	room, used, at := c.room, c.used, 0
	texts := c.texts[row : row+n]
	done := 0
	for done < len(texts) && at+lengthSize < end {
		size := int(binary.LittleEndian.Uint32(data[at : at+lengthSize : at+lengthSize]))
		from := at + lengthSize
		to := from + size
		if to > end || nulls>>min(uint(size), 63)&1 != 0 || used+size+8 > len(room) {
			break
		}
		if data[from] <= ' ' || data[to-1] <= ' ' || id && binary.LittleEndian.Uint16(data[to-2:to:to]) == floatEnd {
			break
		}
		var odd uint64
		if size < 8 {
			word := wordAt(data, from)
			putWord(room, used, word)
			odd = oddBytes(word<<(64-8*uint(size)) | everyone>>(8*uint(size)))
		} else {
			for o := 0; o < size-8; o += 8 {
				word := wordAt(data, from+o)
				putWord(room, used+o, word)
				odd |= oddBytes(word)
			}
			word := wordAt(data, to-8)
			putWord(room, used+size-8, word)
			odd |= oddBytes(word)
		}
		if odd&highBits != 0 {
			break
		}
		texts[done] = view(room[used : used+size])
		done++
		used += size
		at = to
	}
	c.used = used
	r.plain = r.plain[at:]
	return done
}

// oddBytes has a high bit set if a byte of the word is NUL or none of ASCII, not always that byte's.
func oddBytes(word uint64) uint64 { return word | (word - everyone) }

// setText types a text as row k, with every rule, and gives the cause to refuse it, if any: the row is null then.
func (c *column) setText(k int, cell []byte) (fault string) {
	cell = trim(cell)
	if c.nulls.has(cell) {
		c.setNull(k)
		return ""
	}
	var err error
	if !isPlain(cell) {
		err = cleanText(cell, false)
	}
	if err == nil {
		err = c.set(k, cell)
	}
	if err != nil {
		c.setNull(k)
		return cause(cell, err)
	}
	if c.Type == String && c.OneOf == nil {
		c.copyText(k, c.texts[k])
	}
	return ""
}

// loadEntries types the texts of a dictionary.
func (v *vector) loadEntries(data []byte, n int) error {
	v.n, v.odd, v.text = n, false, data
	v.size()
	v.spans = grow(v.spans, n)
	at, odd := 0, uint64(0)
	for i := range n {
		if len(data)-at < lengthSize {
			return fmt.Errorf("its dictionary has %d texts instead of %d", i, n)
		}
		size := int64(binary.LittleEndian.Uint32(data[at:]))
		at += lengthSize
		if size > int64(len(data)-at) {
			return fmt.Errorf("its dictionary ends within a text: %w", io.ErrUnexpectedEOF)
		}
		v.spans[i] = span{uint32(at), uint32(at) + uint32(size)}
		to := at + int(size)
		for ; at < to; at += 8 {
			word := binary.LittleEndian.Uint64(data[at : at+8 : len(data)+pagePad])
			if rest := to - at; rest < 8 {
				word = word<<(64-8*uint(rest)) | everyone>>(8*uint(rest))
			}
			odd |= oddBytes(word)
		}
		at = to
	}
	v.loadCells(data, odd&highBits == 0)
	if v.col.OneOf == nil {
		v.text = data[:len(data)+pagePad] // the texts of a small dictionary, such as currencies, are copied like others then
	}
	return nil
}
