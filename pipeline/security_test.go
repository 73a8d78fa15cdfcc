package pipeline

import "testing"

// A guarantor and collateral lower what is lost of an exposure that goes bad, and so the expected loss: the
// guarantor by a half, collateral by its share of the exposure, to nothing where it covers all.
func TestGuarantorAndCollateralLowerTheExpectedLoss(t *testing.T) {
	n := reviewNight(t, "risk: {lgd: 0.4}\n")
	for _, v := range []struct {
		guarantor  string
		collateral int64 // of an exposure of 100,000
		want       float64
	}{{"", 0, .4}, {"parent", 0, .2}, {"", 25_000, .3}, {"parent", 25_000, .15}, {"", 100_000, 0}, {"", 150_000, 0}} {
		c := debtor(30)
		c.Master.Guarantor, c.Collateral = v.guarantor, v.collateral
		if got := n.lgd(c); got < v.want-1e-12 || got > v.want+1e-12 {
			t.Errorf("guarantor %q, collateral %d: %v is lost, want %v", v.guarantor, v.collateral, got, v.want)
		}
	}
}
