package pipeline

import (
	"context"
	"strings"

	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
	"kaishu/scoring"
	"kaishu/scoring/treatment"
)

// output is one table of the night: its file, its columns and what fills its rows.
type output struct {
	name    string
	columns []table.OutColumn
	fill    func(s *sheet, full func() error) error // calls full after every row or so
}

// write puts every table of the night into the staging folder, side by side.
func (n *night) write(ctx context.Context, stage *publish.Stage) error {
	if err := n.nameRejects(ctx); err != nil {
		return err
	}
	base := n.currency.Digits()
	outputs := []output{
		{"open_items.parquet", itemColumns(n.itemDigits(), base), n.fillItems},
		{"accounts.parquet", accountColumns(base), n.fillAccounts},
		{"rejects.parquet", rejectColumns(), n.fillRejects},
		{"portfolio.parquet", portfolioColumns(n.portfolio.digits(n.currency)), n.fillPortfolio},
		{"master_faults.parquet", masterFaultColumns(), n.fillMasterFaults},
	}
	if !n.ledgerOnly {
		outputs = append(outputs,
			output{"options.parquet", optionColumns(base), n.fillOptions},
			output{"worklist.parquet", worklistColumns(base), n.fillWorklist},
			output{"worklist.csv", worklistColumns(base), n.fillWorklist},
			output{"left_alone.parquet", leftAloneColumns(base), n.fillLeftAlone},
			output{"values.parquet", valueColumns(n.cfg.Interest.Collectable > 0), n.fillValues},
			output{"cash_forecast.parquet", forecastColumns(n.itemDigits()), n.fillForecast},
			output{"effects.parquet", effectColumns(), n.fillEffects},
		)
		if n.placed != nil {
			outputs = append(outputs, output{"agencies.parquet", agencyColumns(), n.fillAgencies})
		}
		if n.cfg.Learning.Explore > 0 {
			outputs = append(outputs, output{"exploration.parquet", explorationColumns(), n.fillExploration})
		}
		if n.cfg.Letters.Enabled {
			if err := n.makeLetters(); err != nil {
				return err
			}
			outputs = append(outputs,
				output{"letters.parquet", letterColumns(), n.fillLetters},
				output{"letters.csv", letterColumns(), n.fillLetters},
			)
		}
		if n.cfg.Reviews.Enabled {
			if err := n.makeReviews(); err != nil {
				return err
			}
			outputs = append(outputs,
				output{"reviews.parquet", reviewColumns(base), n.fillReviews},
				output{"reviews.csv", reviewColumns(base), n.fillPage},
			)
		}
		if err := n.writeModel(stage); err != nil {
			return err
		}
	}
	rows := make([]int64, len(outputs))
	err := n.inParallel(len(outputs), func(_, i int) (err error) {
		rows[i], err = writeTable(stage.Path(outputs[i].name), &outputs[i])
		return err
	})
	n.rows = map[string]int64{}
	for i, o := range outputs {
		n.rows[o.name] = rows[i]
	}
	if n.closed != nil && err == nil {
		n.rows[itemsTable], err = n.writeItems(ctx, stage.Path(itemsTable))
	}
	return err
}

// tableWriter is what Parquet and CSV files have in common.
type tableWriter interface {
	Write(*table.Frame) error
	Close() (int64, error)
}

func writeTable(path string, o *output) (rows int64, err error) {
	var w tableWriter
	if strings.HasSuffix(path, ".csv") {
		w, err = table.CreateCSV(path, o.columns)
	} else {
		w, err = table.CreateParquet(path, o.columns, nil)
	}
	if err != nil {
		return 0, err
	}
	s := newSheet(o.columns)
	err = o.fill(s, func() error {
		if s.Len() < table.FrameRows {
			return nil
		}
		err := w.Write(s.Frame)
		s.Reset()
		return err
	})
	if err == nil && s.Len() > 0 {
		err = w.Write(s.Frame)
	}
	rows, closeErr := w.Close()
	if err == nil {
		err = closeErr
	}
	if err != nil {
		return 0, err
	}
	return rows, nil
}

// itemDigits is the scale that fits the amounts of open items in their own currencies: the most
// decimals of the reporting currency and of those with an exchange rate. It does not follow the items,
// so that the type of a column stays the same from night to night.
func (n *night) itemDigits() int {
	digits := n.currency.Digits()
	for _, c := range n.rates.Currencies(n.asOf) {
		digits = max(digits, c.Digits())
	}
	return digits
}

var bucketNames = [scoring.Buckets]string{"not_due", "1-30", "31-60", "61-90", "91-120", "over_120", "on_account"}

func (n *night) fillItems(s *sheet, full func() error) error {
	digits := n.itemDigits()
	return n.each(func(c *customer) error {
		at := 0
		for k := range c.Items {
			it := &c.Items[k]
			scale := scaleOf(it.Currency, digits)
			s.item(c, it, scale)
			if it.Open > 0 && !n.ledgerOnly {
				p := &c.items[at]
				at++
				s.share(p.paid30).day(p.expected).day(p.early).day(p.late)
			} else {
				s.null().null().null().null()
			}
			if err := n.fillInterest(s, it, scale); err != nil {
				return err
			}
			s.row()
			if err := full(); err != nil {
				return err
			}
		}
		return nil
	})
}

// scaleOf is what a minor unit of a currency is at so many decimals.
func scaleOf(c scoring.Currency, digits int) int64 {
	scale := int64(1)
	for d := c.Digits(); d < digits; d++ {
		scale *= 10
	}
	return scale
}

// item fills in the columns that open_items and items have in common.
func (s *sheet) item(c *customer, it *scoring.Item, scale int64) *sheet {
	s.text(c.Customer).text(it.ID)
	if it.Instalment > 0 {
		s.int(it.Instalment)
	} else {
		s.null()
	}
	return s.text(it.Kind).day(it.Issue).day(it.Due).money(it.Amount * scale).money(it.Open * scale).text(it.Currency.String()).
		money(it.OpenBase).int(it.PastDue).text(bucketNames[it.Bucket]).money(it.Disputed * scale)
}

func (n *night) fillAccounts(s *sheet, full func() error) error {
	currency := n.currency.String()
	return n.each(func(c *customer) error {
		a, b := &c.Account, &c.Bucket
		s.text(c.Customer).maybeText(a.Master.Name).text(currency).
			money(a.Open).money(a.Overdue).money(b[scoring.NotDue]).money(b[scoring.Days1To30]).money(b[scoring.Days31To60]).
			money(b[scoring.Days61To90]).money(b[scoring.Days91To120]).money(b[scoring.Over120]).
			money(a.Unapplied).money(a.Disputed).money(a.Promised).money(a.Collectable).
			money(a.Exposure).maybeMoney(a.Limit, a.HasLimit).share(ratio(a.Exposure, a.Limit, a.HasLimit)).
			int(a.PastDueMax).share(a.PastDueWeighted).
			int(a.Settled).int(a.Delays).share(ratio(int64(a.Delays), int64(a.Settled)+int64(a.OpenOverdue), true)).share(a.DaysLateMean)
		if a.Settled > 0 {
			s.int(a.DaysLateMax)
		} else {
			s.null()
		}
		s.share(a.DaysToPay).int(a.PromisesBroken).int(a.PromisesKept).day(a.PromiseUntil).day(a.LastPayment).day(a.LastContact).
			int(a.Contacts30).share(a.RightPartyRate).maybeText(a.Reason).int(a.OpenItems).int(a.OpenOverdue).
			maybeText(a.Master.Parent).maybeText(a.Master.Segment).maybeText(a.Master.Region).maybeText(a.Master.Collector)
		if n.ledgerOnly {
			s.null().null().null().null().null()
		} else {
			s.share(c.paid30).share(c.p90).share(c.score).text(c.grade).money(c.loss)
		}
		for i := range 4 {
			s.maybeText(reason(c, i))
		}
		s.fillGroup(c).row()
		return full()
	})
}

// ratio is a / b, missing (NaN) where there is no b.
func ratio(a, b int64, ok bool) float64 {
	if !ok || b == 0 {
		return nan
	}
	return float64(a) / float64(b)
}

func reason(c *customer, i int) string {
	if i < len(c.reasons) {
		return c.reasons[i]
	}
	return ""
}

func (n *night) fillOptions(s *sheet, full func() error) error {
	return n.each(func(c *customer) error {
		for k := range c.options {
			o := &c.options[k]
			act := &n.menu.Actions[o.Action]
			perMinute := nan
			if o.Minutes > 0 {
				perMinute = float64(o.Value) / n.unit() / o.Minutes
			}
			s.text(c.id).text(act.Name).bool(o.BlockedBy == treatment.Free).maybeText(string(o.BlockedBy)).
				share(o.Paid).share(o.PaidAction).money(o.Value).money(o.Money).share(o.Minutes).text(act.Resource).
				share(perMinute).bool(c.chosen == k).
				share(n.effort(c.decision, o.Action, o.Units) / n.unit()).maybeText(n.drawsOn(c.decision, act.Resource)).maybeText(o.Tone).text(n.effectSource(c.decision, o)).row()
			if err := full(); err != nil {
				return err
			}
		}
		return nil
	})
}

// unit is the number of minor units in one unit of the reporting currency.
func (n *night) unit() float64 { return float64(n.minor(1)) }

func (n *night) fillLeftAlone(s *sheet, full func() error) error {
	for _, c := range n.cases {
		if c.why == "" {
			continue
		}
		s.text(c.id).text(c.why).day(c.recheck).money(c.collectable).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}
