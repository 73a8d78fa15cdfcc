package treatment

import (
	"fmt"
	"math"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
)

// Case is one account with what the model says about its items.
type Case struct {
	AsOf    scoring.Day
	Account *scoring.Account
	Curves  []hazard.Curve // one for every positive open item, in the order of Account.Items without credits

	oldest  int32 // days past due of the oldest positive item, negative when none is due
	working bool  // the last contact still works

	claims     []claim
	asked      float64 // sum of the claims
	cum, alive []float64
	gains      []float64
}

// claim is the part of one item that can be collected now.
type claim struct {
	curve   int
	amount  float64 // minor units of the reporting currency
	pastDue int32
}

// Option is one action for one case. Amounts are minor units of the reporting currency.
type Option struct {
	Action     int   // index into the menu
	BlockedBy  Block // Free when the action is allowed
	Paid       float64
	PaidAction float64
	Value      int64 // present value of the increment over business as usual, less its costs
	Money      int64 // money cost, of the action and of the relationship
	Minutes    float64
	Units      int64 // of the action's resource
}

// Menu is the actions with what is the same for every case worked out once.
type Menu struct {
	Actions  []Action
	Rules    Rules
	calendar *scoring.Calendar
	kernels  []*rank.Kernel
	grid     []int32 // the days after the as-of date at which curves are read
}

// NewMenu checks the actions and prepares them for valuing as of a date.
func NewMenu(actions []Action, rules Rules, money rank.Money, asOf scoring.Day, cal *scoring.Calendar) (*Menu, error) {
	if err := Check(actions); err != nil {
		return nil, err
	}
	m := &Menu{Actions: actions, Rules: rules, calendar: cal}
	var days, business []float64
	for d := int32(0); d < money.Horizon; {
		d = min(d+1+d/14, money.Horizon) // daily at first, coarser later
		m.grid = append(m.grid, d)
		days = append(days, float64(d))
		business = append(business, float64(cal.Count(asOf, asOf+scoring.Day(d))))
	}
	for _, a := range actions {
		k, err := rank.NewKernel(days, business, a.Effect, money)
		if err != nil {
			return nil, fmt.Errorf("action %s: %w", a.Name, err)
		}
		m.kernels = append(m.kernels, k)
	}
	return m, nil
}

// Paid is the probability, weighted by open amount, that the account's items are paid within h days
// without any action; 0 without open items.
func (c *Case) Paid(h int32) float64 {
	sum, total, at := 0.0, 0.0, 0
	for i := range c.Account.Items {
		it := &c.Account.Items[i]
		if it.Open <= 0 {
			continue
		}
		w := float64(it.OpenBase)
		sum += float64(w * c.Curves[at].Paid(h))
		total += w
		at++
	}
	if total == 0 {
		return 0
	}
	return sum / total
}

// claim works out what can be asked for now: overdue items and those falling due within the
// horizon, less what is disputed; scaled down to the collectable amount, which is also less
// running promises and unapplied cash.
func (c *Case) claim(horizon int32) {
	c.claims, c.asked, c.oldest = c.claims[:0], 0, math.MinInt32
	at := -1
	for i := range c.Account.Items {
		it := &c.Account.Items[i]
		if it.Open <= 0 {
			continue
		}
		at++
		c.oldest = max(c.oldest, it.PastDue)
		if it.PastDue < -horizon {
			continue
		}
		amount := float64(it.OpenBase)
		if it.Disputed > 0 {
			amount = amount * float64(it.Open-it.Disputed) / float64(it.Open)
		}
		if amount <= 0 {
			continue
		}
		c.claims = append(c.claims, claim{curve: at, amount: amount, pastDue: it.PastDue})
		c.asked += amount
	}
	if scale := float64(c.Account.Collectable) / c.asked; c.asked > 0 && scale < 1 {
		for i := range c.claims {
			c.claims[i].amount *= scale
		}
		c.asked *= scale
	}
}

// Options appends every action of the menu for the case to out, forbidden ones with the block that
// holds. horizon is the days ahead of the due date from which an item can be asked for.
//
// The value is methods' V_k = sum over items of A(PV_k - PV_0) - money - relationship: A is the
// collectable part of the item, PV the present value of a unit of it (rank.Kernel). The effect of
// the action is damped where the account is likely to pay by itself (SelfCure) and after other
// contacts (Fatigue).
func (m *Menu) Options(c *Case, horizon int32, out []Option) []Option {
	c.claim(horizon)
	c.working = m.working(c)
	r := &m.Rules
	all := c.accountBlock(r)
	fatigue := 1.0
	for range c.Account.Contacts30 {
		fatigue *= r.Fatigue
	}
	first := len(out)
	for k := range m.Actions {
		act := &m.Actions[k]
		minutes := act.Effort(len(c.claims), c.Account.Master.TravelMinutes)
		o := Option{Action: k, BlockedBy: all, Minutes: minutes, Units: act.Units(minutes)}
		if all == Free {
			o.BlockedBy = c.block(act, r)
		}
		relationship := act.Relationship * float64(max(c.Account.Margin, 0))
		o.Money = act.Money + int64(math.Round(relationship))
		out = append(out, o)
	}
	m.value(c, out[first:], fatigue)
	return out
}

// value fills probabilities and values, item by item so that each curve is read once.
func (m *Menu) value(c *Case, options []Option, fatigue float64) {
	c.gains = append(c.gains[:0], make([]float64, len(options))...)
	for _, cl := range c.claims {
		curve := &c.Curves[cl.curve]
		c.cum = c.cum[:0]
		for _, d := range m.grid {
			c.cum = append(c.cum, curve.Hazard(d))
		}
		c.alive = append(c.alive[:0], c.cum...)
		rank.Survival(c.alive, c.cum)
		self := curve.Paid(30)
		for k := range options {
			strength := m.strength(k, self, fatigue)
			gain, paid, with := m.kernels[k].Damped(c.cum, c.alive, cl.pastDue, strength)
			c.gains[k] += float64(cl.amount * gain)
			options[k].Paid += float64(cl.amount * paid)
			options[k].PaidAction += float64(cl.amount * with)
		}
	}
	for k := range options {
		o := &options[k]
		if c.asked > 0 {
			o.Paid /= c.asked
			o.PaidAction /= c.asked
		}
		o.Value = int64(math.Round(c.gains[k])) - o.Money
	}
}

// strength is the share of action k's boost (multiplier less 1) that is left for an item that is paid
// by itself within 30 days with probability self, after fatigue.
func (m *Menu) strength(k int, self, fatigue float64) float64 {
	boost := m.Actions[k].Effect.Multiplier - 1
	if boost <= 0 {
		return 1
	}
	return (m.Rules.SelfCure.Damp(boost+1, self) - 1) / boost * fatigue
}

// Asked is the collectable amount that the last call of Options valued, in minor units.
func (c *Case) Asked() float64 { return c.asked }
