package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// columnWriter encodes a column page by page and collects the pages of a row group.
//
// Integers, dates and decimals are DELTA_BINARY_PACKED, which needs no table and takes about
// the bits that the values have; doubles, booleans and numbers that mostly repeat are PLAIN; texts are codes into a
// dictionary where they repeat, else DELTA_BYTE_ARRAY, which leaves out what an id has in common with the
// one before. Pages are data pages version 1 with a checksum, which every reader knows.
type columnWriter struct {
	spec OutColumn
	zip  *zstd.Encoder
	// Whether pages are compressed is settled by the first page, for the whole file: some
	// readers (parquet-go) take the codec of all chunks of a column from the first chunk.
	settled, zipped bool

	pages      []byte
	index      pageIndex // offsets relative to pages
	lows       [][]byte  // per page that has values, its least and greatest
	highs      [][]byte
	values     int64
	nulls      int64
	raw        int64 // size of all pages before compression, headers included
	encodings  []pq.PageEncodingStats
	dictionary dictionary
	coding     textCoding

	*pageRoom // of the page at hand
}

// pageRoom is what it takes to encode a page of any column: one goroutine's, not one column's, so that it stays in a
// cache from column to column, and the hundred columns of a night do without a dozen megabytes.
type pageRoom struct {
	body, part, squeezed []byte
	rest                 []byte // of front-coded texts
	texts, codes, met    []int32
	words                []int64
	halves               []int32
	doubles              []float64
}

// textCoding is how the next page of a text column is written.
type textCoding uint8

const (
	codingOpen       textCoding = iota // the first page with values decides
	codingDictionary                   // as codes, until the dictionary is full
	codingPlain                        // for the rest of the row group
)

// A dictionary past either limit no longer pays: its codes have 16 bits and more.
const (
	dictionaryEntries = 1 << 16
	dictionaryBytes   = 1 << 20
)

// page encodes rows from up to to, the first of which is row first of the row group.
func (c *columnWriter) page(room *pageRoom, cells *frameColumn, from, to int, first int64) error {
	c.pageRoom = room
	rows := to - from
	c.body = c.body[:0]
	var levels []byte // nil where the page has no null
	nulls := 0
	if c.spec.Null {
		levels = cells.levels[from:to]
		nulls = rows - bytes.Count(levels, []byte{1})
		if err := c.putLevels(levels); err != nil {
			return err
		}
		if nulls == 0 {
			levels = nil
		}
	}
	encoding, low, high := pq.Plain, []byte(nil), []byte(nil)
	if nulls < rows {
		var err error
		if encoding, low, high, err = c.put(cells, from, to, levels); err != nil {
			return err
		}
	}
	location := pq.PageLocation{Offset: int64(len(c.pages)), FirstRowIndex: first}
	err := c.append(pq.PageHeader{Type: pq.DataPage, DataPageHeader: thrift.New(pq.DataPageHeader{
		NumValues: int32(rows), Encoding: encoding,
		DefinitionLevelEncoding: pq.RLE, RepetitionLevelEncoding: pq.RLE,
	})})
	if err != nil {
		return err
	}
	location.CompressedPageSize = int32(int64(len(c.pages)) - location.Offset)
	c.index.offsets.PageLocations = append(c.index.offsets.PageLocations, location)
	c.index.columns.NullPages = append(c.index.columns.NullPages, nulls == rows)
	c.index.columns.NullCounts = append(c.index.columns.NullCounts, int64(nulls))
	c.index.columns.MinValues = append(c.index.columns.MinValues, lowerBound(low, c.spec.Type))
	c.index.columns.MaxValues = append(c.index.columns.MaxValues, upperBound(high, c.spec.Type))
	if nulls < rows {
		c.lows, c.highs = append(c.lows, low), append(c.highs, high)
	}
	c.values += int64(rows)
	c.nulls += int64(nulls)
	return nil
}

// putLevels puts the definition levels into the body, with their length in front.
func (c *columnWriter) putLevels(levels []byte) error {
	var err error
	c.part, err = (&rle.Encoding{BitWidth: 1}).EncodeLevels(c.part, levels)
	if err != nil {
		return err
	}
	c.body = binary.LittleEndian.AppendUint32(c.body, uint32(len(c.part)))
	c.body = append(c.body, c.part...)
	return nil
}

// put puts the values of rows from up to to into the body, without those of level 0, and
// returns their encoding and the least and the greatest of them.
func (c *columnWriter) put(cells *frameColumn, from, to int, levels []byte) (pq.Encoding, []byte, []byte, error) {
	var low, high []byte
	var err error
	switch c.spec.Type {
	case OutString:
		return c.putText(cells.text, cells.offsets, present(&c.texts, cells.codes[from:to], levels))
	case OutDate, OutInt32:
		v := present(&c.halves, cells.halves[from:to], levels)
		lo, hi := extent(v)
		low = binary.LittleEndian.AppendUint32(nil, uint32(lo))
		high = binary.LittleEndian.AppendUint32(nil, uint32(hi))
		c.part, err = (&delta.BinaryPackedEncoding{}).EncodeInt32(c.part, v)
	case OutDecimal, OutInt:
		v := present(&c.words, cells.words[from:to], levels)
		lo, hi := extent(v)
		low = binary.LittleEndian.AppendUint64(nil, uint64(lo))
		high = binary.LittleEndian.AppendUint64(nil, uint64(hi))
		if (c.zipped || !c.settled) && mostlyRepeats(v) {
			c.body = slices.Grow(c.body, 8*len(v))
			for _, x := range v {
				c.body = binary.LittleEndian.AppendUint64(c.body, uint64(x))
			}
			return pq.Plain, low, high, nil
		}
		c.part, err = (&delta.BinaryPackedEncoding{}).EncodeInt64(c.part, v)
	case OutDouble:
		v := present(&c.doubles, cells.doubles[from:to], levels)
		lo, hi := extent(v)
		if lo == 0 {
			lo = math.Copysign(0, -1) // the format's rule: a zero bound covers both zeros
		}
		if hi == 0 {
			hi = 0
		}
		low = binary.LittleEndian.AppendUint64(nil, math.Float64bits(lo))
		high = binary.LittleEndian.AppendUint64(nil, math.Float64bits(hi))
		c.body = slices.Grow(c.body, 8*len(v))
		for _, x := range v {
			c.body = binary.LittleEndian.AppendUint64(c.body, math.Float64bits(x))
		}
		return pq.Plain, low, high, nil
	default:
		low, high = c.putBools(cells.bools[from:to], levels)
		return pq.Plain, low, high, nil
	}
	c.body = append(c.body, c.part...)
	return pq.DeltaBinaryPacked, low, high, err
}

// mostlyRepeats tells whether at least three values of four are that of the row before, but not all. Among zeros an amount
// here and there makes wide deltas of its whole block of 128, which zstd has to squeeze again; in the values as they are it
// passes over the zeros. Of amounts in one row of five that is .59 bytes a row instead of .98, and 13 ns instead of 15; of
// one in three the two are equal.
func mostlyRepeats(v []int64) bool {
	changes := 0
	for i := 1; i < len(v); i++ {
		if v[i] != v[i-1] {
			changes++
		}
	}
	return changes > 0 && 4*changes <= len(v)
}

func (c *columnWriter) putBools(v []bool, levels []byte) (low, high []byte) {
	start, n := len(c.body), 0
	lo, hi := byte(1), byte(0)
	for i, x := range v {
		if levels != nil && levels[i] == 0 {
			continue
		}
		if n%8 == 0 {
			c.body = append(c.body, 0)
		}
		if x {
			c.body[start+n/8] |= 1 << (n % 8)
			hi = 1
		} else {
			lo = 0
		}
		n++
	}
	return []byte{lo}, []byte{hi}
}

// append compresses the body as far as that pays and appends it to the pages.
func (c *columnWriter) append(header pq.PageHeader) error {
	if len(c.body) > math.MaxInt32 {
		return fmt.Errorf("a page of %d bytes is too large", len(c.body))
	}
	body := c.body
	if !c.settled || c.zipped {
		c.squeezed = c.zip.EncodeAll(c.body, c.squeezed[:0])
		if !c.settled {
			c.settled = true
			// zstd takes ten times as long as the rest of a column (ids of 13 bytes: 200 ns against 20), so it
			// must save a third. Codes into a dictionary say nothing of the texts that follow.
			c.zipped = header.DataPageHeader.V.Encoding == pq.RLEDictionary || 3*len(c.squeezed) < 2*len(c.body)
		}
		if c.zipped {
			body = c.squeezed
		}
	}
	header.UncompressedPageSize = int32(len(c.body))
	header.CompressedPageSize = int32(len(body))
	header.CRC = int32(crc32.ChecksumIEEE(body))
	head, err := thrift.Marshal(new(thrift.CompactProtocol), &header)
	if err != nil {
		return err
	}
	c.raw += int64(len(head) + len(c.body))
	c.pages = append(append(c.pages, head...), body...)
	stats := pq.PageEncodingStats{PageType: header.Type, Encoding: header.DataPageHeader.V.Encoding}
	for i := range c.encodings {
		if c.encodings[i].PageType == stats.PageType && c.encodings[i].Encoding == stats.Encoding {
			c.encodings[i].Count++
			return nil
		}
	}
	stats.Count = 1
	c.encodings = append(c.encodings, stats)
	return nil
}
