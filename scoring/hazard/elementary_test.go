package hazard

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// precise is the bits of the independent calculations below.
const precise = 200

// bigLn is the logarithm by the series of 2 atanh((x-1)/(x+1)), halved towards 1 by square roots first.
func bigLn(x *big.Float) *big.Float {
	x = new(big.Float).SetPrec(precise).Set(x)
	one := big.NewFloat(1).SetPrec(precise)
	const roots = 12
	for range roots {
		x.Sqrt(x)
	}
	u := new(big.Float).SetPrec(precise).Quo(new(big.Float).SetPrec(precise).Sub(x, one), new(big.Float).SetPrec(precise).Add(x, one))
	square := new(big.Float).SetPrec(precise).Mul(u, u)
	sum, power := new(big.Float).SetPrec(precise), new(big.Float).SetPrec(precise).Set(u)
	for k := int64(1); k < 60; k += 2 {
		sum.Add(sum, new(big.Float).SetPrec(precise).Quo(power, big.NewFloat(float64(k)).SetPrec(precise)))
		power.Mul(power, square)
	}
	return sum.Mul(sum, big.NewFloat(2<<roots))
}

// bigExp is the exponential function by its series, at x/2**16, squared back.
func bigExp(x float64) *big.Float {
	const halvings = 16
	small := big.NewFloat(math.Ldexp(x, -halvings)).SetPrec(precise)
	sum, power := big.NewFloat(1).SetPrec(precise), big.NewFloat(1).SetPrec(precise)
	for k := 1; k < 30; k++ {
		power.Mul(power, small)
		power.Quo(power, big.NewFloat(float64(k)).SetPrec(precise))
		sum.Add(sum, power)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// ulps is the distance of got from want in units of want's last place.
func ulps(got float64, want *big.Float) float64 {
	near, _ := want.Float64()
	unit := math.Nextafter(math.Abs(near), math.Inf(1)) - math.Abs(near)
	away, _ := new(big.Float).SetPrec(precise).Sub(big.NewFloat(got).SetPrec(precise), want).Float64()
	return math.Abs(away) / unit
}

func TestTablesAreTheNearestNumbers(t *testing.T) {
	for i := range inverses {
		c := 1 + float64(i)/128
		if inverses[i] != 1/c {
			t.Errorf("inverses[%d] is %v, want %v", i, inverses[i], 1/c)
		}
		if i >= upperHalf {
			c /= 2
		}
		if c != 1 && ulps(logs[i], bigLn(big.NewFloat(c))) > .5 {
			t.Errorf("logs[%d] is %v", i, logs[i])
		}
	}
	for i := range powers {
		want := big.NewFloat(math.Ldexp(1, i)).SetPrec(precise) // 2**i, whose 128th root is wanted
		for range 7 {
			want.Sqrt(want)
		}
		if ulps(powers[i], want) > .5 {
			t.Errorf("powers[%d] is %v, want %v", i, powers[i], want)
		}
	}
	if logs[0] != 0 || logs[128] != 0 || ln(1) != 0 || exp(0) != 1 {
		t.Errorf("ln(1) is %v, exp(0) is %v", ln(1), exp(0))
	}
}

func TestExpAndLnAreRightToTheLastPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	worstExp, worstLn := 0.0, 0.0
	for i := range 4000 {
		x := r.NormFloat64() * math.Pow(10, float64(i%6-3))
		if math.Abs(x) < 700 {
			worstExp = max(worstExp, ulps(exp(x), bigExp(x)))
		}
		y := math.Exp(r.NormFloat64() * math.Pow(10, float64(i%6-4)))
		if y != 1 {
			worstLn = max(worstLn, ulps(ln(y), bigLn(big.NewFloat(y))))
		}
	}
	t.Logf("off by %.2f and %.2f units in the last place at most", worstExp, worstLn)
	if worstExp > 1 || worstLn > 5 {
		t.Errorf("exp is off by %.2f units in the last place, ln by %.2f", worstExp, worstLn)
	}
}

func TestExpAndLnAtTheLimits(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), -1, 5e-324, 1e-310, math.SmallestNonzeroFloat64, math.MaxFloat64, 700, -700, 709.9, -745.2, 710,
		math.Inf(1), math.Inf(-1), math.NaN(), math.Nextafter(1, 0), math.Nextafter(1, 2), math.Nextafter(2, 0), 0x1p-1022} {
		for _, f := range []struct {
			name      string
			got, want float64
		}{{"exp", exp(x), math.Exp(x)}, {"ln", ln(x), math.Log(x)}} {
			if math.Abs(f.got-f.want) > 4e-16*math.Abs(f.want) || (f.got != f.got) != (f.want != f.want) {
				t.Errorf("%s(%v) is %v, want %v", f.name, x, f.got, f.want)
			}
		}
	}
}

func BenchmarkExpAndLn(b *testing.B) {
	for _, f := range []struct {
		name string
		of   func(float64) float64
	}{{"exp", exp}, {"math.Exp", math.Exp}, {"ln", ln}, {"math.Log", math.Log}} {
		b.Run(f.name, func(b *testing.B) {
			sum, x := 0.0, .001
			for b.Loop() {
				sum += f.of(x)
				if x += .37; x > 8 {
					x -= 8
				}
			}
			_ = sum
		})
	}
}
