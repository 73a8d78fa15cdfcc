package treatment

import (
	"math"
	"slices"

	"kaishu/scoring"
)

// Block names what forbids an action. It is the text of options.parquet's blocked_by.
type Block string

// The blocks, in the order in which they are looked for: the first that holds is named.
const (
	Free            Block = ""
	Insolvent       Block = "insolvency_stay"
	DoNotContact    Block = "do_not_contact"
	PromiseRuns     Block = "promise_running"
	Disputed        Block = "dispute_open"
	NothingToAsk    Block = "nothing_to_collect"
	Immaterial      Block = "below_materiality"
	Represented     Block = "represented_by_counsel"
	ContactCap      Block = "contact_cap"
	VisitCap        Block = "visit_cap"
	EffectRuns      Block = "last_contact_still_works"
	TooEarly        Block = "too_early"
	TooLate         Block = "too_late"
	WithinHabit     Block = "within_usual_delay"
	NoEmail         Block = "no_email"
	NoPhone         Block = "no_phone"
	StepBeforeFirst Block = "earlier_step_first"
)

// accountBlock is what forbids any action on the account.
func (c *Case) accountBlock(r *Rules) Block {
	a := c.Account
	switch {
	case r.Insolvent && a.Master.Insolvent:
		return Insolvent
	case r.DoNotContact && a.Master.DoNotContact:
		return DoNotContact
	case r.WaitPromise && a.PromiseUntil != scoring.NoDay:
		return PromiseRuns
	case a.Collectable <= 0 && a.Disputed > 0:
		return Disputed
	case a.Collectable <= 0 || len(c.claims) == 0:
		return NothingToAsk
	case a.Collectable < r.Materiality:
		return Immaterial
	}
	return Free
}

// block is what forbids one action, given that nothing forbids all of them.
func (c *Case) block(act *Action, r *Rules) Block {
	a := c.Account
	contact := act.Channel != "legal" && act.Channel != "internal"
	switch {
	case contact && r.Represented && a.Master.Represented:
		return Represented
	case contact && r.MaxContacts7 > 0 && a.Contacts7 >= r.MaxContacts7:
		return ContactCap
	case act.Channel == "visit" && r.MaxVisits30 > 0 && c.taken("visit", 30) >= r.MaxVisits30:
		return VisitCap
	case c.oldest < act.MinPastDue:
		return TooEarly
	case c.oldest > act.MaxPastDue:
		return TooLate
	case contact && r.WaitEffect && c.working:
		return EffectRuns
	case contact && r.RespectHabit && c.oldest > 0 && c.withinHabit(r):
		return WithinHabit
	case act.Channel == "email" && a.HasRow && a.Master.Email == "":
		return NoEmail
	case act.Channel == "call" && a.HasRow && a.Master.Phone == "":
		return NoPhone
	case !c.took(act.After):
		return StepBeforeFirst
	}
	return Free
}

// withinHabit reports whether the account is no later than it usually is, give or take, and
// likely to pay by itself soon.
func (c *Case) withinHabit(r *Rules) bool {
	a := c.Account
	if a.Settled < 5 || math.IsNaN(a.DaysLateMean) {
		return false // no habit to speak of
	}
	return float64(a.PastDueMax) <= a.DaysLateMean+float64(r.HabitDays) && c.Paid(habitWindow) >= r.HabitPaid
}

// taken counts how often an action was taken in the last days, the as-of date included.
func (c *Case) taken(action string, days int32) int32 {
	n := int32(0)
	for _, t := range c.Account.Taken {
		if t.Action == action && c.AsOf-t.On < scoring.Day(days) {
			n++
		}
	}
	return n
}

// took reports whether the steps that must come first were taken in the running spell of arrears,
// which begins with the due date of the oldest overdue item. A step that reached nobody counts
// for nothing.
func (c *Case) took(after [][]string) bool {
	since := c.AsOf - scoring.Day(max(c.oldest, 0))
	for _, one := range after {
		done := slices.ContainsFunc(c.Account.Taken, func(t scoring.Taken) bool {
			return t.Reached && t.On >= since && slices.Contains(one, t.Action)
		})
		if !done {
			return false
		}
	}
	return true
}

// working reports whether an action that reached somebody still works: its decay has not passed.
func (m *Menu) working(c *Case) bool {
	for _, t := range c.Account.Taken {
		if !t.Reached {
			continue
		}
		for k := range m.Actions {
			e := &m.Actions[k].Effect
			if m.Actions[k].Name == t.Action && float64(m.calendar.Count(t.On, c.AsOf)) < e.Delay+e.Decay {
				return true
			}
		}
	}
	return false
}
