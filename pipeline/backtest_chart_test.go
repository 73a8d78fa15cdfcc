package pipeline

import "testing"

// A figure may have no value on any month-end: small exports in which nobody pays within the horizon have no AUC.
func TestAChartWithoutAPointHasAFiniteAxis(t *testing.T) {
	for _, zero := range []bool{false, true} {
		c := plot("AUC", "", []series{{class: "night"}}, zero, nil)
		if n := len(c.YTicks); n < 2 || n > 10 {
			t.Errorf("from zero %v: %d marks", zero, n)
		}
		if first, last := c.YTicks[0], c.YTicks[len(c.YTicks)-1]; first.Text != "0" || last.Text != "1" {
			t.Errorf("from zero %v: the axis goes from %s to %s", zero, first.Text, last.Text)
		}
	}
}
