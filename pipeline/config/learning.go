package config

// Learning says what is learned from contacts, and what is left to the lot for that. Nothing of it changes
// a plan unless it is asked for.
type Learning struct {
	// Effects is off, report (default: multipliers and reaches are estimated and published, the plan
	// goes by the configured ones) or on (the plan goes by what was learned).
	Effects string `json:"effects"`
	// Agencies is off, report (default: what agencies recovered of what they were given is published, placing goes
	// by reviews.agencies) or on (placing goes by what was learned).
	Agencies string `json:"agencies"`
	// Kappa is the weight of what is configured beside what is learned, in expected payments (of a reach: in
	// attempts; of an agency: in recoveries). Default 20.
	Kappa float64 `json:"kappa"`
	// KappaObs is the most weight, in expected payments, of contacts that somebody chose to make. At most 50.
	// Default 0: those who chose whom to contact knew more than the exports say, and a multiplier of 2
	// then shows as 1 or less.
	KappaObs float64 `json:"kappa_obs"`
	// Explore is the probability with which a customer near the cut line of the plan is left to the
	// lot for a day: contacted or left alone, one as likely as the other. At most .5. Default 0; .05 to .1 is useful.
	Explore float64 `json:"explore"`
	// ExploreBand is how near that is: value over effort between 1/(1+band) and 1+band. Default .5.
	ExploreBand float64 `json:"explore_band"`
	// Holdout is the share of customers, whole groups of parents, that get no optional action from
	// HoldoutSince on, to compare with. At most .5. Default 0; .02 to .05 is useful.
	Holdout float64 `json:"holdout"`
	// HoldoutSince is the first day of the comparison, YYYY-MM-DD. It goes with Holdout.
	HoldoutSince string `json:"holdout_since,omitempty"`
	// HoldoutDetect is the lift that the comparison should be able to find, as a share of the cash per
	// customer that is held out. Default .1.
	HoldoutDetect float64 `json:"holdout_detect"`
	// Salt decides who is drawn. Another one draws anew, and ends a comparison. Default kaishu.
	Salt string `json:"salt"`
}

// The values of Learning.Effects and Learning.Agencies.
const (
	LearnOff    = "off"
	LearnReport = "report"
	LearnOn     = "on"
)

func defaultLearning() Learning {
	return Learning{Effects: LearnReport, Agencies: LearnReport, Kappa: 20, ExploreBand: .5, HoldoutDetect: .1, Salt: "kaishu"}
}

func (l *Learning) parse(m *mapping) {
	m.choice("effects", &l.Effects, LearnOff, LearnReport, LearnOn)
	m.choice("agencies", &l.Agencies, LearnOff, LearnReport, LearnOn)
	m.number("kappa", &l.Kappa, 1, 1e6)
	m.number("kappa_obs", &l.KappaObs, 0, 50)
	m.number("explore", &l.Explore, 0, .5)
	m.number("explore_band", &l.ExploreBand, .01, 100)
	m.number("holdout", &l.Holdout, 0, .5)
	m.date("holdout_since", &l.HoldoutSince)
	m.number("holdout_detect", &l.HoldoutDetect, .001, 10)
	m.text("salt", &l.Salt)
	if l.Holdout > 0 && l.HoldoutSince == "" {
		m.fault(m.keyNode("holdout"), m.join("holdout_since"), "write the first day of the comparison", "goes with holdout")
	}
	m.done()
}
