package pipeline

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"kaishu/pipeline/config"
)

// oddity is something about the rows as a whole that refuses none of them.
type oddity struct {
	rows int64
	what words
	do   string // in English, as check is
}

// oddities are the warnings that occurred, in words: the exports' columns, then the ledger's.
func (n *night) oddities() []oddity {
	w := &n.ledger.warnings
	of := func(p phrase, args ...any) words { return func(v *vocabulary) string { return v.say(p, args...) } }
	all := []oddity{
		{w.UnknownInvoices, of(oddUnknownInvoice), "export invoices and payments for the same span, and see that ids are written alike"},
		{w.OtherCurrency, of(oddCurrency), "see which of the two currencies is wrong"},
		{w.OverAllocated, of(oddTooMuch), "refund it, or assign it to another invoice"},
		{w.UnknownCredits, of(oddUnknownCredit), "correct applies_to, or leave it empty"},
		{w.Uncovered, of(oddUncovered), "see that the payments they take back are in the export"},
		{w.UnknownDisputes, of(oddUnknownDispute), "correct invoice_id of the disputes"},
		{w.LagAssumed, of(oddLag, "known_at", "ledger.known_lag"), "export known_at, so that past nights can be told exactly"},
	}
	return slices.DeleteFunc(append(n.misspelt(), all...), func(o oddity) bool { return o.rows == 0 })
}

// misspelt are optional columns that files do not have while one that is not read is called nearly the same: due_dat would
// leave every due date to the terms, and nobody would know. The files of an export are counted together.
func (n *night) misspelt() (all []oddity) {
	at := map[string]int{}
	for _, s := range n.sources {
		for _, name := range s.file.Missing() {
			if s.spec.Columns[name] != "" {
				continue // mapped, and the files without it are known to be
			}
			for _, other := range s.file.Ignored() {
				if !config.Misspelt(other, name) {
					continue
				}
				key := exportName(s.export) + "\x00" + name + "\x00" + other
				if _, ok := at[key]; !ok {
					at[key] = len(all)
					all = append(all, oddity{what: func(v *vocabulary) string { return v.say(oddMisspelt, v.name(exportName(s.export)), name, other) },
						do: fmt.Sprintf("where it is meant, map it: columns: {%s: %s}", name, other)})
				}
				all[at[key]].rows += s.result.Rows
			}
		}
	}
	return all
}

// printOddities lists the warnings with what to do about them.
func (n *night) printOddities(w io.Writer) {
	odd := n.oddities()
	if len(odd) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := newGrid(w, table.Row{"rows", "warning", "what to do"}, 1)
	for _, o := range odd {
		t.AppendRow(table.Row{o.rows, text.WrapSoft(o.what(&english), 48), text.WrapSoft(o.do, 48)})
	}
	t.Render()
}

// printMasterFaults groups the faults of master data and names the first customer of each.
func (n *night) printMasterFaults(w io.Writer) {
	if len(n.faults) == 0 {
		return
	}
	order := byKind(n.faults, func(f *masterFault) string { return f.Column + "\x00" + f.Do })
	fmt.Fprintf(w, "\ncustomers' master data: %s\n", plural(len(n.faults), "fault"))
	t := newGrid(w, table.Row{"faults", "column", "first customer", "what is wrong with it", "what to do"}, 1)
	for _, k := range order {
		t.AppendRow(table.Row{k.count, k.first.Column, k.first.of, text.WrapSoft(k.first.Fault, 40), text.WrapSoft(k.first.Do, 40)})
	}
	t.Render()
}

// printVerdict is the last line of `check`: whether a run would go on, and what there is to mend.
func (n *night) printVerdict(w io.Writer) {
	var stop, warned []string
	for _, g := range n.gates {
		switch g.Result {
		case "refused":
			stop = append(stop, g.Gate)
		case "warned":
			warned = append(warned, g.Gate)
		}
	}
	verdict := "a run would go on"
	if len(stop) > 0 {
		verdict = "a run would stop at the " + gatesNamed(stop)
	}
	var mend []string
	if len(n.rejects) > 0 {
		mend = append(mend, plural(len(n.rejects), "refused row"))
	}
	if odd := n.oddities(); len(odd) > 0 {
		mend = append(mend, plural(len(odd), "warning"))
	}
	if len(n.faults) > 0 {
		mend = append(mend, plural(len(n.faults), "fault")+" in master data")
	}
	if len(warned) > 0 {
		mend = append(mend, "the "+gatesNamed(warned)+" to look at")
	}
	if len(mend) > 0 {
		verdict += "; " + strings.Join(mend, ", ")
	}
	fmt.Fprintf(w, "\n%s\n", verdict)
}

func gatesNamed(names []string) string {
	if len(names) == 1 {
		return "gate " + names[0]
	}
	return "gates " + strings.Join(names, ", ")
}

// printSummary says in one line each what a finished run could not use or found odd, and where to
// look; nothing when all is well.
func (n *night) printSummary(w io.Writer) {
	v := n.voc()
	if len(n.rejects) > 0 {
		fmt.Fprintln(w, v.say(listedIn, v.count(int32(len(n.rejects)), unitRefused), "rejects.parquet"))
	}
	for _, o := range n.oddities() {
		fmt.Fprintln(w, v.say(oddRows, o.rows, o.what(v)))
	}
	if len(n.faults) > 0 {
		fmt.Fprintln(w, v.say(listedFaults, v.count(int32(len(n.faults)), unitFault), "master_faults.parquet"))
	}
}

// thousands groups the digits of an amount for the screen.
func thousands(amount string) string {
	whole, part, pointed := strings.Cut(amount, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if pointed {
		whole += "." + part
	}
	return sign + whole
}
