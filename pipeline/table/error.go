package table

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// Error is a fault of a whole file: it cannot be opened, its header lacks a column, its
// stream is damaged. A fault of one row is a Reject instead.
//
// Its text reads FILE:LINE: COLUMN: Msg: Err, without the parts that are empty.
type Error struct {
	File   string
	Line   int64  // 0 where no line is to blame
	Column string // canonical name, or ""
	Msg    string
	Hint   string // a next step for the user, shown on a line of its own; may be ""
	Err    error
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(":" + strconv.FormatInt(e.Line, 10))
	}
	for _, part := range []string{e.Column, e.Msg} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// fileError wraps an error of the operating system. The path that such errors carry is
// dropped because File names it already.
func fileError(path, msg string, err error) *Error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Error{File: path, Msg: msg, Err: err}
}
