package pipeline

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
)

// The hot path's budgets: what routing allocates does not follow the rows, scoring a few small slices an
// item, writing items nothing a row. Buffers that are made once are allowed for apart.
func TestAllocationBudgets(t *testing.T) {
	dir := t.TempDir()
	if _, err := fixtures.Generate(dir, fixtures.Options{Customers: 150, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Items, cfg.Risk.MaxRows = "all", 20_000 // a small fit
	ctx := context.Background()
	n, err := newNight(cfg, Options{Output: t.TempDir(), Workers: 1, Shards: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	n.closed = &closedItems{dir: n.output}
	held, err := publish.Lock(n.output)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	stage, err := held.Stage("2026-02-28")
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Discard()

	mallocs := func(do func() error) float64 {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := do()
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		return float64(after.Mallocs - before.Mallocs)
	}
	mallocs(n.open)
	read := mallocs(func() error { return n.read(ctx) })
	rows := 0.0
	for _, s := range n.sources {
		rows += float64(s.result.Rows)
	}
	rebuilt := mallocs(func() error { return n.rebuild(ctx) })
	mallocs(func() error { return n.fit(ctx) })
	scored := mallocs(func() error { return n.score(ctx) })
	var items, all float64
	for _, c := range decoded(t, n) {
		items += float64(c.OpenItems)
		all += float64(c.allItems())
	}
	written := mallocs(func() error { _, err := n.writeItems(ctx, stage.Path(itemsTable)); return err })
	for _, b := range []struct {
		what                     string
		allocs, once, of, budget float64
	}{
		{"read, a row", read, 3500, rows, .05},
		{"rebuilt, a customer", rebuilt, 3000, float64(n.customers()), 100},
		{"scored, an open item", scored, 1500, items, 3}, // a page is decoded into room of its own, a worker
		{"written, a row of items", written, 4000, all, .05},
	} {
		t.Logf("%s: %.3f (%.0f of %.0f)", b.what, b.allocs/b.of, b.allocs, b.of)
		if b.allocs > b.once+b.budget*b.of {
			t.Errorf("%s: %.0f allocations for %.0f, the budget is %.0f and %g each", b.what, b.allocs, b.of, b.once, b.budget)
		}
	}
}
