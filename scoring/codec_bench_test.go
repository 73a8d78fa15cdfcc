package scoring

import (
	"fmt"
	"testing"
)

func sampleInvoice(i int) Invoice {
	return Invoice{Customer: fmt.Sprintf("C%08d", i*2654435761%20000), ID: fmt.Sprintf("INV%09d", i), Issue: Day(19448 + i%1096),
		Due: Day(19448 + i%1096 + 30), Amount: Decimal{int64(i*7919%9000000 + 100), 2}, Currency: mustCurrency("EUR"), Known: NoDay,
		Pos: MakePos(0, int64(i)*93)}
}

func samplePayment(i int) Payment {
	return Payment{Customer: fmt.Sprintf("C%08d", i*2654435761%20000), ID: fmt.Sprintf("PAY%09d", i), Invoice: fmt.Sprintf("INV%09d", i),
		Paid: Day(19448 + i%1096 + 35), Amount: Decimal{int64(i*7919%9000000 + 100), 2}, Currency: mustCurrency("EUR"), Known: NoDay,
		Pos: MakePos(1, int64(i)*80)}
}

func TestTypicalRowsAreSmallAndReadingReusesMemory(t *testing.T) {
	blob, rows := sampleBlob(20000)
	if perRow := float64(len(blob)) / float64(rows); perRow > 55 {
		t.Errorf("%.1f bytes a row", perRow)
	}
	var r RowReader
	blobs := []Blob{{Rows: blob}}
	if got := goThrough(t, &r, blobs); got != rows {
		t.Fatalf("%d rows of %d", got, rows)
	}
	if n := testing.AllocsPerRun(3, func() { goThrough(t, &r, blobs) }); n > 10 {
		t.Errorf("%v allocations on reading a second shard", n)
	}
	buf := make([]byte, 0, 256)
	inv := sampleInvoice(1)
	if n := testing.AllocsPerRun(100, func() { buf = AppendInvoice(buf[:0], &inv) }); n != 0 {
		t.Errorf("%v allocations on appending an invoice", n)
	}
}

// goThrough decodes every row and counts invoices and payments.
func goThrough(t testing.TB, r *RowReader, blobs []Blob) (rows int) {
	customers, err := r.Open(blobs)
	for range customers {
		var of *Rows
		if of, err = r.Next(); err != nil {
			break
		}
		rows += len(of.Invoices) + len(of.Payments)
	}
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// sampleBlob is a shard of n invoices and 1.1 n payments, about 50 invoices to a customer, with
// customers in no order.
func sampleBlob(n int) (blob []byte, rows int) {
	customers := max(n/50, 1)
	for i := range n {
		inv := sampleInvoice(i)
		inv.Customer = fmt.Sprintf("C%08d", uint64(i)*2654435761%uint64(customers)*97)
		blob = AppendInvoice(blob, &inv)
		rows++
		for k := range 1 + (i%10)/9 {
			pay := samplePayment(i + k)
			pay.Customer = inv.Customer
			blob = AppendPayment(blob, &pay)
			rows++
		}
	}
	return blob, rows
}

func BenchmarkAppendInvoice(b *testing.B) {
	inv := sampleInvoice(12345)
	buf := make([]byte, 0, 1024)
	for b.Loop() {
		buf = AppendInvoice(buf[:0], &inv)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkReadRows(b *testing.B) {
	blob, rows := sampleBlob(10000)
	blobs := []Blob{{Rows: blob}}
	for _, reuse := range []bool{false, true} {
		b.Run(fmt.Sprintf("rows=%d/reuse=%v", rows, reuse), func(b *testing.B) {
			b.SetBytes(int64(len(blob)))
			b.ReportAllocs()
			r := new(RowReader)
			for b.Loop() {
				if !reuse {
					r = new(RowReader)
				}
				goThrough(b, r, blobs)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
		})
	}
}
