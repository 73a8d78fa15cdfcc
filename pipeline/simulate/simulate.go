// Package simulate plays the whole pipeline forward over many days against a generated portfolio
// whose customers react, under several policies that share luck, and compares the cash.
//
// There are only a few types: Settings say what to play, a Policy chooses the day's contacts from
// what a night has found, a Figure is what one policy came to in one replication, a Result holds
// all of them, and a Summary is one policy over all replications. It stands above package pipeline,
// whose stages it runs on rows in memory (pipeline.Desk), and above package fixtures, which
// makes the customers (fixtures.Portfolio).
//
// Every simulated business day goes like a real one:
//
//  1. the rows known by the close of the day before are rebuilt, scored and valued by the
//     night's own code; policies that use the time-to-pay model have it fitted anew every 20th day
//  2. the policy chooses at most one action per customer, within the day's capacity and the hard rules
//     and waits of the configuration, which are the same for all policies
//  3. the customers react by hidden types and multipliers that the configured priors do not know
//
// What a policy adds is told twice: as the cash received over that of doing nothing, and in expectation, as the sum of what
// each contact was to add at its time if none followed (fixtures.Portfolio.Gains). But for what that leaves out both have the
// same mean, since the value of a policy over a base is the sum of the advantages of its steps over the base's. Both hang on the
// luck of a few large customers, with opposite signs: one that does not pay brings no cash, and counts in the expectation with every
// call that is made in vain. So policies are compared by the middle of the two, Figure.Added, which varies much less than either.
//
// The contacts of the past, on which models are fitted, are those of the generator's collectors.
package simulate

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/scoring"
)

// Settings say what to play. Zero means the default.
type Settings struct {
	Customers    int             // 0 is 1,000
	Invoices     int             // of the history, in all; 0 is 24 per customer
	Days         int             // business days to play; 0 is 90
	Replications int             // portfolios, each with a seed of its own; 0 is 4
	Capacity     string          // tight, medium or loose; "" is medium
	Nature       fixtures.Nature // of the customers; "" is fixtures.Typical
	Seed         uint64
	Policies     []string // by name; nil is all. Nothing is always among them
	Workers      int      // replications played side by side, 0 one a core; results do not depend on it

	// Config holds actions, policy and risk settings to play with; nil is the defaults. Its
	// capacities are replaced, and actions that the simulated customers do not know are switched off. Of what it has
	// about learning KaishuLearning takes the weights and the share that is explored.
	Config *config.Config

	Progress func(done, total int) // policies played; nil shows none
}

// capacities are the calls a day per account that is overdue when the play begins, those of the
// comparison in the literature of which this is the full-pipeline version: 20, 60 and 150 calls for
// 1,500 accounts.
var capacities = map[string]float64{"tight": .0133, "medium": .04, "loose": .10}

// Capacities are the names of the capacities, from the least.
func Capacities() []string { return []string{"tight", "medium", "loose"} }

// perCall is the capacity of the other channels for each call.
var perCall = map[string]float64{
	"emails": 1, "letters": .5, "demands": .05, "visit_minutes": .03 * 140, "senior_minutes": .1 * 12, "minutes": 6,
}

// Figure is what one policy came to in one replication. Amounts are minor units.
type Figure struct {
	Policy      string
	Replication int
	Cash        int64   // received in the played days
	Incremental int64   // Cash less that of Nothing
	Expected    float64 // of Incremental: the sum of what each contact was to add when it was made
	Contacts    int     // made, of any kind
	People      int     // of them calls and visits
	Wasted      int     // of those to customers that pay by themselves
	Minutes     float64
	Lost        int     // customers driven away
	ByDay       []int64 // Cash by day, cumulated
}

// Added is what the policy added, by which policies are compared: the middle of what came in and of what was to be
// expected of its contacts, minor units.
func (f *Figure) Added() float64 { return (float64(f.Incremental) + f.Expected) / 2 }

// Result is a finished simulation.
type Result struct {
	Settings Settings
	Currency scoring.Currency
	Figures  []Figure // by replication, then in the order of Policies
	Overdue  float64  // accounts overdue at the beginning, on average
	Calls    float64  // capacity a day, on average
}

// Check says what is wrong with the settings.
func (s Settings) Check() error {
	_, err := s.complete()
	return err
}

// complete puts in the defaults and checks the rest.
func (s Settings) complete() (Settings, error) {
	set := func(v *int, otherwise int) {
		if *v == 0 {
			*v = otherwise
		}
	}
	set(&s.Customers, 1000)
	set(&s.Invoices, 24*s.Customers)
	set(&s.Days, 90)
	set(&s.Replications, 4)
	set(&s.Workers, runtime.GOMAXPROCS(0))
	if s.Capacity == "" {
		s.Capacity = "medium"
	}
	if s.Nature == "" {
		s.Nature = fixtures.Typical
	}
	switch {
	case s.Customers < 1 || s.Customers > 1_000_000:
		return s, fmt.Errorf("customers: %d is not between 1 and 1,000,000", s.Customers)
	case s.Days < 1 || s.Days > 1000:
		return s, fmt.Errorf("days: %d is not between 1 and 1,000", s.Days)
	case s.Replications < 1 || s.Replications > 10_000:
		return s, fmt.Errorf("replications: %d is not between 1 and 10,000", s.Replications)
	case !slices.Contains(Capacities(), s.Capacity):
		return s, fmt.Errorf("capacity: %q is not one of %v", s.Capacity, Capacities())
	case !slices.Contains(fixtures.Natures(), s.Nature):
		return s, fmt.Errorf("customers' nature: %q is not one of %v", s.Nature, fixtures.Natures())
	}
	chosen := []string{Nothing}
	for _, name := range s.Policies {
		if find(name) == nil {
			return s, fmt.Errorf("policy: %q is not one of %v", name, Policies())
		}
		if !slices.Contains(chosen, name) {
			chosen = append(chosen, name)
		}
	}
	if len(s.Policies) == 0 {
		chosen = Policies()
	}
	s.Policies = chosen
	return s, nil
}

// Run plays all policies in all replications. The same settings give the same result.
func Run(ctx context.Context, s Settings) (*Result, error) {
	s, err := s.complete()
	if err != nil {
		return nil, fmt.Errorf("simulating: %w", err)
	}
	r := &Result{Settings: s, Figures: make([]Figure, s.Replications*len(s.Policies))}
	if r.Currency, err = scoring.ParseCurrency("JPY"); err != nil {
		return nil, err
	}
	openings := make([]opening, s.Replications)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.Workers)
	done := make(chan struct{}, len(r.Figures))
	for i := range s.Replications {
		group.Go(func() error {
			figures := r.Figures[i*len(s.Policies) : (i+1)*len(s.Policies)]
			if err := replicate(ctx, &s, i, &openings[i], figures, done); err != nil {
				return fmt.Errorf("simulating: replication %d: %w", i+1, err)
			}
			return nil
		})
	}
	finished := make(chan error, 1)
	go func() { finished <- group.Wait() }()
	for count := 0; ; {
		select {
		case <-done:
			if count++; s.Progress != nil {
				s.Progress(count, len(r.Figures))
			}
		case err := <-finished:
			for _, o := range openings {
				r.Overdue += float64(o.overdue) / float64(s.Replications)
				r.Calls += o.calls / float64(s.Replications)
			}
			return r, err
		}
	}
}

// opening is how a replication begins.
type opening struct {
	overdue int
	calls   float64
}

// replicate plays all policies against one portfolio.
func replicate(ctx context.Context, s *Settings, index int, o *opening, figures []Figure, done chan<- struct{}) error {
	calendar, err := scoring.NewCalendar("JP", nil)
	if err != nil {
		return err
	}
	asOf := scoring.MakeDay(2026, 2, 27)
	start, err := fixtures.NewPortfolio(fixtures.Options{
		Customers: s.Customers, Seed: s.Seed*1_000_003 + uint64(index), Invoices: s.Invoices, AsOf: asOf, Years: 1.5,
		After: int(calendar.Add(asOf, s.Days) - asOf),
	}, s.Nature)
	if err != nil {
		return err
	}
	desk, pupil, err := open(ctx, s, start, o)
	if err != nil {
		return err
	}
	for k, name := range s.Policies {
		g := &game{Portfolio: start.Fork(), desk: desk.Fork(), policy: find(name), figure: &figures[k]}
		if g.policy.learns {
			g.desk = pupil.Fork()
		}
		*g.figure = Figure{Policy: name, Replication: index + 1}
		if err := g.play(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		g.figure.Incremental = g.figure.Cash - figures[0].Cash
		done <- struct{}{}
	}
	return nil
}

// open sits down to the first night: what is overdue then sets the capacity. pupil is the desk of a policy that
// learns; it has not fitted yet.
func open(ctx context.Context, s *Settings, start *fixtures.Portfolio, o *opening) (desk, pupil *pipeline.Desk, err error) {
	cfg, err := settle(s.Config)
	if err != nil {
		return nil, nil, err
	}
	if desk, err = pipeline.NewDesk(cfg, 1); err != nil {
		return nil, nil, err
	}
	day, err := desk.Day(ctx, start.Day(), rowsOf(start), true)
	if err != nil {
		return nil, nil, err
	}
	for i := range day.Cases {
		if day.Cases[i].Overdue > 0 {
			o.overdue++
		}
	}
	o.calls = capacities[s.Capacity] * float64(o.overdue)
	for i := range cfg.Capacity.Resources {
		r := &cfg.Capacity.Resources[i]
		r.PerDay = o.calls * perCall[r.Name]
	}
	taught := *cfg
	taught.Learning = learning(cfg, s.Config)
	pupil, err = pipeline.NewDesk(&taught, 1)
	return desk, pupil, err
}

// explored is the share that a policy which learns leaves to the lot where none is configured: the least that
// methods recommend.
const explored = .05

// learning is how a policy learns: the plan goes by what contacts by lot have taught. Nobody is held out, since
// what is compared is who was contacted.
func learning(cfg, given *config.Config) config.Learning {
	l := cfg.Learning
	if given != nil {
		l = given.Learning
	}
	if l.Explore == 0 {
		l.Explore = explored
	}
	l.Effects, l.Holdout, l.HoldoutSince = config.LearnOn, 0, ""
	return l
}

// settle is the configuration to play with.
func settle(given *config.Config) (*config.Config, error) {
	const text = "currency: JPY\nexports:\n  invoices: {path: i.csv}\n  payments: {path: p.csv}\n"
	cfg, err := config.Parse("defaults", []byte(text), ".")
	if err != nil {
		return nil, err
	}
	if given != nil {
		cfg.Actions, cfg.Policy, cfg.Risk, cfg.Capacity = given.Actions, given.Policy, given.Risk, given.Capacity
	}
	cfg.Actions, cfg.Capacity.Resources = slices.Clone(cfg.Actions), slices.Clone(cfg.Capacity.Resources)
	cfg.Risk.MaxRows = min(cfg.Risk.MaxRows, fitRows)
	known := fixtures.Actions()
	for i := range cfg.Actions {
		a := &cfg.Actions[i]
		a.Enabled = a.Enabled && slices.Contains(known, a.Name)
	}
	return cfg, nil
}

func rowsOf(p *fixtures.Portfolio) [][]byte {
	rows := make([][]byte, p.Customers())
	for i := range rows {
		rows[i] = p.Rows(i)
	}
	return rows
}

// game is one policy at play.
type game struct {
	*fixtures.Portfolio
	desk   *pipeline.Desk
	policy *policy
	figure *Figure
}

// refit is the business days between two fits of the time-to-pay model, and fitRows the most
// person-periods that one is made on, of which half or more are there: a night fits anew with 1,000,000, a play of some thousand
// nights cannot wait for that.
const (
	refit   = 20
	fitRows = 80_000
)

func (g *game) play(ctx context.Context) error {
	f := g.figure
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if g.policy.choose != nil {
			day, err := g.desk.Day(ctx, g.Day(), rowsOf(g.Portfolio), g.policy.fits && n > 0 && n%refit == 0)
			if err != nil {
				return err
			}
			picks, err := g.policy.choose(ctx, day, g.Portfolio)
			if err != nil {
				return err
			}
			if err := g.act(day, picks); err != nil {
				return err
			}
		}
		if !g.Next() {
			break
		}
		f.ByDay = append(f.ByDay, g.Cash())
	}
	f.Cash, f.Lost = g.Cash(), g.Lost()
	return nil
}

// act makes the contacts chosen, and counts them.
func (g *game) act(day *pipeline.Desked, picks []pick) error {
	f, known := g.figure, fixtures.Actions()
	for _, p := range picks {
		c := &day.Cases[p.customer]
		if p.option < 0 {
			g.Spare(p.customer)
			continue
		}
		o := &c.Options[p.option]
		a := &day.Menu.Actions[o.Action]
		if gains := g.Gains(p.customer); gains != nil {
			f.Expected += gains[slices.Index(known, a.Name)]
		}
		if err := g.Contact(p.customer, a.Name, c.ByLot); err != nil {
			return err
		}
		f.Contacts++
		f.Minutes += o.Minutes
		if a.Channel == "call" || a.Channel == "visit" {
			f.People++
			if g.SelfCures(p.customer) {
				f.Wasted++
			}
		}
	}
	return nil
}
