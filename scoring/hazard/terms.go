package hazard

import "math"

// Family groups the terms of the model into what a reader takes for one reason.
type Family uint8

// The families of reasons.
const (
	Ageing       Family = iota // how long the item is past due, or how far from it
	Lateness                   // how late the customer pays: its own record
	Exposure                   // overdue items and use of the limit
	Promises                   // promises running, kept, broken
	Disputes                   // the item is disputed
	Newness                    // how long and how well the customer is known
	Amount                     // the item's amount, by itself and against the customer's usual
	Habit                      // the days on which the customer pays: weekday, month end
	CalendarDays               // weekday of the due date, month ends ahead
	Contact                    // when the customer was last contacted
	CreditTerms                // days between issue and due date
	Bureau                     // outside score
	Families     = 12
)

var familyNames = [Families]string{"ageing", "lateness", "exposure", "promises", "disputes", "newness",
	"amount", "habit", "calendar", "contact", "terms", "bureau"}

// String is the family's name in files, such as "lateness".
func (f Family) String() string {
	if int(f) < len(familyNames) {
		return familyNames[f]
	}
	return "unknown"
}

// numeric is a term with one coefficient for its standardised value.
type numeric struct {
	name   string
	family Family
}

// group is a term with one coefficient for every level but one, the reference.
type group struct {
	name   string
	family Family
	levels []string
}

// Numeric terms that hold for a landmark whatever the interval. Any of them may be NaN,
// missing, which counts as the mean; where that happens a group says so too.
const (
	numFrailty = iota
	numLateMean
	numLateShare
	numAmount
	numRelative
	numOverdue
	numSettled
	numKept
	numTenure
	numBureau
	itemNumbers
)

var itemNumeric = [itemNumbers]numeric{
	{"frailty", Lateness}, {"days_late", Lateness}, {"late_share", Lateness},
	{"amount", Amount}, {"amount_relative", Amount}, {"open_overdue", Exposure}, {"settled", Newness},
	{"promises_kept", Promises}, {"tenure", Newness}, {"bureau", Bureau},
}

// Groups that hold for a landmark whatever the interval.
const (
	groupTerms = iota
	groupUtilization
	groupDisputed
	groupBroken
	groupPromises
	groupHistory
	groupContact
	groupDueDay
	groupAmounts
	groupBureau
	itemGroups
)

var itemGroup = [itemGroups]group{
	{"terms", CreditTerms, []string{"0-7", "8-14", "15-21", "22-30", "31-45", "46-60", "61-90", "over 90"}},
	{"utilization", Exposure, []string{"no limit", "0-25%", "25-50%", "50-75%", "75-90%", "90-100%", "100-120%", "over 120%"}},
	{"disputed", Disputes, []string{"no", "yes"}},
	{"promise_broken", Promises, []string{"no", "yes"}},
	{"promises", Promises, []string{"none", "some"}},
	{"history", Newness, []string{"settled", "overdue only", "none"}},
	{"contact", Contact, []string{"none", "0-3", "4-7", "8-14", "15-30", "31-60", "over 60"}},
	{"due_weekday", CalendarDays, []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}},
	{"amounts", Amount, []string{"known", "none"}},
	{"bureau_score", Bureau, []string{"given", "none"}},
}

var (
	termsEdges       = [...]int32{8, 15, 22, 31, 46, 61, 91}
	contactEdges     = [...]int32{4, 8, 15, 31, 61}
	utilizationEdges = [...]float64{.25, .5, .75, .9, 1, 1.2}
)

// Numeric terms of one interval. The customer's habit has one slope where an interval holds more of
// the days on which the customer pays than usual, and one where it holds fewer: without a run hardly anything is paid,
// while on a run no more than what is payable is. Two terms fade in with the distance of the
// interval, as what a customer's record says does with time.
const (
	numMonthEnd = iota
	numMonthEndHabit
	numHabit     // log of the habit's mean over the interval, where above 0
	numHabitOff  // the same where below
	numHabitLate // either, the more the longer the item is past due
	numOwnCurve
	numFrailtyFar // times the interval's distance in units of 30 days
	numOwnFar
	periodNumbers
)

var periodNumeric = [periodNumbers]numeric{
	{"month_end", CalendarDays}, {"month_end_habit", Habit}, {"habit", Habit}, {"habit_off", Habit}, {"habit_late", Habit},
	{"own_curve", Lateness}, {"frailty_far", Lateness}, {"own_far", Lateness},
}

// Groups of one interval.
const (
	groupAge = iota
	groupInterval
	groupPromise
	periodGroups
)

var periodGroup = [periodGroups]group{
	{"age", Ageing, []string{"before -60", "-60", "-45", "-30", "-21", "-14", "-10", "-7", "-4", "-2", "0", "1", "3",
		"6", "9", "13", "18", "25", "32", "46", "61", "91", "121", "181"}},
	{"interval", Ageing, []string{"1-3", "4-7", "8-14", "15-21", "22-30", "31-45", "46-60", "61-90", "91-120", "121-180"}},
	{"promise", Promises, []string{"none", "before", "due", "after"}},
}

// maxLevels is the largest number of levels of a group.
const maxLevels = AgeBins

// Pseudo-counts with which a customer's own averages are shrunk towards the pooled ones.
const (
	lateStrength  = 2  // settled items
	shareStrength = 4  // settled items
	habitStrength = 10 // days with payments
	ownStrength   = 1  // expected payments in an age bin
)

// Pooled holds the figures over all customers that turn a landmark into features. They are
// fixed before the coefficients are fitted.
type Pooled struct {
	Rates     [AgeBins]float64    `json:"rates"`      // hazard of payment per business day by age bin, LifeTable.Rates
	RatesDue  [7][AgeBins]float64 `json:"rates_due"`  // the same by weekday of the due date, Monday first
	Kappa     float64             `json:"kappa"`      // shape and rate of the customers' gamma frailty
	LateMean  float64             `json:"late_mean"`  // mean of the customers' mean days late
	LateShare float64             `json:"late_share"` // mean of the customers' share of late items
	MonthEnd  float64             `json:"month_end"`  // mean of the customers' share of payments at month end
	Weekday   [5]float64          `json:"weekday"`    // payments by weekday, Monday first, over an even share
	OwnCurve  bool                `json:"own_curve"`  // Past.PaidAt is kept
}

// features are the terms of a landmark that do not depend on the interval.
type features struct {
	num   [itemNumbers]float64
	level [itemGroups]uint8
}

// nobody is the past of a customer without history.
var nobody = Past{LateMean: math.NaN(), LateShare: math.NaN(), LogMean: math.NaN(),
	Utilization: math.NaN(), Bureau: math.NaN(), SinceContact: -1}

// past is the landmark's Past, or that of a customer without history.
func (l *Landmark) past() *Past {
	if l.Past == nil {
		return &nobody
	}
	return l.Past
}

// frailty is the posterior mean (kappa+O)/(kappa+E) of a customer's speed of payment.
func (p *Pooled) frailty(past *Past) float64 {
	return clamp((p.Kappa+past.Paid)/(p.Kappa+past.expected(&p.Rates)), 1e-3, 1e3)
}

// expected is the number of payments that a customer of pooled pace would have made (E).
func (p *Past) expected(rates *[AgeBins]float64) float64 {
	sum := 0.0
	for b, days := range p.Exposed {
		sum += float64(float64(days) * rates[b])
	}
	return sum
}

// shrunk is the mean of x, seen with the given weight, and of a pooled mean seen with
// weight strength. An x that is NaN was not seen.
func shrunk(x, weight, mean, strength float64) float64 {
	if !finite(x) || !(weight > 0) {
		return mean
	}
	return (float64(x*weight) + float64(mean*strength)) / (weight + strength)
}

// features computes the terms of l. z is the customer's frailty.
func (p *Pooled) features(l *Landmark, z float64, f *features) {
	past := l.past()
	amount := ln(max(l.Open, .01))
	late := shrunk(clamp(past.LateMean, -lateLimit, lateLimit), past.LateWeight, p.LateMean, lateStrength)
	f.num = [itemNumbers]float64{
		numFrailty:   ln(z),
		numLateMean:  signedLog(late, lateLimit),
		numLateShare: shrunk(past.LateShare, past.LateWeight, p.LateShare, shareStrength),
		numAmount:    amount,
		numRelative:  clamp(amount-past.LogMean, -5, 5),
		numOverdue:   count(past.OpenOverdue),
		numSettled:   count(past.Settled),
		numKept:      (float64(past.Kept) + 1) / (float64(past.Kept) + float64(past.Broken) + 2),
		numTenure:    count(past.Tenure),
		numBureau:    given(past.Bureau),
	}
	f.level = [itemGroups]uint8{
		groupTerms:       bin(l.Due-l.Issue, termsEdges[:]),
		groupUtilization: utilizationLevel(past.Utilization),
		groupDisputed:    level(l.Disputed),
		groupBroken:      level(l.PromiseBroken),
		groupPromises:    level(past.Kept+past.Broken > 0),
		groupHistory:     historyLevel(past),
		groupContact:     contactLevel(past.SinceContact),
		groupDueDay:      uint8(weekday(l.Due)),
		groupAmounts:     level(!finite(past.LogMean)),
		groupBureau:      level(!finite(past.Bureau)),
	}
}

// lateLimit limits days late, in days.
const lateLimit = 365

func count(n int32) float64 {
	if n <= 0 {
		return 0
	}
	return ln(1 + float64(n))
}

func level(yes bool) uint8 {
	if yes {
		return 1
	}
	return 0
}

// bin is the number of edges that x has reached.
func bin[T int32 | float64](x T, edges []T) uint8 {
	n := uint8(0)
	for _, e := range edges {
		if x < e {
			break
		}
		n++
	}
	return n
}

func utilizationLevel(u float64) uint8 {
	if u != u {
		return 0
	}
	return 1 + bin(u, utilizationEdges[:])
}

func contactLevel(days int32) uint8 {
	if days < 0 {
		return 0
	}
	return 1 + bin(days, contactEdges[:])
}

func historyLevel(p *Past) uint8 {
	switch {
	case p.Settled > 0:
		return 0
	case p.LateMean == p.LateMean:
		return 1
	}
	return 2
}

// given is x, NaN where it is infinite.
func given(x float64) float64 {
	if !finite(x) {
		return math.NaN()
	}
	return x
}
