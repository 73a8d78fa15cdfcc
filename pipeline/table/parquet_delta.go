package table

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/delta"
	pq "github.com/parquet-go/parquet-go/format"
)

var errDeltas = errors.New("its differences are damaged")

// checkDeltas checks what a page in one of the DELTA encodings tells of itself: the library makes room for whatever that is.
// https://github.com/apache/parquet-format/blob/master/Encodings.md#delta-encoding-delta_binary_packed--5
func (p *pageReader) checkDeltas() error {
	switch p.encoding {
	case pq.DeltaBinaryPacked, pq.DeltaLengthByteArray:
		_, err := deltaSize(p.data, p.count)
		return err
	case pq.DeltaByteArray:
		prefixes, err := deltaSize(p.data, p.count)
		if err != nil {
			return err
		}
		suffixes, err := deltaSize(p.data[prefixes:], p.count)
		if err != nil {
			return err
		}
		// A text of a few bytes may repeat all of the one before it: together they are as long as the lengths say.
		size := int64(0)
		for _, packed := range [][]byte{p.data[:prefixes], p.data[prefixes:][:suffixes]} {
			lengths, err := new(delta.BinaryPackedEncoding).DecodeInt32(make([]int32, 0, p.count), packed)
			if err != nil {
				return err
			}
			for _, n := range lengths {
				if n < 0 {
					return errDeltas
				}
				size += int64(n)
			}
		}
		if size > largePage && size > largestRatio*int64(len(p.data)) {
			return fmt.Errorf("its texts have %d bytes, the page %d", size, len(p.data))
		}
	}
	return nil
}

// deltaSize is how many bytes the n numbers take that data begins with as differences. It is an error where they are more or fewer.
func deltaSize(data []byte, n int) (size int, err error) {
	at := 0
	number := func() uint64 {
		v, read := binary.Uvarint(data[at:])
		if read <= 0 {
			err, read = errDeltas, 0
		}
		at += read
		return v
	}
	block, parts, total := number(), number(), number()
	number()                     // the first value, or the least difference of a block
	const largestBlock = 1 << 16 // as the library has it
	switch {
	case err != nil:
		return 0, err
	case block == 0 || block > largestBlock || block%128 != 0 || parts == 0 || parts > block || block%parts != 0 || block/parts%32 != 0:
		return 0, errDeltas
	case total != uint64(n):
		return 0, fmt.Errorf("its differences tell of %d values, the page of %d", total, n)
	}
	each := int(block / parts)
	for left := n - 1; left > 0; {
		number()
		if err != nil || int(parts) > len(data)-at {
			return 0, errDeltas
		}
		widths := data[at : at+int(parts)]
		at += len(widths)
		for _, width := range widths {
			if left <= 0 { // writers need not pad what comes after the last value
				break
			}
			if width > 64 {
				return 0, errDeltas
			}
			at += min(each*int(width)/8, len(data)-at)
			left -= each
		}
	}
	return at, nil
}
