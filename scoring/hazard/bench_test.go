package hazard

import (
	"fmt"
	"testing"
)

func BenchmarkFit(b *testing.B) {
	const want = 1_000_000
	ls := draw(truth(), nil, 200_000, 1, 60, monday)
	for workers := 1; workers <= 2; workers++ {
		b.Run(fmt.Sprintf("rows=%d/workers=%d", want, workers), func(b *testing.B) {
			rows := 0
			for b.Loop() {
				m := fit(b, ls, bump(), Settings{Cut: monday, MaxRows: want, Workers: workers})
				rows += m.Training.Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkCurve(b *testing.B) {
	ls, life := firm(50, 300, 12, 20, monday)
	cal := holidays()
	m := fit(b, ls, life, Settings{Cut: monday})
	b.Run(fmt.Sprintf("terms=%d", len(m.Terms)), func(b *testing.B) {
		b.ReportAllocs()
		sum, i := 0.0, 0
		for b.Loop() {
			c := m.Curve(&ls[i], cal)
			sum += c.Cum[4]
			if i++; i == len(ls) {
				i = 0
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "landmarks/s")
		_ = sum
	})
}

func BenchmarkReach90(b *testing.B) {
	ls := draw(truth(), nil, 4, 1, 60, monday)
	var cs []Curve
	for i := range ls {
		ls[i].Due = ls[i].Date
		cs = append(cs, truth().Curve(&ls[i], nil))
	}
	for b.Loop() {
		Reach90(cs, ls, 2, 180)
	}
}

// BenchmarkEvaluate is one step of a fit, by how many derivatives it takes.
func BenchmarkEvaluate(b *testing.B) {
	d, _ := prepare(draw(truth(), nil, 30_000, 1, 60, monday), bump(), holidays(), monday, 1)
	work, total := newLanes(d), newSums(len(d.columns))
	beta := make([]float64, len(d.columns))
	for upTo, name := range []string{"value", "gradient", "information"} {
		b.Run(fmt.Sprintf("rows=%d/order=%s", len(d.kept.rows), name), func(b *testing.B) {
			for b.Loop() {
				d.evaluate(beta, order(upTo), work, &total)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(d.kept.rows)), "ns/row")
		})
	}
}
