package pipeline

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/scoring"
)

// What simulations play is the night: over the rows that a run has read, a desk must come to the run's worklist, options
// and reasons for leaving alone, byte for byte.
func TestADeskComesToTheWorklistOfTheNight(t *testing.T) {
	dir := t.TempDir()
	if _, err := fixtures.Generate(dir, fixtures.Options{Customers: 80, Seed: 9}); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	run, err := Run(ctx, cfg, Options{Output: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}

	desk, err := NewDesk(cfg, 2)
	if err != nil {
		t.Fatal(err)
	}
	desk.bare = false // the worklist has reasons
	day, err := desk.Day(ctx, run.AsOf, routed(t, cfg), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := day.Plan(ctx); err != nil {
		t.Fatal(err)
	}
	base := day.n.currency.Digits()
	for _, o := range []output{
		{name: "worklist.parquet", columns: worklistColumns(base), fill: day.n.fillWorklist},
		{name: "options.parquet", columns: optionColumns(base), page: day.n.fillOptions},
		{name: "left_alone.parquet", columns: leftAloneColumns(base), page: day.n.fillLeftAlone},
	} {
		path, rows := filepath.Join(t.TempDir(), o.name), []int64{0}
		if o.page != nil {
			rows, err = day.n.writePages(ctx, func(string) string { return path }, []output{o})
		} else {
			rows[0], err = writeTable(path, &o)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(run.Folder, o.name))
		if err != nil {
			t.Fatal(err)
		}
		if rows[0] == 0 || !bytes.Equal(got, want) {
			t.Errorf("%s: %d rows at the desk, and other bytes than the night's", o.name, rows)
		}
	}
}

// routed is what a run reads from its exports, one blob of rows by themselves for each of some shards.
func routed(t *testing.T, cfg *config.Config) (blobs [][]byte) {
	t.Helper()
	n, err := newNight(cfg, Options{Output: t.TempDir(), Workers: 1, Shards: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if err := n.open(); err != nil {
		t.Fatal(err)
	}
	if err := n.read(context.Background()); err != nil {
		t.Fatal(err)
	}
	var r scoring.RowReader
	for i := range n.store.shards {
		chunks, _, err := n.store.read(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		customers, err := r.Open(chunks)
		if err != nil {
			t.Fatal(err)
		}
		var all []byte
		for range customers {
			rows, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			all = encoded(all, rows)
		}
		blobs = append(blobs, all)
	}
	return blobs
}

// encoded appends a customer's rows, by themselves.
func encoded(dst []byte, rows *scoring.Rows) []byte {
	for i := range rows.Masters {
		dst = scoring.AppendMaster(dst, &rows.Masters[i])
	}
	for i := range rows.Invoices {
		dst = scoring.AppendInvoice(dst, &rows.Invoices[i])
	}
	for i := range rows.Payments {
		dst = scoring.AppendPayment(dst, &rows.Payments[i])
	}
	for i := range rows.Activities {
		dst = scoring.AppendActivity(dst, &rows.Activities[i])
	}
	for i := range rows.Disputes {
		dst = scoring.AppendDispute(dst, &rows.Disputes[i])
	}
	return dst
}
