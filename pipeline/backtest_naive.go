package pipeline

import (
	"slices"

	"kaishu/scoring"
)

// rival is one way of predicting, over the items of an origin in their order.
type rival struct {
	name string
	paid [len(horizons)][]float64 // probability of payment by horizon; nil where it has none
	days []float64                // days to payment; NaN is beyond every horizon, nil where it has none
	rank []float64                // items with the largest first; nil where the order follows from paid
}

// The names of the baselines that a model has to beat.
const (
	rivalBase    = "base_rate"       // the share of all open items that were paid within as many days
	rivalRatio   = "customer_ratio"  // the same of the customer's own items, shrunk to the base rate
	rivalCurve   = "customer_curve"  // the customer's settled items: of those that were this late, the share paid so soon
	rivalMedian  = "customer_median" // due date plus the customer's median days late
	rivalLargest = "largest_first"
	rivalOldest  = "oldest_first"
)

var naiveNames = [...]string{rivalBase, rivalRatio, rivalCurve, rivalMedian, rivalLargest, rivalOldest}

// Strengths with which a customer's own record is shrunk towards everybody's.
const (
	ratioStrength = 5 // open items seen
	curveStrength = 2 // settled items
)

// ratioWeeks is the number of weekly looks back behind the ratios.
const ratioWeeks = 26

// pool is what all customers' records come to; nothing in it is younger than the origin.
type pool struct {
	asOf   scoring.Day
	ratio  [len(horizons)]float64
	late   []int32 // days late of settled items, ascending
	median float64
}

// record is one customer's part of it.
type record struct {
	*pool
	own    [len(horizons)]float64
	late   []int32
	median float64
}

// looks counts the past weekly looks at which an item was open with the horizon already over, and
// those after which it was paid within the horizon.
func looks(asOf scoring.Day, h int32, issue, settled scoring.Day) (open, paid float64) {
	for k := range scoring.Day(ratioWeeks) {
		s := asOf - scoring.Day(h) - 7*k
		if s < issue {
			break
		}
		if settled != scoring.NoDay && settled <= s {
			continue
		}
		open++
		if settled != scoring.NoDay && settled <= s+scoring.Day(h) {
			paid++
		}
	}
	return open, paid
}

// record counts the looks of a customer's items, settled by cash or open.
func (p *pool) looks(c *customer, h int32) (open, paid float64) {
	for i := range c.History {
		if s := &c.History[i]; s.Cash {
			o, y := looks(p.asOf, h, s.Issue, s.On)
			open, paid = open+o, paid+y
		}
	}
	for i := range c.Items {
		if it := &c.Items[i]; it.Open > 0 {
			o, _ := looks(p.asOf, h, it.Issue, scoring.NoDay)
			open += o
		}
	}
	return open, paid
}

func newPool(n *night) *pool {
	p := &pool{asOf: n.asOf}
	for h, days := range horizons {
		open, paid := 1.0, .5
		for _, c := range n.kept {
			o, y := p.looks(c, days)
			open, paid = open+o, paid+y
		}
		p.ratio[h] = paid / open
	}
	for _, c := range n.kept {
		p.late = append(p.late, lateDays(c)...)
	}
	slices.Sort(p.late)
	p.median = middle(p.late, 0)
	return p
}

// lateDays are the days late of a customer's items settled by cash, ascending.
func lateDays(c *customer) []int32 {
	var late []int32
	for i := range c.History {
		if c.History[i].Cash {
			late = append(late, c.History[i].DaysLate)
		}
	}
	slices.Sort(late)
	return late
}

// middle is the median of sorted values, missing without any.
func middle(sorted []int32, missing float64) float64 {
	n := len(sorted)
	if n == 0 {
		return missing
	}
	return (float64(sorted[(n-1)/2]) + float64(sorted[n/2])) / 2
}

func (p *pool) customer(c *customer) *record {
	r := &record{pool: p, late: lateDays(c)}
	r.median = middle(r.late, p.median)
	for h, days := range horizons {
		open, paid := p.looks(c, days)
		r.own[h] = (paid + float64(ratioStrength*p.ratio[h])) / (open + ratioStrength)
	}
	return r
}

// between is the share, of the sorted values beyond from, that lie within h after it, and how many
// lie beyond it.
func between(sorted []int32, from, h int32) (within, beyond float64) {
	lo, _ := slices.BinarySearch(sorted, from+1)
	hi, _ := slices.BinarySearch(sorted, from+h+1)
	return float64(hi - lo), float64(len(sorted) - lo)
}

// predict adds what a baseline says about an item.
func (r *record) predict(to *rival, it *scoring.Item) {
	switch to.name {
	case rivalBase:
		for h := range horizons {
			to.paid[h] = append(to.paid[h], r.ratio[h])
		}
		to.days = append(to.days, max(0, r.pool.median-float64(it.PastDue)))
	case rivalRatio:
		for h := range horizons {
			to.paid[h] = append(to.paid[h], r.own[h])
		}
	case rivalCurve:
		for h, days := range horizons {
			within, beyond := between(r.pool.late, it.PastDue, days)
			everybody := (within + 1) / (beyond + 2)
			within, beyond = between(r.late, it.PastDue, days)
			to.paid[h] = append(to.paid[h], (within+float64(curveStrength*everybody))/(beyond+curveStrength))
		}
	case rivalMedian:
		to.days = append(to.days, max(0, r.median-float64(it.PastDue)))
	case rivalLargest:
		to.rank = append(to.rank, float64(it.OpenBase))
	case rivalOldest:
		to.rank = append(to.rank, float64(it.PastDue))
	}
}

// The columns of the customers export that carry no date: they may hold what is known today.
const (
	undatedBureau = iota
	undatedLimit
	undatedMargin
	undatedColumns
)

var undatedNames = [undatedColumns]string{"bureau_score", "credit_limit", "annual_margin"}

func undated(c *customer) (v [undatedColumns]float64) {
	v = [undatedColumns]float64{undatedBureau: c.Master.Bureau, undatedLimit: nan, undatedMargin: nan}
	if !c.HasRow {
		v[undatedBureau] = nan
	}
	if c.HasLimit {
		v[undatedLimit] = float64(c.Limit)
	}
	if c.Master.HasMargin {
		v[undatedMargin] = float64(c.Margin)
	}
	return v
}

// leak is a column without a date that by itself orders what happened after the origin better than
// the customers' own dated record does, though both say one thing of a customer whatever the item: it
// knows the outcome.
type leak struct {
	Column string  `json:"column"`
	AUC    float64 `json:"auc"`    // of the column alone, either way round
	Record float64 `json:"record"` // of customer_ratio
}

// Limits of the search for leaks: so many items of either outcome, and so much beyond the
// customers' record.
const (
	leakItems  = 50
	leakMargin = .05
)

// findLeaks looks for columns that know the outcome at a horizon.
func (o *origin) findLeaks(h int32, record float64) {
	for column := range undatedColumns {
		s, paid := sampleOf(o, h, func(i int) float64 { return o.items[i].undated[column] })
		if paid < leakItems || len(s.P)-paid < leakItems {
			continue
		}
		auc := s.AUC()
		if auc = max(auc, 1-auc); auc > record+leakMargin {
			o.leaks = append(o.leaks, leak{undatedNames[column], auc, record})
		}
	}
}
