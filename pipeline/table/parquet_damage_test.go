package table

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	pq "github.com/parquet-go/parquet-go/format"
)

// damageable are two whole files with the columns of damageSchema: one of ours and one that
// the library wrote in small pages.
func damageable(t *testing.T) [2][]byte {
	frame := manyRows(500)
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, frame.Columns(), frame)
	own, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID    string  `parquet:"id"`
		Few   *string `parquet:"few,dict"`
		Gap   *int64  `parquet:"gap"`
		P     float64 `parquet:"p"`
		Money int64   `parquet:"money,delta,decimal(2:18)"`
		Day   int32   `parquet:"day,date"`
	}
	rows := make([]row, 500)
	for i := range rows {
		rows[i] = row{ID: fmt.Sprint(i), P: float64(i), Money: int64(i), Day: int32(i)}
		if i%3 > 0 {
			rows[i].Few, rows[i].Gap = &rows[i%9].ID, &rows[i].Money
		}
	}
	foreign, err := os.ReadFile(writeRows(t, rows, parquet.PageBufferSize(500), parquet.Compression(&parquet.Snappy)))
	if err != nil {
		t.Fatal(err)
	}
	return [2][]byte{own, foreign}
}

var damageSchema = Schema{{Name: "id", Type: String, Required: true}, {Name: "few", Type: String}, {Name: "gap", Type: Int},
	{Name: "p", Type: Float}, {Name: "money", Type: Decimal}, {Name: "day", Type: Date}}

// damage flips bytes of a copy of a file, in its footer or anywhere, or cuts it short.
func damage(r *rand.Rand, whole []byte) []byte {
	b := slices.Clone(whole)
	switch r.IntN(10) {
	case 0:
		return b[:r.IntN(len(b))]
	case 1, 2, 3, 4: // the footer, where a byte means most
		b[len(b)-1-r.IntN(min(len(b), 2000))] ^= byte(1 + r.IntN(255))
	default:
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
		}
	}
	return b
}

// A file of which bytes are flipped or missing gives an error or, where the change does not
// matter, rows: never a panic, never an endless scan.
func TestDamagedFilesNeverPanicOrHang(t *testing.T) {
	files := damageable(t)
	path := filepath.Join(t.TempDir(), "t.parquet")
	r := rand.New(rand.NewPCG(3, 4))
	refused := 0
	for i := range 1000 {
		if err := os.WriteFile(path, damage(r, files[i%2]), 0o600); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		s, err := scanFile(path, damageSchema, Options{}, 2)
		var e *Error
		switch {
		case err == nil && int64(len(s.rows)+len(s.Rejects)) != s.Rows:
			t.Fatalf("mutation %d: %d rows and %d rejects of %d", i, len(s.rows), len(s.Rejects), s.Rows)
		case err != nil && !errors.As(err, &e):
			t.Fatalf("mutation %d: an error of type %T: %v", i, err, err)
		case err != nil:
			refused++
		}
		if _, err := ReadColumns(path); err != nil && !errors.As(err, &e) {
			t.Fatalf("mutation %d: an error of type %T: %v", i, err, err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Fatalf("mutation %d took %s", i, took)
		}
	}
	if refused < 500 {
		t.Errorf("only %d of 1000 damaged files are refused", refused)
	}
}

func TestFileThatChangesIsAnError(t *testing.T) {
	frame := manyRows(100)
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, frame.Columns(), frame)
	f, err := Open(path, 0, Schema{{Name: "id", Type: String}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(path)
	if err := os.WriteFile(path, append(b, 'x'), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = f.Scan(context.Background(), 1, func(int, *Batch) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("got %v", err)
	}
}

func TestResultCarriesSizeAndHashOfTheFile(t *testing.T) {
	frame := manyRows(100)
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, frame.Columns(), frame)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scanFile(path, Schema{{Name: "id", Type: String}}, Options{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if s.Bytes != int64(len(b)) || s.SHA256 != sha256.Sum256(b) || s.Rows != 100 {
		t.Errorf("%d bytes, %x, %d rows", s.Bytes, s.SHA256, s.Rows)
	}
}

func TestErrorsOfTheCallerComeBackAsTheyAre(t *testing.T) {
	frame := manyRows(100)
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, frame.Columns(), frame)
	f, err := Open(path, 0, Schema{{Name: "id", Type: String}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mine := errors.New("mine")
	if _, err := f.Scan(context.Background(), 2, func(int, *Batch) error { return mine }); err != mine {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Scan(ctx, 2, func(int, *Batch) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRowsAreLocatedByPlace(t *testing.T) {
	const n = rowGroupRows + 10
	frame := manyRows(n)
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, frame.Columns(), frame)
	f, err := Open(path, 3, Schema{{Name: "id", Type: String}, {Name: "gap", Type: Int}, {Name: "money", Type: Decimal}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Locate(context.Background(), []int64{n - 1, 0, pageRows + 3})
	if err != nil {
		t.Fatal(err)
	}
	money := func(i int64) string { return string(appendDecimal(nil, i*7919%1000003-500000, 2)) }
	want := []Reject{
		{File: 3, Row: 1, Place: 0, Raw: "id=INV-0000000; gap=0; money=" + money(0)},
		{File: 3, Row: pageRows + 4, Place: pageRows + 3, Raw: "id=INV-0016387; gap=; money=" + money(pageRows+3)},
		{File: 3, Row: n, Place: n - 1, Raw: fmt.Sprintf("id=INV-%07d; gap=; money=%s", n-1, money(n-1))},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := f.Locate(context.Background(), []int64{n}); err == nil {
		t.Error("a row past the end is found")
	}
}

// A flipped bit in the length of a run must not cost memory, nor what writers do at the end of a page an error.
func TestRunsOfCodesAreBoundByTheirPage(t *testing.T) {
	run := func(head uint64, rest ...byte) []byte { return append(binary.AppendUvarint(nil, head), rest...) }
	for _, c := range []struct {
		name   string
		packed []byte
		n      int
		want   int // bytes that matter; -1 for an error
	}{
		{"one run", append([]byte{3}, run(10<<1, 5)...), 10, 3},
		{"bits past the last code", append([]byte{3}, run(2<<1|1, 1, 2, 3, 4, 5, 6)...), 10, 8},
		{"a run after the last code", append([]byte{3}, append(run(10<<1, 5), run(1<<30<<1, 5)...)...), 10, 3},
		{"a run longer than the page", append([]byte{3}, run(1<<30<<1, 5)...), 10, -1},
		{"no bits in groups without end", append([]byte{0}, run(1<<30<<1|1)...), 10, -1},
		{"groups longer than the bytes", append([]byte{3}, run(4<<1|1, 1, 2)...), 10, -1},
		{"too few", append([]byte{3}, run(9<<1, 5)...), 10, -1},
		{"no width", nil, 10, -1},
		{"a width that no code has", append([]byte{32}, run(10<<1, 5, 0, 0, 0x80)...), 10, -1},
	} {
		got, err := boundCodes(c.packed, c.n)
		if err != nil && c.want >= 0 || err == nil && len(got) != c.want {
			t.Errorf("%s: %d bytes, %v", c.name, len(got), err)
		}
	}
}

func TestLevelsOfAnOlderEncodingAreAnErrorWithFileColumnAndHint(t *testing.T) {
	p := &pageReader{leaf: &leaf{optional: true}, in: bytes.NewReader(make([]byte, 10)), stored: new([]byte), left: make([]pageInfo, 1)}
	h := &p.left[0].header
	h.Type, h.CompressedPageSize, h.UncompressedPageSize = pq.DataPage, 10, 10
	h.DataPageHeader.V.NumValues, h.DataPageHeader.V.DefinitionLevelEncoding = 1, pq.BitPacked
	r := &groupReader{export: &parquetExport{path: "f.parquet"}, cols: newColumns(Schema{{Name: "due"}}, []int{0}, Options{})}
	var e *Error
	if err := r.failure(0, p.next()); !errors.As(err, &e) || e.Error() != "f.parquet: due: has levels encoded as BIT_PACKED, which are not read" || e.Hint == "" {
		t.Errorf("got %v", err)
	}
}
