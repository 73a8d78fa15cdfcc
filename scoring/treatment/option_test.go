package treatment

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
)

// today is a Wednesday.
var today = scoring.MakeDay(2026, 3, 4)

func weekdays(t testing.TB) *scoring.Calendar {
	t.Helper()
	c, err := scoring.NewCalendar("weekdays", nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// money is a horizon of 42 days at 8 % a year, with half of what is open then recovered.
func money() rank.Money {
	return rank.Money{Rate: .08, Horizon: 42, Tail: rank.Tail{{PastDue: 0, Share: .5}}}
}

// even is a curve on which an item is paid within 30 days with probability p.
func even(p float64) hazard.Curve {
	var c hazard.Curve
	for j, end := range hazard.Grid {
		c.Cum[j] = -math.Log1p(-p) * float64(end) / 30
	}
	return c
}

// owing is an account with one item, so many days past due.
func owing(amount int64, pastDue int32, p float64) *Case {
	a := &scoring.Account{Customer: "c", Collectable: amount, Open: amount, OpenItems: 1, PromiseUntil: scoring.NoDay,
		PastDueMax: max(pastDue, 0), DaysLateMean: math.NaN(),
		Items: []scoring.Item{{ID: "i", Open: amount, OpenBase: amount, PastDue: pastDue, Due: today - scoring.Day(pastDue)}}}
	if pastDue > 0 {
		a.Overdue = amount
	}
	a.Master.Email, a.Master.Phone, a.HasRow = "a@example.com", "1", true
	return &Case{AsOf: today, Account: a, Curves: []hazard.Curve{even(p)}}
}

var plain = SelfCure{From: 1, To: 1, Cap: 1} // damps nothing

func menu(t testing.TB, l Limits, rules []Rule, actions ...Action) *Menu {
	t.Helper()
	if l.Fatigue == 0 {
		l.Fatigue = 1
	}
	if l.SelfCure == (SelfCure{}) {
		l.SelfCure = plain
	}
	m, err := NewMenu(actions, l, rules, money(), today, weekdays(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// call is a phone call that multiplies the hazard by m for 8 business days and reaches half.
func call(m float64) Action {
	return Action{Name: "call", Channel: "call", Effect: rank.Effect{Multiplier: m, Decay: 8, Reach: .5}, Minutes: 6,
		PerMinute: true, Resource: "minutes", MinPastDue: -1000, MaxPastDue: 10000}
}

func options(t testing.TB, m *Menu, c *Case) []Option {
	t.Helper()
	out, err := m.Options(c, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSurePayersAndHopelessAccountsFallBelowThoseInBetween(t *testing.T) {
	m := menu(t, Limits{}, nil, call(2))
	value := func(p float64) int64 { return options(t, m, owing(1_000_000, 30, p))[0].Value }
	if sure, half, lost := value(.995), value(.5), value(.002); sure >= half || lost >= half || half <= 0 {
		t.Errorf("sure %d, even %d, hopeless %d", sure, half, lost)
	}
	peaks, last := 0, int64(0)
	var rising bool
	for _, p := range []float64{.001, .01, .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .99, .999} {
		v := value(p)
		if rising && v < last {
			peaks++
		}
		rising, last = v > last, v
	}
	if peaks != 1 {
		t.Errorf("the value has %d peaks over P(paid), want one", peaks)
	}
}

func TestValueScalesWithTheAmountAndStaysBelowIt(t *testing.T) {
	m := menu(t, Limits{}, nil, call(2), call3())
	rapid.Check(t, func(rt *rapid.T) {
		amount := rapid.Int64Range(1000, 1e12).Draw(rt, "amount")
		p := rapid.Float64Range(.001, .999).Draw(rt, "p")
		pastDue := rapid.Int32Range(-7, 400).Draw(rt, "past due")
		part := rapid.Float64Range(.5, 5).Draw(rt, "part payment")
		owed := func(amount int64) *Case {
			c := owing(amount, pastDue, p)
			c.Curves[0].Part = part
			return c
		}
		one, two := options(t, m, owed(amount)), options(t, m, owed(2*amount))
		for k := range one {
			a, b := one[k].Value+one[k].Money, two[k].Value+two[k].Money
			if d := b - 2*a; d < -2 || d > 2 { // each is rounded
				rt.Errorf("%s: %d for one, %d for two", m.Actions[k].Name, a, b)
			}
			if one[k].Value > amount || a < 0 {
				rt.Errorf("%s adds %d to a claim of %d", m.Actions[k].Name, a, amount)
			}
			if o := &one[k]; o.PaidAction < o.Paid || o.PaidAction > 1 || o.Paid < 0 {
				rt.Errorf("%s: P(paid) %v, with it %v", m.Actions[k].Name, o.Paid, o.PaidAction)
			}
		}
	})
}

// call3 costs money and puts a share of the margin at risk.
func call3() Action {
	a := call(3)
	a.Name, a.Money, a.Relationship = "visit", 500, .01
	a.Channel = "visit"
	return a
}

func TestAnActionWithoutEffectCostsWhatItCosts(t *testing.T) {
	act := call3()
	act.Effect.Multiplier = 1
	c := owing(1_000_000, 30, .4)
	c.Curves[0].Part = 1.5
	c.Account.Margin = 20_000
	o := options(t, menu(t, Limits{}, nil, act), c)[0]
	if o.Value != -700 || o.Money != 700 || o.Paid != o.PaidAction {
		t.Errorf("%+v, want a value of -500 - 1 %% of 20,000", o)
	}
}

// A customer half of whose hazard is of parts is worth what one is that pays up at the same hazard of a unit: the
// factor multiplies the hazard of what comes in, and nothing that goes by items being paid.
func TestPartPaymentsAreValuedAsCashThatComesIn(t *testing.T) {
	m := menu(t, Limits{}, nil, call(2), call3())
	parts, whole := owing(1_000_000, 30, .3), owing(1_000_000, 30, 1-.7*.7*.7)
	parts.Curves[0].Part = 3
	for k, o := range options(t, m, parts) {
		want := options(t, m, whole)[k]
		if math.Abs(o.Paid-want.Paid) > 1e-12 || math.Abs(o.PaidAction-want.PaidAction) > 1e-12 || o.Value < want.Value-1 || o.Value > want.Value+1 {
			t.Errorf("%s: %+v, want %+v", m.Actions[k].Name, o, want)
		}
	}
	if p := m.Parts(parts, 7, 0, nil)[0]; p.Part != 3 || math.Abs(p.Self-.3) > 1e-12 {
		t.Errorf("part %+v, want a factor of 3 and P(paid within 30 days) .3", p)
	}
	if p := parts.Paid(30); math.Abs(p-.3) > 1e-12 {
		t.Errorf("P(paid) %v, want .3", p)
	}
}

func TestLikelySelfCurersAreDampedToTheCap(t *testing.T) {
	s := SelfCure{From: .5, To: .7, Cap: 1.3}
	for _, v := range []struct{ m, p, want float64 }{
		{2, .5, 2}, {2, .6, 1.65}, {2, .7, 1.3}, {2, .99, 1.3}, {1.2, .99, 1.2}, {2, .1, 2},
	} {
		if got := s.Damp(v.m, v.p); math.Abs(got-v.want) > 1e-12 {
			t.Errorf("multiplier %v at P %v: %v, want %v", v.m, v.p, got, v.want)
		}
	}
	m := menu(t, Limits{SelfCure: s}, nil, call(2))
	got := options(t, m, owing(1_000_000, 3, .8))[0].Value
	if want := options(t, menu(t, Limits{}, nil, call(1.3)), owing(1_000_000, 3, .8))[0].Value; got != want {
		t.Errorf("%d, want that of a multiplier of 1.3: %d", got, want)
	}
}

func TestClaimsAreScaledToWhatCanBeCollected(t *testing.T) {
	m := menu(t, Limits{WaitDispute: true}, nil, call(2))
	c := owing(600, 30, .4)
	c.Curves = []hazard.Curve{even(.4), even(.4), even(.4)}
	c.Account.Items = []scoring.Item{
		{ID: "a", Open: 600, OpenBase: 600, PastDue: 30},
		{ID: "credit", Open: -100, OpenBase: -100, PastDue: 10}, // has no curve
		{ID: "b", Open: 400, OpenBase: 400, PastDue: 5, Disputed: 200},
		{ID: "later", Open: 1000, OpenBase: 1000, PastDue: -8},
	}
	c.Account.Collectable, c.Account.Disputed = 400, 200
	options(t, m, c)
	if c.asked != 400 || len(c.claims) != 2 {
		t.Fatalf("asks for %v of %d items", c.asked, len(c.claims))
	}
	if a, b := c.claims[0], c.claims[1]; a.amount != 300 || b.amount != 100 || a.curve != 0 || b.curve != 1 || b.item != 2 {
		t.Errorf("claims %+v, want 600 and 400 - 200, halved", c.claims)
	}
	m.Limits.WaitDispute = false
	options(t, m, c)
	if c.asked != 600 {
		t.Errorf("asks for %v, want the disputed 200 too", c.asked)
	}
}

// The value of an option can be added up again from its parts, as explain prints it.
func TestPartsAddUpToTheValue(t *testing.T) {
	m := menu(t, Limits{Fatigue: .75, Reasons: map[string]float64{"forgot": 1.5}, SelfCure: SelfCure{From: .5, To: .7, Cap: 1.3}}, nil, call(2), call3())
	rapid.Check(t, func(rt *rapid.T) {
		c := owing(0, 30, .4)
		c.Account.Items, c.Curves = nil, nil
		for range rapid.IntRange(1, 6).Draw(rt, "items") {
			amount := rapid.Int64Range(1, 1e9).Draw(rt, "amount")
			c.Account.Items = append(c.Account.Items, scoring.Item{Open: amount, OpenBase: amount, PastDue: rapid.Int32Range(-7, 500).Draw(rt, "past due")})
			c.Curves = append(c.Curves, even(rapid.Float64Range(.01, .99).Draw(rt, "p")))
			c.Account.Collectable += amount
		}
		contacts := rapid.IntRange(0, 3).Draw(rt, "contacts")
		c.Account.Contacts30 = int32(contacts)
		for range contacts {
			c.Account.Taken = append(c.Account.Taken, scoring.Taken{Action: "call", On: today - 9, Reached: true})
		}
		reason := 1.0
		if rapid.Bool().Draw(rt, "forgot") {
			c.Account.Reason, reason = "forgot", 1.5
		}
		fatigue := math.Pow(.75, float64(contacts))
		for k, o := range options(t, m, c) {
			sum, paid, asked := 0.0, 0.0, 0.0
			for _, p := range m.Parts(c, 7, k, nil) {
				byHand := p.Claim * ((p.PaidAction-p.Paid)*p.Discount*(1-p.Tail) + p.Sooner)
				if math.Abs(byHand-p.Value) > 1e-9*p.Claim {
					rt.Errorf("part %+v: %v by hand", p, byHand)
				}
				left := 1 + (m.Actions[k].Effect.Multiplier-1)*reason
				if p.Self > .5 {
					left -= min(1, (p.Self-.5)/.2) * max(0, left-1.3)
				}
				product := 1 + (p.Menu-1)*p.Reason*p.SelfCure*p.Fatigue
				if want := 1 + (left-1)*fatigue; math.Abs(p.Multiplier-want) > 1e-9 || math.Abs(product-want) > 1e-9 || p.Reason != reason || math.Abs(p.Fatigue-fatigue) > 1e-12 {
					rt.Errorf("part %+v: multiplier %v by hand", p, want)
				}
				if p.Sooner < -1e-12 {
					rt.Errorf("part %+v: later, not sooner", p)
				}
				sum, paid, asked = sum+p.Value, paid+p.Claim*p.Paid, asked+p.Claim
			}
			if got := int64(math.Round(sum)) - o.Money; got != o.Value || math.Abs(paid/asked-o.Paid) > 1e-12 {
				rt.Errorf("%d by parts, %d by the option; P %v and %v", got, o.Value, paid/asked, o.Paid)
			}
		}
	})
}

func TestOptionsDoNotAllocate(t *testing.T) {
	m := menu(t, Limits{WaitEffect: true, RespectHabit: true, MaxVisits30: 1}, nil, call(2), call3())
	c := owing(1_000_000, 30, .4)
	c.Account.Taken = []scoring.Taken{{Action: "call", On: today - 40, Reached: true}}
	out := make([]Option, 0, 8)
	if n := testing.AllocsPerRun(100, func() { out, _ = m.Options(c, 7, out[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEffortCountsItemsAndTravel(t *testing.T) {
	a := Action{Minutes: 90, MinutesPerItem: 2, Travel: true, PerMinute: true}
	if got := a.Effort(3, 45.5); got != 139.5 {
		t.Errorf("effort %v, want 90 + 2*2 + 45.5", got)
	}
	if got := a.Units(139.5); got != 8370 {
		t.Errorf("%d seconds", got)
	}
	if got := (&Action{Minutes: 90}).Units(90); got != 1 {
		t.Errorf("%d slots", got)
	}
}

func TestMenuRefusesWhatCannotBe(t *testing.T) {
	stepless := call(2)
	stepless.After = [][]string{{"letter", "fax"}}
	for name, actions := range map[string][]Action{
		"action call: is there twice":                            {call(2), call(3)},
		"action call: after: none of letter, fax is on the menu": {stepless},
	} {
		if err := Check(actions); err == nil || err.Error() != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

func BenchmarkOptions(b *testing.B) {
	var actions []Action
	for range 8 {
		a := call(2)
		a.Name = string(rune('a' + len(actions)))
		actions = append(actions, a)
	}
	cal := weekdays(b)
	m, err := NewMenu(actions, Limits{Fatigue: .75, SelfCure: plain}, nil, rank.Money{Rate: .08, Horizon: 126}, today, cal)
	if err != nil {
		b.Fatal(err)
	}
	model, days := modelOf(b, cal)
	c := owing(0, 30, .4)
	c.Account.Items, c.Curves = nil, nil
	for i := range int32(5) {
		c.Account.Items = append(c.Account.Items, scoring.Item{Open: 1000, OpenBase: 1000, PastDue: 20 * i})
		l := hazard.Landmark{Date: int32(today), Due: int32(today) - 20*i, Issue: int32(today) - 20*i - 30, Open: 1000, PromiseDue: -1, Past: &hazard.Past{}}
		c.Curves = append(c.Curves, model.Curve(&l, days))
		c.Account.Collectable += 1000
	}
	var out []Option
	b.ReportAllocs()
	for b.Loop() {
		if out, err = m.Options(c, 7, out[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(5*b.N)/b.Elapsed().Seconds(), "items/s")
}

// modelOf is the life table of an empty ledger, as a model.
func modelOf(b *testing.B, cal *scoring.Calendar) (*hazard.Model, *hazard.Calendar) {
	first, business, ends := cal.Prefix()
	days := &hazard.Calendar{First: int32(first), Business: business, MonthEnd: ends}
	m, err := hazard.Fit(nil, &hazard.LifeTable{}, days, hazard.Settings{Cut: int32(today)})
	if err != nil {
		b.Fatal(err)
	}
	return m, days
}

// A million at 10 % for 73 days bears 20,000, of which half comes in with it: 1 % more. Of what is not due yet
// none comes.
func TestLateInterestIsCollectedWithItsItem(t *testing.T) {
	ten, err := scoring.ParseInterest("10%")
	if err != nil {
		t.Fatal(err)
	}
	without, with := menu(t, Limits{}, nil, call(2)), menu(t, Limits{Interest: ten, Collected: .5}, nil, call(2))
	for pastDue, more := range map[int32]float64{73: 1.01, 0: 1, -5: 1} {
		a, b := owing(1_000_000, pastDue, .4), owing(1_000_000, pastDue, .4)
		before, after := without.Parts(a, 30, 0, nil)[0], with.Parts(b, 30, 0, nil)[0]
		if math.Abs(after.Value-more*before.Value) > 1e-6 || math.Abs(after.Interest-(more-1)*1e6) > 1e-6 || after.Claim != before.Claim || after.PaidAction != before.PaidAction {
			t.Errorf("%d days past due: %+v, without interest %+v", pastDue, after, before)
		}
		if o := options(t, with, b)[0]; math.Abs(float64(o.Value+o.Money)-after.Value) > .5 {
			t.Errorf("%d days past due: the option is worth %d, its part %v", pastDue, o.Value+o.Money, after.Value)
		}
	}
}
