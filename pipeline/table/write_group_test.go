package table

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Groups encoded side by side and appended in order make the file that Write makes of the same rows.
func TestGroupsEncodedApartGiveTheSameFile(t *testing.T) {
	columns := []OutColumn{{Name: "id", Type: OutString}, {Name: "kind", Type: OutString}, {Name: "day", Type: OutDate, Null: true},
		{Name: "amount", Type: OutDecimal, Scale: 2}, {Name: "share", Type: OutDouble, Null: true}, {Name: "yes", Type: OutBool}}
	fill := func(f *Frame, i int) {
		f.String(0, fmt.Sprintf("INV%07d", i*7919%1_000_003))
		f.String(1, []string{"invoice", "credit_note"}[i/5000%2])
		if i%3 == 0 {
			f.Null(2)
		} else {
			f.Date(2, int32(19000+i%700))
		}
		f.Decimal(3, int64(i)*977%100_000)
		f.Double(4, float64(i%10))
		f.Bool(5, i%2 == 0)
	}
	for _, rows := range []int{0, 5, FrameRows, GroupRows, 2*GroupRows + 3*FrameRows + 17} {
		dir := t.TempDir()
		whole, apart := filepath.Join(dir, "whole.parquet"), filepath.Join(dir, "apart.parquet")
		w, err := CreateParquet(whole, columns, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := NewFrame(columns)
		for i := range rows {
			if fill(f, i); f.Len() == 999 {
				w.Write(f)
				f.Reset()
			}
		}
		w.Write(f)
		if n, err := w.Close(); err != nil || n != int64(rows) {
			t.Fatal(n, err)
		}
		writeApart(t, apart, columns, rows, fill)
		want, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(apart); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d rows: %d bytes written whole, %d by groups, %v", rows, len(want), len(got), err)
		}
	}
}

func writeApart(t *testing.T, path string, columns []OutColumn, rows int, fill func(*Frame, int)) {
	t.Helper()
	w, err := CreateParquet(path, columns, nil)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(from, to int) *Frame {
		f := NewFrame(columns)
		for i := from; i < to; i++ {
			fill(f, i)
		}
		return f
	}
	if rows > 0 {
		if err := w.Settle(frame(0, min(rows, FrameRows))); err != nil {
			t.Fatal(err)
		}
	}
	groups := make([]*RowGroup, (rows+GroupRows-1)/GroupRows)
	var wait sync.WaitGroup
	for k := range groups {
		groups[k] = w.NewGroup()
		wait.Go(func() {
			end := min(rows, (k+1)*GroupRows)
			for at := k * GroupRows; at < end; at += FrameRows {
				if err := groups[k].Write(frame(at, min(end, at+FrameRows))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for _, g := range groups {
		if err := w.Append(g); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.Close(); err != nil || n != int64(rows) {
		t.Fatal(n, err)
	}
}

// A page costs some allocations a column, for its header and its bounds, and none a row.
func TestWritingDoesNotAllocatePerRow(t *testing.T) {
	columns := []OutColumn{{Name: "id", Type: OutString}, {Name: "kind", Type: OutString}, {Name: "day", Type: OutDate, Null: true}, {Name: "amount", Type: OutDecimal, Scale: 2}}
	w, err := CreateParquet(filepath.Join(t.TempDir(), "t.parquet"), columns, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, g := NewFrame(columns), w.NewGroup()
	page := func() {
		f.Reset()
		for i := range FrameRows {
			f.Bytes(0, []byte{'I', 'A' + byte(i%26), 'A' + byte(i/26%26), 'A' + byte(i/676%26)})
			f.String(1, "invoice")
			f.Date(2, int32(i))
			f.Decimal(3, int64(i))
		}
		if err := g.Write(f); err != nil {
			t.Fatal(err)
		}
		g.reset()
	}
	page()
	if n := testing.AllocsPerRun(10, page); n > 30*float64(len(columns)) {
		t.Errorf("%v allocations for a page of %d rows and %d columns", n, FrameRows, len(columns))
	} else {
		t.Logf("%v allocations a page", n)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkWriteGroup(b *testing.B) {
	columns := []OutColumn{{Name: "customer_id", Type: OutString}, {Name: "invoice_id", Type: OutString}, {Name: "due_date", Type: OutDate}, {Name: "amount", Type: OutDecimal, Scale: 2}}
	w, err := CreateParquet(filepath.Join(b.TempDir(), "t.parquet"), columns, nil)
	if err != nil {
		b.Fatal(err)
	}
	f, g := NewFrame(columns), w.NewGroup()
	for i := range FrameRows {
		f.String(0, fmt.Sprintf("C%07d", i/50))
		f.String(1, fmt.Sprintf("INV-%09d", i*7919%10_000_019))
		f.Date(2, int32(19000+i%50*20))
		f.Decimal(3, int64(i)*104729%1_000_000)
	}
	b.Run(fmt.Sprintf("rows=%d/columns=%d", FrameRows, len(columns)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := g.Write(f); err != nil {
				b.Fatal(err)
			}
			g.reset()
		}
		b.ReportMetric(FrameRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	if _, err := w.Close(); err != nil {
		b.Fatal(err)
	}
}
