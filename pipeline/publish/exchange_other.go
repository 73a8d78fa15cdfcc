//go:build !linux

package publish

import "errors"

// exchange would let two folders change places in one step; only Linux can.
func exchange(string, string) error { return errors.ErrUnsupported }
