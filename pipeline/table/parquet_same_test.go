package table

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"pgregory.net/rapid"
)

// Rows must come out the same whatever the cut into row groups and pages, dictionaries or
// not, nulls or not, workers and batches, and whoever wrote the file.
func TestRowsAreTheSameHoweverTheFileIsCut(t *testing.T) {
	type row struct {
		ID     string   `parquet:"id"`
		Kind   *string  `parquet:"kind,dict"`
		Due    *int32   `parquet:"due,date"`
		Amount *int64   `parquet:"amount,decimal(2:18)"`
		Share  *float64 `parquet:"share"`
		Yes    *bool    `parquet:"yes"`
	}
	schema := Schema{{Name: "id", Type: String, Required: true}, {Name: "kind", Type: String}, {Name: "due", Type: Date},
		{Name: "amount", Type: Decimal}, {Name: "share", Type: Float}, {Name: "yes", Type: Bool}}
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		rows := make([]row, rapid.IntRange(0, 800).Draw(rt, "rows"))
		nulls := rapid.IntRange(0, 4).Draw(rt, "nulls")
		want := make(map[int64]string)
		columns := []OutColumn{{Name: "id", Type: OutString}, {Name: "kind", Type: OutString, Null: true}, {Name: "due", Type: OutDate, Null: true},
			{Name: "amount", Type: OutDecimal, Scale: 2, Null: true}, {Name: "share", Type: OutDouble, Null: true}, {Name: "yes", Type: OutBool, Null: true}}
		frame := NewFrame(columns)
		for i := range rows {
			kind, due, amount, share, yes := fmt.Sprintf("kind of some length %d", r.IntN(9)), r.Int32N(9999), r.Int64N(999999)*100+1, float64(r.IntN(7))/8, r.IntN(2) == 0
			rows[i].ID = strings.Repeat("x", r.IntN(20)) + fmt.Sprint(i)
			frame.String(0, rows[i].ID)
			text := []string{rows[i].ID, "-", "-", "-", "-", "-"}
			for col, set := range []func(){
				func() { rows[i].Kind = &kind; text[1] = kind; frame.String(1, kind) },
				func() { rows[i].Due = &due; text[2] = string(appendDate(nil, due)); frame.Date(2, due) },
				func() { rows[i].Amount = &amount; text[3] = fmt.Sprintf("%d/2", amount); frame.Decimal(3, amount) },
				func() { rows[i].Share = &share; text[4] = fmt.Sprint(share); frame.Double(4, share) },
				func() { rows[i].Yes = &yes; text[5] = fmt.Sprint(yes); frame.Bool(5, yes) },
			} {
				if nulls > 0 && r.IntN(nulls) == 0 {
					frame.Null(col + 1)
				} else {
					set()
				}
			}
			want[int64(i)] = strings.Join(text, "|")
		}
		own := filepath.Join(t.TempDir(), "own.parquet")
		writeParquet(rt, own, columns, frame)
		for _, path := range []string{own, writeRows(t, rows,
			parquet.MaxRowsPerRowGroup(int64(rapid.IntRange(1, 1000).Draw(rt, "group"))),
			parquet.PageBufferSize(rapid.IntRange(64, 10000).Draw(rt, "page")),
			parquet.DataPageVersion(rapid.IntRange(1, 2).Draw(rt, "version")),
			parquet.Compression([]compress.Codec{&parquet.Zstd, &parquet.Snappy, &parquet.Uncompressed}[rapid.IntRange(0, 2).Draw(rt, "codec")]))} {
			s, err := scanFile(path, schema, Options{}, rapid.IntRange(1, 3).Draw(rt, "workers"))
			if err != nil {
				rt.Fatal(err)
			}
			if len(s.rows) != len(want) || len(s.Rejects) > 0 {
				rt.Fatalf("%d rows and %d rejects, want %d and none", len(s.rows), len(s.Rejects), len(want))
			}
			for place, text := range want {
				if s.rows[place] != text {
					rt.Fatalf("%s: row %d: %s, want %s", filepath.Base(path), place, s.rows[place], text)
				}
			}
		}
	})
}

// A dirty text column means the same in Parquet as in CSV.
func TestTextsInParquetFollowTheRulesOfCSV(t *testing.T) {
	schema := Schema{{Name: "a_id", Type: String, Required: true}, {Name: "s", Type: String}, {Name: "k", Type: String, OneOf: []string{"call", "visit"}},
		{Name: "d", Type: Date}, {Name: "m", Type: Decimal}, {Name: "n", Type: Int}, {Name: "x", Type: Float}, {Name: "b", Type: Bool, Required: true}}
	cells := []string{"", " ", "a", "12.0", "12", "Call", "VISIT ", "2024-02-29", "2023-02-29", "1.50", "-3", "1,5", "yes", "N", "NA", "　x　", "é", "9999-12-31", "1e3", "0"}
	var columns []OutColumn
	for _, c := range schema {
		columns = append(columns, OutColumn{Name: c.Name, Type: OutString})
	}
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.Write([]string{"a_id", "s", "k", "d", "m", "n", "x", "b"})
		f := NewFrame(columns)
		for range rapid.IntRange(1, 30).Draw(rt, "rows") {
			good := []string{"a", "s", "call", "2024-01-01", "1.5", "1", "0.5", "y"}
			for col := range good {
				if rapid.IntRange(0, 7).Draw(rt, "dirty") == 0 {
					good[col] = rapid.SampledFrom(cells).Draw(rt, "cell")
				}
				f.String(col, good[col])
			}
			w.Write(good)
		}
		w.Flush()
		p, c := filepath.Join(dir, "t.parquet"), filepath.Join(dir, "t.csv")
		writeParquet(rt, p, columns, f)
		if err := os.WriteFile(c, text.Bytes(), 0o600); err != nil {
			rt.Fatal(err)
		}
		opt := Options{Null: []string{"NA"}, Present: rapid.SampledFrom([][]string{nil, {"a_id"}, {"s", "m"}}).Draw(rt, "present"), Delimiter: ','}
		opt.Numbers = rapid.SampledFrom([]string{"", "lenient"}).Draw(rt, "numbers")
		a, err := scanFile(p, schema, opt, 1)
		if err != nil {
			rt.Fatal(err)
		}
		b, err := scanFile(c, schema, opt, 1)
		if err != nil {
			rt.Fatal(err)
		}
		if a, b := describe(a), describe(b); a != b {
			rt.Fatalf("Parquet\n%s\nCSV\n%s", a, b)
		}
	})
}

// What a program wrote as decimals with zeros at the end is the same number in any column type and in text.
func TestZerosAtTheEndOfDecimalsAreTheSameNumberInAllFormats(t *testing.T) {
	type row struct {
		Wide [16]byte `parquet:"wide,decimal(20:38)"`
		Part float64  `parquet:"part"`
	}
	wide := func(units int64) (b [16]byte) { // at twenty decimals
		new(big.Int).Mul(big.NewInt(units), new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil)).FillBytes(b[:])
		return b
	}
	text := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(text, []byte("wide,part\n428575600000000000.00000000000000000000,1.0\n1.00000000000000000000,12.00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	schema := Schema{{Name: "wide", Type: Decimal}, {Name: "part", Type: Int}}
	const want = "2 rows, 0 skipped\n428575600000000000/0|1\n1/0|12\n"
	for _, path := range []string{text, writeRows(t, []row{{wide(428575600000000000), 1}, {wide(1), 12}})} {
		if s, err := scanFile(path, schema, Options{}, 1); err != nil || describe(s) != want {
			t.Errorf("%s reads as\n%s%v, want\n%s", path, describe(s), err, want)
		}
	}
}

// describe prints what a scan found, in the order of rows.
func describe(s scanned) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows, %d skipped\n", s.Rows, s.Skipped)
	var places []int64
	for place := range s.rows {
		places = append(places, place)
	}
	slices.Sort(places)
	for _, place := range places {
		fmt.Fprintln(&b, s.rows[place])
	}
	for _, r := range s.Rejects {
		fmt.Fprintln(&b, r.Row, r.Column, r.Cause)
	}
	return b.String()
}
