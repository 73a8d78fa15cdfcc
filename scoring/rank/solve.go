package rank

import (
	"fmt"
	"math"
	"runtime"
)

const (
	small       = 20000 // up to so many accounts every price passed is tried for a plan
	smallRounds = 30    // of coordinate steps on a small book or a sample
	largeRounds = 6
	smallSteps  = 400 // of Polyak
	largeSteps  = 20
)

// Solve plans: choices under capacity, prices, and a bound on what any plan could be worth.
// The plan is feasible always and the bound holds always; how close they are is the gap.
// Plans with a gap of 0 are the best there are, so more capacity cannot make them worse;
// of others that is true only within the gap.
// It is an error if the problem's arrays do not fit together, an amount is negative, or
// values are beyond 10^18 or add up beyond 2^62 (Excess).
func Solve(p *Problem, s Settings) (*Plan, error) {
	s, err := s.complete(p)
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	b := newBook(p, s.Workers)
	m := newMarket(b, s.Workers)
	prices := b.startPrices(m, s)
	best, bound := plan(m, prices, s)
	bound = b.finishSmall(best, prices, bound, s)
	return b.publish(m, best, prices, bound), nil
}

// Prices are what a unit of each resource is worth at the margin, as Plan.Prices but without a plan: by coordinate steps alone, on a
// sample of a large book. The errors are those of Solve.
func Prices(p *Problem, s Settings) ([]float64, error) {
	s, err := s.complete(p)
	if err != nil {
		return nil, fmt.Errorf("pricing: %w", err)
	}
	b := newBook(p, s.Workers)
	m := newMarket(b, s.Workers)
	prices := b.startPrices(m, s)
	if len(b.account) <= small {
		m.descend(prices, smallRounds, 1e-7)
	}
	out := make([]float64, len(p.Capacity))
	for i, r := range b.resource {
		out[r] = prices[i] * b.scale
	}
	return out, nil
}

// complete checks the problem and puts in the defaults.
func (s Settings) complete(p *Problem) (Settings, error) {
	if err := p.check(); err != nil {
		return s, err
	}
	if s.Warm != nil && len(s.Warm) != len(p.Capacity) {
		return s, fmt.Errorf("%d warm prices for %d resources", len(s.Warm), len(p.Capacity))
	}
	if s.NodeLimit == 0 {
		s.NodeLimit = 3e6
	}
	if s.Exact == 0 {
		s.Exact = 50
	}
	if s.Workers <= 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	return s, nil
}

// startPrices are the warm ones, or those of a sample of a large book, or zero.
func (b *book) startPrices(m *market, s Settings) []float64 {
	prices := make([]float64, len(b.resource))
	switch {
	case s.Warm != nil:
		for i, r := range b.resource {
			if w := s.Warm[r] / b.scale; w > 0 && w <= 1 {
				prices[i] = w
			}
		}
	case len(b.account) > small:
		step := (len(b.account) + small - 1) / small
		t := newMarket(b.sample(step), m.workers)
		t.descend(prices, smallRounds, 1e-5)
		m.evals += t.evals
	}
	return prices
}

// plan settles the prices and returns the best plan found at any of them, and the bound
// over scale.
func plan(m *market, prices []float64, s Settings) (*assignment, float64) {
	g := newBuilder(m.book, s.Workers)
	best, try := newAssignment(m.book), newAssignment(m.book)
	visit := func(at []float64) float64 {
		g.build(try, at)
		if try.value > best.value {
			best, try = try, best
		}
		return float64(best.value) / m.scale
	}
	rounds, steps, tolerance := smallRounds, smallSteps, 1e-7
	if len(m.account) > small {
		rounds, steps, tolerance = largeRounds, largeSteps, 1e-5
	}
	bound := m.descend(prices, rounds, tolerance)
	value := visit(prices)
	if bound-value > 2e-5*bound {
		m.polish(prices, bound, steps, visit)
		bound = m.descend(prices, 2, tolerance) // prices that count for nothing back to 0
		visit(prices)
	}
	return best, bound
}

// finishSmall improves the plan and the bound of a book that is small enough, as long as
// there is something between them. It returns the bound, over scale.
func (b *book) finishSmall(best *assignment, prices []float64, bound float64, s Settings) float64 {
	if len(b.account) > small || bound*b.scale < float64(best.value)+1 {
		return bound
	}
	if s.Exact > 0 && b.finish(best, prices, bound, s.Exact, s.NodeLimit) {
		return float64(best.value) / b.scale
	}
	return b.tighten(best, prices, bound)
}

// publish translates the plan back to the problem's accounts, resources and units.
func (b *book) publish(m *market, best *assignment, prices []float64, bound float64) *Plan {
	p := b.problem
	out := &Plan{
		Choice:     make([]int32, p.Accounts()),
		Prices:     make([]float64, len(p.Capacity)),
		Value:      best.value,
		Used:       make([]int64, len(p.Capacity)),
		Iterations: m.evals,
		Binding:    make([]bool, len(p.Capacity)),
	}
	for a := range out.Choice {
		out.Choice[a] = -1
	}
	for i, k := range best.choice {
		if k < 0 {
			continue
		}
		o := b.option[k]
		out.Choice[b.account[i]] = o
		for u := p.UseStart[o]; u < p.UseStart[o+1]; u++ {
			out.Used[p.UseResource[u]] += int64(p.UseAmount[u])
		}
	}
	for i, r := range b.resource {
		out.Prices[r] = prices[i] * b.scale
		out.Binding[r] = prices[i] > 0
	}
	// Plans are worth whole units; the margin covers what rounding took off the bound.
	margin := float64(bound*1e-12) + float64(float64(len(b.account)+16)*1e-15)
	out.Bound = max(math.Floor((bound+margin)*b.scale), float64(best.value))
	if out.Bound > 0 {
		out.Gap = (out.Bound - float64(best.value)) / out.Bound
	}
	return out
}
