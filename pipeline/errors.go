package pipeline

import (
	"errors"
	"fmt"

	"kaishu/pipeline/table"
)

// Usage is the error of a call that cannot mean anything.
type Usage struct{ msg string }

func (u *Usage) Error() string { return u.msg }

func usage(format string, args ...any) error { return &Usage{fmt.Sprintf(format, args...)} }

// hinted is an error with a next step.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

// Hint is the next step that an error of this package knows of, "" without one.
func Hint(err error) string {
	var h *hinted
	var gate *Refused
	var read *table.Error
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &gate):
		return gate.Hint
	case errors.As(err, &read):
		return read.Hint
	}
	return ""
}
