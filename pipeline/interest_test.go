package pipeline_test

import (
	"path/filepath"
	"testing"

	"kaishu/pipeline"
	"kaishu/pipeline/config"
)

// Late interest stands on each item that bears it, in its own currency, and is off by default.
func TestLateInterestIsOffUntilConfigured(t *testing.T) {
	dir := t.TempDir()
	writeCSV(t, filepath.Join(dir, "invoices.csv"), [][]string{{"invoice_id", "customer_id", "issue_date", "due_date", "amount", "currency"},
		{"1", "A", "2026-01-05", "2026-02-13", "100.00", "USD"}, {"2", "A", "2026-01-05", "2026-02-28", "100.00", "USD"}, {"3", "A", "2026-01-01", "2026-01-31", "1000000", "JPY"}})
	writeCSV(t, filepath.Join(dir, "payments.csv"), [][]string{{"payment_id", "customer_id", "paid_on", "amount", "currency"}, {"P", "A", "2026-02-20", "5", "USD"}})
	writeCSV(t, filepath.Join(dir, "rates.csv"), [][]string{{"date", "currency", "rate"}, {"2026-02-27", "JPY", "0.0065"}})
	writeText(t, filepath.Join(dir, "kaishu.yaml"), "currency: USD\nas_of: 2026-02-28\nexports:\n  invoices: {path: invoices.csv}\n  payments: {path: payments.csv}\n  rates: {path: rates.csv}\n")
	for _, c := range []struct {
		table string
		want  map[string][2]string
	}{
		{"none", map[string][2]string{"1": {"-", "-"}, "2": {"-", "-"}, "3": {"-", "-"}, "P": {"-", "-"}}},
		{"10%", map[string][2]string{"1": {"41", "10 % a year, simple, 15 days from 2026-02-14"}, "2": {"-", "-"},
			"3": {"767100", "10 % a year, simple, 28 days from 2026-02-01"}, "P": {"-", "-"}}},
	} {
		items := readTable(t, runNight(t, dir, pipeline.Options{}, func(cfg *config.Config) { cfg.Interest.Table = c.table }), "open_items.parquet")
		if items.Len() != len(c.want) {
			t.Errorf("%s: %d items", c.table, items.Len())
		}
		for i := range items.Len() {
			id := shown(items, "invoice_id", i)
			if got := [2]string{shown(items, "late_interest", i), shown(items, "interest_basis", i)}; got != c.want[id] {
				t.Errorf("%s, item %s: %q, want %q", c.table, id, got, c.want[id])
			}
		}
	}
}
