package config

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// least is the smallest configuration there is.
const least = "exports:\n  invoices: {path: exports/invoices.csv}\n  payments: {path: exports/payments.csv}\n"

// read parses a configuration that must be right.
func read(t testing.TB, text string) *Config {
	t.Helper()
	c, err := Parse("kaishu.yaml", []byte(text), "/data")
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return c
}

func TestOnlyTwoPathsAreRequired(t *testing.T) {
	c := read(t, least)
	if c.Output != filepath.Join("/data", "nights") || c.Exports.Payments.Path != filepath.Join("/data", "exports/payments.csv") ||
		c.Exports.Payments.Written != "exports/payments.csv" || c.Exports.Payments.Line != 3 {
		t.Errorf("paths: %+v", c)
	}
	if got := c.Exports.Given(); len(got) != 2 || got[0].Export != "invoices" || got[1].Export != "payments" {
		t.Errorf("given: %+v", got)
	}
	if c.Currency != "JPY" || c.Calendar.Country != "JP" || c.Memory != 1<<30 || c.Items != "open" {
		t.Errorf("defaults: %+v", c)
	}
}

func TestEverySourceIsRead(t *testing.T) {
	c := read(t, `
currency: JPY                # reporting currency
exports:
  invoices:  {path: exports/invoices.csv}
  payments:  {path: exports/payments.csv, columns: {customer_id: 得意先コード, paid_on: 入金日}}
  customers: {path: exports/customers.csv, encoding: cp932, date_format: "2006/1/2"}
  activities: {path: exports/activities.csv}
  disputes:  {path: /elsewhere/disputes.csv}
  rates:     {path: exports/rates*.csv, delimiter: ";", null_values: ["-", NULL], present: [rate]}
gates: {max_reject_share: 0.02}
calendar: {country: JP, roll: following}
risk: {}
actions: {}
`)
	var names []string
	for _, s := range c.Exports.Given() {
		names = append(names, s.Export)
	}
	if !slices.Equal(names, ExportNames()) {
		t.Errorf("given %q", names)
	}
	want := Source{Export: "rates", Path: filepath.Join("/data", "exports/rates*.csv"), Written: "exports/rates*.csv", Encoding: "utf-8",
		Delimiter: ";", Null: []string{"-", "NULL"}, Present: []string{"rate"}, Line: 9}
	if !reflect.DeepEqual(c.Exports.Rates, want) {
		t.Errorf("rates %+v", c.Exports.Rates)
	}
	if c.Exports.Disputes.Path != "/elsewhere/disputes.csv" || c.Exports.Payments.Columns["paid_on"] != "入金日" || c.Gates.MaxRejectShare != .02 {
		t.Errorf("%+v", c)
	}
}

// The page is the contract with users: what it shows as defaults must be the defaults, and it
// must show every key.
func TestReferencePageShowsEveryKeyAndItsDefault(t *testing.T) {
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of YAML", len(blocks))
	}
	shown, want := read(t, string(blocks[0][1])), read(t, least)
	if !bytes.Equal(shown.Canonical(), want.Canonical()) {
		t.Errorf("the page shows\n%s\nbut the defaults are\n%s", shown.Canonical(), want.Canonical())
	}
	shown.Exports.Invoices.Line, shown.Exports.Payments.Line = 2, 3
	if !reflect.DeepEqual(shown, want) {
		t.Errorf("the page shows\n%+v\nbut the defaults are\n%+v", shown, want)
	}
	read(t, string(blocks[1][1]))
	read(t, string(blocks[2][1]))

	for _, key := range knownKeys(t) {
		if !regexp.MustCompile(`[^a-z_0-9]` + key + `[^a-z_0-9]`).Match(page) {
			t.Errorf("the page does not mention %s", key)
		}
	}
}

// knownKeys are the last words of all keys that the parser asks for.
func knownKeys(t *testing.T) []string {
	every := "exports: {a: 1, invoices: {zzzzzzzzzzzzzz: 1}}\nzzzzzzzzzzzzzz: 1\ngates: {zzzzzzzzzzzzzz: 1}\nallocation: {zzzzzzzzzzzzzz: 1}\nledger: {zzzzzzzzzzzzzz: 1}\n" +
		"calendar: {zzzzzzzzzzzzzz: 1}\nrisk: {zzzzzzzzzzzzzz: 1}\nactions: {call: {zzzzzzzzzzzzzz: 1}}\ncapacity: {zzzzzzzzzzzzzz: 1}\npolicy: {zzzzzzzzzzzzzz: 1}\nreviews: {zzzzzzzzzzzzzz: 1}\ninterest: {zzzzzzzzzzzzzz: 1}\nlearning: {zzzzzzzzzzzzzz: 1}\nletters: {zzzzzzzzzzzzzz: 1}\n"
	_, err := Parse("k", []byte(every), "")
	var keys []string
	for _, m := range regexp.MustCompile(`known here: (.*)`).FindAllStringSubmatch(err.Error(), -1) {
		keys = append(keys, strings.Split(m[1], ", ")...)
	}
	if len(keys) < 80 {
		t.Fatalf("only %d keys found: %v", len(keys), keys)
	}
	return keys
}

func TestCanonicalIsAConfigurationThatMeansTheSame(t *testing.T) {
	for _, text := range []string{least,
		least + "currency: USD\ncalendar: {closures: [2026-08-14, 2026-08-13, 2026-08-14], roll: none}\n",
		least + "  customers: {path: c*.csv, encoding: shift_jis, date_format: 2006/1/2, delimiter: tab, numbers: lenient, null_values: [NULL, <>&, '-'], present: customer_id, columns: {name: 得意先}}\n",
		least + "actions: {call: {minutes: 8, after: []}, legal: {enabled: false, after: []}, wait: {channel: internal, resource: hands, minutes: 1, multiplier: 1.5}}\ncapacity: {hands: 3.5}\n",
		least + "risk: {tail: {10: .5, 0: .75}}\n",
	} {
		c := read(t, text)
		again := read(t, string(c.Canonical()))
		if !bytes.Equal(c.Canonical(), again.Canonical()) {
			t.Errorf("%s\nreads back as\n%s", c.Canonical(), again.Canonical())
		}
		if c.Hash() != again.Hash() || len(c.Hash()) != 64 {
			t.Errorf("hashes %s and %s", c.Hash(), again.Hash())
		}
	}
}

// jumble writes a JSON value as YAML with the keys of every mapping in another order and in
// another layout.
func jumble(t *rapid.T, v any, indent string, out *strings.Builder) {
	switch v := v.(type) {
	case map[string]any:
		keys := rapid.Permutation(slices.Sorted(mapKeys(v))).Draw(t, "order")
		if len(keys) == 0 || rapid.Bool().Draw(t, "flow") {
			out.WriteString("{")
			for i, k := range keys {
				if i > 0 {
					out.WriteString(", ")
				}
				data, _ := json.Marshal(v[k])
				out.WriteString(`"` + k + `": ` + string(data))
			}
			out.WriteString("}")
			return
		}
		for _, k := range keys {
			out.WriteString("\n" + indent + k + ": ")
			jumble(t, v[k], indent+"  ", out)
		}
	default:
		data, _ := json.Marshal(v)
		out.Write(data)
		if rapid.Bool().Draw(t, "comment") {
			out.WriteString("   # why not")
		}
	}
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestHashIgnoresOrderLayoutAndComments(t *testing.T) {
	text := least + "actions: {a_b: {channel: call, resource: minutes, minutes: 3, multiplier: 1.5}, a_a: {channel: call, resource: minutes, minutes: 3, multiplier: 1.5}}\n" +
		"calendar: {closures: [2026-08-14]}\n"
	want := read(t, text)
	var tree map[string]any
	if err := json.Unmarshal(want.Canonical(), &tree); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		var out strings.Builder
		jumble(rt, tree, "", &out)
		if got := read(t, out.String()+"\n"); got.Hash() != want.Hash() {
			rt.Fatalf("%s\nmeans\n%s\nnot\n%s", out.String(), got.Canonical(), want.Canonical())
		}
	})
}

func TestHashIgnoresWhatChangesNoResult(t *testing.T) {
	want := read(t, least).Hash()
	for _, more := range []string{"as_of: 2026-02-28", "output: /elsewhere", "memory: 256MiB", "temp_dir: /tmp", "state: /tmp", "workers: 3", "currency: JPY", "policy:"} {
		if read(t, least+more+"\n").Hash() != want {
			t.Errorf("%s changes the hash", more)
		}
	}
	moved, err := Parse("other.yaml", []byte(least), "/somewhere/else")
	if err != nil || moved.Hash() != want {
		t.Errorf("moving the folder changes the hash (%v)", err)
	}
	for _, more := range []string{"currency: EUR", "items: all", "ledger: {grace: 1}", "gates: {truncated: off}", "calendar: {closures: 2026-08-13}",
		"actions: {call: {minutes: 7}}", "capacity: {letters: 99}", "policy: {insolvent: no}", "risk: {lgd: 0.5}"} {
		if read(t, least+more+"\n").Hash() == want {
			t.Errorf("%s does not change the hash", more)
		}
	}
}

func TestClosuresFileAndListHashAlike(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "closed.txt"), "\ufeff# summer\r\n2026-08-14 # Friday\r\n\r\n2026-08-13\n")
	file, err := Parse("k", []byte(least+"calendar: {closures: closed.txt}\n"), dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"2026-08-13", "2026-08-14"}; !slices.Equal(file.Calendar.Closures, want) {
		t.Errorf("closures %q", file.Calendar.Closures)
	}
	if list := read(t, least+"calendar: {closures: [2026-08-14, 2026-08-13]}\n"); list.Hash() != file.Hash() {
		t.Error("a file and a list of the same dates hash differently")
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDefaultAmountsSuitTheCurrency(t *testing.T) {
	for _, c := range []struct {
		currency                          string
		fee, minute, least, letter, legal float64
		country                           string
	}{
		{"JPY", 880, 90, 1500, 150, 120000, "JP"},
		{"EUR", 5.9, .6, 10, 1, 800, "weekdays"},
		{"USD", 5.9, .6, 10, 1, 800, "weekdays"},
		{"SEK", 59, 6, 100, 10, 8000, "weekdays"},
	} {
		got := read(t, least+"currency: "+c.currency+"\n")
		if got.Allocation.BankFee != c.fee || got.Capacity.MinuteCost != c.minute || got.Policy.Materiality != c.least ||
			got.Actions.Find("letter").Money != c.letter || got.Actions.Find("legal").Money != c.legal || got.Calendar.Country != c.country {
			t.Errorf("%s: fee %v, minute %v, materiality %v, letter %v, legal %v, calendar %s", c.currency, got.Allocation.BankFee, got.Capacity.MinuteCost,
				got.Policy.Materiality, got.Actions.Find("letter").Money, got.Actions.Find("legal").Money, got.Calendar.Country)
		}
	}
}

// The priors of the menu: multiplier, decay, reach and minutes as agreed with the method.
func TestMenuHoldsThePublishedPriors(t *testing.T) {
	want := map[string][4]float64{
		"pre_due_email": {1.15, 5, 1, 0}, "email": {1.25, 5, 1, .2}, "letter": {1.35, 10, 1, 1}, "call": {2, 8, .35, 6},
		"senior_call": {2.2, 8, .4, 12}, "visit": {2.5, 15, .6, 90}, "demand": {2.2, 20, 1, 25}, "legal": {1.8, 60, 1, 40},
	}
	menu := read(t, least).Actions
	for _, a := range menu { // what the method has no figures for: judgements between those of the others
		between := map[string][2]string{"plan_call": {"call", "visit"}, "online_meeting": {"call", "visit"}, "terms_meeting": {"call", "visit"}}
		if b, ok := between[a.Name]; ok {
			low, high := menu.Find(b[0]), menu.Find(b[1])
			boost := func(a *Action) float64 { return (a.Multiplier - 1) * a.Reach * float64(a.Decay) }
			if boost(&a) <= boost(low) || boost(&a) >= boost(high) || a.Source != SourceDefault || !a.Enabled {
				t.Errorf("%s does not lie between %s and %s: %+v", a.Name, b[0], b[1], a)
			}
		} else if _, ok := want[a.Name]; !ok && a.Name != "agency" && a.Name != "dispute_resolution" {
			t.Errorf("%s is not agreed", a.Name)
		}
	}
	if menu.Find("agency").Enabled || menu.Find("dispute_resolution").Claim != ClaimDisputed {
		t.Error("placing begins when there are agencies; disputes are what is worked on to resolve them")
	}
	for name, w := range want {
		a := menu.Find(name)
		if got := [4]float64{a.Multiplier, float64(a.Decay), a.Reach, a.Minutes}; got != w || a.Source != SourceDefault || !a.Enabled {
			t.Errorf("%s: %v, want %v; %+v", name, got, w, a)
		}
	}
	if menu.Find("legal").Delay != 30 {
		t.Error("legal action works after 30 days")
	}
}

func TestOneFieldOfAnActionIsOverridden(t *testing.T) {
	before, after := read(t, least).Actions, read(t, least+"actions: {call: {minutes: 8}, visit: {reach: .5}, letter: {multiplier: 1.4, source: learned}, email: {max_days_past_due: 60}}\n").Actions
	want := *before.Find("call")
	want.Minutes = 8
	if got := *after.Find("call"); !reflect.DeepEqual(got, want) {
		t.Errorf("call: %+v, want %+v", got, want)
	}
	if after.Find("visit").Source != SourceElicited || after.Find("letter").Source != SourceLearned || after.Find("demand").Source != SourceDefault {
		t.Error("sources do not say who stated the effect")
	}
	if after.Find("email").MaxDaysPastDue != 60 || before.Find("email").MaxDaysPastDue != Unlimited {
		t.Error("max_days_past_due")
	}
}

func TestNewActionsFollowTheDefaultsByName(t *testing.T) {
	const own = "{channel: meeting, resource: rooms, minutes: 30, multiplier: 1.9, after: call}"
	c := read(t, least+"actions: {zoom: "+own+", ask: "+own+"}\ncapacity: {rooms: 60}\n")
	names := c.Actions.names()
	if got := names[len(names)-2:]; !slices.Equal(got, []string{"ask", "zoom"}) || names[0] != "pre_due_email" {
		t.Errorf("menu %q", names)
	}
	a := c.Actions.Find("ask")
	if a.Use != UseMinutes || a.Decay != 5 || a.MinDaysPastDue != 1 || a.Source != SourceElicited || !reflect.DeepEqual(a.After, [][]string{{"call"}}) {
		t.Errorf("ask: %+v", a)
	}
	if c.Capacity.PerDay("rooms") != 60 || c.Capacity.PerDay("minutes") != 960 || c.Capacity.PerDay("boats") != 0 {
		t.Errorf("capacity: %+v", c.Capacity)
	}
	if !slices.IsSortedFunc(c.Capacity.Resources, func(a, b Resource) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("resources are not in order: %+v", c.Capacity.Resources)
	}
}

// Each trap: what YAML makes of the text is not what the text says.
func TestYAMLDoesNotBendTexts(t *testing.T) {
	c := read(t, `as_of: 2026-02-28
exports:
  invoices: &erp {path: 007, date_format: 2006/1/2, columns: {invoice_id: 007, amount: 1e3, kind: yes}, null_values: [NULL, ~, 9999-12-31, 0]}
  payments: {<<: *erp, path: 2026-01-01, date_format: 20060102, columns: {paid_on: 入金日}}
gates: {newest_payment: off}
`)
	in, pay := c.Exports.Invoices, c.Exports.Payments
	if c.AsOf != "2026-02-28" || c.Gates.NewestPayment != Off {
		t.Errorf("as_of %q, newest_payment %q", c.AsOf, c.Gates.NewestPayment)
	}
	if in.Written != "007" || in.DateFormat != "2006/1/2" || in.Columns["invoice_id"] != "007" || in.Columns["amount"] != "1e3" || in.Columns["kind"] != "yes" {
		t.Errorf("invoices: %+v", in)
	}
	if !slices.Equal(in.Null, []string{"NULL", "~", "9999-12-31", "0"}) {
		t.Errorf("null_values %q", in.Null)
	}
	if pay.Written != "2026-01-01" || pay.DateFormat != "20060102" || len(pay.Columns) != 1 || len(pay.Null) != 4 {
		t.Errorf("payments: %+v", pay)
	}
}

func TestColumnsOfEveryExportAreKnown(t *testing.T) {
	for _, name := range ExportNames() {
		columns := Columns(name)
		if len(columns) < 3 || slices.Contains(columns, "") {
			t.Errorf("%s: %q", name, columns)
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(columns))); len(unique) != len(columns) {
			t.Errorf("%s has a column twice: %q", name, columns)
		}
	}
	if Columns("orders") != nil {
		t.Error("orders is no export")
	}
}

func TestGateLevelsByName(t *testing.T) {
	g := read(t, least+"gates: {truncated: warn}\n").Gates
	var got []string
	for _, name := range GateNames() {
		got = append(got, name+" "+string(g.Level(name)))
	}
	want := []string{"reject_share stop", "totals stop", "empty_export stop", "truncated warn", "newest_payment warn",
		"unapplied_share warn", "row_change warn", "open_change warn"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if g.Level("nonsense") != Off {
		t.Error("a name that is no gate is off")
	}
}

// A multiplier that was learned from contacts has in it what promises brought.
func TestALearnedMultiplierComesWithoutPromises(t *testing.T) {
	for text, want := range map[string]float64{
		"{multiplier: 2.4, source: learned}":               0,
		"{multiplier: 2.4, promise: 0.2, source: learned}": .2,
		"{multiplier: 2.4}":                                defaultPromise,
		"{minutes: 5}":                                     defaultPromise,
	} {
		if a := read(t, least+"actions:\n  call: "+text+"\n").Actions.Find("call"); a.Promise != want {
			t.Errorf("%s: promise %v, want %v", text, a.Promise, want)
		}
	}
}

// Whoever talks with the customer can ask for a date, and whoever offers a plan no less; a message cannot.
func TestConversationsMayEndWithADate(t *testing.T) {
	menu := read(t, least).Actions
	for i := range menu {
		a := &menu[i]
		talk := slices.Contains([]string{"call", "visit", "meeting"}, a.Channel)
		if talk != (a.Promise > 0) || talk && (a.Promise < menu.Find("call").Promise || a.Kept != menu.Find("call").Kept || a.Horizon != menu.Find("call").Horizon) {
			t.Errorf("%s (%s): promise %v, kept %v, horizon %d", a.Name, a.Channel, a.Promise, a.Kept, a.Horizon)
		}
	}
}
