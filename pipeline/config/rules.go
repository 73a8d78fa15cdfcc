package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"kaishu/scoring/treatment"
)

// Rule is one rule of policy. docs/policy.md lists the fields that its expression may name.
type Rule struct {
	// Name stands in blocked_by of options.parquet; small letters, digits and underscores.
	Name string `json:"name"`
	// When is an expression that is true or false for an action on an account.
	When string `json:"when"`
	// Actions are those the rule speaks of; none is all of them.
	Actions []string `json:"actions"`
	// Effect is block (default), tone or require: treatment.EffectBlock and the others.
	Effect string `json:"effect"`
	// Tone is that of effect tone.
	Tone string `json:"tone,omitempty"`
}

// Reviews are the thresholds of the recommendations to credit managers in reviews.parquet. Amounts
// are in units of the reporting currency.
type Reviews struct {
	// Enabled writes the table. Default true.
	Enabled bool `json:"enabled"`
	// MinOverdue is the least debt that a review speaks of: it is as old as its youngest part. Default
	// 100 EUR, JPY 15,000.
	MinOverdue float64 `json:"min_overdue"`
	// MinShare is the same as a share of all that the customer has open. Default .05.
	MinShare float64 `json:"min_share"`
	// ListMost is the most recommendations of a kind that reviews.csv lists a night, the largest exposure first;
	// one that stands is listed again after RepeatDays. Default 10, 30.
	ListMost   int `json:"list_most"`
	RepeatDays int `json:"repeat_days"`
	// Ease is the share of its threshold below which a figure must fall for a recommendation that stands to
	// go: what wavers about a threshold does not come and go. Default .8.
	Ease float64 `json:"ease"`
	// ActiveDays is the days since the last open invoice or payment after which a limit, prepayment or a hold
	// is not spoken of. Default 90.
	ActiveDays int `json:"active_days"`
	// CutPastDue, CutRisk and CutBroken propose a lower limit: days past due of the oldest item,
	// P(90+ days past due), promises broken since the last kept one. Default 60, .5, 2.
	CutPastDue int     `json:"cut_past_due"`
	CutRisk    float64 `json:"cut_risk"`
	CutBroken  int     `json:"cut_broken"`
	// CutStep and RaiseStep are the shares of the limit by which it moves. Default .25, .2.
	CutStep   float64 `json:"cut_step"`
	RaiseStep float64 `json:"raise_step"`
	// RaiseSettled, RaiseDelays and RaiseUse propose a higher limit: at least so many settled invoices,
	// at most this share of delays, at least this utilization, and nothing overdue. Default 12, .1, .7.
	RaiseSettled int     `json:"raise_settled"`
	RaiseDelays  float64 `json:"raise_delays"`
	RaiseUse     float64 `json:"raise_use"`
	// PrepayRisk is the P(90+) from which new deliveries are proposed against prepayment only, once
	// something is PrepayPastDue days past due. Default .8, 30.
	PrepayRisk    float64 `json:"prepay_risk"`
	PrepayPastDue int     `json:"prepay_past_due"`
	// SecurityLoss is the expected loss from which a guarantor or collateral is proposed. Default 5,000 EUR.
	SecurityLoss float64 `json:"security_loss"`
	// PlanDelays is the share of delays up to which a customer counts as reliable and is offered
	// instalments once something is PlanPastDue days past due. Default .5, 15.
	PlanDelays  float64 `json:"plan_delays"`
	PlanPastDue int     `json:"plan_past_due"`
	// HoldPastDue and HoldReminders propose a delivery hold: the oldest item so many days past due and
	// so many reminders in this spell of arrears unanswered by a payment. Default 30, 2.
	HoldPastDue   int `json:"hold_past_due"`
	HoldReminders int `json:"hold_reminders"`
	// RewardSettled and RewardEarly propose a reward: so many settled invoices, paid so many days before
	// they are due on average, and nothing overdue. Default 12, 3.
	RewardSettled int     `json:"reward_settled"`
	RewardEarly   float64 `json:"reward_early"`
	// ProgrammePastDue proposes a recovery programme over ProgrammeDays. Default 60, 90.
	ProgrammePastDue int `json:"programme_past_due"`
	ProgrammeDays    int `json:"programme_days"`
	// AgencyPastDue proposes placing an account with the best of Agencies. Default 120.
	AgencyPastDue int `json:"agency_past_due"`
	// AgencyTerm is the days after which a placement with an agency is over, the day itself included, where the agency has no
	// Term of its own; 0: it lasts until it is ended or paid. Default 180.
	AgencyTerm int      `json:"agency_term"`
	Agencies   []Agency `json:"agencies,omitempty"`
	// TellPastDue and TellUse are the thresholds whose crossing since the night before is told.
	// Default [30, 60, 90] and 1.
	TellPastDue []int   `json:"tell_past_due"`
	TellUse     float64 `json:"tell_use"`
	// TellExposure is the least exposure of a customer to tell about, on either night. Default 1,000 EUR,
	// JPY 150,000.
	TellExposure float64 `json:"tell_exposure"`
}

// Agency is a collection agency with its results: the share recovered of what was placed at an
// age, from FromDays on, and its fee as a share of what it recovers.
type Agency struct {
	Name     string  `json:"name"`
	Fee      float64 `json:"fee"`
	Recovery Tail    `json:"recovery"`
	// MinAmount is the smallest account that it takes.
	MinAmount float64 `json:"min_amount"`
	// Term is the days of its placements; 0 is those of Reviews.AgencyTerm.
	Term int `json:"term,omitempty"`
}

// parseRules reads the rules of policy and compiles their expressions, so that what is wrong with one
// is reported with its line.
func parseRules(m *mapping, actions Actions) []Rule {
	rules := []Rule{}
	for _, sub := range m.list("rules") {
		r := Rule{Effect: treatment.EffectBlock, Actions: []string{}}
		sub.text("name", &r.Name)
		when, at, ok := sub.scalar("when")
		r.When = when
		sub.choice("effect", &r.Effect, treatment.EffectBlock, treatment.EffectTone, treatment.EffectRequire)
		sub.choice("tone", &r.Tone, "friendly", "neutral", "firm", "formal")
		r.checkActions(sub, actions)
		switch {
		case sub.broken:
		case !isName(r.Name):
			sub.fault(sub.keyNode("name"), sub.join("name"), "use small letters, digits and underscores", "is not a name for a rule")
		case treatment.IsBlock(r.Name), slices.ContainsFunc(rules, func(o Rule) bool { return o.Name == r.Name }):
			sub.fault(sub.keyNode("name"), sub.join("name"), "", "%q is taken", r.Name)
		}
		if !sub.broken && (r.Effect == treatment.EffectTone) != (r.Tone != "") {
			sub.fault(sub.keyNode("effect"), sub.join("tone"), "", "goes with effect: tone, and with no other")
		}
		if r.Effect == treatment.EffectRequire && len(r.Actions) == 0 && !sub.broken {
			sub.fault(sub.node, sub.join("actions"), "", "effect: require needs the actions that are left")
		}
		r.compile(sub, at, ok)
		sub.done()
		rules = append(rules, r)
	}
	return rules
}

func (r *Rule) checkActions(m *mapping, actions Actions) {
	names, nodes := m.texts("actions")
	for i, name := range names {
		if actions.Find(name) == nil {
			m.fault(nodes[i], m.join("actions"), suggest(name, actions.names()), "%q is not an action", shorten(name))
		}
	}
	r.Actions = append(r.Actions, names...)
}

func (r *Rule) compile(m *mapping, at *yaml.Node, given bool) {
	if !given {
		if m.values["when"] == nil && !m.broken {
			m.fault(m.node, m.join("when"), "when: \"true\" holds always", "is missing")
		}
		return
	}
	rule := treatment.Rule{Name: r.Name, When: r.When}
	if err := rule.Compile(); err != nil {
		m.fault(at, m.join("when"), "", "%s: %v", strings.TrimSpace(shorten(r.When)), err)
	}
}

func (r *Reviews) parse(m *mapping) {
	m.boolean("enabled", &r.Enabled)
	m.number("min_overdue", &r.MinOverdue, 0, 1e15)
	m.integer("list_most", &r.ListMost, 0, 1_000_000)
	m.integer("repeat_days", &r.RepeatDays, 1, 3650)
	m.number("ease", &r.Ease, 0, 1)
	m.integer("active_days", &r.ActiveDays, 1, 36500)
	m.number("tell_exposure", &r.TellExposure, 0, 1e15)
	m.number("min_share", &r.MinShare, 0, 1)
	m.integer("prepay_past_due", &r.PrepayPastDue, 0, 3650)
	m.integer("cut_past_due", &r.CutPastDue, 1, 3650)
	m.number("cut_risk", &r.CutRisk, 0, 1)
	m.integer("cut_broken", &r.CutBroken, 1, 1000)
	m.number("cut_step", &r.CutStep, 0, 1)
	m.number("raise_step", &r.RaiseStep, 0, 10)
	m.integer("raise_settled", &r.RaiseSettled, 1, 1_000_000)
	m.number("raise_delays", &r.RaiseDelays, 0, 1)
	m.number("raise_use", &r.RaiseUse, 0, 10)
	m.number("prepay_risk", &r.PrepayRisk, 0, 1)
	m.number("security_loss", &r.SecurityLoss, 0, 1e15)
	m.number("plan_delays", &r.PlanDelays, 0, 1)
	m.integer("plan_past_due", &r.PlanPastDue, 1, 3650)
	m.integer("hold_past_due", &r.HoldPastDue, 1, 3650)
	m.integer("hold_reminders", &r.HoldReminders, 1, 1000)
	m.integer("reward_settled", &r.RewardSettled, 1, 1_000_000)
	m.number("reward_early", &r.RewardEarly, 0, 3650)
	m.integer("programme_past_due", &r.ProgrammePastDue, 1, 3650)
	m.integer("programme_days", &r.ProgrammeDays, 1, 3650)
	m.integer("agency_past_due", &r.AgencyPastDue, 1, 3650)
	m.integer("agency_term", &r.AgencyTerm, 0, 36500)
	for _, sub := range m.list("agencies") {
		a := Agency{}
		if !sub.text("name", &a.Name) && !sub.broken {
			sub.fault(sub.node, sub.path, "", "has no name")
		}
		sub.number("fee", &a.Fee, 0, 1)
		sub.number("min_amount", &a.MinAmount, 0, 1e15)
		sub.integer("term", &a.Term, 1, 36500)
		if sub.get("recovery") != nil {
			a.Recovery = parseTail(sub.sub("recovery"))
		} else if !sub.broken {
			sub.fault(sub.node, sub.join("recovery"), "recovery: {90: 0.5} for half of what is placed at 90 days", "is missing")
		}
		sub.done()
		r.Agencies = append(r.Agencies, a)
	}
	if n := m.get("tell_past_due"); n != nil {
		r.TellPastDue = parseDayList(m, n, "tell_past_due")
	}
	m.number("tell_use", &r.TellUse, 0, 100)
	m.done()
}

// parseDayList reads a list of days past due.
func parseDayList(m *mapping, n *yaml.Node, key string) []int {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	days := []int{}
	for _, at := range list {
		v := -1.0
		m.numberAt(follow(at), m.join(key), &v, 1, 3650)
		if v >= 1 {
			days = append(days, int(v))
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}
