package scoring

import "testing"

func TestACallBackStandsUntilSomebodyIsSpokenTo(t *testing.T) {
	const invoice = "invoice A issued=02-01 due=03-01 amount=100.00\n"
	for _, c := range []struct {
		rows string
		want string // "" for none
	}{
		{"", ""},
		{"activity T on=03-20 action=call outcome=call_back date=03-27", "2024-03-27"},
		{"activity T on=03-22 action=call outcome=callback", "2024-03-25"}, // the next business day
		{"activity T on=03-20 action=call outcome=call_back date=03-27\nactivity U on=03-27 action=call outcome=no_answer", "2024-03-27"},
		{"activity T on=03-20 action=call outcome=call_back date=03-27\nactivity U on=03-27 action=call outcome=reached", ""},
	} {
		o := rebuilt(t, testEnv(t, "2024-03-31"), invoice+c.rows)
		want := NoDay
		if c.want != "" {
			want = mustDay(c.want)
		}
		if o.Account.CallBack != want || o.Account.PromiseUntil != NoDay {
			t.Errorf("%s: call back on %v, promise until %v", c.rows, o.Account.CallBack, o.Account.PromiseUntil)
		}
	}
}

func TestABrokenPromiseIsKnownByItsLastDay(t *testing.T) {
	env := testEnv(t, "2024-03-31")
	env.PromiseTolerance = 2
	const invoice = "invoice A issued=02-01 due=03-01 amount=100.00\n"
	for _, c := range []struct{ rows, want string }{
		{"activity T on=03-11 action=call outcome=promise date=03-15", "2024-03-19"},
		{"activity T on=03-11 action=call outcome=promise date=03-15\npayment P on=03-14 amount=40.00 for=A", "2024-03-19"}, // in part
		{"activity T on=03-11 action=call outcome=promise date=03-15\npayment P on=03-14 amount=100.00 for=A", ""},
		{"activity T on=03-11 action=call outcome=promise date=03-29", ""}, // still runs
	} {
		o := rebuilt(t, env, invoice+c.rows)
		want := NoDay
		if c.want != "" {
			want = mustDay(c.want)
		}
		if o.Account.PromiseBroke != want {
			t.Errorf("%s: broke on %v, want %v", c.rows, o.Account.PromiseBroke, want)
		}
	}
}
