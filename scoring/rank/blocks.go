package rank

import (
	"math"
	"sync"
	"sync/atomic"
)

// blockSize is the number of accounts a goroutine takes at a time.
const blockSize = 4096

// parallel calls work on blocks of 0..n-1, on up to workers goroutines. Which goroutine
// gets which block is left to chance: work may only add integers into what belongs to its
// worker number, or write where only its block may.
func parallel(n, workers int, work func(worker, from, to int)) {
	workers = min(workers, (n+blockSize-1)/blockSize)
	if workers <= 1 {
		if n > 0 {
			work(0, 0, n)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for {
				from := int(next.Add(blockSize)) - blockSize
				if from >= n {
					return
				}
				work(w, from, min(from+blockSize, n))
			}
		})
	}
	group.Wait()
}

// binning sorts positive floats into bins by their leading bits, so that bins order like
// the floats and counts per bin can be merged. The floats from 2^low on have 2^fine bins to
// the doubling, bins in all; what is smaller falls into the first bin, what is larger, up
// to +Inf, into the last.
type binning struct {
	low  int
	fine uint
	bins int
}

// priceBins are for prices of values up to 1: 64 doublings, within .4 %.
var priceBins = binning{low: -63, fine: 8, bins: 64 << 8}

// ratioBins are for value over effort from 1 up: 16 doublings, within 6 %.
var ratioBins = binning{low: 0, fine: 4, bins: 16 << 4}

// bin is the bin of a float above 0.
func (s binning) bin(x float64) int {
	at := int(math.Float64bits(x)>>(52-s.fine)) - (1023+s.low)<<s.fine
	return min(max(at, 0), s.bins-1)
}
