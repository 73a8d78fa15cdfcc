package table

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"io"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzzSchema takes any text, so that only the way rows and fields end decides.
var fuzzSchema = Schema{{Name: "a"}, {Name: "b"}, {Name: "c"}}

// shownBy is how a record of encoding/csv would look as a row: null where nothing but blanks
// is there. That package turns CRLF inside quotes into LF.
func shownBy(record []string) string {
	cells := make([]string, len(record))
	for i, c := range record {
		cells[i] = string(trim([]byte(c)))
		if cells[i] == "" {
			cells[i] = "-"
		}
	}
	return strings.Join(cells, "|")
}

// FuzzCSV pins the splitter to encoding/csv on good rows, the fast path to the exact path, and
// small blocks to large ones on refused rows too.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"1,2,3\n4,5,6", "\"a\",\"b,c\",\"d\ne\"\r\n", "1,\"x\"\"y\",\n\n\r\n,,\r", "12\" pipe,b,c\n\"12\" pipe\",b,c\n1,2,3\n",
		"a,b\n1,2,3,4\n", "\"open,b,c\nd,e,f\n\"g\",\"\"\"\",h", "\"a\"\r,b,c\n\"a\r\n\",b,c", "日本,\u3000x\u3000,\xff\n\x00,1,2\n", "\"\"\"\",\"\"\"\"\"\",\" \"\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		file := openText(t, "a,b,c\n"+string(body), fuzzSchema, Options{})
		rows, result, err := scanText(file, fuzzSchema, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, variant := range []struct {
			block   int
			exact   bool
			workers int
		}{{blockSize, true, 1}, {64, false, 2}} {
			file.block, file.allExact = variant.block, variant.exact
			again, r, err := scanText(file, fuzzSchema, variant.workers)
			if err != nil || !slices.Equal(again, rows) || !reflect.DeepEqual(r, result) {
				t.Fatalf("%+v: %v\n%+v\n%+v\nwant\n%+v\n%+v", variant, err, again, r, rows, result)
			}
		}
		checkWithCSV(t, body, rows, result)
	})
}

func checkWithCSV(t *testing.T, body []byte, rows []textRow, result Result) {
	const header = int64(len("a,b,c\n"))
	// Each good row alone is one record.
	d := dialect{delimiter: ',', longestQuoted: maxQuoted}
	for _, row := range rows {
		at := int(row.place - header)
		text := body[at:d.rowEnd(body, at, true)]
		in := csv.NewReader(bytes.NewReader(text))
		in.FieldsPerRecord, in.LazyQuotes = -1, true
		record, err := in.Read()
		if err != nil || len(record) != 3 || shownBy(record) != strings.ReplaceAll(row.cells, "\r\n", "\n") {
			t.Fatalf("row %q is %q, encoding/csv says %q, %v", text, row.cells, record, err)
		}
		if _, err := in.Read(); err != io.EOF {
			t.Fatalf("row %q is more than one record: %v", text, err)
		}
	}
	// Text without any fault gives the same records in the same order.
	in := csv.NewReader(bytes.NewReader(body))
	in.FieldsPerRecord = -1
	records, err := in.ReadAll()
	if err != nil {
		return
	}
	if int64(len(records)) != result.Rows {
		t.Fatalf("%d rows, encoding/csv has %d", result.Rows, len(records))
	}
	var want []string
	for _, record := range records {
		joined := strings.Join(record, "")
		if len(record) == 3 && utf8.ValidString(joined) && !strings.Contains(joined, "\x00") {
			want = append(want, shownBy(record))
		}
	}
	for i, row := range rows {
		if i >= len(want) || strings.ReplaceAll(row.cells, "\r\n", "\n") != want[i] {
			t.Fatalf("row %d is %q, encoding/csv has %q", i, row.cells, want)
		}
	}
	// Bytes that are no text may lie apart in cells and yet be valid when joined.
	if len(rows) > len(want) || utf8.Valid(body) && len(rows) != len(want) {
		t.Fatalf("%d good rows, encoding/csv has %d", len(rows), len(want))
	}
}

// fuzzLayouts are layouts that are compiled and some that are not.
var fuzzLayouts = []string{"", "2006-01-02", "2006/1/2", "1/2/2006", "02.01.2006", "20060102", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006年1月2日", "2 Jan 2006", "2006-01-02 15:04:05.000", "01-02-06"}

// FuzzDate compares with package time.
func FuzzDate(f *testing.F) {
	for i, s := range []string{"2024-02-29", "1900-01-01", "2013/1/2", "12/31/2199", "29.02.2023", "20240131", "2024-01-31 7:59:59.5", "2024-01-31T24:00:00", "2024年12月1日", "1 Feb 2024", "9999-12-31", "0000-02-29"} {
		f.Add(s, uint8(i))
	}
	f.Fuzz(func(t *testing.T, cell string, which uint8) {
		layout := fuzzLayouts[int(which)%len(fuzzLayouts)]
		day, err := parseDate([]byte(cell), layout)
		if len(cell) == 10 && layout == "" {
			var m months
			head, tail := binary.LittleEndian.Uint64([]byte(cell)), binary.LittleEndian.Uint16([]byte(cell[8:]))
			for _, before := range []string{"01", "15"} { // of the same month, if it is one
				m.day(head, binary.LittleEndian.Uint16([]byte(before)))
				want, good := isoDay(head, tail)
				if got, ok := m.day(head, tail); ok != good || got != want {
					t.Fatalf("%q is day %d, %v; with its month read before %d, %v", cell, want, good, got, ok)
				}
			}
		}
		if layout == "" {
			layout = time.DateOnly
		}
		at, timeErr := time.Parse(layout, cell)
		inRange := timeErr == nil && at.Year() >= firstYear && at.Year() <= lastYear
		if err == nil {
			want := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
			if !inRange || int64(day) != want {
				t.Fatalf("%q as %q is day %d, package time says %v, %v", cell, layout, day, at, timeErr)
			}
			return
		}
		// Package time takes any number of blanks where the layout has some.
		if inRange && !strings.Contains(layout, " ") {
			t.Fatalf("%q as %q: %v, package time says %v", cell, layout, err, at)
		}
	})
}

// digitsOf is how many digits a number needs as it is written: its significant ones or, where they are more, its decimals.
func digitsOf(cell string) int {
	_, decimals, _ := strings.Cut(cell, ".")
	return max(len(strings.TrimLeft(strings.ReplaceAll(strings.TrimLeft(cell, "+-"), ".", ""), "0")), len(decimals))
}

// FuzzDecimal compares with exact fractions, and the word-wise reading with the plain one.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0", "+12.50", "123456789012345678", "1234567890123456789", "0.000000000000000001", "1.", ".5", "1,234.50", "(1,234)", "¥1,234", "△１，２３４．５", "12-", "1e3", "$ 5", "1,23", "00012.3400", "123456789012345678.00", "0.0000000000000000000", "-1.00000000000000000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		m, digits, err := parseDecimal([]byte(cell), false)
		value, isNumber := new(big.Rat).SetString(cell)
		plain := isNumber && strings.Trim(strings.TrimLeft(cell, "+-"), "0123456789.") == "" && !strings.HasSuffix(cell, ".") && strings.IndexByte(strings.TrimLeft(cell, "+-"), '.') != 0
		switch {
		case err == nil:
			exact := new(big.Rat).SetFrac(big.NewInt(m), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
			if !plain || exact.Cmp(value) != 0 {
				t.Fatalf("%q is %d / 10^%d, but %v", cell, m, digits, value)
			}
			again := strings.TrimLeft(strings.TrimPrefix(exact.FloatString(int(digits)), "-"), "0")
			want := strings.TrimLeft(cell, "+-0")
			zeros, same := strings.CutPrefix(want, again)
			// Only zeros may be missing, and those only where it would have been too long with them.
			if !same || zeros != "" && (strings.Trim(zeros, "0.") != "" || digitsOf(cell) <= maxDigits) {
				t.Fatalf("%q prints as %q", cell, again)
			}
			lm, ld, err := parseDecimal([]byte(cell), true)
			lenient := new(big.Rat).SetFrac(big.NewInt(lm), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(ld)), nil))
			if err != nil || lenient.Cmp(exact) != 0 || ld > 0 && lm%10 == 0 {
				t.Fatalf("%q is leniently %d / 10^%d, %v", cell, lm, ld, err)
			}
		case plain && err != errDigits:
			t.Fatalf("%q: %v", cell, err)
		case plain:
			short := cell
			if strings.Contains(cell, ".") {
				short = strings.TrimRight(cell, "0")
			}
			if digitsOf(short) <= maxDigits {
				t.Fatalf("%q: %v", cell, err)
			}
		}
		wm, wd, ok := wordDecimal(append([]byte(cell), "1.23456789"...), len(cell))
		if ok && (err != nil || wm != m || wd != digits) {
			t.Fatalf("%q is %d / 10^%d, %v, by words %d / 10^%d", cell, m, digits, err, wm, wd)
		}
		if n := len(cell); !ok && err == nil && n <= 8 && cell[0] != '+' {
			t.Fatalf("%q is not read as a word", cell)
		}
		if v, err := parseFloat([]byte(cell), false); err == nil {
			if want, wantErr := strconv.ParseFloat(cell, 64); wantErr != nil || v != want {
				t.Fatalf("%q is %v, strconv says %v, %v", cell, v, want, wantErr)
			}
		}
	})
}
