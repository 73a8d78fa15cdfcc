package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// value works out, for an account that something is overdue or falling due of, what each action of the
// menu would add.
func (n *night) value(t *treatment.Case, c *customer) error {
	c.chosen = -1
	if c.Overdue <= 0 && c.Collectable <= 0 {
		return nil
	}
	c.duty = n.findDuty(c)
	if err := n.weigh(t, c); err != nil {
		return err
	}
	if c.held = n.heldOut(c); c.held && c.duty == "" {
		c.out, c.choices = true, nil
		c.holdOut()
	}
	return nil
}

// plan chooses at most one action an account within the capacity of the day and ranks what it chose; why the rest
// is left alone follows from it when it is written. Duties come first. For the others what is maximised is value
// less the wage of the effort, so that the price of a unit is its wage plus the dual price of its
// capacity, and an action is worth taking just where its value is at least the price of its effort.
func (n *night) plan(context.Context) error {
	left := make([]int64, len(n.resources))
	for i := range n.resources {
		left[i] = n.resources[i].capacity
	}
	prices, err := n.presage(left)
	if err != nil {
		return err
	}
	n.talkFirst(left, prices)
	n.doDuties(left, prices)
	n.planned, err = n.choose(left)
	if err == nil && n.explore(n.planned, left) {
		n.planned, err = n.choose(left)
	}
	if err != nil {
		return fmt.Errorf("planning the day: %w", err)
	}
	for i := range n.resources {
		n.resources[i].price = n.resources[i].wage + n.solution.Prices[i]
		n.solution.Used[i] += n.resources[i].capacity - left[i]
	}
	for i, c := range n.planned {
		if k := n.solution.Choice[i]; k >= 0 {
			c.chosen = int(n.problem.Action[k])
		}
	}
	n.list()
	n.settleDraws()
	if err := n.compare(); err != nil {
		return err
	}
	n.top, err = n.load(n.worklist[:min(top, len(n.worklist))])
	return err
}

// choose plans for the accounts about which nothing is decided yet, with the capacity that is left.
func (n *night) choose(left []int64) (order []*decision, err error) {
	order = n.byPrecedence()
	n.problem = n.makeProblem(order, left)
	n.solution, err = rank.Solve(n.problem, rank.Settings{Workers: n.workers})
	return order, n.tooMuchToGain(err, order)
}

// list deals the chosen rows out to the collectors and puts them in order: duties first, then by
// value over the price of the effort.
func (n *night) list() {
	for _, c := range n.cases {
		if c.chosen >= 0 {
			n.worklist = append(n.worklist, c)
		}
	}
	for _, c := range n.dealOut(n.worklist) {
		n.undo(c)
	}
	n.worklist = slices.DeleteFunc(n.worklist, func(c *decision) bool { return c.chosen < 0 })
	for _, c := range n.worklist {
		c.effort = n.effort(c, c.chosen, c.pick().units)
	}
	slices.SortFunc(n.worklist, func(a, b *decision) int {
		return cmp.Or(cmp.Compare(slices.Index(dutyOrder, a.duty), slices.Index(dutyOrder, b.duty)),
			-cmp.Compare(a.perEffort(), b.perEffort()), precedence(a, b))
	})
	turn := map[string]int{}
	for i, c := range n.worklist {
		c.rank = i + 1
		turn[c.collector]++
		c.turn = turn[c.collector]
	}
}

// undo takes back a choice for which nobody had the minutes.
func (n *night) undo(c *decision) {
	o := c.pick()
	for _, r := range n.pools(c, c.chosen) {
		n.solution.Used[r] -= o.units
	}
	if c.duty == "" && !c.draw.randomised() {
		n.solution.Value -= n.net(c.chosen, o.value, o.units)
	}
	if c.draw.randomised() {
		c.draw.crowded = true
	}
	if n.solution.Bound > 0 {
		n.solution.Gap = (n.solution.Bound - float64(n.solution.Value)) / n.solution.Bound
	}
	c.chosen, c.duty = -1, ""
}

// effort is what an option's work costs a customer's account at today's prices, minor units.
func (n *night) effort(c *decision, action int, units int64) float64 {
	return n.priced(n.pools(c, action), units)
}

// priced is what so many units of some resources cost at today's prices, minor units.
func (n *night) priced(pools []int16, units int64) float64 {
	sum := 0.0
	for _, r := range pools {
		sum += float64(n.resources[r].price * float64(units))
	}
	return sum
}

// net is the value of an option less the wage of its effort: what the plan adds up.
func (n *night) net(action int, value, units int64) int64 {
	r := n.resourceOf[action]
	if r < 0 {
		return value
	}
	return value - int64(math.Ceil(n.resources[r].wage*float64(units)))
}

// worthOf is net of an allowed option.
func (n *night) worthOf(o *allowed) int64 { return n.net(int(o.action), o.value, o.units) }

// perEffort is the ranking key: value over the price of the effort, to a millionth. Effort that
// costs less than a minor unit counts as one.
func (c *decision) perEffort() float64 {
	return math.Round(float64(c.pick().value)/max(c.effort, 1)*1e6) / 1e6
}

// precedence orders accounts that are worth the same: larger overdue amount, then older debt, then
// the bytes of the id.
func precedence(a, b *decision) int {
	switch {
	case a.overdue != b.overdue:
		return cmp.Compare(b.overdue, a.overdue)
	case a.pastDue != b.pastDue:
		return cmp.Compare(b.pastDue, a.pastDue)
	}
	return inOrder(a, b)
}

// byPrecedence lists the accounts that have an option worth taking and no duty that is done.
func (n *night) byPrecedence() []*decision {
	type place struct { // what nearly always decides, beside the decision and not behind a pointer: a quarter of the time
		overdue int64
		of      *decision
	}
	var places []place
	for _, c := range n.cases {
		if c.chosen >= 0 || c.leftByLot() {
			continue
		}
		for k := range c.choices {
			if o := &c.choices[k]; n.worthOf(o) > 0 {
				places = append(places, place{c.overdue, c})
				break
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.overdue != b.overdue {
			return cmp.Compare(b.overdue, a.overdue)
		}
		return precedence(a.of, b.of)
	})
	out := make([]*decision, len(places))
	for i := range places {
		out[i] = places[i].of
	}
	return out
}

// makeProblem writes the allowed options of the accounts as package rank reads them; the label of
// an option is its action's place on the menu.
func (n *night) makeProblem(order []*decision, left []int64) *rank.Problem {
	p := &rank.Problem{Start: []int32{0}, UseStart: []int32{0}, Capacity: left}
	for _, c := range order {
		for k := range c.choices {
			o := &c.choices[k]
			net := n.worthOf(o)
			if net <= 0 {
				continue
			}
			p.Value = append(p.Value, net)
			p.Action = append(p.Action, o.action)
			from := len(p.UseResource)
			p.UseResource = n.uses(p.UseResource, c, o.action)
			for range len(p.UseResource) - from {
				p.UseAmount = append(p.UseAmount, int32(min(o.units, math.MaxInt32)))
			}
			p.UseStart = append(p.UseStart, int32(len(p.UseAmount)))
		}
		p.Start = append(p.Start, int32(len(p.Value)))
	}
	return p
}
