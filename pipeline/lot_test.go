package pipeline_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/scoring"
	"kaishu/scoring/trial"
)

// byLot leaves so much of the day to the lot, and learns from it.
func byLot(share float64) func(*config.Config) {
	return func(c *config.Config) {
		if share > 0 {
			c.Learning.Effects, c.Learning.KappaObs = config.LearnOn, 20
			c.Learning.Explore, c.Learning.ExploreBand = share/2, 20
			c.Learning.Holdout, c.Learning.HoldoutSince = share/5, "2025-12-01"
		}
	}
}

// Who is drawn follows from the salt; with what probability anybody is contacted stands in the table.
func TestTheLotDecidesNearTheCutLineAndLeavesATrace(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 400})
	night := quickNight(t, dir, byLot(1), func(c *config.Config) { c.Learning.Holdout, c.Learning.ExploreBand = 0, 3 })
	listed := byCustomer(cells(t, filepath.Join(night, "worklist.parquet")))
	left := byCustomer(cells(t, filepath.Join(night, "left_alone.parquet")))
	day, err := scoring.ParseDay("2026-03-02") // the Monday after
	if err != nil {
		t.Fatal(err)
	}
	drawn, acted := 0, 0
	near := cells(t, filepath.Join(night, "exploration.parquet"))
	for _, r := range near {
		id := r["customer_id"]
		u, coin := trial.Draw("kaishu", "explore", id, int32(day))
		want := .25
		if r["planned"] == "true" {
			want = .75
		}
		switch {
		case r["crowded_out"] == "true":
			t.Errorf("%s: crowded out of a day with room", id)
		case math.Abs(number(t, r["propensity"])-want) > 1e-12:
			t.Errorf("%s: propensity %s, want %v", id, r["propensity"], want)
		case (r["randomised"] == "true") != (u < .5):
			t.Errorf("%s: drawn %s at %v", id, r["randomised"], u)
		case r["acted"] != map[bool]string{true: "true", false: "false"}[listed[id] != nil]:
			t.Errorf("%s: acted %s, on the worklist %v", id, r["acted"], listed[id] != nil)
		case u >= .5 && r["acted"] != r["planned"]:
			t.Errorf("%s: not drawn, planned %s, acted %s", id, r["planned"], r["acted"])
		}
		if ratio := number(t, r["recovery_per_effort"]); ratio < .25 || ratio > 4 {
			t.Errorf("%s: %v is not near the cut line", id, ratio)
		}
		if u >= .5 {
			continue
		}
		drawn++
		switch {
		case coin < .5:
			acted++
			if l := listed[id]; l == nil || l["randomised"] != "true" || !strings.HasPrefix(l["why"], "explore: ") || l["duty"] != "" {
				t.Errorf("%s: drawn to be contacted, on the worklist %v", id, l)
			}
		case listed[id] != nil || r["action"] != scoring.LeftAlone || left[id] != nil && left[id]["why"] != "explore":
			t.Errorf("%s: drawn to be left alone: %v, %v", id, r, left[id])
		}
	}
	if drawn < 12 || acted < drawn/4 || acted > 3*drawn/4 {
		t.Errorf("%d near the cut line, %d drawn, %d contacted", len(near), drawn, acted)
	}
	for id, l := range listed {
		if l["randomised"] == "true" && byCustomer(near)[id] == nil {
			t.Errorf("%s is said to be drawn", id)
		}
	}
}

func TestTheLotGetsNoMoreThanThereIs(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 400})
	night := quickNight(t, dir, byLot(1), func(c *config.Config) {
		for i := range c.Capacity.Resources {
			c.Capacity.Resources[i].PerDay = 2
		}
	})
	used, crowded := map[string]float64{}, 0
	for _, r := range cells(t, filepath.Join(night, "options.parquet")) {
		if r["chosen"] == "true" {
			used[r["resource"]]++
		}
	}
	for _, name := range []string{"emails", "letters", "demands", "legal"} {
		if used[name] > 2 {
			t.Errorf("%v of 2 %s", used[name], name)
		}
	}
	for _, r := range cells(t, filepath.Join(night, "exploration.parquet")) {
		if r["crowded_out"] == "true" {
			crowded++
			if r["propensity"] != "" || r["randomised"] != "false" {
				t.Errorf("crowded out, and yet decided by lot: %v", r)
			}
		}
	}
	if crowded == 0 {
		t.Error("nobody was crowded out of a day without room")
	}
}

func TestThoseHeldOutGetNothingOptional(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 400})
	night := quickNight(t, dir, byLot(1))
	accounts := cells(t, filepath.Join(night, "accounts.parquet"))
	listed := byCustomer(cells(t, filepath.Join(night, "worklist.parquet")))
	left := byCustomer(cells(t, filepath.Join(night, "left_alone.parquet")))
	near := byCustomer(cells(t, filepath.Join(night, "exploration.parquet")))
	held, free := 0, 0
	for _, a := range accounts {
		id, unit := a["customer_id"], a["group_id"]
		if unit == "" {
			unit = id
		}
		out, _ := trial.Draw("kaishu", "holdout", unit, 0)
		l := listed[id]
		if out >= .2 {
			free++
			if left[id] != nil && left[id]["why"] == "holdout" {
				t.Errorf("%s is not held out", id)
			}
			continue
		}
		held++
		switch {
		case l != nil && l["duty"] == "":
			t.Errorf("%s is held out and has %s", id, l["action"])
		case near[id] != nil:
			t.Errorf("%s is held out and left to the lot of the day", id)
		case left[id] != nil && left[id]["why"] != "holdout":
			t.Errorf("%s is left alone for %s", id, left[id]["why"])
		}
	}
	if held < 40 || held > 120 || len(listed) < 20 {
		t.Errorf("%d held out, %d not, %d listed", held, free, len(listed))
	}
	blocked := 0
	for _, o := range cells(t, filepath.Join(night, "options.parquet")) {
		if o["blocked_by"] == "holdout" {
			blocked++
		}
	}
	if blocked == 0 {
		t.Error("no option says that its customer is held out")
	}

	before := quickNight(t, dir, byLot(1), func(c *config.Config) { c.Learning.HoldoutSince = "2026-03-03" }) // the day after the day of work
	for _, l := range cells(t, filepath.Join(before, "left_alone.parquet")) {
		if l["why"] == "holdout" {
			t.Errorf("%s is held out before the first day", l["customer_id"])
		}
	}
}

// manifest is run.json of a night.
func manifest(t *testing.T, night string) (m map[string]any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(night, "run.json"))
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The cash of both arms, added up from the export.
func TestTheComparisonCanBeAddedUpFromTheExports(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 300})
	night := quickNight(t, dir, byLot(1))
	section := manifest(t, night)["learning"].(map[string]any)["holdout"].(map[string]any)
	all := section["all"].(map[string]any)
	groups := map[string]string{}
	for _, a := range cells(t, filepath.Join(night, "accounts.parquet")) {
		if groups[a["customer_id"]] = a["group_id"]; a["group_id"] == "" {
			groups[a["customer_id"]] = a["customer_id"]
		}
	}
	owes := map[string]bool{}
	settled, amounts := map[string]float64{}, map[string]float64{}
	cash := map[string]float64{}
	for _, p := range rows(t, filepath.Join(dir, "payments.csv")) {
		if p["invoice_id"] != "" && p["paid_on"] < "2025-12-01" {
			settled[p["invoice_id"]] += number(t, p["amount"])
		}
		if (p["kind"] == "payment" || p["kind"] == "") && p["paid_on"] >= "2025-12-01" && p["paid_on"] < "2026-01-30" {
			cash[groups[p["customer_id"]]] += number(t, p["amount"])
		}
	}
	for _, i := range rows(t, filepath.Join(dir, "invoices.csv")) {
		if i["issue_date"] < "2025-12-01" && number(t, i["amount"]) > 0 {
			amounts[i["customer_id"]+" "+i["invoice_id"]] += number(t, i["amount"])
		} else if i["issue_date"] < "2025-12-01" {
			settled[i["applies_to"]] -= number(t, i["amount"])
		}
	}
	for key, amount := range amounts {
		id, invoice, _ := strings.Cut(key, " ")
		if amount > settled[invoice]+.5 {
			owes[groups[id]] = true
		}
	}
	var sum, count [2]float64
	for unit := range owes {
		arm := 0
		if u, _ := trial.Draw("kaishu", "holdout", unit, 0); u < .2 {
			arm = 1
		}
		count[arm]++
		sum[arm] += cash[unit]
	}
	if got := [2]float64{all["worked"].(float64), all["held_out"].(float64)}; got != count {
		t.Errorf("arms of %v, counted %v", got, count)
	}
	for arm, name := range []string{"cash_per_unit_worked", "cash_per_unit_held_out"} {
		got, want := all[name].(float64), sum[arm]/count[arm]
		if math.Abs(got/want-1) > .02 { // cash that came back is taken off the day on which it came
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	if low, lift, high := all["low"].(float64), all["lift_per_unit"].(float64), all["high"].(float64); !(low < lift && lift < high) {
		t.Errorf("lift %v in %v..%v", lift, low, high)
	}
	if v := section["verdict"].(string); !strings.HasPrefix(v, "not measurable yet: needs ") || !strings.HasSuffix(v, "held out") {
		t.Errorf("verdict %q of %v groups", v, count[1])
	}
}

func TestSameBytesWithTheLot(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 150})
	want := nightHash(t, runNight(t, dir, pipeline.Options{Workers: 1, Shards: 1}, byLot(1)))
	for _, o := range []pipeline.Options{{Workers: 3, Shards: 64}, {Workers: 2, Shards: 1000}} {
		if got := nightHash(t, runNight(t, dir, o, byLot(1))); got != want {
			t.Errorf("%+v: night_sha256 %s, want %s", o, got, want)
		}
	}
}

func TestExplainSaysWhatContactsSay(t *testing.T) {
	night := quickNight(t, generated(t, fixtures.Options{Customers: 300}), func(c *config.Config) { c.Learning.Effects, c.Risk.Weeks = config.LearnOn, 78 })
	for _, l := range cells(t, filepath.Join(night, "worklist.parquet")) {
		if l["effect_source"] != "learned" {
			continue
		}
		var out bytes.Buffer
		if err := pipeline.Explain(filepath.Dir(night), "", l["customer_id"], &out); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"effect of " + l["action"] + ": learned", "contacts by lot", "chosen contacts alone", "observational, may be biased"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is not in\n%s", want, out.String())
			}
		}
		return
	}
	t.Error("no row goes by what was learned")
}
