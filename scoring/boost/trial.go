package boost

import (
	"fmt"

	"kaishu/scoring/hazard"
)

// Trial is what the linear model and trees, fitted on what was known at the origin, said of the
// landmarks after it: the probability of payment within Horizon days. The samples are of the same landmarks.
type Trial struct {
	Origin     int32 // day number
	Champion   hazard.Sample
	Challenger hazard.Sample
	Customer   []uint64 // of each landmark
}

// Trials' constants, in days.
const (
	Horizon   = 30 // over which a trial looks
	trialDays = 28 // of landmarks in a trial
	trials    = 3  // origins
)

// Trials fits both models as of three origins, four weeks apart, and tests each on the landmarks of the
// four weeks after its origin, the last of them on the newest whose outcome is known by the cut. Nothing after
// an origin is used: the life table is made of the landmarks too. Origins without landmarks before
// and after are left out. The settings' cuts are the as-of day.
func Trials(ls []hazard.Landmark, cal *hazard.Calendar, linear hazard.Settings, trees Settings) ([]Trial, error) {
	cut := trees.Cut
	var out []Trial
	for k := trials; k >= 1; k-- {
		t := Trial{Origin: cut - Horizon - int32(k)*trialDays}
		linear.Cut, trees.Cut = t.Origin, t.Origin
		life := hazard.LifeOf(ls, cal, t.Origin)
		champion, err := hazard.Fit(ls, life, cal, linear)
		if err != nil {
			return nil, fmt.Errorf("trial of trees: %w", err)
		}
		challenger, err := Fit(ls, life, cal, trees)
		if err != nil {
			return nil, fmt.Errorf("trial of trees: %w", err)
		}
		t.test(ls, cal, cut, champion, challenger)
		if len(t.Customer) > 0 && challenger.Training.Rows > 0 {
			out = append(out, t)
		}
	}
	return out, nil
}

// test scores the landmarks after the origin with both models.
func (t *Trial) test(ls []hazard.Landmark, cal *hazard.Calendar, cut int32, champion *hazard.Model, challenger *Model) {
	for i := range ls {
		l := &ls[i]
		if l.Date < t.Origin || l.Date >= t.Origin+trialDays {
			continue
		}
		paid, ok := l.Outcome(cut, Horizon)
		if !ok {
			continue
		}
		w := l.Weight
		if w == 0 {
			w = 1
		}
		a, b := champion.Curve(l, cal), challenger.Curve(l, cal)
		for _, s := range []struct {
			sample *hazard.Sample
			p      float64
		}{{&t.Champion, a.Paid(Horizon)}, {&t.Challenger, b.Paid(Horizon)}} {
			s.sample.P = append(s.sample.P, s.p)
			s.sample.Paid = append(s.sample.Paid, paid)
			s.sample.Weight = append(s.sample.Weight, w)
		}
		t.Customer = append(t.Customer, l.Customer)
	}
}
