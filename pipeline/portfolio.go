package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// The dimensions of portfolio.parquet, in its order.
var dimensions = [...]string{"all", "segment", "region", "collector", "currency"}

// slice is one part of the portfolio: a dimension (index into dimensions) and its value. Sums by
// currency are in that currency, all others in the reporting currency.
type slice struct {
	dimension int
	value     string
	currency  scoring.Currency
}

// portfolio holds the sums of every slice.
type portfolio map[slice]*scoring.PortfolioSum

// of is the sum of a slice, made when there is none.
func (p portfolio) of(dimension int, value string, c scoring.Currency) *scoring.PortfolioSum {
	sum := p[slice{dimension, value, c}]
	if sum == nil {
		sum = &scoring.PortfolioSum{}
		p[slice{dimension, strings.Clone(value), c}] = sum
	}
	return sum
}

// add puts customers into every slice that they belong to.
func (p portfolio) add(groups []*scoring.PortfolioGroup, reporting scoring.Currency) {
	for _, g := range groups {
		if g.Customers == 0 {
			continue
		}
		for dimension, value := range [...]string{"", g.Segment, g.Region, g.Collector} {
			sum := p.of(dimension, value, reporting)
			customers := sum.Customers + g.Customers // each once, in however many currencies
			for _, part := range g.Parts {
				sum.Merge(part.Base)
			}
			sum.Customers = customers
		}
		for _, part := range g.Parts {
			if part.Own.Customers > 0 {
				p.of(len(dimensions)-1, part.Currency.String(), part.Currency).Merge(&part.Own)
			}
		}
	}
}

// merge adds another shard's portfolio.
func (p portfolio) merge(o portfolio) {
	for at, sum := range o {
		p.of(at.dimension, at.value, at.currency).Merge(sum)
	}
}

// slices are the parts in the order of the table.
func (p portfolio) slices() []slice {
	all := make([]slice, 0, len(p))
	for at := range p {
		all = append(all, at)
	}
	slices.SortFunc(all, func(a, b slice) int {
		return cmp.Or(cmp.Compare(a.dimension, b.dimension), cmp.Compare(a.value, b.value), cmp.Compare(a.currency, b.currency))
	})
	return all
}

// digits is the scale that fits the amounts of every slice.
func (p portfolio) digits(reporting scoring.Currency) int {
	digits := reporting.Digits()
	for at := range p {
		digits = max(digits, at.currency.Digits())
	}
	return digits
}

// portfolioColumns are the columns of portfolio.parquet; docs/columns.md says what they mean.
func portfolioColumns(digits int) []table.OutColumn {
	return []table.OutColumn{
		str("dimension"), ostr("value"), str("currency"), date("period_end"), num("period_days"), {Name: "customers", Type: table.OutInt},
		dec("open_amount", digits), dec("overdue_amount", digits), dec("not_due", digits),
		dec("bucket_1_30", digits), dec("bucket_31_60", digits), dec("bucket_61_90", digits), dec("bucket_91_120", digits), dec("bucket_over_120", digits),
		dec("unapplied_amount", digits), dec("sales", digits), {Name: "no_rate", Type: table.OutInt},
		odbl("dso_365"), odbl("dso_183"), odbl("dso_90"), odbl("dso_countback"), odbl("best_possible_dso"), odbl("average_days_delinquent"),
		odbl("cei"), odbl("days_past_due_weighted"),
		odbl("roll_not_due"), odbl("roll_1_30"), odbl("roll_31_60"), odbl("roll_61_90"), odbl("roll_91_120"),
	}
}

// fillPortfolio writes every slice, period ends ascending.
func (n *night) fillPortfolio(s *sheet, full func() error) error {
	digits := n.portfolio.digits(n.currency)
	ends := scoring.Ends(n.asOf)
	for _, at := range n.portfolio.slices() {
		sum := n.portfolio[at]
		for k := scoring.PeriodEnds - 1; k >= 0; k-- {
			e := &sum.Ends[k]
			scale := int64(1)
			for d := at.currency.Digits(); d < digits; d++ {
				scale *= 10
			}
			total, overdue := e.Total()
			var amounts [10]int64
			for i, v := range [...]scoring.Sum{total, overdue, e.Open[scoring.NotDue], e.Open[scoring.Days1To30], e.Open[scoring.Days31To60],
				e.Open[scoring.Days61To90], e.Open[scoring.Days91To120], e.Open[scoring.Over120], e.Open[scoring.OnAccount], e.Sales} {
				minor, ok := v.Int64()
				if !ok || minor > math.MaxInt64/scale || minor < -math.MaxInt64/scale {
					return fmt.Errorf("%s %s: an amount of %s has more digits than the table holds", dimensions[at.dimension], at.value, at.currency)
				}
				amounts[i] = minor * scale
			}
			in := sum.At(k, n.asOf)
			s.text(dimensions[at.dimension]).maybeText(at.value).text(at.currency.String()).day(ends[k]).int(int32(ends[k] - ends[k+1])).long(sum.Customers)
			for _, v := range amounts {
				s.money(v)
			}
			s.long(e.NoRate + e.NoRateSales).
				share(in.DSO[scoring.Window365]).share(in.DSO[scoring.Window183]).share(in.DSO[scoring.Window90]).share(in.Countback).
				share(in.BestPossible).share(in.Delinquent).share(in.CEI).share(in.WeightedDays)
			for _, v := range in.Roll {
				s.share(v)
			}
			s.row()
			if err := full(); err != nil {
				return err
			}
		}
	}
	return nil
}

// portfolioEnd is the portfolio at one period end in run.json: null where there is nothing to
// divide by, or where something has no exchange rate on its date.
type portfolioEnd struct {
	Dimension    string   `json:"dimension"`
	Value        string   `json:"value,omitempty"`
	Currency     string   `json:"currency"`
	PeriodEnd    string   `json:"period_end"`
	Open         string   `json:"open_amount"`
	Overdue      string   `json:"overdue_amount"`
	DSO365       *float64 `json:"dso_365"`
	DSO183       *float64 `json:"dso_183"`
	DSO90        *float64 `json:"dso_90"`
	Countback    *float64 `json:"dso_countback"`
	BestPossible *float64 `json:"best_possible_dso"`
	Delinquent   *float64 `json:"average_days_delinquent"`
	CEI          *float64 `json:"cei"`
	WeightedDays *float64 `json:"days_past_due_weighted"`
	NoRate       int64    `json:"no_rate,omitempty"`
}

// portfolioSection is the section portfolio of run.json: the whole, and every currency in itself, on
// the as-of date and at the month-end before it.
func (n *night) portfolioSection() []portfolioEnd {
	out := []portfolioEnd{}
	maybe := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	ends := scoring.Ends(n.asOf)
	for _, at := range n.portfolio.slices() {
		if d := dimensions[at.dimension]; d != "all" && d != "currency" {
			continue
		}
		sum := n.portfolio[at]
		for k := range 2 {
			e, in := &sum.Ends[k], sum.At(k, n.asOf)
			total, overdue := e.Total()
			digits := at.currency.Digits()
			out = append(out, portfolioEnd{dimensions[at.dimension], at.value, at.currency.String(), ends[k].String(), total.String(digits), overdue.String(digits),
				maybe(in.DSO[scoring.Window365]), maybe(in.DSO[scoring.Window183]), maybe(in.DSO[scoring.Window90]), maybe(in.Countback),
				maybe(in.BestPossible), maybe(in.Delinquent), maybe(in.CEI), maybe(in.WeightedDays), e.NoRate + e.NoRateSales})
		}
	}
	return out
}

// wholePortfolio is the sum of all customers in the reporting currency, empty where there are none.
func (n *night) wholePortfolio() *scoring.PortfolioSum {
	if sum := n.portfolio[slice{0, "", n.currency}]; sum != nil {
		return sum
	}
	return &scoring.PortfolioSum{}
}

// portfolioApart says where the portfolio of the as-of date and the accounts are apart, "" when they tie.
func (n *night) portfolioApart() string {
	open, overdue := n.ledger.openSum, n.ledger.overdueSum
	total, late := n.wholePortfolio().Ends[0].Total()
	if total != open || late != overdue {
		d := n.currency.Digits()
		return fmt.Sprintf("the portfolio has %s open, %s overdue, the accounts %s and %s", total.String(d), late.String(d), open.String(d), overdue.String(d))
	}
	return ""
}
