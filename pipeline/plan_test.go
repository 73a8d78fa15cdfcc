package pipeline_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
)

// rows are the rows of a CSV file by column name.
func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	all := readCSV(t, path)
	var out []map[string]string
	for _, r := range all[1:] {
		m := map[string]string{}
		for i, h := range all[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// cells are the rows of a Parquet file by column name, as text.
func cells(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := table.ReadColumns(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for i := range f.Len() {
		m := map[string]string{}
		for _, c := range f.Columns() {
			if k := f.Column(c.Name); !f.IsNull(k, i) {
				m[c.Name] = f.Text(k, i)
			}
		}
		out = append(out, m)
	}
	return out
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%q is no number", s)
	}
	return v
}

// quickNight is a night with a model of few landmarks: what is tested here does not depend on it.
func quickNight(t *testing.T, dir string, change ...func(*config.Config)) string {
	t.Helper()
	return runNight(t, dir, pipeline.Options{}, append([]func(*config.Config){func(c *config.Config) { c.Risk.Weeks, c.Risk.MaxRows = 12, 20000 }}, change...)...)
}

const asOf = "2026-02-28" // of the generated exports; a Saturday

// byCustomer indexes rows.
func byCustomer(list []map[string]string) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, r := range list {
		out[r["customer_id"]] = r
	}
	return out
}

// The constraints are checked against the exports, not against what the program made of them. KAISHU_SEEDS
// sets the number of generated worlds.
func TestNoRowBreaksAHardConstraint(t *testing.T) {
	seeds := uint64(2)
	if s := os.Getenv("KAISHU_SEEDS"); s != "" {
		seeds = uint64(number(t, s))
	}
	for seed := range seeds {
		dir := generated(t, fixtures.Options{Seed: 20 + seed, Customers: 150})
		night := quickNight(t, dir, byLot(float64(seed%2)))
		masters := byCustomer(rows(t, filepath.Join(dir, "customers.csv")))
		day, _ := time.Parse(time.DateOnly, asOf)
		contacts, promised := map[string]int{}, byCustomer(cells(t, filepath.Join(night, "accounts.parquet")))
		for _, a := range rows(t, filepath.Join(dir, "activities.csv")) {
			done, _ := time.Parse(time.DateOnly, a["done_on"])
			if age := day.Sub(done).Hours() / 24; age >= 0 && age < 7 {
				contacts[a["customer_id"]]++
			}
		}
		used := map[string]float64{}
		worklist := cells(t, filepath.Join(night, "worklist.parquet"))
		for i, r := range worklist {
			id := r["customer_id"]
			m := masters[id]
			contact := r["channel"] != "legal" && r["channel"] != "internal"
			switch {
			case m["insolvent"] == "true", m["do_not_contact"] == "true":
				t.Errorf("seed %d: %s must be left alone", seed, id)
			case contact && m["represented"] == "true":
				t.Errorf("seed %d: %s is represented", seed, id)
			case contact && contacts[id] >= 2:
				t.Errorf("seed %d: %s had %d contacts in 7 days", seed, id, contacts[id])
			case promised[id]["promise_until"] != "":
				t.Errorf("seed %d: %s has promised to pay by %s", seed, id, promised[id]["promise_until"])
			}
			if r["channel"] == "email" && m["email"] == "" || r["channel"] == "call" && m["phone"] == "" {
				t.Errorf("seed %d: %s cannot be reached by %s", seed, id, r["channel"])
			}
			for _, column := range []string{"reason_1", "why", "say", "next_step", "ask_by", "items", "tone"} {
				if r[column] == "" {
					t.Errorf("seed %d: %s has no %s", seed, id, column)
				}
			}
			if r["ask_by"] < asOf || number(t, r["ask_amount"]) <= 0 || number(t, r["rank"]) != float64(i+1) {
				t.Errorf("seed %d: %v", seed, r)
			}
			switch r["action"] {
			case "call":
				used["minutes"] += number(t, r["effort_minutes"])
			case "plan_call":
				used["minutes"] += number(t, r["effort_minutes"])
			case "visit", "online_meeting":
				used["visit_minutes"] += number(t, r["effort_minutes"])
			case "senior_call", "terms_meeting":
				used["senior_minutes"] += number(t, r["effort_minutes"])
			case "dispute_resolution":
				used["resolver_minutes"] += number(t, r["effort_minutes"])
			default:
				used[r["action"]]++
			}
		}
		if used["minutes"] > 960 || used["visit_minutes"] > 240 || used["senior_minutes"] > 120 || used["resolver_minutes"] > 120 || used["letter"] > 100 || used["demand"] > 10 || used["legal"] > 2 {
			t.Errorf("seed %d: used %v", seed, used)
		}
		checkLeftAlone(t, night, worklist)
	}
}

// Every customer with something overdue is on the worklist or left alone for a reason, never both.
func checkLeftAlone(t *testing.T, night string, worklist []map[string]string) {
	t.Helper()
	listed, left := byCustomer(worklist), byCustomer(cells(t, filepath.Join(night, "left_alone.parquet")))
	for _, a := range cells(t, filepath.Join(night, "accounts.parquet")) {
		id := a["customer_id"]
		overdue := number(t, a["overdue_amount"]) > 0
		l, on := left[id], listed[id] != nil
		if overdue != (on || l != nil) && !(on && !overdue) || on && l != nil {
			t.Errorf("%s: overdue %v, on the worklist %v, left alone %v", id, overdue, on, l)
		}
		if l != nil && (l["why"] == "" || l["recheck_on"] <= asOf) {
			t.Errorf("%s: left alone for %q until %s", id, l["why"], l["recheck_on"])
		}
	}
}

// What explain prints can be added up again: items to the value, prices to the key.
func TestEveryRowCanBeRecomputedByHand(t *testing.T) {
	night := quickNight(t, generated(t, fixtures.Options{Customers: 200}), func(c *config.Config) {
		agency := c.Actions.Find("agency") // placing, too, and at once
		agency.Enabled, agency.After, agency.Relationship = true, nil, 0
		c.Reviews.Agencies = []config.Agency{{Name: "north", Fee: .2, Recovery: config.Tail{{Days: 90, Share: .9}}}}
		c.Interest = config.Interest{Table: "10%", Collectable: .5}
	})
	sums, taken := map[string]float64{}, map[string]int{}
	for _, p := range cells(t, filepath.Join(night, "values.parquet")) {
		f := func(column string) float64 { return number(t, p[column]) }
		if most := f("claim") * .5 * .1 * max(0, f("days_past_due")) / 365; f("interest") > most+1e-9 || f("interest") < .99*most-1 {
			t.Errorf("%v: at most %v interest by hand", p, most)
		}
		v := (f("claim") + f("interest")) * ((f("p_paid_action")-f("p_paid"))*f("discount")*(1-f("tail")) + f("sooner"))
		if math.Abs(v-f("value")) > 1e-6*f("claim") {
			t.Errorf("%v: %v by hand", p, v)
		}
		sums[p["customer_id"]] += v
	}
	listed := byCustomer(cells(t, filepath.Join(night, "worklist.parquet")))
	if len(listed) < 20 {
		t.Fatalf("only %d rows", len(listed))
	}
	for _, o := range cells(t, filepath.Join(night, "options.parquet")) {
		if o["chosen"] != "true" {
			continue
		}
		r := listed[o["customer_id"]]
		taken[o["action"]]++
		value := sums[o["customer_id"]] - number(t, o["money_cost"])
		key := number(t, r["expected_recovery"]) / number(t, o["effort_price"])
		if math.Abs(value-number(t, r["expected_recovery"])) > .51 || math.Abs(key-number(t, r["recovery_per_effort"])) > 1e-6*key+1e-6 {
			t.Errorf("%s: adds %v, by hand %v; per effort %v, by hand %v", o["customer_id"], r["expected_recovery"], value, r["recovery_per_effort"], key)
		}
		if o["allowed"] != "true" {
			t.Errorf("%s: chosen though blocked by %s", o["customer_id"], o["blocked_by"])
		}
	}
	if taken["agency"] == 0 || taken["dispute_resolution"] == 0 || taken["letter"] == 0 {
		t.Errorf("taken: %v", taken)
	}
}

func TestCollectorsStayWithinTheirDayAndTheirCustomers(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 150})
	masters := byCustomer(rows(t, filepath.Join(dir, "customers.csv")))
	crew := func(c *config.Config) {
		for i := range c.Actions { // calls only, worth making
			a := &c.Actions[i]
			a.Enabled = a.Name == "call"
			a.Reach, a.Decay, a.Relationship = 1, 20, 0
		}
		c.Policy.WaitEffect, c.Policy.HabitGrace = false, false
		c.Capacity.Collectors = []config.Collector{
			{Name: "col001", PerDay: []config.Resource{{Name: "minutes", PerDay: 30}}},
			{Name: "col002", PerDay: []config.Resource{{Name: "minutes", PerDay: 60}}},
			{Name: "zoe", Languages: []string{"ja"}, PerDay: []config.Resource{{Name: "minutes", PerDay: 45}}},
		}
		c.Capacity.Days = []config.DayCapacity{{Date: "2026-03-02", Resource: "minutes", Collector: "col002", PerDay: 0},
			{Date: "2026-03-03", Resource: "minutes", Collector: "col001", PerDay: 0}}
	}
	night := quickNight(t, dir, crew)
	minutes, turn := map[string]float64{}, map[string]int{}
	for _, r := range cells(t, filepath.Join(night, "worklist.parquet")) {
		m, who := masters[r["customer_id"]], r["collector"]
		minutes[who] += number(t, r["effort_minutes"])
		if turn[who]++; number(t, r["turn"]) != float64(turn[who]) {
			t.Errorf("%s: turn %s of %s, want %d", r["customer_id"], r["turn"], who, turn[who])
		}
		if fixed := m["collector"]; (fixed == "col001" || fixed == "col002") && fixed != who { // col003 has left

			t.Errorf("%s belongs to %s and went to %s", r["customer_id"], m["collector"], who)
		}
		if who == "zoe" && m["language"] != "ja" {
			t.Errorf("%s speaks %s and went to zoe", r["customer_id"], m["language"])
		}
	}
	if minutes["col001"] > 30 || minutes["col002"] > 0 || minutes["zoe"] > 45 || minutes["col001"] < 20 || minutes["zoe"] < 40 || len(minutes) != 2 {
		t.Errorf("minutes %v of 30, 0 (away on the day) and 45", minutes)
	}
}

func TestRulesOfTheHouseShowInOptionsAndTone(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 120})
	night := quickNight(t, dir, func(c *config.Config) {
		c.Policy.Rules = []config.Rule{
			{Name: "no_letters_to_large", When: `overdue_amount > 1000000`, Actions: []string{"letter"}, Effect: "block"},
			{Name: "formal_house", When: `action == "email"`, Effect: "tone", Tone: "formal"},
		}
	})
	accounts := byCustomer(cells(t, filepath.Join(night, "accounts.parquet")))
	blocked := 0
	for _, o := range cells(t, filepath.Join(night, "options.parquet")) {
		large := number(t, accounts[o["customer_id"]]["overdue_amount"]) > 1000000
		if o["blocked_by"] == "no_letters_to_large" {
			blocked++
		}
		if byRule := o["blocked_by"] == "no_letters_to_large"; byRule && (!large || o["action"] != "letter") || large && o["action"] == "letter" && o["allowed"] == "true" {
			t.Errorf("%v of an account with %s overdue", o, accounts[o["customer_id"]]["overdue_amount"])
		}
	}
	for _, r := range cells(t, filepath.Join(night, "worklist.parquet")) {
		if r["action"] == "email" && r["tone"] != "formal" {
			t.Errorf("%s: %s in tone %s", r["customer_id"], r["action"], r["tone"])
		}
	}
	if blocked == 0 {
		t.Error("the rule blocked nothing")
	}
}

func TestNobodyIsContactedOnAQuietDay(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	for _, quiet := range []string{"monday", "2026-03-02"} { // the business day after Saturday, 28 February
		night := quickNight(t, dir, func(c *config.Config) { c.Policy.QuietDays = []string{quiet} })
		for _, r := range cells(t, filepath.Join(night, "worklist.parquet")) {
			if r["channel"] != "legal" && r["channel"] != "internal" {
				t.Errorf("%s: %s by %s", quiet, r["customer_id"], r["channel"])
			}
		}
		for _, l := range cells(t, filepath.Join(night, "left_alone.parquet")) {
			if l["why"] == "quiet_day" && l["recheck_on"] != "2026-03-03" {
				t.Errorf("look again on %s", l["recheck_on"])
			}
		}
	}
}

// A formal letter keeps the phone on the hook for weeks: nobody gets one who is worth a talk today. Where nobody can be
// talked to, letters go out as if there were no such rule.
func TestNoFormalLetterToWhomATalkIsWorthItsPrice(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	talks := []string{"minutes", "senior_minutes", "visit_minutes"}
	play := func(perDay float64, first bool) (demands, blocked int) {
		night := quickNight(t, dir, func(c *config.Config) {
			c.Policy.TalkFirst = first
			for i := range c.Capacity.Resources {
				if r := &c.Capacity.Resources[i]; slices.Contains(talks, r.Name) {
					r.PerDay = perDay
				}
			}
		})
		for _, r := range cells(t, filepath.Join(night, "worklist.parquet")) {
			if r["action"] == "demand" {
				demands++
			}
		}
		talk := map[string]bool{}
		options := cells(t, filepath.Join(night, "options.parquet"))
		for _, o := range options {
			if o["allowed"] == "true" && o["expected_recovery"] != "" && number(t, o["expected_recovery"]) > 0 && slices.Contains([]string{"call", "plan_call", "senior_call", "visit", "online_meeting"}, o["action"]) {
				talk[o["customer_id"]] = true
			}
		}
		for _, o := range options {
			if o["blocked_by"] != "talk_first" {
				continue
			}
			if blocked++; o["action"] != "demand" || !talk[o["customer_id"]] {
				t.Errorf("%s of %s is blocked, and no talk is worth anything", o["action"], o["customer_id"])
			}
		}
		return demands, blocked
	}
	off, none := play(10_000, false)
	on, blocked := play(10_000, true)
	if none != 0 || blocked == 0 || on >= off {
		t.Errorf("time for all: %d demands without the rule, %d with it; it blocks %d and %d", off, on, none, blocked)
	}
	if alone, blocked := play(0, true); blocked != 0 || alone < off {
		t.Errorf("no time to talk: %d demands, %d blocked", alone, blocked)
	}
}

func TestExplainNamesThePricesAndTheNightBefore(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Risk.Weeks, cfg.Risk.MaxRows = 12, 5000
	out := t.TempDir()
	for _, date := range []string{"2026-02-26", "2026-02-27"} {
		cfg.AsOf = date
		if _, err := pipeline.Run(t.Context(), cfg, pipeline.Options{Output: out}); err != nil {
			t.Fatal(err)
		}
	}
	list := cells(t, filepath.Join(out, "as_of=2026-02-27", "worklist.parquet"))
	var b bytes.Buffer
	if err := pipeline.Explain(out, "", list[0]["customer_id"], &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"rank 1, number 1 on the list of", "per effort: " + list[0]["expected_recovery"] + " / ", "x (wage ", "since 2026-02-26:", "together - costs"} {
		if !strings.Contains(strings.ReplaceAll(b.String(), ",", ""), strings.ReplaceAll(want, ",", "")) { // amounts are grouped
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	moved := 0
	for _, r := range list {
		if (r["rank_before"] == "") != (strings.HasPrefix(r["moved"], "new")) {
			t.Errorf("rank before %q, moved: %q", r["rank_before"], r["moved"])
		}
		if r["rank_before"] != "" {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no row was there the night before")
	}
	told := 0
	for _, r := range cells(t, filepath.Join(out, "as_of=2026-02-27", "reviews.parquet")) {
		if r["review"] == "tell" {
			told++
		}
	}
	t.Logf("%d customers to tell about", told)
}
