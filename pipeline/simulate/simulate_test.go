package simulate

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kaishu/pipeline/table"
)

func small() Settings {
	return Settings{Customers: 80, Invoices: 1600, Days: 4, Replications: 2, Capacity: "loose", Seed: 4}
}

func TestSameSettingsGiveTheSameResultOnAnyWorkers(t *testing.T) {
	s := small()
	s.Workers = 1
	a, err := Run(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	s.Workers = 2
	b, err := Run(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a.Figures, b.Figures) {
		t.Error("one worker and two give different figures")
	}
	for _, f := range a.Figures {
		if len(f.ByDay) != s.Days || f.ByDay[s.Days-1] != f.Cash {
			t.Errorf("%s: cash of %d days ends at %v, not at %d", f.Policy, len(f.ByDay), f.ByDay, f.Cash)
		}
		switch {
		case f.Policy == Nothing && (f.Contacts != 0 || f.Incremental != 0):
			t.Errorf("nothing made %d contacts and added %d", f.Contacts, f.Incremental)
		case f.Policy != Nothing && f.Contacts == 0:
			t.Errorf("%s made no contact", f.Policy)
		case f.Wasted > f.People || f.People > f.Contacts:
			t.Errorf("%s: %d wasted of %d of %d", f.Policy, f.Wasted, f.People, f.Contacts)
		}
	}
	checkFiles(t, a)
}

func checkFiles(t *testing.T, r *Result) {
	dir := filepath.Join(t.TempDir(), "new")
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	f, err := table.ReadColumns(filepath.Join(dir, "simulate.parquet"), "policy", "incremental_cash")
	if err != nil {
		t.Fatal(err)
	}
	if f.Len() != len(r.Figures) {
		t.Fatalf("%d rows of %d figures", f.Len(), len(r.Figures))
	}
	for i := range r.Figures {
		if f.StringAt(0, i) != r.Figures[i].Policy || f.DecimalAt(1, i) != r.Figures[i].Incremental {
			t.Errorf("row %d is %s %d", i, f.StringAt(0, i), f.DecimalAt(1, i))
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "simulate.html"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(page), "<polyline"); n != len(Policies()) || bytes.Contains(page, []byte("NaN")) {
		t.Errorf("the page has %d lines for %d policies, or a NaN", n, len(Policies()))
	}
	var screen bytes.Buffer
	if err := r.Print(&screen); err != nil || !strings.Contains(screen.String(), AmountProbability) {
		t.Errorf("the table lacks a policy: %v\n%s", err, &screen)
	}
}

// Hand-made figures: a ratio of 3/2 that holds exactly in every replication has no error, and the
// error of a mean is the textbook's.
func TestStandardErrors(t *testing.T) {
	if m := mean([]float64{1, 2, 3, 4}); m.Value != 2.5 || math.Abs(m.Error-math.Sqrt(5./3/4)) > 1e-12 {
		t.Errorf("mean of 1..4 is %+v", m)
	}
	if m := ratio([]float64{3, 6, 9}, []float64{2, 4, 6}); math.Abs(m.Value-1.5) > 1e-12 || m.Error > 1e-12 {
		t.Errorf("ratio is %+v", m)
	}
	r := &Result{Settings: Settings{Policies: []string{Nothing, Kaishu, LargestFirst, OldestFirst}}}
	for i, add := range [][]int64{{0, 30, 20, 5}, {0, 60, 40, 90}} {
		for k, name := range r.Settings.Policies {
			r.Figures = append(r.Figures, Figure{Policy: name, Replication: i + 1, Incremental: 2 * add[k], Expected: float64(add[k])})
		}
	}
	if m, rule, ok := r.OverBestSimple(); !ok || rule != OldestFirst || math.Abs(m.Value-90./95) > 1e-12 {
		t.Errorf("over the best rule: %+v %s %v", m, rule, ok)
	}
}

func TestFaultySettingsAreErrors(t *testing.T) {
	for _, s := range []Settings{{Capacity: "huge"}, {Nature: "odd"}, {Customers: -1}, {Days: 2000}, {Replications: -1}, {Policies: []string{"luck"}}} {
		if s.Check() == nil {
			t.Errorf("%+v passed", s)
		}
	}
	if err := (Settings{}).Check(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

func TestACancelledSimulationStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Run(ctx, small()); err == nil {
		t.Error("a cancelled simulation finished")
	}
}
