package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// refooted is a copy of a file with another footer.
func refooted(t *testing.T, path string, change func(*pq.FileMetaData)) string {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	file, err := parquetFooter(in, path)
	if err != nil {
		t.Fatal(err)
	}
	meta := file.Metadata()
	change(meta)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	data = append(data[:len(data)-8-old], footer...)
	data = append(binary.LittleEndian.AppendUint32(data, uint32(len(footer))), parquetMagic...)
	path = filepath.Join(t.TempDir(), "t.parquet")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sign puts a signature behind the footer of a file.
func sign(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const signature = 28
	length := binary.LittleEndian.Uint32(data[len(data)-8:]) + signature
	data = append(data[:len(data)-8], make([]byte, signature)...)
	data = append(binary.LittleEndian.AppendUint32(data, length), parquetMagic...)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type oddRow struct {
	ID   string `parquet:"id"`
	Kind string `parquet:"kind,dict"`
}

func oddFile(t *testing.T) string {
	return writeRows(t, []oddRow{{"a", "x"}, {"b", "y"}, {"c", "x"}}, parquet.MaxRowsPerRowGroup(2))
}

// What cannot be read is called by its name, with file, column and what to do, and not damaged.
func TestWhatIsNotReadSaysWhy(t *testing.T) {
	path := oddFile(t)
	codec := func(c pq.CompressionCodec) string {
		return refooted(t, path, func(m *pq.FileMetaData) { m.RowGroups[1].Columns[1].MetaData.Codec = c })
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := filepath.Join(t.TempDir(), "t.parquet")
	if err := os.WriteFile(sealed, append(data[:len(data)-4:len(data)-4], encryptedMagic...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want, hint string }{
		{codec(pq.Lz4), "customer_kind: is compressed with LZ4 as Hadoop does it, which is not read", "write the file with zstd, snappy or LZ4_RAW"},
		{codec(pq.LZO), "customer_kind: is compressed with LZO (3), which is not read", "write the file with zstd or snappy"},
		{codec(77), "customer_kind: is compressed with CompressionCodec(?) (77), which is not read", "write the file with zstd or snappy"},
		{refooted(t, path, func(m *pq.FileMetaData) {
			m.RowGroups[0].Columns[1].CryptoMetadata.Value = &pq.EncryptionWithFooterKey{}
		}), "customer_kind: is encrypted", "write the file without encryption, or this column without"},
		{sealed, "is encrypted", "write the file without encryption"},
		{sign(t, refooted(t, path, func(m *pq.FileMetaData) { m.EncryptionAlgorithm.Value = &pq.AesGcmV1{} })), "has encrypted columns and a signed footer", "write the file without encryption"},
	} {
		_, err := Open(c.path, 0, Schema{{Name: "id"}, {Name: "customer_kind"}}, Options{Columns: map[string]string{"customer_kind": "kind"}})
		var e *Error
		if !errors.As(err, &e) || err.Error() != c.path+": "+c.want || e.Hint != c.hint {
			t.Errorf("%v, want %s; %+v", err, c.want, e)
		}
		if e.Column == "" {
			continue
		}
		// Who does not ask for the column need not care.
		if _, err := scanFile(c.path, Schema{{Name: "id"}}, Options{}, 1); err != nil {
			t.Errorf("without the column: %v", err)
		}
	}
}

// Some writers leave an offset of a dictionary that there is none of, or that of the next chunk.
func TestAnOffsetOfADictionaryBehindTheDataIsNone(t *testing.T) {
	path := refooted(t, oddFile(t), func(m *pq.FileMetaData) {
		c := &m.RowGroups[0].Columns[0].MetaData
		c.DictionaryPageOffset = c.DataPageOffset + c.TotalCompressedSize
	})
	checkScan(t, path, Schema{{Name: "id"}, {Name: "kind"}}, Options{}, "a|x", "b|y", "c|x")
}

// A damaged page in differences may tell of any number of values, and of texts of any length, for which the decoder
// makes room.
func TestPagesOfDifferencesAreBoundByTheirCount(t *testing.T) {
	numbers := func(v ...int32) []byte {
		b, err := new(delta.BinaryPackedEncoding).EncodeInt32(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	count := func(b []byte, n uint64) []byte { // in place of a count of less than 128
		_, block := binary.Uvarint(b)
		_, parts := binary.Uvarint(b[block:])
		return append(binary.AppendUvarint(b[:block+parts:block+parts], n), b[block+parts+1:]...)
	}
	many := make([]int32, 300)
	for i := range many {
		many[i] = int32(i * i % 1000)
	}
	long := make([]int32, 10_000)
	for i := range long {
		long[i] = 1 << 20
	}
	for _, c := range []struct {
		name     string
		encoding pq.Encoding
		data     []byte
		count    int
		want     string // "" for none
	}{
		{"whole", pq.DeltaBinaryPacked, numbers(many...), 300, ""},
		{"one", pq.DeltaBinaryPacked, numbers(7), 1, ""},
		{"too many", pq.DeltaBinaryPacked, numbers(many...), 299, "its differences tell of 300 values, the page of 299"},
		{"too few", pq.DeltaBinaryPacked, numbers(many...), 301, "its differences tell of 300 values, the page of 301"},
		{"billions", pq.DeltaBinaryPacked, count(numbers(1, 2, 3), math.MaxInt32), 3, "its differences tell of 2147483647 values, the page of 3"},
		{"no parts", pq.DeltaBinaryPacked, []byte{128, 1, 0, 3, 2}, 3, "its differences are damaged"},
		{"cut", pq.DeltaBinaryPacked, numbers(many...)[:4], 300, "its differences are damaged"},
		{"lengths", pq.DeltaLengthByteArray, append(count(numbers(1, 2, 3), 1<<30), "abbccc"...), 3, "its differences tell of 1073741824 values, the page of 3"},
		{"texts", pq.DeltaByteArray, append(append(numbers(0, 1, 1), numbers(2, 1, 0)...), "abc"...), 3, ""},
		{"suffixes", pq.DeltaByteArray, append(append(numbers(0, 1, 1), count(numbers(2, 1, 0), 1<<30)...), "abc"...), 3, "its differences tell of 1073741824 values, the page of 3"},
		{"repeats", pq.DeltaByteArray, append(numbers(append([]int32{0}, long...)...), numbers(append([]int32{1 << 20}, make([]int32, len(long))...)...)...), len(long) + 1, "bytes, the page"},
		{"less than nothing", pq.DeltaByteArray, append(append(numbers(0, -1, 1), numbers(2, 1, 0)...), "abc"...), 3, "its differences are damaged"},
	} {
		p := &pageReader{leaf: &leaf{kind: parquet.ByteArray}, encoding: c.encoding, count: c.count, data: c.data}
		if err := p.checkDeltas(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if size, err := deltaSize(append(numbers(many...), "rest"...), 300); err != nil || size != len(numbers(many...)) {
		t.Errorf("%d bytes, %v, want %d", size, err, len(numbers(many...)))
	}
}

func TestALZ4PageOfAnotherSizeThanItsHeaderSaysIsDamaged(t *testing.T) {
	body := []byte{0x50, 'h', 'e', 'l', 'l', 'o'}
	p := &pageReader{codec: pq.Lz4Raw}
	for raw, want := range map[int]error{5: nil, 4: errBody, 6: errBody, 0: errBody} {
		got, err := p.unpack(make([]byte, raw+pagePad), body, raw)
		if !errors.Is(err, want) || err == nil && string(got) != "hello" {
			t.Errorf("%d bytes: %q, %v", raw, got, err)
		}
	}
}

// A header of a few bytes may tell of a field with billions of numbers: passing over them ends with the bytes.
func TestAHeaderThatTellsOfMoreThanThereIsEnds(t *testing.T) {
	header := []byte{0x1b, 0xff, 0xff, 0xff, 0xff, 0x07, 0x77, 0, 0} // field 1: a map of 1<<31-1 doubles to doubles
	meta := &pq.ColumnMetaData{TotalCompressedSize: int64(len(header))}
	start := time.Now()
	_, err := checkPages(meta, 1, bytes.NewReader(header), int64(len(header)))
	if took := time.Since(start); !errors.Is(err, errEnded) || took > 2*time.Second {
		t.Errorf("%v after %s", err, took)
	}
}
