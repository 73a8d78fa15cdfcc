package table

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// writeXLSX writes the frame as a workbook with so many rows a sheet and opens it again.
func writeXLSX(t testing.TB, columns []OutColumn, f *Frame, most int) (book *excelize.File, bytes []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.xlsx")
	w, err := CreateXLSX(path, columns, Layout{Name: "list", Keep: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.most = most
	if err := w.Write(f); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Close(); err != nil || n != int64(f.Len()) {
		t.Fatalf("%d rows, %v", n, err)
	}
	if bytes, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if book, err = excelize.OpenFile(path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return book, bytes
}

func TestXLSXHasDatesAndNumbersAsSuchAndTextsThatAreNoFormulas(t *testing.T) {
	columns := []OutColumn{{Name: "s", Type: OutString, Null: true}, {Name: "d", Type: OutDate}, {Name: "m", Type: OutDecimal, Scale: 2},
		{Name: "y", Type: OutDecimal}, {Name: "x", Type: OutDouble, Null: true}, {Name: "n", Type: OutInt}, {Name: "b", Type: OutBool}}
	book, _ := writeXLSX(t, columns, frameOf(columns, [][]cell{
		{"株式会社", int64(20512), int64(123456789), int64(-7), 0.125, int64(1 << 62), true},
		{nil, int64(-25508), int64(-5), int64(1), nil, int64(0), false},
		{"=1+1", int64(0), int64(999999999999999999), int64(0), 1e-9, int64(3), true},
		{nil, int64(-25509), int64(0), int64(0), nil, int64(0), true},
	}), sheetRows)
	// As shown, and as kept: days since 1899-12-30, which spreadsheets count from.
	shown := [][]string{
		{"s", "d", "m", "y", "x", "n", "b"},
		{"株式会社", "2026-02-28", "1,234,567.89", "-7", "0.125", "4611686018427387904", "TRUE"},
		{"", "1900-03-01", "-0.05", "1", "", "0", "FALSE"},
		{"'=1+1", "1970-01-01", "9999999999999999.99", "0", "0.0000", "3", "TRUE"},
		{"", "1900-02-28", "0.00", "0", "", "0", "TRUE"},
	}
	kept := [][]string{
		{"s", "d", "m", "y", "x", "n", "b"},
		{"株式会社", "46081", "1234567.89", "-7", "0.125", "4611686018427387904", "1"},
		{"", "61", "-0.05", "1", "", "0", "0"},
		{"'=1+1", "25569", "9999999999999999.99", "0", "0.000000001", "3", "1"},
		{"", "1900-02-28", "0", "0", "", "0", "1"},
	}
	for _, c := range []struct {
		want [][]string
		raw  bool
	}{{shown, false}, {kept, true}} {
		got, err := book.GetRows("list", excelize.Options{RawCellValue: c.raw})
		if err != nil || !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("raw %v: got\n%q, %v, want\n%q", c.raw, got, err, c.want)
		}
	}
	for row, want := range map[string]excelize.CellType{"A4": excelize.CellTypeInlineString, "C4": excelize.CellTypeInlineString, "C2": excelize.CellTypeUnset} {
		if got, err := book.GetCellType("list", row); err != nil || got != want {
			t.Errorf("%s is of type %v, %v", row, got, err)
		}
	}
	if f, err := book.GetCellFormula("list", "A4"); err != nil || f != "" {
		t.Errorf("formula %q, %v", f, err)
	}
}

func TestXLSXGoesOnInAnotherSheetAndIsTheSameTwice(t *testing.T) {
	columns := []OutColumn{{Name: "n", Type: OutInt}, {Name: "s", Type: OutString}}
	var rows [][]cell
	for i := range 7 {
		rows = append(rows, []cell{int64(i), "a"})
	}
	book, first := writeXLSX(t, columns, frameOf(columns, rows), 3)
	if got := book.GetSheetList(); !slices.Equal(got, []string{"list", "list 2", "list 3"}) {
		t.Fatal(got)
	}
	for sheet, want := range map[string]int{"list": 4, "list 2": 4, "list 3": 2} {
		if got, err := book.GetRows(sheet); err != nil || len(got) != want || !slices.Equal(got[0], []string{"n", "s"}) {
			t.Errorf("%s: %q, %v", sheet, got, err)
		}
		if tables, err := book.GetTables(sheet); err != nil || len(tables) != 1 {
			t.Errorf("%s: filter %v, %v", sheet, tables, err)
		}
	}
	if _, second := writeXLSX(t, columns, frameOf(columns, rows), 3); string(first) != string(second) {
		t.Error("the same rows gave other bytes")
	}
	if book, _ := writeXLSX(t, columns, frameOf(columns, nil), 3); len(book.GetSheetList()) != 1 {
		t.Error("no rows, no sheet")
	} else if got, err := book.GetRows("list"); err != nil || len(got) != 1 || !slices.Equal(got[0], []string{"n", "s"}) {
		t.Errorf("no rows: %q, %v", got, err)
	}
}

func TestCellTextIsCutWhereACellEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringN(1, 5, -1).Draw(t, "part")
		s := strings.Repeat(part, rapid.IntRange(0, 20_000).Draw(t, "times"))
		got := cellText(s)
		want := s
		if startsFormula([]byte(s)) {
			want = "'" + s
		}
		units := len(utf16.Encode([]rune(got)))
		if units > cellUnits {
			t.Fatalf("%d units", units)
		}
		if got == want {
			return
		}
		rest, cut := strings.CutSuffix(got, "…")
		if len(utf16.Encode([]rune(want))) <= cellUnits || !cut || !strings.HasPrefix(want, rest) || units < cellUnits-1 {
			t.Fatalf("%d bytes became %d, %d units", len(want), len(got), units)
		}
	})
}

func TestXLSXThatCannotBeWrittenSaysSo(t *testing.T) {
	columns := []OutColumn{{Name: "n", Type: OutInt}}
	path := filepath.Join(t.TempDir(), "none", "t.xlsx")
	w, err := CreateXLSX(path, columns, Layout{Name: "list", Keep: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(frameOf(columns, [][]cell{{int64(1)}})); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err == nil || !strings.HasPrefix(err.Error(), "writing "+path+": ") {
		t.Error(err)
	}
}

// A sheet may speak another language than the tables, and every printed page says which row is whose.
func TestXLSXHasHeadingsAndWordsOfItsLayoutAndRepeatsThemOnPaper(t *testing.T) {
	columns := []OutColumn{{Name: "id", Type: OutString}, {Name: "action", Type: OutString, Null: true}, {Name: "n", Type: OutInt}}
	path := filepath.Join(t.TempDir(), "t.xlsx")
	w, err := CreateXLSX(path, columns, Layout{Name: "一覧", Keep: 1, Headings: []string{"コード", "対応", "件数"}, Words: func(column, text string) string {
		if column == "action" {
			return "=" + text + "する"
		}
		return text
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(frameOf(columns, [][]cell{{"call", "call", int64(7)}, {"b", nil, int64(8)}})); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	want := [][]string{{"コード", "対応", "件数"}, {"call", "'=callする", "7"}, {"b", "", "8"}}
	if got, err := book.GetRows("一覧"); err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%q, %v", got, err)
	}
	names := book.GetDefinedName()
	if len(names) != 1 || names[0].Name != "_xlnm.Print_Titles" || names[0].RefersTo != "'一覧'!$A:$A,'一覧'!$1:$1" {
		t.Errorf("%+v", names)
	}
	if paper, err := book.GetPageLayout("一覧"); err != nil || *paper.FitToWidth != 1 || *paper.FitToHeight != 0 || *paper.Orientation != "landscape" {
		t.Errorf("%+v, %v", paper, err)
	}
}
