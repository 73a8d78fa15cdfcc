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
// Increment computes. Within a step the hazard is spread evenly over its business days,
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
// one item, between -1 and 1; at least 0 for a multiplier of 1 or more and exactly 0 for 1 without promises.
// cum is the item's cumulative payment hazard without further action at the ends of the
// grid's steps and alive what Survival makes of it; pastDue is the item's age in days past
// due, negative before it is due. paid0 and paidK are the probabilities that the item is
// paid within the horizon without and with the action. An account's increment is the sum
// over its items of amount times gain. It does not allocate. It panics if a curve has
// fewer than Steps values.
func (k *Kernel) Increment(cum, alive []float64, pastDue int32) (gain, paid0, paidK float64) {
	return k.Damped(cum, alive, pastDue, Whole())
}

// Damped is Increment with only some of the action's effect: the multiplier m counts as
// 1 + share*(m-1), and likewise the promise and the reach. It serves where an action is known to do less (or reach more)
// than usual: for accounts that pay by themselves, have just been contacted, or never answer.
func (k *Kernel) Damped(cum, alive []float64, pastDue int32, share Strength) (gain, paid0, paidK float64) {
	last := len(k.weight) - 1
	boost := float64(k.boost * share.Boost)
	able := 1 - alive[len(alive)-1]
	cum, alive = cum[:last+1], alive[:last+1]
	c, s := cum[last], alive[last]
	if k.part < 1 {
		c = k.cut(cum, last)
		s = math.Exp(-c)
	}
	open := 1 - float64(min(1, float64(k.promise*share.Promise))*able) // left of what is open on the promised date
	kept := 1.0
	var before, extra, sum float64 // extra: ∫ g dΛ0
	// Before the effect starts there is no difference but by a promise, and once it has faded a fixed share of what is
	// open is gone: most steps need no exponential of their own.
	from := min(k.from, last)
	until := max(from, min(k.until, last))
	if open != 1 {
		for j := k.dated; j < from; j++ {
			sum += float64(k.hold[j] * float64(alive[j]*(1-open)))
		}
	}
	if from > 0 {
		before = cum[from-1]
	}
	for j := from; j < until; j++ {
		c := cum[j]
		extra += float64(k.weight[j] * (c - before))
		before = c
		if j >= k.dated {
			kept = open
		}
		d := alive[j] - float64(kept*math.Exp(-(c+float64(boost*extra))))
		sum += float64(k.hold[j] * d)
	}
	left := 1.0 // by the effect, of what is open once it has faded
	if k.until <= last && extra != 0 {
		left = math.Exp(-float64(boost * extra))
	}
	if left != 1 || open != 1 {
		for j := until; j < last; j++ {
			if j >= k.dated {
				kept = open
			}
			sum += float64(k.hold[j] * float64(alive[j]*(1-float64(kept*left))))
		}
	}
	if last >= k.dated {
		kept = open
	}
	d := s * (1 - float64(kept*left))
	if k.until > last {
		extra += float64(k.weight[last] * (c - before))
		d = s - float64(kept*math.Exp(-(c+float64(boost*extra))))
	}
	sum += float64(float64(k.hold[last]*d) * (1 - k.tail.At(pastDue+k.horizon)))
	reach := float64(k.reach * share.Reach)
	return reach * sum, 1 - s, 1 - s + float64(reach*d)
}

// cut is the cumulative hazard at a horizon that lies within the last step.
func (k *Kernel) cut(cum []float64, last int) float64 {
	before := 0.0
	if last > 0 {
		before = cum[last-1]
	}
	return before + float64(k.part*(cum[last]-before))
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
