package pipeline

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"kaishu/scoring"
	"kaishu/scoring/treatment"
	"kaishu/scoring/trial"
)

// The purposes of draws.
const (
	purposeHoldout = "holdout"
	purposeExplore = "explore"
)

// unit is what is held out or not as a whole: the group of the topmost parent, else the customer.
func (c *customer) unit() string {
	if c.group != nil {
		return c.group.id
	}
	return c.Customer
}

// heldOut reports whether the lot holds a customer out of everything optional, from the day of the
// comparison on. It depends on the salt and the unit alone, so that it needs no memory.
func (n *night) heldOut(c *customer) bool {
	l := &n.cfg.Learning
	if l.Holdout == 0 || n.workDay < n.holdoutSince() {
		return false
	}
	u, _ := trial.Draw(l.Salt, purposeHoldout, c.unit(), 0)
	return u < l.Holdout
}

// holdoutSince is the first day of the comparison, NoDay without one.
func (n *night) holdoutSince() scoring.Day {
	if n.cfg.Learning.Holdout == 0 {
		return scoring.NoDay
	}
	day, err := scoring.ParseDay(n.cfg.Learning.HoldoutSince)
	if err != nil {
		return scoring.NoDay // the configuration has been checked
	}
	return day
}

// holdOut forbids everything that is still allowed.
func (n *night) holdOut(d *decision) {
	d.out, d.choices = true, nil
	if n.kept != nil {
		n.kept[d.at].holdOut()
	}
}

// holdOut does so to the options of a customer.
func (c *customer) holdOut() {
	for k := range c.options {
		if o := &c.options[k]; o.BlockedBy == treatment.Free {
			o.BlockedBy = treatment.Holdout
		}
	}
}

// comparison is what the holdout says. Amounts are minor units per unit.
type comparison struct {
	since  scoring.Day
	passed int // days of the window, TrialDays at most
	trial.Lift
	strata []stratum
}

// stratum is a part of the comparison: units alike in age and amount on the day before it began.
type stratum struct {
	age, amount string
	trial.Lift
}

// Ages of the oldest open item, days past due, by which strata are told apart.
var stratumAges = [...]struct {
	name string
	from int32
}{{"not_due", math.MinInt32}, {"1-30", 1}, {"31-90", 31}, {"over_90", 91}}

// compare measures what working the accounts is worth, from the exports alone: who is held out follows from
// the salt, cash and balances from the ledger. Units with nothing open before the first day are in
// neither arm.
func (n *night) compare() error {
	since := n.holdoutSince()
	if since == scoring.NoDay {
		return nil
	}
	l := &n.cfg.Learning
	c := &comparison{since: since, passed: int(min(max(n.asOf-since+1, 0), scoring.TrialDays))}
	at := map[string]int{}
	var units []trial.Unit
	var ages []int32
	err := n.each(func(who *customer) error {
		t := &who.Trial
		if !t.Seen {
			return nil
		}
		name := strings.Clone(who.unit())
		i, met := at[name]
		if !met {
			i = len(units)
			at[name] = i
			u, _ := trial.Draw(l.Salt, purposeHoldout, name, 0)
			units, ages = append(units, trial.Unit{Held: u < l.Holdout}), append(ages, math.MinInt32)
		}
		u := &units[i]
		u.Open += float64(t.Open)
		u.Prior += float64(t.Prior)
		u.Cash += float64(t.Cash)
		ages[i] = max(ages[i], t.PastDue)
		return nil
	})
	if err != nil {
		return err
	}
	running := c.passed < scoring.TrialDays
	c.Lift = trial.Measure(units, l.HoldoutDetect, running)
	c.strata = strata(units, ages, l.HoldoutDetect, running)
	n.comparison = c
	return nil
}

// strata measures units by age and by whether they owe more than the median.
func strata(units []trial.Unit, ages []int32, detect float64, running bool) []stratum {
	if len(units) == 0 {
		return nil
	}
	open := make([]float64, len(units))
	for i := range units {
		open[i] = units[i].Open
	}
	slices.Sort(open)
	median := open[len(open)/2]
	parts := make([][]trial.Unit, 2*len(stratumAges))
	for i := range units {
		k := 0
		for k+1 < len(stratumAges) && ages[i] >= stratumAges[k+1].from {
			k++
		}
		k *= 2
		if units[i].Open >= median {
			k++
		}
		parts[k] = append(parts[k], units[i])
	}
	var out []stratum
	for k, part := range parts {
		if len(part) > 0 {
			out = append(out, stratum{stratumAges[k/2].name, [...]string{"below_median", "from_median"}[k%2], trial.Measure(part, detect, running)})
		}
	}
	return out
}

// verdict says what is missing for the lift to be measurable, that it is measured when nothing is.
func (c *comparison) verdict(v *vocabulary) string {
	more := ""
	switch {
	case c.Needed == 0:
		more = v.say(heldPayers)
	case c.Needed > c.Held:
		more = v.say(heldMore, c.Needed-c.Held)
	}
	if left := scoring.TrialDays - c.passed; left > 0 {
		days := v.count(int32(left), unitMoreDay)
		if more != "" {
			more = v.say(heldBoth, days, more)
		} else {
			more = days
		}
	}
	if more == "" {
		return v.say(heldMeasured)
	}
	return v.say(heldNeeds, more)
}

// holdoutSection is the comparison in run.json. Amounts are in units of the reporting currency.
func (n *night) holdoutSection() any {
	type arms struct {
		Age          string   `json:"days_past_due,omitempty"`
		Amount       string   `json:"open_amount,omitempty"`
		Worked       int      `json:"worked"`
		Held         int      `json:"held_out"`
		CashWorked   *float64 `json:"cash_per_unit_worked"`
		CashHeld     *float64 `json:"cash_per_unit_held_out"`
		Lift         *float64 `json:"lift_per_unit"`
		Low          *float64 `json:"low"`
		High         *float64 `json:"high"`
		NeededHeldIn int      `json:"needed_held_out,omitempty"`
	}
	c := n.comparison
	of := func(l *trial.Lift, age, amount string) arms {
		return arms{age, amount, l.Worked, l.Held, maybe(l.CashWorked / n.unit()), maybe(l.CashHeld / n.unit()), maybe(l.Lift / n.unit()),
			maybe(l.Low / n.unit()), maybe(l.High / n.unit()), l.Needed}
	}
	parts := []arms{}
	for i := range c.strata {
		s := &c.strata[i]
		parts = append(parts, of(&s.Lift, s.age, s.amount))
	}
	return map[string]any{
		"share": n.cfg.Learning.Holdout, "since": c.since.String(), "window_days": scoring.TrialDays, "days_passed": c.passed,
		"detect": n.cfg.Learning.HoldoutDetect, "verdict": c.verdict(&english), "all": of(&c.Lift, "", ""), "strata": parts,
	}
}

// printHoldout says what working the accounts is worth, or what is missing to say so.
func (n *night) printHoldout(w io.Writer) {
	c := n.comparison
	if c == nil {
		return
	}
	v := n.voc()
	rest := c.verdict(v)
	if !math.IsNaN(c.Lift.Lift) {
		amount := func(x float64) string { return n.money(int64(math.Round(x))) }
		rest = v.say(heldAdds, amount(c.Lift.Lift), scoring.TrialDays, amount(c.Low), amount(c.High)) + v.and + rest
	}
	fmt.Fprintln(w, v.say(heldArms, c.since, c.Worked, c.Held, rest))
}
