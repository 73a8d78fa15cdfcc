package scoring

import (
	"bufio"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// japanCalendar and the others are made once: a calendar takes some milliseconds.
var (
	japanCalendar   = mustCalendar("JP", nil)
	weekdayCalendar = mustCalendar("", nil)
	closedCalendar  = mustCalendar("JP", []Day{MakeDay(2026, 3, 30), MakeDay(2026, 3, 31), MakeDay(2026, 4, 1)})
	everyCalendar   = mustCalendar("none", []Day{MakeDay(2026, 8, 13)})
)

func mustCalendar(country string, closures []Day) *Calendar {
	c, err := NewCalendar(country, closures)
	if err != nil {
		panic(err)
	}
	return c
}

func mustDay(s string) Day {
	d, err := ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// TestJapaneseHolidaysAreThePublishedOnes compares the rules of the Act with a published list
// of 2015-2040, which has the moved and single days of 2019, 2020 and 2021.
func TestTheTableOfCalendarsIsOfWholeMonths(t *testing.T) {
	if first, last := MakeDay(1970, 1, 1), MakeDay(2199, 12, 31); calendarFirst != first || calendarLast != last {
		t.Errorf("%s to %s, want %s to %s", calendarFirst, calendarLast, first, last)
	}
}

func TestJapaneseHolidaysAreThePublishedOnes(t *testing.T) {
	f, err := os.Open("testdata/holidays_jp.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	years := 0
	for scan := bufio.NewScanner(f); scan.Scan(); {
		fields := strings.Fields(scan.Text())
		if fields[0] == "#" {
			continue
		}
		years++
		var want []Day
		for _, monthDay := range fields[1:] {
			want = append(want, mustDay(fields[0]+"-"+monthDay))
		}
		year, _, _ := want[0].Date()
		if got := japaneseHolidays(year); !slices.Equal(got, want) {
			t.Errorf("%d: got %v\nwant %v", year, got, want)
		}
	}
	if years != 26 {
		t.Errorf("%d years", years)
	}
}

// TestHolidaysBeforeTheMondayReforms has years outside the published list: single days,
// the first substitutes and the first day between two holidays.
func TestHolidaysBeforeTheMondayReforms(t *testing.T) {
	for _, c := range []struct {
		day     string
		holiday bool
		why     string
	}{
		{"1973-02-12", false, "11 February fell on a Sunday before substitutes existed"},
		{"1973-04-30", true, "first substitute"},
		{"1985-05-04", false, "between two holidays, before the rule of 1985"},
		{"1988-05-04", true, "first day between two holidays"},
		{"1986-05-04", false, "a Sunday is not made a holiday"},
		{"1992-05-04", true, "substitute of Sunday 3 May, also between two holidays"},
		{"1989-02-24", true, "funeral of the Showa Emperor"},
		{"1990-11-12", true, "enthronement"},
		{"1993-06-09", true, "wedding of the Crown Prince"},
		{"1989-12-23", true, "Emperor's Birthday of Heisei"},
		{"1999-10-10", true, "Sports Day, a Sunday"},
		{"1999-10-11", true, "its substitute"},
		{"2003-09-16", false, "Respect for the Aged Day is a Monday from 2003"},
		{"2008-05-06", true, "substitute that skips two holidays"},
	} {
		d := mustDay(c.day)
		year, _, _ := d.Date()
		if slices.Contains(japaneseHolidays(year), d) != c.holiday {
			t.Errorf("%s (%s): want holiday %v", c.day, c.why, c.holiday)
		}
	}
}

func TestJapaneseBanksCloseAtTheTurnOfTheYear(t *testing.T) {
	for day, want := range map[string]bool{"2025-12-30": true, "2025-12-31": false, "2026-01-01": false, "2026-01-02": false,
		"2026-01-03": false, "2026-01-05": true, "2026-02-11": false, "2024-01-03": false, "2024-01-04": true, "2150-12-31": false,
		"2150-02-11": true, "2201-12-31": true} { // from 2100 on national holidays are not known, from 2200 weekdays only
		if got := japanCalendar.Business(mustDay(day)); got != want {
			t.Errorf("%s is a business day: %v", day, got)
		}
	}
}

func TestCompanyClosuresAreNoBusinessDays(t *testing.T) {
	if closedCalendar.Business(mustDay("2026-03-31")) || !japanCalendar.Business(mustDay("2026-03-31")) || everyCalendar.Business(mustDay("2026-08-13")) {
		t.Error("a closure is a business day")
	}
	for _, bad := range []Day{NoDay, mustDay("1969-12-31"), mustDay("2200-01-01")} {
		if _, err := NewCalendar("JP", []Day{bad}); err == nil {
			t.Errorf("closure %v was accepted", bad)
		}
	}
	if _, err := NewCalendar("FR", nil); err == nil || !strings.Contains(err.Error(), `"FR"`) {
		t.Errorf("calendar of FR: %v", err)
	}
}

// slowMonthEnd tells by counting whether d is one of the last three business days of its month.
func slowMonthEnd(c *Calendar, d Day) bool {
	if !c.Business(d) {
		return false
	}
	later := 0
	_, month, _ := d.Date()
	for next := d + 1; ; next++ {
		if _, m, _ := next.Date(); m != month {
			return later < 3
		}
		if c.Business(next) {
			later++
		}
	}
}

// TestCalendarsCountAsOneByOne compares counts, sums, Add and Roll with walking day by day,
// inside the tables, outside and across both ends.
func TestCalendarsCountAsOneByOne(t *testing.T) {
	near := func(d Day) *rapid.Generator[Day] {
		return rapid.Map(rapid.Int32Range(-150, 150), func(n int32) Day { return d + Day(n) })
	}
	days := rapid.OneOf(near(calendarFirst), near(calendarLast), near(mustDay("2026-03-31")), near(mustDay("2019-05-01")), near(mustDay("1890-05-01")), near(mustDay("2400-01-01")))
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]*Calendar{japanCalendar, weekdayCalendar, closedCalendar, everyCalendar}).Draw(t, "calendar")
		from := days.Draw(t, "from")
		to := from + Day(rapid.Int32Range(0, 200).Draw(t, "length"))
		business, monthEnd := 0, 0
		for d := from + 1; d <= to; d++ {
			if c.Business(d) {
				business++
			}
			if c.MonthEnd(d) != slowMonthEnd(c, d) {
				t.Fatalf("%v is a month-end day: %v", d, c.MonthEnd(d))
			}
			if c.MonthEnd(d) {
				monthEnd++
			}
		}
		if got := c.Count(from, to); got != business || c.Count(to, from) != -business {
			t.Fatalf("%v..%v: %d business days, want %d", from, to, got, business)
		}
		if got := c.CountMonthEnd(from, to); got != monthEnd || c.CountMonthEnd(to, from) != -monthEnd {
			t.Fatalf("%v..%v: %d month-end days, want %d", from, to, got, monthEnd)
		}
		n := rapid.IntRange(-80, 80).Draw(t, "n")
		want, step, left := from, Day(1), n
		if n < 0 {
			step, left = -1, -n
		}
		for left > 0 {
			if want += step; c.Business(want) {
				left--
			}
		}
		if got := c.Add(from, n); got != want {
			t.Fatalf("%v and %d business days is %v, want %v", from, n, got, want)
		}
		following, preceding := from, from
		for !c.Business(following) {
			following++
		}
		for !c.Business(preceding) {
			preceding--
		}
		modified := following
		if _, a, _ := from.Date(); !sameMonth(following, a) {
			modified = preceding
		}
		for roll, want := range []Day{following, preceding, modified, from} {
			if got := c.Roll(from, Roll(roll)); got != want {
				t.Fatalf("%v %v is %v, want %v", from, Roll(roll), got, want)
			}
		}
	})
}

func sameMonth(d Day, month int) bool {
	_, m, _ := d.Date()
	return m == month
}

func TestPrefixSumsAreTheCounts(t *testing.T) {
	first, business, monthEnd := japanCalendar.Prefix()
	if len(business) != len(monthEnd) || first+Day(len(business))-1 != calendarLast {
		t.Fatalf("%d and %d days from %v", len(business), len(monthEnd), first)
	}
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(business)-1).Draw(t, "from")
		to := rapid.IntRange(0, len(business)-1).Draw(t, "to")
		if got, want := int(business[to]-business[from]), japanCalendar.Count(first+Day(from), first+Day(to)); got != want {
			t.Fatalf("business days: %d, want %d", got, want)
		}
		if got, want := int(monthEnd[to]-monthEnd[from]), japanCalendar.CountMonthEnd(first+Day(from), first+Day(to)); got != want {
			t.Fatalf("month-end days: %d, want %d", got, want)
		}
	})
}

// TestNoDayAndTheEndsOfTimeDoNotPanic asks for days that no table has.
func TestNoDayAndTheEndsOfTimeDoNotPanic(t *testing.T) {
	for _, d := range []Day{NoDay, NoDay + 1, math.MaxInt32, math.MaxInt32 - 1} {
		for _, c := range []*Calendar{japanCalendar, everyCalendar} {
			c.Business(d)
			c.MonthEnd(d)
			c.Count(d, 0)
			c.CountMonthEnd(0, d)
			for r := range Roll(5) {
				c.Roll(d, r)
			}
			c.Add(d, -5)
			c.Add(d, 5)
		}
	}
	if japanCalendar.Add(NoDay, 3) != NoDay || japanCalendar.Roll(NoDay, RollFollowing) != NoDay || japanCalendar.Business(NoDay) {
		t.Error("NoDay became a day")
	}
}

func TestRollsAreReadByName(t *testing.T) {
	for r := range RollNone + 1 {
		if got, err := ParseRoll(r.String()); err != nil || got != r {
			t.Errorf("%v: %v, %v", r, got, err)
		}
	}
	if r, err := ParseRoll(""); err != nil || r != RollFollowing {
		t.Errorf("default: %v, %v", r, err)
	}
	if _, err := ParseRoll("nearest"); err == nil {
		t.Error("nearest was accepted")
	}
}

func BenchmarkCalendarCount(b *testing.B) {
	n := 0
	for i := 0; b.Loop(); i++ {
		n += japanCalendar.Count(Day(18000+i%3000), Day(19000+i%2000))
	}
	if n == 0 {
		b.Log(n)
	}
}
