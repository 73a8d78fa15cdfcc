package table

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameOf is the name in the file of a canonical column.
func (o Options) nameOf(column string) string {
	if name, ok := o.Columns[column]; ok {
		return strings.TrimSpace(name)
	}
	return column
}

// findColumn tells where a name stands among the file's: as written or, when it does not,
// in any case. More than one place means the name is ambiguous.
func findColumn(names []string, name string) []int {
	var exact, folded []int
	for i, n := range names {
		switch {
		case n == name:
			exact = append(exact, i)
		case strings.EqualFold(n, name):
			folded = append(folded, i)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return folded
}

// mapColumns finds the schema's columns among the names of a file: for each its place, or
// -1 for an optional column that the file does not have. It is an error when a required
// column is missing, when a name that is needed stands there twice, and when Options.Columns
// names a column that the file does not have.
func mapColumns(path string, names []string, schema Schema, opt Options) ([]int, error) {
	mapping := make([]int, len(schema))
	var absent, misnamed []string
	for i, c := range schema {
		name := opt.nameOf(c.Name)
		_, named := opt.Columns[c.Name]
		switch at := findColumn(names, name); {
		case len(at) == 1:
			mapping[i] = at[0]
		case len(at) > 1:
			return nil, &Error{File: path, Column: c.Name, Msg: fmt.Sprintf("the file has %d columns named %q", len(at), names[at[0]]),
				Hint: "rename all but one of them in the export"}
		case named:
			mapping[i] = -1
			misnamed = append(misnamed, fmt.Sprintf("%q (for %s)", name, c.Name))
		case c.Required:
			absent = append(absent, fmt.Sprintf("%q", c.Name))
		default:
			mapping[i] = -1
		}
	}
	if len(absent)+len(misnamed) == 0 {
		return mapping, nil
	}
	e := &Error{File: path, Msg: fmt.Sprintf("no column %s; the file has: %s", strings.Join(append(absent, misnamed...), ", "), listNames(names))}
	switch {
	case len(names) == 1:
		e.Hint = "the header is a single column: is the delimiter right? (comma, tab and semicolon are found without being told)"
	case slices.ContainsFunc(names, func(n string) bool { return !utf8.ValidString(n) || strings.ContainsRune(n, utf8.RuneError) }):
		e.Hint = "the header is not in the encoding expected: set encoding: to cp932, euc-jp, utf-16 or windows-1252"
	case len(absent) == 0:
		e.Hint = "correct the names under columns:"
	default:
		e.Hint = fmt.Sprintf("map it under columns:, as in columns: {%s: NAME IN THE FILE}", strings.Trim(absent[0], `"`))
	}
	return nil, e
}

// listNames writes out the names of a file for a message.
func listNames(names []string) string {
	const most = 60
	shown := make([]string, 0, most+1)
	for i, n := range names {
		if i == most {
			shown = append(shown, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		if n = shorten(n); strings.ContainsFunc(n, unicode.IsControl) { // a line end would break the message
			n = strconv.Quote(n)
		}
		shown = append(shown, n)
	}
	return strings.Join(shown, ", ")
}

// header is what Open learns from the first row of a text file.
type header struct {
	names     []string
	mapping   []int
	delimiter byte
	end       int   // bytes before the first data row, without the byte order mark
	lines     int64 // line ends before the first data row
}

// delimiters are the candidates where Options.Delimiter is 0.
const delimiters = ",\t;"

// readHeader splits the first row of text that is not empty. Where no delimiter is given it
// is the one under which most columns of the schema are found, the required ones all; where
// none finds those, the one that gives most columns. One under which the row is malformed, as one in
// quotes is under all but its own, is none.
func readHeader(path string, text []byte, eof bool, schema Schema, opt Options) (header, error) {
	candidates := delimiters
	if opt.Delimiter != 0 {
		candidates = string([]byte{opt.Delimiter})
	}
	var best header
	var bestErr, malformed error
	bestFound, split := -1, 0
	for i := range len(candidates) {
		h, err := splitHeader(path, text, eof, dialect{delimiter: candidates[i], longestQuoted: maxQuoted})
		if err != nil {
			malformed = cmp.Or(malformed, err)
			continue
		}
		split++
		h.mapping, err = mapColumns(path, h.names, schema, opt)
		found := -1
		for _, at := range h.mapping {
			if at >= 0 {
				found++
			}
		}
		switch {
		case split == 1, err == nil && (bestErr != nil || found > bestFound), err != nil && bestErr != nil && len(h.names) > len(best.names):
			best, bestErr, bestFound = h, err, found
		}
	}
	if split == 0 {
		return best, malformed
	}
	return best, bestErr
}

// splitHeader splits the header row under one dialect.
func splitHeader(path string, text []byte, eof bool, d dialect) (header, error) {
	h := header{delimiter: d.delimiter}
	at := 0
	for n := emptyLine(text[at:]); n > 0; n = emptyLine(text[at:]) {
		at += n
		h.lines++
	}
	h.end = d.rowEnd(text, at, eof)
	if h.end < 0 {
		return h, &Error{File: path, Line: h.lines + 1, Msg: fmt.Sprintf("the header line does not end within %d bytes", len(text)), Hint: "is this a text file with one row per line?"}
	}
	row := slices.Clone(text[at:h.end])
	if len(row) == 0 || row[len(row)-1] != '\n' {
		row = append(row, '\n')
	}
	if emptyLine(row) > 0 {
		return h, &Error{File: path, Line: h.lines + 1, Msg: "the header line: is empty"}
	}
	if d.bareReturn(row) {
		return h, &Error{File: path, Line: h.lines + 1, Msg: "the header line: has a CR that no LF follows", Hint: "end lines with LF or CRLF"}
	}
	var r exactRow
	if _, ok := r.split(row, 0, d); !ok {
		return h, &Error{File: path, Line: h.lines + 1, Msg: "the header line: " + causeQuote}
	}
	h.lines += countLines(text[at:h.end])
	for _, name := range r.cells {
		h.names = append(h.names, string(trim(name)))
	}
	return h, nil
}

// bareReturn tells whether a CR that no line end follows stands outside quotes in a row, which ends with a line end: the whole file may
// have such line ends then. In quotes it is data.
func (d dialect) bareReturn(row []byte) bool {
	for at := 0; at < len(row); {
		if row[at] == '"' {
			end, how := d.closeQuote(row, at, true)
			if how != fieldClosed {
				return end+1 < len(row) && row[end] == '"' && row[end+1] == '\r' // else malformed, which is another fault
			}
			at = end + 1
		}
		cell := row[at:]
		if i := bytes.IndexByte(cell, d.delimiter); i >= 0 {
			cell = cell[:i]
		}
		if bytes.IndexByte(bytes.TrimRight(cell, "\r\n"), '\r') >= 0 || len(cell) < len(row)-at && bytes.IndexByte(cell, '\r') >= 0 {
			return true
		}
		at += len(cell) + 1
	}
	return false
}
