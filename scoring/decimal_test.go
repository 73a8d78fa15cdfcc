package scoring

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyCurrency draws currencies with 0, 2, 3 and 4 minor digits.
func anyCurrency() *rapid.Generator[Currency] {
	return rapid.Map(rapid.SampledFrom([]string{"JPY", "USD", "EUR", "KWD", "CLF"}), mustCurrency)
}

// ratio is v / 10^digits.
func ratio(v int64, digits int) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(v), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
}

func TestMinorUnitsAreExactOrAnError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Decimal{rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1e7, 1e7)).Draw(t, "mantissa"), rapid.Uint8Max(6).Draw(t, "digits")}
		c := anyCurrency().Draw(t, "currency")
		got, err := d.Minor(c)
		want := new(big.Rat).Mul(ratio(d.Mantissa, int(d.Digits)), ratio(1, 0).SetInt64(int64(pow10[c.Digits()])))
		fits := want.IsInt() && want.Num().IsInt64() // however many of the decimals are zeros
		if (err == nil) != fits {
			t.Fatalf("%v in %v: %d, %v", d, c, got, err)
		}
		if err == nil && want.Num().Int64() != got {
			t.Fatalf("%v in %v: %d, want %v", d, c, got, want)
		}
	})
}

func TestThirdDecimalInUSDIsAnErrorNotARounding(t *testing.T) {
	for _, c := range []struct {
		d        Decimal
		currency string
		want     string
	}{
		{Decimal{1234567, 3}, "USD", "1234.567 has 3 decimals; USD has 2"},
		{Decimal{15, 1}, "JPY", "1.5 has 1 decimal; JPY has 0"},
		{Decimal{1500, 3}, "JPY", "1.500 has 3 decimals; JPY has 0"},
		{Decimal{math.MaxInt64, 0}, "USD", "9223372036854775807 USD is too large"},
		{Decimal{math.MinInt64, 1}, "USD", "-922337203685477580.8 USD is too large"},
		{Decimal{1, 255}, "KWD", "has 255 decimals; KWD has 3"},
	} {
		if v, err := c.d.Minor(mustCurrency(c.currency)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %d, %v, want %q", c.d, v, err, c.want)
		}
	}
	if v, err := (Decimal{math.MinInt64, 2}).Minor(mustCurrency("USD")); err != nil || v != math.MinInt64 {
		t.Errorf("smallest amount: %d, %v", v, err)
	}
}

func TestFormatsAgreeWithRationalNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, digits := rapid.Int64().Draw(t, "v"), rapid.IntRange(0, 25).Draw(t, "digits")
		if got, want := FormatMinor(v, digits), ratio(v, digits).FloatString(digits); got != want {
			t.Fatalf("%d with %d digits: %q, want %q", v, digits, got, want)
		}
		c := anyCurrency().Draw(t, "currency")
		got := FormatAmount(v, c)
		if strings.ReplaceAll(got, ",", "") != FormatMinor(v, c.Digits()) {
			t.Fatalf("%d %v: %q", v, c, got)
		}
		whole, _, _ := strings.Cut(strings.TrimPrefix(got, "-"), ".")
		for i, group := range strings.Split(whole, ",") {
			if len(group) != 3 && (i > 0 || len(group) > 3 || len(group) == 0) {
				t.Fatalf("%d %v: %q is grouped badly", v, c, got)
			}
		}
	})
	for _, c := range []struct {
		v        int64
		currency string
		want     string
	}{
		{1234567, "JPY", "1,234,567"}, {123450, "USD", "1,234.50"}, {-5, "USD", "-0.05"}, {0, "JPY", "0"},
		{999, "JPY", "999"}, {-1000, "JPY", "-1,000"}, {100000, "KWD", "100.000"}, {math.MinInt64, "USD", "-92,233,720,368,547,758.08"},
	} {
		if got := FormatAmount(c.v, mustCurrency(c.currency)); got != c.want {
			t.Errorf("%d %s: %q, want %q", c.v, c.currency, got, c.want)
		}
	}
}

// TestSumsAgreeWithBigIntegers adds, subtracts and compares numbers that leave 64 bits at once.
func TestSumsAgreeWithBigIntegers(t *testing.T) {
	number := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, -1, 0, 1}))
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (Sum, *big.Int) {
			var s Sum
			b := new(big.Int)
			for _, v := range rapid.SliceOfN(number, 0, 40).Draw(t, name) {
				s.Add(v)
				b.Add(b, big.NewInt(v))
			}
			return s, b
		}
		s, a := draw("a")
		o, b := draw("b")
		if s.Cmp(o) != a.Cmp(b) || s.IsZero() != (a.Sign() == 0) || s.String(0) != a.String() {
			t.Fatalf("%v is not %v, or compares wrongly with %v", s.String(0), a, b)
		}
		if v, ok := s.Int64(); ok != a.IsInt64() || ok && v != a.Int64() {
			t.Fatalf("%v as int64: %d, %v", a, v, ok)
		}
		sum, difference := s, s
		sum.AddSum(o)
		difference.Sub(o)
		if got, want := sum.String(0), new(big.Int).Add(a, b).String(); got != want {
			t.Fatalf("%v + %v = %s", a, b, got)
		}
		if got, want := difference.String(0), new(big.Int).Sub(a, b).String(); got != want {
			t.Fatalf("%v - %v = %s", a, b, got)
		}
	})
	if got := (Sum{Hi: math.MinInt64}).String(2); got != "-1701411834604692317316873037158841057.28" {
		t.Errorf("smallest sum: %s", got)
	}
}

func TestAmountsAtFourDecimalsAddUpAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Decimal{rapid.Int64().Draw(t, "mantissa"), rapid.OneOf(rapid.Uint8Max(6), rapid.Uint8()).Draw(t, "digits")}
		scaled := new(big.Rat).Mul(ratio(d.Mantissa, int(d.Digits)), ratio(10000, 0))
		want := new(big.Int).Quo(scaled.Num(), scaled.Denom())
		if got := d.AtFour(); got.String(0) != want.String() {
			t.Fatalf("%v at four decimals: %s, want %v", d, got.String(4), want)
		}
	})
}
