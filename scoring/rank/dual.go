package rank

import (
	"cmp"
	"slices"
)

// The dual. At prices λ per unit every account by itself picks the option of the largest
// value less priced effort; with what they pick,
//
//	L(λ) = Σ_a max(0, max_k V_ak - Σ_r λ_r·c_akr) + Σ_r λ_r·C_r
//
// bounds every plan from above, and C_r less the use of r is
// a subgradient. L is summed as (Σ V of the picks) + Σ_r λ_r·(C_r - use_r): both sums are
// integers, so their order does not matter.

// step is one corner of an account's demand for a resource: below the price, the account
// uses that much more of it.
type step struct {
	price float64
	more  int64
}

// market looks for prices. Prices are per unit of live resource, in values over scale.
type market struct {
	*book
	workers int
	evals   int
	picked  []int64   // per worker: value of the picks
	used    [][]int64 // per worker, per resource
	steps   [][]step  // per worker
	bins    [][]int64 // per worker, per price bin
}

func newMarket(b *book, workers int) *market {
	m := &market{book: b, workers: max(1, workers)}
	m.picked = make([]int64, m.workers)
	m.used = make([][]int64, m.workers)
	m.steps = make([][]step, m.workers)
	m.bins = make([][]int64, m.workers)
	for w := range m.workers {
		m.used[w] = make([]int64, len(b.resource))
		m.bins[w] = make([]int64, priceBins.bins)
	}
	return m
}

// dual is L at the prices; it fills used with the use of each resource.
func (m *market) dual(prices []float64, used []int64) float64 {
	m.evals++
	for w := range m.workers {
		m.picked[w] = 0
		clear(m.used[w])
	}
	parallel(len(m.account), m.workers, func(w, from, to int) {
		sum, mine := int64(0), m.used[w]
		for a := from; a < to; a++ {
			k, _ := m.best(a, prices)
			if k < 0 {
				continue
			}
			sum += m.worth(k)
			for _, u := range m.use(k) {
				mine[u.resource] += int64(u.amount)
			}
		}
		m.picked[w] += sum
	})
	var value int64
	clear(used)
	for w := range m.workers {
		value += m.picked[w]
		for r, n := range m.used[w] {
			used[r] += n
		}
	}
	bound := float64(value) / m.scale
	for r, n := range used {
		bound += float64(prices[r] * (m.limit[r] - float64(n)))
	}
	return bound
}

// coordinate sets the price of resource r to the one that makes L least while the other
// prices stay: where its use, which falls as its price rises, crosses the capacity. Each
// account's demand is a staircase; the steps are counted by price bin, and only those in
// the bin where the capacity runs out are looked at one by one.
func (m *market) coordinate(prices []float64, r int32) {
	m.evals++
	accounts := m.touch[r]
	for w := range m.workers {
		m.steps[w] = m.steps[w][:0]
		clear(m.bins[w])
	}
	parallel(len(accounts), m.workers, func(w, from, to int) {
		steps, bins := m.steps[w], m.bins[w]
		for _, a := range accounts[from:to] {
			first := len(steps)
			steps = m.demand(steps, a, r, prices)
			for _, s := range steps[first:] {
				bins[priceBins.bin(s.price)] += s.more
			}
		}
		m.steps[w] = steps
	})
	total := int64(0)
	at := priceBins.bins
	for at--; at >= 0; at-- {
		var here int64
		for w := range m.workers {
			here += m.bins[w][at]
		}
		if float64(total+here) > m.limit[r] {
			break
		}
		total += here
	}
	if at < 0 {
		prices[r] = 0
		return
	}
	var critical []step
	for _, steps := range m.steps {
		for _, s := range steps {
			if priceBins.bin(s.price) == at {
				critical = append(critical, s)
			}
		}
	}
	slices.SortFunc(critical, func(x, y step) int { return cmp.Compare(y.price, x.price) })
	for _, s := range critical {
		if total += s.more; float64(total) > m.limit[r] {
			prices[r] = s.price
			return
		}
	}
}

// demand appends account a's demand for resource r as its price falls from infinity to 0:
// the corners of the upper envelope of the lines (value at the other prices) - λ·amount.
func (m *market) demand(steps []step, a, r int32, prices []float64) []step {
	from, to := m.start[a], m.start[a+1]
	var idle float64
	var lineValue [16]float64
	var lineAmount [16]int64
	values, amounts := lineValue[:0], lineAmount[:0]
	for k := from; k < to; k++ {
		v, amount := m.value[k], int64(0)
		for _, u := range m.use(k) {
			if u.resource == r {
				amount = int64(u.amount)
			} else {
				v -= float64(prices[u.resource] * float64(u.amount))
			}
		}
		if amount == 0 {
			idle = max(idle, v)
		} else if v > 0 {
			values, amounts = append(values, v), append(amounts, amount)
		}
	}
	now, using := idle, int64(0)
	for {
		price, next := 0.0, -1
		for i, v := range values {
			if amounts[i] <= using || v <= now {
				continue
			}
			p := (v - now) / float64(amounts[i]-using)
			if p > price || p == price && amounts[i] > amounts[next] {
				price, next = p, i
			}
		}
		if next < 0 {
			return steps
		}
		steps = append(steps, step{price, amounts[next] - using})
		now, using = values[next], amounts[next]
	}
}

// descend moves one price at a time to its best, for up to so many rounds or until a round
// lowers the bound by less than the tolerance, relative to it. It never raises the bound,
// but on the edges of the dual it can stop short of the least one.
func (m *market) descend(prices []float64, rounds int, tolerance float64) float64 {
	used := make([]int64, len(prices))
	bound := m.dual(prices, used)
	for range rounds {
		for r := range prices {
			m.coordinate(prices, int32(r))
		}
		before := bound
		bound = m.dual(prices, used)
		if before-bound <= tolerance*bound {
			break
		}
	}
	return bound
}

// polish takes subgradient steps of Polyak's length, towards the value of the best plan
// known, from the best prices; it keeps the prices of the least bound in prices. visit is
// called at all prices passed and returns that value, over scale. Each price is measured
// by what it makes the whole capacity cost, so that units do not matter.
func (m *market) polish(prices []float64, bound float64, steps int, visit func(prices []float64) float64) float64 {
	at := slices.Clone(prices)
	used := make([]int64, len(prices))
	slope := make([]float64, len(prices))
	reach, stale := 1.0, 0
	now := m.dual(at, used)
	for range steps {
		target := visit(at)
		norm := m.slopes(slope, at, used)
		if bound-target <= 1e-12*bound || reach < 1e-4 || norm == 0 {
			break
		}
		length := reach * (now - target) / norm
		for r := range at {
			at[r] = max(0, at[r]-float64(length*slope[r])/m.limit[r])
		}
		now = m.dual(at, used)
		stale++
		if bound-now > 1e-7*bound {
			stale = 0
		}
		if now < bound {
			bound = now
			copy(prices, at)
		}
		if stale >= 15 {
			reach, stale = reach/2, 0
			copy(at, prices)
			now = m.dual(at, used)
		}
	}
	return bound
}

// slopes fills slope with the subgradient per price of the whole capacity, without the
// part that would push a price below 0, and returns its squared length.
func (m *market) slopes(slope, at []float64, used []int64) float64 {
	var norm float64
	for r := range at {
		slope[r] = (m.limit[r] - float64(used[r])) / m.limit[r]
		if at[r] == 0 && slope[r] > 0 {
			slope[r] = 0
		}
		norm += float64(slope[r] * slope[r])
	}
	return norm
}
