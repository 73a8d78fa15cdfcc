package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"kaishu/pipeline/config"
	"kaishu/scoring"
	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// resource is one capacity of the day, in whole units: seconds where its actions take minutes,
// else slots.
type resource struct {
	name     string
	minutes  bool
	capacity int64
	wage     float64 // what a unit of work costs even while capacity is left over, minor units
	price    float64 // what it is worth today: the wage and what scarcity adds to it
}

// value works out, for every account that something is overdue or falling due of, what each
// action of the menu would add.
func (n *night) value(context.Context) error {
	if err := n.makeMenu(); err != nil {
		return err
	}
	const block = 256
	horizon := int32(n.cfg.Ledger.Horizon)
	return n.inParallel((len(n.cases)+block-1)/block, func(_, i int) error {
		for _, c := range n.cases[i*block : min((i+1)*block, len(n.cases))] {
			c.chosen = -1
			if c.Overdue <= 0 && c.Collectable <= 0 {
				continue
			}
			t := treatment.Case{AsOf: n.asOf, Account: &c.Account, Curves: c.curves}
			c.options = n.menu.Options(&t, horizon, nil)
		}
		return nil
	})
}

// makeMenu turns the configured actions, rules and capacities into those of the packages below.
func (n *night) makeMenu() error {
	var actions []treatment.Action
	for _, a := range n.cfg.Actions {
		if a.Enabled {
			actions = append(actions, n.action(&a))
		}
	}
	p, risk := &n.cfg.Policy, &n.cfg.Risk
	rules := treatment.Rules{
		DoNotContact: p.DoNotContact, Insolvent: p.Insolvent, Represented: p.Represented,
		Materiality: n.minor(p.Materiality), MaxContacts7: int32(p.MaxContacts7), MaxVisits30: int32(p.MaxVisits30),
		WaitPromise: p.WaitPromise, WaitDispute: p.WaitDispute, WaitEffect: p.WaitEffect,
		RespectHabit: p.HabitGrace, HabitDays: int32(p.HabitDays), HabitPaid: p.HabitProbability,
		Fatigue: p.Fatigue, SelfCure: treatment.SelfCure{From: p.SelfCureFrom, To: p.SelfCureTo, Cap: p.SelfCureCap},
	}
	money := rank.Money{Rate: risk.CostOfCapital, Horizon: int32(risk.Horizon)}
	for _, t := range risk.Tail {
		money.Tail = append(money.Tail, rank.TailPoint{PastDue: int32(t.Days), Share: t.Share})
	}
	var err error
	if n.menu, err = treatment.NewMenu(actions, rules, money, n.asOf, n.calendar); err != nil {
		return err
	}
	n.makeResources()
	return nil
}

func (n *night) action(a *config.Action) treatment.Action {
	return treatment.Action{
		Name: a.Name, Channel: a.Channel, Tone: a.Tone, Source: a.Source,
		Effect:  rank.Effect{Multiplier: a.Multiplier, Delay: float64(a.Delay), Decay: float64(a.Decay), Reach: a.Reach},
		Minutes: a.Minutes, MinutesPerItem: a.MinutesPerItem, Travel: a.Travel,
		Money: n.minor(a.Money), Relationship: a.Relationship,
		Resource: a.Resource, PerMinute: a.Use == config.UseMinutes,
		MinPastDue: int32(a.MinDaysPastDue), MaxPastDue: int32(min(a.MaxDaysPastDue, math.MaxInt32)), After: a.After,
	}
}

// minor is a configured amount in minor units of the reporting currency.
func (n *night) minor(v float64) int64 {
	return int64(math.Round(v * math.Pow10(n.currency.Digits())))
}

// makeResources takes the capacities that the menu draws on. The wage of a second is a
// sixtieth of the minute cost; that of a slot is the minute cost of the shortest action that uses
// it, at least a tenth of a minute, so that no effort is free.
func (n *night) makeResources() {
	n.resourceAt = map[string]int{}
	cost := n.unit() * n.cfg.Capacity.MinuteCost
	for _, r := range n.cfg.Capacity.Resources {
		res := resource{name: r.Name, capacity: int64(math.Floor(r.PerDay))}
		used, shortest := false, math.Inf(1)
		for _, a := range n.menu.Actions {
			if a.Resource == r.Name {
				used, res.minutes, shortest = true, a.PerMinute, min(shortest, a.Minutes)
			}
		}
		if !used {
			continue
		}
		if res.minutes {
			res.capacity, res.wage = int64(math.Floor(r.PerDay*60)), cost/60
		} else {
			res.wage = cost * max(shortest, .1)
		}
		n.resourceAt[res.name] = len(n.resources)
		n.resources = append(n.resources, res)
	}
}

// plan chooses at most one action an account within the capacity of the day, ranks what it chose
// and says of the rest why it is left alone. What is maximised is value less the wage of the effort,
// so that the price of a unit is its wage plus the dual price of its capacity, and an action is worth
// taking just where its value is at least the price of its effort.
func (n *night) plan(context.Context) (err error) {
	order := n.byPrecedence()
	n.problem = n.makeProblem(order)
	n.solution, err = rank.Solve(n.problem, rank.Settings{Workers: n.workers})
	if err != nil {
		return fmt.Errorf("planning the day: %w", err)
	}
	for i := range n.resources {
		r := &n.resources[i]
		r.price = r.wage + n.solution.Prices[i]
	}
	for i, c := range order {
		k := n.solution.Choice[i]
		if k < 0 {
			continue
		}
		c.chosen = int(n.problem.Action[k])
		c.effort = n.effort(&c.options[c.chosen], func(r *resource) float64 { return r.price })
		n.worklist = append(n.worklist, c)
	}
	slices.SortFunc(n.worklist, func(a, b *customer) int {
		return cmp.Or(-cmp.Compare(a.perEffort(), b.perEffort()), precedence(a, b))
	})
	for i, c := range n.worklist {
		c.rank = i + 1
	}
	for _, c := range n.cases {
		if c.Overdue > 0 && c.chosen < 0 {
			n.leaveAlone(c)
		}
	}
	return nil
}

// effort is what an option's work costs at the given price of a unit, minor units.
func (n *night) effort(o *treatment.Option, price func(*resource) float64) float64 {
	i, ok := n.resourceAt[n.menu.Actions[o.Action].Resource]
	if !ok {
		return 0
	}
	return price(&n.resources[i]) * float64(o.Units)
}

// net is the value of an option less the wage of its effort: what the plan adds up.
func (n *night) net(o *treatment.Option) int64 {
	return o.Value - int64(math.Ceil(n.effort(o, func(r *resource) float64 { return r.wage })))
}

// perEffort is the ranking key: value over the price of the effort, to a millionth.
func (c *customer) perEffort() float64 {
	return math.Round(float64(c.options[c.chosen].Value)/c.effort*1e6) / 1e6
}

// precedence orders accounts that are worth the same: larger overdue amount, then older debt, then
// the bytes of the id.
func precedence(a, b *customer) int {
	return cmp.Or(-cmp.Compare(a.Overdue, b.Overdue), -cmp.Compare(a.PastDueMax, b.PastDueMax), cmp.Compare(a.Customer, b.Customer))
}

// byPrecedence lists the accounts that have an option worth taking.
func (n *night) byPrecedence() []*customer {
	var out []*customer
	for _, c := range n.cases {
		for k := range c.options {
			if o := &c.options[k]; o.BlockedBy == treatment.Free && n.net(o) > 0 {
				out = append(out, c)
				break
			}
		}
	}
	slices.SortFunc(out, precedence)
	return out
}

// makeProblem writes the allowed options of the accounts as package rank reads them; the label of
// an option is its place in the customer's list.
func (n *night) makeProblem(order []*customer) *rank.Problem {
	p := &rank.Problem{Start: []int32{0}, UseStart: []int32{0}}
	for _, r := range n.resources {
		p.Capacity = append(p.Capacity, r.capacity)
	}
	for _, c := range order {
		for k := range c.options {
			o := &c.options[k]
			if o.BlockedBy != treatment.Free || n.net(o) <= 0 {
				continue
			}
			p.Value = append(p.Value, n.net(o))
			p.Action = append(p.Action, int32(k))
			if r, ok := n.resourceAt[n.menu.Actions[o.Action].Resource]; ok {
				p.UseResource = append(p.UseResource, int16(r))
				p.UseAmount = append(p.UseAmount, int32(min(o.Units, math.MaxInt32)))
			}
			p.UseStart = append(p.UseStart, int32(len(p.UseAmount)))
		}
		p.Start = append(p.Start, int32(len(p.Value)))
	}
	return p
}

// leaveAlone says why an account with overdue items is not worked today, and when to look again.
func (n *night) leaveAlone(c *customer) {
	best := -1 // the most valuable option, allowed ones before blocked ones
	for k := range c.options {
		if best < 0 || better(&c.options[k], &c.options[best]) {
			best = k
		}
	}
	next := n.calendar.Add(n.asOf, 1)
	c.recheck = next
	if best < 0 {
		c.why = string(treatment.NothingToAsk)
		return
	}
	o := &c.options[best]
	switch {
	case o.BlockedBy != treatment.Free:
		c.why = string(o.BlockedBy)
		c.recheck = n.recheck(c, o.BlockedBy)
	case n.net(o) <= 0 && o.Paid >= .8:
		c.why = "pays_by_itself"
		c.recheck = max(next, n.payDay(c))
	case n.net(o) <= 0:
		c.why = "not_worth_the_effort"
		c.recheck = n.calendar.Roll(n.asOf+30, scoring.RollFollowing)
	default:
		c.why = "no_capacity"
	}
}

// better prefers an allowed option to a blocked one, then the more valuable, then the earlier.
func better(a, b *treatment.Option) bool {
	if free := a.BlockedBy == treatment.Free; free != (b.BlockedBy == treatment.Free) {
		return free
	}
	return a.Value > b.Value
}

// recheck is the business day on which a block may have gone.
func (n *night) recheck(c *customer, b treatment.Block) scoring.Day {
	next := n.calendar.Add(n.asOf, 1)
	switch b {
	case treatment.PromiseRuns:
		return max(next, n.calendar.Add(c.PromiseUntil, int(n.cfg.Ledger.PromiseTolerance)+1))
	case treatment.Disputed, treatment.ContactCap, treatment.EffectRuns, treatment.VisitCap:
		return n.calendar.Roll(n.asOf+7, scoring.RollFollowing)
	case treatment.WithinHabit:
		return max(next, n.payDay(c))
	case treatment.Insolvent, treatment.DoNotContact, treatment.Represented, treatment.Immaterial:
		return n.calendar.Roll(n.asOf+30, scoring.RollFollowing)
	}
	return next
}

// payDay is the expected day of payment of the account's oldest item, a business day.
func (n *night) payDay(c *customer) scoring.Day {
	for _, s := range c.items {
		if s.expected != scoring.NoDay {
			return n.calendar.Roll(s.expected, scoring.RollFollowing)
		}
		break
	}
	return n.calendar.Roll(n.asOf+30, scoring.RollFollowing)
}
