package pipeline

import (
	"fmt"
	"math"
)

// barChart is a chart of bars with an interval each, in the coordinates of a chart.
type barChart struct {
	Name, Note string
	XTicks     []tick
	YTicks     []tick
	Bars       []bar
}

type bar struct {
	X, Y, Width, Height float64
	Middle, Low, High   float64 // of the interval's line: its x, and the y of its ends
	Title               string
}

// cashChart is the cash expected by week from what is open now.
func (n *night) cashChart(w *reportWords) *barChart {
	most := 0.0
	for _, week := range n.cashBase {
		most = max(most, float64(max(week.expected, week.high))/n.unit())
	}
	if most <= 0 {
		return nil
	}
	step := niceStep(most)
	top := float64(step * math.Ceil(most/step))
	y := func(minor int64) float64 {
		return round1(plotBottom - float64(plotDepth*float64(minor)/n.unit()/top))
	}
	c := &barChart{Name: w.Cash, Note: w.CashNote}
	for k := 0; float64(float64(k)*step) <= top+float64(step/1e6); k++ {
		v := float64(float64(k) * step)
		c.YTicks = append(c.YTicks, tick{round1(plotBottom - float64(plotDepth*v/top)), w.axisNumber(v)})
	}
	room := float64(plotWidth) / float64(len(n.cashBase))
	for i, week := range n.cashBase {
		x := plotLeft + float64(float64(i)*room)
		b := bar{X: round1(x + float64(.15*room)), Y: y(week.expected), Width: round1(.7 * room), Middle: round1(x + float64(.5*room)), Low: y(week.low), High: y(week.high),
			Title: fmt.Sprintf("%s: %s (%s – %s)", week.start, n.money(week.expected), n.money(week.low), n.money(week.high))}
		b.Height = round1(plotBottom - b.Y)
		c.Bars = append(c.Bars, b)
		if i%4 == 0 {
			c.XTicks = append(c.XTicks, tick{b.Middle, week.start.String()[5:]})
		}
	}
	return c
}

// round1 keeps a tenth of the unit of a chart: pages stay small.
func round1(v float64) float64 { return math.Round(10*v) / 10 }
