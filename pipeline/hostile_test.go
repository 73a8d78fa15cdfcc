package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
)

// tryNight runs a night that may fail.
func tryNight(t *testing.T, dir string, o pipeline.Options, change ...func(*config.Config)) (*pipeline.Result, error) {
	t.Helper()
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(cfg)
	}
	if o.Output == "" {
		o.Output = t.TempDir()
	}
	return pipeline.Run(context.Background(), cfg, o)
}

func TestCustomersWithoutRowsStopTheNight(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 10})
	for name, stops := range map[string]bool{"customers": true, "disputes": false, "activities": false} {
		path := filepath.Join(dir, name+".csv")
		rows := readCSV(t, path)
		writeCSV(t, path, rows[:1])
		_, err := tryNight(t, dir, pipeline.Options{})
		refused, _ := err.(*pipeline.Refused)
		if stops != (refused != nil && refused.Gate == "empty_export") || !stops && err != nil {
			t.Errorf("%s: error %v, stops %v", name, err, stops)
		}
		writeCSV(t, path, rows)
	}
}

func TestDamagedNightBeforeIsNamedWithANextStep(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 10})
	nights := t.TempDir()
	at := func(date string) func(*config.Config) { return func(c *config.Config) { c.AsOf = date } }
	for _, c := range []struct{ file, want string }{
		{"run.json", "has no night_sha256"},
		{"worklist.parquet", "reading the worklist of 2026-02-27: "},
		{"accounts.parquet", "reading accounts.parquet of 2026-02-27: "},
	} {
		if err := os.RemoveAll(publish.Folder(nights, "2026-02-27")); err != nil {
			t.Fatal(err)
		}
		if _, err := tryNight(t, dir, pipeline.Options{Output: nights}, at("2026-02-27")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(publish.Folder(nights, "2026-02-27"), c.file), []byte("spoiled"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := tryNight(t, dir, pipeline.Options{Output: nights}, at("2026-02-28"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.file, err, c.want)
		}
		if hint := pipeline.Hint(err); !strings.Contains(hint, "kaishu verify -o "+nights+" --as-of 2026-02-27") {
			t.Errorf("%s: hint %q", c.file, hint)
		}
	}
}

func TestExplainTellsADamagedNightFromACustomerItDoesNotKnow(t *testing.T) {
	folder := runNight(t, generated(t, fixtures.Options{Customers: 10}), pipeline.Options{})
	nights := filepath.Dir(folder)
	explain := func(asOf string) error { return pipeline.Explain(nights, asOf, "C000001", &strings.Builder{}) }
	if err := explain("2026-02-28"); err != nil {
		t.Fatal(err)
	}
	if err := explain("2026-02-27"); !errors.Is(err, publish.ErrNoNight) {
		t.Errorf("a night that is not there: %v", err)
	}
	if err := os.Remove(filepath.Join(folder, "accounts.parquet")); err != nil {
		t.Fatal(err)
	}
	if err := explain(""); err == nil || !strings.Contains(err.Error(), "accounts.parquet is missing") || !strings.Contains(pipeline.Hint(err), "kaishu verify") {
		t.Errorf("a night without accounts: %v, hint %q", err, pipeline.Hint(err))
	}
}
