package table

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// everyType has one column of each type without nulls and one with.
var everyType = []OutColumn{
	{Name: "text", Type: OutString}, {Name: "text_null", Type: OutString, Null: true},
	{Name: "day", Type: OutDate}, {Name: "day_null", Type: OutDate, Null: true},
	{Name: "money", Type: OutDecimal, Scale: 2}, {Name: "money_null", Type: OutDecimal, Scale: 3, Null: true},
	{Name: "share", Type: OutDouble}, {Name: "share_null", Type: OutDouble, Null: true},
	{Name: "count", Type: OutInt}, {Name: "count_null", Type: OutInt, Null: true},
	{Name: "rank", Type: OutInt32}, {Name: "rank_null", Type: OutInt32, Null: true},
	{Name: "yes", Type: OutBool}, {Name: "yes_null", Type: OutBool, Null: true},
}

// cell is what a test put into a column: nil, string, int64, float64 or bool.
type cell any

func putCell(f *Frame, col int, v cell) {
	if v == nil {
		f.Null(col)
		return
	}
	switch f.Columns()[col].Type {
	case OutString:
		f.String(col, v.(string))
	case OutDate:
		f.Date(col, int32(v.(int64)))
	case OutDecimal:
		f.Decimal(col, v.(int64))
	case OutDouble:
		f.Double(col, v.(float64))
	case OutInt:
		f.Int(col, v.(int64))
	case OutInt32:
		f.Int32(col, int32(v.(int64)))
	case OutBool:
		f.Bool(col, v.(bool))
	}
}

func getCell(f *Frame, col, row int) cell {
	if f.IsNull(col, row) {
		return nil
	}
	switch f.Columns()[col].Type {
	case OutString:
		return f.StringAt(col, row)
	case OutDate:
		return int64(f.DateAt(col, row))
	case OutDecimal:
		return f.DecimalAt(col, row)
	case OutDouble:
		return f.DoubleAt(col, row)
	case OutBool:
		return f.BoolAt(col, row)
	default:
		return f.IntAt(col, row)
	}
}

func writeParquet(t rapid.TB, path string, columns []OutColumn, frames ...*Frame) {
	t.Helper()
	w, err := CreateParquet(path, columns, map[string]string{"b": "2", "a": "1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func frameOf(columns []OutColumn, rows [][]cell) *Frame {
	f := NewFrame(columns)
	for _, row := range rows {
		for col, v := range row {
			putCell(f, col, v)
		}
	}
	return f
}

func checkRows(t rapid.TB, path string, columns []OutColumn, rows [][]cell) {
	t.Helper()
	got, err := ReadColumns(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Columns(), columns) {
		t.Fatalf("columns %v, want %v", got.Columns(), columns)
	}
	if got.Len() != len(rows) {
		t.Fatalf("%d rows, want %d", got.Len(), len(rows))
	}
	for i, row := range rows {
		for col, want := range row {
			if v := getCell(got, col, i); v != want {
				t.Fatalf("row %d, %s: %v (%T), want %v (%T)", i, columns[col].Name, v, v, want, want)
			}
		}
	}
}

func TestNullZeroAndEmptyStayApart(t *testing.T) {
	zero := []cell{"", "", int64(0), int64(0), int64(0), int64(0), 0.0, 0.0, int64(0), int64(0), int64(0), int64(0), false, false}
	null := slices.Clone(zero)
	for i, c := range everyType {
		if c.Null {
			null[i] = nil
		}
	}
	some := []cell{"a", "日本", int64(-1), int64(20000), int64(-123), int64(-999999999999999999), -0.5, math.Inf(1),
		int64(math.MinInt64), int64(math.MaxInt64), int64(math.MinInt32), int64(math.MaxInt32), true, true}
	rows := [][]cell{zero, null, some, null, zero}
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, everyType, frameOf(everyType, rows))
	checkRows(t, path, everyType, rows)

	f := NewFrame([]OutColumn{{Name: "x", Type: OutDouble, Null: true}})
	f.Double(0, math.NaN())
	if !f.IsNull(0, 0) {
		t.Error("NaN is not a null")
	}
}

func TestRowsReadBackAsWritten(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "rows")
		names := rapid.IntRange(1, 500).Draw(t, "names")
		nulls := rapid.IntRange(0, 100).Draw(t, "nulls")
		wide := rapid.IntRange(1, 60).Draw(t, "bits")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rows := make([][]cell, n)
		for i := range rows {
			for _, c := range everyType {
				v := randomCell(r, c, names, wide)
				if c.Null && r.IntN(100) < nulls {
					v = nil
				}
				rows[i] = append(rows[i], v)
			}
		}
		path := filepath.Join(dir, "t.parquet")
		writeParquet(t, path, everyType, frameOf(everyType, rows))
		checkRows(t, path, everyType, rows)
	})
}

func randomCell(r *rand.Rand, c OutColumn, names, wide int) cell {
	v := r.Int64N(1<<wide) - r.Int64N(1<<wide)
	switch c.Type {
	case OutString:
		return strings.Repeat("é漢a", r.IntN(3)) + fmt.Sprint(r.IntN(names))
	case OutDate, OutInt32:
		return int64(int32(v))
	case OutDecimal:
		return v % 1e18
	case OutDouble:
		return float64(v) / 100
	case OutBool:
		return v > 0
	default:
		return v
	}
}

// manyRows has texts that repeat, that do not, that repeat at first only, and runs of nulls
// over whole pages.
func manyRows(n int) *Frame {
	columns := []OutColumn{
		{Name: "id", Type: OutString}, {Name: "few", Type: OutString, Null: true}, {Name: "turning", Type: OutString},
		{Name: "long", Type: OutString}, {Name: "gap", Type: OutInt, Null: true}, {Name: "p", Type: OutDouble, Null: true},
		{Name: "money", Type: OutDecimal, Scale: 2}, {Name: "day", Type: OutDate},
	}
	f := NewFrame(columns)
	for i := range n {
		f.String(0, fmt.Sprintf("INV-%07d", i))
		if i%7 == 0 {
			f.Null(1)
		} else {
			f.String(1, []string{"", "call", "letter"}[i%3])
		}
		if i < pageRows {
			f.String(2, "same")
		} else {
			f.String(2, fmt.Sprintf("item %d of a growing dictionary", i*2654435761%rowGroupRows))
		}
		f.String(3, strings.Repeat("長", 30)+fmt.Sprint(i%100))
		if i/pageRows%3 == 1 {
			f.Null(4)
		} else {
			f.Int(4, int64(i))
		}
		f.Double(5, float64(i%1000)/999)
		f.Decimal(6, int64(i)*7919%1000003-500000)
		f.Date(7, int32(19000+i%2000))
	}
	return f
}

func TestBytesDependOnRowsOnly(t *testing.T) {
	const n = rowGroupRows + 3*pageRows + 17
	all := manyRows(n)
	path := filepath.Join(t.TempDir(), "t.parquet")
	var want []byte
	for i, sizes := range [][]int{{n}, {1000, 3, 40000}, {pageRows}} {
		if i == 2 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		}
		var frames []*Frame
		for from := 0; from < n; {
			to := min(n, from+sizes[len(frames)%len(sizes)])
			f := NewFrame(all.Columns())
			f.appendRows(all, from, to)
			frames = append(frames, f)
			from = to
		}
		writeParquet(t, path, all.Columns(), frames...)
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		} else if !bytes.Equal(got, want) {
			t.Fatalf("frames of %v rows give other bytes", sizes)
		}
	}
	got, err := ReadColumns(path)
	if err != nil {
		t.Fatal(err)
	}
	for col, c := range all.Columns() {
		if !reflect.DeepEqual(got.cells[col], all.cells[col]) {
			t.Errorf("column %s is not read back as it was written", c.Name)
		}
	}
}

func TestSchemaPrintsAsOthersExpectIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, everyType)
	file := libraryFile(t, path)
	want := `message kaishu {
	required binary text (STRING);
	optional binary text_null (STRING);
	required int32 day (DATE);
	optional int32 day_null (DATE);
	required int64 money (DECIMAL(18,2));
	optional int64 money_null (DECIMAL(18,3));
	required double share;
	optional double share_null;
	required int64 count (INT(64,true));
	optional int64 count_null (INT(64,true));
	required int32 rank (INT(32,true));
	optional int32 rank_null (INT(32,true));
	required boolean yes;
	optional boolean yes_null;
}`
	if got := file.Schema().String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	checkRows(t, path, everyType, nil)
}

func TestAskingForAMissingColumnListsTheColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	columns := []OutColumn{{Name: "a", Type: OutInt}, {Name: "b", Type: OutInt}}
	writeParquet(t, path, columns, frameOf(columns, [][]cell{{int64(1), int64(2)}}))
	_, err := ReadColumns(path, "a", "c")
	if err == nil || !strings.Contains(err.Error(), `no column "c"; the file has: a, b`) {
		t.Errorf("got %v", err)
	}
	f, err := ReadColumns(path, "b")
	if err != nil || len(f.Columns()) != 1 || f.IntAt(0, 0) != 2 {
		t.Errorf("got %v, %v", f, err)
	}
}

func TestWrongCellsPanic(t *testing.T) {
	for name, do := range map[string]func(*Frame){
		"null":    func(f *Frame) { f.Null(0) },
		"nan":     func(f *Frame) { f.Double(1, math.NaN()) },
		"type":    func(f *Frame) { f.String(0, "x") },
		"digits":  func(f *Frame) { f.Decimal(2, 1e18) },
		"lengths": func(f *Frame) { f.Int(0, 1); f.rows() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			do(NewFrame([]OutColumn{{Name: "n", Type: OutInt}, {Name: "x", Type: OutDouble}, {Name: "m", Type: OutDecimal}}))
		})
	}
}

func TestFullDiskIsAnErrorThatNamesTheFile(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system")
	}
	columns := []OutColumn{{Name: "a", Type: OutString}}
	f := frameOf(columns, slices.Repeat([][]cell{{"x"}}, 1000))
	p, err := CreateParquet("/dev/full", columns, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Write(f)
	if _, err := p.Close(); err == nil || !strings.Contains(err.Error(), "writing /dev/full: ") {
		t.Errorf("Parquet: %v", err)
	}
	c, err := CreateCSV("/dev/full", columns)
	if err != nil {
		t.Fatal(err)
	}
	c.Write(f)
	if _, err := c.Close(); err == nil || !strings.Contains(err.Error(), "writing /dev/full: ") {
		t.Errorf("CSV: %v", err)
	}
	if err := c.Write(f); err == nil {
		t.Error("a closed CSV file can be written")
	}
}

// libraryFile opens a file with the library's own reader.
func libraryFile(t *testing.T, path string) *parquet.File {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	info, err := in.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(in, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return file
}
