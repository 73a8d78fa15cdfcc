package table

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// BenchmarkWrite writes rows like those of open_items: six texts, two dates, four amounts,
// a probability and two numbers.
func BenchmarkWrite(b *testing.B) {
	const n = rowGroupRows
	columns := []OutColumn{
		{Name: "customer_id", Type: OutString}, {Name: "invoice_id", Type: OutString}, {Name: "kind", Type: OutString},
		{Name: "issue_date", Type: OutDate}, {Name: "due_date", Type: OutDate},
		{Name: "amount", Type: OutDecimal, Scale: 2}, {Name: "open_amount", Type: OutDecimal, Scale: 2},
		{Name: "currency", Type: OutString}, {Name: "open_amount_base", Type: OutDecimal, Scale: 2},
		{Name: "days_past_due", Type: OutInt32}, {Name: "bucket", Type: OutString},
		{Name: "disputed_amount", Type: OutDecimal, Scale: 2}, {Name: "p_paid_30", Type: OutDouble, Null: true},
		{Name: "instalment", Type: OutInt32}, {Name: "reason", Type: OutString, Null: true},
	}
	r := rand.New(rand.NewPCG(1, 2))
	buckets := []string{"not_due", "1_30", "31_60", "61_90", "91_120", "over_120"}
	var frames []*Frame
	f := NewFrame(columns)
	for i := range n {
		amount, due := r.Int64N(10_000_000), 19000+r.Int32N(1500)
		f.String(0, fmt.Sprintf("C%07d", i/8))
		f.String(1, fmt.Sprintf("INV-%09d", r.IntN(1e9)))
		f.String(2, "invoice")
		f.Date(3, due-30)
		f.Date(4, due)
		f.Decimal(5, amount)
		f.Decimal(6, amount)
		f.String(7, []string{"JPY", "USD", "EUR"}[r.IntN(3)])
		f.Decimal(8, amount)
		f.Int32(9, 20500-due)
		f.String(10, buckets[r.IntN(6)])
		f.Decimal(11, 0)
		f.Double(12, r.Float64())
		f.Int32(13, 0)
		if r.IntN(8) == 0 {
			f.String(14, "dispute")
		} else {
			f.Null(14)
		}
		if f.Len() == 10000 || i == n-1 {
			frames = append(frames, f)
			f = NewFrame(columns)
		}
	}
	const times = 4 // row groups
	frames = slices.Repeat(frames, times)
	path := filepath.Join(b.TempDir(), "t.parquet")
	b.Run(fmt.Sprintf("rows=%d/columns=%d/format=parquet", times*n, len(columns)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			writeParquet(b, path, columns, frames...)
		}
		reportWrite(b, path, times*n)
	})
	b.Run(fmt.Sprintf("rows=%d/columns=%d/format=csv", times*n, len(columns)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w, err := CreateCSV(path, columns)
			if err != nil {
				b.Fatal(err)
			}
			for _, f := range frames {
				w.Write(f)
			}
			if _, err := w.Close(); err != nil {
				b.Fatal(err)
			}
		}
		reportWrite(b, path, times*n)
	})
}

func reportWrite(b *testing.B, path string, n int) {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(info.Size())/float64(n), "bytes/row")
}
