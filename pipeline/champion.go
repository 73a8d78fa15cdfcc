package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"kaishu/pipeline/publish"
	"kaishu/scoring"
	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
)

// refit says whether the night uses the model that it fitted or the champion, which is the model of
// the night before, and why. It is in the manifest's section model.
type refit struct {
	Uses            string   `json:"uses"`                         // refit or champion
	Because         string   `json:"because,omitempty"`            // why the champion is kept, or there is none
	Champion        string   `json:"champion,omitempty"`           // the night whose model it is
	FittedOn        string   `json:"champion_fitted_on,omitempty"` // an older date when it was kept before
	Kind            string   `json:"champion_kind,omitempty"`      // hazard, boost or pooled
	Matured         int      `json:"matured"`                      // landmarks that both are measured on
	LogLoss         *float64 `json:"log_loss_30,omitempty"`
	ChampionLogLoss *float64 `json:"champion_log_loss_30,omitempty"`
	Stability       *float64 `json:"spearman,omitempty"` // of the accounts' scores by both models
}

// The limits of the guard (methods 5).
const (
	worseLogLoss    = .01   // a refit may lose so much more on the last matured days
	stableRank      = .95   // rank correlation of the scores below which a refit is unstable
	maturedWindow   = 30    // days of landmarks, all of them followed for as many days
	leastMatured    = 200   // landmarks below which log losses are not compared
	stabilitySample = 20000 // accounts, evenly taken, behind the rank correlation
)

// guard decides between tonight's model, linear or trees, and that of the night before. The champion
// stays when tonight's is no fit (too little data, no convergence), when it loses more than 1 % more on the
// last matured 30 days, or when it orders the accounts otherwise without being so much better.
// Scores of both models are made from tonight's facts, so every account counts as unchanged.
//
// Where one is linear and the other trees, the trial of the challenger has decided already, out of
// time, which is better evidence than days that both were fitted on and that flatter trees: trees that did not pass
// tonight do not stay as champion, and trees that did need not order the accounts as before.
func (n *night) guard() error {
	n.refit = &refit{Uses: "refit"}
	if n.previous == nil {
		n.refit.Because = "there is no night before"
		return nil
	}
	champion, err := n.champion()
	if err != nil || champion == nil {
		return err
	}
	r := n.refit
	then, now := modelFactsOf(champion), modelFactsOf(n.scorer())
	r.Champion, r.FittedOn, r.Kind = n.previous.asOf, scoring.Day(then.training.Cut).String(), then.kind
	if then.kind == hazard.KindPooled {
		return nil // nothing to defend: it is the life table of an older day
	}
	if now.kind == hazard.KindPooled {
		n.keep(champion, "tonight's fit is none: "+now.fallback)
		return nil
	}
	worse, better := n.compareMatured(champion)
	s, err := n.stability(champion)
	if err != nil {
		return err
	}
	if s == s {
		r.Stability = &s
	}
	switch {
	case then.kind == boost.Kind && now.kind != boost.Kind:
		r.Because = "the trees of the night before did not pass tonight: " + n.verdict.Reason
	case worse:
		n.keep(champion, fmt.Sprintf("tonight's fit loses %.4f on the last matured %d days, the champion %.4f", *r.LogLoss, maturedWindow, *r.ChampionLogLoss))
	case then.kind != now.kind:
		r.Because = "trees passed against the linear model: " + n.verdict.Reason
	case s < stableRank && !better:
		n.keep(champion, fmt.Sprintf("tonight's fit orders the accounts otherwise (rank correlation %.3f) and is no better", s))
	}
	return nil
}

// compareMatured measures tonight's model and the champion on the last matured days: whether tonight's is
// more than 1 % worse, or better.
func (n *night) compareMatured(champion scorer) (worse, better bool) {
	recent, r := n.maturedLandmarks(), n.refit
	ours, theirs := n.tested(n.scorer(), recent), n.tested(champion, recent)
	if r.Matured = len(ours.P); r.Matured < leastMatured {
		return false, false
	}
	a, b := ours.LogLoss(), theirs.LogLoss()
	r.LogLoss, r.ChampionLogLoss = &a, &b
	return a > b*(1+worseLogLoss), a < b*(1-worseLogLoss)
}

// tested is what a model says of landmarks whose 30 days have passed, with what happened.
func (n *night) tested(m scorer, ls []hazard.Landmark) hazard.Sample {
	s := hazard.Sample{P: make([]float64, len(ls)), Paid: make([]bool, len(ls)), Weight: make([]float64, len(ls))}
	_ = n.inParallel(len(ls), func(_, i int) error {
		curve := m.Curve(&ls[i], n.days)
		s.P[i] = curve.Paid(maturedWindow)
		s.Paid[i], _ = ls[i].Outcome(int32(n.asOf), maturedWindow)
		if s.Weight[i] = ls[i].Weight; s.Weight[i] == 0 {
			s.Weight[i] = 1
		}
		return nil
	})
	return s
}

// keep puts the champion in the place of tonight's model.
func (n *night) keep(champion scorer, because string) {
	n.trees = nil
	switch m := champion.(type) {
	case *boost.Model:
		n.trees = m
	case *hazard.Model:
		n.model = m
	}
	n.refit.Uses, n.refit.Because = "champion", because
	n.log.Warn("the model of the night before is kept", "night", n.refit.Champion, "because", because)
}

// champion loads the model of the night before; nil when it has none that can be used.
func (n *night) champion() (scorer, error) {
	data, err := os.ReadFile(filepath.Join(publish.Folder(n.output, n.previous.asOf), "model.json"))
	if errors.Is(err, fs.ErrNotExist) {
		n.refit.Because = "the night before has no model"
		return nil, nil
	}
	if err != nil {
		return nil, damaged(n.output, n.previous.asOf, fmt.Errorf("reading the model of %s: %w", n.previous.asOf, err))
	}
	m, err := decodeModel(data)
	if err != nil {
		n.refit.Because = fmt.Sprintf("the model of %s cannot be used: %v", n.previous.asOf, err)
		n.log.Warn("no champion", "cause", err)
		return nil, nil
	}
	if _, trees := m.(*boost.Model); trees && n.verdict == nil {
		n.refit.Because = fmt.Sprintf("the night of %s used trees, which the configuration does not ask for", n.previous.asOf)
		return nil, nil
	}
	return m, nil
}

// maturedLandmarks are those of the last 30 days whose 30 days have passed with a known outcome.
func (n *night) maturedLandmarks() []hazard.Landmark {
	last := int32(n.asOf) - maturedWindow
	var recent []hazard.Landmark
	for i := range n.landmarks {
		l := &n.landmarks[i]
		if l.Date <= last-maturedWindow || l.Date > last {
			continue
		}
		if _, known := l.Outcome(int32(n.asOf), maturedWindow); known {
			recent = append(recent, *l)
		}
	}
	return recent
}

// stability is the rank correlation (Spearman) of the accounts' chances to go bad by tonight's
// model and by the champion; NaN with fewer than three accounts or without any difference.
func (n *night) stability(champion scorer) (float64, error) {
	var owing []*decision
	for _, c := range n.cases {
		if c.open > 0 {
			owing = append(owing, c)
		}
	}
	at, err := n.load(every(owing, stabilitySample))
	if err != nil {
		return nan, err
	}
	ours, theirs := make([]float64, len(at)), make([]float64, len(at))
	_ = n.inParallel(len(at), func(_, i int) error {
		var items []hazard.Landmark
		c := at[i]
		for k := range c.Items {
			if c.Items[k].Open > 0 {
				items = append(items, c.Items[k].AsLandmark())
			}
		}
		ours[i], theirs[i] = reach90(n.scorer(), items, n.days), reach90(champion, items, n.days)
		return nil
	})
	return spearman(ours, theirs), nil
}

func reach90(m scorer, items []hazard.Landmark, days *hazard.Calendar) float64 {
	curves := make([]hazard.Curve, len(items))
	for i := range items {
		curves[i] = m.Curve(&items[i], days)
	}
	return hazard.Reach90(curves, items, m.Kappa(), horizon90)
}

// spearman is the correlation of ranks, ties at their middle.
func spearman(x, y []float64) float64 {
	if len(x) < 3 {
		return nan
	}
	a, b := ranks(x), ranks(y)
	mean := float64(len(x)-1) / 2
	var xx, xy, yy float64
	for i := range a {
		u, v := a[i]-mean, b[i]-mean
		xx += float64(u * u)
		xy += float64(u * v)
		yy += float64(v * v)
	}
	return xy / math.Sqrt(xx*yy)
}

// ranks are the places from 0 by rising value, those of equal values at their middle.
func ranks(x []float64) []float64 {
	at := make([]int, len(x))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return a - b
	})
	out := make([]float64, len(x))
	for i := 0; i < len(at); {
		k := i
		for k < len(at) && x[at[k]] == x[at[i]] {
			k++
		}
		for j := i; j < k; j++ {
			out[at[j]] = float64(i+k-1) / 2
		}
		i = k
	}
	return out
}
