package table

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"

	pq "github.com/parquet-go/parquet-go/format"
)

// boundBytes is how much of a text a bound in the page index keeps.
const boundBytes = 64

// chunk describes the pages collected for a row group, which start at offset start with the
// dictionary, if any, and at data with the first data page.
func (c *columnWriter) chunk(start, data int64) (pq.ColumnMetaData, pageIndex) {
	meta := pq.ColumnMetaData{
		Type:                  c.spec.Type.physical(),
		PathInSchema:          []string{c.spec.Name},
		Codec:                 pq.Uncompressed,
		NumValues:             c.values,
		TotalUncompressedSize: c.raw,
		TotalCompressedSize:   data - start + int64(len(c.pages)),
		DataPageOffset:        data,
		EncodingStats:         slices.Clone(c.encodings),
	}
	if c.zipped {
		meta.Codec = pq.Zstd
	}
	if data > start {
		meta.DictionaryPageOffset = start
	}
	if c.spec.Null {
		meta.Encoding = append(meta.Encoding, pq.RLE)
	}
	for _, e := range c.encodings {
		if !slices.Contains(meta.Encoding, e.Encoding) {
			meta.Encoding = append(meta.Encoding, e.Encoding)
		}
	}
	slices.Sort(meta.Encoding)
	meta.Statistics.NullCount = c.nulls
	if len(c.lows) > 0 {
		low := slices.MinFunc(c.lows, c.spec.Type.compare)
		high := slices.MaxFunc(c.highs, c.spec.Type.compare)
		// A bound of a whole chunk may be taken for a value of it, so it is never cut short.
		if len(low) <= boundBytes && len(high) <= boundBytes {
			meta.Statistics.MinValue, meta.Statistics.MaxValue = low, high
		}
	}
	index := c.index
	for i := range index.offsets.PageLocations {
		index.offsets.PageLocations[i].Offset += data
	}
	index.columns.BoundaryOrder = c.order()
	return meta, index
}

// reset forgets the row group that was written.
func (c *columnWriter) reset() {
	c.pages, c.index = c.pages[:0], pageIndex{}
	c.lows, c.highs = c.lows[:0], c.highs[:0]
	c.values, c.nulls, c.raw = 0, 0, 0
	c.encodings = c.encodings[:0]
	c.dictionary.reset()
	c.coding = codingOpen
}

// order tells whether the bounds of the pages that have values go up or down.
func (c *columnWriter) order() pq.BoundaryOrder {
	up, down := true, true
	for i := 1; i < len(c.lows); i++ {
		low, high := c.spec.Type.compare(c.lows[i-1], c.lows[i]), c.spec.Type.compare(c.highs[i-1], c.highs[i])
		up = up && low <= 0 && high <= 0
		down = down && low >= 0 && high >= 0
	}
	switch {
	case up:
		return pq.Ascending
	case down:
		return pq.Descending
	}
	return pq.Unordered
}

// compare orders two plain-encoded values.
func (t OutType) compare(a, b []byte) int {
	switch t.physical() {
	case pq.Int32:
		return cmp.Compare(int32(binary.LittleEndian.Uint32(a)), int32(binary.LittleEndian.Uint32(b)))
	case pq.Int64:
		return cmp.Compare(int64(binary.LittleEndian.Uint64(a)), int64(binary.LittleEndian.Uint64(b)))
	case pq.Double:
		return cmp.Compare(math.Float64frombits(binary.LittleEndian.Uint64(a)), math.Float64frombits(binary.LittleEndian.Uint64(b)))
	default:
		return bytes.Compare(a, b)
	}
}

// lowerBound is v, or of a long text its beginning.
func lowerBound(v []byte, t OutType) []byte {
	if t != OutString || len(v) <= boundBytes {
		return v
	}
	return cutText(v)
}

// upperBound is v, or of a long text the beginning with its last character raised so that
// it comes after v; v where that cannot be.
func upperBound(v []byte, t OutType) []byte {
	if t != OutString || len(v) <= boundBytes {
		return v
	}
	for cut := cutText(v); len(cut) > 0; {
		r, n := utf8.DecodeLastRune(cut)
		cut = cut[:len(cut)-n]
		r++
		if r == 0xD800 {
			r = 0xE000 // over the surrogates, which are no characters
		}
		if r <= utf8.MaxRune {
			return utf8.AppendRune(slices.Clip(cut), r)
		}
	}
	return v
}

// cutText is the beginning of a text, whole characters only.
func cutText(v []byte) []byte {
	n := boundBytes
	for !utf8.RuneStart(v[n]) {
		n--
	}
	return v[:n]
}

// present is the values of level 1 of src, in dst where there are others. Without levels
// all are.
func present[T any](dst *[]T, src []T, levels []byte) []T {
	if levels == nil {
		return src
	}
	out := slices.Grow((*dst)[:0], len(src))[:len(src)]
	n := 0
	for i, l := range levels {
		out[n] = src[i]
		n += int(l)
	}
	*dst = out
	return out[:n]
}

// extent is the least and the greatest of some values.
func extent[T cmp.Ordered](v []T) (low, high T) {
	low, high = v[0], v[0]
	for _, x := range v[1:] {
		low, high = min(low, x), max(high, x)
	}
	return low, high
}
