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
	W                     *backtestWords
	Title, Intro, Version string
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
	w, v := b.words(), b.voc()
	d := &pageData{W: w, Title: fmt.Sprintf(w.Title, v.count(int32(len(b.origins)), unitMonthEnd)), Version: Version}
	var origins []string
	items := 0
	for _, o := range b.origins {
		origins = append(origins, o.day.String())
		items += len(o.items)
		for _, warning := range b.warnings(o, w) {
			d.Warnings = append(d.Warnings, o.day.String()+": "+warning)
		}
	}
	for _, name := range b.names() {
		d.Models = append(d.Models, legend{v.name(name), name, b.rivalWords(w)[name]})
	}
	for _, name := range b.models {
		d.Compared = append(d.Compared, v.name(name))
	}
	each := ""
	if len(b.models) > 1 {
		each = fmt.Sprintf(w.Each, strings.Join(d.Compared, ", "))
	}
	d.Intro = fmt.Sprintf(w.Intro, strings.Join(origins, ", "), items, each, b.end)
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
			b.captured(w.Found, fmt.Sprintf(w.FoundNote, b.within(h)), h, (*origin).byMoney, (*origin).paidMoney),
			b.captured(w.FoundLate, fmt.Sprintf(w.FoundLateNote, b.within(h)), h, (*origin).byLate, (*origin).lateMoney),
		}
		d.Groups = b.groups(h)
	}
	return d
}

// within is a horizon in words.
func (b *backtest) within(h int) string { return fmt.Sprintf(b.words().Within, horizons[h]) }

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
	w, v := b.words(), b.voc()
	h := b.mainHorizon()
	if h < 0 {
		return nil
	}
	m := b.mean(horizons[h], b.lead())
	three := func(x float64) string { return fmt.Sprintf("%.3g", x) }
	best := func(pick func(*figure) float64, high bool, text func(float64) string) string {
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
		return fmt.Sprintf(w.Best, text(value), v.name(name))
	}
	return []card{
		{"AUC, " + b.within(h), digits(m.auc, 3), b.others(h, func(f *figure) string { return digits(f.auc, 3) }) + best(func(f *figure) float64 { return f.auc }, true, three)},
		{w.LogLoss, digits(m.logLoss, 3), b.others(h, func(f *figure) string { return digits(f.logLoss, 3) }) + best(func(f *figure) float64 { return f.logLoss }, false, three)},
		{w.Calibration, digits(m.ece, 3), b.others(h, func(f *figure) string { return digits(f.ece, 3) }) + fmt.Sprintf(w.Chance, digits(m.eceFloor, 3))},
		{w.Cash, digits(m.cash, 2), b.others(h, func(f *figure) string { return digits(f.cash, 2) }) + w.IsRight},
		{w.DaysError, digits(m.daysError, 2), b.others(h, func(f *figure) string { return digits(f.daysError, 2) }) + best(func(f *figure) float64 { return f.daysError }, false, three)},
		{w.Late, v.perCent(m.late), b.others(h, func(f *figure) string { return v.perCent(f.late) }) + best(func(f *figure) float64 { return f.late }, true, v.perCent)},
	}
}

// others is a figure of the models beside the leading one.
func (b *backtest) others(h int, text func(*figure) string) string {
	out := ""
	for _, name := range b.models[1:] {
		if f := b.mean(horizons[h], name); f != nil {
			out += fmt.Sprintf("%s %s; ", b.voc().name(name), text(f))
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
	w, v := b.words(), b.voc()
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
			out = append(out, t.group(w.PastDue, pageWordsOf(v).bucket(bucketNames[i]), v))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(segments)) {
		if name != "" {
			out = append(out, segments[name].group(w.Segment, name, v))
		}
	}
	return out
}

func (t *groupTally) group(kind, name string, v *vocabulary) group {
	g := group{Name: name, Kind: kind, Items: int(t.n), Observed: v.perCent(t.paid / t.n)}
	for m, expected := range t.expected {
		z := (t.paid - expected) / math.Sqrt(t.variance[m])
		g.Models = append(g.Models, groupModel{Expected: v.perCent(expected / t.n), Ratio: digits(t.paid/expected, 3), Z: digits(z, 1),
			Off: math.Abs(z) > driftZ && math.Abs(math.Log(t.paid/expected)) > driftRatio})
	}
	return g
}

// pageTable is the mean figures of all models at a horizon.
func (b *backtest) pageTable(days int32) pageTable {
	w, v := b.words(), b.voc()
	columns := []struct {
		name string
		best int // 1: the highest, -1: the lowest, 0: none
		text func(f *figure) string
		pick func(f *figure) float64
	}{
		{"AUC", 1, nil, func(f *figure) float64 { return f.auc }}, {"KS", 1, nil, func(f *figure) float64 { return f.ks }},
		{"Brier", -1, nil, func(f *figure) float64 { return f.brier }}, {w.LogLoss, -1, nil, func(f *figure) float64 { return f.logLoss }},
		{"ECE", -1, nil, func(f *figure) float64 { return f.ece }}, {w.Noise, 0, nil, func(f *figure) float64 { return f.eceFloor }},
		{w.Slope, 0, nil, func(f *figure) float64 { return f.slope }}, {w.Intercept, 0, nil, func(f *figure) float64 { return f.intercept }},
		{w.DaysError, -1, nil, func(f *figure) float64 { return f.daysError }}, {w.CashRatio, 0, nil, func(f *figure) float64 { return f.cash }},
		{w.CashTop, 1, func(f *figure) string { return v.perCent(f.money) }, func(f *figure) float64 { return f.money }},
		{w.Loss, 1, func(f *figure) string { return v.perCent(f.late) }, func(f *figure) float64 { return f.late }},
	}
	all := b.mean(days, b.lead())
	t := pageTable{Name: fmt.Sprintf(w.TableOf, days, all.items, v.perCent(all.baseRate), all.excluded)}
	for _, c := range columns {
		t.Head = append(t.Head, c.name)
	}
	for _, name := range b.names() {
		f := b.mean(days, name)
		row := pageRow{Name: v.name(name), Model: slices.Contains(b.models, name)}
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
			if x := c.pick(b.mean(days, name)); c.best != 0 && x == x && (at < 0 || (x-best)*float64(c.best) > 0) {
				at, best = i, x
			}
		}
		if at >= 0 {
			t.Rows[at].Cells[k].Best = true
		}
	}
	return t
}
