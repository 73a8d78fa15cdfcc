package table

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// BenchmarkParquetScan reads six columns of invoices.
func BenchmarkParquetScan(b *testing.B) {
	const n = 4 * rowGroupRows
	columns := []OutColumn{{Name: "invoice_id", Type: OutString}, {Name: "customer_id", Type: OutString}, {Name: "issue_date", Type: OutDate},
		{Name: "due_date", Type: OutDate}, {Name: "amount", Type: OutDecimal, Scale: 2}, {Name: "currency", Type: OutString}}
	path := filepath.Join(b.TempDir(), "t.parquet")
	w, err := CreateParquet(path, columns, nil)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	f := NewFrame(columns)
	for i := range n {
		day := 19000 + r.Int32N(1500)
		f.String(0, fmt.Sprintf("INV%08d", i))
		f.String(1, fmt.Sprintf("C%06d", r.IntN(n/20)))
		f.Date(2, day)
		f.Date(3, day+30)
		f.Decimal(4, r.Int64N(10_000_000))
		f.String(5, []string{"JPY", "USD", "EUR"}[r.IntN(3)])
		if f.Len() == pageRows {
			w.Write(f)
			f.Reset()
		}
	}
	if _, err := w.Close(); err != nil {
		b.Fatal(err)
	}
	schema := Schema{{Name: "invoice_id", Type: String, Required: true}, {Name: "customer_id", Type: String, Required: true}, {Name: "issue_date", Type: Date, Required: true},
		{Name: "due_date", Type: Date}, {Name: "amount", Type: Decimal, Required: true}, {Name: "currency", Type: String}}
	file, err := Open(path, 0, schema, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run(fmt.Sprintf("rows=%d/columns=%d/format=parquet", n, len(schema)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := file.Scan(context.Background(), 2, func(int, *Batch) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
