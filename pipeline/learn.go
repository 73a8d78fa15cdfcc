package pipeline

import (
	"cmp"
	"math"
	"slices"

	"kaishu/pipeline/config"
	"kaishu/scoring"
	"kaishu/scoring/effect"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// learned is what the contacts of the past say.
type learned struct {
	effects   []learnedEffect // by action as the menu has them, all segments first, then by segment
	control   effect.Tally    // accounts left alone by lot
	base      float64         // by how much they pay more than the model says
	uncertain float64         // variance of its logarithm
	levels    [2]int          // of every 2^level windows one was looked at: of contacts by lot, of others
}

// learnedEffect is what is learned of one action, or of it on one segment.
type learnedEffect struct {
	action  *config.Action
	segment string
	part    bool // of one segment
	source  string
	taught  bool // contacts are behind it; else it is the menu's

	effect.Estimate                 // of the multiplier, by which the plan goes where it is asked to
	observational   effect.Estimate // of contacts that somebody chose to make, alone
	sums            *effectSums     // behind it
	dispersion      float64         // of the contacts made by lot
	reach           [3]float64      // probability and interval
}

// effectSums are the sums of one action, or of it on one segment.
type effectSums struct {
	lot, chosen      effect.Tally // contacts that came through
	missed           effect.Tally // by lot, that reached nobody while no other contact was at work
	attempts, landed [2]int64     // of contacts made by lot, and of others
}

// The sources of an effect that was learned.
const (
	sourceLearned       = config.SourceLearned
	sourceObservational = config.SourceLearned + ", observational"
)

// controlDays is the length of the window of an account that was left alone by lot: about that of the
// effect of a call or an e-mail.
const controlDays = 14

// sightDays is more business days than the model sees ahead, 180 calendar days.
const sightDays = 180

// learn estimates the effects of contacts on the night's model. Windows are seen in parallel and added
// up as integers.
func (n *night) learn() {
	if n.contacts == nil {
		return
	}
	n.learnAgencies(n.contacts.placed)
	if n.cfg.Learning.Effects == config.LearnOff {
		n.contacts = nil
		return
	}
	list := n.contacts.list
	limits := n.limits()
	seen := make([]effect.Seen, len(list))
	const block = 64
	_ = n.inParallel((len(list)+block-1)/block, func(_, b int) error {
		var o observer
		for i := b * block; i < min((b+1)*block, len(list)); i++ {
			seen[i] = o.see(n, &limits, &list[i])
		}
		return nil
	})
	l := &learned{levels: [2]int{n.contacts.lot.level, n.contacts.chosen.level}}
	all := make([]effectSums, len(n.cfg.Actions))
	parts := make([]map[uint16]*effectSums, len(n.cfg.Actions))
	for i := range list {
		w := &list[i]
		if w.Action == scoring.LeftAlone {
			l.control.Add(&seen[i])
			continue
		}
		k := slices.IndexFunc(n.cfg.Actions, func(a config.Action) bool { return a.Name == w.Action })
		all[k].add(w, &seen[i])
		if parts[k] == nil {
			parts[k] = map[uint16]*effectSums{}
		}
		label := w.Items[0].Group
		if parts[k][label] == nil {
			parts[k][label] = new(effectSums)
		}
		parts[k][label].add(w, &seen[i])
	}
	l.base, l.uncertain = effect.Correction(&l.control, n.cfg.Learning.Kappa)
	for k := range n.cfg.Actions {
		if n.cfg.Actions[k].Enabled {
			n.estimate(l, &n.cfg.Actions[k], &all[k], parts[k])
		}
	}
	n.learned, n.contacts = l, nil
}

// add counts one contact.
func (s *effectSums) add(w *scoring.Window, seen *effect.Seen) {
	kind := 0
	if !w.Randomised {
		kind = 1
	}
	s.attempts[kind]++
	if w.Landed {
		s.landed[kind]++
	}
	switch {
	case w.Landed && w.Randomised:
		s.lot.Add(seen)
	case w.Landed:
		s.chosen.Add(seen)
	case w.Randomised && w.Quiet:
		s.missed.Add(seen)
	}
}

// estimate works out one action over all segments, then on each, towards what it is over all.
func (n *night) estimate(l *learned, a *config.Action, all *effectSums, parts map[uint16]*effectSums) {
	s := &n.cfg.Learning
	e := learnedEffect{action: a, source: a.Source, sums: all, dispersion: dispersion(&all.lot, l.base)}
	spread := dispersion(&all.chosen, 1)
	e.fill(l, s, a.Multiplier, a.Reach, spread)
	l.effects = append(l.effects, e)
	if len(parts) < 2 {
		return
	}
	labels := make([]uint16, 0, len(parts))
	for label := range parts {
		labels = append(labels, label)
	}
	slices.SortFunc(labels, func(a, b uint16) int { return cmp.Compare(n.segments[a], n.segments[b]) })
	for _, label := range labels {
		p := learnedEffect{action: a, segment: n.segments[label], part: true, source: e.source, taught: e.taught, sums: parts[label], dispersion: e.dispersion}
		p.fill(l, s, e.Multiplier, e.reach[0], spread)
		l.effects = append(l.effects, p)
	}
}

// fill estimates multiplier and reach beside what is believed of them. Contacts made by lot count in
// full; of others as much as is allowed to. What came within the windows came for the promises of the customers too: the
// multiplier that is learned stands for both, and so does what is believed of it before.
func (e *learnedEffect) fill(l *learned, s *config.Learning, multiplier, reach, spread float64) {
	parts := []effect.Part{{Tally: &e.sums.lot, Weight: 1 / e.dispersion}}
	if x := e.sums.chosen.Exposed() * l.base / spread; x > 0 && s.KappaObs > 0 {
		parts = append(parts, effect.Part{Tally: &e.sums.chosen, Weight: min(1, s.KappaObs/x) / spread})
		e.source, e.taught = sourceObservational, true
	}
	if e.sums.lot.Exposed() > 0 {
		e.source, e.taught = sourceLearned, true
	}
	if e.taught && !e.part {
		multiplier += e.sums.promised(l.base)
	}
	e.Estimate = effect.Multiplier(effect.Prior{Mean: multiplier, Strength: s.Kappa}, l.base, l.uncertain, parts...)
	e.observational = effect.Multiplier(effect.Prior{}, 1, 0, effect.Part{Tally: &e.sums.chosen, Weight: 1 / spread})
	e.reach[0], e.reach[1], e.reach[2] = e.sums.reach(reach, s.Kappa, l.levels)
}

// promised is what promises, as the menu has them, would bring of the items seen, as an addition to the
// multiplier: as many payments more.
func (s *effectSums) promised(base float64) float64 {
	exposed := float64(s.lot.Exposed()) + float64(s.chosen.Exposed())
	if exposed == 0 {
		return 0
	}
	return (float64(s.lot.Promised()) + float64(s.chosen.Promised())) / (base * exposed)
}

// reach is the probability that the action comes through. Attempts by lot and others are thinned apart, and
// weigh as if they were not.
func (s *effectSums) reach(mean, strength float64, levels [2]int) (reach, low, high float64) {
	var attempts, all, landed float64
	for k := range s.attempts {
		attempts += float64(s.attempts[k])
		all += math.Ldexp(float64(s.attempts[k]), levels[k])
		landed += math.Ldexp(float64(s.landed[k]), levels[k])
	}
	if all > 0 {
		landed *= attempts / all
	}
	return effect.Reach(mean, strength, attempts, landed)
}

// dispersion is by how much more than by chance the payments behind a tally vary.
func dispersion(t *effect.Tally, base float64) float64 {
	raw := effect.Multiplier(effect.Prior{}, base, 0, effect.Part{Tally: t, Weight: 1})
	if math.IsNaN(raw.Multiplier) {
		return 1
	}
	return t.Dispersion(base, raw.Multiplier)
}

// observer follows windows; its room is used for one after another.
type observer struct {
	days []int32
	cum  []float64
}

// see is what followed a contact: the hazard of the night's model for each item from the day after the
// contact until the effect has passed, the next contact came through or the item was paid, and how much of the
// effect was at work on each of those days.
func (o *observer) see(n *night, limits *treatment.Limits, w *scoring.Window) (s effect.Seen) {
	var e rank.Effect
	multiplier, reason, most := 1.0, 1.0, int32(controlDays)
	if a := n.cfg.Actions.Find(w.Action); a != nil {
		multiplier, reason = a.Multiplier, limits.Reason(w.Reason, a.Tone)
		e = rank.Effect{Delay: float64(a.Delay), Decay: float64(a.Decay), Promise: a.Promise * a.Kept, Promised: float64(a.PromiseDays)}
		eve := w.On - 1
		most = int32(n.calendar.Add(eve, min(a.Delay+a.Decay, sightDays)) - eve)
	}
	most = min(most, int32(w.Until-w.On)+1, hazard.Grid[hazard.Intervals-1])
	for i := range w.Items {
		l := &w.Items[i]
		curve := n.curve(l)
		last := min(most, l.Follow)
		o.days, o.cum = o.days[:0], slices.Grow(o.cum[:0], int(last))[:last]
		for d := range last {
			o.days = append(o.days, d+1)
		}
		curve.Hazards(o.days, o.cum)
		strength := 0.0
		if e.Decay > 0 {
			strength = limits.Strength(multiplier, curve.Paid(30), reason, w.Contacts30)
		}
		from := scoring.Day(l.Date)
		for d := int32(2); d <= last; d++ {
			before, after := float64(n.calendar.Count(from, from+scoring.Day(d-1))), float64(n.calendar.Count(from, from+scoring.Day(d)))
			at := float64(strength * e.Mean(before, after))
			if before < e.Promised && after >= e.Promised {
				s.Promised += float64(min(1, e.Promise*strength) * curve.Paid(int32(n.cfg.Risk.Horizon)))
			}
			h := o.cum[d-1] - o.cum[d-2]
			if l.Paid && d == l.Follow {
				s.Payments = append(s.Payments, at)
				h /= 2 // open for half of the day, on average
			}
			s.Base += h
			s.Exposed += float64(h * at)
		}
	}
	return s
}

// effectOf is the effect of an action by which the plan goes, and where it comes from; and those that are
// others on some segments.
func (n *night) effectOf(a *config.Action) (e rank.Effect, source string, segments []treatment.SegmentEffect) {
	e = rank.Effect{Multiplier: a.Multiplier, Delay: float64(a.Delay), Decay: float64(a.Decay), Reach: a.Reach,
		Promise: a.Promise * a.Kept, Promised: float64(a.PromiseDays)}
	source = a.Source
	if n.learned == nil || n.cfg.Learning.Effects != config.LearnOn {
		return e, source, nil
	}
	for i := range n.learned.effects {
		l := &n.learned.effects[i]
		if l.action.Name != a.Name {
			continue
		}
		of := e
		of.Multiplier, of.Reach = l.Multiplier, l.reach[0]
		if l.taught && a.PromiseDays <= a.Delay+a.Decay {
			of.Promise = 0 // what promises brought within the windows is in the multiplier
		}
		if l.part {
			segments = append(segments, treatment.SegmentEffect{Segment: l.segment, Effect: of, Source: l.source})
		} else {
			e, source = of, l.source
		}
	}
	return e, source, segments
}
