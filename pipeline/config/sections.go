package config

import "strconv"

// Level says what a gate does when it is hit.
type Level string

// The levels of a gate: the run stops with exit status 3, goes on with a warning in the
// manifest, or does not look.
const (
	Stop Level = "stop"
	Warn Level = "warn"
	Off  Level = "off"
)

// Gates are the conditions under which a run refuses its input. Each has a level under its
// own name and, where it needs one, a limit.
type Gates struct {
	// RejectShare is hit when more than MaxRejectShare of the rows of an export are refused.
	// Default stop at .01.
	RejectShare    Level   `json:"reject_share"`
	MaxRejectShare float64 `json:"max_reject_share"`
	// Totals is hit when control totals do not tie. It always stops.
	Totals Level `json:"totals"`
	// EmptyExport is hit when invoices, payments or customers are given and have no rows, or all invoices are of later days. Default stop.
	EmptyExport Level `json:"empty_export"`
	// Truncated is hit when no settlement falls into the last TruncatedDays days before the
	// as-of date although due dates do: an export cut short. Default stop at 21 days.
	Truncated     Level `json:"truncated"`
	TruncatedDays int   `json:"truncated_days"`
	// NewestPayment is hit when the newest payment is more than NewestPaymentDays days older
	// than the as-of date. Default warn at 10 days.
	NewestPayment     Level `json:"newest_payment"`
	NewestPaymentDays int   `json:"newest_payment_days"`
	// UnappliedShare is hit when cash on account is more than MaxUnappliedShare of the open
	// amount. Default warn at .5.
	UnappliedShare    Level   `json:"unapplied_share"`
	MaxUnappliedShare float64 `json:"max_unapplied_share"`
	// RowChange is hit when the rows of an export differ from the night before by more than
	// MaxRowChange of them. Default warn at .3.
	RowChange    Level   `json:"row_change"`
	MaxRowChange float64 `json:"max_row_change"`
	// OpenChange is hit when the open amount differs from the night before by more than
	// MaxOpenChange of it. Default warn at .5.
	OpenChange    Level   `json:"open_change"`
	MaxOpenChange float64 `json:"max_open_change"`
}

// GateNames lists the gates, in the order in which they are reported.
func GateNames() []string {
	return []string{"reject_share", "totals", "empty_export", "truncated", "newest_payment",
		"unapplied_share", "row_change", "open_change"}
}

// Level is the level of the gate of that name; a name that is no gate is off.
func (g *Gates) Level(name string) Level {
	if l := g.level(name); l != nil {
		return *l
	}
	return Off
}

// level is the field of the gate of that name, nil when there is none.
func (g *Gates) level(name string) *Level {
	switch name {
	case "reject_share":
		return &g.RejectShare
	case "totals":
		return &g.Totals
	case "empty_export":
		return &g.EmptyExport
	case "truncated":
		return &g.Truncated
	case "newest_payment":
		return &g.NewestPayment
	case "unapplied_share":
		return &g.UnappliedShare
	case "row_change":
		return &g.RowChange
	case "open_change":
		return &g.OpenChange
	}
	return nil
}

// Allocation says which invoices cash without a reference settles.
type Allocation struct {
	// Unapplied is hold (default: it stays on account), oldest_first, or exact_then_oldest
	// (first an invoice, or a closing statement, of just that amount).
	Unapplied string `json:"unapplied"`
	// ChargesFirst lets cash that goes to the oldest item settle debit notes, by which costs and interest
	// are charged, before invoices. Default false.
	ChargesFirst bool `json:"charges_first"`
	// BankFee is what an exact match may be short by. Default 5.87 EUR, that is JPY 880.
	BankFee float64 `json:"bank_fee"`
}

// Ledger holds the days that the ledger's definitions need.
type Ledger struct {
	// Grace is the days late (or past due) that are no delay yet. Default 0.
	Grace int `json:"grace"`
	// Horizon is the days ahead within which an item that falls due is collectable. Default 7.
	Horizon int `json:"horizon"`
	// KnownLag is the business days after its own date on which a fact without known_at is
	// known. Default 0.
	KnownLag int `json:"known_lag"`
	// PromiseTolerance is the business days after its date for which a promise still runs. Default 2.
	PromiseTolerance int `json:"promise_tolerance"`
	// RateMaxAge is the age in days above which an exchange rate is not used. Default 7.
	RateMaxAge int `json:"rate_max_age"`
}

// Calendar says which days are business days, and where due dates on other days move.
type Calendar struct {
	// Country is JP (the Japanese bank calendar), weekdays (Monday to Friday) or none (every
	// day is a business day). Default JP when the reporting currency is JPY, else weekdays.
	Country string `json:"country"`
	// Roll is following (default), preceding, modified_following or none.
	Roll string `json:"roll"`
	// Closures are the company's own closing days, YYYY-MM-DD, ascending. In the file: a list,
	// or the path of a text file with one date a line (# starts a comment).
	Closures []string `json:"closures,omitempty"`
}

// Risk holds the settings of the time-to-pay model and of the value of money.
type Risk struct {
	// Weeks is the number of weekly landmarks that the model is fitted on. Default 78.
	Weeks int `json:"weeks"`
	// Ridge is the penalty on the standardised coefficients, towards the pooled life table. Default 20:
	// overlapping weekly landmarks count a payment four or five times.
	Ridge float64 `json:"ridge"`
	// MaxRows caps the person-periods of the fit; of more a sample is taken, of between half as many and as many. Default 1,000,000:
	// out of time a fit on twice as many is better by .0001 of log loss, on half as many worse by .0005 (docs/figures.md).
	MaxRows int `json:"max_rows"`
	// MinEvents is the number of payments below which the pooled life table is used instead
	// of a fit. Default 100.
	MinEvents int `json:"min_events"`
	// Challenger is off (default), or auto to let boosted trees try against the linear model on
	// 20,000 invoices and more, and to use them where they are clearly better on three past dates.
	Challenger string `json:"challenger"`
	// Horizon is the days over which the cash of an action is counted at most; what is open then is
	// worth its Tail. Default 126, the 90 business days in which the slowest default action works.
	Horizon int `json:"horizon"`
	// PartPayments is learned (default): what comes in with part payments counts, as often as customers have made
	// them; or off: cash counts when 95 % of an item has come.
	PartPayments string `json:"part_payments"`
	// CostOfCapital is the yearly rate at which cash is discounted. Default .08.
	CostOfCapital float64 `json:"cost_of_capital"`
	// LGD is the share lost of an exposure that goes bad, before guarantor and collateral.
	// Default .45.
	LGD float64 `json:"lgd"`
	// Tail is the share of an open amount that is still recovered, by days past due.
	Tail Tail `json:"tail"`
}

// Tail is recovery by age: points by ascending Days, with shares that do not rise.
type Tail []TailPoint

// TailPoint says that Share of what is open Days days past due is recovered in the end.
type TailPoint struct {
	Days  int
	Share float64
}

// MarshalJSON writes the mapping that the file holds: {"0":0.95,"60":0.85}.
func (t Tail) MarshalJSON() ([]byte, error) {
	return encodeObject(len(t), func(i int) (string, any) { return strconv.Itoa(t[i].Days), t[i].Share })
}

// Policy holds the hard rules of contact and the rules of waiting.
type Policy struct {
	// DoNotContact, Insolvent and Represented honour the columns of that name in the customers
	// export: such a customer gets no action. Default true.
	DoNotContact bool `json:"do_not_contact"`
	Insolvent    bool `json:"insolvent"`
	Represented  bool `json:"represented"`
	// MaxContacts7 is the most contacts of a customer in 7 days, 0 for no limit. Default 2.
	MaxContacts7 int `json:"max_contacts_7"`
	// MaxContacts30 is the most contacts of a customer in 30 days, 0 for no limit. Default 6.
	MaxContacts30 int `json:"max_contacts_30"`
	// MinDaysBetween is the least days from the last contact of a customer to the day of work, 0 for no
	// limit. Default 0: the effect of the last contact is waited for anyhow, and an unanswered call may be
	// tried again within the caps.
	MinDaysBetween int `json:"min_days_between"`
	// QuietDays are dates, YYYY-MM-DD, and weekdays (friday) on which nobody is contacted although they
	// are business days. Default none.
	QuietDays []string `json:"quiet_days"`
	// CoverDays and CoverAmount make a contact a duty where at least CoverAmount is overdue and nobody
	// was in touch for CoverDays days; 0 days is no such duty. Default 0, 0.
	CoverDays   int     `json:"cover_days"`
	CoverAmount float64 `json:"cover_amount"`
	// Rules are the rules of the house. Default none.
	Rules []Rule `json:"rules"`
	// MaxVisits30 is the most visits to a customer in 30 days, 0 for no limit. Default 1.
	MaxVisits30 int `json:"max_visits_30"`
	// Materiality is the collectable amount below which an account is left alone. Default 10 EUR, JPY 1,500.
	Materiality float64 `json:"materiality"`
	// WaitPromise leaves an account alone while a promise runs. Default true.
	WaitPromise bool `json:"wait_promise"`
	// WaitDispute leaves disputed items alone while the dispute is open. Default true.
	WaitDispute bool `json:"wait_dispute"`
	// WaitEffect leaves an account alone while the last action still works (its decay has not
	// passed); a reminder in writing does not hold back a call. Default true.
	WaitEffect bool `json:"wait_effect"`
	// TalkFirst sends no formal letter to whom a talk is worth its price on the day: while the letter works, nobody may be
	// called (WaitEffect). Default true.
	TalkFirst bool `json:"talk_first"`
	// WaitAgency leaves an account to the agency with which it is placed: no contact, legal step or other placement of our own
	// until that has ended. Default true.
	WaitAgency bool `json:"wait_agency"`
	// HabitGrace leaves an account alone while it is no later than it usually is plus
	// HabitDays business days, and pays within 10 business days with probability HabitProbability
	// or more. Default true, 2, .8.
	HabitGrace       bool    `json:"habit_grace"`
	HabitDays        int     `json:"habit_days"`
	HabitProbability float64 `json:"habit_probability"`
	// Fatigue multiplies the effect of a contact, once for each that came through in the 30 days before. Default .75.
	Fatigue float64 `json:"fatigue"`
	// Reasons multiply what a contact adds to the rate of paying by the latest reason for arrears on record; formal letters
	// are not softened. A reason that is not listed counts 1. Default: see defaultReasons.
	Reasons map[string]float64 `json:"reasons"`
	// SelfCureFrom, SelfCureTo and SelfCureCap damp multipliers for accounts that are likely to
	// pay by themselves: up to probability From of being paid within 30 days they stand, from To on they are
	// Cap at most, between the two they fall evenly. Wrong priors mostly hurt by calling such
	// accounts. Default .5, .7, 1.3.
	SelfCureFrom float64 `json:"self_cure_from"`
	SelfCureTo   float64 `json:"self_cure_to"`
	SelfCureCap  float64 `json:"self_cure_cap"`
}
