package treatment

import (
	"math"
	"testing"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// Cases of the field that a treatment pins down, each with its figures.

func TestProbabilitiesOfItemsRollUpByAmount(t *testing.T) { // case 18
	// Paid within 30 days with the first share, within 60 with the first two.
	c := owing(0, 10, 0)
	a := c.Account
	a.Items, c.Curves = nil, nil
	for _, it := range []struct {
		amount      int64
		first, then float64
	}{{100, .10, .50}, {1000, .50, .30}, {10_000, .01, .04}} {
		a.Items = append(a.Items, scoring.Item{Open: it.amount, OpenBase: it.amount, PastDue: 10})
		var curve hazard.Curve
		for j, end := range hazard.Grid {
			switch {
			case end >= 60:
				curve.Cum[j] = -math.Log(1 - it.first - it.then)
			case end >= 30:
				curve.Cum[j] = -math.Log(1 - it.first)
			}
		}
		c.Curves = append(c.Curves, curve)
	}
	const total = 11_100
	soon, all := total*c.Paid(30), total*c.Paid(60)
	for _, v := range []struct {
		name      string
		got, want float64
	}{{"first", soon, 610}, {"then", all - soon, 750}, {"later", total - all, 9_740}} {
		if math.Abs(v.got-v.want) > 1e-9*total {
			t.Errorf("expected %s: %v, want %v", v.name, v.got, v.want)
		}
	}
}

func TestOfEqualAccountsTheOneThatNeedsHelpGainsMore(t *testing.T) { // case 19
	m := menu(t, Limits{}, nil, call(2))
	alone, persuadable := owing(100_000, 10, .95), owing(100_000, 10, .50)
	if p, q := alone.Paid(30), persuadable.Paid(30); math.Abs(p-.95) > 1e-9 || math.Abs(q-.5) > 1e-9 {
		t.Fatalf("P(pay alone) %v and %v", p, q)
	}
	if self, needs := options(t, m, alone)[0].Value, options(t, m, persuadable)[0].Value; needs <= self {
		t.Errorf("P(pay alone) .95 gains %d, .50 gains %d; want more from the second", self, needs)
	}
}

// However many nights were missed, only the step after the last one that came through is open: a
// blocked or undelivered step does not escalate.
func TestOneLevelAtATime(t *testing.T) { // case 23
	ladder := []Action{call(1.1), call(1.2), call(1.3)}
	for i, name := range []string{"letter", "demand", "legal"} {
		ladder[i].Name, ladder[i].MinPastDue = name, int32(30*(i+1))
	}
	ladder[1].After, ladder[2].After = [][]string{{"letter"}}, [][]string{{"demand"}}
	m := menu(t, Limits{}, nil, ladder...)
	c := owing(1000, 120, .1) // old enough for every step
	for _, step := range []struct {
		taken []scoring.Taken
		want  [3]Block
	}{
		{nil, [3]Block{Free, StepBeforeFirst, StepBeforeFirst}},
		{[]scoring.Taken{{Action: "letter", On: today - 30}}, [3]Block{Free, StepBeforeFirst, StepBeforeFirst}}, // returned
		{[]scoring.Taken{{Action: "letter", On: today - 30, Reached: true}}, [3]Block{Free, Free, StepBeforeFirst}},
		{[]scoring.Taken{{Action: "letter", On: today - 30, Reached: true}, {Action: "demand", On: today - 20}}, [3]Block{Free, Free, StepBeforeFirst}},
		{[]scoring.Taken{{Action: "letter", On: today - 30, Reached: true}, {Action: "demand", On: today - 20, Reached: true}}, [3]Block{Free, Free, Free}},
	} {
		c.Account.Taken = step.taken
		for i, o := range options(t, m, c) {
			if o.BlockedBy != step.want[i] {
				t.Errorf("after %v: %s is blocked by %q, want %q", step.taken, ladder[i].Name, o.BlockedBy, step.want[i])
			}
		}
	}
}
