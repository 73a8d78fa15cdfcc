package pipeline

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/scoring"
)

// placedByHand is what the activities of an export say of every customer's latest placement as of a date, payments aside.
func placedByHand(t *testing.T, path string, asOf scoring.Day) map[string][2]string {
	t.Helper()
	out := map[string][2]string{}
	for _, r := range rawRows(t, filepath.Join(filepath.Dir(path), "activities.csv")) {
		if r["agency"] == "" || mustDay(t, r["done_on"]) > asOf {
			continue
		}
		last, over := out[r["customer_id"]], false
		if last[1] != "" {
			over = mustDay(t, r["done_on"])-mustDay(t, last[1]) >= 180
		}
		switch {
		case r["outcome"] == "sent":
			out[r["customer_id"]] = [2]string{"running", r["done_on"]}
		case over || last[0] != "running":
		case r["outcome"] == "recalled":
			out[r["customer_id"]] = [2]string{"recalled", last[1]}
		default:
			out[r["customer_id"]] = [2]string{"handed_back", last[1]}
		}
	}
	for id, last := range out {
		if last[0] == "running" && asOf-mustDay(t, last[1]) >= 180 {
			out[id] = [2]string{"term_over", last[1]}
		}
	}
	return out
}

// Of a generated book with placements: the table agrees with the activities and the open items, what is with an agency is nobody
// else's, and what has come back is.
func TestPlacedAccountsAreTheAgencys(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 500, Seed: 88, Agencies: fixtures.Agencies(3)})
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Risk.Weeks = 30
	output := t.TempDir()
	r, err := Run(context.Background(), cfg, Options{Output: output})
	if err != nil {
		t.Fatal(err)
	}
	asOf := mustDay(t, "2026-02-28")
	said, placed := placedByHand(t, path, asOf), placementRows(t, r.Folder)
	open, all, status := map[string]int64{}, map[string]int64{}, map[string]int{}
	eachRow(t, r.Folder, "open_items.parquet", func(row map[string]string) {
		p := placed[row["customer_id"]]
		if p == nil || row["bucket"] == "on_account" || row["issue_date"] > p["placed_on"] {
			return
		}
		if all[row["customer_id"]] += mustUnits(t, row["open_amount_base"]); row["due_date"] < p["placed_on"] {
			open[row["customer_id"]] += mustUnits(t, row["open_amount_base"])
		}
	})
	for id, p := range placed {
		status[p["status"]]++
		by := said[id]
		if p["placed_on"] != by[1] || p["status"] != by[0] && (p["status"] != "paid" || p["open_amount"] != "0") {
			t.Errorf("%s: %v, by the activities %v", id, p, by)
		}
		if got := mustUnits(t, p["open_amount"]); got != open[id] && (open[id] > 0 || got != all[id]) || got > mustUnits(t, p["placed_amount"]) {
			t.Errorf("%s: %v, %d open by the items", id, p, open[id])
		}
		if p["status"] == "running" && p["open_amount"] == "0" {
			t.Errorf("%s: nothing is open of %v", id, p)
		}
	}
	for _, s := range []string{"running", "paid", "recalled", "handed_back", "term_over"} {
		if status[s] == 0 {
			t.Errorf("of %v none is %s", status, s)
		}
	}
	blocked, free := 0, 0
	eachRow(t, r.Folder, "options.parquet", func(row map[string]string) {
		p := placed[row["customer_id"]]
		runs := p != nil && p["status"] == "running" && p["until"] > asOf.String() && mustUnits(t, p["open_amount"]) >= 1500
		switch with := row["blocked_by"] == "with_agency"; {
		case with && !runs:
			t.Errorf("%v is with nobody: %v", row, p)
		case with:
			blocked++
		case runs && row["allowed"] == "true" && row["action"] != "dispute_resolution":
			t.Errorf("%v, but %v", row, p)
		case p != nil && row["allowed"] == "true":
			free++
		}
	})
	if blocked == 0 || free == 0 {
		t.Errorf("%d options of placed accounts blocked, %d of others allowed", blocked, free)
	}
	checked := false
	eachRow(t, r.Folder, "left_alone.parquet", func(row map[string]string) {
		if row["why"] != "with_agency" {
			return
		}
		if p := placed[row["customer_id"]]; row["recheck_on"] <= p["until"] {
			t.Errorf("looked at again on %s: %v", row["recheck_on"], p)
		}
		if !checked {
			checked = true
			var b bytes.Buffer
			if err := Explain(output, "", row["customer_id"], &b); err != nil {
				t.Fatal(err)
			}
			if p := placed[row["customer_id"]]; !strings.Contains(b.String(), "placed      with "+p["agency"]+" on "+p["placed_on"]+", until "+p["until"]+": of "+thousands(p["placed_amount"])) {
				t.Errorf("no word of %v in\n%s", p, b.String())
			}
		}
	})
	eachRow(t, r.Folder, "reviews.parquet", func(row map[string]string) {
		if p := placed[row["customer_id"]]; p != nil && p["status"] == "running" && p["until"] > asOf.String() && mustUnits(t, p["open_amount"]) >= 1500 && (row["review"] == "agency" || row["review"] == "instalments") {
			t.Errorf("%s of %v", row["review"], p)
		}
	})
}

func mustUnits(t *testing.T, s string) int64 {
	t.Helper()
	n := int64(0)
	for _, d := range s {
		if d < '0' || d > '9' {
			t.Fatalf("%q is no amount in yen", s)
		}
		n = 10*n + int64(d-'0')
	}
	return n
}

// The page about columns has a line about every column of placements.parquet, and there is no such table without placements.
func TestPlacementsAreListedWhereThereAreAny(t *testing.T) {
	page, err := os.ReadFile("../docs/columns.md")
	if err != nil {
		t.Fatal(err)
	}
	_, about, _ := strings.Cut(string(page), "## placements.parquet")
	about, _, _ = strings.Cut(about, "\n## ")
	for _, c := range placementColumns(0) {
		if !strings.Contains(about, "`"+c.Name+"`") {
			t.Errorf("docs/columns.md: placements.parquet: no line about %s", c.Name)
		}
	}
	p := &scoring.Placement{On: 0, End: scoring.Recalled}
	if listsPlacement(nil, 0) || !listsPlacement(p, placedKept-1) || listsPlacement(p, placedKept) || !listsPlacement(&scoring.Placement{}, placedKept) {
		t.Error("a placement is listed while it runs, and for as long as contacts are")
	}
}
