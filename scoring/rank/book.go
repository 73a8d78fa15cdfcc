package rank

import "math"

// use is an amount of a resource; in a book, of its live resource.
type use struct {
	resource int32
	amount   int32
}

// book is a problem without the parts that cannot matter: options worth nothing, that do
// not fit alone, or that another option of the account beats in value and every use;
// capacities that would not bind if every account took its hungriest option, and the part of
// a capacity that no options can use up. Dropping them costs no plan and tightens the bound.
//
// Values are divided by the largest one. The division rounds correctly, so multiplying
// all values by a factor leaves every float of the search, and so the plan, unchanged.
type book struct {
	problem  *Problem
	scale    float64   // the largest value
	account  []int32   // live account -> account of the problem
	start    []int32   // live account -> live options
	option   []int32   // live option -> option of the problem
	value    []float64 // per live option, over scale
	useStart []int32   // live option -> uses
	uses     []use
	resource []int32   // live resource -> resource of the problem
	capacity []int64   // per live resource, above 0
	limit    []float64 // capacity as the dual sees it: scaled down in a sample
	touch    [][]int32 // per live resource, the live accounts that could use it
}

// newBook filters a checked problem.
func newBook(p *Problem, workers int) *book {
	alive := make([]bool, len(p.Value))
	b := &book{problem: p}
	local := b.liveResources(alive, workers)
	parallel(p.Accounts(), workers, func(_, from, to int) {
		var s scratch
		for a := from; a < to; a++ {
			s.load(p, a, alive, local)
			s.dropDominated(p, alive)
		}
	})
	b.compact(alive, local)
	b.wholeUses()
	b.index()
	return b
}

// wholeUses takes off every capacity what no set of options can use up: when visits take 90
// minutes each, 240 are as good as 180. No plan is lost, and the bound no longer counts on two
// thirds of a visit.
func (b *book) wholeUses() {
	step := make([]int64, len(b.resource)) // greatest common divisor of what options use
	for _, u := range b.uses {
		for x := int64(u.amount); x != 0; {
			step[u.resource], x = x, step[u.resource]%x
		}
	}
	for r, s := range step {
		if s > 0 {
			b.capacity[r] -= b.capacity[r] % s
			b.limit[r] = float64(b.capacity[r])
		}
	}
}

// liveResources marks the options that are worth something and fit alone, and collects the
// resources that could bind. It returns the live index of each resource, or -1.
func (b *book) liveResources(alive []bool, workers int) []int32 {
	p := b.problem
	all := make([]int32, len(p.Capacity)) // every limited resource, under its own index
	for r, c := range p.Capacity {
		all[r] = int32(r)
		if c < 0 {
			all[r] = -1
		}
	}
	most := make([][]int64, max(1, workers))
	parallel(p.Accounts(), workers, func(w, from, to int) {
		if most[w] == nil {
			most[w] = make([]int64, len(p.Capacity))
		}
		var s scratch
		peak := make([]int64, len(p.Capacity))
		for a := from; a < to; a++ {
			for k := p.Start[a]; k < p.Start[a+1]; k++ {
				alive[k] = p.Value[k] > 0
			}
			s.load(p, a, alive, all)
			for i, k := range s.option {
				alive[k] = fits(s.of(i), p.Capacity)
			}
			s.load(p, a, alive, all)
			for _, u := range s.uses {
				peak[u.resource] = max(peak[u.resource], int64(u.amount))
			}
			for _, u := range s.uses {
				most[w][u.resource] += peak[u.resource]
				peak[u.resource] = 0
			}
		}
	})
	local := make([]int32, len(p.Capacity))
	for r := range local {
		var total int64
		for _, m := range most {
			if m != nil {
				total += m[r]
			}
		}
		local[r] = -1
		if all[r] >= 0 && total > p.Capacity[r] && p.Capacity[r] > 0 {
			local[r] = int32(len(b.resource))
			b.resource = append(b.resource, int32(r))
			b.capacity = append(b.capacity, p.Capacity[r])
			b.limit = append(b.limit, float64(p.Capacity[r]))
		}
	}
	return local
}

// compact copies the options that are left.
func (b *book) compact(alive []bool, local []int32) {
	p := b.problem
	options, uses, accounts := 0, 0, 0
	var top int64 = 1
	for a := range p.Accounts() {
		before := options
		for k := p.Start[a]; k < p.Start[a+1]; k++ {
			if alive[k] {
				options++
				uses += int(p.UseStart[k+1] - p.UseStart[k])
				top = max(top, p.Value[k])
			}
		}
		if options > before {
			accounts++
		}
	}
	b.scale = float64(top)
	b.account = make([]int32, 0, accounts)
	b.start = append(make([]int32, 0, accounts+1), 0)
	b.option = make([]int32, 0, options)
	b.value = make([]float64, 0, options)
	b.useStart = append(make([]int32, 0, options+1), 0)
	b.uses = make([]use, 0, uses)
	var s scratch
	for a := range p.Accounts() {
		s.load(p, a, alive, local)
		if len(s.option) == 0 {
			continue
		}
		for i, k := range s.option {
			b.option = append(b.option, k)
			b.value = append(b.value, float64(p.Value[k])/b.scale)
			b.uses = append(b.uses, s.of(i)...)
			b.useStart = append(b.useStart, int32(len(b.uses)))
		}
		b.account = append(b.account, int32(a))
		b.start = append(b.start, int32(len(b.option)))
	}
}

// index lists the accounts of each resource.
func (b *book) index() {
	count := make([]int, len(b.resource))
	last := make([]int32, len(b.resource))
	each := func(do func(r, a int32)) {
		for r := range last {
			last[r] = -1
		}
		for a := range b.account {
			for _, u := range b.uses[b.useStart[b.start[a]]:b.useStart[b.start[a+1]]] {
				if last[u.resource] != int32(a) {
					last[u.resource] = int32(a)
					do(u.resource, int32(a))
				}
			}
		}
	}
	each(func(r, _ int32) { count[r]++ })
	b.touch = make([][]int32, len(b.resource))
	for r, n := range count {
		b.touch[r] = make([]int32, 0, n)
	}
	each(func(r, a int32) { b.touch[r] = append(b.touch[r], a) })
}

// sample is every step-th account of the book with capacities scaled down alike.
func (b *book) sample(step int) *book {
	s := &book{problem: b.problem, scale: b.scale, resource: b.resource, capacity: b.capacity}
	s.start = append(s.start, 0)
	s.useStart = append(s.useStart, 0)
	for a := step / 2; a < len(b.account); a += step {
		for k := b.start[a]; k < b.start[a+1]; k++ {
			s.option = append(s.option, b.option[k])
			s.value = append(s.value, b.value[k])
			s.uses = append(s.uses, b.use(k)...)
			s.useStart = append(s.useStart, int32(len(s.uses)))
		}
		s.account = append(s.account, b.account[a])
		s.start = append(s.start, int32(len(s.option)))
	}
	share := float64(len(s.account)) / float64(len(b.account))
	for _, c := range b.limit {
		s.limit = append(s.limit, c*share)
	}
	s.index()
	return s
}

// use is what a live option uses.
func (b *book) use(k int32) []use { return b.uses[b.useStart[k]:b.useStart[k+1]] }

// reduced is a live option's value less its effort at the prices.
func (b *book) reduced(k int32, prices []float64) float64 {
	v := b.value[k]
	for _, u := range b.use(k) {
		v -= float64(prices[u.resource] * float64(u.amount))
	}
	return v
}

// best is the option an account prefers at the prices and its reduced value, or -1 and 0
// where none is worth its effort. Of equals it is the first.
func (b *book) best(a int, prices []float64) (int32, float64) {
	choice, most := int32(-1), 0.0
	for k := b.start[a]; k < b.start[a+1]; k++ {
		if v := b.reduced(k, prices); v > most {
			choice, most = k, v
		}
	}
	return choice, most
}

// worth is a live option's value in minor units, 0 for none.
func (b *book) worth(k int32) int64 {
	if k < 0 {
		return 0
	}
	return b.problem.Value[b.option[k]]
}

// ratio is value over priced effort; +Inf where the effort is free.
func (b *book) ratio(k int32, prices []float64) float64 {
	var cost float64
	for _, u := range b.use(k) {
		cost += float64(prices[u.resource] * float64(u.amount))
	}
	if cost <= 0 {
		return math.Inf(1)
	}
	return b.value[k] / cost
}

// scratch holds one account's options with their uses of some resources, each resource
// once per option.
type scratch struct {
	option []int32
	end    []int32
	uses   []use
}

// load reads account a's live options, keeping uses of resources that local maps to an
// index of 0 or more.
func (s *scratch) load(p *Problem, a int, alive []bool, local []int32) {
	s.option, s.end, s.uses = s.option[:0], s.end[:0], s.uses[:0]
	for k := p.Start[a]; k < p.Start[a+1]; k++ {
		if !alive[k] {
			continue
		}
		first := len(s.uses)
	next:
		for u := p.UseStart[k]; u < p.UseStart[k+1]; u++ {
			r, amount := local[p.UseResource[u]], p.UseAmount[u]
			if r < 0 || amount == 0 {
				continue
			}
			for i := first; i < len(s.uses); i++ {
				if s.uses[i].resource == r { // listed twice: it counts as the sum
					s.uses[i].amount += amount
					continue next
				}
			}
			s.uses = append(s.uses, use{r, amount})
		}
		s.option = append(s.option, k)
		s.end = append(s.end, int32(len(s.uses)))
	}
}

// of is what the i-th loaded option uses.
func (s *scratch) of(i int) []use {
	if i == 0 {
		return s.uses[:s.end[0]]
	}
	return s.uses[s.end[i-1]:s.end[i]]
}

// dropDominated unmarks the loaded options that another one beats or equals in value and
// in every use; of equals the first stays.
func (s *scratch) dropDominated(p *Problem, alive []bool) {
	for i, k := range s.option {
		for j, l := range s.option {
			if i == j || p.Value[l] < p.Value[k] || !within(s.of(j), s.of(i)) {
				continue
			}
			if j < i || p.Value[l] > p.Value[k] || !within(s.of(i), s.of(j)) {
				alive[k] = false
				break
			}
		}
	}
}

// within tells whether no amount of x is above that of y.
func within(x, y []use) bool {
next:
	for _, u := range x {
		for _, v := range y {
			if v.resource == u.resource {
				if v.amount < u.amount {
					return false
				}
				continue next
			}
		}
		return false
	}
	return true
}

// fits tells whether what is left of each resource is enough.
func fits(uses []use, left []int64) bool {
	for _, u := range uses {
		if int64(u.amount) > left[u.resource] {
			return false
		}
	}
	return true
}
