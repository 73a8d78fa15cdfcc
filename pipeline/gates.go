package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kaishu/pipeline/config"
	"kaishu/scoring"
)

// The gates, by the names under which they are configured and accepted.
const (
	gateRejects    = "reject_share"
	gateTotals     = "totals"
	gateEmpty      = "empty_export"
	gateTruncated  = "truncated"
	gateNewest     = "newest_payment"
	gateUnapplied  = "unapplied_share"
	gateRowChange  = "row_change"
	gateOpenChange = "open_change"
)

// gateResult is what one gate found. Result is passed, warned, accepted (it would have stopped the
// run but for --accept), refused, or off.
type gateResult struct {
	Gate   string `json:"gate"`
	Result string `json:"result"`
	Found  string `json:"found"` // in English, as run.json and errors are
	said   words  // the same in any language
}

// words is a text in the language of a vocabulary.
type words func(*vocabulary) string

// Refused is the error of a gate that stops the run.
type Refused struct {
	Gate, Msg, Hint string
}

func (r *Refused) Error() string {
	if r.Gate == "" {
		return r.Msg
	}
	return fmt.Sprintf("gate %s: %s", r.Gate, r.Msg)
}

// finding is what a gate looks at: whether it is hit, and the figures.
type finding struct {
	gate  string
	hit   bool
	found words
	hint  string
}

// tie checks that the totals of the ledger tie to those of the exports, per currency and to the
// minor unit, and that the exports look whole. The first gate that stops ends the run; all are
// in the manifest.
func (n *night) tie(context.Context) error {
	if err := n.findPrevious(); err != nil {
		return err
	}
	if err := n.findTooMuch(); err != nil {
		return err
	}
	findings := []finding{n.findRejects(), n.findTotals(), n.findEmpty(), n.findTruncated(), n.findNewest(), n.findUnapplied()}
	findings = append(findings, n.findChanges()...)
	var stop *Refused
	for _, f := range findings {
		r := gateResult{Gate: f.gate, Result: "passed", Found: f.found(&english), said: f.found}
		level := n.cfg.Gates.Level(f.gate)
		switch {
		case level == config.Off:
			r.Result = "off"
		case !f.hit:
		case level == config.Warn:
			r.Result = "warned"
			n.log.Warn("gate", "name", f.gate, "found", r.Found)
		case slices.Contains(n.options.Accept, f.gate) && f.gate != gateTotals:
			r.Result = "accepted"
		default:
			r.Result = "refused"
			if stop == nil {
				stop = &Refused{Gate: f.gate, Msg: r.Found, Hint: f.hint}
			}
		}
		n.gates = append(n.gates, r)
	}
	if stop != nil {
		return stop
	}
	return nil
}

// accepted reports a name given to --accept that is no gate, or one that cannot be waived.
func checkAccept(names []string) error {
	for _, a := range names {
		if a == gateTotals {
			return usage("--accept: totals that do not tie cannot be accepted")
		}
		if !slices.Contains(config.GateNames(), a) {
			return usage("--accept: %q is no gate; the gates are %v", a, config.GateNames())
		}
	}
	return nil
}

// findRejects looks at the share of refused rows of each export.
func (n *night) findRejects() finding {
	f := finding{gate: gateRejects, found: func(*vocabulary) string { return "" }, hint: "see them with kaishu check; mend the export or its settings, or pass once with --accept " + gateRejects}
	limit := n.cfg.Gates.MaxRejectShare
	worst := -1.0
	for export, c := range n.perExport() {
		if c.rows == 0 {
			continue
		}
		share := float64(c.refused) / float64(c.rows)
		if share > worst {
			worst = share
			f.found = func(v *vocabulary) string {
				return v.say(foundRejects, c.refused, c.rows, v.name(exportName(scoring.Export(export))), v.share(share, 2), v.share(limit, 2))
			}
		}
		f.hit = f.hit || share > limit
	}
	return f
}

// The exchange rates are an export that holds no customers' rows.
const (
	exchangeRates = scoring.Export(scoring.Exports)
	exports       = scoring.Exports + 1
)

// exportName is the name of an export in the configuration.
func exportName(e scoring.Export) string {
	if e == exchangeRates {
		return "rates"
	}
	return e.String()
}

// rowCount is what became of the rows of one export, over all its files.
type rowCount struct{ rows, skipped, refused int64 }

func (n *night) perExport() [exports]rowCount {
	var out [exports]rowCount
	for _, s := range n.sources {
		c := &out[s.export]
		c.rows += s.result.Rows
		c.skipped += s.result.Skipped
		c.refused += int64(len(s.result.Rejects))
	}
	for _, l := range n.late {
		out[n.sources[l.file].export].refused++
	}
	return out
}

// findEmpty looks for a given export without any rows where there must be some, and for invoices that are all of later days.
func (n *night) findEmpty() finding {
	f := finding{gate: gateEmpty, found: func(v *vocabulary) string { return v.say(foundRows) }, hint: "see that the export was written in full, or pass once with --accept " + gateEmpty}
	given := map[scoring.Export]bool{}
	for _, s := range n.sources {
		given[s.export] = true
	}
	for export, c := range n.perExport() {
		if given[scoring.Export(export)] && c.rows == 0 && hasRows(scoring.Export(export)) {
			f.hit = true
			f.found = func(v *vocabulary) string { return v.say(foundNoRows, v.name(exportName(scoring.Export(export)))) }
			return f
		}
	}
	if n.ledger.counts[scoring.Invoices].Used == 0 {
		f.hit, f.found = true, func(v *vocabulary) string {
			return v.say(foundNothing, v.name(exportName(scoring.Invoices)), n.asOf)
		}
	}
	return f
}

// hasRows tells whether an export without any row must be one that was cut short. Without its customers a night would ask those who are
// not to be contacted; disputes and activities there may be none of.
func hasRows(e scoring.Export) bool {
	return e == scoring.Invoices || e == scoring.Payments || e == scoring.Customers
}

// findTruncated looks for settlements that stop while due dates go on: an export cut short.
func (n *night) findTruncated() finding {
	days := scoring.Day(n.cfg.Gates.TruncatedDays)
	f := finding{gate: gateTruncated, hint: "see that the payments export reaches the as-of date, or pass once with --accept " + gateTruncated}
	since := n.asOf - days
	f.hit = n.ledger.dueSince > 0 && n.ledger.newestPayment < since
	f.found = func(v *vocabulary) string {
		return v.say(foundDue, v.count(int32(n.ledger.dueSince), unitItem), days, v.dayOrNone(n.ledger.newestPayment))
	}
	return f
}

func (n *night) findNewest() finding {
	f := finding{gate: gateNewest, hint: "pass once with --accept " + gateNewest}
	f.found = func(v *vocabulary) string { return v.say(foundNewest, v.dayOrNone(n.ledger.newestPayment)) }
	if n.ledger.newestPayment != scoring.NoDay {
		age := n.asOf - n.ledger.newestPayment
		f.found = func(v *vocabulary) string {
			return v.say(foundNewestAge, n.ledger.newestPayment, v.count(int32(age), unitDay))
		}
		f.hit = int(age) > n.cfg.Gates.NewestPaymentDays
	}
	return f
}

// dayOrNone is a date, or that there is none.
func (v *vocabulary) dayOrNone(d scoring.Day) string {
	if d == scoring.NoDay {
		return v.say(foundNone)
	}
	return d.String()
}

func (n *night) findUnapplied() finding {
	open, unapplied := n.ledger.open, n.ledger.unapplied
	share := 0.0
	if open > 0 {
		share = float64(unapplied) / float64(open)
	}
	return finding{gate: gateUnapplied, hit: share > n.cfg.Gates.MaxUnappliedShare,
		found: func(v *vocabulary) string { return v.say(foundUnapplied, v.share(share, 1)) },
		hint:  "see that payments carry invoice_id, or set allocation.unapplied; pass once with --accept " + gateUnapplied}
}

// cannotRebuild is the error of a customer whose ledger cannot be rebuilt. A currency without a rate
// stops the run like a gate, but nothing can waive it: without a rate there is no amount.
func cannotRebuild(err error) error {
	var none *scoring.NoRate
	if errors.As(err, &none) {
		return &Refused{Msg: err.Error(), Hint: fmt.Sprintf("add the rate of %s to the export exports.rates names, or let ledger.rate_max_age be longer", none.Currency)}
	}
	return fmt.Errorf("rebuilding the ledger: %w", err)
}
