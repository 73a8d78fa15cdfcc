package pipeline

import (
	"math"
	"slices"
	"strings"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// forecastWeeks is the number of weeks for which cash is forecast; week k begins on the day
// as-of + 1 + 7k.
const forecastWeeks = 13

// cashWeek is the cash expected from the items that are open now, in one currency and week. Items not
// yet invoiced are not in it. Amounts are minor units.
type cashWeek struct {
	start               scoring.Day
	currency            scoring.Currency
	expected, low, high int64
}

// frailtyNodes are the points and weights of the Gauss-Hermite rule with three points for a standard
// normal variable; a customer's frailty is a function of one (Wilson and Hilferty, PNAS 17, 1931).
var frailtyNodes = [3]struct{ z, weight float64 }{{-1.7320508075688772, 1. / 6}, {0, 2. / 3}, {1.7320508075688772, 1. / 6}}

// frailtyAt is about the quantile of a gamma variable of mean 1 and the shape at the normal point z.
func frailtyAt(shape, z float64) float64 {
	v := 1 - 1/(9*shape) + z/(3*math.Sqrt(shape))
	return max(0, float64(v*v*v))
}

// cashSums are mean and variance of cash by currency and week.
type cashSums map[scoring.Currency]*cashMoments

// cashMoments are mean and variance of cash by week.
type cashMoments [forecastWeeks][2]float64

// cashBill is an item of a customer: its curve and what it is worth.
type cashBill struct {
	curve  *hazard.Curve
	amount float64
}

// moments are those of one customer's cash: its items are paid independently given the customer's frailty, which
// they share, so that a customer who turns slow is slow with everything.
func moments(bills []cashBill, shape float64) (sum cashMoments) {
	type cell struct {
		mean          float64
		given, within [len(frailtyNodes)]float64 // mean and variance at every node
	}
	var weeks [forecastWeeks]cell
	var ends [forecastWeeks]int32
	var hazards [forecastWeeks]float64
	for w := range ends {
		ends[w] = int32(7 * (w + 1))
	}
	for _, b := range bills {
		v, before := b.amount, 0.0
		b.curve.Hazards(ends[:], hazards[:])
		for w, after := range hazards {
			weeks[w].mean += float64(v * (math.Exp(-before) - math.Exp(-after)))
			for i, node := range frailtyNodes {
				z := frailtyAt(shape, node.z)
				q := math.Exp(-z*before) - math.Exp(-z*after)
				weeks[w].given[i] += float64(v * q)
				weeks[w].within[i] += float64(v * v * q * (1 - q))
			}
			before = after
		}
	}
	for w := range weeks {
		x := &weeks[w]
		mean, square, within := 0.0, 0.0, 0.0
		for i, node := range frailtyNodes {
			mean += float64(node.weight * x.given[i])
			square += float64(node.weight * x.given[i] * x.given[i])
			within += float64(node.weight * x.within[i])
		}
		sum[w] = [2]float64{x.mean, within + max(0, square-float64(mean*mean))}
	}
	return sum
}

// add counts one customer.
func (s cashSums) add(c *customer, kappa func(*hazard.Past) float64, amount func(*scoring.Item) (float64, scoring.Currency)) {
	bills := map[scoring.Currency][]cashBill{}
	shape, at := 0.0, 0
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open <= 0 {
			continue
		}
		if at == 0 {
			shape = kappa(it.Landmark.Past)
		}
		v, currency := amount(it)
		bills[currency] = append(bills[currency], cashBill{&c.curves[at], v})
		at++
	}
	for currency, b := range bills { // every currency by itself, so their order does not matter
		sum := s[currency]
		if sum == nil {
			sum = new(cashMoments)
			s[currency] = sum
		}
		sum.add(moments(b, shape))
	}
}

func (m *cashMoments) add(o cashMoments) {
	for w := range m {
		m[w][0] += o[w][0]
		m[w][1] += o[w][1]
	}
}

// merge adds sums; every currency by itself, so their order does not matter.
func (s cashSums) merge(o cashSums) {
	for currency, weeks := range o {
		sum := s[currency]
		if sum == nil {
			sum = new(cashMoments)
			s[currency] = sum
		}
		sum.add(*weeks)
	}
}

// weeks turns sums into rows, by currency code and week. width is the interval's half width in standard
// deviations.
func (s cashSums) weeks(asOf scoring.Day, width float64) []cashWeek {
	out := []cashWeek{}
	for currency, weeks := range s {
		for w, v := range weeks {
			spread := width * math.Sqrt(v[1])
			out = append(out, cashWeek{start: asOf + 1 + scoring.Day(7*w), currency: currency, expected: int64(math.Round(v[0])),
				low: int64(math.Round(max(0, v[0]-spread))), high: int64(math.Round(v[0] + spread))})
		}
	}
	slices.SortFunc(out, func(a, b cashWeek) int {
		if c := strings.Compare(a.currency.String(), b.currency.String()); c != 0 {
			return c
		}
		return int(a.start - b.start)
	})
	return out
}

// forecast sums the expected cash of the scored customers: by currency of the items, and all of it in
// the reporting currency. The intervals are as wide as cashWidth says.
func (n *night) forecast() {
	const block = 256
	blocks := (len(n.cases) + block - 1) / block
	own, base := make([]cashSums, blocks), make([]cashSums, blocks)
	_ = n.inParallel(blocks, func(_, i int) error {
		own[i], base[i] = cashSums{}, cashSums{}
		for _, c := range n.cases[i*block : min((i+1)*block, len(n.cases))] {
			own[i].add(c, n.model.Shape, func(it *scoring.Item) (float64, scoring.Currency) { return float64(it.Open), it.Currency })
			base[i].add(c, n.model.Shape, func(it *scoring.Item) (float64, scoring.Currency) { return float64(it.OpenBase), n.currency })
		}
		return nil
	})
	ownAll, baseAll := cashSums{}, cashSums{}
	for i := range blocks { // in order, so that the sums are the same bits for any number of workers
		ownAll.merge(own[i])
		baseAll.merge(base[i])
	}
	n.cash, n.cashBase = ownAll.weeks(n.asOf, n.cashWidth), baseAll.weeks(n.asOf, n.cashWidth)
}

// fillForecast writes cash_forecast.parquet.
func (n *night) fillForecast(s *sheet, full func() error) error {
	digits := n.itemDigits()
	for _, w := range n.cash {
		scale := int64(1)
		for d := w.currency.Digits(); d < digits; d++ {
			scale *= 10
		}
		s.day(w.start).text(w.currency.String()).money(w.expected * scale).money(w.low * scale).money(w.high * scale).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// forecastSection is the whole in the reporting currency, for run.json.
func (n *night) forecastSection() any {
	type week struct {
		Start    string `json:"week_start"`
		Expected string `json:"expected"`
		Low      string `json:"low"`
		High     string `json:"high"`
	}
	weeks := []week{}
	amount := func(v int64) string { return scoring.FormatMinor(v, n.currency.Digits()) }
	for _, w := range n.cashBase {
		weeks = append(weeks, week{w.start.String(), amount(w.expected), amount(w.low), amount(w.high)})
	}
	return map[string]any{"currency": n.currency.String(), "interval": .8, "standard_deviations": n.cashWidth, "weeks": weeks}
}
