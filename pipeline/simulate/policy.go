package simulate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// The policies.
const (
	Nothing           = "nothing"              // no contact at all
	Kaishu            = "kaishu"               // the worklist of the night
	KaishuLearning    = "kaishu_learning"      // likewise, going by what contacts by lot have taught, and leaving more to the lot
	LargestFirst      = "largest_first"        // by overdue amount
	LargestInPerson   = "largest_in_person"    // likewise, and by visits and calls before anything in writing
	OldestFirst       = "oldest_first"         // by days past due
	RiskFirst         = "risk_first"           // by probability of reaching 90 days past due
	AmountProbability = "amount_x_probability" // by collectable amount times probability of payment in 30 days
	Points            = "points_rule"          // by points for age, amount, broken promises and grade
	Oracle            = "oracle"               // the best plan for who knows types and true effects
)

// policy chooses the day's contacts.
type policy struct {
	name   string
	fits   bool // lives by the time-to-pay model, so that it is kept up to date
	learns bool // and by effects as learned: see learning
	choose func(context.Context, *pipeline.Desked, *fixtures.Portfolio) ([]pick, error)
}

// pick is one contact: option of a case, by index; -1 of a customer whom the lot leaves alone.
type pick struct{ customer, option int }

var policies = []policy{
	{name: Nothing},
	{name: Kaishu, fits: true, choose: planned},
	{name: KaishuLearning, fits: true, learns: true, choose: planned},
	{LargestFirst, false, false, byKey(overdue, strength)},
	{LargestInPerson, false, false, byKey(overdue, inPerson)},
	{OldestFirst, false, false, byKey(func(c *pipeline.Case) float64 { return float64(c.PastDueMax) }, strength)},
	{RiskFirst, true, false, byKey(func(c *pipeline.Case) float64 { return c.P90 }, strength)},
	{AmountProbability, true, false, byKey(func(c *pipeline.Case) float64 { return float64(c.Collectable) * c.Paid30 }, strength)},
	{Points, true, false, byKey(points, strength)},
	{Oracle, false, false, foreseen},
}

// Policies are the names of all policies, Nothing first.
func Policies() []string {
	var out []string
	for i := range policies {
		out = append(out, policies[i].name)
	}
	return out
}

func find(name string) *policy {
	if i := slices.IndexFunc(policies, func(p policy) bool { return p.name == name }); i >= 0 {
		return &policies[i]
	}
	return nil
}

// Simple reports whether a policy is a rule that sorts accounts by one key.
func Simple(name string) bool {
	return name != Nothing && name != Kaishu && name != KaishuLearning && name != Oracle
}

// planned is the worklist of the night.
func planned(ctx context.Context, day *pipeline.Desked, _ *fixtures.Portfolio) (out []pick, err error) {
	if err := day.Plan(ctx); err != nil {
		return nil, err
	}
	for i := range day.Cases {
		if c := &day.Cases[i]; c.Chosen >= 0 || c.Spared {
			out = append(out, pick{i, c.Chosen})
		}
	}
	return out, nil
}

func overdue(c *pipeline.Case) float64 { return float64(c.Overdue) }

// points is a rule of the kind that worklists in use sort by. The weights are invented.
func points(c *pipeline.Case) float64 {
	p := 0.0
	for _, days := range []int32{1, 15, 31, 61, 91} {
		if c.PastDueMax >= days {
			p += 10
		}
	}
	for _, yen := range []int64{100_000, 300_000, 1_000_000, 3_000_000} {
		if c.Overdue >= yen {
			p += 10
		}
	}
	p += float64(5 * min(c.PromisesBroken, 3))
	if c.P90 > .2 {
		p += 10
	}
	return p
}

// byKey works down the overdue accounts by a key, the highest first. Each gets the strongest action
// that is allowed and for which there is capacity left.
func byKey(key func(*pipeline.Case) float64, strength func(*treatment.Action) float64) func(context.Context, *pipeline.Desked, *fixtures.Portfolio) ([]pick, error) {
	return func(_ context.Context, day *pipeline.Desked, _ *fixtures.Portfolio) (out []pick, err error) {
		type entry struct {
			customer int
			key      float64
		}
		var list []entry
		for i := range day.Cases {
			if c := &day.Cases[i]; c.Overdue > 0 && len(c.Options) > 0 {
				list = append(list, entry{i, key(c)})
			}
		}
		slices.SortFunc(list, func(a, b entry) int {
			x, y := &day.Cases[a.customer], &day.Cases[b.customer]
			return cmp.Or(-cmp.Compare(a.key, b.key), -cmp.Compare(x.Overdue, y.Overdue), cmp.Compare(a.customer, b.customer))
		})
		left := day.Resources()
		for _, e := range list {
			best, from := -1, -1
			options := day.Cases[e.customer].Options
			for k := range options {
				o := &options[k]
				r := resource(day, left, o)
				if o.BlockedBy != treatment.Free || r >= 0 && o.Units > left[r].Units {
					continue
				}
				if best < 0 || strength(&day.Menu.Actions[o.Action]) > strength(&day.Menu.Actions[options[best].Action]) {
					best, from = k, r
				}
			}
			if best < 0 {
				continue
			}
			if from >= 0 {
				left[from].Units -= options[best].Units
			}
			out = append(out, pick{e.customer, best})
		}
		return out, nil
	}
}

// strength is what an action is thought to do: the boost of the hazard times the chance to arrive.
func strength(a *treatment.Action) float64 { return (a.Effect.Multiplier - 1) * a.Effect.Reach }

// inPerson puts talks before letters, and formal letters last: while one of those works, nobody may call.
func inPerson(a *treatment.Action) float64 {
	switch {
	case a.Talks():
		return 2 + strength(a)
	case a.Tone == "formal":
		return strength(a) - 2
	}
	return strength(a)
}

// resource is the place of what an option draws on, -1 of nothing.
func resource(day *pipeline.Desked, all []pipeline.Resource, o *treatment.Option) int {
	name := day.Menu.Actions[o.Action].Resource
	return slices.IndexFunc(all, func(r pipeline.Resource) bool { return r.Name == name })
}

// foreseen plans with the true expected gains, under the same rules, capacities and costs. It
// knows the types, the reactions and the last day, not the luck.
func foreseen(_ context.Context, day *pipeline.Desked, world *fixtures.Portfolio) ([]pick, error) {
	all, known := day.Resources(), fixtures.Actions()
	p := &rank.Problem{Start: []int32{0}, UseStart: []int32{0}}
	for _, r := range all {
		p.Capacity = append(p.Capacity, r.Units)
	}
	var who []int
	for i := range day.Cases {
		options := day.Cases[i].Options
		if len(options) == 0 {
			continue
		}
		gains := world.Gains(i)
		if gains == nil {
			continue
		}
		for k := range options {
			o := &options[k]
			at := slices.Index(known, day.Menu.Actions[o.Action].Name)
			value := int64(math.Round(gains[at])) - o.Money
			r := resource(day, all, o)
			if r >= 0 {
				value -= int64(math.Ceil(all[r].Wage * float64(o.Units)))
			}
			if o.BlockedBy != treatment.Free || value <= 0 {
				continue
			}
			p.Value, p.Action = append(p.Value, value), append(p.Action, int32(k))
			if r >= 0 {
				p.UseResource, p.UseAmount = append(p.UseResource, int16(r)), append(p.UseAmount, int32(o.Units))
			}
			p.UseStart = append(p.UseStart, int32(len(p.UseAmount)))
		}
		who = append(who, i)
		p.Start = append(p.Start, int32(len(p.Value)))
	}
	plan, err := rank.Solve(p, rank.Settings{Workers: 1})
	if err != nil {
		return nil, fmt.Errorf("planning with the truth: %w", err)
	}
	var out []pick
	for a, k := range plan.Choice {
		if k >= 0 {
			out = append(out, pick{who[a], int(p.Action[k])})
		}
	}
	return out, nil
}
