package pipeline

import (
	"math/rand/v2"
	"testing"

	"kaishu/scoring/hazard"
)

// Whatever the number of shards, what is kept of those that are done stays near the limit, and in the end
// exactly the landmarks below the bound are left.
func TestLandmarksOfShardsThatAreDoneAreThinnedAlong(t *testing.T) {
	const limit, shards, each = 1000, 64, 500
	s := newSampler(limit)
	draw := rand.New(rand.NewPCG(1, 2))
	var keys []uint64
	for shard := range shards {
		var ls []hazard.Landmark
		for range each {
			key := draw.Uint64()
			keys = append(keys, key)
			if key < s.below() { // as a rebuilder does
				ls = append(ls, hazard.Landmark{Key: key})
			}
		}
		s.add(ls)
		s.done(shard, s.join([][]hazard.Landmark{ls}))
		held := 0
		for _, l := range s.lists {
			held += cap(l)
		}
		if held > limit+limit/4 { // allocations are rounded up
			t.Fatalf("after %d shards %d landmarks are held, limit %d", shard+1, held, limit)
		}
	}
	var lists [][]hazard.Landmark
	for shard := range shards {
		lists = append(lists, s.shard(shard))
	}
	left := map[uint64]bool{}
	for _, l := range s.join(lists) {
		left[l.Key] = true
		if l.Weight != float64(uint64(1)<<s.level) {
			t.Fatalf("weight %v at level %d", l.Weight, s.level)
		}
	}
	below := 0
	for _, key := range keys {
		if key < s.below() {
			below++
			if !left[key] {
				t.Fatalf("%x is gone, though below the bound", key)
			}
		}
	}
	if len(left) != below || below > limit || below < limit/4 {
		t.Errorf("%d landmarks left, %d below the bound, limit %d", len(left), below, limit)
	}
}
