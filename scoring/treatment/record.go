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

// strength is how much of action k's effect counts for an item that is paid by itself within 30 days with
// probability self. Of the boost (multiplier less 1) and of the promise, what the reason for arrears makes of it, and
// damping of self-curers and fatigue leave; reach and promises kept are those of the menu, drawn to the account's own record:
//
//	reach = (tries of prior x reach of the menu + answered) / (tries of prior + tried)
//
// and likewise for promises, as with a beta prior. A message has no such record.
func (m *Menu) strength(of *effects, k int, self float64, r *record) rank.Strength {
	act := &m.Actions[k]
	s := rank.Whole()
	if act.Disputed {
		return s // what is settled with the customer is settled, whoever called before
	}
	s.Boost = m.Limits.strength(of.list[k].Multiplier-1, self, m.Limits.Reason(r.reason, act.Tone), r.fatigue)
	s.Promise = s.Boost
	if !act.Talks() {
		return s
	}
	if q := of.list[k].Reach; q > 0 {
		s.Reach = (1 + r.answered/q/triesOfPrior) / (1 + r.tried/triesOfPrior)
	}
	if act.Kept > 0 {
		s.Promise *= (1 + float64(r.kept/act.Kept/promisesOfPrior)) / (1 + float64(r.promised/promisesOfPrior))
	}
	return s
}

// factors takes apart how much of action k's multiplier counts (strength): for the reason, for who is likely to
// pay alone, and for contacts before.
func (m *Menu) factors(k int, s rank.Strength, multiplier float64, r *record) (reason, selfCure, fatigue float64) {
	act := &m.Actions[k]
	reason = m.Limits.Reason(r.reason, act.Tone)
	if left := reason * r.fatigue; !act.Disputed && multiplier > 1 && left > 0 {
		return reason, s.Boost / left, r.fatigue
	}
	return 1, s.Boost, 1
}
