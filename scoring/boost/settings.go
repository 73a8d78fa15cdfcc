package boost

import (
	"fmt"
	"runtime"

	"kaishu/scoring/hazard"
)

// Settings of a fit; the zero value gives the defaults.
type Settings struct {
	Trees      int     // at most, 0: 150
	Leaves     int     // of a tree at most, 0: 31
	Depth      int     // of a tree at most, up to 8; 0: 6
	Bins       int     // of a value, missing included, 3 to 64; 0: 64
	Rate       float64 // learning rate, 0: .08
	Lambda     float64 // ridge penalty on the leaves, 0: 5
	MinHessian float64 // about the expected payments in a leaf at least, 0: 20
	Patience   int     // trees without a better validation after which the search for their number ends, 0: 15
	MaxRows    int     // person-periods; past it landmarks with large keys are left out, 0: 1e6
	Workers    int     // goroutines, 0: one a core; the result does not depend on it
	MinEvents  int     // distinct payments below which no tree is grown, 0: 100
	Cut        int32   // the as-of day: nothing after it is used, 0: the last day seen
}

// Limits of settings.
const (
	maxBins  = 64
	maxDepth = 8
)

func (s Settings) defaults(ls []hazard.Landmark) (Settings, error) {
	for _, n := range []int{s.Trees, s.Leaves, s.Depth, s.Bins, s.Patience, s.MaxRows, s.Workers, s.MinEvents} {
		if n < 0 {
			return s, fmt.Errorf("negative settings: %+v", s)
		}
	}
	if s.Rate < 0 || s.Lambda < 0 || s.MinHessian < 0 || s.Depth > maxDepth || s.Bins > maxBins || s.Bins == 1 || s.Bins == 2 {
		return s, fmt.Errorf("settings out of range: %+v", s)
	}
	for _, d := range []struct {
		value *int
		zero  int
	}{{&s.Trees, 150}, {&s.Leaves, 31}, {&s.Depth, 6}, {&s.Bins, maxBins}, {&s.Patience, 15}, {&s.MaxRows, 1e6},
		{&s.Workers, runtime.GOMAXPROCS(0)}, {&s.MinEvents, 100}} {
		if *d.value == 0 {
			*d.value = d.zero
		}
	}
	for _, d := range []struct {
		value *float64
		zero  float64
	}{{&s.Rate, .08}, {&s.Lambda, 5}, {&s.MinHessian, 20}} {
		if *d.value == 0 {
			*d.value = d.zero
		}
	}
	if s.Cut == 0 {
		for i := range ls {
			s.Cut = max(s.Cut, ls[i].Date+ls[i].Follow)
		}
	}
	return s, nil
}
