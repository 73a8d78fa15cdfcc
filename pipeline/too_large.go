package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kaishu/scoring"
	"kaishu/scoring/rank"
)

// Amounts have 18 digits at most, as the columns of the outputs do. A row beyond that is refused by itself; what follows
// stops a run in which rows that are good by themselves come to more. Nothing can waive it, since no table could hold the night.

// mostAmount is the largest sum of the accounts, in minor units.
const mostAmount = 1e18 - 1

const hintTooLarge = "a price, an id or a date may have come into the column of the amounts, or the amounts may be in another unit; correct the export, and leave the row out until then"

// biggest is the customer with the most open or on account; of those alike the first by id.
type biggest struct {
	customer string
	amount   int64
}

func (l *biggest) meet(customer string, amount int64) {
	if amount > l.amount || amount == l.amount && amount > 0 && customer < l.customer {
		*l = biggest{strings.Clone(customer), amount}
	}
}

// findTooLarge says where the row stands that makes a customer's amounts too large for the outputs. Other errors it gives back as
// they are.
func (n *night) findTooLarge(ctx context.Context, err error) error {
	var e *scoring.TooLarge
	if !errors.As(err, &e) {
		return err
	}
	refused := &Refused{Msg: err.Error(), Hint: hintTooLarge}
	if e.Currency != n.currency && e.Currency != scoring.NoCurrency {
		refused.Hint += fmt.Sprintf("; or the rate of %s may be wrong", e.Currency)
	}
	if e.Export == scoring.Exports || e.Pos.File() >= len(n.sources) {
		return refused
	}
	s := n.sources[e.Pos.File()]
	found, err := s.file.Locate(ctx, []int64{e.Pos.Place()})
	if err != nil {
		return fmt.Errorf("looking up a row of %s: %w", exportName(s.export), err)
	}
	at := &found[0]
	if at.Line > 0 {
		refused.Msg += fmt.Sprintf(": %s:%d", s.path, at.Line)
	} else {
		refused.Msg += fmt.Sprintf(": %s, row %d", s.path, at.Row)
	}
	return refused
}

// findTooMuch stops a run whose accounts come to more than a column of a total holds.
func (n *night) findTooMuch() error {
	gross := n.ledger.openSum
	gross.AddSum(n.ledger.unappliedSum)
	if sum, ok := gross.Int64(); ok && sum <= mostAmount {
		return nil
	}
	digits := n.currency.Digits()
	return &Refused{Msg: fmt.Sprintf("what all customers have open and on account, %s %s, has more than 18 digits; the most is with customer %s: %s",
		gross.String(digits), n.currency, n.ledger.largest.customer, scoring.FormatMinor(n.ledger.largest.amount, digits)), Hint: hintTooLarge}
}

// tooMuchToGain names the customer in an error of a plan over some accounts whose values are too large to add up. Other
// errors it gives back as they are.
func (n *night) tooMuchToGain(err error, order []*decision) error {
	var e *rank.Excess
	if !errors.As(err, &e) {
		return err
	}
	c := order[e.Account]
	return &Refused{Msg: fmt.Sprintf("%v: customer %s, of whom %s %s are open: an action would add %s", err, c.id,
		scoring.FormatAmount(c.open, n.currency), n.currency, scoring.FormatAmount(e.Value, n.currency)),
		Hint: "see its open_amount, annual_margin and collateral_amount in the exports: " + hintTooLarge}
}
