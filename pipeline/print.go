package pipeline

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"kaishu/scoring"
)

// newGrid is a table for the screen, with the columns named in right set to the right.
func newGrid(w io.Writer, header table.Row, right ...int) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(header)
	var columns []table.ColumnConfig
	for _, c := range right {
		columns = append(columns, table.ColumnConfig{Number: c, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	return t
}

// top is the number of rows of the worklist that a run shows.
const top = 10

// Print shows the top of the worklist, what the day's capacity is worth, and where the files are.
func (r *Result) Print(w io.Writer) error {
	n := r.night
	t := n.screen()
	if r.Unchanged {
		_, err := fmt.Fprintf(w, t.Unchanged+"\n", r.Folder)
		return err
	}
	fmt.Fprintf(w, t.AsOf+"\n", r.AsOf, n.customers(), n.money(n.ledger.open), n.amount(n.ledger.overdue))
	if !n.ledgerOnly {
		n.printWorklist(w)
		n.printPlan(w)
		n.printLearning(w)
	}
	n.printSummary(w)
	_, err := fmt.Fprintf(w, t.Files+"\n", r.Folder)
	return err
}

func (n *night) printWorklist(w io.Writer) {
	t, v := n.screen(), n.voc()
	if len(n.worklist) == 0 {
		fmt.Fprintln(w, t.Empty)
		return
	}
	fmt.Fprintf(w, "\n"+t.First+"\n", len(n.top), len(n.worklist))
	list := newGrid(w, table.Row{t.Rank, t.Customer, t.Name, t.Action, t.Ask, t.PastDue, t.Adds, t.Minutes, t.PerEffort, t.Why}, 1, 5, 6, 7, 8, 9)
	for _, c := range n.top {
		o := &c.options[c.chosen]
		list.AppendRow(table.Row{c.rank, c.Customer, text.Snip(c.Master.Name, 24, "…"), v.code(n.menu.Actions[o.Action].Name),
			scoring.FormatAmount(n.ask(c), n.currency), c.PastDueMax, scoring.FormatAmount(o.Value, n.currency),
			fmt.Sprintf("%.1f", o.Minutes), fmt.Sprintf("%.1f", c.perEffort()), text.Snip(unbracketed(n.headline(c)), 48, "…")})
	}
	list.Render()
}

// unbracketed is a reason without the median of all that follows it in brackets: a screen is narrow.
func unbracketed(s string) string {
	if at := strings.IndexAny(s, "(（"); at > 0 {
		s = strings.TrimSpace(s[:at])
	}
	return s
}

// printPlan says how full the day is and what one more hour or slot would be worth.
func (n *night) printPlan(w io.Writer) {
	t, s := n.screen(), n.solution
	fmt.Fprintf(w, "\n"+t.Plan+"\n", n.money(n.worth()), 100*s.Gap)
	labels, wide := make([]string, len(n.resources)), 17
	for i, r := range n.resources {
		labels[i] = r.onScreen(n.voc())
		if r.people == "" || n.worthOfMore(i) > 0 {
			wide = max(wide, text.StringWidthWithoutEscSequences(labels[i]))
		}
	}
	for i, r := range n.resources {
		if r.people != "" && n.worthOfMore(i) == 0 {
			continue // a person's own minutes only where they are short
		}
		fmt.Fprintf(w, "  %s ", text.Pad(labels[i], wide, ' '))
		used, more := t.Slots, t.Slot
		amount, of := s.Used[i], r.capacity
		if r.minutes {
			used, more = t.Used, t.Hour
			amount, of = (amount+59)/60, of/60
		}
		fmt.Fprintf(w, used, amount, of)
		if worth := n.worthOfMore(i); worth > 0 {
			fmt.Fprintf(w, more, n.amount(worth))
		}
		fmt.Fprintln(w)
	}
	if n.parts != nil && n.parts.Default {
		fmt.Fprintf(w, "  "+t.NoPartPayments+"\n", n.parts.All.Paid, n.cfg.Risk.MinEvents, "risk.min_events")
	}
	fmt.Fprintln(w)
}

// onScreen is a resource in the words of a screen: "minutes", "minutes of col001".
func (r *resource) onScreen(v *vocabulary) string {
	if r.people == "" {
		return v.code(r.name)
	}
	return v.say(resourceOf, v.code(r.name), r.people)
}

// worthOfMore is the price of one more hour or slot of a scarce resource, in minor units; 0 where
// capacity is left over.
func (n *night) worthOfMore(i int) int64 {
	if !n.solution.Binding[i] {
		return 0
	}
	price := n.resources[i].price
	if n.resources[i].minutes {
		price *= 3600
	}
	return int64(price + .5)
}

// printCheck is the one screen of `check`: what was read as what, what was refused and why, the
// totals, and the gates.
func (n *night) printCheck(w io.Writer) error {
	fmt.Fprintf(w, "as of %s, reporting currency %s\n\n", n.asOf, n.currency)
	t := newGrid(w, table.Row{"export", "file", "rows", "skipped", "refused", "not in the file", "ignored columns"}, 3, 4, 5)
	for _, s := range n.sources {
		t.AppendRow(table.Row{exportName(s.export), s.written, s.result.Rows, s.result.Skipped, int64(len(s.result.Rejects)) + s.late,
			text.WrapSoft(strings.Join(s.file.Missing(), " "), 36), text.WrapSoft(strings.Join(s.file.Ignored(), " "), 36)})
	}
	t.Render()
	n.printRejects(w)
	n.printOddities(w)
	n.printMasterFaults(w)
	n.printTotals(w)
	fmt.Fprintln(w)
	g := newGrid(w, table.Row{"gate", "result", "found"})
	for _, r := range n.gates {
		g.AppendRow(table.Row{r.Gate, r.Result, r.Found})
	}
	g.Render()
	n.printVerdict(w)
	return nil
}

// printRejects groups the refused rows by cause and shows where the first of each stands.
func (n *night) printRejects(w io.Writer) {
	if len(n.rejects) == 0 {
		return
	}
	order := byKind(n.rejects, func(r *reject) string {
		return exportName(r.source.export) + "\x00" + r.Column + "\x00" + shape(r.Cause)
	})
	fmt.Fprintf(w, "\nrefused rows: %d\n", len(n.rejects))
	t := newGrid(w, table.Row{"rows", "export", "column", "first at", "cause of the first"}, 1)
	shown := min(len(order), 12)
	for _, g := range order[:shown] {
		t.AppendRow(table.Row{g.count, exportName(g.first.source.export), g.first.Column, place(g.first), text.WrapSoft(g.first.Cause, 60)})
	}
	t.Render()
	if more := len(order) - shown; more > 0 {
		fmt.Fprintf(w, " and %s, the rows of which a run lists in rejects.parquet\n", plural(more, "more cause"))
	}
}

// kind is how often a thing of a list occurs, and the first of them.
type kind[T any] struct {
	count int
	first *T
}

// byKind counts the things of a list by key, the most frequent first, else in order of the list.
func byKind[T any](list []T, key func(*T) string) []*kind[T] {
	kinds := map[string]*kind[T]{}
	var order []*kind[T]
	for i := range list {
		of := key(&list[i])
		k := kinds[of]
		if k == nil {
			k = &kind[T]{first: &list[i]}
			kinds[of] = k
			order = append(order, k)
		}
		k.count++
	}
	slices.SortStableFunc(order, func(a, b *kind[T]) int { return -cmp.Compare(a.count, b.count) })
	return order
}

// place is where a refused row stands: file and line or, in a Parquet file, row.
func place(r *reject) string {
	if r.Line > 0 {
		return fmt.Sprintf("%s:%d", r.source.written, r.Line)
	}
	return fmt.Sprintf("%s row %d", r.source.written, r.Row)
}

// shape is a cause without what is quoted in it, so that like causes count together.
func shape(cause string) string {
	var out strings.Builder
	quoted := false
	for _, r := range cause {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted || r >= '0' && r <= '9':
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
