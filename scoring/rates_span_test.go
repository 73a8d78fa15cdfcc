package scoring

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestARateRememberedIsTheRateLookedUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := NewRates(eur, rapid.IntRange(0, 9).Draw(t, "age"))
		for range rapid.IntRange(0, 6).Draw(t, "rates") {
			on := Day(rapid.IntRange(0, 40).Draw(t, "on"))
			_ = rates.Add(on, usd, Decimal{int64(rapid.IntRange(1, 30000).Draw(t, "rate")), 4}) // a second one of a day is refused
		}
		for _, c := range []Currency{eur, usd, jpy} {
			var s rateSpan
			for range 20 {
				on, minor := Day(rapid.IntRange(-5, 60).Draw(t, "day")), rapid.Int64().Draw(t, "minor")
				s.find(rates, c, on)
				want, err := rates.Convert(minor, c, on)
				if got, ok := s.convert(minor); ok != (err == nil) || ok && got != want {
					t.Fatalf("%d %s on %s: %d, %v; looked up %d, %v", minor, c, on, got, ok, want, err)
				}
				one := int64(pow10[c.Digits()])
				unit := math.NaN()
				if v, err := rates.Float(one, c, on); err == nil {
					unit = v / float64(one)
				}
				if got := s.unit(rates, c); math.Float64bits(got) != math.Float64bits(unit) && (got == got || unit == unit) {
					t.Fatalf("a minor unit of %s on %s: %v, looked up %v", c, on, got, unit)
				}
			}
		}
	})
}
