package scoring

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"kaishu/scoring/hazard"
)

// Calendar tells business days from others. Its counts are looked up, not counted, for the
// days of 1970..2199; before and after, the weekly pattern alone holds. A Calendar does not
// change once made and may be shared.
type Calendar struct {
	weekly   func(Day) int // business days up to and including a day, by the weekly pattern
	business []int32       // [i+1]: business days of calendarFirst..calendarFirst+i
	monthEnd []int32       // the same of days that are among the last three business days of their month
	days     []Day         // the business days of the table, ascending
	runs     *hazard.RunDays
}

// The days that calendars hold in tables, 1970-01-01 to 2199-12-31. Both ends are ends of months.
const calendarFirst, calendarLast Day = 0, 84_005

// NewCalendar makes the calendar of a country: "JP" is the Japanese bank calendar, in which
// weekends, national holidays and 31 December to 3 January are no business days; "" or
// "weekdays" knows weekends only; in "none" every day is a business day. Closures are days on
// which the company is shut besides.
func NewCalendar(country string, closures []Day) (*Calendar, error) {
	open, weekly := weekday, weekdaysTo
	switch {
	case country == "" || strings.EqualFold(country, "weekdays"):
	case strings.EqualFold(country, "JP"):
		open = japaneseBankDay()
	case strings.EqualFold(country, "none"):
		open = func(Day) bool { return true }
		weekly = func(d Day) int { return int(d) }
	default:
		return nil, fmt.Errorf("no calendar of %q; there are JP, weekdays and none", country)
	}
	shut := make(map[Day]bool, len(closures))
	for _, d := range closures {
		if d < calendarFirst || d > calendarLast {
			return nil, fmt.Errorf("closure %s is outside %s..%s", d, calendarFirst, calendarLast)
		}
		shut[d] = true
	}
	c := &Calendar{weekly: weekly}
	c.fill(func(d Day) bool { return open(d) && !shut[d] })
	return c, nil
}

// fill makes the tables.
func (c *Calendar) fill(open func(Day) bool) {
	size := int(calendarLast-calendarFirst) + 2
	c.business, c.monthEnd = make([]int32, size), make([]int32, size)
	for d := calendarFirst; d <= calendarLast; d++ {
		i := int(d - calendarFirst)
		c.business[i+1] = c.business[i]
		if open(d) {
			c.business[i+1]++
			c.days = append(c.days, d)
		}
	}
	left, month := 0, -1 // business days of a month still to be marked, from its end
	for k := len(c.days) - 1; k >= 0; k-- {
		if _, m, _ := c.days[k].Date(); m != month {
			left, month = 3, m
		}
		if left > 0 {
			c.monthEnd[c.days[k]-calendarFirst+1] = 1
			left--
		}
	}
	for i := 1; i < size; i++ {
		c.monthEnd[i] += c.monthEnd[i-1]
	}
	var months []int
	for year, _, _ := calendarFirst.Date(); len(months) < 12*230; year++ {
		for month := 1; month <= 12; month++ {
			months = append(months, DaysIn(year, month))
		}
	}
	c.runs = hazard.NewRunDays(int32(calendarFirst), c.business[1:], months)
}

// weekday tells whether d is a day from Monday to Friday.
func weekday(d Day) bool {
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}

// weekdaysTo is the number of weekdays after Sunday 1969-12-28 up to and including d,
// negative before.
func weekdaysTo(d Day) int {
	n := int(d) + 3 // days since Monday 1969-12-29
	weeks := floorDiv(n, 7)
	return 5*weeks + min(n-7*weeks+1, 5)
}

// upTo is the number of business days from calendarFirst up to and including d.
func (c *Calendar) upTo(d Day) int {
	switch {
	case d < calendarFirst:
		return c.weekly(d) - c.weekly(calendarFirst-1)
	case d > calendarLast:
		return int(c.business[len(c.business)-1]) + c.weekly(d) - c.weekly(calendarLast)
	}
	return int(c.business[d-calendarFirst+1])
}

// monthEndUpTo is the number of month-end days (MonthEnd) from calendarFirst up to and
// including d. Outside the table every month has three.
func (c *Calendar) monthEndUpTo(d Day) int {
	base, from := 0, calendarFirst
	switch {
	case d < calendarFirst:
	case d > calendarLast:
		base, from = int(c.monthEnd[len(c.monthEnd)-1]), calendarLast+1
	default:
		return int(c.monthEnd[d-calendarFirst+1])
	}
	year, month, _ := d.Date()
	fromYear, fromMonth, _ := from.Date()
	base += 3 * ((year-fromYear)*12 + month - fromMonth)
	end := int(MakeDay(year, month, DaysIn(year, month)))
	last := c.upTo(Day(min(end, math.MaxInt32)))
	return base + max(0, 3-(last-c.upTo(d)))
}

// Business tells whether d is a business day.
func (c *Calendar) Business(d Day) bool {
	if d < calendarFirst || d > calendarLast {
		return d > math.MinInt32 && c.weekly(d) != c.weekly(d-1)
	}
	return c.business[d-calendarFirst+1] != c.business[d-calendarFirst]
}

// Count is the number of business days in (from, to]: after from, up to and including to. It is
// negative when to is before from.
func (c *Calendar) Count(from, to Day) int { return c.upTo(to) - c.upTo(from) }

// MonthEnd tells whether d is one of the last three business days of its month.
func (c *Calendar) MonthEnd(d Day) bool {
	if i := int64(d) - int64(calendarFirst); i >= 0 && i+1 < int64(len(c.monthEnd)) {
		return c.monthEnd[i] != c.monthEnd[i+1]
	}
	return d > math.MinInt32 && c.monthEndUpTo(d) != c.monthEndUpTo(d-1)
}

// CountMonthEnd is the number of days in (from, to] that are MonthEnd, negative when to is before
// from.
func (c *Calendar) CountMonthEnd(from, to Day) int { return c.monthEndUpTo(to) - c.monthEndUpTo(from) }

// Prefix are the counts as running sums, for kernels that cannot call back: business[i] is the
// number of business days from first up to and including first+i, monthEnd[i] the number of
// those that are MonthEnd. So business[to-first] - business[from-first] is Count(from, to).
// The slices belong to the calendar and must not be changed.
func (c *Calendar) Prefix() (first Day, business, monthEnd []int32) {
	return calendarFirst, c.business[1:], c.monthEnd[1:]
}

// RunDays are the days of payment runs over the days of Prefix.
func (c *Calendar) RunDays() *hazard.RunDays { return c.runs }

// nth is the day on which upTo reaches n for the first time.
func (c *Calendar) nth(n int) Day {
	if n >= 1 && n <= len(c.days) {
		return c.days[n-1]
	}
	const size = math.MaxInt32 - math.MinInt32
	at := sort.Search(size, func(i int) bool { return c.upTo(Day(math.MinInt32+i)) >= n })
	return Day(math.MinInt32 + at)
}

// Add is the n-th business day after d or, for negative n, before it. Add(d, 0) is d.
func (c *Calendar) Add(d Day, n int) Day {
	switch {
	case d == NoDay || n == 0:
		return d
	case n > 0:
		return c.nth(c.upTo(d) + n)
	}
	return c.nth(c.upTo(d-1) + n + 1)
}
