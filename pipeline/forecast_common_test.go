package pipeline

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"kaishu/scoring/hazard"
)

// A shock to all customers alike is found in a sample of a hundredth as in the whole, though what customers stray by
// themselves is ten times as large a share of that; with it four fifths of the weeks of the whole lie inside.
func TestForecastIsAsWideAsPastWeeksStrayed(t *testing.T) {
	const mean, variance, shock = 1e6, 4e8, .15 // independent customers stray by 2 % of the whole, by 20 % of a hundredth of it
	for _, v := range []struct{ sampled, shock, want, within float64 }{{1, shock, shock, .01}, {.01, shock, shock, .03}, {1, 0, 0, .01}, {.01, 0, 0, .1}} {
		random := rand.New(rand.NewPCG(8, 8))
		past, whole := map[pastWeek]*pastCash{}, []float64{}
		for date := range int32(200) {
			for ahead := range forecastWeeks {
				common := 1 + v.shock*random.NormFloat64()
				at := func(m, v float64) float64 { return m*common + math.Sqrt(v)*random.NormFloat64() }
				m, s := mean*v.sampled, variance*v.sampled
				past[pastWeek{date, ahead}] = &pastCash{mean: m, variance: s, paid: at(m, s)}
				whole = append(whole, at(mean, variance))
			}
		}
		stray := commonStray(past)
		if math.Abs(stray-v.want) > v.within {
			t.Errorf("%g of the landmarks, a shock of %g: stray %.3f", v.sampled, v.shock, stray)
		}
		spread, inside := spread80(mean, variance, stray), 0
		for _, paid := range whole {
			if math.Abs(paid-mean) <= spread {
				inside++
			}
		}
		if share := float64(inside) / float64(len(whole)); v.shock > 0 && math.Abs(share-.8) > .08 {
			t.Errorf("%g of the landmarks: %.3f of the weeks inside, want .8", v.sampled, share)
		}
	}
	few := map[pastWeek]*pastCash{}
	for date := range int32(leastStrays - 1) {
		few[pastWeek{date, 0}] = &pastCash{mean: 1, variance: 1, paid: 50}
	}
	if stray := commonStray(few); stray != 0 {
		t.Errorf("%d weeks were enough for %v", len(few), stray)
	}
}

func TestCashOfAWeekIsWhatWasPaidInIt(t *testing.T) {
	ls := []hazard.Landmark{{Open: 1, Paid: true, Follow: 7}, {Open: 2, Paid: true, Follow: 8}, {Open: 4, Paid: true, Follow: 14},
		{Open: 8, Follow: 9}, {Open: 16, Paid: true, Follow: 15}, {Open: 32, Paid: true, Follow: 7}}
	for w, want := range []float64{1, 6, 16, 0} {
		if got := paidIn(ls, customerDay{0, 1, 2, 3, 4}, w); got != want {
			t.Errorf("week %d: %v, want %v", w, got, want)
		}
	}
}

// Landmarks lie in the order of a hash, so those of a customer and date have to be brought together.
func TestLandmarksOfACustomerAndDateAreTakenTogether(t *testing.T) {
	n := &night{landmarks: []hazard.Landmark{{Date: 7, Customer: 2}, {Date: 14, Customer: 1}, {Date: 7, Customer: 1}, {Date: 21, Customer: 2}, {Date: 7, Customer: 2}, {Date: 14, Customer: 1}}}
	got := n.customerDays(func(date int32) bool { return date < 21 })
	if want := []customerDay{{2}, {0, 4}, {1, 5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
