package scoring

import (
	"fmt"
	"math"
	"time"
)

// Day is a civil date: the number of days since 1970-01-01 in the proleptic Gregorian
// calendar, without a time zone.
type Day int32

// NoDay stands for a date that is not given.
const NoDay Day = math.MinInt32

// unixToMarch is the number of days from 0000-03-01 to 1970-01-01. Years are counted from
// March so that the leap day is the last of its year (H. Hinnant, "chrono-compatible
// low-level date algorithms").
const unixToMarch = 719468

// MakeDay is the day of a civil date. Months outside 1..12 and days outside the month carry
// over, as in time.Date: month 13 is January of the next year.
func MakeDay(year, month, day int) Day {
	month-- // 0..11 after the carry
	year += floorDiv(month, 12)
	month -= 12 * floorDiv(month, 12)
	if month < 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	ofEra := year - era*400
	ofYear := (153*(month-2)+2)/5 + day - 1
	return Day(era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - unixToMarch)
}

// Date is the civil date of d.
func (d Day) Date() (year, month, day int) {
	n := int(d) + unixToMarch
	era := floorDiv(n, 146097)
	ofEra := n - era*146097
	y := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*y + y/4 - y/100)
	m := (5*ofYear + 2) / 153 // 0 is March
	day = ofYear - (153*m+2)/5 + 1
	year, month = y+era*400, m+3
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}

// Weekday is the day of the week of d.
func (d Day) Weekday() time.Weekday {
	return time.Weekday((int(d)%7 + 7 + 4) % 7) // 1970-01-01 was a Thursday
}

// String is d as YYYY-MM-DD, or "" for NoDay.
func (d Day) String() string {
	if d == NoDay {
		return ""
	}
	y, m, dd := d.Date()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, dd)
}

// ParseDay reads a date written YYYY-MM-DD, with years 0001 to 9999. Nothing else is
// accepted: no blanks, no missing zeros, no 30 February.
func ParseDay(s string) (Day, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return NoDay, fmt.Errorf("%q is not a date (YYYY-MM-DD)", s)
	}
	year, ok1 := number(s[:4])
	month, ok2 := number(s[5:7])
	day, ok3 := number(s[8:])
	if !ok1 || !ok2 || !ok3 || year < 1 || month < 1 || month > 12 || day < 1 || day > DaysIn(year, month) {
		return NoDay, fmt.Errorf("%q is not a date", s)
	}
	return MakeDay(year, month, day), nil
}

// DaysIn is the number of days of a month (1..12) of a year.
func DaysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// floorDiv is a/b rounded towards minus infinity, for b > 0.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// number reads a run of at most nine ASCII digits.
func number(s string) (n int, ok bool) {
	if len(s) == 0 || len(s) > 9 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}
