package treatment

import "kaishu/scoring/rank"

// record is what an account's own history says about how far an action goes with it.
type record struct {
	reason          string  // for arrears
	fatigue         float64 // what is left of an effect after those contacts of the last 30 days that came through
	tried, answered float64 // talks of the last 400 days, and those that reached somebody
	promised, kept  float64 // promises whose day has passed, and those kept; half of those kept in part
}

// How many tries, and how many promises, of an account's own count as much as the prior of the menu. Judgements:
// collectors give up a number that did not answer ten times, and nobody believes a third promise after two broken ones
// without a good reason.
const (
	triesOfPrior    = 10
	promisesOfPrior = 4
)

func (m *Menu) record(c *Case) record {
	a := c.Account
	r := record{reason: a.Reason, fatigue: 1, promised: float64(a.PromisesKept + a.PromisesPartly + a.PromisesBroken), kept: float64(a.PromisesKept) + float64(float64(a.PromisesPartly)/2)}
	for i := range a.Taken {
		t := &a.Taken[i]
		if t.Reached && c.AsOf-t.On < 30 {
			r.fatigue *= m.Limits.Fatigue
		}
		if k := m.find(t.Action); k < 0 || !m.Actions[k].Talks() {
			continue
		}
		r.tried++
		if t.Reached {
			r.answered++
		}
	}
	return r
}

// lever is one action on a case: what is the same for all items, and what they add up to.
type lever struct {
	kernel           *rank.Kernel
	agency, disputed bool
	by               *Agency // with which the account would be placed

	boost   float64 // multiplier of the effect less 1
	reason  float64 // factor of it by the reason for arrears
	fatigue float64 // of what damping leaves of that
	promise float64 // of the promise, by the account's own record
	reach   float64 // likewise

	gain float64 // of the claims so far, minor units
}

// lever is action k on a case with a record.
func (m *Menu) lever(c *Case, k int, r *record) lever {
	act, of := &m.Actions[k], m.on(c)
	l := lever{kernel: of.kernels[k], agency: act.Channel == "agency", disputed: act.Disputed,
		boost: of.list[k].Multiplier - 1, reason: m.Limits.Reason(r.reason, act.Tone), fatigue: r.fatigue, promise: 1, reach: 1}
	if l.agency {
		l.by = m.agency(c, act)
	}
	if act.Talks() {
		if q := of.list[k].Reach; q > 0 {
			l.reach = (1 + r.answered/q/triesOfPrior) / (1 + r.tried/triesOfPrior)
		}
		if act.Kept > 0 {
			l.promise = (1 + float64(r.kept/act.Kept/promisesOfPrior)) / (1 + float64(r.promised/promisesOfPrior))
		}
	}
	return l
}

// strength is how much of the action's effect counts for an item that is paid by itself within 30 days with
// probability self. Of the boost (multiplier less 1) and of the promise, what the reason for arrears makes of it, and
// damping of self-curers and fatigue leave; reach and promises kept are those of the menu, drawn to the account's own record:
//
//	reach = (tries of prior x reach of the menu + answered) / (tries of prior + tried)
//
// and likewise for promises, as with a beta prior. A message has no such record; and what is settled with the customer of
// a dispute is settled, whoever called before.
func (l *lever) strength(limits *Limits, self float64) rank.Strength {
	if l.disputed {
		return rank.Whole()
	}
	boost := limits.strength(l.boost, self, l.reason, l.fatigue)
	return rank.Strength{Boost: boost, Promise: boost * l.promise, Reach: l.reach}
}

// factors takes apart how much of the action's multiplier counts (strength): for the reason, for who is likely to
// pay alone, and for contacts before.
func (l *lever) factors(s rank.Strength) (reason, selfCure, fatigue float64) {
	if left := l.reason * l.fatigue; !l.disputed && l.boost > 0 && left > 0 {
		return l.reason, s.Boost / left, l.fatigue
	}
	return 1, s.Boost, 1
}
