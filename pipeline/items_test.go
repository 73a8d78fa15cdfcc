package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
)

func allItems(c *config.Config) { c.Items = "all" }

// items.parquet does not depend on cores, shards, memory, or the order of rows, and the other tables not on it.
func TestAllItemsAreTheSameForAnyShards(t *testing.T) {
	dir := generated(t, fixtures.Options{Multi: true})
	plain := tables(t, runNight(t, dir, pipeline.Options{}))
	var want string
	for _, v := range []struct{ workers, shards int }{{1, 1}, {3, 64}, {7, 1000}} {
		got := tables(t, runNight(t, dir, pipeline.Options{Workers: v.workers, Shards: v.shards}, allItems))
		items := got["items.parquet"]
		if want == "" {
			want = items
		}
		if items == "" || items != want {
			t.Errorf("%+v: items.parquet of %d bytes differs from that of one shard, %d bytes", v, len(items), len(want))
		}
		delete(got, "items.parquet")
		sameTables(t, plain, got)
	}
}

// Every open item stands in items as it does in open_items, in the same order.
func TestAllItemsHoldTheOpenOnes(t *testing.T) {
	folder := runNight(t, generated(t, fixtures.Options{Multi: true}), pipeline.Options{}, allItems)
	all, open := readTable(t, folder, "items.parquet"), readTable(t, folder, "open_items.parquet")
	const shared = 13 // columns
	row := func(f *table.Frame, i int) string {
		var b strings.Builder
		for _, c := range f.Columns()[:shared] {
			fmt.Fprintf(&b, "%s|", shown(f, c.Name, i))
		}
		return b.String()
	}
	at, closed := 0, 0
	for i := range all.Len() {
		if all.DecimalAt(all.Column("open_amount"), i) == 0 {
			closed++
			continue
		}
		if at == open.Len() || row(all, i) != row(open, at) {
			t.Fatalf("row %d: %s is not open item %d", i, row(all, i), at)
		}
		at++
	}
	if at != open.Len() || closed < 2*at {
		t.Errorf("%d open items of %d, %d closed", at, open.Len(), closed)
	}
	verifies(t, folder)
}

// A customer with more rows than a row group has is cut at the right places: rows are in order, and
// none is missing or doubled.
func TestOneHugeCustomerFillsSeveralRowGroups(t *testing.T) {
	dir := t.TempDir()
	const invoices = table.GroupRows + table.FrameRows + 5
	var inv, pay bytes.Buffer
	inv.WriteString("invoice_id,customer_id,issue_date,due_date,amount\n")
	pay.WriteString("payment_id,customer_id,paid_on,amount,invoice_id\n")
	for i := range invoices {
		customer := "BIG"
		if i%50 == 7 {
			customer = fmt.Sprintf("C%d", i%9)
		}
		fmt.Fprintf(&inv, "I%06d,%s,2025-0%d-0%d,2025-0%d-1%d,%d\n", i, customer, 1+i%7, 1+i%9, 2+i%7, i%10, 100+i)
		if i%3 > 0 {
			fmt.Fprintf(&pay, "P%06d,%s,2025-0%d-2%d,%d,I%06d\n", i, customer, 3+i%6, i%10, 100+i, i)
		}
	}
	for name, data := range map[string][]byte{"invoices.csv": inv.Bytes(), "payments.csv": pay.Bytes(), "kaishu.yaml": []byte(
		"currency: JPY\nas_of: 2025-12-31\nitems: all\ngates: {truncated: off}\nexports:\n  invoices: {path: invoices.csv}\n  payments: {path: payments.csv}\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	folder := runNight(t, dir, pipeline.Options{Stages: "ledger", Workers: 3})
	items := readTable(t, folder, "items.parquet")
	if items.Len() != invoices {
		t.Fatalf("%d items of %d invoices", items.Len(), invoices)
	}
	seen := map[string]bool{}
	before := ""
	for i := range items.Len() {
		id := shown(items, "invoice_id", i)
		key := shown(items, "customer_id", i) + " " + shown(items, "due_date", i) + " " + id
		if key <= before || seen[id] {
			t.Fatalf("row %d: %q after %q", i, key, before)
		}
		before, seen[id] = key, true
		var n int
		fmt.Sscanf(id, "I%d", &n)
		if paid := n%3 > 0; paid != (shown(items, "settled_on", i) != "-") {
			t.Fatalf("%s: settled on %q", id, shown(items, "settled_on", i))
		}
	}
	verifies(t, folder)
}

func verifies(t *testing.T, folder string) {
	t.Helper()
	var out strings.Builder
	if err := pipeline.Verify(filepath.Dir(folder), strings.TrimPrefix(filepath.Base(folder), "as_of="), &out); err != nil {
		t.Fatal(err)
	}
}

// Where the temporary file cannot be made the run ends with an error that names it.
func TestItemsThatCannotBeKeptEndTheRun(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kaishu.yaml")
	cfg.Items, cfg.TempDir = "all", filepath.Join(file, "below")
	if _, err := pipeline.Run(context.Background(), cfg, pipeline.Options{Output: t.TempDir()}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one that names %s", err, file)
	}
}
