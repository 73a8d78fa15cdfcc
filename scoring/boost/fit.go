package boost

import (
	"fmt"
	"math"
	"slices"

	"kaishu/scoring/hazard"
)

// Fit fits trees to landmarks whose outcome is known up to the cut, on the life table given. Their
// number is the best of up to Settings.Trees on the latest fifth of the landmarks after a fit, to a quarter of
// the rows, on what the others showed before; then all rows are fitted with it. With little data no tree is grown and
// Fallback says so: the model is then the life table. Errors mean impossible input.
func Fit(ls []hazard.Landmark, life *hazard.LifeTable, cal *hazard.Calendar, s Settings) (*Model, error) {
	s, err := s.defaults(ls)
	if err != nil {
		return nil, fmt.Errorf("fitting trees: %w", err)
	}
	book, err := hazard.OpenBook(ls, life, nil, cal, hazard.Settings{MaxRows: s.MaxRows, Workers: s.Workers, Cut: s.Cut})
	if err != nil {
		return nil, fmt.Errorf("fitting trees: %w", err)
	}
	m := &Model{Version: Version, Kind: Kind, Pooled: *book.Pooled(), Calibration: hazard.Calibration{Factor: 1}, Trees: []Tree{}}
	for _, c := range hazard.Columns() {
		m.Columns = append(m.Columns, c.Name)
	}
	m.Training, m.LogRate = book.Training()
	m.Peers = book.Peers()
	if m.Training.Payments < s.MinEvents {
		m.Fallback = fmt.Sprintf("%d payments, fewer than %d", m.Training.Payments, s.MinEvents)
	} else {
		if m.Validation, err = search(ls, book.Pooled(), cal, s); err != nil {
			return nil, fmt.Errorf("fitting trees: %w", err)
		}
		r := gather(book, cutsOf(book, s), s)
		m.Intercept = r.intercept()
		m.boost(r, m.Validation.Trees, s, nil)
	}
	m.Calibration = book.Calibrate(func(row *hazard.Row) float64 { return m.predict(row.Values[:]) })
	return m, nil
}

// Validation says how the number of trees was found: mean log loss of the person-periods of
// landmarks from From on, under the life table alone and with the trees.
type Validation struct {
	From    int32   `json:"from_day"`
	Rows    int     `json:"rows"`
	Trees   int     `json:"trees"`
	Without float64 `json:"log_loss_without"`
	With    float64 `json:"log_loss_with"`
}

// searchShare is the part of the rows on which the number of trees is sought.
const searchShare = 4

// search finds the number of trees.
func search(ls []hazard.Landmark, pooled *hazard.Pooled, cal *hazard.Calendar, s Settings) (v Validation, err error) {
	dates := make([]int32, 0, len(ls))
	for i := range ls {
		if ls[i].Date < s.Cut {
			dates = append(dates, ls[i].Date)
		}
	}
	slices.Sort(dates)
	v.From = dates[len(dates)*4/5]
	var late []hazard.Landmark
	for i := range ls {
		if ls[i].Date >= v.From {
			late = append(late, ls[i])
		}
	}
	set := hazard.Settings{MaxRows: max(s.MaxRows/searchShare, 1), Workers: s.Workers, Cut: v.From}
	early, err := hazard.OpenBook(ls, nil, pooled, cal, set)
	if err != nil {
		return v, err
	}
	set.Cut = s.Cut
	test, err := hazard.OpenBook(late, nil, pooled, cal, set)
	if err != nil {
		return v, err
	}
	if v.Rows = test.Rows(); early.Rows() == 0 || v.Rows == 0 {
		return v, nil
	}
	edges := cutsOf(early, s)
	train, held := gather(early, edges, s), gather(test, edges, s)
	if !finite(train.intercept()) {
		return v, nil
	}
	m := Model{Intercept: train.intercept()}
	held.start(m.Intercept)
	v.Without = held.logLoss(s.Workers)
	v.With = v.Without
	m.boost(train, s.Trees, s, func(t *Tree) bool {
		held.addTree(t, s.Workers)
		if loss := held.logLoss(s.Workers); loss < v.With {
			v.With, v.Trees = loss, len(m.Trees)
		}
		return len(m.Trees)-v.Trees < s.Patience
	})
	return v, nil
}

// boost adds up to n trees. after, if not nil, is told of each and says whether to go on.
func (m *Model) boost(r *rows, n int, s Settings, after func(t *Tree) bool) {
	var toward []int8
	for _, c := range hazard.Columns() {
		toward = append(toward, c.Toward)
	}
	g := newGrower(s, toward, &r.matrix)
	r.start(m.Intercept)
	for range n {
		r.gradients(g)
		t := g.tree()
		if len(t.Nodes) == 1 {
			return
		}
		for i := range t.Nodes {
			if n := &t.Nodes[i]; n.Left == 0 {
				n.Value = float64(n.Value * s.Rate)
			}
		}
		for i := range g.leaves {
			l := &g.leaves[i]
			v := t.Nodes[l.node].Value
			share(s.Workers, l.to-l.from, partRows, func(_, from, to int) {
				for _, row := range g.order[l.from+from : l.from+to] {
					r.eta[row] += v
				}
			})
		}
		m.Trees = append(m.Trees, t)
		if after != nil && !after(&t) {
			return
		}
	}
}

// rows are the person-periods of a book, ready for trees.
type rows struct {
	matrix
	exposure []float64
	weight   []float64 // 1 on average
	paid     []bool
	eta      []float64 // what the model says so far
}

// maxCutRows is about the number of rows, evenly taken, from which the edges of bins are chosen.
const maxCutRows = 100_000

// cutsOf chooses the edges of the bins.
func cutsOf(book *hazard.Book, s Settings) [][]float64 {
	every := book.Rows()/maxCutRows + 1
	n := (book.Rows() + every - 1) / every
	values := make([][]float64, hazard.RowColumns)
	for c := range values {
		values[c] = make([]float64, n)
	}
	share(s.Workers, book.Blocks(), 1, func(_, from, to int) {
		for b := from; b < to; b++ {
			at := book.First(b)
			book.Block(b, func(row *hazard.Row) {
				if at%every == 0 {
					for c, x := range row.Values {
						values[c][at/every] = x
					}
				}
				at++
			})
		}
	})
	edges := make([][]float64, len(values))
	share(s.Workers, len(values), 1, func(_, from, to int) {
		for c := from; c < to; c++ {
			edges[c] = cuts(values[c], s.Bins-2)
		}
	})
	return edges
}

// gather lays out the rows of a book.
func gather(book *hazard.Book, edges [][]float64, s Settings) *rows {
	n := book.Rows()
	r := &rows{
		matrix:   matrix{columns: len(edges), edges: edges, bins: make([]uint8, n*len(edges))},
		exposure: make([]float64, n), weight: make([]float64, n), paid: make([]bool, n), eta: make([]float64, n),
	}
	share(s.Workers, book.Blocks(), 1, func(_, from, to int) {
		for b := from; b < to; b++ {
			at := book.First(b)
			book.Block(b, func(row *hazard.Row) {
				r.set(at, row.Values[:])
				r.exposure[at], r.weight[at], r.paid[at] = row.Exposure, row.Weight, row.Paid
				at++
			})
		}
	})
	sum := 0.0
	for _, w := range r.weight {
		sum += w
	}
	mean := sum / float64(n)
	for i := range r.weight {
		r.weight[i] /= mean
	}
	return r
}

// intercept is the log of payments over those that the life table expects.
func (r *rows) intercept() float64 {
	paid, expected := 0.0, 0.0
	for i, w := range r.weight {
		expected += float64(w * r.exposure[i])
		if r.paid[i] {
			paid += w
		}
	}
	return math.Log(paid / expected)
}

func (r *rows) start(intercept float64) {
	for i := range r.eta {
		r.eta[i] = intercept
	}
}

// hazard is the hazard of row i.
func (r *rows) hazard(i int) float64 {
	row := hazard.Row{Exposure: r.exposure[i]}
	return row.Hazard(r.eta[i])
}

// gradients sets those of g.
func (r *rows) gradients(g *grower) {
	share(g.set.Workers, len(r.eta), partRows, func(_, from, to int) {
		for i := from; i < to; i++ {
			_, slope, bend := hazard.Likelihood(r.hazard(i), r.paid[i])
			w := r.weight[i]
			g.gradients[i] = cell{fixed(float64(w*slope), g.unit), fixed(float64(w*bend), g.unit)}
		}
	})
}

// addTree adds what a tree says.
func (r *rows) addTree(t *Tree, workers int) {
	share(workers, len(r.eta), partRows, func(_, from, to int) {
		for i := from; i < to; i++ {
			r.eta[i] += t.binned(&r.matrix, r.row(i))
		}
	})
}

// logLoss is the weighted mean log loss.
func (r *rows) logLoss(workers int) float64 {
	parts := make([][2]float64, len(r.eta)/partRows+1)
	share(workers, len(r.eta), partRows, func(_, from, to int) {
		for ; from < to; from += partRows {
			part := &parts[from/partRows]
			for i := from; i < min(from+partRows, to); i++ {
				logLik, _, _ := hazard.Likelihood(r.hazard(i), r.paid[i])
				part[0] -= float64(r.weight[i] * logLik)
				part[1] += r.weight[i]
			}
		}
	})
	loss, weight := 0.0, 0.0
	for _, p := range parts {
		loss += p[0]
		weight += p[1]
	}
	return loss / weight
}

func finite(x float64) bool { return x-x == 0 }
