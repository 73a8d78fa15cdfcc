package boost

import (
	"fmt"
	"testing"

	"kaishu/scoring/hazard"
)

// BenchmarkGrow grows trees on rows of landmarks; a hundred trees are its seconds/100trees.
func BenchmarkGrow(b *testing.B) {
	ls := world(160_000, 1, crossed)
	for _, rows := range []int{100_000, 1_000_000} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("rows=%d/workers=%d", rows, workers), func(b *testing.B) {
				s, err := Settings{Cut: monday, MaxRows: rows, Workers: workers}.defaults(ls)
				if err != nil {
					b.Fatal(err)
				}
				book, err := hazard.OpenBook(ls, bump(), nil, nil, hazard.Settings{Cut: monday, MaxRows: rows})
				if err != nil {
					b.Fatal(err)
				}
				r := gather(book, cutsOf(book, s), s)
				m := &Model{Intercept: r.intercept()}
				b.ResetTimer()
				trees := 0
				for b.Loop() {
					m.Trees = m.Trees[:0]
					m.boost(r, 20, s, nil)
					trees += len(m.Trees)
				}
				b.ReportMetric(100*b.Elapsed().Seconds()/float64(trees), "s/100trees")
				b.ReportMetric(float64(book.Rows()), "rows")
			})
		}
	}
}

func BenchmarkCurve(b *testing.B) {
	benchmark(b, func(m *Model, l *hazard.Landmark) { m.Curve(l, nil) })
}
func BenchmarkReasons(b *testing.B) {
	benchmark(b, func(m *Model, l *hazard.Landmark) { m.ReasonsOn(l, nil, nil) })
}

func benchmark(b *testing.B, do func(m *Model, l *hazard.Landmark)) {
	ls := world(20_000, 2, crossed)
	m := fit(b, ls, Settings{MaxRows: 100_000, Patience: 150})
	m.explained()
	b.Run(fmt.Sprintf("trees=%d", len(m.Trees)), func(b *testing.B) {
		i := 0
		for b.Loop() {
			do(m, &ls[i])
			if i++; i == len(ls) {
				i = 0
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "landmarks/s")
	})
}
