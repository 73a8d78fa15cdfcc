package scoring

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Rates are the exchange rates of one reporting currency by date. Add them all first; from
// then on a Rates may be read by any number of goroutines.
type Rates struct {
	reporting Currency
	maxAge    int
	codes     []Currency // ascending
	series    [][]rate   // of each code, by day ascending
}

// rate is the value of one minor unit in minor units of the reporting currency:
// factor * 10^scale, with scale -22..4.
type rate struct {
	on     Day
	scale  int8
	factor uint64
}

// maxRateDigits is the most decimals a rate may have.
const maxRateDigits = 18

// NewRates makes an empty table for a reporting currency. A rate serves its own date and
// the maxAgeDays days after it, until a newer one.
func NewRates(reporting Currency, maxAgeDays int) *Rates {
	return &Rates{reporting: reporting, maxAge: maxAgeDays}
}

// Reporting is the currency that amounts are converted into.
func (r *Rates) Reporting() Currency { return r.reporting }

// Add records that from a date on one unit of c is worth so many units of the reporting
// currency. It is an error when the rate is not positive or has more than 18 decimals, when the
// date has a rate for c already, and when the reporting currency is not worth 1 of itself.
func (r *Rates) Add(on Day, c Currency, value Decimal) error {
	if c == NoCurrency {
		return fmt.Errorf("rate on %s: no currency", on)
	}
	if value.Mantissa <= 0 {
		return fmt.Errorf("rate of %s on %s: %s is not positive", c, on, value)
	}
	factor, digits := uint64(value.Mantissa), int(value.Digits)
	for digits > 0 && factor%10 == 0 {
		factor, digits = factor/10, digits-1
	}
	if digits > maxRateDigits {
		return fmt.Errorf("rate of %s on %s: %d decimals are too many; at most %d", c, on, digits, maxRateDigits)
	}
	if c == r.reporting && (factor != 1 || digits != 0) {
		return fmt.Errorf("rate of %s on %s: %s, but it is the reporting currency", c, on, value)
	}
	at, found := slices.BinarySearch(r.codes, c)
	if !found {
		r.codes = slices.Insert(r.codes, at, c)
		r.series = slices.Insert(r.series, at, nil)
	}
	of := r.series[at]
	place := after(of, on)
	if place > 0 && of[place-1].on == on {
		return fmt.Errorf("rate of %s on %s: there is one already", c, on)
	}
	scale := r.reporting.Digits() - c.Digits() - digits
	r.series[at] = slices.Insert(of, place, rate{on: on, scale: int8(scale), factor: factor})
	return nil
}

// after is the index of the first rate later than on.
func after(of []rate, on Day) int {
	lo, hi := 0, len(of)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if of[mid].on <= on {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// find is the rate of c that holds on a date.
func (r *Rates) find(c Currency, on Day) (rate, error) {
	if at, found := slices.BinarySearch(r.codes, c); found {
		of := r.series[at]
		if place := after(of, on); place > 0 {
			last := of[place-1]
			if age := int(on) - int(last.on); age > r.maxAge {
				return rate{}, &NoRate{c, on, last.on, age, r.maxAge}
			}
			return last, nil
		}
	}
	return rate{}, &NoRate{Currency: c, On: on, last: NoDay}
}

// NoRate is the error of a currency without a usable rate on a date. It is put into words only when
// somebody reads it: past dates are asked for by the million, where a missing rate is no fault.
type NoRate struct {
	Currency    Currency
	On          Day
	last        Day // NoDay where there is none at all
	age, maxAge int
}

func (n *NoRate) Error() string {
	if n.last == NoDay {
		return fmt.Sprintf("rate of %s on %s: there is none on or before that date", n.Currency, n.On)
	}
	return fmt.Sprintf("rate of %s on %s: the last one, of %s, is %s old; at most %d allowed",
		n.Currency, n.On, n.last, count(n.age, "day"), n.maxAge)
}

// Currencies lists the currencies that have a rate on or before a day, ascending.
func (r *Rates) Currencies(on Day) []Currency {
	var out []Currency
	for i, c := range r.codes {
		if of := r.series[i]; len(of) > 0 && of[0].on <= on {
			out = append(out, c)
		}
	}
	return out
}

// Convert is an amount in minor units of a currency in minor units of the reporting
// currency, at the last rate on or before a date. The arithmetic is exact and rounds once,
// half away from zero. The reporting currency needs no rate.
func (r *Rates) Convert(minor int64, from Currency, on Day) (int64, error) {
	if from == r.reporting {
		return minor, nil
	}
	at, err := r.find(from, on)
	if err != nil {
		return 0, err
	}
	v, ok := at.convert(minor)
	if !ok {
		return 0, fmt.Errorf("%s %s in %s is too large", FormatMinor(minor, from.Digits()), from, r.reporting)
	}
	return v, nil
}

// convert is an amount at a rate; false when it is too large.
func (at *rate) convert(minor int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(minor), at.factor)
	if at.scale >= 0 {
		hi, lo = mul128(hi, lo, pow10[at.scale])
	} else {
		hi, lo = round128(hi, lo, int(-at.scale))
	}
	return signed(hi, lo, minor < 0)
}

// mul128 multiplies a 128-bit number below 2^126 by a power of ten up to 10^4. Products
// beyond 128 bits come out with a non-zero high word, which is all that callers look at.
func mul128(hi, lo, by uint64) (uint64, uint64) {
	over, high := bits.Mul64(hi, by)
	carry, low := bits.Mul64(lo, by)
	high, more := bits.Add64(high, carry, 0)
	if over+more != 0 {
		return math.MaxUint64, low
	}
	return high, low
}

// round128 divides a 128-bit number below 2^126 by 10^digits, digits 1..22, rounding half up.
func round128(hi, lo uint64, digits int) (uint64, uint64) {
	// Half of 10^digits is 5 * 10^(digits-1), which may need two words.
	halfHi, halfLo := bits.Mul64(5, pow10[min(digits-1, 18)])
	if digits > 19 {
		halfHi, halfLo = mul128(halfHi, halfLo, pow10[digits-19])
	}
	lo, carry := bits.Add64(lo, halfLo, 0)
	hi, _ = bits.Add64(hi, halfHi, carry)
	for digits > 0 {
		step := min(digits, 19)
		var rest uint64
		hi, rest = bits.Div64(0, hi, pow10[step])
		lo, _ = bits.Div64(rest, lo, pow10[step])
		digits -= step
	}
	return hi, lo
}

// Float is an amount in major units of the reporting currency, for features; it is the
// unrounded value of Convert.
func (r *Rates) Float(minor int64, from Currency, on Day) (float64, error) {
	unit := float64(pow10[r.reporting.Digits()])
	if from == r.reporting {
		return float64(minor) / unit, nil
	}
	at, err := r.find(from, on)
	if err != nil {
		return 0, err
	}
	return at.float(minor) / unit, nil
}

// float is an amount at a rate, unrounded, in minor units of the reporting currency.
func (at *rate) float(minor int64) float64 {
	v := float64(minor) * float64(at.factor)
	if at.scale >= 0 {
		return v * float64(pow10[at.scale])
	}
	return v / math.Pow10(int(-at.scale))
}
