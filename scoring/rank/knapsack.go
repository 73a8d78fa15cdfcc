package rank

import (
	"cmp"
	"math"
	"slices"
)

// In small books the dual bound lies above the best plan mostly because it may split an
// account to fill a capacity of a few actions to the last unit. A capacity need not be
// priced, though: with the others priced, the accounts that could use it form a
// multiple-choice knapsack with one resource, which dynamic programming solves in whole
// numbers. Resources that share no undecided account (collectors with their own customers,
// regions) can be treated so together, and what each saves is taken off the bound.

// What the knapsacks of one bound may cost in cells times branches, and how many cells one
// may have, over its rows where they are kept.
const (
	knapsackWork  = 2e8
	knapsackCells = 4e6
	keptWork      = 2e7
	keptCells     = 1e6
)

// knapsack is the choice of the undecided accounts that could use one resource, with the
// other resources priced.
type knapsack struct {
	resource int32
	unit     int64       // the greatest common divisor of the amounts
	cells    int64       // capacity in units, as far as it could be used
	members  []int32     // places in the list of undecided accounts, ascending
	work     int64       // cells times branches
	saving   float64     // what the exact value lies below the priced one
	rows     [][]float64 // [i][c]: the most that members i and later are worth with c units; nil if not kept
}

// tighten returns an upper bound on the plans better than s, over scale, from the dual
// value at the prices. It is at most bound; at s's own value or below, s is the best plan.
func (b *book) tighten(s *assignment, prices []float64, bound float64) float64 {
	free, fixed := b.undecided(s, prices, bound)
	if len(fixed.left) > 0 && slices.Min(fixed.left) < 0 {
		return float64(s.value) / b.scale
	}
	for _, k := range b.knapsacks(free, fixed.left, prices, false) {
		bound -= k.saving
	}
	return bound
}

// knapsacks solves the knapsacks of the priced resources and returns those, no account in
// two of them, that save most. The cheap ones come first where not all can be afforded.
func (b *book) knapsacks(free []open, left []int64, prices []float64, keep bool) []knapsack {
	work, cells := int64(knapsackWork), int64(knapsackCells)
	if keep {
		work, cells = keptWork, keptCells
	}
	var all []knapsack
	for r := range b.resource {
		if prices[r] == 0 {
			continue
		}
		k := b.knapsack(free, int32(r), left[r])
		size := k.cells
		if keep {
			size *= int64(len(k.members) + 1)
		}
		if len(k.members) > 0 && size < cells {
			all = append(all, k)
		}
	}
	slices.SortStableFunc(all, func(x, y knapsack) int { return cmp.Compare(x.work, y.work) })
	for i := range all {
		if all[i].work > work {
			all = all[:i]
			break
		}
		work -= all[i].work
		b.fillKnapsack(&all[i], free, left[all[i].resource], prices, keep)
	}
	slices.SortStableFunc(all, func(x, y knapsack) int { return cmp.Compare(y.saving, x.saving) })
	taken := make([]bool, len(free))
	return slices.DeleteFunc(all, func(k knapsack) bool {
		for _, i := range k.members {
			if taken[i] || k.saving <= 0 {
				return true
			}
		}
		for _, i := range k.members {
			taken[i] = true
		}
		return false
	})
}

// knapsack collects what resource r's knapsack needs.
func (b *book) knapsack(free []open, r int32, left int64) knapsack {
	k := knapsack{resource: r}
	var branches, could int64
	for i, o := range free {
		var most int64
		for _, br := range o.branches {
			n := b.amount(br.option, r)
			most = max(most, n)
			for x := n; x > 0; {
				k.unit, x = x, k.unit%x
			}
		}
		if most > 0 {
			k.members = append(k.members, int32(i))
			branches += int64(len(o.branches))
			could += most
		}
	}
	if k.unit > 0 {
		k.cells = min(left, could) / k.unit
	}
	k.work = (k.cells + 1) * (branches + 1)
	return k
}

// amount is what a live option, or none, uses of live resource r.
func (b *book) amount(option, r int32) int64 {
	if option >= 0 {
		for _, u := range b.use(option) {
			if u.resource == r {
				return int64(u.amount)
			}
		}
	}
	return 0
}

// fillKnapsack fills the rows from the last member up, and with the first one the saving.
func (b *book) fillKnapsack(k *knapsack, free []open, left int64, prices []float64, keep bool) {
	price := prices[k.resource]
	priced := float64(price * float64(left))
	below, row := make([]float64, k.cells+1), make([]float64, k.cells+1)
	if keep {
		k.rows = make([][]float64, len(k.members)+1)
		k.rows[len(k.members)] = below
	}
	for m := len(k.members) - 1; m >= 0; m-- {
		o := free[k.members[m]]
		_, most := b.best(int(o.a), prices)
		priced += most
		for c := range row {
			row[c] = math.Inf(-1)
		}
		for _, br := range o.branches {
			n := b.amount(br.option, k.resource)
			worth, n := most-br.loss+float64(price*float64(n)), n/k.unit
			if n > k.cells {
				continue
			}
			to := row[n:]
			for c, v := range below[:len(to)] {
				to[c] = max(to[c], v+worth)
			}
		}
		if keep {
			k.rows[m], below, row = row, row, make([]float64, k.cells+1)
		} else {
			below, row = row, below
		}
	}
	k.saving = priced - below[k.cells]
}
