package treatment

import (
	"math"
	"testing"

	"kaishu/scoring"
)

// letters is n letters that arrived and as many calls that nobody answered, of the last 30 days.
func letters(n int) (out []scoring.Taken) {
	for i := range n {
		on := today - 29 + scoring.Day(i)
		out = append(out, scoring.Taken{Action: "letter", On: on, Reached: true}, scoring.Taken{Action: "other_call", On: on})
	}
	return out
}

func TestFatigueShrinksTheBoostWithEveryContactThatCameThrough(t *testing.T) {
	letter := call(2)
	letter.Name, letter.Channel = "letter", "letter"
	m := menu(t, Limits{Fatigue: .75}, nil, letter)
	for n := range 4 {
		c := owing(1_000_000, 30, .4)
		c.Account.Taken = append([]scoring.Taken{{Action: "letter", On: today - 30, Reached: true}}, letters(n)...)
		got := options(t, m, c)[0].Value
		want := options(t, menu(t, Limits{}, nil, call(1+math.Pow(.75, float64(n)))), owing(1_000_000, 30, .4))[0].Value
		if got != want {
			t.Errorf("after %d contacts %d, want %d", n, got, want)
		}
	}
}

// Ten own tries count as much as the menu's reach: of ten calls all answered, reach .5 becomes .75, of
// ten none, .25.
func TestReachIsDrawnToTheAccountsOwnRecord(t *testing.T) {
	m := menu(t, Limits{}, nil, call(2))
	for _, v := range []struct {
		answered int
		reach    float64
	}{{0, .25}, {5, .5}, {10, .75}} {
		c := owing(1_000_000, 30, .4)
		for i := range 10 {
			c.Account.Taken = append(c.Account.Taken, scoring.Taken{Action: "call", On: today - 300, Reached: i < v.answered})
		}
		own := call(2)
		own.Effect.Reach = v.reach
		got, want := options(t, m, c)[0], options(t, menu(t, Limits{}, nil, own), owing(1_000_000, 30, .4))[0]
		if got.Value != want.Value || math.Abs(got.PaidAction-want.PaidAction) > 1e-12 {
			t.Errorf("%d of 10 answered: %+v, want %+v", v.answered, got, want)
		}
	}
}

// Four own promises count as much as the menu's: with none of them kept, half the effect is left, and half of a
// promise kept in part counts.
func TestPromisesAreDrawnToTheAccountsOwnRecord(t *testing.T) {
	asking := func(promise float64) Action {
		a := call(2)
		a.Kept, a.Effect.Promise, a.Effect.Promised = .5, promise, 5
		return a
	}
	m := menu(t, Limits{}, nil, asking(.2))
	for _, v := range []struct {
		kept, partly, broken int32
		promise              float64
	}{{0, 0, 0, .2}, {0, 0, 4, .1}, {4, 0, 0, .3}, {1, 2, 1, .2}} {
		c := owing(1_000_000, 30, .4)
		a := c.Account
		a.PromisesKept, a.PromisesPartly, a.PromisesBroken = v.kept, v.partly, v.broken
		got, want := options(t, m, c)[0].Value, options(t, menu(t, Limits{}, nil, asking(v.promise)), owing(1_000_000, 30, .4))[0].Value
		if got != want {
			t.Errorf("%d kept, %d in part, %d broken: %d, want %d", v.kept, v.partly, v.broken, got, want)
		}
	}
}

func TestTheReasonForArrearsScalesWhatIsNotFormal(t *testing.T) {
	formal := call(2)
	formal.Name, formal.Tone = "demand", "formal"
	m := menu(t, Limits{Reasons: map[string]float64{"forgot": 1.5, "unwilling": .5}}, nil, call(2), formal)
	for reason, multiplier := range map[string]float64{"": 2, "other": 2, "forgot": 2.5, "unwilling": 1.5} {
		c := owing(1_000_000, 30, .4)
		c.Account.Reason = reason
		got := options(t, m, c)
		want := options(t, menu(t, Limits{}, nil, call(multiplier), formal), owing(1_000_000, 30, .4))
		if got[0].Value != want[0].Value || got[1].Value != want[1].Value {
			t.Errorf("%q: %d and %d, want %d and %d", reason, got[0].Value, got[1].Value, want[0].Value, want[1].Value)
		}
	}
}
