package hazard

import (
	"math"
	"testing"
)

func TestAccuracyIsComparedWithAlwaysTheMajority(t *testing.T) { // case 17
	c := Confusion{{71, 0, 21}, {5, 0, 27}, {2, 0, 45}}
	if a, m := 100*c.Accuracy(), 100*c.Majority(); math.Abs(a-67.84) > .005 || math.Abs(m-53.80) > .005 {
		t.Errorf("accuracy %.2f %%, majority %.2f %%; want 67.84 and 53.80", a, m)
	}
	if a, m := (Confusion{}).Accuracy(), (Confusion{{0}}).Majority(); !math.IsNaN(a) || !math.IsNaN(m) {
		t.Errorf("of nothing: %v, %v", a, m)
	}
}
