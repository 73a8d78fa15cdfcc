package boost

// search finds the best split of a leaf: of the highest gain, then of the first column, the lowest
// bin, missing values to the right.
func (g *grower) search(l *leaf) {
	l.best = split{}
	if l.depth == g.set.Depth {
		return
	}
	for c := range g.m.columns {
		if s := g.searchColumn(l, c); s.gain > l.best.gain {
			l.best = s
		}
	}
}

// searchColumn finds the best split of a leaf on one column.
func (g *grower) searchColumn(l *leaf, c int) (best split) {
	cells := l.hist[c*maxBins:][:len(g.m.edges[c])+2]
	missing := cells[0]
	before := g.score(l.sum, l.output)
	try := func(b int, missingLeft bool, left cell) {
		right := cell{l.sum.slope - left.slope, l.sum.bend - left.bend}
		if g.number(left.bend) < g.set.MinHessian || g.number(right.bend) < g.set.MinHessian {
			return
		}
		s := split{column: c, bin: uint8(b), missingLeft: missingLeft, left: g.output(left, l), right: g.output(right, l)}
		if t := g.toward[c]; t > 0 && s.left > s.right || t < 0 && s.left < s.right {
			return
		}
		s.gain = g.score(left, s.left) + g.score(right, s.right) - before
		if s.gain > best.gain {
			best = s
		}
	}
	var left cell
	for b := 1; b < len(cells)-1; b++ {
		left.slope += cells[b].slope
		left.bend += cells[b].bend
		if missing.bend == 0 { // where nothing is missing, what will be goes with the most
			try(b, left.bend > l.sum.bend-left.bend, left)
			continue
		}
		try(b, false, left)
		try(b, true, cell{left.slope + missing.slope, left.bend + missing.bend})
	}
	return best
}

// number is a sum of fixed-point steps as a number.
func (g *grower) number(steps int64) float64 { return float64(steps) / g.unit }

// output is the Newton step of some rows under the ridge penalty, within the limits of l.
func (g *grower) output(sum cell, l *leaf) float64 {
	return min(max(g.number(sum.slope)/(g.number(sum.bend)+g.set.Lambda), l.lo), l.hi)
}

// score is twice what an output adds to the penalised log likelihood of some rows, to second order.
func (g *grower) score(sum cell, output float64) float64 {
	return float64(2*output*g.number(sum.slope)) - float64((g.number(sum.bend)+g.set.Lambda)*float64(output*output))
}
