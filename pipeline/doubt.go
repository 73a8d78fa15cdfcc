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

// doubt is how much of the day's plan would stand if every effect of the menu were so many times what it is taken for: the
// multipliers are assumptions until contacts have been made at random.
type doubt struct {
	Effect     float64 `json:"effect"`      // what the multipliers less 1, and the promises, are multiplied by
	Candidates int     `json:"candidates"`  // accounts planned: all, or a sample
	Picked     int     `json:"picked"`      // of them chosen by the plan as it is
	Kept       float64 `json:"kept"`        // share of those that would be chosen again
	SameAction float64 `json:"same_action"` // and for the same action
	Tau        float64 `json:"kendall_tau"` // of the order of those chosen both times, by value over the price of the effort
}

// doubted is the most accounts that are planned anew. Of more a sample is taken, evenly over the order of
// precedence, with its share of the capacity: shares of 20,000 are known to half a per cent.
const doubted = 20_000

// doubts plans the day once more with half and with twice the effects, by the rules of the plan: whether a talk is worth its
// price, and so whether a formal letter may go out, is asked anew. Duties stay as they are.
func (n *night) doubts(ctx context.Context) error {
	sample, step := sampled(n.planned, doubted)
	var left []int64
	for _, units := range n.problem.Capacity {
		if units > 0 && step > 1 {
			units /= int64(step)
		}
		left = append(left, units)
	}
	menus, effects := []*treatment.Menu{n.menu}, []float64{1, .5, 2}
	for _, effect := range effects[1:] {
		other, err := n.menu.With(times(n.menu.Actions, effect))
		if err != nil {
			return fmt.Errorf("doubting the plan: %w", err)
		}
		menus = append(menus, other)
	}
	valued, err := n.valueAnew(menus, sample)
	if err != nil {
		return err
	}
	plans := make([][]choice, len(menus))
	for i, menu := range menus {
		if err := ctx.Err(); err != nil {
			return err
		}
		if plans[i], err = n.planAnew(menu, valued[i], left); err != nil {
			return err
		}
	}
	for i, effect := range effects[1:] {
		d := compare(plans[0], plans[i+1])
		d.Effect = effect
		n.doubted = append(n.doubted, d)
	}
	return nil
}

// times are the actions with effects so many times as large, on every segment.
func times(actions []treatment.Action, factor float64) []treatment.Action {
	scale := func(e *rank.Effect) {
		e.Multiplier = max(0, 1+float64(factor*(e.Multiplier-1)))
		e.Promise = min(1, factor*e.Promise)
	}
	out := slices.Clone(actions)
	for i := range out {
		scale(&out[i].Effect)
		out[i].Segments = slices.Clone(out[i].Segments)
		for k := range out[i].Segments {
			scale(&out[i].Segments[k].Effect)
		}
	}
	return out
}

// choice is what a plan has for an account: an action of the menu, -1 for none, and its ranking key.
type choice struct {
	action int
	key    float64
}

// valuer is a worker's room for valuing customers anew.
type valuer struct {
	reader  reader
	sight   sight
	of      *treatment.Case
	options [][]treatment.Option // by menu
}

// valueAnew values the actions of some customers by several menus, the night's with other effects: a decision a customer
// for each.
func (n *night) valueAnew(menus []*treatment.Menu, sample []*decision) ([][]*decision, error) {
	out := make([][]*decision, len(menus))
	for m := range out {
		out[m] = make([]*decision, len(sample))
	}
	order := make([]int, len(sample)) // as they lie in the book
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return sample[a].at - sample[b].at })
	var pages [][]int // the same, by page
	for from := 0; from < len(order); {
		page, to := sample[order[from]].at/pageSize, from+1
		for to < len(order) && sample[order[to]].at/pageSize == page {
			to++
		}
		pages, from = append(pages, order[from:to]), to
	}
	workers := make([]valuer, n.workers)
	err := n.inParallel(len(pages), func(worker, i int) error {
		w, part := &workers[worker], pages[i]
		if w.of == nil {
			w.reader.night, w.of, w.options = n, n.newCase(), make([][]treatment.Option, len(menus))
		}
		of := make([]*decision, len(part))
		for k, at := range part {
			of[k] = sample[at]
		}
		customers, err := w.reader.some(of)
		if err != nil {
			return err
		}
		for k, c := range customers {
			if err := n.anew(w, c, menus); err != nil {
				return err
			}
			for m := range menus {
				d := *of[k]
				d.choices = allow(w.options[m])
				out[m][part[k]] = &d
			}
		}
		return nil
	})
	return out, err
}

// anew fills in a customer's options by several menus.
func (n *night) anew(w *valuer, c *customer, menus []*treatment.Menu) error {
	n.fill(w.of, c)
	w.sight.curves = n.look(c, &w.sight, w.sight.curves[:0], false) // those of the night live no longer than its own valuation
	w.of.Curves = w.sight.curves
	for m := range w.options {
		w.options[m] = w.options[m][:0]
	}
	if err := n.menu.Anew(w.of, int32(n.cfg.Ledger.Horizon), menus, w.options); err != nil {
		return fmt.Errorf("valuing actions for %s anew: %w", c.Customer, err)
	}
	return nil
}

// talkFirstAnew is talkFirst for customers whose actions are valued by a menu. By the night's own it stays as the night found it;
// by others the prices are those of these customers, within what the duties left.
func (n *night) talkFirstAnew(menu *treatment.Menu, copies []*decision, left []int64) error {
	if !n.talksFirst() {
		return nil
	}
	if menu == n.menu {
		for _, c := range copies {
			if c.talks {
				c.withoutLetters(menu)
			}
		}
		return nil
	}
	prices, err := rank.Prices(n.makeProblem(copies, slices.Clone(left)), rank.Settings{Workers: n.workers})
	if err != nil {
		return fmt.Errorf("pricing the day anew: %w", err)
	}
	for _, c := range copies {
		n.judgeTalks(c, left, prices)
	}
	return nil
}

// planAnew plans customers whose actions are valued by a menu within what is left of the capacity.
func (n *night) planAnew(menu *treatment.Menu, copies []*decision, left []int64) ([]choice, error) {
	if err := n.talkFirstAnew(menu, copies, left); err != nil {
		return nil, err
	}
	p := n.makeProblem(copies, slices.Clone(left))
	plan, err := rank.Solve(p, rank.Settings{Workers: n.workers})
	if err != nil {
		return nil, fmt.Errorf("planning the day anew: %w", n.tooMuchToGain(err, copies))
	}
	out := make([]choice, len(copies))
	var use []int16
	for i, c := range copies {
		out[i].action = -1
		at := plan.Choice[i]
		if at < 0 {
			continue
		}
		o := c.choice(int(p.Action[at]))
		use = n.uses(use[:0], c, o.action)
		effort := 0.0
		for _, r := range use {
			effort += float64((n.resources[r].wage + plan.Prices[r]) * float64(o.units))
		}
		out[i] = choice{int(o.action), math.Round(float64(o.value)/max(effort, 1)*1e6) / 1e6}
	}
	return out, nil
}

// compare says how much of a plan is left in another of the same accounts.
func compare(a, b []choice) doubt {
	d := doubt{Candidates: len(a), Tau: 1}
	var both []int
	same := 0
	for i := range a {
		if a[i].action < 0 {
			continue
		}
		d.Picked++
		if b[i].action >= 0 {
			both = append(both, i)
		}
		if a[i].action == b[i].action {
			same++
		}
	}
	if d.Picked > 0 {
		d.Kept, d.SameAction = float64(len(both))/float64(d.Picked), float64(same)/float64(d.Picked)
	} else {
		d.Kept, d.SameAction = 1, 1
	}
	// Ties in the keys keep the order of precedence, as on the worklist.
	order := func(x []choice) []int {
		list := slices.Clone(both)
		slices.SortStableFunc(list, func(i, j int) int { return -cmp.Compare(x[i].key, x[j].key) })
		return list
	}
	place := make([]int, len(a))
	for at, i := range order(b) {
		place[i] = at
	}
	places := order(a)
	for at, i := range places {
		places[at] = place[i]
	}
	if m := float64(len(places)); m > 1 {
		d.Tau = 1 - float64(4*float64(inversions(places, make([]int, len(places)))))/(m*(m-1))
	}
	return d
}

// inversions sorts a list and counts the pairs that stood in the wrong order.
func inversions(list, room []int) int {
	if len(list) < 2 {
		return 0
	}
	half := len(list) / 2
	count := inversions(list[:half], room[:half]) + inversions(list[half:], room[half:])
	merged := room[:0]
	i, j := 0, half
	for i < half || j < len(list) {
		if j == len(list) || i < half && list[i] <= list[j] {
			merged = append(merged, list[i])
			i++
		} else {
			merged = append(merged, list[j])
			count += half - i
			j++
		}
	}
	copy(list, merged)
	return count
}
