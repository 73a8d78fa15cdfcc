package rank

import (
	"cmp"
	"math"
	"slices"
)

// assignment is a feasible plan of a book.
type assignment struct {
	choice []int32 // per live account: a live option, or -1
	left   []int64 // per live resource
	value  int64   // minor units
}

func newAssignment(b *book) *assignment {
	s := &assignment{choice: make([]int32, len(b.account)), left: slices.Clone(b.capacity)}
	for a := range s.choice {
		s.choice[a] = -1
	}
	return s
}

// copyFrom makes s equal to o, reusing its memory.
func (s *assignment) copyFrom(o *assignment) {
	s.choice = append(s.choice[:0], o.choice...)
	s.left = append(s.left[:0], o.left...)
	s.value = o.value
}

// set gives account a option k in place of the one it has.
func (s *assignment) set(b *book, a, k int32) {
	if was := s.choice[a]; was >= 0 {
		for _, u := range b.use(was) {
			s.left[u.resource] += int64(u.amount)
		}
		s.value -= b.worth(was)
	}
	s.choice[a] = k
	if k >= 0 {
		for _, u := range b.use(k) {
			s.left[u.resource] -= int64(u.amount)
		}
		s.value += b.worth(k)
	}
}

// fits tells whether account a could change to option k.
func (s *assignment) fits(b *book, a, k int32) bool {
	was := s.choice[a]
	for _, u := range b.use(k) {
		left := s.left[u.resource]
		if was >= 0 {
			for _, v := range b.use(was) {
				if v.resource == u.resource {
					left += int64(v.amount)
				}
			}
		}
		if int64(u.amount) > left {
			return false
		}
	}
	return true
}

// pick is an account's preferred option and what it is accepted by.
type pick struct {
	key    float64
	option int32
	a      int32
}

// byKey orders by falling key, then by account.
func byKey(x, y pick) int {
	if c := cmp.Compare(y.key, x.key); c != 0 {
		return c
	}
	return cmp.Compare(x.a, y.a)
}

// builder makes plans from prices.
type builder struct {
	*book
	workers int
	picks   []pick    // per live account
	bins    [][]int64 // per worker: [ratio bin][live resource] amounts
	moves   [][]pick  // per worker
	gather  []pick
}

func newBuilder(b *book, workers int) *builder {
	w := max(1, workers)
	g := &builder{book: b, workers: w, picks: make([]pick, len(b.account)), bins: make([][]int64, w), moves: make([][]pick, w)}
	for i := range g.bins {
		g.bins[i] = make([]int64, ratioBins.bins*len(b.resource))
	}
	return g
}

// build makes a plan: every account's preferred option at the prices, in order of value
// per priced effort, while it fits; then what is left over is filled.
func (g *builder) build(s *assignment, prices []float64) {
	for a := range s.choice {
		s.choice[a] = -1
	}
	copy(s.left, g.capacity)
	s.value = 0
	g.accept(s, prices)
	g.fill(s, prices)
}

// accept takes the preferred options in order of value per priced effort while they fit.
// Amounts are counted by ratio bin; as long as whole bins fit, each account in them can be
// accepted without knowing the others. One by one go only those from the first bin on that
// does not fit: the result is that of one sorted pass.
func (g *builder) accept(s *assignment, prices []float64) {
	n := len(g.resource)
	for w := range g.workers {
		clear(g.bins[w])
	}
	parallel(len(g.account), g.workers, func(w, from, to int) {
		bins := g.bins[w]
		for a := from; a < to; a++ {
			k, _ := g.best(a, prices)
			g.picks[a] = pick{option: k, a: int32(a)}
			if k < 0 {
				continue
			}
			g.picks[a].key = g.ratio(k, prices)
			row := bins[ratioBins.bin(g.picks[a].key)*n:]
			for _, u := range g.use(k) {
				row[u.resource] += int64(u.amount)
			}
		}
	})
	critical := g.critical(s.left)
	rest := g.gather[:0]
	for a, p := range g.picks {
		switch {
		case p.option < 0:
		case ratioBins.bin(p.key) > critical:
			s.set(g.book, int32(a), p.option)
		default:
			rest = append(rest, p)
		}
	}
	g.gather = rest
	slices.SortFunc(rest, byKey)
	for _, p := range rest {
		if fits(g.use(p.option), s.left) {
			s.set(g.book, p.a, p.option)
		}
	}
}

// critical is the highest ratio bin that does not fit together with all above it, or -1.
func (g *builder) critical(capacity []int64) int {
	left := slices.Clone(capacity)
	n := len(left)
	for at := ratioBins.bins - 1; at >= 0; at-- {
		for w := range g.workers {
			for r, amount := range g.bins[w][at*n : (at+1)*n] {
				left[r] -= amount
			}
		}
		if n > 0 && slices.Min(left) < 0 {
			return at
		}
	}
	return -1
}

// fillPasses bounds the passes of fill; in practice it ends after two to four.
const fillPasses = 10

// fill lets accounts without an option take one, and others change to one worth more, as
// long as it fits, those first that lose least of their reduced value.
func (g *builder) fill(s *assignment, prices []float64) {
	for range fillPasses {
		for w := range g.workers {
			g.moves[w] = g.moves[w][:0]
		}
		parallel(len(g.account), g.workers, func(w, from, to int) {
			for a := int32(from); a < int32(to); a++ {
				g.moves[w] = g.offers(g.moves[w], s, a, prices)
			}
		})
		moves := g.gather[:0]
		for _, m := range g.moves {
			moves = append(moves, m...)
		}
		g.gather = moves
		slices.SortFunc(moves, func(x, y pick) int {
			if c := byKey(x, y); c != 0 {
				return c
			}
			return cmp.Compare(x.option, y.option)
		})
		before := s.value
		for _, m := range moves {
			if g.worth(m.option) > g.worth(s.choice[m.a]) && s.fits(g.book, m.a, m.option) {
				s.set(g.book, m.a, m.option)
			}
		}
		if s.value == before {
			return
		}
	}
}

// offers appends the options account a could change to at a gain, keyed by the change in
// reduced value.
func (g *builder) offers(moves []pick, s *assignment, a int32, prices []float64) []pick {
	was := s.choice[a]
	now, base := g.worth(was), math.NaN()
	for k := g.start[a]; k < g.start[a+1]; k++ {
		if k == was || g.worth(k) <= now || !s.fits(g.book, a, k) {
			continue
		}
		if math.IsNaN(base) {
			base = 0
			if was >= 0 {
				base = g.reduced(was, prices)
			}
		}
		moves = append(moves, pick{key: g.reduced(k, prices) - base, option: k, a: a})
	}
	return moves
}
