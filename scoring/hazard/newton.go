package hazard

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// sums are the weighted log likelihood of some rows and its derivatives by the
// coefficients. information is minus the second derivatives, upper triangle, row by row.
type sums struct {
	logLik      float64
	gradient    []float64
	information []float64
}

func newSums(p int) sums {
	return sums{gradient: make([]float64, p), information: make([]float64, p*p)}
}

// order says how many derivatives of the likelihood are wanted.
type order int

const (
	valueOnly order = iota
	withGradient
	withInformation
)

// clear makes the sums up to an order zero. Those beyond stay as they are.
func (s *sums) clear(upTo order) {
	s.logLik = 0
	if upTo >= withGradient {
		clear(s.gradient)
	}
	if upTo >= withInformation {
		clear(s.information)
	}
}

func (s *sums) add(o *sums, upTo order) {
	s.logLik += o.logLik
	if upTo >= withGradient {
		for i, x := range o.gradient {
			s.gradient[i] += x
		}
	}
	if upTo >= withInformation {
		for i, x := range o.information {
			s.information[i] += x
		}
	}
}

// likelihood is the log likelihood of one row with cumulative hazard h = exp(eta), and
// minus its first and second derivatives by eta with the sign of a descent: slope is the
// first derivative, bend minus the second, never negative. P(paid) = 1-exp(-h), the
// complementary log-log link (Prentice and Gloeckler, Biometrics 34, 1978).
func likelihood(h float64, paid bool) (logLik, slope, bend float64) {
	if !paid {
		return -h, -h, h
	}
	if h < 1e-4 { // the series of ln(1-exp(-h)) and h/(exp(h)-1)
		square := float64(h * h)
		return ln(h) - float64(0.5*h) + square/24, 1 - float64(0.5*h) + square/12, float64(0.5*h) - square/6
	}
	p := -expm1(-h)
	slope = h * (1 - p) / p
	return ln(p), slope, slope * (h + slope - 1)
}

// lane is a block in work.
type lane struct {
	sums
	tiles tiles
	frame frame
}

func newLanes(d *design) []lane {
	work := make([]lane, lanes)
	for i := range work {
		work[i] = lane{sums: newSums(len(d.columns)), tiles: newTiles(len(d.layout.levels))}
	}
	return work
}

// evaluate sums the likelihood over all rows at the given coefficients, with its derivatives
// up to an order.
func (d *design) evaluate(beta []float64, upTo order, work []lane, total *sums) {
	total.clear(upTo)
	c := d.coefficients(beta)
	sumBlocks(d, work, func(b int, s *lane) {
		s.logLik = 0
		s.tiles.clear(upTo)
		items := d.kept.items[d.blocks[b]:d.blocks[b+1]]
		for len(items) > 0 {
			f := &s.frame
			f.count, f.rows = 0, 0
			for len(items) > 0 && f.fits(&items[0]) {
				f.add(d, &items[0])
				items = items[1:]
			}
			s.take(d, c, upTo)
		}
		if upTo >= withGradient {
			s.tiles.gather(d, upTo, &s.sums)
		}
	}, func(s *lane) { total.add(&s.sums, upTo) })
}

// take adds the rows in the frame.
func (s *lane) take(d *design, c *coefficients, upTo order) {
	f := &s.frame
	if vectors {
		f.standardise4(&d.layout)
	} else {
		f.standardise(&d.layout)
	}
	s.logLik = f.evaluate(c, s.logLik)
	if upTo >= withGradient {
		s.tiles.gradient(f)
	}
	if upTo == withInformation {
		s.tiles.information(f)
	}
}

// solution is the outcome of newton.
type solution struct {
	beta        []float64
	logLik      float64 // unpenalised
	information []float64
	iterations  int
	converged   bool
}

// Stop rules of the Newton iteration.
const (
	maxHalvings     = 30
	minChange       = 1e-9  // relative, of the objective
	minGradient     = 1e-7  // largest component over the weight of the rows
	minGain         = 1e-6  // relative, of the objective: below it the second derivatives are kept
	minGradientKept = 1e-11 // minGradient for steps by second derivatives that were kept
	roundingSlack   = 1e-13
)

// newton minimises the penalised negative log likelihood from the pooled model on. Where there are many
// rows it begins on a sample of them, whose optimum is so near that of all that few steps are left.
// The objective is convex (Prentice and Gloeckler), so that where it begins is of no effect but for rounding.
func (d *design) newton(intercept, ridge, weight float64, iterations int) solution {
	beta := make([]float64, len(d.columns))
	beta[0] = intercept
	for i, c := range d.columns {
		beta[i] += c.prior
	}
	if part := d.sample(); part != nil {
		const share = 1. / (1 << sampleBits)
		if found := part.climb(append([]float64(nil), beta...), float64(ridge*share), float64(weight*share), iterations); found.converged {
			beta = found.beta
		}
	}
	return d.climb(beta, ridge, weight, iterations)
}

// climb minimises the penalised negative log likelihood, -L + ridge/2*|beta|^2 without the
// intercept, from beta on by Newton steps that are tempered or, where that does not lower it, halved until they do: undamped steps
// diverge on this link. Once a step gains next to nothing, the second derivatives have as good as stopped to change, and
// the last steps go by those at hand: that costs half. weight is that of all rows. beta becomes the solution's.
func (d *design) climb(beta []float64, ridge, weight float64, iterations int) solution {
	p := len(d.columns)
	work := newLanes(d)
	now := newSums(p)
	trial, step, newton := make([]float64, p), make([]float64, p), make([]float64, p)
	upTo := withInformation
	d.evaluate(beta, upTo, work, &now)
	best := d.objective(&now, beta, ridge)
	out := solution{beta: beta}
	var by mat.Cholesky
	for out.iterations < iterations && finite(best) {
		out.iterations++
		if upTo == withInformation && !d.factor(&now, ridge, &by) {
			break
		}
		gain, ok := d.step(&now, beta, ridge, &by, step)
		if !ok {
			break
		}
		if gain < minGain*math.Abs(best) {
			upTo = withGradient
		}
		copy(newton, step)
		d.temper(step, &now, ridge)
		before, size, want := best, 1.0, upTo
		for halvings := 0; ; halvings++ {
			for i := range trial {
				trial[i] = beta[i] + float64(size*step[i])
			}
			d.evaluate(trial, want, work, &now)
			if best = d.objective(&now, trial, ridge); best <= before+float64(roundingSlack*math.Abs(before)) {
				break
			}
			if halvings == maxHalvings {
				return out
			}
			copy(step, newton)
			size, want = size/2, valueOnly
		}
		copy(beta, trial)
		if want == valueOnly {
			upTo = withInformation
			d.evaluate(beta, upTo, work, &now)
		}
		out.logLik = now.logLik
		flat := minGradient
		if upTo == withGradient { // a step then divides the error by some hundreds, and does not square it
			flat = minGradientKept
		}
		if math.Abs(before-best) < minChange*max(math.Abs(best), 1) && d.steepest(&now, beta, ridge) < flat*weight {
			// The derivatives are at hand: one more step all but removes the error that is left.
			if upTo == withGradient || d.factor(&now, ridge, &by) {
				if _, ok := d.step(&now, beta, ridge, &by, step); ok {
					for i := range beta {
						beta[i] += step[i]
					}
					out.converged = true
				}
			}
			break
		}
	}
	out.information = now.information
	return out
}

// temper shortens the long steps of levels upwards. By itself a level would step to where the payments expected of it, which grow as
// exp(step), and the penalty balance those observed; Newton's step takes exp(step)-1 for step. Of a rare level that
// the sample has no payment of, that makes 6 in place of 2, and half a dozen steps back. Short steps are left alone, since in
// them levels and the intercept make up for each other.
func (d *design) temper(step []float64, s *sums, ridge float64) {
	for i, newton := range step {
		if newton <= 1 || d.columns[i].level == "" {
			continue
		}
		rigid := ridge / (s.information[i*len(step)+i] + ridge)
		x := ln(1 + newton)
		for range 4 {
			grown := exp(x)
			x -= (float64((1-rigid)*(grown-1)) + float64(rigid*x) - newton) / (float64((1-rigid)*grown) + rigid)
		}
		step[i] = x
	}
}

// objective is the penalised negative log likelihood.
func (d *design) objective(s *sums, beta []float64, ridge float64) float64 {
	squares := 0.0
	for i := 1; i < len(beta); i++ {
		away := beta[i] - d.columns[i].prior
		squares += float64(away * away)
	}
	return float64(0.5*ridge*squares) - s.logLik
}

// downhill is component i of minus the gradient of the objective.
func (d *design) downhill(s *sums, beta []float64, ridge float64, i int) float64 {
	if i == 0 {
		return s.gradient[0]
	}
	return s.gradient[i] - float64(ridge*(beta[i]-d.columns[i].prior))
}

// steepest is the largest component of the objective's gradient.
func (d *design) steepest(s *sums, beta []float64, ridge float64) float64 {
	most := 0.0
	for i := range beta {
		most = max(most, math.Abs(d.downhill(s, beta, ridge, i)))
	}
	return most
}

// factor decomposes the penalised information; false where that is singular.
func (d *design) factor(s *sums, ridge float64, by *mat.Cholesky) bool {
	p := len(d.columns)
	full := mat.NewSymDense(p, append([]float64(nil), s.information...))
	for i := 1; i < p; i++ {
		full.SetSym(i, i, full.At(i, i)+ridge)
	}
	return by.Factorize(full)
}

// step solves for the Newton step, and tells by how much it lowers the objective if that is as curved as the
// information says; false where the columns are as good as dependent.
func (d *design) step(s *sums, beta []float64, ridge float64, by *mat.Cholesky, step []float64) (gain float64, ok bool) {
	downhill := mat.NewVecDense(len(beta), nil)
	for i := range beta {
		downhill.SetVec(i, d.downhill(s, beta, ridge, i))
	}
	if err := by.SolveVecTo(mat.NewVecDense(len(step), step), downhill); err != nil {
		return 0, false
	}
	for i, x := range step {
		if !finite(x) {
			return 0, false
		}
		gain += float64(x * downhill.AtVec(i))
	}
	return gain / 2, true
}
