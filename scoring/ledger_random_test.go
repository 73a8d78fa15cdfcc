package scoring

import (
	flags "flag"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// checkLedgers runs a property on 2,000 random ledgers, or as many as -rapid.checks says.
func checkLedgers(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	f := flags.Lookup("rapid.checks")
	if was := f.Value.String(); was == f.DefValue {
		if err := flags.Set("rapid.checks", "2000"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = flags.Set("rapid.checks", was) }()
	}
	rapid.Check(t, property)
}

// ledgerStart is the first day of random ledgers, ledgerDays their length.
const ledgerDays = 100

var ledgerStart = MakeDay(2024, 1, 1)

// randomEnv is an environment with rates of USD and JPY for the days of random ledgers.
func randomEnv(t *rapid.T) *Env {
	env := &Env{
		AsOf: ledgerStart + Day(rapid.IntRange(20, ledgerDays+20).Draw(t, "as of")), Reporting: eur,
		Rates: NewRates(eur, 7), Calendar: weekdays, Horizon: 7,
		Grace:            int32(rapid.IntRange(0, 3).Draw(t, "grace")),
		Unapplied:        Unapplied(rapid.IntRange(0, 2).Draw(t, "unapplied")),
		ChargesFirst:     rapid.Bool().Draw(t, "charges first"),
		BankFee:          int64(rapid.IntRange(0, 2).Draw(t, "bank fee")),
		KnownLag:         int32(rapid.IntRange(0, 2).Draw(t, "lag")),
		PromiseTolerance: int32(rapid.IntRange(0, 3).Draw(t, "tolerance")),
		PlacementTerm:    int32(rapid.SampledFrom([]int{0, 10, 40}).Draw(t, "term")),
		HistoryKept:      true,
	}
	for d := ledgerStart - 140; d < ledgerStart+2*ledgerDays; d += 5 {
		for c, rate := range map[Currency]int64{usd: 9000, jpy: 62} {
			if err := env.Rates.Add(d, c, Decimal{rate + int64(d%7), 4}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return env
}

var weekdays = mustCalendar("", nil)

// randomRows is a customer with few ids, days and amounts, so that they meet.
func randomRows(t *rapid.T) *Rows {
	rows := &Rows{Customer: rapid.SampledFrom([]string{"C1", "C2"}).Draw(t, "customer")}
	place := int64(0)
	pos := func() Pos {
		place++
		return MakePos(rapid.IntRange(0, 1).Draw(t, "file"), place)
	}
	day := func() Day { return ledgerStart + Day(rapid.IntRange(0, ledgerDays).Draw(t, "day")) }
	known := func(d Day) Day {
		if late := rapid.IntRange(-20, 20).Draw(t, "late"); late >= 0 {
			return d + Day(late)
		}
		return NoDay
	}
	currency := rapid.SampledFrom([]Currency{eur, eur, eur, NoCurrency, NoCurrency, usd, jpy})
	if rapid.Bool().Draw(t, "one currency") {
		currency = rapid.Just(NoCurrency)
	}
	invoice := func() string { return fmt.Sprintf("I%d", rapid.IntRange(1, 5).Draw(t, "invoice")) }
	maybe := func() string {
		if rapid.IntRange(0, 3).Draw(t, "names") == 0 {
			return ""
		}
		return invoice()
	}
	amount := func(low int) Decimal {
		return Decimal{int64(rapid.IntRange(low, 12).Draw(t, "amount")) * 100, uint8(rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(t, "digits"))}
	}
	if rapid.Bool().Draw(t, "master") {
		rows.Masters = append(rows.Masters, Master{Customer: rows.Customer, Currency: currency.Draw(t, "currency"), HasLimit: true,
			CreditLimit: Decimal{int64(rapid.IntRange(0, 5000).Draw(t, "limit")), 0}, Bureau: math.NaN(), Terms: "30",
			Since: ledgerStart - 100 + Day(rapid.IntRange(0, 200).Draw(t, "since")), Pos: pos()})
	}
	for range rapid.IntRange(0, 8).Draw(t, "invoices") {
		d := day()
		v := Invoice{Customer: rows.Customer, ID: invoice(), Issue: d, Due: d + Day(rapid.IntRange(0, 30).Draw(t, "terms")),
			Instalment: int32(rapid.IntRange(0, 2).Draw(t, "part")), Amount: amount(-3), Currency: currency.Draw(t, "currency"),
			Kind: InvoiceKind(rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "kind")), Known: known(d), Pos: pos()}
		if rapid.IntRange(0, 5).Draw(t, "no due") == 0 {
			v.Due = NoDay
		}
		if v.Amount.Mantissa < 0 || v.Kind == KindCreditNote {
			v.AppliesTo = maybe()
		}
		rows.Invoices = append(rows.Invoices, v)
	}
	for range rapid.IntRange(0, 10).Draw(t, "payments") {
		d := day()
		rows.Payments = append(rows.Payments, Payment{Customer: rows.Customer, ID: fmt.Sprintf("P%d", rapid.IntRange(1, 5).Draw(t, "payment")),
			Invoice: maybe(), Instalment: int32(rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "part")), Paid: d, Amount: amount(-4),
			Currency: currency.Draw(t, "currency"), Kind: PaymentKind(rapid.SampledFrom([]int{0, 0, 0, 0, 1, 1, 2, 3}).Draw(t, "kind")),
			Known: known(d), Pos: pos()})
	}
	for range rapid.IntRange(0, 4).Draw(t, "activities") {
		d := day()
		a := Activity{Customer: rows.Customer, ID: fmt.Sprintf("T%d", rapid.IntRange(1, 4).Draw(t, "activity")), Done: d,
			Action: rapid.SampledFrom([]string{"call", "email", "note"}).Draw(t, "action"), PromiseDate: NoDay,
			Outcome: rapid.SampledFrom([]string{"", "reached", "promise", "withdrawn"}).Draw(t, "outcome"), Known: known(d), Pos: pos()}
		if a.Agency = rapid.SampledFrom([]string{"", "", "north", "south"}).Draw(t, "agency"); a.Agency != "" {
			a.Outcome = rapid.SampledFrom([]string{"sent", "", "recalled", "closed", "bounced"}).Draw(t, "of the agency")
		}
		if rapid.Bool().Draw(t, "promises") {
			a.PromiseDate, a.Invoice = d+Day(rapid.IntRange(0, 20).Draw(t, "promise")), maybe()
			if rapid.Bool().Draw(t, "promises amount") {
				a.HasPromise, a.PromiseAmount = true, amount(1)
			}
		}
		rows.Activities = append(rows.Activities, a)
	}
	for range rapid.IntRange(0, 3).Draw(t, "disputes") {
		d := day()
		v := Dispute{Customer: rows.Customer, ID: fmt.Sprintf("D%d", rapid.IntRange(1, 3).Draw(t, "dispute")), Invoice: invoice(),
			Opened: d, Closed: NoDay, Known: known(d), Pos: pos()}
		if rapid.Bool().Draw(t, "closed") {
			v.Closed = d + Day(rapid.IntRange(0, 30).Draw(t, "closing"))
		}
		if rapid.Bool().Draw(t, "disputes amount") {
			v.HasAmount, v.Amount = true, amount(1)
		}
		rows.Disputes = append(rows.Disputes, v)
	}
	return rows
}
