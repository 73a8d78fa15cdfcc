package hazard

import (
	"cmp"
	"math"
	"slices"
)

// Reason is what one family of terms does to the hazard of payment of a landmark over the
// next 30 days, against the average training landmark: exact sums of coefficient*(x -
// mean), so that they add up to the difference in log hazard. A negative Effect slows payment.
//
// Value is the family's headline value and Peer its median over training landmarks: days past due
// (Ageing), mean days late (Lateness), utilization (Exposure), broken promises (Promises), 1
// if disputed (Disputes), settled items (Newness), open amount (Amount), share of payments
// at month end (Habit), weekday of the due date, 0 for Monday (CalendarDays), days since
// the last contact, -1 without (Contact), days from issue to due (CreditTerms), outside score
// (Bureau). Value is NaN where the customer has none.
type Reason struct {
	Family Family
	Effect float64 // log hazard
	Value  float64
	Peer   float64
}

// Reasons is ReasonsOn without holidays and with month ends spread evenly.
func (m *Model) Reasons(l *Landmark, out []Reason) []Reason { return m.ReasonsOn(l, nil, out) }

// ReasonsOn appends the reasons of l to out[:0], what slows payment most first. Families
// without a term in the model are left out.
func (m *Model) ReasonsOn(l *Landmark, cal *Calendar, out []Reason) []Reason {
	past := l.past()
	var f features
	var ahead outlook
	var w walker
	z := m.Pooled.frailty(past)
	m.Pooled.features(l, z, &f)
	w.start(&m.Pooled, cal, l, z)
	ahead.look(&w)
	effect, used := m.effects(&f, &ahead)
	out = out[:0]
	for i, e := range effect {
		if used[i] {
			out = append(out, Reason{Family(i), e, headline(Family(i), l, past), m.Peers[i]})
		}
	}
	SortReasons(out)
	return out
}

// SortReasons puts what slows payment most first.
func SortReasons(reasons []Reason) {
	slices.SortFunc(reasons, func(a, b Reason) int {
		if c := cmp.Compare(a.Effect, b.Effect); c != 0 {
			return c
		}
		return cmp.Compare(a.Family, b.Family)
	})
}

// outlook is the next 30 days of a landmark: the terms of their intervals, averaged by length.
type outlook struct {
	means
	level [periodGroups][maxLevels]float64
}

// means are those terms of an outlook that are numbers.
type means struct {
	logRate float64 // log pooled hazard per business day
	num     [periodNumbers]float64
}

// look adds the next 30 days of a walker that stands at its landmark's date.
func (o *outlook) look(w *walker) {
	var p period
	for j := range aheadIntervals {
		w.next(j, Grid[j], &p)
		part := float64(Grid[j]-start(j)) / float64(Grid[aheadIntervals-1])
		o.means.look(&p, part)
		for g, l := range p.level {
			o.level[g][l] += part
		}
	}
}

// look adds an interval that is a part of the 30 days.
func (o *means) look(p *period, part float64) {
	o.logRate += float64(part * ln(p.exposure/p.days))
	for i, x := range p.num {
		o.num[i] += float64(part * x)
	}
}

// add adds an outlook with a weight.
func (o *outlook) add(other *outlook, w float64) {
	o.logRate += float64(w * other.logRate)
	for i, x := range other.num {
		o.num[i] += float64(w * x)
	}
	for g := range other.level {
		for l, x := range other.level[g] {
			o.level[g][l] += float64(w * x)
		}
	}
}

// aheadIntervals is the number of intervals that make up the next 30 days.
const aheadIntervals = 5

// effects sums the terms into families, each against its mean. used tells which families
// have a term.
func (m *Model) effects(f *features, ahead *outlook) (effect [Families]float64, used [Families]bool) {
	w := &m.scale
	for i, t := range itemNumeric {
		effect[t.family] += w.itemNum[i].at(f.num[i])
		used[t.family] = used[t.family] || w.itemNum[i].slope != 0
	}
	for g, t := range itemGroup {
		for l := range t.levels {
			x := 0.0
			if int(f.level[g]) == l {
				x = 1
			}
			effect[t.family] += w.itemLevel[g][l].at(x)
			used[t.family] = used[t.family] || w.itemLevel[g][l].slope != 0
		}
	}
	for i, t := range periodNumeric {
		effect[t.family] += w.periodNum[i].at(ahead.num[i])
		used[t.family] = used[t.family] || w.periodNum[i].slope != 0
	}
	for g, t := range periodGroup {
		for l := range t.levels {
			effect[t.family] += w.periodLevel[g][l].at(ahead.level[g][l])
			used[t.family] = used[t.family] || w.periodLevel[g][l].slope != 0
		}
	}
	effect[Ageing] += ahead.logRate - m.LogRate
	used[Ageing] = true
	return effect, used
}

// headline is the value that stands for a family, see Reason.
func headline(f Family, l *Landmark, p *Past) float64 {
	switch f {
	case Ageing:
		return float64(l.Date - l.Due)
	case Lateness:
		return p.LateMean
	case Exposure:
		return p.Utilization
	case Promises:
		return float64(p.Broken)
	case Disputes:
		return float64(level(l.Disputed))
	case Newness:
		return float64(p.Settled)
	case Amount:
		return l.Open
	case Habit:
		return float64(p.PayMonthEnd)
	case CalendarDays:
		return float64(weekday(l.Due))
	case Contact:
		return float64(p.SinceContact)
	case CreditTerms:
		return float64(l.Due - l.Issue)
	case Bureau:
		return p.Bureau
	}
	return math.NaN()
}

// maxPeers is the number of landmarks, evenly taken, behind the medians.
const maxPeers = 20000

// peers computes the median headline value of every family, 0 where no landmark has one.
func (d *design) peers() (median [Families]float64) {
	every := len(d.use)/maxPeers + 1
	values := make([]float64, 0, len(d.use)/every+1)
	for f := range median {
		values = values[:0]
		for i := 0; i < len(d.use); i += every {
			l := &d.all[d.use[i]]
			if x := headline(Family(f), l, l.past()); finite(x) {
				values = append(values, x)
			}
		}
		if n := len(values); n > 0 {
			slices.Sort(values)
			median[f] = values[(n-1)/2]
		}
	}
	return median
}
