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

	claims    []claim
	asked     float64 // sum of the claims
	disputes  []claim // what is in dispute of the same items
	contested float64 // sum of the disputes
	offered   []Option
	levers    []lever
	cum       []float64 // of the claim whose curve was read, and what kernels make of it
	curve     rank.Curve
	machine   vm.VM
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
