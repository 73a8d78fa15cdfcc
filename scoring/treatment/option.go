package treatment

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/expr-lang/expr/vm"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
)

// Case is one account with what the model says about its items. The exported fields are the
// caller's; a Case may be used for one account after another and keeps its room. It serves one
// goroutine.
type Case struct {
	AsOf    scoring.Day
	Account *scoring.Account
	Curves  []hazard.Curve // one for every positive open item, in the order of Account.Items without credits
	Duty    bool           // a contact is owed: what only asks to wait does not hold
	Facts   Facts          // of the account; read only by rules of policy and expressions of actions

	oldest   int32 // days past due of the oldest positive item, negative when none is due
	working  runs  // contacts that still work
	habitual bool  // no later than usual

	claims     []claim
	asked      float64 // sum of the claims
	disputes   []claim // what is in dispute of the same items
	contested  float64 // sum of the disputes
	cum, alive []float64
	gains      []float64
	offered    []Option
	machine    vm.VM
}

// claim is the part of one item that can be collected now.
type claim struct {
	item    int // in Account.Items
	curve   int
	amount  float64 // minor units of the reporting currency
	late    float64 // late interest that is collected with a unit of it
	pastDue int32
}

// worth is what comes in when the claim is paid.
func (cl *claim) worth() float64 { return cl.amount + float64(cl.amount*cl.late) }

// Option is one action for one case. Amounts are minor units of the reporting currency.
type Option struct {
	Action     int     // index into the menu
	BlockedBy  Block   // Free when the action is allowed
	Tone       string  // where a rule changes the action's
	Paid       float64 // share of the claims that comes in within the action's horizon without it
	PaidAction float64 // and with it
	Value      int64   // present value of the increment over business as usual, less its costs
	Money      int64   // money cost, of the action and of the relationship
	Minutes    float64
	Units      int64  // of the action's resource
	Agency     string // with which the account would be placed
}

// Menu is the actions with what is the same for every case worked out once. It is read-only and may
// be shared by goroutines.
type Menu struct {
	Actions []Action
	Limits  Limits
	rules   []Rule
	when    []Rule // of each action its own expression

	calendar *scoring.Calendar
	money    rank.Money
	effects  []effects      // by segment; the first is that of all others
	segments map[string]int // into effects
	grid     []int32        // the days after the as-of date at which curves are read

	days, business []float64 // likewise, and the business days until then
}

// NewMenu checks the actions, compiles the rules and prepares both for valuing as of a date.
func NewMenu(actions []Action, limits Limits, rules []Rule, money rank.Money, asOf scoring.Day, cal *scoring.Calendar) (*Menu, error) {
	if err := Check(actions); err != nil {
		return nil, err
	}
	m := &Menu{Limits: limits, calendar: cal, money: money, rules: slices.Clone(rules)}
	for i := range m.rules {
		if err := m.rules[i].Compile(); err != nil {
			return nil, fmt.Errorf("rule %s: %w", m.rules[i].Name, err)
		}
	}
	for i := range actions {
		one := Rule{Name: actions[i].Name, When: actions[i].When}
		if one.When != "" {
			if err := one.Compile(); err != nil {
				return nil, fmt.Errorf("action %s: when: %w", one.Name, err)
			}
		}
		m.when = append(m.when, one)
	}
	for d := int32(0); d < money.Horizon; {
		d = min(d+1+d/14, money.Horizon) // daily at first, coarser later
		m.grid = append(m.grid, d)
		m.days = append(m.days, float64(d))
		m.business = append(m.business, float64(cal.Count(asOf, asOf+scoring.Day(d))))
	}
	return m.With(actions)
}

// With is the menu with other actions in place of its own: the same ones with other effects.
func (m *Menu) With(actions []Action) (*Menu, error) {
	other := *m
	other.Actions, other.effects = slices.Clone(actions), nil
	if err := other.layEffects(); err != nil {
		return nil, err
	}
	return &other, nil
}

// Horizon is the calendar days over which action k is valued.
func (m *Menu) Horizon(k int) int32 { return m.within(&m.Actions[k]).Horizon }

// within is the worth of money with the horizon of an action.
func (m *Menu) within(a *Action) rank.Money {
	money := m.money
	if a.Horizon > 0 {
		money.Horizon = min(money.Horizon, a.Horizon)
	}
	return money
}

// effects are the effects of the menu's actions on one segment, and the same laid over the grid.
type effects struct {
	list    []rank.Effect
	kernels []*rank.Kernel
}

// layEffects lays the effects on every segment that some action knows over a grid.
func (m *Menu) layEffects() error {
	m.segments = map[string]int{}
	names := []string{""}
	for i := range m.Actions {
		for _, s := range m.Actions[i].Segments {
			if _, met := m.segments[s.Segment]; !met {
				m.segments[s.Segment] = len(names)
				names = append(names, s.Segment)
			}
		}
	}
	for at, segment := range names {
		var of effects
		for i := range m.Actions {
			a := &m.Actions[i]
			e := a.Effect
			if at > 0 {
				e, _ = a.On(segment)
			}
			k, err := rank.NewKernel(m.days, m.business, e, m.within(a))
			if err != nil {
				return fmt.Errorf("action %s: %w", a.Name, err)
			}
			of.list, of.kernels = append(of.list, e), append(of.kernels, k)
		}
		m.effects = append(m.effects, of)
	}
	return nil
}

// on are the effects on a case.
func (m *Menu) on(c *Case) *effects { return &m.effects[m.segments[c.Account.Master.Segment]] }

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

// work is what an action on the case is about.
func (c *Case) work(act *Action) (claims []claim, sum float64) {
	if act.Disputed {
		return c.disputes, c.contested
	}
	return c.claims, c.asked
}

// claim works out what can be asked for now: overdue items and those falling due within the
// horizon, less what is disputed; scaled down to the collectable amount, which is also less
// running promises and unapplied cash.
func (m *Menu) claim(c *Case, horizon int32) {
	c.claims, c.asked, c.oldest = c.claims[:0], 0, math.MinInt32
	c.disputes, c.contested = c.disputes[:0], 0
	limit, at := float64(c.Account.Collectable), -1
	if !m.Limits.WaitDispute {
		limit += float64(c.Account.Disputed)
	}
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
		amount, late := float64(it.OpenBase), m.late(c, it)
		if it.Disputed > 0 {
			contested := amount * float64(it.Disputed) / float64(it.Open)
			c.disputes = append(c.disputes, claim{item: i, curve: at, amount: contested, late: late, pastDue: it.PastDue})
			c.contested += contested
		}
		if it.Disputed > 0 && m.Limits.WaitDispute {
			amount = amount * float64(it.Open-it.Disputed) / float64(it.Open)
		}
		if amount <= 0 {
			continue
		}
		c.claims = append(c.claims, claim{item: i, curve: at, amount: amount, late: late, pastDue: it.PastDue})
		c.asked += amount
	}
	if c.asked > 0 && limit < c.asked {
		scale := max(limit, 0) / c.asked
		for i := range c.claims {
			c.claims[i].amount *= scale
		}
		c.asked *= scale
	}
}

// late is the late interest, accrued until the as-of date, that is collected with a unit of an item.
func (m *Menu) late(c *Case, it *scoring.Item) float64 {
	if m.Limits.Interest == nil {
		return 0
	}
	return float64(m.Limits.Collected*float64(m.Limits.Interest.Accrued(it, c.AsOf))) / float64(it.Open)
}

// Options appends every action of the menu for the case to out, forbidden ones with the block that
// holds. horizon is the days ahead of the due date from which an item can be asked for. It allocates
// only to let out and the case grow, and where rules of policy are evaluated; their faults at
// run time (an integer divided by zero) are the only errors.
//
// The value is methods' V_k = sum over items of A(PV_k - PV_0) - money - relationship: A is the
// collectable part of the item with the late interest that is collected with it, PV the present value of a unit of it (rank.Kernel),
// which comes in with part payments too (hazard.Curve.Cash). The effect of
// the action is damped where the account is likely to pay by itself (SelfCure) and after other
// contacts (Fatigue).
func (m *Menu) Options(c *Case, horizon int32, out []Option) ([]Option, error) {
	first := len(out)
	out, err := m.offer(c, horizon, out)
	if err == nil {
		m.value(c, out[first:])
	}
	return out, err
}

// offer is Options without what comes of the effects of actions: probabilities and values.
func (m *Menu) offer(c *Case, horizon int32, out []Option) ([]Option, error) {
	m.claim(c, horizon)
	barred, nothing, undisputed := m.barred(c), m.nothing(c), m.undisputed(c)
	if barred == Free && nothing == Free {
		c.working = m.working(c)
		c.habitual = m.Limits.RespectHabit && m.withinHabit(c)
	}
	for k := range m.Actions {
		act := &m.Actions[k]
		claims, _ := c.work(act)
		minutes := act.Effort(len(claims), c.Account.Master.TravelMinutes)
		o := Option{Action: k, BlockedBy: cmp.Or(barred, nothing), Minutes: minutes, Units: act.Units(minutes)}
		if act.Disputed {
			o.BlockedBy = cmp.Or(barred, undisputed)
		}
		if o.BlockedBy == Free {
			o.BlockedBy = m.block(c, act)
		}
		if err := m.speak(c, &o); err != nil {
			return out, err
		}
		o.Money = act.Money + act.relationship(c.Account)
		out = append(out, o)
	}
	return out, nil
}

// speak lets the action's own expression and the rules of policy speak about an option that nothing else
// forbids.
func (m *Menu) speak(c *Case, o *Option) error {
	if o.BlockedBy != Free {
		return nil
	}
	ok, err := m.eligible(c, o.Action, o.Minutes)
	if err != nil {
		return err
	}
	if !ok {
		o.BlockedBy = NotFor
		return nil
	}
	return m.apply(c, o)
}

// relationship is what the action costs of the tie to the customer, minor units; less than nothing where
// it does the tie good.
func (a *Action) relationship(of *scoring.Account) int64 {
	share := a.Relationship
	if of.Master.Relationship == scoring.Strategic {
		share -= a.Tie
	}
	return int64(math.Round(share * float64(max(of.Margin, 0))))
}

// value fills probabilities and values, item by item so that each curve is read once.
func (m *Menu) value(c *Case, options []Option) {
	r, of := m.record(c), m.on(c)
	c.gains = slices.Grow(c.gains[:0], len(options))[:len(options)]
	clear(c.gains)
	agencies := make([]*Agency, 0, 4)
	for k := range options {
		if act := &m.Actions[k]; act.Channel == "agency" {
			best := m.agency(c, act)
			if best != nil {
				options[k].Agency = best.Name
			}
			agencies = append(agencies, best)
		}
	}
	for _, disputed := range []bool{false, true} {
		claims, sum := c.claims, c.asked
		if disputed {
			claims, sum = c.disputes, c.contested
		}
		for _, cl := range claims {
			self := m.read(c, &cl)
			placed := 0
			for k := range options {
				act := &m.Actions[k]
				if act.Disputed != disputed {
					continue
				}
				var by *Agency
				if act.Channel == "agency" {
					by = agencies[placed]
					placed++
				}
				gain, paid, with := m.gain(c, of.kernels[k], k, &cl, by, m.strength(of, k, self, &r))
				c.gains[k] += float64(cl.worth() * gain)
				options[k].Paid += float64(cl.amount * paid)
				options[k].PaidAction += float64(cl.amount * with)
			}
		}
		for k := range options {
			if o := &options[k]; m.Actions[k].Disputed == disputed && sum > 0 {
				o.Paid /= sum
				o.PaidAction /= sum
			}
		}
	}
	for k := range options {
		options[k].Value = int64(math.Round(c.gains[k])) - options[k].Money
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

// gain is what action k adds to a unit of a claim whose curve has been read, and the probabilities that it
// is paid within the horizon without and with the action. What an agency leaves after its fee takes the
// place of everything that was expected.
func (m *Menu) gain(c *Case, kernel *rank.Kernel, k int, cl *claim, by *Agency, strength rank.Strength) (gain, paid, with float64) {
	if m.Actions[k].Channel != "agency" {
		return kernel.Damped(c.cum, c.alive, cl.pastDue, strength)
	}
	_, paid, _ = kernel.Damped(c.cum, c.alive, cl.pastDue, rank.Strength{})
	if by == nil {
		return 0, paid, paid
	}
	net := by.Net(cl.pastDue, c.placed(cl))
	late := math.Exp(-m.money.Rate / 365 * agencyDays)
	return float64(net*late) - kernel.Present(c.alive, cl.pastDue), paid, net
}

// read lays the curve of a claim over the grid, and is the probability that the item is paid by itself
// within 30 days.
func (m *Menu) read(c *Case, cl *claim) (self float64) {
	curve := &c.Curves[cl.curve]
	c.cum = slices.Grow(c.cum[:0], len(m.grid))[:len(m.grid)]
	c.alive = slices.Grow(c.alive[:0], len(m.grid))[:len(m.grid)]
	curve.Cash(m.grid, c.cum)
	rank.Survival(c.alive, c.cum)
	return curve.Paid(30)
}

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
	r, of, tail := m.record(c), m.on(c), m.money.Tail
	if tail == nil {
		tail = rank.DefaultTail()
	}
	money := m.within(&m.Actions[k])
	discount := math.Exp(-money.Rate / 365 * float64(money.Horizon))
	claims, _ := c.work(&m.Actions[k])
	by, e := m.agency(c, &m.Actions[k]), &of.list[k]
	for i := range claims {
		cl := &claims[i]
		self := m.read(c, cl)
		strength := m.strength(of, k, self, &r)
		gain, paid, with := m.gain(c, of.kernels[k], k, cl, by, strength)
		p := Part{
			Item: cl.item, Claim: cl.amount, Interest: cl.amount * cl.late, Self: self, Multiplier: 1 + float64(strength.Boost*(e.Multiplier-1)), Menu: e.Multiplier,
			Reach: strength.Reach * e.Reach, Promise: min(1, strength.Promise*e.Promise),
			Part: c.Curves[cl.curve].Factor(), Paid: paid, PaidAction: with, Discount: discount, Tail: tail.At(cl.pastDue + money.Horizon), Value: cl.worth() * gain,
		}
		p.Reason, p.SelfCure, p.Fatigue = m.factors(k, strength, e.Multiplier, &r)
		p.Sooner = gain - float64((with-paid)*discount*(1-p.Tail))
		out = append(out, p)
	}
	return out
}
