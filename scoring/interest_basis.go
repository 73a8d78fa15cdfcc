package scoring

import (
	"fmt"
	"strings"
)

// ItemInterest is the late interest on what is open of an item at the end of a day, in minor
// units of its currency, and its basis in words, for letters: table, rates, and the days that bear it. It
// runs from the day after the due date or, by a table that counts from the receipt of the goods
// (Grace above 0), from the issue date, the closest to the receipt that an export knows. Credits and
// claims from the payments export (a returned payment without its invoice) bear none; "" is the
// basis of nothing.
//
// Interest on parts paid late is not in it: with the principal of a part its claim has left the
// open items.
func (t *InterestTable) ItemInterest(it *Item, asOf Day) (minor int64, basis string) {
	from := t.from(it)
	if from == NoDay {
		return 0, ""
	}
	first := from + Day(t.Grace) + 1
	rates := t.rates(first, asOf)
	if first > asOf || rates == "" {
		return 0, ""
	}
	name := ""
	if !strings.HasSuffix(t.Name, "%") {
		name = t.Name + ", "
	}
	basis = fmt.Sprintf("%s%s a year, simple, %s from %s", name, rates, count(int(asOf-first)+1, "day"), first)
	if t.Fee > 0 {
		basis += fmt.Sprintf("; plus %s %s a claim", FormatMinor(t.Fee, t.FeeCurrency.Digits()), t.FeeCurrency)
	}
	if t.Known != NoDay && asOf > t.Known {
		basis += "; rates known to " + t.Known.String()
	}
	return t.Interest(it.Open, it.Currency, from, asOf), basis
}

// Accrued is ItemInterest without the words.
func (t *InterestTable) Accrued(it *Item, asOf Day) int64 {
	return t.Interest(it.Open, it.Currency, t.from(it), asOf)
}

// from is the day that the interest on an item counts from, NoDay where it bears none.
func (t *InterestTable) from(it *Item) Day {
	switch {
	case it.Open <= 0 || it.Kind == paymentItem || it.PastDue <= 0:
		return NoDay
	case t.Grace > 0:
		return it.Issue
	}
	return it.Due
}

// rates lists the rates that hold from first to last, "" when there are none.
func (t *InterestTable) rates(first, last Day) string {
	var list []string
	for i, p := range t.Periods {
		ends := i+1 < len(t.Periods) && t.Periods[i+1].From <= first
		if ends || p.From > last || t.AtDefault && p.From > first {
			continue
		}
		list = append(list, p.Rate.String()+" %")
	}
	return strings.Join(list, ", then ")
}
