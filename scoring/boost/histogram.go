package boost

import (
	"math"
	"sync"
	"sync/atomic"
)

// cell is a sum of gradients: slope the first derivatives of the log likelihood by the
// predictor, bend minus the second, both in units of fixed point.
type cell struct{ slope, bend int64 }

// histogram sums the gradients of a leaf by column and bin: cell column*maxBins+bin.
type histogram [maxColumns * maxBins]cell

// fixedBits is the number of bits that one row's gradient may have before the point, and
// sumBits the number that all rows together may have.
const (
	fixedBits = 12
	sumBits   = 62
)

// unit is the number of fixed-point steps in 1, such that the sum over n rows fits.
func unit(n int) float64 {
	bits := math.Ceil(math.Log2(float64(max(n, 2))))
	return math.Exp2(sumBits - fixedBits - bits)
}

// fixed is x in steps.
func fixed(x, unit float64) int64 {
	const most = 1 << fixedBits
	return int64(math.RoundToEven(min(max(x, -most), most) * unit))
}

// add sums rows into h and returns their total.
func (h *histogram) add(m *matrix, gradients []cell, rows []int32) (total cell) {
	for _, r := range rows {
		g := gradients[r]
		total.slope += g.slope
		total.bend += g.bend
		for c, b := range m.row(int(r)) {
			at := &h[uint(c*maxBins|int(b))%uint(len(h))]
			at.slope += g.slope
			at.bend += g.bend
		}
	}
	return total
}

// merge adds another histogram.
func (h *histogram) merge(o *histogram, columns int) {
	for i := range h[:columns*maxBins] {
		h[i].slope += o[i].slope
		h[i].bend += o[i].bend
	}
}

// subtract takes a histogram away, exactly.
func (h *histogram) subtract(o *histogram, columns int) {
	for i := range h[:columns*maxBins] {
		h[i].slope -= o[i].slope
		h[i].bend -= o[i].bend
	}
}

// share calls work for the parts [from, to) of n things, of the given size, from several goroutines,
// each with its own index.
func share(workers, n, size int, work func(worker, from, to int)) {
	parts := (n + size - 1) / size
	if workers = min(workers, parts); workers <= 1 {
		if n > 0 {
			work(0, 0, n)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < parts; i = int(next.Add(1)) - 1 {
				work(w, i*size, min(i*size+size, n))
			}
		})
	}
	wait.Wait()
}
