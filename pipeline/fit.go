package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/treatment"
)

// fit estimates the time-to-pay model from the landmarks of the customers' own past. Too little
// history is no error: the model is then the pooled life table.
func (n *night) fit(ctx context.Context) (err error) {
	n.days = hazardDays(n.calendar)
	r := &n.cfg.Risk
	n.model, err = hazard.Fit(n.landmarks, &n.life, n.days, hazard.Settings{
		Ridge: r.Ridge, MaxRows: r.MaxRows, MinEvents: r.MinEvents, Workers: n.workers, Cut: int32(n.asOf),
	})
	if err != nil {
		return fmt.Errorf("fitting the time-to-pay model: %w", err)
	}
	steps := []func() error{n.challenge}
	if !n.replays {
		steps = append(steps, n.guard, func() error { n.measureCashStray(); return nil }, n.measureDrift)
	}
	for _, do := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
	n.learnPartPayments()
	n.learn()
	n.landmarks = nil // the model holds all that is needed of them
	return nil
}

func hazardDays(c *scoring.Calendar) *hazard.Calendar {
	first, business, monthEnd := c.Prefix()
	return &hazard.Calendar{First: int32(first), Business: business, MonthEnd: monthEnd, Runs: c.RunDays()}
}

// horizon90 is the days within which "90 or more days past due" is asked for.
const horizon90 = 180

// appraise scores every account, finds out what is recommended about it and, where something is overdue or falling due,
// works out what each action of the menu would add. It is one pass over the accounts, because the curves of all their items would take
// more room than everything else that is kept of them.
func (n *night) appraise(ctx context.Context) error {
	if err := n.readBefore(); err != nil {
		return err
	}
	if err := n.makeMenu(); err != nil {
		return err
	}
	standing := make([][]standing, n.pages())
	err := n.scoreThen(ctx, func(page int, t *treatment.Case, c *customer) error {
		if err := n.value(t, c); err != nil {
			return err
		}
		c.curves = nil
		if n.cfg.Reviews.Enabled && !n.bare {
			standing[page] = n.stand(c, standing[page])
		}
		return nil
	})
	n.standing = slices.Concat(standing...)
	return err
}

// score is the first half of appraise: probabilities, score, grade, expected loss and reasons. The curves
// stay.
func (n *night) score(ctx context.Context) error {
	return n.scoreThen(ctx, func(_ int, _ *treatment.Case, c *customer) error {
		curves := make([]hazard.Curve, len(c.curves))
		for k := range curves {
			curves[k] = c.curves[k].Alone()
		}
		c.curves = curves
		return nil
	})
}

// appraiser is a worker's room for one page of customers after another.
type appraiser struct {
	reader reader
	sight  sight
	of     *treatment.Case
	filing filing
}

// scoreThen scores every account, hands it on while the curves of its items are there, and forecasts cash.
func (n *night) scoreThen(ctx context.Context, do func(int, *treatment.Case, *customer) error) error {
	n.peers = n.peerWords()
	n.ahead = hazard.NewAhead(n.days, int32(n.asOf))
	cash := make([]cashBook, n.pages())
	workers := make([]appraiser, n.workers)
	err := n.inParallel(n.pages(), func(worker, i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		w := &workers[worker]
		if w.of == nil {
			w.reader.night, w.of = n, n.newCase()
		}
		list, err := w.reader.page(i)
		if err != nil {
			return err
		}
		book := newCashBook()
		for _, c := range list {
			c.curves = n.look(c, &w.sight, w.sight.curves[:0], !n.bare)
			w.sight.curves = c.curves
			if !n.bare {
				c.reasons = n.reasons(c, &w.sight.slowed)
			}
			n.scoreItems(c)
			n.scoreAccount(c, w.sight.items)
			if !n.replays {
				book.add(c, n.scorer().Shape, n.currency)
			}
			if err := do(i, w.of, c); err != nil {
				return err
			}
		}
		cash[i] = cashBook{own: book.own, base: book.base}
		return n.keepScores(i, list, &w.filing)
	})
	if !n.replays {
		n.forecast(cash)
	}
	return err
}

// curves appends the curves of an account's positive items.
func (n *night) curves(c *customer, out []hazard.Curve) []hazard.Curve {
	return n.look(c, new(sight), out, false)
}

// sight is room for looking at one customer after another, and what was seen of the latest.
type sight struct {
	items    []hazard.Landmark // the positive ones
	curves   []hazard.Curve
	prospect hazard.Prospect
	effects  [hazard.Families]float64 // of an item
	slowed   [hazard.Families]float64 // those of all, summed by open amount
}

// look appends the curves of an account's positive items, which refer to s, and sums what every family of terms
// does to their payments where that is asked for.
func (n *night) look(c *customer, s *sight, out []hazard.Curve, why bool) []hazard.Curve {
	model := n.scorer()
	s.items, s.slowed = s.items[:0], [hazard.Families]float64{}
	effects := &s.effects
	if !why {
		effects = nil
	}
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open <= 0 {
			continue
		}
		s.items = append(s.items, it.AsLandmark())
		l := &s.items[len(s.items)-1]
		if len(s.items) == 1 { // the items of an account share one past
			model.Prospect(n.ahead, l.Past, &s.prospect)
		}
		out = append(out, hazard.Curve{})
		curve := &out[len(out)-1]
		model.Look(l, &s.prospect, curve, effects)
		curve.Part = n.parts.Of(l.Past)
		if why {
			for f, e := range effects {
				s.slowed[f] += float64(float64(it.OpenBase) * e)
			}
		}
	}
	return out
}

func (n *night) scoreItems(c *customer) {
	c.items = slices.Grow(c.items[:0], len(c.curves))
	for k := range c.curves {
		curve := &c.curves[k]
		s := itemScore{paid30: curve.Paid(30), expected: scoring.NoDay, early: scoring.NoDay, late: scoring.NoDay}
		if n.bare {
			c.items = append(c.items, s)
			continue
		}
		for _, q := range []struct {
			p  float64
			to *scoring.Day
		}{{.1, &s.early}, {.5, &s.expected}, {.9, &s.late}} {
			if days, ok := curve.Quantile(q.p); ok {
				*q.to = n.asOf + scoring.Day(days)
			}
		}
		c.items = append(c.items, s)
	}
}

func (n *night) scoreAccount(c *customer, items []hazard.Landmark) {
	c.paid30 = nan // without an open item there is no share of it
	paid, at := 0.0, 0
	for k := range c.Items {
		if it := &c.Items[k]; it.Open > 0 {
			paid += float64(float64(it.OpenBase) * c.items[at].paid30)
			at++
		}
	}
	if c.Open > 0 {
		c.paid30 = paid / float64(c.Open)
	}
	c.p90 = hazard.Reach90(c.curves, items, n.scorer().Kappa(), horizon90)
	c.score = hazard.Score(c.p90)
	c.grade = hazard.Grade(c.score)
	c.loss = int64(math.Round(c.p90 * n.lgd(c) * float64(max(c.Exposure, 0))))
}

// lgd is the share of the exposure that is lost when the account becomes 90 days past due: the
// configured share of what collateral does not cover; half of it with a guarantor.
func (n *night) lgd(c *customer) float64 {
	r := &n.cfg.Risk
	share := r.LGD
	if c.Master.Guarantor != "" {
		share *= guarantorShare
	}
	if c.Exposure > 0 && c.Collateral > 0 {
		share *= 1 - min(1, float64(c.Collateral)/float64(c.Exposure))
	}
	return share
}

// guarantorShare is what is left of a loss when somebody guarantees the debt: an assumption.
const guarantorShare = .5

// reasons are up to four families of what slows the account's payments most, in words: the
// contributions of its items summed by open amount, as look has them.
func (n *night) reasons(c *customer, slowed *[hazard.Families]float64) []string {
	total := 0.0
	for k := range c.Items {
		if it := &c.Items[k]; it.Open > 0 {
			total += float64(it.OpenBase)
		}
	}
	if total == 0 {
		return nil
	}
	var room [hazard.Families]hazard.Family
	slow := room[:0]
	for f := range hazard.Family(hazard.Families) {
		if !(slowed[f]/total > -.05) { // slows payment by less than a twentieth: no reason
			slow = append(slow, f)
		}
	}
	slices.SortFunc(slow, func(a, b hazard.Family) int {
		return cmp.Or(cmp.Compare(slowed[a], slowed[b]), cmp.Compare(a, b))
	})
	var out []string
	for _, f := range slow {
		if len(out) == 4 {
			break
		}
		if w := n.words(c, f); w != "" {
			out = append(out, w)
		}
	}
	return out
}
