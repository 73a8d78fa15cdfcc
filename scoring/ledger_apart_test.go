package scoring

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kaishu/scoring/hazard"
)

// plainRows leaves of random rows what can be played apart, mostly: no row takes money back or is a credit note, no
// two have one key, and nobody promises anything.
func plainRows(t *rapid.T, rows *Rows) {
	rows.Activities = slices.DeleteFunc(rows.Activities, func(a Activity) bool {
		return a.Agency == "" || a.PromiseDate != NoDay || rapid.Bool().Draw(t, "silent")
	})
	if rapid.Bool().Draw(t, "undisputed") {
		rows.Disputes = nil
	}
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
	ledgers, apart, marks := 0, 0, 0
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		env.LedgerOnly, env.HistoryKept, env.ClosedKept = rapid.Bool().Draw(t, "ledger only"), false, true
		if rapid.IntRange(0, 3).Draw(t, "plain") > 0 {
			env.Unapplied = UnappliedHold
			plainRows(t, rows)
		}
		below := uint64(0)
		if !env.LedgerOnly {
			env.LandmarkWeeks = int32(rapid.IntRange(0, 20).Draw(t, "landmarks"))
			below = rapid.SampledFrom([]uint64{0, math.MaxUint64 / 4, math.MaxUint64, math.MaxUint64}).Draw(t, "below")
		}
		var one, all Rebuilder
		all.together = true
		one.past.estimate.exact = rapid.IntRange(0, 9).Draw(t, "exact") == 0
		got, err := one.Rebuild(rows, env, below)
		want, failed := all.Rebuild(rows, env, below)
		if fmt.Sprint(err) != fmt.Sprint(failed) {
			t.Fatalf("apart %v, together %v", err, failed)
		}
		if ledgers++; len(one.ledger.links) > 0 {
			apart++
			marks += len(got.Account.Landmarks)
		}
		if err != nil {
			return
		}
		if d := equalNights(got, want); d != "" {
			t.Fatal(d)
		}
		samePortfolio(t, one.TakePortfolio(), all.TakePortfolio())
	})
	if 3*apart < ledgers || 8*marks < ledgers {
		t.Errorf("of %d ledgers only %d were played apart, with %d landmarks", ledgers, apart, marks)
	}
}

// equalNights is equal, whatever the order of the landmarks of a day.
func equalNights(a, b *Outcome) string {
	for _, o := range []*Outcome{a, b} {
		slices.SortFunc(o.Account.Landmarks, func(a, b hazard.Landmark) int {
			return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Key, b.Key))
		})
	}
	return equal(a, b)
}

// Customers of years, with many items that settle on one day: their weighted sums, that are made in the order of days, are the
// same to the last bit.
func TestYearsPlayedApartComeToTheSame(t *testing.T) {
	for _, invoices := range []int{1, 50, 400, 2000} {
		for _, lag := range []int32{0, 2} {
			for _, below := range []uint64{0, math.MaxUint64 / 50, math.MaxUint64 / 3, math.MaxUint64} {
				for _, exact := range []bool{false, true} {
					rows, env := habitualRows(fmt.Sprint("C", lag), invoices), benchEnv(78)
					env.KnownLag = lag
					for i := range rows.Payments {
						switch p := &rows.Payments[i]; i % 11 {
						case 3:
							p.Known = p.Paid + Day(i%40)
						case 5:
							p.Currency = NoCurrency
						case 7:
							p.Invoice = ""
						case 9:
							p.Kind = PaymentKind(2 + i%2)
						}
					}
					if lag > 0 {
						env.LandmarkDays = []Day{env.AsOf - 900, env.AsOf - 899, env.AsOf - 400, env.AsOf - 31, env.AsOf - 1, env.AsOf}
					}
					var one, all Rebuilder
					all.together, one.past.estimate.exact = true, exact
					got, err := one.Rebuild(rows, env, below)
					want, failed := all.Rebuild(rows, env, below)
					if err != nil || failed != nil {
						t.Fatal(err, failed)
					}
					if len(one.ledger.links) == 0 {
						t.Fatal("not played apart")
					}
					if below == math.MaxUint64 && len(want.Account.Landmarks) < invoices/20 {
						t.Fatalf("only %d landmarks", len(want.Account.Landmarks))
					}
					if d := equalNights(got, want); d != "" {
						t.Fatalf("%d invoices, lag %d, bound %d: %s", invoices, lag, below, d)
					}
				}
			}
		}
	}
}

// samePortfolio compares what one customer comes to in the portfolio, told in two ways.
func samePortfolio(t *rapid.T, got, want []*PortfolioGroup) {
	a, b := got[0], want[0]
	if len(got) != len(want) || a.Customers != b.Customers || len(a.Parts) != len(b.Parts) {
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
}
