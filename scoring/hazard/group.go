package hazard

import "math"

// Shared is the hazard, given a frailty of 1, of an item whose marginal cumulative hazard
// is lambda: averaged over a gamma frailty of shape and rate kappa, the item stays unpaid
// with probability exp(-lambda), and a group of them all unpaid with (1 + sum/kappa)^-kappa. It makes the items of a
// customer depend on each other (Clayton's copula) without changing any one's probability.
func Shared(lambda, kappa float64) float64 {
	return float64(kappa * expm1(lambda/kappa))
}

// Reach90 is the probability that some of these items of one customer, curves[i] being that
// of ls[i], stands 90 or more days past due within horizon days, under a shared frailty; 1
// where one does now. Items that get there only after the horizon and items without an
// open amount do not count. For one item it is exp(-hazard up to due+90).
func Reach90(curves []Curve, ls []Landmark, kappa float64, horizon int32) float64 {
	var few [16]float64
	hazards := few[:0]
	for i := range ls {
		left := int64(ls[i].Due) + 90 - int64(ls[i].Date)
		switch {
		case !(ls[i].Open > 0) || left > int64(horizon):
			continue
		case left <= 0:
			return 1
		}
		hazards = append(hazards, curves[i].Hazard(int32(left)))
	}
	switch len(hazards) {
	case 0:
		return 0
	case 1:
		return exp(-hazards[0])
	}
	return anyUnpaid(hazards, kappa)
}

// anyUnpaid is the probability that some item stays unpaid: the mean over the frailty z of
// 1 - prod(1-exp(-z*a)), a being the items' shared hazards. With z = exp(t) the integrand is
// smooth and falls exponentially on both sides, where the trapezoidal rule converges
// geometrically (Trefethen and Weideman, SIAM Review 56(3), 2014): the steps below leave an
// error under 1e-8. It overwrites hazards.
func anyUnpaid(hazards []float64, kappa float64) float64 {
	for i, h := range hazards {
		hazards[i] = Shared(h, kappa)
	}
	// The density of t, exp(kappa*(t-exp(t))), peaks at 0 with a width of about
	// 1/sqrt(kappa), falls like exp(kappa*t) to the left and faster to the right.
	step := 0.4 / math.Sqrt(max(kappa, 1))
	sum, mass := 0.0, 0.0
	for k := -int(math.Ceil((24/kappa + 2) / step)); ; k++ {
		t := float64(step * float64(k))
		z := exp(t)
		density := exp(float64(kappa * (t - z + 1)))
		if k > 0 && density < 1e-18 {
			break
		}
		some := 0.0
		for _, a := range hazards {
			some += float64((1 - some) * exp(-float64(z*a)))
		}
		mass += density
		sum += float64(density * some)
	}
	return min(sum/mass, 1)
}

// Score turns the probability of standing 90 or more days past due into points: 600 at
// odds of 30 to 1 against it, 20 more for every doubling of the odds, limited to 300..850.
func Score(p90 float64) float64 {
	switch {
	case !(p90 < 1):
		return 300
	case p90 <= 0:
		return 850
	}
	return clamp(501.862+float64(28.8539*ln((1-p90)/p90)), 300, 850)
}

// Grade is the letter of a score: A from 620 (odds of 60 to 1, p90 up to 1.6 %), B from 580
// (15 to 1, 6.3 %), C from 540 (15 to 4, 21 %), D from 500 (about even, 52 %), else E.
func Grade(score float64) string {
	switch {
	case score >= 620:
		return "A"
	case score >= 580:
		return "B"
	case score >= 540:
		return "C"
	case score >= 500:
		return "D"
	}
	return "E"
}
