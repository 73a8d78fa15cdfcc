package pipeline

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	grid "github.com/jedib0t/go-pretty/v6/table"

	"kaishu/pipeline/publish"
)

// price is what a unit of a resource is worth on a night: the wage of the work and what scarcity adds.
type price struct {
	unit        string // minute or slot
	price, wage float64
}

// readManifest takes the prices of the plan and the night before from run.json.
func (e *explanation) readManifest(dir, asOf string) error {
	m, err := publish.Read(dir, asOf)
	if err != nil {
		return err
	}
	var plan struct {
		Resources []struct {
			Resource, Unit string
			Price, Wage    float64
		} `json:"resources"`
	}
	if data := m.Sections[sectionPlan]; data != nil {
		if err := json.Unmarshal(data, &plan); err != nil {
			return fmt.Errorf("run.json: %s: %w", sectionPlan, err)
		}
	}
	e.prices = map[string]price{}
	for _, r := range plan.Resources {
		e.prices[r.Resource] = price{r.Unit, r.Price, r.Wage}
	}
	var before struct {
		AsOf string `json:"as_of"`
	}
	if data := m.Sections[sectionBefore]; data != nil {
		if err := json.Unmarshal(data, &before); err != nil {
			return fmt.Errorf("run.json: %s: %w", sectionBefore, err)
		}
		e.before = publish.Folder(dir, before.AsOf)
	}
	return nil
}

// options prints every action: what it adds, what its effort is worth, and so why the chosen one was
// chosen and the others were not.
func (e *explanation) options() error {
	o, err := e.load("options.parquet")
	if err != nil || len(o.rows) == 0 {
		return err
	}
	best, chosen := math.Inf(-1), -1
	for _, r := range o.rows {
		if o.show("chosen", r) == "true" {
			best, chosen = o.surplus(r), r
		}
	}
	t := newGrid(e.w, grid.Row{"action", "P(paid)", "with it", "adds", "of costs", "min", "effort worth", "left over", "per effort", "verdict"}, 2, 3, 4, 5, 6, 7, 8, 9)
	for _, r := range o.rows {
		t.AppendRow(grid.Row{o.show("action", r), o.share("p_paid", r, 4), o.share("p_paid_action", r, 4), o.show("expected_recovery", r), o.show("money_cost", r),
			o.share("effort_minutes", r, 1), o.share("effort_price", r, 2), fmt.Sprintf("%.2f", o.surplus(r)), o.perEffort(r), o.verdict(r, chosen, best)})
	}
	t.Render()
	fmt.Fprintln(e.w, "adds: what it adds to business as usual, after its costs; left over: adds - effort worth; per effort: adds / effort worth")
	fmt.Fprintln(e.w, "of what is forbidden: as if it were not; that nobody is contacted while an action works takes nothing off")
	fmt.Fprintln(e.w)
	return nil
}

// amount is a cell of an amount as a number.
func (r *rowsOf) amount(column string, row int) float64 {
	c := r.Column(column)
	return float64(r.DecimalAt(c, row)) / math.Pow10(r.Scale(c))
}

// surplus is what an option adds beyond the worth of its effort.
func (r *rowsOf) surplus(row int) float64 {
	return r.amount("expected_recovery", row) - r.DoubleAt(r.Column("effort_price"), row)
}

func (r *rowsOf) perEffort(row int) string {
	worth := r.DoubleAt(r.Column("effort_price"), row)
	if worth <= 0 {
		return "-"
	}
	return strconv.FormatFloat(r.amount("expected_recovery", row)/worth, 'f', 4, 64)
}

// verdict says why an option was or was not taken.
func (r *rowsOf) verdict(row, chosen int, best float64) string {
	left := r.surplus(row)
	switch {
	case row == chosen:
		return "chosen"
	case r.show("blocked_by", row) != "-":
		return "forbidden: " + strings.ReplaceAll(r.show("blocked_by", row), "_", " ")
	case left <= 0:
		return "its effort is worth more elsewhere"
	case chosen < 0:
		return "no capacity was left"
	case left <= best:
		return "leaves less over than the chosen one"
	}
	return "did not fit into what was left of the capacity"
}

// worklist prints the row and how its value, its effort and its key come about.
func (e *explanation) worklist() error {
	l, at, err := e.one("worklist.parquet")
	if err != nil || at < 0 {
		return err
	}
	v := func(column string) string { return l.show(column, at) }
	fmt.Fprintf(e.w, "rank %s, number %s on the list of %s: %s (%s, %s)\n", v("rank"), v("turn"), v("collector"), v("action"), v("channel"), v("tone"))
	fmt.Fprintf(e.w, "  %s\n", v("why"))
	fmt.Fprintf(e.w, "  ask for %s %s by %s; contact %s; if it does not help: %s\n", v("ask_amount"), v("currency"), v("ask_by"), v("contact"), v("next_step"))
	fmt.Fprintf(e.w, "  say: %s\n\n", v("say"))
	if err := e.value(l, at); err != nil {
		return err
	}
	return e.key(l, at)
}

// value prints what each item adds to the value of the chosen action.
func (e *explanation) value(l *rowsOf, at int) error {
	p, err := e.load("values.parquet")
	if err != nil || len(p.rows) == 0 {
		return err
	}
	head, claim := grid.Row{"item", "past due", "claim", "P(30 d)", "multiplier", "reach", "promise", "P(paid)", "with it", "discount", "tail", "sooner", "adds"}, "claim"
	interest := p.Column("interest")
	if interest >= 0 {
		head, claim = append(head, "interest"), "(claim + interest)"
	}
	part := p.Column("part_payment")
	if part >= 0 {
		head = append(head, "part payment")
	}
	t := newGrid(e.w, head, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	sum := 0.0
	for _, r := range p.rows {
		sum += p.DoubleAt(p.Column("value"), r)
		row := grid.Row{p.show("invoice_id", r), p.show("days_past_due", r), p.share("claim", r, 2), p.share("p_paid_30", r, 4), p.share("multiplier", r, 4),
			p.share("reach", r, 4), p.share("promise", r, 4),
			p.share("p_paid", r, 6), p.share("p_paid_action", r, 6), p.share("discount", r, 6), p.share("tail", r, 4), p.share("sooner", r, 6), p.share("value", r, 2)}
		if interest >= 0 {
			row = append(row, p.share("interest", r, 2))
		}
		if part >= 0 {
			row = append(row, p.share("part_payment", r, 4))
		}
		t.AppendRow(row)
	}
	t.Render()
	o, err := e.load("options.parquet")
	if err != nil {
		return err
	}
	cost := "-"
	for _, r := range o.rows {
		if o.show("chosen", r) == "true" {
			cost = o.show("money_cost", r)
		}
	}
	fmt.Fprintln(e.w, "adds = "+claim+" x ((with it - P(paid)) x discount x (1 - tail) + sooner): paid that would not be, and paid earlier")
	if part >= 0 {
		fmt.Fprintln(e.w, "P(paid), with it: share of the claim that comes in; part payments make a unit of it come in at the item's rate x part payment")
	}
	e.multiplier(p)
	fmt.Fprintf(e.w, "  %.2f together - costs %s = %s\n", sum, cost, l.show("expected_recovery", at))
	return e.effect(l.show("action", at), l.show("effect_source", at))
}

// multiplier prints what the multipliers of the items are made of: only the factor for who is likely to pay
// alone differs from item to item.
func (e *explanation) multiplier(p *rowsOf) {
	if p.Column("menu_multiplier") < 0 {
		return // a night of an earlier version
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range p.rows {
		v := p.DoubleAt(p.Column("self_cure_factor"), r)
		low, high = min(low, v), max(high, v)
	}
	first := p.rows[0]
	fmt.Fprintf(e.w, "multiplier = 1 + (%s - 1) x %s for the reason for arrears x %s for contacts before x %.4f", p.share("menu_multiplier", first, 4),
		p.share("reason_factor", first, 4), p.share("fatigue_factor", first, 4), low)
	if high > low {
		fmt.Fprintf(e.w, " to %.4f", high)
	}
	fmt.Fprintln(e.w, " for being likely to pay alone")
}

// key prints the worth of the effort by resource, and the key by which the list is ranked.
func (e *explanation) key(l *rowsOf, at int) error {
	o, err := e.load("options.parquet")
	if err != nil {
		return err
	}
	for _, r := range o.rows {
		if o.show("chosen", r) != "true" {
			continue
		}
		worth := o.DoubleAt(o.Column("effort_price"), r)
		for _, label := range strings.Split(o.show("draws_on", r), ";") {
			p, ok := e.prices[label]
			if !ok {
				continue
			}
			amount := 1.0
			if p.unit == "minute" {
				amount = math.Round(60*o.DoubleAt(o.Column("effort_minutes"), r)) / 60
			}
			fmt.Fprintf(e.w, "  %s: %.4g %s x (wage %.4f + scarcity %.4f) = %.4f\n", label, amount, p.unit, p.wage, p.price-p.wage, amount*p.price)
		}
		fmt.Fprintf(e.w, "  per effort: %s / %.4f = %s\n\n", l.show("expected_recovery", at), worth, l.share("recovery_per_effort", at, 6))
	}
	return nil
}

// reviews prints what is recommended to the credit manager.
func (e *explanation) reviews() error {
	r, err := e.load("reviews.parquet")
	if err != nil || len(r.rows) == 0 {
		return err
	}
	fmt.Fprintln(e.w, "for the credit manager:")
	for _, i := range r.rows {
		fmt.Fprintf(e.w, "  %s: %s (%s)\n", strings.ReplaceAll(r.show("review", i), "_", " "), r.show("advice", i), r.show("rule", i))
	}
	fmt.Fprintln(e.w)
	return nil
}

// changes prints what is different from the night before.
func (e *explanation) changes() error {
	if e.before == "" {
		return nil
	}
	fmt.Fprintf(e.w, "since %s:\n", strings.TrimPrefix(filepath.Base(e.before), "as_of="))
	any := false
	for _, f := range []struct {
		file    string
		columns []string
	}{
		{"accounts.parquet", []string{"open_amount", "overdue_amount", "collectable_amount", "disputed_amount", "promised_amount", "unapplied_amount", "exposure",
			"days_past_due_max", "invoices_settled", "broken_promises", "kept_promises", "last_payment_on", "last_contact_on", "p_paid_30", "p_90dpd", "risk_grade"}},
		{"worklist.parquet", []string{"rank", "action", "ask_amount", "expected_recovery", "recovery_per_effort"}},
		{"left_alone.parquet", []string{"why"}},
	} {
		now, err := e.load(f.file)
		if err != nil {
			return err
		}
		then, err := e.loadFrom(e.before, f.file)
		if err != nil {
			return err
		}
		for _, column := range f.columns {
			if a, b := then.first(column), now.first(column); a != b {
				fmt.Fprintf(e.w, "  %s: %s -> %s\n", strings.ReplaceAll(column, "_", " "), a, b)
				any = true
			}
		}
	}
	if !any {
		fmt.Fprintln(e.w, "  nothing changed")
	}
	return nil
}

// first is a cell of the customer's only row; "-" without the row or the column.
func (r *rowsOf) first(column string) string {
	if len(r.rows) == 0 || r.Column(column) < 0 {
		return "-"
	}
	if at := r.rows[0]; strings.HasPrefix(column, "p_") || column == "recovery_per_effort" {
		return r.share(column, at, 4)
	} else {
		return r.show(column, at)
	}
}
