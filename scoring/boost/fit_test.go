package boost

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"kaishu/scoring/hazard"
)

// fresh tests both models on landmarks they have not seen, at 30 days.
func fresh(ls []hazard.Landmark, champion *hazard.Model, challenger *Model) Trial {
	tr := Trial{Origin: monday - Horizon - trialDays}
	tr.test(ls, nil, monday, champion, challenger)
	return tr
}

func linear(t *testing.T, ls []hazard.Landmark) *hazard.Model {
	t.Helper()
	m, err := hazard.Fit(ls, bump(), nil, hazard.Settings{Cut: monday})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func trialsOf(t *testing.T, ls []hazard.Landmark, s Settings) []Trial {
	t.Helper()
	s.Cut = monday
	out, err := Trials(ls, nil, hazard.Settings{}, s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTreesArePromotedWhereValuesInteract(t *testing.T) {
	v := Gate(MinInvoices, trialsOf(t, world(8000, 21, crossed), Settings{Trees: 40}))
	if !v.Promoted || v.Gain < .02 || len(v.Origins) != 3 {
		t.Errorf("crossed effects: %+v", v)
	}
	t.Logf("crossed: %s", v.Reason)
}

func TestTreesAreNotPromotedOnNoiseNorOnWhatALineSays(t *testing.T) {
	for name, truth := range map[string]func([]float64) float64{"noise": noise, "straight": straight} {
		v := Gate(MinInvoices, trialsOf(t, world(6000, 22, truth), Settings{Trees: 40}))
		if v.Promoted || v.Reason == "" || len(v.Origins) != 3 {
			t.Errorf("%s: %+v", name, v)
		}
		t.Logf("%s: %s", name, v.Reason)
	}
}

func TestShuffledOutcomesTeachNothing(t *testing.T) {
	ls := world(9000, 23, crossed)
	for i := range ls {
		move := monday - 7*(5+int32(i%8)) - ls[i].Date // so that all could be followed for 30 days
		ls[i].Date, ls[i].Due, ls[i].Issue = ls[i].Date+move, ls[i].Due+move, ls[i].Issue+move
		ls[i].Follow = min(ls[i].Follow, 30)
		ls[i].Paid = ls[i].Paid && ls[i].Follow < 30
	}
	rand.New(rand.NewPCG(1, 23)).Shuffle(len(ls), func(i, j int) {
		ls[i].Follow, ls[j].Follow, ls[i].Paid, ls[j].Paid = ls[j].Follow, ls[i].Follow, ls[j].Paid, ls[i].Paid
	})
	train, test := ls[:5000], ls[5000:]
	m, err := Fit(train, hazard.LifeOf(train, nil, monday), nil, Settings{Cut: monday, Trees: 40})
	if err != nil {
		t.Fatal(err)
	}
	var s hazard.Sample
	for i := range test {
		c := m.Curve(&test[i], nil)
		s.P = append(s.P, c.Paid(29))
		s.Paid = append(s.Paid, test[i].Paid)
	}
	if auc := s.AUC(); auc < .48 || auc > .52 {
		t.Errorf("AUC %v after %d trees", auc, len(m.Trees))
	}
}

func TestSameModelForAnyWorkersAndOrderOfCores(t *testing.T) {
	ls := world(5000, 24, crossed)
	var first []byte
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, workers := range []int{1, 4, 3} {
		runtime.GOMAXPROCS(max(1, workers-1))
		m := fit(t, ls, Settings{Trees: 12, Workers: workers})
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Trees) < 5 {
			t.Fatalf("%d trees", len(m.Trees))
		}
		if first == nil {
			first = data
		}
		if !bytes.Equal(first, data) {
			t.Errorf("%d workers give another model than 1", workers)
		}
	}
}

func TestReadModelScoresTheSameBits(t *testing.T) {
	ls := world(4000, 25, crossed)
	m := fit(t, ls, Settings{Trees: 30})
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ls[:300] {
		a, b := m.Curve(&ls[i], nil), again.Curve(&ls[i], nil)
		if a.Cum != b.Cum || a.Hazard(11) != b.Hazard(11) {
			t.Fatalf("landmark %d: %v, read back %v", i, a.Cum, b.Cum)
		}
		x, y := m.ReasonsOn(&ls[i], nil, nil), again.ReasonsOn(&ls[i], nil, nil)
		if len(x) != len(y) || x[0].Family != y[0].Family || math.Float64bits(x[0].Effect) != math.Float64bits(y[0].Effect) {
			t.Fatalf("landmark %d: reasons %v, read back %v", i, x, y)
		}
	}
	second, err := json.Marshal(again)
	if err != nil || !bytes.Equal(data, second) {
		t.Errorf("written again the model differs (%v)", err)
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	m := fit(t, world(3000, 26, crossed), Settings{Trees: 3})
	good, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"version":1`, `"version":2`}, {`"kind":"boost"`, `"kind":"hazard"`}, {`"frailty"`, `"strength"`},
		{`"left":1,`, `"left":9999,`}, {`"left":1,`, `"left":2,`}, {`"right":2,`, ``}, {`"rows":`, `"rows":1`},
		{`"kappa":`, `"kappa":-`}, {`{"nodes":[`, `{"nodes":[],"x":[`},
	} {
		bad := strings.Replace(string(good), change[0], change[1], 1)
		if bad == string(good) {
			t.Fatalf("%s is not in the model", change[0])
		}
		if _, err := Load([]byte(bad)); err == nil {
			t.Errorf("read a model with %s in place of %s", change[1], change[0])
		}
	}
	if _, err := Load(good[:len(good)/2]); err == nil {
		t.Error("read half a model")
	}
}

func TestWithoutDataTheModelIsTheLifeTable(t *testing.T) {
	for _, ls := range [][]hazard.Landmark{nil, world(30, 27, noise)} {
		m := fit(t, ls, Settings{})
		if m.Fallback == "" || len(m.Trees) > 0 {
			t.Fatalf("%d landmarks: %d trees, fallback %q", len(ls), len(m.Trees), m.Fallback)
		}
		if _, err := json.Marshal(m); err != nil {
			t.Error(err)
		}
		l := world(1, 28, noise)[0]
		var row hazard.Row
		w := m.Pooled.Walk(&l, nil, &row)
		w.Next(&row)
		c := m.Curve(&l, nil)
		if want := row.Exposure * m.Calibration.Factor; math.Abs(c.Cum[0]-want) > 1e-12 {
			t.Errorf("hazard of three days %v, of the life table %v", c.Cum[0], want)
		}
		m.ReasonsOn(&l, nil, nil)
	}
	if _, err := Fit([]hazard.Landmark{{Follow: -1}}, nil, nil, Settings{}); err == nil {
		t.Error("fitted a follow-up of -1 days")
	}
	if _, err := Fit(nil, nil, nil, Settings{Depth: 9}); err == nil {
		t.Error("took a depth of 9")
	}
}

func TestTreesFollowCrossedEffects(t *testing.T) {
	ls := world(10000, 29, crossed)
	tr := fresh(world(20000, 30, crossed), linear(t, ls), fit(t, ls, Settings{}))
	a, b := figures(&tr.Champion), figures(&tr.Challenger)
	t.Logf("30 days, log loss: linear %.4f, trees %.4f; AUC %.4f, %.4f; ECE %.4f, %.4f", a.LogLoss, b.LogLoss, a.AUC, b.AUC, a.ECE, b.ECE)
	if b.LogLoss > a.LogLoss-.02 || b.AUC < a.AUC+.03 {
		t.Errorf("linear %+v, trees %+v", a, b)
	}
}
