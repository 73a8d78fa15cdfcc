package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// BacktestOptions are how a backtest is called, beyond its configuration.
type BacktestOptions struct {
	Options
	From, To scoring.Day // the month-ends between them, both included, are the origins
	Models   []string    // which models to compare, of BacktestModels; nil: what the night would use
}

// horizons are the days after an origin at which a backtest looks.
var horizons = [...]int32{7, 30, 60, 90}

// Backtested is a finished backtest.
type Backtested struct {
	Folder string // where its files are
	run    *backtest
}

// backtest is a backtest on its way. It goes
//
//  1. read: the exports, once
//  2. outcomes: rebuild as of the end of the data, with landmarks on the origins: they say what
//     became of every item that was open then
//  3. replay: for every origin, rebuild, fit and, with each of the models, score as the night of that
//     date would have, from what was known then; put the naive baselines beside them
//  4. measure: predictions against outcomes, at every horizon that the data reach
//  5. write: a table, a page and a manifest, moved into place together
type backtest struct {
	*night
	end     scoring.Day // outcomes are known up to this day
	origins []*origin
	models  []string // compared, the first leads the page
	figures []figure // by origin, horizon, model
}

// origin is one month-end.
type origin struct {
	day     scoring.Day
	models  []scorer // by backtest.models
	items   []openThen
	outcome map[uint64]*hazard.Landmark // by key, until the items have taken theirs
	changed int                         // items whose features the full exports give otherwise: facts that were changed later
	unknown int                         // open items without an outcome: money owed by reversals
	leaks   []leak
	rivals  []rival // the models, then the baselines
}

// openThen is an item open on an origin with what happened next.
type openThen struct {
	customer string
	open     int64 // minor units of the reporting currency
	due      scoring.Day
	pastDue  int32
	bucket   scoring.Bucket
	segment  string
	follow   int32 // days after the origin on which it was paid or, otherwise ended, left sight
	paid     bool
	undated  [undatedColumns]float64
}

// Backtest replays the month-ends from o.From to o.To through the code of the nightly run and
// measures what each night would have said against what happened. It publishes DIR/backtest.
func Backtest(ctx context.Context, cfg *config.Config, o BacktestOptions) (*Backtested, error) {
	days := monthEnds(o.From, o.To)
	if len(days) == 0 {
		return nil, usage("--from %s --to %s: no month-end lies between them", o.From, o.To)
	}
	models, err := chosenModels(o.Models)
	if err != nil {
		return nil, err
	}
	n, err := newNight(cfg, o.Options)
	if err != nil {
		return nil, err
	}
	defer n.close()
	n.replays = true
	b := &backtest{night: n, models: models}
	held, err := publish.Lock(n.output)
	if err != nil {
		return nil, cannotLock(err)
	}
	defer held.Release()

	for _, d := range days {
		b.origins = append(b.origins, &origin{day: d})
	}
	for _, s := range []struct {
		name string
		do   func(context.Context) error
	}{{"read", b.readOnce}, {"outcomes", b.outcomes}, {"replay", b.replay}} {
		if err := n.stage(s.name, func() error { return s.do(ctx) }); err != nil {
			return nil, err
		}
	}
	b.measure()
	folder, err := b.publishBacktest()
	if err != nil {
		return nil, err
	}
	return &Backtested{Folder: folder, run: b}, nil
}

// monthEnds lists the last days of months between two days, both included.
func monthEnds(from, to scoring.Day) (days []scoring.Day) {
	for d := from; d <= to; d++ {
		if _, _, next := (d + 1).Date(); next == 1 {
			days = append(days, d)
		}
	}
	return days
}

func (b *backtest) readOnce(ctx context.Context) error {
	if err := b.open(); err != nil {
		return err
	}
	return b.read(ctx)
}

// outcomes rebuilds as of the end of the data: the as-of date where one is given, else the newest
// payment, after which nobody knows whether an item is still open or its payment not exported yet.
func (b *backtest) outcomes(ctx context.Context) error {
	last := b.at(b.asOf)
	env, err := last.env()
	if err != nil {
		return err
	}
	env.LandmarkWeeks = 0
	for _, o := range b.origins {
		if o.day < b.asOf {
			env.LandmarkDays = append(env.LandmarkDays, o.day)
		}
	}
	if len(env.LandmarkDays) == 0 {
		return usage("the exports end on %s, before the first month-end has an outcome", b.asOf)
	}
	if err := last.rebuildIn(ctx, env, newSampler(math.MaxInt)); err != nil {
		return err
	}
	if f := last.findTotals(); f.hit {
		return &Refused{Gate: f.gate, Msg: f.found(&english), Hint: f.hint}
	}
	if b.end = b.asOf; b.cfg.AsOf == "" {
		b.end = min(b.end, last.ledger.newestPayment)
	}
	b.origins = slices.DeleteFunc(b.origins, func(o *origin) bool { return o.day+scoring.Day(horizons[0]) > b.end })
	if len(b.origins) == 0 {
		return usage("the exports end on %s, less than %d days after the first month-end", b.end, horizons[0])
	}
	at := map[int32]*origin{}
	for _, o := range b.origins {
		o.outcome = map[uint64]*hazard.Landmark{}
		at[int32(o.day)] = o
	}
	for i := range last.landmarks {
		if o := at[last.landmarks[i].Date]; o != nil {
			o.outcome[last.landmarks[i].Key] = &last.landmarks[i]
		}
	}
	return nil
}

// at is the night of a date over the rows that were read already.
func (n *night) at(day scoring.Day) *night {
	return &night{
		cfg: n.cfg, options: n.options, log: n.log, workers: n.workers, replays: true, output: n.output, currency: n.currency,
		asOf: day, began: n.began, sources: n.sources, store: n.store, totals: n.totals, late: slices.Clip(n.late),
		orphans: n.orphans, latest: n.latest, calendar: n.calendar, rates: n.rates, interest: n.interest,
	}
}

// replay runs the night of every origin up to its scores, once for every model: the same rows, the same
// rebuilt accounts, the same stage.
func (b *backtest) replay(ctx context.Context) error {
	for _, o := range b.origins {
		n := b.at(o.day)
		n.comparesTrees = slices.Contains(b.models, rivalTrees)
		env, err := n.env()
		if err != nil {
			return err
		}
		env.HistoryKept = true // for the baselines
		if err := n.rebuildIn(ctx, env, newSampler(n.cfg.Risk.MaxRows)); err != nil {
			return fmt.Errorf("month-end %s: %w", o.day, err)
		}
		if err := n.fit(ctx); err != nil {
			return fmt.Errorf("month-end %s: %w", o.day, err)
		}
		promoted := n.trees
		for _, name := range b.models {
			switch name {
			case rivalModel:
				n.trees = promoted
			case rivalHazard:
				n.trees = nil
			case rivalTrees:
				n.trees = n.challenger
			}
			if err := n.score(ctx); err != nil {
				return fmt.Errorf("month-end %s: %w", o.day, err)
			}
			o.takeModel(n, name)
		}
		o.takeItems(n)
		b.log.Info("replayed", "origin", o.day.String(), "open_items", len(o.items), "model", modelFactsOf(o.models[0]).kind, "payments", modelFactsOf(o.models[0]).training.Payments)
	}
	return nil
}

// takeModel keeps what the model that scored a night says of the items with an outcome.
func (o *origin) takeModel(n *night, name string) {
	r := rival{name: name, days: []float64{}}
	for h := range horizons {
		r.paid[h] = []float64{}
	}
	for _, c := range n.kept {
		at := 0
		for k := range c.Items {
			it := &c.Items[k]
			if it.Open <= 0 {
				continue
			}
			curve := &c.curves[at]
			at++
			if o.outcome[it.Landmark.Key] == nil {
				continue
			}
			for h, days := range horizons {
				r.paid[h] = append(r.paid[h], curve.Paid(days))
			}
			median := nan
			if d, ok := curve.Quantile(.5); ok {
				median = float64(d)
			}
			r.days = append(r.days, median)
		}
	}
	o.models = append(o.models, n.scorer())
	o.rivals = append(o.rivals, r)
}

// takeItems keeps what became of the items, and what the baselines say of them, in the order of
// takeModel.
func (o *origin) takeItems(n *night) {
	pool := newPool(n)
	models := len(o.rivals)
	for _, name := range naiveNames {
		o.rivals = append(o.rivals, rival{name: name})
	}
	for _, c := range n.kept {
		own := pool.customer(c)
		for k := range c.Items {
			it := &c.Items[k]
			if it.Open <= 0 {
				continue
			}
			next := o.outcome[it.Landmark.Key]
			if next == nil {
				o.unknown++
				continue
			}
			if mark := it.AsLandmark(); !sameView(&mark, next) {
				o.changed++
			}
			o.items = append(o.items, openThen{
				customer: c.Customer, open: it.OpenBase, due: it.Due, pastDue: it.PastDue, bucket: it.Bucket, segment: c.Master.Segment,
				follow: next.Follow, paid: next.Paid, undated: undated(c),
			})
			for r := range naiveNames {
				own.predict(&o.rivals[models+r], it)
			}
		}
	}
	o.outcome = nil
}

// sameView tells whether two landmarks of one item on one day show the same facts.
func sameView(a, b *hazard.Landmark) bool {
	p, q := fixed(a.Past), fixed(b.Past)
	return a.Issue == b.Issue && a.Due == b.Due && a.Open == b.Open && a.Disputed == b.Disputed &&
		a.PromiseDue == b.PromiseDue && a.PromiseBroken == b.PromiseBroken && p == q
}

// fixed is a copy of a past in which missing values equal each other.
func fixed(p *hazard.Past) hazard.Past {
	if p == nil {
		return hazard.Past{}
	}
	q := *p
	for _, x := range []*float64{&q.LateMean, &q.LateShare, &q.LogMean, &q.Utilization, &q.Bureau} {
		if *x != *x {
			*x = math.Inf(-1)
		}
	}
	return q
}
