package hazard

import (
	"cmp"
	"math"
	"slices"
)

// Sample is a set of predicted probabilities of payment with what happened. Weight may be
// nil, which weighs all alike; amounts as weights give the cash-weighted figures. All
// metrics are NaN for an empty sample, and where the text says so.
type Sample struct {
	P      []float64
	Paid   []bool
	Weight []float64
}

func (s *Sample) weight(i int) float64 {
	if s.Weight == nil {
		return 1
	}
	return s.Weight[i]
}

// order is the indices of the sample by rising probability, ties by index.
func (s *Sample) order() []int {
	at := make([]int, len(s.P))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int {
		if c := cmp.Compare(s.P[a], s.P[b]); c != 0 {
			return c
		}
		return a - b
	})
	return at
}

// ties calls tie for every set of equal probabilities, in rising order, with the weights of
// those paid and not.
func (s *Sample) ties(tie func(paid, unpaid float64)) {
	order := s.order()
	for i := 0; i < len(order); {
		paid, unpaid := 0.0, 0.0
		for p := s.P[order[i]]; i < len(order) && s.P[order[i]] == p; i++ {
			if w := s.weight(order[i]); s.Paid[order[i]] {
				paid += w
			} else {
				unpaid += w
			}
		}
		tie(paid, unpaid)
	}
}

// AUC is the probability that a paid item has the higher prediction of a pair, ties
// counting half (Mann and Whitney; mid-ranks). NaN unless both outcomes occur.
func (s *Sample) AUC() float64 {
	won, allPaid, below := 0.0, 0.0, 0.0
	s.ties(func(paid, unpaid float64) {
		won += float64(paid * (below + float64(unpaid/2)))
		allPaid += paid
		below += unpaid
	})
	return won / float64(allPaid*below)
}

// KS is the largest distance between the distribution functions of the predictions of paid
// and unpaid items (Kolmogorov and Smirnov). NaN unless both outcomes occur.
func (s *Sample) KS() float64 {
	allPaid, allUnpaid := 0.0, 0.0
	s.ties(func(paid, unpaid float64) { allPaid, allUnpaid = allPaid+paid, allUnpaid+unpaid })
	if allPaid == 0 || allUnpaid == 0 {
		return math.NaN()
	}
	most, underPaid, underUnpaid := 0.0, 0.0, 0.0
	s.ties(func(paid, unpaid float64) {
		underPaid, underUnpaid = underPaid+paid, underUnpaid+unpaid
		most = max(most, math.Abs(underPaid/allPaid-underUnpaid/allUnpaid))
	})
	return most
}

// mean is the weighted mean of f over the sample.
func (s *Sample) mean(f func(p, y float64) float64) float64 {
	sum, all := 0.0, 0.0
	for i, p := range s.P {
		y := 0.0
		if s.Paid[i] {
			y = 1
		}
		w := s.weight(i)
		sum += float64(w * f(p, y))
		all += w
	}
	return sum / all
}

// Brier is the mean of (p-y)^2.
func (s *Sample) Brier() float64 {
	return s.mean(func(p, y float64) float64 { return float64((p - y) * (p - y)) })
}

// BaseRate is the share paid.
func (s *Sample) BaseRate() float64 { return s.mean(func(_, y float64) float64 { return y }) }

// BrierSkill is 1 - Brier / Brier of the base rate; not finite where only one outcome occurs.
func (s *Sample) BrierSkill() float64 {
	y := s.BaseRate()
	return 1 - s.Brier()/float64(y*(1-y))
}

// minProbability keeps the log loss of a certain and wrong prediction finite.
const minProbability = 1e-15

// LogLoss is the mean of -ln of the probability given to what happened, probabilities
// limited to 1e-15 .. 1-1e-15.
func (s *Sample) LogLoss() float64 {
	return s.mean(func(p, y float64) float64 {
		p = clamp(p, minProbability, 1-minProbability)
		if y == 1 {
			return -ln(p)
		}
		return -ln(1 - p)
	})
}

// ECE is the expected calibration error: the mean over `bins` bins of equal weight, by rising
// prediction, of |mean prediction - share paid|.
func (s *Sample) ECE(bins int) float64 {
	all := s.mean(func(float64, float64) float64 { return 0 })
	if all != all {
		return math.NaN()
	}
	all = 0
	for i := range s.P {
		all += s.weight(i)
	}
	gap := make([]float64, bins)
	below := 0.0
	for _, i := range s.order() {
		w := s.weight(i)
		b := min(int(float64(bins)*(below+float64(w/2))/all), bins-1)
		below += w
		y := 0.0
		if s.Paid[i] {
			y = 1
		}
		gap[b] += float64(w * (s.P[i] - y))
	}
	sum := 0.0
	for _, g := range gap {
		sum += math.Abs(g)
	}
	return sum / all
}

// NoiseFloor is about the ECE that a perfectly calibrated model shows by chance:
// 0.8*sqrt(p(1-p)*bins/n), p the mean prediction. An ECE near it is no evidence of error.
func (s *Sample) NoiseFloor(bins int) float64 {
	p := s.mean(func(p, _ float64) float64 { return p })
	return 0.8 * math.Sqrt(float64(p*(1-p))*float64(bins)/float64(len(s.P)))
}

// CalibrationLine fits logit P(paid) = intercept + slope*logit(p) by maximum likelihood
// (Cox, Biometrika 45, 1958): 0 and 1 for a calibrated model, a slope under 1 for one that
// is too sure. ok is false where the fit has no finite maximum.
func (s *Sample) CalibrationLine() (intercept, slope float64, ok bool) {
	slope = 1
	for range 50 {
		var g0, g1, h00, h01, h11 float64
		for i, p := range s.P {
			p = clamp(p, minProbability, 1-minProbability)
			x := ln(p / (1 - p))
			fitted := 1 / (1 + exp(-(intercept + float64(slope*x))))
			w := s.weight(i)
			e := -fitted
			if s.Paid[i] {
				e = 1 - fitted
			}
			v := float64(w * fitted * (1 - fitted))
			g0 += float64(w * e)
			g1 += float64(w * e * x)
			h00 += v
			h01 += float64(v * x)
			h11 += float64(v * x * x)
		}
		det := float64(h00*h11) - float64(h01*h01)
		if !(det > 1e-12*float64(h00*h11)) {
			return 0, 0, false
		}
		d0 := (float64(h11*g0) - float64(h01*g1)) / det
		d1 := (float64(h00*g1) - float64(h01*g0)) / det
		// Logistic Newton steps can overshoot far from the maximum.
		if far := max(math.Abs(d0), math.Abs(d1)); far > 2 {
			d0, d1 = d0*2/far, d1*2/far
		}
		intercept += float64(d0)
		slope += float64(d1)
		if math.Abs(d0)+math.Abs(d1) < 1e-10 {
			return intercept, slope, finite(intercept) && finite(slope)
		}
	}
	return 0, 0, false
}
