package treatment

import (
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
)

// Part is what one item adds to the value of an action. Its value is
//
//	(Claim + Interest) * ((PaidAction - Paid) * Discount * (1 - Tail) + Sooner)
//
// and the value of the action is the sum of those of its items less its money cost.
type Part struct {
	Item       int     // index into Account.Items
	Claim      float64 // what is asked for of it, minor units of the reporting currency
	Interest   float64 // late interest collected with it
	Self       float64 // P(paid within 30 days without action), by which the effect is damped
	Multiplier float64 // of the payment hazard, as it is left: 1 + (Menu - 1) * Reason * SelfCure * Fatigue
	Menu       float64 // the multiplier of the menu, or the learned one, for the customer's segment
	Reason     float64 // factor of the reason for arrears
	SelfCure   float64 // what damping leaves of what an action adds to who is likely to pay alone
	Fatigue    float64 // what contacts before leave of it
	Reach      float64 // probability of reaching somebody, drawn to the account's own record
	Promise    float64 // P(a date is named and kept) of who is reached and can pay, likewise damped and tired
	Part       float64 // factor of the payment hazard for a unit of the claim (hazard.Curve.Cash)
	Paid       float64 // share of the claim that comes in within the horizon without the action
	PaidAction float64 // and with it
	Discount   float64 // present value of a unit at the horizon
	Tail       float64 // share recovered in the end of what is open at the horizon
	Sooner     float64 // worth of a unit's being paid earlier within the horizon
	Value      float64 // minor units
}

// Parts appends what each item adds to the value of action k; the terms are those of the option that
// Options made.
func (m *Menu) Parts(c *Case, horizon int32, k int, out []Part) []Part {
	m.claim(c, horizon)
	r, tail := m.record(c), m.money.Tail
	l, e := m.lever(c, k, &r), &m.on(c).list[k]
	if tail == nil {
		tail = rank.DefaultTail()
	}
	money := m.within(&m.Actions[k])
	discount := hazard.Exp(-money.Rate / 365 * float64(money.Horizon))
	claims, _ := c.work(&m.Actions[k])
	for i := range claims {
		cl := &claims[i]
		self := m.read(c, cl)
		strength := l.strength(&m.Limits, self)
		gain, paid, with := m.gain(c, &l, cl, strength)
		p := Part{
			Item: cl.item, Claim: cl.amount, Interest: cl.amount * cl.late, Self: self, Multiplier: 1 + float64(strength.Boost*(e.Multiplier-1)), Menu: e.Multiplier,
			Reach: strength.Reach * e.Reach, Promise: min(1, strength.Promise*e.Promise),
			Part: c.Curves[cl.curve].Factor(), Paid: paid, PaidAction: with, Discount: discount, Tail: tail.At(cl.pastDue + money.Horizon), Value: cl.worth() * gain,
		}
		p.Reason, p.SelfCure, p.Fatigue = l.factors(strength)
		p.Sooner = gain - float64((with-paid)*discount*(1-p.Tail))
		out = append(out, p)
	}
	return out
}
