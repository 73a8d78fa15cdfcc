// Package treatment says what can be done about an account, what forbids it, and what it would add.
//
// There are only a few types: an Action is one entry of the menu, Agency somebody who collects for a
// fee, Limits are those of decency and sense, a Rule is policy of the house as an expression over Facts, Case is one account
// with the payment curves of its items, Option is one action for one case with its value, its
// cost and, if it is forbidden, by what, and Part is what one item adds to that value. Plain
// numbers go on to package rank, which chooses.
package treatment

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
)

// Action is one entry of the menu: a treatment with a channel, a tone, a cost and an effort.
type Action struct {
	Name    string
	Channel string // email, letter, call, visit, meeting, legal, agency, internal
	Tone    string // friendly, neutral, firm, formal

	Effect rank.Effect
	Kept   float64 // share of promises that is kept, a factor of Effect.Promise; 0 where nobody is asked for a date
	Source string  // default, elicited, learned: where Effect comes from
	// Segments are effects that differ from Effect; delay and decay must not.
	Segments []SegmentEffect

	Horizon int32 // calendar days over which what it adds is counted, at most those of the menu's rank.Money; 0 is all of those

	Minutes        float64 // effort of one person for an account
	MinutesPerItem float64 // and for each item beyond the first
	Travel         bool    // the customer's travel minutes come on top
	Money          int64   // money cost, minor units of the reporting currency
	Relationship   float64 // share of the customer's annual margin put at risk
	Tie            float64 // and, of a strategic customer, the share that doing it is worth to the tie itself

	Resource  string // what capacity it draws on
	PerMinute bool   // draws its minutes; otherwise one slot

	// Days past due of the account's oldest item, negative before it is due.
	MinPastDue, MaxPastDue int32

	// After is what must have been done in this spell of arrears before: of each entry, one of the
	// actions it names.
	After [][]string

	// When is an expression over Facts, true where the action makes sense; "" is everywhere.
	When string
	// Disputed actions work on what is in dispute instead of on what can be collected now.
	Disputed bool
	// Agencies are those with which an action of the channel agency places an account, the best by net
	// at a time. Its value is what that leaves over what is expected without: Effect is not read.
	Agencies []Agency
}

// Agency collects for a share of what it recovers.
type Agency struct {
	Name      string
	Fee       float64          // share of what it recovers
	MinAmount int64            // the smallest account it takes, minor units of the reporting currency
	Recovery  []rank.TailPoint // share recovered of what is placed at an age or later, ascending

	// What was learned: it multiplies the hazard of a unit. Weight is the part of the share that is by that, 0 to 1; the
	// rest is by Recovery, and all of it at ages of which Recovery has nothing.
	Multiplier, Weight float64
}

// Believed is the share that the agency is configured to recover at an age: nothing below its first one.
func (a *Agency) Believed(pastDue int32) float64 {
	share := 0.0
	for _, p := range a.Recovery {
		if pastDue >= p.PastDue {
			share = p.Share
		}
	}
	return share
}

// Net is what the agency leaves, after its fee, of a unit placed at an age which would have the
// cumulative hazard cum over the time that the agency has (scoring.PlacedDays) without it.
func (a *Agency) Net(pastDue int32, cum float64) float64 {
	share := a.Believed(pastDue)
	if a.Weight > 0 && share > 0 {
		learned := 1 - hazard.Exp(-float64(a.Multiplier*cum))
		share += float64(a.Weight * (learned - share))
	}
	return share * (1 - a.Fee)
}

// SegmentEffect is an action's effect on the customers of one segment, and where it comes from.
type SegmentEffect struct {
	Segment string
	rank.Effect
	Source string
}

// On is the action's effect on a customer of a segment, and where it comes from.
func (a *Action) On(segment string) (e rank.Effect, source string) {
	for i := range a.Segments {
		if s := &a.Segments[i]; s.Segment == segment {
			return s.Effect, s.Source
		}
	}
	return a.Effect, a.Source
}

// Effort is the minutes that the action takes of a person for an account of so many items whose
// place is travel minutes away.
func (a *Action) Effort(items int, travel float64) float64 {
	minutes := a.Minutes
	if items > 1 {
		minutes += float64(a.MinutesPerItem * float64(items-1))
	}
	if a.Travel {
		minutes += travel
	}
	return minutes
}

// Units is what that effort draws of the action's resource: seconds of a resource counted in
// minutes, else one slot.
func (a *Action) Units(minutes float64) int64 {
	if !a.PerMinute {
		return 1
	}
	return int64(math.Round(minutes * 60))
}

// Limits are those within which actions are proposed. Amounts are minor units of the
// reporting currency.
type Limits struct {
	DoNotContact  bool // honour the customer's do_not_contact flag
	Insolvent     bool // honour insolvent: no action
	Represented   bool // honour represented: only through counsel
	Materiality   int64
	Quiet         bool        // the day of work is one on which nobody is contacted
	MaxContacts7  int32       // contacts in 7 days, at most; 0 is no limit
	MaxContacts30 int32       // contacts in 30 days, at most; 0 is no limit
	MaxVisits30   int32       // visits in 30 days, at most; 0 is no limit
	MinBetween    int32       // calendar days from the last contact to the day of work, at least; 0 is no limit
	WorkDay       scoring.Day // the day on which the worklist is worked
	WaitPromise   bool        // no contact while a promise runs
	WaitDispute   bool        // disputed amounts are left to whoever resolves them
	WaitAgency    bool        // nothing of our own while the account is placed with an agency
	WaitEffect    bool        // no contact while the last one still works; a message does not hold back a talk

	// Wait while an account is no later than it usually is plus HabitDays business days, and is
	// paid within habitWindow with probability HabitPaid or more.
	RespectHabit bool
	HabitDays    int32
	HabitPaid    float64

	Fatigue  float64            // the effect of a contact after n that came through in 30 days is multiplied by Fatigue^n
	Reasons  map[string]float64 // by reason for arrears: factor of what a contact adds that is not formal; 1 where not listed
	SelfCure SelfCure

	// Interest is the rule for late interest, of which a share Collected comes in with the item that bears it; nil where none does.
	Interest  *scoring.InterestTable
	Collected float64
}

// habitWindow is the days within which an account that is within its habit is expected to pay:
// 10 business days.
const habitWindow = 14

// SelfCure damps the effect of an action on accounts that are likely to pay by themselves: wrong
// priors mostly hurt by calling those. Up to P0(30 days) = From the multiplier is as given; from
// there it falls to at most Cap at To and above.
type SelfCure struct {
	From, To float64
	Cap      float64
}

// Damp is the multiplier m for an account whose P(paid within 30 days without action) is p.
func (s SelfCure) Damp(m, p float64) float64 {
	if m <= s.Cap || p <= s.From || s.To <= s.From {
		return m
	}
	share := min(1, (p-s.From)/(s.To-s.From))
	return m - float64(share*(m-s.Cap))
}

// Strength is the share of an action's boost (multiplier less 1) that is left for an item that is paid by
// itself within 30 days with probability self, by what the reason for arrears makes of the action (Reason) and
// after so many contacts that came through in 30 days.
func (l *Limits) Strength(multiplier, self, reason float64, contacts int32) float64 {
	fatigue := 1.0
	for range contacts {
		fatigue *= l.Fatigue
	}
	return l.strength(multiplier-1, self, reason, fatigue)
}

// Reason is the factor of what a contact in a tone adds for an account with a reason for arrears.
func (l *Limits) Reason(reason, tone string) float64 {
	if f, ok := l.Reasons[reason]; ok && tone != "formal" {
		return f
	}
	return 1
}

// strength is the share of a boost that is left after the reason, damping and fatigue.
func (l *Limits) strength(boost, self, reason, fatigue float64) float64 {
	if boost <= 0 {
		return 1
	}
	return (l.SelfCure.Damp(float64(boost*reason)+1, self) - 1) / boost * fatigue
}

// Check says what is wrong with a menu: a name twice, or a prerequisite that is not on it.
func Check(menu []Action) error {
	known := map[string]bool{}
	for _, a := range menu {
		if known[a.Name] {
			return fmt.Errorf("action %s: is there twice", a.Name)
		}
		known[a.Name] = true
	}
	for _, a := range menu {
		for _, one := range a.After {
			if !slices.ContainsFunc(one, func(name string) bool { return known[name] }) {
				return fmt.Errorf("action %s: after: none of %s is on the menu", a.Name, strings.Join(one, ", "))
			}
		}
	}
	return nil
}
