package table

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// messyText is an export with everything that makes rows end in unexpected places.
func messyText(r *rand.Rand, rows int) string {
	cells := []string{"1", "007", "", " 2 ", "\"3\"", "\"a,b\"", "\"x\"\"y\"", "\"two\nlines\"", "\"two\r\nlines\n\n\"", "12\" pipe", "\"12\" pipe\"", "\"open",
		"日本", "\xff", "NUL\x00", "2024-01-31", "2024-02-30", "12.50", "-1", "1.0", "NULL"}
	ends := []string{"\n", "\n", "\n", "\n", "\r\n", "\n\n", "\r\n\r\n", "\r"}
	var b strings.Builder
	b.WriteString("invoice_id,due_date,amount\n")
	for range rows {
		fields := 3
		if r.IntN(10) == 0 {
			fields = r.IntN(6)
		}
		for i := range fields {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(cells[r.IntN(len(cells))])
		}
		b.WriteString(ends[r.IntN(len(ends))])
	}
	return b.String()
}

var messySchema = Schema{{Name: "invoice_id", Required: true}, {Name: "due_date", Type: Date}, {Name: "amount", Type: Decimal}}

func TestRowsDoNotDependOnBlocksOrWorkers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		text := messyText(rand.New(rand.NewPCG(seed, 1)), rapid.IntRange(0, 300).Draw(rt, "rows"))
		opt := Options{Null: []string{"NULL"}}
		if rapid.Bool().Draw(rt, "present") {
			opt.Present = []string{"amount"}
		}
		f := openText(t, text, messySchema, opt)
		rows, result, err := scanText(f, messySchema, 1)
		if err != nil {
			rt.Fatal(err)
		}
		if got := int64(len(rows)+len(result.Rejects)) + result.Skipped; got != result.Rows {
			rt.Fatalf("%d rows, but good, refused and skipped are %d", result.Rows, got)
		}
		for _, f.block = range []int{64, 97, 1000, 1 << 20} {
			for _, workers := range []int{1, 4} {
				for _, f.allExact = range []bool{false, true} {
					again, r, err := scanText(f, messySchema, workers)
					if err != nil || !slices.Equal(again, rows) || !reflect.DeepEqual(r, result) {
						rt.Fatalf("blocks of %d, %d workers, exact %v: %v\n%+v\n%+v\nwant\n%+v\n%+v", f.block, workers, f.allExact, err, again, r, rows, result)
					}
				}
			}
		}
	})
}

func TestLocateFindsRowsAgain(t *testing.T) {
	text := messyText(rand.New(rand.NewPCG(7, 7)), 2000)
	for _, size := range []int{64, blockSize} {
		f := openText(t, text, messySchema, Options{})
		f.block = size
		_, result, err := scanText(f, messySchema, 2)
		if err != nil || len(result.Rejects) < 100 {
			t.Fatal(len(result.Rejects), err)
		}
		want := slices.Clone(result.Rejects)
		places := make([]int64, len(want))
		for i := range want {
			want[i].Column, want[i].Cause = "", ""
			places[len(want)-1-i] = want[i].Place
		}
		got, err := (&File{format: f}).Locate(context.Background(), append(places, places[0]))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("blocks of %d: %v, %d rows found, want %d", size, err, len(got), len(want))
		}
		if got, err := (&File{format: f}).Locate(context.Background(), places[5:6]); err != nil || len(got) != 1 || got[0] != want[len(want)-6] {
			t.Errorf("blocks of %d: %v, %+v", size, err, got)
		}
		if _, err := f.locate(context.Background(), []int64{places[3] + 1}); err == nil {
			t.Error("a place within a row was found")
		}
	}
}

func TestErrorOfTheCallbackEndsTheScan(t *testing.T) {
	f := openText(t, "invoice_id,due_date,amount\n"+strings.Repeat("1,2024-01-01,5\n", 10000), messySchema, Options{})
	f.block = 100
	before := runtime.NumGoroutine()
	mine := errors.New("mine")
	batches := 0
	if _, err := f.scan(context.Background(), 1, func(int, *Batch) error { batches++; return mine }); err != mine || batches != 1 {
		t.Errorf("%v after %d batches", err, batches)
	}
	ctx, cancel := context.WithCancel(context.Background())
	batches = 0
	if _, err := f.scan(ctx, 1, func(int, *Batch) error { batches++; cancel(); return nil }); err != context.Canceled || batches > 20 {
		t.Errorf("cancelled: %v after %d batches", err, batches)
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestTooManyRefusedRowsEndTheScan(t *testing.T) {
	for rows, want := range map[int]string{
		5000: "",
		5001: "invoice_id: more than 5000 rows refused; one of the last: is empty",
	} {
		f := openText(t, "invoice_id\n"+strings.Repeat("\"\"\n", rows), messySchema[:1], Options{})
		if f.most != MaxRejects {
			t.Errorf("the limit is %d", f.most)
		}
		f.most, f.block = 5000, 1000
		_, r, err := scanText(f, messySchema[:1], 2)
		if want == "" && (err != nil || len(r.Rejects) != rows) || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%d rows: %d refused, %v", rows, len(r.Rejects), err)
		}
	}
}

func TestScanDoesNotAllocatePerRow(t *testing.T) {
	text := []byte(strings.Repeat("INV0001,2024-01-01,1234.50\n", 5000))
	block := append(text, make([]byte, blockPad)...)[:len(text)]
	f := openText(t, "invoice_id,due_date,amount\n", messySchema, Options{})
	for _, exact := range []bool{false, true} {
		d := newDecoder(0, messySchema, f.header, f.dialect, f.opt)
		d.allExact = exact
		if n := testing.AllocsPerRun(10, func() { d.decode(block, 0) }); n > 60 {
			t.Errorf("exact %v: %v allocations for 5000 rows", exact, n)
		}
	}
}

// The end of a run of ordinary bytes, against a look at each of them.
func TestOrdinaryRunsEndAtTheFirstSpecialByte(t *testing.T) {
	some := []byte{0, 9, 10, 13, 31, 32, '"', '#', '!', '+', ',', '-', '.', ';', 'a', 126, 127, 128, 129, 172, 255}
	r := rand.New(rand.NewPCG(2, 3))
	text := make([]byte, 48)
	for range 200_000 {
		mark := []byte(`,;"`)[r.IntN(3)]
		for i := range text {
			if text[i] = 'x'; r.IntN(6) == 0 {
				text[i] = some[r.IntN(len(some))]
			}
		}
		text[40] = '\n'
		at := r.IntN(8)
		want := at + slices.IndexFunc(text[at:], func(b byte) bool { return b < ' ' || b >= 0x80 || b == mark })
		if got := ordinary(text, at, uint64(mark)*everyone); got != want {
			t.Fatalf("%q from %d on ends at %d, want %d", text, at, got, want)
		}
	}
}
