package treatment

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Facts are the fields that the expression of a rule may name, for one action on one account. They
// have the names and meanings of the columns of accounts.parquet; amounts are in units of the
// reporting currency. A number that is not known is NaN, and comparing it is false.
type Facts struct {
	Customer     string `expr:"customer_id"`
	Parent       string `expr:"parent_id"`
	Segment      string `expr:"segment"`
	Region       string `expr:"region"`
	Language     string `expr:"language"`
	Relationship string `expr:"relationship"` // strategic, regular, minor
	Collector    string `expr:"collector"`
	Reason       string `expr:"arrears_reason"` // the latest reason for arrears on record, "" without

	Open        float64 `expr:"open_amount"`
	Overdue     float64 `expr:"overdue_amount"`
	Collectable float64 `expr:"collectable_amount"`
	Disputed    float64 `expr:"disputed_amount"`
	Promised    float64 `expr:"promised_amount"`
	Unapplied   float64 `expr:"unapplied_amount"`
	Exposure    float64 `expr:"exposure"`
	Limit       float64 `expr:"credit_limit"`
	Utilization float64 `expr:"utilization"`
	Margin      float64 `expr:"annual_margin"`
	Collateral  float64 `expr:"collateral_amount"`
	Guarantor   bool    `expr:"guarantor"`
	Bureau      float64 `expr:"bureau_score"`

	PastDueMax     int     `expr:"days_past_due_max"`
	OpenItems      int     `expr:"open_items"`
	OverdueItems   int     `expr:"overdue_items"`
	Settled        int     `expr:"invoices_settled"`
	DelayRatio     float64 `expr:"delay_ratio"`
	DaysLateMean   float64 `expr:"days_late_mean"`
	PromisesBroken int     `expr:"broken_promises"`
	PromisesKept   int     `expr:"kept_promises"`
	Contacts7      int     `expr:"contacts_7"`
	Contacts30     int     `expr:"contacts_30"`
	SinceContact   float64 `expr:"days_since_contact"`
	SincePayment   float64 `expr:"days_since_payment"`
	RightParty     float64 `expr:"right_party_rate"`
	Travel         float64 `expr:"travel_minutes"`

	Paid30 float64 `expr:"p_paid_30"`
	P90    float64 `expr:"p_90dpd"`
	Score  float64 `expr:"score"`
	Grade  string  `expr:"risk_grade"`

	Weekday  string `expr:"weekday"`      // of the day of work: monday ...
	MonthDay int    `expr:"day_of_month"` // of the day of work

	Action  string  `expr:"action"`
	Channel string  `expr:"channel"`
	Minutes float64 `expr:"effort_minutes"`
}

// The effects of a rule.
const (
	EffectBlock   = "block"   // its actions are forbidden where it holds
	EffectTone    = "tone"    // its actions take its tone where it holds
	EffectRequire = "require" // all other actions are forbidden where it holds
)

// Rule is one rule of policy: where When holds for an action on an account, Effect happens.
type Rule struct {
	Name    string
	When    string   // an expression over Facts that is true or false
	Actions []string // the actions it speaks of; nil is all of them
	Effect  string
	Tone    string // of EffectTone

	program *vm.Program
}

// ExprError is a fault in the expression of a rule: what is wrong, and where, counted from 1.
type ExprError struct {
	Line, Column int
	Msg          string
}

func (e *ExprError) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
	}
	return fmt.Sprintf("column %d: %s", e.Column, e.Msg)
}

// Compile makes the rule ready for use. The error is an *ExprError when the expression is not one
// over Facts that is true or false.
func (r *Rule) Compile() error {
	program, err := expr.Compile(r.When, expr.Env(Facts{}), expr.AsBool(), expr.MaxNodes(1000))
	var at *file.Error
	if errors.As(err, &at) {
		return &ExprError{Line: max(at.Line, 1), Column: at.Column + 1, Msg: at.Message}
	}
	if err != nil {
		return &ExprError{Line: 1, Column: 1, Msg: err.Error()}
	}
	r.program = program
	return nil
}

// concerns reports whether the rule speaks of an action.
func (r *Rule) concerns(action string) bool {
	return len(r.Actions) == 0 || slices.Contains(r.Actions, action)
}

// holds evaluates the rule's expression.
func (r *Rule) holds(machine *vm.VM, f *Facts) (bool, error) {
	out, err := machine.Run(r.program, f)
	if err != nil {
		return false, fmt.Errorf("rule %s: %w", r.Name, err)
	}
	return out.(bool), nil // expr.AsBool
}

// suits reports whether action k makes sense for the case, as its own expression has it. What cannot be
// evaluated does not.
func (m *Menu) suits(c *Case, k int) bool {
	ok, err := m.eligible(c, k, m.Actions[k].Minutes)
	return ok && err == nil
}

// eligible evaluates action k's own expression, for an effort of so many minutes.
func (m *Menu) eligible(c *Case, k int, minutes float64) (bool, error) {
	if m.when[k].program == nil {
		return true, nil
	}
	act := &m.Actions[k]
	c.Facts.Action, c.Facts.Channel, c.Facts.Minutes = act.Name, act.Channel, minutes
	return m.when[k].holds(&c.machine, &c.Facts)
}

// apply lets the rules speak about one action that nothing else forbids.
func (m *Menu) apply(c *Case, o *Option) error {
	act := &m.Actions[o.Action]
	c.Facts.Action, c.Facts.Channel, c.Facts.Minutes = act.Name, act.Channel, o.Minutes
	for i := range m.rules {
		r := &m.rules[i]
		concerned := r.concerns(act.Name)
		if concerned == (r.Effect == EffectRequire) {
			continue // a requirement forbids what it does not name
		}
		if holds, err := r.holds(&c.machine, &c.Facts); err != nil {
			return err
		} else if !holds {
			continue
		}
		if r.Effect == EffectTone {
			o.Tone = r.Tone
			continue
		}
		o.BlockedBy = Block(r.Name)
		return nil
	}
	return nil
}
