package pipeline

import (
	"math"
	"slices"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// figure is what one way of predicting came to at one origin and horizon. What it does not
// predict, or what has no value for want of one of the two outcomes, is NaN.
type figure struct {
	origin   scoring.Day // NoDay: the mean over the origins, each alike
	horizon  int32
	rival    string
	items    int // with an outcome
	excluded int // credited, written off or withdrawn before the horizon
	baseRate float64

	auc, ks, brier, logLoss, ece, eceFloor, slope, intercept float64
	daysError                                                float64 // mean of |min(median, h) - min(days to payment, h)|
	cash                                                     float64 // expected over actual cash within the horizon
	money                                                    float64 // share of the money paid within the horizon that the first tenth of the items holds, by expected cash
	late                                                     float64 // share of the money still unpaid and past due at the horizon that the first tenth holds, by expected late money
}

// values are the numbers of a figure, by the names of their columns.
func (f *figure) values() []named {
	return []named{{"base_rate", &f.baseRate}, {"auc", &f.auc}, {"ks", &f.ks}, {"brier", &f.brier}, {"log_loss", &f.logLoss},
		{"ece", &f.ece}, {"ece_noise_floor", &f.eceFloor}, {"calibration_slope", &f.slope}, {"calibration_intercept", &f.intercept},
		{"days_error", &f.daysError}, {"cash_expected_over_paid", &f.cash}, {"money_top_tenth", &f.money}, {"late_money_top_tenth", &f.late}}
}

type named struct {
	name string
	at   *float64
}

// ended tells what became of an item by a horizon; known is false for one that was credited,
// written off or withdrawn before it.
func (t *openThen) ended(h int32) (paid, known bool) {
	paid = t.paid && t.follow <= h
	return paid, paid || t.follow >= h
}

// sampleOf pairs what f says of each item with what happened by the horizon.
func sampleOf(o *origin, h int32, f func(i int) float64) (s hazard.Sample, paid int) {
	for i := range o.items {
		y, known := o.items[i].ended(h)
		p := f(i)
		if !known || p != p {
			continue
		}
		if y {
			paid++
		}
		s.P = append(s.P, p)
		s.Paid = append(s.Paid, y)
	}
	return s, paid
}

// bins of the calibration error.
const bins = 10

// measure turns predictions and outcomes into figures: every origin by itself, then their mean.
func (b *backtest) measure() {
	for _, o := range b.origins {
		for h, days := range horizons {
			if o.day+scoring.Day(days) > b.end {
				continue
			}
			for r := range o.rivals {
				f := o.figure(&o.rivals[r], h)
				b.figures = append(b.figures, f)
				if f.rival == rivalRatio && days == 30 {
					o.findLeaks(days, f.auc)
				}
			}
		}
	}
	b.figures = append(b.figures, b.means()...)
}

func (o *origin) figure(r *rival, h int) figure {
	days := horizons[h]
	f := figure{origin: o.day, horizon: days, rival: r.name}
	for _, v := range f.values() {
		*v.at = nan
	}
	truth, paid := sampleOf(o, days, func(int) float64 { return 0 })
	f.items, f.excluded = len(truth.P), len(o.items)-len(truth.P)
	if f.items == 0 {
		return f
	}
	f.baseRate = float64(paid) / float64(f.items)
	if p := r.paid[h]; p != nil {
		s, _ := sampleOf(o, days, func(i int) float64 { return p[i] })
		f.auc, f.ks, f.brier, f.logLoss, f.ece, f.eceFloor = s.AUC(), s.KS(), s.Brier(), logLoss(&s), s.ECE(bins), s.NoiseFloor(bins)
		if a, b, ok := s.CalibrationLine(); ok {
			f.intercept, f.slope = a, b
		}
		f.cash = o.cashRatio(p, days)
	}
	if r.days != nil {
		f.daysError = o.daysError(r.days, days)
	}
	f.money = firstTenth(o.byMoney(r, h), func(i int) float64 { return o.paidMoney(i, days) })
	f.late = firstTenth(o.byLate(r, h), func(i int) float64 { return o.lateMoney(i, days) })
	return f
}

// logLoss is the log loss with predictions kept off 0 and 1 by a thousandth: a baseline that counts
// says "never" after a few looks, and one miss would make its loss what the limit says it is.
func logLoss(s *hazard.Sample) float64 {
	const edge = .001
	limited := hazard.Sample{P: make([]float64, len(s.P)), Paid: s.Paid}
	for i, p := range s.P {
		limited.P[i] = min(max(p, edge), 1-edge)
	}
	return limited.LogLoss()
}

// daysError is over the items that were paid or followed to the horizon.
func (o *origin) daysError(days []float64, h int32) float64 {
	sum, n := 0.0, 0.0
	for i := range o.items {
		paid, known := o.items[i].ended(h)
		if !known {
			continue
		}
		took := float64(h)
		if paid {
			took = float64(o.items[i].follow)
		}
		said := float64(h)
		if days[i] == days[i] {
			said = min(days[i], said)
		}
		sum += math.Abs(said - took)
		n++
	}
	return sum / n
}

func (o *origin) cashRatio(p []float64, h int32) float64 {
	expected, actual := 0.0, 0.0
	for i := range o.items {
		if paid, known := o.items[i].ended(h); known {
			v := float64(o.items[i].open)
			expected += float64(v * p[i])
			if paid {
				actual += v
			}
		}
	}
	return expected / actual
}

// paidMoney and lateMoney are what an item adds to the money that a ranking looks for.
func (o *origin) paidMoney(i int, h int32) float64 {
	if paid, _ := o.items[i].ended(h); paid {
		return float64(o.items[i].open)
	}
	return 0
}

func (o *origin) lateMoney(i int, h int32) float64 {
	if paid, known := o.items[i].ended(h); known && !paid && o.items[i].pastDue+h > 0 {
		return float64(o.items[i].open)
	}
	return 0
}

// byMoney orders the items for cash: by expected cash within the horizon, or as a baseline has it.
func (o *origin) byMoney(r *rival, h int) []int {
	return o.order(r, h, func(i int) float64 { return float64(float64(o.items[i].open) * r.paid[h][i]) })
}

// byLate orders the items for late money: by the amount expected to be past due at the horizon.
func (o *origin) byLate(r *rival, h int) []int {
	return o.order(r, h, func(i int) float64 {
		if o.items[i].pastDue+horizons[h] <= 0 {
			return 0
		}
		return float64(float64(o.items[i].open) * (1 - r.paid[h][i]))
	})
}

// order is the items with an outcome, the largest value first; nil for a rival without an order. Ties
// fall by place, which is by customer, due date and id.
func (o *origin) order(r *rival, h int, value func(i int) float64) []int {
	switch {
	case r.rank != nil:
		value = func(i int) float64 { return r.rank[i] }
	case r.paid[h] == nil:
		return nil
	}
	var at []int
	for i := range o.items {
		if _, known := o.items[i].ended(horizons[h]); known {
			at = append(at, i)
		}
	}
	worth := make([]float64, len(o.items))
	for _, i := range at {
		worth[i] = value(i)
	}
	slices.SortStableFunc(at, func(a, b int) int {
		switch {
		case worth[a] > worth[b]:
			return -1
		case worth[a] < worth[b]:
			return 1
		}
		return 0
	})
	return at
}

// firstTenth is the share of the money that the first tenth of the order holds.
func firstTenth(order []int, money func(i int) float64) float64 {
	if order == nil {
		return nan
	}
	found, all := 0.0, 0.0
	for k, i := range order {
		m := money(i)
		all += m
		if k < (len(order)+9)/10 {
			found += m
		}
	}
	return found / all // NaN where there was none to be found
}

// means are the figures averaged over the origins that have them.
func (b *backtest) means() (out []figure) {
	for _, days := range horizons {
		for _, name := range b.names() {
			m := figure{origin: scoring.NoDay, horizon: days, rival: name}
			var counts [len(horizons) * 8]float64
			met := false
			for i := range b.figures {
				f := &b.figures[i]
				if f.horizon != days || f.rival != name {
					continue
				}
				met = true
				m.items += f.items
				m.excluded += f.excluded
				to := m.values()
				for k, v := range f.values() {
					if x := *v.at; x == x && !math.IsInf(x, 0) {
						*to[k].at += x
						counts[k]++
					}
				}
			}
			for k, v := range m.values() {
				*v.at /= counts[k] // NaN where no origin has it
			}
			if met {
				out = append(out, m)
			}
		}
	}
	return out
}
