package scoring

import "testing"

// A comparison from 1 March on: what was open on the last of February, and the cash of 60 days on either
// side of that night.
func TestAComparisonSeesTheEveAndSixtyDaysOnEitherSide(t *testing.T) {
	rows := `
invoice A issued=2023-10-01 due=2023-10-31 amount=1000
invoice B issued=02-01 due=03-10 amount=500
invoice C issued=03-05 due=04-05 amount=70
payment 1 on=2023-12-31 amount=1 for=A
payment 2 on=01-01 amount=20 for=A
payment 3 on=02-29 amount=300 for=A
payment 4 on=03-01 amount=4 for=A
payment 5 on=04-29 amount=50 for=C
payment 6 on=04-30 amount=600 for=A
payment 7 on=02-28 amount=7 for=A known=03-15
`
	for _, v := range []struct {
		asOf string
		want Trial
	}{
		{"2024-02-28", Trial{}}, // the eve has not come
		{"2024-02-29", Trial{Seen: true, Open: 117900, PastDue: 121, Prior: 32000}},
		{"2024-03-01", Trial{Seen: true, Open: 117900, PastDue: 121, Prior: 32000, Cash: 400}},
		{"2024-06-30", Trial{Seen: true, Open: 117900, PastDue: 121, Prior: 32700, Cash: 5400}}, // what became known later is cash of its day
	} {
		env := testEnv(t, v.asOf)
		env.TrialFrom = mustDay("2024-03-01")
		if got := rebuilt(t, env, rows).Account.Trial; got != v.want {
			t.Errorf("as of %s: %+v, want %+v", v.asOf, got, v.want)
		}
	}
	env := testEnv(t, "2024-06-30")
	if got := rebuilt(t, env, rows).Account.Trial; got != (Trial{}) {
		t.Errorf("without a comparison: %+v", got)
	}
	env.TrialFrom = mustDay("2023-09-01")
	if got := rebuilt(t, env, rows).Account.Trial; got != (Trial{}) {
		t.Errorf("nothing open on the eve: %+v", got)
	}
}
