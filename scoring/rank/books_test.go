package rank

import (
	"math"
	"math/rand/v2"
)

// add appends an account with the given options.
func (p *Problem) add(options ...testOption) {
	if p.Start == nil {
		p.Start, p.UseStart = []int32{0}, []int32{0}
	}
	for _, o := range options {
		p.Value = append(p.Value, o.value)
		for _, u := range o.uses {
			p.UseResource = append(p.UseResource, int16(u.resource))
			p.UseAmount = append(p.UseAmount, u.amount)
		}
		p.UseStart = append(p.UseStart, int32(len(p.UseAmount)))
	}
	p.Start = append(p.Start, int32(len(p.Value)))
}

type testOption struct {
	value int64
	uses  []use
}

// options are account a's, in the form add takes.
func (p *Problem) options(a int) []testOption {
	var all []testOption
	for k := p.Start[a]; k < p.Start[a+1]; k++ {
		o := testOption{value: p.Value[k]}
		for u := p.UseStart[k]; u < p.UseStart[k+1]; u++ {
			o.uses = append(o.uses, use{int32(p.UseResource[u]), p.UseAmount[u]})
		}
		all = append(all, o)
	}
	return all
}

// collections is a book of n accounts with heavy-tailed amounts (log-normal, sigma 1.3)
// and actions such as mails, calls of rising length, visits that take travel of a region
// and minutes of a team, and legal slots; capacities are tight times what an average
// choice of everybody would use.
func collections(n, actions, resources int, tight float64, seed uint64) *Problem {
	g := rand.New(rand.NewPCG(seed, 1))
	p := &Problem{Start: make([]int32, 0, n+1)}
	p.Start, p.UseStart = append(p.Start, 0), []int32{0}
	teams := resources/3 + 1
	wanted := make([]float64, resources)
	uses := make([]use, 0, 2)
	for range n {
		amount := math.Exp(14.6 + 1.3*g.NormFloat64())
		team, region := int32(g.IntN(teams)), int32(teams+g.IntN(max(1, resources/3)))
		for k := range actions {
			uplift := g.Float64() * (.1 + .3*float64(k)/float64(actions))
			seconds := int32(60 + 120*k + g.IntN(60*(k+1)))
			switch uses = uses[:0]; {
			case k == 0:
				uses = append(uses, use{int32(resources - 2), 1})
			case k%4 == 2:
				uses = append(uses, use{int32(resources - 1), 1}, use{team, seconds / 2})
			case k%4 == 3:
				uses = append(uses, use{region, seconds * 5}, use{team, seconds})
			default:
				uses = append(uses, use{team, seconds})
			}
			p.Value = append(p.Value, int64(amount*uplift)-int64(100*k))
			for _, u := range uses {
				p.UseResource = append(p.UseResource, int16(u.resource))
				p.UseAmount = append(p.UseAmount, u.amount)
				wanted[u.resource] += float64(u.amount) / float64(actions)
			}
			p.UseStart = append(p.UseStart, int32(len(p.UseAmount)))
		}
		p.Start = append(p.Start, int32(len(p.Value)))
	}
	for _, w := range wanted {
		p.Capacity = append(p.Capacity, int64(math.Max(1, w*tight)))
	}
	return p
}

// tangle is a small book without structure: any option may use any resources, some
// unlimited, some with no capacity, values of both signs and many of them equal.
func tangle(g *rand.Rand, accounts, actions, resources int) *Problem {
	p := &Problem{}
	for range resources {
		c := int64(g.IntN(accounts * 6))
		if g.IntN(8) == 0 {
			c = -1
		}
		p.Capacity = append(p.Capacity, c)
	}
	spread := []int{4, 100, 1e6}[g.IntN(3)]
	for range accounts {
		var options []testOption
		for range g.IntN(actions + 1) {
			o := testOption{value: int64(g.IntN(spread) - spread/8)}
			for range g.IntN(4) {
				o.uses = append(o.uses, use{int32(g.IntN(resources)), int32(g.IntN(9))})
			}
			options = append(options, o)
		}
		p.add(options...)
	}
	return p
}

// class is one of Pisinger's (1995) classes of multiple-choice knapsacks: n accounts of m
// options, weights up to 1,000, capacity half way between the lightest and the heaviest
// choice of all.
func class(name string, n, m int, g *rand.Rand) *Problem {
	const top = 1000
	one := func() int64 { return int64(1 + g.IntN(top)) }
	p := &Problem{}
	var least, most int64
	for range n {
		value, weight := make([]int64, m), make([]int64, m)
		for j := range m {
			weight[j] = one()
			switch name {
			case "weakly correlated":
				value[j] = max(1, weight[j]+int64(g.IntN(21))-10)
			case "subset-sum":
				value[j] = weight[j]
			default:
				value[j] = one()
			}
		}
		switch name {
		case "strongly correlated": // sums of items with value = weight + 10
			var v, w int64
			for j, x := range sorted(weight) {
				w, v = w+x, v+x+10
				value[j], weight[j] = v, w
			}
		case "Sinha-Zoltners": // none dominates another
			value, weight = sorted(value), sorted(weight)
		}
		var options []testOption
		lo, hi := weight[0], weight[0]
		for j := range m {
			options = append(options, testOption{value[j], []use{{0, int32(weight[j])}}})
			lo, hi = min(lo, weight[j]), max(hi, weight[j])
		}
		least, most = least+lo, most+hi
		p.add(options...)
	}
	p.Capacity = []int64{(least + most) / 2}
	return p
}
