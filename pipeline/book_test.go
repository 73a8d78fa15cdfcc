package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/scoring/hazard"
)

// decoded is the customers of a night as its book has them, to stay.
func decoded(t *testing.T, n *night) (out []*customer) {
	t.Helper()
	if n.kept != nil {
		return n.kept
	}
	for i := range n.book.pages {
		r := reader{night: n} // of its own: the customers stay
		list, err := r.page(i)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
	}
	return out
}

// Whatever is in memory and whatever is spilled, however the customers were spread over shards, the book has all of
// them in order of their ids, with everything that is known of them.
func TestTheBookHasEveryCustomerInOrder(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 600, Seed: 4})
	var want []string
	for _, v := range []struct {
		memory int64
		shards int
	}{{1 << 30, 1}, {1 << 30, 7}, {0, 7}, {200_000, 64}} {
		cfg, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Memory, cfg.Items, cfg.Risk.MaxRows = v.memory, "all", 20_000 // a small fit
		n, err := newNight(cfg, Options{Shards: v.shards, Output: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		n.closed = &closedItems{dir: n.output}
		open := func(context.Context) error { return n.open() }
		for _, do := range []func(context.Context) error{open, n.read, n.rebuild, n.tie, n.fit, n.appraise, n.plan} {
			if err := do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		blocks := map[string]bool{}
		for i, c := range decoded(t, n) {
			why := ""
			if c.Overdue > 0 && c.chosen < 0 {
				why, _ = n.leaveAlone(c)
			}
			blocks[why] = true
			if c.id != c.Customer || c.at != i || n.cases[i] != c.decision {
				t.Fatalf("customer %d is %s, its decision %s at %d", i, c.Customer, c.id, c.at)
			}
			for k := range c.closed {
				c.closed[k].off = 0 // shards end in any order
			}
			items := slices.Clone(c.Items)
			past := hazard.Past{}
			for k := range items {
				if p := items[k].Landmark.Past; p != nil {
					past, items[k].Landmark.Past = *p, nil
				}
			}
			a := c.Account
			a.Items = items
			got = append(got, fmt.Sprintf("%+v %+v %+v %+v %v %v %v %v %v %q %q", a, past, c.closed, c.items, c.paid30, c.p90, c.score, c.grade, c.loss, c.reasons, why))
			found, err := n.find(c.Customer)
			if err != nil || found == nil || found.Customer != c.Customer || found.Open != c.Open {
				t.Fatalf("looking for %s: %+v, %v", c.Customer, found, err)
			}
		}
		if c, err := n.find("nobody"); c != nil || err != nil {
			t.Errorf("nobody is %+v, %v", c, err)
		}
		if spilled := n.book.size > 0; spilled != (v.memory < 1<<30) {
			t.Errorf("memory %d: spilled %v", v.memory, spilled)
		}
		if len(blocks) < 5 {
			t.Errorf("the customers are left alone for %v: too few reasons to tell", blocks)
		}
		if want == nil {
			want = got
		}
		if len(want) != n.customers() || !slices.IsSortedFunc(n.cases, inOrder) || !slices.Equal(got, want) {
			t.Errorf("memory %d, %d shards: %d customers, not those of one shard in memory", v.memory, v.shards, len(got))
		}
		n.close()
	}
}

// A page that is not what was written is an error, never an account.
func TestSpilledAccountsAreChecked(t *testing.T) {
	s := &blobs{dir: t.TempDir()}
	defer s.close()
	b, err := s.put([]byte("an account"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := s.get(&b, nil); err != nil || string(got) != "an account" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := s.file.WriteAt([]byte("x"), b.off+3); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.get(&b, nil); err == nil || !strings.Contains(err.Error(), "the bytes at 0 are not those written") {
		t.Errorf("%v", err)
	}
}
