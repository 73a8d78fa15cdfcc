package rank

import (
	"fmt"
	"math"
)

// Effect is what an action does to an item's payment hazard, if it reaches somebody.
type Effect struct {
	Multiplier float64 // of the hazard at full effect; 1 does nothing
	Delay      float64 // business days until the effect starts
	Decay      float64 // business days over which it fades linearly to nothing; 0 is no effect, +Inf lasts
	Reach      float64 // probability of reaching the right party, 0..1
}

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
//	S_k    = q·S_effect + (1-q)·S0
//	PV     = Σ_j exp(-r·t_j)·(S(t_{j-1}) - S(t_j)) + exp(-r·H)·S(H)·tail(pastDue+H)
//	gain   = PV_k - PV_0
//
// which, summed by parts over the difference D_j = S0(t_j) - S_effect(t_j), is what
// Increment computes. Within a step the hazard is spread evenly over its business days,
// so g enters by its exact mean over the step.
type Kernel struct {
	boost   float64   // multiplier - 1
	reach   float64   // q
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
	k := &Kernel{boost: e.Multiplier - 1, reach: e.Reach, horizon: m.Horizon, tail: m.Tail}
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
	if !(e.Reach >= 0 && e.Reach <= 1) {
		return fmt.Errorf("effect: reach %v is not a probability", e.Reach)
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
		hold := math.Exp(-rate * d)
		if j+1 < len(ends) {
			hold -= math.Exp(-rate * ends[j+1])
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

// Steps is the number of steps up to the horizon: how much of a curve Increment reads.
func (k *Kernel) Steps() int { return len(k.weight) }

// Survival fills alive[j] with exp(-cum[j]). Several kernels over one grid share it.
// It panics if alive is shorter than cum.
func Survival(alive, cum []float64) {
	for j, c := range cum {
		alive[j] = math.Exp(-c)
	}
}

// Increment is the present value the action adds per unit of open amount, PV_k - PV_0, of
// one item, between -1 and 1; at least 0 for a multiplier of 1 or more and exactly 0 for 1.
// cum is the item's cumulative payment hazard without further action at the ends of the
// grid's steps and alive what Survival makes of it; pastDue is the item's age in days past
// due, negative before it is due. paid0 and paidK are the probabilities that the item is
// paid within the horizon without and with the action. An account's increment is the sum
// over its items of amount times gain. It does not allocate. It panics if a curve has
// fewer than Steps values.
func (k *Kernel) Increment(cum, alive []float64, pastDue int32) (gain, paid0, paidK float64) {
	return k.Damped(cum, alive, pastDue, 1)
}

// Damped is Increment with only a share of the action's effect: the multiplier m counts as
// 1 + share*(m-1). It serves where an action is known to do less, for accounts that pay by
// themselves or have just been contacted.
func (k *Kernel) Damped(cum, alive []float64, pastDue int32, share float64) (gain, paid0, paidK float64) {
	last := len(k.weight) - 1
	boost := float64(k.boost * share)
	cum, alive = cum[:last+1], alive[:last+1]
	var before, extra, sum float64 // extra: ∫ g dΛ0
	// Before the effect starts there is no difference, and once it has faded a fixed share of what is open is gone: most
	// steps need no exponential of their own.
	from, until := min(k.from, last), min(k.until, last)
	if from > 0 {
		before = cum[from-1]
	}
	for j := from; j < until; j++ {
		c := cum[j]
		extra += float64(k.weight[j] * (c - before))
		before = c
		d := alive[j] - math.Exp(-(c + float64(boost*extra)))
		sum += float64(k.hold[j] * d)
	}
	gone := 0.0
	if k.until <= last && extra != 0 {
		gone = 1 - math.Exp(-float64(boost*extra))
		for j := until; j < last; j++ {
			sum += float64(k.hold[j] * float64(alive[j]*gone))
		}
	}
	c, s := cum[last], alive[last]
	if k.part < 1 {
		if last > 0 {
			before = cum[last-1]
		}
		c = before + float64(k.part*(c-before))
		s = math.Exp(-c)
	}
	d := s * gone
	if k.until > last {
		extra += float64(k.weight[last] * (c - before))
		d = s - math.Exp(-(c + float64(boost*extra)))
	}
	sum += float64(float64(k.hold[last]*d) * (1 - k.tail.At(pastDue+k.horizon)))
	return k.reach * sum, 1 - s, 1 - s + float64(k.reach*d)
}

// Present is PV_0, the present value of a unit of open amount under business as usual: what is paid
// within the horizon, when it is paid, and the tail of the rest. alive and pastDue are those of Increment.
// It panics if the curve has fewer than Steps values.
func (k *Kernel) Present(alive []float64, pastDue int32) float64 {
	last := len(k.weight) - 1
	first, sum := 0.0, 0.0 // first: exp(-r·t_1), the sum of all hold
	for j, s := range alive[:last] {
		first += k.hold[j]
		sum += float64(k.hold[j] * s)
	}
	end := alive[last]
	if k.part < 1 {
		before := 1.0
		if last > 0 {
			before = alive[last-1]
		}
		end = math.Exp(math.Log(before) + float64(k.part*(math.Log(end)-math.Log(before))))
	}
	first += k.hold[last]
	sum += float64(float64(k.hold[last]*end) * (1 - k.tail.At(pastDue+k.horizon)))
	return first - sum
}

// Increment is Kernel.Increment for a single item on a grid without a calendar (5 business
// days to every 7 days): for explanations and tests, since it builds the kernel each time.
// All results are NaN where NewKernel would give an error or cum is shorter than days.
func Increment(days, cum []float64, pastDue int32, e Effect, m *Money) (gain, paid0, paidK float64) {
	k, err := NewKernel(days, nil, e, *m)
	if err != nil || len(cum) < len(days) {
		return math.NaN(), math.NaN(), math.NaN()
	}
	alive := make([]float64, len(cum))
	Survival(alive, cum)
	return k.Increment(cum, alive, pastDue)
}
