package pipeline

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kaishu/pipeline/config"
	"kaishu/scoring"
	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// makeMenu turns the configured actions, limits, rules and capacities into those of the packages below.
func (n *night) makeMenu() error {
	n.workDay = n.calendar.Add(n.asOf, 1)
	n.weekday = strings.ToLower(n.workDay.Weekday().String())
	var actions []treatment.Action
	for _, a := range n.cfg.Actions {
		if a.Enabled && (a.Channel != "agency" || len(n.cfg.Reviews.Agencies) > 0) {
			actions = append(actions, n.action(&a))
		}
	}
	p, risk := &n.cfg.Policy, &n.cfg.Risk
	var rules []treatment.Rule
	for _, r := range p.Rules {
		rules = append(rules, treatment.Rule{Name: r.Name, When: r.When, Actions: r.Actions, Effect: r.Effect, Tone: r.Tone})
	}
	money := rank.Money{Rate: risk.CostOfCapital, Horizon: int32(risk.Horizon)}
	for _, t := range risk.Tail {
		money.Tail = append(money.Tail, rank.TailPoint{PastDue: int32(t.Days), Share: t.Share})
	}
	var err error
	if n.menu, err = treatment.NewMenu(actions, n.limits(), rules, money, n.asOf, n.calendar); err != nil {
		return err
	}
	n.asks = len(rules) > 0 || slices.ContainsFunc(actions, func(a treatment.Action) bool { return a.When != "" })
	n.makeResources()
	return nil
}

// limits are those within which actions are proposed on the day of work.
func (n *night) limits() treatment.Limits {
	p := &n.cfg.Policy
	l := treatment.Limits{
		DoNotContact: p.DoNotContact, Insolvent: p.Insolvent, Represented: p.Represented,
		Materiality: n.minor(p.Materiality), Quiet: n.quiet(n.workDay),
		MaxContacts7: int32(p.MaxContacts7), MaxContacts30: int32(p.MaxContacts30), MaxVisits30: int32(p.MaxVisits30),
		MinBetween: int32(p.MinDaysBetween), WorkDay: n.workDay,
		WaitPromise: p.WaitPromise, WaitDispute: p.WaitDispute, WaitAgency: p.WaitAgency, WaitEffect: p.WaitEffect,
		RespectHabit: p.HabitGrace, HabitDays: int32(p.HabitDays), HabitPaid: p.HabitProbability,
		Fatigue: p.Fatigue, Reasons: p.Reasons, SelfCure: treatment.SelfCure{From: p.SelfCureFrom, To: p.SelfCureTo, Cap: p.SelfCureCap},
	}
	if n.cfg.Interest.Collectable > 0 {
		l.Interest, l.Collected = n.interest, n.cfg.Interest.Collectable
	}
	return l
}

func (n *night) action(a *config.Action) treatment.Action {
	effect, source, segments := n.effectOf(a)
	return treatment.Action{
		Name: a.Name, Channel: a.Channel, Tone: a.Tone,
		Effect: effect, Source: source, Segments: segments, Kept: a.Kept, Horizon: int32(a.Horizon),
		Minutes: a.Minutes, MinutesPerItem: a.MinutesPerItem, Travel: a.Travel,
		Money: n.minor(a.Money), Relationship: a.Relationship,
		Resource: a.Resource, PerMinute: a.Use == config.UseMinutes,
		MinPastDue: int32(a.MinDaysPastDue), MaxPastDue: int32(min(a.MaxDaysPastDue, math.MaxInt32)), After: a.After,
		Tie: a.Tie, When: a.When, Disputed: a.Claim == config.ClaimDisputed, Agencies: n.agencies(),
	}
}

// agencies are those of the configuration, with what was learned of them where placing goes by that.
func (n *night) agencies() []treatment.Agency {
	var out []treatment.Agency
	for _, a := range n.cfg.Reviews.Agencies {
		one := treatment.Agency{Name: a.Name, Fee: a.Fee, MinAmount: n.minor(a.MinAmount)}
		for _, p := range a.Recovery {
			one.Recovery = append(one.Recovery, rank.TailPoint{PastDue: int32(p.Days), Share: p.Share})
		}
		if l := n.placed.of(a.Name); l != nil && n.cfg.Learning.Agencies == config.LearnOn {
			one.Multiplier, one.Weight = l.Multiplier, l.Weight
		}
		out = append(out, one)
	}
	return out
}

// minor is a configured amount in minor units of the reporting currency.
func (n *night) minor(v float64) int64 {
	return int64(math.Round(v * math.Pow10(n.currency.Digits())))
}

// quiet reports whether nobody is contacted on a day.
func (n *night) quiet(d scoring.Day) bool {
	days := n.cfg.Policy.QuietDays
	return slices.Contains(days, d.String()) || slices.Contains(days, strings.ToLower(d.Weekday().String()))
}

// newCase is a case of the night, to be filled with one account after another.
func (n *night) newCase() *treatment.Case { return &treatment.Case{AsOf: n.asOf} }

// fill puts a customer into a case.
func (n *night) fill(t *treatment.Case, c *customer) {
	t.Account, t.Curves, t.Duty = &c.Account, c.curves, c.duty != ""
	if n.asks {
		t.Facts = n.facts(c)
	}
}

// weigh values every action of the menu for one customer.
func (n *night) weigh(t *treatment.Case, c *customer) (err error) {
	n.fill(t, c)
	c.options, err = n.menu.Options(t, int32(n.cfg.Ledger.Horizon), slices.Grow(c.options[:0], len(n.menu.Actions)))
	if err != nil {
		return fmt.Errorf("valuing actions for %s: %w", c.Customer, err)
	}
	c.choices = allow(c.options)
	return nil
}

// facts are what rules of policy may ask about a customer.
func (n *night) facts(c *customer) treatment.Facts {
	a, m := &c.Account, &c.Master
	units := func(v int64) float64 { return float64(v) / n.unit() }
	known := func(v float64, ok bool) float64 {
		if !ok {
			return nan
		}
		return v
	}
	_, _, day := n.workDay.Date()
	since := func(d scoring.Day) float64 { return known(float64(n.asOf-d), d != scoring.NoDay) }
	return treatment.Facts{
		Customer: a.Customer, Parent: m.Parent, Segment: m.Segment, Region: m.Region, Language: m.Language,
		Relationship: relationship(m.Relationship), Collector: m.Collector, Reason: a.Reason,
		Open: units(a.Open), Overdue: units(a.Overdue), Collectable: units(a.Collectable), Disputed: units(a.Disputed),
		Promised: units(a.Promised), Unapplied: units(a.Unapplied), Exposure: units(a.Exposure),
		Limit: known(units(a.Limit), a.HasLimit), Utilization: ratio(a.Exposure, a.Limit, a.HasLimit),
		Margin: known(units(a.Margin), m.HasMargin), Collateral: units(a.Collateral), Guarantor: m.Guarantor != "",
		Bureau: known(m.Bureau, a.HasRow), PastDueMax: int(a.PastDueMax), OpenItems: int(a.OpenItems), OverdueItems: int(a.OpenOverdue),
		Settled: int(a.Settled), DelayRatio: ratio(int64(a.Delays), int64(a.Settled)+int64(a.OpenOverdue), true), DaysLateMean: a.DaysLateMean,
		PromisesBroken: int(a.PromisesBroken), PromisesKept: int(a.PromisesKept), Contacts7: int(a.Contacts7), Contacts30: int(a.Contacts30),
		SinceContact: since(a.LastContact), SincePayment: since(a.LastPayment), RightParty: a.RightPartyRate, Travel: m.TravelMinutes,
		Paid30: c.paid30, P90: c.p90, Score: c.score, Grade: c.grade,
		Weekday: n.weekday, MonthDay: day,
	}
}

func relationship(r scoring.Relationship) string {
	switch r {
	case scoring.Strategic:
		return "strategic"
	case scoring.Minor:
		return "minor"
	}
	return "regular"
}
