package pipeline

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// sampler thins landmarks, or other things that are drawn by a number, while they are made, so that memory stays bounded
// whatever the history weighs: it keeps those whose gate (scoring.LandmarkGate) lies below 2^64 / 2^level and raises the level
// when there are too many. The level at the end depends only on the landmarks there are, not on the order in
// which they came: it is the lowest at which no more than the limit are left. What counts is the person-periods that a
// fit makes of a landmark, which is what it takes time and room for.
type sampler struct {
	limit int64
	mu    sync.Mutex
	zeros [65]int64 // person-periods by leading zeros of the gate
	level int
	lists [][]hazard.Landmark // of the shards that are done
	thin  int                 // the level at which all of those were filtered

	ahead foresight
}

func newSampler(limit int) *sampler { return &sampler{limit: int64(limit)} }

// below is the bound that gates must lie under for now.
func (s *sampler) below() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bound()
}

func (s *sampler) bound() uint64 { return math.MaxUint64 >> s.level }

// add counts landmarks and raises the level as needed.
func (s *sampler) add(ls []hazard.Landmark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range ls {
		s.zeros[bits.LeadingZeros64(scoring.LandmarkGate(&ls[i]))] += int64(ls[i].Periods())
	}
	s.raise()
}

// count counts things of one gate, and raises the level as needed.
func (s *sampler) count(gate uint64, things int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zeros[bits.LeadingZeros64(gate)] += int64(things)
	s.raise()
}

// raise raises the level as needed.
func (s *sampler) raise() {
	for s.level < 63 && s.left() > s.limit {
		s.level++
	}
}

// left counts what the level lets through.
func (s *sampler) left() int64 { return sumFrom(&s.zeros, s.level) }

// done keeps the landmarks of a shard. When the level has gone up since the shards before were done, theirs are
// filtered anew: what they took in at lower levels would add up to several times the limit.
func (s *sampler) done(shard int, ls []hazard.Landmark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.lists) <= shard {
		s.lists = append(s.lists, nil)
	}
	s.lists[shard] = ls
	s.foresee(ls)
	if s.level == s.thin {
		return
	}
	s.thin = s.level
	for i, l := range s.lists {
		if kept := filter(l, s.bound(), s.level); len(kept) < len(l) {
			s.lists[i] = slices.Clone(kept)
		}
	}
}

// shard takes back the landmarks of a shard.
func (s *sampler) shard(i int) (ls []hazard.Landmark) {
	ls, s.lists[i] = s.lists[i], nil
	return ls
}

// join filters lists of landmarks and makes one of them that is no larger than it need be.
func (s *sampler) join(lists [][]hazard.Landmark) []hazard.Landmark {
	for i := range lists {
		lists[i] = s.filter(lists[i])
	}
	return slices.Concat(lists...)
}

// sorted is join in the order of the landmarks' keys.
func (s *sampler) sorted(lists [][]hazard.Landmark) []hazard.Landmark {
	type place struct { // sorted in the stead of landmarks, which are eight times as large
		key      uint64
		list, at int32
	}
	total := 0
	for i := range lists {
		lists[i] = s.filter(lists[i])
		total += len(lists[i])
	}
	order := make([]place, 0, total)
	for i, list := range lists {
		for k := range list {
			order = append(order, place{list[k].Key, int32(i), int32(k)})
		}
	}
	slices.SortFunc(order, func(a, b place) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		x, y := &lists[a.list][a.at], &lists[b.list][b.at]
		return cmp.Or(cmp.Compare(x.Date, y.Date), cmp.Compare(x.Due, y.Due), cmp.Compare(x.Open, y.Open))
	})
	all := make([]hazard.Landmark, total)
	for i, from := range order {
		all[i] = lists[from.list][from.at]
	}
	return all
}

func (s *sampler) filter(ls []hazard.Landmark) []hazard.Landmark {
	s.mu.Lock()
	bound, level := s.bound(), s.level
	s.mu.Unlock()
	return filter(ls, bound, level)
}

// filter drops, in place, landmarks beyond the bound of a level and weighs the rest.
func filter(ls []hazard.Landmark, bound uint64, level int) []hazard.Landmark {
	kept := ls[:0]
	for _, l := range ls {
		if scoring.LandmarkGate(&l) < bound {
			l.Weight = float64(uint64(1) << level)
			kept = append(kept, l)
		}
	}
	clear(ls[len(kept):])
	return kept
}
