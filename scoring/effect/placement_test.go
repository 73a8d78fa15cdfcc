package effect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// placements draws accounts that are placed with an agency which multiplies the hazard of what it is given by m. Items of an
// account share its luck and are in part recovered.
func placements(random *rand.Rand, count int, m, easy, believed float64) []Placement {
	list := make([]Placement, count)
	for i := range list {
		items := 1 + random.IntN(3)
		luck := random.ExpFloat64()
		for range items {
			whole := easy * random.ExpFloat64()
			h := whole * (.2 + .8*random.Float64()) // some are too young
			p := Placed{Share: 1 / float64(items), Hazard: h, Whole: whole, Before: believed}
			if m*h > luck {
				p.Came = 1
			}
			list[i] = append(list[i], p)
		}
	}
	return list
}

// The interval covers the truth, and the multiplier is right, whether an agency was given what is easy to collect or what is not.
func TestAgenciesAreComparedAsIfGivenTheSame(t *testing.T) {
	for _, v := range []struct{ m, easy float64 }{{3, .05}, {3, .4}, {1, .2}, {.5, .3}} {
		covered, sum := 0, 0.0
		const tries = 200
		for try := range tries {
			random := rand.New(rand.NewPCG(5, uint64(try)))
			r := Recover(placements(random, 600, v.m, v.easy, 0), 1)
			sum += r.Multiplier / tries
			if r.Low <= v.m && v.m <= r.High {
				covered++
			}
		}
		if math.Abs(sum/v.m-1) > .06 || covered < tries*90/100 {
			t.Errorf("true %v, hazards around %v: %.3f on average, covered %d of %d times", v.m, v.easy, sum, covered, tries)
		}
	}
}

func TestFewPlacementsLeaveWhatWasBelieved(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	list := placements(random, 3, 1, .2, .5)
	r := Recover(list, 20)
	sum := 0.0
	for _, p := range list {
		sum += p.ExpectWhole(r.Before)
	}
	if math.Abs(sum-1.5) > 1e-6 {
		t.Errorf("the multiplier believed in, %v, recovers %v of 3 placements, want 1.5", r.Before, sum)
	}
	if math.Abs(r.Multiplier/r.Before-1) > .15 || r.Weight > .1 || r.Low > .75*r.Before || r.High < 1.3*r.Before {
		t.Errorf("%+v, want about what was believed, with an interval of a fifth", r)
	}
	if r := Recover(nil, 20); r.Multiplier != 1 || r.Weight != 0 || math.Abs(math.Log(r.High)-1.96/math.Sqrt(20)) > 1e-3 {
		t.Errorf("of nothing: %+v", r)
	}
	many := Recover(placements(random, 5000, 1, .2, .5), 20)
	if math.Abs(many.Multiplier-1) > .15 || many.Weight < .9 {
		t.Errorf("%+v, want the 1 that is true, not the %v that was believed", many, many.Before)
	}
}

// With one item each and no belief beside it, the multiplier is that of exposures of one hazard: a closed form.
func TestAMultiplierOfEqualPlacementsIsTheClosedForm(t *testing.T) {
	var list []Placement
	for i := range 1000 {
		p := Placed{Share: 1, Hazard: .2, Whole: .2}
		if i < 300 {
			p.Came = 1
		}
		list = append(list, Placement{p})
	}
	want := -math.Log(.7) / .2
	if got := Recover(list, 1e-9); math.Abs(got.Multiplier-want) > 1e-6 {
		t.Errorf("%+v, want %v", got, want)
	}
	// The sandwich of independent placements is the binomial spread.
	se := math.Sqrt(.3*.7/1000) / (.2 * .7)
	got := Recover(list, 1e-9)
	if wide := math.Log(got.High/got.Low) / 2; math.Abs(wide-1.96*se/want) > 1e-3 {
		t.Errorf("interval %v to %v, want a half width of %v of the logarithm", got.Low, got.High, 1.96*se/want)
	}
}

func TestHopelessPlacementsHaveANumber(t *testing.T) {
	list := []Placement{{{Share: 1, Came: 1}}, {{Share: .5, Before: .9}, {Share: .5, Hazard: 1e-12, Whole: 1e-12, Came: 1, Before: .9}}}
	for _, strength := range []float64{1e-3, 20} {
		r := Recover(list, strength)
		for _, v := range []float64{r.Multiplier, r.Before, r.Weight, r.Low} {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				t.Errorf("%+v", r)
			}
		}
	}
}
