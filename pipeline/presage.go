package pipeline

import (
	"fmt"
	"slices"

	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// presaged is the most accounts by which the prices of the day are estimated before its plan is made.
const presaged = 20_000

// presage estimates what a unit of each resource is worth on the day beyond its wage, were nothing owed: by
// a sample, evenly over the customers, with its share of the capacity.
func (n *night) presage(left []int64) ([]float64, error) {
	sample, step := sampled(n.cases, presaged)
	share := make([]int64, len(left))
	for r, units := range left {
		if share[r] = units; units > 0 { // less than 0 is no limit
			share[r] = (units + int64(step) - 1) / int64(step)
		}
	}
	prices, err := rank.Prices(n.makeProblem(sample, share), rank.Settings{Workers: n.workers})
	if err != nil {
		return nil, fmt.Errorf("pricing the day: %w", n.tooMuchToGain(err, sample))
	}
	return prices, nil
}

// sampled is at most so many of a list, evenly over it: every step-th, and every one where there are no more.
func sampled(list []*decision, most int) (sample []*decision, step int) {
	step = max(1, (len(list)+most-1)/most)
	for i := 0; i < len(list); i += step {
		sample = append(sample, list[i])
	}
	return sample, step
}

// talkFirst forbids formal letters to whom a talk is worth its price on the day, beside the wage that is in the
// value of the plan: such a letter keeps the phone on the hook until its effect has passed (policy.wait_effect), which the value of
// a single action does not see.
func (n *night) talkFirst(left []int64, prices []float64) {
	if !n.talksFirst() {
		return
	}
	for _, c := range n.cases {
		if n.judgeTalks(c, left, prices); c.talks && n.kept != nil {
			n.kept[c.at].talkFirst(n.menu)
		}
	}
}

// talksFirst reports whether the rule of talkFirst holds: it is about the phone that a letter keeps on the hook.
func (n *night) talksFirst() bool { return n.cfg.Policy.TalkFirst && n.cfg.Policy.WaitEffect }

// judgeTalks forbids a customer's formal letters where a talk is worth its price.
func (n *night) judgeTalks(c *decision, left []int64, prices []float64) {
	c.talks = slices.ContainsFunc(c.choices, func(o allowed) bool {
		return n.menu.Actions[o.action].Talks() && fits(left, n.pools(c, int(o.action)), o.units) && n.beyond(c, &o, prices) > 0
	})
	if c.talks {
		c.withoutLetters(n.menu)
	}
}

// withoutLetters leaves out the formal letters among what is allowed.
func (c *decision) withoutLetters(menu *treatment.Menu) {
	c.choices = slices.DeleteFunc(c.choices, func(o allowed) bool { return formalLetter(&menu.Actions[o.action]) })
}

// talkFirst forbids a customer's formal letters that are still allowed.
func (c *customer) talkFirst(menu *treatment.Menu) {
	for k := range c.options {
		if o := &c.options[k]; o.BlockedBy == treatment.Free && formalLetter(&menu.Actions[o.Action]) {
			o.BlockedBy = treatment.TalkFirst
		}
	}
}

func formalLetter(a *treatment.Action) bool { return a.Channel == "letter" && a.Tone == "formal" }

// beyond is what an option adds beyond its effort, a unit of which costs its wage and a price.
func (n *night) beyond(c *decision, o *allowed, prices []float64) float64 {
	v := float64(n.worthOf(o))
	for _, r := range n.pools(c, int(o.action)) {
		v -= float64(prices[r] * float64(o.units))
	}
	return v
}
