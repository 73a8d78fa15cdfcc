package table

import "bytes"

// maxQuoted is the longest quoted field in bytes, quotes included. A quote that does not
// close within it is taken for a slip of the writer: only its row is refused.
const maxQuoted = 1 << 20

// dialect tells how rows and fields end in a text file.
//
// The rules are those of RFC 4180, made exact where it is silent. A quote opens a field only
// as its first byte; any other quote in an unquoted field is data (12" pipe). A quoted field
// ends at a quote that a delimiter or a line end follows; a doubled quote is one quote of
// data. A quote inside a quoted field that is neither, or a field that does not end within
// longestQuoted bytes, makes the row malformed: the row then ends with the line on which
// that field opened, so that a slip costs one line and not the rest of the file. Rows end
// with LF or CRLF, the last one also with the file. Lines without a byte are no rows.
type dialect struct {
	delimiter     byte
	longestQuoted int
}

// The ways in which a quoted field can end.
const (
	fieldClosed = iota
	fieldBad    // it does not, or has a quote inside that is not doubled
	fieldCut    // the text given ends before that is known
)

// closeQuote finds the end of the quoted field that opens at data[open]: the offset of its
// closing quote, when it is fieldClosed. With eof nothing comes after data.
func (d dialect) closeQuote(data []byte, open int, eof bool) (int, int) {
	limit := min(len(data), open+d.longestQuoted)
	for at := open + 1; at < limit; {
		i := bytes.IndexByte(data[at:limit], '"')
		if i < 0 {
			break
		}
		at += i
		switch next := data[at+1:]; {
		case len(next) == 0 && eof:
			return at, fieldClosed
		case len(next) == 0:
			return at, fieldCut
		case next[0] == '"':
			at += 2
			continue
		case next[0] == d.delimiter || next[0] == '\n':
			return at, fieldClosed
		case next[0] == '\r' && len(next) == 1 && !eof:
			return at, fieldCut
		case next[0] == '\r' && (len(next) == 1 || next[1] == '\n'):
			return at, fieldClosed
		}
		return at, fieldBad
	}
	if limit < open+d.longestQuoted && !eof {
		return limit, fieldCut
	}
	return limit, fieldBad
}

// rowEnd is the offset just after the row that starts at data[start], its line end
// included; -1 when the row does not end in data and, without eof, may go on after it.
func (d dialect) rowEnd(data []byte, start int, eof bool) int {
	line := lineEnd(data, start)
	for at := start; ; {
		rest := data[at:]
		if line >= 0 {
			rest = data[at:line]
		}
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			if line < 0 && eof {
				return len(data)
			}
			return line
		}
		open := at + i
		if open > start && data[open-1] != d.delimiter {
			at = open + 1
			continue
		}
		end, how := d.closeQuote(data, open, eof)
		switch how {
		case fieldCut:
			return -1
		case fieldClosed:
			at = end + 1
			if line >= 0 && line <= at {
				line = lineEnd(data, at)
			}
		default:
			if line < 0 && eof {
				return len(data)
			}
			return line
		}
	}
}

// lineEnd is the offset just after the line that data[at] is on, -1 when it does not end.
func lineEnd(data []byte, at int) int {
	if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return -1
}

// emptyLine is the length of the line end that text starts with, 0 when it starts with
// something else.
func emptyLine(text []byte) int {
	switch {
	case len(text) > 0 && text[0] == '\n':
		return 1
	case len(text) > 1 && text[0] == '\r' && text[1] == '\n':
		return 2
	}
	return 0
}

func countLines(text []byte) int64 { return int64(bytes.Count(text, []byte{'\n'})) }
