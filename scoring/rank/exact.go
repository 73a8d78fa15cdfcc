package rank

import (
	"cmp"
	"math"
	"slices"
)

// branch is one way to decide an account: an option or none, and how much less reduced
// value than the account's best it has.
type branch struct {
	option int32
	loss   float64
	worth  int64
}

// open is an account to decide, with its branches by rising loss.
type open struct {
	a        int32
	branches []branch
	near     float64 // least change of reduced value by leaving the present choice
}

// regret is the loss of the second branch.
func (o open) regret() float64 {
	if len(o.branches) < 2 {
		return 0
	}
	return o.branches[1].loss
}

// search is a depth-first branch and bound over a core of accounts, while all others stay
// as they are. The bound of a node is what the accounts still open can be worth with the
// capacity left: the knapsacks' rows for the resources that have one, for the others the
// dual at fixed prices, counting only capacity that those accounts can use.
type search struct {
	*book
	prices []float64
	core   []open
	sacks  []knapsack
	rows   [][][]float64 // per depth and knapsack: the row of the accounts from there on
	rest   []float64     // per depth: reduced value of the accounts from there on in no knapsack
	priced []int32       // resources without a knapsack
	most   [][]int64     // per depth and resource: the most the accounts from there on can use
	left   []int64
	now    []int32
	best   []int32
	least  int64 // a plan must be worth more than this; in the end the value of the best found
	found  bool
	nodes  int // still allowed; 0 at the end if the search was cut off
}

// run searches plans of the core worth more than least, first through the accounts that
// lose most by a second choice.
func (s *search) run() {
	n := len(s.core)
	s.now, s.best = make([]int32, n), make([]int32, n)
	s.sacks = s.knapsacks(s.core, s.left, s.prices, true)
	inSack := make([]bool, n)
	s.rows = make([][][]float64, n+1)
	for d := range s.rows {
		s.rows[d] = make([][]float64, len(s.sacks))
	}
	hasSack := make([]bool, len(s.left))
	for i, k := range s.sacks {
		hasSack[k.resource] = true
		at := len(k.members)
		for d := n; d >= 0; d-- {
			if at > 0 && int(k.members[at-1]) == d {
				at--
				inSack[d] = true
			}
			s.rows[d][i] = k.rows[at]
		}
	}
	for r, has := range hasSack {
		if !has && s.prices[r] > 0 {
			s.priced = append(s.priced, int32(r))
		}
	}
	s.rest = make([]float64, n+1)
	s.most = make([][]int64, n+1)
	s.most[n] = make([]int64, len(s.left))
	for d := n - 1; d >= 0; d-- {
		s.rest[d] = s.rest[d+1]
		if !inSack[d] {
			_, v := s.book.best(int(s.core[d].a), s.prices)
			s.rest[d] += v
		}
		s.most[d] = slices.Clone(s.most[d+1])
		for r := range s.left {
			var peak int64
			for _, b := range s.core[d].branches {
				peak = max(peak, s.amount(b.option, int32(r)))
			}
			s.most[d][r] += peak
		}
	}
	s.descend(0, 0)
}

// descend decides the account at the depth, given the value so far.
func (s *search) descend(depth int, value int64) {
	if depth == len(s.core) {
		if value > s.least {
			s.least, s.found = value, true
			copy(s.best, s.now)
		}
		return
	}
	for _, b := range s.core[depth].branches {
		if s.nodes <= 0 {
			return
		}
		s.nodes--
		var uses []use
		if b.option >= 0 {
			uses = s.use(b.option)
		}
		if !fits(uses, s.left) {
			continue
		}
		for _, u := range uses {
			s.left[u.resource] -= int64(u.amount)
		}
		if s.hopeful(depth+1, value+b.worth) {
			s.now[depth] = b.option
			s.descend(depth+1, value+b.worth)
		}
		for _, u := range uses {
			s.left[u.resource] += int64(u.amount)
		}
	}
}

// hopeful tells whether the accounts from the depth on could still lead to a plan better
// than the best found; the margin covers rounding, so that no better plan is cut off.
func (s *search) hopeful(depth int, value int64) bool {
	bound := s.rest[depth]
	rows := s.rows[depth]
	for i := range s.sacks {
		k := &s.sacks[i]
		bound += rows[i][min(s.left[k.resource]/k.unit, k.cells)]
	}
	for _, r := range s.priced {
		bound += float64(s.prices[r] * float64(min(s.left[r], s.most[depth][r])))
	}
	units := float64(bound * s.scale)
	margin := float64(math.Abs(units)*1e-12) + float64(s.scale*1e-13)
	return float64(value)+units+margin >= float64(s.least)+1
}

// finish improves the plan by exact search at the prices, whose dual value is bound, and
// tells whether the plan is proved to be the best. First it searches windows of half the
// size and of the full size, then all accounts that are still open, where they are few
// enough.
func (b *book) finish(s *assignment, prices []float64, bound float64, size, nodes int) (proved bool) {
	for _, window := range []int{(size + 1) / 2, size} {
		if len(b.account) > window && nodes > 0 {
			nodes -= b.sweep(s, prices, bound, window, nodes/3)
		}
	}
	free, fixed := b.undecided(s, prices, bound)
	if len(free) > size || nodes <= 0 {
		return false
	}
	if len(fixed.left) > 0 && slices.Min(fixed.left) < 0 {
		return true // a better plan would have to hold what does not fit
	}
	return b.searchCore(s, fixed, free, prices, nodes) < nodes
}

// undecided splits the accounts by what a plan better than s could choose: a choice that
// loses more reduced value than the gap between bound and plan is in no better plan. It
// returns the accounts with several choices left, and a plan of the single ones, which
// need not be feasible.
func (b *book) undecided(s *assignment, prices []float64, bound float64) ([]open, *assignment) {
	gap := bound - float64(s.value)/b.scale
	margin := float64(1e-9*math.Abs(bound)) + 1e-12
	var free []open
	fixed := newAssignment(b)
	for a := range int32(len(b.account)) {
		branches := b.alternatives(a, prices, gap+margin)
		if len(branches) > 1 {
			free = append(free, open{a: a, branches: branches})
		} else {
			fixed.set(b, a, branches[0].option)
		}
	}
	return free, fixed
}

// alternatives lists an account's branches by rising loss at the prices, those only that
// lose at most so much (at least 0: the best one is always there).
func (b *book) alternatives(a int32, prices []float64, atMost float64) []branch {
	_, most := b.best(int(a), prices)
	var all []branch
	if most <= atMost || most == 0 {
		all = append(all, branch{option: -1, loss: most})
	}
	for k := b.start[a]; k < b.start[a+1]; k++ {
		if loss := most - b.reduced(k, prices); loss <= atMost || loss == 0 {
			all = append(all, branch{k, loss, b.worth(k)})
		}
	}
	slices.SortStableFunc(all, func(x, y branch) int { return cmp.Compare(x.loss, y.loss) })
	return all
}

// windows is the number of windows among which the nodes are shared.
const windows = 20

// sweep searches windows of the plan, each with the accounts outside as they are: the
// accounts nearest to indifference of all, then those of each resource, round by round
// until a round finds nothing or the nodes are used up. It returns the nodes it took.
func (b *book) sweep(s *assignment, prices []float64, bound float64, size, nodes int) int {
	fixed := newAssignment(b)
	each, all := max(1, nodes/windows), nodes
	for {
		before := s.value
		for r := -1; r < len(b.resource); r++ {
			free := b.window(s, prices, bound, size, r)
			fixed.copyFrom(s)
			for _, o := range free {
				fixed.set(b, o.a, -1)
			}
			nodes -= b.searchCore(s, fixed, free, prices, min(nodes, each))
			if nodes <= 0 {
				return all
			}
		}
		if s.value == before {
			return all - nodes
		}
	}
}

// window is up to size accounts that could use resource r (-1: any), those nearest to
// indifference.
func (b *book) window(s *assignment, prices []float64, bound float64, size, r int) []open {
	most := bound - float64(s.value)/b.scale
	var free []open
	add := func(a int32) {
		if near := b.near(a, s.choice[a], prices); near <= most {
			free = append(free, open{a: a, near: near})
		}
	}
	if r >= 0 {
		for _, a := range b.touch[r] {
			add(a)
		}
	} else {
		for a := range int32(len(b.account)) {
			add(a)
		}
	}
	slices.SortStableFunc(free, func(x, y open) int { return cmp.Compare(x.near, y.near) })
	free = free[:min(size, len(free))]
	for i := range free {
		free[i].branches = b.alternatives(free[i].a, prices, math.Inf(1))
	}
	return free
}

// near is the least change of reduced value by which account a could leave its choice.
func (b *book) near(a, choice int32, prices []float64) float64 {
	now, least := 0.0, math.Inf(1)
	if choice >= 0 {
		now = b.reduced(choice, prices)
		least = now
	}
	for k := b.start[a]; k < b.start[a+1]; k++ {
		if k != choice {
			least = min(least, now-b.reduced(k, prices))
		}
	}
	return least
}

// searchCore decides the free accounts anew while fixed holds the others; a better plan
// goes into s. It returns the nodes it took: all of them if it was cut off.
func (b *book) searchCore(s, fixed *assignment, free []open, prices []float64, nodes int) int {
	slices.SortStableFunc(free, func(x, y open) int { return cmp.Compare(y.regret(), x.regret()) })
	t := search{book: b, prices: prices, core: free, left: slices.Clone(fixed.left), least: s.value - fixed.value, nodes: nodes}
	t.run()
	if t.found {
		s.copyFrom(fixed)
		for i, o := range free {
			s.set(b, o.a, t.best[i])
		}
	}
	return nodes - t.nodes
}
