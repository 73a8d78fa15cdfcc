package pipeline

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kaishu/scoring"
)

//go:embed backtest.html
var backtestPage string

// page is backtest.html: the figures as charts and tables, in one file that needs no network.
func (b *backtest) page() ([]byte, error) { return fillPage(backtestPage, b.pageData()) }

// pageData is what the template shows.
type pageData struct {
	Title, Until, Version string
	Origins               []string
	Items                 int
	Cards                 []card
	Warnings              []string
	Lines                 []chart // a figure by origin
	Reliability           []chart // by horizon
	Money                 []chart // captured, by share of the items
	Groups                []group
	Tables                []pageTable
	Models                []legend // and baselines
	Compared              []string // models
}

type card struct{ Name, Value, Note string }

type legend struct{ Name, Class, Words string }

// pageTable is one horizon's figures; of every column the best cell is marked.
type pageTable struct {
	Name string
	Head []string
	Rows []pageRow
}

type pageRow struct {
	Name  string
	Model bool // not a baseline
	Cells []pageCell
}

type pageCell struct {
	Text string
	Best bool
}

// group is calibration by bucket or segment at one horizon, all origins together.
type group struct {
	Name, Kind string
	Items      int
	Observed   string
	Models     []groupModel
}

// groupModel is what one of the models expected of the group.
type groupModel struct {
	Expected, Ratio, Z string
	Off                bool // beyond what chance explains
}

func (b *backtest) pageData() *pageData {
	d := &pageData{Title: fmt.Sprintf("Backtest of %s", plural(len(b.origins), "month-end")), Until: b.end.String(), Version: Version}
	for _, o := range b.origins {
		d.Origins = append(d.Origins, o.day.String())
		d.Items += len(o.items)
		for _, w := range b.warnings(o) {
			d.Warnings = append(d.Warnings, o.day.String()+": "+w)
		}
	}
	for _, name := range b.names() {
		d.Models = append(d.Models, legend{shown(name), name, b.rivalWords()[name]})
	}
	d.Compared = b.models
	d.Cards = b.cards()
	d.Lines = b.lineCharts()
	for h, days := range horizons {
		if b.mean(days, b.lead()) == nil {
			continue
		}
		d.Reliability = append(d.Reliability, b.reliability(h))
		d.Tables = append(d.Tables, b.pageTable(days))
	}
	if h := b.mainHorizon(); h >= 0 {
		d.Money = []chart{
			b.captured("Cash found", "share of the cash of "+within(h)+", by share of the items taken first", h, (*origin).byMoney, (*origin).paidMoney),
			b.captured("Late money found", "share of the money past due after "+within(h)+", by share of the items taken first", h, (*origin).byLate, (*origin).lateMoney),
		}
		d.Groups = b.groups(h)
	}
	return d
}

func shown(name string) string { return strings.ReplaceAll(name, "_", " ") }

func within(h int) string { return fmt.Sprintf("%d days", horizons[h]) }

// mainHorizon is 30 days or, where the data do not reach so far, 7; -1 without either.
func (b *backtest) mainHorizon() int {
	for _, h := range []int{1, 0} {
		if b.mean(horizons[h], b.lead()) != nil {
			return h
		}
	}
	return -1
}

func (b *backtest) cards() (out []card) {
	h := b.mainHorizon()
	if h < 0 {
		return nil
	}
	m := b.mean(horizons[h], b.lead())
	best := func(pick func(*figure) float64, high bool) string {
		value, name := nan, ""
		for _, rival := range naiveNames {
			if f := b.mean(horizons[h], rival); f != nil {
				if x := pick(f); x == x && (name == "" || (x > value) == high && x != value) {
					value, name = x, rival
				}
			}
		}
		if name == "" {
			return ""
		}
		return fmt.Sprintf("best baseline %.3g (%s)", value, shown(name))
	}
	return []card{
		{"AUC, " + within(h), digits(m.auc, 3), b.others(h, func(f *figure) string { return digits(f.auc, 3) }) + best(func(f *figure) float64 { return f.auc }, true)},
		{"Log loss", digits(m.logLoss, 3), b.others(h, func(f *figure) string { return digits(f.logLoss, 3) }) + best(func(f *figure) float64 { return f.logLoss }, false)},
		{"Calibration error", digits(m.ece, 3), b.others(h, func(f *figure) string { return digits(f.ece, 3) }) + "chance alone would show about " + digits(m.eceFloor, 3)},
		{"Expected / actual cash", digits(m.cash, 2), b.others(h, func(f *figure) string { return digits(f.cash, 2) }) + "1 is right"},
		{"Days error", digits(m.daysError, 2), b.others(h, func(f *figure) string { return digits(f.daysError, 2) }) + best(func(f *figure) float64 { return f.daysError }, false)},
		{"Late money in the top tenth", percent(m.late), b.others(h, func(f *figure) string { return percent(f.late) }) + best(func(f *figure) float64 { return 100 * f.late }, true)},
	}
}

// others is a figure of the models beside the leading one.
func (b *backtest) others(h int, text func(*figure) string) string {
	out := ""
	for _, name := range b.models[1:] {
		if f := b.mean(horizons[h], name); f != nil {
			out += fmt.Sprintf("%s %s; ", name, text(f))
		}
	}
	return out
}

// tally of a group of items under every model.
type groupTally struct {
	n, paid            float64
	expected, variance []float64 // by model
}

// groups is calibration by ageing bucket and by segment at a horizon.
func (b *backtest) groups(h int) (out []group) {
	fresh := func() *groupTally {
		return &groupTally{expected: make([]float64, len(b.models)), variance: make([]float64, len(b.models))}
	}
	var buckets [scoring.Buckets]*groupTally
	for i := range buckets {
		buckets[i] = fresh()
	}
	segments := map[string]*groupTally{}
	for _, o := range b.origins {
		if o.day+scoring.Day(horizons[h]) > b.end {
			continue
		}
		for i := range o.items {
			t := &o.items[i]
			y, known := t.ended(horizons[h])
			if !known {
				continue
			}
			s := segments[t.segment]
			if s == nil {
				s = fresh()
				segments[t.segment] = s
			}
			for _, to := range []*groupTally{buckets[t.bucket], s} {
				to.n++
				if y {
					to.paid++
				}
				for m := range b.models {
					p := o.rivals[m].paid[h][i]
					to.expected[m] += p
					to.variance[m] += float64(p * (1 - p))
				}
			}
		}
	}
	for i, t := range buckets {
		if t.n > 0 {
			out = append(out, t.group("past due", bucketNames[i]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(segments)) {
		if name != "" {
			out = append(out, segments[name].group("segment", name))
		}
	}
	return out
}

func (t *groupTally) group(kind, name string) group {
	g := group{Name: shown(name), Kind: kind, Items: int(t.n), Observed: percent(t.paid / t.n)}
	for m, expected := range t.expected {
		z := (t.paid - expected) / math.Sqrt(t.variance[m])
		g.Models = append(g.Models, groupModel{Expected: percent(expected / t.n), Ratio: digits(t.paid/expected, 3), Z: digits(z, 1),
			Off: math.Abs(z) > driftZ && math.Abs(math.Log(t.paid/expected)) > driftRatio})
	}
	return g
}

// pageTable is the mean figures of all models at a horizon.
func (b *backtest) pageTable(days int32) pageTable {
	columns := []struct {
		name string
		best int // 1: the highest, -1: the lowest, 0: none
		text func(f *figure) string
		pick func(f *figure) float64
	}{
		{"AUC", 1, nil, func(f *figure) float64 { return f.auc }}, {"KS", 1, nil, func(f *figure) float64 { return f.ks }},
		{"Brier", -1, nil, func(f *figure) float64 { return f.brier }}, {"log loss", -1, nil, func(f *figure) float64 { return f.logLoss }},
		{"ECE", -1, nil, func(f *figure) float64 { return f.ece }}, {"noise", 0, nil, func(f *figure) float64 { return f.eceFloor }},
		{"slope", 0, nil, func(f *figure) float64 { return f.slope }}, {"intercept", 0, nil, func(f *figure) float64 { return f.intercept }},
		{"days error", -1, nil, func(f *figure) float64 { return f.daysError }}, {"cash e/a", 0, nil, func(f *figure) float64 { return f.cash }},
		{"cash, top tenth", 1, func(f *figure) string { return percent(f.money) }, func(f *figure) float64 { return f.money }},
		{"late money, top tenth", 1, func(f *figure) string { return percent(f.late) }, func(f *figure) float64 { return f.late }},
	}
	all := b.mean(days, b.lead())
	t := pageTable{Name: fmt.Sprintf("Paid within %d days: %d items with an outcome, %s paid, %d left out (credited, written off)", days, all.items, percent(all.baseRate), all.excluded)}
	for _, c := range columns {
		t.Head = append(t.Head, c.name)
	}
	for _, name := range b.names() {
		f := b.mean(days, name)
		row := pageRow{Name: shown(name), Model: slices.Contains(b.models, name)}
		for _, c := range columns {
			text := digits(c.pick(f), 3)
			if c.text != nil {
				text = c.text(f)
			}
			row.Cells = append(row.Cells, pageCell{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	for k, c := range columns {
		at, best := -1, nan
		for i, name := range b.names() {
			if v := c.pick(b.mean(days, name)); c.best != 0 && v == v && (at < 0 || (v-best)*float64(c.best) > 0) {
				at, best = i, v
			}
		}
		if at >= 0 {
			t.Rows[at].Cells[k].Best = true
		}
	}
	return t
}
