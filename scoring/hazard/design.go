package hazard

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// blockRows is the number of person-periods whose sums are formed together. Block
// boundaries depend on the data alone and blocks are added in their order, so that the
// sums are the same bits for any number of workers.
const blockRows = 1 << 14

// lanes is the number of blocks that may be in work at once. It bounds memory.
const lanes = 16

// column is one coefficient to be fitted.
type column struct {
	name, level string
	family      Family
	mean, scale float64
	prior       float64 // coefficient towards which it is shrunk
}

// design turns landmarks into person-periods: the rows are expanded on the fly, only the
// landmarks are kept. Columns are the intercept, those of terms of a landmark, those of
// terms of an interval, in this order.
type design struct {
	all     []Landmark
	use     []int32 // indices into all, in order
	weight  float64 // factor on the landmarks' weights that makes up for the row cap
	blocks  []int32 // block b is use[blocks[b]:blocks[b+1]]
	pooled  *Pooled
	cal     *Calendar
	cut     int32
	workers int
	kept    *kept // the rows, where keep was called

	columns     []column
	items       int // columns of the intercept and of terms of a landmark
	itemNum     [itemNumbers]int16
	itemLevel   [itemGroups][maxLevels]int16
	periodNum   [periodNumbers]int16
	periodLevel [periodGroups][maxLevels]int16
	layout      layout
}

// absent marks terms and levels without a column.
const absent = -1

// observed is what was seen of l by the cut: the days followed, the day up to which its
// intervals could be seen, and whether a payment ended it. Where the landmark was
// paid, the interval of the payment was open to payments until the cut and not just until that day.
func (d *design) observed(l *Landmark) (follow, end int32, paid bool) {
	limit := int32(clampInt(int64(d.cut)-int64(l.Date), 0, int64(Grid[Intervals-1])+1))
	follow = min(l.Follow, limit)
	if l.Paid && l.Follow <= limit {
		return follow, limit, true
	}
	return follow, follow, false
}

func clampInt(x, lo, hi int64) int64 { return min(max(x, lo), hi) }

// rows is the number of person-periods of l.
func (d *design) rows(l *Landmark) int {
	follow, _, _ := d.observed(l)
	return periods(follow)
}

// start is the first edge of interval j.
func start(j int) int32 {
	if j == 0 {
		return 0
	}
	return Grid[j-1]
}

// choose picks the landmarks to fit on: all that have rows or, past maxRows, those with the
// smallest keys, each standing for as many more. Landmarks with equal keys stay together.
func (d *design) choose(maxRows int) {
	type keyed struct {
		key  uint64
		rows int
	}
	var candidates []keyed
	total := 0
	for i := range d.all {
		if n := d.rows(&d.all[i]); n > 0 {
			candidates = append(candidates, keyed{d.all[i].Key, n})
			total += n
		}
	}
	limit, kept := uint64(math.MaxUint64), len(candidates)
	if total > maxRows {
		slices.SortFunc(candidates, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
		sum := 0
		kept = 0
		for at := 0; at < len(candidates); {
			next := at
			for next < len(candidates) && candidates[next].key == candidates[at].key {
				sum += candidates[next].rows
				next++
			}
			if sum > maxRows && at > 0 {
				break
			}
			limit, kept, at = candidates[at].key, next, next
		}
	}
	d.weight = 1
	if kept > 0 {
		d.weight = float64(len(candidates)) / float64(kept)
	}
	d.use = make([]int32, 0, kept)
	d.blocks = append(d.blocks[:0], 0)
	size := 0
	for i := range d.all {
		n := d.rows(&d.all[i])
		if n == 0 || d.all[i].Key > limit {
			continue
		}
		d.use = append(d.use, int32(i))
		if size += n; size >= blockRows {
			d.blocks = append(d.blocks, int32(len(d.use)))
			size = 0
		}
	}
	if size > 0 {
		d.blocks = append(d.blocks, int32(len(d.use)))
	}
}

// payments counts the payments that some landmark saw, each from the last landmark before it:
// those that came within the smallest distance between landmark dates.
func (d *design) payments() int {
	gap := landmarkGap(d.all, d.use)
	n := 0
	for _, i := range d.use {
		if follow, _, paid := d.observed(&d.all[i]); paid && follow <= gap {
			n++
		}
	}
	return n
}

// landmarkGap is the smallest distance between the dates of the landmarks ls[i], i in use.
func landmarkGap(ls []Landmark, use []int32) int32 {
	dates := make(map[int32]bool)
	for _, i := range use {
		dates[ls[i].Date] = true
	}
	sorted := slices.Sorted(maps.Keys(dates))
	gap := int32(math.MaxInt32)
	for i := 1; i < len(sorted); i++ {
		gap = min(gap, sorted[i]-sorted[i-1])
	}
	return gap
}

// block returns the indices of the landmarks of block b.
func (d *design) block(b int) []int32 { return d.use[d.blocks[b]:d.blocks[b+1]] }

// memoryDays is the age in days at which a landmark counts exp(-1) in the fit: as much as a payment of that
// age counts in what is known of a customer.
const memoryDays = 365

// landmarkWeight is the weight of the rows of l: its own, less the older it is, since customers and their
// payment departments change.
func (d *design) landmarkWeight(l *Landmark) float64 {
	w := d.weight * exp(-float64(max(d.cut-l.Date, 0))/memoryDays)
	if l.Weight == 0 {
		return w
	}
	return float64(l.Weight * w)
}

// sumBlocks calls work for every block, on several goroutines, each time with one of the
// sums, and adds the results in the order of the blocks. work must begin by clearing its sum.
func sumBlocks[S any](d *design, sums []S, work func(b int, sum *S), add func(sum *S)) {
	n := len(d.blocks) - 1
	for base := 0; base < n; base += len(sums) {
		wave := min(len(sums), n-base)
		var next atomic.Int64
		var group sync.WaitGroup
		for range min(d.workers, wave) {
			group.Go(func() {
				for i := int(next.Add(1)) - 1; i < wave; i = int(next.Add(1)) - 1 {
					work(base+i, &sums[i])
				}
			})
		}
		group.Wait()
		for i := range wave {
			add(&sums[i])
		}
	}
}

// rowWalker goes through the person-periods of one landmark.
type rowWalker struct {
	walker
	period
	stretched stretch // behind the period
	paid      bool    // the payment falls in this period
	index     int     // of the next interval
	follow    int32
	end       int32
	event     bool
}

// open starts at l, whose features it computes into f.
func (r *rowWalker) open(d *design, l *Landmark, f *features) {
	z := d.pooled.frailty(l.past())
	d.pooled.features(l, z, f)
	r.start(d.pooled, d.cal, l, z)
	r.follow, r.end, r.event = d.observed(l)
	r.index, r.paid = 0, false
}

// row moves to the next person-period; false after the last.
func (r *rowWalker) row() bool {
	if r.paid || r.index == Intervals || start(r.index) >= r.follow {
		return false
	}
	r.days = r.stretch(min(Grid[r.index], r.end), &r.stretched)
	r.terms(r.index, &r.stretched, &r.carried)
	r.paid = r.event && r.follow <= Grid[r.index]
	r.index++
	return true
}
