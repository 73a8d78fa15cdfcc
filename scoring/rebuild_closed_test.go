package scoring

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Closed and open items together are every row of the invoices export that is used, and come to
// the amounts invoiced and credited; the settled ones are those of Account.History.
func TestClosedAndOpenItemsAreAllInvoices(t *testing.T) {
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		env.ClosedKept, env.HistoryKept = true, true
		o := mustRebuild(t, rows, env, 0)
		amounts := map[Currency]Sum{}
		count := int64(0)
		add := func(c Currency, v int64) {
			s := amounts[c]
			s.Add(v)
			amounts[c] = s
			count++
		}
		for _, it := range o.Account.Items {
			if it.Kind != paymentItem {
				add(it.Currency, it.Amount)
			}
		}
		var settled []Closed
		for _, c := range o.Closed {
			add(c.Currency, c.Amount)
			if c.On != NoDay && c.Kind != kindNames[KindCreditNote] {
				settled = append(settled, c)
			}
		}
		if count != o.Counts[Invoices].Used {
			t.Fatalf("%d items of %d rows used", count, o.Counts[Invoices].Used)
		}
		for _, total := range o.Totals {
			want := total.Invoiced.Amount
			want.Sub(total.Credited.Amount)
			if amounts[total.Currency] != want {
				t.Fatalf("items of %s come to %v, invoiced less credited is %v", total.Currency, amounts[total.Currency], want)
			}
		}
		compareHistory(t, o.Account.History, settled)
	})
}

func compareHistory(t *rapid.T, history []Settled, closed []Closed) {
	slices.SortFunc(history, func(a, b Settled) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Instalment, b.Instalment))
	})
	if len(history) != len(closed) {
		t.Fatalf("%d settled invoices in the history, %d among the closed items", len(history), len(closed))
	}
	for i, h := range history {
		want := Closed{ID: h.ID, Instalment: h.Instalment, Currency: h.Currency, Kind: h.Kind, Issue: h.Issue, Due: h.Due, Amount: h.Amount, On: h.On}
		if closed[i] != want {
			t.Fatalf("closed item %+v, in the history %+v", closed[i], want)
		}
	}
}

// A credit note is closed on the day on which the last of it found an invoice, and an invoice of
// nothing on no day.
func TestCreditNoteClosesWhenTheLastOfItIsUsed(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	env.ClosedKept = true
	o := rebuilt(t, env, `
		invoice K issued=03-02 due=03-02 amount=-30.00 for=A
		invoice A issued=03-01 due=03-31 amount=20.00 part=1
		invoice A issued=03-18 due=04-30 amount=10.00 part=2
		invoice Z issued=03-05 due=03-10 amount=0.00
		invoice B issued=03-05 due=03-31 amount=50.00`)
	var got []string
	for _, c := range o.Closed {
		got = append(got, c.ID+" "+c.On.String())
	}
	if want := []string{"K 2024-03-18", "Z ", "A 2024-03-02", "A 2024-03-02"}; !slices.Equal(got, want) {
		t.Errorf("closed %q, want %q", got, want)
	}
}
