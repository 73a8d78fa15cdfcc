package table

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// A file so large that the disk is told to take parts of it on the way is whole when it is closed.
func TestALargeFileIsWholeAfterSyncsOnTheWay(t *testing.T) {
	columns := make([]OutColumn, 24)
	for i := range columns {
		columns[i] = OutColumn{Name: fmt.Sprint("c", i), Type: OutDouble}
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	w, err := CreateParquet(path, columns, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	f := NewFrame(columns)
	for range FrameRows {
		for i := range columns {
			f.Double(i, r.Float64())
		}
	}
	const pages = 33 // three row groups, two of 50 MB
	for range pages {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.Close(); err != nil || n != pages*FrameRows || w.begun < syncAhead {
		t.Fatalf("%d rows, %v; the disk was told of %d bytes on the way", n, err, w.begun)
	}
	if _, err := w.Close(); err == nil {
		t.Error("a file that is closed was closed again")
	}
	got, err := ReadColumns(path, "c7")
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Len() {
		if got.DoubleAt(0, i) != f.DoubleAt(7, i%FrameRows) {
			t.Fatalf("row %d is %v", i, got.DoubleAt(0, i))
		}
	}
	if got.Len() != pages*FrameRows {
		t.Errorf("%d rows", got.Len())
	}
}

// Pages of a column chunk differ in encoding: amounts among zeros are plain, others packed.
func TestPagesOfZerosAndOfAmountsReadBackFromOneChunk(t *testing.T) {
	columns := []OutColumn{{Name: "open", Type: OutDecimal, Scale: 2}}
	f := NewFrame(columns)
	want := func(i int) int64 {
		if i/FrameRows%2 == 0 && i%8 != 0 {
			return 0
		}
		return int64(i) * 7919 % 400_000
	}
	for i := range 4*FrameRows + 5 {
		f.Decimal(0, want(i))
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, columns, f)
	got, err := ReadColumns(path, "open")
	if err != nil || got.Len() != f.Len() {
		t.Fatalf("%d rows, %v", got.Len(), err)
	}
	for i := range got.Len() {
		if got.DecimalAt(0, i) != want(i) {
			t.Fatalf("row %d is %d, want %d", i, got.DecimalAt(0, i), want(i))
		}
	}
	file := libraryFile(t, path)
	if e := file.Metadata().RowGroups[0].Columns[0].MetaData.EncodingStats; len(e) != 2 {
		t.Errorf("encodings %v, want two", e)
	}
}
