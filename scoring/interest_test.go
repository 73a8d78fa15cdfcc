package scoring

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustInterest(s string) *InterestTable {
	t, err := ParseInterest(s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestLateInterestGoldenTable holds published figures and sums done by hand.
func TestLateInterestGoldenTable(t *testing.T) {
	for _, c := range []struct {
		table    string
		amount   int64
		currency string
		from, to string
		want     int64
		why      string
	}{
		{"10%", 100_00, "USD", "2026-01-31", "2026-02-15", 41, "100 at 10 % for 15 days is 0.41"},
		{"jp-statutory", 1_000_000, "JPY", "2026-01-31", "2026-03-03", 2547, "31 days at 3 %"},
		{"14.6%", 1_000_000, "JPY", "2026-01-31", "2026-02-10", 4000, "10 days at 14.6 %"},
		{"jp-subcontract", 1_000_000, "JPY", "2026-01-10", "2026-03-20", 4000, "received 10 January: the 60th day after is 11 March, ten days to the 20th"},
		{"jp-subcontract", 1_000_000, "JPY", "2026-01-10", "2026-03-11", 400, "the first day that bears interest"},
		{"jp-subcontract", 1_000_000, "JPY", "2026-01-10", "2026-03-10", 0, "paid within 60 days, the receipt counted"},
		{"jp-statutory", 1_000_000, "JPY", "2020-03-30", "2020-04-30", 4246, "in default on 31 March 2020: 5 % until paid, 31 days"},
		{"jp-statutory", 1_000_000, "JPY", "2020-03-31", "2020-04-30", 2465, "in default on 1 April 2020: 3 %, 30 days"},
		{"jp-commercial", 1_000_000, "JPY", "2020-03-30", "2020-04-30", 5095, "6 % between merchants until then"},
		{"eu-2011-7", 10_000_00, "EUR", "2025-06-20", "2025-07-10", 58_35, "10 days at 11.15 % and 10 at 10.15 %: 30.5479 + 27.8082 = 58.3561 is 58.35"},
		{"eu-2011-7", 10_000_00, "EUR", "2024-01-15", "2024-01-31", 54_79, "16 days at 12.5 %"},
		{"jp-statutory", 1_000_000, "JPY", "2026-01-31", "2026-01-31", 0, "paid on the due date"},
		{"jp-statutory", 1_000_000, "JPY", "2026-01-31", "2026-01-01", 0, "paid early"},
		{"jp-statutory", -1_000_000, "JPY", "2026-01-31", "2026-03-03", 0, "a credit bears none"},
		{"eu-2011-7", 1_000_00, "EUR", "2012-01-01", "2012-12-31", 0, "before the directive"},
	} {
		if got := mustInterest(c.table).Interest(c.amount, mustCurrency(c.currency), mustDay(c.from), mustDay(c.to)); got != c.want {
			t.Errorf("%s on %d from %s to %s (%s): %d, want %d", c.table, c.amount, c.from, c.to, c.why, got, c.want)
		}
	}
}

// TestInterestIsTheSumOverDaysRoundedDown adds up day by day in rational numbers.
func TestInterestIsTheSumOverDaysRoundedDown(t *testing.T) {
	eur := mustCurrency("EUR")
	rapid.Check(t, func(t *rapid.T) {
		table := mustInterest(rapid.SampledFrom([]string{"eu-2011-7", "jp-statutory", "jp-subcontract", "8.125%"}).Draw(t, "table"))
		amount := rapid.OneOf(rapid.Int64Range(1, 1e9), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "amount")
		from := Day(rapid.Int32Range(15000, 21000).Draw(t, "from"))
		to := from + Day(rapid.Int32Range(-5, 1200).Draw(t, "days"))
		rateOn := func(d Day) *big.Rat {
			rate := new(big.Rat)
			for _, p := range table.Periods {
				if p.From <= d {
					rate = ratio(p.Rate.Mantissa, int(p.Rate.Digits))
				}
			}
			return rate
		}
		sum := new(big.Rat)
		first := from + Day(table.Grace) + 1
		for d := first; d <= to; d++ {
			if table.AtDefault {
				sum.Add(sum, rateOn(first))
			} else {
				sum.Add(sum, rateOn(d))
			}
		}
		sum.Mul(sum, new(big.Rat).SetFrac(big.NewInt(amount), big.NewInt(36500)))
		want := new(big.Int).Quo(sum.Num(), sum.Denom())
		if got := table.Interest(amount, eur, from, to); got != want.Int64() {
			t.Fatalf("%s on %d from %v to %v: %d, want %v", table.Name, amount, from, to, got, want)
		}
	})
}

func TestInterestBeyondSixtyFourBitsIsTheLargestInteger(t *testing.T) {
	table := mustInterest("1000%")
	if got := table.Interest(math.MaxInt64, mustCurrency("JPY"), 0, 365*10); got != math.MaxInt64 {
		t.Errorf("got %d", got)
	}
	if got := table.Interest(100, mustCurrency("JPY"), NoDay, 365); got != 0 {
		t.Errorf("without a due date: %d", got)
	}
}

func TestInterestTablesStateFeeAndLastKnownDay(t *testing.T) {
	eu := mustInterest("eu-2011-7")
	if eu.Fee != 40_00 || eu.FeeCurrency != mustCurrency("EUR") || eu.Known < mustDay("2026-06-30") {
		t.Errorf("fee %d %v, known to %v", eu.Fee, eu.FeeCurrency, eu.Known)
	}
	for _, table := range interestTables {
		ordered := slices.IsSortedFunc(table.Periods, func(a, b InterestPeriod) int { return int(a.From) - int(b.From) })
		if last := table.Periods[len(table.Periods)-1]; !ordered || table.Known <= last.From {
			t.Errorf("%s: periods in order: %v; known to %v, last period from %v", table.Name, ordered, table.Known, last.From)
		}
	}
	eu.Periods[0].Rate = Decimal{99, 0}
	if again := mustInterest("eu-2011-7"); again.Periods[0].Rate == eu.Periods[0].Rate {
		t.Error("a table was changed through a copy")
	}
}

func TestOtherInterestIsRefused(t *testing.T) {
	for _, s := range []string{"", "jp", "%", "-3%", "3", "3.12345%", "1001%", "3,5%", ".5%", "5.%"} {
		if table, err := ParseInterest(s); err == nil || !strings.Contains(err.Error(), "interest") {
			t.Errorf("%q: %v, %v", s, table, err)
		}
	}
}
