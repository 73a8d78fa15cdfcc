package pipeline

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"kaishu/scoring"
)

// findTotals checks the control totals. What is read is counted while rows are routed, what
// became of them while ledgers are rebuilt, so that a row lost, doubled or altered on the way shows:
//
//	rows read = used + rejected + not yet known + skipped, of every export
//	amounts read = used + rejected + not yet known, of invoices and payments by currency
//	invoices - payments and other allocations = open items - credits, by currency
//	the buckets = open
//
// Amounts of rows that could not be read at all are in no total.
func (n *night) findTotals() finding {
	f := finding{gate: gateTotals, found: func(v *vocabulary) string { return v.say(foundTie, v.count(int32(len(n.ledger.totals)), unitCurrency)) },
		hint: "this is a fault of the program, not of the exports: please report it with run.json of the night before"}
	fail := func(format string, args ...any) {
		if !f.hit {
			found := fmt.Sprintf(format, args...)
			f.hit, f.found = true, func(*vocabulary) string { return found } // an error: it always stops the run
		}
	}
	for e, c := range n.customersRows() {
		fates := n.ledger.counts[e]
		routed := c.rows - c.skipped - n.beforeRouting(scoring.Export(e))
		if became := fates.Used + fates.Rejected + fates.NotYet; routed != became {
			fail("%s: %d rows were routed, %d came back", exportName(scoring.Export(e)), routed, became)
		}
	}
	for i, name := range []string{"invoices", "payments"} {
		n.compareWritten(i, name, fail)
	}
	for i := range n.ledger.totals {
		if err := n.ledger.totals[i].Tied(); err != nil {
			fail("%v", err)
		}
	}
	if apart := n.portfolioApart(); apart != "" {
		fail("%s", apart)
	}
	if len(n.ledger.untied) > 0 {
		fail("%d customers do not tie, the first is %s", len(n.ledger.untied), n.ledger.untied[0])
	}
	return f
}

// customersRows is perExport without the exchange rates, which belong to no customer.
func (n *night) customersRows() []rowCount {
	all := n.perExport()
	return all[:scoring.Exports]
}

// beforeRouting counts the rows of an export that were refused before they reached a shard.
func (n *night) beforeRouting(e scoring.Export) int64 {
	return n.perExport()[e].refused - n.ledger.counts[e].Rejected
}

// compareWritten compares, by currency as written, what was routed with what became of it.
func (n *night) compareWritten(export int, name string, fail func(string, ...any)) {
	became := map[scoring.Currency]scoring.Tally{}
	for i := range n.ledger.written {
		w := &n.ledger.written[i]
		m := &w.Invoices
		if export == readPayments {
			m = &w.Payments
		}
		became[w.Currency] = m.Total()
	}
	for c, read := range n.totals[export] {
		b := became[c]
		if b.Rows != read.rows || b.Amount != read.amount {
			fail("%s in %s: read %d rows of %s, accounted for %d of %s", name, currencyName(c),
				read.rows, read.amount.String(4), b.Rows, b.Amount.String(4))
		}
	}
}

func currencyName(c scoring.Currency) string {
	if c == scoring.NoCurrency {
		return "no currency of their own"
	}
	return c.String()
}

// exportTotals is one export in run.json.
type exportTotals struct {
	Export      string `json:"export"`
	Read        int64  `json:"read"`
	Used        int64  `json:"used"`
	Rejected    int64  `json:"rejected"`
	NotYetKnown int64  `json:"not_yet_known"`
	Skipped     int64  `json:"skipped"`
}

// writtenTotals is what one export holds in one currency as written, in run.json.
type writtenTotals struct {
	Export      string `json:"export"`
	Currency    string `json:"currency"` // "" where the rows have none
	Read        string `json:"read"`
	Used        string `json:"used"`
	Rejected    string `json:"rejected"`
	NotYetKnown string `json:"not_yet_known"`
}

// currencyTotals is the ledger of one currency in run.json, in its units.
type currencyTotals struct {
	Currency   string            `json:"currency"`
	Invoiced   string            `json:"invoiced"`
	Credited   string            `json:"credited"`
	Paid       string            `json:"paid"`
	Returned   string            `json:"returned"`
	WrittenOff string            `json:"written_off"`
	Discounts  string            `json:"discounts"`
	Open       string            `json:"open"`
	OnAccount  string            `json:"on_account"`
	OpenItems  int64             `json:"open_items"`
	Buckets    map[string]string `json:"buckets"`
}

// controlTotals is the section control_totals of run.json.
type controlTotals struct {
	Rows     []exportTotals   `json:"rows"`
	Amounts  []writtenTotals  `json:"amounts_as_written"`
	Ledger   []currencyTotals `json:"ledger"`
	Warnings scoring.Warnings `json:"warnings"`
}

func (n *night) controlTotals() controlTotals {
	out := controlTotals{Warnings: n.ledger.warnings}
	for e, c := range n.customersRows() {
		if c.rows == 0 && !n.given(scoring.Export(e)) {
			continue
		}
		f := n.ledger.counts[e]
		out.Rows = append(out.Rows, exportTotals{exportName(scoring.Export(e)), c.rows, f.Used, c.refused, f.NotYet, c.skipped})
	}
	for i := range n.ledger.written {
		w := &n.ledger.written[i]
		for _, m := range []struct {
			name string
			of   *scoring.Movement
		}{{"invoices", &w.Invoices}, {"payments", &w.Payments}} {
			total := m.of.Total()
			if total.Rows == 0 {
				continue
			}
			code := ""
			if w.Currency != scoring.NoCurrency {
				code = w.Currency.String()
			}
			out.Amounts = append(out.Amounts, writtenTotals{m.name, code, total.Amount.String(4),
				m.of.Used.Amount.String(4), m.of.Rejected.Amount.String(4), m.of.NotYet.Amount.String(4)})
		}
	}
	for i := range n.ledger.totals {
		t := &n.ledger.totals[i]
		d := t.Currency.Digits()
		c := currencyTotals{t.Currency.String(), t.Invoiced.Amount.String(d), t.Credited.Amount.String(d), t.Paid.Amount.String(d),
			t.Returned.Amount.String(d), t.WrittenOff.Amount.String(d), t.Discounts.Amount.String(d), t.Open.String(d), t.OnAccount.String(d), t.Items, map[string]string{}}
		for b, sum := range t.Bucket {
			c.Buckets[bucketNames[b]] = sum.String(d)
		}
		out.Ledger = append(out.Ledger, c)
	}
	return out
}

// given reports whether the configuration names the export.
func (n *night) given(e scoring.Export) bool {
	return slices.ContainsFunc(n.sources, func(s *source) bool { return s.export == e })
}

// printTotals shows the control totals of `check`.
func (n *night) printTotals(w io.Writer) {
	totals := n.controlTotals()
	fmt.Fprintln(w)
	t := newGrid(w, table.Row{"rows", "read", "used", "refused", "not yet known", "skipped"}, 2, 3, 4, 5, 6)
	for _, r := range totals.Rows {
		t.AppendRow(table.Row{r.Export, r.Read, r.Used, r.Rejected, r.NotYetKnown, r.Skipped})
	}
	t.Render()
	fmt.Fprintln(w)
	l := newGrid(w, table.Row{"ledger", "invoiced", "credited", "paid", "returned", "written off", "discounts", "open", "on account", "items"}, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	for _, c := range totals.Ledger {
		l.AppendRow(table.Row{c.Currency, thousands(c.Invoiced), thousands(c.Credited), thousands(c.Paid), thousands(c.Returned),
			thousands(c.WrittenOff), thousands(c.Discounts), thousands(c.Open), thousands(c.OnAccount), c.OpenItems})
	}
	l.Render()
	fmt.Fprintln(w)
	b := newGrid(w, table.Row{"ageing", "not due", "1-30", "31-60", "61-90", "91-120", "over 120", "on account"}, 2, 3, 4, 5, 6, 7, 8)
	for _, c := range totals.Ledger {
		row := table.Row{c.Currency}
		for _, name := range bucketNames {
			row = append(row, thousands(c.Buckets[name]))
		}
		b.AppendRow(row)
	}
	b.Render()
}

// findChanges compares the exports and the open amount with the night before, where there is one.
func (n *night) findChanges() []finding {
	none := func(v *vocabulary) string { return v.say(foundNoBefore) }
	rows := finding{gate: gateRowChange, found: none, hint: "pass once with --accept " + gateRowChange}
	open := finding{gate: gateOpenChange, found: none, hint: "pass once with --accept " + gateOpenChange}
	if n.previous == nil {
		return []finding{rows, open}
	}
	rows.found = func(v *vocabulary) string { return v.say(foundRowsNear, n.previous.asOf) }
	for e, c := range n.perExport() {
		was, now := n.previous.rows[exportName(scoring.Export(e))], c.rows
		if was == 0 {
			continue
		}
		change := float64(now-was) / float64(was)
		if (change > n.cfg.Gates.MaxRowChange || -change > n.cfg.Gates.MaxRowChange) && !rows.hit {
			rows.hit = true
			rows.found = func(v *vocabulary) string {
				return v.say(foundRowChange, v.name(exportName(scoring.Export(e))), was, n.previous.asOf, now)
			}
		}
	}
	total := n.ledger.open
	open.found = func(v *vocabulary) string {
		return v.say(foundOpenChange, scoring.FormatAmount(n.previous.open, n.currency), n.previous.asOf, scoring.FormatAmount(total, n.currency))
	}
	if n.previous.open > 0 {
		change := float64(total-n.previous.open) / float64(n.previous.open)
		open.hit = cmp.Compare(max(change, -change), n.cfg.Gates.MaxOpenChange) > 0
	}
	return []finding{rows, open}
}
