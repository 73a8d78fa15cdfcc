package pipeline

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kaishu/scoring"
)

// Rows shorter and longer than what a lane gathers and than its buffers, in memory and spilled.
func TestEveryRowThatALaneTakesComesBackFromItsShard(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := newStore(rapid.IntRange(1, 5).Draw(t, "shards"), rapid.Int64Range(0, 4000).Draw(t, "budget"), dir)
		defer s.close()
		l := newLane(s, rapid.IntRange(0, 2000).Draw(t, "size"), rapid.IntRange(0, 3000).Draw(t, "first"))
		var want []string
		for i := range rapid.IntRange(0, 60).Draw(t, "rows") {
			v := scoring.Invoice{Customer: rapid.SampledFrom([]string{"A", "B", "C", "D", "E", "F"}).Draw(t, "customer"),
				ID: strings.Repeat("x", rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(0, 3000)).Draw(t, "length")), Due: scoring.NoDay, Known: scoring.NoDay, Pos: scoring.MakePos(0, int64(i))}
			hash := scoring.CustomerHash(v.Customer)
			at := l.shard(hash)
			if err := l.keep(at, l.rows.AppendInvoice(l.buffer(at), hash, &v)); err != nil {
				t.Fatal(err)
			}
			want = append(want, string(scoring.AppendInvoice(nil, &v)))
		}
		if err := l.flush(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if got := storedRows(t, s, 0); !slices.Equal(got, want) {
			t.Fatalf("%d rows, want %d", len(got), len(want))
		}
	})
}
