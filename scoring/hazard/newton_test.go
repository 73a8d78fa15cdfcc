package hazard

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestGradientAndInformationAreDerivatives(t *testing.T) {
	ls := draw(truth(), nil, 400, 3, 20, monday)
	d, m := prepare(ls, bump(), nil, monday, 1)
	p := len(d.columns)
	r := rand.New(rand.NewPCG(5, 5))
	beta := make([]float64, p)
	for i := range beta {
		beta[i] = .2 * r.NormFloat64()
	}
	work := newLanes(d)[:1]
	at, up, down := newSums(p), newSums(p), newSums(p)
	d.evaluate(beta, withInformation, work, &at)
	for i := range beta {
		const h = 1e-5
		x := beta[i]
		beta[i] = x + h
		d.evaluate(beta, withInformation, work, &up)
		beta[i] = x - h
		d.evaluate(beta, withInformation, work, &down)
		beta[i] = x
		slope := (up.logLik - down.logLik) / (2 * h)
		if math.Abs(slope-at.gradient[i]) > 1e-6*m.weight {
			t.Errorf("%v: gradient %v, central difference %v", d.columns[i], at.gradient[i], slope)
		}
		for k := i; k < p; k++ {
			bend := -(up.gradient[k] - down.gradient[k]) / (2 * h)
			if math.Abs(bend-at.information[i*p+k]) > 1e-6*m.weight {
				t.Errorf("%v, %v: information %v, central difference %v", d.columns[i], d.columns[k], at.information[i*p+k], bend)
			}
		}
	}
}

func TestLikelihoodSeriesMeetsTheFormula(t *testing.T) {
	for _, h := range []float64{1e-9, 1e-5, 9.99e-5, 1e-4, 1.001e-4, .01, 1, 30, 719, 800} {
		logLik, slope, bend := likelihood(h, true)
		wantLog := math.Log(-math.Expm1(-h))
		wantSlope := h / math.Expm1(h)
		if math.Abs(logLik-wantLog) > 1e-11*max(1, math.Abs(wantLog)) || math.Abs(slope-wantSlope) > 1e-9 {
			t.Errorf("h %v: %v %v, want %v %v", h, logLik, slope, wantLog, wantSlope)
		}
		if bend < 0 || math.Abs(bend-wantSlope*(h+wantSlope-1)) > 1e-8 {
			t.Errorf("h %v: bend %v", h, bend)
		}
	}
}

// golden is testdata/golden.json: landmarks and what statsmodels finds for them.
type golden struct {
	Cut          int32
	Rows         int
	LogLik       float64 `json:"log_likelihood"`
	Coefficients map[string]float64
	Landmarks    [][]float64
}

func readGolden(t *testing.T) (golden, []Landmark) {
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	var ls []Landmark
	for _, x := range g.Landmarks {
		ls = append(ls, Landmark{Date: int32(x[0]), Due: int32(x[1]), Issue: int32(x[1] - x[2]), Open: x[3],
			Disputed: x[4] == 1, PromiseBroken: x[5] == 1, PromiseDue: -1, Follow: int32(x[6]), Paid: x[7] == 1})
	}
	return g, ls
}

func TestCoefficientsAgreeWithStatsmodels(t *testing.T) {
	g, ls := readGolden(t)
	for i := range ls { // statsmodels counts old rows in full
		ls[i].Weight = math.Exp(float64(g.Cut-ls[i].Date) / 365)
	}
	cal := &Calendar{First: g.Cut - 200, MonthEnd: make([]int32, 400)} // Monday to Friday, no month ends
	m, err := Fit(ls, nil, cal, Settings{Ridge: 1e-9, Cut: g.Cut})
	if err != nil {
		t.Fatal(err)
	}
	if m.Kind != KindHazard || m.Training.Rows != g.Rows || len(m.Terms) != len(g.Coefficients)-1 {
		t.Fatalf("kind %s (%s), %d rows, %d terms; want %d and %d", m.Kind, m.Fallback, m.Training.Rows, len(m.Terms), g.Rows, len(g.Coefficients)-1)
	}
	if got := -m.Metrics.LogLoss * float64(g.Rows); math.Abs(got-g.LogLik) > 1e-6 {
		t.Errorf("log likelihood %v, want %v", got, g.LogLik)
	}
	intercept := m.Intercept
	for _, term := range m.Terms {
		name, slope := term.Name, term.Coefficient/term.Scale
		if term.Level == "" {
			intercept -= slope * term.Mean
		} else {
			name = fmt.Sprintf("%s:%d", term.Name, levelIndex(t, term))
		}
		want, ok := g.Coefficients[name]
		if !ok || math.Abs(slope-want) > 1e-6 {
			t.Errorf("%s: %v, want %v", name, slope, want)
		}
	}
	if want := g.Coefficients["intercept"]; math.Abs(intercept-want) > 1e-6 {
		t.Errorf("intercept %v, want %v", intercept, want)
	}
}

func levelIndex(t *testing.T, term Term) int {
	for _, g := range append(itemGroup[:], periodGroup[:]...) {
		if at := g.find(term.Name, term.Level); at >= 0 {
			return at
		}
	}
	t.Fatalf("no level %v", term)
	return 0
}

// standardErrors are from the inverse of the information matrix.
func standardErrors(t *testing.T, information []float64, p int) []float64 {
	var chol mat.Cholesky
	if !chol.Factorize(mat.NewSymDense(p, information)) {
		t.Fatal("singular information")
	}
	var inverse mat.SymDense
	if err := chol.InverseTo(&inverse); err != nil {
		t.Fatal(err)
	}
	se := make([]float64, p)
	for i := range se {
		se[i] = math.Sqrt(inverse.At(i, i))
	}
	return se
}

// recovered fits landmarks drawn from truth() and compares every coefficient with it: all
// within 4 standard errors, 95 in a hundred within 2.5.
func recovered(t *testing.T, ls []Landmark, cut int32) *moments {
	d, _ := prepare(ls, bump(), nil, cut, 2)
	d.pooled.Kappa = 2
	m := d.moments() // keeps the rows anew
	d.columnsFrom(m)
	found := d.newton(math.Log(m.paid/m.expected), 1e-6, m.weight, 25)
	if !found.converged {
		t.Fatal("no convergence")
	}
	want := map[string]float64{}
	for _, term := range truth().Terms {
		want[term.Name+term.Level] = term.Coefficient
	}
	se := standardErrors(t, found.information, len(d.columns))
	far := 0
	for i, c := range d.columns[1:] {
		got, e := found.beta[i+1]/c.scale, se[i+1]/c.scale
		z := math.Abs(got-want[c.name+c.level]) / e
		if _, named := want[c.name+c.level]; named && z > 3 || z > 4 {
			t.Errorf("%s %s: %.4f, want %.4f, %.1f standard errors", c.name, c.level, got, want[c.name+c.level], z)
		}
		if z > 2.5 {
			far++
		}
	}
	if far > len(d.columns)/20 {
		t.Errorf("%d of %d coefficients are off by more than 2.5 standard errors", far, len(d.columns))
	}
	return m
}

func TestCoefficientsAreRecovered(t *testing.T) {
	m := recovered(t, draw(truth(), nil, 21000, 11, 60, monday), monday)
	if m.rows < 1e5 {
		t.Errorf("%d person-periods, want 100000", m.rows)
	}
}

func TestCensoredCoefficientsAreRecovered(t *testing.T) {
	ls := draw(truth(), nil, 30000, 12, 4, monday)
	open := 0
	for _, l := range ls {
		if !l.Paid {
			open++
		}
	}
	if share := float64(open) / float64(len(ls)); share < .5 {
		t.Fatalf("%.2f are censored, want more than half", share)
	}
	recovered(t, ls, monday)

	// The shortcut this guards against: fitting on paid items alone is far too optimistic.
	closed := ls[:0:0]
	for _, l := range ls {
		if l.Paid {
			closed = append(closed, l)
		}
	}
	all, err := Fit(ls, bump(), nil, Settings{Cut: monday})
	if err != nil {
		t.Fatal(err)
	}
	naive, err := Fit(closed, bump(), nil, Settings{Cut: monday})
	if err != nil {
		t.Fatal(err)
	}
	var got, want, wrong float64
	for i := range ls {
		a, b, c := all.Curve(&ls[i], nil), truth().Curve(&ls[i], nil), naive.Curve(&ls[i], nil)
		got, want, wrong = got+a.Paid(21), want+b.Paid(21), wrong+c.Paid(21)
	}
	if math.Abs(got/want-1) > .02 {
		t.Errorf("mean P(paid in 21 days) is %.4f of the truth", got/want)
	}
	if wrong/want < 1.2 {
		t.Errorf("fitting on paid items alone gives %.4f of the truth: the test proves nothing", wrong/want)
	}
}
