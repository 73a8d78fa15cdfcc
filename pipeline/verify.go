package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// Verify re-hashes a published night against its manifest and checks that its tables still tie to
// its totals. asOf "" is the latest night.
func Verify(dir, asOf string, w io.Writer) error {
	asOf, err := findNight(dir, asOf)
	if err != nil {
		return err
	}
	report, err := publish.Verify(dir, asOf)
	if err != nil {
		return err
	}
	if err := report.Err(); err != nil {
		return err
	}
	if err := verifyTotals(dir, asOf); err != nil {
		return fmt.Errorf("%s: %w", publish.Folder(dir, asOf), err)
	}
	_, err = fmt.Fprintf(w, "%s is whole: %d files, %d bytes; its totals tie\n", publish.Folder(dir, asOf), report.Files, report.Bytes)
	return err
}

// findNight is the date of the night that is meant: the one named, else the latest.
func findNight(dir, asOf string) (string, error) {
	if asOf != "" {
		return asOf, nil
	}
	asOf, err := publish.Latest(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, publish.ErrNoNight) {
		return "", &hinted{err, "-o names the folder that run published into: nights beside kaishu.yaml, unless output: or run -o says otherwise"}
	}
	return asOf, err
}

// verifyTotals adds the published tables up again: the items come to the totals of the manifest by
// currency, the accounts to the items.
func verifyTotals(dir, asOf string) error {
	m, err := publish.Read(dir, asOf)
	if err != nil {
		return err
	}
	var totals controlTotals
	if err := json.Unmarshal(m.Sections[sectionTotals], &totals); err != nil {
		return fmt.Errorf("run.json: %s: %w", sectionTotals, err)
	}
	folder := publish.Folder(dir, asOf)
	items, err := table.ReadColumns(filepath.Join(folder, "open_items.parquet"), "customer_id", "open_amount", "currency", "open_amount_base")
	if err != nil {
		return err
	}
	open, credit, base, err := addItems(items)
	if err != nil {
		return err
	}
	for _, t := range totals.Ledger {
		c, err := scoring.ParseCurrency(t.Currency)
		if err != nil {
			return fmt.Errorf("run.json: %w", err)
		}
		if o, a := open[c], credit[c]; o.String(c.Digits()) != t.Open || a.String(c.Digits()) != t.OnAccount {
			return fmt.Errorf("open_items.parquet: %s open %s, on account %s; the manifest says %s and %s",
				c, o.String(c.Digits()), a.String(c.Digits()), t.Open, t.OnAccount)
		}
	}
	if err := compareAccounts(filepath.Join(folder, "accounts.parquet"), base); err != nil {
		return err
	}
	if _, there := m.Sections[sectionItems]; there {
		return verifyItems(folder, m, &totals)
	}
	return nil
}

// addItems adds up the open items by currency, in its minor units, and by customer in the base.
func addItems(items *table.Frame) (open, credit map[scoring.Currency]scoring.Sum, base map[string]int64, err error) {
	open, credit, base = map[scoring.Currency]scoring.Sum{}, map[scoring.Currency]scoring.Sum{}, map[string]int64{}
	id, amount, code, inBase := items.Column("customer_id"), items.Column("open_amount"), items.Column("currency"), items.Column("open_amount_base")
	for i := range items.Len() {
		c, err := scoring.ParseCurrency(items.StringAt(code, i))
		if err != nil {
			return nil, nil, nil, fmt.Errorf("open_items.parquet: row %d: %w", i+1, err)
		}
		v := items.DecimalAt(amount, i)
		for d := c.Digits(); d < items.Scale(amount); d++ {
			v /= 10
		}
		sum, into := v, open
		if v < 0 {
			sum, into = -v, credit
		}
		total := into[c]
		total.Add(sum)
		into[c] = total
		base[items.StringAt(id, i)] += items.DecimalAt(inBase, i)
	}
	return open, credit, base, nil
}

// compareAccounts checks every account against its buckets and its items.
func compareAccounts(path string, base map[string]int64) error {
	names := []string{"customer_id", "open_amount", "unapplied_amount", "exposure",
		"not_due", "bucket_1_30", "bucket_31_60", "bucket_61_90", "bucket_91_120", "bucket_over_120"}
	a, err := table.ReadColumns(path, names...)
	if err != nil {
		return err
	}
	for i := range a.Len() {
		at := func(name string) int64 { return a.DecimalAt(a.Column(name), i) }
		id := a.StringAt(a.Column("customer_id"), i)
		buckets := int64(0)
		for _, b := range names[4:] {
			buckets += at(b)
		}
		if buckets != at("open_amount") {
			return fmt.Errorf("accounts.parquet: %s: the buckets do not add up to the open amount", id)
		}
		if at("open_amount")-at("unapplied_amount") != base[id] || at("exposure") != base[id] {
			return fmt.Errorf("accounts.parquet: %s: open less unapplied is not the sum of the items", id)
		}
		delete(base, id)
	}
	for id := range base {
		return fmt.Errorf("open_items.parquet: %s has items but no account", id)
	}
	return nil
}
