package pipeline

import (
	"math"
	"math/rand/v2"
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
		{Open: 8, Follow: 9}, {Open: 16, Paid: true, Follow: 15}}
	for w, want := range []float64{1, 6, 16, 0} {
		if got := paidIn(ls, w); got != want {
			t.Errorf("week %d: %v, want %v", w, got, want)
		}
	}
}
