package pipeline

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"kaishu/pipeline/publish"
	"kaishu/scoring"
)

//go:embed report.html
var reportTemplate string

// pageParts are what the pages have in common: how they look, and charts.
//
//go:embed page.html
var pageParts string

// reportRows is how much of the worklist the report shows: what fits a printed page.
const reportRows = 25

// nightReport is what report.html shows: the night on one page, for those who work with it and answer for it. All of it is in the
// tables and run.json too.
type nightReport struct {
	Version, AsOf, Currency, Customers, Before string

	W          *reportWords
	Care       []string // what to know before the figures are trusted
	Cards      []card
	Ageing     []ageBar
	Cash       *barChart
	Trends     []chart
	All        int // rows of the worklist
	Rows       []reportRow
	Plan       string
	Capacity   []capacityRow
	Actions    []doneRow
	Collectors []doneRow
	Reviews    []reviewRow
	CameSince  string
	Came       []cameRow // payments expected a month ago
	Drift      []shift
	Learned    []string
	Exports    []exportRow
	Gates      []gateRow
}

type ageBar struct {
	Name, Amount, Share string
	Width               float64 // per cent of the largest
	Late                bool
}

// writeReport writes report.html. Like the tables it is the same whatever became known later: rows that the night does not
// know yet are counted in run.json only.
func (n *night) writeReport(stage *publish.Stage) error {
	r, err := n.report()
	if err != nil {
		return fmt.Errorf("writing report.html: %w", err)
	}
	page, err := fillPage(reportTemplate, r)
	if err != nil {
		return fmt.Errorf("writing report.html: %w", err)
	}
	if err := os.WriteFile(stage.Path("report.html"), page, 0o644); err != nil {
		return fmt.Errorf("writing report.html: %w", err)
	}
	return nil
}

// fillPage puts data into the template of a page.
func fillPage(page string, data any) ([]byte, error) {
	t, err := template.New("page").Parse(page + pageParts)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (n *night) report() (*nightReport, error) {
	w := n.pageWords()
	r := &nightReport{Version: Version, AsOf: n.asOf.String(), Currency: n.currency.String(), Customers: grouped(int64(n.customers())), W: w,
		All: len(n.worklist)}
	v := n.voc()
	for _, g := range n.gates {
		r.Gates = append(r.Gates, gateRow{v.code(g.Gate), v.name(g.Result), g.Result != "passed"})
	}
	for _, e := range n.controlTotals().Rows {
		r.Exports = append(r.Exports, exportRow{v.code(e.Export), grouped(e.Used), grouped(e.Rejected)})
	}
	if n.previous != nil {
		r.Before = n.previous.asOf
	}
	r.Care = n.careful()
	r.Cards = n.reportCards(w)
	r.Ageing = n.ageing(w)
	r.Cash = n.cashChart(w)
	r.Trends = n.trends(w)
	list, err := n.load(n.worklist[:min(reportRows, len(n.worklist))])
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		r.Rows = append(r.Rows, n.reportRow(c))
	}
	r.Plan = fmt.Sprintf(w.Plan, n.money(n.worth()), 100*n.solution.Gap)
	r.Capacity = n.capacityRows()
	r.Actions = n.done(func(c *decision) string { return v.name(n.menu.Actions[c.chosen].Name) })
	slices.SortStableFunc(r.Actions, func(a, b doneRow) int { return cmp.Compare(b.adds, a.adds) })
	r.Collectors = n.done(func(c *decision) string { return c.collector })
	slices.SortFunc(r.Collectors, func(a, b doneRow) int { return cmp.Compare(a.Name, b.Name) })
	r.Reviews = n.reviewRows()
	if n.drift != nil {
		r.CameSince = n.drift.Since
		for _, c := range n.drift.Calibration {
			if c.By != "segment" {
				r.Came = append(r.Came, cameRow{w.bucket(cmp.Or(c.Group, "all")), fmt.Sprintf("%.0f", c.Observed), fmt.Sprintf("%.1f", c.Expected), digits(c.Ratio, 2), grouped(int64(c.Items)), c.Alarm})
			}
		}
		for _, s := range append(slices.Clone(n.drift.Features), n.drift.Score) {
			if s.Alarm {
				s.Name = v.code(s.Name)
				r.Drift = append(r.Drift, s)
			}
		}
	}
	r.Learned = printed(n.printLearning)
	return r, nil
}

// printed are the lines of what is said on the screen.
func printed(say func(io.Writer)) []string {
	var out strings.Builder
	say(&out)
	return strings.FieldsFunc(out.String(), func(c rune) bool { return c == '\n' })
}

// careful is what to know first: gates that were passed with a warning, what the run could not use or found odd, and a model that is none.
func (n *night) careful() (out []string) {
	v := n.voc()
	for _, g := range n.gates {
		if g.Result != "passed" {
			out = append(out, v.say(gateFound, v.code(g.Gate), v.name(g.Result), g.said(v)))
		}
	}
	if facts := modelFactsOf(n.scorer()); facts.fallback != "" {
		if few := n.cfg.Risk.MinEvents; facts.training.Payments < few {
			out = append(out, v.say(pooledFew, facts.training.Payments, few))
		} else {
			out = append(out, v.say(pooledOther))
		}
	}
	return append(out, printed(n.printSummary)...)
}

func (n *night) reportCards(w *reportWords) []card {
	open := card{w.Open, n.short(n.ledger.open), ""}
	if n.previous != nil && n.previous.open > 0 {
		open.Note = fmt.Sprintf(w.Change, 100*(float64(n.ledger.open)/float64(n.previous.open)-1), n.previous.asOf)
	}
	cards := []card{open, {w.Overdue, n.short(n.ledger.overdue), fmt.Sprintf(w.OfOpen, n.voc().perCent(ratio(n.ledger.overdue, n.ledger.open, true)))}}
	whole := n.wholePortfolio()
	now, then := whole.At(0, n.asOf), whole.At(1, n.asOf)
	dso := card{w.DSO, digits(now.DSO[scoring.Window365], 1), ""}
	if before := digits(then.DSO[scoring.Window365], 1); before != "" {
		dso.Note = fmt.Sprintf(w.MonthBefore, before)
	}
	if dso.Value != "" {
		cards = append(cards, dso)
	}
	if len(n.cashBase) > 0 {
		week := n.cashBase[0]
		cards = append(cards, card{w.CashWeek, n.short(week.expected), fmt.Sprintf("%s – %s", n.short(week.low), n.short(week.high))})
	}
	return append(cards, card{w.Adds, n.short(n.worth()), fmt.Sprintf(w.FromRows, len(n.worklist))})
}

// ageing is the open amount by days past due.
func (n *night) ageing(w *reportWords) (out []ageBar) {
	sum := n.wholePortfolio()
	open := sum.Ends[0].Open
	total, _ := sum.Ends[0].Total()
	most := int64(0)
	for b := scoring.NotDue; b <= scoring.Over120; b++ {
		most = max(most, minor(open[b]))
	}
	if most <= 0 {
		return nil
	}
	for b := scoring.NotDue; b <= scoring.Over120; b++ {
		v := minor(open[b])
		out = append(out, ageBar{w.bucket(bucketNames[b]), n.short(v), n.voc().perCent(ratio(v, minor(total), true)), math.Round(1000*float64(v)/float64(most)) / 10, b != scoring.NotDue})
	}
	return out
}

// minor is a sum in minor units; what the tables hold fits, or the night would have ended before.
func minor(sum scoring.Sum) int64 {
	v, _ := sum.Int64()
	return v
}

// trends are the days sales outstanding and the share overdue at the month-ends of a year.
func (n *night) trends(w *reportWords) (out []chart) {
	sum, ends := n.wholePortfolio(), scoring.Ends(n.asOf)
	lines := [3]series{{class: "night"}, {class: "base_rate"}, {class: "night"}} // DSO, best possible, share overdue
	var ticks []tick
	for k := scoring.PeriodEnds - 1; k >= 0; k-- {
		x := 1 - float64(k)/float64(scoring.PeriodEnds-1)
		if k%4 == 0 {
			ticks = append(ticks, tick{x, ends[k].String()[:7]})
		}
		in := sum.At(k, n.asOf)
		total, overdue := sum.Ends[k].Total()
		for i, y := range [...]float64{in.DSO[scoring.Window365], in.BestPossible, 100 * ratio(minor(overdue), minor(total), true)} {
			if !math.IsNaN(y) && !math.IsInf(y, 0) {
				s := &lines[i]
				s.x, s.y, s.title = append(s.x, x), append(s.y, y), append(s.title, fmt.Sprintf("%s: %.1f", ends[k], y))
			}
		}
	}
	if len(lines[0].x) > 1 {
		out = append(out, plot(w.DSO, w.DSONote, lines[:2], true, ticks))
	}
	if len(lines[2].x) > 1 {
		out = append(out, plot(w.OverdueShare, w.OverdueNote, lines[2:], true, ticks))
	}
	return out
}

// hours are minutes of work in hours.
func (w *reportWords) hours(minutes float64) string { return fmt.Sprintf(w.Hours, minutes/60) }

// grouped is a count with separators of thousands.
func grouped(v int64) string { return thousands(strconv.FormatInt(v, 10)) }

// short is an amount to three digits in the large units of the language, for where there is little room.
func (n *night) short(v int64) string {
	w := n.pageWords()
	if n.currency.String() == "JPY" && w.Yen != "" {
		return w.shortNumber(float64(v)/n.unit()) + w.Yen
	}
	return w.shortNumber(float64(v)/n.unit()) + " " + n.currency.String()
}

func (w *reportWords) shortNumber(x float64) string {
	for _, large := range w.Large {
		if y := x / large.of; math.Abs(y) >= .9995 {
			decimals := 2
			for limit := 9.995; math.Abs(y) >= limit && decimals > 0; limit *= 10 {
				decimals--
			}
			return thousands(fmt.Sprintf("%.*f", decimals, y)) + large.name
		}
	}
	return thousands(fmt.Sprintf("%.0f", x))
}

// axisNumber is shortNumber without the zeros that the marks of an axis have no need of.
func (w *reportWords) axisNumber(x float64) string {
	for _, large := range w.Large {
		if x >= large.of {
			return fmt.Sprintf("%.4g%s", x/large.of, large.name)
		}
	}
	return fmt.Sprintf("%.4g", x)
}

// pageWords are the labels in the night's language.
func (n *night) pageWords() *reportWords { return pageWordsOf(n.voc()) }

// pageWordsOf are the labels in the language of a vocabulary.
func pageWordsOf(v *vocabulary) *reportWords { return wordsIn(v, &reportEnglish, &reportJapanese) }
