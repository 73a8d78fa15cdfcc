package scoring

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestConversionRoundsOnceAwayFromZero compares with rational numbers, over amounts and rates
// of all sizes.
func TestConversionRoundsOnceAwayFromZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reporting, from := anyCurrency().Draw(t, "reporting"), anyCurrency().Draw(t, "from")
		if reporting == from {
			return
		}
		value := Decimal{rapid.OneOf(rapid.Int64Range(1, math.MaxInt64), rapid.Int64Range(1, 1e6)).Draw(t, "rate"), rapid.Uint8Max(18).Draw(t, "digits")}
		minor := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1e9, 1e9)).Draw(t, "amount")
		r := NewRates(reporting, 7)
		if err := r.Add(100, from, value); err != nil {
			t.Fatal(err)
		}
		exact := new(big.Rat).Mul(ratio(minor, from.Digits()), ratio(value.Mantissa, int(value.Digits)))
		want := roundAway(new(big.Rat).Mul(exact, new(big.Rat).SetInt64(int64(pow10[reporting.Digits()]))))
		got, err := r.Convert(minor, from, 107)
		if (err == nil) != want.IsInt64() || err == nil && got != want.Int64() {
			t.Fatalf("%d %v at %v in %v: %d, %v; want %v", minor, from, value, reporting, got, err, want)
		}
		float, err := r.Float(minor, from, 107)
		wantFloat, _ := exact.Float64()
		if err != nil || math.Abs(float-wantFloat) > 1e-14*math.Abs(wantFloat) {
			t.Fatalf("%d %v at %v: %g, %v; want %g", minor, from, value, float, err, wantFloat)
		}
	})
}

// roundAway rounds to an integer, half away from zero.
func roundAway(v *big.Rat) *big.Int {
	twice := new(big.Int).Mul(new(big.Int).Abs(v.Num()), big.NewInt(2))
	twice.Add(twice, v.Denom())
	twice.Quo(twice, new(big.Int).Mul(v.Denom(), big.NewInt(2)))
	if v.Sign() < 0 {
		twice.Neg(twice)
	}
	return twice
}

func TestHalfRoundsAwayFromZero(t *testing.T) {
	jpy, usd := mustCurrency("JPY"), mustCurrency("USD")
	r := NewRates(jpy, 7)
	if err := r.Add(0, usd, Decimal{1505, 1}); err != nil { // 150.5 yen a dollar
		t.Fatal(err)
	}
	for minor, want := range map[int64]int64{100: 151, -100: -151, 300: 452, 1: 2, 0: 0, 123456: 185801} {
		if got, err := r.Convert(minor, usd, 0); err != nil || got != want {
			t.Errorf("%s USD: %d yen, %v; want %d", FormatMinor(minor, 2), got, err, want)
		}
	}
}

// TestLastRateOnOrBeforeTheDateHolds compares with a search through all rates.
func TestLastRateOnOrBeforeTheDateHolds(t *testing.T) {
	usd := mustCurrency("USD")
	rapid.Check(t, func(t *rapid.T) {
		r := NewRates(mustCurrency("JPY"), rapid.IntRange(0, 10).Draw(t, "age"))
		rates := map[Day]int64{}
		for _, on := range rapid.SliceOfDistinct(rapid.Int32Range(0, 60), func(d int32) int32 { return d }).Draw(t, "days") {
			rates[Day(on)] = int64(on) + 100
			for _, c := range []Currency{usd, mustCurrency("EUR")} {
				if err := r.Add(Day(on), c, Decimal{int64(on) + 100, 0}); err != nil {
					t.Fatal(err)
				}
			}
		}
		on := Day(rapid.Int32Range(-5, 80).Draw(t, "on"))
		want := int64(-1)
		for age := 0; age <= r.maxAge && want < 0; age++ {
			if rate, ok := rates[on-Day(age)]; ok {
				want = rate
			}
		}
		got, err := r.Convert(100, usd, on)
		if (err == nil) != (want >= 0) || err == nil && got != want {
			t.Fatalf("on %v: %d, %v; want %d", on, got, err, want)
		}
	})
}

func TestMissingAndOldRatesNameCurrencyAndAge(t *testing.T) {
	jpy, usd, eur := mustCurrency("JPY"), mustCurrency("USD"), mustCurrency("EUR")
	r := NewRates(jpy, 7)
	if err := r.Add(MakeDay(2026, 2, 1), usd, Decimal{150, 0}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from Currency
		on   Day
		want string
	}{
		{usd, MakeDay(2026, 2, 8), ""},
		{usd, MakeDay(2026, 2, 9), "rate of USD on 2026-02-09: the last one, of 2026-02-01, is 8 days old; at most 7 allowed"},
		{usd, MakeDay(2026, 1, 31), "rate of USD on 2026-01-31: there is none on or before that date"},
		{eur, MakeDay(2026, 2, 1), "rate of EUR on 2026-02-01: there is none"},
		{jpy, MakeDay(1999, 1, 1), ""},
	} {
		_, err := r.Convert(100, c.from, c.on)
		_, errFloat := r.Float(100, c.from, c.on)
		if got := fmt.Sprint(err); (err != nil) != (c.want != "") || !strings.Contains(got, c.want) || fmt.Sprint(errFloat) != got {
			t.Errorf("%v on %v: %v, %v; want %q", c.from, c.on, err, errFloat, c.want)
		}
	}
	for name, err := range map[string]error{
		"second rate of a day":       r.Add(MakeDay(2026, 2, 1), usd, Decimal{151, 0}),
		"rate of zero":               r.Add(MakeDay(2026, 2, 2), usd, Decimal{0, 2}),
		"negative rate":              r.Add(MakeDay(2026, 2, 2), usd, Decimal{-1, 0}),
		"nineteen decimals":          r.Add(MakeDay(2026, 2, 2), usd, Decimal{1, 19}),
		"no currency":                r.Add(MakeDay(2026, 2, 2), NoCurrency, Decimal{1, 0}),
		"reporting currency not one": r.Add(MakeDay(2026, 2, 2), jpy, Decimal{2, 0}),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if err := r.Add(MakeDay(2026, 2, 2), jpy, Decimal{1000, 3}); err != nil {
		t.Errorf("1.000 for the reporting currency: %v", err)
	}
}

func TestConversionDoesNotAllocate(t *testing.T) {
	usd := mustCurrency("USD")
	r := NewRates(mustCurrency("JPY"), 7)
	for d := range Day(3000) {
		if err := r.Add(d, usd, Decimal{15012 + int64(d), 2}); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, func() { r.Convert(123456, usd, 1500) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkConvert(b *testing.B) {
	usd := mustCurrency("USD")
	r := NewRates(mustCurrency("JPY"), 7)
	for d := range Day(3000) {
		if err := r.Add(d, usd, Decimal{15012 + int64(d), 2}); err != nil {
			b.Fatal(err)
		}
	}
	for i := 0; b.Loop(); i++ {
		r.Convert(123456, usd, Day(i%3000))
	}
}
