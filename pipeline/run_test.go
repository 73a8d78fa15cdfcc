package pipeline_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
	"kaishu/scoring"
)

// generated writes exports of a few customers and returns their folder.
func generated(t *testing.T, o fixtures.Options) string {
	t.Helper()
	if o.Customers == 0 {
		o.Customers = 60
	}
	if o.Seed == 0 {
		o.Seed = 7
	}
	dir := t.TempDir()
	if _, err := fixtures.Generate(dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runNight publishes a night of the exports in dir and returns its folder.
func runNight(t *testing.T, dir string, o pipeline.Options, change ...func(*config.Config)) string {
	t.Helper()
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(cfg)
	}
	o.Output = t.TempDir()
	result, err := pipeline.Run(context.Background(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	return result.Folder
}

// tables are the files of a night but its manifest, by name.
func tables(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.Name() == "run.json" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

func sameTables(t *testing.T, want, got map[string]string) {
	t.Helper()
	if len(want) < 8 || len(want) != len(got) {
		t.Fatalf("a night of %d files and one of %d", len(want), len(got))
	}
	for name := range want {
		if want[name] != got[name] {
			t.Errorf("%s differs", name)
		}
	}
}

func nightHash(t *testing.T, folder string) string {
	t.Helper()
	m, err := publish.Read(filepath.Dir(folder), strings.TrimPrefix(filepath.Base(folder), "as_of="))
	if err != nil {
		t.Fatal(err)
	}
	return m.NightSHA256
}

func TestSameBytesForAnyCoresWorkersAndShards(t *testing.T) {
	dir := generated(t, fixtures.Options{Multi: true})
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for i, v := range []struct{ procs, workers, shards int }{{1, 1, 1}, {2, 2, 64}, {2, 7, 3}, {1, 3, 1000}} {
		runtime.GOMAXPROCS(v.procs)
		folder := runNight(t, dir, pipeline.Options{Workers: v.workers, Shards: v.shards})
		hash := nightHash(t, folder)
		if i == 0 {
			first = hash
		}
		if hash != first {
			t.Errorf("%+v: night_sha256 %s, with one of each %s", v, hash, first)
		}
	}
}

func TestSameBytesForShuffledRowsAndSplitFiles(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	want := tables(t, runNight(t, dir, pipeline.Options{}))
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"invoices", "payments", "customers", "activities", "disputes"} {
		shuffle(t, filepath.Join(dir, name+".csv"), random)
	}
	sameTables(t, want, tables(t, runNight(t, dir, pipeline.Options{})))

	// the same payments as three files of a folder
	split(t, filepath.Join(dir, "payments.csv"), filepath.Join(dir, "payments"), 3)
	edit(t, filepath.Join(dir, "kaishu.yaml"), "payments.csv", "payments")
	sameTables(t, want, tables(t, runNight(t, dir, pipeline.Options{})))
}

func TestSameBytesFromCSVAndParquetAndCompressed(t *testing.T) {
	var want map[string]string
	for _, format := range []string{"csv", "parquet", "csv.gz", "csv.zst"} {
		got := tables(t, runNight(t, generated(t, fixtures.Options{Format: format, Multi: true, KnownAt: true}), pipeline.Options{}))
		if want == nil {
			want = got
			continue
		}
		t.Run(format, func(t *testing.T) { sameTables(t, want, got) })
	}
}

// A book that looks much larger than it is, since all its history lies in the shards that are done first, has the sample of its
// landmarks thinned too much. Its night is done again, and is the same as in one shard, where nothing can be foreseen.
func TestTheNightOfABookThatIsForeseenWrongIsTheSame(t *testing.T) {
	const shards = 64
	dir := t.TempDir()
	var invoices, payments strings.Builder
	invoices.WriteString("invoice_id,customer_id,issue_date,due_date,amount\n")
	payments.WriteString("payment_id,customer_id,paid_on,amount,invoice_id\n")
	first := time.Date(2024, 6, 3, 0, 0, 0, 0, time.UTC)
	on := func(day int) string { return first.AddDate(0, 0, day).Format(time.DateOnly) }
	for i := range 600 {
		customer := fmt.Sprintf("C%03d", i)
		many := 1
		if scoring.CustomerHash(customer)%shards < 8 {
			many = 40
		}
		for k := range many {
			day, id := 570-14*k, fmt.Sprintf("I%03d%03d", i, k)
			fmt.Fprintf(&invoices, "%s,%s,%s,%s,%d\n", id, customer, on(day), on(day+20), 100+k)
			if k > 2 {
				fmt.Fprintf(&payments, "P%s,%s,%s,%d,%s\n", id, customer, on(day+15+i*k%29), 100+k, id)
			}
		}
	}
	for name, text := range map[string]string{"invoices.csv": invoices.String(), "payments.csv": payments.String(),
		"kaishu.yaml": "currency: EUR\nas_of: " + on(571) + "\nrisk: {max_rows: 2000}\ngates: {truncated: off}\nexports:\n  invoices: {path: invoices.csv}\n  payments: {path: payments.csv}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	one := runNight(t, dir, pipeline.Options{Shards: 1, Workers: 1})
	for workers := 1; workers <= 2; workers++ {
		var log strings.Builder
		many := runNight(t, dir, pipeline.Options{Shards: shards, Workers: workers, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if again := strings.Count(log.String(), "without foresight"); again != 1 {
			t.Errorf("%d workers: done again %d times", workers, again)
		}
		sameTables(t, tables(t, one), tables(t, many))
	}
}

func TestSpilledRowsGiveTheSameNight(t *testing.T) {
	dir := generated(t, fixtures.Options{})
	want := tables(t, runNight(t, dir, pipeline.Options{}))
	got := runNight(t, dir, pipeline.Options{}, func(c *config.Config) { c.Memory = 64 << 10 })
	sameTables(t, want, tables(t, got))
	left, err := filepath.Glob(filepath.Join(filepath.Dir(got), ".staging", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A night of a past date is the same from all exports and from exports that end on that date.
func TestTheFutureChangesNothing(t *testing.T) {
	dir := generated(t, fixtures.Options{KnownAt: true})
	const date = "2025-06-30"
	edit(t, filepath.Join(dir, "kaishu.yaml"), "as_of: 2026-02-28", "as_of: "+date)
	want := tables(t, runNight(t, dir, pipeline.Options{}))
	for _, f := range []struct{ name, known, day string }{
		{"invoices", "known_at", "issue_date"}, {"payments", "known_at", "paid_on"}, {"activities", "known_at", "done_on"},
	} {
		cut(t, filepath.Join(dir, f.name+".csv"), f.known, f.day, date)
	}
	sameTables(t, want, tables(t, runNight(t, dir, pipeline.Options{})))
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func writeCSV(t *testing.T, path string, rows [][]string) {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func shuffle(t *testing.T, path string, random *rand.Rand) {
	rows := readCSV(t, path)
	body := rows[1:]
	random.Shuffle(len(body), func(i, j int) { body[i], body[j] = body[j], body[i] })
	writeCSV(t, path, rows)
}

// split deals the rows of a file out to n files in a folder.
func split(t *testing.T, path, folder string, n int) {
	t.Helper()
	rows := readCSV(t, path)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		part := [][]string{rows[0]}
		for k := 1 + i; k < len(rows); k += n {
			part = append(part, rows[k])
		}
		writeCSV(t, filepath.Join(folder, string(rune('a'+i))+".csv"), part)
	}
}

// cut drops the rows known or dated after a date.
func cut(t *testing.T, path, known, day, date string) {
	t.Helper()
	rows := readCSV(t, path)
	column := func(name string) int {
		for i, h := range rows[0] {
			if h == name {
				return i
			}
		}
		t.Fatalf("%s: no column %s", path, name)
		return -1
	}
	k, d := column(known), column(day)
	kept := rows[:1]
	for _, r := range rows[1:] {
		if r[k] <= date && r[d] <= date {
			kept = append(kept, r)
		}
	}
	if len(kept) == len(rows) {
		t.Fatalf("%s: nothing lies after %s", path, date)
	}
	writeCSV(t, path, kept)
}

func edit(t *testing.T, path, old, replacement string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), old, replacement, 1)
	if text == string(data) {
		t.Fatalf("%s: no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
