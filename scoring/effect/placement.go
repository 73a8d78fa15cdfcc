package effect

import "math"

// Placed is one item of an account that was placed with an agency.
type Placed struct {
	Share  float64 // of the placed amount: those of a placement sum to 1
	Hazard float64 // cumulative hazard of a unit of it under business as usual, over the days of Came
	Whole  float64 // the same over the whole time that the agency has
	Came   float64 // share of the item that came
	Before float64 // share that the agency is believed to recover of it in all that time
}

// Placement is an account that was placed: its items.
type Placement []Placed

// Recovery is what an agency does to the hazard of what it is given, with its interval.
//
// A unit of an item comes in at m times the hazard that it would have without the agency, so that agencies are
// compared as if each had been given the same: with what is easy to collect more is expected of them. m solves
//
//	k/m0·(m0-m) + Σ_placements Σ_items Share·(Came - 1 + exp(-m·Hazard)) = 0
//
// m0 is the multiplier at which the agency would recover of these items together what it is believed to
// (their Before); without that it is 1. k is the strength of that belief in recoveries: units that came. A
// placement counts once whatever its amount, since its items fare alike; likewise the interval is from the spread of placements about
// what is expected of them (a sandwich), and from the belief.
type Recovery struct {
	Estimate
	Before float64 // m0
	// Weight is the part of a forecast that is by m, not by what was believed: the recoveries expected of the placements seen over
	// the same and k.
	Weight float64
}

// steepest is a bound of multipliers, for items of which business as usual would bring next to nothing.
const steepest = 1000

// Recover estimates an agency's multiplier. strength is k, above 0.
func Recover(placements []Placement, strength float64) Recovery {
	r := Recovery{Before: believed(placements)}
	rate := strength / r.Before
	low, high := 0.0, float64(steepest)
	for range 200 {
		m := (low + high) / 2
		if m <= low || m >= high {
			break
		}
		score := rate * (r.Before - m)
		for _, p := range placements {
			score += p.residual(m)
		}
		if score > 0 {
			low = m
		} else {
			high = m
		}
	}
	m := nine((low + high) / 2)
	slope, spread := rate, strength
	for _, p := range placements {
		x := p.residual(m)
		spread += float64(x * x)
		for i := range p {
			slope += float64(p[i].Share * p[i].Hazard * math.Exp(-float64(m*p[i].Hazard)))
		}
		r.Expected += p.Expect(r.Before)
	}
	const z = 1.959963984540054 // of Interval
	wide := math.Exp(z * math.Sqrt(spread) / (slope * m))
	r.Multiplier, r.Low, r.High = m, nine(m/wide), nine(m*wide)
	r.Weight = nine(r.Expected / (strength + r.Expected))
	r.Before, r.Expected = nine(r.Before), nine(r.Expected)
	return r
}

// residual is the share of a placement that came less what a multiplier expects.
func (p Placement) residual(m float64) float64 { return p.Came() - p.Expect(m) }

// Came is the share of a placement that came.
func (p Placement) Came() float64 {
	sum := 0.0
	for i := range p {
		sum += float64(p[i].Share * p[i].Came)
	}
	return sum
}

// Expect is the share of a placement that a multiplier expects over the days of Came: 1 is business as usual.
func (p Placement) Expect(m float64) float64 {
	sum := 0.0
	for i := range p {
		sum += float64(p[i].Share * (1 - math.Exp(-float64(m*p[i].Hazard))))
	}
	return sum
}

// ExpectWhole is the same over the whole time.
func (p Placement) ExpectWhole(m float64) float64 {
	sum := 0.0
	for i := range p {
		sum += float64(p[i].Share * (1 - math.Exp(-float64(m*p[i].Whole))))
	}
	return sum
}

// believed is the multiplier at which all that is believed to be recovered is expected.
func believed(placements []Placement) float64 {
	sum := 0.0
	for _, p := range placements {
		for i := range p {
			sum += float64(p[i].Share * p[i].Before)
		}
	}
	if sum == 0 {
		return 1
	}
	low, high := 0.0, float64(steepest)
	for range 200 {
		m := (low + high) / 2
		if m <= low || m >= high {
			break
		}
		expected := 0.0
		for _, p := range placements {
			expected += p.ExpectWhole(m)
		}
		if expected < sum {
			low = m
		} else {
			high = m
		}
	}
	return max((low+high)/2, 1/float64(steepest))
}
