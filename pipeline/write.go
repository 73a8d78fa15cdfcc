package pipeline

import (
	"context"
	"slices"
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
	page    pageFiller                              // in place of fill, where rows follow the customers
	look    table.Layout                            // of a workbook
}

// write puts every table of the night into the staging folder, side by side.
func (n *night) write(ctx context.Context, stage *publish.Stage) error {
	if err := n.nameRejects(ctx); err != nil {
		return err
	}
	base := n.currency.Digits()
	outputs := []output{
		{name: "open_items.parquet", columns: itemColumns(n.itemDigits(), base), page: n.fillItems},
		{name: "accounts.parquet", columns: accountColumns(base), page: n.fillAccounts},
		{name: "rejects.parquet", columns: rejectColumns(), fill: n.fillRejects},
		{name: "portfolio.parquet", columns: portfolioColumns(n.portfolio.digits(n.currency)), fill: n.fillPortfolio},
		{name: "master_faults.parquet", columns: masterFaultColumns(), fill: n.fillMasterFaults},
	}
	if !n.ledgerOnly {
		outputs = append(outputs,
			output{name: "options.parquet", columns: optionColumns(base), page: n.fillOptions},
			output{name: "worklist.parquet", columns: worklistColumns(base), fill: n.fillWorklist},
			output{name: "worklist.csv", columns: worklistColumns(base), fill: n.fillWorklist},
			output{name: "worklist.xlsx", columns: worklistColumns(base), fill: n.fillWorklist, look: n.worklistLayout(worklistColumns(base))},
			output{name: "left_alone.parquet", columns: leftAloneColumns(base), page: n.fillLeftAlone},
			output{name: "values.parquet", columns: valueColumns(n.cfg.Interest.Collectable > 0), fill: n.fillValues},
			output{name: "cash_forecast.parquet", columns: forecastColumns(n.itemDigits()), fill: n.fillForecast},
			output{name: "effects.parquet", columns: effectColumns(), fill: n.fillEffects},
		)
		if n.placed != nil {
			outputs = append(outputs, output{name: "agencies.parquet", columns: agencyColumns(), fill: n.fillAgencies})
		}
		if n.ledger.placed > 0 {
			outputs = append(outputs, output{name: "placements.parquet", columns: placementColumns(base), page: n.fillPlacements})
		}
		if n.cfg.Learning.Explore > 0 {
			outputs = append(outputs, output{name: "exploration.parquet", columns: explorationColumns(), fill: n.fillExploration})
		}
		if n.cfg.Letters.Enabled {
			if err := n.makeLetters(); err != nil {
				return err
			}
			outputs = append(outputs,
				output{name: "letters.parquet", columns: letterColumns(), fill: n.fillLetters},
				output{name: "letters.csv", columns: letterColumns(), fill: n.fillLetters},
			)
		}
		if n.cfg.Reviews.Enabled {
			n.listReviews()
			outputs = append(outputs,
				output{name: "reviews.parquet", columns: reviewColumns(base), page: n.fillReviews},
				output{name: "reviews.csv", columns: reviewColumns(base), fill: n.fillPage},
			)
		}
		if err := n.writeModel(stage); err != nil {
			return err
		}
		if err := n.writeReport(stage); err != nil {
			return err
		}
	}
	return n.writeTables(ctx, stage, outputs)
}

// writeTables writes tables side by side, those by pages together.
func (n *night) writeTables(ctx context.Context, stage *publish.Stage, outputs []output) error {
	var paged, others []output
	for _, o := range outputs {
		if o.page != nil {
			paged = append(paged, o)
		} else {
			others = append(others, o)
		}
	}
	var of []int64
	items, rows := int64(0), make([]int64, len(others))
	tasks := []func() error{
		func() (err error) { of, err = n.writePages(ctx, stage.Path, paged); return err },
	}
	if n.closed != nil {
		tasks = append(tasks, func() (err error) { items, err = n.writeItems(ctx, stage.Path(itemsTable)); return err })
	}
	for i := range others {
		tasks = append(tasks, func() (err error) { rows[i], err = writeTable(stage.Path(others[i].name), &others[i]); return err })
	}
	// The first two give their work to as many workers again: what one waits for the disk, another uses.
	if err := n.inParallel(len(tasks), func(_, i int) error { return tasks[i]() }); err != nil {
		return err
	}
	n.rows = map[string]int64{}
	of = append(of, rows...)
	for i, o := range slices.Concat(paged, others) {
		n.rows[o.name] = of[i]
	}
	if n.closed != nil {
		n.rows[itemsTable] = items
	}
	return nil
}

// tableWriter is what Parquet, CSV and XLSX files have in common.
type tableWriter interface {
	Write(*table.Frame) error
	Close() (int64, error)
}

func writeTable(path string, o *output) (rows int64, err error) {
	var w tableWriter
	switch _, ending, _ := strings.Cut(o.name, "."); ending {
	case "csv":
		w, err = table.CreateCSV(path, o.columns)
	case "xlsx":
		w, err = table.CreateXLSX(path, o.columns, o.look)
	default:
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

func (n *night) fillItems(s *sheet, _ int, list []*customer, full func() error) error {
	digits := n.itemDigits()
	for _, c := range list {
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
	}
	return nil
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

func (n *night) fillAccounts(s *sheet, _ int, list []*customer, full func() error) error {
	currency := n.currency.String()
	for _, c := range list {
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
		if err := full(); err != nil {
			return err
		}
	}
	return nil
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

// fillOptions fills column by column what the options of a customer have in common with those of the customer before: a table of two
// million rows, of which a cell in three then is a number copied.
func (n *night) fillOptions(s *sheet, _ int, list []*customer, full func() error) error {
	var before *customer // whose options are the last rows of the sheet
	var pools [][]int16  // by option, what those draw on
	for _, c := range list {
		if len(c.options) == 0 {
			continue
		}
		if s.Len() == 0 {
			before = nil
		}
		pools = n.fillMenu(s, c, before, pools)
		before = c
		n.fillWorth(s, c, pools)
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// fillMenu fills what follows from whose options they are, and of which actions, and returns what they draw on.
func (n *night) fillMenu(s *sheet, c, before *customer, pools [][]int16) [][]int16 {
	rows := len(c.options)
	menu := before != nil && slices.EqualFunc(c.options, before.options, func(a, b treatment.Option) bool { return a.Action == b.Action })
	team, key := menu && c.team == before.team, menu && c.key == before.key
	s.RepeatString(optionCustomer, c.Customer, rows) // beside what was just decoded, where the id of the decision is not
	if menu {
		s.Again(optionAction, rows)
		s.Again(optionResource, rows)
	}
	if team {
		s.Again(optionDrawsOn, rows)
	} else {
		pools = pools[:0]
	}
	if key {
		s.Again(optionSource, rows)
	}
	if team && key {
		return pools
	}
	for k := range c.options {
		o := &c.options[k]
		if !menu {
			act := &n.menu.Actions[o.Action]
			s.String(optionAction, act.Name)
			s.String(optionResource, act.Resource)
		}
		if !team {
			pools = append(pools, n.pools(c.decision, o.Action))
			s.some(optionDrawsOn, n.drawsOn(pools[k]))
		}
		if !key {
			s.String(optionSource, n.effectSource(c.decision, o))
		}
	}
	return pools
}

// fillWorth fills what every option has of its own.
func (n *night) fillWorth(s *sheet, c *customer, pools [][]int16) {
	unit := n.unit()
	for k := range c.options {
		o := &c.options[k]
		perMinute := nan
		if o.Minutes > 0 {
			perMinute = float64(o.Value) / unit / o.Minutes
		}
		s.Bool(optionAllowed, o.BlockedBy == treatment.Free)
		s.some(optionBlockedBy, string(o.BlockedBy))
		s.Double(optionPaid, o.Paid)
		s.Double(optionPaidAction, o.PaidAction)
		s.Decimal(optionRecovery, o.Value)
		s.Decimal(optionMoney, o.Money)
		s.Double(optionMinutes, o.Minutes)
		s.Double(optionPerMinute, perMinute)
		s.Bool(optionChosen, c.chosen == k)
		s.Double(optionPrice, n.priced(pools[k], o.Units)/unit)
		s.some(optionTone, o.Tone)
	}
}

// unit is the number of minor units in one unit of the reporting currency.
func (n *night) unit() float64 { return float64(n.minor(1)) }

func (n *night) fillLeftAlone(s *sheet, _ int, list []*customer, full func() error) error {
	for _, c := range list {
		if c.Overdue <= 0 || c.chosen >= 0 {
			continue
		}
		why, recheck := n.leaveAlone(c)
		s.text(c.id).text(why).day(recheck).money(c.collectable).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}
