package pipeline

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
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
	if _, err := os.Stat(filepath.Join(result.Folder, challengerFile)); !os.IsNotExist(err) {
		t.Errorf("%s of a night that did not use it: %v", challengerFile, err)
	}
}

func TestPromotedTreesScoreTheNightAndCanBeReadBack(t *testing.T) {
	dir := t.TempDir()
	if _, err := fixtures.Generate(dir, fixtures.Options{Customers: 40, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	n := rebuilt(t, filepath.Join(dir, "kaishu.yaml"))
	landmarks := n.landmarks
	if err := n.fit(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	if n.trees, err = boost.Fit(landmarks, &n.life, n.days, boost.Settings{Cut: int32(n.asOf), Trees: 20}); err != nil {
		t.Fatal(err)
	}
	if err := n.score(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(n.trees)
	if err != nil {
		t.Fatal(err)
	}
	again, err := boost.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	items, reasons := 0, 0
	for _, c := range n.cases {
		reasons += len(c.reasons)
		at := 0
		for k := range c.Items {
			if it := &c.Items[k]; it.Open > 0 {
				mark := it.AsLandmark()
				curve := again.Curve(&mark, n.days)
				if got := c.items[at].paid30; got != curve.Paid(30) {
					t.Fatalf("%s: P(paid in 30 days) %v, of the model read back %v", c.Customer, got, curve.Paid(30))
				}
				at++
				items++
			}
		}
	}
	if items == 0 || reasons == 0 || len(n.trees.Trees) == 0 {
		t.Errorf("%d items, %d reasons, %d trees", items, reasons, len(n.trees.Trees))
	}
}
