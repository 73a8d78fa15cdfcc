package pipeline_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

func readTable(t *testing.T, folder, name string) *table.Frame {
	t.Helper()
	f, err := table.ReadColumns(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shown is a cell as text, "-" when it is null.
func shown(f *table.Frame, column string, row int) string {
	at := f.Column(column)
	switch {
	case f.IsNull(at, row):
		return "-"
	case f.Columns()[at].Type == table.OutString:
		return f.StringAt(at, row)
	case f.Columns()[at].Type == table.OutDecimal:
		return fmt.Sprint(f.DecimalAt(at, row))
	case f.Columns()[at].Type == table.OutDouble:
		return fmt.Sprint(f.DoubleAt(at, row))
	case f.Columns()[at].Type == table.OutDate:
		return scoring.Day(f.DateAt(at, row)).String()
	}
	return fmt.Sprint(f.IntAt(at, row))
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every dimension divides the same portfolio, and the last period end is the night's own accounts.
func TestPartsOfThePortfolioAddUpToTheAccounts(t *testing.T) {
	folder := runNight(t, generated(t, fixtures.Options{Multi: true}), pipeline.Options{})
	accounts := readTable(t, folder, "accounts.parquet")
	want := map[string]int64{}
	for i := range accounts.Len() {
		for _, c := range []string{"open_amount", "overdue_amount", "not_due", "bucket_1_30", "bucket_over_120"} {
			want[c] += accounts.DecimalAt(accounts.Column(c), i)
		}
	}
	p := readTable(t, folder, "portfolio.parquet")
	end := int32(math.MinInt32)
	for i := range p.Len() {
		end = max(end, p.DateAt(p.Column("period_end"), i))
	}
	sums, ends := map[string]map[string]int64{}, map[string]int{}
	for i := range p.Len() {
		d := p.StringAt(p.Column("dimension"), i)
		ends[d+shown(p, "value", i)]++
		if p.DateAt(p.Column("period_end"), i) != end || d == "currency" {
			continue
		}
		if sums[d] == nil {
			sums[d] = map[string]int64{}
		}
		for c := range want {
			v := p.DecimalAt(p.Column(c), i)
			for k := accounts.Scale(accounts.Column(c)); k < p.Scale(p.Column(c)); k++ {
				v /= 10
			}
			sums[d][c] += v
		}
	}
	for _, d := range []string{"all", "segment", "region", "collector"} {
		for c, v := range want {
			if v == 0 || sums[d][c] != v {
				t.Errorf("%s by %s adds up to %d, the accounts to %d", c, d, sums[d][c], v)
			}
		}
	}
	for part, n := range ends {
		if n != 13 {
			t.Errorf("%s has %d period ends, want 13", part, n)
		}
	}
}

// A parent's limit is shared by all below it; a circle of parents is a fault, not a hang.
func TestGroupsShareTheirParentsLimit(t *testing.T) {
	dir := t.TempDir()
	writeCSV(t, filepath.Join(dir, "invoices.csv"), [][]string{{"invoice_id", "customer_id", "issue_date", "due_date", "amount"},
		{"1", "top", "2026-01-05", "2026-02-04", "100"}, {"2", "mid", "2026-01-05", "2026-02-04", "20"}, {"3", "leaf", "2026-01-05", "2026-02-04", "3"},
		{"4", "round", "2026-01-05", "2026-02-04", "7"}, {"5", "lost", "2026-01-05", "2026-02-04", "9"}, {"6", "alone", "2026-01-05", "2026-02-04", "9"}, {"7", "nobody", "2026-01-05", "2026-02-04", "9"}})
	writeCSV(t, filepath.Join(dir, "payments.csv"), [][]string{{"payment_id", "customer_id", "paid_on", "amount"}, {"P", "mid", "2026-02-20", "5"}})
	writeCSV(t, filepath.Join(dir, "customers.csv"), [][]string{{"customer_id", "parent_id", "credit_limit", "guarantor"},
		{"top", "top", "236", ""}, {"mid", "top", "10", "G"}, {"leaf", "mid", "10", ""}, {"round", "trip", "10", ""}, {"trip", "round", "10", ""}, {"lost", "gone", "10", ""}, {"alone", "", "10", ""}})
	writeText(t, filepath.Join(dir, "kaishu.yaml"), "currency: USD\nas_of: 2026-02-28\nexports:\n  invoices: {path: invoices.csv}\n  payments: {path: payments.csv}\n  customers: {path: customers.csv}\n")
	folder := runNight(t, dir, pipeline.Options{}, func(c *config.Config) { c.Gates.Truncated = config.Off })
	a := readTable(t, folder, "accounts.parquet")
	want := map[string]string{"top": "top 11800 23600 0.5", "mid": "top 11800 23600 0.5", "leaf": "top 11800 23600 0.5", "lost": "gone 900 - -", "alone": "- - - -",
		"round": "- - - -", "trip": "- - - -", "nobody": "- - - -"}
	for i := range a.Len() {
		var got []string
		for _, c := range []string{"group_id", "group_exposure", "group_limit", "group_utilization"} {
			got = append(got, shown(a, c, i))
		}
		if id := shown(a, "customer_id", i); strings.Join(got, " ") != want[id] {
			t.Errorf("%s: %q, want %q", id, got, want[id])
		}
		if id := shown(a, "customer_id", i); id == "mid" && (shown(a, "guarantor", i) != "G" || shown(a, "days_past_due_max_best", i) != "24" || shown(a, "days_past_due_max_worst", i) != "24") {
			t.Errorf("%s: %s, %s and %s days past due", id, shown(a, "guarantor", i), shown(a, "days_past_due_max_best", i), shown(a, "days_past_due_max_worst", i))
		}
	}
	f := readTable(t, folder, "master_faults.parquet")
	var faults []string
	for i := range f.Len() {
		faults = append(faults, shown(f, "customer_id", i)+"."+shown(f, "column", i))
	}
	if got := strings.Join(faults, " "); got != "lost.parent_id nobody.customer_id round.parent_id trip.parent_id" {
		t.Errorf("faults %s", got)
	}
}
