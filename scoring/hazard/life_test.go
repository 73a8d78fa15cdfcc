package hazard

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestAgeBinsMeetWithoutGaps(t *testing.T) {
	for age := int32(-100); age <= 300; age++ {
		b := AgeBin(age)
		if age < AgeBinStart(b) || b+1 < AgeBins && age >= AgeBinStart(b+1) {
			t.Errorf("age %d is in bin %d, which starts at %d", age, b, AgeBinStart(b))
		}
	}
}

func TestRatesShrinkToTheRateOfAllAges(t *testing.T) {
	var empty LifeTable
	for b, r := range empty.Rates() {
		if r != .05 {
			t.Errorf("bin %d of an empty table: %v, want one payment in 20 days", b, r)
		}
	}
	table := LifeTable{}
	table.Paid[3], table.Exposed[3] = 1e6, 4e6
	table.Paid[5], table.Exposed[5] = 1e6, 1e7
	rates := table.Rates()
	all := (2e6 + 1) / (1.4e7 + 20)
	if math.Abs(rates[3]-.25) > 1e-5 || math.Abs(rates[5]-.1) > 1e-5 || math.Abs(rates[0]-all) > 1e-12 {
		t.Errorf("rates %v", rates)
	}
	for d, byDay := range table.ratesDue(&rates) {
		for b := range byDay {
			if math.Abs(byDay[b]-rates[b]) > 1e-12 {
				t.Errorf("weekday %d, bin %d: %v without counts by weekday, want %v", d, b, byDay[b], rates[b])
			}
		}
	}
	table.PaidDue[2][3], table.ExposedDue[2][3] = 1e6, 2e6
	if got := table.ratesDue(&rates)[2][3]; math.Abs(got-.5) > 1e-4 {
		t.Errorf("weekday 2: %v, want .5", got)
	}
}

func TestMergeAddsEveryCount(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	random := func() (t LifeTable) {
		for b := range t.Paid {
			t.Paid[b], t.Exposed[b] = r.Int64N(99), r.Int64N(99)
			for d := range t.PaidDue {
				t.PaidDue[d][b], t.ExposedDue[d][b] = r.Int64N(99), r.Int64N(99)
			}
		}
		return t
	}
	a, b := random(), random()
	sum := a
	sum.Merge(&b)
	for i := range sum.Paid {
		if sum.Paid[i] != a.Paid[i]+b.Paid[i] || sum.Exposed[i] != a.Exposed[i]+b.Exposed[i] {
			t.Errorf("bin %d is not the sum", i)
		}
		for d := range sum.PaidDue {
			if sum.PaidDue[d][i] != a.PaidDue[d][i]+b.PaidDue[d][i] || sum.ExposedDue[d][i] != a.ExposedDue[d][i]+b.ExposedDue[d][i] {
				t.Errorf("bin %d of weekday %d is not the sum", i, d)
			}
		}
	}
}

func TestExpm1AndLog1pAgreeWithMath(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 100000 {
		x := math.Exp(40*r.Float64()-36) * float64(1-2*r.IntN(2))
		if got, want := expm1(x), math.Expm1(x); math.Abs(got-want) > 4e-15*math.Abs(want) {
			t.Fatalf("expm1(%v) = %v, want %v", x, got, want)
		}
		if x > -1 {
			if got, want := log1p(x), math.Log1p(x); math.Abs(got-want) > 4e-15*math.Abs(want) {
				t.Fatalf("log1p(%v) = %v, want %v", x, got, want)
			}
		}
	}
	if expm1(1e4) != math.Inf(1) || expm1(-1e4) != -1 || log1p(math.Inf(1)) != math.Inf(1) || log1p(-1) != math.Inf(-1) || expm1(0) != 0 {
		t.Error("limits")
	}
}
