package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"
	"unicode/utf8"
)

// CSVWriter writes frames as a CSV file for spreadsheets: RFC 4180 with a header, UTF-8
// without a byte order mark, lines ended by LF. Dates are YYYY-MM-DD, decimals have all
// their decimals, doubles the fewest digits that read back the same, nulls are empty.
//
// A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers
// are left alone.
type CSVWriter struct {
	path    string
	file    *os.File
	out     *bufio.Writer
	columns []OutColumn
	line    []byte
	rows    int64
	err     error // the first error; nothing is written after it
}

// CreateCSV creates the file, or empties the one there, and writes the header.
func CreateCSV(path string, columns []OutColumn) (*CSVWriter, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, writeError(path, err)
	}
	w := &CSVWriter{path: path, file: file, out: bufio.NewWriterSize(file, 1<<18), columns: columns}
	for i, c := range columns {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		w.line = appendText(w.line, []byte(c.Name))
	}
	w.line = append(w.line, '\n')
	// A buffered writer keeps its first error and returns it from then on: Write sees it.
	w.out.Write(w.line)
	return w, nil
}

// Write writes the rows of a frame with the writer's columns.
func (w *CSVWriter) Write(f *Frame) error {
	if !sameColumns(f.columns, w.columns) {
		panic("table: the frame has other columns than the file " + w.path)
	}
	n := f.rows()
	for row := range n {
		w.line = w.line[:0]
		for col := range f.columns {
			if col > 0 {
				w.line = append(w.line, ',')
			}
			if !f.IsNull(col, row) {
				w.line = appendCell(w.line, f, col, row)
			}
		}
		w.line = append(w.line, '\n')
		if _, err := w.out.Write(w.line); err != nil && w.err == nil {
			w.err = writeError(w.path, err)
		}
	}
	w.rows += int64(n)
	return w.err
}

// Close writes what is left, waits until the disk has it, closes the file and returns the
// number of rows. After an error it only closes, and returns the error again.
func (w *CSVWriter) Close() (int64, error) {
	err := w.err
	if err == nil {
		err = w.out.Flush()
		if err == nil {
			err = w.file.Sync()
		}
		if err != nil {
			err = writeError(w.path, err)
		}
	}
	if e := w.file.Close(); e != nil && err == nil {
		err = fmt.Errorf("closing %s: %w", w.path, e)
	}
	if w.err == nil {
		w.err = errors.New("writing " + w.path + ": the file is closed")
	}
	return w.rows, err
}

func appendCell(b []byte, f *Frame, col, row int) []byte {
	switch spec := f.columns[col]; spec.Type {
	case OutString:
		return appendText(b, f.textAt(col, row))
	case OutDate:
		return appendDate(b, f.DateAt(col, row))
	case OutDecimal:
		return appendDecimal(b, f.DecimalAt(col, row), spec.Scale)
	case OutDouble:
		return appendDouble(b, f.DoubleAt(col, row))
	case OutBool:
		return strconv.AppendBool(b, f.BoolAt(col, row))
	default:
		return strconv.AppendInt(b, f.IntAt(col, row), 10)
	}
}

// appendText appends a text cell, made harmless and quoted as needed.
func appendText(b, text []byte) []byte {
	formula := startsFormula(text)
	// An apostrophe needs no quotes, but a space at either end is lost by some readers.
	if !bytes.ContainsAny(text, "\",\r\n") && !outerSpace(text) {
		if formula {
			b = append(b, '\'')
		}
		return append(b, text...)
	}
	b = append(b, '"')
	if formula {
		b = append(b, '\'')
	}
	for {
		quote := bytes.IndexByte(text, '"')
		if quote < 0 {
			break
		}
		b = append(b, text[:quote+1]...)
		b = append(b, '"')
		text = text[quote+1:]
	}
	b = append(b, text...)
	return append(b, '"')
}

func outerSpace(text []byte) bool {
	return len(text) > 0 && (text[0] == ' ' || text[len(text)-1] == ' ')
}

// startsFormula tells whether a spreadsheet may take a text for a formula: by OWASP's list
// ("CSV Injection") and the full-width forms that Japanese input methods make of it.
func startsFormula(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	switch r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return true
	}
	return false
}

// appendDouble appends the fewest digits that read back as v, without an exponent where
// people read it.
func appendDouble(b []byte, v float64) []byte {
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e15) {
		format = 'g'
	}
	return strconv.AppendFloat(b, v, format, -1, 64)
}

// appendDate appends a day as YYYY-MM-DD.
func appendDate(b []byte, day int32) []byte {
	return time.Unix(int64(day)*86400, 0).UTC().AppendFormat(b, time.DateOnly)
}

// appendDecimal appends v / 10^scale with all scale decimals.
func appendDecimal(b []byte, v int64, scale int) []byte {
	if scale <= 0 {
		return strconv.AppendInt(b, v, 10)
	}
	u := uint64(v)
	if v < 0 {
		b = append(b, '-')
		u = -u
	}
	var digits [20]byte
	at := len(digits)
	for at > len(digits)-scale-1 || u > 0 {
		at--
		digits[at] = byte('0' + u%10)
		u /= 10
	}
	b = append(b, digits[at:len(digits)-scale]...)
	b = append(b, '.')
	return append(b, digits[len(digits)-scale:]...)
}
