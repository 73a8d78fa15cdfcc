package scoring

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// evenRows makes most of random rows such that can be packed, and adds money that covers some invoices exactly, in one part or
// several, or nearly.
func evenRows(t *rapid.T, rows *Rows) {
	plainRows(t, rows)
	rows.Disputes = nil
	dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "dice"), 1)) // rapid prefers the ends of a range
	sometimes := func() bool { return dice.IntN(40) == 0 }
	late := []int{0, 0, 1, 20}[dice.IntN(4)] // days by which rows are known later
	known := func(on Day) Day {
		switch dice.IntN(4) {
		case 0:
			return NoDay
		case 1:
			return on - 2
		}
		return on + Day(dice.IntN(late+1))
	}
	met := map[string]bool{}
	rows.Invoices = slices.DeleteFunc(rows.Invoices, func(v Invoice) bool {
		again := met[v.ID]
		met[v.ID] = true
		return again && !sometimes()
	})
	rows.Payments = rows.Payments[:min(len(rows.Payments), dice.IntN(4))]
	for i := range rows.Invoices {
		v := &rows.Invoices[i]
		if sometimes() {
			v.Issue -= keptWeights
			v.Due = v.Issue + 10
		}
		if v.Known = NoDay; late > 0 {
			v.Known = known(v.Issue)
		}
		if !sometimes() {
			v.Instalment = 0
		}
		if v.Due == NoDay && !sometimes() {
			v.Due = v.Issue + 10
		}
		v.AppliesTo = ""
	}
	for i := range rows.Payments {
		if v := &rows.Payments[i]; !sometimes() {
			v.Known, v.Instalment = NoDay, 0
		}
	}
	for i := range rows.Invoices {
		v := &rows.Invoices[i]
		left, place := v.Amount.Mantissa, int64(1000*(i+1))
		for left > 0 && dice.IntN(8) > 0 {
			part := [...]int64{left, left, left, (left + 1) / 2, 1 + dice.Int64N(left)}[dice.IntN(5)]
			left -= part
			place += 2
			p := Payment{Customer: v.Customer, ID: fmt.Sprint("Q", place), Invoice: v.ID, Paid: v.Issue + Day(dice.IntN(32)-1),
				Amount: Decimal{part, v.Amount.Digits}, Currency: [...]Currency{v.Currency, v.Currency, NoCurrency}[dice.IntN(3)],
				Known: NoDay, Pos: MakePos(2, place)}
			if late > 0 {
				p.Known = known(p.Paid)
			}
			rows.Payments = append(rows.Payments, p)
			if dice.IntN(20) == 0 { // twice, which two halves would come to the whole with
				p.Pos++
				rows.Payments = append(rows.Payments, p)
				left -= part
			}
		}
	}
}

// packedRowsOf writes rows in forms, in several blobs whose forms are not the same, and reads them packed.
func packedRowsOf(t *rapid.T, reader *RowReader, rows *Rows) *Rows {
	blobs := make([]Blob, rapid.IntRange(1, 3).Draw(t, "blobs"))
	writers := make([]*RowWriter, len(blobs))
	for i := range blobs {
		if blobs[i].Forms = new(Forms); i > 0 && rapid.Bool().Draw(t, "forms shared") {
			blobs[i].Forms = blobs[0].Forms
		}
		writers[i] = NewRowWriter(blobs[i].Forms)
	}
	to := func() int { return rapid.IntRange(0, len(blobs)-1).Draw(t, "blob") }
	hash := CustomerHash(rows.Customer)
	for i := range rows.Masters {
		blobs[0].Rows = AppendMaster(blobs[0].Rows, &rows.Masters[i])
	}
	for i := range rows.Invoices {
		k := to()
		blobs[k].Rows = writers[k].AppendInvoice(blobs[k].Rows, hash, &rows.Invoices[i])
	}
	for i := range rows.Payments {
		k := to()
		blobs[k].Rows = writers[k].AppendPayment(blobs[k].Rows, hash, &rows.Payments[i])
	}
	for i := range rows.Activities {
		blobs[0].Rows = AppendActivity(blobs[0].Rows, &rows.Activities[i])
	}
	for i := range rows.Disputes {
		blobs[0].Rows = AppendDispute(blobs[0].Rows, &rows.Disputes[i])
	}
	reader.Packed = true
	if _, err := readAll(reader, blobs); err != nil { // what is packed is what is decoded
		t.Fatal(err)
	}
	if customers, err := reader.Open(blobs); err != nil || customers != 1 {
		t.Fatalf("%d customers, %v", customers, err)
	}
	read, err := reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// Rows that are read packed, of which the even invoices are only added up, come to what all rows come to that are decoded
// and played together.
func TestEvenInvoicesComeToTheSame(t *testing.T) {
	var even, closed [2]int // with the ledger only, and at night
	marks := 0
	var one Rebuilder
	var reader RowReader
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		env.LedgerOnly, env.HistoryKept, env.ClosedKept = rapid.Bool().Draw(t, "ledger only"), false, true
		if rapid.IntRange(0, 9).Draw(t, "plain") > 0 {
			env.Unapplied, env.KnownLag = UnappliedHold, 0
			evenRows(t, rows)
		}
		if len(rows.Masters)+len(rows.Invoices)+len(rows.Payments)+len(rows.Activities)+len(rows.Disputes) == 0 {
			return
		}
		below, night := uint64(0), 0
		if !env.LedgerOnly {
			night = 1
			env.LandmarkWeeks = int32(rapid.IntRange(0, 20).Draw(t, "landmarks"))
			below = rapid.SampledFrom([]uint64{0, math.MaxUint64 / 50, math.MaxUint64 / 4, math.MaxUint64}).Draw(t, "below")
		}
		var all Rebuilder
		all.together = true
		one.past.estimate.exact = rapid.IntRange(0, 9).Draw(t, "exact") == 0
		got, err := one.Rebuild(packedRowsOf(t, &reader, rows), env, below)
		taken := one.TakePortfolio()
		want, failed := all.Rebuild(rows, env, below)
		if fmt.Sprint(err) != fmt.Sprint(failed) {
			t.Fatalf("packed %v, together %v", err, failed)
		}
		if err != nil {
			return
		}
		even[night] += one.even.count
		closed[night] += len(want.Closed)
		if one.even.count > 0 {
			marks += len(want.Account.Landmarks)
		}
		if d := equalNights(got, want); d != "" {
			t.Fatal(d)
		}
		samePortfolio(t, taken, all.TakePortfolio())
	})
	for night, count := range even {
		if 8*count < closed[night] { // .24 to .38 of them are, in 80 times 2,000 books
			t.Errorf("of %d closed items only %d were even", closed[night], count)
		}
	}
	if marks == 0 {
		t.Error("no landmarks beside even invoices")
	}
}
