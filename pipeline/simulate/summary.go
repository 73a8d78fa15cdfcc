package simulate

import (
	"fmt"
	"io"
	"math"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"kaishu/scoring"
)

// Mean is an average over replications with its standard error, 0 of a single one.
type Mean struct{ Value, Error float64 }

// mean averages by the textbook.
func mean(xs []float64) (m Mean) {
	n := float64(len(xs))
	for _, x := range xs {
		m.Value += x / n
	}
	if len(xs) < 2 {
		return m
	}
	squares := 0.0
	for _, x := range xs {
		squares += float64((x - m.Value) * (x - m.Value))
	}
	m.Error = math.Sqrt(squares / (n - 1) / n)
	return m
}

// ratio is the ratio of two averages over paired replications, with the standard error of the
// linearised ratio: that of (x - R y) / mean y.
func ratio(xs, ys []float64) Mean {
	y := mean(ys).Value
	r := mean(xs).Value / y
	rest := make([]float64, len(xs))
	for i := range xs {
		rest[i] = (xs[i] - float64(r*ys[i])) / y
	}
	return Mean{r, mean(rest).Error}
}

// Summary is one policy over all replications. Amounts are minor units.
type Summary struct {
	Policy      string
	Incremental Mean
	Expected    Mean // what its contacts were to add: see Figure.Expected
	Added       Mean // the middle of the two, by which policies are compared
	OfOracle    Mean // Added over that of Oracle; NaN without that policy
	Cash        Mean
	Days        Mean // business days by which Nothing's cash would have to come sooner to do as much good within the play
	Minutes     Mean // a day
	Contacts    Mean // in all
	People      Mean // of them calls and visits
	Wasted      Mean // share of those to customers that pay by themselves
	Lost        Mean
}

// column is one quantity of a policy, by replication.
func (r *Result) column(policy string, of func(*Figure) float64) (out []float64) {
	for i := range r.Figures {
		if r.Figures[i].Policy == policy {
			out = append(out, of(&r.Figures[i]))
		}
	}
	return out
}

func incremental(f *Figure) float64 { return float64(f.Incremental) }

func expected(f *Figure) float64 { return f.Expected }

func added(f *Figure) float64 { return f.Added() }

// Summaries are the policies in the order of Settings.Policies.
func (r *Result) Summaries() []Summary {
	var out []Summary
	oracle := r.column(Oracle, added)
	for _, name := range r.Settings.Policies {
		of := func(get func(*Figure) float64) Mean { return mean(r.column(name, get)) }
		people := r.column(name, func(f *Figure) float64 { return float64(f.People) })
		s := Summary{
			Policy: name, Incremental: of(incremental), Expected: of(expected), Added: of(added), OfOracle: Mean{math.NaN(), math.NaN()},
			Cash:     of(func(f *Figure) float64 { return float64(f.Cash) }),
			Minutes:  of(func(f *Figure) float64 { return f.Minutes / float64(r.Settings.Days) }),
			Contacts: of(func(f *Figure) float64 { return float64(f.Contacts) }),
			People:   mean(people),
			Wasted:   ratio(r.column(name, func(f *Figure) float64 { return float64(f.Wasted) }), people),
			Lost:     of(func(f *Figure) float64 { return float64(f.Lost) }),
		}
		days := r.column(name, cashDays)
		idle, cash := r.column(Nothing, cashDays), r.column(Nothing, func(f *Figure) float64 { return float64(f.Cash) })
		for i := range days {
			days[i] -= idle[i]
		}
		s.Days = ratio(days, cash)
		if len(oracle) > 0 {
			s.OfOracle = ratio(r.column(name, added), oracle)
		}
		out = append(out, s)
	}
	return out
}

// cashDays is the area under the curve of cash: minor units times business days in hand.
func cashDays(f *Figure) float64 {
	area := 0.0
	for _, c := range f.ByDay {
		area += float64(c)
	}
	return area
}

// OverBestSimple is how many times what the best simple rule adds Kaishu adds, and which rule that is. ok is false unless both were played and the rule brings anything.
func (r *Result) OverBestSimple() (m Mean, rule string, ok bool) {
	best := math.Inf(-1)
	for _, name := range r.Settings.Policies {
		if Simple(name) {
			if v := mean(r.column(name, added)).Value; v > best {
				best, rule = v, name
			}
		}
	}
	mine := r.column(Kaishu, added)
	if rule == "" || len(mine) == 0 || best <= 0 {
		return Mean{}, rule, false
	}
	return ratio(mine, r.column(rule, added)), rule, true
}

// Print shows the policies as a table.
func (r *Result) Print(w io.Writer) error {
	s := &r.Settings
	fmt.Fprintf(w, "%d customers (%s), %.0f overdue at first; %d business days, %.1f calls a day and other channels to match (%s); %d replications\n\n",
		s.Customers, s.Nature, r.Overdue, s.Days, r.Calls, s.Capacity, s.Replications)
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Format.Header = text.FormatDefault
	header := table.Row{"policy", "cash (" + r.Currency.String() + " thousand)", "± SE", "expected", "± SE", "adds", "± SE", "of oracle", "days", "minutes a day", "contacts", "calls+visits", "to self-curers", "lost"}
	t.AppendHeader(header)
	var right []table.ColumnConfig
	for c := 2; c <= len(header); c++ {
		right = append(right, table.ColumnConfig{Number: c, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	for _, p := range r.Summaries() {
		t.AppendRow(table.Row{p.Policy, r.thousand(p.Incremental.Value), r.thousand(p.Incremental.Error),
			r.thousand(p.Expected.Value), r.thousand(p.Expected.Error), r.thousand(p.Added.Value), r.thousand(p.Added.Error),
			percent(p.OfOracle.Value), fmt.Sprintf("%.2f", p.Days.Value), fmt.Sprintf("%.0f", p.Minutes.Value), fmt.Sprintf("%.0f", p.Contacts.Value), fmt.Sprintf("%.0f", p.People.Value),
			percent(p.Wasted.Value), fmt.Sprintf("%.1f", p.Lost.Value)})
	}
	t.Render()
	var err error
	if m, rule, ok := r.OverBestSimple(); ok {
		_, err = fmt.Fprintf(w, "\nkaishu adds %.2f ± %.2f times what the best simple rule (%s) adds\n", m.Value, m.Error, rule)
	}
	return err
}

// thousand is an amount in thousands of units.
func (r *Result) thousand(minor float64) string {
	for range r.Currency.Digits() {
		minor /= 10
	}
	return scoring.FormatMinor(int64(math.Round(minor/1000)), 0)
}

func percent(share float64) string {
	if math.IsNaN(share) {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
