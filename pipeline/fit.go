package pipeline

import (
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
func (n *night) fit(context.Context) (err error) {
	n.days = hazardDays(n.calendar)
	r := &n.cfg.Risk
	n.model, err = hazard.Fit(n.landmarks, &n.life, n.days, hazard.Settings{
		Ridge: r.Ridge, MaxRows: r.MaxRows, MinEvents: r.MinEvents, Workers: n.workers, Cut: int32(n.asOf),
	})
	if err != nil {
		return fmt.Errorf("fitting the time-to-pay model: %w", err)
	}
	if err := n.challenge(); err != nil {
		return err
	}
	if !n.replays {
		if err := n.guard(); err != nil {
			return err
		}
		n.measureCashWidth()
		if err := n.measureDrift(); err != nil {
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

// appraise scores every account and, where something is overdue or falling due, works out what each action
// of the menu would add. It is one pass over the accounts, because the curves of all their items would take more room than
// everything else that is kept of them.
func (n *night) appraise(context.Context) error {
	if err := n.makeMenu(); err != nil {
		return err
	}
	return n.scoreThen(func(t *treatment.Case, c *customer) error {
		err := n.value(t, c)
		c.curves = nil
		return err
	})
}

// score is the first half of appraise: probabilities, score, grade, expected loss and reasons. The curves
// stay.
func (n *night) score(context.Context) error {
	return n.scoreThen(func(_ *treatment.Case, c *customer) error {
		c.curves = slices.Clone(c.curves)
		return nil
	})
}

// scoreThen scores every account, hands it on while the curves of its items are there, and forecasts cash.
func (n *night) scoreThen(do func(*treatment.Case, *customer) error) error {
	n.peers = n.peerWords()
	cash := make([]cashBook, (n.customers()+pageSize-1)/pageSize)
	err := n.eachPage(func(i int, list []*customer) error {
		var items []hazard.Landmark
		var curves []hazard.Curve
		var reasons []hazard.Reason
		t := n.newCase()
		book := newCashBook()
		for _, c := range list {
			items = items[:0]
			for k := range c.Items {
				if c.Items[k].Open > 0 {
					items = append(items, c.Items[k].AsLandmark())
				}
			}
			curves = n.curves(c, curves[:0])
			c.curves = curves
			n.scoreItems(c)
			n.scoreAccount(c, items)
			if !n.bare {
				c.reasons = n.reasons(c, items, &reasons)
			}
			if !n.replays {
				book.add(c, n.scorer().Shape, n.currency)
			}
			if err := do(t, c); err != nil {
				return err
			}
		}
		cash[i] = cashBook{own: book.own, base: book.base}
		return n.keepScores(i, list)
	})
	if !n.replays {
		n.forecast(cash)
	}
	return err
}

// curves appends the curves of an account's positive items.
func (n *night) curves(c *customer, out []hazard.Curve) []hazard.Curve {
	for k := range c.Items {
		if it := &c.Items[k]; it.Open > 0 {
			l := it.AsLandmark()
			out = append(out, n.curve(&l))
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
// contributions of its items averaged by open amount.
func (n *night) reasons(c *customer, items []hazard.Landmark, scratch *[]hazard.Reason) []string {
	if len(items) == 0 {
		return nil
	}
	var sum [hazard.Families]hazard.Reason
	total, at := 0.0, 0
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open <= 0 {
			continue
		}
		w := float64(it.OpenBase)
		*scratch = n.itemReasons(&items[at], (*scratch)[:0])
		for _, r := range *scratch {
			s := &sum[r.Family]
			s.Family = r.Family
			s.Effect += float64(w * r.Effect)
		}
		total += w
		at++
	}
	if total == 0 {
		return nil
	}
	all := sum[:]
	slices.SortFunc(all, func(a, b hazard.Reason) int {
		if a.Effect != b.Effect {
			if a.Effect < b.Effect {
				return -1
			}
			return 1
		}
		return int(a.Family) - int(b.Family)
	})
	var out []string
	for _, r := range all {
		effect := r.Effect / total
		if effect > -.05 || len(out) == 4 { // slows payment by less than a twentieth: no reason
			break
		}
		if w := n.words(c, r.Family); w != "" {
			out = append(out, w)
		}
	}
	return out
}
