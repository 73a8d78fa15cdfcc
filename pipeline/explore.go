package pipeline

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"kaishu/pipeline/table"
	"kaishu/scoring"
	"kaishu/scoring/trial"
)

// draw is what the lot says of one customer near the cut line.
type draw struct {
	option  int     // the contact in question: index into the menu
	ratio   float64 // of its value to the price of its effort; the cut line is at 1
	u       float64 // the lot: below `explore` it decides
	decides bool
	act     bool // where it decides: contact, else leave alone
	crowded bool // it said to contact, but no capacity was left: then it has decided nothing
	planned bool // what the plan does, or would have done
}

// leftToTheLot is why a customer whom the lot has left alone is left alone.
const leftToTheLot = "explore"

// randomised reports whether the lot has decided about a customer.
func (d *draw) randomised() bool { return d != nil && d.decides && !d.crowded }

// leftByLot reports whether the lot has left a customer alone.
func (c *decision) leftByLot() bool { return c.draw.randomised() && !c.draw.act }

// explore leaves the customers near the cut line of a first plan to the lot, each with a small
// probability: contacted, out of the capacity that is left after the duties, or left alone. What forbids a contact
// forbids it here too; duties and the held out are not asked. It reports whether there is anything to
// plan anew.
func (n *night) explore(order []*decision, left []int64) (again bool) {
	l := &n.cfg.Learning
	if l.Explore == 0 {
		return false
	}
	planned := map[*decision]bool{}
	for i, c := range order {
		planned[c] = n.solution.Choice[i] >= 0
	}
	for i := range n.resources {
		n.resources[i].price = n.resources[i].wage + n.solution.Prices[i]
	}
	var acts []*decision
	for _, c := range n.cases {
		d := n.nearCut(c)
		if d == nil {
			continue
		}
		var coin float64
		d.u, coin = trial.Draw(l.Salt, purposeExplore, c.id, int32(n.workDay))
		d.decides, d.act, d.planned = d.u < l.Explore, coin < .5, planned[c]
		c.draw = d
		again = again || d.decides
		if d.decides && d.act {
			acts = append(acts, c)
		}
	}
	slices.SortFunc(acts, func(a, b *decision) int { // so that who comes first is left to the lot too
		return cmp.Or(cmp.Compare(a.draw.u, b.draw.u), cmp.Compare(a.id, b.id))
	})
	var use []int16
	for _, c := range acts {
		o := c.choice(c.draw.option)
		use = n.uses(use[:0], c, o.action)
		if !fits(left, use, o.units) {
			c.draw.crowded = true
			continue
		}
		for _, r := range use {
			left[r] -= o.units
		}
		c.chosen = c.draw.option
	}
	return again
}

// nearCut is the allowed contact of a customer that leaves most over at today's prices, if its value
// over the price of its effort lies within the band about 1; else nil.
func (n *night) nearCut(c *decision) *draw {
	if c.duty != "" || c.held || c.chosen >= 0 {
		return nil
	}
	best, most, ratio := -1, math.Inf(-1), 0.0
	for k := range c.choices {
		o := &c.choices[k]
		if o.value <= 0 || !n.menu.Actions[o.action].Contacts() {
			continue
		}
		price := n.effort(c, int(o.action), o.units)
		if over := float64(o.value) - price; over > most {
			best, most, ratio = int(o.action), over, float64(o.value)/max(price, 1)
		}
	}
	band := 1 + n.cfg.Learning.ExploreBand
	if best < 0 || ratio < 1/band || ratio > band {
		return nil
	}
	return &draw{option: best, ratio: ratio}
}

// settleDraws notes what the plan does with those about whom the lot has not decided.
func (n *night) settleDraws() {
	for _, c := range n.cases {
		if d := c.draw; d != nil && !d.randomised() {
			d.planned = c.chosen >= 0
			if d.planned {
				d.option = c.chosen
			}
		}
	}
}

// propensity is the probability with which the customer was to be contacted: NaN where capacity decided.
func (d *draw) propensity(explore float64) float64 {
	if d.crowded {
		return nan
	}
	p := float64(explore / 2)
	if d.planned {
		p += 1 - explore
	}
	return p
}

// explorationColumns are the columns of exploration.parquet. The first four and randomised are named as
// in the activities export, to which the rows of those left alone can be added as they are.
func explorationColumns() []table.OutColumn {
	bool := func(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutBool} }
	return []table.OutColumn{str("activity_id"), str("customer_id"), date("done_on"), str("action"), dbl("recovery_per_effort"), bool("planned"),
		bool("randomised"), bool("acted"), bool("crowded_out"), odbl("propensity")}
}

// fillExploration writes everybody near the cut line.
func (n *night) fillExploration(s *sheet, full func() error) error {
	for _, c := range n.cases {
		d := c.draw
		if d == nil {
			continue
		}
		action := n.menu.Actions[d.option].Name
		if c.leftByLot() {
			action = scoring.LeftAlone
		}
		s.text("lot-" + n.workDay.String() + "-" + c.id).text(c.id).day(n.workDay).text(action).share(d.ratio).bool(d.planned).bool(d.randomised()).bool(c.chosen >= 0).bool(d.crowded).
			share(d.propensity(n.cfg.Learning.Explore)).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// explored counts those near the cut line, and of them those whom the lot had contacted, left alone, or
// would have had contacted.
func (n *night) explored() (near, acted, left, crowded int) {
	for _, c := range n.cases {
		if c.draw == nil {
			continue
		}
		near++
		switch {
		case c.draw.crowded:
			crowded++
		case c.leftByLot():
			left++
		case c.draw.randomised():
			acted++
		}
	}
	return near, acted, left, crowded
}

// explorationSection is what was left to the lot, in run.json.
func (n *night) explorationSection() any {
	near, acted, left, crowded := n.explored()
	return map[string]any{"explore": n.cfg.Learning.Explore, "band": n.cfg.Learning.ExploreBand, "near_cut": near, "contacted": acted, "left_alone": left, "crowded_out": crowded}
}

func (n *night) printExploration(w io.Writer) {
	if n.cfg.Learning.Explore == 0 {
		return
	}
	near, acted, left, _ := n.explored()
	fmt.Fprintln(w, n.voc().say(lotLeft, near, acted, left))
}
