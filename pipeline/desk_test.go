package pipeline

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
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
		{name: "left_alone.parquet", columns: leftAloneColumns(base), fill: day.n.fillLeftAlone},
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

// routed is what a run reads from its exports, one blob for each of some shards.
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
	for i := range n.store.shards {
		chunks, _, err := n.store.read(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		var all []byte
		for _, c := range chunks {
			if c.File != 0 {
				t.Fatalf("rows count their files from %d", c.File)
			}
			all = append(all, c.Rows...)
		}
		blobs = append(blobs, all)
	}
	return blobs
}
