package pipeline

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"kaishu/scoring"
)

// Recommendations to credit managers. Each is one row of reviews.parquet; nothing here acts. review_list.go
// says which of them a manager is shown.
const (
	reviewCut        = "limit_cut"
	reviewRaise      = "limit_raise"
	reviewPrepay     = "prepayment"
	reviewPlan       = "instalments"
	reviewSecurity   = "security"
	reviewHold       = "delivery_hold"
	reviewRelease    = "delivery_release"
	reviewReward     = "early_payment_reward"
	reviewStart      = "recovery_programme_start"
	reviewProgress   = "recovery_programme_progress"
	reviewRestored   = "recovery_programme_restored"
	reviewFailed     = "recovery_programme_failed"
	reviewAgency     = "agency"
	reviewTell       = "tell"
	programmeAction  = "recovery_programme" // the activity that records one: its promise is what was agreed
	programmeKept    = 400                  // days for which a programme is looked at
	instalmentsInAll = 3
)

// review is one recommendation: what is proposed, the amount it is about, minor units, and in words the rule that
// fired with its figures and what to do. The words are made when they are written: finding out what stands for whom takes a tenth
// of the time without them.
type review struct {
	kind         string
	amount       int64 // the limit proposed, the amount to agree on, to secure, to place
	hasAmount    bool
	until        scoring.Day
	rule, advice func() string
}

// reviewed is a customer about whom recommendations are looked for.
type reviewed struct {
	*customer
	before  before // what the night before said of it
	weight  int64  // the least debt that a review speaks of, see weight
	serious int    // the age of the debt of that weight, see serious
}

func (n *night) reviewed(c *customer) *reviewed {
	weight := n.weight(c)
	return &reviewed{c, n.before[c.Customer], weight, serious(c, weight)}
}

// ease is a threshold for a customer: the configured one or, where the recommendation stood the night before,
// a share of it, so that what wavers about a threshold does not come and go.
func (n *night) ease(c *reviewed, kind string, threshold float64) float64 {
	if c.before.stands(kind) {
		return threshold * n.cfg.Reviews.Ease
	}
	return threshold
}

// reviews appends what is recommended about a customer, without what something stronger makes idle.
func (n *night) reviews(c *customer, out []review) []review {
	who, first := n.reviewed(c), len(out)
	for _, find := range [...]func(*night, *reviewed) (review, bool){
		(*night).reviewLimit, (*night).reviewPrepayment, (*night).reviewInstalments, (*night).reviewSecurity, (*night).reviewDelivery,
		(*night).reviewReward, (*night).reviewProgramme, (*night).reviewAgency, (*night).reviewTell,
	} {
		if r, ok := find(n, who); ok {
			if r.until == 0 {
				r.until = scoring.NoDay
			}
			out = append(out, r)
		}
	}
	if len(out)-first < 2 {
		return out
	}
	made := slices.Clone(out[first:])
	return slices.DeleteFunc(out, func(r review) bool {
		return slices.ContainsFunc(made, func(o review) bool { return slices.Contains(idle[o.kind], r.kind) })
	})
}

// idle is what a recommendation leaves nothing to do for: a customer that gets no deliveries needs no limit,
// and a debt goes one way at a time.
var idle = map[string][]string{
	reviewHold:     {reviewPrepay, reviewCut},
	reviewPrepay:   {reviewCut},
	reviewAgency:   {reviewStart, reviewPlan},
	reviewStart:    {reviewPlan},
	reviewProgress: {reviewPlan},
}

// active reports whether we still deal with the customer: something that is open was invoiced, or a payment
// came in, within active_days. Of others a limit or a hold changes nothing.
func (n *night) active(c *customer) bool {
	since := n.asOf - scoring.Day(n.cfg.Reviews.ActiveDays)
	if c.LastPayment >= since {
		return true
	}
	for k := range c.Items {
		if it := &c.Items[k]; it.Open > 0 && it.Issue >= since {
			return true
		}
	}
	return false
}

// reviewLimit proposes a lower limit when risk has risen, else a higher one after a run of good behaviour.
func (n *night) reviewLimit(c *reviewed) (review, bool) {
	p, v := &n.cfg.Reviews, n.voc()
	if !c.HasLimit || c.Limit <= 0 || !n.active(c.customer) {
		return review{}, false
	}
	var rule func() string
	switch {
	case c.Exposure >= c.Limit: // used up: a lower one would stop nothing that this one does not
	case float64(c.serious) >= n.ease(c, reviewCut, float64(p.CutPastDue)):
		rule = func() string { return v.say(ruleOldest, c.serious, n.money(c.weight), p.CutPastDue) }
	case c.p90 >= n.ease(c, reviewCut, p.CutRisk) && c.p90 < 1 && c.serious > 0:
		rule = func() string { return v.say(ruleRisk, v.share(c.p90, 0), v.share(p.CutRisk, 0)) }
	case int(c.PromiseLevel) >= p.CutBroken && c.Overdue > 0:
		rule = func() string { return v.say(ruleBroken, c.PromiseLevel, p.CutBroken) }
	}
	if rule != nil {
		to := n.round(float64(c.Limit) * (1 - p.CutStep))
		if to < c.Exposure { // what is used stays granted
			to = min(n.round(1.05*float64(c.Exposure)), c.Limit)
		}
		return review{kind: reviewCut, rule: rule, amount: to, hasAmount: true,
			advice: func() string { return v.say(adviseLower, n.money(c.Limit), n.money(to)) }}, true
	}
	delays := ratio(int64(c.Delays), int64(c.Settled)+int64(c.OpenOverdue), true)
	use := float64(c.Exposure) / float64(c.Limit)
	if c.Overdue == 0 && int(c.Settled) >= p.RaiseSettled && delays <= p.RaiseDelays && use >= n.ease(c, reviewRaise, p.RaiseUse) && c.PromiseLevel == 0 {
		to := n.round(float64(c.Limit) * (1 + p.RaiseStep))
		return review{kind: reviewRaise, rule: func() string { return v.say(ruleGood, c.Settled, v.share(delays, 0), v.share(use, 0)) }, amount: to, hasAmount: true,
			advice: func() string { return v.say(adviseRaise, n.money(c.Limit), n.money(to)) }}, true
	}
	return review{}, false
}

// round keeps two digits of an amount: a limit that a person would write.
func (n *night) round(v float64) int64 {
	if v < 1 {
		return 0
	}
	step := math.Pow10(int(math.Floor(math.Log10(v))) - 1)
	return int64(math.Round(v/step) * step)
}

func (n *night) reviewPrepayment(c *reviewed) (review, bool) {
	p, v := &n.cfg.Reviews, n.voc()
	risky := c.p90 >= n.ease(c, reviewPrepay, p.PrepayRisk) && c.p90 < 1
	old := c.serious >= 90 // where only a trifle is, p90 is 1 and says nothing
	if float64(c.serious) < n.ease(c, reviewPrepay, float64(p.PrepayPastDue)) || !risky && !old || !n.active(c.customer) {
		return review{}, false
	}
	rule := func() string { return v.say(rulePrepay, v.share(c.p90, 0), c.serious) }
	if old {
		rule = func() string { return v.say(ruleOld, c.serious, n.money(c.weight)) }
	}
	return review{kind: reviewPrepay, rule: rule,
		advice: func() string { return v.say(advisePrepay) }}, true
}

// weight is the least debt of a customer that a review speaks of: an amount and a share of all that is open,
// so that an unmatched remainder of years ago does not speak for a large account.
func (n *night) weight(c *customer) int64 {
	p := &n.cfg.Reviews
	return max(n.minor(p.MinOverdue), int64(p.MinShare*float64(c.Open)))
}

// serious is the age, in days past due, at which the undisputed debt, counted from the oldest item and
// less what is on account, comes to a weight; 0 when it never does.
func serious(c *customer, weight int64) int {
	sum := -c.Unapplied
	for i := range c.Items {
		it := &c.Items[i]
		if it.Open <= 0 || it.PastDue <= 0 {
			continue
		}
		sum += it.OpenBase - int64(float64(it.OpenBase)*float64(it.Disputed)/float64(it.Open))
		if sum >= weight {
			return int(it.PastDue)
		}
	}
	return 0
}

// withAgency reports whether the customer is placed with an agency: what it agrees on is agreed on there.
func (n *night) withAgency(c *customer) bool {
	return c.Placed.Runs(n.workDay, n.minor(n.cfg.Policy.Materiality))
}

// squeezed reports whether the customer said that it lacks the money.
func squeezed(c *customer) bool { return c.Reason == "cash_flow" || c.Reason == "hardship" }

// reviewInstalments offers a plan to customers who were reliable, or who say that they lack the money.
func (n *night) reviewInstalments(c *reviewed) (review, bool) {
	p, v := &n.cfg.Reviews, n.voc()
	if float64(c.serious) < n.ease(c, reviewPlan, float64(p.PlanPastDue)) || c.PromiseUntil != scoring.NoDay || c.Collectable <= 0 || c.PromiseLevel > 0 || n.withAgency(c.customer) {
		return review{}, false
	}
	delays := ratio(int64(c.Delays-c.OpenOverdue), int64(c.Settled), true)
	var rule func() string
	switch {
	case squeezed(c.customer):
		rule = func() string { return v.say(ruleSaid, v.name(c.Reason)) }
	case c.Settled >= 5 && delays <= p.PlanDelays:
		rule = func() string { return v.say(ruleLateShare, v.share(delays, 0), c.Settled, v.share(p.PlanDelays, 0)) }
	default:
		return review{}, false
	}
	part := (c.Collectable + instalmentsInAll - 1) / instalmentsInAll
	return review{kind: reviewPlan, rule: rule, amount: part, hasAmount: true,
		advice: func() string { return v.say(advisePlan, n.money(c.Collectable), instalmentsInAll) }}, true
}

func (n *night) reviewSecurity(c *reviewed) (review, bool) {
	limit := n.minor(n.cfg.Reviews.SecurityLoss)
	if float64(c.loss) < n.ease(c, reviewSecurity, float64(limit)) || c.loss <= 0 || c.Master.Guarantor != "" || c.Collateral > 0 {
		return review{}, false
	}
	return review{kind: reviewSecurity, rule: func() string { return n.voc().say(ruleLoss, n.money(c.loss), n.money(limit)) },
		amount: max(c.Exposure, 0), hasAmount: true, advice: func() string { return n.voc().say(adviseSecurity) }}, true
}

// reviewDelivery proposes a hold when polite reminders went unanswered, and the release of one
// proposed the night before.
func (n *night) reviewDelivery(c *reviewed) (review, bool) {
	p, v := &n.cfg.Reviews, n.voc()
	reminders := int32(0)
	since := max(n.spell(c.customer), c.LastPayment+1)
	for i := range c.Taken {
		if t := &c.Taken[i]; t.On >= since && t.Reached {
			reminders++
		}
	}
	stood := c.before.stands(reviewHold) // and is lifted by paying what is old, not by any payment
	old := float64(c.serious) >= n.ease(c, reviewHold, float64(p.HoldPastDue))
	if old && (stood || int(reminders) >= p.HoldReminders && n.active(c.customer)) && c.PromiseUntil == scoring.NoDay && c.Collectable > 0 {
		rule := func() string { return v.say(ruleReminders, v.count(reminders, unitReminder), c.serious) }
		if stood && reminders == 0 {
			rule = func() string { return v.say(ruleStill, c.serious) }
		}
		return review{kind: reviewHold, rule: rule,
			amount: c.Collectable, hasAmount: true, advice: func() string { return v.say(adviseHold) }}, true
	}
	if stood {
		rule := func() string { return v.say(ruleHoldGone) }
		switch {
		case c.PromiseUntil != scoring.NoDay:
			rule = func() string { return v.say(promisedBy, c.PromiseUntil) }
		case c.serious > 0:
			rule = func() string { return v.say(ruleNoneOlder, v.count(int32(c.serious), unitDay)) }
		}
		return review{kind: reviewRelease, rule: rule, advice: func() string { return v.say(adviseRelease) }}, true
	}
	return review{}, false
}

func (n *night) reviewReward(c *reviewed) (review, bool) {
	p := &n.cfg.Reviews
	if c.Overdue > 0 || c.OpenItems == 0 || int(c.Settled) < p.RewardSettled || !(c.DaysLateMean <= -p.RewardEarly) {
		return review{}, false
	}
	return review{kind: reviewReward, rule: func() string { return n.voc().say(ruleEarly, c.Settled, -c.DaysLateMean) },
		advice: func() string { return n.voc().say(adviseReward) }}, true
}

// reviewProgramme follows a recovery programme: the latest activity of that name began it, and its
// promise, watched like any other, is the amount within the period.
func (n *night) reviewProgramme(c *reviewed) (review, bool) {
	p, v := &n.cfg.Reviews, n.voc()
	began := scoring.NoDay
	for i := range c.Taken {
		if c.Taken[i].Action == programmeAction {
			began = c.Taken[i].On
		}
	}
	switch {
	case began != scoring.NoDay && c.PromiseUntil != scoring.NoDay:
		return review{kind: reviewProgress, rule: func() string { return v.say(ruleAgreed, began) }, amount: c.Promised, hasAmount: true, until: c.PromiseUntil,
			advice: func() string { return v.say(adviseProgress, n.money(c.Promised)) }}, true
	case began != scoring.NoDay && c.PromiseLevel > 0 && c.PromiseBroke >= began:
		return review{kind: reviewFailed, rule: func() string { return v.say(ruleAgreedMissed, began) }, advice: func() string { return v.say(adviseEnd) }}, true
	case began != scoring.NoDay && n.asOf-began < programmeKept && c.PromiseLevel == 0 && c.Overdue == 0:
		return review{kind: reviewRestored, rule: func() string { return v.say(ruleAgreedCame, began) }, advice: func() string { return v.say(adviseRestore) }}, true
	case began == scoring.NoDay && float64(c.serious) >= n.ease(c, reviewStart, float64(p.ProgrammePastDue)) && c.Collectable > 0 && c.PromiseUntil == scoring.NoDay && !n.withAgency(c.customer) &&
		(c.Margin > 0 || c.Master.Relationship == scoring.Strategic) && c.Master.Relationship != scoring.Minor:
		return review{kind: reviewStart, rule: func() string { return v.say(ruleKeep, c.serious, p.ProgrammePastDue) },
			amount: c.Collectable, hasAmount: true, until: n.calendar.Roll(n.asOf+scoring.Day(p.ProgrammeDays), scoring.RollFollowing),
			advice: func() string { return v.say(adviseProgramme, n.money(c.Collectable), p.ProgrammeDays) }}, true
	}
	return review{}, false
}

// reviewAgency compares what the agencies' results leave of the account after their fee with what is
// recovered without them. What is with an agency is not placed again before that has ended, nor with the same one.
func (n *night) reviewAgency(c *reviewed) (review, bool) {
	p := &n.cfg.Reviews
	demanded := slices.ContainsFunc(c.Taken, func(t scoring.Taken) bool { return t.Action == "demand" && t.Reached && t.On >= n.spell(c.customer) })
	if float64(c.serious) < n.ease(c, reviewAgency, float64(p.AgencyPastDue)) || len(p.Agencies) == 0 || n.withAgency(c.customer) || !demanded || c.Collectable <= 0 || c.Master.Insolvent {
		return review{}, false
	}
	type offer struct {
		name string
		net  float64
	}
	var offers []offer
	for _, a := range n.agencies() {
		if c.Collectable >= a.MinAmount && !c.Placed.Had(a.Name, n.spell(c.customer)) {
			offers = append(offers, offer{a.Name, float64(c.Collectable) * n.netOf(c.customer, int32(c.serious), &a)})
		}
	}
	slices.SortStableFunc(offers, func(a, b offer) int { return -cmp.Compare(a.net, b.net) })
	own := n.ownRecovery(c.customer)
	if len(offers) == 0 || offers[0].net <= own {
		return review{}, false
	}
	return review{kind: reviewAgency, rule: func() string {
		var list []string
		for _, o := range offers {
			list = append(list, o.name+" "+n.money(int64(math.Round(o.net))))
		}
		return n.voc().say(ruleNet, strings.Join(list, ", "), n.money(int64(math.Round(own))))
	},
		amount: c.Collectable, hasAmount: true, advice: func() string { return n.voc().say(adviseAgency, offers[0].name) }}, true
}

// ownRecovery is what is recovered of the collectable amount without an agency: paid within the horizon,
// and the tail of the rest.
func (n *night) ownRecovery(c *customer) float64 {
	if len(c.options) == 0 {
		return 0
	}
	paid, tail := c.options[0].Paid, 0.0
	for _, p := range n.cfg.Risk.Tail {
		if int(c.PastDueMax)+n.cfg.Risk.Horizon >= p.Days {
			tail = p.Share
		}
	}
	return float64(c.Collectable) * (paid + float64((1-paid)*tail))
}

// reviewTell reports a threshold crossed since the night before.
func (n *night) reviewTell(c *reviewed) (review, bool) {
	b, p, v := &c.before, &n.cfg.Reviews, n.voc()
	if !b.known || max(c.Exposure, b.exposure) < n.minor(p.TellExposure) {
		return review{}, false
	}
	var what []string
	for _, days := range p.TellPastDue {
		switch d := int32(days); {
		case b.pastDueMax < d && c.PastDueMax >= d:
			what = append(what, v.say(ruleReached, days))
		case b.pastDueMax >= d && c.PastDueMax < d:
			what = append(what, v.say(ruleBelow, days))
		}
	}
	use := ratio(c.Exposure, c.Limit, c.HasLimit)
	switch {
	case b.utilization < p.TellUse && use >= p.TellUse:
		what = append(what, v.say(ruleUses, v.share(use, 0), v.share(b.utilization, 0)))
	case b.utilization >= p.TellUse && use < p.TellUse:
		what = append(what, v.say(ruleWithinLimit, v.share(use, 0)))
	}
	if worse := gradeSteps(b.grade, c.grade); worse >= 2 || worse <= -2 || worse == 1 && c.grade >= "D" {
		what = append(what, v.say(ruleGrade, c.grade, b.grade))
	}
	if len(what) == 0 {
		return review{}, false
	}
	return review{kind: reviewTell, rule: func() string { return strings.Join(what, v.and) }, advice: func() string { return v.say(adviseChanged, n.previous.asOf) }}, true
}

// gradeSteps is by how many grades a customer got worse; 0 where a grade is not known.
func gradeSteps(before, now string) int {
	if before == "" || now == "" {
		return 0
	}
	return int(now[0]) - int(before[0])
}
