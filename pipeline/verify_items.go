package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// verifiedItems are the columns of items.parquet that are added up again, by place.
var verifiedItems = table.Schema{
	{Name: "kind", Required: true}, {Name: "currency", Required: true},
	{Name: "amount", Type: table.Decimal, Required: true}, {Name: "open_amount", Type: table.Decimal, Required: true},
	{Name: "settled_on", Type: table.Date}, {Name: "days_late", Type: table.Int},
}

// itemSums is what the items of one currency come to, in its minor units.
type itemSums struct{ invoiced, credited, open, onAccount scoring.Sum }

// verifyItems adds items.parquet up again, a page at a time: its amounts come to what was invoiced and
// credited by currency, its open amounts to what is open, and its rows to the counts of the manifest.
func verifyItems(folder string, m *publish.Manifest, totals *controlTotals) error {
	var want, got itemCounts
	if err := json.Unmarshal(m.Sections[sectionItems], &want); err != nil {
		return fmt.Errorf("run.json: %s: %w", sectionItems, err)
	}
	file, err := table.Open(filepath.Join(folder, itemsTable), 0, verifiedItems, table.Options{})
	if err != nil {
		return err
	}
	sums := map[scoring.Currency]*itemSums{}
	result, err := file.Scan(context.Background(), 1, func(_ int, b *table.Batch) error { return got.add(b, sums) })
	if err != nil {
		return err
	}
	if len(result.Rejects) > 0 {
		return fmt.Errorf("%s: row %d: %s", itemsTable, result.Rejects[0].Row, result.Rejects[0].Cause)
	}
	if got != want {
		return fmt.Errorf("%s: %+v, the manifest says %+v", itemsTable, got, want)
	}
	for _, t := range totals.Ledger {
		c, err := scoring.ParseCurrency(t.Currency)
		if err != nil {
			return fmt.Errorf("run.json: %w", err)
		}
		s, d := sums[c], c.Digits()
		if s == nil {
			s = &itemSums{}
		}
		found := [...]string{s.invoiced.String(d), s.credited.String(d), s.open.String(d), s.onAccount.String(d)}
		if said := [...]string{t.Invoiced, t.Credited, t.Open, t.OnAccount}; found != said {
			return fmt.Errorf("%s: %s invoiced, credited, open and on account come to %q; the manifest says %q", itemsTable, c, found, said)
		}
	}
	return nil
}

// add counts the rows of a batch and adds their amounts.
func (n *itemCounts) add(b *table.Batch, sums map[scoring.Currency]*itemSums) error {
	kinds, codes := b.Strings(0), b.Strings(1)
	settled, late := b.Dates(4), b.Ints(5)
	for i := range b.Rows() {
		c, err := scoring.ParseCurrency(codes[i])
		if err != nil {
			return fmt.Errorf("%s: row %d: %w", itemsTable, b.Place[i]+1, err)
		}
		s := sums[c]
		if s == nil {
			s = &itemSums{}
			sums[c] = s
		}
		amount, open := minorAt(b, 2, i, c), minorAt(b, 3, i, c)
		switch {
		case kinds[i] == "payment": // cash is in other totals
		case amount < 0:
			s.credited.Add(-amount)
		default:
			s.invoiced.Add(amount)
		}
		if open < 0 {
			s.onAccount.Add(-open)
		} else {
			s.open.Add(open)
		}
		if open != 0 {
			n.Open++
		} else {
			n.Closed++
		}
		if settled.IsValid(i) && late.IsValid(i) {
			n.Settled++
		}
	}
	return nil
}

// minorAt is an amount of a batch, which may have any number of decimals, in minor units of a currency.
func minorAt(b *table.Batch, col, row int, c scoring.Currency) int64 {
	mantissa, decimals := b.Decimals(col)
	v, has := mantissa.Value(row), int(decimals.Value(row))
	for ; has > c.Digits(); has-- {
		v /= 10
	}
	for ; has < c.Digits(); has++ {
		v *= 10
	}
	return v
}
