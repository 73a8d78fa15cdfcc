package boost

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"kaishu/scoring/hazard"
)

// small is a matrix of few distinct values with gradients, and the values themselves.
func small(r *rand.Rand, n, columns int, workers int) (*grower, [][]float64) {
	values := make([][]float64, columns)
	m := &matrix{columns: columns, bins: make([]uint8, n*columns)}
	for c := range values {
		values[c] = make([]float64, n)
		distinct := 2 + r.IntN(40)
		for i := range values[c] {
			if values[c][i] = float64(r.IntN(distinct)); r.IntN(7) == 0 && c%2 == 0 {
				values[c][i] = math.NaN()
			}
		}
		m.edges = append(m.edges, cuts(slices.Clone(values[c]), maxBins-2))
	}
	row := make([]float64, columns)
	for i := range n {
		for c := range row {
			row[c] = values[c][i]
		}
		m.set(i, row)
	}
	g := newGrower(Settings{Leaves: 31, Depth: 6, Lambda: 5, MinHessian: 3, Workers: workers}, make([]int8, columns), m)
	for i := range n {
		g.gradients[i] = cell{fixed(r.NormFloat64(), g.unit), fixed(r.Float64(), g.unit)}
	}
	return g, values
}

func TestHistogramFindsTheSplitOfAnExactSearch(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 8))
		g, values := small(r, 300, 4, 1)
		if seed%2 == 0 {
			g.toward = []int8{1, -1, 0, 0}
		}
		l := leaf{to: 300, lo: math.Inf(-1), hi: math.Inf(1)}
		for i := range g.order {
			g.order[i] = int32(i)
		}
		g.sum(&l)
		l.output = g.output(l.sum, &l)
		g.search(&l)

		best, at := 0.0, -1
		for c, column := range values {
			for _, x := range column {
				for _, missingLeft := range []bool{false, true} {
					if gain := exactGain(g, column, x, missingLeft, g.toward[c]); gain > best+1e-9 {
						best, at = gain, c
					}
				}
			}
		}
		if at != l.best.column || math.Abs(best-l.best.gain) > 1e-6 {
			t.Fatalf("seed %d: split on column %d gains %v, exact search: column %d, %v", seed, l.best.column, l.best.gain, at, best)
		}
	}
}

// exactGain is the gain of sending the rows with column <= x left.
func exactGain(g *grower, column []float64, x float64, missingLeft bool, toward int8) float64 {
	var slope, bend [2]float64
	for i, v := range column {
		side := 1
		if v <= x || math.IsNaN(v) && missingLeft {
			side = 0
		}
		slope[side] += float64(g.gradients[i].slope) / g.unit
		bend[side] += float64(g.gradients[i].bend) / g.unit
	}
	if bend[0] < 3 || bend[1] < 3 {
		return 0
	}
	if left, right := slope[0]/(bend[0]+5), slope[1]/(bend[1]+5); float64(toward)*(right-left) < 0 {
		return 0
	}
	square := func(s, b float64) float64 { return s * s / (b + 5) }
	return square(slope[0], bend[0]) + square(slope[1], bend[1]) - square(slope[0]+slope[1], bend[0]+bend[1])
}

func TestEveryLeafIsTheNewtonStepOfItsRows(t *testing.T) {
	g, values := small(rand.New(rand.NewPCG(1, 9)), 2000, 5, 2)
	tree := g.tree()
	if len(g.leaves) < 10 {
		t.Fatalf("%d leaves", len(g.leaves))
	}
	sums := map[float64][3]float64{}
	row := make([]float64, len(values))
	for i := range 2000 {
		for c := range row {
			row[c] = values[c][i]
		}
		v := tree.at(row)
		if v != tree.binned(g.m, g.m.row(i)) {
			t.Fatalf("row %d: leaf %v by values, %v by bins", i, v, tree.binned(g.m, g.m.row(i)))
		}
		s := sums[v]
		sums[v] = [3]float64{s[0] + float64(g.gradients[i].slope)/g.unit, s[1] + float64(g.gradients[i].bend)/g.unit, s[2] + 1}
	}
	for _, n := range tree.Nodes {
		if n.Left == 0 {
			s := sums[n.Value]
			if math.Abs(s[0]/(s[1]+5)-n.Value) > 1e-6 || s[1] < 3 || int(s[2]) != n.Rows {
				t.Errorf("leaf %v of %d rows: its rows give %v, hessian %v, %v rows", n.Value, n.Rows, s[0]/(s[1]+5), s[1], s[2])
			}
		}
	}
}

func TestValuesWithADirectionNeverActAgainstIt(t *testing.T) {
	// A truth that goes against every direction, so that only the constraint keeps the trees from following it.
	against := func(v []float64) float64 {
		eta := .5
		for c, col := range hazard.Columns() {
			if x := v[c]; col.Toward != 0 && x == x {
				eta -= .3 * float64(col.Toward) * math.Sin(3*x)
			}
		}
		return eta + crossed(v)
	}
	m := fit(t, world(6000, 11, against), Settings{Trees: 40, MinHessian: 5})
	if m.explained(); len(m.Trees) < 20 || !m.explanation.used[hazard.Exposure] {
		t.Fatalf("%d trees, exposure used %v", len(m.Trees), m.explanation.used[hazard.Exposure])
	}
	columns := hazard.Columns()
	lo, hi := ranges(m)
	r := rand.New(rand.NewPCG(12, 12))
	probes, wrong := 0, 0
	for c, col := range columns {
		if col.Toward == 0 {
			continue
		}
		for range 2000 {
			row := make([]float64, len(columns))
			for k := range row {
				if row[k] = lo[k] + (hi[k]-lo[k])*r.Float64(); r.IntN(10) == 0 {
					row[k] = math.NaN()
				}
			}
			a, b := lo[c]+(hi[c]-lo[c])*r.Float64(), lo[c]+(hi[c]-lo[c])*r.Float64()
			row[c] = min(a, b)
			low := m.predict(row)
			row[c] = max(a, b)
			probes++
			if float64(col.Toward)*(m.predict(row)-low) < 0 {
				wrong++
			}
		}
	}
	if wrong > 0 || probes < 20000 {
		t.Errorf("%d of %d probes go the wrong way", wrong, probes)
	}
}

// ranges are a little more than the thresholds of every column span.
func ranges(m *Model) (lo, hi []float64) {
	for range hazard.RowColumns {
		lo, hi = append(lo, 0), append(hi, 1)
	}
	for i := range m.Trees {
		for _, n := range m.Trees[i].Nodes {
			if n.Left != 0 {
				lo[n.Column], hi[n.Column] = min(lo[n.Column], n.Threshold-.5), max(hi[n.Column], n.Threshold+.5)
			}
		}
	}
	return lo, hi
}

func TestEdgesSeparateFewValuesAndEvenOutMany(t *testing.T) {
	if got := cuts([]float64{3, 1, math.NaN(), 2, 1, 3}, 62); !slices.Equal(got, []float64{1.5, 2.5}) {
		t.Errorf("edges %v", got)
	}
	if got := cuts([]float64{math.NaN(), 4, 4}, 62); len(got) != 0 {
		t.Errorf("edges of one value: %v", got)
	}
	r := rand.New(rand.NewPCG(1, 1))
	many := make([]float64, 20000)
	for i := range many {
		many[i] = r.ExpFloat64()
	}
	edges := cuts(many, 62)
	if len(edges) != 62 {
		t.Fatalf("%d edges", len(edges))
	}
	count := map[uint8]int{}
	for _, x := range many {
		count[bin(edges, x)]++
	}
	for b, n := range count {
		if n < 300 || n > 335 {
			t.Errorf("bin %d holds %d of 20000 values, want about 317", b, n)
		}
	}
}
