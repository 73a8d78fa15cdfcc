package pipeline

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/scoring/hazard"
)

func runIn(t *testing.T, path, asOf, output string, change ...func(*config.Config)) *Result {
	t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AsOf = asOf
	for _, c := range change {
		c(cfg)
	}
	r, err := Run(context.Background(), cfg, Options{Output: output})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func loadModel(t *testing.T, folder string) (*hazard.Model, []byte) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "model.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := hazard.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	return m, data
}

// scores are what a model says of an account, floats as bits.
type scores struct {
	items                    []itemScore
	paid30, p90, score, loss uint64
	grade                    string
	reasons                  []string
}

func scoresOf(t *testing.T, n *night) (out []scores) {
	for _, c := range decoded(t, n) {
		out = append(out, scores{c.items, math.Float64bits(c.paid30), math.Float64bits(c.p90), math.Float64bits(c.score), uint64(c.loss), c.grade, c.reasons})
	}
	return out
}

func TestANightCanBeScoredAgainFromItsModelFile(t *testing.T) {
	r := runIn(t, generatedExports(t, fixtures.Options{Customers: 60, Seed: 4}), "2026-02-28", t.TempDir())
	n := r.night
	m, data := loadModel(t, r.Folder)
	again, err := json.MarshalIndent(m, "", "  ")
	if err != nil || string(again)+"\n" != string(data) {
		t.Fatalf("the model changes in the file: %v", err)
	}
	want := scoresOf(t, n)
	n.model = m
	if err := n.score(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(want, scoresOf(t, n)) {
		t.Error("the scores differ")
	}
}

// Too little data for a fit, here by a limit, leaves the model of the night before in place, to the
// byte; the night succeeds and says so.
func TestTheChampionStaysWhenTonightsFitIsNone(t *testing.T) {
	path, out := generatedExports(t, fixtures.Options{Customers: 60, Seed: 4}), t.TempDir()
	first := runIn(t, path, "2026-02-26", out)
	second := runIn(t, path, "2026-02-27", out, func(c *config.Config) { c.Risk.MinEvents = 1 << 30 })
	_, a := loadModel(t, first.Folder)
	_, b := loadModel(t, second.Folder)
	if string(a) != string(b) || second.night.refit.Uses != "champion" {
		t.Errorf("the model changed: %+v", second.night.refit)
	}
	var manifest struct {
		Model struct {
			Refit refit `json:"refit"`
		} `json:"model"`
	}
	data, err := os.ReadFile(filepath.Join(second.Folder, "run.json"))
	if err == nil {
		err = json.Unmarshal(data, &manifest)
	}
	if err != nil || manifest.Model.Refit.Uses != "champion" || manifest.Model.Refit.Champion != "2026-02-26" || manifest.Model.Refit.Because == "" {
		t.Errorf("the manifest says %+v, %v", manifest.Model.Refit, err)
	}
	third := runIn(t, path, "2026-02-28", out)
	if r := third.night.refit; r.Uses != "refit" || r.Champion != "2026-02-27" || r.FittedOn != "2026-02-26" || r.Stability == nil || *r.Stability < .95 || r.LogLoss == nil {
		t.Errorf("a sound fit after it: %+v", r)
	}
}

func TestTheChampionStaysWhenTonightsFitIsWorseOrUnstable(t *testing.T) {
	path, out := generatedExports(t, fixtures.Options{Customers: 60, Seed: 4}), t.TempDir()
	runIn(t, path, "2026-02-26", out)
	// A ridge that flattens everything to the life table is a bad fit of the same data.
	flat := runIn(t, path, "2026-02-27", out, func(c *config.Config) { c.Risk.Ridge = 1e9 })
	r := flat.night.refit
	if r.Uses != "champion" || r.LogLoss == nil || *r.LogLoss < *r.ChampionLogLoss*1.01 {
		t.Errorf("%+v", r)
	}
	// The other way round the better fit takes over, however differently it orders.
	out = t.TempDir()
	runIn(t, path, "2026-02-26", out, func(c *config.Config) { c.Risk.Ridge = 1e9 })
	if r := runIn(t, path, "2026-02-27", out).night.refit; r.Uses != "refit" {
		t.Errorf("%+v", r)
	}
}

func TestADamagedModelIsNoChampion(t *testing.T) {
	path, out := generatedExports(t, fixtures.Options{Customers: 40, Seed: 4}), t.TempDir()
	first := runIn(t, path, "2026-02-26", out)
	if err := os.WriteFile(filepath.Join(first.Folder, "model.json"), []byte(`{"version": 99}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := runIn(t, path, "2026-02-27", out).night.refit; r.Uses != "refit" || r.Because == "" {
		t.Errorf("%+v", r)
	}
}

func TestSpearmanIsTheCorrelationOfRanks(t *testing.T) {
	// Worked by hand: ranks 0 1.5 1.5 3 and 0 2 1 3, squares 4.5 and 5, products 4.5.
	if got, want := spearman([]float64{1, 5, 5, 9}, []float64{2, 7, 6, 8}), 4.5/math.Sqrt(4.5*5); math.Abs(got-want) > 1e-15 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := spearman([]float64{1, 2, 3}, []float64{9, 4, 1}); got != -1 {
		t.Errorf("reversed: %v", got)
	}
}
