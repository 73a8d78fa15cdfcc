package pipeline

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kaishu/pipeline/config"
	"kaishu/scoring"
)

// reviewNight is a night of an ordinary configuration on a Wednesday, in euros.
func reviewNight(t *testing.T, more string) *night {
	t.Helper()
	cfg, err := config.Parse("k", []byte("currency: EUR\nexports:\n  invoices: {path: i.csv}\n  payments: {path: p.csv}\n"+more), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := scoring.NewCalendar("weekdays", nil)
	if err != nil {
		t.Fatal(err)
	}
	eur, err := scoring.ParseCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	return &night{workers: 1, cfg: cfg, currency: eur, calendar: calendar, asOf: scoring.MakeDay(2026, 3, 4), workDay: scoring.MakeDay(2026, 3, 5),
		before: map[string]before{}, previous: &previousNight{asOf: "2026-03-03"}}
}

// debtor owes one item of 1,000 EUR, so many days past due, of a limit of 2,000 EUR.
func debtor(pastDue int32) *customer {
	c := &customer{p90: .01, grade: "A", decision: &decision{}}
	c.Account = scoring.Account{Customer: "c", Open: 100_000, Exposure: 100_000, Limit: 200_000, HasLimit: true, OpenItems: 1,
		DaysLateMean: math.NaN(), PromiseUntil: scoring.NoDay, PromiseBroke: scoring.NoDay, LastPayment: scoring.NoDay, LastContact: scoring.NoDay,
		Items: []scoring.Item{{ID: "i", Open: 100_000, OpenBase: 100_000, PastDue: pastDue, Issue: scoring.MakeDay(2026, 2, 1)}}}
	if pastDue > 0 {
		c.Overdue, c.Collectable, c.PastDueMax, c.OpenOverdue, c.Delays = 100_000, 100_000, pastDue, 1, 1
	}
	return c
}

// gone is a debtor without a limit that nothing has been delivered to since.
func gone(pastDue int32) *customer {
	c := debtor(pastDue)
	c.HasLimit, c.Items[0].Issue = false, scoring.MakeDay(2025, 9, 1)
	return c
}

func kinds(list []review) string {
	var out []string
	for _, r := range list {
		out = append(out, r.kind)
	}
	return strings.Join(out, " ")
}

func TestEachRecommendationHasItsRule(t *testing.T) {
	day := scoring.MakeDay(2026, 3, 4)
	demand := scoring.Taken{Action: "demand", On: day - 20, Reached: true}
	for _, v := range []struct {
		name   string
		make   func() *customer
		want   string
		amount int64 // of the first, -1 for none
	}{
		{"not due, nothing known", func() *customer { return debtor(-5) }, "", -1},
		{"59 days past due", func() *customer { return debtor(59) }, "", -1},
		{"60 days past due: a quarter less", func() *customer { return debtor(60) }, "limit_cut", 150_000},
		{"risk alone", func() *customer { c := debtor(3); c.p90 = .5; return c }, "limit_cut", 150_000},
		{"a limit that is used up cuts nothing", func() *customer { c := debtor(60); c.Limit = 100_000; return c }, "", -1},
		{"one that nearly is comes down to what is used", func() *customer { c := debtor(60); c.Limit = 120_000; return c }, "limit_cut", 110_000},
		{"no deliveries any more", func() *customer { c := debtor(60); c.Items[0].Issue = day - 91; return c }, "", -1},
		{"but a payment", func() *customer { c := debtor(60); c.Items[0].Issue, c.LastPayment = day-91, day-90; return c }, "limit_cut", 150_000},
		{"prepayment makes the limit idle", func() *customer { c := debtor(61); c.p90 = .8; return c }, "prepayment", -1},
		{"two promises broken", func() *customer { c := debtor(3); c.PromiseLevel = 2; return c }, "limit_cut", 150_000},
		{"a run of good behaviour", func() *customer {
			c := debtor(-5)
			c.Settled, c.Delays, c.Exposure = 20, 2, 140_000
			return c
		}, "limit_raise", 240_000},
		{"and a delay too many", func() *customer {
			c := debtor(-5)
			c.Settled, c.Delays, c.Exposure = 20, 3, 140_000
			return c
		}, "", -1},
		{"high risk", func() *customer { c := debtor(31); c.p90 = .8; c.HasLimit = false; return c }, "prepayment", -1},
		{"a reliable customer got stuck", func() *customer { c := debtor(16); c.Settled, c.Delays = 10, 3; return c }, "instalments", 33_334},
		{"cash-flow squeeze", func() *customer { c := debtor(16); c.Reason = "cash_flow"; return c }, "instalments", 33_334},
		{"but a promise runs", func() *customer { c := debtor(16); c.Reason, c.PromiseUntil = "cash_flow", day+3; return c }, "", -1},
		{"unsecured loss", func() *customer { c := debtor(3); c.loss = 500_000; return c }, "security", 100_000},
		{"guaranteed loss", func() *customer { c := debtor(3); c.loss, c.Master.Guarantor = 500_000, "g"; return c }, "", -1},
		{"two reminders unanswered", func() *customer {
			c := debtor(31)
			c.Taken = []scoring.Taken{{Action: "email", On: day - 20, Reached: true}, {Action: "call", On: day - 9, Reached: true}}
			return c
		}, "delivery_hold", 100_000},
		{"a payment since the first", func() *customer {
			c := debtor(31)
			c.Taken = []scoring.Taken{{Action: "email", On: day - 20, Reached: true}, {Action: "call", On: day - 9, Reached: true}}
			c.LastPayment = day - 15
			return c
		}, "", -1},
		{"pays early", func() *customer { c := debtor(-5); c.Settled, c.DaysLateMean = 12, -3; return c }, "early_payment_reward", -1},
		{"worth keeping", func() *customer { c := debtor(60); c.HasLimit, c.Margin = false, 1; return c }, "recovery_programme_start", 100_000},
		{"programme runs", func() *customer {
			c := debtor(70)
			c.HasLimit, c.Promised, c.PromiseUntil = false, 60_000, day+30
			c.Taken = []scoring.Taken{{Action: "recovery_programme", On: day - 10, Reached: true}}
			return c
		}, "recovery_programme_progress", 60_000},
		{"programme failed", func() *customer {
			c := debtor(70)
			c.HasLimit, c.PromiseLevel, c.PromiseBroke = false, 1, day-2
			c.Taken = []scoring.Taken{{Action: "recovery_programme", On: day - 60, Reached: true}}
			return c
		}, "recovery_programme_failed", -1},
		{"programme done", func() *customer {
			c := debtor(-5)
			c.Taken = []scoring.Taken{{Action: "recovery_programme", On: day - 60, Reached: true}}
			return c
		}, "recovery_programme_restored", -1},
		{"an agency nets more", func() *customer { c := gone(130); c.Taken = []scoring.Taken{demand}; return c }, "agency", 100_000},
		{"but not before a demand", func() *customer { return gone(130) }, "", -1},
		{"nor does a trifle speak for a large account", func() *customer {
			c := debtor(300)
			c.Open, c.p90 = 2_100_000, 1
			return c
		}, "", -1},
		{"a bank fee of 8 EUR is no debt", func() *customer {
			c := debtor(300)
			c.Items[0].OpenBase, c.Items[0].Open, c.p90 = 800, 800, 1
			return c
		}, "", -1},
		{"cash on account covers it", func() *customer { c := debtor(300); c.Unapplied = 95_000; return c }, "", -1},
	} {
		n := reviewNight(t, "reviews: {agencies: [{name: north, fee: 0.4, recovery: {90: 0.5}}, {name: south, fee: 0.2, recovery: {90: 0.45, 180: 0.2}}]}\n")
		got := n.reviews(v.make(), nil)
		if kinds(got) != v.want {
			t.Errorf("%s: %q, want %q", v.name, kinds(got), v.want)
			continue
		}
		if len(got) > 0 && (got[0].hasAmount != (v.amount >= 0) || got[0].hasAmount && got[0].amount != v.amount || got[0].rule() == "" || got[0].advice() == "") {
			t.Errorf("%s: %+v, want amount %d", v.name, got[0], v.amount)
		}
		if v.want == "agency" && (got[0].advice() != "place with south" || !strings.HasPrefix(got[0].rule(), "net of fees: south 360.00 EUR, north 300.00 EUR")) {
			t.Errorf("%s: %+v", v.name, got[0])
		}
	}
}

func TestWhatCrossedAThresholdSinceTheNightBeforeIsTold(t *testing.T) {
	for _, v := range []struct {
		before before
		want   string
	}{
		{before{known: true, pastDueMax: 60, utilization: .5, grade: "A"}, ""},
		{before{known: true, pastDueMax: 59, utilization: .5, grade: "A"}, "reached 60 days past due"},
		{before{known: true, pastDueMax: 95, utilization: 1.2, grade: "C"}, "is below 90 days past due again; is within its limit again: 50 %; grade A, was C"},
		{before{known: true, pastDueMax: 61, utilization: .5, grade: "B"}, ""}, // a grade better
		{before{pastDueMax: 10}, ""}, // no account then
	} {
		n, c := reviewNight(t, ""), debtor(61)
		n.before["c"] = v.before
		r, ok := n.reviewTell(n.reviewed(c))
		rule := ""
		if ok {
			rule = r.rule()
		}
		if c.Exposure = 99_999; ok {
			if _, small := n.reviewTell(n.reviewed(c)); small {
				t.Errorf("%+v: told of a customer of less than 1,000 EUR", v.before)
			}
		}
		if ok != (v.want != "") || rule != v.want {
			t.Errorf("%+v: %q, want %q", v.before, rule, v.want)
		}
	}
}

func TestAHoldIsReleasedWhenItsCauseHasGone(t *testing.T) {
	n, c := reviewNight(t, ""), debtor(-5)
	n.before["c"] = before{known: true, reviews: []earlier{{kind: reviewCut}, {kind: reviewHold}}, grade: "A", utilization: .5}
	if got := kinds(n.reviews(c, nil)); got != reviewRelease {
		t.Errorf("%q", got)
	}
}

// What stood the night before goes only when its figure has fallen well below the threshold; and a hold is
// lifted by paying what is old, not by any payment.
func TestARecommendationThatStandsDoesNotWaver(t *testing.T) {
	for _, v := range []struct {
		kind    string
		pastDue int32
		change  func(*customer)
		want    bool
	}{
		{reviewCut, 59, nil, true}, {reviewCut, 48, nil, true}, {reviewCut, 47, nil, false},
		{reviewCut, 5, func(c *customer) { c.p90 = .4 }, true}, {reviewCut, 5, func(c *customer) { c.p90 = .39 }, false},
		{reviewHold, 24, func(c *customer) { c.LastPayment = c.Items[0].Issue + 30 }, true}, {reviewHold, 23, nil, false},
	} {
		n, c := reviewNight(t, ""), debtor(v.pastDue)
		if v.change != nil {
			v.change(c)
		}
		if got := kinds(n.reviews(c, nil)); strings.Contains(got, v.kind) {
			t.Errorf("%s at %d days past due, out of nothing: %q", v.kind, v.pastDue, got)
		}
		n.before["c"] = before{known: true, reviews: []earlier{{kind: v.kind}}, grade: "A", utilization: .5}
		if got := kinds(n.reviews(c, nil)); strings.Contains(got, v.kind) != v.want {
			t.Errorf("%s at %d days past due, after it stood: %q, want %v", v.kind, v.pastDue, got, v.want)
		}
	}
}

// Twelve limits to cut: the page takes the five largest exposures a night, none twice within a week, until
// all were on it; then the first come again.
func TestThePageIsShortAndSaysNothingTwiceInAShortWhile(t *testing.T) {
	var nights []string
	earlierOn := map[string]before{}
	for night := range 8 {
		n := reviewNight(t, "reviews: {list_most: 5, repeat_days: 7}\n")
		n.asOf += scoring.Day(night)
		n.before = earlierOn
		for i := range 12 {
			c := debtor(60)
			c.Customer = string(rune('a' + i))
			c.Exposure -= int64(i)
			c.decision = &decision{id: c.Customer, at: i}
			n.standing = n.stand(c, n.standing)
		}
		n.listReviews()
		page, next := "", map[string]before{}
		for i := range n.standing {
			s := &n.standing[i]
			if s.listed {
				page += s.of.id
			}
			if s.fresh != (night == 0) || s.since != scoring.MakeDay(2026, 3, 4) {
				t.Errorf("night %d: new %v, since %v", night, s.fresh, s.since)
			}
			next[s.of.id] = before{known: true, pastDueMax: 60, grade: "A", utilization: .5, reviews: []earlier{{s.kind, s.since, s.listedOn}}}
		}
		nights, earlierOn = append(nights, page), next
	}
	if got, want := strings.Join(nights, "|"), "abcde|fghij|kl|||||abcde"; got != want {
		t.Errorf("pages %q, want %q", got, want)
	}
}

// Whatever order they come in, and however many there may be: those that sorting all of them puts first.
func TestTheShortlistIsTheFirstOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		exposures := rapid.SliceOfN(rapid.Int64Range(0, 40), 0, 300).Draw(t, "exposures")
		most := rapid.IntRange(0, 30).Draw(t, "most")
		all := make([]*standing, len(exposures))
		var l shortlist
		for i, e := range exposures {
			all[i] = &standing{exposure: e, of: &decision{id: strconv.Itoa(i * 7919 % 1009), at: i}}
			l.add(all[i], most)
		}
		got := l.first(most)
		slices.SortFunc(all, func(a, b *standing) int {
			if a.exposure != b.exposure {
				return int(b.exposure - a.exposure)
			}
			return strings.Compare(a.of.id, b.of.id)
		})
		if want := all[:min(most, len(all))]; !slices.Equal(got, want) {
			t.Fatalf("%d are listed, want %d, or others", len(got), len(want))
		}
	})
}
