package pipeline

import (
	"fmt"
	"strings"

	"kaishu/scoring"
	"kaishu/scoring/treatment"
)

// What a row of the worklist says to the person who works it.

// askDays is the business days that a customer is given to pay.
const askDays = 5

// askBy is the date by which payment is asked for: a few business days from now or, of a reminder
// before the due date, the due date of the first item.
func (n *night) askBy(c *customer) scoring.Day {
	by := n.calendar.Add(n.asOf, askDays)
	if c.Overdue > 0 {
		return by
	}
	for k := range c.Items {
		if it := &c.Items[k]; it.Open > 0 {
			return max(it.Due, n.asOf)
		}
	}
	return by
}

// whyChosen is the decision in words: what the action adds, and for how much work.
func (n *night) whyChosen(c *customer) string {
	o := &c.options[c.chosen]
	act := &n.menu.Actions[o.Action]
	return fmt.Sprintf("%s adds %s %s: paid within %d days %.0f %% -> %.0f %%; %s",
		strings.ReplaceAll(act.Name, "_", " "), scoring.FormatAmount(o.Value, n.currency), n.currency,
		n.cfg.Risk.Horizon, 100*o.Paid, 100*o.PaidAction, minutes(o.Minutes))
}

func minutes(m float64) string {
	if m < 1 {
		return "under a minute"
	}
	return fmt.Sprintf("%.0f min", m)
}

// contact is where to reach the customer by the action's channel.
func contact(c *customer, act *treatment.Action) string {
	switch act.Channel {
	case "email":
		return c.Master.Email
	case "call":
		return c.Master.Phone
	}
	return c.Master.Contacts
}

// nextStep is the next action of the menu that would follow if this one does not help.
func (n *night) nextStep(c *customer) string {
	o := &c.options[c.chosen]
	for k := o.Action + 1; k < len(n.menu.Actions); k++ {
		if n.menu.Actions[k].MaxPastDue > 0 {
			return n.menu.Actions[k].Name
		}
	}
	return ""
}

// itemList is the ids of the items that payment is asked for, oldest first, joined by semicolons.
func (n *night) itemList(c *customer) string {
	var ids []string
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open > 0 && it.PastDue >= -int32(n.cfg.Ledger.Horizon) && it.Disputed < it.Open {
			ids = append(ids, it.ID)
		}
	}
	return strings.Join(ids, ";")
}

// rankBefore is the customer's rank on the worklist of the night before.
func (n *night) rankBefore(c *customer) (rank int32, ok bool) {
	if n.previous == nil {
		return 0, false
	}
	rank, ok = n.previous.rank[c.Customer]
	return rank, ok
}
