package pipeline

import (
	"fmt"
	"math"
)

// The rows of the tables of report.html, and how they come about.

type reportRow struct {
	Rank                                                               int
	ID, Name, Action, Collector, Ask, By, Adds, Minutes, Why, Sentence string
	PastDue                                                            int32
}

type capacityRow struct {
	Name, Used, Of, Worth string
	Width                 float64 // per cent of the capacity
}

// doneRow is what an action or a collector has on the worklist.
type doneRow struct {
	Name, Hours, Adds string
	Rows              int
	minutes           float64
	adds              int64
}

type reviewRow struct {
	Name, Exposure       string
	Stand, Fresh, Listed int
}

type cameRow struct {
	Name, Observed, Expected, Ratio, Items string
	Off                                    bool
}

// exportRow is what became of the rows of an export.
type exportRow struct{ Name, Used, Refused string }

type gateRow struct {
	Name, Result string
	Off          bool // did not pass
}

func (n *night) reportRow(c *customer) reportRow {
	o := &c.options[c.chosen]
	return reportRow{Rank: c.rank, ID: c.Customer, Name: c.Master.Name, Action: n.voc().name(n.menu.Actions[o.Action].Name), Collector: c.collector,
		Ask: n.money(n.ask(c)), By: n.askBy(c).String(), PastDue: c.PastDueMax, Adds: n.money(o.Value), Minutes: fmt.Sprintf("%.1f", o.Minutes),
		Why: unbracketed(n.headline(c)), Sentence: n.whyChosen(c)}
}

func (n *night) capacityRows() (out []capacityRow) {
	w, s := n.pageWords(), n.solution
	for i, r := range n.resources {
		if r.people != "" && n.worthOfMore(i) == 0 {
			continue
		}
		row := capacityRow{Name: n.voc().name(r.name), Used: grouped(s.Used[i])}
		if r.capacity >= 0 { // less is no limit
			row.Of = grouped(r.capacity)
		}
		if r.people != "" {
			row.Name += ", " + r.people
		}
		if r.minutes {
			row.Used = w.hours(float64(s.Used[i]) / 60)
			if r.capacity >= 0 {
				row.Of = w.hours(float64(r.capacity) / 60)
			}
		}
		if r.capacity > 0 {
			row.Width = math.Round(1000*float64(s.Used[i])/float64(r.capacity)) / 10
		}
		if worth := n.worthOfMore(i); worth > 0 {
			row.Worth = n.money(worth)
		}
		out = append(out, row)
	}
	return out
}

// done adds the worklist up by a name, in the order of the names' first rows.
func (n *night) done(by func(*decision) string) (out []doneRow) {
	at := map[string]int{}
	for _, c := range n.worklist {
		name := by(c)
		k, ok := at[name]
		if !ok {
			k = len(out)
			at[name] = k
			out = append(out, doneRow{Name: name})
		}
		o := c.pick()
		out[k].Rows++
		out[k].minutes += o.minutes
		out[k].adds += o.value
	}
	w := n.pageWords()
	for k := range out {
		out[k].Hours, out[k].Adds = w.hours(out[k].minutes), n.money(out[k].adds)
	}
	return out
}

// reviewRows counts the recommendations to the credit manager by kind.
func (n *night) reviewRows() (out []reviewRow) {
	for _, kind := range reviewOrder {
		row, exposure := reviewRow{Name: n.voc().name(kind)}, int64(0)
		for i := range n.standing {
			s := &n.standing[i]
			if s.kind != kind {
				continue
			}
			row.Stand++
			exposure += s.exposure
			if s.fresh {
				row.Fresh++
			}
			if s.listed {
				row.Listed++
			}
		}
		if row.Stand > 0 {
			row.Exposure = n.short(exposure)
			out = append(out, row)
		}
	}
	return out
}
