package treatment

import (
	"cmp"
	"errors"
	"math"
	"strings"
	"testing"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
)

// strict are limits under which every block can hold.
func strict() Limits {
	return Limits{DoNotContact: true, Insolvent: true, Represented: true, Materiality: 100, Quiet: true,
		MaxContacts7: 2, MaxContacts30: 4, MaxVisits30: 1, MinBetween: 4, WorkDay: today + 1, WaitPromise: true, WaitDispute: true, WaitAgency: true, WaitEffect: true,
		RespectHabit: true, HabitDays: 2, HabitPaid: .8}
}

// Every block, in the order of precedence: each row takes away what the row before met, so that the
// next block shows although all those after it hold as well.
func TestTheFirstBlockThatHoldsIsNamed(t *testing.T) {
	visit := call3()
	visit.MinPastDue, visit.MaxPastDue = 11, 9
	visit.After = [][]string{{"demand"}}
	demand := call(2)
	demand.Name = "demand"
	limits := strict()
	c := owing(50, 10, .99)
	a := c.Account
	a.Master.Insolvent, a.Master.DoNotContact, a.Master.Represented = true, true, true
	a.PromiseUntil = today
	a.Collectable, a.Disputed = 0, 50
	a.Items[0].Disputed = 50
	a.Contacts7, a.Contacts30, a.LastContact = 2, 4, today-2
	a.Taken = []scoring.Taken{{Action: "visit", On: today - 2, Reached: true}}
	a.Settled, a.DaysLateMean = 9, 9.2
	a.Placed = &scoring.Placement{Agency: "north", On: today - 5, Until: today + 1, Ended: scoring.NoDay, Open: 50}
	rules := []Rule{{Name: "house", When: "true", Effect: EffectBlock}, {Name: "later", When: "true", Effect: EffectBlock}}
	m := menu(t, limits, rules, visit, demand)
	act := &m.Actions[0]
	for _, step := range []struct {
		want   Block
		remove func()
	}{
		{Insolvent, func() { a.Master.Insolvent = false }},
		{DoNotContact, func() { a.Master.DoNotContact = false }},
		{PromiseRuns, func() { a.PromiseUntil = scoring.NoDay }},
		{Disputed, func() { a.Disputed, a.Items[0].Disputed = 0, 0 }},
		{NothingToAsk, func() { a.Collectable = 50 }},
		{Immaterial, func() { m.Limits.Materiality = 50 }},
		{WithAgency, func() { a.Placed.Until = today }},
		{Represented, func() { a.Master.Represented = false }},
		{QuietDay, func() { m.Limits.Quiet = false }},
		{ContactCap, func() { a.Contacts7 = 1 }},
		{ContactCap, func() { a.Contacts30 = 3 }},
		{TooSoon, func() { a.LastContact-- }},
		{VisitCap, func() { m.Limits.MaxVisits30 = 0 }},
		{TooEarly, func() { act.MinPastDue = 10 }},
		{TooLate, func() { act.MaxPastDue = 10 }},
		{EffectRuns, func() { a.Taken[0].Reached = false }},
		{WithinHabit, func() { a.DaysLateMean = 1 }},
		{StepBeforeFirst, func() { act.After = nil }},
		{"house", func() { m.rules[0].Actions = []string{"demand"} }},
		{"later", func() { m.rules[1].Actions = []string{"demand"} }},
	} {
		if got := options(t, m, c)[0].BlockedBy; got != step.want {
			t.Errorf("blocked by %q, want %q", got, step.want)
		}
		step.remove()
	}
	if got := options(t, m, c)[0].BlockedBy; got != Free {
		t.Errorf("blocked by %q, want nothing", got)
	}
}

// Each limit alone, and one step inside of it.
func TestEveryLimitHasAnEdge(t *testing.T) {
	for _, v := range []struct {
		name   string
		change func(c *Case, act *Action)
		want   Block
	}{
		{"one visit 30 days ago", func(c *Case, _ *Action) { c.Account.Taken = []scoring.Taken{{Action: "visit", On: today - 30}} }, Free},
		{"one visit 29 days ago, nobody there", func(c *Case, _ *Action) { c.Account.Taken = []scoring.Taken{{Action: "visit", On: today - 29}} }, VisitCap},
		{"an effect of 8 business days, after 7", func(c *Case, _ *Action) {
			c.Account.Taken = []scoring.Taken{{Action: "call", On: today - 9, Reached: true}}
		}, EffectRuns},
		{"an effect of 8 business days, after 8", func(c *Case, _ *Action) {
			c.Account.Taken = []scoring.Taken{{Action: "call", On: today - 12, Reached: true}}
		}, Free},
		{"no e-mail, by e-mail", func(c *Case, a *Action) { c.Account.Master.Email, a.Channel = "", "email" }, NoEmail},
		{"no phone, by phone", func(c *Case, a *Action) { c.Account.Master.Phone, a.Channel = "", "call" }, NoPhone},
		{"no row in the customers export", func(c *Case, a *Action) { c.Account.HasRow, c.Account.Master.Phone, a.Channel = false, "", "call" }, Free},
		{"counsel, legal steps", func(c *Case, a *Action) { c.Account.Master.Represented, a.Channel = true, "legal" }, Free},
		{"before due", func(c *Case, a *Action) { c.Account.Items[0].PastDue, a.MinPastDue, a.MaxPastDue = -5, -7, 0 }, Free},
		{"the habit is 7 days late, 3 business days ago", func(c *Case, _ *Action) { habit(c, 7) }, Free},
		{"the habit is 8 days late, 2 business days ago", func(c *Case, _ *Action) { habit(c, 8) }, WithinHabit},
		{"a habit, but 79 % by then", func(c *Case, _ *Action) { habit(c, 9); c.Curves[0] = within14(.79) }, Free},
		{"four invoices make no habit", func(c *Case, _ *Action) { habit(c, 9); c.Account.Settled = 4 }, Free},
		{"a duty does not wait", func(c *Case, _ *Action) {
			habit(c, 9)
			c.Account.Taken = []scoring.Taken{{Action: "call", On: today - 1, Reached: true}}
			c.Duty = true
		}, Free},
		{"a duty does not break the cap", func(c *Case, _ *Action) { c.Duty, c.Account.Contacts7 = true, 2 }, ContactCap},
	} {
		limits, act := strict(), call3()
		limits.Quiet, limits.Materiality = false, 0
		c := owing(50_000, 10, .3)
		v.change(c, &act)
		if got := options(t, menu(t, limits, nil, act, call(2)), c)[0].BlockedBy; got != v.want {
			t.Errorf("%s: blocked by %q, want %q", v.name, got, v.want)
		}
	}
}

// Placed accounts are the agency's: nothing is done to them from outside, not even what is owed, until the placement ends, and
// then nothing waits for an effect of it. What is in dispute is settled inside the house meanwhile.
func TestAnAccountWithAnAgencyIsLeftToIt(t *testing.T) {
	legal, place, work := call(2), call(1), call(2)
	legal.Name, legal.Channel = "legal", "legal"
	place.Name, place.Channel, place.Tone, place.Effect.Decay = "place", "agency", "formal", 60
	place.Agencies = []Agency{{Name: "north", Recovery: []rank.TailPoint{{Share: .9}}}, {Name: "south", Recovery: []rank.TailPoint{{Share: .8}}}}
	work.Name, work.Channel, work.Disputed = "work", "internal", true
	for _, v := range []struct {
		name  string
		p     scoring.Placement
		wait  bool
		want  string // blocks of call, legal, place and work
		again string
	}{
		{"runs", scoring.Placement{Until: today + 30, Open: 40_000}, true, "with_agency with_agency with_agency free", "south"},
		{"runs without a term", scoring.Placement{Until: scoring.NoDay, Open: 40_000}, true, "with_agency with_agency with_agency free", "south"},
		{"not waited for", scoring.Placement{Until: today + 30, Open: 40_000}, false, "last_contact_still_works free last_contact_still_works free", "south"},
		{"names no agency", scoring.Placement{}, true, "last_contact_still_works free last_contact_still_works free", "north"},
		{"a residue is left", scoring.Placement{Until: today + 30, Open: 9}, true, "free free free free", "south"},
		{"over", scoring.Placement{Until: today, Open: 40_000}, true, "free free free free", "south"},
		{"handed back", scoring.Placement{Until: today + 30, Open: 40_000, End: scoring.HandedBack}, true, "free free free free", "south"},
		{"recalled", scoring.Placement{Until: today + 30, Open: 40_000, End: scoring.Recalled}, true, "free free free free", "north"},
		{"of a spell before", scoring.Placement{On: today - 400, Until: today - 200, Open: 0, End: scoring.TermOver}, true, "free free free free", "north"},
	} {
		c := owing(50_000, 100, .1)
		c.Account.Items[0].Disputed, c.Account.Disputed = 10_000, 10_000
		c.Duty = v.name == "runs"
		v.p.Agency = "north"
		if v.p.On == 0 {
			v.p.On = today - 20
			c.Account.Taken = []scoring.Taken{{Action: "place", On: v.p.On, Reached: true}}
		}
		c.Account.Placed = &v.p
		if v.name == "names no agency" {
			c.Account.Placed = nil
		}
		m := menu(t, Limits{WorkDay: today + 1, WaitAgency: v.wait, WaitEffect: true, WaitDispute: true, Materiality: 10}, nil, call(2), legal, place, work)
		var got []string
		list := options(t, m, c)
		for _, o := range list {
			got = append(got, cmp.Or(string(o.BlockedBy), "free"))
		}
		if strings.Join(got, " ") != v.want || list[2].Agency != v.again {
			t.Errorf("%s: %s, placed with %q, want %s with %q", v.name, strings.Join(got, " "), list[2].Agency, v.want, v.again)
		}
	}
}

// A reminder in writing holds back the next one, but no call; a talk or a formal letter holds back both.
func TestAMessageDoesNotKeepAnybodyFromCalling(t *testing.T) {
	letter, demand := call(1.3), call(2)
	letter.Name, letter.Channel = "letter", "letter"
	demand.Name, demand.Channel, demand.Tone = "demand", "letter", "formal"
	m := menu(t, Limits{WaitEffect: true}, nil, letter, call(2), demand)
	for last, want := range map[string][2]Block{
		"": {Free, Free}, "letter": {EffectRuns, Free}, "call": {EffectRuns, EffectRuns}, "demand": {EffectRuns, EffectRuns},
	} {
		c := owing(50_000, 30, .3)
		c.Account.Taken = []scoring.Taken{{Action: last, On: today - 1, Reached: true}}
		got := options(t, m, c)
		if got[0].BlockedBy != want[0] || got[1].BlockedBy != want[1] {
			t.Errorf("after %q: letter %q, call %q, want %q", last, got[0].BlockedBy, got[1].BlockedBy, want)
		}
	}
}

// habit makes the account one that pays so many days late and is expected to.
func habit(c *Case, late float64) {
	c.Account.Settled, c.Account.DaysLateMean = 9, late
	c.Curves[0] = within14(.81)
}

// within14 is a curve on which an item is paid within 14 days with probability p.
func within14(p float64) hazard.Curve { return even(1 - math.Pow(1-p, 30./14)) }

func TestAStepCountsInItsSpellAndWhenItCameThrough(t *testing.T) {
	demand := call(2)
	demand.Name, demand.Channel = "demand", "letter"
	demand.After = [][]string{{"call", "letter"}, {"email"}}
	letter, email := call(1.2), call(1.1)
	letter.Name, email.Name = "letter", "email"
	m := menu(t, Limits{}, nil, demand, call(2), letter, email)
	for _, v := range []struct {
		taken []scoring.Taken
		want  Block
	}{
		{nil, StepBeforeFirst},
		{[]scoring.Taken{{Action: "call", On: today - 9, Reached: true}}, StepBeforeFirst},
		{[]scoring.Taken{{Action: "call", On: today - 9, Reached: true}, {Action: "email", On: today - 5, Reached: true}}, Free},
		{[]scoring.Taken{{Action: "letter", On: today - 10, Reached: true}, {Action: "email", On: today - 5, Reached: true}}, Free},
		{[]scoring.Taken{{Action: "call", On: today - 11, Reached: true}, {Action: "email", On: today - 5, Reached: true}}, StepBeforeFirst},
		{[]scoring.Taken{{Action: "call", On: today - 9}, {Action: "email", On: today - 5, Reached: true}}, StepBeforeFirst},
	} {
		c := owing(1000, 10, .3)
		c.Account.Taken = v.taken
		if got := options(t, m, c)[0].BlockedBy; got != v.want {
			t.Errorf("after %v: blocked by %q, want %q", v.taken, got, v.want)
		}
	}
}

func TestRulesBlockRequireAndSetTheTone(t *testing.T) {
	letter := call(1.3)
	letter.Name, letter.Channel = "letter", "letter"
	m := menu(t, Limits{}, []Rule{
		{Name: "far", When: `channel == "call" && travel_minutes > 120`, Effect: EffectBlock},
		{Name: "squeeze", When: `arrears_reason == "cash_flow" && overdue_amount >= 10`, Actions: []string{"letter"}, Effect: EffectRequire},
		{Name: "gently", When: `relationship == "strategic"`, Effect: EffectTone, Tone: "friendly"},
		{Name: "never", When: `utilization > 0.5 or days_since_payment > 3`, Effect: EffectBlock},
	}, call(2), letter)
	for _, v := range []struct {
		facts      Facts
		call, post Block
		tone       string
	}{
		{Facts{Travel: 121}, "far", Free, ""},
		{Facts{Travel: 120}, Free, Free, ""},
		{Facts{Reason: "cash_flow", Overdue: 10}, "squeeze", Free, ""},
		{Facts{Reason: "cash_flow", Overdue: 9.99}, Free, Free, ""},
		{Facts{Relationship: "strategic"}, Free, Free, "friendly"},
		{Facts{Utilization: math.NaN(), SincePayment: math.NaN()}, Free, Free, ""},
		{Facts{Utilization: .51}, "never", "never", ""},
	} {
		c := owing(1000, 10, .3)
		c.Facts = v.facts
		o := options(t, m, c)
		if o[0].BlockedBy != v.call || o[1].BlockedBy != v.post || o[1].Tone != v.tone {
			t.Errorf("%+v: call %q, letter %q in tone %q", v.facts, o[0].BlockedBy, o[1].BlockedBy, o[1].Tone)
		}
	}
}

func TestWhatIsWrongWithARuleIsSaidWithItsPlace(t *testing.T) {
	for when, want := range map[string]string{
		`overdue_amout > 3`:            "column 1: unknown name overdue_amout",
		`segment == "a" && region > 4`: "column 26: invalid operation: >",
		`overdue_amount`:               "column 1: expected bool, but got float64",
		`overdue_amount >`:             "unexpected token EOF",
	} {
		r := Rule{Name: "r", When: when}
		err := r.Compile()
		var at *ExprError
		if !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", when, err, want)
		}
	}
	r := Rule{Name: "odd", When: "1 % open_items == 0", Effect: EffectBlock}
	m := menu(t, Limits{}, []Rule{r}, call(2))
	if _, err := m.Options(owing(1000, 10, .3), 7, nil); err == nil || !strings.HasPrefix(err.Error(), "rule odd: ") {
		t.Errorf("%v, want the name of the rule that divides by zero", err)
	}
}
