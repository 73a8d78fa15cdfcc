package scoring

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"kaishu/scoring/hazard"
)

// scatter puts something into every field of v that it can reach, whatever fields there are.
func scatter(v reflect.Value, draw *rand.Rand) {
	rare := draw.IntN(3) == 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			scatter(v.Field(i), draw)
		}
	case reflect.Array:
		for i := range v.Len() {
			scatter(v.Index(i), draw)
		}
	case reflect.String:
		v.SetString([]string{"", "a", "得意先", strings.Repeat("long", 50)}[draw.IntN(4)])
	case reflect.Bool:
		v.SetBool(rare)
	case reflect.Float64, reflect.Float32:
		v.SetFloat([]float64{0, math.NaN(), -1.5, draw.Float64()}[draw.IntN(4)])
	case reflect.Int64, reflect.Int32, reflect.Int8:
		bits := v.Type().Bits()
		v.SetInt([]int64{0, -1, math.MinInt64 >> (64 - bits), int64(draw.Uint64()) >> (64 - bits)}[draw.IntN(4)])
	case reflect.Uint64, reflect.Uint16, reflect.Uint8:
		v.SetUint(draw.Uint64() >> (64 - v.Type().Bits()))
	}
}

// anyAccount fills an account but for what is not encoded.
func anyAccount(draw *rand.Rand) *Account {
	a, past := &Account{}, &hazard.Past{}
	scatter(reflect.ValueOf(a).Elem(), draw)
	if draw.IntN(2) == 0 {
		a.Placed = &Placement{}
		scatter(reflect.ValueOf(a.Placed).Elem(), draw)
	}
	scatter(reflect.ValueOf(past).Elem(), draw)
	for range draw.IntN(4) {
		a.Taken = append(a.Taken, Taken{})
		scatter(reflect.ValueOf(&a.Taken[len(a.Taken)-1]).Elem(), draw)
	}
	for range draw.IntN(5) {
		var it Item
		scatter(reflect.ValueOf(&it).Elem(), draw)
		it.Kind = []string{"invoice", "credit_note", "debit_note", "payment", "other"}[draw.IntN(5)]
		switch draw.IntN(3) {
		case 0:
			it.Landmark.Past, it.Open, it.OpenBase = past, it.Amount, it.Amount
		case 1:
			it.Landmark = Seen{}
		}
		a.Items = append(a.Items, it)
	}
	return a
}

// shown is an account in words, with what its items share.
func shown(a *Account) string {
	b := *a
	b.Items, b.Taken, b.Placed = nil, nil, nil
	out := fmt.Sprintf("%#v", b)
	if a.Placed != nil {
		out += fmt.Sprintf("\n%#v", *a.Placed)
	}
	for _, t := range a.Taken {
		out += fmt.Sprintf("\n%#v", t)
	}
	for _, it := range a.Items {
		if p := it.Landmark.Past; p != nil {
			out += fmt.Sprintf("\n%#v", *p)
		}
		it.Landmark.Past = nil
		out += fmt.Sprintf("\n%#v", it)
	}
	return out
}

// Whatever fields an account has, or gets one day, come back; room that held another account is no matter.
func TestAccountsComeBackFromTheirBytes(t *testing.T) {
	var back Account
	var past hazard.Past
	draw := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		a, other := anyAccount(draw), anyAccount(draw)
		data := AppendAccount(AppendAccount(nil, a), other)
		rest, err := ReadAccount(data, &back, &past)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := shown(&back), shown(a); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if !bytes.Equal(rest, AppendAccount(nil, other)) {
			t.Fatal("the account after it is lost")
		}
	}
}

// A cut anywhere is an error: never a panic, never an account.
func TestAnAccountThatIsCutShortIsAnError(t *testing.T) {
	var back Account
	var past hazard.Past
	draw := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		data := AppendAccount(nil, anyAccount(draw))
		for end := range len(data) {
			if _, err := ReadAccount(data[:end:end], &back, &past); err == nil {
				t.Fatalf("%d of %d bytes make an account", end, len(data))
			}
		}
	}
}

func TestReadingAnAccountDoesNotAllocate(t *testing.T) {
	var back Account
	var past hazard.Past
	data := AppendAccount(nil, anyAccount(rand.New(rand.NewPCG(9, 9))))
	if n := testing.AllocsPerRun(100, func() { _, _ = ReadAccount(data, &back, &past) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAccountCodec(b *testing.B) {
	a := &Account{Customer: "C0012345", Open: 1e6, Overdue: 5e5, PastDueWeighted: 12.5, DaysLateMean: 4.5, DaysToPay: 33.25, RightPartyRate: nan, PromiseUntil: NoDay,
		PromiseBroke: NoDay, CallBack: NoDay, LastContact: NoDay, LastPayment: 20500, FirstInvoice: 19500}
	past := hazard.Past{Paid: 3.5, LateMean: 4, LateShare: .5, LateWeight: 9, LogMean: 7, Settled: 40, Tenure: 900}
	for i := range past.Exposed {
		past.Exposed[i] = float32(i)
	}
	for i := range int32(6) {
		a.Items = append(a.Items, Item{ID: "INV-000000001", Kind: "invoice", Issue: Day(20500 + i), Due: Day(20530 + i), Amount: 123456, Open: 123456,
			OpenBase: 123456, Currency: 3, PastDue: 5, Bucket: 1, Landmark: Seen{Open: 1234.56, Key: 1 << 60, Past: &past, PromiseDue: -1}})
	}
	var data []byte
	b.Run("op=append", func(b *testing.B) {
		for b.Loop() {
			data = AppendAccount(data[:0], a)
		}
		b.ReportMetric(float64(len(data)), "bytes")
	})
	b.Run("op=read", func(b *testing.B) {
		var back Account
		var room hazard.Past
		for b.Loop() {
			if _, err := ReadAccount(data, &back, &room); err != nil {
				b.Fatal(err)
			}
		}
	})
}
