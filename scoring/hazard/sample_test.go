package hazard

import (
	"math"
	"testing"
)

func TestAFitThatBeginsOnASampleEndsWhereOneFromThePooledModelDoes(t *testing.T) {
	ls := draw(truth(), nil, 60_000, 21, 60, monday)
	d, m := prepare(ls, bump(), nil, monday, 2)
	part := d.sample()
	if part == nil {
		t.Fatalf("no sample of %d rows", m.rows)
	}
	if share := float64(len(part.use)) / float64(len(d.use)); math.Abs(share*16-1) > .1 {
		t.Errorf("the sample is %.4f of the landmarks, want a sixteenth", share)
	}
	const ridge = 20
	found := d.newton(math.Log(m.paid/m.expected), ridge, m.weight, 25)
	start := make([]float64, len(d.columns))
	for i, c := range d.columns {
		start[i] = c.prior
	}
	want := d.climb(start, ridge, m.weight, 25)
	if !found.converged || !want.converged || found.iterations >= want.iterations {
		t.Fatalf("converged %t and %t in %d and %d steps; want fewer from the sample", found.converged, want.converged, found.iterations, want.iterations)
	}
	for i, b := range want.beta {
		if math.Abs(found.beta[i]-b) > 1e-9 {
			t.Errorf("%v: %v, from the pooled model %v", d.columns[i], found.beta[i], b)
		}
	}
	// Neither is taken on trust: the gradient of the objective vanishes at the optimum.
	at := newSums(len(start))
	d.evaluate(found.beta, withGradient, newLanes(d)[:1], &at)
	if steep := d.steepest(&at, found.beta, ridge); steep > 1e-10*m.weight {
		t.Errorf("the gradient at the solution is %v", steep)
	}
}

func TestLandmarksOfOneKeyAreNoSample(t *testing.T) {
	ls := draw(truth(), nil, 60_000, 22, 60, monday)
	for i := range ls {
		ls[i].Key = 0
	}
	if d, m := prepare(ls, bump(), nil, monday, 2); d.sample() != nil {
		t.Errorf("%d rows that cannot be told apart gave a sample", m.rows)
	}
}

// So does a rare level arrive from a sample that has no payment of it.
func TestARareLevelThatIsFarOffTakesFewSteps(t *testing.T) {
	ls := draw(truth(), nil, 8000, 23, 60, monday)
	for i := range ls {
		ls[i].Disputed = ls[i].Disputed && i%20 == 0
	}
	d, m := prepare(ls, bump(), nil, monday, 2)
	const ridge = 20
	start := make([]float64, len(d.columns))
	for i, c := range d.columns {
		start[i] = c.prior
	}
	start[0] = math.Log(m.paid / m.expected)
	want := d.climb(start, ridge, m.weight, 25)
	beta := append([]float64(nil), want.beta...)
	at := d.itemLevel[groupDisputed][1]
	beta[at] -= 4 // its rows are expected to have a fiftieth of the payments that they have
	found := d.climb(beta, ridge, m.weight, 25)
	if !found.converged || found.iterations > 5 {
		t.Errorf("converged %t in %d steps, want at most 5: 6 without tempering", found.converged, found.iterations)
	}
	for i, b := range want.beta {
		if math.Abs(found.beta[i]-b) > 1e-8 {
			t.Errorf("%v: %v, want %v", d.columns[i], found.beta[i], b)
		}
	}
}
