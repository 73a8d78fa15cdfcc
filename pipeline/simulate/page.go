package simulate

import (
	"bytes"
	"fmt"
	"html"
	"strings"
)

// colours of the policies, in the order of Policies: dark for kaishu, told apart by lightness too.
var colours = [...]string{"#999999", "#b2182b", "#d6604d", "#4393c3", "#2166ac", "#92c5de", "#5aae61", "#a6dba0", "#c2a5cf", "#e08214"}

// The picture, in user units.
const (
	width, height   = 900, 420
	left, right     = 90, 200
	above, below    = 20, 40
	across, upright = width - left - right, height - above - below
)

// page writes the result as one HTML page: cash over nothing by day as a picture, and the table.
func (r *Result) page(w *bytes.Buffer) {
	s := &r.Settings
	fmt.Fprintf(w, `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>kaishu simulate</title>
<style>body{font:14px system-ui,sans-serif;margin:2em;max-width:70em}td,th{padding:.2em .8em;text-align:right}td:first-child,th:first-child{text-align:left}table{border-collapse:collapse}tr{border-bottom:1px solid #ddd}text{font:12px system-ui,sans-serif}</style></head><body>
<h1>Cash that each policy adds over doing nothing</h1>
<p>%d customers (%s), %.0f overdue at first; %d business days; capacity %s: %.1f calls a day and other channels to match; average of %d replications, seed %d.</p>
`, s.Customers, html.EscapeString(string(s.Nature)), r.Overdue, s.Days, html.EscapeString(s.Capacity), r.Calls, s.Replications, s.Seed)
	r.picture(w)
	r.tableHTML(w)
	w.WriteString("</body></html>\n")
}

// overNothing is the average cash over Nothing by the end of each day.
func (r *Result) overNothing(policy string) []float64 {
	out := make([]float64, r.Settings.Days)
	base := map[int]*Figure{}
	for i := range r.Figures {
		f := &r.Figures[i]
		if f.Policy == Nothing {
			base[f.Replication] = f
		}
		if f.Policy != policy {
			continue
		}
		for d := range min(len(out), len(f.ByDay)) {
			out[d] += float64(f.ByDay[d]-base[f.Replication].ByDay[d]) / float64(r.Settings.Replications)
		}
	}
	return out
}

func (r *Result) picture(w *bytes.Buffer) {
	lines, low, high := make([][]float64, len(r.Settings.Policies)), 0.0, 1.0
	for k, name := range r.Settings.Policies {
		lines[k] = r.overNothing(name)
		for _, v := range lines[k] {
			low, high = min(low, v), max(high, v)
		}
	}
	y := func(v float64) float64 { return above + upright*(high-v)/(high-low) }
	x := func(day int) float64 { return left + across*float64(day+1)/float64(r.Settings.Days) }
	fmt.Fprintf(w, `<svg viewBox="0 0 %d %d" width="%d" role="img" aria-label="incremental cash by day">`+"\n", width, height, width)
	for i := range 5 {
		v := low + float64(float64(high-low)*float64(i)/4)
		fmt.Fprintf(w, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, left+across, y(v), y(v), left-6, y(v)+4, r.thousand(v))
	}
	fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="middle">business day %d; %s thousand</text>`+"\n", left+across/2, height-8, r.Settings.Days, r.Currency)
	label := spread(lines, y)
	for k, name := range r.Settings.Policies {
		var points strings.Builder
		fmt.Fprintf(&points, "%d,%.1f", left, y(0))
		for d, v := range lines[k] {
			fmt.Fprintf(&points, " %.1f,%.1f", x(d), y(v))
		}
		thick := 1.5
		if name == Kaishu {
			thick = 3
		}
		colour := colours[indexOf(name)]
		fmt.Fprintf(w, `<polyline fill="none" stroke="%s" stroke-width="%.1f" points="%s"/><text x="%d" y="%.1f" fill="%s">%s</text>`+"\n",
			colour, thick, points.String(), left+across+6, label[k], colour, html.EscapeString(name))
	}
	w.WriteString("</svg>\n")
}

func indexOf(policy string) int {
	for i := range policies {
		if policies[i].name == policy {
			return i
		}
	}
	return 0
}

// spread places the labels at the ends of the lines, 14 apart at least, in the lines' order.
func spread(lines [][]float64, y func(float64) float64) []float64 {
	out := make([]float64, len(lines))
	placed := make([]bool, len(lines))
	last := -1e9
	for range lines {
		top := -1
		for k := range lines {
			if !placed[k] && (top < 0 || end(lines[k]) > end(lines[top])) {
				top = k
			}
		}
		placed[top] = true
		out[top] = max(y(end(lines[top]))+4, last+14)
		last = out[top]
	}
	return out
}

func end(line []float64) float64 {
	if len(line) == 0 {
		return 0
	}
	return line[len(line)-1]
}

func (r *Result) tableHTML(w *bytes.Buffer) {
	fmt.Fprintf(w, "<table><tr><th>policy</th><th>cash (%s thousand)</th><th>± SE</th><th>expected</th><th>± SE</th><th>adds</th><th>± SE</th><th>of oracle</th><th>days sooner</th><th>minutes a day</th><th>contacts</th><th>calls and visits</th><th>of them to self-curers</th><th>customers lost</th></tr>\n", r.Currency)
	for _, p := range r.Summaries() {
		fmt.Fprintf(w, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%.2f</td><td>%.0f</td><td>%.0f</td><td>%.0f</td><td>%s</td><td>%.1f</td></tr>\n",
			html.EscapeString(p.Policy), r.thousand(p.Incremental.Value), r.thousand(p.Incremental.Error),
			r.thousand(p.Expected.Value), r.thousand(p.Expected.Error),
			r.thousand(p.Added.Value), r.thousand(p.Added.Error), percent(p.OfOracle.Value),
			p.Days.Value, p.Minutes.Value, p.Contacts.Value, p.People.Value, percent(p.Wasted.Value), p.Lost.Value)
	}
	w.WriteString("</table>\n")
	if m, rule, ok := r.OverBestSimple(); ok {
		fmt.Fprintf(w, "<p>kaishu adds %.2f ± %.2f times what the best simple rule (%s) adds.</p>\n", m.Value, m.Error, html.EscapeString(rule))
	}
}
