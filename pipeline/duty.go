package pipeline

import (
	"cmp"
	"slices"

	"kaishu/scoring"
)

// The duties: contacts that are owed whatever they add. They take their capacity before the plan is
// made, in this order.
const (
	dutyCallBack = "call_back"
	dutyBroken   = "broken_promise"
	dutyCoverage = "coverage"
)

var dutyOrder = []string{dutyCallBack, dutyBroken, dutyCoverage, ""}

const (
	callBackDays = 14 // a call back that was owed for longer is past mending
	brokenDays   = 5  // business days; due within two, kept up where the first were missed
)

// findDuty says what is owed to a customer on the day of work, "" for nothing.
func (n *night) findDuty(c *customer) string {
	p := &n.cfg.Policy
	switch {
	case c.Collectable <= 0:
		return ""
	case c.CallBack != scoring.NoDay && c.CallBack <= n.workDay && n.workDay-c.CallBack <= callBackDays:
		return dutyCallBack
	case c.PromiseBroke != scoring.NoDay && c.PromiseUntil == scoring.NoDay && c.LastContact <= c.PromiseBroke &&
		n.calendar.Count(c.PromiseBroke, n.workDay) <= brokenDays:
		return dutyBroken
	case p.CoverDays > 0 && c.Overdue > 0 && c.Overdue >= n.minor(p.CoverAmount) &&
		n.workDay-max(c.LastContact, n.asOf-scoring.Day(c.PastDueMax)) >= scoring.Day(p.CoverDays):
		return dutyCoverage
	}
	return ""
}

// doDuties chooses an action for every duty, the most pressing first, as long as it fits into what is
// left of the capacity. A duty for which nothing is allowed, or left, is planned like any account. That
// somebody must be contacted does not say how: where calls are scarce, a small account whose promise was
// broken gets a letter, and the call goes to who is worth it.
func (n *night) doDuties(left []int64, prices []float64) {
	var owed []*decision
	for _, c := range n.cases {
		if c.duty != "" {
			owed = append(owed, c)
		}
	}
	slices.SortFunc(owed, func(a, b *decision) int {
		return cmp.Or(cmp.Compare(slices.Index(dutyOrder, a.duty), slices.Index(dutyOrder, b.duty)), precedence(a, b))
	})
	var use []int16
	for _, c := range owed {
		best := -1
		for k := range c.choices {
			o := &c.choices[k]
			act := &n.menu.Actions[o.action]
			use = n.uses(use[:0], c, o.action)
			if act.Contacts() && act.Channel != "agency" && fits(left, use, o.units) && (best < 0 || n.servesBetter(c, o, &c.choices[best], prices)) {
				best = k
			}
		}
		if best < 0 {
			c.duty = ""
			if c.held {
				n.holdOut(c)
			}
			continue
		}
		o := &c.choices[best]
		for _, r := range n.uses(use[:0], c, o.action) {
			left[r] -= o.units
		}
		c.chosen = int(o.action)
	}
}

// servesBetter prefers, for a call back, a call, then what adds more over the price of its effort.
func (n *night) servesBetter(c *decision, a, b *allowed, prices []float64) bool {
	if c.duty == dutyCallBack {
		callA, callB := n.menu.Actions[a.action].Channel == "call", n.menu.Actions[b.action].Channel == "call"
		if callA != callB {
			return callA
		}
	}
	return n.beyond(c, a, prices) > n.beyond(c, b, prices)
}

// fits reports whether so many units are left of every resource that is used.
func fits(left []int64, use []int16, units int64) bool {
	for _, r := range use {
		if left[r] >= 0 && left[r] < units {
			return false
		}
	}
	return true
}

// duties counts the rows of the worklist that are owed.
func (n *night) duties() int {
	owed := 0
	for _, c := range n.worklist {
		if c.duty != "" {
			owed++
		}
	}
	return owed
}
