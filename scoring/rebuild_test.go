package scoring

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestDuplicateKeysKeepTheFirstRowOfTheExport(t *testing.T) {
	o := rebuilt(t, testEnv(t, "2024-03-31"), `
		invoice A issued=03-20 due=03-31 amount=100.00
		invoice A issued=03-01 due=03-31 amount=70.00
		invoice A part=2 issued=03-01 due=04-30 amount=5.00
		payment P on=03-22 amount=40.00 for=A
		payment P on=03-21 amount=50.00 for=A
		payment P on=03-21 amount=1.00
		customer One limit=10.00
		customer Two limit=20.00
		activity T on=03-21 action=call
		activity T on=03-20 action=call
		dispute D for=A on=03-22 amount=10.00
		dispute D for=A on=03-21 amount=20.00`)
	wantItems(t, o, "P payment -1.00 of -1.00 EUR 6", "A invoice 60.00 of 100.00 EUR 0", "A/2 invoice 5.00 of 5.00 EUR 0")
	var causes []string
	for _, r := range o.Refused {
		causes = append(causes, r.Export.String()+" "+r.Column+": "+r.Cause)
	}
	want := []string{`invoices invoice_id: duplicate invoice_id "A"`, `payments payment_id: duplicate payment_id "P"`,
		`customers customer_id: duplicate customer_id "C1"`, `activities activity_id: duplicate activity_id "T"`, `disputes dispute_id: duplicate dispute_id "D"`}
	if d := equal(causes, want); d != "" {
		t.Errorf("refused %q: %s", causes, d)
	}
	if o.Account.Disputed != 1000 || o.Account.Contacts30 != 1 || o.Account.Limit != 1000 {
		t.Errorf("disputed %d, contacts %d, limit %d", o.Account.Disputed, o.Account.Contacts30, o.Account.Limit)
	}
}

// A duplicate that comes first in the export but is known later takes the place of the other
// on that day, and not before.
func TestADuplicateReplacesOnlyFromTheDayItIsKnown(t *testing.T) {
	const rows = `
		invoice A issued=03-01 due=03-31 amount=100.00 known=03-20
		invoice A issued=03-01 due=03-31 amount=70.00
		payment P on=03-05 amount=90.00 for=A known=03-25
		payment P on=03-05 amount=30.00 for=A`
	wantItems(t, rebuilt(t, testEnv(t, "2024-03-19"), rows), "A invoice 40.00 of 70.00 EUR 0")
	wantItems(t, rebuilt(t, testEnv(t, "2024-03-20"), rows), "A invoice 70.00 of 100.00 EUR 0")
	o := rebuilt(t, testEnv(t, "2024-03-25"), rows)
	wantItems(t, o, "A invoice 10.00 of 100.00 EUR 0")
	if len(o.Refused) != 2 {
		t.Errorf("%d rows refused, want the two replaced", len(o.Refused))
	}
	o = rebuilt(t, testEnv(t, "2024-03-25"), `
		invoice A issued=03-05 due=03-31 amount=100.00 known=03-20
		invoice A issued=03-01 due=03-31 amount=70.00
		invoice B issued=03-03 due=03-31 amount=70.00`)
	if got := o.Account.FirstInvoice; got != mustDay("2024-03-03") {
		t.Errorf("first invoice on %s, want that of B", got)
	}
}

func TestAmountsBeyondTheCurrencyAreRefused(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	env.Reporting, env.Rates = jpy, NewRates(jpy, 7)
	o := rebuilt(t, env, `
		invoice A issued=03-01 due=03-31 amount=100.50
		invoice B issued=03-01 due=03-31 amount=1000000000000000000
		invoice C issued=03-01 due=03-31 amount=500
		payment P on=03-02 amount=10.5
		payment Q on=03-02 amount=10.5 cur=JPY
		customer One limit=1.50
		activity T on=03-03 action=call date=03-09 amount=1.5
		dispute D for=C on=03-03 amount=1.5`)
	wantItems(t, o, "C invoice 500 of 500 JPY 0")
	if len(o.Refused) != 7 || o.Account.HasRow || o.Account.PromisesOpen+o.Account.Contacts30 != 0 || o.Account.Disputed != 0 {
		t.Errorf("%d refused: %+v", len(o.Refused), o.Refused)
	}
	for e, c := range o.Counts {
		if c.Used != map[Export]int64{Invoices: 1}[Export(e)] {
			t.Errorf("%s: %+v", Export(e), c)
		}
	}
}

func TestNegativeWeightsAreSummedExactly(t *testing.T) {
	o := rebuilt(t, testEnv(t, "2024-03-31"), "invoice A issued=03-24 due=03-30 amount=10.01\npayment P on=03-01 amount=10.01 for=A")
	if o.Account.DaysToPay != -23 {
		t.Errorf("paid 23 days before issue: %v days to pay", o.Account.DaysToPay)
	}
}

func TestChargesAreSettledBeforeInvoicesWhereConfigured(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	env.Unapplied = UnappliedOldestFirst
	const rows = `invoice A issued=01-01 due=01-31 amount=100.00
		invoice N issued=02-01 due=02-29 amount=3.00 kind=debit_note
		invoice B issued=02-01 due=02-29 amount=50.00
		payment P on=03-05 amount=60.00
		payment Q on=03-06 amount=1.00`
	wantItems(t, rebuilt(t, env, rows), "A invoice 39.00 of 100.00 EUR 2", "B invoice 50.00 of 50.00 EUR 2", "N debit_note 3.00 of 3.00 EUR 2")
	env.ChargesFirst = true
	wantItems(t, rebuilt(t, env, rows), "A invoice 42.00 of 100.00 EUR 2", "B invoice 50.00 of 50.00 EUR 2")
}

func TestMoneyMeetsTheInvoiceItNamesBeforeOtherDebts(t *testing.T) {
	o := rebuilt(t, testEnv(t, "2024-09-30"), `invoice I0605 issued=06-12 due=07-12 amount=10.50
		payment R on=06-28 amount=100.00 for=I0605 kind=reversal
		payment P0609 on=08-24 amount=80.00 for=I0604
		payment P0607 on=08-28 amount=100.00 for=I0605`)
	wantItems(t, o, "P0607 payment -69.50 of -100.00 EUR 6")
}

func TestPaymentsWithoutACurrencyTakeTheirInvoices(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	if err := env.Rates.Add(env.AsOf, usd, Decimal{9, 1}); err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string]string{
		"the invoice named":               "invoice A issued=03-01 due=03-31 amount=10.00 cur=USD\ninvoice B issued=03-01 due=03-31 amount=10.00 cur=EUR\npayment P on=03-05 amount=4.00 for=A",
		"the invoice named, once known":   "payment P on=02-05 amount=4.00 for=A\ninvoice A issued=03-01 due=03-31 amount=10.00 cur=USD\ninvoice B issued=01-01 due=03-31 amount=10.00 cur=EUR",
		"the customer's":                  "customer C cur=USD\ninvoice A issued=03-01 due=03-31 amount=10.00 cur=USD\ninvoice B issued=03-01 due=03-31 amount=10.00 cur=EUR\npayment P on=03-05 amount=6.00",
		"the reporting currency, of one":  "invoice A issued=03-01 due=03-31 amount=10.00 cur=USD\npayment P on=03-05 amount=6.00",
		"the reporting currency, of two":  "invoice A issued=03-01 due=03-31 amount=10.00 cur=USD\ninvoice B issued=03-01 due=03-31 amount=10.00 cur=EUR\npayment P on=03-05 amount=6.00",
		"the reporting currency, of none": "payment P on=03-05 amount=6.00",
	} {
		o := rebuilt(t, env, rows)
		want := usd
		if strings.HasPrefix(name, "the reporting") {
			want = eur
		}
		for _, total := range o.Totals {
			if (total.Paid.Rows == 1) != (total.Currency == want) {
				t.Errorf("%s: paid in %s: %d rows", name, total.Currency, total.Paid.Rows)
			}
		}
		if strings.HasPrefix(name, "the invoice") && !strings.Contains(itemLines(o), "A invoice 6.00 of 10.00 USD") {
			t.Errorf("%s: items\n%s", name, itemLines(o))
		}
	}
}

func TestAccountColumns(t *testing.T) {
	env := testEnv(t, "2024-04-30")
	env.Grace, env.HistoryKept = 2, true
	o := rebuilt(t, env, `
		customer One limit=1000.00
		invoice A issued=01-01 due=01-31 amount=100.00
		payment P on=02-02 amount=100.00 for=A
		invoice B issued=01-01 due=01-31 amount=300.00
		payment Q on=02-05 amount=300.00 for=B
		invoice C issued=02-01 due=02-29 amount=200.00
		payment R on=02-20 amount=100.00 for=C
		payment S on=02-25 amount=100.00 for=C
		invoice D issued=03-01 due=03-31 amount=400.00
		invoice E issued=04-01 due=04-29 amount=100.00
		invoice F issued=04-01 due=05-31 amount=50.00
		payment T on=04-10 amount=20.00`)
	a := &o.Account
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"open", float64(a.Open), 55000}, {"overdue", float64(a.Overdue), 50000}, {"not due", float64(a.Bucket[NotDue]), 5000},
		{"unapplied", float64(a.Unapplied), 2000}, {"exposure", float64(a.Exposure), 53000}, {"collectable", float64(a.Collectable), 48000},
		{"settled", float64(a.Settled), 3},
		{"delays", float64(a.Delays), 2}, // B by 5 days, D by 30; A is within the grace, E too
		{"open overdue", float64(a.OpenOverdue), 2},
		{"days late", a.DaysLateMean, float64(2+5-4) / 3}, {"days late at most", float64(a.DaysLateMax), 5},
		{"days to pay", a.DaysToPay, float64(100*32+300*35+100*19+100*24) / 600},
		{"past due at most", float64(a.PastDueMax), 30}, {"at best", float64(a.PastDueBest), 30},
		{"past due weighted", a.PastDueWeighted, float64(400*30+100*1) / 500},
		{"limit", float64(a.Limit), 100000},
		{"utilization", a.Items[len(a.Items)-1].Landmark.Past.Utilization, .53},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if len(a.History) != 3 || a.History[2].On != mustDay("2024-02-25") || a.History[2].DaysLate != -4 || !a.History[2].Cash {
		t.Errorf("history %+v", a.History)
	}
	if empty := rebuilt(t, env, "customer One").Account; !math.IsNaN(empty.DaysLateMean) || !math.IsNaN(empty.PastDueWeighted) ||
		!math.IsNaN(empty.DaysToPay) || !math.IsNaN(empty.RightPartyRate) || empty.LastPayment != NoDay || empty.FirstInvoice != NoDay {
		t.Errorf("an empty account %+v", empty)
	}
	// Held money, were it meant for the oldest items, would leave nothing past due before E.
	best := rebuilt(t, env, "invoice D issued=03-01 due=03-31 amount=400.00\ninvoice E issued=04-01 due=04-29 amount=100.00\npayment T on=04-10 amount=400.00").Account
	if best.PastDueMax != 30 || best.PastDueBest != 1 {
		t.Errorf("past due %d, at best %d; want 30 and 1", best.PastDueMax, best.PastDueBest)
	}
}

func TestFactsWithoutKnownDateAreKnownAfterTheLag(t *testing.T) {
	env := testEnv(t, "2024-03-11") // a Monday
	env.KnownLag = 1
	const rows = "invoice A issued=03-08 due=03-31 amount=10.00\ninvoice B issued=03-11 due=03-31 amount=10.00\ninvoice C issued=03-11 due=03-31 amount=10.00 known=03-11"
	o := rebuilt(t, env, rows)
	wantItems(t, o, "A invoice 10.00 of 10.00 EUR 0", "C invoice 10.00 of 10.00 EUR 0")
	if o.Warnings.LagAssumed != 1 || o.Counts[Invoices] != (Fates{Used: 2, NotYet: 1}) {
		t.Errorf("%d rows with an assumed lag, %+v", o.Warnings.LagAssumed, o.Counts[Invoices])
	}
}

func TestTotalsMerge(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	if err := env.Rates.Add(env.AsOf, usd, Decimal{9, 1}); err != nil {
		t.Fatal(err)
	}
	a := rebuilt(t, env, "invoice A issued=03-01 due=03-31 amount=10.00 cur=USD\npayment P on=03-02 amount=4.00 for=A")
	b := rebuilt(t, env, "invoice A issued=03-01 due=03-31 amount=7.00 cur=EUR\npayment P on=03-02 amount=9.00 for=A\npayment Q on=04-02 amount=9.00")
	ab := MergeTotals(MergeTotals(nil, a.Totals), b.Totals)
	ba := MergeTotals(MergeTotals(nil, b.Totals), a.Totals)
	if d := equal(ab, ba); d != "" {
		t.Error(d)
	}
	if len(ab) != 2 || ab[0].Currency != eur || ab[0].OnAccount != (Sum{Lo: 200}) || ab[1].Open != (Sum{Lo: 600}) || ab[1].Paid.Rows != 1 {
		t.Errorf("%+v", ab)
	}
	for i := range ab {
		if err := ab[i].Tied(); err != nil {
			t.Error(err)
		}
		ab[i].Open.Add(1)
		if ab[i].Tied() == nil {
			t.Error("a cent too much is not noticed")
		}
	}
	w := MergeWritten(MergeWritten(nil, b.Written), a.Written)
	if len(w) != 3 || w[0].Currency != NoCurrency || w[0].Payments.Used.Amount != (Sum{Lo: 130000}) || w[0].Payments.NotYet.Rows != 1 {
		t.Errorf("%+v", w)
	}
}

func TestOverflowIsAnErrorThatNamesTheCustomer(t *testing.T) {
	rows := parseRows(t, "invoice A issued=03-01 due=03-31 amount=1.00")
	v := rows.Invoices[0]
	rows.Invoices = nil
	for i := range 12 {
		v.ID, v.Pos, v.Amount = string(rune('A'+i)), Pos(i), Decimal{largestAmount, 2}
		rows.Invoices = append(rows.Invoices, v)
	}
	if _, err := Rebuild(rows, testEnv(t, "2024-03-31"), 0); err == nil || !strings.Contains(err.Error(), "customer C1") {
		t.Errorf("error %v, want one that names C1", err)
	}
}

// The rows of the next shard lie where those of the last one lay: nothing may be remembered by strings that point there.
func TestTermsOfARowAreNotThoseOfTheRowThatLayThereBefore(t *testing.T) {
	env := &Env{AsOf: 20100, Reporting: mustCurrency("EUR"), Calendar: weekdayCalendar, Rates: NewRates(mustCurrency("EUR"), 0)}
	var r Rebuilder
	var reader RowReader
	room := make([]byte, 1024)
	for _, c := range []struct {
		terms string
		due   Day
	}{{"30", 20030}, {"60", 20060}} {
		blob := AppendInvoice(room[:0], &Invoice{Customer: "C", ID: "I", Issue: 20000, Due: NoDay, Known: NoDay, Terms: c.terms, Amount: Decimal{100, 2}})
		if _, err := reader.Open([]Blob{{Rows: blob}}); err != nil {
			t.Fatal(err)
		}
		rows, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.Rebuild(rows, env, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Account.Items[0].Due; got != c.due {
			t.Errorf("terms %s: due on %v, want %v", c.terms, got, c.due)
		}
	}
}

// An export that writes all currencies with two decimals says nothing with them in a currency that has none.
func TestZerosBeyondTheDecimalsOfTheCurrencyAreNotAFault(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	env.Reporting, env.Rates = jpy, NewRates(jpy, 7)
	o := rebuilt(t, env, `
		invoice A issued=03-01 due=03-31 amount=4285756.00
		invoice B issued=03-01 due=03-31 amount=500.0000
		payment P on=03-02 amount=100.00 for=A
		payment Q on=03-02 amount=500.00 for=B
		customer One limit=1000.00`)
	wantItems(t, o, "A invoice 4285656 of 4285756 JPY 0")
	if len(o.Refused) != 0 || o.Account.Limit != 1000 {
		t.Errorf("limit %d, refused: %+v", o.Account.Limit, o.Refused)
	}
}

// The columns of items have the decimals of the currency that has most; what does not fit is refused by itself.
func TestAnAmountThatTheColumnsOfItemsCannotHoldIsRefused(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	env.Reporting, env.Rates, env.ItemDigits = jpy, NewRates(jpy, 7), 3
	o := rebuilt(t, env, `
		invoice A issued=03-01 due=03-31 amount=999999999999999
		invoice B issued=03-01 due=03-31 amount=1000000000000000
		payment P on=03-02 amount=-999999999999999 cur=JPY
		payment Q on=03-02 amount=-1000000000000000
		payment R on=03-02 amount=-1000000000000000 cur=JPY`)
	if len(o.Account.Items) != 2 || len(o.Refused) != 3 {
		t.Fatalf("%d items, refused: %+v", len(o.Account.Items), o.Refused)
	}
	for _, r := range o.Refused {
		if r.Column != "amount" || !strings.HasSuffix(r.Cause, "1000000000000000 JPY has more than 18 digits with the 3 decimals of amounts in this run") {
			t.Errorf("%+v", r)
		}
	}
}

func TestAmountsThatComeToMoreThan18DigitsNameTheCustomerAndItsLargestRow(t *testing.T) {
	for name, c := range map[string]struct {
		rows string
		want string
		at   int64
	}{
		"sum": {`
			invoice A issued=03-01 due=03-31 amount=1.00
			invoice B issued=03-01 due=03-31 amount=6000000000000000.00
			invoice C issued=03-01 due=03-31 amount=5000000000000000.00`,
			`customer C1: open_amount: more than the 18 digits of amounts; the largest amount is 6,000,000,000,000,000.00 EUR of "B" in invoices`, 1},
		"credits": {`
			payment P on=03-01 amount=6000000000000000.00
			payment Q on=03-01 amount=5000000000000000.00`,
			`customer C1: unapplied_amount: more than the 18 digits of amounts; the largest amount is 6,000,000,000,000,000.00 EUR of "P" in payments`, 0},
		"rate": {`
			invoice A issued=03-01 due=03-31 amount=999999999999999999 cur=JPY`,
			`customer C1: 999,999,999,999,999,999 JPY in EUR: more than the 18 digits of amounts; the largest amount is 999,999,999,999,999,999 JPY of "A" in invoices`, 0},
		"promises": {`
			invoice A issued=03-01 due=03-31 amount=1.00
			activity S on=03-20 action=call outcome=promise date=04-09 amount=6000000000000000.00
			activity T on=03-21 action=call outcome=promise date=04-10 amount=6000000000000000.00 for=A`,
			`customer C1: promised_amount, by the customer's activities: more than the 18 digits of amounts`, 0},
		"limit": {`
			invoice A issued=03-01 due=03-31 amount=1.00
			customer One limit=999999999999999999 cur=JPY`,
			`customer C1: credit_limit: more than the 18 digits of amounts; the largest amount is 999,999,999,999,999,999 JPY of "C1" in customers`, 1},
	} {
		env := testEnv(t, "2024-03-31")
		if err := env.Rates.Add(mustDay("2024-03-30"), jpy, Decimal{2, 0}); err != nil {
			t.Fatal(err)
		}
		_, err := Rebuild(parseRows(t, c.rows), env, 0)
		var large *TooLarge
		if err == nil || err.Error() != c.want || !errors.As(err, &large) || large.Pos != MakePos(0, c.at) {
			t.Errorf("%s: %v %+v", name, err, large)
		}
	}
}
