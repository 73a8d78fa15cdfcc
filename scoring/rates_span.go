package scoring

import (
	"math"
	"slices"
)

// rateSpan remembers the rate of one currency, or that there is none, for all the days on which that is so:
// past dates are asked for by the million, mostly in order. It gives what Rates gives.
type rateSpan struct {
	looked   bool
	own      bool // of the reporting currency itself
	found    bool
	from, to Day // the span, both included
	rate     rate
}

// find moves the span to a day.
func (s *rateSpan) find(r *Rates, c Currency, on Day) {
	if s.looked && (s.own || s.from <= on && on <= s.to) {
		return
	}
	*s = rateSpan{looked: true, own: c == r.reporting, from: math.MinInt32, to: math.MaxInt32}
	at, found := slices.BinarySearch(r.codes, c)
	if s.own || !found {
		return
	}
	of := r.series[at]
	place := after(of, on)
	if place < len(of) {
		s.to = of[place].on - 1
	}
	if place == 0 {
		return
	}
	s.rate, s.from = of[place-1], of[place-1].on
	if old := int64(s.from) + int64(r.maxAge); int64(on) <= old {
		s.found, s.to = true, Day(min(int64(s.to), old))
	} else {
		s.from = Day(old + 1)
	}
}

// convert is an amount in minor units of the reporting currency; false without a rate and when it is too large.
func (s *rateSpan) convert(minor int64) (int64, bool) {
	if s.own || !s.found {
		return minor, s.own
	}
	return s.rate.convert(minor)
}

// unit is what a minor unit is worth in major units of the reporting currency, NaN without a rate.
func (s *rateSpan) unit(r *Rates, c Currency) float64 {
	one := int64(pow10[c.Digits()])
	unit := float64(pow10[r.reporting.Digits()])
	switch {
	case s.own:
		return float64(one) / unit / float64(one)
	case s.found:
		return s.rate.float(one) / unit / float64(one)
	}
	return nan
}
