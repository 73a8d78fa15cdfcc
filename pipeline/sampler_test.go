package pipeline

import (
	"math/rand/v2"
	"testing"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// Whatever the number of shards, what is kept of those that are done stays near the limit, and in the end
// exactly the landmarks below the bound are left. What counts is their person-periods.
func TestLandmarksOfShardsThatAreDoneAreThinnedAlong(t *testing.T) {
	const limit, shards, each = 1000, 64, 500
	s := newSampler(limit)
	draw := rand.New(rand.NewPCG(1, 2))
	var all []hazard.Landmark
	periods := map[int32]int64{1: 1, 7: 2, 30: 5, 200: hazard.Intervals} // by the days followed
	for shard := range shards {
		var ls []hazard.Landmark
		for range each {
			l := hazard.Landmark{Key: draw.Uint64(), Customer: draw.Uint64N(1 << 40), Date: draw.Int32N(77), Follow: []int32{1, 7, 30, 200}[draw.IntN(4)]}
			all = append(all, l)
			if scoring.LandmarkGate(&l) < s.below() { // as a rebuilder does
				ls = append(ls, l)
			}
		}
		s.add(ls)
		s.done(shard, s.join([][]hazard.Landmark{ls}))
		held := int64(0)
		for _, l := range s.lists {
			for i := range l {
				held += periods[l[i].Follow]
			}
		}
		if held > limit {
			t.Fatalf("after %d shards %d periods are held, limit %d", shard+1, held, limit)
		}
	}
	var lists [][]hazard.Landmark
	for shard := range shards {
		lists = append(lists, s.shard(shard))
	}
	left, size := map[uint64]bool{}, int64(0)
	for _, l := range s.join(lists) {
		left[l.Key] = true
		size += periods[l.Follow]
		if l.Weight != float64(uint64(1)<<s.level) {
			t.Fatalf("weight %v at level %d", l.Weight, s.level)
		}
	}
	below, twice := int64(0), int64(0)
	for i := range all {
		gate := scoring.LandmarkGate(&all[i])
		if gate>>1 < s.below() {
			twice += periods[all[i].Follow]
		}
		if gate < s.below() {
			below += periods[all[i].Follow]
			if !left[all[i].Key] {
				t.Fatalf("%x is gone, though below the bound", all[i].Key)
			}
		}
	}
	if size != below || below > limit || twice <= limit {
		t.Errorf("%d periods left, %d below the bound and %d below twice the bound, limit %d", size, below, twice, limit)
	}
}
