package treatment

import (
	"math"
	"slices"

	"kaishu/scoring"
)

// Block names what forbids an action: one of the below, or a rule of policy. It is the text of
// options.parquet's blocked_by.
type Block string

// The blocks, in the order in which they are looked for: the first that holds is named. Rules of
// policy come after them, in the order in which they are written.
const (
	Free            Block = ""
	Insolvent       Block = "insolvency_stay"
	DoNotContact    Block = "do_not_contact"
	PromiseRuns     Block = "promise_running"
	Disputed        Block = "dispute_open"
	NothingToAsk    Block = "nothing_to_collect"
	NoDispute       Block = "nothing_disputed"
	Immaterial      Block = "below_materiality"
	WithAgency      Block = "with_agency"
	Represented     Block = "represented_by_counsel"
	QuietDay        Block = "quiet_day"
	ContactCap      Block = "contact_cap"
	TooSoon         Block = "too_soon_after_contact"
	VisitCap        Block = "visit_cap"
	TooEarly        Block = "too_early"
	TooLate         Block = "too_late"
	EffectRuns      Block = "last_contact_still_works"
	WithinHabit     Block = "within_usual_delay"
	NoEmail         Block = "no_email"
	NoPhone         Block = "no_phone"
	StepBeforeFirst Block = "earlier_step_first"
	NoAgency        Block = "no_agency"
	NotFor          Block = "not_for_this_account"
	TalkFirst       Block = "talk_first" // set by the plan, over what is Free
	Holdout         Block = "holdout"    // set by whoever holds the customer out, over what is Free
)

// IsBlock reports whether a name is one of the blocks above, so that no rule may take it.
func IsBlock(name string) bool {
	return slices.Contains([]Block{Insolvent, DoNotContact, PromiseRuns, Disputed, NothingToAsk, NoDispute, Immaterial, WithAgency, Represented, QuietDay,
		ContactCap, TooSoon, VisitCap, TooEarly, TooLate, EffectRuns, WithinHabit, NoEmail, NoPhone, StepBeforeFirst, NoAgency, NotFor, TalkFirst, Holdout}, Block(name))
}

// Says reports whether the block says something about the account, and not just that an action is none
// for it.
func (b Block) Says() bool { return b != NoDispute && b != NoAgency && b != NotFor }

// barred is what forbids any action on the account.
func (m *Menu) barred(c *Case) Block {
	a, l := c.Account, &m.Limits
	switch {
	case l.Insolvent && a.Master.Insolvent:
		return Insolvent
	case l.DoNotContact && a.Master.DoNotContact:
		return DoNotContact
	case l.WaitPromise && a.PromiseUntil != scoring.NoDay:
		return PromiseRuns
	}
	return Free
}

// nothing is what forbids asking: there is nothing to ask for, or too little.
func (m *Menu) nothing(c *Case) Block {
	switch {
	case c.asked <= 0 && c.Account.Disputed > 0:
		return Disputed
	case c.asked <= 0:
		return NothingToAsk
	case c.asked < float64(m.Limits.Materiality):
		return Immaterial
	}
	return Free
}

// undisputed is the same for actions on what is in dispute.
func (m *Menu) undisputed(c *Case) Block {
	switch {
	case c.contested <= 0:
		return NoDispute
	case c.contested < float64(m.Limits.Materiality):
		return Immaterial
	}
	return Free
}

// block is what forbids one action, given that nothing forbids all of them. What only asks to wait
// does not hold against a duty.
func (m *Menu) block(c *Case, act *Action) Block {
	a, l := c.Account, &m.Limits
	contact := act.Contacts()
	switch {
	case l.WaitAgency && act.Channel != "internal" && a.Placed.Runs(l.WorkDay, l.Materiality):
		return WithAgency
	case contact && l.Represented && a.Master.Represented:
		return Represented
	case contact && l.Quiet:
		return QuietDay
	case contact && (l.MaxContacts7 > 0 && a.Contacts7 >= l.MaxContacts7 || l.MaxContacts30 > 0 && a.Contacts30 >= l.MaxContacts30):
		return ContactCap
	case contact && l.MinBetween > 0 && a.LastContact != scoring.NoDay && l.WorkDay-a.LastContact < scoring.Day(l.MinBetween):
		return TooSoon
	case act.Channel == "visit" && l.MaxVisits30 > 0 && m.visits(c) >= l.MaxVisits30:
		return VisitCap
	case c.oldest < act.MinPastDue:
		return TooEarly
	case c.oldest > act.MaxPastDue:
		return TooLate
	case contact && l.WaitEffect && !c.Duty && (c.working.talk || c.working.message && !act.Talks()):
		return EffectRuns
	case contact && l.RespectHabit && c.habitual && !c.Duty:
		return WithinHabit
	case act.Disputed && m.taken(c, act):
		return EffectRuns
	case (act.Channel == "email" || act.Channel == "meeting") && a.HasRow && a.Master.Email == "":
		return NoEmail
	case act.Channel == "call" && a.HasRow && a.Master.Phone == "":
		return NoPhone
	case !c.took(act.After):
		return StepBeforeFirst
	case act.Channel == "agency" && m.agency(c, act) == nil:
		return NoAgency
	}
	return Free
}

// taken reports whether work inside the house was begun and has not had its time yet: the delay of its
// effect.
func (m *Menu) taken(c *Case, act *Action) bool {
	return slices.ContainsFunc(c.Account.Taken, func(t scoring.Taken) bool {
		return t.Action == act.Name && float64(m.calendar.Count(t.On, c.AsOf)) < act.Effect.Delay
	})
}

// agency is the one that leaves most of the account after its fee, nil when none takes it: not the one that has had its
// time with it in this spell of arrears. Ties go to the first.
func (m *Menu) agency(c *Case, act *Action) *Agency {
	var best *Agency
	most := 0.0
	for i := range act.Agencies {
		a, net := &act.Agencies[i], 0.0
		if c.Account.Placed.Had(a.Name, c.spell()) {
			continue
		}
		for _, cl := range c.claims {
			net += float64(cl.amount * a.Net(cl.pastDue, c.placed(&cl)))
		}
		if c.asked >= float64(a.MinAmount) && net > most {
			best, most = a, net
		}
	}
	return best
}

// Contacts reports whether the action turns to the customer: legal steps and work inside the house
// do not.
func (a *Action) Contacts() bool { return a.Channel != "legal" && a.Channel != "internal" }

// Talks reports whether the action is a conversation, in which the customer can be asked for a date.
func (a *Action) Talks() bool {
	return a.Channel == "call" || a.Channel == "visit" || a.Channel == "meeting"
}

// withinHabit reports whether the account is no later than it usually is, give or take, and
// likely to pay by itself soon.
func (m *Menu) withinHabit(c *Case) bool {
	a, l := c.Account, &m.Limits
	if c.oldest <= 0 || a.Settled < 5 || math.IsNaN(a.DaysLateMean) {
		return false // not late, or no habit to speak of
	}
	usual := c.AsOf - scoring.Day(a.PastDueMax) + scoring.Day(math.Ceil(a.DaysLateMean))
	return m.calendar.Count(usual, c.AsOf) <= int(l.HabitDays) && c.Paid(habitWindow) >= l.HabitPaid
}

// visits counts the visits of the last 30 days, the as-of date included, by the channel of what was
// done.
func (m *Menu) visits(c *Case) int32 {
	n := int32(0)
	for i := range c.Account.Taken {
		t := &c.Account.Taken[i]
		if k := m.find(t.Action); c.AsOf-t.On < 30 && (k >= 0 && m.Actions[k].Channel == "visit" || k < 0 && t.Action == "visit") {
			n++
		}
	}
	return n
}

// spell is when the running spell of arrears began: the due date of the oldest overdue item.
func (c *Case) spell() scoring.Day { return c.AsOf - scoring.Day(max(c.oldest, 0)) }

// took reports whether the steps that must come first were taken in the running spell of arrears. A step that reached
// nobody counts for nothing.
func (c *Case) took(after [][]string) bool {
	since := c.spell()
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

// runs says what kinds of contacts that reached somebody still work: their decay has not passed.
type runs struct {
	message bool // a reminder in writing: no reason not to pick up the phone
	talk    bool // a conversation or a formal letter: whatever comes next waits for it
}

func (m *Menu) working(c *Case) (w runs) {
	for i := len(c.Account.Taken) - 1; i >= 0; i-- {
		t := &c.Account.Taken[i]
		k := m.find(t.Action)
		if !t.Reached || k < 0 || m.Actions[k].Disputed {
			continue
		}
		act := &m.Actions[k]
		if act.Channel == "agency" && m.Limits.WaitAgency && c.Account.Placed != nil {
			continue // waited for until the placement ends, and no longer; of a row that names no agency no end is known
		}
		if float64(m.calendar.Count(t.On, c.AsOf)) >= act.Effect.Delay+act.Effect.Decay {
			continue
		}
		if act.Talks() || act.Tone == "formal" {
			w.talk = true
		} else {
			w.message = true
		}
	}
	return w
}

// find is the place of an action on the menu, -1 without one.
func (m *Menu) find(name string) int {
	for k := range m.Actions {
		if m.Actions[k].Name == name {
			return k
		}
	}
	return -1
}
