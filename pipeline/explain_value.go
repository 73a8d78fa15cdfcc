package pipeline

import (
	"encoding/json"
	"errors"
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
	if errors.Is(err, publish.ErrNoNight) {
		return err
	} else if err != nil {
		return damaged(dir, asOf, err)
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
	language := ""
	if data := m.Sections[sectionLanguage]; data != nil {
		if err := json.Unmarshal(data, &language); err != nil {
			return fmt.Errorf("run.json: %s: %w", sectionLanguage, err)
		}
	}
	e.words = explainIn(language)
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
	t := newGrid(e.w, header(e.words.Options), 2, 3, 4, 5, 6, 7, 8, 9)
	for _, r := range o.rows {
		t.AppendRow(grid.Row{e.words.voc.code(o.show("action", r)), o.share("p_paid", r, 4), o.share("p_paid_action", r, 4), o.show("expected_recovery", r), o.show("money_cost", r),
			o.share("effort_minutes", r, 1), o.share("effort_price", r, 2), thousands(fmt.Sprintf("%.2f", o.surplus(r))), o.perEffort(r), e.verdict(o, r, chosen, best)})
	}
	t.Render()
	e.line("", e.words.OptionsNote)
	e.line("", e.words.ForbiddenNote)
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
	return thousands(strconv.FormatFloat(r.amount("expected_recovery", row)/worth, 'f', 4, 64))
}

// verdict says why an option was or was not taken.
func (e *explanation) verdict(r *rowsOf, row, chosen int, best float64) string {
	t, left := e.words, r.surplus(row)
	switch {
	case row == chosen:
		return t.Chosen
	case r.show("blocked_by", row) != "-":
		return fmt.Sprintf(t.Forbidden, t.voc.name(r.show("blocked_by", row)))
	case left <= 0:
		return t.Elsewhere
	case chosen < 0:
		return t.NoRoom
	case left <= best:
		return t.LessOver
	}
	return t.NotFit
}

// worklist prints the row and how its value, its effort and its key come about.
func (e *explanation) worklist() error {
	l, at, err := e.one("worklist.parquet")
	if err != nil || at < 0 {
		return err
	}
	v := func(column string) string { return l.show(column, at) }
	t := e.words
	action, channel, tone := t.voc.code(v("action")), t.voc.code(v("channel")), t.voc.code(v("tone"))
	if v("collector") == "-" {
		e.line("", t.RankAlone, v("rank"), action, channel, tone)
	} else {
		e.line("", t.Rank, v("rank"), v("turn"), v("collector"), action, channel, tone)
	}
	e.line("  ", "%s", v("why"))
	todo := fmt.Sprintf(t.Ask, v("ask_amount"), v("currency"), v("ask_by"))
	if contact := v("contact"); contact != "-" {
		todo += t.voc.and + fmt.Sprintf(t.Contact, contact)
	}
	if next := v("next_step"); next != "-" {
		todo += t.voc.and + fmt.Sprintf(t.IfNot, next)
	}
	e.line("  ", "%s", todo)
	e.line("  ", t.Say, v("say"))
	fmt.Fprintln(e.w)
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
	words := e.words
	head, claim := header(words.Value), words.Claim
	interest := p.Column("interest")
	if interest >= 0 {
		head, claim = append(head, words.Interest), words.ClaimInterest
	}
	part := p.Column("part_payment")
	if part >= 0 {
		head = append(head, words.Part)
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
	e.line("", words.AddsFormula, claim)
	if part >= 0 {
		e.line("", words.PartNote)
	}
	e.multiplier(p)
	e.line("  ", words.Together, thousands(fmt.Sprintf("%.2f", sum)), cost, l.show("expected_recovery", at))
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
	alone := fmt.Sprintf("%.4f", low)
	if high > low {
		alone = fmt.Sprintf(e.words.Range, alone, fmt.Sprintf("%.4f", high))
	}
	e.line("", e.words.Multiplier, p.share("menu_multiplier", first, 4), p.share("reason_factor", first, 4), p.share("fatigue_factor", first, 4), alone)
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
		t, worth := e.words, o.DoubleAt(o.Column("effort_price"), r)
		for _, label := range strings.Split(o.show("draws_on", r), ";") {
			p, ok := e.prices[label]
			if !ok {
				continue
			}
			amount := 1.0
			if p.unit == "minute" {
				amount = math.Round(60*o.DoubleAt(o.Column("effort_minutes"), r)) / 60
			}
			unit := t.Slot
			if p.unit == "minute" {
				unit = t.Minute
			}
			many := unit[1]
			if amount == 1 {
				many = unit[0]
			}
			e.line("  ", t.Price, t.resource(label), fmt.Sprintf("%.4g", amount), many, fourDigits(p.wage), fourDigits(p.price-p.wage), fourDigits(amount*p.price))
		}
		e.line("  ", t.PerEffort, l.show("expected_recovery", at), fourDigits(worth), l.share("recovery_per_effort", at, 6))
		fmt.Fprintln(e.w)
	}
	return nil
}

// resource is a resource of the plan as run.json calls it, "minutes" or "minutes of col001", in words.
func (t *explainWords) resource(label string) string {
	r := resource{name: label}
	if name, people, pooled := strings.Cut(label, " of "); pooled {
		r.name, r.people = name, people
	}
	return r.onScreen(t.voc)
}

// column is a column of the tables in words.
func (t *explainWords) column(name string) string {
	if word, ok := t.Columns[name]; ok {
		return word
	}
	return strings.ReplaceAll(name, "_", " ")
}

// fourDigits is a price, the last steps of which are small.
func fourDigits(v float64) string { return thousands(strconv.FormatFloat(v, 'f', 4, 64)) }

// reviews prints what is recommended to the credit manager.
func (e *explanation) reviews() error {
	r, err := e.load("reviews.parquet")
	if err != nil || len(r.rows) == 0 {
		return err
	}
	e.line("", e.words.Reviews)
	for _, i := range r.rows {
		e.line("  ", e.words.Review, e.words.voc.name(r.show("review", i)), r.show("advice", i), r.show("rule", i))
	}
	fmt.Fprintln(e.w)
	return nil
}

// changes prints what is different from the night before.
func (e *explanation) changes() error {
	if e.before == "" {
		return nil
	}
	t := e.words
	e.line("", t.Since, strings.TrimPrefix(filepath.Base(e.before), "as_of="))
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
				if column == "action" || column == "why" {
					a, b = t.voc.code(a), t.voc.code(b)
				}
				e.line("  ", t.Changed, t.column(column), a, b)
				any = true
			}
		}
	}
	if !any {
		e.line("  ", t.Nothing)
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
