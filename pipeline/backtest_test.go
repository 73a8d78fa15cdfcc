package pipeline

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
)

// generatedExports writes exports and returns the path of their configuration.
func generatedExports(t *testing.T, o fixtures.Options) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := fixtures.Generate(dir, o); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "kaishu.yaml")
}

// backtested replays month-ends with outcomes until a date.
func backtested(t *testing.T, path, from, to, until string, o Options) *Backtested {
	t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AsOf = until
	if o.Output == "" {
		o.Output = t.TempDir()
	}
	b, err := Backtest(context.Background(), cfg, BacktestOptions{Options: o, From: mustDay(t, from), To: mustDay(t, to)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func folderBytes(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{"backtest.html", "backtest.parquet", "run.json"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}

func TestBacktestIsTheSameForAnyWorkersAndShardsAndSpilledRows(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 60, Seed: 3})
	dir := t.TempDir()
	first := folderBytes(t, backtested(t, path, "2025-10-01", "2025-11-30", "2026-02-28", Options{Workers: 1, Shards: 1, Output: dir}).Folder)
	again := folderBytes(t, backtested(t, path, "2025-10-01", "2025-11-30", "2026-02-28", Options{Workers: 3, Shards: 40, Output: dir}).Folder)
	if first != again {
		t.Error("the files of two backtests differ")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".staging", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// The model and the scores of a replayed month-end are those of a night run on that date, and of a
// night over exports from which everything later was cut out: nothing later can be in them.
func TestBacktestReplaysTheNightOfTheDate(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 60, Seed: 3})
	const date = "2025-10-31"
	b := backtested(t, path, date, date, "2026-02-28", Options{})
	replayed, err := encodeModel(b.run.origins[0].models[0])
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AsOf = date
	night, err := Run(context.Background(), cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile(filepath.Join(night.Folder, "model.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(replayed, model) {
		t.Error("the replayed model is not that of the night")
	}
	at := 0
	for _, c := range decoded(t, night.night) {
		for k := range c.items {
			if p := b.run.origins[0].rivals[0].paid[1]; at < len(p) && p[at] != c.items[k].paid30 {
				t.Fatalf("item %d: %v in the backtest, %v in the night", at, p[at], c.items[k].paid30)
			}
			at++
		}
	}
	if o := b.run.origins[0]; o.changed > 0 || at != len(o.items)+o.unknown {
		t.Errorf("%d items in the night, %d in the backtest, %d changed", at, len(o.items)+o.unknown, o.changed)
	}
}

func TestPermutedOutcomesCannotBePredicted(t *testing.T) {
	b := backtested(t, generatedExports(t, fixtures.Options{Customers: 80, Seed: 5}), "2025-10-01", "2025-11-30", "2026-02-28", Options{})
	random := rand.New(rand.NewPCG(1, 2))
	for _, o := range b.run.origins {
		sum := 0.0
		const rounds = 20
		for range rounds {
			s, _ := sampleOf(o, 30, func(i int) float64 { return o.rivals[0].paid[1][i] })
			random.Shuffle(len(s.Paid), func(i, j int) { s.Paid[i], s.Paid[j] = s.Paid[j], s.Paid[i] })
			sum += s.AUC() / rounds
		}
		if sum < .48 || sum > .52 {
			t.Errorf("%s: AUC %.3f with permuted outcomes", o.day, sum)
		}
	}
	if f := b.run.mean(30, rivalModel); f.auc < .7 {
		t.Errorf("AUC %.3f with the outcomes as they were", f.auc)
	}
}

// Models are compared on the same items by the same code: what they are compared by does not depend on
// which others are there, the hazard is the night's model where no challenger is asked for, and each is in every table.
func TestModelsAreComparedOnTheSameOrigins(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 40, Seed: 5})
	const from, to, until = "2025-11-01", "2025-11-30", "2026-02-28"
	same := func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) } // NaN counts as equal
	replay := func(models ...string) *Backtested {
		cfg, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		cfg.AsOf = until
		b, err := Backtest(t.Context(), cfg, BacktestOptions{Options: Options{Output: t.TempDir()}, From: mustDay(t, from), To: mustDay(t, to), Models: models})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	all, night, trees := replay(rivalModel, rivalHazard, rivalTrees, rivalHazard), replay(), replay(rivalTrees)
	if len(all.run.models) != 3 || len(all.run.origins) != 1 {
		t.Fatalf("%v on %d origins", all.run.models, len(all.run.origins))
	}
	for i, o := range all.run.origins {
		if !same(o.rivals[0].paid, o.rivals[1].paid) || !same(o.rivals[0], night.run.origins[i].rivals[0]) {
			t.Errorf("%s: the hazard is not the night's model", o.day)
		}
		if !same(o.rivals[2], trees.run.origins[i].rivals[0]) || !same(o.items, trees.run.origins[i].items) {
			t.Errorf("%s: trees by themselves say otherwise", o.day)
		}
		if same(o.rivals[1].paid, o.rivals[2].paid) {
			t.Errorf("%s: trees say what the hazard says", o.day)
		}
		if !same(o.rivals[3:], night.run.origins[i].rivals[1:]) {
			t.Errorf("%s: the baselines depend on the models", o.day)
		}
	}
	for _, h := range horizons {
		for _, name := range all.run.names() {
			if f := all.run.mean(h, name); f == nil || f.items != all.run.mean(h, rivalModel).items {
				t.Errorf("%s at %d days: %+v", name, h, f)
			}
		}
	}
	f, err := table.ReadColumns(filepath.Join(all.Folder, "backtest.parquet"), "model")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for i := range f.Len() {
		rows[f.StringAt(f.Column("model"), i)]++
	}
	page, err := os.ReadFile(filepath.Join(all.Folder, "backtest.html"))
	if err != nil {
		t.Fatal(err)
	}
	var screen strings.Builder
	if err := all.Print(&screen); err != nil {
		t.Fatal(err)
	}
	for _, name := range all.run.names() {
		if rows[name] != 2*len(horizons) || !strings.Contains(screen.String(), name) {
			t.Errorf("%s: %d rows in the table", name, rows[name])
		}
	}
	for _, name := range all.run.models {
		lines := 4 + len(horizons) + 2
		if name != all.run.lead() {
			lines++ // its gain over the leading one
		}
		if n := bytes.Count(page, []byte(`<polyline class="`+name+`"`)); n != lines {
			t.Errorf("%s: %d lines on the page", name, n)
		}
	}
}

func TestUnknownModelsAreRefusedBeforeAnythingIsRead(t *testing.T) {
	cfg := new(config.Config)
	_, err := Backtest(t.Context(), cfg, BacktestOptions{From: mustDay(t, "2025-10-01"), To: mustDay(t, "2025-11-30"), Models: []string{"hazard", "forest"}})
	var wrong *Usage
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), `"forest" is none of night, hazard, trees`) {
		t.Errorf("%v", err)
	}
}

// A column that was filled in later, here an outside score that knows who will pay, is found out.
func TestBacktestCatchesALeakedColumn(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 150, Seed: 5})
	const date, until = "2025-10-31", "2026-02-28"
	honest := backtested(t, path, date, date, until, Options{})
	if leaks := honest.run.origins[0].leaks; len(leaks) > 0 {
		t.Fatalf("honest columns taken for leaks: %+v", leaks)
	}
	paid, seen := map[string]float64{}, map[string]float64{}
	for _, it := range honest.run.origins[0].items {
		if y, known := it.ended(30); known {
			seen[it.customer]++
			if y {
				paid[it.customer]++
			}
		}
	}
	leakInto(t, filepath.Join(filepath.Dir(path), "customers.csv"), "bureau_score", func(customer string) string {
		return strconv.Itoa(int(300 + 500*(paid[customer]+.5)/(seen[customer]+1)))
	})
	leaked := backtested(t, path, date, date, until, Options{})
	leaks := leaked.run.origins[0].leaks
	if len(leaks) != 1 || leaks[0].Column != "bureau_score" {
		t.Errorf("leaks %+v", leaks)
	}
	var screen strings.Builder
	if err := leaked.Print(&screen); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(screen.String(), "warning: "+date+": column bureau_score") {
		t.Error("the screen does not warn")
	}
}

// readRows are the rows of a CSV file, the header first.
func readRows(t *testing.T, path string) [][]string {
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

// leakInto fills a column of a CSV file by customer, adding it where there is none.
func leakInto(t *testing.T, path, column string, value func(customer string) string) {
	t.Helper()
	rows := readRows(t, path)
	id, at := -1, -1
	for i, h := range rows[0] {
		switch h {
		case "customer_id":
			id = i
		case column:
			at = i
		}
	}
	for i := range rows {
		if at < 0 {
			rows[i] = append(rows[i], column)
		}
		if i > 0 {
			to := at
			if to < 0 {
				to = len(rows[i]) - 1
			}
			rows[i][to] = value(rows[i][id])
		}
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The figures of a backtest agree with the same sums made from scratch.
func TestBacktestCountsWhatHappened(t *testing.T) {
	o := &origin{items: []openThen{
		{open: 100, follow: 5, paid: true, pastDue: 3}, {open: 900, follow: 20, paid: true, pastDue: -20}, // after the horizon
		{open: 50, follow: 3, pastDue: 1}, // credited: no outcome
		{open: 400, follow: 60, pastDue: -2},
	}}
	r := &rival{name: rivalModel, days: []float64{4, 100, 1, nan}}
	r.paid[0] = []float64{.9, .2, .5, .1}
	f := o.figure(r, 0)
	want := "3 1 0.333 auc 1.000 brier 0.020 days 0.333 cash 3.100 money 0.000 late 1.000"
	// expected cash 90+180+40; the first tenth is one item: item 1 by expected cash (paid later), item 3 by late money (item 1 is not due within 7 days)
	got := fmt.Sprintf("%d %d %.3f auc %.3f brier %.3f days %.3f cash %.3f money %.3f late %.3f", f.items, f.excluded, f.baseRate, f.auc, f.brier, f.daysError, f.cash, f.money, f.late)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMonthEndsBetweenTwoDays(t *testing.T) {
	var got []string
	for _, d := range monthEnds(mustDay(t, "2023-12-31"), mustDay(t, "2024-03-30")) {
		got = append(got, d.String())
	}
	if s := strings.Join(got, " "); s != "2023-12-31 2024-01-31 2024-02-29" {
		t.Error(s)
	}
}

// Generated portfolios, with payments a third slower from 45 days before the origin, against their
// targets: one large and a few small ones or, with KAISHU_FIGURES=1, all of docs/figures.md, which takes
// minutes.
func TestGeneratedPortfoliosAgainstTheirTargets(t *testing.T) {
	all := os.Getenv("KAISHU_FIGURES") != ""
	seeds, small := uint64(1), uint64(4)
	if all {
		seeds, small = 3, 100
	}
	large := func(seed uint64, slowdown float64) map[int32]*figure {
		path := generatedExports(t, fixtures.Options{Customers: 840, Invoices: 42000, Seed: seed, Slowdown: slowdown, After: 100})
		b := backtested(t, path, "2026-02-28", "2026-02-28", (mustDay(t, "2026-02-28") + 100).String(), Options{})
		out := map[int32]*figure{}
		for _, h := range horizons {
			out[h] = b.run.mean(h, rivalModel)
			for _, name := range []string{rivalModel, rivalCurve, rivalRatio, rivalBase} {
				f := b.run.mean(h, name)
				t.Logf("seed %d slowdown %g %3d d %-15s n %d paid %.3f AUC %.4f log loss %.4f Brier %.4f ECE %.4f (noise %.4f) slope %.2f days %.2f",
					seed, slowdown, h, name, f.items, f.baseRate, f.auc, f.logLoss, f.brier, f.ece, f.eceFloor, f.slope, f.daysError)
			}
		}
		return out
	}
	for seed := range seeds {
		f := large(seed+1, 1.5)
		if f[30].auc < .81 || f[30].logLoss > .395 {
			t.Errorf("seed %d: AUC %.4f, log loss %.4f", seed+1, f[30].auc, f[30].logLoss)
		}
		// The targets are .015, .025 and .03. They are not met on every seed, see docs/figures.md; these
		// limits only keep what there is.
		if f[7].ece > .02 || f[30].ece > .07 || f[90].ece > .04 {
			t.Errorf("seed %d: ECE %.4f at 7 days, %.4f at 30, %.4f at 90", seed+1, f[7].ece, f[30].ece, f[90].ece)
		}
		if all {
			large(seed+1, 0)
		}
	}
	fitted, skill := uint64(0), uint64(0)
	for seed := range small {
		path := generatedExports(t, fixtures.Options{Customers: 40, Invoices: 1000, Seed: 100 + seed, Slowdown: 1.5, After: 40})
		b := backtested(t, path, "2026-02-28", "2026-02-28", (mustDay(t, "2026-02-28") + 35).String(), Options{})
		m := modelFactsOf(b.run.origins[0].models[0])
		if m.kind == "hazard" {
			fitted++
		}
		f := b.run.mean(30, rivalModel)
		if !(f.logLoss < 2) {
			t.Errorf("seed %d: log loss %v (%s)", seed, f.logLoss, m.fallback)
		}
		if f.brier < f.baseRate*(1-f.baseRate) {
			skill++
		}
	}
	t.Logf("%d portfolios of 1,000 invoices: %d fitted, %d with a Brier skill above 0", small, fitted, skill)
	if fitted < small || all && skill < 95 { // the target
		t.Errorf("%d of %d fitted, Brier skill above 0 on %d", fitted, small, skill)
	}
}
