package pipeline

import (
	"kaishu/scoring"
	"kaishu/scoring/treatment"
)

// leaveAlone says why an account with overdue items is not worked today, and when to look again.
func (n *night) leaveAlone(c *customer) (why string, recheck scoring.Day) {
	next, month := n.calendar.Add(n.workDay, 1), n.asOf+30
	if c.leftByLot() {
		return leftToTheLot, next
	}
	if c.held {
		return string(treatment.Holdout), n.calendar.Roll(month, scoring.RollFollowing)
	}
	best := -1 // the most valuable option, allowed ones before blocked ones
	for k := range c.options {
		if n.menu.Actions[c.options[k].Action].Disputed {
			continue // who works on disputes leaves the rest of the account alone
		}
		if best < 0 || better(&c.options[k], &c.options[best]) {
			best = k
		}
	}
	if best < 0 {
		return string(treatment.NothingToAsk), next
	}
	o := &c.options[best]
	switch {
	case o.BlockedBy != treatment.Free:
		return string(o.BlockedBy), max(next, n.recheck(c, o.BlockedBy))
	case n.net(o.Action, o.Value, o.Units) > 0:
		return "no_capacity", next
	case o.Paid >= .8:
		return "pays_by_itself", max(next, n.payDay(c))
	}
	return "not_worth_the_effort", n.calendar.Roll(month, scoring.RollFollowing)
}

// better prefers an allowed option to a blocked one, a block that says something about the account to one
// that does not, then the more valuable, then the earlier.
func better(a, b *treatment.Option) bool {
	if free := a.BlockedBy == treatment.Free; free != (b.BlockedBy == treatment.Free) {
		return free
	}
	if says := a.BlockedBy.Says(); says != b.BlockedBy.Says() {
		return says
	}
	return a.Value > b.Value
}

// recheck is the business day on which a block may have gone, NoDay for the next one.
func (n *night) recheck(c *customer, b treatment.Block) scoring.Day {
	switch b {
	case treatment.PromiseRuns:
		return n.calendar.Add(c.PromiseUntil, int(n.cfg.Ledger.PromiseTolerance)+1)
	case treatment.WithAgency:
		if c.Placed.Until == scoring.NoDay {
			return n.calendar.Roll(n.asOf+30, scoring.RollFollowing)
		}
		return n.calendar.Roll(c.Placed.Until+1, scoring.RollFollowing)
	case treatment.EffectRuns:
		return n.menu.WorksUntil(&c.Account)
	case treatment.QuietDay:
		d := n.calendar.Add(n.workDay, 1)
		for i := 0; i < 366 && n.quiet(d); i++ {
			d = n.calendar.Add(d, 1)
		}
		return d
	case treatment.TooSoon:
		return n.calendar.Roll(c.LastContact+scoring.Day(n.cfg.Policy.MinDaysBetween), scoring.RollFollowing)
	case treatment.ContactCap:
		return n.calendar.Roll(n.capEnds(c), scoring.RollFollowing)
	case treatment.Disputed, treatment.VisitCap:
		return n.calendar.Roll(n.asOf+7, scoring.RollFollowing)
	case treatment.WithinHabit:
		return n.payDay(c)
	case treatment.Insolvent, treatment.DoNotContact, treatment.Represented, treatment.Immaterial:
		return n.calendar.Roll(n.asOf+30, scoring.RollFollowing)
	}
	return scoring.NoDay
}

// capEnds is the first day on which the contacts of the days before leave room for another.
func (n *night) capEnds(c *customer) scoring.Day {
	d := n.asOf + 1
	for ; d < n.asOf+30; d++ {
		week, month := 0, 0
		for i := range c.Taken {
			if age := d - c.Taken[i].On; age < 7 {
				week++
				month++
			} else if age < 30 {
				month++
			}
		}
		p := &n.cfg.Policy
		if (p.MaxContacts7 == 0 || week < p.MaxContacts7) && (p.MaxContacts30 == 0 || month < p.MaxContacts30) {
			break
		}
	}
	return d
}

// payDay is the expected day of payment of the account's oldest item, a business day; a month from now
// where it is not expected within the model's sight.
func (n *night) payDay(c *customer) scoring.Day {
	if len(c.items) > 0 && c.items[0].expected != scoring.NoDay {
		return n.calendar.Roll(c.items[0].expected, scoring.RollFollowing)
	}
	return n.calendar.Roll(n.asOf+30, scoring.RollFollowing)
}
