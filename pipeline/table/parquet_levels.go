package table

import (
	"encoding/binary"
	"errors"
	"math"
)

var (
	errLevels   = errors.New("its levels are damaged")
	errPagesEnd = errors.New("its pages end before its row group")
)

// allOnes tells whether levels are one run of ones, n or more: a column that could have nulls and
// has none.
func allOnes(packed []byte, n int) bool {
	head, size := binary.Uvarint(packed)
	return size > 0 && size < len(packed) && head&1 == 0 && head>>1 >= uint64(n) && packed[size] == 1
}

// unpackLevels fills dst with levels of one bit, each a byte, from their hybrid of runs and packed bits, and counts
// the zeros. Unlike the library's it makes no room for more than it was asked for: a flipped bit in
// the length of a run may tell of billions.
// https://github.com/apache/parquet-format/blob/master/Encodings.md#run-length-encoding--bit-packing-hybrid-rle--3
func unpackLevels(dst, packed []byte) (zeros int, err error) {
	for len(dst) > 0 {
		head, size := binary.Uvarint(packed)
		if size <= 0 || size == len(packed) {
			return 0, errLevels
		}
		packed = packed[size:]
		if head&1 == 0 {
			n := int(min(head>>1, uint64(len(dst))))
			level := packed[0]
			if level > 1 {
				return 0, errLevels
			}
			for i := range dst[:n] {
				dst[i] = level
			}
			zeros += n * int(1-level)
			dst, packed = dst[n:], packed[1:]
			continue
		}
		groups := head >> 1 // of eight levels, a byte each
		n := int(min(groups, uint64(len(dst)+7)/8))
		if n > len(packed) {
			return 0, errLevels
		}
		for _, b := range packed[:n] {
			k := min(8, len(dst))
			for i := range k {
				level := b >> i & 1
				dst[i] = level
				zeros += int(1 - level)
			}
			dst = dst[k:]
		}
		packed = packed[min(groups, uint64(len(packed))):]
	}
	return zeros, nil
}

var errCodes = errors.New("its places in the dictionary are damaged")

// boundCodes checks the runs in which n codes are packed and gives as much as holds them. The library makes room for
// whatever a run tells, which a flipped bit makes billions. Packed groups may go on after the last code, as they do in
// files of some writers: they cannot tell of more than their bytes hold.
func boundCodes(packed []byte, n int) ([]byte, error) {
	if len(packed) == 0 || packed[0] > 31 { // a dictionary has less than 1<<31 entries
		return nil, errCodes
	}
	width, left := uint64(packed[0]), uint64(n)
	at := 1
	for left > 0 {
		head, size := binary.Uvarint(packed[at:])
		if size <= 0 {
			return nil, errCodes
		}
		at += size
		count, bytes := head>>1, (width+7)/8
		if count == 0 { // without a code, as the library has it
			continue
		}
		if head&1 == 0 && count > left || head&1 != 0 && width == 0 && count > (left+7)/8 || count > math.MaxInt32 {
			return nil, errCodes
		}
		if head&1 != 0 { // groups of eight
			count, bytes = 8*count, width*count
		}
		if bytes > uint64(len(packed)-at) {
			return nil, errCodes
		}
		at += int(bytes)
		left -= min(left, count)
	}
	return packed[:at], nil
}
