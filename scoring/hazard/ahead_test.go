package hazard

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// everyTerm is a model with a coefficient for everything that can have one.
func everyTerm(r *rand.Rand) *Model {
	m := truth()
	m.Terms, m.LogRate, m.Pooled.OwnCurve = nil, -3, true
	m.Pooled.LateMean, m.Pooled.LateShare, m.Pooled.MonthEnd = 4, .4, .2
	some := func() float64 { return r.Float64() - .5 }
	for _, t := range append(itemNumeric[:], periodNumeric[:]...) {
		m.Terms = append(m.Terms, Term{Name: t.name, Coefficient: some(), Mean: some(), Scale: .5 + r.Float64()})
	}
	for _, t := range append(itemGroup[:], periodGroup[:]...) {
		for _, l := range t.levels {
			m.Terms = append(m.Terms, Term{Name: t.name, Level: l, Coefficient: some(), Mean: r.Float64(), Scale: 1})
		}
	}
	if err := m.compile(); err != nil {
		panic(err)
	}
	return m
}

func close12(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-12*(1+math.Abs(b)) }

// What is seen of a customer once must be what every item by itself sees: on calendars with holidays, with runs and
// without any, for customers with and without a past.
func TestItemsOfAProspectAreThoseSeenAlone(t *testing.T) {
	r, business, from, _ := runTable()
	runs := &Calendar{First: from, Business: business, MonthEnd: make([]int32, len(business)), Runs: r}
	for i := range runs.MonthEnd {
		runs.MonthEnd[i] = int32(i / 10)
	}
	days := []int32{-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 14, 16, 19, 21, 28, 30, 33, 42, 58, 90, 91, 126, 180, 181, 230}
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 8))
		m := everyTerm(r)
		m.Pooled.OwnCurve = r.IntN(2) == 0
		cal, date := rapid.SampledFrom([]*Calendar{nil, holidays(), runs}).Draw(rt, "calendar"), monday-100+r.Int32N(200)
		if cal == runs {
			date = from + 20 + r.Int32N(700)
		}
		past := someone(r).Past
		past.PayMonthEnd = r.Float32()
		past.Rhythm = Rhythm{Runs: [Runs]Run{{uint8(1 + r.IntN(RunSlots-1)), .5}, {uint8(1 + r.IntN(RunSlots-1)), .3}}, Weekday: [5]float32{.1, .5, .1, .1, .2}, Days: 9}
		for b := range past.PaidAt {
			past.PaidAt[b] = r.Float32()
		}
		if r.IntN(10) == 0 {
			past = nil
		}
		var p Prospect
		m.Prospect(NewAhead(cal, date), past, &p)
		for range 4 {
			l := someone(r)
			l.Date, l.Past = date, past
			l.Due = date - 250 + r.Int32N(400)
			l.Issue = l.Due - r.Int32N(100)
			want := m.Curve(&l, cal)
			var got, plain Curve
			var effects, none [Families]float64
			m.Look(&l, &p, &got, &effects)
			m.Look(&l, &p, &plain, nil)
			alone := got.Alone()
			if plain.Cum != got.Cum || alone.Cum != got.Cum {
				rt.Fatalf("without effects %v, with them %v, alone %v", plain.Cum, got.Cum, alone.Cum)
			}
			a, b := make([]float64, len(days)), make([]float64, len(days))
			got.Hazards(days, a)
			want.Hazards(days, b)
			for k, d := range days {
				if !close12(a[k], b[k]) || !close12(got.Hazard(d), want.Hazard(d)) || !close12(got.Paid(d), want.Paid(d)) || !close12(alone.Hazard(d), want.Hazard(d)) {
					rt.Fatalf("day %d: %v, %v alone; by itself %v, %v", d, a[k], b[k], got.Hazard(d), want.Hazard(d))
				}
			}
			for _, q := range []float64{.1, .5, .9} {
				d, ok := got.Quantile(q)
				if e, ok2 := want.Quantile(q); d != e || ok != ok2 {
					rt.Fatalf("quantile %v: day %d, %v; alone %d, %v", q, d, ok, e, ok2)
				}
			}
			for _, reason := range m.ReasonsOn(&l, cal, nil) {
				none[reason.Family] = reason.Effect
			}
			for f := range none {
				if !close12(effects[f], none[f]) {
					rt.Fatalf("%v: effect %v, alone %v", Family(f), effects[f], none[f])
				}
			}
		}
	})
}

func BenchmarkLook(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	m, cal := everyTerm(r), holidays()
	l := someone(r)
	l.Date = monday
	l.Due += monday
	ahead := NewAhead(cal, monday)
	var p Prospect
	var c Curve
	var effects [Families]float64
	m.Prospect(ahead, l.Past, &p)
	b.Run("customer", func(b *testing.B) {
		for b.Loop() {
			m.Prospect(ahead, l.Past, &p)
		}
	})
	b.Run("item", func(b *testing.B) {
		for b.Loop() {
			m.Look(&l, &p, &c, &effects)
		}
	})
	b.Run("curve alone", func(b *testing.B) {
		for b.Loop() {
			c = m.Curve(&l, cal)
		}
	})
	b.Run("reasons alone", func(b *testing.B) {
		var out []Reason
		for b.Loop() {
			out = m.ReasonsOn(&l, cal, out)
		}
	})
	var days []int32
	for d := int32(0); d < 126; {
		d = min(d+1+d/14, 126)
		days = append(days, d)
	}
	cum := make([]float64, len(days))
	m.Look(&l, &p, &c, &effects)
	b.Run("hazards", func(b *testing.B) {
		for b.Loop() {
			c.Hazards(days, cum)
		}
	})
	alone := m.Curve(&l, cal)
	b.Run("hazards alone", func(b *testing.B) {
		for b.Loop() {
			alone.Hazards(days, cum)
		}
	})
}
