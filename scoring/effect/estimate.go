package effect

import (
	"math"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is the probability of the intervals.
const Interval = .95

// Prior is what is believed of a multiplier before: Gamma(Strength·Mean, Strength). Strength, κ, is
// counted in expected payments.
type Prior struct{ Mean, Strength float64 }

// Part is a tally with the weight that each of its payments has.
type Part struct {
	*Tally
	Weight float64
}

// Estimate is a multiplier with its interval, NaN where there is none.
type Estimate struct {
	Multiplier, Low, High float64
	Expected              float64 // payments' worth of data behind it: Σ weight·E
}

// Multiplier is what the parts say beside the prior, which must have a strength above 0 unless the parts have
// exposure. base corrects the parts' hazards; uncertain is the variance of its logarithm, 0 where it
// is taken as given. NaN where there is neither prior nor data.
func Multiplier(p Prior, base, uncertain float64, parts ...Part) Estimate {
	rate, most := p.Strength, p.Strength*p.Mean
	e := Estimate{}
	for _, part := range parts {
		e.Expected += float64(part.Weight * base * part.Exposed())
		most += float64(part.Weight * float64(part.Payments))
	}
	rate += e.Expected
	if !(rate > 0) {
		return Estimate{Multiplier: math.NaN(), Low: math.NaN(), High: math.NaN()}
	}
	// The score is concave in m, above 0 at 0 and below at most/rate, which a payment of weight 1
	// attains: one root lies between.
	low, high := 0.0, most/rate
	for range 200 {
		m := (low + high) / 2
		if m <= low || m >= high {
			break
		}
		if sum, _ := score(m, p, parts); sum > m*rate {
			low = m
		} else {
			high = m
		}
	}
	e.Multiplier = high
	_, shape := score(high, p, parts)
	e.Low, e.High = gammaInterval(high, shape, uncertain)
	return e
}

// score is κ·m0 + Σ weight·m·w/(1+(m-1)w), and minus its second derivative by ln m together with that of
// the exposure: the shape of the gamma that has the posterior's curvature at its mode.
func score(m float64, p Prior, parts []Part) (sum, shape float64) {
	sum = p.Strength * p.Mean
	shape = sum
	for _, part := range parts {
		for k, count := range part.At {
			if count == 0 {
				continue
			}
			w := float64(k) / Levels
			effect := float64(m * w)
			share := 0.0 // of such a payment that the effect has made
			if effect > 0 {
				share = effect / (1 - w + effect)
			}
			n := float64(part.Weight * float64(count))
			sum += float64(n * share)
			shape += float64(n * share * share)
		}
	}
	return sum, shape
}

// gammaInterval is the central interval of a gamma of a mean and a shape, widened by a further variance
// of the logarithm.
func gammaInterval(mean, shape, more float64) (low, high float64) {
	if !(shape > 0) { // no payment, and none believed in
		return math.NaN(), math.NaN()
	}
	shape = 1 / (1/shape + more)
	g := distuv.Gamma{Alpha: shape, Beta: 1}
	tail := (1 - Interval) / 2
	return nine(mean * g.Quantile(tail) / shape), nine(mean * g.Quantile(1-tail) / shape)
}

// nine keeps nine digits: the library's last ones depend on whether its multiplications and additions were
// compiled into one.
func nine(v float64) float64 {
	kept, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 9, 64), 64)
	if err != nil {
		return v
	}
	return kept
}

// Correction is by how much accounts that were left alone by lot pay more than the base says:
// (κ+O)/(κ+E), with the variance of its logarithm. Without such accounts it is 1 and taken as given.
func Correction(t *Tally, strength float64) (base, uncertain float64) {
	if t.base == 0 {
		return 1, 0
	}
	spread := t.Dispersion(float64(t.Payments)/t.Base(), 1)
	o, e := strength+float64(t.Payments)/spread, strength+t.Base()/spread
	return o / e, 1 / o
}

// Reach is the probability that an action comes through, with its interval: of so many attempts
// so many landed, beside a beta prior of a mean and a strength in attempts.
func Reach(mean, strength float64, attempts, landed float64) (reach, low, high float64) {
	a := float64(strength*mean) + landed
	b := float64(strength*(1-mean)) + max(0, attempts-landed)
	reach = a / (a + b)
	if !(a > 0) || !(b > 0) {
		return reach, reach, reach
	}
	g := distuv.Beta{Alpha: a, Beta: b}
	tail := (1 - Interval) / 2
	return reach, nine(g.Quantile(tail)), nine(g.Quantile(1 - tail))
}
