package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// wrong parses a configuration that must be wrong.
func wrong(t testing.TB, text string) *Faults {
	t.Helper()
	_, err := Parse("kaishu.yaml", []byte(text), t.TempDir())
	var faults *Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %v, want faults, in\n%s", err, text)
	}
	return faults
}

// Each line after the three of least is wrong in one way; want is what is said of it.
func TestEachFaultIsNamedWithItsLineAndAWayOut(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"currencies: JPY", "4: currencies: unknown key\nhint: did you mean currency?"},
		{"zebra: 1", "4: zebra: unknown key\nhint: known here: currency, language, as_of, output, items, memory, temp_dir, state, workers, exports, gates, allocation, ledger, calendar, risk, actions, capacity, policy, interest, learning, reviews, letters"},
		{"gates:\n  max_reject: .1", "5: gates.max_reject: unknown key\nhint: did you mean max_reject_share?"},
		{"gates: {letters: 1}", "4: gates.letters: unknown key\nhint: known here: reject_share, totals, empty_export, truncated, newest_payment, unapplied_share, row_change, open_change, max_reject_share, max_unapplied_share, max_row_change, max_open_change, newest_payment_days, truncated_days"},
		{"ledger:\n  grace: 1\n  grace: 2", "6: ledger.grace: given twice, first on line 5\nhint: keep one of them"},
		{"currency: yen", "4: currency: \"yen\" is not an ISO 4217 currency; did you mean PEN?\nhint: write the three letters of ISO 4217, such as JPY"},
		{"as_of: 2026-02-29", "4: as_of: \"2026-02-29\" is not a date\nhint: write it as YYYY-MM-DD"},
		{"as_of: 2026-02-28T00:00:00Z", "4: as_of: \"2026-02-28T00:00:00Z\" is not a date\nhint: write it as YYYY-MM-DD"},
		{"items: every", "4: items: \"every\" is not one of open, all"},
		{"memory: 1024", "4: memory: \"1024\" is not a size\nhint: write a number and a unit, such as 512MiB or 2GiB"},
		{"memory: 1KiB", "4: memory: 1KiB is not in 16MiB..1024TiB"},
		{"workers: -1", "4: workers: -1 is not in 0..4096"},
		{"gates: 3", "4: gates: is the number 3, not a mapping of keys to values"},
		{"gates: [1]", "4: gates: is a list, not a mapping of keys to values"},
		{"gates: {totals: warn}", "4: gates.totals: \"warn\" is not one of stop"},
		{"gates: {truncated: of}", "4: gates.truncated: \"of\" is not one of stop, warn, off\nhint: did you mean off?"},
		{"gates: {max_reject_share: 1%}", "4: gates.max_reject_share: is the text \"1%\", not a number\nhint: write 0.01"},
		{"gates: {max_reject_share: 1.5}", "4: gates.max_reject_share: 1.5 is not in 0..1"},
		{"gates: {max_reject_share: .nan}", "4: gates.max_reject_share: .nan is not a plain number\nhint: write it in plain decimal digits"},
		{"gates: {max_reject_share: {}}", "4: gates.max_reject_share: is a mapping, not a number"},
		{"gates: {max_reject_share: }", "4: gates.max_reject_share: is empty, not a number"},
		{"ledger: {grace: 1.5}", "4: ledger.grace: 1.5 is not a whole number"},
		{"ledger: {grace: \"8\"}", "4: ledger.grace: is the text \"8\", not a number\nhint: write 8"},
		{"ledger: {grace: 010}", "4: ledger.grace: 010 is not a plain number\nhint: write it in plain decimal digits"},
		{"ledger: {grace: yes}", "4: ledger.grace: is the text \"yes\", not a number"},
		{"ledger: {grace: true}", "4: ledger.grace: is the truth value true, not a number"},
		{"risk: {max_rows: 2_000_000}", "4: risk.max_rows: 2_000_000 is not a plain number\nhint: write 2000000"},
		{"risk: {max_rows: \"2,000,000\"}", "4: risk.max_rows: is the text \"2,000,000\", not a number\nhint: write 2000000"},
		{"risk: {tail: {0: .5, 60: .6}}", "4: risk.tail.60: recovery rises with age: 0.6 at 60 days, 0.5 before"},
		{"risk: {tail: {soon: .5}}", "4: risk.tail.soon: is not a number of days past due\nhint: write 60: 0.85 for 85 % at 60 days past due"},
		{"risk: {tail: {}}", "4: risk.tail: is empty\nhint: remove the key for its default"},
		{"interest: {collectable: .5}", "4: interest.collectable: has no interest to be a share of\nhint: name interest.table too"},
		{"interest: {table: 10%, collectable: 2}", "4: interest.collectable: 2 is not in 0..1"},
		{"policy: {insolvent: 1}", "4: policy.insolvent: is the number 1, not a truth value\nhint: write true or false"},
		{"policy: {insolvent: \"true\"}", "4: policy.insolvent: is the text \"true\", not a truth value\nhint: write true or false"},
		{"allocation: {unapplied: oldest}", "4: allocation.unapplied: \"oldest\" is not one of hold, oldest_first, exact_then_oldest\nhint: did you mean oldest_first?"},
		{"calendar: {country: NO}", "4: calendar.country: \"NO\" is not one of JP, weekdays, none"},
		{"calendar: {roll: foward}", "4: calendar.roll: \"foward\" is not one of following, preceding, modified_following, none"},
		{"calendar: {closures: [2026-08-13, 13.8.2026]}", "4: calendar.closures: \"13.8.2026\" is not a date\nhint: write it as YYYY-MM-DD"},
		{"output: [a]", "4: output: is a list, not a text"},
		{"output: \"a\\nb\"", "4: output: \"a\\nb\" is more than one line"},
		{"output: !secret x", "4: output: is \"x\" with the tag !secret, not a text"},
		{"output:", "4: output: is empty\nhint: remove the key for its default"},
		{"? [a]\n: 1", "4: a key is a list, not a word"},
		{"<<: 1", "4: <<: is the number 1, not a mapping"},
		{"actions: {cal: {minutes: 8}}", "4: actions.cal: has no channel, no resource, no multiplier\nhint: did you mean call?"},
		{"actions: {Ask: {}}", "4: actions.Ask: is not a name for an action\nhint: use small letters, digits and underscores"},
		{"actions: {call: {minuts: 8}}", "4: actions.call.minuts: unknown key\nhint: did you mean minutes?"},
		{"actions: {call: {resource: minuts}}", "4: actions.call.resource: \"minuts\" has no capacity\nhint: did you mean minutes?"},
		{"actions: {call: {resource: rooms}}", "4: actions.call.resource: \"rooms\" has no capacity\nhint: give it one: capacity: {rooms: 100}"},
		{"actions: {call: {after: e-mail}}", "4: actions.call.after: \"e-mail\" is not an action\nhint: did you mean email?"},
		{"actions: {call: {after: call}}", "4: actions.call.after: call waits for itself, or for an action that does"},
		{"actions: {email: {after: letter},\n  letter: {after: email}}", "4: actions.email.after: email waits for itself, or for an action that does\nkaishu.yaml:5: actions.letter.after: letter waits for itself, or for an action that does"},
		{"actions:\n  demand: {enabled: false}", "4: actions.legal.after: demand is not enabled, so legal could never be proposed\nhint: enable it, or change after"},
		{"actions: {email: {max_days_past_due: 0}}", "4: actions.email.min_days_past_due: 1 is more than max_days_past_due, 0"},
		{"actions: {email: {decay: 0}}", "4: actions.email.decay: 0 is not in 1..3650"},
		{"policy: {self_cure_from: 0.8}", "4: policy.self_cure_from: 0.8 is more than self_cure_to, 0.7"},
		{"policy: {self_cure_cap: 0.9}", "4: policy.self_cure_cap: 0.9 is not in 1..100"},
		{"capacity: {leters: 3}", "4: capacity.leters: unknown key\nhint: did you mean letters?"},
		{"capacity: {letters: -3}", "4: capacity.letters: -3 is not in 0..1000000000000"},
		{"a: [1", "5: is not YAML: did not find expected ',' or ']' (while parsing a flow sequence that begins on line 4)"},
		{"a:\n\tb: 1", "5: is not YAML: found character that cannot start any token (while scanning for the next token that begins on line 5)\n" +
			"hint: YAML is indented with blanks, never with tabs, and a value that begins with @, ` or % stands in quotes"},
		{"a: *b", "4: is not YAML: unknown anchor 'b' referenced"},
		{"---\na: 1", "4: a second document begins here\nhint: keep the first one only"},
		{"a: \xff", "4: is not UTF-8 text\nhint: save the file as UTF-8"},
		{"a: \x00", "4: is not UTF-8 text\nhint: save the file as UTF-8"},
	} {
		if got := wrong(t, least+c.text+"\n").Error(); got != "kaishu.yaml:"+c.want {
			t.Errorf("%s\n got %s\nwant kaishu.yaml:%s", c.text, got, c.want)
		}
	}
}

// As above, within the source of the customers export.
func TestFaultsOfASource(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"{}", ".path: is missing"},
		{"{encoding: cp932}", ".path: is missing"},
		{"c.csv", ": is the text \"c.csv\", not a mapping of keys to values\nhint: write {path: c.csv}"},
		{"", ".path: is missing"},
		{"{path: }", ".path: is empty\nhint: remove the key for its default"},
		{"{path: c, colums: {}}", ".colums: unknown key\nhint: did you mean columns?"},
		{"{path: c, encoding: latin-9}", ".encoding: \"latin-9\" is not one of utf-8, cp932, euc-jp, utf-16, utf-16le, utf-16be, windows-1252"},
		{"{path: c, encoding: cp923}", ".encoding: \"cp923\" is not one of utf-8, cp932, euc-jp, utf-16, utf-16le, utf-16be, windows-1252\nhint: did you mean cp932?"},
		{"{path: c, date_format: YYYY/MM/DD}", ".date_format: \"YYYY/MM/DD\" does not write dates\nhint: write \"2006/01/02\": how 2 January 2006 would look"},
		{"{path: c, date_format: \"%d.%m.%Y\"}", ".date_format: \"%d.%m.%Y\" does not write dates\nhint: write \"02.01.2006\": how 2 January 2006 would look"},
		{"{path: c, date_format: 2006/1}", ".date_format: \"2006/1\" does not write dates\nhint: write how 2 January 2006 would look, such as \"2006/1/2\" or \"01/02/2006\""},
		{"{path: c, delimiter: \"|\"}", ".delimiter: \"|\" is not a delimiter\nhint: write comma, semicolon or tab"},
		{"{path: c, numbers: loose}", ".numbers: \"loose\" is not one of strict, lenient"},
		{"{path: c, present: custmer_id}", ".present: \"custmer_id\" is not a column of customers\nhint: did you mean customer_id?"},
		{"{path: c, columns: {custmer_id: x}}", ".columns.custmer_id: is not a column of customers\nhint: did you mean customer_id?"},
		{"{path: c, columns: {得意先: customer_id}}", ".columns.得意先: is not a column of customers\nhint: the canonical name comes first: customer_id: 得意先"},
		{"{path: c, columns: {name: [a]}}", ".columns.name: is a list, not a text"},
		{"{path: c, columns: a}", ".columns: is the text \"a\", not a mapping of keys to values"},
	} {
		if got := wrong(t, least+"  customers: "+c.text+"\n").Error(); got != "kaishu.yaml:4: exports.customers"+c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestAllFaultsAreReportedInTheOrderOfTheFile(t *testing.T) {
	faults := wrong(t, `policy: {materialty: 5}
currency: EURO
exports:
  invoices: {path: a.csv, columns: {invoce_id: x}}
  payment:
    path: b.csv
gates:
  max_reject_share: 2
  max_reject_share: 3
actions:
  call: {minutes: -1, reach: 2}
`)
	want := []struct {
		line, column int
		key          string
	}{
		{1, 10, "policy.materialty"}, {2, 11, "currency"}, {3, 1, "exports.payments.path"}, {4, 37, "exports.invoices.columns.invoce_id"},
		{5, 3, "exports.payment"}, {8, 21, "gates.max_reject_share"}, {9, 3, "gates.max_reject_share"}, {11, 19, "actions.call.minutes"}, {11, 30, "actions.call.reach"},
	}
	if len(faults.List) != len(want) {
		t.Fatalf("%d faults, want %d:\n%v", len(faults.List), len(want), faults)
	}
	for i, w := range want {
		if f := faults.List[i]; f.Line != w.line || f.Column != w.column || f.Key != w.key {
			t.Errorf("fault %d: %d:%d %s, want %d:%d %s", i, f.Line, f.Column, f.Key, w.line, w.column, w.key)
		}
	}
}

func TestEmptyAndShapelessFiles(t *testing.T) {
	const both = "exports.invoices.path: is missing\nkaishu.yaml:1: exports.payments.path: is missing"
	for _, c := range []struct{ text, want string }{
		{"", "the file is empty\nhint: it needs at least exports.invoices and exports.payments"},
		{"# nothing\n", "the file is empty\nhint: it needs at least exports.invoices and exports.payments"},
		{"- a\n", "is a list, not a mapping of keys to values"},
		{"hello", "is the text \"hello\", not a mapping of keys to values"},
		{"currency: JPY", both},
		{"exports: []", "exports: is a list, not a mapping of keys to values"},
		{"exports:", both},
	} {
		got := wrong(t, c.text).Error()
		if c.text == "- a\n" || c.text == "hello" {
			got, _, _ = strings.Cut(got, "\nkaishu.yaml")
		}
		if got != "kaishu.yaml:1: "+c.want {
			t.Errorf("%q\n got %s\nwant kaishu.yaml:1: %s", c.text, got, c.want)
		}
	}
}

func TestMergesCannotExplode(t *testing.T) {
	text := "a0: &a0 {x: 1}\n"
	for i := 1; i < 12; i++ {
		n := strconv.Itoa(i - 1)
		text += "a" + strconv.Itoa(i) + ": &a" + strconv.Itoa(i) + " {<<: [" + strings.Repeat("*a"+n+", ", 9) + "*a" + n + "]}\n"
	}
	faults := wrong(t, text+"policy: *a11\n")
	if !strings.Contains(faults.Error(), "policy.<<: merges more than 32 mappings") {
		t.Error(faults)
	}
	if got := wrong(t, least+"policy: &p {<<: *p}\n"); !strings.Contains(got.Error(), "merges more than 32 mappings") {
		t.Error(got)
	}
}

func TestFaultsOfAClosuresFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "closed.txt"), "2026-08-13\n2026-8-14\n")
	_, err := Parse("k", []byte(least+"calendar: {closures: closed.txt}\n"), dir)
	if err == nil || err.Error() != "k:4: calendar.closures: closed.txt:2: \"2026-8-14\" is not a date\nhint: write one date a line, as YYYY-MM-DD" {
		t.Errorf("error %v", err)
	}
	for _, name := range []string{"none.txt", ".", "/dev/zero"} {
		if _, err := Parse("k", []byte(least+"calendar: {closures: "+name+"}\n"), dir); err == nil || !strings.HasPrefix(err.Error(), "k:4: calendar.closures: reading the closures: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestUnreadableFilesAreNoFaults(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, bytes.Repeat([]byte("#\n"), maxFile), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "none.yaml"), dir, big} {
		_, err := Load(path)
		var faults *Faults
		if err == nil || errors.As(err, &faults) || !strings.HasPrefix(err.Error(), "reading the configuration: ") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	good := filepath.Join(dir, "kaishu.yaml")
	write(t, good, least)
	if c, err := Load(good); err != nil || c.Dir != dir || c.Output != filepath.Join(dir, "nights") {
		t.Errorf("%+v, %v", c, err)
	}
	write(t, good, least+"x: 1\n")
	if _, err := Load(good); err == nil || !strings.HasPrefix(err.Error(), good+":4: x: unknown key") {
		t.Errorf("error %v", err)
	}
}

// The recursive definition of the distance, for comparison.
func slowDistance(a, b []rune) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	change := 1
	if a[0] == b[0] {
		change = 0
	}
	d := min(slowDistance(a[1:], b[1:])+change, slowDistance(a[1:], b)+1, slowDistance(a, b[1:])+1)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, slowDistance(a[2:], b[2:])+1)
	}
	return d
}

func TestDistanceIsTheLeastNumberOfEdits(t *testing.T) {
	word := rapid.SliceOfN(rapid.SampledFrom([]rune("abé")), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got, want := distance(string(a), string(b)), slowDistance(a, b); got != want {
			t.Fatalf("distance(%q, %q) = %d, want %d", string(a), string(b), got, want)
		}
	})
}

func TestNamesWithASlipOfThePenAreMisspelt(t *testing.T) {
	for _, c := range []struct {
		written, name string
		want          bool
	}{
		{"due_dat", "due_date", true},
		{"Due_Dtae", "due_date", true},
		{"knownat", "known_at", true},
		{"term", "terms", true},
		{"region", "terms", false},
		{"due", "due_date", false},
		{"at", "to", false}, // of two letters any is near any
		{"issue_date", "due_date", false},
		{"base_date", "due_date", false},
		{"status", "limit", false},
	} {
		if got := Misspelt(c.written, c.name); got != c.want {
			t.Errorf("Misspelt(%q, %q) = %v", c.written, c.name, got)
		}
	}
}

// FuzzParse: whatever the bytes, Parse returns a configuration that reads back as itself, or faults
// within the file.
func FuzzParse(f *testing.F) {
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		f.Fatal(err)
	}
	for _, block := range strings.Split(string(page), "```") {
		f.Add([]byte(strings.TrimPrefix(block, "yaml\n")))
	}
	f.Add([]byte(least + "policy: &p {<<: *p}\nactions: {x: {after: [[x]]}}\n"))
	f.Add(read(f, least).Canonical())
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("k", data, "/nowhere")
		if err == nil {
			again, err := Parse("k", c.Canonical(), "/nowhere")
			if err != nil || again.Hash() != c.Hash() {
				t.Fatalf("%s does not read back: %v", c.Canonical(), err)
			}
			return
		}
		var faults *Faults
		if !errors.As(err, &faults) || len(faults.List) == 0 {
			t.Fatalf("error %v is no list of faults", err)
		}
		last := 2 + bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + bytes.Count(data, []byte("\u0085")) +
			bytes.Count(data, []byte("\u2028")) + bytes.Count(data, []byte("\u2029"))
		for _, fault := range faults.List {
			if fault.Line < 1 || fault.Line > last || fault.Column < 1 || fault.Msg == "" {
				t.Fatalf("fault %+v in %d lines", fault, last)
			}
		}
	})
}
