package boost

import (
	"math"
	"slices"
	"sort"
)

// maxColumns is the most columns a matrix can have.
const maxColumns = 32

// matrix holds rows of values in bins, row by row: bin 0 is missing, bin k holds the values above
// edges[k-2] and up to edges[k-1], the last bin those above the last edge.
type matrix struct {
	columns int
	edges   [][]float64 // by column, ascending
	bins    []uint8
}

func (m *matrix) rows() int { return len(m.bins) / m.columns }

// row is the bins of a row.
func (m *matrix) row(r int) []uint8 { return m.bins[r*m.columns:][:m.columns] }

// set puts the values of a row into their bins.
func (m *matrix) set(r int, values []float64) {
	for c, x := range values {
		m.bins[r*m.columns+c] = bin(m.edges[c], x)
	}
}

// bin is the bin of x.
func bin(edges []float64, x float64) uint8 {
	if x != x {
		return 0
	}
	return uint8(1 + sort.SearchFloat64s(edges, x))
}

// cuts chooses at most n edges for the values, which it sorts: between all distinct values where they
// are few, else so that the bins hold about as many each. NaN is left out.
func cuts(values []float64, n int) []float64 {
	values = slices.DeleteFunc(values, func(x float64) bool { return x != x })
	slices.Sort(values)
	var distinct []float64
	var upTo []int // values no larger than the distinct one
	for i, x := range values {
		if i+1 == len(values) || values[i+1] != x {
			distinct, upTo = append(distinct, x), append(upTo, i+1)
		}
	}
	var edges []float64
	for i := 0; i+1 < len(distinct); i++ {
		if len(distinct) > n+1 {
			// Between the last value of one share of the rows and the first of the next.
			if upTo[i]*(n+1)/len(values) == before(upTo, i)*(n+1)/len(values) {
				continue
			}
		}
		edges = append(edges, between(distinct[i], distinct[i+1]))
	}
	return edges
}

func before(upTo []int, i int) int {
	if i == 0 {
		return 0
	}
	return upTo[i-1]
}

// between is a number x with a <= x < b, about halfway.
func between(a, b float64) float64 {
	if x := float64(a/2) + float64(b/2); x >= a && x < b && !math.IsInf(x, 0) {
		return x
	}
	return a
}
