package scoring

import (
	_ "embed"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// InterestTable is a rule for late interest: simple, by calendar days over 365.
type InterestTable struct {
	Name    string
	Periods []InterestPeriod // by From, ascending; before the first there is no interest
	// AtDefault says that the rate of the first day of delay holds until payment (Civil Code of
	// Japan, art. 404 and 419); otherwise every day bears the rate of its own date.
	AtDefault bool
	// Grace is the number of days after the date given to Interest on which interest does not
	// run yet: 0 where that is the due date, 59 where it is the receipt of the goods and the
	// law lets interest run from the 60th day after it.
	Grace int
	Known Day // the last day for which the rates were known, NoDay without such a day
	// Fee is owed once per claim on top, in minor units of FeeCurrency; 0 where there is none.
	Fee         int64
	FeeCurrency Currency
}

// InterestPeriod is a rate in per cent a year that holds from a day until the next period's.
type InterestPeriod struct {
	From Day
	Rate Decimal
}

// interestData are the rates fixed by law; its head says how it is written.
//
//go:embed data/interest.txt
var interestData string

// interestTables are the tables of interestData, by name ascending.
var interestTables = readInterestTables(interestData)

// maxRateScale is the most decimals a rate in per cent may have.
const maxRateScale = 4

// ParseInterest is the rule of a name or of a contract: "jp-statutory" (from the due date),
// "jp-commercial" (the same between merchants before 2020-04-01), "jp-subcontract" (14.6 %,
// from the receipt of the goods), "eu-2011-7", or a contract's rate such as "10%" a year.
func ParseInterest(s string) (*InterestTable, error) {
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		rate, err := parseRate(strings.TrimSpace(percent))
		if err != nil {
			return nil, fmt.Errorf("interest %q: %w", s, err)
		}
		return &InterestTable{Name: s, Periods: []InterestPeriod{{math.MinInt32, rate}}, Known: NoDay}, nil
	}
	var names []string
	for _, t := range interestTables {
		if t.Name == s {
			t.Periods = slices.Clone(t.Periods)
			return &t, nil
		}
		names = append(names, t.Name)
	}
	return nil, fmt.Errorf("no interest table %q; there are %s, or a rate like 10%%", s, strings.Join(names, ", "))
}

// Interest is the late interest on an amount in minor units from a date, the due date or what
// Grace counts from, up to and including the day to. It runs from the day after; a rate of r per
// cent over n days is amount * r/100 * n/365. The periods are added up exactly and the sum is
// rounded down once, to a whole minor unit; that is the same sum in every currency, which is
// named so that a call shows what its amount is in. Interest is 0 on amounts that are not
// positive, and at most the largest int64.
func (t *InterestTable) Interest(amount int64, _ Currency, from, to Day) int64 {
	if amount <= 0 || from == NoDay || to == NoDay {
		return 0
	}
	start, end := int(from)+t.Grace+1, int(to)+1 // [start, end) bears interest
	if start >= end {
		return 0
	}
	var points uint64 // sum of rate * days, in per cent * 10^-maxRateScale
	for i, p := range t.Periods {
		next := math.MaxInt
		if i+1 < len(t.Periods) {
			next = int(t.Periods[i+1].From)
		}
		switch days := min(end, next) - max(start, int(p.From)); {
		case days <= 0:
		case t.AtDefault:
			if start >= int(p.From) {
				points = scaledRate(p.Rate) * uint64(end-start)
			}
		default:
			points += scaledRate(p.Rate) * uint64(days)
		}
	}
	return floorShare(uint64(amount), points, 100*365*pow10[maxRateScale])
}

// scaledRate is a rate in per cent * 10^-maxRateScale.
func scaledRate(d Decimal) uint64 {
	return uint64(d.Mantissa) * pow10[maxRateScale-d.Digits]
}

// floorShare is amount * part / whole, rounded down, at most the largest int64.
func floorShare(amount, part, whole uint64) int64 {
	hi, lo := bits.Mul64(amount, part)
	if hi >= whole {
		return math.MaxInt64
	}
	v, _ := bits.Div64(hi, lo, whole)
	return int64(min(v, math.MaxInt64))
}

// parseRate reads a rate in per cent, 0 to 1000 with at most four decimals.
func parseRate(s string) (Decimal, error) {
	whole, part, pointed := strings.Cut(s, ".")
	w, ok := number(whole)
	d := Decimal{Mantissa: int64(w), Digits: uint8(len(part))}
	if pointed {
		var p int
		var okPart bool
		p, okPart = number(part)
		ok = ok && okPart && len(part) <= maxRateScale
		if ok {
			d.Mantissa = d.Mantissa*int64(pow10[len(part)]) + int64(p)
		}
	}
	if !ok || w > 1000 {
		return Decimal{}, fmt.Errorf("%q is not a rate in per cent", s)
	}
	return d, nil
}

// readInterestTables reads the embedded tables.
func readInterestTables(data string) []InterestTable {
	var tables []InterestTable
	for line := range strings.Lines(data) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] == "table" {
			tables = append(tables, readInterestHead(line, words))
			continue
		}
		from, err := ParseDay(words[0])
		if err != nil {
			panic("scoring: interest.txt: " + err.Error())
		}
		rate, err := parseRate(words[1])
		if err != nil {
			panic("scoring: interest.txt: " + err.Error())
		}
		last := &tables[len(tables)-1]
		last.Periods = append(last.Periods, InterestPeriod{from, rate})
	}
	slices.SortFunc(tables, func(a, b InterestTable) int { return strings.Compare(a.Name, b.Name) })
	return tables
}

// readInterestHead reads a line that starts a table.
func readInterestHead(line string, words []string) InterestTable {
	t := InterestTable{Name: words[1], AtDefault: words[2] == "at-default"}
	var errs [4]error
	if _, err := fmt.Sscan(words[3], &t.Grace); err != nil {
		errs[0] = err
	}
	t.Known, errs[1] = ParseDay(words[5])
	if len(words) > 8 {
		t.FeeCurrency, errs[2] = ParseCurrency(words[8])
		var fee Decimal
		if fee, errs[3] = parseRate(words[7]); errs[3] == nil {
			t.Fee, errs[3] = fee.Minor(t.FeeCurrency)
		}
	}
	for _, err := range errs {
		if err != nil {
			panic("scoring: interest.txt: " + strings.TrimSpace(line) + ": " + err.Error())
		}
	}
	return t
}
