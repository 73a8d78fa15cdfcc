package scoring

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// wantFigure compares with a published figure, to its last digit.
func wantFigure(t testing.TB, name string, got, want, half float64) {
	t.Helper()
	if !(math.Abs(got-want) <= half) {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

func TestDSODependsOnItsWindow(t *testing.T) { // case 13
	wantFigure(t, "over 365 days", DSO(50_000, 150_000, 365), 121.67, .005)
	wantFigure(t, "over 183 days", DSO(50_000, 150_000, 183), 61.00, .005)
	wantFigure(t, "over three months", DSO(10_869, 5_538+4_566+7_570, 90), 55.35, .005)
	wantFigure(t, "of nothing", DSO(0, 10, 365), 0, 0)
	for _, sales := range []float64{0, -5} {
		if got := DSO(100, sales, 365); !math.IsNaN(got) {
			t.Errorf("on sales of %v: %v", sales, got)
		}
	}
}

func TestCEIOfAMonth(t *testing.T) { // case 14
	wantFigure(t, "CEI", CEI(100, 200, 1, 120, 90), 85.71, .005)
	wantFigure(t, "CEI of a quarter's sales", CEI(100, 600, 3, 120, 90), 85.71, .005)
	wantFigure(t, "all collected", CEI(100, 200, 1, 90, 90), 100, 0)
	if got := CEI(0, 50, 1, 90, 90); !math.IsNaN(got) {
		t.Errorf("nothing to collect: %v", got)
	}
}

// Mean days to pay and the mean weighted by amount are two figures: days_late_mean counts items,
// days_to_pay_weighted cash.
func TestMeanDaysToPayIsNotTheWeightedOne(t *testing.T) { // case 15
	env := testEnv(t, "2024-06-30")
	env.HistoryKept = true
	a := rebuilt(t, env, `
		invoice A issued=03-01 due=03-01 amount=100.00
		invoice B issued=03-01 due=03-01 amount=100.00
		invoice C issued=03-01 due=03-01 amount=100.00
		invoice D issued=03-01 due=03-01 amount=600.00
		invoice E issued=03-01 due=03-01 amount=100.00
		payment P on=03-29 amount=100.00 for=A
		payment Q on=03-23 amount=100.00 for=B
		payment R on=03-16 amount=100.00 for=C
		payment S on=04-05 amount=600.00 for=D
		payment T on=03-21 amount=100.00 for=E`).Account
	sum := int32(0)
	for _, h := range a.History {
		sum += h.DaysToPay
	}
	if sum != 28+22+15+35+20 || a.DaysLateMean != 24 {
		t.Errorf("days to pay add up to %d, mean %v; want 120 and 24", sum, a.DaysLateMean)
	}
	wantFigure(t, "weighted by amount", a.DaysToPay, (28+22+15+6*35+20)/10., 1e-12)
}

func TestFlatDSOHidesWorseCollections(t *testing.T) { // case 16
	june, september := AverageDaysDelinquent(158, 59), AverageDaysDelinquent(160, 32)
	if june != 99 || september != 128 || september-june != 29 {
		t.Errorf("gaps %v and %v, want 99 and 128", june, september)
	}
	// The same from sums: receivable 158, of it 59 not due, on sales of 365 in 365 days.
	dso, best := DSO(158, 365, 365), BestPossibleDSO(59, 365, 365)
	if dso != 158 || best != 59 {
		t.Errorf("DSO %v, best possible %v", dso, best)
	}
}

func TestCountbackPeelsTheLatestMonths(t *testing.T) {
	sales, days := []float64{100, 80, 120}, []float64{30, 31, 28}
	for _, c := range []struct{ receivable, want float64 }{
		{0, 0}, {50, 15}, {100, 30}, {140, 30 + 31./2}, {180, 61}, {210, 61 + 7}, {300, 89},
	} {
		wantFigure(t, "countback", CountbackDSO(c.receivable, sales, days), c.want, 1e-12)
	}
	if got := CountbackDSO(301, sales, days); !math.IsNaN(got) {
		t.Errorf("more than all sales: %v", got)
	}
	wantFigure(t, "with a month of credits", CountbackDSO(150, []float64{100, -40, 100}, days), 30+31+14, 1e-12)
}

// portfolioOf is what the rows of one customer come to, in each currency that anything is in.
func portfolioOf(t rapid.TB, rows *Rows, env *Env) []*PortfolioPart {
	t.Helper()
	var r Rebuilder
	out, err := r.Rebuild(rows, env, 0)
	if err != nil {
		t.Fatal(err)
	}
	if out.Tied != nil {
		t.Fatal(out.Tied)
	}
	group := r.TakePortfolio()[0]
	m := &out.Account.Master
	if group.Segment != m.Segment || group.Region != m.Region || group.Collector != m.Collector {
		t.Fatalf("the group is that of %s, %s, %s", group.Segment, group.Region, group.Collector)
	}
	parts := slices.DeleteFunc(slices.Clone(group.Parts), func(p *PortfolioPart) bool { return p.Own.Customers == 0 })
	if any := int64(min(len(parts), 1)); group.Customers != any {
		t.Fatalf("%d customers in a group of one with %d currencies", group.Customers, len(parts))
	}
	return parts
}

func TestWeightedDaysPastDueAndRollRates(t *testing.T) {
	parts := portfolioOf(t, parseRows(t, `
		invoice A issued=02-01 due=03-11 amount=300.00
		invoice B issued=02-01 due=04-10 amount=100.00
		invoice C issued=02-01 due=03-21 amount=100.00
		invoice D issued=04-02 due=04-20 amount=50.00
		payment P on=04-15 amount=200.00 for=A
		payment Q on=04-15 amount=10.00`), testEnv(t, "2024-04-30"))
	got := parts[0].Own.At(0, mustDay("2024-04-30"))
	// open 100 by 50 days, 100 by 20, 100 by 40, 50 by 10
	wantFigure(t, "weighted days", got.WeightedDays, (100*50+100*20+100*40+50*10)/350., 1e-12)
	// On 31 March 300 + 100 stood in 1-30, of which 100 + 100 stand in 31-60; of 100 not due, 100 are late.
	wantFigure(t, "roll of 1-30", got.Roll[Days1To30], .5, 1e-12)
	wantFigure(t, "roll of not due", got.Roll[NotDue], 1, 1e-12)
	if !math.IsNaN(got.Roll[Days31To60]) {
		t.Errorf("an empty bucket rolls at %v", got.Roll[Days31To60])
	}
	// CEI of April: begin 500, sales 50, end 350, nothing of it current
	wantFigure(t, "CEI", got.CEI, 100*(500+50-350)/550., 1e-12)
	wantFigure(t, "DSO over 90 days", got.DSO[Window90], 350./550*90, 1e-12)
	wantFigure(t, "best possible", got.BestPossible, 0, 0)
	wantFigure(t, "countback", got.Countback, 30+31+29*300./500, 1e-9)
}

// A period end says what a night of that date says, to the minor unit, in every currency and in
// the reporting currency; sales are what the rows add up to.
func TestPeriodEndsAreWhatANightOfThatDateFinds(t *testing.T) {
	compared := 0
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		now := portfolioOf(t, rows, env)
		ends := Ends(env.AsOf)
		for k := 0; k < PeriodEnds && ends[k] >= ledgerStart-31; k++ {
			then := *env
			then.AsOf = ends[k]
			o := mustRebuild(t, rows, &then, 0)
			compareEnd(t, now, o, k)
			compared++
		}
	})
	if compared < 1000 {
		t.Errorf("only %d period ends compared", compared)
	}
}

func compareEnd(t *rapid.T, now []*PortfolioPart, then *Outcome, k int) {
	own := map[Currency]*[Buckets]Sum{}
	var days, base Sum
	for i := range then.Totals {
		own[then.Totals[i].Currency] = &then.Totals[i].Bucket
	}
	for i := range then.Account.Items {
		if it := &then.Account.Items[i]; it.Open > 0 && it.PastDue > 0 {
			addProduct(&days, it.OpenBase, int64(it.PastDue))
		}
	}
	var bucket [Buckets]Sum
	for _, p := range now {
		want := own[p.Currency]
		if want == nil {
			want = &[Buckets]Sum{}
		}
		if p.Own.Ends[k].Open != *want {
			t.Fatalf("end %d, %s: %v, a night of that date %v", k, p.Currency, p.Own.Ends[k].Open, *want)
		}
		e := &p.Base.Ends[k]
		if e.NoRate > 0 {
			t.Fatalf("end %d: %d without a rate", k, e.NoRate)
		}
		for b := range bucket {
			bucket[b].AddSum(e.Open[b])
		}
		base.AddSum(e.OpenDays)
	}
	for b := NotDue; b < OnAccount; b++ {
		if want := (Sum{Lo: uint64(then.Account.Bucket[b])}); bucket[b] != want {
			t.Fatalf("end %d, bucket %d: %v in the reporting currency, a night of that date %v", k, b, bucket[b], want)
		}
	}
	if base != days {
		t.Fatalf("end %d: open times days %v, a night of that date %v", k, base, days)
	}
}

// Sales are compared with the rows themselves.
func TestSalesAreInvoicesLessCreditNotesByTheirOwnDate(t *testing.T) {
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		o := mustRebuild(t, rows, env, 0)
		ends := Ends(env.AsOf)
		refused := map[Pos]bool{}
		for _, r := range o.Refused {
			refused[r.Pos] = r.Export == Invoices
		}
		home := eur
		if o.Account.HasRow && o.Account.Master.Currency != NoCurrency {
			home = o.Account.Master.Currency
		}
		want := map[Currency]*[PeriodEnds][1 + windows]Sum{}
		for _, v := range rows.Invoices {
			if env.knownOn(v.Issue, v.Known) > env.AsOf || refused[v.Pos] {
				continue
			}
			c := v.Currency
			if c == NoCurrency {
				c = home
			}
			m, _ := v.Amount.Minor(c)
			if v.Kind == KindCreditNote && m > 0 {
				m = -m
			}
			if want[c] == nil {
				want[c] = new([PeriodEnds][1 + windows]Sum)
			}
			for k := range PeriodEnds {
				if v.Issue <= ends[k] && v.Issue > ends[k+1] {
					want[c][k][0].Add(m)
				}
				for w, n := range windowDays {
					if v.Issue <= ends[k] && ends[k]-v.Issue < n {
						want[c][k][1+w].Add(m)
					}
				}
			}
		}
		for _, p := range portfolioOf(t, rows, env) {
			of := want[p.Currency]
			if of == nil {
				of = new([PeriodEnds][1 + windows]Sum)
			}
			for k := range PeriodEnds {
				e := &p.Own.Ends[k]
				if e.Sales != of[k][0] || e.Window != [windows]Sum(of[k][1:]) {
					t.Fatalf("%s, period %d: sales %v and %v, the rows say %v", p.Currency, k, e.Sales, e.Window, of[k])
				}
			}
		}
	})
}

// The past is never valued at today's rate: every amount takes that of its own date, and what
// has none is counted, in no sum, and leaves the indicators empty.
func TestHistoryKeepsTheRatesOfItsDates(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	for on, rate := range map[string]string{"2024-03-29": "0.50", "2024-02-26": "0.90", "2024-02-10": "0.80"} {
		if err := env.Rates.Add(mustDay(on), usd, decimal(rate)); err != nil {
			t.Fatal(err)
		}
	}
	p := portfolioOf(t, parseRows(t, `
		invoice A issued=02-10 due=02-20 amount=100.00 cur=USD
		invoice B issued=01-10 due=02-20 amount=100.00 cur=USD`), env)[0]
	if p.Currency != usd || p.Base == &p.Own {
		t.Fatalf("%+v", p.Currency)
	}
	for k, want := range []Sum{{Lo: 10000}, {Lo: 18000}, {}} {
		if total, _ := p.Base.Ends[k].Total(); total != want {
			t.Errorf("end %d: %v open in the reporting currency, want %v", k, total, want)
		}
	}
	if e := &p.Base.Ends[1]; e.Sales != (Sum{Lo: 8000}) || e.NoRate != 0 {
		t.Errorf("sales of February %v, %d without a rate; want 80.00 at the rate of the invoice", e.Sales, e.NoRate)
	}
	if e := &p.Base.Ends[2]; e.NoRateSales != 1 || e.NoRate != 1 {
		t.Errorf("January: %d sales, %d items without a rate; want 1 and 1", e.NoRateSales, e.NoRate)
	}
	got := p.Base.At(0, env.AsOf)
	if !math.IsNaN(got.DSO[Window365]) || !math.IsNaN(got.DSO[Window90]) || got.Receivable != 10000 {
		t.Errorf("%+v: want no DSO where a sale of its window has no rate", got)
	}
	if own := p.Own.At(0, env.AsOf); own.DSO[Window365] != 365 {
		t.Errorf("in its own currency DSO is %v, want 365", own.DSO[Window365])
	}
}

// The groups of many customers add up to what each of them comes to by itself, in whatever order they
// are taken, and what was handed over begins anew.
func TestThePortfolioIsTheSumOfItsCustomers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := randomEnv(t)
		var together Rebuilder
		one, all := map[Currency]*PortfolioSum{}, map[Currency]*PortfolioSum{}
		add := func(to map[Currency]*PortfolioSum, parts []*PortfolioPart) {
			for _, p := range parts {
				if to[p.Currency] == nil {
					to[p.Currency] = &PortfolioSum{}
				}
				to[p.Currency].Merge(&p.Own)
				if p.Base != &p.Own {
					if to[NoCurrency] == nil {
						to[NoCurrency] = &PortfolioSum{}
					}
					to[NoCurrency].Merge(p.Base)
				}
			}
		}
		for range rapid.IntRange(1, 8).Draw(t, "customers") {
			rows := randomRows(t)
			for i := range rows.Masters {
				rows.Masters[i].Segment = rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "segment")
			}
			add(one, portfolioOf(t, rows, env))
			if _, err := together.Rebuild(rows, env, 0); err != nil {
				t.Fatal(err)
			}
			if together.PortfolioGroups() > 3 {
				t.Fatalf("%d groups of three segments", together.PortfolioGroups())
			}
			if rapid.Bool().Draw(t, "take") {
				for _, g := range together.TakePortfolio() {
					add(all, g.Parts)
				}
			}
		}
		for _, g := range together.TakePortfolio() {
			add(all, g.Parts)
		}
		for c, want := range one {
			if got := all[c]; got == nil || *got != *want {
				t.Fatalf("%s: %+v, one by one %+v", c, got, want)
			}
		}
		for c, got := range all {
			if one[c] == nil && *got != (PortfolioSum{}) {
				t.Fatalf("%s: %+v, one by one nothing", c, got)
			}
		}
	})
}
