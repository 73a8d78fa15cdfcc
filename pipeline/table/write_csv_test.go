package table

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func writeCSV(t testing.TB, columns []OutColumn, f *Frame) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.csv")
	w, err := CreateCSV(path, columns)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(f); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Close(); err != nil || n != int64(f.Len()) {
		t.Fatalf("%d rows, %v", n, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCSVPrintsEachTypeExactly(t *testing.T) {
	columns := []OutColumn{{Name: "s", Type: OutString, Null: true}, {Name: "d", Type: OutDate}, {Name: "m", Type: OutDecimal, Scale: 2},
		{Name: "y", Type: OutDecimal}, {Name: "x", Type: OutDouble, Null: true}, {Name: "n", Type: OutInt}, {Name: "i", Type: OutInt32}, {Name: "b", Type: OutBool}}
	got := writeCSV(t, columns, frameOf(columns, [][]cell{
		{"plain", int64(0), int64(10), int64(-7), 0.1, int64(math.MinInt64), int64(-5), true},
		{nil, int64(20512), int64(-5), int64(1), nil, int64(0), int64(0), false},
		{"=1+1", int64(-1), int64(-123456), int64(0), 1234567.5, int64(1), int64(1), true},
		{"a,\"b\"\nc", int64(11016), int64(999999999999999999), int64(0), 1e-9, int64(1), int64(1), true},
	}))
	want := `s,d,m,y,x,n,i,b
plain,1970-01-01,0.10,-7,0.1,-9223372036854775808,-5,true
,2026-02-28,-0.05,1,,0,0,false
'=1+1,1969-12-31,-1234.56,0,1234567.5,1,1,true
"a,""b""
c",2000-02-29,9999999999999999.99,0,1e-09,1,1,true
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFormulaTextsAreNeutralised(t *testing.T) {
	columns := []OutColumn{{Name: "s", Type: OutString}, {Name: "n", Type: OutInt}}
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		got := writeCSV(t, columns, frameOf(columns, [][]cell{{start + "1", int64(-1)}}))
		row, err := csv.NewReader(strings.NewReader(strings.ReplaceAll(got, "\r", "R"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"'" + strings.ReplaceAll(start, "\r", "R") + "1", "-1"}; !slices.Equal(row[1], want) {
			t.Errorf("%q is written as %q, want %q", start+"1", row[1], want)
		}
	}
}

func TestCSVTextsReadBackWithTheStandardLibrary(t *testing.T) {
	columns := []OutColumn{{Name: "a", Type: OutString}, {Name: "b", Type: OutString}}
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringOf(rapid.SampledFrom([]rune("ab ,;\"'\n漢=-"))), 2, 2).Draw(rt, "texts")
		path := filepath.Join(dir, "t.csv")
		w, err := CreateCSV(path, columns)
		if err != nil {
			rt.Fatal(err)
		}
		w.Write(frameOf(columns, [][]cell{{texts[0], texts[1]}}))
		if _, err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		in, err := os.Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		defer in.Close()
		rows, err := csv.NewReader(in).ReadAll()
		if err != nil || len(rows) != 2 {
			rt.Fatalf("%v, %v", rows, err)
		}
		for i, want := range texts {
			if want != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(want)[0]) {
				want = "'" + want
			}
			if rows[1][i] != want {
				rt.Errorf("read %q, want %q", rows[1][i], want)
			}
		}
	})
}
