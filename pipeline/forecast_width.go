package pipeline

import (
	"cmp"
	"math"
	"slices"

	"kaishu/scoring/hazard"
)

// interval80 is the half width of the 80 % interval of a normal sum, in standard deviations.
const interval80 = 1.2815515655446004

// The past forecasts that the width of tonight's intervals is measured on.
const (
	widthWeeks  = 26 // of landmarks whose week has passed, for every week ahead
	leastWidths = 52 // forecasts below which the normal width stays
	widthShare  = .8 // the share of them that is to lie inside
	widthReach  = 7 * (widthWeeks + forecastWeeks)
	widthSample = 30000 // landmarks past which every other date is left out, or more, to bound the time
)

// customerDay is landmarks of one customer and date, by index.
type customerDay []int32

// customerDays lists those of the dates wanted, in order of date and customer.
func (n *night) customerDays(want func(date int32) bool) (days []customerDay) {
	ls := n.landmarks
	var list []int32
	for i := range ls {
		if want(ls[i].Date) {
			list = append(list, int32(i))
		}
	}
	slices.SortFunc(list, func(a, b int32) int {
		return cmp.Or(cmp.Compare(ls[a].Date, ls[b].Date), cmp.Compare(ls[a].Customer, ls[b].Customer), cmp.Compare(a, b))
	})
	for len(list) > 0 {
		first, k := &ls[list[0]], 1
		for k < len(list) && ls[list[k]].Date == first.Date && ls[list[k]].Customer == first.Customer {
			k++
		}
		days, list = append(days, list[:k:k]), list[k:]
	}
	return days
}

// pastWeek is a forecast of a week of the past: made on a landmark date for so many weeks ahead.
type pastWeek struct {
	date  int32
	ahead int
}

// pastCash is what was to be expected of it by tonight's model and what came.
type pastCash struct{ mean, variance, paid float64 }

// measureCashWidth sets the half width of the forecast's intervals, in the standard deviations of customers
// that are independent of each other: that inside which 80 % of the past weeks' cash came. So what
// customers have in common (a slow month, holidays, everybody's month-end) and what one pays at once
// is in the interval without being modelled. It is never under the normal width, and is that without half
// a year of weeks. Where landmarks were sampled, so is the past cash, which understates what they have in common.
func (n *night) measureCashWidth() {
	n.cashWidth = interval80
	past := map[pastWeek]*pastCash{}
	ls, cut := n.landmarks, int32(n.asOf)
	recent := 0
	for i := range ls {
		if cut-ls[i].Date <= widthReach {
			recent++
		}
	}
	every := int32(recent/widthSample + 1)
	days := n.customerDays(func(date int32) bool {
		age := cut - date
		return age <= widthReach && age/7%every == 0
	})
	cash := make([]cashMoments, len(days))
	_ = n.inParallel(len(days), func(_, i int) error {
		bills := make([]cashBill, len(days[i]))
		for k, at := range days[i] {
			curve := n.curve(&ls[at])
			bills[k] = cashBill{&curve, ls[at].Open}
		}
		cash[i] = moments(bills, n.scorer().Shape(ls[days[i][0]].Past))
		return nil
	})
	for i, d := range days { // in order, so that the sums are the same bits for any number of workers
		date := ls[d[0]].Date
		for w := range forecastWeeks {
			if age := cut - date - int32(7*(w+1)); age < 0 || age >= 7*widthWeeks {
				continue
			}
			at := pastWeek{date, w}
			if past[at] == nil {
				past[at] = new(pastCash)
			}
			past[at].mean += cash[i][w][0]
			past[at].variance += cash[i][w][1]
			past[at].paid += paidIn(ls, d, w)
		}
	}
	if width, ok := coveringWidth(past); ok {
		n.cashWidth = max(interval80, width)
	}
}

// paidIn is the cash of week w after some landmarks.
func paidIn(ls []hazard.Landmark, of customerDay, w int) float64 {
	sum := 0.0
	for _, i := range of {
		if l := &ls[i]; l.Paid && l.Follow > int32(7*w) && l.Follow <= int32(7*(w+1)) {
			sum += l.Open
		}
	}
	return sum
}

// coveringWidth is the number of standard deviations within which the wanted share of the weeks lies.
func coveringWidth(past map[pastWeek]*pastCash) (width float64, ok bool) {
	var away []float64
	for _, c := range past {
		if c.variance > 0 {
			away = append(away, math.Abs(c.paid-c.mean)/math.Sqrt(c.variance))
		}
	}
	if len(away) < leastWidths {
		return 0, false
	}
	slices.SortFunc(away, func(a, b float64) int { return cmp.Compare(a, b) })
	return away[min(int(math.Ceil(widthShare*float64(len(away)+1))), len(away))-1], true
}
