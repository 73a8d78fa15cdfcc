package config

import "math"

// Unlimited is the MaxDaysPastDue of an action without one.
const Unlimited = math.MaxInt32

// The sources of an action's effect.
const (
	SourceDefault  = "default"  // the table in docs/configuration.md: an assumption
	SourceElicited = "elicited" // stated by the people who do the work
	SourceLearned  = "learned"  // estimated from contacts
)

// The ways in which an action uses its resource.
const (
	UseMinutes = "minutes" // its minutes
	UseSlots   = "slots"   // one unit each time
)

// What an action works on.
const (
	ClaimCollectable = "collectable" // what can be asked for
	ClaimDisputed    = "disputed"    // what is in dispute
)

// What an action offers.
const (
	OfferNone        = "none"
	OfferInstalments = "instalments" // a plan
	OfferTerms       = "terms"       // other terms from here on
)

// Action is one thing that can be done about an account.
type Action struct {
	// Name is in snake case: call, pre_due_email.
	Name string `json:"-"`
	// Enabled actions are considered. Default true.
	Enabled bool `json:"enabled"`
	// Channel is email, letter, call, visit, meeting (online), legal, agency or internal.
	Channel string `json:"channel"`
	// Tone is friendly, neutral, firm or formal.
	Tone string `json:"tone"`
	// Multiplier is what a reached customer's payment hazard is multiplied by, at first.
	Multiplier float64 `json:"multiplier"`
	// Decay is the business days over which the effect falls to nothing.
	Decay int `json:"decay"`
	// Delay is the business days before the effect begins.
	Delay int `json:"delay"`
	// Reach is the probability that the right person is reached.
	Reach float64 `json:"reach"`
	// Promise is the probability that who is reached names a date by which it will pay, Kept the share of such promises
	// that is kept by those who can pay at all, and PromiseDays the business days until the date. Default 0, 0.6 and 7.
	Promise     float64 `json:"promise"`
	Kept        float64 `json:"kept"`
	PromiseDays int     `json:"promise_days"`
	// Horizon is the calendar days over which what it adds is counted, at most Risk.Horizon; 0 is that.
	Horizon int `json:"horizon"`
	// Minutes is the work for one account.
	Minutes float64 `json:"minutes"`
	// MinutesPerItem is the work for each item beyond the first.
	MinutesPerItem float64 `json:"minutes_per_item"`
	// Travel adds the customer's travel_minutes to the work.
	Travel bool `json:"travel"`
	// Money is what doing it costs, in the reporting currency: postage, fares, fees.
	Money float64 `json:"money"`
	// Relationship is the share of the customer's annual margin that doing it puts at risk.
	Relationship float64 `json:"relationship"`
	// Tie is the share of a strategic customer's annual margin that doing it is worth to the tie itself.
	Tie float64 `json:"tie"`
	// Resource names the capacity that doing it uses.
	Resource string `json:"resource"`
	// Use is how much of it: UseMinutes or UseSlots.
	Use string `json:"use"`
	// MinDaysPastDue and MaxDaysPastDue bound the days past due of the account's oldest
	// item, negative before it is due. Default 1 and Unlimited.
	MinDaysPastDue int `json:"min_days_past_due"`
	MaxDaysPastDue int `json:"-"`
	// After lists what must have been done before, and not helped: of each entry, one of the
	// actions it names.
	After [][]string `json:"after"`
	// When is an expression over the fields of docs/policy.md, true where the action makes sense; "" is
	// everywhere.
	When string `json:"when,omitempty"`
	// Claim is what it works on: ClaimCollectable or ClaimDisputed.
	Claim string `json:"claim"`
	// Offer is what it offers the customer besides: OfferNone, OfferInstalments or OfferTerms.
	Offer string `json:"offer"`
	// Source says where multiplier, decay, delay, reach and promises come from.
	Source string `json:"source"`
}

// Actions is the menu: the default actions in order of escalation, then those that the file
// adds, by name.
type Actions []Action

// Find is the action of that name, nil when there is none.
func (a Actions) Find(name string) *Action {
	for i := range a {
		if a[i].Name == name {
			return &a[i]
		}
	}
	return nil
}

// MarshalJSON writes the mapping that the file holds: {"call":{...}}.
func (a Actions) MarshalJSON() ([]byte, error) {
	return encodeObject(len(a), func(i int) (string, any) {
		var limit *int
		if a[i].MaxDaysPastDue != Unlimited {
			limit = &a[i].MaxDaysPastDue
		}
		return a[i].Name, struct {
			Action
			Max *int `json:"max_days_past_due"`
		}{a[i], limit}
	})
}
