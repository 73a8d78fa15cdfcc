package pipeline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	grid "github.com/jedib0t/go-pretty/v6/table"

	"kaishu/pipeline/table"
)

// Explain prints one customer's arithmetic from a published night: the ledger, the risk with its
// reasons, every action's value and effort, and why the customer is, or is not, on the worklist.
// asOf "" is the latest night.
func Explain(dir, asOf, id string, w io.Writer) error {
	asOf, err := findNight(dir, asOf)
	if err != nil {
		return err
	}
	e := explanation{folder: filepath.Join(dir, "as_of="+asOf), id: id, w: w}
	if err := e.readManifest(dir, asOf); err != nil {
		return err
	}
	account, at, err := e.one("accounts.parquet")
	if err != nil {
		return damaged(dir, asOf, err)
	}
	if account.Frame == nil { // no night is without it
		return damaged(dir, asOf, fmt.Errorf("%s: accounts.parquet is missing", e.folder))
	}
	if at < 0 {
		return &hinted{fmt.Errorf("%s: there is no customer %q on %s", dir, id, asOf), "ids are kept to the byte: leading zeros matter"}
	}
	e.line("", e.words.Head, name(account, at, id), asOf, account.show("currency", at))
	fmt.Fprintln(w)
	for _, part := range []func() error{e.items, func() error { e.account(account, at); return nil }, e.placement, e.options, e.worklist, e.leftAlone, e.reviews, e.changes} {
		if err := part(); err != nil {
			return damaged(dir, asOf, err)
		}
	}
	return nil
}

// explanation is one customer's way through the files of a night.
type explanation struct {
	folder string
	id     string
	w      io.Writer
	words  *explainWords // of the night's language

	prices map[string]price // of resources, by label
	before string           // folder of the night before, "" without one
}

// line prints a line of the words with its gaps filled.
func (e *explanation) line(indent, format string, args ...any) {
	fmt.Fprintf(e.w, indent+format+"\n", args...)
}

// header are the names of columns.
func header(names []string) (row grid.Row) {
	for _, name := range names {
		row = append(row, name)
	}
	return row
}

// rowsOf are the rows of a table that belong to the customer.
type rowsOf struct {
	*table.Frame
	rows []int
}

// load reads a table and finds the customer's rows; a night may stop before some tables, and then
// there are none.
func (e *explanation) load(file string) (*rowsOf, error) { return e.loadFrom(e.folder, file) }

func (e *explanation) loadFrom(folder, file string) (*rowsOf, error) {
	frame, err := table.ReadColumns(filepath.Join(folder, file))
	if errors.Is(err, os.ErrNotExist) {
		return &rowsOf{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	key := frame.Column("customer_id")
	r := &rowsOf{Frame: frame}
	for i := range frame.Len() {
		if frame.StringAt(key, i) == e.id {
			r.rows = append(r.rows, i)
		}
	}
	return r, nil
}

// one is the customer's only row of a table, -1 without one.
func (e *explanation) one(file string) (*rowsOf, int, error) {
	r, err := e.load(file)
	if err != nil || len(r.rows) == 0 {
		return r, -1, err
	}
	return r, r.rows[0], nil
}

// show is a cell as text; "-" when it is missing.
func (r *rowsOf) show(column string, row int) string {
	if r.Frame.IsNull(r.Column(column), row) {
		return "-"
	}
	if c := r.Column(column); r.Columns()[c].Type == table.OutDecimal {
		return thousands(r.Text(c, row))
	}
	return r.Text(r.Column(column), row)
}

// share is a cell of a share or number with the given decimals.
func (r *rowsOf) share(column string, row, decimals int) string {
	c := r.Column(column)
	if r.Frame.IsNull(c, row) {
		return "-"
	}
	return thousands(strconv.FormatFloat(r.DoubleAt(c, row), 'f', decimals, 64))
}

func name(account *rowsOf, at int, id string) string {
	if n := account.show("name", at); n != "-" {
		return id + " " + n
	}
	return id
}

func (e *explanation) items() error {
	items, err := e.load("open_items.parquet")
	if err != nil {
		return err
	}
	t := newGrid(e.w, header(e.words.Items), 5, 7, 8, 10, 11)
	page := pageWordsOf(e.words.voc)
	for _, r := range items.rows {
		t.AppendRow(grid.Row{items.show("invoice_id", r), e.words.voc.code(items.show("kind", r)), items.show("issue_date", r), items.show("due_date", r),
			items.show("open_amount", r), items.show("currency", r), items.show("open_amount_base", r), items.show("days_past_due", r),
			page.bucket(items.show("bucket", r)), items.show("disputed_amount", r), items.share("p_paid_30", r, 3), items.show("expected_pay_date", r)})
	}
	t.Render()
	fmt.Fprintln(e.w)
	return nil
}

// account prints the sums, with the arithmetic that ties them to each other.
func (e *explanation) account(a *rowsOf, at int) {
	v := func(column string) string { return a.show(column, at) }
	t := e.words
	e.line("", t.Open, v("open_amount"), v("not_due"), v("bucket_1_30"), v("bucket_31_60"), v("bucket_61_90"), v("bucket_91_120"), v("bucket_over_120"))
	if a.amount("overdue_amount", at) > 0 {
		e.line("", t.Overdue, v("overdue_amount"), v("days_past_due_max"), a.share("days_past_due_weighted", at, 1))
	} else {
		e.line("", t.NotOverdue, v("overdue_amount"))
	}
	e.line("", t.Exposure, v("exposure"), v("open_amount"), v("unapplied_amount"), v("credit_limit"), a.share("utilization", at, 3))
	e.line("", t.Collectable, v("collectable_amount"), v("disputed_amount"), v("promised_amount"), v("unapplied_amount"))
	if v("invoices_settled") == "0" {
		e.line("", t.NoRecord, v("delays"))
	} else {
		e.line("", t.Record, v("invoices_settled"), v("delays"), a.share("delay_ratio", at, 3), a.share("days_late_mean", at, 1), v("days_late_max"), a.share("days_to_pay_weighted", at, 1))
	}
	e.line("", t.Risk, a.share("p_paid_30", at, 4), a.share("p_90dpd", at, 4), a.share("score", at, 1), v("risk_grade"), v("expected_loss"))
	for i := 1; i <= 4; i++ {
		if r := v("reason_" + strconv.Itoa(i)); r != "-" {
			e.line("", t.Reason, strconv.Itoa(i), r)
		}
	}
	fmt.Fprintln(e.w)
}

func (e *explanation) leftAlone() error {
	l, at, err := e.one("left_alone.parquet")
	if err != nil || at < 0 {
		return err
	}
	e.line("", e.words.LeftAlone, e.words.voc.name(l.show("why", at)), l.show("recheck_on", at))
	return nil
}
