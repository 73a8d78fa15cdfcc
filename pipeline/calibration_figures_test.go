package pipeline

import (
	"context"
	"math"
	"os"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/scoring/hazard"
)

// replayed is a night of the past with what became of its items.
type replayed struct {
	*night
	landmarks []hazard.Landmark // those that it fitted on
	origin    *origin
	outcome   map[uint64]*hazard.Landmark
}

// replayNight is the night of a date over generated exports whose facts go on for 100 days or more.
func replayNight(t *testing.T, path, date string) replayed {
	t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	day := mustDay(t, date)
	cfg.AsOf = (day + 100).String()
	n, err := newNight(cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.close)
	n.replays = true
	o := &origin{day: day}
	b := &backtest{night: n, origins: []*origin{o}}
	ctx := context.Background()
	for _, do := range []func(context.Context) error{b.readOnce, b.outcomes} {
		if err := do(ctx); err != nil {
			t.Fatal(err)
		}
	}
	r := replayed{night: b.at(day), origin: o, outcome: o.outcome}
	env, err := r.env()
	if err != nil {
		t.Fatal(err)
	}
	env.HistoryKept = true
	if err := r.rebuildIn(ctx, env, newSampler(r.cfg.Risk.MaxRows)); err != nil {
		t.Fatal(err)
	}
	r.landmarks = r.night.landmarks
	for _, do := range []func(context.Context) error{r.fit, r.score} {
		if err := do(ctx); err != nil {
			t.Fatal(err)
		}
	}
	o.takeModel(r.night, rivalModel)
	o.takeItems(r.night)
	return r
}

// cashByWeek is what the night expects by week and what came, with the intervals.
func (r *replayed) cashByWeek() (weeks []cashWeek, paid [forecastWeeks]float64) {
	r.night.landmarks = r.landmarks
	r.measureCashStray()
	r.night.landmarks = nil
	book := newCashBook()
	for _, c := range r.kept {
		book.add(c, r.scorer().Shape, r.currency)
	}
	r.forecast([]cashBook{book})
	for _, c := range r.kept {
		for k := range c.Items {
			it := &c.Items[k]
			next := r.outcome[it.Landmark.Key]
			if it.Open > 0 && next != nil && next.Paid && next.Follow > 0 && next.Follow <= 7*forecastWeeks {
				paid[(next.Follow-1)/7] += float64(it.OpenBase)
			}
		}
	}
	return r.cashBase, paid
}

// openThenSample pairs predictions for the open items with what happened within h days.
func (r *replayed) openThenSample(h int32, p func(l *hazard.Landmark) float64) (s hazard.Sample) {
	for _, c := range r.kept {
		for k := range c.Items {
			it := &c.Items[k]
			next := r.outcome[it.Landmark.Key]
			if it.Open <= 0 || next == nil {
				continue
			}
			if paid := next.Paid && next.Follow <= h; paid || next.Follow >= h {
				l := it.AsLandmark()
				s.P, s.Paid = append(s.P, p(&l)), append(s.Paid, paid)
			}
		}
	}
	return s
}

// fixedTerms are a landmark's values for a logistic regression with a fixed horizon: those of the hazard
// model that hold for the item, missing ones at the mean of all, and levels of the age.
func fixedTerms(ls []*hazard.Landmark, pooled *hazard.Pooled, cal *hazard.Calendar) [][]float64 {
	var values []int
	columns := hazard.Columns()
	for i, c := range columns {
		if c.Name == "month_end" { // what follows are values of an interval
			break
		}
		values = append(values, i)
	}
	out := make([][]float64, len(ls))
	for i, l := range ls {
		var row hazard.Row
		pooled.Walk(l, cal, &row)
		x := []float64{1}
		for _, v := range values {
			x = append(x, row.Values[v])
		}
		for b := 1; b < hazard.AgeBins; b++ {
			level := 0.
			if hazard.AgeBin(l.Date+1-l.Due) == b {
				level = 1
			}
			x = append(x, level)
		}
		for d := 1; d < 7; d++ {
			level := 0.
			if (int(l.Due)+3)%7 == d {
				level = 1
			}
			x = append(x, level)
		}
		out[i] = x
	}
	for j := 1; j <= len(values); j++ {
		sum, squares, n := 0.0, 0.0, 0.0
		for _, x := range out {
			if v := x[j]; v == v {
				sum, squares, n = sum+v, squares+v*v, n+1
			}
		}
		mean := sum / max(n, 1)
		spread := math.Sqrt(max(squares/max(n, 1)-mean*mean, 1e-12))
		for _, x := range out {
			if x[j] != x[j] {
				x[j] = mean
			}
			x[j] = (x[j] - mean) / spread
		}
	}
	return out
}

// fixedHorizon is a logistic regression on landmarks whose horizon had passed, every so many of them.
func (r *replayed) fixedHorizon(h int32) func(l *hazard.Landmark) float64 {
	const most = 20000
	var all []*hazard.Landmark
	var labels []bool
	cut := int32(r.asOf)
	every := len(r.landmarks)/most + 1
	for i := 0; i < len(r.landmarks); i += every {
		if paid, ok := r.landmarks[i].Outcome(cut, h); ok {
			all, labels = append(all, &r.landmarks[i]), append(labels, paid)
		}
	}
	train := len(all)
	at := map[uint64]int{}
	for _, c := range r.kept {
		for k := range c.Items {
			if c.Items[k].Open > 0 {
				at[c.Items[k].Landmark.Key] = len(all) - train
				l := c.Items[k].AsLandmark()
				all = append(all, &l)
			}
		}
	}
	x := fixedTerms(all, &r.model.Pooled, r.days)
	p := logistic(x[:train], labels, x[train:])
	return func(l *hazard.Landmark) float64 { return p[at[l.Key]] }
}

// closedOnly is the model fitted on items that were paid by the cut, which leaves out whoever does not pay.
func (r *replayed) closedOnly(t *testing.T) *hazard.Model {
	t.Helper()
	var closed []hazard.Landmark
	for _, l := range r.landmarks {
		if l.Paid {
			closed = append(closed, l)
		}
	}
	m, err := hazard.Fit(closed, &r.life, r.days, hazard.Settings{Cut: int32(r.asOf)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Methods 8, items 1 and 3: what the hazard wins over a logistic with a fixed horizon and over a fit on closed
// items, the calibration where cash has been allocated (facts go on for 190 days, so that the horizon ends before
// the generator's last 90 days, in which references are missing and deductions wait), and the forecast by week.
func TestGeneratedPortfoliosByMarginAndWeek(t *testing.T) {
	if os.Getenv("KAISHU_FIGURES") == "" {
		t.Skip("takes minutes: set KAISHU_FIGURES=1")
	}
	inside, weeks := 0, 0
	for seed := uint64(1); seed <= 3; seed++ {
		for _, slowdown := range []float64{1.5, 0} {
			path := generatedExports(t, fixtures.Options{Customers: 840, Invoices: 42000, Seed: seed, Slowdown: slowdown, After: 190})
			r := replayNight(t, path, "2026-02-28")
			for _, h := range []int32{7, 30, 90} {
				s := r.openThenSample(h, func(l *hazard.Landmark) float64 { c := r.curve(l); return c.Paid(h) })
				t.Logf("seed %d slowdown %g %2d d: AUC %.4f log loss %.4f ECE %.4f", seed, slowdown, h, s.AUC(), logLoss(&s), s.ECE(bins))
			}
			week := r.openThenSample(7, func(l *hazard.Landmark) float64 { c := r.curve(l); return c.Paid(7) })
			fixed := r.openThenSample(7, r.fixedHorizon(7))
			month := r.openThenSample(30, func(l *hazard.Landmark) float64 { c := r.curve(l); return c.Paid(30) })
			closedModel := r.closedOnly(t)
			closed := r.openThenSample(30, func(l *hazard.Landmark) float64 { c := closedModel.Curve(l, r.days); return c.Paid(30) })
			won := 1 - logLoss(&month)/logLoss(&closed)
			t.Logf("seed %d slowdown %g: AUC(7) %.4f, of the logistic %.4f; log loss(30) %.4f, of closed items only %.4f: %.0f %% less",
				seed, slowdown, week.AUC(), fixed.AUC(), logLoss(&month), logLoss(&closed), 100*won)
			if week.AUC() < fixed.AUC()+.01 {
				t.Errorf("seed %d: AUC(7) %.4f is not .01 above the logistic's %.4f", seed, week.AUC(), fixed.AUC())
			}
			// The target is 35 %, for portfolios with a slowdown: 36, 36 and 37 are met. The limit leaves room for chance.
			if slowdown > 1 && won < .33 {
				t.Errorf("seed %d: the log loss is only %.1f %% below that of closed items", seed, 100*won)
			}
			forecast, paid := r.cashByWeek()
			ratio := make([]float64, len(forecast))
			for w, f := range forecast {
				ratio[w] = math.Round(float64(f.expected)/paid[w]*100) / 100
				weeks++
				if float64(f.low) <= paid[w] && paid[w] <= float64(f.high) {
					inside++
				}
			}
			t.Logf("seed %d slowdown %g: expected over actual cash by week %v, stray %.2f", seed, slowdown, ratio, r.cashStray)
		}
	}
	share := float64(inside) / float64(weeks)
	t.Logf("%d of %d weeks inside the 80 %% interval: %.2f", inside, weeks, share)
	if share < .65 || share > .95 {
		t.Errorf("the 80 %% interval covers %.2f of the weeks", share)
	}
}
