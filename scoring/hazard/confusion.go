package hazard

import "math"

// Confusion counts forecasts by class: row i, column j is how often class i happened and class j was
// forecast. Its two figures belong together, since a forecast must beat the dull one.
type Confusion [][]int64

// Accuracy is the share of forecasts that came true; NaN without any.
func (c Confusion) Accuracy() float64 {
	hits, all := int64(0), int64(0)
	for i, row := range c {
		for j, n := range row {
			all += n
			if i == j {
				hits += n
			}
		}
	}
	if all == 0 {
		return math.NaN()
	}
	return float64(hits) / float64(all)
}

// Majority is the accuracy of always forecasting the class that happened most; NaN without any.
func (c Confusion) Majority() float64 {
	most, all := int64(0), int64(0)
	for _, row := range c {
		happened := int64(0)
		for _, n := range row {
			happened += n
		}
		all += happened
		most = max(most, happened)
	}
	if all == 0 {
		return math.NaN()
	}
	return float64(most) / float64(all)
}
