package pipeline

import (
	"context"
	"fmt"

	"kaishu/pipeline/config"
	"kaishu/scoring"
	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
	"kaishu/scoring/treatment"
)

// Desk runs the stages of a night, from rebuild to plan, over rows in memory, day after day: what
// simulations play. It reads no file, passes no gate and writes nothing.
type Desk struct {
	base  *night
	model *hazard.Model // of the last day with Fit
	trees *boost.Model  // likewise, nil where the linear model stands
	days  *hazard.Calendar
	bare  bool // no reasons and days of payment, which a Desked does not show

	learned *learned             // likewise
	parts   *hazard.PartPayments // likewise
	placed  *placings            // likewise
}

// Desked is a day at a Desk: every customer as the night sees it.
type Desked struct {
	Menu  *treatment.Menu
	Cases []Case // in order of the customers' ids
	n     *night
}

// Case is one customer on a day.
type Case struct {
	*scoring.Account
	Paid30  float64            // expected share of the open amount paid within 30 days, NaN without any
	P90     float64            // P(some item stands 90 or more days past due within 180 days)
	Options []treatment.Option // the menu as Menu has it; none where nothing can be asked for
	Chosen  int                // of the plan: index into Options, -1 without or before Plan
	Rank    int                // on the worklist, from 1; 0 is not on it, or before Plan
	ByLot   bool               // the lot has decided about the customer; false before Plan
	Spared  bool               // it has, to leave it alone
}

// NewDesk is a desk under a configuration, of which exports, gates and output are not used. workers
// is the number of goroutines, 0 one a core; results do not depend on it.
func NewDesk(cfg *config.Config, workers int) (*Desk, error) {
	n, err := newNight(cfg, Options{Workers: workers})
	if err != nil {
		return nil, err
	}
	if err := n.settings(); err != nil {
		return nil, err
	}
	n.rates = scoring.NewRates(n.currency, cfg.Ledger.RateMaxAge)
	return &Desk{base: n, bare: true}, nil
}

// Fork is a desk with the same model; the two then go on separately.
func (d *Desk) Fork() *Desk {
	f := *d
	return &f
}

// Day runs a night over the rows of customers, up to the value of every action; Plan goes on from
// there. Each customer's rows are one blob as made by scoring.AppendInvoice and its like. With fit the time-to-pay model is estimated anew, as it must be
// the first time; without, the last one is used. The blobs are only read.
func (d *Desk) Day(ctx context.Context, asOf scoring.Day, customers [][]byte, fit bool) (*Desked, error) {
	n := d.base.at(asOf)
	n.bare = d.bare
	if err := n.layOut(customers); err != nil {
		return nil, fmt.Errorf("%s: %w", asOf, err)
	}
	env, err := n.env()
	if err != nil {
		return nil, err
	}
	fit = fit || d.model == nil
	switch {
	case !fit:
		env.LandmarkWeeks = 0
	case n.cfg.Learning.Effects == config.LearnOn || n.cfg.Learning.Agencies == config.LearnOn: // what is only reported, nobody reads here
		env.WindowWeeks = env.LandmarkWeeks
	}
	stages := []func(context.Context) error{
		func(ctx context.Context) error {
			return n.rebuildIn(ctx, env, newSampler(n.cfg.Risk.MaxRows))
		}, n.fit, n.appraise}
	if !fit {
		n.model, n.trees, n.days, n.learned, n.parts, n.placed = d.model, d.trees, d.days, d.learned, d.parts, d.placed
		stages[1] = func(context.Context) error { return nil }
	}
	for _, do := range stages {
		if err := do(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", asOf, err)
		}
	}
	d.model, d.trees, d.days, d.learned, d.parts, d.placed = n.model, n.trees, n.days, n.learned, n.parts, n.placed
	out := &Desked{Menu: n.menu, Cases: make([]Case, len(n.kept)), n: n}
	for i, c := range n.kept {
		out.Cases[i] = Case{Account: &c.Account, Paid30: c.paid30, P90: c.p90, Options: c.options, Chosen: -1}
	}
	return out, nil
}

// Plan chooses the day's actions as a night does, and fills Chosen and Rank of the cases.
func (d *Desked) Plan(ctx context.Context) error {
	if err := d.n.plan(ctx); err != nil {
		return fmt.Errorf("%s: %w", d.n.asOf, err)
	}
	for i, c := range d.n.cases {
		d.Cases[i].Chosen, d.Cases[i].Rank, d.Cases[i].ByLot, d.Cases[i].Spared = c.chosen, c.rank, c.draw.randomised(), c.leftByLot()
	}
	return nil
}

// layOut puts the customers' rows into a store, some customers a shard.
func (n *night) layOut(customers [][]byte) error {
	const together = 64
	n.store = newStore((len(customers)+together-1)/together, 1<<62, "")
	for i, rows := range customers {
		if _, err := n.store.put(i/together, rows); err != nil {
			return err
		}
	}
	return nil
}

// Resource is a capacity of the day in whole units: seconds where its actions take minutes, else
// slots.
type Resource struct {
	Name  string
	Units int64
	Wage  float64 // of a unit, minor units
}

// Resources are the capacities that the menu draws on, in the order of the plan's problem.
func (d *Desked) Resources() []Resource {
	out := make([]Resource, len(d.n.resources))
	for i, r := range d.n.resources {
		out[i] = Resource{r.name, r.capacity, r.wage}
	}
	return out
}
