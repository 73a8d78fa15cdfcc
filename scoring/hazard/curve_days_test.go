package hazard

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestHazardsOfManyDaysAreThoseOfEach(t *testing.T) {
	m, even := truth(), (*Calendar)(nil) // a calendar without holidays
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 5))
		l := someone(r)
		l.Date = monday - 300 + r.Int32N(600)
		l.Due += l.Date
		days := rapid.SliceOf(rapid.Int32Range(-2, 400)).Draw(rt, "days")
		slices.Sort(days)
		got := make([]float64, len(days))
		for _, c := range []Curve{m.Curve(&l, even), {Cum: [Intervals]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}} {
			c.Hazards(days, got)
			for k, d := range days {
				if want := c.Hazard(d); math.Abs(got[k]-want) > 1e-12*(1+want) {
					rt.Errorf("day %d: %v, alone %v", d, got[k], want)
				}
			}
		}
		c := m.Curve(&l, holidays())
		c.Hazards(days, got)
		last := 0.0
		for k, d := range days {
			if got[k] < last {
				rt.Errorf("falls to %v on day %d", got[k], d)
			}
			if last = got[k]; slices.Contains(Grid[:], d) && got[k] != c.Cum[slices.Index(Grid[:], d)] {
				rt.Errorf("day %d ends an interval with %v", d, got[k])
			}
		}
	})
}

func BenchmarkHazards(b *testing.B) {
	l := someone(rand.New(rand.NewPCG(1, 2)))
	l.Date = monday
	l.Due += l.Date
	c := truth().Curve(&l, holidays())
	var days []int32
	for d := int32(0); d < 126; {
		d = min(d+1+d/14, 126)
		days = append(days, d)
	}
	cum := make([]float64, len(days))
	b.Run("at once", func(b *testing.B) {
		for b.Loop() {
			c.Hazards(days, cum)
		}
	})
	b.Run("one by one", func(b *testing.B) {
		for b.Loop() {
			for k, d := range days {
				cum[k] = c.Hazard(d)
			}
		}
	})
}
