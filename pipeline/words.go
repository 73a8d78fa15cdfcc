package pipeline

import (
	"fmt"
	"math"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// words says in the account's own facts what a family of reasons means for it, with the median of
// all where that is a figure to compare with; "" when there is nothing to say.
func (n *night) words(c *customer, f hazard.Family) string {
	v := n.voc()
	switch f {
	case hazard.Ageing:
		if c.PastDueMax > 0 {
			return v.say(pastDueFor, v.count(c.PastDueMax, unitDay))
		}
		return v.say(notDueYet)
	case hazard.Lateness:
		return n.lateness(&c.Account, n.peers[f])
	case hazard.Exposure:
		if c.HasLimit && c.Limit > 0 && c.Exposure > 0 {
			return n.beside(v.say(usesLimit, v.share(float64(c.Exposure)/float64(c.Limit), 0)), n.peers[f])
		}
		return v.say(itemsOverdue, v.count(c.OpenItems, unitItem), c.OpenOverdue)
	case hazard.Promises:
		switch {
		case c.PromisesBroken > 0:
			return v.say(promisesBroken, c.PromisesBroken, v.count(c.PromisesBroken+c.PromisesKept, unitPromise))
		case c.PromiseUntil != scoring.NoDay:
			return v.say(promisedBy, c.PromiseUntil)
		}
	case hazard.Disputes:
		if c.Disputed > 0 {
			return v.say(disputing, n.money(c.Disputed))
		}
	case hazard.Newness:
		if c.Settled == 0 {
			return v.say(newCustomer)
		}
		if c.Settled <= shortRecordItems {
			return n.beside(v.say(shortRecord, v.count(c.Settled, unitInvoice)), n.peers[f])
		}
	case hazard.Amount:
		if it := largest(c); it != nil {
			return n.beside(v.say(largeAmount, n.money(it.OpenBase)), n.peers[f])
		}
	case hazard.CreditTerms:
		if it := largest(c); it != nil {
			return n.beside(v.say(longTerms, v.count(int32(it.Due-it.Issue), unitDay)), n.peers[f])
		}
	case hazard.Habit:
		if p := n.pattern(&c.Account); p != "" {
			return v.say(daysNotNear, p)
		}
		return v.say(usualDaysNotNear)
	case hazard.Contact:
		if c.LastContact == scoring.NoDay {
			return v.say(notContacted)
		}
		return v.say(contactedAgo, v.count(int32(n.asOf-c.LastContact), unitDay))
	case hazard.CalendarDays:
		return v.say(fewBankDays)
	case hazard.Bureau:
		if s := c.Master.Bureau; c.HasRow && s == s {
			return n.beside(v.say(outsideScore, fmt.Sprintf("%.0f", s)), n.peers[f])
		}
	}
	return ""
}

// shortRecordItems is the settled items from which a record is not called short.
const shortRecordItems = 20

// largest is the positive item with the largest open amount, which weighs most in the account's
// reasons; nil without one.
func largest(c *customer) (most *scoring.Item) {
	for k := range c.Items {
		if it := &c.Items[k]; it.Open > 0 && (most == nil || it.OpenBase > most.OpenBase) {
			most = it
		}
	}
	return most
}

// beside puts the median of all beside a reason; without one the reason stands alone.
func (n *night) beside(reason, peer string) string {
	if peer == "" || reason == "" {
		return reason
	}
	v := n.voc()
	return reason + v.median[0] + peer + v.median[1]
}

// peer is the median of a family's headline value over the landmarks that the night's model was
// fitted on, NaN without a model.
func (n *night) peer(f hazard.Family) float64 {
	switch {
	case n.trees != nil:
		return n.trees.Peers[f]
	case n.model != nil:
		return n.model.Peers[f]
	}
	return nan
}

// peerWords are those medians in words, of the families that have a figure to compare with.
func (n *night) peerWords() (out [hazard.Families]string) {
	v := n.voc()
	for f := range hazard.Family(hazard.Families) {
		p := n.peer(f)
		if p != p {
			continue
		}
		switch f {
		case hazard.Lateness:
			out[f] = n.lateBy(p)
		case hazard.Exposure:
			out[f] = v.share(p, 0)
		case hazard.Newness:
			out[f] = v.count(int32(math.Round(p)), unitInvoice)
		case hazard.Amount: // in units of the reporting currency
			out[f] = n.money(int64(math.Round(p * n.unit())))
		case hazard.CreditTerms:
			out[f] = v.count(int32(math.Round(p)), unitDay)
		case hazard.Bureau:
			out[f] = fmt.Sprintf("%.0f", p)
		}
	}
	return out
}

// lateBy is a number of days late in words.
func (n *night) lateBy(days float64) string {
	v := n.voc()
	switch d := int32(math.Round(days)); {
	case d > 0:
		return v.say(lateBy, v.count(d, unitDay))
	case d < 0:
		return v.say(earlyBy, v.count(-d, unitDay))
	}
	return v.say(onTheDay)
}

// lateness is the payment record in words: "late 7 of the last 10, usually 12 days; now 21 days past due",
// with what is usual for all, peer, beside what is usual for the account.
func (n *night) lateness(a *scoring.Account, peer string) string {
	v := n.voc()
	switch {
	case a.Settled == 0 && a.OpenOverdue > 0:
		return v.say(noRecordOverdue, v.count(a.OpenOverdue, unitItem))
	case a.Settled == 0:
		return v.say(noRecord)
	}
	usual := v.say(usuallyOnTime)
	switch d := a.Recent.DaysLate; {
	case d > 0:
		usual = v.say(usuallyLate, v.count(d, unitDay))
	case d < 0:
		usual = v.say(usuallyEarly, v.count(-d, unitDay))
	}
	usual = n.beside(usual, peer)
	out := v.say(lateNever, a.Recent.Settled, usual)
	if a.Recent.Late > 0 {
		out = v.say(lateOften, a.Recent.Late, a.Recent.Settled, usual)
	}
	if a.PastDueMax > 0 {
		out = v.say(nowPastDue, out, v.count(a.PastDueMax, unitDay))
	}
	return out
}

// plural is a number of things in English, for messages.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
