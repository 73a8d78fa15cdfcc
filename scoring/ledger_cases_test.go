package scoring

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// The cases of the field that pin the ledger down, each with its figures.

func TestPartialPaymentStaysInItsBucket(t *testing.T) { // case 1
	o := rebuilt(t, testEnv(t, "2024-04-15"), `
		invoice A issued=01-10 due=02-09 amount=1000.00
		payment P on=04-10 amount=300.00 for=A`)
	wantItems(t, o, "A invoice 700.00 of 1000.00 EUR 3")
	wantMoney(t, "61-90", o.Account.Bucket[Days61To90], 70000)
}

func TestBackDatedRunSeesNoLaterPayment(t *testing.T) { // case 2
	rows := `
		invoice A issued=01-10 due=02-09 amount=1000.00
		payment P on=03-10 amount=1000.00 for=A
		payment Q on=02-01 amount=1.00 for=A known=03-01`
	o := rebuilt(t, testEnv(t, "2024-02-29"), rows)
	wantItems(t, o, "A invoice 1000.00 of 1000.00 EUR 1")
	if got := o.Counts[Payments]; got != (Fates{NotYet: 2}) {
		t.Errorf("payments %+v, want two not yet known", got)
	}
	wantItems(t, rebuilt(t, testEnv(t, "2024-03-10"), rows), "P payment -1.00 of -1000.00 EUR 6")
}

func TestInstalmentsArePaidOldestFirst(t *testing.T) { // case 3
	o := rebuilt(t, testEnv(t, "2024-05-20"), `
		invoice A part=2 issued=03-01 due=04-30 amount=50.00
		invoice A part=3 issued=03-01 due=05-30 amount=20.00
		invoice A part=1 issued=03-01 due=03-31 amount=30.00
		payment P on=04-02 amount=40.00 for=A`)
	wantItems(t, o, "A/2 invoice 40.00 of 50.00 EUR 1", "A/3 invoice 20.00 of 20.00 EUR 0")
	if o.Account.Settled != 1 || o.Account.DaysLateMax != 2 {
		t.Errorf("settled %d, at most %d days late; want 1, 2", o.Account.Settled, o.Account.DaysLateMax)
	}
}

func TestUnlinkedCreditNoteStaysOnAccount(t *testing.T) { // case 4
	o := rebuilt(t, testEnv(t, "2024-03-31"), `
		invoice A issued=03-01 due=03-31 amount=100.00
		payment P on=03-05 amount=40.00 for=A
		invoice N issued=03-10 due=03-10 amount=-100.00 kind=credit_note`)
	wantItems(t, o, "N credit_note -100.00 of -100.00 EUR 6", "A invoice 60.00 of 100.00 EUR 0")
	wantMoney(t, "unapplied", o.Account.Unapplied, 10000)
	wantMoney(t, "exposure", o.Account.Exposure, -4000)

	linked := rebuilt(t, testEnv(t, "2024-03-31"), `
		invoice A issued=03-01 due=03-31 amount=100.00
		invoice N issued=03-10 due=03-10 amount=-100.00 for=A`)
	wantItems(t, linked)
	if linked.Life.Paid != ([24]int64{}) {
		t.Errorf("a credit note counts as a payment: %v", linked.Life.Paid)
	}
}

func TestJournalSettlesTheInvoiceOrStaysOnAccount(t *testing.T) { // case 5
	for _, kind := range []string{"payment", "write_off", "discount"} {
		o := rebuilt(t, testEnv(t, "2024-03-31"), `
			invoice A issued=03-01 due=03-31 amount=100.00
			payment J on=03-05 amount=100.00 for=A kind=`+kind)
		wantItems(t, o)
		o = rebuilt(t, testEnv(t, "2024-03-31"), `payment J on=03-05 amount=100.00 kind=`+kind)
		wantItems(t, o, "J payment -100.00 of -100.00 EUR 6")
	}
}

func TestResidueStaysInTheLedger(t *testing.T) { // case 6
	o := rebuilt(t, testEnv(t, "2024-03-31"), `
		invoice A issued=03-01 due=03-31 amount=100.00
		payment P on=03-05 amount=99.99 for=A`)
	wantItems(t, o, "A invoice 0.01 of 100.00 EUR 0")
	if o.Account.Settled != 0 {
		t.Error("an invoice with a residue is not settled")
	}
}

func TestHalfPaidAtIssueLeavesNothingOnAccount(t *testing.T) { // case 7
	o := rebuilt(t, testEnv(t, "2024-03-31"), `
		invoice A issued=03-01 due=03-31 amount=100.00
		payment P on=03-01 amount=50.00 for=A`)
	wantItems(t, o, "A invoice 50.00 of 100.00 EUR 0")
	wantMoney(t, "unapplied", o.Account.Unapplied, 0)
}

func TestBucketEdges(t *testing.T) { // case 8
	for _, c := range []struct {
		pastDue int
		bucket  Bucket
	}{{-1, NotDue}, {0, NotDue}, {1, Days1To30}, {30, Days1To30}, {31, Days31To60}, {60, Days31To60}, {61, Days61To90},
		{90, Days61To90}, {91, Days91To120}, {120, Days91To120}, {121, Over120}} {
		env := testEnv(t, "2024-06-30")
		due := env.AsOf - Day(c.pastDue)
		o := rebuilt(t, env, fmt.Sprintf("invoice A issued=01-01 due=%s amount=10.00\ninvoice N issued=02-01 due=02-01 amount=-3.00", due))
		it := o.Account.Items[slices.IndexFunc(o.Account.Items, func(it Item) bool { return it.ID == "A" })]
		if it.Bucket != c.bucket || it.PastDue != int32(c.pastDue) {
			t.Errorf("%d days past due: bucket %d, %d days", c.pastDue, it.Bucket, it.PastDue)
		}
		sum := int64(0)
		for _, v := range o.Account.Bucket {
			sum += v
		}
		if sum-o.Account.Unapplied != o.Account.Exposure || sum != 1000 || o.Account.Unapplied != 300 {
			t.Errorf("%d days past due: buckets %d, credits %d", c.pastDue, sum, o.Account.Unapplied)
		}
	}
}

func TestTermsGiveTheDueDate(t *testing.T) { // case 9
	for _, c := range []struct{ issued, terms, due string }{
		{"2016-01-22", "30", "2016-02-21"}, {"2016-01-22", "EOM+1/31", "2016-02-29"}, {"2017-01-22", "EOM+1/31", "2017-02-28"},
	} {
		env := testEnv(t, "2017-12-31")
		env.Roll = RollNone
		for _, rows := range []string{
			"invoice A issued=%s terms=%s amount=1.00",
			"invoice A issued=%s amount=1.00\ncustomer C terms=%s",
		} {
			o := rebuilt(t, env, fmt.Sprintf(rows, c.issued, c.terms))
			if got := o.Account.Items[0].Due; got != mustDay(c.due) {
				t.Errorf("%s from %s: due %s, want %s", c.terms, c.issued, got, c.due)
			}
		}
	}
	o := rebuilt(t, testEnv(t, "2024-12-31"), "invoice A issued=01-01 amount=1.00\ninvoice B issued=01-01 terms=soon amount=1.00")
	if len(o.Refused) != 2 || o.Refused[0].Column != "due_date" || o.Refused[1].Column != "terms" {
		t.Errorf("refused %+v, want A on due_date and B on terms", o.Refused)
	}
}

func TestReversalReopensWhatThePaymentSettled(t *testing.T) { // case 10
	for _, reversal := range []string{"amount=-500.00", "amount=500.00", "amount=500.00 for=A"} {
		for _, id := range []string{"P", "R"} {
			if id == "R" && !strings.Contains(reversal, "for") {
				continue // names neither the payment nor the invoice
			}
			env := testEnv(t, "2024-04-15")
			o := rebuilt(t, env, `
				invoice A issued=03-01 due=03-31 amount=500.00
				payment P on=03-25 amount=500.00 for=A
				payment `+id+` on=04-02 kind=reversal `+reversal)
			wantItems(t, o, "A invoice 500.00 of 500.00 EUR 1")
			if o.Account.Returned != 1 || o.Account.Settled != 0 || !math.IsNaN(o.Account.DaysToPay) {
				t.Errorf("returned %d, settled %d, days to pay %g", o.Account.Returned, o.Account.Settled, o.Account.DaysToPay)
			}
		}
	}
	o := rebuilt(t, testEnv(t, "2024-05-15"), `
		invoice A issued=03-01 due=03-31 amount=500.00
		payment P on=03-25 amount=500.00 for=A
		payment P on=04-02 kind=reversal amount=500.00
		payment Q on=04-20 amount=500.00 for=A`)
	wantItems(t, o)
	if o.Account.DaysLateMax != 20 || o.Account.DaysToPay != 50 {
		t.Errorf("settled %d days late after %g days, want 20 and 50: the day it was paid again", o.Account.DaysLateMax, o.Account.DaysToPay)
	}
}

// The balance was zero on 25 March, not any more on 2 April, and again when the discount of 26 March
// became known: by value dates it reached zero for good with the reversal.
func TestSettlementComesAfterTheLastReopening(t *testing.T) {
	o := rebuilt(t, testEnv(t, "2024-05-15"), `
		invoice A issued=03-01 due=03-31 amount=500.00
		payment P on=03-25 amount=500.00 for=A
		payment P on=04-02 kind=reversal amount=500.00
		payment D on=03-26 amount=500.00 for=A kind=discount known=04-10`)
	wantItems(t, o)
	if o.Account.DaysLateMax != 2 {
		t.Errorf("settled %d days late, want 2", o.Account.DaysLateMax)
	}
}

func TestOnePaymentOverTwoInvoices(t *testing.T) { // case 11
	o := rebuilt(t, testEnv(t, "2024-03-31"), `
		invoice A issued=03-01 due=03-31 amount=100.00
		invoice B issued=03-01 due=03-31 amount=100.00
		payment P on=03-25 amount=50.00 for=A
		payment P on=03-25 amount=50.00 for=B`)
	wantItems(t, o, "A invoice 50.00 of 100.00 EUR 0", "B invoice 50.00 of 100.00 EUR 0")
}

func TestCurrenciesStayApart(t *testing.T) { // case 12
	env := testEnv(t, "2024-03-31")
	for on, rate := range map[string]string{"2024-03-20": "0.80", "2024-03-28": "0.90", "2024-04-01": "2.00"} {
		if err := env.Rates.Add(mustDay(on), usd, decimal(rate)); err != nil {
			t.Fatal(err)
		}
	}
	rows := `
		invoice A issued=03-01 due=03-31 amount=100.00
		invoice B issued=03-01 due=03-31 amount=200.00 cur=USD
		payment P on=03-25 amount=50.00 for=B cur=EUR
		payment Q on=03-25 amount=20.00 for=B`
	o := rebuilt(t, env, rows)
	wantItems(t, o, "P payment -50.00 of -50.00 EUR 6", "A invoice 100.00 of 100.00 EUR 0", "B invoice 180.00 of 200.00 USD 0")
	wantMoney(t, "open in EUR", o.Account.Open, 10000+16200)
	if o.Warnings.OtherCurrency != 1 {
		t.Errorf("%d payments in another currency, want 1", o.Warnings.OtherCurrency)
	}
	if len(o.Totals) != 2 || o.Totals[0].Currency != eur || o.Totals[1].Open != (Sum{Lo: 18000}) {
		t.Errorf("totals %+v", o.Totals)
	}
	env.AsOf = mustDay("2024-03-27")
	if _, err := Rebuild(parseRows(t, rows), env, 0); err != nil {
		t.Errorf("a rate 7 days old: %v", err)
	}
	env.AsOf = mustDay("2024-03-28") - 9
	_, err := Rebuild(parseRows(t, rows), env, 0)
	if err == nil || !strings.Contains(err.Error(), "USD") || !strings.Contains(err.Error(), "C1") {
		t.Errorf("without a rate: %v, want an error that names USD and C1", err)
	}
}

func TestCollectableIsOverdueAndDueLessPromisedDisputedUnapplied(t *testing.T) { // case 20
	o := rebuilt(t, testEnv(t, "2024-03-31"), `
		invoice A issued=02-01 due=03-01 amount=1000.00
		invoice B issued=03-01 due=04-07 amount=200.00
		invoice C issued=03-01 due=04-08 amount=400.00
		payment P on=03-20 amount=50.00
		dispute D for=A on=03-10 amount=100.00
		activity T on=03-25 action=call outcome=promise date=04-05 amount=300.00`)
	wantMoney(t, "overdue", o.Account.Overdue, 100000)
	wantMoney(t, "disputed", o.Account.Disputed, 10000)
	wantMoney(t, "promised", o.Account.Promised, 30000)
	wantMoney(t, "collectable", o.Account.Collectable, 100000+20000-5000-10000-30000)
	if o.Account.PromisesOpen != 1 || o.Account.PromiseUntil != mustDay("2024-04-05") {
		t.Errorf("%d promises run until %s", o.Account.PromisesOpen, o.Account.PromiseUntil)
	}
	if o.Account.PastDueMax != 30 || o.Account.PastDueBest != 30 {
		t.Errorf("past due %d, at best %d", o.Account.PastDueMax, o.Account.PastDueBest)
	}
}

func TestPromiseKeptPartlyBrokenWithdrawn(t *testing.T) { // case 22
	const given = "invoice A issued=02-01 due=03-01 amount=1000.00\nactivity T on=03-11 action=call outcome=promise date=03-15 amount=300.00\n"
	for _, c := range []struct {
		name, rows, asOf            string
		tolerance                   int32
		kept, partly, broken, open_ int32
	}{
		{"runs on its date", "", "2024-03-15", 0, 0, 0, 0, 1},
		{"is broken the day after", "", "2024-03-16", 0, 0, 0, 1, 0},
		{"runs for the tolerance in business days", "", "2024-03-19", 2, 0, 0, 0, 1},
		{"is broken after the tolerance", "", "2024-03-20", 2, 0, 0, 1, 0},
		{"is kept by cash of its amount", "payment P on=03-14 amount=300.00 for=A", "2024-04-30", 0, 1, 0, 0, 0},
		{"is kept early", "payment P on=03-12 amount=500.00", "2024-03-13", 0, 1, 0, 0, 0},
		{"is kept within the tolerance", "payment P on=03-19 amount=300.00 for=A", "2024-04-30", 2, 1, 0, 0, 0},
		{"is not kept by earlier cash", "payment P on=03-10 amount=300.00 for=A", "2024-04-30", 0, 0, 0, 1, 0},
		{"is partly kept by less", "payment P on=03-14 amount=299.99 for=A", "2024-04-30", 0, 0, 1, 0, 0},
		{"is broken when the cash bounces", "payment P on=03-14 amount=300.00 for=A\npayment P on=03-20 amount=300.00 kind=reversal", "2024-04-30", 0, 0, 0, 1, 0},
		{"is not yet broken before the bounce", "payment P on=03-14 amount=300.00 for=A\npayment P on=03-20 amount=300.00 kind=reversal", "2024-03-19", 0, 1, 0, 0, 0},
		{"is withdrawn", "activity U on=03-14 action=call outcome=withdrawn", "2024-04-30", 0, 0, 0, 0, 0},
		{"is replaced by a later one", "activity U on=03-14 action=call outcome=promise date=05-15 amount=10.00", "2024-04-30", 0, 0, 0, 0, 1},
		{"stays broken when a later one comes after", "activity U on=03-18 action=call outcome=promise date=05-15 amount=10.00", "2024-04-30", 0, 0, 0, 1, 1},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			env := testEnv(t, c.asOf)
			env.PromiseTolerance = c.tolerance
			a := rebuilt(t, env, given+c.rows).Account
			if a.PromisesKept != c.kept || a.PromisesPartly != c.partly || a.PromisesBroken != c.broken || a.PromisesOpen != c.open_ {
				t.Errorf("kept %d, partly %d, broken %d, open %d; want %d, %d, %d, %d", a.PromisesKept, a.PromisesPartly,
					a.PromisesBroken, a.PromisesOpen, c.kept, c.partly, c.broken, c.open_)
			}
		})
	}
	a := rebuilt(t, testEnv(t, "2024-06-30"), given+`
		activity U on=04-01 action=call outcome=promise date=04-10 amount=300.00
		activity V on=05-01 action=call outcome=promise date=05-10 amount=300.00
		payment P on=04-09 amount=300.00 for=A`).Account
	if a.PromisesBroken != 2 || a.PromisesKept != 1 || a.PromiseLevel != 1 {
		t.Errorf("broken %d, kept %d, level %d; want 2, 1, and 1 since the kept one", a.PromisesBroken, a.PromisesKept, a.PromiseLevel)
	}
}
