package trial

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
)

func TestDrawIsTheKeyedHash(t *testing.T) {
	h := hmac.New(sha256.New, []byte("salt"))
	h.Write([]byte("holdout\x00\x00\x00\x4f\x12C1"))
	sum := h.Sum(nil)
	number := func(b []byte) (v float64) {
		for _, x := range b {
			v = v*256 + float64(x)
		}
		return v / math.Pow(256, 8)
	}
	u, coin := Draw("salt", "holdout", "C1", 0x4f12)
	if math.Abs(u-number(sum[:8])) > 1e-12 || math.Abs(coin-number(sum[8:16])) > 1e-12 {
		t.Errorf("%v, %v; want %v, %v", u, coin, number(sum[:8]), number(sum[8:16]))
	}
}

// Shares come out, and purposes, days, salts and the coin know nothing of each other.
func TestDrawsAreEvenAndIndependent(t *testing.T) {
	const n = 20000
	first := make([]float64, n)
	others := make([][]float64, 4)
	for i := range first {
		id := fmt.Sprint("C", i)
		u, coin := Draw("a", "explore", id, 10)
		first[i] = u
		v, _ := Draw("a", "holdout", id, 10)
		w, _ := Draw("a", "explore", id, 11)
		x, _ := Draw("b", "explore", id, 10)
		for k, y := range []float64{coin, v, w, x} {
			others[k] = append(others[k], y)
		}
	}
	for k, y := range append(others, first) {
		below := 0
		for _, v := range y {
			if v < .05 {
				below++
			}
			if v < 0 || v >= 1 {
				t.Fatalf("a draw of %v", v)
			}
		}
		if share := float64(below) / n; math.Abs(share-.05) > .006 { // four standard errors
			t.Errorf("list %d: %.4f below .05", k, share)
		}
		if k < 4 {
			if r := stat.Correlation(first, y, nil); math.Abs(r) > .03 {
				t.Errorf("list %d: correlation %.3f", k, r)
			}
		}
	}
}

// book draws customers with skewed balances, who pay a share of them or nothing within the window; working them
// makes more of them pay. The lot holds out a share by their ids.
func book(r *rand.Rand, seed, n int, held, more float64) (units []Unit, truth float64) {
	for i := range n {
		open := math.Exp(4 + 1.1*r.NormFloat64())
		chance := .25 + .4*r.Float64()
		u := Unit{Open: open, Prior: open * r.Float64()}
		draw, _ := Draw(fmt.Sprint("salt", seed), "holdout", fmt.Sprint("C", i), 0)
		u.Held = draw < held
		truth += more * open / float64(n)
		if !u.Held {
			chance += more
		}
		if r.Float64() < chance {
			u.Cash = open
		}
		u.Cash += 20 * r.ExpFloat64() // from invoices of later
		units = append(units, u)
	}
	return units, truth
}

// The interval must hold what it promises: the true lift in 95 of 100 books.
func TestLiftIntervalCoversTheTruth(t *testing.T) {
	for _, c := range []struct {
		customers  int
		held, more float64
	}{{2000, .05, .08}, {2000, .5, 0}, {8000, .03, .05}} {
		const books = 120
		covered, adjusted, raw := 0, 0.0, 0.0
		for k := range books {
			r := rand.New(rand.NewPCG(2026, uint64(k)))
			units, truth := book(r, k, c.customers, c.held, c.more)
			l := Measure(units, .1, false)
			if l.Low <= truth && truth <= l.High {
				covered++
			}
			adjusted += (l.Lift - truth) * (l.Lift - truth)
			d := l.CashWorked - l.CashHeld - truth
			raw += d * d
		}
		t.Logf("%d customers, %v held out: covered %d of %d; adjusting leaves %.0f %% of the variance", c.customers, c.held, covered, books, 100*adjusted/raw)
		if share := float64(covered) / books; share < .90 || share > .995 {
			t.Errorf("%d customers, %v held out: covers %.3f, want .95", c.customers, c.held, share)
		}
		if adjusted >= raw {
			t.Errorf("%d customers: adjusting loses", c.customers)
		}
	}
}

// With as many held out as are said to be needed, a lift of the size asked for shows in four of five books.
func TestNeededUnitsFindTheLift(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	units, _ := book(r, 0, 20000, .1, 0)
	first := Measure(units, .15, false)
	n := int(float64(first.Needed) / .1)
	if first.Needed < 100 || n > 60000 {
		t.Fatalf("needs %d", first.Needed)
	}
	found, lift := 0, .15*first.CashHeld
	const books = 80
	for k := range books {
		r := rand.New(rand.NewPCG(6, uint64(k)))
		units, _ := book(r, k, n, .1, 0)
		for i := range units {
			if !units[i].Held {
				units[i].Cash += lift
			}
		}
		if l := Measure(units, .15, false); l.Low > 0 {
			found++
		}
	}
	t.Logf("%d held out of %d: found %d of %d", first.Needed, n, found, books)
	if share := float64(found) / books; share < .68 || share > .92 {
		t.Errorf("found %.3f, want %.2f", share, Power)
	}
}

// Equal arms and no covariate: the two-sample test of the textbook.
func TestLiftWithoutACovariateIsWelchsTest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var units []Unit
	var a, b []float64
	for range 40 {
		x, y := 3+r.NormFloat64(), 2+2*r.NormFloat64()
		a, b = append(a, x), append(b, y)
		units = append(units, Unit{Cash: x}, Unit{Cash: y, Held: true})
	}
	l := Measure(units, .5, false)
	va, vb := stat.Variance(a, nil)/40, stat.Variance(b, nil)/40
	want := stat.Mean(a, nil) - stat.Mean(b, nil)
	half := 2.0 * math.Sqrt(va+vb) // t with 57 degrees of freedom: 2.002
	if math.Abs(l.Lift-want) > 1e-12 || math.Abs((l.High-l.Low)/2/half-1.001) > .01 || l.Theta != 0 {
		t.Errorf("%+v, want %v ± %v", l, want, half)
	}
	if n := 2 * 2.8016 * 2.8016 * (va + vb) * 40 / 2 / math.Pow(.5*stat.Mean(b, nil), 2); math.Abs(float64(l.Needed)-n) > 1.5 {
		t.Errorf("needs %d, want %.1f", l.Needed, n)
	}
	for name, few := range map[string][]Unit{"nobody": nil, "one held out": {{Cash: 1}, {Cash: 2}, {Held: true}}} {
		if l := Measure(few, .1, false); l.Lift == l.Lift || l.Needed != 0 {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if l := Measure(units, .5, true); l.Lift == l.Lift || l.CashHeld == l.CashHeld {
		t.Errorf("a window that is not over has a lift: %+v", l)
	}
}
