package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"kaishu/scoring"
)

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

// lineCharts show a figure at the main horizon month-end by month-end.
func (b *backtest) lineCharts() (out []chart) {
	h := b.mainHorizon()
	if h < 0 {
		return nil
	}
	w := b.words()
	for _, c := range []struct {
		name, note string
		pick       func(*figure) float64
		floor      func(*figure) float64
		rivals     []string
		zero       bool
	}{
		{"AUC", w.Higher, func(f *figure) float64 { return f.auc }, nil, []string{rivalCurve, rivalRatio}, false},
		{w.LogLoss, w.Lower, func(f *figure) float64 { return f.logLoss }, nil, []string{rivalBase, rivalCurve, rivalRatio}, true},
		{w.ECE, w.Floor, func(f *figure) float64 { return f.ece }, func(f *figure) float64 { return f.eceFloor }, []string{rivalCurve, rivalRatio}, true},
		{w.DaysError, w.Lower, func(f *figure) float64 { return f.daysError }, nil, []string{rivalBase, rivalMedian}, true},
	} {
		var lines []series
		for _, rival := range slices.Concat(c.rivals, b.drawn()) {
			lines = append(lines, b.line(h, rival, rival, c.pick))
		}
		if c.floor != nil {
			lines = append(lines, b.line(h, b.lead(), "floor", c.floor))
		}
		out = append(out, plot(c.name, c.note+", "+b.within(h), lines, c.zero, b.originTicks()))
	}
	if len(b.models) > 1 {
		out = append(out, b.gains(h))
	}
	return out
}

// gains shows by how many per cent the log loss of every model is below that of the leading one: beside
// the baselines their lines would lie on each other.
func (b *backtest) gains(h int) chart {
	w := b.words()
	lines := []series{{class: "straight", x: []float64{0, 1}, y: []float64{0, 0}}}
	for _, name := range b.drawn()[:len(b.models)-1] {
		lines = append(lines, b.line(h, name, name, func(f *figure) float64 {
			return 100 * (1 - f.logLoss/b.find(f.origin, f.horizon, b.lead()).logLoss)
		}))
	}
	return plot(fmt.Sprintf(w.Against, b.voc().name(b.lead())), w.Better+", "+b.within(h), lines, true, b.originTicks())
}

// series is a line before it is scaled; x runs from 0 to 1.
type series struct {
	class string
	name  string // what the pointer shows, "" for nothing
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
	s := series{class: class, name: b.voc().name(class)}
	for i, o := range b.origins {
		f := b.find(o.day, horizons[h], rival)
		if f == nil {
			continue
		}
		if y := pick(f); y == y && !math.IsInf(y, 0) {
			s.x, s.y = append(s.x, b.originX(i)), append(s.y, y)
			s.title = append(s.title, fmt.Sprintf("%s, %s: %.3g", b.voc().name(class), o.day, y))
		}
	}
	return s
}

// reliability compares probabilities with what happened, in ten groups of equal size over all
// origins, model by model.
func (b *backtest) reliability(h int) chart {
	lines := []series{{class: "straight", x: []float64{0, 1}, y: []float64{0, 1}}}
	for _, name := range b.drawn() {
		lines = append(lines, b.tenths(h, name))
	}
	return plotIn(fmt.Sprintf(b.words().PaidWithin, b.within(h)), b.words().Told, lines, 0, 1, shareTicks(), true)
}

// tenths are the mean prediction and the share paid of ten groups of items by rising prediction.
func (b *backtest) tenths(h int, name string) series {
	model := slices.Index(b.models, name)
	var at []told
	for _, o := range b.origins {
		if o.day+scoring.Day(horizons[h]) > b.end {
			continue
		}
		for i := range o.items {
			if y, known := o.items[i].ended(horizons[h]); known {
				at = append(at, told{o.rivals[model].paid[h][i], y})
			}
		}
	}
	slices.SortStableFunc(at, func(a, b told) int { return cmp.Compare(a.p, b.p) })
	s := series{class: name, name: b.voc().name(name)}
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
		s.title = append(s.title, fmt.Sprintf(b.words().Said, b.voc().name(name), 100*p/n, 100*y/n, len(part)))
	}
	return s
}

// drawn are the models in the order in which their lines are drawn: the leading one on top.
func (b *backtest) drawn() []string {
	out := slices.Clone(b.models)
	slices.Reverse(out)
	return out
}

// told is a prediction with what happened.
type told struct {
	p    float64
	paid bool
}

func shareTicks() []tick {
	return []tick{{0, "0 %"}, {.25, "25 %"}, {.5, "50 %"}, {.75, "75 %"}, {1, "100 %"}}
}

// captured is the share of the money that the first items of each order hold, origins averaged.
func (b *backtest) captured(name, note string, h int, by func(*origin, *rival, int) []int, money func(*origin, int, int32) float64) chart {
	const steps = 50
	var lines []series
	for _, class := range slices.Concat([]string{rivalOldest, rivalLargest, rivalRatio, rivalCurve}, b.drawn()) {
		s := series{class: class, name: b.voc().name(class), x: make([]float64, steps+1), y: make([]float64, steps+1)}
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
	return plotIn(name, note, lines, 0, 1, shareTicks(), true)
}

// plot scales lines to what they hold.
func plot(name, note string, lines []series, zero bool, ticks []tick) chart {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range lines {
		for _, y := range s.y {
			lo, hi = min(lo, y), max(hi, y)
		}
	}
	if lo > hi { // a figure without a value on any month-end, such as the AUC where nothing or everything was paid
		lo, hi = 0, 1
	}
	if zero {
		lo, hi = min(lo, 0), max(hi, 0)
	}
	if !(hi > lo) {
		lo, hi = lo-.5, lo+.5
	}
	step := niceStep(hi - lo)
	return plotIn(name, note, lines, step*math.Floor(lo/step), step*math.Ceil(hi/step), ticks, false)
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

// plotIn draws lines between two heights; shares are written in per cent.
func plotIn(name, note string, lines []series, lo, hi float64, ticks []tick, shares bool) chart {
	c := chart{Name: name, Note: note}
	x := func(v float64) float64 { return round1(plotLeft + float64(plotWidth*v)) }
	y := func(v float64) float64 { return round1(plotBottom - float64(plotDepth*(v-lo)/(hi-lo))) }
	for _, t := range ticks {
		c.XTicks = append(c.XTicks, tick{x(t.At), t.Text})
	}
	step := niceStep(hi - lo)
	for k := 0; ; k++ {
		v := lo + float64(float64(k)*step)
		if v > hi+float64(step/1e6) {
			break
		}
		text := fmt.Sprintf("%.4g", math.Round(v*1e6)/1e6)
		if shares {
			text = fmt.Sprintf("%.0f %%", 100*v)
		}
		c.YTicks = append(c.YTicks, tick{y(v), text})
	}
	for _, s := range lines {
		l := plotLine{Class: s.class, Name: s.name}
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
