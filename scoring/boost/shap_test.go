package boost

import (
	"math"
	"math/rand/v2"
	"testing"

	"kaishu/scoring/hazard"
)

// randomTree grows a tree of at most the given depth over p columns, with thresholds in quarters.
func randomTree(r *rand.Rand, p, depth int) Tree {
	t := Tree{Nodes: []Node{{Rows: 1000}}}
	var grow func(at int32, depth int)
	grow = func(at int32, depth int) {
		rows := t.Nodes[at].Rows
		if depth == 0 || rows < 2 || r.IntN(6) == 0 {
			t.Nodes[at].Value = r.NormFloat64()
			return
		}
		left := int32(len(t.Nodes))
		n := 1 + r.IntN(rows-1)
		t.Nodes = append(t.Nodes, Node{Rows: n}, Node{Rows: rows - n})
		node := &t.Nodes[at]
		node.Column, node.Threshold, node.MissingLeft = r.IntN(p), float64(r.IntN(5))/4-.5, r.IntN(2) == 0
		node.Left, node.Right = left, left+1
		grow(left, depth-1)
		grow(left+1, depth-1)
	}
	grow(0, depth)
	return t
}

func randomRow(r *rand.Rand, p int) []float64 {
	row := make([]float64, hazard.RowColumns)
	for c := range p {
		if row[c] = float64(r.IntN(9))/8 - .5; r.IntN(8) == 0 {
			row[c] = math.NaN()
		}
	}
	return row
}

// expected is the tree's mean given the columns in known: the others go both ways, by rows.
func expected(t *Tree, at int32, row []float64, known int) float64 {
	n := &t.Nodes[at]
	if n.Left == 0 {
		return n.Value
	}
	if known>>n.Column&1 == 1 {
		x := row[n.Column]
		if x <= n.Threshold || math.IsNaN(x) && n.MissingLeft {
			return expected(t, n.Left, row, known)
		}
		return expected(t, n.Right, row, known)
	}
	share := float64(t.Nodes[n.Left].Rows) / float64(n.Rows)
	return share*expected(t, n.Left, row, known) + (1-share)*expected(t, n.Right, row, known)
}

func TestContributionsAreTheShapleyValuesOfAllSubsets(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 40 {
		p := 1 + r.IntN(10)
		m := &Model{Intercept: r.NormFloat64()}
		for range 1 + r.IntN(3) {
			m.Trees = append(m.Trees, randomTree(r, p, 1+r.IntN(maxDepth)))
		}
		for i := range m.Trees {
			if err := m.Trees[i].check(p); err != nil {
				t.Fatal(err)
			}
		}
		row := randomRow(r, p)
		worth := make([]float64, 1<<p)
		for known := range worth {
			for i := range m.Trees {
				worth[known] += expected(&m.Trees[i], 0, row, known)
			}
		}
		var factorial [12]float64
		factorial[0] = 1
		for i := 1; i < len(factorial); i++ {
			factorial[i] = factorial[i-1] * float64(i)
		}
		got := make([]float64, hazard.RowColumns)
		m.explained().contributions(m.Trees, row, got)
		for c := range p {
			want := 0.0
			for known := range worth {
				if known>>c&1 == 0 {
					size := 0
					for k := known; k > 0; k &= k - 1 {
						size++
					}
					want += factorial[size] * factorial[p-size-1] / factorial[p] * (worth[known|1<<c] - worth[known])
				}
			}
			if math.Abs(got[c]-want) > 1e-9 {
				t.Fatalf("column %d of %d contributes %v, over all subsets %v", c, p, got[c], want)
			}
		}
		if base := m.explained().base; math.Abs(base-m.Intercept-worth[0]) > 1e-9 {
			t.Errorf("base %v, the mean of all rows %v", base, m.Intercept+worth[0])
		}
	}
}

func TestContributionsAddUpToThePrediction(t *testing.T) {
	ls := world(4000, 4, crossed)
	m := fit(t, ls, Settings{Trees: 40})
	if len(m.Trees) < 10 {
		t.Fatalf("%d trees", len(m.Trees))
	}
	e := m.explained()
	r := rand.New(rand.NewPCG(5, 5))
	for range 500 {
		row := randomRow(r, hazard.RowColumns)
		for c := range row {
			row[c] *= 40
		}
		parts := make([]float64, len(row))
		e.contributions(m.Trees, row, parts)
		sum := e.base
		for _, x := range parts {
			sum += x
		}
		if want := m.predict(row); math.Abs(sum-want) > 1e-9 {
			t.Fatalf("contributions add up to %v, the prediction is %v", sum, want)
		}
	}
}

func TestReasonsAddUpToTheDifferenceInLogHazard(t *testing.T) {
	m := fit(t, world(4000, 4, crossed), Settings{Trees: 30})
	for _, l := range world(50, 6, crossed) {
		reasons := m.ReasonsOn(&l, nil, nil)
		got := 0.0
		for i, r := range reasons {
			got += r.Effect
			if i > 0 && reasons[i-1].Effect > r.Effect {
				t.Errorf("reason %d comes after one that slows payment less", i)
			}
		}
		var row hazard.Row
		w := m.Pooled.Walk(&l, nil, &row)
		want := -m.LogRate - m.explained().base
		for j := range hazard.AheadIntervals {
			w.Next(&row)
			want += hazard.AheadShare(j) * (m.predict(row.Values[:]) + row.LogRate)
		}
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("effects add up to %v, want %v", got, want)
		}
	}
}
