package config

import "strconv"

// defaultActions is the menu in order of escalation, and after it what works beside it: placing with an
// agency, and the work on disputes. Multiplier, decay, reach and minutes are
// priors: judgements to be replaced by elicited or learned figures. No randomised trial of
// collecting trade credit was found to take them from.
func defaultActions(currency string) Actions {
	menu := append(reminders(), hardSteps()...)
	menu = append(menu, beside()...)
	for i := range menu {
		a := &menu[i]
		a.Enabled = a.Channel != "agency" // until there are agencies to place with
		a.Source, a.Money = SourceDefault, amount(a.Money, currency)
		a.Kept, a.PromiseDays = defaultKept, defaultPromiseDays
		switch a.Channel {
		case "call", "visit", "meeting":
			a.Promise, a.Horizon = defaultPromise, contactHorizon
		case "email", "letter":
			a.Horizon = contactHorizon
		}
		if a.After == nil {
			a.After = [][]string{}
		}
		if a.Claim == "" {
			a.Claim = ClaimCollectable
		}
		if a.Offer == "" {
			a.Offer = OfferNone
		}
		if a.Name != "pre_due_email" {
			a.MaxDaysPastDue = Unlimited
		}
	}
	plan := menu.Find("plan_call")
	plan.When = "overdue_amount >= " + strconv.FormatFloat(amount(1000, currency), 'f', -1, 64) + " && (" + inTrouble + " || " + reliable + ")"
	menu.Find("terms_meeting").When = inTrouble + ` && relationship != "minor"`
	return menu
}

// Where a plan or other terms make sense: the customer said that it lacks the money, or has been reliable
// so far.
const (
	inTrouble = `arrears_reason in ["cash_flow", "hardship", "accident"]`
	reliable  = `invoices_settled >= 5 && delay_ratio <= 0.5 && broken_promises == 0 && arrears_reason in ["", "forgot"]`
)

// reminders are the friendly steps.
func reminders() Actions {
	return Actions{
		{Name: "pre_due_email", Channel: "email", Tone: "friendly", Multiplier: 1.15, Decay: 5, Reach: 1,
			Resource: "emails", Use: UseSlots, MinDaysPastDue: -7, MaxDaysPastDue: 0},
		{Name: "email", Channel: "email", Tone: "friendly", Multiplier: 1.25, Decay: 5, Reach: 1, Minutes: .2,
			Resource: "emails", Use: UseSlots, MinDaysPastDue: 1},
		{Name: "letter", Channel: "letter", Tone: "neutral", Multiplier: 1.35, Decay: 10, Reach: 1, Minutes: 1,
			Money: 1, Resource: "letters", Use: UseSlots, MinDaysPastDue: 7},
		{Name: "call", Channel: "call", Tone: "friendly", Multiplier: 2, Decay: 8, Reach: .35, Minutes: 6,
			Resource: "minutes", Use: UseMinutes, MinDaysPastDue: 1},
		// A call that offers a plan does what a senior call does, a little longer, but takes more than twice the
		// time of a call: an hour of calls adds more, unless the account is large or has been called.
		{Name: "plan_call", Channel: "call", Tone: "friendly", Multiplier: 2.2, Decay: 10, Reach: .35, Minutes: 15,
			Resource: "minutes", Use: UseMinutes, MinDaysPastDue: 15, Offer: OfferInstalments,
			After: [][]string{{"email", "letter", "call"}}},
	}
}

// hardSteps are those with a person of some weight, or on paper that counts.
func hardSteps() Actions {
	return Actions{
		{Name: "senior_call", Channel: "call", Tone: "firm", Multiplier: 2.2, Decay: 8, Reach: .4, Minutes: 12,
			Relationship: .0005, Resource: "senior_minutes", Use: UseMinutes, MinDaysPastDue: 30,
			After: [][]string{{"email", "letter", "call"}}},
		// Between a senior call and a visit, which it stands in for where the way is long: with no way to go an
		// hour of visiting adds about as much as an hour of meetings, with an hour to go much less.
		{Name: "online_meeting", Channel: "meeting", Tone: "friendly", Multiplier: 2.2, Decay: 12, Reach: .4, Minutes: 45,
			Relationship: .0005, Resource: "visit_minutes", Use: UseMinutes, MinDaysPastDue: 15},
		{Name: "visit", Channel: "visit", Tone: "friendly", Multiplier: 2.5, Decay: 15, Reach: .6, Minutes: 90,
			Travel: true, Money: 10, Relationship: .002, Resource: "visit_minutes", Use: UseMinutes, MinDaysPastDue: 15},
		{Name: "terms_meeting", Channel: "meeting", Tone: "neutral", Multiplier: 2.2, Decay: 12, Reach: .4, Minutes: 40,
			Resource: "senior_minutes", Use: UseMinutes, MinDaysPastDue: 30, Offer: OfferTerms,
			After: [][]string{{"call", "plan_call", "senior_call", "online_meeting", "visit"}}},
		{Name: "demand", Channel: "letter", Tone: "formal", Multiplier: 2.2, Decay: 20, Reach: 1, Minutes: 25,
			Money: 10, Relationship: .01, Resource: "demands", Use: UseSlots, MinDaysPastDue: 60,
			After: [][]string{{"email", "letter", "call", "senior_call", "visit"}}},
		{Name: "legal", Channel: "legal", Tone: "formal", Multiplier: 1.8, Decay: 60, Delay: 30, Reach: 1, Minutes: 40,
			Money: 800, Relationship: .03, Resource: "legal", Use: UseSlots, MinDaysPastDue: 90,
			After: [][]string{{"demand"}, {"senior_call", "online_meeting", "visit"}}},
	}
}

// beside are placing with an agency, whose effect is what the agencies of reviews.agencies leave after
// their fee, and the work on disputes inside the house. Of disputes 60 % are taken to end in our
// favour, a week after the work on them began, and the customer then pays like one without a dispute.
func beside() Actions {
	return Actions{
		{Name: "agency", Channel: "agency", Tone: "formal", Multiplier: 1, Decay: 60, Reach: 1, Minutes: 20,
			Relationship: .05, Resource: "placements", Use: UseSlots, MinDaysPastDue: 120,
			After: [][]string{{"demand"}, {"senior_call", "online_meeting", "visit"}}},
		{Name: "dispute_resolution", Channel: "internal", Tone: "neutral", Multiplier: 2.5, Decay: 120, Delay: 5, Reach: .6,
			Minutes: 30, MinutesPerItem: 10, Resource: "resolver_minutes", Use: UseMinutes, MinDaysPastDue: -7, Claim: ClaimDisputed},
	}
}
