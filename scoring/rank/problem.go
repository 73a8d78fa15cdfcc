package rank

import (
	"fmt"
	"math"
)

// Problem asks which option each account gets, at most one, so that the total value is
// largest and no resource is used beyond its capacity. Accounts come in the caller's order
// of precedence: where two are worth exactly the same, the lower index wins, so that a
// caller who sorts them by fixed keys gets the same plan whatever order they came in.
//
// Account a has the options Start[a] .. Start[a+1]-1; option k uses UseAmount[u] of
// resource UseResource[u] for u = UseStart[k] .. UseStart[k+1]-1. "Do nothing" is no
// option: it is always there, uses nothing and is worth 0. Everything is integer: values
// in minor units, amounts in the resource's own unit (seconds, slots, letters).
type Problem struct {
	Capacity    []int64 // per resource; below 0 is unlimited
	Start       []int32 // per account and one more
	Value       []int64 // per option, at most 2^53; options worth 0 or less are never chosen
	Action      []int32 // per option, the caller's label; not read, may be nil
	UseStart    []int32 // per option and one more
	UseResource []int16
	UseAmount   []int32 // at least 0
}

// Accounts is the number of accounts.
func (p *Problem) Accounts() int { return max(0, len(p.Start)-1) }

// Settings are those of Solve. The exact search is for books of up to 20,000 accounts.
type Settings struct {
	Workers   int       // goroutines; 0 is as many as processors; changes no result
	Warm      []float64 // prices to start from, one per resource (those of the night before); nil finds them from a sample
	NodeLimit int       // of the exact search, in nodes; 0 is 3,000,000
	Exact     int       // at most this many undecided accounts are searched at a time; 0 is 50, below 0 none
}

// Plan is the answer to a Problem.
type Plan struct {
	Choice     []int32   // per account: an option, or -1
	Prices     []float64 // per resource: value of one more unit, in minor units; 0 where it would not be used
	Value      int64     // sum of the chosen options
	Bound      float64   // no plan is worth more
	Gap        float64   // (Bound - Value) / Bound, 0 if nothing can be gained
	Used       []int64   // per resource, unlimited ones too
	Iterations int       // evaluations of the dual
	Binding    []bool    // per resource: the price is above 0
}

// maxValue is the largest value of one option: 18 digits, as amounts have them. Beyond 1<<53 a value is rounded where the search
// looks at it as a float64, by less than one part in 1<<53, which the margin of the bound covers many times; what a plan is
// worth is added up in integers.
const maxValue = 1e18

// Excess is the error of values that are too large to be added up.
type Excess struct {
	Account int   // the first at which they are
	Value   int64 // the largest of its options
}

func (e *Excess) Error() string {
	if e.Value > maxValue {
		return fmt.Sprintf("account %d: value %d is above %d", e.Account, e.Value, int64(maxValue))
	}
	return fmt.Sprintf("account %d: with its value %d the values add up to more than %d", e.Account, e.Value, int64(math.MaxInt64/2))
}

// check refuses a problem whose arrays do not fit together or whose numbers do not add up.
func (p *Problem) check() error {
	if err := checkStarts("start", p.Start, len(p.Value)); err != nil {
		return err
	}
	if err := checkStarts("use start", p.UseStart, len(p.UseAmount)); err != nil {
		return err
	}
	if len(p.UseStart) != len(p.Value)+1 || len(p.UseResource) != len(p.UseAmount) {
		return fmt.Errorf("%d options with %d use starts; %d amounts of %d resources",
			len(p.Value), len(p.UseStart), len(p.UseAmount), len(p.UseResource))
	}
	if len(p.Capacity) > math.MaxInt16 {
		return fmt.Errorf("%d resources, at most %d", len(p.Capacity), math.MaxInt16)
	}
	for u, r := range p.UseResource {
		if r < 0 || int(r) >= len(p.Capacity) {
			return fmt.Errorf("use %d: resource %d of %d", u, r, len(p.Capacity))
		}
		if p.UseAmount[u] < 0 {
			return fmt.Errorf("use %d: amount %d is below 0", u, p.UseAmount[u])
		}
	}
	for k := range p.Value {
		if err := p.checkRepeats(k); err != nil {
			return err
		}
	}
	var total int64
	for a := range p.Accounts() {
		var most int64
		for k := p.Start[a]; k < p.Start[a+1]; k++ {
			most = max(most, p.Value[k])
		}
		if most > maxValue {
			return &Excess{a, most}
		}
		if total += most; total > math.MaxInt64/2 {
			return &Excess{a, most}
		}
	}
	return nil
}

// checkRepeats refuses an option that lists a resource several times for more than an
// amount can hold together.
func (p *Problem) checkRepeats(k int) error {
	from, to := p.UseStart[k], p.UseStart[k+1]
	for u := from; u < to; u++ {
		sum := int64(p.UseAmount[u])
		for v := from; v < u; v++ {
			if p.UseResource[v] == p.UseResource[u] {
				sum += int64(p.UseAmount[v])
			}
		}
		if sum > math.MaxInt32 {
			return fmt.Errorf("option %d: uses %d of resource %d, at most %d", k, sum, p.UseResource[u], math.MaxInt32)
		}
	}
	return nil
}

// checkStarts refuses offsets that do not run from 0 up to n.
func checkStarts(name string, start []int32, n int) error {
	if len(start) == 0 || start[0] != 0 || int(start[len(start)-1]) != n {
		return fmt.Errorf("%s: offsets must run from 0 to %d", name, n)
	}
	for i := 1; i < len(start); i++ {
		if start[i] < start[i-1] {
			return fmt.Errorf("%s: offset %d falls from %d to %d", name, i, start[i-1], start[i])
		}
	}
	return nil
}
