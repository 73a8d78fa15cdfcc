package pipeline_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
)

func TestDutiesComeFirst(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	list := func(change ...func(*config.Config)) map[string]map[string]string {
		return byCustomer(cells(t, filepath.Join(quickNight(t, dir, change...), "worklist.parquet")))
	}
	// of customers that an e-mail or a letter was worth, one is promised a call, another broke its promise
	var ids []string
	for id, r := range list() {
		m := byCustomer(rows(t, filepath.Join(dir, "customers.csv")))[id]
		if (r["action"] == "letter" || r["action"] == "email") && r["duty"] == "" && m["phone"] != "" && number(t, r["days_past_due_max"]) > 20 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) < 2 {
		t.Fatal("too few rows")
	}
	path := filepath.Join(dir, "activities.csv")
	all := readCSV(t, path)
	add := func(id, customer, done, outcome, promise string) {
		row := make([]string, len(all[0]))
		for i, h := range all[0] {
			row[i] = map[string]string{"activity_id": id, "customer_id": customer, "done_on": done, "action": "call", "outcome": outcome, "promise_date": promise}[h]
		}
		all = append(all, row)
	}
	add("X1", ids[0], "2026-02-20", "call_back", "2026-03-02")
	add("X2", ids[1], "2026-02-16", "promise", "2026-02-25")
	writeCSV(t, path, all)
	got := list()
	if r := got[ids[0]]; r["duty"] != "call_back" || r["rank"] != "1" || r["channel"] != "call" || !strings.Contains(r["why"], "a call back was promised for 2026-03-02") {
		t.Errorf("promised a call: %v", r)
	}
	if r := got[ids[1]]; r["duty"] != "broken_promise" || !strings.Contains(r["say"], "promised payment has not arrived in full") {
		t.Errorf("broke a promise: %v", r)
	}
	covered := list(func(c *config.Config) { c.Policy.CoverDays, c.Policy.CoverAmount = 30, 1 })
	last := ""
	for _, r := range covered {
		if r["duty"] == "coverage" {
			last = r["customer_id"]
		}
	}
	if last == "" {
		t.Error("nobody is due for coverage")
	}
}

// A broken promise is owed a contact, not the only call of the day: that goes to who is worth it.
func TestADutyIsDoneByWhatIsWorthItsPrice(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	list := func(minutes float64) map[string]map[string]string {
		return byCustomer(cells(t, filepath.Join(quickNight(t, dir, func(c *config.Config) {
			for i := range c.Capacity.Resources {
				if r := &c.Capacity.Resources[i]; r.Name == "minutes" || r.Name == "senior_minutes" || r.Name == "visit_minutes" {
					r.PerDay = 0
					if r.Name == "minutes" {
						r.PerDay = minutes
					}
				}
			}
		}), "worklist.parquet")))
	}
	calls := func(rows map[string]map[string]string) (to []string) {
		for id, r := range rows {
			if r["channel"] == "call" {
				to = append(to, id)
			}
		}
		return to
	}
	most := calls(list(6)) // to whom the only call goes
	if len(most) != 1 {
		t.Fatalf("%d calls in six minutes", len(most))
	}
	var small string // somebody who is called when there is time for all
	least := math.Inf(1)
	for id, r := range list(10_000) {
		if r["action"] != "call" || r["duty"] != "" || id == most[0] || number(t, r["days_past_due_max"]) <= 20 {
			continue
		}
		if v := number(t, r["ask_amount"]); v < least {
			small, least = id, v
		}
	}
	path := filepath.Join(dir, "activities.csv")
	all := readCSV(t, path)
	row := make([]string, len(all[0]))
	for i, h := range all[0] {
		row[i] = map[string]string{"activity_id": "X1", "customer_id": small, "done_on": "2026-02-12", "action": "call", "outcome": "promise", "promise_date": "2026-02-25"}[h]
	}
	writeCSV(t, path, append(all, row))
	if r := list(10_000)[small]; r["duty"] != "broken_promise" || r["channel"] != "call" {
		t.Errorf("with time for all: duty %q by %s", r["duty"], r["channel"])
	}
	got := list(6)
	if r := got[small]; r["duty"] != "broken_promise" || r["channel"] == "call" {
		t.Errorf("with time for one call: duty %q by %s", r["duty"], r["channel"])
	}
	if to := calls(got); !slices.Equal(to, most) {
		t.Errorf("the only call goes to %v, without the duty it went to %v", to, most)
	}
}
