package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/rle"
	pq "github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"
)

// foreignFiles are the files of testdata/parquet/write.py: the same rows by pyarrow, DuckDB and Polars, in all encodings and compressions that they have.
func foreignFiles(t testing.TB) []string {
	files, err := filepath.Glob("testdata/parquet/*.parquet")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	return files
}

func TestFilesOfOtherProgramsReadAsTheirCSV(t *testing.T) {
	schema := Schema{{Name: "invoice_id", Required: true}, {Name: "customer_id", Required: true}, {Name: "note"}, {Name: "city"}, {Name: "issued", Type: Date, Required: true},
		{Name: "due", Type: Date}, {Name: "amount", Type: Decimal}, {Name: "open", Type: Decimal}, {Name: "part", Type: Int}, {Name: "share", Type: Float}, {Name: "paid", Type: Bool}}
	opt := Options{Null: []string{"two words"}, Numbers: "lenient"} // which drops the zeros at the end of decimals, as in Parquet
	want, err := scanFile("testdata/parquet/rows.csv", schema, opt, 1)
	if err != nil || len(want.rows) != 300 {
		t.Fatal(len(want.rows), err)
	}
	for _, path := range foreignFiles(t) {
		got, err := scanFile(path, schema, opt, 2)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else if got, want := describe(got), describe(want); got != want {
			t.Errorf("%s reads as\n%s\nits CSV as\n%s", path, got, want)
		}
	}
}

// cells are the cells of a text column of a row group, or the error of reading it.
type cells struct {
	texts  []string
	faults []string
}

// ownCells reads the texts of a leaf as a scan does, so many rows at a time.
func ownCells(file *parquet.File, in io.ReaderAt, group int, l *leaf, col *column, r *rand.Rand) (c cells, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	var stored []byte
	reader := newChunkReader(l, col, &stored)
	if err := reader.open(file, in, group); err != nil {
		return c, err
	}
	for rows := int(file.RowGroups()[group].NumRows()); rows > 0; {
		n := min(rows, 1+r.IntN(200))
		rows -= n
		col.resize(n)
		faults, err := reader.fill(n, nil)
		if err != nil {
			return c, err
		}
		for k, text := range col.texts[:n] {
			c.texts = append(c.texts, strings.Clone(text))
			fault := ""
			if len(faults) > 0 && faults[0].row == k {
				fault, faults = faults[0].cause, faults[1:]
			}
			c.faults = append(c.faults, fault)
		}
	}
	return c, nil
}

// libraryCells reads them with the library, a value at a time, each typed on its own.
func libraryCells(file *parquet.File, in io.ReaderAt, group int, l *leaf, col *column) (c cells, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if file.Metadata().RowGroups[group].Columns[l.at].MetaData.Codec == pq.Lz4Raw {
		return c, errors.New("the library doubles its memory until the data fit, which damaged ones never do")
	}
	chunk, _, err := listPages(file, in, group, l.at)
	if err != nil {
		return c, err
	}
	pages := chunk.PagesFrom(in)
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return c, err
		}
		values := make([]parquet.Value, page.NumRows())
		if n, err := page.Values().ReadValues(values); n < len(values) {
			return c, fmt.Errorf("%d values of %d: %w", n, len(values), err)
		}
		for _, v := range values {
			col.resize(1)
			fault := ""
			if v.IsNull() {
				col.setNull(0)
			} else {
				fault = col.setText(0, v.ByteArray())
			}
			c.texts, c.faults = append(c.texts, strings.Clone(col.texts[0])), append(c.faults, fault)
		}
		parquet.Release(page)
	}
}

// compareTexts reads every text column of a file both ways and gives how many columns of row groups
// both of them read.
func compareTexts(t testing.TB, path string, opt Options, r *rand.Rand) (both int) {
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	file, err := parquetFooter(in, path)
	if err != nil {
		return 0
	}
	for at, c := range file.Root().Columns() {
		l := leaf{name: c.Name(), at: c.Index(), optional: c.Optional()}
		if !c.Leaf() || c.Repeated() || c.Type().Kind() != parquet.ByteArray {
			continue
		}
		if l.classify(c.Type()); l.class != classText {
			continue
		}
		for group := range file.RowGroups() {
			cols := newColumns(Schema{{Name: l.name, ID: at%2 == 0}}, []int{0}, opt)
			own, err := ownCells(file, in, group, &l, &cols[0], r)
			if err != nil {
				continue
			}
			cols = newColumns(Schema{{Name: l.name, ID: at%2 == 0}}, []int{0}, opt)
			library, err := libraryCells(file, in, group, &l, &cols[0])
			if err != nil {
				continue
			}
			both++
			if !slices.Equal(own.texts, library.texts) || !slices.Equal(own.faults, library.faults) {
				t.Fatalf("%s, %s: reads as %q (%q), with the library as %q (%q)", path, l.name, own.texts, own.faults, library.texts, library.faults)
			}
		}
	}
	return both
}

// Where pages are damaged too: what both accept, they agree on.
func TestTextsReadAsTheLibraryReadsThem(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	opt := Options{Null: []string{"two words"}, IDs: "repair_decimal"}
	path := filepath.Join(t.TempDir(), "t.parquet")
	both := 0
	for _, whole := range foreignFiles(t) {
		if strings.HasSuffix(whole, "-lz4.parquet") {
			continue // see libraryCells
		}
		if n := compareTexts(t, whole, opt, r); n < 4 {
			t.Errorf("%s: %d text columns are read", whole, n)
		}
		data, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			if err := os.WriteFile(path, damage(r, data), 0o600); err != nil {
				t.Fatal(err)
			}
			both += compareTexts(t, path, opt, r)
		}
	}
	if both < 500 {
		t.Errorf("only %d columns of damaged files were compared", both)
	}
}

func TestLevelsUnpackAsTheLibraryUnpacksThem(t *testing.T) {
	enc := &rle.Encoding{BitWidth: 1}
	rapid.Check(t, func(t *rapid.T) {
		var levels []byte
		for range rapid.IntRange(1, 6).Draw(t, "stretches") {
			if n := rapid.IntRange(1, 300).Draw(t, "length"); rapid.Bool().Draw(t, "run") {
				levels = append(levels, slices.Repeat([]byte{rapid.ByteRange(0, 1).Draw(t, "level")}, n)...)
			} else {
				levels = append(levels, rapid.SliceOfN(rapid.ByteRange(0, 1), n, n).Draw(t, "levels")...)
			}
		}
		packed, err := enc.EncodeLevels(nil, levels)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(levels))
		zeros, err := unpackLevels(got, packed)
		if err != nil || !slices.Equal(got, levels) || zeros != len(levels)-sum(levels) {
			t.Fatalf("%v reads as %v with %d zeros, %v", levels, got, zeros, err)
		}
		if allOnes(packed, len(levels)) && zeros > 0 {
			t.Fatalf("%v is taken for ones", levels)
		}
		if _, err := unpackLevels(got, packed[:rapid.IntRange(0, len(packed)-1).Draw(t, "cut")]); err == nil {
			t.Fatalf("%v cut short is read", packed)
		}
	})
}

func sum(levels []byte) (n int) {
	for _, l := range levels {
		n += int(l)
	}
	return n
}

// Writers end a run of truth values anywhere, not only where eight of them are full.
func TestTruthValuesInRunsOfAnyLengthKeepTheirRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []bool
		var packed []byte
		for range rapid.IntRange(1, 8).Draw(t, "runs") {
			n := rapid.IntRange(1, 100).Draw(t, "length")
			value := rapid.Bool().Draw(t, "value")
			packed = binary.AppendUvarint(packed, uint64(n)<<1)
			packed = append(packed, map[bool]byte{true: 1}[value])
			want = append(want, slices.Repeat([]bool{value}, n)...)
		}
		body := append(binary.LittleEndian.AppendUint32(nil, uint32(len(packed))), packed...)
		p := &pageReader{leaf: &leaf{kind: parquet.Boolean}, typ: parquet.BooleanType, encoding: pq.RLE, count: len(want), data: body}
		values, err := p.decode()
		if err != nil {
			t.Fatal(err)
		}
		for i, bits := 0, values.Boolean(); i < len(want); i++ {
			if bit(bits, i) != want[i] {
				t.Fatalf("value %d of runs %x is %t", i, packed, !want[i])
			}
		}
		p.count++
		if _, err := p.decode(); err == nil {
			t.Fatal("runs of less values than the page has are read")
		}
	})
}
