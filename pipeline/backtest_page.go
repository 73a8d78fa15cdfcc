package pipeline

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"kaishu/scoring"
)

//go:embed backtest.html
var backtestPage string

// page is backtest.html: the figures as charts and tables, in one file that needs no network.
func (b *backtest) page() ([]byte, error) {
	t, err := template.New("backtest").Parse(backtestPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, b.pageData()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

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
	Models                []legend
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
	Name, Class string
	Cells       []pageCell
}

type pageCell struct {
	Text string
	Best bool
}

// group is calibration by bucket or segment at one horizon, all origins together.
type group struct {
	Name, Kind         string
	Items              int
	Expected, Observed string
	Ratio              string
	Z                  string
	Off                bool // beyond what chance explains
}

// chart is a line chart in its own coordinates: 300 x 190, the plot between the margins.
type chart struct {
	Name, Note string
	XTicks     []tick
	YTicks     []tick
	Lines      []plotLine
}

type tick struct {
	At   float64
	Text string
}

type plotLine struct {
	Class, Name string
	Points      string
	Dots        []dot
}

type dot struct {
	X, Y  float64
	Title string
}

// The plot's frame within a chart.
const (
	plotLeft, plotRight  = 44, 290
	plotTop, plotBottom  = 12, 160
	plotWidth, plotDepth = plotRight - plotLeft, plotBottom - plotTop
)

func (b *backtest) pageData() *pageData {
	d := &pageData{Title: fmt.Sprintf("Backtest of %s", plural(len(b.origins), "month-end")), Until: b.end.String(), Version: Version}
	for _, o := range b.origins {
		d.Origins = append(d.Origins, o.day.String())
		d.Items += len(o.items)
		for _, w := range o.warnings() {
			d.Warnings = append(d.Warnings, o.day.String()+": "+w)
		}
	}
	for _, name := range append([]string{rivalModel}, naiveNames[:]...) {
		d.Models = append(d.Models, legend{shown(name), name, rivalWords()[name]})
	}
	d.Cards = b.cards()
	d.Lines = b.lineCharts()
	for h, days := range horizons {
		if b.mean(days, rivalModel) == nil {
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
		if b.mean(horizons[h], rivalModel) != nil {
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
	m := b.mean(horizons[h], rivalModel)
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
		{"AUC, " + within(h), digits(m.auc, 3), best(func(f *figure) float64 { return f.auc }, true)},
		{"Log loss", digits(m.logLoss, 3), best(func(f *figure) float64 { return f.logLoss }, false)},
		{"Calibration error", digits(m.ece, 3), "chance alone would show about " + digits(m.eceFloor, 3)},
		{"Expected / actual cash", digits(m.cash, 2), "1 is right"},
		{"Days error", digits(m.daysError, 2), best(func(f *figure) float64 { return f.daysError }, false)},
		{"Late money in the top tenth", percent(m.late), best(func(f *figure) float64 { return 100 * f.late }, true)},
	}
}

// lineCharts show a figure at the main horizon month-end by month-end.
func (b *backtest) lineCharts() (out []chart) {
	h := b.mainHorizon()
	if h < 0 {
		return nil
	}
	for _, c := range []struct {
		name, note string
		pick       func(*figure) float64
		floor      func(*figure) float64
		rivals     []string
		zero       bool
	}{
		{"AUC", "higher is better", func(f *figure) float64 { return f.auc }, nil, []string{rivalCurve, rivalRatio, rivalModel}, false},
		{"Log loss", "lower is better", func(f *figure) float64 { return f.logLoss }, nil, []string{rivalBase, rivalCurve, rivalRatio, rivalModel}, true},
		{"Calibration error (ECE)", "dashed: what chance alone would show", func(f *figure) float64 { return f.ece }, func(f *figure) float64 { return f.eceFloor }, []string{rivalCurve, rivalRatio, rivalModel}, true},
		{"Days error", "lower is better", func(f *figure) float64 { return f.daysError }, nil, []string{rivalBase, rivalMedian, rivalModel}, true},
	} {
		var lines []series
		for _, rival := range c.rivals {
			lines = append(lines, b.line(h, rival, rival, c.pick))
		}
		if c.floor != nil {
			lines = append(lines, b.line(h, rivalModel, "floor", c.floor))
		}
		out = append(out, plot(c.name, c.note+", "+within(h), lines, c.zero, b.originTicks()))
	}
	return out
}

// series is a line before it is scaled; x runs from 0 to 1.
type series struct {
	class string
	x, y  []float64
	title []string
}

func (b *backtest) originX(i int) float64 {
	if len(b.origins) == 1 {
		return .5
	}
	return float64(i) / float64(len(b.origins)-1)
}

func (b *backtest) originTicks() (out []tick) {
	every := (len(b.origins) + 3) / 4
	for i, o := range b.origins {
		if i%every == 0 {
			out = append(out, tick{b.originX(i), o.day.String()[:7]})
		}
	}
	return out
}

func (b *backtest) line(h int, rival, class string, pick func(*figure) float64) series {
	s := series{class: class}
	for i, o := range b.origins {
		f := b.find(o.day, horizons[h], rival)
		if f == nil {
			continue
		}
		if y := pick(f); y == y && !math.IsInf(y, 0) {
			s.x, s.y = append(s.x, b.originX(i)), append(s.y, y)
			s.title = append(s.title, fmt.Sprintf("%s, %s: %.3g", shown(class), o.day, y))
		}
	}
	return s
}

// reliability compares probabilities with what happened, in ten groups of equal size over all
// origins.
func (b *backtest) reliability(h int) chart {
	var at []told
	for _, o := range b.origins {
		if o.day+scoring.Day(horizons[h]) > b.end {
			continue
		}
		for i := range o.items {
			if y, known := o.items[i].ended(horizons[h]); known {
				at = append(at, told{o.rivals[0].paid[h][i], y})
			}
		}
	}
	slices.SortStableFunc(at, func(a, b told) int {
		switch {
		case a.p < b.p:
			return -1
		case a.p > b.p:
			return 1
		}
		return 0
	})
	s := series{class: rivalModel}
	for g := range bins {
		part := at[g*len(at)/bins : (g+1)*len(at)/bins]
		if len(part) == 0 {
			continue
		}
		p, y := 0.0, 0.0
		for _, t := range part {
			p += t.p
			if t.paid {
				y++
			}
		}
		n := float64(len(part))
		s.x, s.y = append(s.x, p/n), append(s.y, y/n)
		s.title = append(s.title, fmt.Sprintf("said %.1f %%, paid %.1f %%, %d items", 100*p/n, 100*y/n, len(part)))
	}
	straight := series{class: "straight", x: []float64{0, 1}, y: []float64{0, 1}}
	return plotIn("Paid within "+within(h), "paid (up) against predicted (right)", []series{straight, s}, 0, 1, shareTicks())
}

// told is a prediction with what happened.
type told struct {
	p    float64
	paid bool
}

func shareTicks() []tick {
	return []tick{{0, "0"}, {.25, "25 %"}, {.5, "50 %"}, {.75, "75 %"}, {1, "100 %"}}
}

// captured is the share of the money that the first items of each order hold, origins averaged.
func (b *backtest) captured(name, note string, h int, by func(*origin, *rival, int) []int, money func(*origin, int, int32) float64) chart {
	const steps = 50
	var lines []series
	for _, class := range []string{rivalOldest, rivalLargest, rivalRatio, rivalCurve, rivalModel} {
		s := series{class: class, x: make([]float64, steps+1), y: make([]float64, steps+1)}
		origins := 0.0
		for _, o := range b.origins {
			if o.day+scoring.Day(horizons[h]) > b.end {
				continue
			}
			at := slices.IndexFunc(o.rivals, func(r rival) bool { return r.name == class })
			order := by(o, &o.rivals[at], h)
			sum := make([]float64, len(order)+1)
			for k, i := range order {
				sum[k+1] = sum[k] + money(o, i, horizons[h])
			}
			if all := sum[len(order)]; all > 0 {
				origins++
				for k := range s.y {
					s.y[k] += sum[k*len(order)/steps] / all
				}
			}
		}
		for k := range s.x {
			s.x[k] = float64(k) / steps
			s.y[k] /= origins
		}
		if origins > 0 {
			lines = append(lines, s)
		}
	}
	return plotIn(name, note, lines, 0, 1, shareTicks())
}

// plot scales lines to what they hold.
func plot(name, note string, lines []series, zero bool, ticks []tick) chart {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range lines {
		for _, y := range s.y {
			lo, hi = min(lo, y), max(hi, y)
		}
	}
	if zero {
		lo = 0
	}
	if !(hi > lo) {
		lo, hi = lo-.5, lo+.5
	}
	step := niceStep(hi - lo)
	return plotIn(name, note, lines, step*math.Floor(lo/step), step*math.Ceil(hi/step), ticks)
}

// niceStep is the step of about four marks over a span: 1, 2 or 5 times a power of ten.
func niceStep(span float64) float64 {
	if !(span > 0) || math.IsInf(span, 0) {
		return 1
	}
	raw := span / 4
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 5} {
		if raw <= k*base {
			return k * base
		}
	}
	return 10 * base
}

func plotIn(name, note string, lines []series, lo, hi float64, ticks []tick) chart {
	c := chart{Name: name, Note: note}
	x := func(v float64) float64 { return math.Round(10*(plotLeft+plotWidth*v)) / 10 }
	y := func(v float64) float64 { return math.Round(10*(plotBottom-plotDepth*(v-lo)/(hi-lo))) / 10 }
	for _, t := range ticks {
		c.XTicks = append(c.XTicks, tick{x(t.At), t.Text})
	}
	step := niceStep(hi - lo)
	for k := 0; lo+float64(k)*step <= hi+step/1e6; k++ {
		v := lo + float64(k)*step
		c.YTicks = append(c.YTicks, tick{y(v), fmt.Sprintf("%.4g", math.Round(v*1e6)/1e6)})
	}
	for _, s := range lines {
		l := plotLine{Class: s.class, Name: shown(s.class)}
		var points []string
		for i := range s.x {
			px, py := x(s.x[i]), y(s.y[i])
			points = append(points, fmt.Sprintf("%g,%g", px, py))
			if s.title != nil {
				l.Dots = append(l.Dots, dot{px, py, s.title[i]})
			}
		}
		l.Points = strings.Join(points, " ")
		c.Lines = append(c.Lines, l)
	}
	return c
}

// groups is calibration by ageing bucket and by segment at a horizon.
func (b *backtest) groups(h int) (out []group) {
	type sums struct{ n, expected, paid, variance float64 }
	buckets := make([]sums, scoring.Buckets)
	segments := map[string]*sums{}
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
				s = &sums{}
				segments[t.segment] = s
			}
			p := o.rivals[0].paid[h][i]
			for _, to := range []*sums{&buckets[t.bucket], s} {
				to.n++
				to.expected += p
				to.variance += float64(p * (1 - p))
				if y {
					to.paid++
				}
			}
		}
	}
	add := func(kind, name string, s *sums) {
		if s.n == 0 {
			return
		}
		z := (s.paid - s.expected) / math.Sqrt(s.variance)
		out = append(out, group{Name: name, Kind: kind, Items: int(s.n), Expected: percent(s.expected / s.n), Observed: percent(s.paid / s.n),
			Ratio: digits(s.paid/s.expected, 3), Z: digits(z, 1), Off: math.Abs(z) > 3 && math.Abs(math.Log(s.paid/s.expected)) > .15})
	}
	for i := range buckets {
		add("bucket", bucketNames[i], &buckets[i])
	}
	var names []string
	for name := range segments {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		add("segment", name, segments[name])
	}
	return out
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
	all := b.mean(days, rivalModel)
	t := pageTable{Name: fmt.Sprintf("Paid within %d days: %d items with an outcome, %s paid, %d left out (credited, written off)", days, all.items, percent(all.baseRate), all.excluded)}
	for _, c := range columns {
		t.Head = append(t.Head, c.name)
	}
	for _, name := range append([]string{rivalModel}, naiveNames[:]...) {
		f := b.mean(days, name)
		row := pageRow{Name: shown(name), Class: name}
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
		for i, name := range append([]string{rivalModel}, naiveNames[:]...) {
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
