package scoring

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// plainRows leaves of random rows what can be played apart, mostly: no row takes money back or is a credit note, no
// two have one key, and nobody promises anything.
func plainRows(t *rapid.T, rows *Rows) {
	rows.Activities = nil
	items := map[string]bool{}
	rows.Invoices = slices.DeleteFunc(rows.Invoices, func(v Invoice) bool {
		key := fmt.Sprint(v.ID, v.Instalment)
		met := items[key]
		items[key] = true
		return met || v.Kind == KindCreditNote || v.Amount.Mantissa < 0
	})
	rows.Payments = slices.DeleteFunc(rows.Payments, func(v Payment) bool { return v.Kind == KindReversal || v.Amount.Mantissa < 0 })
	for i := range rows.Payments {
		rows.Payments[i].ID = fmt.Sprint("P", i)
		if rapid.IntRange(0, 50).Draw(t, "huge") == 0 {
			rows.Payments[i].Amount = Decimal{rapid.SampledFrom([]int64{1e14, 9e17}).Draw(t, "amount"), 2}
		}
	}
}

// What is played invoice by invoice comes to what all rows come to that are played together: the account with its
// items, closed items, totals, what was refused and counted, and the portfolio at every period end.
func TestItemsPlayedApartComeToTheSame(t *testing.T) {
	ledgers, apart := 0, 0
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		env.LedgerOnly, env.HistoryKept, env.ClosedKept = true, false, true
		if rapid.IntRange(0, 3).Draw(t, "plain") > 0 {
			env.Unapplied = UnappliedHold
			plainRows(t, rows)
		}
		var one, all Rebuilder
		all.together = true
		got, err := one.Rebuild(rows, env, 0)
		want, failed := all.Rebuild(rows, env, 0)
		if fmt.Sprint(err) != fmt.Sprint(failed) {
			t.Fatalf("apart %v, together %v", err, failed)
		}
		if ledgers++; len(one.ledger.links) > 0 {
			apart++
		}
		if err != nil {
			return
		}
		if d := equal(got, want); d != "" {
			t.Fatal(d)
		}
		a, b := one.TakePortfolio()[0], all.TakePortfolio()[0]
		if a.Customers != b.Customers || len(a.Parts) != len(b.Parts) {
			t.Fatalf("portfolio of %d customers and %d currencies, together %d and %d", a.Customers, len(a.Parts), b.Customers, len(b.Parts))
		}
		for i, p := range a.Parts {
			q := b.Parts[i]
			if p.Currency != q.Currency {
				t.Fatalf("portfolio in %s, together in %s", p.Currency, q.Currency)
			}
			if d := equal(p.Own, q.Own) + equal(p.Base, q.Base); d != "" {
				t.Fatalf("portfolio in %s: %s", p.Currency, d)
			}
		}
	})
	if 3*apart < ledgers {
		t.Errorf("of %d ledgers only %d were played apart", ledgers, apart)
	}
}
