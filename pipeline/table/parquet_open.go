package table

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// parquetExport is a Parquet file whose footer has been read.
type parquetExport struct {
	path    string
	index   int
	schema  Schema
	opt     Options
	info    os.FileInfo // when it was opened
	file    *parquet.File
	names   []string
	mapping []int  // per column of the schema, its place in leaves; -1 where the file lacks it
	leaves  []leaf // the columns that are needed
}

// codecs are the compressions that are read. The older LZ4 puts the data into frames of which there are two kinds, and LZO is written
// by nothing of today.
var codecs = []pq.CompressionCodec{pq.Uncompressed, pq.Snappy, pq.Gzip, pq.Brotli, pq.Zstd, pq.Lz4Raw}

// parquetBuffer is how much of a column chunk is read at a time. Larger pages are read at
// once.
const parquetBuffer = 64 << 10

// openParquet reads the footer of a Parquet file and checks that the schema's columns are
// there in types that can be read as what the schema wants.
func openParquet(path string, index int, schema Schema, opt Options) (format, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, "", err)
	}
	defer in.Close()
	opt.Encoding = "" // texts in Parquet are UTF-8
	p := &parquetExport{path: path, index: index, schema: schema, opt: opt}
	if p.info, err = in.Stat(); err != nil {
		return nil, fileError(path, "", err)
	}
	if p.file, err = parquetFooter(in, path); err != nil {
		return nil, err
	}
	p.names = fieldNames(p.file)
	mapping, err := mapColumns(path, p.names, schema, opt)
	if err != nil {
		return nil, err
	}
	for i, c := range schema {
		if mapping[i] < 0 {
			continue
		}
		l, err := p.leaf(p.file.Root().Columns()[mapping[i]], c)
		if err != nil {
			return nil, err
		}
		mapping[i] = len(p.leaves)
		p.leaves = append(p.leaves, l)
	}
	p.mapping = mapping
	rows := int64(0)
	for _, g := range p.file.RowGroups() {
		rows += g.NumRows()
	}
	if rows != p.file.NumRows() {
		return nil, p.broken(fmt.Sprintf("its footer counts %d rows, its row groups %d", p.file.NumRows(), rows))
	}
	return p, nil
}

func (p *parquetExport) columns() []string { return p.names }

func (p *parquetExport) opened() os.FileInfo { return p.info }

// parquetFooter reads the footer of a Parquet file. Page indexes and Bloom filters are
// left alone: nothing here needs them, and most files that break a decoder break it there.
func parquetFooter(in *os.File, path string) (*parquet.File, error) {
	size, err := in.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fileError(path, "", err)
	}
	var tail [8]byte
	if size < int64(len(tail)) {
		return nil, &Error{File: path, Msg: "is not a Parquet file"}
	}
	if _, err := in.ReadAt(tail[:], size-int64(len(tail))); err != nil {
		return nil, fileError(path, "reading", err)
	}
	if string(tail[4:]) == encryptedMagic {
		return nil, &Error{File: path, Msg: "is encrypted", Hint: "write the file without encryption"}
	}
	// The library makes room for whatever length is told.
	if string(tail[4:]) != parquetMagic || int64(binary.LittleEndian.Uint32(tail[:])) > size-int64(len(tail)) {
		return nil, &Error{File: path, Msg: "is not a whole Parquet file: it does not end with a footer",
			Hint: "was the file cut short while it was written or copied?"}
	}
	file, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true),
		parquet.ReadBufferSize(parquetBuffer))
	if err != nil && signed(in, size, int64(binary.LittleEndian.Uint32(tail[:]))) {
		return nil, &Error{File: path, Msg: "has encrypted columns and a signed footer", Hint: "write the file without encryption"}
	}
	if err != nil {
		return nil, &Error{File: path, Msg: "is not a whole Parquet file", Err: err,
			Hint: "was the file cut short while it was written or copied?"}
	}
	for g, group := range file.Metadata().RowGroups {
		if group.NumRows < 0 {
			return nil, &Error{File: path, Msg: fmt.Sprintf("is damaged: row group %d has %d rows", g, group.NumRows)}
		}
	}
	return file, nil
}

// signed tells whether a footer of some length is that of a file with encrypted columns: a signature follows it, which only
// who has a key can check.
func signed(in io.ReaderAt, size, length int64) bool {
	footer := make([]byte, length)
	if _, err := in.ReadAt(footer, size-8-length); err != nil {
		return false
	}
	var meta pq.FileMetaData
	err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReaderFromBytes(footer)).Decode(&meta)
	return err == nil && meta.EncryptionAlgorithm.Value != nil
}

// damaged is the error of a file that made the decoder panic.
func damaged(path string, panicked any) *Error {
	return &Error{File: path, Msg: fmt.Sprintf("is damaged (%v)", panicked)}
}

func (p *parquetExport) broken(what string) *Error {
	return &Error{File: p.path, Msg: "is damaged: " + what, Hint: "write or copy the file again"}
}

// fieldNames are the names of the top-level columns of a file.
func fieldNames(file *parquet.File) []string {
	var names []string
	for _, c := range file.Root().Columns() {
		names = append(names, c.Name())
	}
	return names
}

// leaf finds out how a column of the file is read as a column of the schema.
func (p *parquetExport) leaf(c *parquet.Column, want Column) (leaf, error) {
	fault := func(msg, hint string) (leaf, error) {
		return leaf{}, &Error{File: p.path, Column: want.Name, Msg: msg, Hint: hint}
	}
	if !c.Leaf() || c.Repeated() {
		return fault("is a nested or repeated column", "export it as one plain value per row")
	}
	l := leaf{name: c.Name(), at: c.Index(), optional: c.Optional()}
	l.classify(c.Type())
	switch {
	case l.class == classOther:
		return fault("is of the type "+typeName(c)+", which cannot be read", "export it as text, number or date")
	case l.class == classDouble && (want.ID || strings.HasSuffix(want.Name, "_id")) && p.opt.IDs != "repair_decimal":
		return fault("ids are stored as numbers with decimals ("+typeName(c)+")", "export the column as text or as whole numbers, or set ids: repair_decimal; leading zeros are lost already")
	case !slices.Contains(l.class.readAs(), want.Type):
		return fault(fmt.Sprintf("is of the type %s, which does not hold %s", typeName(c), want.Type.plural()), "map another column under columns:, or export this one as "+want.Type.plural())
	}
	for _, g := range p.file.Metadata().RowGroups {
		if l.at >= len(g.Columns) {
			return leaf{}, p.broken("a row group lacks columns")
		}
		chunk := &g.Columns[l.at]
		switch codec := chunk.MetaData.Codec; {
		case chunk.CryptoMetadata.Value != nil:
			return fault("is encrypted", "write the file without encryption, or this column without")
		case codec == pq.Lz4:
			return fault("is compressed with LZ4 as Hadoop does it, which is not read", "write the file with zstd, snappy or LZ4_RAW")
		case !slices.Contains(codecs, codec):
			return fault(fmt.Sprintf("is compressed with %s (%d), which is not read", codec, codec), "write the file with zstd or snappy")
		}
	}
	return l, nil
}

// plural names what a column of the type holds, for messages.
func (t Type) plural() string {
	return [...]string{String: "texts", Date: "dates", Decimal: "amounts", Int: "whole numbers", Float: "numbers", Bool: "truth values"}[t]
}

// typeName is how a message shows the type of a column.
func typeName(c *parquet.Column) string {
	if !c.Leaf() {
		return "group"
	}
	if logical := c.Type().LogicalType(); logical != nil && logical.Value != nil {
		return logical.String()
	}
	return c.Type().Kind().String()
}
