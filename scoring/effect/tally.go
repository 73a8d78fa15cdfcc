package effect

import "math"

// Levels is the number of steps in which the weight of a payment is counted: w is rounded to
// the next k/Levels.
const Levels = 256

// Fixed-point units of the sums. Expected payments of one contact are clamped to most, which
// leaves room for 2^17 contacts of that size, and for 2^38 ordinary ones.
const (
	fine   = 1 << 24 // of sums
	coarse = 1 << 12 // of the factors of products
	most   = 1 << 10
)

// Seen is one contact and what followed: expected payments without and with regard to how much of
// the effect was at work, and the weight w of every payment that came. Hazards come by days: of the day on
// which an item is paid half counts, since it was open for half of it on average.
type Seen struct {
	Base     float64 // ∫ h dt over its items while they were open, within the window
	Exposed  float64 // ∫ h·w dt, at most Base
	Promised float64 // payments that a promise was expected to bring, of the items open on its day
	Payments []float64
}

// Tally is the sum of what was seen after many contacts, of integers only. The zero value is empty.
type Tally struct {
	Windows  int64 // contacts with an item open on the day after
	Payments int64
	At       [Levels + 1]int64 // payments by weight, in units of 1/Levels
	base     int64             // Σ Base, units of 1/fine
	exposed  int64             // Σ Exposed
	promised int64             // Σ Promised
	// Of every contact with O payments, A = Base - Exposed and B = Exposed, in units of
	// 1/coarse and 1/coarse² where they are no counts: for the dispersion.
	oo, oa, ob, aa, ab, bb int64
}

// Add counts one contact.
func (t *Tally) Add(s *Seen) {
	base := min(max(s.Base, 0), most)
	exposed := min(max(s.Exposed, 0), base)
	t.Windows++
	t.Payments += int64(len(s.Payments))
	for _, w := range s.Payments {
		t.At[int(math.Round(min(max(w, 0), 1)*Levels))]++
	}
	t.base += int64(math.Round(base * fine))
	t.exposed += int64(math.Round(exposed * fine))
	t.promised += int64(math.Round(min(max(s.Promised, 0), most) * fine))
	o, a, b := int64(len(s.Payments)), int64(math.Round((base-exposed)*coarse)), int64(math.Round(exposed*coarse))
	t.oo += o * o
	t.oa += o * a
	t.ob += o * b
	t.aa += a * a
	t.ab += a * b
	t.bb += b * b
}

// Merge adds another tally.
func (t *Tally) Merge(o *Tally) {
	t.Windows += o.Windows
	t.Payments += o.Payments
	for k := range t.At {
		t.At[k] += o.At[k]
	}
	t.base += o.base
	t.exposed += o.exposed
	t.promised += o.promised
	t.oo += o.oo
	t.oa += o.oa
	t.ob += o.ob
	t.aa += o.aa
	t.ab += o.ab
	t.bb += o.bb
}

// Base is the payments expected without any effect.
func (t *Tally) Base() float64 { return float64(t.base) / fine }

// Exposed is the expected payments E that the effect works on.
func (t *Tally) Exposed() float64 { return float64(t.exposed) / fine }

// Promised is the payments that promises were expected to bring.
func (t *Tally) Promised() float64 { return float64(t.promised) / fine }

// leastWindows is the number of contacts below which their dispersion is not judged.
const leastWindows = 30

// Dispersion is by how much the payments after a contact vary more than Poisson counts would,
// given a correction of the base and a multiplier m: the Pearson statistic Σ(O-μ)² / Σμ with
// μ = base·(A + m·B) over contacts, since the items of a customer are paid together. It is 1 at least,
// and for fewer than 30 contacts.
func (t *Tally) Dispersion(base, m float64) float64 {
	if t.Windows < leastWindows {
		return 1
	}
	unit := float64(base / coarse)
	square := float64(t.oo) - float64(2*unit*(float64(t.oa)+float64(m*float64(t.ob)))) +
		float64(unit*unit*(float64(t.aa)+float64(2*m*float64(t.ab))+float64(m*m*float64(t.bb))))
	expected := base * (float64(t.Base()) + float64((m-1)*t.Exposed()))
	if !(expected > 0) {
		return 1
	}
	return max(1, square/expected)
}
