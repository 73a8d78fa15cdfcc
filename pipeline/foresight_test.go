package pipeline

import (
	"math/rand/v2"
	"slices"
	"testing"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// thinned runs a sampler over shards of landmarks, one after another as one worker does, and returns what is left, the
// keys ascending, and how many landmarks were looked at.
func thinned(s *sampler, shards [][]hazard.Landmark) (left []hazard.Landmark, looked int) {
	for i, all := range shards {
		var lists [][]hazard.Landmark
		for len(all) > 0 { // customer by customer
			end := 1
			for end < len(all) && all[end].Customer == all[0].Customer {
				end++
			}
			below := s.below()
			var ls []hazard.Landmark
			for k := range all[:end] {
				if scoring.LandmarkGate(&all[k]) < below {
					ls = append(ls, all[k])
				}
			}
			all = all[end:]
			if looked += len(ls); len(ls) > 0 {
				s.add(ls)
				lists = append(lists, ls)
			}
		}
		s.done(i, s.join(lists))
	}
	lists := make([][]hazard.Landmark, len(shards))
	for i := range lists {
		lists[i] = s.shard(i)
	}
	return s.sorted(lists), looked
}

// A foreseeing sampler either keeps just the landmarks that one without foresight keeps, or says that it has kept too few:
// however they lie in the shards. Where they are dealt by chance it does not fail, and far fewer are looked at.
func TestForesightKeepsTheSameLandmarksOrSaysSo(t *testing.T) {
	const limit = 2000
	draw := rand.New(rand.NewPCG(3, 4))
	customer := func(landmarks int) (ls []hazard.Landmark) {
		id := draw.Uint64()
		for range landmarks {
			ls = append(ls, hazard.Landmark{Key: draw.Uint64(), Customer: id, Date: draw.Int32N(78), Follow: []int32{1, 7, 30, 200}[draw.IntN(4)]})
		}
		return ls
	}
	for _, c := range []struct {
		name           string
		never, always  bool                    // it fails
		of             func(shard int) (n int) // landmarks of a customer
		shards, people int
	}{
		{name: "all alike", never: true, shards: 300, people: 20, of: func(int) int { return 20 }},
		{name: "of all sizes", never: true, shards: 200, people: 20, of: func(int) int { return 1 + int(30*draw.ExpFloat64()) }},
		{name: "few landmarks", never: true, shards: 64, people: 3, of: func(int) int { return draw.IntN(4) }},
		{name: "few customers", never: true, shards: 64, people: 1, of: func(int) int { return draw.IntN(2000) }},
		{name: "in the last shards", never: true, shards: 64, people: 20, of: func(shard int) int { return 100 * (shard / 50) }},
		{name: "in the first shards", always: true, shards: 256, people: 40, of: func(shard int) int { return 30 * max(0, 4-shard) }},
		{name: "one that has nearly all first", never: true, shards: 64, people: 1, of: func(shard int) int { return []int{10000, 40}[min(shard, 1)] }},
		{name: "fewer from shard to shard", shards: 64, people: 20, of: func(shard int) int { return 40 / (1 + shard) }},
	} {
		failed, less, total := 0, 0, 0
		const times = 8
		for range times {
			shards := make([][]hazard.Landmark, c.shards)
			for i := range shards {
				for range c.people {
					shards[i] = append(shards[i], customer(c.of(i))...)
				}
			}
			plain, ahead := newSampler(limit), newSampler(limit)
			ahead.ahead.shards = len(shards)
			want, all := thinned(plain, shards)
			got, looked := thinned(ahead, shards)
			less, total = less+looked, total+all
			if !plain.proved() {
				t.Fatalf("%s: a sampler without foresight has not proved its level", c.name)
			}
			if !ahead.proved() {
				failed++
				if ahead.level <= plain.level {
					t.Fatalf("%s: not proved at level %d, without foresight %d", c.name, ahead.level, plain.level)
				}
				continue
			}
			if !slices.Equal(want, got) || ahead.level != plain.level {
				t.Fatalf("%s: %d landmarks at level %d, without foresight %d at %d", c.name, len(got), ahead.level, len(want), plain.level)
			}
		}
		t.Logf("%s: failed %d of %d, looked at %d landmarks, without foresight %d", c.name, failed, times, less, total)
		if c.never && failed > 0 || c.always && failed < times {
			t.Errorf("%s: failed %d times of %d", c.name, failed, times)
		}
		if c.name == "all alike" && 3*less > 2*total {
			t.Errorf("%s: %d landmarks looked at, without foresight %d", c.name, less, total)
		}
	}
}
