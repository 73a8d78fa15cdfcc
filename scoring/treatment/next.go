package treatment

import "kaishu/scoring"

// nextWithin is the days within which an action's turn must come for it to be the next step.
const nextWithin = 30

// Next is the action that would follow if action k does not help, and the business day from which:
// the first one later on the menu whose steps before it will have been taken and whose turn
// comes by then or soon after. next is -1 when there is none. The day is when the effect of k has passed,
// after two weeks at most.
func (m *Menu) Next(c *Case, k int) (next int, from scoring.Day) {
	e := &m.Actions[k].Effect
	from = m.calendar.Add(c.AsOf, 1+int(min(e.Delay+e.Decay, 10)))
	c.oldest = oldest(c.Account)
	later := c.oldest + int32(from-c.AsOf)
	for j := k + 1; j < len(m.Actions); j++ {
		act := &m.Actions[j]
		if act.MaxPastDue < later || act.MinPastDue > later+nextWithin || !m.reachable(c, act) || !m.after(c, act, m.Actions[k].Name) ||
			act.Disputed != m.Actions[k].Disputed || act.Channel == "agency" && len(act.Agencies) == 0 || !m.suits(c, j) {
			continue
		}
		return j, max(from, m.calendar.Roll(from+scoring.Day(act.MinPastDue-later), scoring.RollFollowing))
	}
	return -1, from
}

// oldest is the days past due of the account's oldest positive item.
func oldest(a *scoring.Account) int32 {
	most := int32(-1 << 30)
	for i := range a.Items {
		if a.Items[i].Open > 0 {
			most = max(most, a.Items[i].PastDue)
		}
	}
	return most
}

// reachable reports whether the action's channel leads to the customer.
func (m *Menu) reachable(c *Case, act *Action) bool {
	master := &c.Account.Master
	switch {
	case act.Contacts() && m.Limits.Represented && master.Represented:
		return false
	case act.Channel == "email", act.Channel == "meeting":
		return !c.Account.HasRow || master.Email != ""
	case act.Channel == "call":
		return !c.Account.HasRow || master.Phone != ""
	}
	return true
}

// after reports whether the steps before an action are taken once `done` is.
func (m *Menu) after(c *Case, act *Action, done string) bool {
	for _, one := range act.After {
		met := false
		for _, name := range one {
			met = met || name == done
		}
		if !met && !c.took([][]string{one}) {
			return false
		}
	}
	return true
}

// WorksUntil is the business day on which the effect of the last contact that came through has passed,
// NoDay without one.
func (m *Menu) WorksUntil(a *scoring.Account) scoring.Day {
	until := scoring.NoDay
	for i := range a.Taken {
		t := &a.Taken[i]
		if k := m.find(t.Action); k >= 0 && t.Reached && !m.Actions[k].Disputed {
			e := &m.Actions[k].Effect
			until = max(until, m.calendar.Add(t.On, int(e.Delay+min(e.Decay, 400))))
		}
	}
	return until
}
