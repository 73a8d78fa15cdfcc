package pipeline

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"kaishu/scoring/hazard"
)

// Weeks that stray by three standard deviations of independent customers, as a common shock makes them,
// get an interval three times as wide as the normal one.
func TestForecastIsAsWideAsPastWeeksStrayed(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	past := map[pastWeek]*pastCash{}
	for date := range int32(200) {
		for ahead := range forecastWeeks {
			past[pastWeek{date, ahead}] = &pastCash{mean: 100, variance: 4, paid: 100 + 2*3*random.NormFloat64()}
		}
	}
	width, ok := coveringWidth(past)
	if !ok || math.Abs(width-3*interval80) > .15 {
		t.Errorf("width %v (%v), want about %v", width, ok, 3*interval80)
	}
	inside := 0
	for _, c := range past {
		if math.Abs(c.paid-c.mean) <= width*math.Sqrt(c.variance) {
			inside++
		}
	}
	if share := float64(inside) / float64(len(past)); math.Abs(share-.8) > .001 {
		t.Errorf("%.4f of the past weeks inside, want .8", share)
	}
	few := map[pastWeek]*pastCash{}
	for date := range int32(leastWidths - 1) {
		few[pastWeek{date, 0}] = &pastCash{mean: 1, variance: 1, paid: 50}
	}
	if _, ok := coveringWidth(few); ok {
		t.Errorf("%d weeks were enough", len(few))
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
