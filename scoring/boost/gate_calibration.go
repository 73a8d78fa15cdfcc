package boost

import (
	"cmp"
	"math"
	"slices"

	"kaishu/scoring/hazard"
)

// binned is a sample of one trial laid out for calibration errors under changing weights: the
// bins of hazard.Sample.ECE stay as they are.
type binned struct {
	customer []uint64
	weight   []float64
	bin      []uint8
	gap      []float64 // weight * (prediction - outcome)
}

func binnedOf(s *hazard.Sample, customer []uint64) binned {
	n := len(s.P)
	b := binned{customer, s.Weight, make([]uint8, n), make([]float64, n)}
	at := make([]int, n)
	all := 0.0
	for i := range at {
		at[i] = i
		all += s.Weight[i]
	}
	slices.SortFunc(at, func(i, k int) int { return cmp.Or(cmp.Compare(s.P[i], s.P[k]), i-k) })
	below := 0.0
	for _, i := range at {
		w := s.Weight[i]
		b.bin[i] = uint8(min(int(eceBins*(below+float64(w/2))/all), eceBins-1))
		below += w
		y := 0.0
		if s.Paid[i] {
			y = 1
		}
		b.gap[i] = float64(w * (s.P[i] - y))
	}
	return b
}

// ece is the calibration error with every customer counted as often as times says.
func (b *binned) ece(times func(customer uint64) float64) float64 {
	var gap [eceBins]float64
	all, last, k := 0.0, uint64(0), 0.0
	for i, c := range b.customer {
		if i == 0 || c != last {
			last, k = c, times(c)
		}
		if k > 0 {
			gap[b.bin[i]] += float64(k * b.gap[i])
			all += float64(k * b.weight[i])
		}
	}
	sum := 0.0
	for _, g := range gap {
		sum += math.Abs(g)
	}
	return sum / all
}

// miscalibration is by how much the challenger's calibration error exceeds the champion's, mean over the
// trials, and the standard error of that, by the bootstrap of gain: whole customers, the same draws for both
// models, bins held fixed. A calibration error is a sum of absolute values, so that chance raises
// it, for both models alike: their difference says more than either does, but .0155 against .0147 may
// still be nothing, and it takes the standard error to tell.
func miscalibration(trials []Trial) (difference, deviation float64) {
	champion, challenger := make([]binned, len(trials)), make([]binned, len(trials))
	for k := range trials {
		champion[k] = binnedOf(&trials[k].Champion, trials[k].Customer)
		challenger[k] = binnedOf(&trials[k].Challenger, trials[k].Customer)
	}
	mean := func(times func(uint64) float64) float64 {
		sum := 0.0
		for k := range trials {
			sum += challenger[k].ece(times) - champion[k].ece(times)
		}
		return sum / float64(len(trials))
	}
	once := mean(func(uint64) float64 { return 1 })
	return once, bootstrap(mean)
}

// bootstrap is the standard deviation of a statistic over replicates in which every customer counts a
// Poisson number of times (the bootstrap of a sum over blocks; Hanley and MacGibbon, Computer Methods and
// Programs in Biomedicine 83, 2006). The numbers come from a counter: they depend on the customer and
// the replicate alone.
func bootstrap(statistic func(times func(customer uint64) float64) float64) float64 {
	sum, squares, n := 0.0, 0.0, 0.0
	for r := range uint64(replicates) {
		x := statistic(func(customer uint64) float64 { return poisson(scramble(customer ^ scramble(seed+r))) })
		if !finite(x) {
			continue // no customer at all was drawn
		}
		sum += x
		squares += float64(x * x)
		n++
	}
	return math.Sqrt(max(squares-float64(sum*sum)/n, 0) / (n - 1))
}
