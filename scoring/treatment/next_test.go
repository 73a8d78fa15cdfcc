package treatment

import (
	"testing"

	"kaishu/scoring"
)

func TestTheNextStepIsTheFirstWhoseStepsBeforeAreTaken(t *testing.T) {
	email, letter, demand, legal := call(1.1), call(1.2), call(2), call(2)
	email.Name, email.Channel = "email", "email"
	letter.Name, letter.Channel = "letter", "letter"
	demand.Name, demand.Channel, demand.MinPastDue, demand.After = "demand", "letter", 60, [][]string{{"letter", "call"}}
	legal.Name, legal.Channel, legal.After = "legal", "legal", [][]string{{"demand"}, {"call"}}
	m := menu(t, Limits{Represented: true}, nil, email, call(2), letter, demand, legal)
	for _, v := range []struct {
		name   string
		k      int
		change func(c *Case)
		next   int
		from   scoring.Day
	}{
		{"an e-mail, then a call", 0, func(*Case) {}, 1, today + 13}, // Wednesday and 9 business days
		{"without a phone, a letter", 0, func(c *Case) { c.Account.Master.Phone = "" }, 2, today + 13},
		{"a letter, then a demand once it is 60 days past due", 2, func(*Case) {}, 3, today + 40},
		{"too young for a demand", 2, func(c *Case) { c.Account.Items[0].PastDue = 5 }, -1, today + 13},
		{"a demand, then the court, if somebody called", 3, func(c *Case) {
			c.Account.Taken = []scoring.Taken{{Action: "call", On: today - 9, Reached: true}}
		}, 4, today + 13},
		{"but not without a call", 3, func(*Case) {}, -1, today + 13},
		{"counsel speaks for the customer", 0, func(c *Case) { c.Account.Master.Represented = true }, -1, today + 13},
	} {
		c := owing(1000, 20, .3)
		v.change(c)
		if next, from := m.Next(c, v.k); next != v.next || from != v.from {
			t.Errorf("%s: %d from %v, want %d from %v", v.name, next, from, v.next, v.from)
		}
	}
}

func TestTheEffectOfTheLastContactEndsAfterItsDecay(t *testing.T) {
	m := menu(t, Limits{}, nil, call(2)) // 8 business days
	a := owing(1000, 20, .3).Account
	if got := m.WorksUntil(a); got != scoring.NoDay {
		t.Errorf("without a contact: %v", got)
	}
	a.Taken = []scoring.Taken{{Action: "call", On: today - 7, Reached: true}, {Action: "call", On: today - 1}}
	if got := m.WorksUntil(a); got != today+5 {
		t.Errorf("until %v, want %v", got, today+5)
	}
}
