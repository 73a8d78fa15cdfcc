package pipeline

import "kaishu/pipeline/config"

// The parts of what to say that depend on the action and on what the customer said.

// sayInside is what a row asks for that is no talk with the customer, "" for all others.
func (n *night) sayInside(c *customer) string {
	act, v := n.chosen(c.decision), n.voc()
	switch {
	case act.Disputed:
		say := v.say(sayResolve, n.money(n.ask(c)))
		if c.Collectable > 0 {
			say += v.and + v.say(sayUndisputed, n.money(c.Collectable))
		}
		return say
	case act.Channel == "agency":
		return v.say(sayAgency)
	case act.Channel == "legal":
		return v.say(sayLegal)
	}
	return ""
}

// offer is what the chosen action offers, by its name in the configuration.
func (n *night) offer(c *customer) string {
	if a := n.cfg.Actions.Find(n.chosen(c.decision).Name); a != nil {
		return a.Offer
	}
	return config.OfferNone
}

// sayOffer is what the action offers besides.
func (n *night) sayOffer(c *customer) string {
	act, v := n.chosen(c.decision), n.voc()
	switch offer := n.offer(c); {
	case act.Channel == "meeting" && offer == config.OfferNone:
		return v.say(sayMeeting)
	case offer == config.OfferInstalments:
		part := (n.ask(c) + instalmentsInAll - 1) / instalmentsInAll
		return v.say(sayInstalments, n.money(n.ask(c)), instalmentsInAll, n.money(part))
	case offer == config.OfferTerms:
		return v.say(sayTerms)
	}
	return ""
}

// sayReason is the latest reason for the arrears and what follows from it.
func (n *night) sayReason(c *customer) string {
	v := n.voc()
	switch c.Reason {
	case "", "forgot":
		return ""
	case "cash_flow", "hardship", "accident":
		said := v.say(map[string]phrase{"cash_flow": saidCash, "hardship": saidHardship, "accident": saidAccident}[c.Reason])
		if n.offer(c) != config.OfferNone {
			return said
		}
		return v.say(sayPart, said)
	case "dispute":
		return v.say(sayDispute)
	case "unreachable":
		return v.say(sayUnreachable)
	case "unwilling":
		return v.say(sayUnwilling)
	}
	return v.say(sayReason, v.name(c.Reason))
}
