package pipeline_test

import (
	"bytes"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
)

// foreign are the words of a text in Latin letters.
var foreign = regexp.MustCompile(`[A-Za-z][A-Za-z_.]*[A-Za-z]`)

// ownWords are those that a Japanese page has as well: names of files, figures, keys and currencies, and the customers' own.
func ownWords(t *testing.T, dir string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, word := range strings.Fields("kaishu explain run.json master_faults.parquet rejects.parquet reviews.csv worklist.xlsx csv parquet DSO JPY INV PAY CN known_at ledger.known_lag as_of dev TRUE FALSE") {
		out[word] = true
	}
	for _, row := range readCSV(t, filepath.Join(dir, "customers.csv"))[1:] {
		for _, cell := range row {
			for _, word := range foreign.FindAllString(cell, -1) {
				out[word] = true
			}
		}
	}
	return out
}

func noEnglish(t *testing.T, where, text string, but map[string]bool) {
	t.Helper()
	met := maps.Clone(but)
	for _, word := range foreign.FindAllString(text, -1) {
		if !met[word] && !met[strings.Trim(word, "._")] {
			met[word] = true
			at := strings.Index(text, word)
			t.Errorf("%s says %q: %q", where, word, text[max(0, at-60):min(len(text), at+60)])
		}
	}
}

// With language: ja what people read of a night is Japanese, but for names and codes: the page, the workbook, what run and explain print.
func TestNoEnglishIsLeftOfAJapaneseNight(t *testing.T) {
	dir := generated(t, fixtures.Options{Seed: 11, Customers: 120, Dirty: true})
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Language, cfg.Gates.MaxRejectShare, cfg.Gates.MaxUnappliedShare, cfg.Gates.MaxRowChange = "ja", .5, .0001, 1e-9
	cfg.Learning.Explore, cfg.Risk.Weeks, cfg.Risk.MaxRows = .2, 26, 30_000
	but, out := ownWords(t, dir), t.TempDir()
	var result *pipeline.Result
	var screen bytes.Buffer
	for _, cfg.AsOf = range []string{"2026-02-26", "2026-02-27", "2026-02-27"} {
		if result, err = pipeline.Run(t.Context(), cfg, pipeline.Options{Output: out}); err != nil {
			t.Fatal(err)
		}
		if err := result.Print(&screen); err != nil {
			t.Fatal(err)
		}
	}
	noEnglish(t, "run", strings.ReplaceAll(screen.String(), out, ""), but)

	page, err := os.ReadFile(filepath.Join(result.Folder, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	noEnglish(t, "report.html", visible(string(page)), but)
	for _, want := range []string{"要確認", "仮受金の割合", "除外した行", "連絡の効果", "抽選による選定"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page had no occasion to say %s", want)
		}
	}

	book, err := excelize.OpenFile(filepath.Join(result.Folder, "worklist.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("ワークリスト")
	if err != nil || len(rows) < 10 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		noEnglish(t, "worklist.xlsx", strings.Join(row, " | "), but)
	}

	ids := []string{rows[1][1], rows[len(rows)-1][1]}
	for _, l := range cells(t, filepath.Join(result.Folder, "left_alone.parquet"))[:5] {
		ids = append(ids, l["customer_id"])
	}
	for _, id := range ids {
		screen.Reset()
		if err := pipeline.Explain(out, "", id, &screen); err != nil {
			t.Fatal(err)
		}
		noEnglish(t, "explain "+id, screen.String(), but)
	}
}

// visible is the text of a page, and what the pointer shows.
func visible(page string) string {
	page = page[strings.LastIndex(page, "</style>"):]
	text := pageTag.ReplaceAllString(page, " ")
	for _, m := range regexp.MustCompile(`(?:title|aria-label)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		text += " " + m[1]
	}
	return html.UnescapeString(text)
}
