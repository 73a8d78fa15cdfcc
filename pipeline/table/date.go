package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The dates that a cell may hold.
const (
	firstYear = 1900
	lastYear  = 2199
)

var (
	errNotDate   = errors.New("is not a date")
	errDateRange = errors.New("is a date outside 1900-01-01..2199-12-31; list it under null: if it stands for no date")
)

// monthStart is the day number since 1970-01-01 of the first of each month from January 1900
// up to and including January 2200.
var monthStart = func() (t [(lastYear-firstYear+1)*12 + 1]int32) {
	day := int32(-25567) // 1900-01-01
	length := [12]int32{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	for i := range t {
		t[i] = day
		year, month := firstYear+i/12, i%12
		day += length[month]
		if month == 1 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			day++
		}
	}
	return t
}()

// dayOf is the day number of a date of the calendar.
func dayOf(year, month, day int) (int32, error) {
	if uint(month-1) >= 12 || day < 1 {
		return 0, errNotDate
	}
	if uint(year-firstYear) > lastYear-firstYear {
		// The Gregorian calendar repeats every 400 years.
		year = 2000 + year%400
		if day > time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
			return 0, errNotDate
		}
		return 0, errDateRange
	}
	i := (year-firstYear)*12 + month - 1
	if int32(day) > monthStart[i+1]-monthStart[i] {
		return 0, errNotDate
	}
	return monthStart[i] + int32(day) - 1, nil
}

// isoDay reads the ten bytes YYYY-MM-DD, given as the first eight and the last two.
func isoDay(head uint64, tail uint16) (int32, bool) {
	x := head ^ 0x2d30302d30303030 // '-' and '0' where they belong: digits are 0..9, dashes 0
	t := uint64(tail ^ 0x3030)
	if (x+0x7f76767f76767676|x)&highBits|(t+0x7676|t)&0x8080 != 0 {
		return 0, false
	}
	y := x & 0xffffffff
	y = (y*10 + y>>8) & 0x00ff00ff
	year := y&0xff*100 + y>>16
	month := x>>40&0xff*10 + x>>48&0xff
	day := t&0xff*10 + t>>8
	i := (year-firstYear)*12 + month - 1
	if month-1 >= 12 || i >= uint64(len(monthStart)-1) {
		return 0, false
	}
	first := monthStart[i]
	if day-1 >= uint64(monthStart[i+1]-first) {
		return 0, false
	}
	return first + int32(day) - 1, true
}

// months remembers the months of dates read before by their text YYYY-MM- as a word. An export
// has a few dozen of them, and finding one takes a third of reading its date anew.
type months [256]struct {
	text  uint64
	first int32 // its first day
	days  uint32
}

// day is isoDay.
func (m *months) day(head uint64, tail uint16) (int32, bool) {
	month := &m[head*0x9e3779b97f4a7c15>>56] // the multiplier of Fibonacci hashing
	ones := uint32(tail>>8) - '0'
	day := (uint32(tail&0xff)-'0')*10 + ones
	if month.text == head && ones < 10 && day-1 < month.days {
		return month.first + int32(day) - 1, true
	}
	date, ok := isoDay(head, tail)
	if ok && month.text != head {
		month.text, month.first = head, date-int32(day)+1
		i, _ := slices.BinarySearch(monthStart[:], month.first)
		month.days = uint32(monthStart[i+1] - month.first)
	}
	return date, ok
}

// The parts of a compiled layout; every other byte of it stands for itself.
const (
	partYear    = iota + 1 // 2006
	partMonth              // 1: one or two digits
	partMonth2             // 01
	partDay                // 2: one or two digits
	partDay2               // 02
	partHour               // 15: one or two digits, as in package time
	partMinute2            // 04
	partSecond2            // 05, with a fraction or without
)

// dateLayout is a layout taken apart once. The zero value reads YYYY-MM-DD.
type dateLayout struct {
	layout string
	parts  [32]byte // part numbers, or bytes from ' ' up
	count  int      // 0: no parts; package time reads it, or it is the zero layout
}

// compileDate takes a layout apart. Layouts with names of months or days, two-digit years,
// 12-hour clocks or zones are left to package time.
func compileDate(layout string) dateLayout {
	l := dateLayout{layout: layout}
	var seen [partSecond2 + 1]bool
	n := 0
	for rest := layout; rest != ""; {
		if n == len(l.parts) {
			return l
		}
		part, size := layoutPart(rest)
		if part == 0 {
			return l
		}
		if part <= partSecond2 {
			seen[part] = true
		}
		l.parts[n] = part
		n++
		rest = rest[size:]
	}
	if seen[partYear] && (seen[partMonth] || seen[partMonth2]) && (seen[partDay] || seen[partDay2]) {
		l.count = n
	}
	return l
}

// layoutPart reads the first part of a layout: its number or the byte that stands for
// itself, and its length; 0 for anything that only package time understands.
func layoutPart(layout string) (byte, int) {
	for _, p := range [...]struct {
		text string
		part byte
	}{{"2006", partYear}, {"15", partHour}, {"01", partMonth2}, {"02", partDay2}, {"04", partMinute2}, {"05", partSecond2}, {"1", partMonth}, {"2", partDay}} {
		if strings.HasPrefix(layout, p.text) {
			return p.part, len(p.text)
		}
	}
	b := layout[0]
	switch {
	case b >= utf8.RuneSelf, b == 'T', strings.IndexByte("-/:' ", b) >= 0:
		return b, 1
	case b == '.' || b == ',':
		// A run of 0 or 9 that no digit follows is a fraction of a second.
		run := len(layout) - len(strings.TrimLeft(layout[1:], layout[1:min(2, len(layout))])) - 1
		if len(layout) > 1 && (layout[1] == '0' || layout[1] == '9') && (1+run == len(layout) || !isDigit(layout[1+run])) {
			return 0, 0
		}
		return b, 1
	}
	return 0, 0
}

// explain adds to the error of a cell that is no date how one should look.
func (l *dateLayout) explain(err error) error {
	if err != errNotDate {
		return err
	}
	return fmt.Errorf("%w (expected %s)", err, l.form())
}

// form shows the layout to a reader who does not know package time.
func (l *dateLayout) form() string {
	if l.layout == "" {
		return "YYYY-MM-DD"
	}
	if l.count == 0 {
		return "the form " + l.layout
	}
	shown := [...]string{partYear: "YYYY", partMonth: "M", partMonth2: "MM", partDay: "D", partDay2: "DD", partHour: "hh", partMinute2: "mm", partSecond2: "ss"}
	var b strings.Builder
	for _, p := range l.parts[:l.count] {
		if int(p) < len(shown) {
			b.WriteString(shown[p])
		} else {
			b.WriteByte(p)
		}
	}
	return b.String()
}

// parse reads a cell; its errors are errNotDate and errDateRange.
func (l *dateLayout) parse(cell []byte) (int32, error) {
	switch {
	case l.layout == "":
		if len(cell) != 10 {
			return 0, errNotDate
		}
		day, ok := isoDay(binary.LittleEndian.Uint64(cell), binary.LittleEndian.Uint16(cell[8:]))
		if ok {
			return day, nil
		}
		year, ok1 := number(cell[:4])
		month, ok2 := number(cell[5:7])
		dd, ok3 := number(cell[8:])
		if !ok1 || !ok2 || !ok3 || cell[4] != '-' || cell[7] != '-' {
			return 0, errNotDate
		}
		return dayOf(year, month, dd)
	case l.count == 0:
		t, err := time.Parse(l.layout, string(cell))
		if err != nil {
			return 0, errNotDate
		}
		return dayOf(t.Year(), int(t.Month()), t.Day())
	}
	return l.walk(cell)
}

// walk reads a cell part by part.
func (l *dateLayout) walk(cell []byte) (int32, error) {
	var year, month, day int
	for _, p := range l.parts[:l.count] {
		if p > partSecond2 {
			if len(cell) == 0 || cell[0] != p {
				return 0, errNotDate
			}
			cell = cell[1:]
			continue
		}
		size := 2
		switch p {
		case partYear:
			size = 4
		case partMonth, partDay, partHour:
			if len(cell) < 2 || !isDigit(cell[1]) {
				size = 1
			}
		}
		if len(cell) < size {
			return 0, errNotDate
		}
		v, ok := number(cell[:size])
		cell = cell[size:]
		if !ok {
			return 0, errNotDate
		}
		switch p {
		case partYear:
			year = v
		case partMonth, partMonth2:
			month = v
		case partDay, partDay2:
			day = v
		case partHour:
			ok = v < 24
		case partMinute2:
			ok = v < 60
		case partSecond2:
			ok = v < 60
			cell = skipFraction(cell)
		}
		if !ok {
			return 0, errNotDate
		}
	}
	if len(cell) > 0 {
		return 0, errNotDate
	}
	return dayOf(year, month, day)
}

// skipFraction drops a fraction of a second, which package time accepts after seconds though
// the layout has none.
func skipFraction(cell []byte) []byte {
	if len(cell) < 2 || cell[0] != '.' && cell[0] != ',' || !isDigit(cell[1]) {
		return cell
	}
	n := 2
	for n < len(cell) && isDigit(cell[n]) {
		n++
	}
	return cell[n:]
}

func isDigit(b byte) bool { return b-'0' < 10 }

// number reads digits.
func number(digits []byte) (int, bool) {
	v := 0
	for _, b := range digits {
		if !isDigit(b) {
			return 0, false
		}
		v = v*10 + int(b-'0')
	}
	return v, true
}
