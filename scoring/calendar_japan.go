package scoring

import "time"

// The years whose Japanese national holidays are known here. Before and after, the bank
// calendar has weekends and the turn of the year only.
const (
	japanFirstYear = 1970
	japanLastYear  = 2099
)

// japaneseBankDay is the rule of the Japanese bank calendar: closed on Saturdays, Sundays,
// national holidays and from 31 December to 3 January (Banking Act, art. 15, and its Order,
// art. 5). It is today's rule for all years; banks were open on Saturdays until 1989.
func japaneseBankDay() func(Day) bool {
	holidays := make(map[Day]bool)
	for year := japanFirstYear; year <= japanLastYear; year++ {
		for _, d := range japaneseHolidays(year) {
			holidays[d] = true
		}
	}
	return func(d Day) bool {
		_, month, day := d.Date()
		turn := month == 12 && day == 31 || month == 1 && day <= 3
		return weekday(d) && !turn && !holidays[d]
	}
}

// Days from which the two derived kinds of holiday exist, and from which a substitute
// skips over further holidays.
var (
	substitutesFrom = MakeDay(1973, 4, 12)
	sandwichFrom    = MakeDay(1985, 12, 27)
	skippingFrom    = MakeDay(2007, 1, 1)
)

// japaneseHolidays are the national holidays of a year of 1970..2099 in ascending order, by the
// Act on National Holidays (1948, no. 178): the named days, a substitute for one on a
// Sunday, and a day between two named ones.
func japaneseHolidays(year int) []Day {
	var named [12 * 32]bool // by month and day
	at := func(d Day) int {
		_, month, day := d.Date()
		return (month-1)*32 + day
	}
	for _, d := range japaneseNamedDays(year) {
		named[at(d)] = true
	}
	off := named
	for d := MakeDay(year, 1, 1); d <= MakeDay(year, 12, 30); d++ {
		switch {
		case named[at(d)] && d.Weekday() == time.Sunday && d >= substitutesFrom:
			next := d + 1
			for d >= skippingFrom && named[at(next)] {
				next++
			}
			off[at(next)] = true
		case !off[at(d)] && d >= sandwichFrom && d.Weekday() != time.Sunday &&
			d > MakeDay(year, 1, 1) && named[at(d-1)] && named[at(d+1)]:
			off[at(d)] = true
		}
	}
	var days []Day
	for d := MakeDay(year, 1, 1); d <= MakeDay(year, 12, 31); d++ {
		if off[at(d)] {
			days = append(days, d)
		}
	}
	return days
}

// japaneseNamedDays are the days that the Act, and the special acts for single days, name in
// a year, in no particular order.
func japaneseNamedDays(year int) []Day {
	var days []Day
	add := func(from, to, month, day int) {
		if from <= year && year <= to {
			days = append(days, MakeDay(year, month, day))
		}
	}
	monday := func(from, month, n int) { // the n-th Monday of a month
		if year >= from {
			first := MakeDay(year, month, 1)
			days = append(days, first+Day((8-int(first.Weekday()))%7+7*(n-1)))
		}
	}
	const ever = japanLastYear
	add(0, ever, 1, 1)     // New Year's Day
	add(0, 1999, 1, 15)    // Coming of Age Day
	monday(2000, 1, 2)     //
	add(0, ever, 2, 11)    // National Foundation Day
	add(2020, ever, 2, 23) // Emperor's Birthday
	add(1989, 2018, 12, 23)
	add(0, ever, 3, springEquinox(year))
	add(0, ever, 4, 29)    // Emperor's Birthday, from 1989 Greenery Day, from 2007 Showa Day
	add(0, ever, 5, 3)     // Constitution Day
	add(2007, ever, 5, 4)  // Greenery Day
	add(0, ever, 5, 5)     // Children's Day
	add(1996, 2002, 7, 20) // Marine Day
	add(0, 2002, 9, 15)    // Respect for the Aged Day
	monday(2003, 9, 3)     //
	add(0, ever, 9, autumnEquinox(year))
	add(0, 1999, 10, 10) // Sports Day
	add(0, ever, 11, 3)  // Culture Day
	add(0, ever, 11, 23) // Labour Thanksgiving Day
	switch year {
	case 2020: // Marine, Sports and Mountain Day, moved for the Olympic Games
		days = append(days, MakeDay(2020, 7, 23), MakeDay(2020, 7, 24), MakeDay(2020, 8, 10))
	case 2021:
		days = append(days, MakeDay(2021, 7, 22), MakeDay(2021, 7, 23), MakeDay(2021, 8, 8))
	default:
		monday(2003, 7, 3)
		add(2016, ever, 8, 11)
		monday(2000, 10, 2)
	}
	add(1989, 1989, 2, 24)  // funeral of the Showa Emperor
	add(1990, 1990, 11, 12) // enthronement
	add(1993, 1993, 6, 9)   // wedding of the Crown Prince
	add(2019, 2019, 5, 1)   // accession
	add(2019, 2019, 10, 22) // enthronement
	return days
}

// springEquinox is the day of March of the spring equinox in Japan, and autumnEquinox that
// of the autumn equinox in September, by the formulas of the Hydrographic Department's
// "Shin koyomi benricho" for 1900-1979 and 1980-2099, in units of a millionth of a day. The
// government announces each year's days in February of the year before.
func springEquinox(year int) int { return equinox(year, 20_835700, 20_843100) }

func autumnEquinox(year int) int { return equinox(year, 23_258800, 23_248800) }

func equinox(year, before1980, from1980 int) int {
	const drift = 242194
	if year < 1980 {
		return (before1980+drift*(year-1980))/1_000000 - (year-1983)/4
	}
	return (from1980+drift*(year-1980))/1_000000 - (year-1980)/4
}
