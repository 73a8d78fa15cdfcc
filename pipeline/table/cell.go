package table

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

var (
	errNull     = errors.New("is empty") // the cell has no value
	errNotInt   = errors.New("is not a whole number")
	errNotFloat = errors.New("is not a number")
	errNotBool  = errors.New("is not yes or no (true, false, 1, 0, yes, no, y, n)")
	errFloatID  = errors.New("is an identifier written as a decimal number; export the column as text, or set ids: repair_decimal")
	errUTF8     = errors.New("is not valid text in the file's encoding")
	errNUL      = errors.New("has a NUL byte")
)

const wideBlank = "\u3000"

// trim drops outer blanks, tabs and ideographic spaces.
func trim(cell []byte) []byte {
	for len(cell) > 0 {
		switch {
		case cell[0] == ' ' || cell[0] == '\t':
			cell = cell[1:]
			continue
		case cell[0] == wideBlank[0] && bytes.HasPrefix(cell, []byte(wideBlank)):
			cell = cell[len(wideBlank):]
			continue
		}
		break
	}
	for len(cell) > 0 {
		last := cell[len(cell)-1]
		switch {
		case last == ' ' || last == '\t':
			cell = cell[:len(cell)-1]
			continue
		case last == wideBlank[2] && bytes.HasSuffix(cell, []byte(wideBlank)):
			cell = cell[:len(cell)-len(wideBlank)]
			continue
		}
		break
	}
	return cell
}

// nullSet are the cells that count as empty.
type nullSet struct {
	cells   []string
	lengths uint64 // bit n: one of them has n bytes, 63 standing for 63 and more
}

func newNullSet(cells []string) nullSet {
	s := nullSet{lengths: 1}
	for _, c := range cells {
		c = string(trim([]byte(c)))
		s.cells = append(s.cells, c)
		s.lengths |= 1 << min(len(c), 63)
	}
	return s
}

// maybe tells whether a cell of that length can be one of the set or empty.
func (s *nullSet) maybe(length int) bool { return s.lengths>>min(uint(length), 63)&1 != 0 }

// has tells whether a trimmed cell counts as empty.
func (s *nullSet) has(cell []byte) bool {
	if len(cell) == 0 {
		return true
	}
	if s.maybe(len(cell)) {
		for _, c := range s.cells {
			if string(cell) == c {
				return true
			}
		}
	}
	return false
}

// parseInt reads a whole number, which may have decimals as long as they are zeros: that of a column that passed through
// floating point does.
func parseInt(cell []byte, lenient bool) (int64, error) {
	m, digits, err := parseDecimal(cell, lenient)
	if err == errDigits {
		return 0, err
	}
	for ; err == nil && digits > 0 && m%10 == 0; digits-- {
		m /= 10
	}
	if err != nil || digits > 0 {
		return 0, errNotInt
	}
	return m, nil
}

// parseFloat reads a decimal or, for numbers of other programs, one with an exponent. The
// result is the float64 nearest to the text.
func parseFloat(cell []byte, lenient bool) (float64, error) {
	m, digits, err := parseDecimal(cell, lenient)
	if err == nil && m < 1<<53 && m > -1<<53 {
		// Both are exact, so their quotient is rounded once.
		return float64(m) / pow10[digits], nil
	}
	for _, b := range cell {
		if !isDigit(b) && strings.IndexByte("+-.eE", b) < 0 {
			return 0, errNotFloat
		}
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(cell), len(cell)), 64)
	if err != nil {
		return 0, errNotFloat
	}
	return v, nil
}

// parseBool reads true, false, 1, 0, yes, no, y and n in any case.
func parseBool(cell []byte) (bool, error) {
	for _, word := range [...]string{"1", "true", "yes", "y"} {
		if equalFold(cell, word) {
			return true, nil
		}
	}
	for _, word := range [...]string{"0", "false", "no", "n"} {
		if equalFold(cell, word) {
			return false, nil
		}
	}
	return false, errNotBool
}

// equalFold compares a cell with a lower-case ASCII word.
func equalFold(cell []byte, word string) bool {
	if len(cell) != len(word) {
		return false
	}
	for i, b := range cell {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != word[i] {
			return false
		}
	}
	return true
}

// oneOf finds the accepted value, in lower case, that a cell is in any case.
func oneOf(cell []byte, values []string) (string, error) {
	for _, v := range values {
		if equalFold(cell, v) {
			return v, nil
		}
	}
	return "", fmt.Errorf("is not one of %s", strings.Join(values, ", "))
}

// floatID tells whether a cell is digits and then ".0": what becomes of an identifier in a
// column that passed through floating point.
func floatID(cell []byte) bool {
	n := len(cell) - 2
	if n < 1 || cell[n] != '.' || cell[n+1] != '0' {
		return false
	}
	for _, b := range cell[:n] {
		if !isDigit(b) {
			return false
		}
	}
	return true
}

// cleanText checks that a cell is text. With decoded, the text came out of a decoder, which
// puts U+FFFD where it met bytes that its encoding does not have.
func cleanText(cell []byte, decoded bool) error {
	switch {
	case bytes.IndexByte(cell, 0) >= 0:
		return errNUL
	case !utf8.Valid(cell), decoded && bytes.Contains(cell, []byte("\uFFFD")):
		return errUTF8
	}
	return nil
}

// cause tells why a cell was refused: the cell, shortened, and what is wrong with it.
func cause(cell []byte, err error) string {
	if err == errNull {
		return err.Error()
	}
	return strconv.Quote(shorten(string(cell[:min(len(cell), 4*(longestShown+1))]))) + " " + err.Error()
}

// longestShown is how many characters of a cell a message shows.
const longestShown = 60

// shorten cuts text to what a message shows.
func shorten(text string) string {
	n := 0
	for i := range text {
		if n == longestShown {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// longestRaw is how many bytes of a refused row are kept.
const longestRaw = 4096

// rawRow is the text of a row without its line end, cut to longestRaw bytes between
// characters. Bytes that are no text are written as \xNN.
func rawRow(row []byte) string {
	row = bytes.TrimSuffix(row, []byte{'\n'})
	row = bytes.TrimSuffix(row, []byte{'\r'})
	if len(row) <= longestRaw && utf8.Valid(row) {
		return string(row)
	}
	var b strings.Builder
	for len(row) > 0 {
		r, size := utf8.DecodeRune(row)
		piece := string(row[:size])
		if r == utf8.RuneError && size == 1 {
			piece = fmt.Sprintf(`\x%02x`, row[0])
		}
		if b.Len()+len(piece) > longestRaw {
			break
		}
		b.WriteString(piece)
		row = row[size:]
	}
	return b.String()
}
