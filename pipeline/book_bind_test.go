package pipeline

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kaishu/scoring"
)

// Drawers of any sizes, in pieces in memory and spilled, are merged into pages in order of the ids: all full but the last,
// nothing lost or twice, and what the pieces took is given back.
func TestDrawersAreBoundInOrder(t *testing.T) {
	dir := t.TempDir()
	apart := 0 // books of which a drawer's piece belonged to both halves
	rapid.Check(t, func(t *rapid.T) {
		s := &blobs{budget: rapid.SampledFrom([]int64{0, 20_000, 1 << 30}).Draw(t, "budget"), dir: dir}
		defer s.close()
		count := rapid.SampledFrom([]int{0, 1, 2, pageSize - 1, pageSize, pageSize + 1, 3 * pageSize, 1000}).Draw(t, "customers")
		drawers := make([]*drawer, rapid.IntRange(1, 9).Draw(t, "drawers"))
		long := rapid.SampledFrom([]int{0, 200}).Draw(t, "long") // ids of several pieces
		skew := rapid.Bool().Draw(t, "skew")                     // the lower half of the ids is in the first drawer
		of := make([][]*customer, len(drawers))
		var want []string
		for i := range count {
			c := &customer{Account: scoring.Account{Customer: fmt.Sprintf("C%0*d", 5+long, i), OpenItems: int32(i % 3)}}
			want = append(want, c.Customer)
			to := rapid.IntRange(0, len(drawers)-1).Draw(t, "drawer")
			if skew && i < count/2 {
				to = 0
			}
			of[to] = append(of[to], c)
		}
		var room filing
		for i := range drawers {
			drawers[i] = &drawer{}
			if err := drawers[i].file(of[i], s, &room); err != nil {
				t.Fatal(err)
			}
		}
		b := &book{blobs: s}
		told := make([]int, len(drawers))
		var order []string
		if err := b.bind(rapid.IntRange(1, 3).Draw(t, "workers"), drawers, func(d *drawer, entry int) {
			i := slices.Index(drawers, d)
			if entry != told[i] {
				t.Fatalf("entry %d of drawer %d after %d", entry, i, told[i])
			}
			told[i]++
			order = append(order, of[i][entry].Customer)
		}); err != nil {
			t.Fatal(err)
		}
		var got []string
		held := int64(0)
		for i, p := range b.pages {
			data, _, err := b.get(&p.accounts, nil)
			if err != nil {
				t.Fatal(err)
			}
			held += int64(len(p.accounts.data))
			from, items := len(got), 0
			for len(data) > 0 {
				var entry []byte
				if entry, data, err = cut(data); err != nil {
					t.Fatal(err)
				}
				var c customer
				if err := readEntry(entry, &c); err != nil {
					t.Fatal(err)
				}
				got, items = append(got, string([]byte(c.Customer))), items+int(c.OpenItems)
			}
			if p.first != got[from] || p.count != len(got)-from || p.items != items || p.count != pageSize && i < len(b.pages)-1 {
				t.Fatalf("page %d of %d: %+v holds %d from %s on, %d items", i, len(b.pages), p, len(got)-from, got[from], items)
			}
		}
		if !slices.Equal(got, want) || !slices.Equal(order, want) || b.count != count {
			t.Fatalf("%d customers in pages, %d told, count %d, want %d in order", len(got), len(order), b.count, count)
		}
		if s.held != held {
			t.Fatalf("%d bytes are held, by pages %d", s.held, held)
		}
		for _, d := range drawers {
			if slices.ContainsFunc(d.pieces, func(p piece) bool { return p.both }) {
				apart++
				break
			}
		}
	})
	if apart == 0 {
		t.Error("no piece belonged to both halves: too little was tried")
	}
}
