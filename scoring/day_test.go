package scoring

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// utc is d by the time package.
func utc(d Day) time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func TestDaysAgreeWithTheTimePackage(t *testing.T) {
	check := func(d Day) (ok bool) {
		want := utc(d)
		y, m, dd := d.Date()
		return y == want.Year() && m == int(want.Month()) && dd == want.Day() && d.Weekday() == want.Weekday() && MakeDay(y, m, dd) == d
	}
	for d := MakeDay(1890, 1, 1); d <= MakeDay(2210, 1, 1); d++ {
		if !check(d) {
			t.Fatalf("day %d is %v, time says %v", d, d, utc(d))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if d := Day(rapid.Int32().Draw(t, "day")); !check(d) {
			y, m, dd := d.Date()
			t.Fatalf("day %d is %d-%d-%d, time says %v", d, y, m, dd, utc(d))
		}
	})
}

func TestMonthsAndDaysCarryOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, m, d := rapid.IntRange(-3000, 5000).Draw(t, "year"), rapid.IntRange(-100, 100).Draw(t, "month"), rapid.IntRange(-1000, 1000).Draw(t, "day")
		want := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix() / 86400
		if got := MakeDay(y, m, d); int64(got) != want {
			t.Fatalf("MakeDay(%d, %d, %d) = %d, want %d", y, m, d, got, want)
		}
	})
}

func TestDaysInAgreesWithTheTimePackage(t *testing.T) {
	for y := 1896; y <= 2104; y++ {
		for m := 1; m <= 12; m++ {
			if got, want := DaysIn(y, m), time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day(); got != want {
				t.Errorf("%d-%02d has %d days, want %d", y, m, got, want)
			}
		}
	}
}

func TestOnlyRealDatesAreParsed(t *testing.T) {
	for _, s := range []string{"0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"} {
		if d, err := ParseDay(s); err != nil || d.String() != s {
			t.Errorf("%s: %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "2026-13-01", "2026-00-01", "2026-02-29", "2026-04-31", "2026-01-00", "0000-01-01", "2026-1-01",
		"2026/01/01", " 2026-01-01", "2026-01-01 ", "26-01-01", "+026-01-01", "2026-01-0a", "２０２６-01-01", "2026-01-01T00:00:00Z"} {
		if d, err := ParseDay(s); err == nil || d != NoDay {
			t.Errorf("%q was read as %v", s, d)
		}
	}
	if NoDay.String() != "" || NoDay != math.MinInt32 {
		t.Errorf("NoDay is %d, written %q", NoDay, NoDay)
	}
}

// FuzzParseDay accepts exactly what the time package accepts, but for the year 0.
func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2026-02-28", "2026-02-29", "0000-01-01", "2026-1-1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDay(s)
		want, wantErr := time.Parse("2006-01-02", s)
		if year0 := wantErr == nil && want.Year() == 0; (err == nil) != (wantErr == nil && !year0) {
			t.Fatalf("%q: %v, the time package says %v", s, err, wantErr)
		}
		if err == nil && (!utc(d).Equal(want) || d.String() != s) {
			t.Fatalf("%q is %v, want %v", s, d, want)
		}
	})
}
