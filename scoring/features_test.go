package scoring

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"kaishu/scoring/hazard"

	"pgregory.net/rapid"
)

// near tells whether two numbers agree to 1e-12 of their size.
func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b), 1)
}

// past recomputes the frailty's sums and the lateness of Past from the account's items, day by
// day, without counts by bins or by day of settlement.
func pastOf(o *Outcome, env *Env) hazard.Past {
	var p hazard.Past
	weight := func(d Day) float64 { return math.Exp(-float64(env.AsOf-d) / 365) }
	exposed := [hazard.AgeBins]float64{}
	expose := func(issue, due, until Day, w float64) {
		for d := issue + 1; d <= until; d++ {
			if env.Calendar.Business(d) {
				exposed[hazard.AgeBin(int32(d-due))] += w
			}
		}
	}
	var late, days float64
	for _, h := range o.Account.History {
		w := weight(h.On)
		p.Settled++
		p.LateWeight += w
		days += w * float64(h.DaysLate)
		if h.DaysLate > env.Grace {
			late += w
		}
		expose(h.Issue, h.Due, h.On, w)
	}
	mean := math.Inf(-1)
	if p.LateWeight > 0 {
		mean = days/p.LateWeight + 1e-9
	}
	for _, it := range o.Account.Items {
		if it.Open <= 0 || it.Kind == "payment" {
			continue
		}
		p.OpenItems++
		expose(it.Issue, it.Due, env.AsOf, 1)
		if it.PastDue > 0 {
			p.OpenOverdue++
			if float64(it.PastDue) > mean {
				p.LateWeight++
				days += float64(it.PastDue)
				if it.PastDue > env.Grace {
					late++
				}
			}
		}
	}
	p.LateMean, p.LateShare = days/p.LateWeight, late/p.LateWeight
	for b := range exposed {
		p.Exposed[b] = float32(exposed[b])
	}
	return p
}

func TestFeaturesAgreeWithCountingDays(t *testing.T) {
	seen := 0
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		o := mustRebuild(t, rows, env, 0)
		want := pastOf(o, env)
		var got *hazard.Past
		for i := range o.Account.Items {
			if p := o.Account.Items[i].Landmark.Past; p != nil {
				got = p
			}
		}
		if got == nil {
			return
		}
		seen++
		if got.Settled != want.Settled || got.OpenItems != want.OpenItems || got.OpenOverdue != want.OpenOverdue {
			t.Fatalf("settled %d, open %d, overdue %d; want %+v", got.Settled, got.OpenItems, got.OpenOverdue, want)
		}
		if !near(got.LateMean, want.LateMean) || !near(got.LateShare, want.LateShare) || !near(got.LateWeight, want.LateWeight) {
			t.Fatalf("late by %v, share %v, weight %v; want %v, %v, %v", got.LateMean, got.LateShare, got.LateWeight, want.LateMean, want.LateShare, want.LateWeight)
		}
		paid := 0.0
		for b := range got.Exposed {
			if math.Abs(float64(got.Exposed[b]-want.Exposed[b])) > 1e-5*(1+float64(want.Exposed[b])) {
				t.Fatalf("bin %d: %v days open, want %v", b, got.Exposed[b], want.Exposed[b])
			}
			paid += float64(got.PaidAt[b])
		}
		if math.Abs(paid-got.Paid) > 1e-5*(1+paid) {
			t.Fatalf("paid %v, by bins %v", got.Paid, paid)
		}
	})
	if seen < 500 {
		t.Errorf("only %d accounts had open items", seen)
	}
}

func TestLifeTableCountsPaymentsAndDaysOpen(t *testing.T) {
	// Monday 2024-03-04, due Monday 2024-03-11, paid Wednesday 2024-03-13: business days at
	// ages -6..-3 (Tue-Fri), 0, 1, 2; ages -2 and -1 are a weekend.
	o := rebuilt(t, testEnv(t, "2024-04-30"), "invoice A issued=03-04 due=03-11 amount=10.00\npayment P on=03-13 amount=10.00 for=A")
	var want hazard.LifeTable
	for _, age := range []int32{-6, -5, -4, -3, 0, 1, 2} {
		want.Exposed[hazard.AgeBin(age)]++
	}
	want.Paid[hazard.AgeBin(2)]++
	want.PaidDue[0], want.ExposedDue[0] = want.Paid, want.Exposed // all of it due on a Monday
	if o.Life != want {
		t.Errorf("%+v, want %+v", o.Life, want)
	}
	for name, rows := range map[string]string{
		"written off":             "payment P on=03-13 amount=10.00 for=A kind=write_off",
		"mostly written off":      "payment P on=03-08 amount=2.00 for=A\npayment Q on=03-13 amount=8.00 for=A kind=write_off",
		"credited":                "invoice N issued=03-13 due=03-13 amount=-10.00 for=A",
		"bounced, written off":    "payment P on=03-12 amount=10.00 for=A\npayment P on=03-13 amount=10.00 kind=reversal\npayment Q on=03-13 amount=10.00 for=A kind=write_off",
		"paid with a credit note": "invoice N issued=03-12 due=03-12 amount=-5.00 for=A\npayment P on=03-13 amount=5.00 for=A",
		"paid with a discount":    "payment P on=03-12 amount=9.80 for=A\npayment Q on=03-13 amount=0.20 for=A kind=discount",
	} {
		o := rebuilt(t, testEnv(t, "2024-04-30"), "invoice A issued=03-04 due=03-11 amount=10.00\n"+rows)
		with := want
		if !strings.HasPrefix(name, "paid") {
			with.Paid, with.PaidDue[0] = [hazard.AgeBins]int64{}, [hazard.AgeBins]int64{}
		}
		if o.Life != with {
			t.Errorf("%s: %+v, want %+v", name, o.Life, with)
		}
	}
	o = rebuilt(t, testEnv(t, "2024-04-30"), "invoice A issued=03-04 due=03-11 amount=10.00\npayment P on=03-04 amount=10.00 for=A")
	if o.Life != (hazard.LifeTable{}) {
		t.Errorf("paid at issue, never at risk: %+v", o.Life)
	}
}

func TestLandmarksFollowTheirItemToThePayment(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	env.LandmarkWeeks = 3 // 03-10, 03-17, 03-24
	const invoice = "invoice A issued=02-01 due=03-01 amount=100.00\npayment O on=02-20 amount=20.00 for=A\n"
	type outcome struct {
		follow int32
		paid   bool
	}
	for _, c := range []struct {
		name, rows string
		want       []outcome // of 03-10, 03-17, 03-24
	}{
		{"open at the cut", "", []outcome{{21, false}, {14, false}, {7, false}}},
		{"paid", "payment P on=03-20 amount=80.00 for=A", []outcome{{10, true}, {3, true}}},
		{"paid to 95 %", "payment P on=03-20 amount=76.00 for=A", []outcome{{10, true}, {3, true}, {7, false}}},
		{"paid to less", "payment P on=03-20 amount=75.99 for=A", []outcome{{21, false}, {14, false}, {7, false}}},
		{"paid in two parts", "payment P on=03-12 amount=40.00 for=A\npayment Q on=03-19 amount=40.00 for=A", []outcome{{9, true}, {2, true}}},
		{"credited", "invoice N issued=03-20 due=03-20 amount=-80.00 for=A", []outcome{{10, false}, {3, false}}},
		{"written off after a part", "payment P on=03-12 amount=40.00 for=A\npayment W on=03-19 amount=40.00 for=A kind=write_off", []outcome{{9, false}, {2, false}}},
		{"bounced on the day", "payment P on=03-20 amount=80.00 for=A\npayment P on=03-20 amount=80.00 kind=reversal", []outcome{{21, false}, {14, false}, {7, false}}},
		{"bounced and paid again", "payment P on=03-12 amount=80.00 for=A\npayment P on=03-14 amount=80.00 kind=reversal\npayment Q on=03-25 amount=80.00 for=A",
			[]outcome{{2, true}, {8, true}, {1, true}}},
		{"known later than paid", "payment P on=03-09 amount=80.00 for=A known=03-18", []outcome{{8, true}, {1, true}}},
	} {
		out, err := Rebuild(parseRows(t, invoice+c.rows), env, math.MaxUint64)
		if err != nil {
			t.Fatal(err)
		}
		marks := out.Account.Landmarks
		if len(marks) != len(c.want) {
			t.Errorf("%s: %d landmarks, want %d", c.name, len(marks), len(c.want))
			continue
		}
		for i, w := range c.want {
			if m := &marks[i]; m.Follow != w.follow || m.Paid != w.paid || m.Date != int32(mustDay("2024-03-10"))+7*int32(i) {
				t.Errorf("%s: at %s followed %d days, paid %t; want %+v", c.name, Day(m.Date), m.Follow, m.Paid, w)
			}
		}
		if marks[0].Open != 80 {
			t.Errorf("%s: open %v, want 80", c.name, marks[0].Open)
		}
	}
}

func TestLandmarksKeepWhatCameInPart(t *testing.T) {
	env := testEnv(t, "2024-05-31")
	env.LandmarkDays = []Day{mustDay("2024-03-10"), mustDay("2024-04-10")} // windows until 04-21 and 05-22
	const invoice = "invoice A issued=02-01 due=03-01 amount=100.00\npayment O on=02-20 amount=20.00 for=A\n"
	for _, c := range []struct {
		name, rows string
		want       [2]float32 // of the 80 open on 03-10, of what is open on 04-10; -1 for nothing
		parted     int32      // payments that left something open, O among them
	}{
		{"nothing", "", [2]float32{0, 0}, 1},
		{"a part", "payment P on=03-20 amount=20.00 for=A", [2]float32{.25, 0}, 2},
		{"parts in both", "payment P on=03-20 amount=20.00 for=A\npayment Q on=04-15 amount=30.00 for=A", [2]float32{.625, .5}, 3},
		{"after the window", "payment P on=04-22 amount=20.00 for=A", [2]float32{0, .25}, 2},
		{"on its last day", "payment P on=04-21 amount=20.00 for=A", [2]float32{.25, .25}, 2},
		{"taken back", "payment P on=03-20 amount=20.00 for=A\npayment P on=03-25 amount=20.00 kind=reversal", [2]float32{0, 0}, 2},
		{"taken back, of before", "payment O on=03-25 amount=20.00 kind=reversal", [2]float32{0, 0}, 1},
		{"paid up but for a residue", "payment P on=03-20 amount=77.00 for=A", [2]float32{.9625, 0}, 1},
		{"paid up", "payment P on=03-20 amount=80.00 for=A", [2]float32{1, -1}, 1},
		{"credited is not cash", "payment P on=03-20 amount=20.00 for=A\ninvoice N issued=03-25 due=03-25 amount=-60.00 for=A", [2]float32{.25, -1}, 2},
		{"too much", "payment P on=03-20 amount=200.00 for=A", [2]float32{1, -1}, 1},
		{"known after the window", "payment P on=03-20 amount=20.00 for=A known=04-25", [2]float32{0, .25}, 2},
	} {
		out, err := Rebuild(parseRows(t, invoice+"invoice B issued=02-01 due=03-01 amount=5.00\n"+c.rows), env, math.MaxUint64)
		if err != nil {
			t.Fatal(err)
		}
		got := [2]float32{-1, -1}
		for _, m := range out.Account.Landmarks {
			if m.Open != 5 {
				got[(m.Date-int32(env.LandmarkDays[0]))/31] = m.Came
			}
		}
		if got != c.want {
			t.Errorf("%s: %v came, want %v", c.name, got, c.want)
		}
		for _, it := range out.Account.Items {
			if p := it.Landmark.Past; p != nil && p.Parted != c.parted {
				t.Errorf("%s: %d parts on record, want %d", c.name, p.Parted, c.parted)
			}
		}
	}
}

// A bound keeps of all landmarks those whose gate lies below, whatever the as-of date; of a quarter of all, half of the customers'
// days and half of the items on those.
func TestLandmarksAreSampledByDayAndItem(t *testing.T) {
	const quarter = math.MaxUint64 / 4
	kept, total, drawn, days := 0, 0, 0, 0
	for k := range 40 {
		rows, env := habitualRows(fmt.Sprintf("C%d", k), 200), benchEnv(78)
		all := mustRebuild(t, rows, env, math.MaxUint64).Account.Landmarks
		some := mustRebuild(t, rows, env, quarter).Account.Landmarks
		at, last := 0, Day(0)
		for i := range all {
			if Day(all[i].Date) != last {
				last = Day(all[i].Date)
				days++
				if slices.ContainsFunc(some, func(l hazard.Landmark) bool { return Day(l.Date) == last }) {
					drawn++
				}
			}
			if LandmarkGate(&all[i]) >= quarter {
				continue
			}
			if at == len(some) || equal(all[i], some[at]) != "" {
				t.Fatalf("landmark %d of the sample differs", at)
			}
			at++
		}
		if at != len(some) {
			t.Fatalf("%d landmarks too many", len(some)-at)
		}
		kept, total = kept+len(some), total+len(all)
		env.AsOf += 7
		for _, m := range mustRebuild(t, rows, env, quarter).Account.Landmarks {
			if LandmarkGate(&m) >= quarter {
				t.Fatal("a gate beyond the bound")
			}
		}
	}
	if share := float64(kept) / float64(total); total < 20_000 || math.Abs(share-.25) > .03 {
		t.Errorf("%d of %d landmarks kept, want about a quarter", kept, total)
	}
	if share := float64(drawn) / float64(days); math.Abs(share-.5) > .05 { // with many items open, a day that is drawn has one that is
		t.Errorf("landmarks of %d of %d days, want about half", drawn, days)
	}
	rows, env := habitualRows("C1", 50), benchEnv(78)
	if mustRebuild(t, rows, env, 0).Account.Landmarks != nil {
		t.Error("landmarks where none are asked for")
	}
}

func TestPaymentPattern(t *testing.T) {
	env := testEnv(t, "2024-12-31")
	// The 25th or, on a weekend, the Monday after; 2024-02-26, -03-25, -05-27, -08-26, -11-25.
	o := rebuilt(t, env, `
		payment A on=02-26 amount=10.00
		payment B on=03-25 amount=10.00
		payment C on=05-27 amount=10.00
		payment D on=08-26 amount=10.00
		payment E on=11-25 amount=10.00`)
	if a := &o.Account; a.PayMonthDay != 25 || a.PayWeekday != 1 || a.LastPayment != mustDay("2024-11-25") {
		t.Errorf("pays on day %d, weekday %d, last on %s; want the 25th, Mondays", a.PayMonthDay, a.PayWeekday, a.LastPayment)
	}
	o = rebuilt(t, env, `
		payment A on=02-29 amount=10.00
		payment B on=03-29 amount=10.00
		payment C on=05-31 amount=10.00
		payment D on=08-30 amount=10.00`)
	if a := &o.Account; a.PayMonthDay != 31 {
		t.Errorf("pays on day %d, want 31 for the end of the month", a.PayMonthDay)
	}
	o = rebuilt(t, env, "payment A on=02-29 amount=10.00\npayment B on=03-29 amount=10.00\npayment C on=05-31 amount=10.00")
	if a := &o.Account; a.PayMonthDay != 0 || a.PayWeekday != -1 {
		t.Errorf("three days make no pattern: %d, %d", a.PayMonthDay, a.PayWeekday)
	}
}

// The rhythm goes by the days on which payments of items became known, a business day after their own
// here, and a landmark knows only those before it.
func TestRhythmGoesByTheDaysOnWhichPaymentsBecameKnown(t *testing.T) {
	env := testEnv(t, "2024-12-31")
	env.KnownLag, env.LandmarkWeeks = 1, 30
	var rows strings.Builder
	for i, day := range []string{"02-26", "03-25", "04-25", "05-27", "06-25", "07-25", "08-26", "09-25", "10-25", "11-25"} {
		fmt.Fprintf(&rows, "invoice I%d issued=01-0%d due=%s amount=10.00\npayment P%d on=%s amount=10.00 for=I%d\n", i, i%9+1, day, i, day, i)
	}
	rows.WriteString("invoice open issued=05-01 due=12-25 amount=10.00")
	o := rebuilt(t, env, rows.String())
	r := &o.Account.Items[0].Landmark.Past.Rhythm
	if r.Runs[0].Slot != 26 || r.Runs[0].Share < .5 { // 26 May rolls to the 27th, a run of that month on to the 28th
		t.Errorf("runs %+v, want the day after the 25th", r.Runs)
	}
	for _, m := range o.Account.Landmarks {
		if m.Date < int32(mustDay("2024-06-26")) && m.Past.Rhythm.Runs[0].Share > float32(r.Runs[0].Share-.05) {
			t.Errorf("landmark of %s is as sure as ten runs make: %+v", Day(m.Date), m.Past.Rhythm.Runs)
		}
	}
}

func TestContactsOfTheAccount(t *testing.T) {
	a := rebuilt(t, testEnv(t, "2024-03-31"), `
		activity T1 on=01-10 action=letter outcome=bounced
		activity T2 on=03-01 action=call outcome=no_answer
		activity T3 on=03-02 action=call outcome=reached reason=cash_flow
		activity T4 on=03-25 action=email outcome=sent
		activity T5 on=03-28 action=note reason=forgot
		activity T6 on=04-01 action=call outcome=reached reason=dispute
		activity T7 on=03-20 action=visit outcome=reached known=04-01`).Account
	if a.Contacts7 != 1 || a.Contacts30 != 2 || a.LastContact != mustDay("2024-03-25") || a.RightPartyRate != .25 || a.Reason != "forgot" {
		t.Errorf("%d in 7 days, %d in 30, last %s, right party %v, reason %q", a.Contacts7, a.Contacts30, a.LastContact, a.RightPartyRate, a.Reason)
	}
	var reached []bool
	for _, c := range a.Taken {
		reached = append(reached, c.Reached)
	}
	if d := equal(reached, []bool{false, false, true, true}); d != "" {
		t.Errorf("taken %+v: %s", a.Taken, d)
	}
}

func TestDisputesReduceWhatIsCollectableWhileTheyAreOpen(t *testing.T) {
	const invoice = "invoice A part=1 issued=03-01 due=03-10 amount=100.00\ninvoice A part=2 issued=03-01 due=03-20 amount=50.00\n"
	for _, c := range []struct {
		name, rows string
		want       int64
	}{
		{"an amount", "dispute D for=A on=03-05 amount=30.00", 3000},
		{"beyond the first instalment", "dispute D for=A on=03-05 amount=120.00", 12000},
		{"at most what is open", "dispute D for=A on=03-05 amount=500.00\npayment P on=03-06 amount=20.00 for=A", 13000},
		{"all of it without an amount", "dispute D for=A on=03-05", 15000},
		{"two disputes", "dispute D for=A on=03-05 amount=30.00\ndispute E for=A on=03-06 amount=10.00", 4000},
		{"closed on the date", "dispute D for=A on=03-05 closed=03-31 amount=30.00", 0},
		{"closed after it", "dispute D for=A on=03-05 closed=04-01 amount=30.00", 3000},
		{"not yet known", "dispute D for=A on=03-05 known=04-01 amount=30.00", 0},
		{"of an unknown invoice", "dispute D for=Z on=03-05 amount=30.00", 0},
	} {
		o := rebuilt(t, testEnv(t, "2024-03-31"), invoice+c.rows)
		if a := &o.Account; a.Disputed != c.want || a.Collectable != a.Open-c.want {
			t.Errorf("%s: disputed %d, collectable %d of %d; want %d", c.name, a.Disputed, a.Collectable, a.Open, c.want)
		}
		if (c.name == "of an unknown invoice") != (o.Warnings.UnknownDisputes == 1) {
			t.Errorf("%s: %d disputes of unknown invoices", c.name, o.Warnings.UnknownDisputes)
		}
	}
}

func TestPromisesWithoutAnAmount(t *testing.T) {
	const invoices = "invoice A issued=02-01 due=03-01 amount=100.00\ninvoice B issued=02-01 due=03-25 amount=50.00\n"
	for _, c := range []struct {
		name, rows, asOf string
		promised         int64
		kept, partly     int32
	}{
		{"covers what is overdue", "activity T on=03-10 action=call date=03-29", "2024-03-27", 15000, 0, 0},
		{"covers the invoice it names", "activity T on=03-10 action=call date=03-29 for=B", "2024-03-15", 5000, 0, 0},
		{"is kept by what was overdue then", "activity T on=03-10 action=call date=03-29\npayment P on=03-12 amount=100.00 for=A", "2024-04-10", 0, 1, 0},
		{"is partly kept by less", "activity T on=03-10 action=call date=03-29\npayment P on=03-12 amount=90.00 for=A", "2024-04-10", 0, 0, 1},
		{"about an invoice is kept by cash for it", "activity T on=03-10 action=call date=03-29 for=B\npayment P on=03-12 amount=50.00 for=B", "2024-04-10", 0, 1, 0},
		{"about an invoice is not kept by cash for others", "activity T on=03-10 action=call date=03-29 for=B\npayment P on=03-12 amount=50.00 for=A", "2024-04-10", 0, 0, 0},
	} {
		a := rebuilt(t, testEnv(t, c.asOf), invoices+c.rows).Account
		if a.Promised != c.promised || a.PromisesKept != c.kept || a.PromisesPartly != c.partly {
			t.Errorf("%s: promised %d, kept %d, partly %d; want %d, %d, %d", c.name, a.Promised, a.PromisesKept, a.PromisesPartly, c.promised, c.kept, c.partly)
		}
	}
}

func TestLandmarksKnowThePromiseThatCoversTheirItem(t *testing.T) {
	const invoices = "invoice A issued=02-01 due=03-01 amount=100.00\ninvoice B issued=02-01 due=03-05 amount=50.00\n"
	type state struct {
		due    int32
		broken bool
	}
	for _, c := range []struct {
		name, rows string
		a, b       state
	}{
		{"none", "", state{-1, false}, state{-1, false}},
		{"about everything", "activity T on=03-10 action=call date=03-25", state{5, false}, state{5, false}},
		{"about one invoice", "activity T on=03-10 action=call date=03-25 for=B", state{-1, false}, state{5, false}},
		{"past its date, within the tolerance", "activity T on=03-10 action=call date=03-19", state{0, false}, state{0, false}},
		{"broken", "activity T on=03-10 action=call date=03-15", state{-1, true}, state{-1, true}},
		{"broken, then given again", "activity T on=03-05 action=call date=03-08\nactivity U on=03-15 action=call date=03-25", state{5, false}, state{5, false}},
		{"broken, then given for one", "activity T on=03-05 action=call date=03-08\nactivity U on=03-15 action=call date=03-25 for=B", state{-1, true}, state{5, false}},
		{"withdrawn", "activity T on=03-10 action=call date=03-25\nactivity U on=03-12 action=call outcome=withdrawn", state{-1, false}, state{-1, false}},
	} {
		env := testEnv(t, "2024-03-20") // a Wednesday
		env.PromiseTolerance = 2
		items := rebuilt(t, env, invoices+c.rows).Account.Items
		for i, want := range []state{c.a, c.b} {
			if m := items[i].Landmark; (state{m.PromiseDue, m.PromiseBroken}) != want {
				t.Errorf("%s: %s has %d, %t; want %+v", c.name, items[i].ID, m.PromiseDue, m.PromiseBroken, want)
			}
		}
	}
}

func TestLandmarksAreTakenOnGivenDays(t *testing.T) {
	rows, env := habitualRows("C1", 400), benchEnv(0)
	env.LandmarkDays = []Day{env.AsOf - 100, env.AsOf - 31, env.AsOf - 30, env.AsOf}
	var want []hazard.Landmark
	for _, day := range env.LandmarkDays[:3] { // the as-of date itself is not past
		weekly := *benchEnv(1)
		weekly.AsOf = day + 7
		want = append(want, mustRebuild(t, rows, &weekly, math.MaxUint64).Account.Landmarks...)
	}
	got := mustRebuild(t, rows, env, math.MaxUint64).Account.Landmarks
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%d landmarks, want %d", len(got), len(want))
	}
	for i := range got {
		got[i].Follow, got[i].Paid, want[i].Follow, want[i].Paid = 0, false, 0, false
		got[i].Came, want[i].Came = 0, 0
		if diff := equal(got[i], want[i]); diff != "" {
			t.Errorf("landmark %d: %s", i, diff)
		}
	}
}
