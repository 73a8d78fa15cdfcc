package pipeline

import (
	"fmt"
	"strings"

	"kaishu/pipeline/config"
)

// The parts of what to say that depend on the action and on what the customer said.

// sayInside is what a row asks for that is no talk with the customer, "" for all others.
func (n *night) sayInside(c *customer) string {
	act := n.chosen(c)
	switch {
	case act.Disputed:
		say := fmt.Sprintf("find out what is wrong with %s in dispute and settle it: correct the invoice, credit it, or show that it is right; then agree on a date",
			n.money(n.ask(c)))
		if c.Collectable > 0 {
			say += fmt.Sprintf("; %s beside it is not in dispute", n.money(c.Collectable))
		}
		return say
	case act.Channel == "agency":
		return "hand over invoices, delivery notes and the record of contacts; tell the customer beforehand, courteously, whom it will hear from"
	case act.Channel == "legal":
		return "hand over invoices, delivery notes, the demand and the record of contacts; a settlement is still better"
	}
	return ""
}

// offer is what the chosen action offers, by its name in the configuration.
func (n *night) offer(c *customer) string {
	if a := n.cfg.Actions.Find(n.chosen(c).Name); a != nil {
		return a.Offer
	}
	return config.OfferNone
}

// sayOffer is what the action offers besides.
func (n *night) sayOffer(c *customer) string {
	act := n.chosen(c)
	switch offer := n.offer(c); {
	case act.Channel == "meeting" && offer == config.OfferNone:
		return "suggest to meet online, with whoever decides on payments"
	case offer == config.OfferInstalments:
		part := (n.ask(c) + instalmentsInAll - 1) / instalmentsInAll
		return fmt.Sprintf("offer to take %s in %d instalments of %s, the first by the date asked for", n.money(n.ask(c)), instalmentsInAll, n.money(part))
	case offer == config.OfferTerms:
		return "ask what has changed; offer terms that it can keep from here on, and instalments for what is open"
	}
	return ""
}

// sayReason is the latest reason for the arrears and what follows from it.
func (n *night) sayReason(c *customer) string {
	switch c.Reason {
	case "", "forgot":
		return ""
	case "cash_flow", "hardship", "accident":
		said := map[string]string{"cash_flow": "said that cash is short", "hardship": "said that it is in hardship", "accident": "said that something happened to it"}[c.Reason]
		if n.offer(c) != config.OfferNone {
			return said
		}
		return said + ": ask what part can come now, offer instalments"
	case "dispute":
		return "has raised a dispute: ask whether it is settled"
	case "unreachable":
		return "has been hard to reach: ask who looks after payments, and when"
	case "unwilling":
		return "did not want to pay last time: stay with the facts, ask for its reasons in writing"
	}
	return "last reason given: " + strings.ReplaceAll(c.Reason, "_", " ")
}
