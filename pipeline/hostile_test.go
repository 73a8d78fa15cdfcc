package pipeline_test

import (
	"context"
	"path/filepath"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
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
