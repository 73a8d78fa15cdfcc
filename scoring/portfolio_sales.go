package scoring

import "slices"

// saleSpans cuts the days whose sales are in any of the portfolio's sums at the days on which a period or
// a window of one begins or ends. Every one of those sums is then one of whole spans, so that a sale
// is added once, and not in up to PeriodEnds periods and windows.
type saleSpans struct {
	oldest Day               // sales up to it are in no sum
	at     []uint8           // of day oldest+1+i: its span
	period [PeriodEnds]reach // the spans of every period
	window [PeriodEnds][windows]reach
	next   [maxSpans]uint8 // the index of the first period end that no day of a span lies after
	count  int
}

// maxSpans is the number of days on which anything can begin or end.
const maxSpans = PeriodEnds + 1 + PeriodEnds*windows

// reach is the spans from to upTo-1.
type reach struct{ from, upTo uint8 }

// sold is what was sold in each span, in minor units, and the number of sales that have no rate on their date.
type sold struct {
	amount  [maxSpans]Sum
	unrated [maxSpans]int64
}

// cut makes the spans of some period ends.
func (s *saleSpans) cut(ends *[PeriodEnds + 1]Day) {
	var last []Day // last days of spans, and before the first one
	for k, end := range ends {
		last = append(last, end)
		for _, days := range windowDays {
			if k < PeriodEnds {
				last = append(last, end-days)
			}
		}
	}
	slices.Sort(last)
	last = slices.Compact(last)
	s.oldest, s.count = last[0], len(last)-1
	s.at = s.at[:0]
	for i := range s.count {
		for range last[i+1] - last[i] {
			s.at = append(s.at, uint8(i))
		}
	}
	for i := range s.count {
		k := PeriodEnds
		for ends[k] < last[i+1] {
			k--
		}
		s.next[i] = uint8(k)
	}
	spans := func(from, upTo Day) reach { // of the days after from up to upTo
		a, _ := slices.BinarySearch(last, from)
		b, _ := slices.BinarySearch(last, upTo)
		return reach{uint8(a), uint8(b)}
	}
	for k := range s.period {
		s.period[k] = spans(ends[k+1], ends[k])
		for w, days := range windowDays {
			s.window[k][w] = spans(ends[k]-days, ends[k])
		}
	}
}

// of is the span of a day, -1 when it lies before all of them or after.
func (s *saleSpans) of(d Day) int {
	if i := int64(d) - int64(s.oldest) - 1; i >= 0 && i < int64(len(s.at)) {
		return int(s.at[i])
	}
	return -1
}

// end is the index of the first period end, of those before the as-of date, that a day does not lie after; 0 when it lies
// after all of them.
func (s *saleSpans) end(d Day) int {
	if d <= s.oldest {
		return PeriodEnds - 1
	}
	if at := s.of(d); at >= 0 {
		return min(int(s.next[at]), PeriodEnds-1)
	}
	return 0
}

// sum fills in the sales of every period and window.
func (s *saleSpans) sum(to *PortfolioSum, sold *sold) {
	var amount [maxSpans + 1]Sum // in the spans before
	var unrated [maxSpans + 1]int64
	for i := range s.count {
		amount[i+1] = amount[i]
		amount[i+1].AddSum(sold.amount[i])
		unrated[i+1] = unrated[i] + sold.unrated[i]
	}
	for k := range to.Ends {
		e := &to.Ends[k]
		r := s.period[k]
		e.Sales = amount[r.upTo]
		e.Sales.Sub(amount[r.from])
		e.NoRateSales = unrated[r.upTo] - unrated[r.from]
		for w, r := range &s.window[k] {
			e.Window[w] = amount[r.upTo]
			e.Window[w].Sub(amount[r.from])
			e.NoRateWindow[w] = unrated[r.upTo] - unrated[r.from]
		}
	}
}
