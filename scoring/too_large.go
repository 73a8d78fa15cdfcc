package scoring

import (
	"fmt"
	"strings"
)

// largestAmount is the largest amount that an output column of 18 digits holds, in minor units.
const largestAmount = 1e18 - 1

// TooLarge is the error of a customer whose amounts come to more than an output column of 18 digits holds: most likely
// one of its rows has an amount that is none. It is put into words for who has to find that row.
type TooLarge struct {
	What     string   // the sum or the amount that is too large
	Export   Export   // of the row with the largest amount as of the date; Exports where no row is to blame
	Pos      Pos      // where it stands
	ID       string   // of that invoice, payment or customer
	Amount   int64    // of it, in minor units
	Currency Currency // of it
}

func (t *TooLarge) Error() string {
	const limit = "more than the 18 digits of amounts"
	if t.Export == Exports {
		return fmt.Sprintf("%s: %s", t.What, limit)
	}
	return fmt.Sprintf("%s: %s; the largest amount is %s %s of %q in %s", t.What, limit,
		FormatAmount(t.Amount, t.Currency), t.Currency, t.ID, t.Export)
}

// tooLarge is the error of an amount of the account that no column holds. It names the row with the largest
// amount, at the rates of the date, the first in the exports of those alike.
func (r *Rebuilder) tooLarge(what string) error {
	e, most := &TooLarge{What: what, Export: Exports}, 0.0
	l := &r.ledger
	for i := range l.nodes {
		n := &l.nodes[i]
		c := l.sides[n.cur].currency
		worth, err := r.env.Rates.Float(n.amount, c, r.env.AsOf)
		if err != nil || !n.present || worth < most || worth == most && (e.Export == Exports || r.place(n) > e.Pos) {
			continue
		}
		most = worth
		e.Export, e.Pos, e.ID, e.Amount, e.Currency = Payments, r.place(n), strings.Clone(l.id(n)), n.amount, c
		if n.of != none {
			e.Export = Invoices
		}
	}
	return e
}

// promisedTooMuch is the error of promises of more than a column holds: no row of the ledger is to blame for those.
func promisedTooMuch() error {
	return &TooLarge{What: "promised_amount, by the customer's activities", Export: Exports}
}

// writable is an error where a sum of the account has more digits than a column holds.
func (r *Rebuilder) writable(a *Account) error {
	for _, v := range [...]struct {
		what   string
		amount int64
	}{{"open_amount", a.Open}, {"unapplied_amount", a.Unapplied}, {"disputed_amount", a.Disputed}} {
		if v.amount > largestAmount || v.amount < -largestAmount {
			return r.tooLarge(v.what)
		}
	}
	if a.Promised > largestAmount {
		return promisedTooMuch()
	}
	return nil
}

// plainAmount is the largest amount that is written with 18 digits whatever the decimals of its column: there are four at most.
const plainAmount = 1e14 - 1

// minor is the amount of an item or a payment in minor units, refused beyond what the columns of items hold.
func (e *Env) minor(d Decimal, c Currency) (int64, error) {
	if currencyDigits[c&(1<<15-1)] == d.Digits && d.Mantissa <= plainAmount && d.Mantissa >= -plainAmount {
		return d.Mantissa, nil // as nearly all are
	}
	return e.minorOfOther(d, c)
}

func (e *Env) minorOfOther(d Decimal, c Currency) (int64, error) {
	v, err := minorOf(d, c)
	if more := e.ItemDigits - c.Digits(); err == nil && more > 0 && magnitude(v) > (largestAmount+1)/pow10[more]-1 {
		return 0, fmt.Errorf("%s %s has more than 18 digits with the %d decimals of amounts in this run", d, c, e.ItemDigits)
	}
	return v, err
}
