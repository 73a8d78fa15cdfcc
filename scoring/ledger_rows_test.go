package scoring

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func decimal(s string) Decimal {
	d := Decimal{}
	negative := strings.HasPrefix(s, "-")
	for i, c := range strings.TrimPrefix(s, "-") {
		if c == '.' {
			d.Digits = uint8(len(strings.TrimPrefix(s, "-")) - i - 1)
			continue
		}
		d.Mantissa = d.Mantissa*10 + int64(c-'0')
	}
	if negative {
		d.Mantissa = -d.Mantissa
	}
	return d
}

// parseRows reads rows, one a line: an export, an id, then key=value. Dates are in 2024 when
// written mm-dd.
func parseRows(t testing.TB, text string) *Rows {
	t.Helper()
	rows := &Rows{Customer: "C1"}
	date := func(s string) Day {
		if s == "" {
			return NoDay
		}
		if len(s) == 5 {
			s = "2024-" + s
		}
		return mustDay(s)
	}
	for at, line := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		v := map[string]string{}
		for _, w := range words[2:] {
			key, value, ok := strings.Cut(w, "=")
			if !ok {
				t.Fatalf("%q: %q is not key=value", line, w)
			}
			v[key] = value
		}
		get := func(key string) string { s := v[key]; delete(v, key); return s }
		number := func(key string) int32 {
			var n int32
			if s := get(key); s != "" {
				fmt.Sscan(s, &n)
			}
			return n
		}
		currency := func() Currency {
			if s := get("cur"); s != "" {
				c, err := ParseCurrency(s)
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			return NoCurrency
		}
		id, pos := words[1], MakePos(0, int64(at))
		switch words[0] {
		case "invoice":
			rows.Invoices = append(rows.Invoices, Invoice{
				Customer: "C1", ID: id, Issue: date(get("issued")), Due: date(get("due")), Terms: get("terms"),
				Amount: decimal(get("amount")), Currency: currency(), Instalment: number("part"), AppliesTo: get("for"),
				Kind:  InvoiceKind(max(0, slices.Index([]string{"invoice", "credit_note", "debit_note"}, get("kind")))),
				Known: date(get("known")), Pos: pos,
			})
		case "payment":
			rows.Payments = append(rows.Payments, Payment{
				Customer: "C1", ID: id, Paid: date(get("on")), Amount: decimal(get("amount")), Currency: currency(),
				Invoice: get("for"), Instalment: number("part"),
				Kind:  PaymentKind(max(0, slices.Index([]string{"payment", "reversal", "write_off", "discount"}, get("kind")))),
				Known: date(get("known")), Pos: pos,
			})
		case "customer":
			m := Master{Customer: "C1", Name: id, Currency: currency(), Terms: get("terms"), Since: date(get("since")), Bureau: math.NaN(), Pos: pos}
			if s := get("limit"); s != "" {
				m.HasLimit, m.CreditLimit = true, decimal(s)
			}
			rows.Masters = append(rows.Masters, m)
		case "activity":
			a := Activity{
				Customer: "C1", ID: id, Done: date(get("on")), Action: get("action"), Outcome: get("outcome"), Reason: get("reason"),
				PromiseDate: date(get("date")), Invoice: get("for"), Known: date(get("known")), Pos: pos,
				Agency: get("agency"),
			}
			if s := get("amount"); s != "" {
				a.HasPromise, a.PromiseAmount = true, decimal(s)
			}
			rows.Activities = append(rows.Activities, a)
		case "dispute":
			d := Dispute{
				Customer: "C1", ID: id, Invoice: get("for"), Opened: date(get("on")), Closed: date(get("closed")),
				Known: date(get("known")), Pos: pos,
			}
			if s := get("amount"); s != "" {
				d.HasAmount, d.Amount = true, decimal(s)
			}
			rows.Disputes = append(rows.Disputes, d)
		default:
			t.Fatalf("%q: no export %s", line, words[0])
		}
		for key := range v {
			t.Fatalf("%q: unknown key %s", line, key)
		}
	}
	return rows
}

var eur, usd, jpy = mustCurrency("EUR"), mustCurrency("USD"), mustCurrency("JPY")

// testEnv is an environment in EUR on a calendar of weekdays.
func testEnv(t testing.TB, asOf string) *Env {
	t.Helper()
	cal, err := NewCalendar("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Env{AsOf: mustDay(asOf), Reporting: eur, Rates: NewRates(eur, 7), Calendar: cal, Horizon: 7}
}

// rebuilt is the outcome of rows, which must tie.
func rebuilt(t testing.TB, env *Env, text string) *Outcome {
	t.Helper()
	out, err := Rebuild(parseRows(t, text), env, 0)
	if err != nil {
		t.Fatal(err)
	}
	if out.Tied != nil {
		t.Fatal(out.Tied)
	}
	return out
}

// itemLines writes the open items as "id/part kind open-of-amount currency bucket".
func itemLines(o *Outcome) string {
	var lines []string
	for _, it := range o.Account.Items {
		id := it.ID
		if it.Instalment != 0 {
			id += fmt.Sprintf("/%d", it.Instalment)
		}
		digits := it.Currency.Digits()
		lines = append(lines, fmt.Sprintf("%s %s %s of %s %s %d", id, it.Kind,
			FormatMinor(it.Open, digits), FormatMinor(it.Amount, digits), it.Currency, it.Bucket))
	}
	return strings.Join(lines, "\n")
}

func wantItems(t testing.TB, o *Outcome, want ...string) {
	t.Helper()
	if got := itemLines(o); got != strings.Join(want, "\n") {
		t.Errorf("open items\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func wantMoney(t testing.TB, name string, got, want int64) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %d, want %d", name, got, want)
	}
}
