package scoring

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// oracle is an independent reading of the plain case, one invoice at a time: what is open is
// the amount less everything that names it, not below zero and not above the amount; what goes
// beyond is on account.
func oracle(rows *Rows, asOf Day) (open map[string]int64, onAccount int64) {
	open = map[string]int64{}
	credits := int64(0)
	for _, v := range rows.Invoices {
		if v.Issue <= asOf && v.Amount.Mantissa > 0 {
			open[v.ID] = v.Amount.Mantissa
		}
	}
	named := map[string]int64{}
	use := func(name string, v int64) {
		if _, known := open[name]; known {
			named[name] += v
		} else {
			credits += v
		}
	}
	for _, v := range rows.Invoices {
		if v.Issue <= asOf && v.Amount.Mantissa < 0 {
			use(v.AppliesTo, -v.Amount.Mantissa)
		}
	}
	for _, v := range rows.Payments {
		if v.Paid > asOf {
			continue
		}
		if v.Kind == KindReversal {
			use(v.Invoice, -v.Amount.Mantissa)
		} else {
			use(v.Invoice, v.Amount.Mantissa)
		}
	}
	for id, amount := range open {
		left := amount - named[id]
		open[id] = min(max(left, 0), amount)
		onAccount += open[id] - left
		if open[id] == 0 {
			delete(open, id)
		}
	}
	return open, onAccount + credits
}

func TestExplicitAllocationAgreesWithBruteForce(t *testing.T) {
	settled := 0
	checkLedgers(t, func(t *rapid.T) {
		rows := &Rows{Customer: "C1"}
		for i := range rapid.IntRange(1, 6).Draw(t, "invoices") {
			d := ledgerStart + Day(rapid.IntRange(0, 40).Draw(t, "day"))
			rows.Invoices = append(rows.Invoices, Invoice{Customer: "C1", ID: fmt.Sprintf("I%d", i), Issue: d, Due: d + 10,
				Amount: Decimal{int64(rapid.IntRange(1, 6).Draw(t, "amount")) * 10, 2}, Known: NoDay, Pos: Pos(i)})
		}
		name := func() string { return fmt.Sprintf("I%d", rapid.IntRange(0, 6).Draw(t, "name")) } // I6 is unknown
		for i := range rapid.IntRange(0, 3).Draw(t, "credit notes") {
			d := ledgerStart + Day(rapid.IntRange(0, 40).Draw(t, "day"))
			rows.Invoices = append(rows.Invoices, Invoice{Customer: "C1", ID: fmt.Sprintf("N%d", i), Issue: d, Due: d, AppliesTo: name(),
				Amount: Decimal{-int64(rapid.IntRange(1, 6).Draw(t, "amount")) * 10, 2}, Known: NoDay, Pos: Pos(100 + i)})
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "payments") {
			v := Payment{Customer: "C1", ID: fmt.Sprintf("P%d", i), Paid: ledgerStart + Day(rapid.IntRange(0, 60).Draw(t, "day")),
				Amount: Decimal{int64(rapid.IntRange(1, 6).Draw(t, "amount")) * 10, 2}, Known: NoDay, Pos: Pos(i),
				Kind: PaymentKind(rapid.SampledFrom([]int{0, 0, 0, 2, 3}).Draw(t, "kind"))}
			if rapid.Bool().Draw(t, "names") {
				v.Invoice = name()
			}
			rows.Payments = append(rows.Payments, v)
			// A payment may bounce, in whole or in part, by a row that names what it named.
			if v.Kind == KindPayment && v.Invoice != "" && rapid.IntRange(0, 3).Draw(t, "bounces") == 0 {
				v.ID, v.Kind, v.Pos = v.ID+"R", KindReversal, v.Pos+100
				v.Paid += Day(rapid.IntRange(0, 15).Draw(t, "bounces after"))
				v.Amount.Mantissa = int64(rapid.IntRange(1, int(v.Amount.Mantissa)).Draw(t, "bounced"))
				rows.Payments = append(rows.Payments, v)
			}
		}
		env := &Env{AsOf: ledgerStart + Day(rapid.IntRange(0, 80).Draw(t, "as of")), Reporting: eur, Rates: NewRates(eur, 7), Calendar: weekdays}
		o := mustRebuild(t, rows, env, 0)
		want, onAccount := oracle(rows, env.AsOf)
		for _, it := range o.Account.Items {
			if it.Kind == "invoice" {
				if want[it.ID] != it.Open {
					t.Fatalf("%s: open %d, want %d", it.ID, it.Open, want[it.ID])
				}
				delete(want, it.ID)
			} else {
				onAccount += it.Open
			}
		}
		if len(want) != 0 || onAccount != 0 {
			t.Fatalf("not open: %v; on account %d too little", want, onAccount)
		}
		settled += int(o.Account.Settled)
	})
	if settled < 100 {
		t.Errorf("only %d invoices were settled", settled)
	}
}

// oldestFirst is what first-in-first-out leaves open when all money comes after all invoices.
func TestOldestFirstUsesMoneyInOrderOfDueDate(t *testing.T) {
	checkLedgers(t, func(t *rapid.T) {
		rows := &Rows{Customer: "C1"}
		type item struct {
			due  Day
			id   string
			open int64
		}
		var want []item
		for i := range rapid.IntRange(1, 8).Draw(t, "invoices") {
			v := item{ledgerStart + Day(rapid.IntRange(0, 10).Draw(t, "due")), fmt.Sprintf("I%d", i), int64(rapid.IntRange(1, 50).Draw(t, "amount"))}
			want = append(want, v)
			rows.Invoices = append(rows.Invoices, Invoice{ID: v.id, Issue: ledgerStart, Due: v.due, Amount: Decimal{v.open, 2}, Known: NoDay, Pos: Pos(i)})
		}
		money := int64(0)
		for i := range rapid.IntRange(0, 5).Draw(t, "payments") {
			v := int64(rapid.IntRange(1, 60).Draw(t, "cash"))
			money += v
			rows.Payments = append(rows.Payments, Payment{ID: fmt.Sprintf("P%d", i), Paid: ledgerStart + Day(i), Amount: Decimal{v, 2}, Known: NoDay, Pos: Pos(i)})
		}
		slices.SortFunc(want, func(a, b item) int {
			if a.due != b.due {
				return int(a.due - b.due)
			}
			if a.id < b.id {
				return -1
			}
			return 1
		})
		env := &Env{AsOf: ledgerStart + 30, Reporting: eur, Rates: NewRates(eur, 7), Calendar: weekdays, Unapplied: UnappliedOldestFirst}
		got := mustRebuild(t, rows, env, 0).Account.Items
		for _, w := range want {
			part := min(money, w.open)
			money, w.open = money-part, w.open-part
			if w.open == 0 {
				continue
			}
			if len(got) == 0 || got[0].ID != w.id || got[0].Open != w.open {
				t.Fatalf("items %+v, want %+v next", got, w)
			}
			got = got[1:]
		}
		for _, it := range got {
			money += it.Open
		}
		if money != 0 {
			t.Fatalf("%d is neither used nor on account", money)
		}
	})
}

func TestUnappliedMoneyFindsItsItems(t *testing.T) {
	const three = `
		invoice A issued=03-01 due=03-31 amount=100.00
		invoice B issued=03-01 due=04-30 amount=60.00
		invoice C issued=03-02 due=04-30 amount=45.00
		`
	a, b, c := "A invoice 100.00 of 100.00 EUR 0", "B invoice 60.00 of 60.00 EUR 0", "C invoice 45.00 of 45.00 EUR 0"
	for _, v := range []struct {
		name   string
		policy Unapplied
		rows   string
		want   []string
	}{
		{"held", UnappliedHold, "payment P on=03-10 amount=60.00", []string{"P payment -60.00 of -60.00 EUR 6", a, b, c}},
		{"oldest first", UnappliedOldestFirst, "payment P on=03-10 amount=60.00", []string{"A invoice 40.00 of 100.00 EUR 0", b, c}},
		{"the exact amount of one item", UnappliedExactThenOldest, "payment P on=03-10 amount=60.00", []string{a, c}},
		{"a closing statement", UnappliedExactThenOldest, "payment P on=03-10 amount=105.00", []string{a}},
		{"one item less the bank's fee", UnappliedExactThenOldest, "payment P on=03-10 amount=44.00", []string{a, b, "C invoice 1.00 of 45.00 EUR 0"}},
		{"a statement less the bank's fee", UnappliedExactThenOldest, "payment P on=03-10 amount=104.50", []string{a, "C invoice 0.50 of 45.00 EUR 0"}},
		{"more than the bank's fee short", UnappliedExactThenOldest, "payment P on=03-10 amount=43.99", []string{"A invoice 56.01 of 100.00 EUR 0", b, c}},
		{"the only set of items", UnappliedExactThenOldest, "payment P on=03-10 amount=160.00", []string{c}},
		{"an ambiguous set", UnappliedExactThenOldest, "invoice D issued=03-02 due=05-31 amount=60.00\npayment P on=03-10 amount=160.00",
			[]string{c, "D invoice 60.00 of 60.00 EUR 0"}}, // as the oldest: 100 of A, 60 of B
		{"a credit note", UnappliedOldestFirst, "invoice N issued=03-10 due=03-10 amount=-60.00", []string{"A invoice 40.00 of 100.00 EUR 0", b, c}},
		{"explicit first", UnappliedOldestFirst, "payment P on=03-10 amount=60.00\npayment Q on=03-10 amount=100.00 for=A", []string{c}},
		{"money before the invoice", UnappliedOldestFirst, "payment P on=03-10 amount=210.00\ninvoice D issued=03-20 due=05-31 amount=60.00",
			[]string{"D invoice 55.00 of 60.00 EUR 0"}},
		{"rows of other customers' invoices", UnappliedOldestFirst, "payment P on=03-10 amount=60.00 for=Z", []string{"A invoice 40.00 of 100.00 EUR 0", b, c}},
	} {
		env := testEnv(t, "2024-03-31")
		env.Unapplied, env.BankFee = v.policy, 100
		if o := rebuilt(t, env, three+v.rows); itemLines(o) != joined(v.want) {
			t.Errorf("%s: open items\n%s\nwant\n%s", v.name, itemLines(o), joined(v.want))
		}
	}
}

func TestHeldCashSettlesOnTheLaterOfItsDayAndTheIssue(t *testing.T) {
	env := testEnv(t, "2024-04-30")
	env.Unapplied, env.HistoryKept = UnappliedOldestFirst, true
	h := rebuilt(t, env, `
		payment P on=03-01 amount=50.00
		invoice A issued=03-10 due=03-31 amount=30.00
		invoice B issued=02-01 due=03-31 amount=20.00 known=03-20`).Account.History
	if len(h) != 2 || h[0].On != mustDay("2024-03-10") || h[1].On != mustDay("2024-03-01") {
		t.Errorf("settled %+v, want A on its issue and B on the day of the cash", h)
	}
	// Cash that names its invoice counts from its own day, even before the issue.
	h = rebuilt(t, env, "payment P on=03-01 amount=50.00 for=A\ninvoice A issued=03-10 due=03-31 amount=50.00").Account.History
	if len(h) != 1 || h[0].On != mustDay("2024-03-01") || h[0].DaysLate != -30 || h[0].DaysToPay != -9 {
		t.Errorf("settled %+v, want 30 days early", h)
	}
}

func TestMoneyTakenBack(t *testing.T) {
	const invoice = "invoice A issued=03-01 due=03-31 amount=100.00\n"
	for _, v := range []struct {
		name, rows string
		want       []string
	}{
		{"overpayment stays on account", "payment P on=03-10 amount=150.00 for=A", []string{"P payment -50.00 of -150.00 EUR 6"}},
		{"two rows of a payment are one item", "payment P on=03-10 amount=50.00\npayment P on=03-11 amount=20.00 for=Z", []string{
			"P payment -70.00 of -70.00 EUR 6", "A invoice 100.00 of 100.00 EUR 0"}},
		{"a refund pays cash on account out", "payment P on=03-10 amount=150.00 for=A\npayment R on=03-12 amount=-50.00", nil},
		{"a refund pays a credit note out", "payment P on=03-10 amount=100.00 for=A\ninvoice N issued=03-11 due=03-11 amount=-30.00\npayment R on=03-12 amount=-30.00 for=N", nil},
		{"a negative payment of an invoice reopens it", "payment P on=03-10 amount=100.00 for=A\npayment R on=03-12 amount=-40.00 for=A",
			[]string{"A invoice 40.00 of 100.00 EUR 0"}},
		{"a refund of nothing is owed", "payment R on=03-12 amount=-40.00", []string{"R payment 40.00 of 40.00 EUR 1", "A invoice 100.00 of 100.00 EUR 0"}},
		{"until money comes in", "payment R on=03-12 amount=-40.00\npayment P on=03-14 amount=60.00", []string{
			"P payment -20.00 of -60.00 EUR 6", "A invoice 100.00 of 100.00 EUR 0"}},
		{"a reversal may be known before its payment", "payment P on=03-10 amount=100.00 for=A known=03-20\npayment P on=03-12 amount=100.00 kind=reversal",
			[]string{"A invoice 100.00 of 100.00 EUR 0"}},
		{"what waits for an invoice takes what is reopened", "payment P on=03-10 amount=60.00 for=A\npayment Q on=03-11 amount=60.00 for=A\npayment P on=03-12 amount=60.00 kind=reversal",
			[]string{"A invoice 40.00 of 100.00 EUR 0"}},
		{"a reversal without a payment takes cash on account", "payment P on=03-10 amount=70.00\npayment R on=03-12 amount=20.00 kind=reversal",
			[]string{"P payment -50.00 of -70.00 EUR 6", "A invoice 100.00 of 100.00 EUR 0"}},
		{"a negative write-off reopens", "payment W on=03-10 amount=100.00 for=A kind=write_off\npayment V on=03-12 amount=-100.00 for=A kind=write_off",
			[]string{"A invoice 100.00 of 100.00 EUR 0"}},
		{"a reversal does not touch a discount", "payment D on=03-10 amount=2.00 for=A kind=discount\npayment P on=03-10 amount=98.00 for=A\npayment R on=03-12 amount=98.00 for=A kind=reversal",
			[]string{"A invoice 98.00 of 100.00 EUR 0"}},
		{"an instalment that is named takes no other's money", "invoice B part=1 issued=03-01 due=03-31 amount=10.00\ninvoice B part=2 issued=03-01 due=04-30 amount=10.00\npayment P on=03-10 amount=15.00 for=B part=2",
			[]string{"P payment -5.00 of -15.00 EUR 6", "A invoice 100.00 of 100.00 EUR 0", "B/1 invoice 10.00 of 10.00 EUR 0"}},
	} {
		if o := rebuilt(t, testEnv(t, "2024-03-31"), invoice+v.rows); itemLines(o) != joined(v.want) {
			t.Errorf("%s: open items\n%s\nwant\n%s", v.name, itemLines(o), joined(v.want))
		}
	}
}

func joined(lines []string) string {
	s := ""
	for i, l := range lines {
		if i > 0 {
			s += "\n"
		}
		s += l
	}
	return s
}
