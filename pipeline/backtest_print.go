package pipeline

import (
	"fmt"
	"io"
	"math"

	"github.com/jedib0t/go-pretty/v6/table"

	"kaishu/scoring"
)

// Print shows the models at every origin and, as the mean over the origins, beside the baselines.
func (r *Backtested) Print(w io.Writer) error {
	b := r.run
	fmt.Fprintf(w, "%s, outcomes until %s\n", plural(len(b.origins), "month-end"), b.end)
	header := table.Row{"paid within", "items", "paid", "auc", "ks", "brier", "log loss", "ece", "noise", "slope", "intercept", "days error", "cash e/a", "money top 10 %", "late top 10 %"}
	right := make([]int, len(header))
	for i := range right {
		right[i] = i + 2
	}
	fmt.Fprintln(w, "\nmonth-end by month-end")
	t := newGrid(w, append(table.Row{"origin", "model"}, header...), shifted(right, 1)...)
	for _, o := range b.origins {
		for _, h := range horizons {
			for _, name := range b.models {
				if f := b.find(o.day, h, name); f != nil {
					t.AppendRow(append(table.Row{o.day.String(), name}, f.cells()...))
				}
			}
		}
	}
	t.Render()
	fmt.Fprintln(w, "\nmean over the month-ends")
	t = newGrid(w, append(table.Row{"model"}, header...), right...)
	for i := range b.figures {
		if f := &b.figures[i]; f.origin == scoring.NoDay {
			t.AppendRow(append(table.Row{f.rival}, f.cells()...))
		}
	}
	t.Render()
	for _, o := range b.origins {
		for _, warning := range b.warnings(o, &backtestEnglish) {
			fmt.Fprintf(w, "warning: %s: %s\n", o.day, warning)
		}
	}
	_, err := fmt.Fprintf(w, "files in %s\n", r.Folder)
	return err
}

// warnings are what makes the figures of an origin worth less than they look.
func (b *backtest) warnings(o *origin, t *backtestWords) (out []string) {
	for i, m := range o.models {
		if facts := modelFactsOf(m); facts.fallback != "" {
			out = append(out, fmt.Sprintf(t.Pooled, b.models[i], facts.fallback))
		}
	}
	if o.changed > 0 {
		out = append(out, fmt.Sprintf(t.Changed, o.changed, len(o.items)))
	}
	for _, l := range o.leaks {
		out = append(out, fmt.Sprintf(t.Leak, l.Column, l.AUC, l.Record))
	}
	return out
}

// shifted are column numbers moved to the right.
func shifted(columns []int, by int) []int {
	out := make([]int, len(columns))
	for i, c := range columns {
		out[i] = c + by
	}
	return out
}

// cells are a figure's columns on the screen.
func (f *figure) cells() table.Row {
	return table.Row{fmt.Sprintf("%d d", f.horizon), f.items, english.perCent(f.baseRate), digits(f.auc, 3), digits(f.ks, 3), digits(f.brier, 4), digits(f.logLoss, 4),
		digits(f.ece, 3), digits(f.eceFloor, 3), digits(f.slope, 2), digits(f.intercept, 2), digits(f.daysError, 2), digits(f.cash, 2),
		english.perCent(f.money), english.perCent(f.late)}
}

// digits writes a number; nothing for one that there is not.
func digits(v float64, n int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	if half := .5 * math.Pow10(-n); math.Abs(v) < half {
		v = 0 // not -0
	}
	return fmt.Sprintf("%.*f", n, v)
}
