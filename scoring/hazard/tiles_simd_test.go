//go:build goexperiment.simd && amd64 && go1.26 && !go1.27

package hazard

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestVectorsGiveTheBitsOfThePlainLoops(t *testing.T) {
	if !vectors {
		t.Skip("a processor without AVX2")
	}
	ls := draw(truth(), nil, 2000, 5, 20, monday)
	past := *ls[0].past()
	past.LogMean, past.Bureau = math.NaN(), 3
	ls[7].Past = &past // missing values
	d, _ := prepare(ls, bump(), holidays(), monday, 1)
	r := rand.New(rand.NewPCG(8, 1))
	beta := make([]float64, len(d.columns))
	for i := range beta {
		beta[i] = .3 * r.NormFloat64()
	}
	c := d.coefficients(beta)
	var plain, four frame
	sums, sums4 := newTiles(len(d.layout.levels)), newTiles(len(d.layout.levels))
	for items := d.kept.items; len(items) > 0; {
		plain.count, plain.rows = 0, 0
		for len(items) > 0 && plain.fits(&items[0]) && (plain.count == 0 || r.IntN(9) > 0) { // rows over, too
			plain.add(d, &items[0])
			items = items[1:]
		}
		four = plain
		plain.standardise(&d.layout)
		four.standardise4(&d.layout)
		if four != plain {
			t.Fatal("standardise")
		}
		for j := range plain.rows {
			plain.hazard[j] = r.NormFloat64()
		}
		four = plain
		plain.addNumeric(c, 0)
		four.addNumeric4(c)
		if four != plain {
			t.Fatal("addNumeric")
		}
		plain.evaluate(c, 0)
		sums.slopes(&plain)
		sums4.slopes4(&plain)
		for i := range plain.landmarks[:plain.count] {
			var cross, cross4 [periodRoom]float64
			at := &plain.landmarks[i]
			runs := at.runs(&plain, uint8(len(sums.levels)), nil)
			sums.within(&plain, at, &cross)
			sums4.within4(&plain, at, &cross4)
			if cross != cross4 {
				t.Fatal("within: cross")
			}
			sums.own(at, runs, &cross)
			sums4.own4(at, runs, &cross)
		}
	}
	for _, s := range []*tiles{&sums, &sums4} { // vectors fill in some of what lies before the diagonals
		for i := range s.landmark {
			clear(s.landmark[i][:i])
		}
		for i := range s.interval {
			clear(s.interval[i][:i])
		}
	}
	if !reflect.DeepEqual(sums, sums4) {
		t.Error("sums differ")
	}
	if sums.landmark[0][numAmount+1] == 0 || sums.interval[numMonthEnd][numMonthEnd] == 0 || sums.across[0][numMonthEnd] == 0 || sums.levels[0].item[0] == 0 {
		t.Error("nothing was added")
	}
}
