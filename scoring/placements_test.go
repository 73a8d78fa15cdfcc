package scoring

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// placedText is a placement in words.
func placedText(p *Placement) string {
	if p == nil {
		return "never"
	}
	return fmt.Sprintf("%s %s on %s until %s ended %s: %d, %d came, %d open", p.Agency, p.End, p.On, p.Until, p.Ended, p.Amount, p.Came, p.Open)
}

// An invoice of 100 is placed at 90 after a payment of 10, one of 50 is not due yet.
func TestAPlacementEndsByWordByTermOrByPayment(t *testing.T) {
	const rows = "invoice A issued=2023-06-01 due=2023-06-30 amount=100\ninvoice B issued=2023-07-20 due=2023-08-31 amount=50\n" +
		"payment P on=2023-07-10 amount=10 for=A\nactivity 1 on=2023-08-01 action=placed agency=north\n"
	for name, c := range map[string]struct{ rows, want string }{
		"it runs":              {"", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 9000 open"},
		"in part paid":         {"payment Q on=2023-08-10 amount=40 for=A", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 4000 came, 5000 open"},
		"credited":             {"invoice N kind=credit_note issued=2023-08-10 due=2023-08-10 amount=-40 for=A", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 5000 open"},
		"paid":                 {"payment Q on=2023-08-10 amount=90 for=A", "north paid on 2023-08-01 until 2024-01-27 ended 2023-08-10: 9000, 9000 came, 0 open"},
		"paid and returned":    {"payment Q on=2023-08-10 amount=90 for=A\npayment Q kind=reversal on=2023-08-20 amount=90 for=A", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 9000 open"},
		"written off":          {"payment Q kind=write_off on=2023-08-10 amount=90 for=A", "north paid on 2023-08-01 until 2024-01-27 ended 2023-08-10: 9000, 0 came, 0 open"},
		"recalled":             {"activity 2 on=2023-09-01 action=note outcome=recalled agency=north\npayment Q on=2023-09-10 amount=40 for=A", "north recalled on 2023-08-01 until 2024-01-27 ended 2023-09-01: 9000, 0 came, 5000 open"},
		"handed back":          {"activity 2 on=2023-09-01 action=agency outcome=Uncollectible agency=north", "north handed_back on 2023-08-01 until 2024-01-27 ended 2023-09-01: 9000, 0 came, 9000 open"},
		"closed when paid":     {"payment Q on=2023-08-10 amount=90 for=A\nactivity 2 on=2023-09-01 action=agency outcome=closed agency=north", "north paid on 2023-08-01 until 2024-01-27 ended 2023-08-10: 9000, 9000 came, 0 open"},
		"a report is none":     {"activity 2 on=2023-09-01 action=call outcome=reached agency=north", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 9000 open"},
		"another's end":        {"activity 2 on=2023-09-01 action=agency outcome=recalled agency=south", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 9000 open"},
		"another does it":      {"activity 2 on=2023-09-01 action=agency agency=south", "south running on 2023-09-01 until 2023-09-30 ended 2023-09-30: 14000, 0 came, 14000 open"},
		"another declines":     {"activity 2 on=2023-09-01 action=agency outcome=bounced agency=south", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 9000 open"},
		"again after the end":  {"activity 2 on=2023-09-01 action=agency outcome=recalled agency=north\nactivity 3 on=2023-10-01 action=placed agency=north", "north running on 2023-10-01 until 2024-03-28 ended : 14000, 0 came, 14000 open"},
		"again after payment":  {"payment Q on=2023-08-10 amount=90 for=A\nactivity 2 on=2023-10-01 action=placed agency=north", "north running on 2023-10-01 until 2024-03-28 ended : 5000, 0 came, 5000 open"},
		"known too late":       {"activity 2 on=2023-09-01 action=agency outcome=recalled agency=north known=2024-05-01", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 9000 open"},
		"nothing was past due": {"activity 0 on=2023-06-10 action=placed agency=west\nactivity 2 on=2023-07-30 action=agency outcome=recalled agency=west", "north running on 2023-08-01 until 2024-01-27 ended : 9000, 0 came, 9000 open"},
	} {
		asOf := "2023-12-31"
		env := testEnv(t, asOf)
		env.PlacementTerm, env.PlacementTerms = 180, map[string]int32{"south": 30}
		want := strings.Replace(c.want, "south running", "south term_over", 1)
		if got := placedText(rebuilt(t, env, rows+c.rows).Account.Placed); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	env := testEnv(t, "2024-01-27")
	env.PlacementTerm = 180
	last := placedText(rebuilt(t, env, rows).Account.Placed)
	env.AsOf++
	if after := placedText(rebuilt(t, env, rows).Account.Placed); !strings.HasPrefix(last, "north running") || !strings.HasPrefix(after, "north term_over on 2023-08-01 until 2024-01-27 ended 2024-01-27") {
		t.Errorf("on the last day %s, on the next %s", last, after)
	}
	if env.PlacementTerm = 0; !strings.HasPrefix(placedText(rebuilt(t, env, rows).Account.Placed), "north running on 2023-08-01 until  ended ") {
		t.Error("without a term it does not go on")
	}
}

// Where nothing was past due, all that was open was placed.
func TestWhatIsPlacedBeforeItIsDueIsAllThatIsOpen(t *testing.T) {
	env := testEnv(t, "2023-12-31")
	const rows = "invoice A issued=2023-06-01 due=2023-06-30 amount=100\nactivity 1 on=2023-06-10 action=placed agency=north\n" +
		"invoice B issued=2023-06-20 due=2023-07-31 amount=50\n"
	if got := placedText(rebuilt(t, env, rows+"payment P on=2023-07-10 amount=30 for=A").Account.Placed); got != "north running on 2023-06-10 until  ended : 10000, 3000 came, 7000 open" {
		t.Error(got)
	}
	if got := placedText(rebuilt(t, env, rows+"payment P on=2023-07-10 amount=100 for=A").Account.Placed); got != "north paid on 2023-06-10 until  ended 2023-07-10: 10000, 10000 came, 0 open" {
		t.Error(got)
	}
}

// The end of a placement is no contact, and the account waits for nothing because of it.
func TestTheEndOfAPlacementIsNoContact(t *testing.T) {
	const rows = "invoice A issued=2023-12-01 due=2023-12-31 amount=100\nactivity 1 on=2024-02-01 action=agency agency=north\n"
	for outcome, contacts := range map[string]int32{"sent": 2, "recalled": 1, "closed": 1} {
		a := rebuilt(t, testEnv(t, "2024-02-10"), rows+"activity 2 on=2024-02-05 action=agency agency=north outcome="+outcome).Account
		if a.Contacts30 != contacts || len(a.Taken) != int(contacts) {
			t.Errorf("%s: %d contacts, %d taken", outcome, a.Contacts30, len(a.Taken))
		}
	}
}

// An account runs on a day while its term does and more than a residue is with the agency; an agency that had its time is not
// given the account again.
func TestWhatIsWithAnAgency(t *testing.T) {
	var never *Placement
	p := &Placement{Agency: "north", On: 10, Until: 20, Ended: NoDay, Open: 500}
	if never.Runs(20, 0) || never.Had("north", 0) || !p.Runs(20, 500) || p.Runs(21, 500) || p.Runs(20, 501) {
		t.Error("it runs to its last day, for more than a residue")
	}
	for end, had := range map[PlacementEnd]bool{PlacementRuns: true, PaidInFull: false, Recalled: false, HandedBack: true, TermOver: true, PlacedAnew: true} {
		if p.End = end; p.Had("north", 10) != had || p.Had("north", 11) || p.Had("south", 10) || p.Runs(15, 0) != (end == PlacementRuns) {
			t.Errorf("%s: had it %v", end, p.Had("north", 10))
		}
	}
}

// Whatever the rows: the days of a placement are in order, it is of no more than it was, and an account of which nothing is open is
// with nobody.
func TestPlacementsAddUp(t *testing.T) {
	placed, ended := 0, map[PlacementEnd]int{}
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		for i := range 3 {
			rows.Activities = append(rows.Activities, Activity{Customer: rows.Customer, ID: fmt.Sprint("A", i), Action: "agency", Agency: "north", PromiseDate: NoDay,
				Outcome: rapid.SampledFrom([]string{"sent", "recalled", "closed"}).Draw(t, "word"), Done: env.AsOf - Day(rapid.IntRange(0, 60).Draw(t, "ago")), Known: NoDay, Pos: MakePos(0, int64(100+i))})
		}
		out, err := Rebuild(rows, env, 0)
		if err != nil || out.Account.Placed == nil {
			return
		}
		a, p := &out.Account, out.Account.Placed
		placed++
		ended[p.End]++
		if p.On > env.AsOf || (p.Ended == NoDay) != (p.End == PlacementRuns) || p.Ended != NoDay && (p.Ended < p.On || p.Ended > env.AsOf) ||
			(p.Until == NoDay) != (env.PlacementTerm == 0) || p.End == PlacementRuns && p.Until != NoDay && p.Until < env.AsOf {
			t.Fatalf("days of %s", placedText(p))
		}
		if p.Open > a.Open || p.Open > p.Amount || p.Came > p.Amount-p.Open || p.Came < 0 || p.End == PaidInFull && p.Open != 0 || p.End == PlacementRuns && a.Open == 0 {
			t.Fatalf("amounts of %s, %d open", placedText(p), a.Open)
		}
	})
	for end := range PlacementEnd(PlacedAnew) {
		if ended[end] == 0 {
			t.Errorf("of %d placements none is %s", placed, end)
		}
	}
}
