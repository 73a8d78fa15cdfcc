package rank

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// seeds is how many random problems a test takes: ten times as many with KAISHU_LONG set.
func seeds(n int) int {
	if os.Getenv("KAISHU_LONG") != "" {
		return 10 * n
	}
	return n
}

func sorted(x []int64) []int64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x
}

func mustSolve(t testing.TB, p *Problem, s Settings) *Plan {
	t.Helper()
	plan, err := Solve(p, s)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// audit recomputes a plan's value and uses from the problem alone.
func audit(t testing.TB, p *Problem, plan *Plan) {
	t.Helper()
	var value int64
	used := make([]int64, len(p.Capacity))
	for a, k := range plan.Choice {
		if k == -1 {
			continue
		}
		if k < p.Start[a] || k >= p.Start[a+1] {
			t.Fatalf("account %d has option %d of another account", a, k)
		}
		value += p.Value[k]
		for u := p.UseStart[k]; u < p.UseStart[k+1]; u++ {
			used[p.UseResource[u]] += int64(p.UseAmount[u])
		}
	}
	if value != plan.Value || !slices.Equal(used, plan.Used) {
		t.Fatalf("plan says %d and %v, its choices %d and %v", plan.Value, plan.Used, value, used)
	}
	for r, c := range p.Capacity {
		if c >= 0 && used[r] > c {
			t.Fatalf("resource %d: %d used of %d", r, used[r], c)
		}
		if plan.Prices[r] < 0 || plan.Binding[r] != (plan.Prices[r] > 0) {
			t.Fatalf("resource %d: price %v, binding %v", r, plan.Prices[r], plan.Binding[r])
		}
	}
	if plan.Bound < float64(value) || plan.Gap < 0 || plan.Gap > 1 {
		t.Fatalf("value %d, bound %v, gap %v", value, plan.Bound, plan.Gap)
	}
}

// enumerate is the value of the best plan by trying all.
func enumerate(p *Problem) int64 {
	left := slices.Clone(p.Capacity)
	for r, c := range left {
		if c < 0 {
			left[r] = math.MaxInt64
		}
	}
	var from func(a int) int64
	from = func(a int) int64 {
		if a == p.Accounts() {
			return 0
		}
		best := from(a + 1)
		for k := p.Start[a]; k < p.Start[a+1]; k++ {
			for u := p.UseStart[k]; u < p.UseStart[k+1]; u++ {
				left[p.UseResource[u]] -= int64(p.UseAmount[u])
			}
			if slices.Min(left) >= 0 {
				best = max(best, p.Value[k]+from(a+1))
			}
			for u := p.UseStart[k]; u < p.UseStart[k+1]; u++ {
				left[p.UseResource[u]] += int64(p.UseAmount[u])
			}
		}
		return best
	}
	return from(0)
}

func TestSmallBooksAreSolvedExactly(t *testing.T) {
	for seed := range uint64(seeds(300)) {
		g := rand.New(rand.NewPCG(seed, 2))
		p := tangle(g, 1+g.IntN(8), 3, 1+g.IntN(4))
		plan := mustSolve(t, p, Settings{})
		audit(t, p, plan)
		if best := enumerate(p); plan.Value != best || plan.Bound != float64(best) {
			t.Fatalf("seed %d: value %d, bound %v, best %d", seed, plan.Value, plan.Bound, best)
		}
		// Without the exact search it is only good, but the bound still holds.
		rough := mustSolve(t, p, Settings{Exact: -1})
		audit(t, p, rough)
		if best := float64(plan.Value); rough.Bound < best || rough.Value > plan.Value {
			t.Fatalf("seed %d: heuristic %d, bound %v, best %v", seed, rough.Value, rough.Bound, best)
		}
		// Cut off at any node, too.
		short := mustSolve(t, p, Settings{NodeLimit: 1 + g.IntN(30)})
		audit(t, p, short)
		if short.Bound < float64(plan.Value) {
			t.Fatalf("seed %d: cut off, bound %v, best %d", seed, short.Bound, plan.Value)
		}
	}
}

// Values beyond 1<<53 are rounded where the search looks at them: what the plan is worth stays exact, its bound holds, and it is as good
// as the best one to within the rounding.
func TestValuesOfEighteenDigitsArePlannedToo(t *testing.T) {
	for seed := range uint64(seeds(100)) {
		g := rand.New(rand.NewPCG(seed, 12))
		p := tangle(g, 1+g.IntN(8), 3, 1+g.IntN(4))
		most := slices.Max(append([]int64{1}, p.Value...))
		unit := maxValue / (4 * most)
		for k := range p.Value {
			p.Value[k] = p.Value[k]*unit + g.Int64N(unit)
		}
		plan := mustSolve(t, p, Settings{})
		audit(t, p, plan)
		best := enumerate(p)
		if plan.Bound < float64(best) || float64(best-plan.Value) > 1e-12*float64(best) {
			t.Fatalf("seed %d: value %d, bound %v, best %d", seed, plan.Value, plan.Bound, best)
		}
	}
}

// program is the value of the best plan for one resource, by dynamic programming.
func program(p *Problem) int64 {
	best := make([]int64, p.Capacity[0]+1)
	for a := range p.Accounts() {
		next := slices.Clone(best)
		for k := p.Start[a]; k < p.Start[a+1]; k++ {
			w := int64(p.UseAmount[p.UseStart[k]])
			for c := w; c < int64(len(best)); c++ {
				next[c] = max(next[c], best[c-w]+p.Value[k])
			}
		}
		best = next
	}
	return best[len(best)-1]
}

func TestBoundsHoldOnPisingersClasses(t *testing.T) {
	for _, name := range []string{"uncorrelated", "weakly correlated", "strongly correlated", "subset-sum", "Sinha-Zoltners"} {
		for _, c := range []struct {
			n, seeds int
			rough    float64 // allowed mean distance from the best of greedy and fill, and
			full     float64 // of all, with the exact search
		}{{10, seeds(8), .02, 1e-12}, {100, seeds(1), .002, 5e-4}} {
			var rough, full float64
			for seed := range c.seeds {
				p := class(name, c.n, 10, rand.New(rand.NewPCG(uint64(seed), 3)))
				best := program(p)
				for _, s := range []struct {
					Settings
					sum *float64
				}{{Settings{Exact: -1}, &rough}, {Settings{}, &full}} {
					plan := mustSolve(t, p, s.Settings)
					audit(t, p, plan)
					if plan.Value > best || plan.Bound < float64(best) {
						t.Fatalf("%s, n=%d, seed %d: value %d, bound %v, best %d", name, c.n, seed, plan.Value, plan.Bound, best)
					}
					*s.sum += float64(best-plan.Value) / float64(best) / float64(c.seeds)
				}
			}
			t.Logf("%-20s n=%-4d below the best: %.4f %% without, %.4f %% with the exact search", name, c.n, 100*rough, 100*full)
			if rough > c.rough || full > c.full {
				t.Errorf("%s, n=%d: %.4f %% without, %.4f %% with the exact search below the best", name, c.n, 100*rough, 100*full)
			}
		}
	}
}

// relaxation is the linear program's value of a book, over scale.
func relaxation(t *testing.T, b *book) float64 {
	n, r := len(b.account), len(b.resource)
	cols := len(b.option) + n + r
	matrix := mat.NewDense(n+r, cols, nil)
	cost, rhs := make([]float64, cols), make([]float64, n+r)
	for a := range n {
		rhs[a] = 1
		matrix.Set(a, len(b.option)+a, 1)
		for k := b.start[a]; k < b.start[a+1]; k++ {
			cost[k] = -b.value[k]
			matrix.Set(a, int(k), 1)
			for _, u := range b.use(k) { // in shares of the capacity, for the conditioning
				matrix.Set(n+int(u.resource), int(k), float64(u.amount)/b.limit[u.resource])
			}
		}
	}
	for i := range r {
		rhs[n+i] = 1
		matrix.Set(n+i, len(b.option)+n+i, 1)
	}
	z, _, err := lp.Simplex(cost, matrix, rhs, 1e-10, nil)
	if err != nil {
		t.Fatal(err)
	}
	return -z
}

func TestDualReachesTheLinearProgram(t *testing.T) {
	for _, c := range []struct{ n, seeds int }{{20, 12}, {60, 12}, {150, seeds(1)}} {
		var mean float64
		for seed := range uint64(c.seeds) {
			b := newBook(collections(c.n, 6, 9, .2, seed), 1)
			m := newMarket(b, 1)
			_, bound := plan(m, make([]float64, len(b.resource)), Settings{Workers: 1})
			value := relaxation(t, b)
			if bound < value*(1-1e-8) {
				t.Errorf("n=%d, seed %d: dual %v below the linear program %v", c.n, seed, bound, value)
			}
			mean += (bound/value - 1) / float64(c.seeds)
		}
		t.Logf("n=%d: dual %.4f %% above the linear program", c.n, 100*mean)
		if mean > 1e-3 {
			t.Errorf("n=%d: dual %.4f %% above the linear program", c.n, 100*mean)
		}
	}
}
