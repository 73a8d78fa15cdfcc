package hazard

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLoadedModelScoresTheSameBits(t *testing.T) {
	ls, life := firm(50, 150, 10, 20, monday)
	m := fit(t, ls, life, Settings{Cut: monday})
	data := encoded(t, m)
	if !bytes.Equal(data, encoded(t, m)) {
		t.Fatal("two encodings differ")
	}
	loaded, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, encoded(t, loaded)) {
		t.Error("the loaded model is encoded otherwise")
	}
	for i := range ls {
		a, b := m.Curve(&ls[i], nil), loaded.Curve(&ls[i], nil)
		if a.Cum != b.Cum || a.Hazard(25) != b.Hazard(25) {
			t.Fatalf("landmark %d: %v became %v", i, a.Cum, b.Cum)
		}
	}
}

func TestLoadRefusesWhatItCannotScore(t *testing.T) {
	good := encoded(t, truth())
	for old, new := range map[string]string{
		`"version":1`: `"version":9`, `"kind":"hazard"`: `"kind":"forest"`, `"name":"amount"`: `"name":"amuont"`,
		`"level":"due"`: `"level":"do"`, `"factor":1`: `"factor":0`, `"rates":[0`: `"rates":[-0`, `{`: ``, `"kappa":2`: `"kappa":0`,
	} {
		bad := strings.Replace(string(good), old, new, 1)
		if bad == string(good) {
			t.Fatalf("%s is not in %s", old, good)
		}
		if _, err := Load([]byte(bad)); err == nil {
			t.Errorf("%s: no error", new)
		}
	}
	if _, err := Load(good); err != nil {
		t.Error(err)
	}
}

func TestReasonsAddUpToTheDifferenceInLogHazard(t *testing.T) {
	ls, life := firm(51, 150, 10, 20, monday)
	m := fit(t, ls, life, Settings{Cut: monday})
	// The log hazard per business day over the next 30 days, from the curve alone.
	pace := func(l *Landmark) float64 {
		c := m.Curve(l, nil)
		var cal *Calendar
		sum, from := 0.0, int32(0)
		for j, end := range Grid[:5] {
			_, before := c.at(j - 1)
			days := max(float64(cal.Count(l.Date+from, l.Date+end)), fewDays)
			sum += float64(end-from) / 30 * math.Log((c.Cum[j]-before)/days)
			from = end
		}
		return sum
	}
	var out []Reason
	effects := func(l *Landmark) float64 {
		out = m.Reasons(l, out)
		sum := 0.0
		for i, r := range out {
			sum += r.Effect
			if i > 0 && r.Effect < out[i-1].Effect {
				t.Fatalf("reasons are not in order: %v", out)
			}
		}
		return sum
	}
	base := pace(&ls[0]) - effects(&ls[0])
	mean := 0.0
	for i := range ls {
		got := effects(&ls[i])
		mean += got / float64(len(ls))
		if want := pace(&ls[i]) - base; math.Abs(got-want) > 1e-9 {
			t.Fatalf("landmark %d: effects add up to %v, want %v", i, got, want)
		}
	}
	if math.Abs(mean) > .05 {
		t.Errorf("effects average %v over the training landmarks, want about 0", mean)
	}
}

func TestReasonsNameTheFamilyThatChanged(t *testing.T) {
	m := truth()
	var none [Families]float64
	m.Peers = none
	l := someone(rand.New(rand.NewPCG(1, 2)))
	l.Disputed = false
	find := func(l *Landmark, f Family) Reason {
		for _, r := range m.Reasons(l, nil) {
			if r.Family == f {
				return r
			}
		}
		t.Fatalf("no reason of family %v", f)
		return Reason{}
	}
	quiet := find(&l, Disputes)
	l.Disputed = true
	loud := find(&l, Disputes)
	if d := loud.Effect - quiet.Effect; math.Abs(d+.9) > 1e-12 {
		t.Errorf("a dispute changes its family by %v, want -.9", d)
	}
	if loud.Value != 1 || quiet.Value != 0 {
		t.Errorf("values %v and %v, want 1 and 0", loud.Value, quiet.Value)
	}
	l.Past.OpenOverdue = 3
	if a := find(&l, Exposure).Effect; math.Abs(a+.3*(math.Log(4)-1)) > 1e-12 {
		t.Errorf("3 overdue items: %v, want -.3 (ln 4 - 1)", a)
	}
	for f := range Family(Families) {
		if f.String() == "" || f.String() == "unknown" {
			t.Errorf("family %d has no name", f)
		}
	}
}

func TestModelJSONHasNoSurprises(t *testing.T) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(encoded(t, truth()), &raw); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"version", "kind", "intercept", "terms", "pooled", "calibration", "training", "metrics"} {
		if _, ok := raw[key]; !ok {
			t.Errorf("no %q", key)
		}
	}
}
