package table

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// The library's own reader checks the page index against the pages here.
func TestStatisticsAndPageIndexHoldTheExtremes(t *testing.T) {
	const n = rowGroupRows + 3*pageRows + 17
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, manyRows(1).Columns(), manyRows(n))
	file := libraryFile(t, path)
	if file.Metadata().CreatedBy != "kaishu" || file.NumRows() != n || len(file.RowGroups()) != 2 {
		t.Fatalf("%q, %d rows, %d row groups", file.Metadata().CreatedBy, file.NumRows(), len(file.RowGroups()))
	}
	if v, _ := file.Lookup("a"); v != "1" {
		t.Errorf("metadata a is %q", v)
	}
	for _, group := range file.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			checkIndex(t, fmt.Sprint(file.Root().Columns()[i].Name()), chunk)
		}
	}
}

func checkIndex(t *testing.T, name string, chunk parquet.ColumnChunk) {
	t.Helper()
	columns, err := chunk.ColumnIndex()
	if err != nil {
		t.Fatal(err)
	}
	offsets, err := chunk.OffsetIndex()
	if err != nil {
		t.Fatal(err)
	}
	compare := chunk.Type().Compare
	pages := chunk.Pages()
	defer pages.Close()
	row := int64(0)
	for i := range columns.NumPages() {
		if got := offsets.FirstRowIndex(i); got != row {
			t.Errorf("%s: page %d starts at row %d, want %d", name, i, got, row)
		}
		page, err := pages.ReadPage()
		if err != nil {
			t.Fatal(err)
		}
		row += page.NumRows()
		if columns.NullCount(i) != page.NumNulls() || columns.NullPage(i) != (page.NumNulls() == page.NumRows()) {
			t.Errorf("%s: page %d has %d nulls, the index says %d", name, i, page.NumNulls(), columns.NullCount(i))
		}
		values := make([]parquet.Value, page.NumValues())
		n, _ := page.Values().ReadValues(values)
		for _, v := range values[:n] {
			if v.IsNull() {
				continue
			}
			if compare(v, columns.MinValue(i)) < 0 || compare(v, columns.MaxValue(i)) > 0 {
				t.Fatalf("%s: page %d has %v outside %v to %v", name, i, v, columns.MinValue(i), columns.MaxValue(i))
			}
			if low, high, ok := chunk.(*parquet.FileColumnChunk).Bounds(); ok && (compare(v, low) < 0 || compare(v, high) > 0) {
				t.Fatalf("%s: %v is outside the chunk's %v to %v", name, v, low, high)
			}
		}
		parquet.Release(page)
	}
}

func TestUpperBoundComesAfterTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(strings.Repeat(rapid.SampledFrom([]string{"a", "é", "\U0010FFFF", "\uD7FF", "z"}).Draw(t, "x"), 40) + rapid.StringN(40, 80, -1).Draw(t, "y"))
		low, high := lowerBound(text, OutString), upperBound(text, OutString)
		if bytes.Compare(low, text) > 0 || bytes.Compare(high, text) < 0 {
			t.Fatalf("%q is not between %q and %q", text, low, high)
		}
	})
}
