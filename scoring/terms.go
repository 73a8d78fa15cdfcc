package scoring

import (
	"fmt"
	"strconv"
)

// Terms are payment terms: the rule from an invoice's date to its due date. The zero value is
// due at once. Terms compare with ==.
//
// Three forms exist. Net days count calendar days from the invoice date. Closing-day terms (in
// Japan shimebi) collect the invoices up to a closing day of the month, paid on a day
// of a later month. End of month plus days counts calendar days from the month's last day.
type Terms struct {
	form   termsForm
	close  uint8  // closing day 1..31; 31 is the end of the month, whatever its length
	pay    uint8  // pay day 1..31, likewise
	months uint8  // months from the close's to the pay day's
	days   uint16 // of netDays and monthEndPlus
}

type termsForm uint8

const (
	netDays termsForm = iota
	closingDay
	monthEndPlus
)

// endOfMonth is the closing or pay day that means the last day of the month.
const endOfMonth = 31

// The longest terms taken for such and not for a slip.
const (
	maxTermsDays   = 3650
	maxTermsMonths = 24
)

// Due is the due date of an invoice dated base.
//
// With closing-day terms the invoice closes on the first day on or after base that is the
// closing day, or the last of a month too short to have it; it is due on the pay day, likewise
// shortened, so many months later. That date, and that of end of month plus days, moves by the
// roll when it is no business day: payers follow the bank calendar. Net days are not moved: the
// ledgers that print them count calendar days and let them fall on a Sunday.
// Before a roll the due date is never before the close. The due date of NoDay is NoDay.
func (t Terms) Due(base Day, cal *Calendar, roll Roll) Day {
	if base == NoDay {
		return NoDay
	}
	switch t.form {
	case closingDay:
		return cal.Roll(t.unrolled(base), roll)
	case monthEndPlus:
		return cal.Roll(t.unrolled(base), roll)
	}
	return t.unrolled(base)
}

// unrolled is Due before the roll.
func (t Terms) unrolled(base Day) Day {
	switch t.form {
	case closingDay:
		year, month, _ := t.closing(base).Date()
		month += int(t.months)
		year, month = year+(month-1)/12, (month-1)%12+1
		return MakeDay(year, month, min(int(t.pay), DaysIn(year, month)))
	case monthEndPlus:
		year, month, _ := base.Date()
		return MakeDay(year, month, DaysIn(year, month)) + Day(t.days)
	}
	return base + Day(t.days)
}

// closing is the first closing day on or after base.
func (t Terms) closing(base Day) Day {
	year, month, day := base.Date()
	if day > min(int(t.close), DaysIn(year, month)) {
		month++
		if month > 12 {
			year, month = year+1, 1
		}
	}
	return MakeDay(year, month, min(int(t.close), DaysIn(year, month)))
}

// String writes the terms in the short form that ParseTerms reads: "30", "20+1/10",
// "EOM+1/31", "EOM+30".
func (t Terms) String() string {
	switch t.form {
	case closingDay:
		first := "EOM"
		if t.close != endOfMonth {
			first = strconv.Itoa(int(t.close))
		}
		return fmt.Sprintf("%s+%d/%d", first, t.months, t.pay)
	case monthEndPlus:
		return fmt.Sprintf("EOM+%d", t.days)
	}
	return strconv.Itoa(int(t.days))
}
