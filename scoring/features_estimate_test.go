package scoring

import (
	"testing"

	"pgregory.net/rapid"

	"kaishu/scoring/hazard"
)

// Sums carried along are held against those made in the order of days, after every item that settles
// or is taken back.
func TestSumsCarriedAlongAreThoseInOrderOfDays(t *testing.T) {
	views, made := 0, 0
	checkLedgers(t, func(t *rapid.T) {
		env := benchEnv(0)
		r := Rebuilder{env: env}
		h := &r.past
		h.reset(env.AsOf)
		r.ledger.env = env
		r.ledger.sides = []side{{currency: eur}, {currency: usd}}
		year := rapid.SampledFrom([]int{1, 1, 5, 12, 130}).Draw(t, "years") * 365
		nodes := make([]node, 0, 1000)
		var settled []*node
		day := env.AsOf - Day(year)
		for day < env.AsOf {
			day += Day(rapid.IntRange(0, year/8).Draw(t, "days on"))
			day = min(day, env.AsOf)
			if len(settled) > 0 && rapid.IntRange(0, 9).Draw(t, "taken back") == 0 {
				n := settled[len(settled)-1]
				settled = settled[:len(settled)-1]
				r.remember(n, -1, day)
				r.ledger.receive(n.cur, n.settled, n.known, -1, -1)
				n.settled = NoDay
			} else {
				issue := day - Day(rapid.IntRange(0, 200).Draw(t, "open"))
				nodes = append(nodes, node{edges: none, known: issue, value: issue, due: issue + Day(rapid.IntRange(0, 90).Draw(t, "terms")), settled: day, paid: rapid.Bool().Draw(t, "paid"),
					cur: uint8(rapid.IntRange(0, 1).Draw(t, "currency"))})
				n := &nodes[len(nodes)-1]
				r.remember(n, 1, day)
				settled = append(settled, n)
				r.ledger.receive(n.cur, day, n.known, 1, 1)
			}
			r.ledger.nodes = nodes
			for b := range h.open {
				h.open[b] = int32(rapid.IntRange(0, 40).Draw(t, "open days"))
			}
			exact := r.sumExposed(day)
			var got [hazard.AgeBins]float32
			views++
			if r.estimateExposed(day, &got) {
				for b := range got {
					if want := float32(exact[b] + float64(h.open[b])); got[b] != want {
						t.Fatalf("%s, bin %d: %v carried along, %v in order", day, b, got[b], want)
					}
				}
			} else {
				made++
			}
			if got, want := r.payMonthEnd(day), r.sumMonthEnd(day); got != want {
				t.Fatalf("%s: month ends %v carried along, %v in order", day, got, want)
			}
		}
	})
	if made == 0 || made > views/2 {
		t.Errorf("%d of %d views were made in order: want those of histories of more than a century, and few others", made, views)
	}
}

func TestARoundedNumberIsTheSameOnlyWithinItsBounds(t *testing.T) {
	const half = 1 + 1./(1<<24) // between the 32-bit floats 1 and 1+2^-23
	if _, same := round32(half, 1e-12, 0); same {
		t.Error("a number in the middle of two was said to round to one of them for sure")
	}
	if v, same := round32(half+1e-9, 1e-12, 0); !same || v != 1+1./(1<<23) {
		t.Errorf("a number nearer to the upper one became %v, %v", v, same)
	}
	if v, same := round32(0, 1e-12, 3); !same || v != 3 {
		t.Errorf("nothing and 3 became %v, %v", v, same)
	}
}
