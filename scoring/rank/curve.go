package rank

import (
	"math"

	"kaishu/scoring/hazard"
)

// Curve is one item's chance of payment without further action, laid over the grid of the kernels that read it. It may be
// set for one item after another, keeps its room and serves one goroutine.
type Curve struct {
	Cum     []float64 // cumulative payment hazard at the ends of the grid's steps
	Alive   []float64 // exp of minus that: the chance to be open still
	PastDue int32     // the item's age in days past due, negative before it is due

	fade []float64 // room for the exponents of a kernel
}

// Set lays the curve of an item. It refers to cum.
func (c *Curve) Set(cum []float64, pastDue int32) {
	c.Cum, c.PastDue = cum, pastDue
	c.Alive = append(c.Alive[:0], cum...)
	hazard.Fade(c.Alive)
	if most := len(cum) + 2; len(c.fade) < most {
		c.fade = make([]float64, most)
	}
}

// Steps is the number of steps up to the horizon: how much of a curve Increment reads.
func (k *Kernel) Steps() int { return len(k.weight) }

// Increment is the present value the action adds per unit of open amount, PV_k - PV_0, of
// one item, between -1 and 1; at least 0 for a multiplier of 1 or more and exactly 0 for 1 without promises.
// paid0 and paidK are the probabilities that the item is
// paid within the horizon without and with the action. An account's increment is the sum
// over its items of amount times gain. It does not allocate. It panics if a curve has
// fewer than Steps values.
func (k *Kernel) Increment(on *Curve) (gain, paid0, paidK float64) {
	return k.Damped(on, Whole())
}

// Damped is Increment with only some of the action's effect: the multiplier m counts as
// 1 + share*(m-1), and likewise the promise and the reach. It serves where an action is known to do less (or reach more)
// than usual: for accounts that pay by themselves, have just been contacted, or never answer.
func (k *Kernel) Damped(on *Curve, share Strength) (gain, paid0, paidK float64) {
	last := len(k.weight) - 1
	able := 1 - on.Alive[len(on.Alive)-1]
	cum, alive := on.Cum[:last+1], on.Alive[:last+1]
	// Before the effect starts there is no difference but by a promise, and once it has faded a fixed share of what is
	// open is gone: most steps need no exponential of their own.
	from := min(k.from, last)
	until := max(from, min(k.until, last))
	fade := on.fade[:until-from+2]
	k.exponents(fade, cum, from, float64(k.boost*share.Boost))
	hazard.Fade(fade)
	after, s := fade[until-from], fade[until-from+1]
	left := 1.0 // by the effect, of what is open once it has faded
	if k.until <= last {
		left = after
	}
	open := 1 - float64(min(1, float64(k.promise*share.Promise))*able) // left of what is open on the promised date
	kept, sum := 1.0, 0.0
	if open != 1 {
		for j := k.dated; j < from; j++ {
			sum += float64(k.hold[j] * float64(alive[j]*(1-open)))
		}
	}
	lives, holds := alive[from:until], k.hold[from:until]
	for i, x := range fade[:until-from] {
		if from+i >= k.dated {
			kept = open
		}
		sum += float64(holds[i] * (lives[i] - float64(kept*x)))
	}
	if left != 1 || open != 1 {
		gone := 1 - float64(kept*left)
		for j, hold := range k.hold[until:last] {
			if until+j >= k.dated && kept != open {
				kept = open
				gone = 1 - float64(kept*left)
			}
			sum += float64(hold * float64(alive[until+j]*gone))
		}
	}
	if last >= k.dated {
		kept = open
	}
	d := s * (1 - float64(kept*left))
	if k.until > last {
		d = s - float64(kept*after)
	}
	sum += float64(float64(k.hold[last]*d) * (1 - k.tail.At(on.PastDue+k.horizon)))
	reach := float64(k.reach * share.Reach)
	return reach * sum, 1 - s, 1 - s + float64(reach*d)
}

// exponents fills fade with the cumulative hazards under the action at the ends of the steps from `from` on in which its effect is at
// work, but for the last step of all; then with that at the horizon or, where the effect has faded before, with what
// the effect adds; then with the hazard at the horizon without the action.
func (k *Kernel) exponents(fade, cum []float64, from int, boost float64) {
	last := len(cum) - 1
	before, extra := 0.0, 0.0 // extra: ∫ g dΛ0
	if from > 0 {
		before = cum[from-1]
	}
	steps := fade[:len(fade)-2]
	weights, cums := k.weight[from:][:len(steps)], cum[from:][:len(steps)]
	for i, c := range cums {
		extra += float64(weights[i] * (c - before))
		before = c
		steps[i] = c + float64(boost*extra)
	}
	end := cum[last]
	if k.part < 1 {
		end = k.cut(cum, last)
	}
	after := 0.0
	if k.until > last {
		extra += float64(k.weight[last] * (end - before))
		after = end
	}
	fade[len(steps)], fade[len(steps)+1] = after+float64(boost*extra), end
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
// within the horizon, when it is paid, and the tail of the rest. It panics if the curve has fewer than
// Steps values.
func (k *Kernel) Present(on *Curve) float64 {
	last, alive := len(k.weight)-1, on.Alive
	first, sum := 0.0, 0.0 // first: exp(-r·t_1), the sum of all hold
	for j, s := range alive[:last] {
		first += k.hold[j]
		sum += float64(k.hold[j] * s)
	}
	end, before := alive[last], 1.0
	if last > 0 {
		before = alive[last-1]
	}
	if k.part < 1 && before > 0 { // of nothing left, nothing is left later
		end = hazard.Exp(math.Log(before) + float64(k.part*(math.Log(end)-math.Log(before))))
	}
	first += k.hold[last]
	sum += float64(float64(k.hold[last]*end) * (1 - k.tail.At(on.PastDue+k.horizon)))
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
	var c Curve
	c.Set(cum, pastDue)
	return k.Increment(&c)
}
