package pipeline

import (
	"cmp"
	"math"
	"slices"

	"kaishu/scoring/hazard"
)

// interval80 is the half width of the 80 % interval of a normal sum, in standard deviations.
const interval80 = 1.2815515655446004

// The past forecasts on which it is measured how far all customers stray together.
const (
	strayWeeks  = 26 // of landmarks whose week has passed, for every week ahead
	leastStrays = 52 // forecasts below which customers are taken to be independent
	strayInside = .8 // the share of them that is to lie inside
	strayReach  = 7 * (strayWeeks + forecastWeeks)
	straySample = 30000 // landmarks past which every other date is left out, or more, to bound the time
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

// measureCashStray sets by which share of the cash expected in a week what comes strays for all customers together: that with
// which 80 % of the past weeks lie in their intervals. So what customers have in common (a slow month, holidays, everybody's month-end), what
// one pays at once and what the model has wrong is in the interval without being modelled. Without half a year of weeks it is
// 0. Of many landmarks there is a sample, in which customers by themselves stray further, as its variance says; what they have
// in common is the same share of it as of the whole, of which it is by far the most.
func (n *night) measureCashStray() {
	n.cashStray = 0
	past := map[pastWeek]*pastCash{}
	ls, cut := n.landmarks, int32(n.asOf)
	recent := 0
	for i := range ls {
		if cut-ls[i].Date <= strayReach {
			recent++
		}
	}
	every := int32(recent/straySample + 1)
	days := n.customerDays(func(date int32) bool {
		age := cut - date
		return age <= strayReach && age/7%every == 0
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
			if age := cut - date - int32(7*(w+1)); age < 0 || age >= 7*strayWeeks {
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
	n.cashStray = commonStray(past)
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

// commonStray is the least share with which as many of the past weeks as are to do lie in their intervals.
func commonStray(past map[pastWeek]*pastCash) float64 {
	var shares []float64 // squared: those with which each lies just inside
	for _, c := range past {
		if c.mean > 0 {
			away := (c.paid - c.mean) / interval80
			shares = append(shares, max(0, float64(away*away)-c.variance)/float64(c.mean*c.mean))
		}
	}
	if len(shares) < leastStrays {
		return 0
	}
	slices.Sort(shares)
	return math.Sqrt(shares[min(int(math.Ceil(strayInside*float64(len(shares)+1))), len(shares))-1])
}

// spread80 is the half width of the 80 % interval of cash.
func spread80(mean, variance, stray float64) float64 {
	common := float64(stray * mean)
	return float64(interval80 * math.Sqrt(variance+float64(common*common)))
}
