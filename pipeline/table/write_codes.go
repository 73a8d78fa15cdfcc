package table

import (
	"encoding/binary"
	"math/bits"
)

// appendCodes appends codes into a dictionary of so many entries as a data page has them: the bits of a code in
// a byte, then runs of one code (RLE) and groups of eight codes (bit-packed), by turns.
//
// Runs begin where they begin. The encoder of parquet-go looks for them in groups of eight only, so that each end of
// a run lies in a group that is packed: customers' ids in items take 5.3 bytes a customer with it, 3 here, and zstd
// has little left to do.
func appendCodes(b []byte, codes []int32, entries int) []byte {
	width := bits.Len(uint(max(entries-1, 0)))
	b = append(b, byte(width))
	bytesOf := (width + 7) / 8
	// A run costs a code and its head, and the group behind it another head; packed it costs its bits.
	least := max(8, 8*(3+bytesOf)/max(width, 1))
	packed := 0 // where the codes to pack begin
	for i := 0; i < len(codes); {
		code, end := codes[i], i+1
		for end < len(codes) && codes[end] == code {
			end++
		}
		from := i
		if i > packed {
			from += (packed - i) & 7 // groups are full
		}
		if end-from < least && (packed < i || end < len(codes)) {
			i = end
			continue
		}
		b = appendPacked(b, codes[packed:from], width)
		b = binary.AppendUvarint(b, uint64(end-from)<<1)
		for k := range bytesOf {
			b = append(b, byte(code>>(8*k)))
		}
		i, packed = end, end
	}
	return appendPacked(b, codes[packed:], width)
}

// appendPacked appends codes in groups of eight, the last of them filled up with zeros.
func appendPacked(b []byte, codes []int32, width int) []byte {
	if len(codes) == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(len(codes)+7)/8<<1|1)
	word, have := uint64(0), 0
	for _, code := range codes {
		word |= uint64(code) << have
		if have += width; have >= 32 {
			b = binary.LittleEndian.AppendUint32(b, uint32(word))
			word, have = word>>32, have-32
		}
	}
	have += -len(codes) & 7 * width
	for ; have > 0; have -= 8 {
		b = append(b, byte(word))
		word >>= 8
	}
	return b
}
