package pipeline_test

import (
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
)

var (
	pageRow  = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	pageCell = regexp.MustCompile(`(?s)<t[dh][^>]*>(.*?)</t[dh]>`)
	pageTag  = regexp.MustCompile(`<[^>]*>`)
)

// pageTables are the rows of cells of a page's tables by the text of their first cell; rows that begin alike follow each other.
func pageTables(page string) map[string][][]string {
	out := map[string][][]string{}
	for _, row := range pageRow.FindAllStringSubmatch(page, -1) {
		var cells []string
		for _, cell := range pageCell.FindAllStringSubmatch(row[1], -1) {
			cells = append(cells, strings.TrimSpace(html.UnescapeString(pageTag.ReplaceAllString(cell[1], ""))))
		}
		out[cells[0]] = append(out[cells[0]], cells)
	}
	return out
}

// pageAmount reads an amount such as "13,938,055 JPY".
func pageAmount(t *testing.T, s string) float64 {
	t.Helper()
	return number(t, strings.ReplaceAll(strings.TrimSuffix(s, " JPY"), ",", ""))
}

func TestReportSaysWhatTheTablesSay(t *testing.T) {
	night := quickNight(t, generated(t, fixtures.Options{Seed: 11, Customers: 300}))
	data, err := os.ReadFile(filepath.Join(night, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	page := pageTables(string(data))

	worklist := cells(t, filepath.Join(night, "worklist.parquet"))
	if len(worklist) <= 25 {
		t.Fatalf("%d rows are too few to be cut", len(worklist))
	}
	type sum struct {
		rows          int
		minutes, adds float64
	}
	by := map[string]*sum{}
	for i, w := range worklist {
		for _, name := range []string{strings.ReplaceAll(w["action"], "_", " "), w["collector"]} {
			if by[name] == nil {
				by[name] = &sum{}
			}
			by[name].rows++
			by[name].minutes += number(t, w["effort_minutes"])
			by[name].adds += number(t, w["expected_recovery"])
		}
		var shown []string
		for _, row := range page[w["rank"]] {
			if len(row) == 10 {
				shown = row
			}
		}
		if i >= 25 {
			if shown != nil {
				t.Errorf("rank %s is shown", w["rank"])
			}
			continue
		}
		if shown == nil || !strings.HasSuffix(shown[1], w["customer_id"]) || shown[3] != w["collector"] || pageAmount(t, shown[4]) != number(t, w["ask_amount"]) ||
			shown[5] != w["ask_by"] || shown[6] != w["days_past_due_max"] || pageAmount(t, shown[7]) != number(t, w["expected_recovery"]) ||
			shown[8] != fmt.Sprintf("%.1f", number(t, w["effort_minutes"])) {
			t.Errorf("rank %s: %q, in the table %v", w["rank"], shown, w)
		}
	}
	for name, want := range by {
		var row []string
		for _, r := range page[name] {
			if len(r) == 4 {
				row = r
			}
		}
		if row == nil || row[1] != fmt.Sprint(want.rows) || row[2] != fmt.Sprintf("%.1f h", want.minutes/60) || pageAmount(t, row[3]) != want.adds {
			t.Errorf("%s: %q, in the table %+v", name, row, want)
		}
	}

	open, bucket := 0.0, map[string]float64{}
	names := map[string]string{"not_due": "not due", "bucket_1_30": "1-30", "bucket_31_60": "31-60", "bucket_61_90": "61-90", "bucket_91_120": "91-120", "bucket_over_120": "over 120"}
	for _, a := range cells(t, filepath.Join(night, "accounts.parquet")) {
		open += number(t, a["open_amount"])
		for column, name := range names {
			bucket[name] += number(t, a[column])
		}
	}
	for name, amount := range bucket {
		found := false
		for _, row := range page[name] {
			found = found || len(row) == 4 && row[3] == fmt.Sprintf("%.1f %%", 100*amount/open)
		}
		if !found {
			t.Errorf("%s: %q, in accounts.parquet %.1f %%", name, page[name], 100*amount/open)
		}
	}
	card := regexp.MustCompile(`<span>Open</span><b>([\d.]+) m JPY</b>`).FindStringSubmatch(string(data))
	if card == nil || math.Abs(number(t, card[1])*1e6/open-1) > .005 {
		t.Errorf("open is %v, in accounts.parquet %.0f", card, open)
	}
	weeks := 0
	for _, f := range cells(t, filepath.Join(night, "cash_forecast.parquet")) {
		if f["currency"] == "JPY" && strings.Contains(string(data), "<title>"+f["week_start"]+": ") {
			weeks++
		}
	}
	if weeks != 13 {
		t.Errorf("%d weeks of the forecast are drawn", weeks)
	}
}

func TestReportNeedsNoNetworkAndTakesNoMarkupFromTheExports(t *testing.T) {
	dir := generated(t, fixtures.Options{Seed: 11, Customers: 80})
	path := filepath.Join(dir, "customers.csv")
	all := readCSV(t, path)
	for i, column := range all[0] {
		if column == "name" || column == "collector" || column == "segment" {
			for _, row := range all[1:] {
				row[i] = `<img src="http://example.org/x" onerror="alert(1)">`
			}
		}
	}
	writeCSV(t, path, all)
	for _, language := range []string{"en", "ja"} {
		night := quickNight(t, dir, func(c *config.Config) { c.Language = language })
		data, err := os.ReadFile(filepath.Join(night, "report.html"))
		if err != nil {
			t.Fatal(err)
		}
		page := string(data)
		if !strings.Contains(page, `<html lang="`+language+`">`) || !strings.Contains(page, "&lt;img src=") {
			t.Errorf("%s: the language or the names are missing", language)
		}
		for _, bad := range []string{"<img", "<script", "<link", "@import", "url(", "ZgotmplZ", "%!", "NaN"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: the page has %q: %s", language, bad, page[max(0, strings.Index(page, bad)-80):][:160])
			}
		}
		for _, attribute := range regexp.MustCompile(`<[a-z]+ [^>]*?\b(src|href|onerror)=`).FindAllString(page, -1) {
			t.Errorf("%s: the page has %s", language, attribute)
		}
	}
}
