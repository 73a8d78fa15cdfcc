package table

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// benchSchema is an invoices export as simple files have it.
var benchSchema = Schema{
	{Name: "invoice_id", Required: true},
	{Name: "customer_id", Required: true},
	{Name: "issue_date", Type: Date, Required: true},
	{Name: "due_date", Type: Date, Required: true},
	{Name: "amount", Type: Decimal, Required: true},
	{Name: "currency"},
	{Name: "kind", OneOf: []string{"invoice", "credit_note", "debit_note"}},
	{Name: "known_at", Type: Date},
}

// writeBench writes rows of an invoices export. Every dirtyth has a date that is none, and
// with quoted every field stands in quotes.
func writeBench(tb testing.TB, rows, dirty int, quoted bool) string {
	tb.Helper()
	text := make([]byte, 0, rows*80)
	text = append(text, "invoice_id,customer_id,issue_date,due_date,amount,currency,status\n"...)
	day := time.Date(2023, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		issue := day.AddDate(0, 0, i*1000/rows)
		due := issue.AddDate(0, 0, 14+i%60).Format(time.DateOnly)
		if dirty > 0 && i%dirty == 0 {
			due = "2023-02-30"
		}
		line := "INV%09d,C%06d,%s,%s,%d.%02d,EUR,PAID\n"
		if quoted {
			line = "\"INV%09d\",\"C%06d\",\"%s\",\"%s\",\"%d.%02d\",\"EUR\",\"PAID\"\n"
		}
		text = fmt.Appendf(text, line, i, i*7919%50000, issue.Format(time.DateOnly), due, i*31%9973, i%100)
	}
	path := filepath.Join(tb.TempDir(), "invoices.csv")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// BenchmarkScan reads whole files with one worker, which reads, cuts and hashes them too.
func BenchmarkScan(b *testing.B) {
	const rows = 200_000
	for _, kind := range []struct {
		name   string
		dirty  int
		quoted bool
	}{{"csv", 0, false}, {"csv-1in50refused", 50, false}, {"csv-quoted", 0, true}} {
		path := writeBench(b, rows, kind.dirty, kind.quoted)
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("rows=%d/format=%s", rows, kind.name), func(b *testing.B) {
			b.SetBytes(info.Size())
			b.ReportAllocs()
			for b.Loop() {
				f, err := Open(path, 0, benchSchema, Options{})
				if err != nil {
					b.Fatal(err)
				}
				var seen atomic.Int64
				r, err := f.Scan(context.Background(), 1, func(_ int, batch *Batch) error {
					seen.Add(int64(batch.Rows()))
					return nil
				})
				if err != nil || r.Rows != rows || seen.Load()+int64(len(r.Rejects)) != rows {
					b.Fatal(r.Rows, seen.Load(), err)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkDecode splits and types a block in one goroutine: the speed of one core.
func BenchmarkDecode(b *testing.B) {
	for _, quoted := range []bool{false, true} {
		path := writeBench(b, 3500, 0, quoted)
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		f, err := openCSV(path, 0, benchSchema, Options{})
		if err != nil {
			b.Fatal(err)
		}
		c := f.(*csvFile)
		d := newDecoder(0, c.schema, c.header, c.dialect, c.opt)
		block := append(text[c.header.end:], make([]byte, blockPad)...)
		block = block[: len(block)-blockPad : len(block)]
		b.Run(fmt.Sprintf("rows=3500/quoted=%v", quoted), func(b *testing.B) {
			b.SetBytes(int64(len(block)))
			b.ReportAllocs()
			for b.Loop() {
				if batch := d.decode(block, 0); batch.Rows() != 3500 {
					b.Fatal(batch.Rows())
				}
			}
		})
	}
}

// BenchmarkLimit is what the machine can do with bytes that are only moved or hashed: the limits that reading and
// writing are held against.
func BenchmarkLimit(b *testing.B) {
	from, to := make([]byte, 64<<20), make([]byte, 64<<20)
	for i := range from {
		from[i] = byte(i * 31)
	}
	for _, limit := range []struct {
		name string
		do   func()
	}{{"copy", func() { copy(to, from) }}, {"sha256", func() { sha256.Sum256(from) }}} {
		b.Run("limit="+limit.name, func(b *testing.B) {
			b.SetBytes(int64(len(from)))
			for b.Loop() {
				limit.do()
			}
		})
	}
}
