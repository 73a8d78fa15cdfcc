package pipeline

import (
	"fmt"
	"math"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// words says in the account's own facts what a family of reasons means for it; "" when there is
// nothing to say.
func (n *night) words(c *customer, f hazard.Family) string {
	switch f {
	case hazard.Ageing:
		if c.PastDueMax > 0 {
			return fmt.Sprintf("oldest item %d days past due", c.PastDueMax)
		}
		return "items not due yet"
	case hazard.Lateness:
		return lateness(&c.Account)
	case hazard.Exposure:
		if c.HasLimit && c.Limit > 0 && c.Exposure > 0 {
			return fmt.Sprintf("uses %.0f %% of its credit limit", 100*float64(c.Exposure)/float64(c.Limit))
		}
		return fmt.Sprintf("%s open, %d overdue", plural(int(c.OpenItems), "item"), c.OpenOverdue)
	case hazard.Promises:
		switch {
		case c.PromisesBroken > 0:
			return fmt.Sprintf("broke %d of %s", c.PromisesBroken, plural(int(c.PromisesBroken+c.PromisesKept), "promise"))
		case c.PromiseUntil != scoring.NoDay:
			return "promised to pay by " + c.PromiseUntil.String()
		}
		return ""
	case hazard.Disputes:
		if c.Disputed > 0 {
			return "disputes " + scoring.FormatAmount(c.Disputed, n.currency)
		}
		return ""
	case hazard.Newness:
		if c.Settled == 0 {
			return "new: no invoice settled yet"
		}
		if c.Settled > 20 {
			return ""
		}
		return fmt.Sprintf("short record: %s settled", plural(int(c.Settled), "invoice"))
	case hazard.Amount:
		return "larger amounts than are usually paid on time"
	case hazard.CreditTerms:
		return "its payment terms"
	case hazard.Habit:
		if p := pattern(&c.Account); p != "" {
			return p + ", which is not near"
		}
		return "its usual payment days are not near"
	case hazard.Contact:
		if c.LastContact == scoring.NoDay {
			return "not contacted yet"
		}
		return fmt.Sprintf("last contacted %s ago", plural(int(n.asOf-c.LastContact), "day"))
	case hazard.CalendarDays:
		return "few bank days and no month end ahead"
	case hazard.Bureau:
		if !math.IsNaN(c.Master.Bureau) {
			return fmt.Sprintf("outside score %.0f", c.Master.Bureau)
		}
		return ""
	}
	return ""
}

// lateness is the payment record in words: "late 7 of 10, 12 days on average".
func lateness(a *scoring.Account) string {
	late := a.Delays - a.OpenOverdue
	switch {
	case a.Settled == 0 && a.OpenOverdue > 0:
		return fmt.Sprintf("no record, %s overdue", plural(int(a.OpenOverdue), "item"))
	case a.Settled == 0:
		return "no record yet"
	case a.DaysLateMean >= 0.5:
		return fmt.Sprintf("late %d of %d, %s on average", late, a.Settled, plural(int(math.Round(a.DaysLateMean)), "day"))
	case a.DaysLateMean <= -0.5:
		return fmt.Sprintf("late %d of %d, %s early on average", late, a.Settled, plural(int(math.Round(-a.DaysLateMean)), "day"))
	}
	return fmt.Sprintf("late %d of %d, on the day on average", late, a.Settled)
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
