package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
)

// stateNights runs nights of one folder of exports, always once without a state folder and once with.
type stateNights struct {
	dir, state string
	want       string       // night_sha256 without a state folder, "" when inputs or settings have changed since
	log        bytes.Buffer // of the last night with state
}

func newStateNights(t *testing.T, o fixtures.Options) *stateNights {
	t.Helper()
	s := &stateNights{dir: generated(t, o), state: filepath.Join(t.TempDir(), "state")}
	for _, name := range []string{"invoices", "payments", "activities"} {
		split(t, filepath.Join(s.dir, name+".csv"), filepath.Join(s.dir, name), 3)
		edit(t, filepath.Join(s.dir, "kaishu.yaml"), name+".csv", name)
	}
	return s
}

// same publishes both nights, which must be the same bytes, and returns the inputs that came from the
// state folder. The one without is run again only where its hash is not known.
func (s *stateNights) same(t *testing.T, o pipeline.Options, change ...func(*config.Config)) []string {
	t.Helper()
	if s.want == "" {
		s.want = nightHash(t, runNight(t, s.dir, pipeline.Options{Stages: o.Stages}, change...))
	}
	s.log.Reset()
	o.Log = slog.New(slog.NewTextHandler(&s.log, nil))
	folder := runNight(t, s.dir, o, append(change, func(c *config.Config) { c.State = s.state })...)
	m := manifestOf(t, folder)
	if m.NightSHA256 != s.want {
		t.Fatalf("night_sha256 %s, without a state folder %s\n%s", m.NightSHA256, s.want, &s.log)
	}
	return m.Measured.FromState
}

func manifestOf(t *testing.T, folder string) *publish.Manifest {
	t.Helper()
	m, err := publish.Read(filepath.Dir(folder), strings.TrimPrefix(filepath.Base(folder), "as_of="))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (s *stateNights) warned() bool { return strings.Contains(s.log.String(), "level=WARN") }

// entries are the files of the state folder, by path.
func (s *stateNights) entries(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(s.state, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The exports hold every kind of row that is refused early or late, disputes that only name an
// invoice, and several currencies.
func TestSameBytesWithAStateFolderForAnyWorkersAndShards(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 40, Multi: true, KnownAt: true})
	spoil(t, filepath.Join(s.dir, "invoices", "b.csv"))
	spoil(t, filepath.Join(s.dir, "payments", "c.csv"))
	if d := readCSV(t, filepath.Join(s.dir, "disputes.csv")); len(d) < 10 || slices.Contains(d[0], "customer_id") {
		t.Fatalf("%d rows of disputes with the columns %q", len(d), d[0])
	}
	for i, v := range []struct {
		workers, shards int
		memory          int64
	}{{2, 0, 1 << 30}, {1, 1, 1 << 30}, {7, 3, 64 << 10}, {3, 5000, 1 << 30}} {
		if i == 3 { // anew, with little memory
			if err := os.RemoveAll(s.state); err != nil {
				t.Fatal(err)
			}
			v.memory = 64 << 10
		}
		from := s.same(t, pipeline.Options{Workers: v.workers, Shards: v.shards}, func(c *config.Config) { c.Memory = v.memory })
		if s.warned() {
			t.Errorf("%+v: warnings\n%s", v, &s.log)
		}
		if want := 10; i%3 != 0 && len(from) != want {
			t.Errorf("%+v: %d inputs from the state folder, want %d: %q", v, len(from), want, from)
		}
		if i%3 == 0 && len(from) != 0 {
			t.Errorf("%+v: a first night had %q", v, from)
		}
	}
}

func TestSameBytesWithAStateFolderForEveryFormat(t *testing.T) {
	for _, format := range []string{"csv", "csv.gz", "csv.zst", "parquet"} {
		s := &stateNights{dir: generated(t, fixtures.Options{Customers: 20, Format: format, Multi: true}), state: t.TempDir()}
		for night, want := range []int{0, 4} {
			if from := s.same(t, pipeline.Options{Stages: "ledger"}); len(from) != want || s.warned() {
				t.Errorf("%s, night %d: from the state folder %q, want %d\n%s", format, night, from, want, &s.log)
			}
		}
	}
}

// spoil appends rows that are refused: with an unreadable date, an unknown currency, and twice the same.
func spoil(t *testing.T, path string) {
	t.Helper()
	rows := readCSV(t, path)
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	date := at["issue_date"] + at["paid_on"] // a file has one of them; the other is 0, the place of the id
	for column, value := range map[int]string{date: "no date", at["currency"]: "XXQ", at["amount"]: "1.23456"} {
		bad := slices.Clone(rows[1])
		bad[column], bad[0] = value, fmt.Sprintf("spoiled-%d", column)
		rows = append(rows, bad)
	}
	writeCSV(t, path, append(rows, rows[1]))
}

// What one night leaves serves the next only as far as nothing has changed.
func TestOnlyChangedInputsAreReadAgain(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 30, KnownAt: true})
	ledger := pipeline.Options{Stages: "ledger"}
	file := func(name string) string { return filepath.Join(s.dir, name) }
	rename := func(from, to string) {
		if err := os.Rename(file(from), file(to)); err != nil {
			t.Fatal(err)
		}
	}
	var settings []func(*config.Config)
	for _, step := range []struct {
		name   string
		change func()
		again  int // inputs that are read again
		inputs int
	}{
		{"first night", func() {}, 10, 10},
		{"nothing", func() {}, 0, 10},
		{"a file renamed, so that all after it have other places", func() { rename("invoices/a.csv", "invoices/z.csv") }, 0, 10},
		{"a swap of two files' contents", func() {
			rename("invoices/b.csv", "x")
			rename("invoices/c.csv", "invoices/b.csv")
			rename("x", "invoices/c.csv")
		}, 0, 10},
		{"one byte, at the same size and time", func() { changeByte(t, file("payments/b.csv")) }, 1, 10},
		{"other empty cells in payments", func() {
			settings = append(settings, func(c *config.Config) { c.Exports.Payments.Null = []string{"-"} })
		}, 3, 10},
		{"skipped rows in activities", func() {
			settings = append(settings, func(c *config.Config) { c.Exports.Activities.Present = []string{"known_at"} })
		}, 3, 10},
		{"settings that shape no row", func() { settings = append(settings, func(c *config.Config) { c.Ledger.Grace = 3 }) }, 0, 10},
		{"a file added before the others", func() { copyHeader(t, file("payments/b.csv"), file("payments/0.csv")) }, 1, 11},
		{"the same bytes under another name", func() { copyHeader(t, file("payments/b.csv"), file("payments/1.csv")) }, 0, 12},
	} {
		step.change()
		s.want = ""
		from := s.same(t, ledger, settings...)
		if again := step.inputs - len(from); again != step.again {
			t.Errorf("%s: %d inputs read again, want %d; from the state folder came %q", step.name, again, step.again, from)
		}
		if s.warned() {
			t.Errorf("%s: warnings\n%s", step.name, &s.log)
		}
		// Of two inputs of the same bytes there is one entry.
		if left := len(s.entries(t)); left != min(step.inputs, 11) {
			t.Errorf("%s: %d entries of %d inputs", step.name, left, step.inputs)
		}
	}
}

// copyHeader writes a file that has the header of another, and no rows.
func copyHeader(t *testing.T, from, to string) {
	t.Helper()
	writeCSV(t, to, readCSV(t, from)[:1])
}

// changeByte adds 1 to the last digit of the first amount, and keeps the time of the file.
func changeByte(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := readCSV(t, path)
	before := rows[1][slices.Index(rows[0], "amount")]
	last := before[len(before)-1]
	edit(t, path, before+",", before[:len(before)-1]+string('0'+(last-'0'+1)%10)+",")
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if now, err := os.Stat(path); err != nil || now.Size() != info.Size() {
		t.Fatalf("size %v, %v", now.Size(), err)
	}
}

func TestDamagedEntriesAreMadeAnew(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	ledger := pipeline.Options{Stages: "ledger"}
	s.same(t, ledger)
	random := rand.New(rand.NewPCG(3, 4))
	for _, d := range []struct {
		name   string
		damage func(data []byte) []byte
	}{
		{"a flipped bit in the head", func(b []byte) []byte { b[20] ^= 1; return b }},
		{"a flipped bit in the facts", func(b []byte) []byte { b[60] ^= 4; return b }},
		{"a flipped bit in the rows", func(b []byte) []byte { b[len(b)-100] ^= 64; return b }},
		{"a flipped bit anywhere", func(b []byte) []byte { b[random.IntN(len(b))] ^= 1 << random.IntN(8); return b }},
		{"a flipped bit in the sum", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }},
		{"cut short", func(b []byte) []byte { return b[:random.IntN(len(b))] }},
		{"longer", func(b []byte) []byte { return append(b, 0) }},
		{"empty", func([]byte) []byte { return nil }},
		{"of another program", func([]byte) []byte { return bytes.Repeat([]byte("foreign\n"), 4096) }},
	} {
		all := s.entries(t)
		hit := all[random.IntN(len(all))]
		data, err := os.ReadFile(hit)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(hit, d.damage(data), 0o644); err != nil {
			t.Fatal(err)
		}
		if from := s.same(t, ledger); len(from) != len(all)-1 {
			t.Errorf("%s: %d of %d inputs from the state folder", d.name, len(from), len(all))
		}
		if !s.warned() {
			t.Errorf("%s: no warning", d.name)
		}
		if from := s.same(t, ledger); len(from) != len(all) || s.warned() {
			t.Errorf("%s: the entry was not made anew: %q\n%s", d.name, from, &s.log)
		}
	}
}

// A whole entry under another's name is not used: its own account of its origin counts.
func TestAnEntryUnderAnothersNameIsNotUsed(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	ledger := pipeline.Options{Stages: "ledger"}
	s.same(t, ledger)
	all := s.entries(t)
	first, err := os.ReadFile(all[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(all[1], first, 0o644); err != nil {
		t.Fatal(err)
	}
	if from := s.same(t, ledger); len(from) != len(all)-1 || !s.warned() {
		t.Errorf("%d of %d inputs from the state folder\n%s", len(from), len(all), &s.log)
	}
}

func TestANightGoesOnWithoutAFolderItCannotWrite(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	ledger := pipeline.Options{Stages: "ledger"}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s.state = filepath.Join(blocked, "state") // cannot be made below a file
	if from := s.same(t, ledger); len(from) != 0 || !s.warned() {
		t.Errorf("from the state folder %q\n%s", from, &s.log)
	}
}

func TestTwoNightsAtOnceShareAStateFolder(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	want := nightHash(t, runNight(t, s.dir, pipeline.Options{Stages: "ledger"}))
	for range 2 {
		got := make([]string, 3)
		var wait sync.WaitGroup
		for i := range got {
			cfg, err := config.Load(filepath.Join(s.dir, "kaishu.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			cfg.State = s.state
			output := t.TempDir()
			wait.Go(func() {
				result, err := pipeline.Run(context.Background(), cfg, pipeline.Options{Stages: "ledger", Output: output})
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = result.Folder
			})
		}
		wait.Wait()
		for _, folder := range got {
			if folder == "" || nightHash(t, folder) != want {
				t.Errorf("%q differs", folder)
			}
		}
		for _, e := range s.entries(t) {
			if !strings.HasSuffix(e, ".rows") {
				t.Errorf("left behind: %s", e)
			}
		}
	}
}

func TestCheckLeavesTheStateFolderAsItIs(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	check := func() string {
		cfg, err := config.Load(filepath.Join(s.dir, "kaishu.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.State = s.state
		var out strings.Builder
		if err := pipeline.Check(context.Background(), cfg, pipeline.Options{Output: t.TempDir()}, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	without := check()
	if _, err := os.Stat(s.state); !os.IsNotExist(err) {
		t.Errorf("check made the folder: %v", err)
	}
	s.same(t, pipeline.Options{Stages: "ledger"})
	if check() != without {
		t.Error("check says something else with a state folder")
	}
}

func TestEntriesNobodyUsesAreRemoved(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	ledger := pipeline.Options{Stages: "ledger"}
	s.same(t, ledger)
	all := s.entries(t)
	old := time.Now().Add(-31 * 24 * time.Hour)
	for name, at := range map[string]time.Time{
		"0123456789abcdef-0123456789abcdef-12-00.rows": time.Now(), // of another night's input, lately used
		"fedcba9876543210-0123456789abcdef-12-00.rows": old,
		".new-1": old, ".new-2": time.Now(), "notes.txt": old,
	} {
		path := filepath.Join(s.state, name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range all { // those in use are kept whatever their age
		if err := os.Chtimes(e, old, old); err != nil {
			t.Fatal(err)
		}
	}
	s.same(t, ledger)
	var left []string
	entries, err := os.ReadDir(s.state)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	for _, name := range []string{"0123456789abcdef-0123456789abcdef-12-00.rows", ".new-2", "notes.txt"} {
		if !slices.Contains(left, name) {
			t.Errorf("%s was removed", name)
		}
	}
	if len(left) != len(all)+3 {
		t.Errorf("left: %q", left)
	}
}
