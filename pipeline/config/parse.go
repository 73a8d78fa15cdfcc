package config

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"kaishu/scoring"
)

// Parse reads a configuration from data. The name stands in the faults; relative paths start
// at dir. The error is a *Faults.
func Parse(name string, data []byte, dir string) (*Config, error) {
	faults := &Faults{File: name}
	c := parse(faults, data, dir)
	if len(faults.List) > 0 {
		faults.sort()
		return nil, faults
	}
	return c, nil
}

// parse reads the sections in an order in which each finds what it depends on: the defaults
// need the currency, the capacities need the resources that the actions name.
func parse(faults *Faults, data []byte, dir string) *Config {
	root, ok := document(faults, data)
	if !ok {
		return nil
	}
	m := newMapping(faults, "", root, root)
	currency := "JPY"
	if s, n, ok := m.scalar("currency"); ok {
		if _, err := scoring.ParseCurrency(s); err == nil {
			currency = s
		} else {
			m.fault(n, "currency", "write the three letters of ISO 4217, such as JPY", "%v", err)
		}
	}
	c := defaults(currency)
	c.Dir = dir
	m.choice("language", &c.Language, "en", "ja")
	m.date("as_of", &c.AsOf)
	m.text("output", &c.Output)
	c.Output = resolve(dir, c.Output)
	m.choice("items", &c.Items, "open", "all")
	m.memory("memory", &c.Memory)
	if m.text("temp_dir", &c.TempDir) {
		c.TempDir = resolve(dir, c.TempDir)
	}
	if m.text("state", &c.State) {
		c.State = resolve(dir, c.State)
	}
	m.integer("workers", &c.Workers, 0, MaxWorkers)
	c.Exports.parse(m.sub("exports"), dir)
	c.Gates.parse(m.sub("gates"))
	c.Allocation.parse(m.sub("allocation"))
	c.Ledger.parse(m.sub("ledger"))
	c.Calendar.parse(m.sub("calendar"), dir)
	c.Risk.parse(m.sub("risk"))
	actions := m.sub("actions")
	c.Actions.parse(actions)
	c.Capacity.parse(m.sub("capacity"), c.Actions, dir)
	c.Actions.check(actions, &c.Capacity)
	c.Policy.parse(m.sub("policy"), c.Actions)
	c.Interest.parse(m.sub("interest"))
	c.Learning.parse(m.sub("learning"))
	c.Reviews.parse(m.sub("reviews"))
	c.Letters.parse(m.sub("letters"), dir)
	m.done()
	return c
}

// document is the root of the one YAML document in data.
func document(faults *Faults, data []byte) (*yaml.Node, bool) {
	fail := func(line, column int, hint, msg string) (*yaml.Node, bool) {
		faults.List = append(faults.List, Fault{Line: max(1, line), Column: max(1, column), Msg: msg, Hint: hint})
		return nil, false
	}
	if at := notText(data); at >= 0 {
		return fail(1+bytes.Count(data[:at], []byte("\n")), 1, "save the file as UTF-8", "is not UTF-8 text")
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return fail(1, 1, "", err.Error())
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		return fail(1, 1, "it needs at least exports.invoices and exports.payments", "the file is empty")
	} else if err != nil {
		return fail(syntax(err))
	}
	if err := loader.Load(&second); err == nil {
		return fail(second.Line, second.Column, "keep the first one only", "a second document begins here")
	} else if !errors.Is(err, io.EOF) {
		return fail(syntax(err))
	}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		return doc.Content[0], true
	}
	return &doc, true
}

// syntax is the place of a YAML error, a hint for the one that editors make, and the message.
func syntax(err error) (line, column int, hint, msg string) {
	var bad *yaml.LoadError
	if !errors.As(err, &bad) {
		return 1, 1, "", "is not YAML: " + err.Error()
	}
	msg = "is not YAML: " + bad.Message
	if bad.ContextMsg != "" {
		msg += " (" + bad.ContextMsg + " that begins on line " + strconv.Itoa(bad.ContextMark.Line) + ")"
	}
	if strings.Contains(bad.Message, "cannot start any token") {
		hint = "YAML is indented with blanks, never with tabs, and a value that begins with @, ` or % stands in quotes"
	}
	return bad.Mark.Line, bad.Mark.Column, hint, msg
}

// notText is the place of the first byte that is not UTF-8 text, or -1.
func notText(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// resolve is a path of the file as seen from where the program runs.
func resolve(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// memory reads a size such as 1GiB.
func (m *mapping) memory(key string, into *int64) {
	s, n, ok := m.scalar(key)
	if !ok {
		return
	}
	const least = 16 << 20
	digits := strings.TrimRight(s, "KMGTiB ")
	v, err := strconv.ParseFloat(digits, 64)
	unit := map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}[strings.TrimSpace(s[len(digits):])]
	switch {
	case err != nil || !plainNumber(digits) || unit == 0:
		m.fault(n, m.join(key), "write a number and a unit, such as 512MiB or 2GiB", "%q is not a size", shorten(s))
	case v*unit < least || v*unit > 1<<50:
		m.fault(n, m.join(key), "", "%s is not in 16MiB..1024TiB", s)
	default:
		*into = int64(v * unit)
	}
}

// level reads the level of a gate.
func (m *mapping) level(key string, into *Level, words ...Level) {
	s := string(*into)
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	m.choice(key, &s, list...)
	*into = Level(s)
}

func (g *Gates) parse(m *mapping) {
	for _, name := range GateNames() {
		if name == "totals" {
			m.level(name, g.level(name), Stop)
			continue
		}
		m.level(name, g.level(name), Stop, Warn, Off)
	}
	m.number("max_reject_share", &g.MaxRejectShare, 0, 1)
	m.number("max_unapplied_share", &g.MaxUnappliedShare, 0, 1)
	m.number("max_row_change", &g.MaxRowChange, 0, 1e6)
	m.number("max_open_change", &g.MaxOpenChange, 0, 1e6)
	m.integer("newest_payment_days", &g.NewestPaymentDays, 0, 3650)
	m.integer("truncated_days", &g.TruncatedDays, 1, 3650)
	m.done()
}

func (a *Allocation) parse(m *mapping) {
	m.choice("unapplied", &a.Unapplied, "hold", "oldest_first", "exact_then_oldest")
	m.boolean("charges_first", &a.ChargesFirst)
	m.number("bank_fee", &a.BankFee, 0, 1e12)
	m.done()
}

func (l *Ledger) parse(m *mapping) {
	m.integer("grace", &l.Grace, 0, 365)
	m.integer("horizon", &l.Horizon, 0, 365)
	m.integer("known_lag", &l.KnownLag, 0, 365)
	m.integer("promise_tolerance", &l.PromiseTolerance, 0, 365)
	m.integer("rate_max_age", &l.RateMaxAge, 0, 3650)
	m.done()
}

func (r *Risk) parse(m *mapping) {
	m.integer("weeks", &r.Weeks, 4, 1040)
	m.number("ridge", &r.Ridge, 0, 1e9)
	m.integer("max_rows", &r.MaxRows, 1000, 1_000_000_000)
	m.integer("min_events", &r.MinEvents, 1, 1_000_000_000)
	m.choice("challenger", &r.Challenger, "off", "auto")
	m.integer("horizon", &r.Horizon, 7, 3650)
	m.choice("part_payments", &r.PartPayments, "learned", "off")
	m.number("cost_of_capital", &r.CostOfCapital, 0, 10)
	m.number("lgd", &r.LGD, 0, 1)
	if m.get("tail") != nil {
		r.Tail = parseTail(m.sub("tail"))
	}
	m.done()
}

// parseReasons changes the factors that the file gives and adds others.
func parseReasons(m *mapping, into map[string]float64) {
	for _, n := range m.keys {
		name := follow(n).Value
		factor := into[name]
		m.number(name, &factor, 0, 10)
		into[name] = factor
	}
}

// parseTail reads recovery by age.
func parseTail(m *mapping) Tail {
	var tail Tail
	at := map[int]*yaml.Node{}
	for _, n := range m.keys {
		key := follow(n).Value
		var p TailPoint
		days, err := strconv.Atoi(key)
		if err != nil || days < 0 || days > 36500 || strconv.Itoa(days) != key {
			m.get(key)
			m.fault(n, m.join(shorten(key)), "write 60: 0.85 for 85 % at 60 days past due", "is not a number of days past due")
			continue
		}
		p.Days, p.Share = days, math.NaN()
		if m.number(key, &p.Share, 0, 1); !math.IsNaN(p.Share) {
			tail, at[days] = append(tail, p), n
		}
	}
	slices.SortFunc(tail, func(a, b TailPoint) int { return cmp.Compare(a.Days, b.Days) })
	for i := 1; i < len(tail); i++ {
		if tail[i].Share > tail[i-1].Share {
			m.fault(at[tail[i].Days], m.join(strconv.Itoa(tail[i].Days)), "",
				"recovery rises with age: %v at %d days, %v before", tail[i].Share, tail[i].Days, tail[i-1].Share)
		}
	}
	if len(tail) == 0 && len(m.keys) == 0 {
		m.fault(m.node, m.path, "remove the key for its default", "is empty")
	}
	return tail
}

func (p *Policy) parse(m *mapping, actions Actions) {
	m.boolean("do_not_contact", &p.DoNotContact)
	m.boolean("insolvent", &p.Insolvent)
	m.boolean("represented", &p.Represented)
	m.integer("max_contacts_7", &p.MaxContacts7, 0, 1000)
	m.integer("max_contacts_30", &p.MaxContacts30, 0, 1000)
	m.integer("min_days_between", &p.MinDaysBetween, 0, 3650)
	m.integer("max_visits_30", &p.MaxVisits30, 0, 1000)
	p.parseQuietDays(m)
	m.integer("cover_days", &p.CoverDays, 0, 3650)
	m.number("cover_amount", &p.CoverAmount, 0, 1e15)
	p.Rules = parseRules(m, actions)
	m.number("materiality", &p.Materiality, 0, 1e15)
	m.boolean("wait_promise", &p.WaitPromise)
	m.boolean("wait_dispute", &p.WaitDispute)
	m.boolean("wait_effect", &p.WaitEffect)
	m.boolean("talk_first", &p.TalkFirst)
	m.boolean("wait_agency", &p.WaitAgency)
	m.boolean("habit_grace", &p.HabitGrace)
	m.integer("habit_days", &p.HabitDays, 0, 365)
	m.number("habit_probability", &p.HabitProbability, 0, 1)
	m.number("fatigue", &p.Fatigue, 0, 1)
	parseReasons(m.sub("reasons"), p.Reasons)
	m.number("self_cure_from", &p.SelfCureFrom, 0, 1)
	m.number("self_cure_to", &p.SelfCureTo, 0, 1)
	m.number("self_cure_cap", &p.SelfCureCap, 1, 100)
	if p.SelfCureFrom > p.SelfCureTo {
		m.fault(m.node, m.join("self_cure_from"), "", "%v is more than self_cure_to, %v", p.SelfCureFrom, p.SelfCureTo)
	}
	m.done()
}

// parseQuietDays reads dates and names of weekdays.
func (p *Policy) parseQuietDays(m *mapping) {
	weekdays := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	days, nodes := m.texts("quiet_days")
	for i, day := range days {
		if !isDate(day) && !slices.Contains(weekdays, day) {
			m.fault(nodes[i], m.join("quiet_days"), cmp.Or(nearest(day, weekdays), "write 2026-12-29 or friday"), "%q is neither a date nor a weekday", shorten(day))
		}
	}
	slices.Sort(days)
	p.QuietDays = append([]string{}, slices.Compact(days)...)
}
