package rank

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestGapIsSmallAtEverySize(t *testing.T) {
	for _, c := range []struct {
		n                  int
		tight              float64
		seeds              int
		mean               float64
		resources, actions int
	}{
		{500, .05, 2, .01, 12, 8}, {500, .2, 2, .01, 12, 8},
		{1000, .05, 1, .01, 12, 8}, {1000, .2, 1, .01, 12, 8},
		{10000, .2, 1, .001, 6, 3},
		{100000, .05, 1, .0005, 6, 3},
	} {
		var gap float64
		for seed := range c.seeds {
			p := collections(c.n, c.actions, c.resources, c.tight, uint64(seed+1))
			plan := mustSolve(t, p, Settings{})
			audit(t, p, plan)
			gap += plan.Gap / float64(c.seeds)
		}
		t.Logf("n=%d, tightness %v: gap %.4f %%", c.n, c.tight, 100*gap)
		if gap > c.mean {
			t.Errorf("n=%d, tightness %v: gap %.4f %%, at most %.2f %%", c.n, c.tight, 100*gap, 100*c.mean)
		}
	}
}

func TestSamePlanForAnyNumberOfWorkers(t *testing.T) {
	for _, n := range []int{300, 21000} {
		p := collections(n, 3, 6, .1, 3)
		one := mustSolve(t, p, Settings{Workers: 1})
		for _, w := range []int{2, 3} {
			if more := mustSolve(t, p, Settings{Workers: w}); !reflect.DeepEqual(one, more) {
				t.Errorf("n=%d: %d workers plan %d at %v, one %d at %v", n, w, more.Value, more.Prices, one.Value, one.Prices)
			}
		}
	}
}

func TestOrderOfAccountsDoesNotMatter(t *testing.T) {
	for seed := range uint64(6) {
		g := rand.New(rand.NewPCG(seed, 4))
		p := collections(120, 5, 9, .1, seed)
		plan := mustSolve(t, p, Settings{})
		order := g.Perm(p.Accounts())
		q := &Problem{Capacity: p.Capacity}
		for _, a := range order {
			q.add(p.options(a)...)
		}
		other := mustSolve(t, q, Settings{})
		for i, a := range order {
			was, is := plan.Choice[a], other.Choice[i]
			if (was < 0) != (is < 0) || was >= 0 && was-p.Start[a] != is-q.Start[i] {
				t.Fatalf("seed %d: account %d has option %d in one order, %d in another (values %d, %d)", seed, a, was, is, plan.Value, other.Value)
			}
		}
		if other.Bound != plan.Bound {
			t.Errorf("seed %d: bounds %v and %v", seed, plan.Bound, other.Bound)
		}
	}
}

func TestOfEqualAccountsTheFirstAreServed(t *testing.T) {
	p := &Problem{Capacity: []int64{7 * 60}}
	for range 25 {
		p.add(testOption{1000, []use{{0, 60}}})
	}
	plan := mustSolve(t, p, Settings{})
	for a, k := range plan.Choice {
		if (k >= 0) != (a < 7) {
			t.Errorf("account %d of 25 equals, 7 places: option %d", a, k)
		}
	}
}

func TestCurrencyUnitDoesNotMatter(t *testing.T) {
	for seed := range uint64(6) {
		p := collections(100, 5, 9, .1, seed)
		plan := mustSolve(t, p, Settings{})
		for _, factor := range []int64{3, 1000} {
			q := *p
			q.Value = slices.Clone(p.Value)
			for k := range q.Value {
				q.Value[k] *= factor
			}
			scaled := mustSolve(t, &q, Settings{})
			if !slices.Equal(scaled.Choice, plan.Choice) || scaled.Value != factor*plan.Value {
				t.Errorf("seed %d: %d times the values plan %d, once %d", seed, factor, scaled.Value, plan.Value)
			}
			for r, price := range plan.Prices {
				if got := scaled.Prices[r]; math.Abs(got-float64(factor)*price) > 1e-9*got {
					t.Errorf("seed %d: price of resource %d %v, times %d %v", seed, r, price, factor, got)
				}
			}
		}
	}
}

// A plan proved best is never worth less under more capacity. Others are only near the best:
// they may fall by part of what separates them from their bound: measured, by at most 1.1 %
// in 1 of 100 steps of small books.
func TestMoreCapacityNeverLowersTheValue(t *testing.T) {
	proved := 0
	for seed := range uint64(seeds(15)) {
		g := rand.New(rand.NewPCG(seed, 5))
		p := collections(10+g.IntN(50), 4, 6, .1+.2*g.Float64(), seed)
		less := mustSolve(t, p, Settings{})
		for range 4 {
			p.Capacity = slices.Clone(p.Capacity)
			r := g.IntN(len(p.Capacity))
			p.Capacity[r] += 1 + p.Capacity[r]*int64(g.IntN(100))/100
			more := mustSolve(t, p, Settings{})
			if more.Gap == 0 {
				proved++
			}
			if more.Bound < float64(less.Value) || more.Gap == 0 && more.Value < less.Value || float64(more.Value) < .98*float64(less.Value) {
				t.Fatalf("seed %d: more of resource %d: value from %d to %d, bound %v", seed, r, less.Value, more.Value, more.Bound)
			}
			less = more
		}
	}
	if all := 4 * seeds(15); proved < all/2 {
		t.Errorf("only %d of %d plans proved best", proved, all)
	}
}

func TestAccountThatGotNothingIsNotMissed(t *testing.T) {
	for seed := range uint64(10) {
		p := collections(40, 4, 6, .1, seed)
		plan := mustSolve(t, p, Settings{})
		q := &Problem{Capacity: p.Capacity}
		left := slices.Index(plan.Choice, -1)
		for a := range p.Accounts() {
			if a != left {
				q.add(p.options(a)...)
			}
		}
		without := mustSolve(t, q, Settings{})
		if without.Bound < float64(plan.Value) || plan.Gap == 0 && without.Value > plan.Value || without.Gap == 0 && without.Value < plan.Value {
			t.Errorf("seed %d: %d with, %d (bound %v) without an account that got nothing", seed, plan.Value, without.Value, without.Bound)
		}
	}
}

// 240 minutes hold two visits of 90: of 30,000 visits the two best are the best plan, and known to be.
func TestBoundDoesNotCountOnPartOfAVisit(t *testing.T) {
	p := &Problem{Capacity: []int64{240}}
	for i := range 30000 {
		p.add(testOption{int64(1000 + i), []use{{0, 90}}})
	}
	plan := mustSolve(t, p, Settings{})
	if want := int64(30999 + 30998); plan.Value != want || plan.Gap > 1e-9 {
		t.Errorf("value %d of %d, bound %v, gap %v", plan.Value, want, plan.Bound, plan.Gap)
	}
}

func TestUnlimitedCapacityGivesEveryoneTheirBest(t *testing.T) {
	p := collections(2000, 5, 9, .1, 1)
	for r := range p.Capacity {
		p.Capacity[r] = -1 + int64(r%2)*math.MaxInt64/2
	}
	plan := mustSolve(t, p, Settings{})
	audit(t, p, plan)
	for a, k := range plan.Choice {
		best := slices.Max(p.Value[p.Start[a]:p.Start[a+1]])
		if best <= 0 && k >= 0 || best > 0 && (k < 0 || p.Value[k] != best) {
			t.Fatalf("account %d: option %d, best worth %d", a, k, best)
		}
	}
	if plan.Gap != 0 || slices.Contains(plan.Binding, true) {
		t.Errorf("gap %v, binding %v", plan.Gap, plan.Binding)
	}
}

func TestNoCapacityGivesNothing(t *testing.T) {
	p := collections(2000, 5, 9, .1, 1)
	clear(p.Capacity)
	plan := mustSolve(t, p, Settings{})
	if plan.Value != 0 || plan.Bound != 0 || slices.Max(plan.Choice) != -1 {
		t.Errorf("value %d, bound %v", plan.Value, plan.Bound)
	}
}

// Of the dual value, what is above the plan is the reduced value its choices lose plus the
// priced capacity it leaves: no more than that is ever left over at a price.
func TestWhatIsLeftOverHasNoPrice(t *testing.T) {
	for _, n := range []int{300, 21000} {
		p := collections(n, 5, 9, .3, 5)
		p.Capacity[1] = p.Capacity[1] * 20 // plenty of one
		plan := mustSolve(t, p, Settings{})
		if plan.Prices[1] != 0 || plan.Binding[1] {
			t.Errorf("n=%d: resource 1: %d of %d used, price %v", n, plan.Used[1], p.Capacity[1], plan.Prices[1])
		}
		var idle float64
		for r, price := range plan.Prices {
			idle += price * float64(p.Capacity[r]-plan.Used[r])
		}
		if idle > .005*plan.Bound {
			t.Errorf("n=%d: capacity left over is priced at %v of %v", n, idle, plan.Bound)
		}
	}
}

func TestPriceIsTheGainOfOneMoreUnit(t *testing.T) {
	p := collections(21000, 5, 9, .1, 6)
	plan := mustSolve(t, p, Settings{})
	const team = 0
	more := *p
	more.Capacity = slices.Clone(p.Capacity)
	extra := p.Capacity[team] / 50
	more.Capacity[team] += extra
	gain := float64(mustSolve(t, &more, Settings{}).Value - plan.Value)
	// The bound under more capacity is the old one and the priced extra.
	if want := plan.Prices[team] * float64(extra); gain < .9*want || gain > want+plan.Bound-float64(plan.Value) {
		t.Errorf("%d more seconds gain %v, at the price %v", extra, gain, want)
	}
}

// With one resource of which every account takes a unit, a price that clears it lies between the value of the last account
// served and that of the next: of a small book exactly, of a large one as its sample has it.
func TestPricesWithoutAPlanClearTheCapacity(t *testing.T) {
	for _, n := range []int{500, 40_000} {
		r := rand.New(rand.NewPCG(4, uint64(n)))
		p := &Problem{Start: []int32{0}, UseStart: []int32{0}, Capacity: []int64{int64(n / 10)}}
		for range n {
			p.Value = append(p.Value, int64(math.Exp(8+3*r.Float64())))
			p.Action, p.UseResource, p.UseAmount = append(p.Action, 0), append(p.UseResource, 0), append(p.UseAmount, 1)
			p.UseStart, p.Start = append(p.UseStart, int32(len(p.UseAmount))), append(p.Start, int32(len(p.Value)))
		}
		prices, err := Prices(p, Settings{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(p.Value)
		last, next := float64(p.Value[n-n/10]), float64(p.Value[n-n/10-1])
		slack := 0.0
		if n > small {
			slack = .02
		}
		if prices[0] > last*(1+slack) || prices[0] < next*(1-slack) {
			t.Errorf("n=%d: price %v, the last account served is worth %v and the next %v", n, prices[0], last, next)
		}
	}
	if _, err := Prices(&Problem{}, Settings{}); err == nil {
		t.Error("a damaged problem has prices")
	}
}

func TestWarmPricesLeadToTheSameQuality(t *testing.T) {
	p := collections(21000, 5, 9, .1, 7)
	cold := mustSolve(t, p, Settings{})
	prices := slices.Clone(cold.Prices)
	for r := range prices {
		prices[r] *= .7 + .1*float64(r)
	}
	prices[0] = math.NaN()
	warm := mustSolve(t, p, Settings{Warm: prices})
	audit(t, p, warm)
	if warm.Gap > .0005 || math.Abs(float64(warm.Value-cold.Value)) > .0005*float64(cold.Value) {
		t.Errorf("warm %d, gap %v; cold %d", warm.Value, warm.Gap, cold.Value)
	}
}

func TestPersuadableGetsTheOnlyCall(t *testing.T) {
	days, e, m := daily(42), Effect{Multiplier: 2, Decay: 8, Reach: .35}, &Money{Rate: .08}
	p := &Problem{Capacity: []int64{1}}
	for _, paid := range []float64{.95, .5, .001} {
		gain, _, _ := Increment(days, constant(days, -math.Log(1-paid)), 30, e, m)
		p.add(testOption{int64(math.Round(gain * 1e6)), []use{{0, 1}}})
	}
	if plan := mustSolve(t, p, Settings{}); !slices.Equal(plan.Choice, []int32{-1, 1, -1}) {
		t.Errorf("choices %v of values %v", plan.Choice, p.Value)
	}
}

func TestAcceptingByBinsIsOneSortedPass(t *testing.T) {
	for seed := range uint64(6) {
		b := newBook(collections(3000, 5, 9, .2, seed), 1)
		m := newMarket(b, 1)
		prices := make([]float64, len(b.resource))
		m.descend(prices, 2, 0) // far from settled: much does not fit
		g := newBuilder(b, 2)
		got, want := newAssignment(b), newAssignment(b)
		g.accept(got, prices)
		var all []pick
		for a := range b.account {
			if k, _ := b.best(a, prices); k >= 0 {
				all = append(all, pick{b.ratio(k, prices), k, int32(a)})
			}
		}
		slices.SortFunc(all, byKey)
		for _, p := range all {
			if fits(b.use(p.option), want.left) {
				want.set(b, p.a, p.option)
			}
		}
		if !slices.Equal(got.choice, want.choice) || got.value != want.value {
			t.Fatalf("seed %d: %d by bins, %d by a sorted pass", seed, got.value, want.value)
		}
	}
}

func TestCoordinateStepFindsTheLeastBound(t *testing.T) {
	for seed := range uint64(30) {
		b := newBook(collections(200, 5, 9, .2, seed), 1)
		m := newMarket(b, 1)
		g := rand.New(rand.NewPCG(seed, 6))
		prices := make([]float64, len(b.resource))
		for r := range prices {
			prices[r] = g.Float64() / float64(b.capacity[r])
		}
		used := make([]int64, len(prices))
		r := int32(g.IntN(len(prices)))
		m.coordinate(prices, r)
		least := m.dual(prices, used)
		try := slices.Clone(prices)
		for _, factor := range []float64{0, .5, .9, .99, .9999, 1.0001, 1.01, 1.1, 2} {
			try[r] = prices[r]*factor + float64(g.IntN(2))*1e-9
			if bound := m.dual(try, used); bound < least*(1-1e-12) {
				t.Errorf("seed %d: price %v of resource %d gives %v, %v gives %v", seed, prices[r], r, least, try[r], bound)
			}
		}
	}
}

func TestBinsOrderLikeTheirFloats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Float64Range(1e-300, 1e300).Draw(t, "x"), rapid.Float64Range(1e-300, 1e300).Draw(t, "y")
		for _, s := range []binning{priceBins, ratioBins} {
			i, j := s.bin(min(x, y)), s.bin(max(x, y))
			if i > j || i < 0 || j >= s.bins {
				t.Fatalf("%v in bin %d, %v in bin %d of %d", min(x, y), i, max(x, y), j, s.bins)
			}
		}
	})
	if got := ratioBins.bin(math.Inf(1)); got != ratioBins.bins-1 {
		t.Errorf("infinity in bin %d", got)
	}
}

func TestDamagedProblemIsAnErrorNotAPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))
		p := tangle(g, 1+g.IntN(5), 3, 1+g.IntN(3))
		damage := func(x []int32) []int32 {
			if len(x) == 0 || g.IntN(3) > 0 {
				return x
			}
			if g.IntN(4) == 0 {
				return x[:g.IntN(len(x))]
			}
			x[g.IntN(len(x))] = int32(g.IntN(12)) - 2
			return x
		}
		p.Start, p.UseStart, p.UseAmount = damage(p.Start), damage(p.UseStart), damage(p.UseAmount)
		if len(p.UseResource) > 0 && g.IntN(4) == 0 {
			p.UseResource[0] = int16(g.IntN(9)) - 2
		}
		if len(p.Value) > 0 && g.IntN(5) == 0 {
			p.Value[0] = math.MaxInt64
		}
		plan, err := Solve(p, Settings{})
		if err == nil && len(plan.Choice) != p.Accounts() {
			t.Fatalf("%d choices for %d accounts", len(plan.Choice), p.Accounts())
		}
	})
	for name, c := range map[string]struct {
		p Problem
		s Settings
	}{
		"no offsets":     {p: Problem{}},
		"warm prices":    {p: Problem{Start: []int32{0}, UseStart: []int32{0}}, s: Settings{Warm: []float64{1}}},
		"value too big":  {p: Problem{Start: []int32{0, 1}, Value: []int64{1e18 + 1}, UseStart: []int32{0, 0}}},
		"repeated use":   {p: Problem{Capacity: []int64{9}, Start: []int32{0, 1}, Value: []int64{1}, UseStart: []int32{0, 2}, UseResource: []int16{0, 0}, UseAmount: []int32{math.MaxInt32, 1}}},
		"negative use":   {p: Problem{Capacity: []int64{9}, Start: []int32{0, 1}, Value: []int64{1}, UseStart: []int32{0, 1}, UseResource: []int16{0}, UseAmount: []int32{-1}}},
		"other resource": {p: Problem{Capacity: []int64{9}, Start: []int32{0, 1}, Value: []int64{1}, UseStart: []int32{0, 1}, UseResource: []int16{1}, UseAmount: []int32{1}}},
	} {
		if _, err := Solve(&c.p, c.s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	empty := mustSolve(t, &Problem{Start: []int32{0}, UseStart: []int32{0}}, Settings{})
	if empty.Value != 0 || empty.Gap != 0 {
		t.Errorf("empty book: value %d, gap %v", empty.Value, empty.Gap)
	}
}

func BenchmarkSolve(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
	}{{"accounts=100000/actions=8/resources=12", 1e5}, {"accounts=1000000/actions=8/resources=12", 1e6}} {
		b.Run(c.name, func(b *testing.B) {
			p := collections(c.n, 8, 12, .05, 7)
			var plan *Plan
			for b.Loop() {
				plan = mustSolve(b, p, Settings{})
			}
			b.ReportMetric(100*plan.Gap, "gap%")
			b.ReportMetric(float64(c.n)*float64(b.N)/b.Elapsed().Seconds(), "accounts/s")
		})
	}
}
