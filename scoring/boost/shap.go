package boost

import (
	"slices"

	"kaishu/scoring/hazard"
)

// The contributions of values to a prediction are Shapley values of the game that TreeSHAP plays (Lundberg,
// Erion and Lee, arXiv 1802.03888): a value that is not known goes both ways, in the
// shares of the training rows. A leaf's part in the game is a product over the columns asked on the
// way to it, of 1 or 0 (the value passes or not) for those known and of the shares for the others.
// The Shapley value of column i in such a product of m factors is
//
//	v (o[i] - z[i]) sum over k of k! (m-1-k)! / m! e[k],
//
// e[k] being the coefficient of t^k in the product over j != i of z[j] + o[j] t. With at most 2^depth
// outcomes o, each leaf's values are tabulated once, and a row costs one look-up a leaf.

// explanation is a Model laid out for contributions.
type explanation struct {
	base   float64 // mean prediction of the training rows, intercept included
	steps  [][]step
	family [hazard.RowColumns]hazard.Family
	used   [hazard.Families]bool // families that the trees ask about; ageing always, by the exposure
}

// step goes with a Node. A question has the place of its column among the factors of the paths through
// it, a leaf its factors and their contributions.
type step struct {
	slot    int
	first   bool      // the column was not asked about before
	factors []factor  // of a leaf
	table   []float64 // contributions: factors that are 1 as bits, times the number of factors, plus the factor
}

// factor is all that the questions about one column make of a leaf's part.
type factor struct {
	column int
	share  float64 // of the training rows that pass, product over the questions
}

// explained lays the model out, once.
func (m *Model) explained() *explanation {
	m.explain.Do(func() {
		e := &m.explanation
		e.base = m.Intercept
		e.used[hazard.Ageing] = true
		for c, column := range hazard.Columns() {
			e.family[c] = column.Family
		}
		for i := range m.Trees {
			e.steps = append(e.steps, make([]step, len(m.Trees[i].Nodes)))
			e.follow(&m.Trees[i], e.steps[i], 0, nil)
		}
	})
	return &m.explanation
}

// follow lays out a node, to which the factors lead, and what is below.
func (e *explanation) follow(t *Tree, steps []step, at int32, factors []factor) {
	n, s := &t.Nodes[at], &steps[at]
	if n.Left == 0 {
		all := n.Value
		for _, f := range factors {
			all *= f.share
		}
		e.base += all
		if len(factors) > 0 {
			s.factors, s.table = factors, tabulate(factors, n.Value)
		}
		return
	}
	e.used[e.family[n.Column]] = true
	s.slot = slices.IndexFunc(factors, func(f factor) bool { return f.column == n.Column })
	if s.first = s.slot < 0; s.first {
		s.slot = len(factors)
		factors = append(slices.Clone(factors), factor{n.Column, 1})
	}
	for _, branch := range []int32{n.Left, n.Right} {
		next := slices.Clone(factors)
		next[s.slot].share *= float64(t.Nodes[branch].Rows) / float64(n.Rows)
		e.follow(t, steps, branch, next)
	}
}

// tabulate computes the contributions of a leaf of the given value for all outcomes.
func tabulate(factors []factor, value float64) []float64 {
	m := len(factors)
	weight := make([]float64, m) // k! (m-1-k)! / m!
	weight[0] = 1 / float64(m)
	for k := 1; k < m; k++ {
		weight[k] = weight[k-1] * float64(k) / float64(m-k)
	}
	table := make([]float64, m<<m)
	for mask := range 1 << m {
		for i := range factors {
			poly := [maxDepth]float64{1}
			degree := 0
			for j, f := range factors {
				if j == i {
					continue
				}
				degree++
				passes := float64(mask >> j & 1)
				for k := degree; k > 0; k-- {
					poly[k] = float64(poly[k]*f.share) + float64(poly[k-1]*passes)
				}
				poly[0] *= f.share
			}
			sum := 0.0
			for k, w := range weight {
				sum += float64(w * poly[k])
			}
			table[mask*m+i] = value * (float64(mask>>i&1) - factors[i].share) * sum
		}
	}
	return table
}

// contributions adds to out, by column, what a row's values contribute to the prediction; with
// base they add up to it.
func (e *explanation) contributions(trees []Tree, values, out []float64) {
	var ones [2 << maxDepth]uint16 // of each node: the factors on the way to it that are 1
	for i := range trees {
		nodes, steps := trees[i].Nodes, e.steps[i]
		ones[0] = 0
		for k := range nodes {
			n, s := &nodes[k], &steps[k]
			if n.Left == 0 {
				m := len(s.factors)
				for j, x := range s.table[int(ones[k])*m:][:m] {
					out[s.factors[j].column] += x
				}
				continue
			}
			bit := uint16(1) << s.slot
			with, without := ones[k], ones[k]&^bit
			if s.first {
				with |= bit
			}
			if n.left(values[n.Column]) {
				ones[n.Left], ones[n.Right] = with, without
			} else {
				ones[n.Left], ones[n.Right] = without, with
			}
		}
	}
}

// ReasonsOn appends the reasons of l to out[:0], what slows payment most first, as those of
// hazard.Model: exact contributions, averaged over the next 30 days, that add up to the difference in log hazard
// to the average training row. Families without a column that is asked about are left out.
func (m *Model) ReasonsOn(l *hazard.Landmark, cal *hazard.Calendar, out []hazard.Reason) []hazard.Reason {
	e := m.explained()
	var row hazard.Row
	var sum, one [hazard.RowColumns]float64
	logRate := 0.0
	w := m.Pooled.Walk(l, cal, &row)
	for j := range hazard.AheadIntervals {
		w.Next(&row)
		part := hazard.AheadShare(j)
		logRate += float64(part * row.LogRate)
		clear(one[:])
		e.contributions(m.Trees, row.Values[:], one[:])
		for c, x := range one {
			sum[c] += float64(part * x)
		}
	}
	var effect [hazard.Families]float64
	for c, x := range sum {
		effect[e.family[c]] += x
	}
	effect[hazard.Ageing] += logRate - m.LogRate
	out = out[:0]
	for f, x := range effect {
		if e.used[f] {
			out = append(out, hazard.Reason{Family: hazard.Family(f), Effect: x, Value: hazard.Headline(hazard.Family(f), l), Peer: m.Peers[f]})
		}
	}
	hazard.SortReasons(out)
	return out
}
