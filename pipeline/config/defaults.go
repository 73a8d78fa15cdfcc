package config

import (
	"strconv"

	"kaishu/pipeline/letter"
)

// defaults is the configuration of a file that says nothing but where its exports are, in the
// given reporting currency. Path fields that depend on the folder are filled in by parse.
func defaults(currency string) *Config {
	country, language := "weekdays", letter.Fallback
	if currency == "JPY" {
		country, language = "JP", "ja"
	}
	return &Config{
		Currency: currency,
		Language: "en",
		Output:   "nights",
		Items:    "open",
		Memory:   1 << 30,
		Gates: Gates{
			RejectShare: Stop, MaxRejectShare: .01,
			Totals:      Stop,
			EmptyExport: Stop,
			Truncated:   Stop, TruncatedDays: 21,
			NewestPayment: Warn, NewestPaymentDays: 10,
			UnappliedShare: Warn, MaxUnappliedShare: .5,
			RowChange: Warn, MaxRowChange: .3,
			OpenChange: Warn, MaxOpenChange: .5,
		},
		Allocation: Allocation{Unapplied: "hold", BankFee: amount(5.87, currency)},
		Ledger:     Ledger{Horizon: 7, PromiseTolerance: 2, RateMaxAge: 7},
		Calendar:   Calendar{Country: country, Roll: "following"},
		Risk: Risk{
			Weeks: 78, Ridge: 20, MaxRows: 1_000_000, MinEvents: 100, Challenger: "off",
			Horizon: 126, PartPayments: "learned", CostOfCapital: .08, LGD: .45,
			// Recovery by age, between what collection agencies report of themselves.
			Tail: Tail{{0, .95}, {60, .85}, {90, .72}, {180, .52}, {365, .26}, {730, .10}},
		},
		Actions: defaultActions(currency),
		Capacity: Capacity{
			MinuteCost: amount(.6, currency),
			Resources: []Resource{{"demands", 10}, {"emails", 2000}, {"legal", 2}, {"letters", 100},
				{"minutes", 960}, {"placements", 5}, {"resolver_minutes", 120}, {"senior_minutes", 120}, {"visit_minutes", 240}},
		},
		Interest: Interest{Table: "none"},
		Learning: defaultLearning(),
		Policy: Policy{
			DoNotContact: true, Insolvent: true, Represented: true,
			MaxContacts7: 2, MaxContacts30: 6, MaxVisits30: 1, QuietDays: []string{}, Rules: []Rule{}, Materiality: amount(10, currency),
			WaitPromise: true, WaitDispute: true, WaitEffect: true, TalkFirst: true, WaitAgency: true,
			HabitGrace: true, HabitDays: 2, HabitProbability: .8,
			Fatigue: .75, Reasons: defaultReasons(), SelfCureFrom: .5, SelfCureTo: .7, SelfCureCap: 1.3,
		},
		Letters: Letters{Enabled: true, Language: language, Instructions: map[string]string{}},
		Reviews: Reviews{
			Enabled: true, ListMost: 10, RepeatDays: 30, Ease: .8, ActiveDays: 90, TellExposure: amount(1000, currency),
			CutPastDue: 60, CutRisk: .5, CutBroken: 2, CutStep: .25, RaiseStep: .2,
			RaiseSettled: 12, RaiseDelays: .1, RaiseUse: .7, PrepayRisk: .8, PrepayPastDue: 30, MinOverdue: amount(100, currency), MinShare: .05,
			SecurityLoss: amount(5000, currency), PlanDelays: .5, PlanPastDue: 15,
			HoldPastDue: 30, HoldReminders: 2, RewardSettled: 12, RewardEarly: 3,
			ProgrammePastDue: 60, ProgrammeDays: 90, AgencyPastDue: 120, AgencyTerm: 180,
			TellPastDue: []int{30, 60, 90}, TellUse: 1,
		},
	}
}

// contactHorizon is the 30 business days after which a contact has done what it can and others have followed; what is
// open then is worth its tail. Legal steps take the whole of Risk.Horizon.
const contactHorizon = 42

// defaultReasons are judgements in halves and quarters, about 1 on average so that the multipliers of the menu stay what they
// are: who forgot only needs to be told, who is short of cash may shift what there is, who disputes, is in hardship or does
// not want to pay is hardly moved by a reminder.
func defaultReasons() map[string]float64 {
	return map[string]float64{"forgot": 1.5, "cash_flow": .75, "hardship": .5, "dispute": .5, "unwilling": .5}
}

// What is thought of promises until a customer's own record says more. Vendors of collection software
// report that 60 to 80 % of promises are kept, which the lower end of is taken of (https://www.transformance.ai/glossary/promise-to-pay);
// that four of ten conversations end with a date is a judgement, half of what call centres set as their aim.
const (
	defaultPromise     = .4
	defaultKept        = .6
	defaultPromiseDays = 7
)

// amount turns a default stated in euros into the reporting currency: times perEuro, rounded to
// two significant digits so that it reads like a figure a person would write.
func amount(euros float64, currency string) float64 {
	two := strconv.FormatFloat(euros*perEuro(currency), 'e', 1, 64)
	v, err := strconv.ParseFloat(two, 64)
	if err != nil {
		panic("config: " + err.Error())
	}
	return v
}

// perEuro is the rough size of a euro in a currency, only for scaling defaults; it is no
// exchange rate and never touches an amount of the exports. Currencies not listed count as 1.
func perEuro(currency string) float64 {
	switch currency {
	case "BRL":
		return 6
	case "CNY", "DKK", "HKD", "NOK", "SEK":
		return 10
	case "MXN", "ZAR":
		return 20
	case "CZK", "THB", "TRY", "TWD":
		return 30
	case "PHP":
		return 60
	case "INR":
		return 100
	case "JPY":
		return 150
	case "HUF":
		return 400
	case "KRW":
		return 1_500
	case "IDR":
		return 18_000
	case "VND":
		return 28_000
	case "PLN", "MYR":
		return 4
	}
	return 1
}
