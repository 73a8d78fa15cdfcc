package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const crew = least + `capacity:
  minutes: 960
  collectors:
    - {name: b, minutes: 300, languages: [ja]}
    - {name: a, minutes: 420, senior_minutes: 60, regions: [Kanto, Kansai]}
  days:
    - {date: 2026-03-02, resource: minutes, collector: b, amount: 0}
    - {date: 2026-03-02, resource: letters, amount: 40}
`

func TestACollectorsMinutesAreTheTeams(t *testing.T) {
	c := read(t, crew)
	for date, want := range map[string][3]float64{"2026-03-02": {420, 60, 40}, "2026-03-03": {720, 60, 100}} {
		resources, people := c.Capacity.On(date)
		got := [3]float64{findResource(resources, "minutes").PerDay, findResource(resources, "senior_minutes").PerDay, findResource(resources, "letters").PerDay}
		if got != want || len(people) != 2 || people[0].Name != "a" {
			t.Errorf("%s: %v of %v, want %v", date, got, people, want)
		}
	}
	if c.Capacity.PerDay("minutes") != 960 {
		t.Errorf("asking for a date changed the configuration")
	}
	again := read(t, string(c.Canonical()))
	if string(again.Canonical()) != string(c.Canonical()) {
		t.Errorf("%s\nand\n%s", c.Canonical(), again.Canonical())
	}
}

func TestCapacitiesOfDaysComeFromAFileToo(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "capacity.csv"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := crew[:strings.Index(crew, "  days:")] + "  days: capacity.csv\n"
	write("date,resource,amount,collector\n2026-03-02,minutes,0,b\n2026-03-02,letters,40,\n")
	c, err := Parse("k", []byte(text), dir)
	if err != nil {
		t.Fatal(err)
	}
	if list := read(t, crew); list.Hash() != c.Hash() {
		t.Errorf("the file means\n%s\nthe list\n%s", c.Canonical(), list.Canonical())
	}
	write("date,resource,amount,collector\n2026-03-02,minutes,0,zed\n")
	if _, err = Parse("k", []byte(text), dir); err == nil || !strings.Contains(err.Error(), `capacity.csv:2: "zed" is not among the collectors`) {
		t.Errorf("somebody unknown: %v", err)
	}
	for _, odd := range []string{"", "date,resource\n2026-03-02,minutes\n", "date;resource;amount\n2026-03-02;minutes;3\n"} {
		write(odd)
		if _, err = Parse("k", []byte(text), dir); err == nil || !strings.Contains(err.Error(), "capacity.csv: has no ") {
			t.Errorf("%q: %v", odd, err)
		}
	}
	write("\ufeffamount , resource,date,note\n")
	if _, err = Parse("k", []byte(text), dir); err == nil { // "amount " is no column
		t.Error("a column with a space in its name passes for another")
	}
	write("\ufeffamount,resource,date,note\r\n 40 , letters ,2026-03-02,half of us are away\r\n")
	c, err = Parse("k", []byte(text), dir)
	if err != nil {
		t.Fatal(err)
	}
	for date, want := range map[string]float64{"2026-03-02": 40, "2026-03-03": 100} { // a day that is missing has the usual figures
		resources, _ := c.Capacity.On(date)
		if got := findResource(resources, "letters").PerDay; got != want {
			t.Errorf("%s: %v letters, want %v", date, got, want)
		}
	}
	write("date,resource,amount,collector\n2026-03-02,minuets,0,b\n2.3.2026,minutes,0,\n2026-03-02,minutes,1e400,zed\n")
	_, err = Parse("k", []byte(text), dir)
	for _, want := range []string{`capacity.csv:2: "minuets" is not a resource`, `capacity.csv:3: "2.3.2026" is not a date`, `capacity.csv:4: "1e400" is not an amount`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestFaultsOfCollectorsRulesAndReviewsHaveTheirLines(t *testing.T) {
	for text, want := range map[string]string{
		"capacity: {collectors: [{minutes: 3}]}":                                             "4: capacity.collectors[0]: has no name",
		"capacity: {collectors: [{name: a}, {name: a}]}":                                     `4: capacity.collectors[1].name: "a" is there twice`,
		"capacity: {collectors: [{name: a, minuets: 3}]}":                                    "4: capacity.collectors[0].minuets: unknown key",
		"capacity: {days: [{date: 2026-03-02, resource: minutes}]}":                          "4: capacity.days[0]: needs date, resource and amount",
		"capacity: {days: [{date: 2026-03-02, resource: minutes, amount: 1, collector: z}]}": `4: capacity.days[0]: "z" is not among the collectors`,
		"policy: {rules: [{name: far, when: travl_minutes > 3}]}":                            "4: policy.rules[0].when: travl_minutes > 3: column 1: unknown name travl_minutes",
		"actions: {call: {when: travl > 3}}":                                                 "4: actions.call.when: travl > 3: column 1: unknown name travl",
		"actions: {call: {when: \"3\"}}":                                                     "4: actions.call.when: 3: column 1: expected bool, but got int",
		"actions: {call: {claim: disputes}}":                                                 `4: actions.call.claim: "disputes" is not one of collectable, disputed`,
		"actions: {call: {offer: gifts}}":                                                    `4: actions.call.offer: "gifts" is not one of none, instalments, terms`,
		"policy: {min_days_between: -1}":                                                     "4: policy.min_days_between: -1 is not in 0..3650",
		"policy: {rules: [{name: far, when: travel_minutes}]}":                               "4: policy.rules[0].when: travel_minutes: column 1: expected bool, but got float64",
		"policy: {rules: [{name: far, when: \"true\", actions: [fax]}]}":                     `4: policy.rules[0].actions: "fax" is not an action`,
		"policy: {rules: [{name: too_early, when: \"true\"}]}":                               `4: policy.rules[0].name: "too_early" is taken`,
		"policy: {rules: [{name: soft, when: \"true\", effect: tone}]}":                      "4: policy.rules[0].tone: goes with effect: tone",
		"policy: {rules: [{name: only, when: \"true\", effect: require}]}":                   "4: policy.rules[0].actions: effect: require needs",
		"policy: {rules: [{name: never}]}":                                                   "4: policy.rules[0].when: is missing",
		"policy: {quiet_days: [2026-12-29, fryday]}":                                         `4: policy.quiet_days: "fryday" is neither a date nor a weekday`,
		"reviews: {agencies: [{name: a, fee: 2, recovery: {90: 0.5}}]}":                      "4: reviews.agencies[0].fee: 2 is not in 0..1",
		"reviews: {agencies: [{name: a}]}":                                                   "4: reviews.agencies[0].recovery: is missing",
		"reviews: {tell_past_due: [30, 0]}":                                                  "4: reviews.tell_past_due: 0 is not in 1..3650",
	} {
		_, err := Parse("k", []byte(least+text+"\n"), "")
		if err == nil || !strings.Contains(err.Error(), "k:"+want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestRulesAreReadInTheirOrder(t *testing.T) {
	c := read(t, least+`policy:
  quiet_days: [friday, 2026-12-29]
  rules:
    - {name: far, when: 'channel == "visit" && travel_minutes > 120'}
    - name: squeeze
      when: >-
        arrears_reason in ["cash_flow", "hardship"]
        and days_past_due_max < 60
      effect: require
      actions: [email, call]
    - {name: gently, when: 'relationship == "strategic"', effect: tone, tone: friendly, actions: [call]}
`)
	r := c.Policy.Rules
	if len(r) != 3 || r[0].Effect != "block" || r[1].Actions[1] != "call" || r[2].Tone != "friendly" || c.Policy.QuietDays[1] != "friday" {
		t.Errorf("%+v", c.Policy)
	}
	if again := read(t, string(c.Canonical())); again.Hash() != c.Hash() {
		t.Errorf("%s", c.Canonical())
	}
}

func TestTextsOfLettersComeFromTheFileOrBesideIt(t *testing.T) {
	dir := t.TempDir()
	own := `{{define "en/reminder"}}Please pay {{range .Totals}}{{.Ask}}{{end}}.{{end}}`
	if err := os.WriteFile(filepath.Join(dir, "letters.tmpl"), []byte(own+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	text := least + "letters:\n  sender: |\n    Kaishu Trading\n    Accounts\n  payment_instructions:\n    en: |\n      transfer to 001-123\n      or https://pay.example\n    ja: 振込\n  templates: "
	file, err := Parse("k", []byte(text+"letters.tmpl\n"), dir)
	if err != nil {
		t.Fatal(err)
	}
	here := read(t, text+"|\n    "+own+"\n")
	if file.Letters.Sender != "Kaishu Trading\nAccounts" || file.Letters.Instructions["en"] != "transfer to 001-123\nor https://pay.example" || here.Letters.Templates != own {
		t.Errorf("%+v", file.Letters)
	}
	if again := read(t, string(here.Canonical())); again.Hash() != here.Hash() {
		t.Errorf("%s", here.Canonical())
	}
	for more, want := range map[string]string{
		`"{{define \"en/firm\"}}{{.Sum}}{{end}}"`: "can't evaluate field Sum",
		"missing.tmpl": "reading templates of letters: ",
		"[a]":          "4: letters.templates: is a list, not a text",
	} {
		if _, err := Parse("k", []byte(least+"letters: {templates: "+more+"}\n"), dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", more, err, want)
		}
	}
}
