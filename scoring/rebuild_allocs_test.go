package scoring

import (
	"math"
	"testing"
)

// Rebuilding allocates for what leaves the Rebuilder, which does not grow with a customer's history. Without
// landmarks of the past that is the outcome, its items and totals.
func TestRebuildAllocatesLittlePerCustomer(t *testing.T) {
	for _, c := range []struct {
		invoices  int
		landmarks int32
		below     uint64
		budget    float64
	}{
		{50, 0, 0, 10}, {5000, 0, 0, 12}, {50, 78, math.MaxUint64 / 100, 20},
	} {
		rows, env := habitualRows("C1", c.invoices), benchEnv(c.landmarks)
		env.ClosedKept = true
		var r Rebuilder
		n := testing.AllocsPerRun(20, func() {
			if _, err := r.Rebuild(rows, env, c.below); err != nil {
				t.Fatal(err)
			}
		})
		if n > c.budget {
			t.Errorf("%d invoices, %d landmarks: %.0f allocations, the budget is %.0f", c.invoices, c.landmarks, n, c.budget)
		}
		t.Logf("%d invoices, %d landmarks: %.0f allocations", c.invoices, c.landmarks, n)
	}
}
