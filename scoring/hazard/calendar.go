package hazard

// Calendar tells how many business days and month-end days lie between two dates, as
// prefix counts over the days from First on: Business[d-First] counts the business days up
// to and including day d, MonthEnd the days that are among the last three business days of
// their month. Outside the table Monday to Friday count as business days, and three days a
// month as month-end days, spread evenly. The zero Calendar is such a table throughout. It is read-only
// and may be shared.
type Calendar struct {
	First    int32
	Business []int32
	MonthEnd []int32
	Runs     *RunDays // days of payment runs; nil spreads runs evenly
}

// Count is the number of business days in (from, to], 0 where to is not after from.
func (c *Calendar) Count(from, to int32) int32 {
	if to <= from {
		return 0
	}
	return c.business(to) - c.business(from)
}

// business is the prefix count at day d, extended beyond the table on both sides. A nil
// calendar is the zero Calendar.
func (c *Calendar) business(d int32) int32 {
	if c == nil {
		return weekdays(d)
	}
	return prefix(c.Business, c.First, d, weekdays)
}

// monthEnd is the prefix count of month-end days at day d.
func (c *Calendar) monthEnd(d int32) int32 {
	if c == nil {
		return monthEnds(d)
	}
	return prefix(c.MonthEnd, c.First, d, monthEnds)
}

// prefix looks day d up in a table of prefix counts that starts at day first. Beyond the
// table the count grows as `beyond` does.
func prefix(table []int32, first, d int32, beyond func(int32) int32) int32 {
	at := int64(d) - int64(first)
	switch n := len(table); {
	case uint64(at) < uint64(n):
		return table[at]
	case n == 0:
		return beyond(d)
	case at < 0:
		return beyond(d) - beyond(first-1)
	default:
		return table[n-1] + beyond(d) - beyond(first+int32(n-1))
	}
}

// weekdays counts Mondays to Fridays up to and including day d.
func weekdays(d int32) int32 {
	w, day := week(d)
	return int32(5*w) + int32(min(day+1, 5))
}

// monthEnds counts three days a month.
func monthEnds(d int32) int32 { return int32(floorDiv(36*int64(d), 365)) }

// floorDiv is the quotient rounded towards minus infinity, for den > 0.
func floorDiv(num, den int64) int64 {
	q := num / den
	if num%den < 0 {
		q--
	}
	return q
}

// week numbers the weeks from Monday, 1969-12-29, and the days of a week from Monday, 0.
func week(day int32) (week int64, weekday int) {
	since := int64(day) + 3
	week = floorDiv(since, 7)
	return week, int(since - 7*week)
}

// weekday is the day of the week of a day number, 0 for Monday. Day 0 was a Thursday.
func weekday(day int32) int {
	_, d := week(day)
	return d
}
