package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/treatment"
)

// What a row of the worklist says to the person who works it.

// askDays is the business days that a customer is given to pay.
const askDays = 5

// askBy is the date by which payment is asked for: a few business days from the day of work or, of a
// reminder before the due date, the due date of the first item.
func (n *night) askBy(c *customer) scoring.Day {
	by := n.calendar.Add(n.workDay, askDays)
	if c.Overdue > 0 {
		return by
	}
	for k := range c.Items {
		if it := &c.Items[k]; it.Open > 0 {
			return max(it.Due, n.workDay)
		}
	}
	return by
}

// spell is the first day of the running spell of arrears, the day of work without one.
func (n *night) spell(c *customer) scoring.Day {
	if c.PastDueMax <= 0 {
		return n.workDay
	}
	return n.asOf - scoring.Day(c.PastDueMax)
}

// contactsSince counts the contacts since a day, and the talks among the latest of them that reached
// nobody.
func (n *night) contactsSince(c *customer, since scoring.Day) (contacts, missed int) {
	reached := false
	for i := len(c.Taken) - 1; i >= 0 && c.Taken[i].On >= since; i-- {
		contacts++
		reached = reached || c.Taken[i].Reached
		if !reached {
			missed++
		}
	}
	return contacts, missed
}

const (
	friendly = "friendly"
	neutral  = "neutral"
	firm     = "firm"
	formal   = "formal"
)

// tone is how to speak: what a rule of the house says, else the action's own tone, gentler the first time
// in a spell and with customers worth keeping, firmer after broken promises and unanswered contacts. What
// is formal stays so.
func (n *night) tone(c *customer) string {
	o := &c.options[c.chosen]
	act := &n.menu.Actions[o.Action]
	contacts, _ := n.contactsSince(c, n.spell(c))
	switch {
	case o.Tone != "":
		return o.Tone
	case act.Tone == formal:
		return formal
	case n.offer(c) != config.OfferNone:
		return act.Tone // nobody offers with a raised finger
	case contacts == 0 && c.PromiseLevel == 0:
		return friendly // assume that it was forgotten
	case c.PromiseLevel >= 2 || c.PastDueMax > 60 && contacts >= 3 && c.Master.Relationship != scoring.Strategic:
		return firm
	case c.Master.Relationship == scoring.Strategic && act.Tone == firm:
		return neutral
	}
	return act.Tone
}

// whyChosen is the decision in words: what the action adds, and for how much work.
func (n *night) whyChosen(c *customer) string {
	o, v := &c.options[c.chosen], n.voc()
	duty := ""
	switch c.duty {
	case dutyCallBack:
		duty = v.say(whyCallBack, c.CallBack)
	case dutyBroken:
		duty = v.say(whyBroken, c.PromiseBroke)
	case dutyCoverage:
		duty = v.say(whyCoverage, v.count(int32(n.cfg.Policy.CoverDays), unitDay))
	}
	if c.draw.randomised() {
		duty = v.say(whyLot)
	}
	before, after := v.shares(o.Paid, o.PaidAction)
	return duty + v.say(whyAdds, v.name(n.menu.Actions[o.Action].Name), n.money(o.Value),
		v.count(n.menu.Horizon(o.Action), unitDay), before, after, v.minutes(o.Minutes))
}

// shares writes two probabilities with as many decimals as it takes to tell them apart, two at most.
func (v *vocabulary) shares(a, b float64) (before, after string) {
	for decimals := range 3 {
		before, after = v.share(a, decimals), v.share(b, decimals)
		if before != after {
			break
		}
	}
	return before, after
}

func (v *vocabulary) minutes(m float64) string {
	if m < 1 {
		return v.say(underAMinute)
	}
	return v.say(someMinutes, m)
}

// contact is whom to turn to, and where: the next name on the customer's list when the last attempts
// reached nobody.
func (n *night) contact(c *customer) string {
	act := n.chosen(c.decision)
	names := contactNames(c)
	where := ""
	switch act.Channel {
	case "email":
		where = c.Master.Email
	case "call":
		where = c.Master.Phone
	case "meeting":
		where = c.Master.Email
	case "internal":
		where = c.Master.Phone
	case "agency":
		return c.options[c.chosen].Agency
	}
	if len(names) == 0 {
		return where
	}
	_, missed := n.contactsSince(c, n.asOf-60)
	who := n.person(c)
	if where != "" {
		who += ", " + where
	}
	switch {
	case len(names) == 1:
	case missed == 1:
		who += n.voc().say(lastMissed)
	case missed > 1:
		who += n.voc().say(lastsMissed, missed)
	}
	return who
}

// contactNames are the people on the customer's list, in its order.
func contactNames(c *customer) []string {
	var names []string
	for _, name := range strings.Split(c.Master.Contacts, ";") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// person is whom to turn to by name, "" for nobody in particular.
func (n *night) person(c *customer) string {
	names := contactNames(c)
	if len(names) == 0 {
		return ""
	}
	_, missed := n.contactsSince(c, n.asOf-60)
	return names[missed%len(names)]
}

// nextStep is what would follow if this action does not help, and from when.
func (n *night) nextStep(t *treatment.Case, c *customer) string {
	n.fill(t, c)
	v := n.voc()
	next, from := n.menu.Next(t, c.options[c.chosen].Action)
	if next < 0 {
		return v.say(stepReview, from)
	}
	return v.say(stepAction, v.name(n.menu.Actions[next].Name), from)
}

// rowReasons are the reasons of a row: those of the model, or what the record says.
func (n *night) rowReasons(c *customer) []string {
	if len(c.reasons) > 0 {
		return c.reasons
	}
	if c.PastDueMax > 0 {
		return []string{n.words(c, hazard.Ageing)}
	}
	return []string{n.lateness(&c.Account, "")}
}

// headline is the one thing to know about a row.
func (n *night) headline(c *customer) string {
	if c.duty != "" {
		return n.voc().say(owed, n.voc().name(c.duty))
	}
	return n.rowReasons(c)[0]
}

// say is what to talk about: the customer's own pattern, what was said last, and what stands between
// it and paying. Short and courteous; nothing that threatens.
func (n *night) say(c *customer) string {
	v := n.voc()
	var out []string
	add := func(p phrase, args ...any) { out = append(out, v.say(p, args...)) }
	contacts, _ := n.contactsSince(c, n.spell(c))
	if inside := n.sayInside(c); inside != "" {
		return inside // not to the customer
	}
	switch {
	case c.duty == dutyCallBack:
		add(sayCallBack)
	case c.duty == dutyBroken, c.PromiseLevel > 0:
		add(sayBroken)
	case c.PastDueMax <= 0:
		add(sayDueSoon, v.count(int32(len(strings.Split(n.itemList(c), ";"))), unitItem))
	case contacts == 0 && c.PastDueMax <= 30:
		add(sayOverlooked)
	case contacts == 0:
		add(sayFirst)
	case contacts == 1:
		add(sayAgain)
	default:
		add(sayOften, contacts)
	}
	if offer := n.sayOffer(c); offer != "" {
		out = append(out, offer)
	}
	if reason := n.sayReason(c); reason != "" {
		out = append(out, reason)
	}
	if p := n.pattern(&c.Account); p != "" {
		out = append(out, p)
	}
	if c.Unapplied > 0 && c.Unapplied >= n.minor(n.cfg.Policy.Materiality) {
		add(sayOnAccount, n.money(c.Unapplied))
	}
	if c.Disputed > 0 && n.cfg.Policy.WaitDispute {
		add(sayLeftOut, n.money(c.Disputed))
	}
	if c.Settled >= 5 && float64(c.Delays-c.OpenOverdue) <= .1*float64(c.Settled) && c.PastDueMax > 0 {
		add(sayReliable)
	}
	if channel := n.chosen(c.decision).Channel; channel == "call" || channel == "visit" || channel == "meeting" {
		if how := n.sayHowToPay(c); how != "" {
			out = append(out, how)
		}
	}
	return strings.Join(out, v.and)
}

// pattern is when the customer usually pays, "" without a pattern.
func (n *night) pattern(a *scoring.Account) string {
	v := n.voc()
	switch {
	case a.PayMonthDay >= 28:
		return v.say(paysMonthEnd)
	case a.PayMonthDay > 0:
		return v.say(paysOnDay, ordinal(int(a.PayMonthDay)), a.PayMonthDay)
	case a.PayWeekday >= 0 && int(a.PayWeekday) < len(v.weekdays) && a.Settled > 0:
		return v.say(paysOnWeekday, v.weekdays[a.PayWeekday])
	}
	return ""
}

// ordinal is a day of the month in English.
func ordinal(d int) string {
	end := "th"
	if d/10 != 1 {
		switch d % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return fmt.Sprintf("%d%s", d, end)
}

// moved says why the row stands where it does against the night before; "" on a first night.
func (n *night) moved(c *customer) string {
	if n.previous == nil {
		return ""
	}
	b, o, v := n.before[c.Customer], &c.options[c.chosen], n.voc()
	action := n.menu.Actions[o.Action].Name
	switch {
	case !b.known:
		return v.say(movedNew)
	case b.rank == 0 && b.why != "":
		return v.say(movedLeftAlone, v.name(b.why))
	case b.rank == 0:
		return v.say(movedDue)
	case c.duty != "":
		return v.say(movedDuty, v.name(c.duty))
	case b.action != action:
		return v.say(movedAction, v.name(b.action), v.name(action))
	case c.Collectable > b.collectable:
		return v.say(movedMore, n.money(c.Collectable-b.collectable))
	case c.Collectable < b.collectable:
		return v.say(movedLess, n.money(b.collectable-c.Collectable))
	case int32(c.rank) == b.rank:
		return v.say(movedNot)
	}
	if before, now := v.shares(b.paid, o.Paid); before != now {
		return v.say(movedSelf, now, before)
	}
	return v.say(movedOthers)
}

// fillWorklist writes the worklist, in order of rank.
func (n *night) fillWorklist(s *sheet, full func() error) error {
	t := n.newCase()
	return n.eachOf(n.worklist, func(c *customer) error {
		o := &c.options[c.chosen]
		act := &n.menu.Actions[o.Action]
		s.int(int32(c.rank)).text(c.Customer).maybeText(c.Master.Name).text(act.Name).text(act.Channel).text(n.tone(c)).maybeText(c.collector).
			money(n.ask(c)).day(n.askBy(c)).money(o.Value).share(o.Minutes).share(c.perEffort()).text(n.currency.String()).
			int(c.PastDueMax).money(c.Open).money(c.Collectable).share(o.Paid).share(o.PaidAction).share(c.score)
		reasons := n.rowReasons(c)
		for i := range 4 {
			if i < len(reasons) {
				s.text(reasons[i])
			} else {
				s.null()
			}
		}
		s.text(n.whyChosen(c)).maybeText(n.contact(c)).text(n.nextStep(t, c)).text(n.itemList(c))
		if b := n.before[c.Customer]; b.rank > 0 {
			s.int(b.rank)
		} else {
			s.null()
		}
		s.maybeText(n.moved(c)).maybeText(c.duty).int(int32(c.turn)).text(n.say(c)).text(n.effectSource(c.decision, o)).bool(c.draw.randomised()).row()
		return full()
	})
}

// valueColumns are the columns of values.parquet: what each item adds to the value of a chosen action. That of
// late interest is there only where some of it is taken to be collected.
func valueColumns(interest bool) []table.OutColumn {
	columns := []table.OutColumn{
		str("customer_id"), str("action"), str("invoice_id"), onum("instalment"), num("days_past_due"),
		dbl("claim"), dbl("p_paid_30"), dbl("multiplier"), dbl("reach"), dbl("promise"), dbl("p_paid"), dbl("p_paid_action"), dbl("discount"), dbl("tail"), dbl("sooner"), dbl("value"), dbl("part_payment"),
		dbl("menu_multiplier"), dbl("reason_factor"), dbl("self_cure_factor"), dbl("fatigue_factor"),
	}
	if interest {
		columns = append(columns, dbl("interest"))
	}
	return columns
}

// fillValues writes what the values of the chosen actions are made of; amounts in units of the
// reporting currency, unrounded.
func (n *night) fillValues(s *sheet, full func() error) error {
	t := n.newCase()
	var parts []treatment.Part
	list := slices.Clone(n.worklist)
	slices.SortFunc(list, inOrder)
	return n.eachOf(list, func(c *customer) error {
		o := &c.options[c.chosen]
		n.fill(t, c)
		t.Curves = n.curves(c, t.Curves[:0])
		parts = n.menu.Parts(t, int32(n.cfg.Ledger.Horizon), o.Action, parts[:0])
		for i := range parts {
			p := &parts[i]
			it := &c.Items[p.Item]
			s.text(c.Customer).text(n.menu.Actions[o.Action].Name).text(it.ID)
			if it.Instalment > 0 {
				s.int(it.Instalment)
			} else {
				s.null()
			}
			s.int(it.PastDue).share(p.Claim / n.unit()).share(p.Self).share(p.Multiplier).share(p.Reach).share(p.Promise).share(p.Paid).share(p.PaidAction).
				share(p.Discount).share(p.Tail).share(p.Sooner).share(p.Value / n.unit()).share(p.Part).
				share(p.Menu).share(p.Reason).share(p.SelfCure).share(p.Fatigue)
			if n.cfg.Interest.Collectable > 0 {
				s.share(p.Interest / n.unit())
			}
			s.row()
		}
		return full()
	})
}
