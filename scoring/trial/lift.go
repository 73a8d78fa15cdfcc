package trial

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is the probability of the intervals, and Power that with which a needed number of units finds
// the lift asked for.
const (
	Interval = .95
	Power    = .8
)

// Unit is one customer, or one group of customers that are assigned together. Amounts are in any one unit.
type Unit struct {
	Held  bool    // gets no optional action
	Open  float64 // open amount on the day before the comparison began
	Prior float64 // cash in a window of the same length before
	Cash  float64 // cash in the window
}

// Lift is by how much more cash comes from a unit that is worked than from one that is held out.
//
// The difference of the arms' means is adjusted for the open amount before, which no action can have
// changed (CUPED: Deng, Xu, Kohavi and Walker, WSDM 2013): Y - θ(X - mean X) with θ = cov(X, Y)/var(X) within the arms.
// The variance is that of the adjusted values, arm by arm; the interval goes by Student's t with the
// degrees of freedom of Welch and Satterthwaite, since the arm held out is small.
type Lift struct {
	Worked, Held         int     // units
	CashWorked, CashHeld float64 // per unit, as received
	Theta                float64
	Lift, Low, High      float64 // per unit, adjusted; NaN with fewer than two units in an arm
	Needed               int     // units held out with which a lift of `detect` is found; 0 where nothing says
}

// Measure compares the arms; detect is the lift to find, as a share of the cash per unit held out. running
// says that the window is not over: then there is no lift yet, and what is needed is reckoned on the
// window before.
func Measure(units []Unit, detect float64, running bool) Lift {
	y := func(u *Unit) float64 { return u.Cash }
	if running {
		y = func(u *Unit) float64 { return u.Prior }
	}
	var arms [2]arm // worked, held
	for i := range units {
		arms[armOf(&units[i])].mean(&units[i], y)
	}
	for k := range arms {
		arms[k].settle()
	}
	for i := range units {
		arms[armOf(&units[i])].spread(&units[i], y)
	}
	l := Lift{Worked: arms[0].n, Held: arms[1].n, Lift: math.NaN(), Low: math.NaN(), High: math.NaN(), CashWorked: math.NaN(), CashHeld: math.NaN()}
	if xx := arms[0].xx + arms[1].xx; xx > 0 {
		l.Theta = (arms[0].xy + arms[1].xy) / xx
	}
	if !running {
		l.CashWorked, l.CashHeld = arms[0].y, arms[1].y
	}
	if l.Worked < 2 || l.Held < 2 {
		return l
	}
	a, b := arms[0].variance(l.Theta), arms[1].variance(l.Theta)
	l.Needed = needed(&l, (float64(a*float64(l.Worked-1))+float64(b*float64(l.Held-1)))/float64(l.Worked+l.Held-2), detect*arms[1].y)
	if running {
		l.Theta = 0
		return l
	}
	a, b = a/float64(l.Worked), b/float64(l.Held)
	l.Lift = arms[0].y - arms[1].y - float64(l.Theta*(arms[0].x-arms[1].x))
	l.Low, l.High = l.Lift, l.Lift
	if a+b > 0 {
		freedom := (a + b) * (a + b) / (a*a/float64(l.Worked-1) + b*b/float64(l.Held-1))
		// Nine decimals: the library's last ones depend on how it was compiled.
		t := math.Round(distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile((1+Interval)/2)*1e9) / 1e9
		l.Low -= float64(t * math.Sqrt(a+b))
		l.High += float64(t * math.Sqrt(a+b))
	}
	return l
}

// needed is the number of units held out with which a lift of delta shows, at the arms' present
// proportion: (z_.975 + z_.8)² σ² (1 + held/worked) / delta², which for equal arms is the textbook's
// 2(1.96 + .84)² σ²/delta².
func needed(l *Lift, variance, delta float64) int {
	z := distuv.UnitNormal.Quantile((1+Interval)/2) + distuv.UnitNormal.Quantile(Power)
	n := z * z * variance * (1 + float64(l.Held)/float64(l.Worked)) / (delta * delta)
	if !(delta > 0) || !(n < 1e12) {
		return 0
	}
	return int(math.Ceil(n))
}

func armOf(u *Unit) int {
	if u.Held {
		return 1
	}
	return 0
}

// arm is the units of one side: first sums, then means, then central moments.
type arm struct {
	n          int
	x, y       float64
	xx, xy, yy float64
}

func (a *arm) mean(u *Unit, y func(*Unit) float64) {
	a.n++
	a.x += u.Open
	a.y += y(u)
}

func (a *arm) settle() {
	if a.n > 0 {
		a.x /= float64(a.n)
		a.y /= float64(a.n)
	}
}

func (a *arm) spread(u *Unit, y func(*Unit) float64) {
	dx, dy := u.Open-a.x, y(u)-a.y
	a.xx += float64(dx * dx)
	a.xy += float64(dx * dy)
	a.yy += float64(dy * dy)
}

// variance is that of the values adjusted with theta.
func (a *arm) variance(theta float64) float64 {
	return max(0, a.yy-float64(2*theta*a.xy)+float64(theta*theta*a.xx)) / float64(a.n-1)
}
