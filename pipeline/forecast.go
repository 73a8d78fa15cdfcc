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

// weekEnds are the last days of the forecast's weeks, in days after the as-of date.
var weekEnds = [forecastWeeks]int32{7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91}

// cashSums are mean and variance of cash by currency and week.
type cashSums map[scoring.Currency]*cashMoments

// cashMoments are mean and variance of cash by week.
type cashMoments [forecastWeeks][2]float64

func (m *cashMoments) add(o *cashMoments) {
	for w := range m {
		m[w][0] += o[w][0]
		m[w][1] += o[w][1]
	}
}

// cashCells are what a customer is to pay by week: the mean, and mean and variance given the frailty at
// every node.
type cashCells [forecastWeeks]struct {
	mean          float64
	given, within [len(frailtyNodes)]float64
}

// add counts an item of an amount.
func (x *cashCells) add(v float64, chances *weekChances) {
	square := float64(v * v)
	for week := range x {
		c, p := &x[week], &chances[week]
		c.mean += float64(v * p.paid)
		for i, q := range p.given {
			c.given[i] += float64(v * q)
			c.within[i] += float64(float64(square*q) * (1 - q))
		}
	}
}

// moments are those of the customer's cash: its items are paid independently given the customer's frailty,
// which they share, so that a customer who turns slow is slow with everything.
func (x *cashCells) moments() (sum cashMoments) {
	for w := range x {
		c := &x[w]
		mean, square, within := 0.0, 0.0, 0.0
		for i, node := range frailtyNodes {
			mean += float64(node.weight * c.given[i])
			square += float64(node.weight * c.given[i] * c.given[i])
			within += float64(node.weight * c.within[i])
		}
		sum[w] = [2]float64{c.mean, within + max(0, square-float64(mean*mean))}
	}
	return sum
}

// frailties are a customer's frailty at every node.
type frailties [len(frailtyNodes)]float64

func newFrailties(shape float64) (f frailties) {
	for i, node := range frailtyNodes {
		f[i] = frailtyAt(shape, node.z)
	}
	return f
}

// weekChances are the chances that an item is paid in each week, and the same at every node.
type weekChances [forecastWeeks]struct {
	paid  float64
	given [len(frailtyNodes)]float64
}

// weekly fills in the chances of an item.
func (f *frailties) weekly(curve *hazard.Curve, to *weekChances) {
	var hazards [forecastWeeks]float64
	curve.Hazards(weekEnds[:], hazards[:])
	const each = 1 + len(frailtyNodes)
	var left [forecastWeeks * each]float64 // by week: the chance to be open still, and the same at every node
	for week, h := range hazards {
		left[week*each] = h
		for i, z := range f {
			left[week*each+1+i] = float64(z * h)
		}
	}
	hazard.Fade(left[:])
	before := [each]float64{1, 1, 1, 1}
	for week := range to {
		now := (*[each]float64)(left[week*each:])
		to[week].paid = before[0] - now[0]
		for i := range f {
			to[week].given[i] = before[1+i] - now[1+i]
		}
		before = *now
	}
}

// cashBill is an item of a customer: its curve and what it is worth.
type cashBill struct {
	curve  *hazard.Curve
	amount float64
}

// moments are those of the cash of one customer's bills.
func moments(bills []cashBill, shape float64) cashMoments {
	var weeks cashCells
	at := newFrailties(shape)
	var chances weekChances
	for _, b := range bills {
		at.weekly(b.curve, &chances)
		weeks.add(b.amount, &chances)
	}
	return weeks.moments()
}

// cashBook is the cash of some customers in the currencies of their items, and all of it in the
// reporting currency.
type cashBook struct {
	own, base cashSums
	asked     []cashAsked // of the customer at hand
}

// cashAsked is what a customer is to pay in one currency.
type cashAsked struct {
	currency scoring.Currency
	weeks    cashCells
}

func newCashBook() cashBook { return cashBook{own: cashSums{}, base: cashSums{}} }

// add counts one customer. An item's chances are worked out once for both currencies; where all items are in the
// reporting currency, as most customers' are, so is what they come to.
func (b *cashBook) add(c *customer, kappa func(*hazard.Past) float64, reporting scoring.Currency) {
	if len(c.curves) == 0 {
		return
	}
	b.asked = append(b.asked[:0], cashAsked{currency: reporting}) // the first is that of base
	alike := true
	for k := range c.Items {
		it := &c.Items[k]
		alike = alike && (it.Open <= 0 || it.Currency == reporting && it.Open == it.OpenBase)
	}
	var frailty frailties
	var chances weekChances
	at := 0
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open <= 0 {
			continue
		}
		if at == 0 {
			frailty = newFrailties(kappa(it.Landmark.Past))
		}
		frailty.weekly(&c.curves[at], &chances)
		if !alike {
			b.of(it.Currency).weeks.add(float64(it.Open), &chances)
		}
		b.asked[0].weeks.add(float64(it.OpenBase), &chances)
		at++
	}
	all := b.asked[0].weeks.moments()
	b.base.take(reporting, &all)
	if alike {
		b.own.take(reporting, &all)
	}
	for i := range b.asked[1:] {
		x := &b.asked[1+i]
		sum := x.weeks.moments()
		b.own.take(x.currency, &sum)
	}
}

// of is what is asked in a currency of the customer at hand.
func (b *cashBook) of(currency scoring.Currency) *cashAsked {
	for i := range b.asked[1:] {
		if x := &b.asked[1+i]; x.currency == currency {
			return x
		}
	}
	b.asked = append(b.asked, cashAsked{currency: currency})
	return &b.asked[len(b.asked)-1]
}

// take adds what a customer is to pay in one currency.
func (s cashSums) take(currency scoring.Currency, weeks *cashMoments) {
	sum := s[currency]
	if sum == nil {
		sum = new(cashMoments)
		s[currency] = sum
	}
	sum.add(weeks)
}

// merge adds sums; every currency by itself, so their order does not matter.
func (s cashSums) merge(o cashSums) {
	for currency, weeks := range o {
		sum := s[currency]
		if sum == nil {
			sum = new(cashMoments)
			s[currency] = sum
		}
		sum.add(weeks)
	}
}

// weeks turns sums into rows, by currency code and week. stray is the share of the cash by which all customers stray together.
func (s cashSums) weeks(asOf scoring.Day, stray float64) []cashWeek {
	out := []cashWeek{}
	for currency, weeks := range s {
		for w, v := range weeks {
			spread := spread80(v[0], v[1], stray)
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

// forecast sums the expected cash of the scored customers, by blocks of them: by currency of the items, and
// all of it in the reporting currency.
func (n *night) forecast(blocks []cashBook) {
	all := newCashBook()
	for i := range blocks { // in order, so that the sums are the same bits for any number of workers
		all.own.merge(blocks[i].own)
		all.base.merge(blocks[i].base)
	}
	n.cash, n.cashBase = all.own.weeks(n.asOf, n.cashStray), all.base.weeks(n.asOf, n.cashStray)
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
	return map[string]any{"currency": n.currency.String(), "interval": .8, "common": n.cashStray, "weeks": weeks}
}
