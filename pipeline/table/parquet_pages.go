package table

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// pageInfo is the header of a page and where its body lies.
type pageInfo struct {
	header pq.PageHeader
	at     int64
}

// listPages finds the pages of a flat column in a row group and looks at their
// headers. No checksum covers these, and decoders make room for whatever size they tell:
// a flipped bit would end the process for want of memory.
func listPages(file *parquet.File, in io.ReaderAt, group, leaf int) (*parquet.FileColumnChunk, []pageInfo, error) {
	chunks := file.RowGroups()[group].ColumnChunks()
	if leaf >= len(chunks) {
		return nil, nil, fmt.Errorf("row group %d lacks it", group)
	}
	chunk, ok := chunks[leaf].(*parquet.FileColumnChunk)
	if !ok {
		return nil, nil, fmt.Errorf("its column chunk is a %T", chunks[leaf])
	}
	meta := &file.Metadata().RowGroups[group]
	pages, err := checkPages(&meta.Columns[leaf].MetaData, meta.NumRows, in, file.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("row group %d: %w", group, err)
	}
	return chunk, pages, nil
}

// A page may be this large, or larger where its compressed size makes that likely.
const (
	largePage    = 64 << 20
	largestRatio = 4096
)

// checkPages walks over the page headers of a column chunk that should have so many rows.
func checkPages(meta *pq.ColumnMetaData, rows int64, in io.ReaderAt, size int64) (pages []pageInfo, err error) {
	at := meta.DataPageOffset
	if dictionary := meta.DictionaryPageOffset; dictionary > 0 && dictionary < at { // one behind them is that of another chunk, or none
		at = dictionary
	}
	end := at + meta.TotalCompressedSize
	if at < 0 || end < at || end > size {
		return nil, fmt.Errorf("its pages lie at bytes %d to %d of %d", at, end, size)
	}
	values := int64(0)
	buffer := bufio.NewReaderSize(nil, 512)
	for at < end {
		section := io.NewSectionReader(in, at, end-at)
		buffer.Reset(&endingReader{r: section})
		header, err := decodeHeader(buffer)
		if err != nil {
			return nil, fmt.Errorf("the page header at byte %d: %w", at, err)
		}
		read, err := section.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		at += read - int64(buffer.Buffered())
		raw, stored := int64(header.UncompressedPageSize), int64(header.CompressedPageSize)
		if stored < 0 || stored > end-at || raw < 0 || raw > largePage && raw > largestRatio*stored {
			return nil, fmt.Errorf("the page at byte %d has %d bytes, uncompressed %d", at, stored, raw)
		}
		if err := checkBody(meta.Codec, &header, in, at); err != nil {
			return nil, fmt.Errorf("the page at byte %d: %w", at, err)
		}
		pages = append(pages, pageInfo{header, at})
		at += stored
		switch {
		case header.Type == pq.DataPage && header.DataPageHeader.Valid:
			values += int64(header.DataPageHeader.V.NumValues)
		case header.Type == pq.DataPageV2 && header.DataPageHeaderV2.Valid:
			values += int64(header.DataPageHeaderV2.V.NumValues)
		case header.Type == pq.DictionaryPage && header.DictionaryPageHeader.Valid:
			if n := int64(header.DictionaryPageHeader.V.NumValues); n < 0 || n > max(raw, stored)*8 {
				return nil, fmt.Errorf("a dictionary of %d bytes has %d values", raw, n)
			}
		case header.Type != pq.IndexPage:
			return nil, errors.New("a page is of an unknown kind")
		}
		if values < 0 || values > rows {
			break
		}
	}
	if values != rows {
		return nil, fmt.Errorf("its pages have %d rows instead of %d", values, rows)
	}
	return pages, nil
}

// decodeHeader reads a page header.
func decodeHeader(in *bufio.Reader) (header pq.PageHeader, err error) {
	defer func() {
		if p := recover(); p == errEnded {
			err = errEnded
		} else if p != nil {
			panic(p)
		}
	}()
	err = thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(in)).Decode(&header)
	return header, err
}

var errEnded = errors.New("is cut short or damaged")

// endingReader panics with errEnded once it is read again after its end: the library takes no notice of an end where it passes over
// numbers that it does not know, of which a damaged header may tell of billions.
type endingReader struct {
	r     io.Reader
	ended bool
}

func (e *endingReader) Read(p []byte) (n int, err error) {
	n, err = e.r.Read(p)
	if n == 0 && err != nil {
		if e.ended {
			panic(errEnded)
		}
		e.ended = true
	}
	return n, err
}

var errBody = errors.New("is not compressed in the way the footer says")

// checkBody compares the size that a compressed page at offset at tells of itself with the
// one in its header: decompressors make room for the former.
func checkBody(codec pq.CompressionCodec, header *pq.PageHeader, in io.ReaderAt, at int64) error {
	raw, stored := int64(header.UncompressedPageSize), int64(header.CompressedPageSize)
	if v2 := header.DataPageHeaderV2; header.Type == pq.DataPageV2 && v2.Valid {
		levels := int64(v2.V.RepetitionLevelsByteLength) + int64(v2.V.DefinitionLevelsByteLength)
		if at, raw, stored = at+levels, raw-levels, stored-levels; levels < 0 || raw < 0 || stored < 0 {
			return errBody
		}
		if v2.V.IsCompressed.Valid && !v2.V.IsCompressed.V {
			return nil
		}
	}
	if stored == 0 || codec == pq.Uncompressed {
		return nil
	}
	var room [zstd.HeaderMaxSize]byte
	head := room[:min(stored, int64(len(room)))]
	if _, err := in.ReadAt(head, at); err != nil {
		return err
	}
	switch codec {
	case pq.Snappy:
		if n, size := binary.Uvarint(head); size <= 0 || n != uint64(raw) {
			return errBody
		}
	case pq.Zstd:
		var frame zstd.Header
		if err := frame.Decode(head); err != nil || frame.Skippable || frame.HasFCS && frame.FrameContentSize != uint64(raw) || frame.WindowSize > largestWindow {
			return errBody
		}
	case pq.Gzip:
		if !bytes.HasPrefix(head, []byte("\x1f\x8b")) {
			return errBody
		}
	}
	return nil
}
