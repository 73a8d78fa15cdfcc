package scoring

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"kaishu/scoring/hazard"
)

// windowsOf are the windows of rows in which every contact is followed.
func windowsOf(t testing.TB, rows *Rows, env *Env) []Window {
	t.Helper()
	r := Rebuilder{WindowsBelow: math.MaxUint64, LotBelow: math.MaxUint64}
	out, err := r.Rebuild(rows, env, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out.Account.Windows
}

// What a window knows of its items, and what became of them, is what a landmark taken on the eve of
// the contact knows.
func TestAWindowIsTheLandmarksOfItsEve(t *testing.T) {
	rows, env := habitualRows("C1", 300), benchEnv(0)
	env.WindowWeeks = 60
	contacts := []Day{env.AsOf - 200, env.AsOf - 90, env.AsOf - 33, env.AsOf - 5}
	marked := *benchEnv(0)
	for i, on := range contacts {
		rows.Activities = append(rows.Activities, Activity{Customer: "C1", ID: fmt.Sprint(i), Done: on, Action: "call", Outcome: "reached",
			PromiseDate: NoDay, Known: NoDay, Pos: MakePos(3, int64(i))})
		marked.LandmarkDays = append(marked.LandmarkDays, on-1)
	}
	var want []hazard.Landmark
	for _, l := range mustRebuild(t, rows, &marked, math.MaxUint64).Account.Landmarks {
		if l.Due-l.Date <= env.Horizon {
			want = append(want, l)
		}
	}
	var got []hazard.Landmark
	for i, w := range windowsOf(t, rows, env) {
		if w.On != contacts[i] || !w.Landed || w.Randomised {
			t.Errorf("window %d: %+v", i, w)
		}
		got = append(got, w.Items...)
	}
	if len(got) != len(want) || len(got) < 20 {
		t.Fatalf("%d items, want %d", len(got), len(want))
	}
	for i := range got {
		if diff := equal(got[i], want[i]); diff != "" {
			t.Errorf("item %d: %s", i, diff)
		}
	}
}

// Landmarks of the weeks between, of which some are taken before the eve of a contact is looked at, change nothing about windows.
func TestWindowsAreTheSameAmongLandmarks(t *testing.T) {
	rows, env := habitualRows("C1", 40), benchEnv(0)
	env.WindowWeeks = 100
	for i := range 40 {
		rows.Activities = append(rows.Activities, Activity{Customer: "C1", ID: fmt.Sprint(i), Done: env.AsOf - Day(17*i+1), Action: "call", Outcome: "reached",
			PromiseDate: NoDay, Known: NoDay, Pos: MakePos(3, int64(i))})
	}
	want := windowsOf(t, rows, env)
	if len(want) < 20 {
		t.Fatalf("only %d windows", len(want))
	}
	env.LandmarkWeeks = 100
	r := Rebuilder{WindowsBelow: math.MaxUint64, LotBelow: math.MaxUint64}
	out, err := r.Rebuild(rows, env, math.MaxUint64)
	if err != nil {
		t.Fatal(err)
	}
	if d := equal(out.Account.Windows, want); d != "" {
		t.Error(d)
	}
}

func TestTheNextContactThatCameThroughEndsAWindow(t *testing.T) {
	const invoice = "invoice A issued=2023-12-01 due=2023-12-31 amount=100\ninvoice B issued=01-02 due=04-30 amount=50\n"
	for name, c := range map[string]struct{ rows, want string }{
		"alone until the end":          {"activity 1 on=02-01 action=call outcome=reached", "02-01..03-20 landed"},
		"until the next":               {"activity 1 on=02-01 action=call outcome=reached\nactivity 2 on=02-10 action=email", "02-01..02-09 landed 02-10..03-20 landed after 1"},
		"not until an unanswered call": {"activity 1 on=02-01 action=call outcome=reached\nactivity 2 on=02-10 action=call outcome=no_answer", "02-01..03-20 landed 02-10..03-20 after 1"},
		"the later of two on a day":    {"activity 1 on=02-01 action=letter\nactivity 2 on=02-01 action=call outcome=reached", "02-01..03-20 landed"},
		"a note is no contact":         {"activity 1 on=02-01 action=note", ""},
		"a talk of which nobody knows": {"activity 1 on=02-01 action=call", ""},
		"beyond the weeks":             {"activity 1 on=01-01 action=email", ""},
		"known too late":               {"activity 1 on=02-01 action=email known=03-21", ""},
		"left alone, not by lot":       {"activity 1 on=02-01 action=left_alone", ""},
		"on the last day":              {"activity 1 on=03-20 action=email", ""},
		"nothing to ask for":           {"payment P on=01-31 amount=100 for=A\nactivity 1 on=02-01 action=email", ""},
		"paid on the eve counts no more": {"payment P on=01-31 amount=96 for=A\nactivity 1 on=02-01 action=email",
			"02-01..03-20 landed"}, // 4 are left open
	} {
		env := testEnv(t, "2024-03-20")
		env.WindowWeeks = 10
		var got []string
		for _, w := range windowsOf(t, parseRows(t, invoice+c.rows), env) {
			s := strings.TrimPrefix(w.On.String(), "2024-") + ".." + strings.TrimPrefix(w.Until.String(), "2024-")
			if w.Landed {
				s += " landed"
			}
			if w.Contacts30 > 0 {
				s += fmt.Sprintf(" after %d", w.Contacts30)
			}
			if len(w.Items) != 1 || w.Quiet != (w.Contacts30 == 0) {
				t.Errorf("%s: %d items, quiet %v", name, len(w.Items), w.Quiet)
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, strings.Join(got, " "), c.want)
		}
	}
}

// Of attempts that reached nobody none tires, and what a contact brought to light is known to the next one only.
func TestAWindowKnowsWhatWasKnownBefore(t *testing.T) {
	env := testEnv(t, "2024-03-20")
	env.WindowWeeks = 10
	rows := parseRows(t, `
invoice A issued=2023-12-01 due=2023-12-31 amount=100
activity 1 on=02-01 action=call outcome=reached
activity 2 on=02-05 action=call outcome=no_answer
activity 3 on=02-09 action=note
activity 4 on=02-12 action=call outcome=reached
activity 5 on=02-20 action=email
`)
	rows.Activities[0].Reason, rows.Activities[2].Reason, rows.Activities[3].Reason = "forgot", "cash_flow", "hardship"
	var got []string
	for _, w := range windowsOf(t, rows, env) {
		got = append(got, fmt.Sprintf("%q after %d", w.Reason, w.Contacts30))
	}
	if want := `"" after 0, "forgot" after 1, "cash_flow" after 1, "hardship" after 2`; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

// A placement is followed until the account is placed anew, whatever else is done, and for half a year at most; what came in by then
// counts, in part too.
func TestAPlacementIsFollowedForHalfAYear(t *testing.T) {
	const rows = "invoice A issued=2023-06-01 due=2023-06-30 amount=100\npayment P on=2023-07-10 amount=20 for=A\n" +
		"activity 1 on=2023-08-01 action=placed agency=north\nactivity 2 on=2023-08-05 action=email\n" +
		"payment Q on=2023-08-10 amount=20 for=A\npayment R on=2023-12-10 amount=20 for=A\npayment S on=2024-01-27 amount=4 for=A\npayment T on=2024-01-28 amount=4 for=A\n"
	for name, c := range map[string]struct{ rows, want string }{
		"for half a year":       {"", "north until 2024-03-20: 0.55"}, // 44 of 80, 2024-01-27 is the 180th day
		"whatever it reports":   {"activity 3 on=2023-12-01 action=report agency=north\nactivity 4 on=2024-02-01 action=report agency=north", "north until 2024-03-20: 0.55"},
		"until it is elsewhere": {"activity 3 on=2023-12-01 action=agency agency=south", "north until 2023-11-30: 0.25, south until 2024-03-20: 0.467"},
	} {
		env := testEnv(t, "2024-03-20")
		env.WindowWeeks = 60
		var got []string
		for _, w := range windowsOf(t, parseRows(t, rows+c.rows), env) {
			if w.Agency != "" {
				got = append(got, fmt.Sprintf("%s until %s: %.3g", w.Agency, w.Until, w.Items[0].Came))
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, ", "), c.want)
		}
	}
}

// What came in while the agency had the account counts, and after its end nothing. What it gave up is told from what was taken back.
func TestAPlacementIsFollowedToItsEnd(t *testing.T) {
	const rows = "invoice A issued=2023-06-01 due=2023-06-30 amount=100\nactivity 1 on=2023-08-01 action=placed agency=north\nactivity 2 on=2023-08-05 action=email\n" +
		"payment Q on=2023-08-10 amount=20 for=A\npayment R on=2023-09-10 amount=20 for=A\n"
	for name, c := range map[string]struct {
		rows, want string
		term       int32
	}{
		"recalled":     {"activity 3 on=2023-09-01 action=note outcome=recalled agency=north", "2023-08-01 until 2023-09-01, gave up false: 0.2", 180},
		"handed back":  {"activity 3 on=2023-09-01 action=agency outcome=closed agency=north", "2023-08-01 until 2023-09-01, gave up true: 0.2", 180},
		"its term":     {"", "2023-08-01 until 2023-08-30, gave up false: 0.2", 30},
		"and anew":     {"activity 3 on=2023-09-05 action=placed agency=north", "2023-08-01 until 2023-08-30, gave up false: 0.2; 2023-09-05 until 2023-10-04, gave up false: 0.25", 30},
		"a long term":  {"", "2023-08-01 until 2024-03-20, gave up false: 0.4", 365},
		"never taken":  {"activity 0 on=2023-07-20 action=placed outcome=bounced agency=south", "2023-08-01 until 2024-01-27, gave up false: 0.4", 180},
		"ends another": {"activity 3 on=2023-09-01 action=agency outcome=closed agency=south", "2023-08-01 until 2024-01-27, gave up false: 0.4", 180},
	} {
		env := testEnv(t, "2024-03-20")
		env.WindowWeeks, env.PlacementTerm = 60, c.term
		var got []string
		for _, w := range windowsOf(t, parseRows(t, rows+c.rows), env) {
			if w.Agency != "" {
				got = append(got, fmt.Sprintf("%s until %s, gave up %v: %.3g", w.On, w.Until, w.GaveUp, w.Items[0].Came))
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, "; "), c.want)
		}
	}
}

// Whoever is drawn to be left alone has a window like whoever is contacted; thinning is apart.
func TestWhatTheLotDecidesHasItsOwnBound(t *testing.T) {
	env := testEnv(t, "2024-03-20")
	env.WindowWeeks = 10
	rows := parseRows(t, `
invoice A issued=2023-12-01 due=2023-12-31 amount=100
activity 1 on=02-01 action=left_alone
activity 2 on=02-12 action=email
activity 3 on=02-20 action=email
payment P on=02-28 amount=100 for=A
`)
	rows.Activities[0].Randomised, rows.Activities[2].Randomised = true, true
	r := Rebuilder{LotBelow: math.MaxUint64}
	out, err := r.Rebuild(rows, env, 0)
	if err != nil {
		t.Fatal(err)
	}
	ws := out.Account.Windows
	if len(ws) != 2 || ws[0].Action != LeftAlone || ws[0].Landed || ws[1].Action != "email" || !ws[1].Randomised {
		t.Fatalf("%+v", ws)
	}
	if out.Account.Contacts30 != 1 || out.Account.LastContact != mustDay("2024-02-20") {
		t.Errorf("being left alone counts as a contact: %d, last on %s", out.Account.Contacts30, out.Account.LastContact)
	}
	if a, b := ws[0].Items[0], ws[1].Items[0]; !a.Paid || a.Follow != 28 || !b.Paid || b.Follow != 9 {
		t.Errorf("followed for %d and %d days", a.Follow, b.Follow)
	}
	if all := windowsOf(t, rows, env); len(all) != 3 || !slices.IsSortedFunc(all, func(a, b Window) int { return int(a.On - b.On) }) {
		t.Errorf("%d windows, want all three by day", len(all))
	}
}
