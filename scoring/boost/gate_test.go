package boost

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kaishu/scoring/hazard"
)

// forecasts makes a trial of n landmarks, eight to a customer, with true probabilities around one half; champion and
// challenger see them with the given noise in log odds.
func forecasts(seed uint64, n int, champion, challenger float64) Trial {
	r := rand.New(rand.NewPCG(seed, 77))
	var t Trial
	for i := range n {
		logit := r.NormFloat64()
		paid := r.Float64() < 1/(1+math.Exp(-logit))
		for _, s := range []struct {
			sample *hazard.Sample
			noise  float64
		}{{&t.Champion, champion}, {&t.Challenger, challenger}} {
			s.sample.P = append(s.sample.P, 1/(1+math.Exp(-logit-s.noise*r.NormFloat64())))
			s.sample.Paid = append(s.sample.Paid, paid)
			s.sample.Weight = append(s.sample.Weight, 1)
		}
		t.Customer = append(t.Customer, uint64(i/8))
	}
	return t
}

func three(champion, challenger float64) []Trial {
	return []Trial{forecasts(1, 4000, champion, challenger), forecasts(2, 4000, champion, challenger), forecasts(3, 4000, champion, challenger)}
}

func TestGateAsksForSizeOriginsGainErrorAndCalibration(t *testing.T) {
	biased := three(1, 0)
	for i := range biased {
		for k := range biased[i].Champion.P {
			// The order of a coin, but calibrated; the challenger knows the order and is too low by a tenth.
			biased[i].Champion.P[k] = .5
			if q := biased[i].Challenger.P[k]; q > .15 {
				biased[i].Challenger.P[k] = q - .1
			}
		}
	}
	few := three(.8, 0)
	for i := range few {
		for k := range few[i].Customer {
			few[i].Customer[k] %= 2
		}
		// Two customers of which only one gains: the error is as large as the gain.
		for k := range few[i].Customer {
			if few[i].Customer[k] == 1 {
				few[i].Champion.P[k] = few[i].Challenger.P[k]
			} else {
				few[i].Champion.P[k], few[i].Challenger.P[k] = .5, .5
				if few[i].Champion.Paid[k] {
					few[i].Challenger.P[k] = .55
				}
			}
		}
	}
	for _, c := range []struct {
		name     string
		invoices int
		trials   []Trial
		promoted bool
		reason   string
	}{
		{"better", 20000, three(.8, 0), true, "better, standard error"},
		{"small book", 19999, three(.8, 0), false, "19999 invoices"},
		{"two origins", 20000, three(.8, 0)[:2], false, "2 origins"},
		{"no origin", 20000, nil, false, "0 origins"},
		{"as good", 20000, three(.3, .3), false, "less than 1 %"},
		{"worse", 20000, three(0, .8), false, "less than 1 %"},
		{"badly calibrated", 20000, biased, false, "calibration error"},
		{"one customer's gain", 20000, few, false, "standard error"},
	} {
		v := Gate(c.invoices, c.trials)
		if v.Promoted != c.promoted || !strings.Contains(v.Reason, c.reason) {
			t.Errorf("%s: promoted %v, %q", c.name, v.Promoted, v.Reason)
		}
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if again := Gate(c.invoices, c.trials); again.Error != v.Error {
			t.Errorf("%s: standard error %v, then %v", c.name, v.Error, again.Error)
		}
	}
}

func TestBootstrapErrorIsTheSpreadOverRepeatedBooks(t *testing.T) {
	var gains []float64
	mean, errors := 0.0, 0.0
	const books = 60
	for seed := range uint64(books) {
		g, e := gain([]Trial{forecasts(100+seed, 2000, .8, .4)})
		gains = append(gains, g)
		mean += g / books
		errors += e / books
	}
	squares := 0.0
	for _, g := range gains {
		squares += (g - mean) * (g - mean) / (books - 1)
	}
	if ratio := errors / math.Sqrt(squares); ratio < .75 || ratio > 1.33 {
		t.Errorf("standard error %v, gains of %d books spread by %v", errors, books, math.Sqrt(squares))
	}
}

// Two models that are calibrated, or wrong, alike: one of them has the larger error, by chance. The
// standard error is about what the difference spreads by over repeated books, so that twice it is seldom exceeded.
func TestCalibrationErrorsAreComparedWithTheirStandardError(t *testing.T) {
	for _, noise := range []float64{.05, .8} {
		const books = 80
		var gaps []float64
		mean, errors, refused := 0.0, 0.0, 0
		for seed := range uint64(books) {
			trial := forecasts(200+seed, 2000, noise, noise)
			gap, e := miscalibration([]Trial{trial})
			if want := trial.Challenger.ECE(eceBins) - trial.Champion.ECE(eceBins); math.Abs(gap-want) > 1e-12 {
				t.Fatalf("difference %v, of the samples' errors %v", gap, want)
			}
			gaps = append(gaps, gap)
			mean += gap / books
			errors += e / books
			if gap > minErrors*e {
				refused++
			}
		}
		squares := 0.0
		for _, g := range gaps {
			squares += (g - mean) * (g - mean) / (books - 1)
		}
		t.Logf("noise %v: difference %.5f, spread %.5f, standard error %.5f, %d of %d beyond twice", noise, mean, math.Sqrt(squares), errors, refused, books)
		if ratio := errors / math.Sqrt(squares); ratio < .7 || ratio > 1.5 || refused > books/10 {
			t.Errorf("noise %v: standard error %v, differences of %d books spread by %v, %d beyond twice", noise, errors, books, math.Sqrt(squares), refused)
		}
	}
}

func TestCounterDrawsArePoissonOfMeanOne(t *testing.T) {
	const n = 200000
	var count [21]int
	for i := range uint64(n) {
		count[int(poisson(scramble(i)))]++
	}
	p := math.Exp(-1)
	for k := range 6 {
		if got, sd := float64(count[k])/n, math.Sqrt(p*(1-p)/n); math.Abs(got-p) > 4*sd {
			t.Errorf("%d comes with frequency %v, want %v", k, got, p)
		}
		p /= float64(k + 1)
	}
}
