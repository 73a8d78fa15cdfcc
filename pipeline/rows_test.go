package pipeline

import (
	"slices"
	"testing"

	"kaishu/scoring"
	"kaishu/scoring/treatment"
)

// rowNight is a night with a menu of three actions.
func rowNight(t *testing.T) *night {
	n := reviewNight(t, "")
	n.menu = &treatment.Menu{Actions: []treatment.Action{
		{Name: "call", Channel: "call", Tone: friendly}, {Name: "senior_call", Channel: "call", Tone: firm}, {Name: "demand", Channel: "letter", Tone: formal},
	}}
	return n
}

func choose(c *customer, action int) *customer {
	c.options, c.chosen = make([]treatment.Option, action+1), action
	c.options[action] = treatment.Option{Action: action, Paid: .5, PaidAction: .6}
	return c
}

func TestToneIsFriendlyFirstAndFirmAfterBrokenWords(t *testing.T) {
	n := rowNight(t)
	call := scoring.Taken{Action: "call", On: n.asOf - 5, Reached: true}
	for _, v := range []struct {
		name string
		c    *customer
		want string
	}{
		{"the first contact of the spell", choose(debtor(70), 1), friendly},
		{"a contact before the spell counts for nothing", with(choose(debtor(4), 1), func(c *customer) { c.Taken = []scoring.Taken{call} }), friendly},
		{"a second contact", with(choose(debtor(20), 0), func(c *customer) { c.Taken = []scoring.Taken{call} }), friendly},
		{"a second contact by a senior", with(choose(debtor(20), 1), func(c *customer) { c.Taken = []scoring.Taken{call} }), firm},
		{"the same, of a strategic customer", with(choose(debtor(20), 1), func(c *customer) {
			c.Taken, c.Master.Relationship = []scoring.Taken{call}, scoring.Strategic
		}), neutral},
		{"three contacts in 61 days", with(choose(debtor(61), 0), func(c *customer) { c.Taken = []scoring.Taken{call, call, call} }), firm},
		{"two promises broken", with(choose(debtor(20), 0), func(c *customer) { c.PromiseLevel = 2 }), firm},
		{"a demand is formal", choose(debtor(70), 2), formal},
		{"a rule of the house comes first", with(choose(debtor(70), 2), func(c *customer) { c.options[2].Tone = neutral }), neutral},
	} {
		if got := n.tone(v.c); got != v.want {
			t.Errorf("%s: %s, want %s", v.name, got, v.want)
		}
	}
}

func with(c *customer, change func(*customer)) *customer { change(c); return c }

func TestTheNextNameIsTriedWhenNobodyAnswered(t *testing.T) {
	n := rowNight(t)
	missed, reached := scoring.Taken{Action: "call", On: n.asOf - 3}, scoring.Taken{Action: "call", On: n.asOf - 9, Reached: true}
	for _, v := range []struct {
		taken []scoring.Taken
		want  string
	}{
		{nil, "Sato, 03-1"},
		{[]scoring.Taken{reached, missed}, "Ito, 03-1 (the last attempt reached nobody)"},
		{[]scoring.Taken{missed, missed}, "Mori, 03-1 (the last 2 attempts reached nobody)"},
		{[]scoring.Taken{missed, missed, missed}, "Sato, 03-1 (the last 3 attempts reached nobody)"},
		{[]scoring.Taken{missed, reached}, "Sato, 03-1"},
	} {
		c := choose(debtor(20), 0)
		c.Master.Contacts, c.Master.Phone, c.Taken = "Sato; Ito ;Mori", "03-1", v.taken
		if got := n.contact(c); got != v.want {
			t.Errorf("after %v: %q, want %q", v.taken, got, v.want)
		}
	}
	c := choose(debtor(20), 0)
	c.Master.Phone = "03-1"
	if got := n.contact(c); got != "03-1" {
		t.Errorf("without names: %q", got)
	}
}

func TestSayKnowsThePatternAndWhatWasSaid(t *testing.T) {
	n := rowNight(t)
	for _, v := range []struct {
		change func(*customer)
		want   string
	}{
		{func(c *customer) { c.PayMonthDay = 25 }, "may have been overlooked: ask kindly when to expect it; usually pays on the 25th"},
		{func(c *customer) { c.Unapplied, c.PayMonthDay = 999, 25 }, "may have been overlooked: ask kindly when to expect it; usually pays on the 25th"}, // 9.99 EUR
		{func(c *customer) { c.PayWeekday, c.Settled, c.Delays = 4, 6, 4 }, "may have been overlooked: ask kindly when to expect it; usually pays on Thursdays"},
		{func(c *customer) { c.PayMonthDay, c.PromiseLevel = 31, 1 }, "the promised payment has not arrived in full: ask what got in the way; usually pays at the end of the month"},
		{func(c *customer) { c.Reason, c.Unapplied = "cash_flow", 5_000 }, "may have been overlooked: ask kindly when to expect it; said that cash is short: ask what part can come now, offer instalments; 50.00 EUR on account: ask what it is for"},
		{func(c *customer) {
			c.Reason, c.Taken = "unreachable", []scoring.Taken{{Action: "email", On: n.asOf - 5, Reached: true}}
		}, "one contact since it fell due: ask for a date; has been hard to reach: ask who looks after payments, and when"},
		{func(c *customer) { c.Settled, c.Delays, c.PayWeekday = 20, 2, -1 }, "may have been overlooked: ask kindly when to expect it; a reliable payer until now"},
	} {
		c := choose(debtor(20), 0)
		c.PayWeekday = -1
		v.change(c)
		if got := n.say(c); got != v.want {
			t.Errorf("%q\nwant %q", got, v.want)
		}
	}
}

// What is offered, and what is no talk with the customer.
func TestSayFollowsTheAction(t *testing.T) {
	n := reviewNight(t, "actions: {agency: {enabled: true}}\nreviews: {agencies: [{name: north, fee: 0.4, recovery: {90: 0.5}}]}\n")
	if err := n.makeMenu(); err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string]string{
		"plan_call":          "may have been overlooked: ask kindly when to expect it; offer to take 1,000.00 EUR in 3 instalments of 333.34 EUR, the first by the date asked for; said that cash is short",
		"terms_meeting":      "may have been overlooked: ask kindly when to expect it; ask what has changed; offer terms that it can keep from here on, and instalments for what is open; said that cash is short",
		"online_meeting":     "may have been overlooked: ask kindly when to expect it; suggest to meet online, with whoever decides on payments; said that cash is short: ask what part can come now, offer instalments",
		"dispute_resolution": "find out what is wrong with 250.00 EUR in dispute and settle it: correct the invoice, credit it, or show that it is right; then agree on a date; 1,000.00 EUR beside it is not in dispute",
		"agency":             "hand over invoices, delivery notes and the record of contacts; tell the customer beforehand, courteously, whom it will hear from",
	} {
		k := slices.IndexFunc(n.menu.Actions, func(a treatment.Action) bool { return a.Name == action })
		c := choose(debtor(20), k)
		c.PayWeekday, c.Reason = -1, "cash_flow"
		if action == "dispute_resolution" {
			c.Items[0].Disputed = 25_000
		}
		if got := n.say(c); got != want {
			t.Errorf("%s: %q\nwant %q", action, got, want)
		}
		if c.PromiseLevel = 2; action == "plan_call" && n.tone(c) != friendly {
			t.Errorf("a plan is offered in tone %s", n.tone(c))
		}
	}
}

func TestSharesThatDifferDoNotLookEqual(t *testing.T) {
	for _, v := range []struct {
		a, b     float64
		from, to string
	}{{.5, .6, "50 %", "60 %"}, {.891, .894, "89.1 %", "89.4 %"}, {.89101, .89104, "89.10 %", "89.10 %"}, {.8, .8, "80.00 %", "80.00 %"}} {
		if from, to := english.shares(v.a, v.b); from != v.from || to != v.to {
			t.Errorf("%v and %v: %s and %s", v.a, v.b, from, to)
		}
	}
	for d, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 22: "22nd"} {
		if got := ordinal(d); got != want {
			t.Errorf("%d: %s", d, got)
		}
	}
}
