package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/table"
)

// Every column of every table of a night stands on the page, under its table.
func TestColumnsPageNamesEveryColumn(t *testing.T) {
	page, err := os.ReadFile("../docs/columns.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(string(page), "\n## ")[1:] {
		heading, body, _ := strings.Cut(s, "\n")
		for _, name := range regexp.MustCompile(`[a-z_]+\.[a-z]+`).FindAllString(heading, -1) {
			sections[name] = body
		}
	}
	files, err := filepath.Glob(filepath.Join(runNight(t, generated(t, fixtures.Options{}), pipeline.Options{}, allItems), "*.parquet"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d tables, %v", len(files), err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		body, ok := sections[name]
		if !ok {
			t.Errorf("docs/columns.md: no section about %s", name)
			continue
		}
		frame, err := table.ReadColumns(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range frame.Columns() {
			if !strings.Contains(body, "`"+c.Name+"`") {
				t.Errorf("docs/columns.md: %s: no line about %s", name, c.Name)
			}
		}
	}
}
