package treatment

import (
	"math"
	"slices"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
)

// value fills probabilities and values, item by item so that each curve is read once.
func (m *Menu) value(c *Case, options []Option) {
	r := m.record(c)
	c.levers = c.levers[:0]
	for k := range options {
		c.levers = append(c.levers, m.lever(c, k, &r))
	}
	for _, disputed := range []bool{false, true} {
		claims, sum := c.claims, c.asked
		if disputed {
			claims, sum = c.disputes, c.contested
		}
		for i := range claims {
			cl := &claims[i]
			self := m.read(c, cl)
			for k := range c.levers {
				l := &c.levers[k]
				if l.disputed != disputed {
					continue
				}
				gain, paid, with := m.gain(c, l, cl, l.strength(&m.Limits, self))
				l.gain += float64(cl.worth() * gain)
				options[k].Paid += float64(cl.amount * paid)
				options[k].PaidAction += float64(cl.amount * with)
			}
		}
		for k := range options {
			if o := &options[k]; c.levers[k].disputed == disputed && sum > 0 {
				o.Paid /= sum
				o.PaidAction /= sum
			}
		}
	}
	for k := range options {
		l, o := &c.levers[k], &options[k]
		o.Value = int64(math.Round(l.gain)) - o.Money
		if l.by != nil {
			o.Agency = l.by.Name
		}
	}
}

// agencyDays is the days after which what an agency recovers comes in, on average: its first letters and
// calls take weeks, what it recovers at all it mostly recovers within half a year.
const agencyDays = 90

// placed is the cumulative hazard of a unit of a claim over the time that an agency would have.
func (c *Case) placed(cl *claim) float64 {
	curve := &c.Curves[cl.curve]
	return curve.Factor() * curve.Hazard(scoring.PlacedDays)
}

// gain is what an action adds to a unit of a claim whose curve has been read, and the probabilities that it
// is paid within the horizon without and with the action. What an agency leaves after its fee takes the
// place of everything that was expected.
func (m *Menu) gain(c *Case, l *lever, cl *claim, strength rank.Strength) (gain, paid, with float64) {
	if !l.agency {
		return l.kernel.Damped(&c.curve, strength)
	}
	_, paid, _ = l.kernel.Damped(&c.curve, rank.Strength{})
	if l.by == nil {
		return 0, paid, paid
	}
	net := l.by.Net(cl.pastDue, c.placed(cl))
	late := hazard.Exp(-m.money.Rate / 365 * agencyDays)
	return float64(net*late) - l.kernel.Present(&c.curve), paid, net
}

// read lays the curve of a claim over the grid, and is the probability that the item is paid by itself
// within 30 days.
func (m *Menu) read(c *Case, cl *claim) (self float64) {
	curve := &c.Curves[cl.curve]
	c.cum = slices.Grow(c.cum[:0], len(m.grid))[:len(m.grid)]
	curve.Cash(m.grid, c.cum)
	c.curve.Set(c.cum, cl.pastDue)
	return curve.Paid(30)
}
