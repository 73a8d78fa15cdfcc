package pipeline

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// By counting pairs one by one.
func TestTauIsKendalls(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		n := 2 + r.IntN(30)
		a, b := make([]choice, n), make([]choice, n)
		for i, x := range r.Perm(n) {
			a[i] = choice{1, float64(x)}
		}
		for i, x := range r.Perm(n) {
			b[i] = choice{1, float64(x)}
		}
		sum := 0.0
		for i := range n {
			for j := range i {
				if (a[i].key < a[j].key) == (b[i].key < b[j].key) {
					sum++
				} else {
					sum--
				}
			}
		}
		if d := compare(a, b); math.Abs(d.Tau-sum/float64(n*(n-1)/2)) > 1e-12 || d.Kept != 1 || d.SameAction != 1 {
			t.Fatalf("%d accounts: %+v, want tau %v", n, d, sum/float64(n*(n-1)/2))
		}
	}
}

func TestSharesOfAPlanThatStay(t *testing.T) {
	d := compare([]choice{{0, 4}, {1, 3}, {-1, 0}, {2, 2}, {0, 1}}, []choice{{0, 9}, {2, 1}, {1, 5}, {2, 7}, {-1, 0}})
	want := doubt{Candidates: 5, Picked: 4, Kept: .75, SameAction: .5, Tau: 1. / 3}
	if math.Abs(d.Tau-want.Tau) > 1e-12 {
		t.Errorf("tau %v, want %v", d.Tau, want.Tau)
	}
	if d.Tau = want.Tau; d != want {
		t.Errorf("%+v, want %+v", d, want)
	}
	if d := compare([]choice{{-1, 0}}, []choice{{0, 1}}); d.Kept != 1 || d.SameAction != 1 || d.Tau != 1 {
		t.Errorf("of no picks %+v stays", d)
	}
}

func TestDoubtIsAboutTheEffectsOnEverySegment(t *testing.T) {
	menu := []treatment.Action{{Name: "call", Effect: rank.Effect{Multiplier: 2, Reach: .5, Promise: .3},
		Segments: []treatment.SegmentEffect{{Segment: "a", Effect: rank.Effect{Multiplier: 1.5, Promise: .8}}, {Segment: "b", Effect: rank.Effect{Multiplier: .25}}}}}
	twice := times(menu, 2)[0]
	if twice.Effect != (rank.Effect{Multiplier: 3, Reach: .5, Promise: .6}) || twice.Segments[0].Effect != (rank.Effect{Multiplier: 2, Promise: 1}) ||
		twice.Segments[1].Multiplier != 0 {
		t.Errorf("twice the effects are %+v", twice)
	}
	if menu[0].Effect.Multiplier != 2 || menu[0].Segments[0].Multiplier != 1.5 {
		t.Errorf("the menu itself became %+v", menu[0])
	}
}

// Planned anew with the effects as they are, every account must get what the night gave it; with others most do.
func TestDoubtsAreAboutTheNightsOwnPlan(t *testing.T) {
	dir := t.TempDir()
	if _, err := fixtures.Generate(dir, fixtures.Options{Customers: 150, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range cfg.Capacity.Resources {
		cfg.Capacity.Resources[i].PerDay /= 20
	}
	ctx := context.Background()
	run, err := Run(ctx, cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	n := run.night
	valued, err := n.valueAnew([]*treatment.Menu{n.menu}, n.planned)
	if err != nil {
		t.Fatal(err)
	}
	again, err := n.planAnew(n.menu, valued[0], n.problem.Capacity)
	if err != nil {
		t.Fatal(err)
	}
	picked := 0
	for i, c := range n.planned {
		want := choice{action: -1}
		if c.chosen >= 0 {
			want = choice{c.chosen, c.perEffort()}
			picked++
		}
		if again[i] != want {
			t.Errorf("%s: %+v anew, the night has %+v", c.id, again[i], want)
		}
	}
	if len(n.doubted) != 2 || n.doubted[0].Effect != .5 || n.doubted[1].Effect != 2 {
		t.Fatalf("doubts are %+v", n.doubted)
	}
	for _, d := range n.doubted {
		if d.Picked != picked || picked == 0 || d.Kept < .3 || d.Kept > 1 || d.SameAction > d.Kept || math.Abs(d.Tau) > 1 {
			t.Errorf("of %d picks: %+v", picked, d)
		}
		if d.Kept == 1 && d.SameAction == 1 && d.Tau == 1 {
			t.Errorf("%v times the effects change nothing at all", d.Effect)
		}
	}
	t.Logf("%+v", n.doubted)
}

// A plan with other effects keeps the rule that a talk comes before a formal letter. With time to talk to all, a talk is worth its
// price where it is worth its wage.
func TestDoubtsTalkBeforeTheyWrite(t *testing.T) {
	cfg, err := config.Load(generatedExports(t, fixtures.Options{Customers: 400, Seed: 4}))
	if err != nil {
		t.Fatal(err)
	}
	for i := range cfg.Capacity.Resources {
		cfg.Capacity.Resources[i].PerDay = 10_000
	}
	run, err := Run(context.Background(), cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	n := run.night
	menus := []*treatment.Menu{n.menu}
	for _, effect := range []float64{.5, 2} {
		menu, err := n.menu.With(times(n.menu.Actions, effect))
		if err != nil {
			t.Fatal(err)
		}
		menus = append(menus, menu)
	}
	// Plans all with a menu: letters are formal ones chosen, wrong those of them to whom a talk is worth its wage.
	play := func(menu int) (plan []choice, letters, wrong int) {
		valued, err := n.valueAnew(menus, n.planned)
		if err != nil {
			t.Fatal(err)
		}
		talk := make([]bool, len(n.planned))
		for i, c := range valued[menu] {
			for k := range c.choices {
				o := &c.choices[k]
				talk[i] = talk[i] || n.menu.Actions[o.action].Talks() && n.worthOf(o) > 0
			}
		}
		if plan, err = n.planAnew(menus[menu], valued[menu], n.problem.Capacity); err != nil {
			t.Fatal(err)
		}
		for i, c := range plan {
			if c.action < 0 || !formalLetter(&n.menu.Actions[c.action]) {
				continue
			}
			if letters++; talk[i] {
				wrong++
			}
		}
		return plan, letters, wrong
	}
	for menu, effect := range []float64{1, .5, 2} {
		plan, letters, wrong := play(menu)
		n.cfg.Policy.TalkFirst = false
		_, _, without := play(menu)
		n.cfg.Policy.TalkFirst = true
		t.Logf("%v times the effects: %d formal letters; without the rule %d of those chosen are worth a talk", effect, letters, without)
		if wrong > 0 || without == 0 {
			t.Errorf("%v times the effects: %d of %d formal letters go to who is worth a talk; %d without the rule", effect, wrong, letters, without)
		}
		if menu == 0 {
			for i, c := range n.planned {
				if plan[i].action != c.chosen {
					t.Errorf("%s: action %d anew, the night has %d", c.id, plan[i].action, c.chosen)
				}
			}
		}
	}
}
