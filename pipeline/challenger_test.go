package pipeline

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
	"kaishu/scoring"
	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
)

// rebuilt is a night up to its landmarks.
func rebuilt(t *testing.T, path string) *night {
	t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := newNight(cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.close)
	for _, do := range []func(context.Context) error{func(context.Context) error { return n.open() }, n.read, n.rebuild} {
		if err := do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	n.days = hazardDays(n.calendar)
	return n
}

func TestChallengerOnTradeCreditIsMeasuredOutOfTime(t *testing.T) {
	const path = "../fixtures/trade_credit.yaml"
	sharedData(t, "trade_credit")
	n := rebuilt(t, path)
	const rows = 60_000
	trials, err := boost.Trials(n.landmarks, n.days, hazard.Settings{MaxRows: rows}, boost.Settings{MaxRows: rows, Cut: int32(n.asOf)})
	if err != nil {
		t.Fatal(err)
	}
	v := boost.Gate(boost.MinInvoices, trials)
	t.Log(v.Reason)
	for _, o := range v.Origins {
		t.Logf("%d landmarks: linear %+v, trees %+v", o.Landmarks, o.Champion, o.Challenger)
		if o.Champion.AUC < .8 || o.Challenger.AUC < .8 || o.Challenger.ECE > .1 {
			t.Errorf("linear %+v, trees %+v", o.Champion, o.Challenger)
		}
	}
	if len(v.Origins) != 3 || v.Gain < -.05 {
		t.Errorf("%+v", v)
	}
}

func TestNightSaysWhyTheChallengerIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	if _, err := fixtures.Generate(dir, fixtures.Options{Customers: 40, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Risk.Challenger = "auto"
	result, err := Run(t.Context(), cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	m, err := publish.Read(filepath.Dir(result.Folder), result.AsOf.String())
	if err != nil {
		t.Fatal(err)
	}
	var v boost.Verdict
	if err := json.Unmarshal(m.Sections[sectionTrees], &v); err != nil {
		t.Fatal(err)
	}
	if v.Promoted || v.Invoices == 0 || v.Reason == "" {
		t.Errorf("verdict %+v", v)
	}
	if m, _ := loadModel(t, result.Folder); m.Kind != hazard.KindHazard {
		t.Errorf("a night that did not use trees has a model of kind %s", m.Kind)
	}
}

// fittedTrees is a night up to its fit, and trees fitted to the same landmarks.
func fittedTrees(t *testing.T, path string, settings boost.Settings) (*night, *boost.Model) {
	t.Helper()
	n := rebuilt(t, path)
	landmarks := n.landmarks
	if err := n.fit(t.Context()); err != nil {
		t.Fatal(err)
	}
	settings.Cut = int32(n.asOf)
	trees, err := boost.Fit(landmarks, &n.life, n.days, settings)
	if err != nil {
		t.Fatal(err)
	}
	n.landmarks = landmarks
	return n, trees
}

func TestANightThatTreesScoredCanBeScoredAgainFromItsModelFile(t *testing.T) {
	n, trees := fittedTrees(t, generatedExports(t, fixtures.Options{Customers: 40, Seed: 5}), boost.Settings{Trees: 20})
	if err := n.score(t.Context()); err != nil {
		t.Fatal(err)
	}
	linear := scoresOf(t, n)
	n.trees = trees
	if err := n.score(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := scoresOf(t, n)
	if reflect.DeepEqual(linear, want) || len(trees.Trees) == 0 {
		t.Fatalf("%d trees change nothing", len(trees.Trees))
	}
	data, err := encodeModel(n.scorer())
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeModel(data)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := encodeModel(again)
	if err != nil || string(twice) != string(data) {
		t.Fatalf("the model changes in the file: %v", err)
	}
	n.model, n.trees = nil, again.(*boost.Model) // nothing comes from the linear model
	if err := n.score(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(want, scoresOf(t, n)) {
		t.Error("the scores differ")
	}
}

// A night has the model of the night before to defend, trees or not; the gate, not the guard, decides between the two kinds.
func TestGuardCoversTrees(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 60, Seed: 4})
	n, trees := fittedTrees(t, path, boost.Settings{Trees: 30})
	stump, err := boost.Fit(n.landmarks, &n.life, n.days, boost.Settings{Cut: int32(n.asOf), Trees: 1, Rate: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	linear := n.model
	flat, err := hazard.Fit(n.landmarks, &n.life, n.days, hazard.Settings{Ridge: 1e9, Cut: int32(n.asOf)})
	if err != nil {
		t.Fatal(err)
	}
	little, err := hazard.Fit(n.landmarks, &n.life, n.days, hazard.Settings{MinEvents: 1 << 30, Cut: int32(n.asOf)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		before   scorer
		model    *hazard.Model
		trees    *boost.Model
		asked    bool
		uses     string
		because  string
		measured bool
	}{
		{"trees, the same again", trees, linear, trees, true, "refit", "", true},
		{"trees that learned nothing after good ones", trees, linear, stump, true, "champion", "tonight's fit loses", true},
		{"trees that passed", linear, linear, trees, true, "refit", "trees passed against the linear model", true},
		{"trees that passed but lose", linear, linear, stump, true, "champion", "tonight's fit loses", true},
		{"trees that did not pass", trees, linear, nil, true, "refit", "did not pass tonight: for the test", true},
		{"no fit after trees", trees, little, nil, true, "champion", "tonight's fit is none", false},
		{"trees no longer asked for", trees, linear, nil, false, "refit", "does not ask for", false},
		{"a flat refit of the linear model", linear, flat, nil, true, "champion", "tonight's fit loses", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			n.output = t.TempDir()
			n.previous = &previousNight{asOf: "2026-02-27"}
			data, err := encodeModel(c.before)
			if err != nil {
				t.Fatal(err)
			}
			folder := publish.Folder(n.output, n.previous.asOf)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "model.json"), data, 0o644); err != nil {
				t.Fatal(err)
			}
			n.model, n.trees, n.verdict = c.model, c.trees, nil
			if c.asked {
				n.verdict = &boost.Verdict{Promoted: c.trees != nil, Reason: "for the test"}
			}
			if err := n.guard(); err != nil {
				t.Fatal(err)
			}
			r := n.refit
			if r.Uses != c.uses || !strings.Contains(r.Because, c.because) || (r.Because == "") != (c.because == "") || (r.LogLoss != nil) != c.measured {
				t.Errorf("%+v, want %s because %q", r, c.uses, c.because)
			}
			if r.Uses == "champion" {
				kept, err := encodeModel(n.scorer())
				if err != nil || string(kept) != string(data) {
					t.Errorf("another model than the champion scores the night: %v", err)
				}
			}
		})
	}
}

func TestDriftLooksAtTheTreesThatScoreTheNight(t *testing.T) {
	n, trees := fittedTrees(t, generatedExports(t, fixtures.Options{Customers: 60, Seed: 4}), boost.Settings{Trees: 30})
	linear := n.drift
	n.trees = trees
	n.measureDrift()
	expected := 0.0
	for i := range n.landmarks {
		l := &n.landmarks[i]
		if paid := l.Paid && l.Follow <= driftHorizon; scoring.Day(l.Date).String() == n.drift.Since && (paid || l.Follow >= driftHorizon) {
			curve := trees.Curve(l, n.days)
			expected += curve.Paid(driftHorizon)
		}
	}
	if got := n.drift.Calibration[0].Expected; math.Abs(got-expected) > 1e-9 || got == linear.Calibration[0].Expected {
		t.Errorf("%v payments expected, %v by the trees, %v by the linear model", got, expected, linear.Calibration[0].Expected)
	}
	if n.drift.Score.PSI == linear.Score.PSI {
		t.Error("the score's index is that of the linear model")
	}
}
