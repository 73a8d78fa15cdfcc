package rank

import (
	"fmt"
	"math"

	"kaishu/scoring/hazard"
)

// Effect is what an action does to an item's payment hazard, if it reaches somebody.
type Effect struct {
	Multiplier float64 // of the hazard at full effect; 1 does nothing
	Delay      float64 // business days until the effect starts
	Decay      float64 // business days over which it fades linearly to nothing; 0 is no effect, +Inf lasts
	Reach      float64 // probability of reaching the right party, 0..1

	// A conversation may end with a date. Promise is P(a date is named and then kept), of those reached who can pay
	// at all, 0..1; Promised is the business days until the date.
	Promise  float64
	Promised float64
}

// Strength is how much of an effect counts for one item: shares of the boost (multiplier less 1), of the
// promise and of the reach. They may be above 1, for customers who are moved, or answer, more often than others, as long as the
// reach stays a probability; a promise above 1 counts as 1.
type Strength struct{ Boost, Promise, Reach float64 }

// Whole is the effect as it is.
func Whole() Strength { return Strength{1, 1, 1} }

// Money is what time does to a claim.
type Money struct {
	Rate    float64 // cost of capital per year, continuously compounded over 365 days; 0 does not discount
	Horizon int32   // calendar days over which payments are counted one by one; 0 is 42 (30 business days)
	Tail    Tail    // what is still recovered of an amount open at the horizon; nil is DefaultTail
}

// defaultHorizon is 30 business days, in calendar days.
const defaultHorizon = 42

// TailPoint is one row of a Tail.
type TailPoint struct {
	PastDue int32   // days past due
	Share   float64 // of the amount that is recovered in the end
}

// Tail is the share of an open amount that is recovered in the end by its age, as points
// in ascending order of age. Without it money that comes by itself a little later would
// look worth its whole balance.
type Tail []TailPoint

// DefaultTail is a prior put together from surveys of collection agencies about the share
// collected of accounts placed at 3, 6, 12 and 24 months (69-74, 51-54, 21-29 and 9 %).
// They are self-reports that disagree: an assumption to be replaced by the ledger's own
// roll rates.
func DefaultTail() Tail {
	return Tail{{0, .95}, {60, .85}, {90, .72}, {180, .52}, {365, .26}, {730, .10}}
}

// At is the share at an age, linear between the points and flat outside them; 0 for an
// empty table.
func (t Tail) At(pastDue int32) float64 {
	if len(t) == 0 {
		return 0
	}
	if pastDue <= t[0].PastDue {
		return t[0].Share
	}
	for i := 1; i < len(t); i++ {
		if b := t[i]; pastDue <= b.PastDue {
			a := t[i-1]
			x := float64(pastDue-a.PastDue) / float64(b.PastDue-a.PastDue)
			return a.Share + float64(x*(b.Share-a.Share))
		}
	}
	return t[len(t)-1].Share
}

// Kernel is one action's effect laid over one day grid: everything about the increment
// that does not depend on the item, so that an item costs one exponential a step. It is
// read-only after NewKernel and may be shared by goroutines.
//
// With base cumulative hazard Λ0 and S0 = exp(-Λ0), the action's hazard is
// λ0(t)·(1 + (m-1)·g(t)), where g is 0 before the delay and then falls linearly from 1 to
// 0 over the decay. Under it, and reach q,
//
//	S_k    = q·S_effect·(1 - p·(1 - S0(end))·[t ≥ date]) + (1-q)·S0
//	PV     = Σ_j exp(-r·t_j)·(S(t_{j-1}) - S(t_j)) + exp(-r·H)·S(H)·tail(pastDue+H)
//	gain   = PV_k - PV_0
//
// which, summed by parts over the difference D_j = (S0(t_j) - S_k(t_j))/q, is what
// Damped computes. Within a step the hazard is spread evenly over its business days,
// so g enters by its exact mean over the step. p is Effect.Promise: on the date that a customer names,
// a share p of those pay who would have paid by the end of the curve unasked. So a promise adds nothing
// where payment is certain, and nothing where it is hopeless; between the two it brings cash forward and saves it
// from what else may befall it.
type Kernel struct {
	boost   float64   // multiplier - 1
	reach   float64   // q
	promise float64   // p
	dated   int       // first step that ends on the promised date or later
	weight  []float64 // mean of g over each step
	from    int       // the steps from..until-1 are those with a weight
	until   int
	hold    []float64 // exp(-r·t_j) - exp(-r·t_{j+1}); of the last step exp(-r·H)
	part    float64   // share of the last step that lies before the horizon
	horizon int32
	tail    Tail
}

// NewKernel lays an effect over a grid. days are the ends of the steps in calendar days
// after the as-of date, ascending and above 0; business are the business days from the
// as-of date to the same ends, ascending too (nil counts 5 to every 7 calendar days). The
// step that the horizon cuts counts in part; a grid that ends before the horizon ends the
// horizon. It is an error if the grid is empty or not ascending or a number makes no sense.
func NewKernel(days, business []float64, e Effect, m Money) (*Kernel, error) {
	if err := checkEffect(e); err != nil {
		return nil, err
	}
	if m.Horizon < 0 || !(math.Abs(m.Rate) < 10) {
		return nil, fmt.Errorf("money: horizon %d days, rate %v a year make no sense", m.Horizon, m.Rate)
	}
	for i, p := range m.Tail {
		if !(p.Share >= 0 && p.Share <= 1) || i > 0 && p.PastDue <= m.Tail[i-1].PastDue {
			return nil, fmt.Errorf("tail: point %d (%d days, share %v) is out of order or not a share", i, p.PastDue, p.Share)
		}
	}
	if business == nil {
		business = make([]float64, len(days))
		for j, d := range days {
			business[j] = d * 5 / 7
		}
	}
	if len(days) == 0 || len(business) != len(days) {
		return nil, fmt.Errorf("grid: %d days and %d business days", len(days), len(business))
	}
	k := &Kernel{boost: e.Multiplier - 1, reach: e.Reach, promise: e.Promise, horizon: m.Horizon, tail: m.Tail}
	if k.horizon == 0 {
		k.horizon = defaultHorizon
	}
	if k.tail == nil {
		k.tail = DefaultTail()
	}
	return k, k.lay(days, business, e, m.Rate/365)
}

// checkEffect refuses effects outside their ranges.
func checkEffect(e Effect) error {
	if !(e.Multiplier >= 0 && e.Multiplier < 1e6) {
		return fmt.Errorf("effect: multiplier %v is not between 0 and 1e6", e.Multiplier)
	}
	if !(e.Delay >= 0) || !(e.Decay >= 0) {
		return fmt.Errorf("effect: delay %v or decay %v is below 0", e.Delay, e.Decay)
	}
	if !(e.Reach >= 0 && e.Reach <= 1) || !(e.Promise >= 0 && e.Promise <= 1) || !(e.Promised >= 0) {
		return fmt.Errorf("effect: reach %v or promise %v is not a probability, or %v days to a promised date are below 0", e.Reach, e.Promise, e.Promised)
	}
	return nil
}

// lay fills the step weights up to the horizon; rate is per day.
func (k *Kernel) lay(days, business []float64, e Effect, rate float64) error {
	end := float64(k.horizon)
	var day, work float64 // end of the step before
	var ends []float64
	for j, d := range days {
		b := business[j]
		if !(d > day) || !(b >= work) || math.IsInf(d, 0) || math.IsInf(b, 0) {
			return fmt.Errorf("grid: step %d ends on day %v, business day %v, after day %v, business day %v", j, d, b, day, work)
		}
		k.part = 1
		if d > end {
			k.part = (end - day) / (d - day)
			b = work + float64(k.part*(b-work))
			d = end
		}
		k.weight = append(k.weight, meanEffect(work, b, e))
		if b < e.Promised {
			k.dated = len(k.weight)
		}
		ends = append(ends, d)
		day, work = d, b
		if d >= end {
			break
		}
	}
	k.horizon = int32(math.Ceil(day))
	k.from = len(k.weight)
	for j, w := range k.weight {
		if w != 0 {
			k.from, k.until = min(k.from, j), j+1
		}
	}
	for j, d := range ends {
		hold := hazard.Exp(-rate * d)
		if j+1 < len(ends) {
			hold -= hazard.Exp(-rate * ends[j+1])
		}
		k.hold = append(k.hold, hold)
	}
	return nil
}

// Mean is the mean of g between two business days from the as-of date on: how much of the effect is at
// work then.
func (e Effect) Mean(from, to float64) float64 { return meanEffect(from, to, e) }

// meanEffect is the mean of g between two business days.
func meanEffect(from, to float64, e Effect) float64 {
	if e.Decay == 0 {
		return 0
	}
	if to == from {
		x := from - e.Delay
		if x < 0 {
			return 0
		}
		return math.Max(0, 1-x/e.Decay)
	}
	area := func(t float64) float64 { // integral of g from 0 to t
		x := math.Min(math.Max(0, t-e.Delay), e.Decay)
		return x - x/e.Decay*x/2
	}
	return (area(to) - area(from)) / (to - from)
}
