package treatment

import (
	"math"
	"testing"

	"kaishu/scoring"
	"kaishu/scoring/rank"
)

// Actions beside the ladder: on disputes, with agencies, for some accounts only, for the tie.

// resolve doubles the hazard of what is in dispute.
func resolve() Action {
	a := call(2)
	a.Name, a.Channel, a.Disputed = "resolve", "internal", true
	a.Effect.Delay = 5
	return a
}

func TestDisputesAreWorkedOnAndNotAskedFor(t *testing.T) {
	m := menu(t, Limits{WaitDispute: true, WaitEffect: true, Insolvent: true, MaxContacts7: 1, Materiality: 100}, nil, call(2), resolve())
	for _, v := range []struct {
		name       string
		change     func(a *scoring.Account)
		call, work Block
	}{
		{"nothing in dispute", func(*scoring.Account) {}, Free, NoDispute},
		{"a part in dispute", func(a *scoring.Account) { a.Items[0].Disputed, a.Disputed, a.Collectable = 400, 400, 600 }, Free, Free},
		{"all in dispute", func(a *scoring.Account) { a.Items[0].Disputed, a.Disputed, a.Collectable = 1000, 1000, 0 }, Disputed, Free},
		{"too little in dispute", func(a *scoring.Account) { a.Items[0].Disputed, a.Disputed, a.Collectable = 99, 99, 901 }, Free, Immaterial},
		{"enough contacts, and work inside is none", func(a *scoring.Account) {
			a.Items[0].Disputed, a.Disputed, a.Collectable, a.Contacts7 = 400, 400, 600, 1
		}, ContactCap, Free},
		{"the resolver has had it for 4 business days", func(a *scoring.Account) {
			a.Items[0].Disputed, a.Disputed, a.Collectable = 400, 400, 600
			a.Taken = []scoring.Taken{{Action: "resolve", On: today - 6, Reached: true}}
		}, Free, EffectRuns},
		{"for 5", func(a *scoring.Account) {
			a.Items[0].Disputed, a.Disputed, a.Collectable = 400, 400, 600
			a.Taken = []scoring.Taken{{Action: "resolve", On: today - 7, Reached: true}}
		}, Free, Free},
		{"insolvent", func(a *scoring.Account) {
			a.Items[0].Disputed, a.Disputed, a.Collectable, a.Master.Insolvent = 400, 400, 600, true
		}, Insolvent, Insolvent},
	} {
		c := owing(1000, 10, .3)
		v.change(c.Account)
		o := options(t, m, c)
		if o[0].BlockedBy != v.call || o[1].BlockedBy != v.work {
			t.Errorf("%s: call %q, work %q; want %q, %q", v.name, o[0].BlockedBy, o[1].BlockedBy, v.call, v.work)
		}
	}
	// What each adds is the same increment on its own part of the item.
	later := call(2)
	later.Effect.Delay = 5
	m = menu(t, Limits{WaitDispute: true}, nil, later, resolve())
	c := owing(1_000_000, 10, .3)
	c.Account.Items[0].Disputed, c.Account.Disputed, c.Account.Collectable = 250_000, 250_000, 750_000
	if o := options(t, m, c); math.Abs(float64(o[0].Value)-3*float64(o[1].Value)) > 3 || o[1].Value <= 0 {
		t.Errorf("three quarters add %d, a quarter %d", o[0].Value, o[1].Value)
	}
}

// The value of placing is what the best agency leaves after its fee, discounted, less what is expected
// without: worked out by hand for a customer that never pays by itself.
func TestPlacingIsWorthWhatItNets(t *testing.T) {
	place := call(1)
	place.Name, place.Channel, place.PerMinute = "place", "agency", false
	place.Agencies = []Agency{
		{Name: "dear", Fee: .5, Recovery: []rank.TailPoint{{PastDue: 90, Share: .8}}},
		{Name: "fair", Fee: .2, Recovery: []rank.TailPoint{{PastDue: 90, Share: .6}, {PastDue: 365, Share: .1}}},
		{Name: "large", Fee: 0, MinAmount: 1_000_001, Recovery: []rank.TailPoint{{PastDue: 0, Share: 1}}},
	}
	m := menu(t, Limits{}, nil, place)
	const amount, never = 1_000_000, 1e-12
	tail := .5 * math.Exp(-.08/365*42) // recovered by ourselves in the end, after the horizon
	late := math.Exp(-.08 / 365 * 90)
	for _, v := range []struct {
		pastDue int32
		agency  string
		net     float64
		blocked Block
	}{{89, "", 0, NoAgency}, {90, "fair", .48, Free}, {364, "fair", .48, Free}, {365, "dear", .4, Free}} {
		o := options(t, m, owing(amount, v.pastDue, never))[0]
		want := 0.0
		if v.agency != "" {
			want = amount * (v.net*late - tail)
		}
		if o.Agency != v.agency || o.BlockedBy != v.blocked || math.Abs(float64(o.Value)-want) > 1 {
			t.Errorf("%d days past due: %q adds %d (blocked by %q), want %q, %.0f", v.pastDue, o.Agency, o.Value, o.BlockedBy, v.agency, want)
		}
	}
	// Who pays by itself is worth less to place: all that is expected is given away.
	if sure, never := options(t, m, owing(amount, 90, .9))[0], options(t, m, owing(amount, 90, never))[0]; sure.Value >= never.Value || sure.Value >= 0 {
		t.Errorf("a payer nets %d, one who never pays %d", sure.Value, never.Value)
	}
}

// What was learned of an agency takes the place of what it is configured to recover, as far as it has weight, and not at ages of
// which nothing is configured.
func TestPlacingGoesByWhatWasLearned(t *testing.T) {
	const hazard = .5
	a := Agency{Fee: .2, Recovery: []rank.TailPoint{{PastDue: 90, Share: .6}, {PastDue: 365, Share: .1}}, Multiplier: 2}
	for _, v := range []struct {
		pastDue int32
		weight  float64
		want    float64
	}{{89, 1, 0}, {90, 0, .6}, {90, 1, 1 - math.Exp(-1)}, {365, .5, (.1 + 1 - math.Exp(-1)) / 2}} {
		a.Weight = v.weight
		if got := a.Net(v.pastDue, hazard); math.Abs(got-.8*v.want) > 1e-12 {
			t.Errorf("%d days past due, weight %v: nets %v, want %v", v.pastDue, v.weight, got, .8*v.want)
		}
	}
	place := call(1)
	place.Name, place.Channel, place.PerMinute = "place", "agency", false
	place.Agencies = []Agency{
		{Name: "told", Recovery: []rank.TailPoint{{PastDue: 90, Share: .5}}},
		{Name: "seen", Recovery: []rank.TailPoint{{PastDue: 90, Share: .4}}, Multiplier: 3, Weight: 1},
	}
	m := menu(t, Limits{}, nil, place)
	for _, v := range []struct {
		p    float64 // paid by itself within 30 days: seen multiplies that, told does not know it
		want string
	}{{1e-6, "told"}, {.1, "seen"}} {
		if o := options(t, m, owing(1_000_000, 100, v.p))[0]; o.Agency != v.want {
			t.Errorf("P(paid) %v: placed with %q, want %q", v.p, o.Agency, v.want)
		}
	}
}

// PV_0 by its definition, step by step, against what the kernel makes of the same curve.
func TestPresentIsTheSumOfWhatComesIn(t *testing.T) {
	days := []float64{1, 5, 20, 60, 100}
	for _, horizon := range []int32{42, 60, 100} {
		k, err := rank.NewKernel(days, nil, rank.Effect{Multiplier: 1, Decay: 1, Reach: 1}, rank.Money{Rate: .08, Horizon: horizon, Tail: rank.Tail{{PastDue: 0, Share: .4}}})
		if err != nil {
			t.Fatal(err)
		}
		const perDay = .02
		var cum []float64
		want, before := 0.0, 1.0
		for _, d := range days {
			cum = append(cum, perDay*d)
			end := math.Min(d, float64(horizon))
			now := math.Exp(-perDay * end)
			want += (before - now) * math.Exp(-.08/365*end)
			before = now
		}
		want += before * .4 * math.Exp(-.08/365*float64(horizon))
		var on rank.Curve
		on.Set(cum, 10)
		if got := k.Present(&on); math.Abs(got-want) > 1e-12 {
			t.Errorf("horizon %d: %v, by hand %v", horizon, got, want)
		}
	}
}

func TestAnActionIsForThoseItMakesSenseFor(t *testing.T) {
	plan := call(2)
	plan.Name, plan.When = "plan", `arrears_reason == "cash_flow" || invoices_settled >= 5 && delay_ratio <= 0.5`
	m := menu(t, Limits{}, []Rule{{Name: "house", When: "true", Effect: EffectBlock}}, call(2), plan)
	for _, v := range []struct {
		facts Facts
		want  Block
	}{
		{Facts{Reason: "cash_flow", DelayRatio: math.NaN()}, "house"}, // sensible, and then the rules of the house
		{Facts{Settled: 5, DelayRatio: .5}, "house"},
		{Facts{Settled: 4, DelayRatio: .5}, NotFor},
		{Facts{Settled: 5, DelayRatio: math.NaN()}, NotFor},
	} {
		c := owing(1000, 10, .3)
		c.Facts = v.facts
		if got := options(t, m, c)[1].BlockedBy; got != v.want {
			t.Errorf("%+v: blocked by %q, want %q", v.facts, got, v.want)
		}
		if next, _ := m.Next(c, 0); (next == 1) != (v.want == "house") {
			t.Errorf("%+v: next is %d", v.facts, next)
		}
	}
	if _, err := NewMenu([]Action{{Name: "odd", When: "colour == 3"}}, Limits{}, nil, money(), today, weekdays(t)); err == nil {
		t.Error("an expression over nothing is accepted")
	}
}

// A little debt of a customer that matters: the visit pays for the tie, not for the money.
func TestAVisitIsWorthSomethingToAnImportantTie(t *testing.T) {
	visit := call(2.5)
	visit.Channel, visit.Relationship, visit.Tie = "visit", .002, .01
	m := menu(t, Limits{}, nil, visit)
	for relationship, want := range map[scoring.Relationship]int64{scoring.Regular: 2_000, scoring.Minor: 2_000, scoring.Strategic: -8_000} {
		c := owing(1000, 10, .3)
		c.Account.Master.Relationship, c.Account.Margin = relationship, 1_000_000
		o := options(t, m, c)[0]
		if o.Money != want || (o.Value > 0) != (relationship == scoring.Strategic) {
			t.Errorf("relationship %d: costs %d, adds %d; want costs of %d", relationship, o.Money, o.Value, want)
		}
	}
}
