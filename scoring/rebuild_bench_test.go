package scoring

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// habitualRows is a customer with so many invoices over three years, about an eighth of them
// open on the last day, and 1.1 payments for each paid one.
func habitualRows(id string, invoices int) *Rows {
	r := rand.New(rand.NewPCG(uint64(invoices), 1))
	rows := &Rows{Customer: id}
	start := MakeDay(2023, 4, 1)
	for i := range invoices {
		issue := start + Day(i*1064/invoices)
		amount := int64(100 * math.Exp(6.6+1.2*r.NormFloat64()))
		invoice := fmt.Sprintf("INV%09d", i)
		rows.Invoices = append(rows.Invoices, Invoice{Customer: id, ID: invoice, Issue: issue, Due: issue + 30,
			Amount: Decimal{amount, 2}, Currency: eur, Known: NoDay, Pos: MakePos(0, int64(i)*80)})
		paid := issue + 30 + Day(r.NormFloat64()*14+4)
		if paid > start+1064 || r.IntN(10) == 0 {
			continue
		}
		part := amount
		if r.IntN(10) == 0 {
			part = amount/2 + 1
		}
		for k := 0; amount > 0; k++ {
			rows.Payments = append(rows.Payments, Payment{Customer: id, ID: fmt.Sprintf("PAY%09d%d", i, k), Invoice: invoice, Paid: paid + Day(7*k),
				Amount: Decimal{min(part, amount), 2}, Currency: eur, Known: NoDay, Pos: MakePos(1, int64(i)*80+int64(k))})
			amount -= part
		}
	}
	return rows
}

func benchEnv(landmarks int32) *Env {
	return &Env{AsOf: MakeDay(2026, 2, 28), Reporting: eur, Rates: NewRates(eur, 7), Calendar: weekdays, Horizon: 7, LandmarkWeeks: landmarks}
}

func BenchmarkRebuild(b *testing.B) {
	for _, v := range []struct {
		invoices  int
		landmarks int32
		below     uint64
		unapplied Unapplied
		ledger    bool
	}{
		{50, 0, 0, UnappliedHold, true}, {100_000, 0, 0, UnappliedHold, true},
		{50, 0, 0, UnappliedHold, false}, {50, 78, math.MaxUint64 / 100, UnappliedHold, false}, {50, 78, math.MaxUint64, UnappliedHold, false},
		{100_000, 0, 0, UnappliedHold, false}, {100_000, 78, math.MaxUint64 / 100, UnappliedHold, false}, {100_000, 78, math.MaxUint64, UnappliedHold, false},
		{100_000, 0, 0, UnappliedExactThenOldest, false},
	} {
		name := fmt.Sprintf("invoices=%d/landmarks=%d/sampled=%.2f/unapplied=%d", v.invoices, v.landmarks, float64(v.below)/math.MaxUint64, v.unapplied)
		if v.ledger {
			name = fmt.Sprintf("invoices=%d/ledger=only", v.invoices)
		}
		b.Run(name, func(b *testing.B) {
			rows, env := habitualRows("C1", v.invoices), benchEnv(v.landmarks)
			env.LedgerOnly = v.ledger
			if env.Unapplied = v.unapplied; v.unapplied != UnappliedHold {
				for i := range rows.Payments {
					rows.Payments[i].Invoice = ""
				}
			}
			var r Rebuilder
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Rebuild(rows, env, v.below); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(v.invoices)*float64(b.N)/b.Elapsed().Seconds(), "invoices/s")
		})
	}
}

// 200,000 rows of one customer take a third of a second. The limit leaves room for a busy
// machine, and none for work that grows with the square of the rows.
func TestOneHugeCustomerIsQuick(t *testing.T) {
	rows, env := habitualRows("C1", 100_000), benchEnv(78)
	began := time.Now()
	o := mustRebuild(t, rows, env, math.MaxUint64/100)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("100,000 invoices with 78 landmarks took %s", took)
	}
	if len(o.Account.Landmarks) < 1000 {
		t.Errorf("only %d landmarks", len(o.Account.Landmarks))
	}
}
