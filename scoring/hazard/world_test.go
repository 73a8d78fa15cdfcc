package hazard

import (
	"math"
	"math/rand/v2"
)

// monday is a day number that is a Monday, somewhere in 2019.
const monday = 17896

// draw makes n landmarks on Mondays before the cut with varied pasts, whose payment days
// follow the given model exactly, censored at the cut.
func draw(truth *Model, cal *Calendar, n int, seed uint64, weeks int32, cut int32) []Landmark {
	r := rand.New(rand.NewPCG(seed, 1))
	ls := make([]Landmark, 0, n)
	for range n {
		l := someone(r)
		l.Date = cut - 7*(1+r.Int32N(weeks))
		l.Due += l.Date
		l.Issue = l.Due - []int32{14, 30, 60}[r.IntN(3)]
		curve := truth.Curve(&l, cal)
		day, ok := curve.Quantile(-expm1(-r.ExpFloat64()))
		if !ok {
			day = 181
		}
		l.Follow, l.Paid = min(day, cut-l.Date), ok && day <= cut-l.Date
		l.Key = r.Uint64()
		ls = append(ls, l)
	}
	return ls
}

// someone is a landmark with a past, dated 0.
func someone(r *rand.Rand) Landmark {
	late := 20*r.Float64() - 5
	p := &Past{Paid: 6 * r.Float64(), LateMean: late, LateShare: r.Float64(), LateWeight: 3, Settled: r.Int32N(20),
		LogMean: 6 + r.Float64(), OpenOverdue: r.Int32N(5), Utilization: 1.4 * r.Float64(), Tenure: r.Int32N(900),
		Kept: r.Int32N(3), Broken: r.Int32N(3), Bureau: math.NaN(), SinceContact: r.Int32N(90) - 1}
	for b := range p.Exposed {
		p.Exposed[b] = 8 * r.Float32()
	}
	return Landmark{Due: r.Int32N(40) - 25, Open: math.Exp(6 + 1.5*r.NormFloat64()), Disputed: r.Float64() < .15,
		PromiseDue: r.Int32N(60) - 30, PromiseBroken: r.Float64() < .2, Past: p}
}

// truth is a model with a few known coefficients.
func truth() *Model {
	m := &Model{Version: Version, Kind: KindHazard, Intercept: -.2, Calibration: Calibration{Factor: 1}, Pooled: Pooled{Kappa: 2}}
	m.Pooled.Rates = bump().Rates()
	m.Pooled.RatesDue = bump().ratesDue(&m.Pooled.Rates)
	m.Pooled.Weekday = [5]float64{1, 1, 1, 1, 1}
	m.Terms = []Term{
		{Name: "frailty", Coefficient: .6, Scale: 1},
		{Name: "amount", Coefficient: -.15, Mean: 6, Scale: 1},
		{Name: "open_overdue", Coefficient: -.3, Mean: 1, Scale: 1},
		{Name: "disputed", Level: "yes", Coefficient: -.9, Scale: 1},
		{Name: "promise_broken", Level: "yes", Coefficient: -.4, Scale: 1},
		{Name: "promise", Level: "due", Coefficient: .7, Scale: 1},
	}
	if err := m.compile(); err != nil {
		panic(err)
	}
	return m
}

// bump is a life table whose hazard is highest just after the due date.
func bump() *LifeTable {
	t := new(LifeTable)
	for b := range t.Paid {
		t.Exposed[b] = 100000
		t.Paid[b] = 2000
		if s := AgeBinStart(b); s >= 0 && s < 13 {
			t.Paid[b] = 8000
		}
	}
	return t
}

// prepare is what Fit does before the Newton iteration.
func prepare(ls []Landmark, life *LifeTable, cal *Calendar, cut int32, workers int) (*design, *moments) {
	d := &design{all: ls, cal: cal, cut: cut, workers: workers}
	d.choose(1 << 40)
	p := d.pool(life)
	d.pooled = &p
	d.keep()
	m := d.moments()
	d.columnsFrom(m)
	return d, m
}

// firm is a simulated ledger: customers with a gamma speed of payment, their invoices and
// when they were paid, and the landmarks of every Monday with what was known then.
func firm(seed uint64, customers, invoices int, weeks int32, cut int32) ([]Landmark, *LifeTable) {
	r := rand.New(rand.NewPCG(seed, 2))
	life := new(LifeTable)
	var ls []Landmark
	for range customers {
		speed := (r.ExpFloat64() + r.ExpFloat64()) / 2
		var items []invoice
		for range 1 + r.IntN(2*invoices-1) {
			it := invoice{issue: cut - 300 + r.Int32N(300), amount: math.Exp(6 + r.NormFloat64()), disputed: r.Float64() < .1}
			it.due = it.issue + 30
			it.paid = it.pay(r, speed, cut+200)
			items = append(items, it)
			for day := it.issue + 1; day <= min(it.paid, cut); day++ {
				if weekday(day) < 5 {
					life.Exposed[AgeBin(day-it.due)]++
				}
			}
			if it.paid <= cut {
				life.Paid[AgeBin(it.paid-it.due)]++
			}
		}
		for s := cut - 7*weeks; s < cut; s += 7 {
			var past *Past
			for _, it := range items {
				if it.issue > s || it.paid <= s {
					continue
				}
				if past == nil {
					past = known(items, s)
				}
				ls = append(ls, Landmark{Date: s, Issue: it.issue, Due: it.due, Open: it.amount, Disputed: it.disputed,
					PromiseDue: -1, Past: past, Follow: it.paid - s, Paid: it.paid <= cut+200, Key: r.Uint64()})
			}
		}
	}
	return ls, life
}

type invoice struct {
	issue, due, paid int32
	amount           float64
	disputed         bool
}

// pay draws the day of payment.
func (it *invoice) pay(r *rand.Rand, speed float64, last int32) int32 {
	for day := it.issue + 1; day <= last; day++ {
		rate := .012
		if age := day - it.due; age >= 0 && age < 15 {
			rate = .12
		} else if age >= 15 {
			rate = .05
		}
		if it.disputed {
			rate *= .3
		}
		if weekday(day) < 5 && r.Float64() < -expm1(-rate*speed) {
			return day
		}
	}
	return last + 1
}

// known is the past of a customer at day s.
func known(items []invoice, s int32) *Past {
	p := &Past{LateMean: math.NaN(), LateShare: math.NaN(), LogMean: math.NaN(), Utilization: math.NaN(), Bureau: math.NaN(), SinceContact: -1}
	late, lates, n, logs := 0.0, 0.0, 0.0, 0.0
	for _, it := range items {
		if it.issue > s {
			continue
		}
		n++
		logs += math.Log(it.amount)
		end := min(it.paid, s)
		for day := it.issue + 1; day <= end; day++ {
			if weekday(day) < 5 {
				p.Exposed[AgeBin(day-it.due)]++
			}
		}
		if it.paid <= s {
			p.Paid++
			p.PaidAt[AgeBin(it.paid-it.due)]++
			p.Settled++
		} else if s > it.due {
			p.OpenOverdue++
		}
		if it.paid <= s || s > it.due {
			p.LateWeight++
			late += float64(end - it.due)
			if end > it.due {
				lates++
			}
		}
	}
	p.LogMean = logs / n
	if p.LateWeight > 0 {
		p.LateMean, p.LateShare = late/p.LateWeight, lates/p.LateWeight
	}
	return p
}
