package pipeline

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"kaishu/fixtures"
	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// rawInvoice is an invoice, or an instalment of one, as the exports have it.
type rawInvoice struct {
	key          string // id and instalment
	issue, due   scoring.Day
	open, credit int64 // open now; of cash that came
	rows         []rawRow
}

// rawRow is what the payments export says of it, or a credit note: cash may be negative.
type rawRow struct {
	on     scoring.Day
	amount int64
	cash   bool
}

// take moves the balance by a row, and returns by how much cash changed it.
func (v *rawInvoice) take(r rawRow) int64 {
	amount := r.amount
	if amount < 0 {
		amount = -min(-amount, v.credit)
	} else {
		amount = min(amount, v.open)
	}
	v.open -= amount
	if !r.cash {
		return 0
	}
	v.credit += amount
	return amount
}

// rawInvoices reads the exports of a folder, in yen and with every row known on its date.
func rawInvoices(t *testing.T, dir string) map[string][]*rawInvoice {
	t.Helper()
	amount := func(s string) int64 {
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	byKey := map[string]*rawInvoice{}
	out := map[string][]*rawInvoice{}
	invoices := rawRows(t, filepath.Join(dir, "invoices.csv"))
	for _, r := range invoices {
		if r["kind"] == "credit_note" {
			continue
		}
		v := &rawInvoice{key: r["invoice_id"] + "/" + r["instalment"], issue: mustDay(t, r["issue_date"]), due: mustDay(t, r["due_date"]), open: amount(r["amount"])}
		byKey[v.key] = v
		out[r["customer_id"]] = append(out[r["customer_id"]], v)
	}
	for _, r := range invoices {
		if to := byKey[r["applies_to"]+"/"]; r["kind"] == "credit_note" && to != nil {
			to.rows = append(to.rows, rawRow{mustDay(t, r["issue_date"]), -amount(r["amount"]), false})
		}
	}
	for _, r := range rawRows(t, filepath.Join(dir, "payments.csv")) {
		if to := byKey[r["invoice_id"]+"/"+r["instalment"]]; to != nil {
			to.rows = append(to.rows, rawRow{mustDay(t, r["paid_on"]), amount(r["amount"]), r["kind"] == "payment" || r["kind"] == "reversal"})
		}
	}
	for _, v := range byKey {
		slices.SortStableFunc(v.rows, func(a, b rawRow) int { return int(a.on - b.on) })
	}
	return out
}

// partSums are windows, payments and shares that came, by record.
type partSums [5]struct {
	windows, paid int
	came          float64
}

// weekly is the cash that came in each week after a day.
func (v rawInvoice) weekly(from scoring.Day) (came [forecastWeeks]float64) {
	for _, r := range v.rows {
		cash := float64(v.take(r))
		if week := int(r.on-from-1) / 7; r.on > from && week < forecastWeeks {
			came[week] += cash
		}
	}
	return came
}

// window plays an invoice up to a day, then the days of a window after it.
func (v rawInvoice) window(from scoring.Day) (open int64, paid bool, came float64) {
	open, paid, came, _ = v.windowOf(from, hazard.CameDays)
	return open, paid, came
}

// windowOf is window over so many days, with the day on which the item was paid up or withdrawn, 0 where it was not.
func (v rawInvoice) windowOf(from, days scoring.Day) (open int64, paid bool, came float64, ended scoring.Day) {
	at := 0
	for ; at < len(v.rows) && v.rows[at].on <= from; at++ {
		v.take(v.rows[at])
	}
	if open = v.open; open == 0 || v.issue > from {
		return 0, false, 0, 0
	}
	cash := int64(0)
	for at < len(v.rows) && v.rows[at].on <= from+days {
		day := v.rows[at].on
		for ; at < len(v.rows) && v.rows[at].on == day; at++ {
			cash += v.take(v.rows[at])
		}
		came = min(max(float64(cash)/float64(open), 0), 1)
		if paid = came >= .95; paid || v.open == 0 {
			return open, paid, came, day - from
		}
	}
	return open, false, came, 0
}

// recordOf counts parts and settled items up to a day.
func recordOf(all []*rawInvoice, until scoring.Day) hazard.PartRecord {
	var p hazard.Past
	for _, v := range all {
		if v.issue > until {
			continue
		}
		v := *v
		for at := 0; at < len(v.rows) && v.rows[at].on <= until; {
			before, cash := v.open, int64(0)
			for day := v.rows[at].on; at < len(v.rows) && v.rows[at].on == day; at++ {
				cash += v.take(v.rows[at])
			}
			if cash > 0 && v.open > 0 && 20*v.open > before {
				p.Parted++
			}
		}
		if v.open == 0 {
			p.Settled++
		}
	}
	return p.PartRecord()
}

// What the factors are estimated from can be counted again from the exports, invoice by invoice.
func TestPartPaymentsCanBeCountedAgainFromTheExports(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 120, Seed: 7, After: 100})
	r := replayNight(t, path, "2026-02-28")
	var want partSums
	windows := 0
	for _, all := range rawInvoices(t, filepath.Dir(path)) {
		for k := 1; k <= r.cfg.Risk.Weeks/6; k++ {
			from := r.asOf - scoring.Day(k*hazard.CameDays)
			of := recordOf(all, from)
			for _, v := range all {
				open, paid, came := v.window(from)
				if open == 0 {
					continue
				}
				windows++
				s := &want[of]
				s.windows++
				s.came += came
				if paid {
					s.paid++
				}
			}
		}
	}
	if windows < 3000 {
		t.Fatalf("only %d windows", windows)
	}
	off := 0.0
	for i, got := range r.parts.Records {
		w := want[i]
		t.Logf("%s: %d windows, %d paid, %.3f came, factor %.4f; by hand %d, %d, %.3f", got.Record, got.Windows, got.Paid, got.Came, got.Factor, w.windows, w.paid, w.came)
		off += math.Abs(float64(got.Windows-w.windows)) + math.Abs(float64(got.Paid-w.paid)) + math.Abs(got.Came-w.came)
	}
	if off > 1e-4 { // shares are kept as 32 bits
		t.Errorf("off by %v in all", off)
	}
}

// partsSeen is what was expected of open items, and what came within the days of a window.
type partsSeen struct {
	items                        int
	paid, paidUp, came, expected float64 // items paid and expected to be; shares that came and were expected to
	moneyPaid, moneyPaidUp       float64 // the same in yen
	money, moneyExpected         float64

	weeks, weeksPaidUp, weeksExpected [forecastWeeks]float64
}

// seeParts compares what a night expects of part payers, or of everybody, with the exports.
func (r *replayed) seeParts(raw map[string][]*rawInvoice, want func(hazard.PartRecord) bool) (s partsSeen) {
	for _, c := range r.kept {
		if !want(pastOf(c).PartRecord()) {
			continue
		}
		rows := map[string]*rawInvoice{}
		for _, v := range raw[c.Customer] {
			rows[v.key] = v
		}
		for k := range c.Items {
			it := &c.Items[k]
			instalment := ""
			if it.Instalment > 0 {
				instalment = strconv.Itoa(int(it.Instalment))
			}
			v := rows[it.ID+"/"+instalment]
			if it.Open <= 0 || v == nil {
				continue
			}
			l := it.AsLandmark()
			with, without := r.curve(&l), r.scorer().Curve(&l, r.days)
			_, paid, came := v.window(r.asOf)
			share := -math.Expm1(-with.Part * with.Hazard(hazard.CameDays))
			amount := float64(it.Open)
			s.items++
			if paid {
				s.paid++
				s.moneyPaid += amount
			}
			s.came += came
			s.paidUp += without.Paid(hazard.CameDays)
			s.expected += share
			s.money += amount * came
			s.moneyPaidUp += amount * without.Paid(hazard.CameDays)
			s.moneyExpected += amount * share
			for week, cash := range v.weekly(r.asOf) {
				s.weeks[week] += cash
			}
			for _, w := range []struct {
				curve *hazard.Curve
				to    *[forecastWeeks]float64
			}{{&with, &s.weeksExpected}, {&without, &s.weeksPaidUp}} {
				var cum [forecastWeeks]float64
				w.curve.Cash(weekEnds[:], cum[:])
				before := 0.0
				for week, h := range cum {
					w.to[week] += amount * (math.Exp(-before) - math.Exp(-h))
					before = h
				}
			}
		}
	}
	return s
}

// pastOf is what the history of a customer says on the night, nil without an open item.
func pastOf(c *customer) *hazard.Past {
	for k := range c.Items {
		if p := c.Items[k].Landmark.Past; p != nil {
			return p
		}
	}
	return nil
}

func partPayers(r hazard.PartRecord) bool { return r == hazard.PartOften || r == hazard.PartMostly }

// The model expects items to be paid up; what comes beside that from customers who pay in parts is more than nothing, and
// what the factors make of it is nearer to it than nothing is.
func TestPartPaymentsAreExpectedOfThoseWhoMakeThem(t *testing.T) {
	var beside, expected float64
	for seed := uint64(61); seed <= 63; seed++ {
		path := generatedExports(t, fixtures.Options{Customers: 240, Seed: seed, After: 100})
		r := replayNight(t, path, "2026-02-28")
		s := r.seeParts(rawInvoices(t, filepath.Dir(path)), partPayers)
		t.Logf("seed %d: %d items; %.1f came, %.1f expected, of items paid up %.1f and %.1f", seed, s.items, s.came, s.expected, s.paid, s.paidUp)
		beside += s.came - s.paid
		expected += s.expected - s.paidUp
	}
	if beside <= 0 || math.Abs(expected-beside) >= beside/2 {
		t.Errorf("part payments brought %.2f items' worth beside items paid up, %.2f expected", beside, expected)
	}
}

// The figures of docs/figures.md on part payments: expected cash of 42 days out of time by record, and by week.
func TestGeneratedPortfoliosByPartPayment(t *testing.T) {
	if os.Getenv("KAISHU_FIGURES") == "" {
		t.Skip("takes minutes: set KAISHU_FIGURES=1")
	}
	all := map[string]partsSeen{}
	weeks := [2]float64{}
	for seed := uint64(1); seed <= 6; seed++ {
		path := generatedExports(t, fixtures.Options{Customers: 840, Invoices: 42000, Seed: seed, After: 190})
		r := replayNight(t, path, "2026-02-28")
		raw := rawInvoices(t, filepath.Dir(path))
		for record := hazard.PartUnknown; record <= hazard.PartMostly; record++ {
			s := r.seeParts(raw, func(of hazard.PartRecord) bool { return of == record })
			sum := all[record.String()]
			sum.items += s.items
			for _, v := range []struct {
				to   *float64
				more float64
			}{{&sum.paid, s.paid}, {&sum.paidUp, s.paidUp}, {&sum.came, s.came}, {&sum.expected, s.expected}, {&sum.money, s.money},
				{&sum.moneyPaid, s.moneyPaid}, {&sum.moneyPaidUp, s.moneyPaidUp}, {&sum.moneyExpected, s.moneyExpected}} {
				*v.to += v.more
			}
			all[record.String()] = sum
		}
		s := r.seeParts(raw, func(hazard.PartRecord) bool { return true })
		var off [2]float64
		for w := range s.weeks {
			off[0] += math.Abs(math.Log(s.weeksPaidUp[w]/s.weeks[w])) / forecastWeeks
			off[1] += math.Abs(math.Log(s.weeksExpected[w]/s.weeks[w])) / forecastWeeks
		}
		weeks[0], weeks[1] = weeks[0]+off[0]/6, weeks[1]+off[1]/6
		t.Logf("seed %d: by week, mean |log expected/actual| %.3f of items paid up, %.3f with part payments", seed, off[0], off[1])
	}
	for record := hazard.PartUnknown; record <= hazard.PartMostly; record++ {
		s := all[record.String()]
		n := float64(s.items)
		t.Logf("%-9s %5d items: paid %.4f, expected %.4f; came %.4f, expected %.4f; beside items paid up %.4f, expected %.4f; of the money that came %.4f beside items paid up, expected %.4f; money expected over came %.3f, without %.3f",
			record, s.items, s.paid/n, s.paidUp/n, s.came/n, s.expected/n, (s.came-s.paid)/n, (s.expected-s.paidUp)/n, 1-s.moneyPaid/s.money, 1-s.moneyPaidUp/s.moneyExpected, s.moneyExpected/s.money, s.moneyPaidUp/s.money)
	}
	t.Logf("by week %.3f of items paid up, %.3f with part payments", weeks[0], weeks[1])
}
