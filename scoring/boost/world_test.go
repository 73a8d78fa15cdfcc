package boost

import (
	"math"
	"math/rand/v2"
	"testing"

	"kaishu/scoring/hazard"
)

// monday is a day number that is a Monday, somewhere in 2019: the as-of day of the tests.
const monday = 17896

// weeks is the number of weekly landmark dates before it.
const weeks = 40

// column finds a value of a row by name.
func column(name string) int {
	for i, c := range hazard.Columns() {
		if c.Name == name {
			return i
		}
	}
	panic("no column " + name)
}

// bump is a life table whose hazard is highest just after the due date.
func bump() *hazard.LifeTable {
	t := new(hazard.LifeTable)
	for b := range t.Paid {
		t.Exposed[b] = 100000
		t.Paid[b] = 2000
		if s := hazard.AgeBinStart(b); s >= 0 && s < 13 {
			t.Paid[b] = 8000
		}
	}
	return t
}

// noise is a truth without any effect beyond the life table; crossed one in which what speeds up
// small amounts slows large ones; straight one that a linear model can say.
func noise([]float64) float64 { return 0 }

func crossed(v []float64) float64 {
	if (v[column("amount")] > 6) == (v[column("terms")] > 40) {
		return .8
	}
	return -.8
}

func straight(v []float64) float64 { return .8 * (v[column("amount")] - 6) }

// world draws n landmarks on the Mondays before the cut, eight to a customer, paid as truth
// says, censored at the cut.
func world(n int, seed uint64, truth func(values []float64) float64) []hazard.Landmark {
	r := rand.New(rand.NewPCG(seed, 1))
	book, err := hazard.OpenBook(nil, bump(), nil, nil, hazard.Settings{Cut: monday})
	if err != nil {
		panic(err)
	}
	ls := make([]hazard.Landmark, 0, n)
	for i := range n {
		l := someone(r)
		l.Customer = scramble(uint64(i/8) ^ seed<<32)
		l.Date = monday - 7*(1+r.Int32N(weeks))
		l.Due += l.Date
		l.Issue = l.Due - []int32{14, 30, 60}[r.IntN(3)]
		l.Key = r.Uint64()
		var row hazard.Row
		var cum [hazard.Intervals]float64
		w := book.Pooled().Walk(&l, nil, &row)
		sum := 0.0
		for w.Next(&row) {
			sum += row.Hazard(truth(row.Values[:]))
			cum[row.Interval] = sum
		}
		curve := w.Curve(&cum)
		day, ok := curve.Quantile(1 - math.Exp(-r.ExpFloat64()))
		if !ok {
			day = 181
		}
		l.Follow, l.Paid = min(day, monday-l.Date), ok && day <= monday-l.Date
		ls = append(ls, l)
	}
	return ls
}

// someone is a landmark with a past, dated 0. Its past says nothing of its payment unless the truth does.
func someone(r *rand.Rand) hazard.Landmark {
	p := &hazard.Past{Paid: 1, LateMean: 20*r.Float64() - 5, LateShare: r.Float64(), LateWeight: 3, Settled: r.Int32N(20),
		LogMean: 6 + r.Float64(), OpenOverdue: r.Int32N(5), Utilization: 1.4 * r.Float64(), Tenure: r.Int32N(900),
		Kept: r.Int32N(3), Broken: r.Int32N(3), Bureau: math.NaN(), SinceContact: r.Int32N(90) - 1}
	for b := range p.Exposed {
		p.Exposed[b] = r.Float32()
	}
	if r.IntN(4) == 0 {
		p.Utilization = math.NaN()
	}
	return hazard.Landmark{Due: r.Int32N(40) - 25, Open: math.Exp(6 + 1.5*r.NormFloat64()), Disputed: r.Float64() < .15,
		PromiseDue: r.Int32N(60) - 30, PromiseBroken: r.Float64() < .2, Past: p}
}

func fit(t testing.TB, ls []hazard.Landmark, s Settings) *Model {
	t.Helper()
	s.Cut = monday
	m, err := Fit(ls, bump(), nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
