package pipeline

import (
	"fmt"
	"math"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

var nan = math.NaN()

// sheet is a table being filled: a frame with a cursor over its columns, so that a row is
// written as one chain in the order of the columns.
type sheet struct {
	*table.Frame
	columns []table.OutColumn
	at      int
}

func newSheet(columns []table.OutColumn) *sheet {
	return &sheet{Frame: table.NewFrame(columns), columns: columns}
}

func (s *sheet) next() int { s.at++; return s.at - 1 }

// row ends a row; a row with too few or too many cells is a fault of this program.
func (s *sheet) row() {
	if s.at != len(s.columns) {
		panic(fmt.Sprintf("pipeline: a row of %d cells in a table of %d columns", s.at, len(s.columns)))
	}
	s.at = 0
}

func (s *sheet) text(v string) *sheet   { s.String(s.next(), v); return s }
func (s *sheet) money(v int64) *sheet   { s.Decimal(s.next(), v); return s }
func (s *sheet) int(v int32) *sheet     { s.Int32(s.next(), v); return s }
func (s *sheet) long(v int64) *sheet    { s.Int(s.next(), v); return s }
func (s *sheet) share(v float64) *sheet { s.Double(s.next(), v); return s }
func (s *sheet) bool(v bool) *sheet     { s.Bool(s.next(), v); return s }
func (s *sheet) null() *sheet           { s.Null(s.next()); return s }

func (s *sheet) maybeText(v string) *sheet {
	s.some(s.next(), v)
	return s
}

// some appends a text to a column, a null for none.
func (s *sheet) some(col int, v string) {
	if v == "" {
		s.Null(col)
	} else {
		s.String(col, v)
	}
}

func (s *sheet) maybeMoney(v int64, ok bool) *sheet {
	if !ok {
		return s.null()
	}
	return s.money(v)
}

func (s *sheet) day(d scoring.Day) *sheet {
	if d == scoring.NoDay {
		return s.null()
	}
	s.Date(s.next(), int32(d))
	return s
}

// Shorthands for the column lists below.
func str(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutString} }
func ostr(name string) table.OutColumn {
	return table.OutColumn{Name: name, Type: table.OutString, Null: true}
}
func dec(name string, digits int) table.OutColumn {
	return table.OutColumn{Name: name, Type: table.OutDecimal, Scale: digits}
}
func odec(name string, digits int) table.OutColumn {
	return table.OutColumn{Name: name, Type: table.OutDecimal, Scale: digits, Null: true}
}
func date(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutDate} }
func odate(name string) table.OutColumn {
	return table.OutColumn{Name: name, Type: table.OutDate, Null: true}
}
func dbl(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutDouble} }
func odbl(name string) table.OutColumn {
	return table.OutColumn{Name: name, Type: table.OutDouble, Null: true}
}
func num(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutInt32} }
func onum(name string) table.OutColumn {
	return table.OutColumn{Name: name, Type: table.OutInt32, Null: true}
}

// itemColumns are the columns of open_items.parquet. own is the scale that fits every
// currency among the items, base that of the reporting currency.
func itemColumns(own, base int) []table.OutColumn {
	return []table.OutColumn{
		str("customer_id"), str("invoice_id"), onum("instalment"), str("kind"), date("issue_date"), date("due_date"),
		dec("amount", own), dec("open_amount", own), str("currency"), dec("open_amount_base", base),
		num("days_past_due"), str("bucket"), dec("disputed_amount", own),
		odbl("p_paid_30"), odate("expected_pay_date"), odate("pay_date_early"), odate("pay_date_late"),
		odec("late_interest", own), ostr("interest_basis"),
	}
}

// accountColumns are the columns of accounts.parquet; base is the scale of the reporting currency.
func accountColumns(base int) []table.OutColumn {
	return append([]table.OutColumn{
		str("customer_id"), ostr("name"), str("currency"),
		dec("open_amount", base), dec("overdue_amount", base), dec("not_due", base),
		dec("bucket_1_30", base), dec("bucket_31_60", base), dec("bucket_61_90", base), dec("bucket_91_120", base), dec("bucket_over_120", base),
		dec("unapplied_amount", base), dec("disputed_amount", base), dec("promised_amount", base), dec("collectable_amount", base),
		dec("exposure", base), odec("credit_limit", base), odbl("utilization"),
		num("days_past_due_max"), odbl("days_past_due_weighted"),
		num("invoices_settled"), num("delays"), odbl("delay_ratio"), odbl("days_late_mean"), onum("days_late_max"), odbl("days_to_pay_weighted"),
		num("broken_promises"), num("kept_promises"), odate("promise_until"), odate("last_payment_on"), odate("last_contact_on"),
		num("contacts_30"), odbl("right_party_rate"), ostr("arrears_reason"),
		num("open_items"), num("overdue_items"),
		ostr("parent_id"), ostr("segment"), ostr("region"), ostr("collector"),
		odbl("p_paid_30"), odbl("p_90dpd"), odbl("score"), ostr("risk_grade"), odec("expected_loss", base),
		ostr("reason_1"), ostr("reason_2"), ostr("reason_3"), ostr("reason_4"),
	}, groupColumns(base)...)
}

func optionColumns(base int) []table.OutColumn {
	return []table.OutColumn{
		str("customer_id"), str("action"), {Name: "allowed", Type: table.OutBool}, ostr("blocked_by"),
		dbl("p_paid"), dbl("p_paid_action"), dec("expected_recovery", base), dec("money_cost", base),
		dbl("effort_minutes"), str("resource"), odbl("recovery_per_minute"), {Name: "chosen", Type: table.OutBool},
		dbl("effort_price"), ostr("draws_on"), ostr("tone"), str("effect_source"),
	}
}

// The columns of options.parquet by place.
const (
	optionCustomer = iota
	optionAction
	optionAllowed
	optionBlockedBy
	optionPaid
	optionPaidAction
	optionRecovery
	optionMoney
	optionMinutes
	optionResource
	optionPerMinute
	optionChosen
	optionPrice
	optionDrawsOn
	optionTone
	optionSource
)

func worklistColumns(base int) []table.OutColumn {
	return []table.OutColumn{
		num("rank"), str("customer_id"), ostr("name"), str("action"), str("channel"), str("tone"), ostr("collector"),
		dec("ask_amount", base), date("ask_by"), dec("expected_recovery", base), dbl("effort_minutes"), dbl("recovery_per_effort"), str("currency"),
		num("days_past_due_max"), dec("open_amount", base), dec("collectable_amount", base),
		dbl("p_paid"), dbl("p_paid_action"), dbl("score"),
		ostr("reason_1"), ostr("reason_2"), ostr("reason_3"), ostr("reason_4"), str("why"), ostr("contact"), ostr("next_step"), str("items"), onum("rank_before"),
		ostr("moved"), ostr("duty"), num("turn"), str("say"), str("effect_source"), {Name: "randomised", Type: table.OutBool},
	}
}

func leftAloneColumns(base int) []table.OutColumn {
	return []table.OutColumn{str("customer_id"), str("why"), date("recheck_on"), dec("collectable_amount", base)}
}

// forecastColumns are the columns of cash_forecast.parquet; own is the scale that fits every
// currency among the items.
func forecastColumns(own int) []table.OutColumn {
	return []table.OutColumn{date("week_start"), str("currency"), dec("expected", own), dec("low", own), dec("high", own)}
}

func rejectColumns() []table.OutColumn {
	return []table.OutColumn{
		str("export"), str("path"), {Name: "row", Type: table.OutInt}, {Name: "line", Type: table.OutInt, Null: true},
		ostr("column"), str("cause"), str("raw"),
	}
}
