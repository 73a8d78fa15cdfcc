package boost

import "math"

// partRows is the number of rows that a goroutine takes at a time.
const partRows = 1 << 13

// grower grows one tree after the other on the rows of a matrix.
type grower struct {
	set       Settings
	toward    []int8 // direction of every column, 0 for none
	m         *matrix
	gradients []cell // of every row
	unit      float64

	order, scratch []int32      // row numbers, leaf by leaf
	own            []histogram  // one a goroutine
	free           []*histogram // for reuse
	counts         []int        // scratch of partition
	leaves         []leaf
}

// leaf is a leaf of the tree in work: the rows order[from:to].
type leaf struct {
	node     int32
	from, to int
	depth    int
	hist     *histogram
	sum      cell
	lo, hi   float64 // limits of the output that splits above it on columns with a direction have set
	output   float64
	best     split
}

// split is a way to divide a leaf. Rows with bins 1..bin of the column go left.
type split struct {
	gain        float64 // 0: there is none
	column      int
	bin         uint8
	missingLeft bool
	left, right float64 // outputs
}

func newGrower(set Settings, toward []int8, m *matrix) *grower {
	n := m.rows()
	return &grower{set: set, toward: toward, m: m, gradients: make([]cell, n), unit: unit(n),
		order: make([]int32, n), scratch: make([]int32, n), own: make([]histogram, set.Workers)}
}

// tree grows a tree on the gradients. Its outputs are not yet multiplied by the learning rate. The leaves
// stay in g.leaves until the next call.
func (g *grower) tree() Tree {
	for i := range g.order {
		g.order[i] = int32(i)
	}
	for _, l := range g.leaves {
		g.drop(&l)
	}
	root := leaf{to: len(g.order), lo: math.Inf(-1), hi: math.Inf(1)}
	g.sum(&root)
	root.output = g.output(root.sum, &root)
	g.search(&root)
	t := Tree{Nodes: []Node{{Rows: root.to}}}
	g.leaves = append(g.leaves[:0], root)
	for len(g.leaves) < g.set.Leaves {
		at := 0
		for i := range g.leaves {
			if g.leaves[i].best.gain > g.leaves[at].best.gain {
				at = i
			}
		}
		if !(g.leaves[at].best.gain > 0) {
			break
		}
		g.divide(&t, at)
	}
	for _, l := range g.leaves {
		t.Nodes[l.node].Value = l.output
	}
	return t
}

// divide splits leaf number at; the left part takes its place.
func (g *grower) divide(t *Tree, at int) {
	l := g.leaves[at]
	s := l.best
	middle := g.partition(&l)
	left := leaf{node: int32(len(t.Nodes)), from: l.from, to: middle, depth: l.depth + 1, lo: l.lo, hi: l.hi, output: s.left}
	right := leaf{node: left.node + 1, from: middle, to: l.to, depth: l.depth + 1, lo: l.lo, hi: l.hi, output: s.right}
	half := float64(s.left/2) + float64(s.right/2)
	switch g.toward[s.column] {
	case +1:
		left.hi, right.lo = min(left.hi, half), max(right.lo, half)
	case -1:
		left.lo, right.hi = max(left.lo, half), min(right.hi, half)
	}
	n := &t.Nodes[l.node]
	n.Column, n.Threshold, n.MissingLeft = s.column, g.m.edges[s.column][s.bin-1], s.missingLeft
	n.Left, n.Right = left.node, right.node
	t.Nodes = append(t.Nodes, Node{Rows: left.to - left.from}, Node{Rows: right.to - right.from})

	small, large := &left, &right
	if left.to-left.from > right.to-right.from {
		small, large = large, small
	}
	g.sum(small)
	large.hist, large.sum = l.hist, cell{l.sum.slope - small.sum.slope, l.sum.bend - small.sum.bend}
	large.hist.subtract(small.hist, g.m.columns)
	g.search(&left)
	g.search(&right)
	g.leaves[at] = left
	g.leaves = append(g.leaves, right)
}

// sum fills the histogram of a leaf.
func (g *grower) sum(l *leaf) {
	if n := len(g.free); n > 0 {
		l.hist, g.free = g.free[n-1], g.free[:n-1]
		*l.hist = histogram{}
	} else {
		l.hist = new(histogram)
	}
	rows := g.order[l.from:l.to]
	if len(rows) <= partRows || g.set.Workers == 1 {
		l.sum = l.hist.add(g.m, g.gradients, rows)
		return
	}
	sums := make([]cell, g.set.Workers)
	for w := range g.own {
		g.own[w] = histogram{}
	}
	share(g.set.Workers, len(rows), partRows, func(w, from, to int) {
		s := g.own[w].add(g.m, g.gradients, rows[from:to])
		sums[w].slope += s.slope
		sums[w].bend += s.bend
	})
	for w := range g.own {
		l.hist.merge(&g.own[w], g.m.columns)
		l.sum.slope += sums[w].slope
		l.sum.bend += sums[w].bend
	}
}

// drop gives the histogram of a leaf back.
func (g *grower) drop(l *leaf) {
	if l.hist != nil {
		g.free = append(g.free, l.hist)
	}
}

// partition puts the rows of l that go left before the others, both in their order, and returns
// the place of the first of the others.
func (g *grower) partition(l *leaf) int {
	s := &l.best
	rows, out := g.order[l.from:l.to], g.scratch[l.from:l.to]
	parts := (len(rows) + partRows - 1) / partRows
	if cap(g.counts) < parts {
		g.counts = make([]int, parts)
	}
	counts := g.counts[:parts]
	each := func(part func(p int, rows []int32)) {
		share(g.set.Workers, parts, 1, func(_, from, to int) {
			for p := from; p < to; p++ {
				part(p, rows[p*partRows:min(p*partRows+partRows, len(rows))])
			}
		})
	}
	each(func(p int, rows []int32) {
		n := 0
		for _, r := range rows {
			if s.goesLeft(g.m.bins[int(r)*g.m.columns+s.column]) {
				n++
			}
		}
		counts[p] = n
	})
	left := 0
	for p, n := range counts {
		counts[p] = left
		left += n
	}
	each(func(p int, rows []int32) {
		a := counts[p]
		b := left + p*partRows - a
		for _, r := range rows {
			if s.goesLeft(g.m.bins[int(r)*g.m.columns+s.column]) {
				out[a] = r
				a++
			} else {
				out[b] = r
				b++
			}
		}
	})
	copy(rows, out)
	return l.from + left
}

func (s *split) goesLeft(b uint8) bool {
	if b == 0 {
		return s.missingLeft
	}
	return b <= s.bin
}
