package table

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"pgregory.net/rapid"
)

// scanned are the rows of a file as text, by place, and the result of the scan.
type scanned struct {
	rows map[int64]string
	Result
}

// scanFile opens and scans a file. Cells are joined by |, null is -, decimals are
// mantissa/digits.
func scanFile(path string, schema Schema, opt Options, workers int) (scanned, error) {
	s := scanned{rows: make(map[int64]string)}
	f, err := Open(path, 7, schema, opt)
	if err != nil {
		return s, err
	}
	var mu sync.Mutex
	s.Result, err = f.Scan(context.Background(), workers, func(worker int, b *Batch) error {
		mu.Lock()
		defer mu.Unlock()
		for k, place := range b.Place {
			s.rows[place] = rowText(b, schema, k)
		}
		return nil
	})
	return s, err
}

func rowText(b *Batch, schema Schema, k int) string {
	var cells []string
	for i, c := range schema {
		text := "-"
		switch c.Type {
		case String:
			if a := b.Strings(i); a[k] != "" {
				text = a[k]
			}
		case Date:
			if a := b.Dates(i); a.IsValid(k) {
				text = string(appendDate(nil, int32(a.Value(k))))
			}
		case Decimal:
			if m, d := b.Decimals(i); m.IsValid(k) {
				text = fmt.Sprintf("%d/%d", m.Value(k), d.Value(k))
			}
		case Int:
			if a := b.Ints(i); a.IsValid(k) {
				text = fmt.Sprint(a.Value(k))
			}
		case Float:
			if a := b.Floats(i); a.IsValid(k) {
				text = fmt.Sprint(a.Value(k))
			}
		case Bool:
			if a := b.Bools(i); a.IsValid(k) {
				text = fmt.Sprint(a.Value(k))
			}
		}
		cells = append(cells, text)
	}
	return strings.Join(cells, "|")
}

// writeRows writes rows of a Go struct with the library's own writer.
func writeRows[T any](t testing.TB, rows []T, options ...parquet.WriterOption) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.parquet")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewGenericWriter[T](out, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkScan compares the good rows and the causes of the refused ones, in file order.
func checkScan(t testing.TB, path string, schema Schema, opt Options, want ...string) scanned {
	t.Helper()
	s, err := scanFile(path, schema, opt, 2)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, s.Rows)
	for i := range got {
		got[i] = "skipped"
	}
	for place, text := range s.rows {
		got[place] = text
	}
	for _, r := range s.Rejects {
		if r.Row != r.Place+1 || r.Line != 0 || r.File != 7 {
			t.Errorf("reject %+v", r)
		}
		got[r.Place] = r.Column + " " + r.Cause
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return s
}

func TestDatesAreReadFromEveryForm(t *testing.T) {
	type row struct {
		Date int32 `parquet:"date,date"`
		MS   int64 `parquet:"ms,timestamp(millisecond)"`
		US   int64 `parquet:"us,timestamp(microsecond)"`
		NS   int64 `parquet:"ns,timestamp(nanosecond)"`
		Text string
	}
	const day = 86400
	path := writeRows(t, []row{
		{0, 0, 0, 0, "1970-01-01"},
		{-1, -1, -1, -1, "1969-12-31"},
		{20512, 20512*day*1e3 + 1, (20513*day - 1) * 1e6, 20512 * day * 1e9, " 2026-02-28　"},
		{-25567, -25567 * day * 1e3, -25567 * day * 1e6, -25567 * day * 1e9, "1900-01-01"},
		{-25568, 0, 0, 0, "1970-01-01"},
		{2932896, 0, 0, 0, "1970-01-01"},
		{0, 253370764800000, 0, 0, "1970-01-01"},
		{0, 0, 0, 0, "28.02.2026"},
	})
	schema := Schema{{Name: "date", Type: Date}, {Name: "ms", Type: Date}, {Name: "us", Type: Date}, {Name: "ns", Type: Date}, {Name: "text", Type: Date}}
	outside := " is a date outside 1900-01-01..2199-12-31; list it under null: if it stands for no date"
	want := []string{
		"1970-01-01|1970-01-01|1970-01-01|1970-01-01|1970-01-01",
		"1969-12-31|1969-12-31|1969-12-31|1969-12-31|1969-12-31",
		"2026-02-28|2026-02-28|2026-02-28|2026-02-28|2026-02-28",
		"1900-01-01|1900-01-01|1900-01-01|1900-01-01|1900-01-01",
		`date "1899-12-31"` + outside,
		`date "9999-12-31"` + outside,
		`ms "9999-01-01"` + outside,
		`text "28.02.2026" is not a date (expected YYYY-MM-DD)`,
	}
	s := checkScan(t, path, schema, Options{}, want...)
	if got, want := s.Rejects[3].Raw, "date=1970-01-01; ms=1970-01-01T00:00:00; us=1970-01-01T00:00:00; ns=1970-01-01T00:00:00; Text=28.02.2026"; got != want {
		t.Errorf("raw %q, want %q", got, want)
	}
	want[5] = "-|1970-01-01|1970-01-01|1970-01-01|1970-01-01"
	checkScan(t, path, schema, Options{Null: []string{"9999-12-31"}}, want...)
}

func TestDecimalsAreReadFromEveryForm(t *testing.T) {
	type row struct {
		I32   int32    `parquet:"i32,decimal(2:9)"`
		I64   int64    `parquet:"i64,decimal(3:18)"`
		Fixed [16]byte `parquet:"fixed,decimal(4:38)"`
		Plain int64    `parquet:"plain"`
		X     float64  `parquet:"x"`
		F     float32  `parquet:"f"`
		Text  string   `parquet:"text"`
	}
	wide := func(high, low uint64) (b [16]byte) {
		for i := range 8 {
			b[i], b[8+i] = byte(high>>(56-8*i)), byte(low>>(56-8*i))
		}
		return b
	}
	const ones = math.MaxUint64
	path := writeRows(t, []row{
		{150, 1500, wide(0, 15000), 150, 1.5, 1.5, "1.50"},
		{-1, -1, wide(ones, ones), -1, -0.01, -0.1, "-0.01"},
		{0, 0, wide(0, 0), 0, 0, 0, "0.00"},
		{5, math.MaxInt64, wide(0, 0), 0, 0, 0, "0"},
		{5, 5, wide(1, 0), 0, 0, 0, "0"},                     // 2^64 / 10^4
		{5, 5, wide(542, 1864712049423024128), 0, 0, 0, "0"}, // 10^22 / 10^4
		{5, 5, wide(0, 1), 1_000_000_000_000_000_000, 0, 0, "0"},
		{5, 5, wide(0, 1), 1, math.Inf(-1), 0, "0"},
		{5, 5, wide(0, 1), 1, math.NaN(), 0.1, "0"},
		{5, 5, wide(0, 1), 1, 1234567.89, 0.3, "1,5"},
	})
	schema := Schema{{Name: "i32", Type: Decimal}, {Name: "i64", Type: Decimal}, {Name: "fixed", Type: Decimal}, {Name: "plain", Type: Decimal},
		{Name: "x", Type: Decimal}, {Name: "f", Type: Decimal}, {Name: "text", Type: Decimal}}
	s := checkScan(t, path, schema, Options{},
		"15/1|15/1|15/1|150/0|15/1|15/1|150/2",
		"-1/2|-1/3|-1/4|-1/0|-1/2|-1/1|-1/2",
		"0/0|0/0|0/0|0/0|0/0|0/0|0/2",
		`i64 "9223372036854775.807" has more than 18 digits`,
		`fixed "1844674407370955.1616" has more than 18 digits`,
		`fixed "1000000000000000000" has more than 18 digits`,
		`plain "1000000000000000000" has more than 18 digits`,
		`x "-Inf" is not a number`,
		"5/2|5/3|1/4|1/0|-|1/1|0/0",
		`text "1,5" is not an amount`,
	)
	if got, want := s.Rejects[1].Raw, "i32=0.05; i64=0.005; fixed=1844674407370955.1616; plain=0; x=0; f=0; text=0"; got != want {
		t.Errorf("raw %q, want %q", got, want)
	}
}

func TestDoublesBecomeTheirShortestDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.IntRange(0, 8).Draw(t, "scale")
		m := rapid.Int64Range(-1e14, 1e14).Draw(t, "mantissa")
		var x float64
		fmt.Sscan(string(appendDecimal(nil, m, scale)), &x)
		got, digits, err := shortestDecimal(x, 64)
		for scale > 0 && m%10 == 0 {
			m, scale = m/10, scale-1
		}
		if err != nil || got != m || int(digits) != scale {
			t.Fatalf("%v gives %d/%d, %v, want %d/%d", x, got, digits, err, m, scale)
		}
	})
}

func TestNumbersAndTruthsAreReadFromEveryForm(t *testing.T) {
	type row struct {
		I    int32   `parquet:"i"`
		U    uint64  `parquet:"u"`
		D    int64   `parquet:"d,decimal(1:18)"`
		X    float64 `parquet:"x"`
		B    bool    `parquet:"b"`
		Text string  `parquet:"text"`
	}
	path := writeRows(t, []row{
		{1, 2, 30, 4, true, "1"},
		{0, math.MaxUint64, 30, 4, true, "1"},
		{0, 1, 35, 4, true, "1"},
		{0, 1, 0, math.NaN(), false, "0"},
		{2, 1, 0, 0, false, "0"},
	})
	column := func(t Type) Schema {
		var s Schema
		for _, name := range []string{"i", "u", "d", "x", "text"} {
			s = append(s, Column{Name: name, Type: t})
		}
		return s
	}
	checkScan(t, path, column(Int), Options{},
		"1|2|3|4|1",
		`u "18446744073709551615" has more than 18 digits`,
		`d "3.5" is not a whole number`,
		"0|1|0|-|0",
		"2|1|0|0|0")
	checkScan(t, path, column(Float), Options{},
		"1|2|3|4|1",
		`u "18446744073709551615" has more than 18 digits`,
		"0|1|3.5|4|1",
		"0|1|0|-|0",
		"2|1|0|0|0")
	truths := Schema{{Name: "i", Type: Bool}, {Name: "b", Type: Bool}, {Name: "text", Type: Bool}}
	checkScan(t, path, truths, Options{}, "true|true|true", "false|true|true", "false|true|true", "false|false|false",
		`i "2" is not yes or no (true, false, 1, 0, yes, no, y, n)`)
	texts := Schema{{Name: "i", Type: String}, {Name: "b", Type: String, OneOf: []string{"true"}}, {Name: "x", Type: String}}
	checkScan(t, path, texts, Options{Null: []string{"4"}}, "1|true|-", "0|true|-", "0|true|-",
		`b "false" is not one of true`, `b "false" is not one of true`)
}

func TestNumbersWithDecimalsAreNoIdentifiers(t *testing.T) {
	type row struct {
		ID      float64 `parquet:"customer_id"`
		Region  float64 `parquet:"region"`
		Invoice int64   `parquet:"invoice_id"`
	}
	path := writeRows(t, []row{{1, 1, 7}, {2, 1.5, 8}})
	for _, c := range []struct{ column, want string }{
		{"customer_id", "ids are stored as numbers with decimals (DOUBLE)"},
		{"region", "texts are stored as numbers with decimals, such as 1.5"},
	} {
		_, err := scanFile(path, Schema{{Name: c.column, Type: String}}, Options{}, 1)
		var e *Error
		if !errors.As(err, &e) || e.Msg != c.want || e.Hint == "" || e.File != path || e.Column != c.column {
			t.Errorf("%s: %+v", c.column, err)
		}
	}
	checkScan(t, path, Schema{{Name: "invoice_id", Type: String, Required: true}}, Options{}, "7", "8")
}

func TestOptionalRequiredPresentAndChoices(t *testing.T) {
	type row struct {
		ID   *string `parquet:"id"`
		Kind *string `parquet:"Kind,dict"`
		Note []byte  `parquet:"note"`
		Due  *int32  `parquet:"due,date"`
	}
	text := func(s string) *string { return &s }
	day := int32(0)
	path := writeRows(t, []row{
		{text(" a "), text("INVOICE"), []byte("x"), &day},
		{nil, text("invoice"), []byte("x"), &day},
		{text("b"), nil, []byte(" \t　"), nil},
		{text("c"), text("other"), []byte("x"), &day},
		{text("　"), text("other"), []byte("x"), &day},
		{text("d"), text("Invoice"), []byte("a\x00b"), &day},
		{text("e"), text("NA"), []byte("\xff"), &day},
		{text("f"), text("NA"), []byte("漢字 "), &day},
	})
	schema := Schema{{Name: "id", Type: String, Required: true}, {Name: "kind", Type: String, OneOf: []string{"invoice"}},
		{Name: "note", Type: String}, {Name: "due", Type: Date}, {Name: "absent", Type: Decimal}}
	opt := Options{Null: []string{"NA"}}
	want := []string{
		"a|invoice|x|1970-01-01|-",
		"id is empty",
		"b|-|-|-|-",
		`kind "other" is not one of invoice`,
		"id is empty",
		`note "a\x00b" has a NUL byte`,
		`note "\xff" is not valid text in the file's encoding`,
		"f|-|漢字|1970-01-01|-",
	}
	s := checkScan(t, path, schema, opt, want...)
	if got, want := s.Rejects[4].Raw, `id=e; Kind=NA; note=\xff; due=1970-01-01`; got != want {
		t.Errorf("raw %q, want %q", got, want)
	}
	opt.Present = []string{"id"}
	want[1], want[4] = "skipped", "skipped"
	if s := checkScan(t, path, schema, opt, want...); s.Skipped != 2 {
		t.Errorf("%d rows skipped, want 2", s.Skipped)
	}
}

func TestEveryCompressionIsRead(t *testing.T) {
	type row struct {
		ID string `parquet:"id"`
	}
	schema := Schema{{Name: "id", Type: String}}
	for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Brotli, &parquet.Zstd, &parquet.Lz4Raw} {
		for version := range 2 {
			path := writeRows(t, []row{{"a"}, {strings.Repeat("b", 1000)}}, parquet.Compression(codec), parquet.DataPageVersion(version+1))
			checkScan(t, path, schema, Options{}, "a", strings.Repeat("b", 1000))
		}
	}
}

func TestMissingNestedAndForeignColumns(t *testing.T) {
	type inner struct{ A string }
	type row struct {
		ID    string   `parquet:"id"`
		Tags  []string `parquet:"tags"`
		Group inner    `parquet:"group"`
		Due   int32    `parquet:"due,date"`
		N     int64    `parquet:"n"`
		Time  int64    `parquet:"t,time(microsecond)"`
	}
	path := writeRows(t, []row{{ID: "a"}})
	for _, c := range []struct {
		column Column
		want   string
	}{
		{Column{Name: "customer_id", Required: true}, `no column "customer_id"; the file has: id, tags, group, due, n, t`},
		{Column{Name: "tags"}, "tags: is a nested or repeated column"},
		{Column{Name: "group"}, "group: is a nested or repeated column"},
		{Column{Name: "due", Type: Decimal}, "due: is of the type DATE, which does not hold amounts"},
		{Column{Name: "n", Type: Date}, "n: is of the type INT(64,true), which does not hold dates"},
		{Column{Name: "t", Type: Date}, "t: is of the type TIME(isAdjustedToUTC=true,unit=MICROS), which cannot be read"},
	} {
		_, err := Open(path, 0, Schema{c.column}, Options{})
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	checkScan(t, path, Schema{{Name: "customer_id", Required: true}}, Options{Columns: map[string]string{"customer_id": "ID"}}, "a")
}
