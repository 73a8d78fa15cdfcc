package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
)

// Whatever happens to inputs, settings and the folder between the nights, each night says the same with
// the folder and without, errors included. KAISHU_FIGURES=1 plays longer.
func TestSameNightsThroughAnyHistoryOfTheStateFolder(t *testing.T) {
	seeds, nights := 2, 12
	if os.Getenv("KAISHU_FIGURES") != "" {
		seeds, nights = 20, 40
	}
	for seed := range seeds {
		w := &stateWorld{stateNights: newStateNights(t, fixtures.Options{Customers: 12, Seed: uint64(100 + seed), Multi: seed%2 == 0}), random: rand.New(rand.NewPCG(uint64(seed), 9))}
		recalled := 0
		for night := range nights {
			var did []string
			for range w.random.IntN(4) {
				did = append(did, w.change(t))
			}
			o := pipeline.Options{Stages: "ledger", Workers: 1 + w.random.IntN(4), Shards: w.random.IntN(40)}
			want, _ := w.night(t, pipeline.Options{Stages: "ledger"}, "")
			got, from := w.night(t, o, w.state)
			if got != want {
				t.Fatalf("seed %d, night %d, after %q: %s, without a state folder %s", seed, night, did, got, want)
			}
			recalled += from
		}
		if recalled < 3*nights {
			t.Errorf("seed %d: only %d inputs in %d nights came from the state folder", seed, recalled, nights)
		}
	}
}

// stateWorld is a folder of exports in which things happen.
type stateWorld struct {
	*stateNights
	random   *rand.Rand
	settings [3]bool
	names    int
}

// night is the hash of a night, or its error, and the number of inputs from the state folder.
func (w *stateWorld) night(t *testing.T, o pipeline.Options, state string) (string, int) {
	t.Helper()
	cfg, err := config.Load(filepath.Join(w.dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.State = state
	if w.settings[0] {
		cfg.Exports.Payments.Null = []string{"-"}
	}
	if w.settings[1] {
		cfg.Exports.Invoices.Numbers = "lenient"
	}
	if w.settings[2] {
		cfg.Exports.Activities.Present = []string{"outcome"}
	}
	for _, gate := range config.GateNames() {
		if gate != "totals" {
			o.Accept = append(o.Accept, gate)
		}
	}
	o.Output = t.TempDir()
	result, err := pipeline.Run(context.Background(), cfg, o)
	if err != nil {
		return err.Error(), 0
	}
	return nightHash(t, result.Folder), len(manifestOf(t, result.Folder).Measured.FromState)
}

// change does something and tells what.
func (w *stateWorld) change(t *testing.T) string {
	t.Helper()
	inputs, err := filepath.Glob(filepath.Join(w.dir, "*", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(inputs)
	path := inputs[w.random.IntN(len(inputs))]
	entries := w.entries(t)
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	what := w.random.IntN(8)
	switch {
	case what == 0:
		w.names++
		to := filepath.Join(filepath.Dir(path), fmt.Sprintf("%c%d.csv", 'a'+rune(w.random.IntN(26)), w.names))
		fail(os.Rename(path, to))
		return "renamed " + path
	case what == 1:
		w.settings[w.random.IntN(len(w.settings))] = true
		return "set a setting"
	case what == 2:
		w.settings = [3]bool{}
		return "unset all settings"
	case what == 3 && len(entries) > 0:
		fail(os.Remove(entries[w.random.IntN(len(entries))]))
		return "removed an entry"
	case what == 4 && len(entries) > 0:
		entry := entries[w.random.IntN(len(entries))]
		data, err := os.ReadFile(entry)
		fail(err)
		data[w.random.IntN(len(data))] ^= 1 << w.random.IntN(8)
		fail(os.WriteFile(entry, data[:len(data)-w.random.IntN(2)], 0o600))
		return "damaged an entry"
	}
	rows := readCSV(t, path)
	if len(rows) < 2 {
		return "nothing"
	}
	row := slices.Clone(rows[1+w.random.IntN(len(rows)-1)])
	cell := w.random.IntN(len(row))
	switch what {
	case 5: // some are refused as doubles, some are new
		w.names++
		row[0] += strings.Repeat("x", w.names%2)
		rows = append(rows, row)
	case 6:
		row[cell] = "?"
		rows = append(rows, row)
	default:
		at := 1 + w.random.IntN(len(rows)-1)
		rows = slices.Delete(rows, at, at+1)
	}
	writeCSV(t, path, rows)
	return fmt.Sprintf("edited %s (%d)", path, what)
}
