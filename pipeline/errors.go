package pipeline

import (
	"errors"
	"fmt"
	"syscall"

	"kaishu/pipeline/publish"
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
	case errors.As(err, &read) && read.Hint != "":
		return read.Hint
	case errors.Is(err, syscall.ENOSPC):
		return "make room on that disk, or name another folder with -o"
	}
	return ""
}

// cannotLock is the error of an output folder that cannot be locked, for which there is always a next step.
func cannotLock(err error) error {
	switch {
	case errors.Is(err, publish.ErrLocked):
		return &hinted{err, "wait until it is done; the lock ends with its process, however that ends"}
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
		return &hinted{err, "the file system keeps no locks: name a folder on another one with -o, or as output in the configuration"}
	case errors.Is(err, syscall.ENOSPC):
		return err
	}
	return &hinted{err, "name a folder that can be written with -o, or as output in the configuration"}
}

// cannotSpill is the error of a temporary file that cannot be made or written.
func cannotSpill(doing string, err error) error {
	return &hinted{fmt.Errorf("%s: %w", doing, err), "temp_dir in the configuration names the folder of temporary files, which must be writable and have room; with a larger memory they are smaller"}
}

// damaged is the error of reading a night that was published before. Nothing replaces what it said, so whoever
// runs the house must say what becomes of it.
func damaged(dir, asOf string, err error) error {
	return &hinted{err, fmt.Sprintf("kaishu verify -o %s --as-of %s tells what is wrong with that night; put it back from a copy, or move its folder away", dir, asOf)}
}
