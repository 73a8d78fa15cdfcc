package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// Recommendations to credit managers. Each is one row of reviews.parquet; nothing here acts.
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

// review is one recommendation: what is proposed, the rule that fired with its figures, and the
// amount it is about, minor units.
type review struct {
	kind, rule string
	amount     int64 // the limit proposed, the amount to agree on, to secure, to place
	hasAmount  bool
	until      scoring.Day
	advice     string
}

func reviewColumns(base int) []table.OutColumn {
	return []table.OutColumn{
		str("customer_id"), ostr("name"), str("review"), {Name: "new", Type: table.OutBool}, str("rule"), str("advice"), odec("amount", base), odate("until"), str("currency"),
		dec("exposure", base), odec("credit_limit", base), odbl("utilization"), num("days_past_due_max"), odbl("p_90dpd"), odbl("score"), ostr("risk_grade"),
		ostr("reason_1"), ostr("reason_2"), ostr("reason_3"), ostr("reason_4"),
	}
}

// fillReviews writes the recommendations, by customer.
func (n *night) fillReviews(s *sheet, full func() error) error {
	var list []review
	for _, c := range n.cases {
		list = n.reviews(c, list[:0])
		for i := range list {
			r := &list[i]
			s.text(c.Customer).maybeText(c.Master.Name).text(r.kind).bool(!slices.Contains(n.before[c.Customer].reviews, r.kind)).text(r.rule).text(r.advice).maybeMoney(r.amount, r.hasAmount).
				day(r.until).text(n.currency.String()).
				money(c.Exposure).maybeMoney(c.Limit, c.HasLimit).share(ratio(c.Exposure, c.Limit, c.HasLimit)).int(c.PastDueMax).share(c.p90).share(c.score).maybeText(c.grade)
			reasons := n.rowReasons(c)
			for k := range 4 {
				if k < len(reasons) {
					s.text(reasons[k])
				} else {
					s.null()
				}
			}
			s.row()
		}
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// reviews appends what is recommended about a customer.
func (n *night) reviews(c *customer, out []review) []review {
	for _, find := range []func(*customer) (review, bool){
		n.reviewLimit, n.reviewPrepayment, n.reviewInstalments, n.reviewSecurity, n.reviewDelivery, n.reviewReward,
		n.reviewProgramme, n.reviewAgency, n.reviewTell,
	} {
		if r, ok := find(c); ok {
			if r.until == 0 {
				r.until = scoring.NoDay
			}
			out = append(out, r)
		}
	}
	return out
}

func (n *night) money(v int64) string {
	return scoring.FormatAmount(v, n.currency) + " " + n.currency.String()
}

// reviewLimit proposes a lower limit when risk has risen, else a higher one after a run of good behaviour.
func (n *night) reviewLimit(c *customer) (review, bool) {
	p := &n.cfg.Reviews
	if !c.HasLimit || c.Limit <= 0 {
		return review{}, false
	}
	rule := ""
	switch {
	case n.serious(c) >= p.CutPastDue:
		rule = fmt.Sprintf("oldest item %d days past due, %d or more", n.serious(c), p.CutPastDue)
	case c.p90 >= p.CutRisk && n.serious(c) > 0:
		rule = fmt.Sprintf("P(90+ days past due) %.2f, %.2f or more", c.p90, p.CutRisk)
	case int(c.PromiseLevel) >= p.CutBroken:
		rule = fmt.Sprintf("%d promises broken in a row, %d or more", c.PromiseLevel, p.CutBroken)
	}
	if rule != "" {
		to := n.round(float64(c.Limit) * (1 - p.CutStep))
		return review{kind: reviewCut, rule: rule, amount: to, hasAmount: true,
			advice: fmt.Sprintf("lower the limit from %s to %s", n.money(c.Limit), n.money(to))}, true
	}
	delays := ratio(int64(c.Delays), int64(c.Settled)+int64(c.OpenOverdue), true)
	use := float64(c.Exposure) / float64(c.Limit)
	if c.Overdue == 0 && int(c.Settled) >= p.RaiseSettled && delays <= p.RaiseDelays && use >= p.RaiseUse && c.PromiseLevel == 0 {
		to := n.round(float64(c.Limit) * (1 + p.RaiseStep))
		return review{kind: reviewRaise, rule: fmt.Sprintf("%d settled, %.0f %% delays, uses %.0f %%, nothing overdue", c.Settled, 100*delays, 100*use), amount: to, hasAmount: true,
			advice: fmt.Sprintf("raise the limit from %s to %s", n.money(c.Limit), n.money(to))}, true
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

func (n *night) reviewPrepayment(c *customer) (review, bool) {
	p := &n.cfg.Reviews
	if n.serious(c) < p.PrepayPastDue || !(c.p90 >= p.PrepayRisk) {
		return review{}, false
	}
	return review{kind: reviewPrepay, rule: fmt.Sprintf("P(90+ days past due) %.2f, %.2f or more; %d days past due", c.p90, p.PrepayRisk, n.serious(c)),
		advice: "deliver against prepayment until the overdue items are settled"}, true
}

// serious is the age, in days past due, at which the undisputed debt, counted from the oldest item and
// less what is on account, comes to the least amount that a review speaks of; 0 when it never does.
func (n *night) serious(c *customer) int {
	sum := -c.Unapplied
	for i := range c.Items {
		it := &c.Items[i]
		if it.Open <= 0 || it.PastDue <= 0 {
			continue
		}
		sum += it.OpenBase - int64(float64(it.OpenBase)*float64(it.Disputed)/float64(it.Open))
		if sum >= n.minor(n.cfg.Reviews.MinOverdue) {
			return int(it.PastDue)
		}
	}
	return 0
}

// squeezed reports whether the customer said that it lacks the money.
func squeezed(c *customer) bool { return c.Reason == "cash_flow" || c.Reason == "hardship" }

// reviewInstalments offers a plan to customers who were reliable, or who say that they lack the money.
func (n *night) reviewInstalments(c *customer) (review, bool) {
	p := &n.cfg.Reviews
	if n.serious(c) < p.PlanPastDue || c.PromiseUntil != scoring.NoDay || c.Collectable <= 0 || c.PromiseLevel > 0 {
		return review{}, false
	}
	delays := ratio(int64(c.Delays-c.OpenOverdue), int64(c.Settled), true)
	var rule string
	switch {
	case squeezed(c):
		rule = "said " + strings.ReplaceAll(c.Reason, "_", " ")
	case c.Settled >= 5 && delays <= p.PlanDelays:
		rule = fmt.Sprintf("late with %.0f %% of %d settled invoices, %.0f %% or less", 100*delays, c.Settled, 100*p.PlanDelays)
	default:
		return review{}, false
	}
	part := (c.Collectable + instalmentsInAll - 1) / instalmentsInAll
	return review{kind: reviewPlan, rule: rule, amount: part, hasAmount: true,
		advice: fmt.Sprintf("offer to pay %s in %d instalments", n.money(c.Collectable), instalmentsInAll)}, true
}

func (n *night) reviewSecurity(c *customer) (review, bool) {
	limit := n.minor(n.cfg.Reviews.SecurityLoss)
	if c.loss < limit || c.loss <= 0 || c.Master.Guarantor != "" || c.Collateral > 0 {
		return review{}, false
	}
	return review{kind: reviewSecurity, rule: fmt.Sprintf("expected loss %s, %s or more, and no security", n.money(c.loss), n.money(limit)),
		amount: max(c.Exposure, 0), hasAmount: true, advice: "ask for a guarantor or collateral"}, true
}

// reviewDelivery proposes a hold when polite reminders went unanswered, and the release of one
// proposed the night before.
func (n *night) reviewDelivery(c *customer) (review, bool) {
	p := &n.cfg.Reviews
	reminders := 0
	since := max(n.spell(c), c.LastPayment+1)
	for i := range c.Taken {
		if t := &c.Taken[i]; t.On >= since && t.Reached {
			reminders++
		}
	}
	if n.serious(c) >= p.HoldPastDue && reminders >= p.HoldReminders && c.PromiseUntil == scoring.NoDay && c.Collectable > 0 {
		return review{kind: reviewHold, rule: fmt.Sprintf("%d reminders without a payment since, oldest item %d days past due", reminders, n.serious(c)),
			amount: c.Collectable, hasAmount: true, advice: "hold new deliveries, and tell the customer what lifts the hold"}, true
	}
	if slices.Contains(n.before[c.Customer].reviews, reviewHold) {
		return review{kind: reviewRelease, rule: "what led to the hold has gone", advice: "release deliveries"}, true
	}
	return review{}, false
}

func (n *night) reviewReward(c *customer) (review, bool) {
	p := &n.cfg.Reviews
	if c.Overdue > 0 || c.OpenItems == 0 || int(c.Settled) < p.RewardSettled || !(c.DaysLateMean <= -p.RewardEarly) {
		return review{}, false
	}
	return review{kind: reviewReward, rule: fmt.Sprintf("%d settled, %.1f days early on average", c.Settled, -c.DaysLateMean),
		advice: "say thank you; offer a discount for early payment"}, true
}

// reviewProgramme follows a recovery programme: the latest activity of that name began it, and its
// promise, watched like any other, is the amount within the period.
func (n *night) reviewProgramme(c *customer) (review, bool) {
	p := &n.cfg.Reviews
	began := scoring.NoDay
	for i := range c.Taken {
		if c.Taken[i].Action == programmeAction {
			began = c.Taken[i].On
		}
	}
	switch {
	case began != scoring.NoDay && c.PromiseUntil != scoring.NoDay:
		return review{kind: reviewProgress, rule: "agreed on " + began.String(), amount: c.Promised, hasAmount: true, until: c.PromiseUntil,
			advice: n.money(c.Promised) + " of the agreed amount is still to come"}, true
	case began != scoring.NoDay && c.PromiseLevel > 0 && c.PromiseBroke >= began:
		return review{kind: reviewFailed, rule: "the amount agreed on " + began.String() + " did not come in time", advice: "end the programme; review terms and security"}, true
	case began != scoring.NoDay && n.asOf-began < programmeKept && c.PromiseLevel == 0 && c.Overdue == 0:
		return review{kind: reviewRestored, rule: "the amount agreed on " + began.String() + " came in", advice: "restore the terms from before"}, true
	case began == scoring.NoDay && n.serious(c) >= p.ProgrammePastDue && c.Collectable > 0 && c.PromiseUntil == scoring.NoDay &&
		(c.Margin > 0 || c.Master.Relationship == scoring.Strategic) && c.Master.Relationship != scoring.Minor:
		return review{kind: reviewStart, rule: fmt.Sprintf("oldest item %d days past due, %d or more, of a customer worth keeping", n.serious(c), p.ProgrammePastDue),
			amount: c.Collectable, hasAmount: true, until: n.calendar.Roll(n.asOf+scoring.Day(p.ProgrammeDays), scoring.RollFollowing),
			advice: fmt.Sprintf("agree that %s within %d days restores the terms", n.money(c.Collectable), p.ProgrammeDays)}, true
	}
	return review{}, false
}

// reviewAgency compares what the agencies' results leave of the account after their fee with what is
// recovered without them.
func (n *night) reviewAgency(c *customer) (review, bool) {
	p := &n.cfg.Reviews
	demanded := slices.ContainsFunc(c.Taken, func(t scoring.Taken) bool { return t.Action == "demand" && t.Reached && t.On >= n.spell(c) })
	if n.serious(c) < p.AgencyPastDue || len(p.Agencies) == 0 || !demanded || c.Collectable <= 0 || c.Master.Insolvent {
		return review{}, false
	}
	type offer struct {
		name string
		net  float64
	}
	var offers []offer
	for _, a := range p.Agencies {
		share := 0.0
		for _, point := range a.Recovery {
			if n.serious(c) >= point.Days {
				share = point.Share
			}
		}
		if c.Collectable >= n.minor(a.MinAmount) {
			offers = append(offers, offer{a.Name, float64(c.Collectable) * share * (1 - a.Fee)})
		}
	}
	slices.SortStableFunc(offers, func(a, b offer) int { return -cmp.Compare(a.net, b.net) })
	own := n.ownRecovery(c)
	if len(offers) == 0 || offers[0].net <= own {
		return review{}, false
	}
	var list []string
	for _, o := range offers {
		list = append(list, o.name+" "+n.money(int64(math.Round(o.net))))
	}
	return review{kind: reviewAgency, rule: fmt.Sprintf("net of fees: %s; without: %s", strings.Join(list, ", "), n.money(int64(math.Round(own)))),
		amount: c.Collectable, hasAmount: true, advice: "place with " + offers[0].name}, true
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
func (n *night) reviewTell(c *customer) (review, bool) {
	b, p := n.before[c.Customer], &n.cfg.Reviews
	if !b.known {
		return review{}, false
	}
	var what []string
	for _, days := range p.TellPastDue {
		switch d := int32(days); {
		case b.pastDueMax < d && c.PastDueMax >= d:
			what = append(what, fmt.Sprintf("reached %d days past due", days))
		case b.pastDueMax >= d && c.PastDueMax < d:
			what = append(what, fmt.Sprintf("is below %d days past due again", days))
		}
	}
	use := ratio(c.Exposure, c.Limit, c.HasLimit)
	switch {
	case b.utilization < p.TellUse && use >= p.TellUse:
		what = append(what, fmt.Sprintf("uses %.0f %% of its limit, was %.0f %%", 100*use, 100*b.utilization))
	case b.utilization >= p.TellUse && use < p.TellUse:
		what = append(what, fmt.Sprintf("is within its limit again: %.0f %%", 100*use))
	}
	if b.grade != c.grade && b.grade != "" {
		what = append(what, fmt.Sprintf("grade %s, was %s", c.grade, b.grade))
	}
	if len(what) == 0 {
		return review{}, false
	}
	return review{kind: reviewTell, rule: strings.Join(what, "; "), advice: "changed since " + n.previous.asOf}, true
}
