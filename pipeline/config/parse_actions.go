package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"kaishu/scoring/treatment"
)

// maxActions bounds the menu; every account is weighed against each action on it.
const maxActions = 100

// parse changes the fields of default actions that the file gives, and adds new actions.
func (a *Actions) parse(m *mapping) {
	var added Actions
	for _, n := range m.keys {
		name := follow(n).Value
		act := a.Find(name)
		if act != nil {
			act.parse(m.sub(name))
			continue
		}
		m.get(name)
		if len(*a)+len(added) == maxActions {
			m.fault(n, m.path, "", "has more than %d actions", maxActions)
			break
		}
		if !isName(name) {
			m.fault(n, m.join(shorten(name)), "use small letters, digits and underscores", "is not a name for an action")
			continue
		}
		fresh := Action{Name: name, Enabled: true, Tone: "neutral", Multiplier: 1, Decay: 5, Reach: 1, Kept: defaultKept, PromiseDays: defaultPromiseDays,
			Use: UseMinutes, MinDaysPastDue: 1, MaxDaysPastDue: Unlimited,
			After: [][]string{}, Claim: ClaimCollectable, Offer: OfferNone, Source: SourceElicited}
		sub := m.sub(name)
		var missing []string
		for _, key := range []string{"channel", "resource", "minutes", "multiplier"} {
			if sub.values[key] == nil {
				missing = append(missing, key)
			}
		}
		if len(missing) > 0 && !sub.broken {
			m.fault(n, m.join(name), cmp.Or(nearest(name, a.names()), "a new action needs them"), "has no %s", strings.Join(missing, ", no "))
		}
		fresh.parse(sub)
		added = append(added, fresh)
	}
	slices.SortFunc(added, func(x, y Action) int { return cmp.Compare(x.Name, y.Name) })
	*a = append(*a, added...)
}

func (a Actions) names() []string {
	names := make([]string, len(a))
	for i := range a {
		names[i] = a[i].Name
	}
	return names
}

// isName tells whether s can name an action or a resource.
func isName(s string) bool {
	return s != "" && len(s) <= 40 && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (a *Action) parse(m *mapping) {
	m.boolean("enabled", &a.Enabled)
	m.choice("channel", &a.Channel, "email", "letter", "call", "visit", "meeting", "legal", "agency", "internal")
	m.choice("tone", &a.Tone, "friendly", "neutral", "firm", "formal")
	effect := []string{"multiplier", "decay", "delay", "reach", "promise", "kept", "promise_days"}
	if slices.ContainsFunc(effect, func(key string) bool { return m.values[key] != nil }) {
		a.Source = SourceElicited // unless the file says otherwise
	}
	m.choice("source", &a.Source, SourceDefault, SourceElicited, SourceLearned)
	m.number("multiplier", &a.Multiplier, 0, 100)
	m.integer("decay", &a.Decay, 1, 3650)
	m.integer("delay", &a.Delay, 0, 3650)
	m.number("reach", &a.Reach, 0, 1)
	if a.Source == SourceLearned && m.values["multiplier"] != nil {
		a.Promise = 0 // what promises brought is in a multiplier that was learned, unless the file says otherwise
	}
	m.number("promise", &a.Promise, 0, 1)
	m.number("kept", &a.Kept, 0, 1)
	m.integer("promise_days", &a.PromiseDays, 0, 3650)
	m.integer("horizon", &a.Horizon, 0, 3650)
	m.number("minutes", &a.Minutes, 0, 1e6)
	m.number("minutes_per_item", &a.MinutesPerItem, 0, 1e6)
	m.boolean("travel", &a.Travel)
	m.number("money", &a.Money, 0, 1e12)
	m.number("relationship", &a.Relationship, 0, 1)
	m.number("tie", &a.Tie, 0, 1)
	m.text("resource", &a.Resource)
	m.choice("use", &a.Use, UseMinutes, UseSlots)
	m.integer("min_days_past_due", &a.MinDaysPastDue, -3650, 36500)
	if n := m.get("max_days_past_due"); n != nil && isNull(n) {
		a.MaxDaysPastDue = Unlimited
	} else {
		m.integer("max_days_past_due", &a.MaxDaysPastDue, -3650, 36500)
	}
	if a.MinDaysPastDue > a.MaxDaysPastDue {
		m.fault(m.node, m.join("min_days_past_due"), "", "%d is more than max_days_past_due, %d", a.MinDaysPastDue, a.MaxDaysPastDue)
	}
	if n := m.get("after"); n != nil {
		a.After = parseAfter(m, n)
	}
	m.choice("claim", &a.Claim, ClaimCollectable, ClaimDisputed)
	m.choice("offer", &a.Offer, OfferNone, OfferInstalments, OfferTerms)
	a.parseWhen(m)
	m.done()
}

// parseWhen reads where the action makes sense, and compiles it so that a fault is reported with its line.
// null is everywhere.
func (a *Action) parseWhen(m *mapping) {
	n := m.get("when")
	if n == nil {
		return
	}
	if isNull(n) {
		a.When = ""
		return
	}
	text, ok := m.scalarAt(n, m.join("when"))
	if !ok {
		return
	}
	if err := (&treatment.Rule{Name: a.Name, When: text}).Compile(); err != nil {
		m.fault(n, m.join("when"), "", "%s: %v", shorten(text), err)
	}
	a.When = text
}

// parseAfter reads what must come before: a name, or a list of names and of lists of alternatives.
func parseAfter(m *mapping, n *yaml.Node) [][]string {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	after := [][]string{}
	for i, at := range list {
		at = follow(at)
		either := []*yaml.Node{at}
		if at.Kind == yaml.SequenceNode {
			either = at.Content
		}
		var names []string
		for _, one := range either {
			if name, ok := m.scalarAt(follow(one), m.join("after")+"["+strconv.Itoa(i)+"]"); ok {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			after = append(after, names)
		}
	}
	return after
}

// check reports what only the whole menu shows: resources without a capacity, and actions whose
// turn could never come.
func (a Actions) check(m *mapping, capacity *Capacity) {
	var resources []string
	for _, r := range capacity.Resources {
		resources = append(resources, r.Name)
	}
	for i := range a {
		act := &a[i]
		at, path := m.keyNode(act.Name), m.join(act.Name)
		if act.Resource != "" && capacity.find(act.Resource) == nil {
			hint := cmp.Or(nearest(act.Resource, resources), "give it one: capacity: {"+shorten(act.Resource)+": 100}")
			m.fault(at, path+".resource", hint, "%q has no capacity", shorten(act.Resource))
		}
		if act.Enabled {
			a.checkAfter(m, at, act, path+".after")
		}
	}
	for _, name := range a.stuck() {
		m.fault(m.keyNode(name), m.join(name)+".after", "", "%s waits for itself, or for an action that does", name)
	}
}

// checkAfter reports prerequisites that are no action, and those of which none is enabled.
func (a Actions) checkAfter(m *mapping, at *yaml.Node, act *Action, path string) {
	for _, either := range act.After {
		unknown, enabled := false, false
		for _, name := range either {
			before := a.Find(name)
			if before == nil {
				m.fault(at, path, suggest(name, a.names()), "%q is not an action", shorten(name))
				unknown = true
			} else if before.Enabled {
				enabled = true
			}
		}
		if !unknown && !enabled {
			m.fault(at, path, "enable it, or change after", "%s is not enabled, so %s could never be proposed", strings.Join(either, " or "), act.Name)
		}
	}
}

// stuck lists the actions that stay undone however often every action is done that may be:
// those that wait for themselves, and those that wait for one of them.
func (a Actions) stuck() []string {
	done := make(map[string]bool, len(a))
	may := func(act *Action) bool {
		for _, either := range act.After {
			if !slices.ContainsFunc(either, func(name string) bool { return done[name] || a.Find(name) == nil }) {
				return false
			}
		}
		return true
	}
	for range a {
		for i := range a {
			done[a[i].Name] = done[a[i].Name] || may(&a[i])
		}
	}
	return slices.DeleteFunc(a.names(), func(name string) bool { return done[name] })
}
