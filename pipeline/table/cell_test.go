package table

import (
	"strings"
	"testing"
	"time"
)

func TestEveryDayReadsBack(t *testing.T) {
	at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	for ; at.Year() <= 2200; at = at.AddDate(0, 0, 1) {
		day, err := parseDate([]byte(at.Format(time.DateOnly)), "")
		switch inside := at.Year() >= 1900 && at.Year() < 2200; {
		case inside && (err != nil || int64(day) != at.Unix()/86400):
			t.Fatalf("%v is day %d, %v", at, day, err)
		case !inside && err != errDateRange:
			t.Fatalf("%v is day %d, %v", at, day, err)
		}
	}
}

func TestDatesFollowTheirLayout(t *testing.T) {
	const ok = "2024-02-09"
	for _, c := range []struct{ layout, cell, want string }{
		{"", "2024-02-09", ok},
		{"", "2024-2-9", "is not a date (expected YYYY-MM-DD)"},
		{"", "2024-02-30", "is not a date (expected YYYY-MM-DD)"},
		{"", "2023-02-29", "is not a date (expected YYYY-MM-DD)"},
		{"", "2024-02-09 ", "is not a date (expected YYYY-MM-DD)"},
		{"", "2024/02/09", "is not a date (expected YYYY-MM-DD)"},
		{"", "9999-02-30", "is not a date (expected YYYY-MM-DD)"},
		{"", "8130-06-30", errDateRange.Error()},
		{"2006/1/2", "2024/2/9", ok},
		{"2006/1/2", "2024/02/09", ok},
		{"2006/1/2", "24/02/09", "is not a date (expected YYYY/M/D)"},
		{"1/2/2006", "2/9/2024", ok},
		{"1/2/2006", "2/9/2024 ", "is not a date (expected M/D/YYYY)"},
		{"02.01.2006", "09.02.2024", ok},
		{"02.01.2006", "9.2.2024", "is not a date (expected DD.MM.YYYY)"},
		{"20060102", "20240209", ok},
		{"20060102", "2024020", "is not a date (expected YYYYMMDD)"},
		{"2006-01-02 15:04:05", "2024-02-09 23:59:59", ok},
		{"2006-01-02 15:04:05", "2024-02-09 23:59:59.25", ok},
		{"2006-01-02 15:04:05", "2024-02-09 24:00:00", "is not a date (expected YYYY-MM-DD hh:mm:ss)"},
		{"2006-01-02T15:04:05Z07:00", "2024-02-09T23:00:00-10:00", ok}, // the date as written
		{"2006年1月2日", "2024年2月9日", ok},
		{"2 Jan 2006", "9 Feb 2024", ok},
		{"2 Jan 2006", "9 Foo 2024", "is not a date (expected the form 2 Jan 2006)"},
		{"15:04", "12:00", errDateRange.Error()}, // of the year 0
	} {
		day, err := parseDate([]byte(c.cell), c.layout)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%q as %q: %s, want %s", c.cell, c.layout, got, c.want)
		}
	}
}

func TestAmountsAreReadStrictlyOrLeniently(t *testing.T) {
	bad := errNotAmount
	for _, c := range []struct {
		cell    string
		m       int64
		digits  uint8
		strict  error
		lm      int64
		ld      uint8
		lenient error
	}{
		{"0", 0, 0, nil, 0, 0, nil},
		{"-0.00", 0, 2, nil, 0, 0, nil},
		{"+1234.50", 123450, 2, nil, 12345, 1, nil},
		{"000000000000000000001.5", 15, 1, nil, 15, 1, nil},
		{"999999999999999999", 999999999999999999, 0, nil, 999999999999999999, 0, nil},
		{"9999999999999999999", 0, 0, errDigits, 0, 0, errDigits},
		{"0.0000000000000000001", 0, 0, errDigits, 0, 0, errDigits},
		{"1,234,567", 0, 0, errLenient, 1234567, 0, nil},
		{"1,234,567.10", 0, 0, errLenient, 12345671, 1, nil},
		{"¥1,234", 0, 0, errLenient, 1234, 0, nil},
		{"￥1234", 0, 0, errLenient, 1234, 0, nil},
		{"$ 5.00", 0, 0, errLenient, 5, 0, nil},
		{"€5", 0, 0, errLenient, 5, 0, nil},
		{"5 €", 0, 0, errLenient, 5, 0, nil},
		{"-$5", 0, 0, errLenient, -5, 0, nil},
		{"$-5", 0, 0, errLenient, -5, 0, nil},
		{"(1,234)", 0, 0, errLenient, -1234, 0, nil},
		{"（１，２３４．５０）", 0, 0, errLenient, -12345, 1, nil},
		{"(¥5)", 0, 0, errLenient, -5, 0, nil},
		{"△1,234", 0, 0, errLenient, -1234, 0, nil},
		{"▲ 7", 0, 0, errLenient, -7, 0, nil},
		{"1234-", 0, 0, errLenient, -1234, 0, nil},
		{"−5", 0, 0, errLenient, -5, 0, nil},
		{"1,23", 0, 0, bad, 0, 0, bad},
		{"1,234,5", 0, 0, bad, 0, 0, bad},
		{"1234,567", 0, 0, bad, 0, 0, bad},
		{",123", 0, 0, bad, 0, 0, bad},
		{"1.234,5", 0, 0, bad, 0, 0, bad},
		{"1 234", 0, 0, bad, 0, 0, bad},
		{"(5", 0, 0, bad, 0, 0, bad},
		{"5)", 0, 0, bad, 0, 0, bad},
		{"-(5)", 0, 0, bad, 0, 0, bad},
		{"-5-", 0, 0, bad, 0, 0, bad},
		{"$5€", 0, 0, bad, 0, 0, bad},
		{"1e3", 0, 0, bad, 0, 0, bad},
		{"1.", 0, 0, bad, 0, 0, bad},
		{".5", 0, 0, bad, 0, 0, bad},
		{"1.2.3", 0, 0, bad, 0, 0, bad},
		{"-", 0, 0, bad, 0, 0, bad},
		{"C5", 0, 0, bad, 0, 0, bad},
		{"T5", 0, 0, bad, 0, 0, bad},
		{"NaN", 0, 0, bad, 0, 0, bad},
		{strings.Repeat("1", 70), 0, 0, errDigits, 0, 0, errDigits},
		{strings.Repeat("1,", 70), 0, 0, bad, 0, 0, bad},
	} {
		if m, d, err := parseDecimal([]byte(c.cell), false); m != c.m || d != c.digits || err != c.strict {
			t.Errorf("%q is strictly %d / 10^%d, %v", c.cell, m, d, err)
		}
		if m, d, err := parseDecimal([]byte(c.cell), true); m != c.lm || d != c.ld || err != c.lenient {
			t.Errorf("%q is leniently %d / 10^%d, %v", c.cell, m, d, err)
		}
	}
}

func TestFloatsAreTheNearest(t *testing.T) {
	for cell, want := range map[string]float64{
		"0.1": 0.1, "-2.5": -2.5, "1e-3": 0.001, "1E+2": 100, "9007199254740993": 9007199254740992, "123456789012345678901234": 123456789012345678901234, ".5": .5,
	} {
		if got, err := parseFloat([]byte(cell), false); err != nil || got != want {
			t.Errorf("%q is %v, %v", cell, got, err)
		}
	}
	for _, cell := range []string{"", "inf", "NaN", "0x1p-2", "1_000", "1e999", "1,000", "--1"} {
		if got, err := parseFloat([]byte(cell), false); err != errNotFloat {
			t.Errorf("%q is %v, %v", cell, got, err)
		}
	}
}

func TestNullCellsOfEveryLength(t *testing.T) {
	long := strings.Repeat("x", 100)
	s := newNullSet([]string{"-", " N/A ", long})
	for cell, want := range map[string]bool{"": true, "-": true, "N/A": true, long: true, "--": false, "n/a": false, long + "x": false, strings.Repeat("x", 63): false} {
		if s.has([]byte(cell)) != want {
			t.Errorf("%q is null: %v", cell, !want)
		}
	}
}

// parseDate reads one cell as a column of such cells is read.
func parseDate(cell []byte, layout string) (day int32, err error) {
	l := compileDate(layout)
	day, err = l.parse(cell)
	return day, l.explain(err)
}
