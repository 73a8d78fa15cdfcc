package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	pq "github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// pagePad is how many bytes after a page can be read: texts are looked at in words, and the library
// unpacks numbers of a few bits in blocks.
const pagePad = 64

// plainDictionary is what older writers call the encoding of a dictionary, and of the codes of its entries.
const plainDictionary pq.Encoding = 2

// pageReader reads the pages of one column chunk after another. Headers, decompression and all
// encodings are the library's. What it does between them is not: it copies every text out of its
// page and makes three more buffers of a page's size on the way to a value, which took a quarter of the time of
// a scan.
type pageReader struct {
	leaf   *leaf
	in     io.ReaderAt
	codec  pq.CompressionCodec
	typ    parquet.Type
	left   []pageInfo // that come next
	stored *[]byte    // room for a page as it lies in the file, one for all columns of a worker

	body   []byte // of the page at hand
	places []byte // room of levels
	room   []byte // of values that do not stand in the body as they are
	ends   []uint32

	// Of the data page at hand:
	rows     int
	count    int         // values that are not null
	levels   []byte      // 1 per value, 0 per null; nil where none is null
	encoding pq.Encoding // of data
	data     []byte      // the values; pagePad readable bytes after them

	// Of the dictionary, once there is one:
	entries     []byte
	entryCount  int
	hasEntries  bool
	entriesRoom []byte
}

// open starts with the first page of the column in a row group.
func (p *pageReader) open(file *parquet.File, in io.ReaderAt, group int) error {
	chunk, pages, err := listPages(file, in, group, p.leaf.at)
	if err != nil {
		return err
	}
	p.in, p.left, p.typ = in, pages, chunk.Type()
	p.codec = file.Metadata().RowGroups[group].Columns[p.leaf.at].MetaData.Codec
	p.rows, p.count, p.hasEntries = 0, 0, false
	return nil
}

// next goes on to the next data page that has rows, past the dictionary; io.EOF when there is none.
func (p *pageReader) next() error {
	for len(p.left) > 0 {
		info := &p.left[0]
		p.left = p.left[1:]
		var err error
		switch {
		case info.header.Type == pq.DictionaryPage && !p.hasEntries:
			err = p.dictionary(info)
		case info.header.Type == pq.DataPage:
			err = p.versionOne(info)
		case info.header.Type == pq.DataPageV2:
			err = p.versionTwo(info)
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("the page at byte %d: %w", info.at, err)
		}
		if info.header.Type != pq.DictionaryPage && p.rows > 0 {
			return nil
		}
	}
	return io.EOF
}

// dictionary reads the page of a dictionary.
func (p *pageReader) dictionary(info *pageInfo) (err error) {
	h := &info.header.DictionaryPageHeader.V
	if h.Encoding != pq.Plain && h.Encoding != plainDictionary {
		return fmt.Errorf("a dictionary encoded as %s", h.Encoding)
	}
	_, p.entries, err = p.read(info, 0, p.codec != pq.Uncompressed, &p.entriesRoom)
	p.entryCount, p.hasEntries = int(h.NumValues), true
	return err
}

// versionOne reads a data page of the first version: levels and values are compressed together.
func (p *pageReader) versionOne(info *pageInfo) (err error) {
	h := &info.header.DataPageHeader.V
	p.rows, p.count, p.levels, p.encoding = int(h.NumValues), int(h.NumValues), nil, h.Encoding
	if _, p.data, err = p.read(info, 0, p.codec != pq.Uncompressed, &p.body); err != nil || !p.leaf.optional {
		return err
	}
	if h.DefinitionLevelEncoding != pq.RLE {
		return &Error{Msg: fmt.Sprintf("has levels encoded as %s, which are not read", h.DefinitionLevelEncoding),
			Hint: "write the file again with a program of today"}
	}
	levels, data, err := afterSize(p.data)
	if err != nil {
		return err
	}
	p.data = data
	return p.level(levels)
}

// afterSize splits data into the part whose size in bytes stands before it and the rest.
func afterSize(data []byte) (part, rest []byte, err error) {
	if len(data) < 4 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	size, data := int64(binary.LittleEndian.Uint32(data)), data[4:]
	if size > int64(len(data)) {
		return nil, nil, io.ErrUnexpectedEOF
	}
	return data[:size], data[size:], nil
}

// versionTwo reads a data page of the second version: levels stand before the values, not compressed.
func (p *pageReader) versionTwo(info *pageInfo) (err error) {
	h := &info.header.DataPageHeaderV2.V
	p.rows, p.count, p.levels, p.encoding = int(h.NumValues), int(h.NumValues), nil, h.Encoding
	repeated, defined := int64(h.RepetitionLevelsByteLength), int64(h.DefinitionLevelsByteLength)
	if repeated < 0 || defined < 0 || repeated+defined > int64(info.header.CompressedPageSize) {
		return errBody
	}
	packed := p.codec != pq.Uncompressed && (!h.IsCompressed.Valid || h.IsCompressed.V)
	levels, data, err := p.read(info, int(repeated+defined), packed, &p.body)
	p.data = data
	if err != nil || !p.leaf.optional {
		return err
	}
	if defined > 0 {
		err = p.level(levels[repeated:])
	}
	if err == nil && p.rows-p.count != int(h.NumNulls) {
		return fmt.Errorf("it has %d nulls and tells of %d", p.rows-p.count, h.NumNulls)
	}
	return err
}

// read gives the first plain bytes of a page as they are stored, valid until the next page of any column, and the
// rest without its compression, in room of this reader.
func (p *pageReader) read(info *pageInfo, plain int, packed bool, room *[]byte) (head, body []byte, err error) {
	into, size := room, int(info.header.CompressedPageSize)
	if packed {
		into = p.stored
	}
	stored := grow(*into, size+pagePad)[:size]
	*into = stored
	if n, err := p.in.ReadAt(stored, info.at); n < size {
		return nil, nil, fmt.Errorf("reading it: %w", err)
	}
	if want := uint32(info.header.CRC); want != 0 && crc32.ChecksumIEEE(stored) != want {
		return nil, nil, errors.New("its checksum is wrong")
	}
	head, body = stored[:plain], stored[plain:]
	if packed && len(body) > 0 { // a page of nulls may have none
		raw := int(info.header.UncompressedPageSize) - plain
		if body, err = p.unpack(grow(*room, raw+pagePad), body, raw); err != nil {
			return nil, nil, err
		}
		if cap(body)-len(body) < pagePad {
			body = append(body, make([]byte, pagePad)...)[:len(body)]
		}
		*room = body
	}
	return head, body, nil
}

// unpack undoes the compression of a body that has raw bytes without it.
func (p *pageReader) unpack(room, body []byte, raw int) ([]byte, error) {
	if p.codec != pq.Lz4Raw {
		return parquet.LookupCompressionCodec(p.codec).Decode(room, body)
	}
	// The library's decoder of this one doubles its memory until the data fit, which damaged ones never do.
	n, err := lz4.UncompressBlock(body, room[:raw])
	if err != nil || n != raw {
		return nil, errBody
	}
	return room[:raw], nil
}

// level takes the levels of the page at hand, which has an optional column.
func (p *pageReader) level(packed []byte) error {
	if allOnes(packed, p.rows) {
		return nil
	}
	p.places = grow(p.places, p.rows)
	nulls, err := unpackLevels(p.places, packed)
	if err != nil {
		return err
	}
	if nulls > 0 {
		p.levels, p.count = p.places, p.rows-nulls
	}
	return nil
}

// hasCodes tells whether the page at hand has places in the dictionary in place of values.
func (p *pageReader) hasCodes() bool {
	return p.encoding == plainDictionary || p.encoding == pq.RLEDictionary
}

// codeRoom is room for the codes of a page.
type codeRoom struct{ room []int32 }

// decodeCodes gives the places in the dictionary of the values of the page at hand, in room that is used again for the next one. They
// are as the file has them: which of them the dictionary has is for whoever looks there.
func (p *pageReader) decodeCodes(r *codeRoom) (codes []int32, err error) {
	if !p.hasEntries {
		return nil, errors.New("a page comes before its dictionary")
	}
	packed, err := boundCodes(p.data, p.count)
	if err != nil {
		return nil, err
	}
	r.room = grow(r.room, p.count+7) // codes come in groups of eight
	if codes, err = parquet.RLEDictionary.DecodeInt32(r.room, packed); err != nil {
		return nil, err
	}
	r.room = codes
	if len(codes) < p.count {
		return nil, fmt.Errorf("a page has %d values instead of %d", len(codes), p.count)
	}
	return codes, nil
}

// decode gives the values of the page at hand, none of which is a code, as the library does. They are valid until the next page.
func (p *pageReader) decode() (encoding.Values, error) {
	if p.leaf.kind == parquet.Boolean && p.encoding == pq.RLE {
		return p.booleans()
	}
	if err := p.checkDeltas(); err != nil {
		return encoding.Values{}, err
	}
	enc := parquet.LookupEncoding(p.encoding)
	room := p.data
	if !enc.CanDecodeInPlace() {
		p.room = grow(p.room, p.typ.EstimateDecodeSize(p.count, p.data, enc))
		room = p.room
	}
	if p.leaf.kind == parquet.ByteArray {
		p.ends = grow(p.ends, p.count+1)
	}
	values, err := p.typ.Decode(p.typ.NewValues(room, p.ends), p.data, enc)
	if err != nil {
		return values, err
	}
	data, ends := values.Data()
	if room != nil && !enc.CanDecodeInPlace() {
		p.room = data
	}
	if p.leaf.kind == parquet.ByteArray {
		if p.ends = ends; len(ends) <= p.count {
			return values, fmt.Errorf("it has %d texts instead of %d", len(ends)-1, p.count)
		}
	} else if need := p.leaf.bytes(p.count); len(data) < need {
		return values, fmt.Errorf("it has %d bytes of values instead of %d", len(data), need)
	}
	return values, nil
}

// booleans gives the truth values of a page in RLE. The library starts every run at a whole byte of its result, so
// after a run whose length eight does not divide it gives rows the values of others.
func (p *pageReader) booleans() (encoding.Values, error) {
	var none encoding.Values
	packed, _, err := afterSize(p.data)
	if err != nil {
		return none, err
	}
	p.room = grow(p.room, p.count)
	if _, err := unpackLevels(p.room, packed); err != nil {
		return none, errors.New("its truth values are damaged")
	}
	for i, b := range p.room { // into bits, in the same room: bit i is written after byte i is read
		setBit(p.room, i, b == 1)
	}
	return p.typ.NewValues(p.room[:p.leaf.bytes(p.count)], nil), nil
}

// decodeEntries gives the values of the dictionary.
func (p *pageReader) decodeEntries() (encoding.Values, error) {
	values, err := p.typ.Decode(p.typ.NewValues(p.entries, nil), p.entries, &parquet.Plain)
	if err != nil {
		return values, err
	}
	data, ends := values.Data()
	if p.leaf.kind == parquet.ByteArray && len(ends) <= p.entryCount || p.leaf.kind != parquet.ByteArray && len(data) < p.leaf.bytes(p.entryCount) {
		return values, fmt.Errorf("its dictionary has less than %d values", p.entryCount)
	}
	return values, nil
}

// bytes is how many bytes n values of a kind with a fixed width have.
func (l *leaf) bytes(n int) int {
	switch l.kind {
	case parquet.Boolean:
		return (n + 7) / 8
	case parquet.Int32, parquet.Float:
		return 4 * n
	case parquet.Int64, parquet.Double:
		return 8 * n
	case parquet.Int96:
		return 12 * n
	}
	return l.size * n
}
