package pipeline

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// agencyNight runs a night over generated exports with two agencies of the same fee, of which south is said to be
// better, and returns what it says of agencies, by name, and what it prints.
func agencyNight(t *testing.T, path string, change func(*config.Config)) (folder string, learned map[string]map[string]float64, screen string) {
	t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Reviews.Agencies = []config.Agency{{Name: "north", Fee: .2, Recovery: config.Tail{{Days: 90, Share: .3}}}, {Name: "south", Fee: .2, Recovery: config.Tail{{Days: 90, Share: .35}}}}
	cfg.Risk.Weeks, cfg.Risk.MaxRows = 120, 300_000
	change(cfg)
	r, err := Run(context.Background(), cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	f, err := table.ReadColumns(filepath.Join(r.Folder, "agencies.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	learned = map[string]map[string]float64{}
	for i := range f.Len() {
		row := map[string]float64{}
		for _, c := range f.Columns() {
			switch k := f.Column(c.Name); c.Type {
			case table.OutDouble:
				row[c.Name] = nan
				if !f.IsNull(k, i) {
					row[c.Name] = f.DoubleAt(k, i)
				}
			case table.OutInt:
				row[c.Name] = float64(f.IntAt(k, i))
			}
		}
		learned[f.StringAt(f.Column("agency"), i)] = row
	}
	return r.Folder, learned, b.String()
}

// recoveredByHand counts from the exports what an agency was given in the weeks that a night looks back, and what share came within half a year of placements that are that old;
// "" is all agencies.
func recoveredByHand(t *testing.T, path, agency string, asOf scoring.Day) (placements int, recovered float64) {
	t.Helper()
	dir := filepath.Dir(path)
	raw := rawInvoices(t, dir)
	disputed := map[string][]string{}
	for _, r := range rawRows(t, filepath.Join(dir, "disputes.csv")) {
		disputed[r["invoice_id"]] = append(disputed[r["invoice_id"]], r["opened_on"]+r["closed_on"])
	}
	old := 0
	for _, r := range rawRows(t, filepath.Join(dir, "activities.csv")) {
		on := scoring.NoDay
		if r["agency"] != "" && (agency == "" || r["agency"] == agency) {
			on = mustDay(t, r["done_on"])
		}
		if on == scoring.NoDay || on <= asOf-7*120 || on >= asOf {
			continue
		}
		eve, open, came := on-1, 0.0, 0.0
		for _, v := range raw[r["customer_id"]] {
			id, _, _ := strings.Cut(v.key, "/")
			if eve-v.due < 90 || slices.ContainsFunc(disputed[id], func(s string) bool {
				return s[:10] <= eve.String() && (len(s) == 10 || s[10:] > eve.String())
			}) {
				continue
			}
			was, _, share, ended := v.windowOf(eve, scoring.PlacedDays)
			if ended == 1 { // on the day itself: perhaps before
				continue
			}
			open += float64(was)
			came += float64(was) * share
		}
		if open > 0 {
			placements++
			if asOf-eve >= scoring.PlacedDays {
				old++
				recovered += came / open
			}
		}
	}
	return placements, recovered / float64(old)
}

// Three agencies are given accounts by chance. What one recovers of all of them was never seen, but the same customers with the
// same luck can all be given to it. Counted from the exports, that lies within the interval of what the night
// has learned; and what the night counts is what is in the exports.
func TestAgenciesAreLearnedFromWhatCameOfPlacements(t *testing.T) {
	given := []fixtures.Agency{{Name: "north", Multiplier: 5}, {Name: "south", Multiplier: 1}, {Name: "west", Multiplier: 2}}
	export := func(agencies ...fixtures.Agency) string {
		return generatedExports(t, fixtures.Options{Customers: 700, Seed: 85, Agencies: agencies})
	}
	path, asOf := export(given...), mustDay(t, "2026-02-28")
	_, learned, screen := agencyNight(t, path, func(c *config.Config) { c.Learning.Kappa = 5 })
	for i, a := range given[:2] {
		l := learned[a.Name]
		count, recovered := recoveredByHand(t, path, a.Name, asOf)
		if math.Abs(l["placements"]-float64(count)) > 1 || math.Abs(l["recovered"]-recovered) > .06 {
			t.Errorf("%s: %v placements, %.4f recovered of them; by hand %d, %.4f of those old enough", a.Name, l["placements"], l["recovered"], count, recovered)
		}
		all, truth := recoveredByHand(t, export(given[i]), "", asOf)
		low, high := l["same_net_low"]/.8, l["same_net_high"]/.8
		t.Logf("%s: %v placements; would recover %.3f (%.3f to %.3f) of all, in fact %.3f of %d; without %.3f", a.Name, l["placements"], l["same_recovery"], low, high, truth, all, l["same_without"])
		if truth < low || truth > high {
			t.Errorf("%s recovers %.3f of all, outside of %.3f to %.3f", a.Name, truth, low, high)
		}
	}
	if n, s := learned["north"], learned["south"]; n["same_net_low"] < s["same_net"] || n["multiplier_low"] < s["multiplier"] {
		t.Errorf("north %v is not clearly better than south %v", n, s)
	}
	if w := learned["west"]; w["placements"] == 0 || !math.IsNaN(w["fee"]) || !math.IsNaN(w["same_net"]) {
		t.Errorf("an agency without a fee: %v", w)
	}
	for _, want := range []string{"placements on record (observational, may be biased); placing goes by reviews.agencies",
		"reviews.agencies has no such agency: its fee is not known, and nothing is placed with it", "  north: "} {
		if !strings.Contains(screen, want) {
			t.Errorf("no %q in\n%s", want, screen)
		}
	}
}

// chosenAgencies are the agencies that accounts are placed with which nobody had before: for others there is less to choose from.
func chosenAgencies(t *testing.T, folder string) map[string]int {
	t.Helper()
	before := placementRows(t, folder)
	f, err := table.ReadColumns(filepath.Join(folder, "worklist.parquet"), "action", "contact", "customer_id")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for i := range f.Len() {
		if _, had := before[f.StringAt(f.Column("customer_id"), i)]; !had && f.StringAt(f.Column("action"), i) == "agency" {
			out[f.StringAt(f.Column("contact"), i)]++
		}
	}
	return out
}

// placementRows are the rows of placements.parquet by customer, as text; none where there is no such table.
func placementRows(t *testing.T, folder string) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	if _, err := os.Stat(filepath.Join(folder, "placements.parquet")); err == nil {
		eachRow(t, folder, "placements.parquet", func(row map[string]string) { out[row["customer_id"]] = row })
	}
	return out
}

// eachRow visits the rows of a table of a night as texts, without the missing ones.
func eachRow(t *testing.T, folder, file string, visit func(row map[string]string)) {
	t.Helper()
	f, err := table.ReadColumns(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Len() {
		row := map[string]string{}
		for _, c := range f.Columns() {
			if k := f.Column(c.Name); !f.IsNull(k, i) {
				row[c.Name] = f.Text(k, i)
			}
		}
		visit(row)
	}
}

// Placing goes by what is configured until learning is asked for; then it goes to the agency that recovers more.
func TestPlacingGoesByTheRecordWhenAsked(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 1200, Seed: 86, Agencies: []fixtures.Agency{{Name: "north", Multiplier: 8}, {Name: "south", Multiplier: .2}}})
	place := func(mode string) map[string]int {
		folder, learned, _ := agencyNight(t, path, func(c *config.Config) {
			c.Learning.Agencies, c.Learning.Kappa = mode, 1
			agency := c.Actions.Find("agency")
			agency.Enabled, agency.After, agency.Relationship, agency.Minutes = true, nil, 0, 1
			c.Policy.WaitEffect = false
			for i := range c.Reviews.Agencies { // better than we ourselves
				c.Reviews.Agencies[i].Recovery[0].Share += .6
			}
		})
		if learned["north"]["weight"] < .5 {
			t.Fatalf("too little was learned: %v", learned)
		}
		return chosenAgencies(t, folder)
	}
	if got := place(config.LearnReport); got["south"] == 0 || got["north"] > 0 {
		t.Errorf("as configured: %v, want all with south", got)
	}
	if got := place(config.LearnOn); got["north"] == 0 || got["south"] > 0 {
		t.Errorf("by the record: %v, want all with north", got)
	}
}

// Without a placement on record agencies are what they are configured to be, learned or not.
func TestWithoutPlacementsAgenciesAreAsConfigured(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 60, Seed: 7})
	var plans []string
	for _, mode := range []string{config.LearnReport, config.LearnOn} {
		folder, learned, screen := agencyNight(t, path, func(c *config.Config) { c.Learning.Agencies = mode; c.Actions.Find("agency").Enabled = true })
		if n := learned["north"]; n["placements"] != 0 || n["weight"] != 0 || strings.Contains(screen, "placements on record") {
			t.Errorf("%v\n%s", n, screen)
		}
		plans = append(plans, tableText(t, filepath.Join(folder, "options.parquet")))
	}
	if plans[0] != plans[1] || plans[0] == "" {
		t.Error("the options differ")
	}
	page, err := os.ReadFile("../docs/columns.md")
	if err != nil {
		t.Fatal(err)
	}
	_, about, _ := strings.Cut(string(page), "## agencies.parquet")
	about, _, _ = strings.Cut(about, "\n## ")
	for _, c := range agencyColumns() {
		if !strings.Contains(about, "`"+c.Name+"`") {
			t.Errorf("docs/columns.md: agencies.parquet: no line about %s", c.Name)
		}
	}
	if n := agencyFree(t, path); n {
		t.Error("there is a table of agencies without any")
	}
}

// agencyFree reports whether a night without agencies has a table of them.
func agencyFree(t *testing.T, path string) bool {
	t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Risk.Weeks = 12
	r, err := Run(context.Background(), cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.ReadColumns(filepath.Join(r.Folder, "agencies.parquet"))
	return err == nil
}

// tableText is all of a table as text.
func tableText(t *testing.T, path string) string {
	t.Helper()
	f, err := table.ReadColumns(path)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range f.Len() {
		for _, c := range f.Columns() {
			b.WriteString(f.Text(f.Column(c.Name), i) + ";")
		}
	}
	return b.String()
}

// The figures of docs/figures.md on agencies: how often the interval holds what an agency does with all that was placed, with a
// belief of next to no weight, and with the default weight of one that is off (.30 and .35 where .47 and .29 are true).
func TestGeneratedPortfoliosByAgency(t *testing.T) {
	if os.Getenv("KAISHU_FIGURES") == "" {
		t.Skip("takes minutes: set KAISHU_FIGURES=1")
	}
	given := []fixtures.Agency{{Name: "north", Multiplier: 5}, {Name: "south", Multiplier: 1}, {Name: "west", Multiplier: 2}}
	kappas := [...]float64{1, 20}
	const seeds = 8
	asOf := mustDay(t, "2026-02-28")
	var inside [len(kappas)]int
	var square, off [len(kappas)]float64
	for seed := uint64(1); seed <= seeds; seed++ {
		export := func(agencies ...fixtures.Agency) string {
			return generatedExports(t, fixtures.Options{Customers: 1500, Seed: seed, Agencies: agencies})
		}
		path, truth := export(given...), [2]float64{}
		for i, a := range given[:2] {
			_, truth[i] = recoveredByHand(t, export(a), "", asOf)
		}
		for k, kappa := range kappas {
			_, learned, _ := agencyNight(t, path, func(c *config.Config) { c.Learning.Kappa = kappa })
			for i, a := range given[:2] {
				l := learned[a.Name]
				low, high, miss := l["same_net_low"]/.8, l["same_net_high"]/.8, l["same_recovery"]-truth[i]
				t.Logf("seed %d, kappa %v, %s: %v placements; multiplier %.2f; would recover %.3f (%.3f to %.3f) of all, in fact %.3f; without %.3f",
					seed, kappa, a.Name, l["placements"], l["multiplier"], l["same_recovery"], low, high, truth[i], l["same_without"])
				if low <= truth[i] && truth[i] <= high {
					inside[k]++
				}
				square[k] += miss * miss / (2 * seeds)
				off[k] += miss / (2 * seeds)
			}
		}
	}
	for k, kappa := range kappas {
		t.Logf("kappa %v: inside %d of %d, root mean square error %.3f, mean error %+.3f", kappa, inside[k], 2*seeds, math.Sqrt(square[k]), off[k])
	}
	if inside[0] < 2*seeds*3/4 {
		t.Errorf("the interval holds only %d of %d", inside[0], 2*seeds)
	}
}
