package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"kaishu/pipeline/letter"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// The letters and e-mails of the worklist, ready to be sent by whoever sends them: kaishu sends nothing.

func letterColumns() []table.OutColumn {
	return []table.OutColumn{
		str("customer_id"), ostr("name"), str("action"), str("channel"), str("kind"), str("language"), ostr("contact"), ostr("email"), str("reference"),
		date("pay_by"), str("subject"), str("body"),
	}
}

// makeLetters prepares the templates.
func (n *night) makeLetters() (err error) {
	if n.letters, err = letter.Parse(n.cfg.Letters.Templates); err != nil {
		return fmt.Errorf("reading the templates of letters: %w", err)
	}
	return nil
}

// fillLetters writes one row per letter or e-mail of the worklist, by customer.
func (n *night) fillLetters(s *sheet, full func() error) error {
	var list []*decision
	for _, c := range n.worklist {
		if channel := n.chosen(c).Channel; channel == "letter" || channel == "email" {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, inOrder)
	return n.eachOf(list, func(c *customer) error {
		act := n.chosen(c.decision)
		kind := n.letterKind(c)
		language := n.letters.Language(n.language(c), kind)
		l := n.letter(c, language)
		subject, body, err := n.letters.Write(language, kind, l)
		if err != nil {
			return fmt.Errorf("writing the letter to %s: %w", c.Customer, err)
		}
		email := ""
		if act.Channel == "email" {
			email = c.Master.Email
		}
		s.text(c.Customer).maybeText(c.Master.Name).text(act.Name).text(act.Channel).text(kind).text(language).maybeText(l.Contact).maybeText(email).
			text(c.Customer).day(l.PayBy).text(subject).text(body).row()
		return full()
	})
}

// letterKind is how the letter speaks: by the tone of the row, and before the due date with a word of its own.
func (n *night) letterKind(c *customer) string {
	switch tone := n.tone(c); {
	case tone == formal:
		return letter.Demand
	case c.Overdue <= 0:
		return letter.PreDue
	case tone == firm:
		return letter.Firm
	}
	return letter.Reminder
}

// language is the customer's, else the house's.
func (n *night) language(c *customer) string {
	if c.Master.Language != "" {
		return c.Master.Language
	}
	return n.cfg.Letters.Language
}

// letter is what a letter to the customer says. Its total in a currency is what is open and not in dispute of
// its overdue items, less what is on account in that currency; what falls due soon is mentioned beside it, but
// where nothing else is left to ask for. Both together are what the row asks for.
func (n *night) letter(c *customer, language string) *letter.Letter {
	contacts, _ := n.contactsSince(c, n.spell(c))
	l := &letter.Letter{Date: n.workDay, Customer: c.Customer, Name: c.Master.Name, Contact: n.person(c), PayBy: n.askBy(c), Contacts: contacts,
		Instructions: n.instructions(language), Sender: n.cfg.Letters.Sender}
	total := func(of scoring.Currency) *letter.Total {
		for i := range l.Totals {
			if l.Totals[i].Ask.Currency == of {
				return &l.Totals[i]
			}
		}
		none := letter.Money{Currency: of}
		l.Totals = append(l.Totals, letter.Total{Items: none, OnAccount: none, Ask: none, Interest: none})
		return &l.Totals[len(l.Totals)-1]
	}
	overdue := c.Overdue > 0 && c.Overdue-c.Disputed > c.Unapplied
	for _, it := range n.concerned(c) {
		ask := it.Open
		if n.cfg.Policy.WaitDispute {
			ask -= it.Disputed
		}
		item := letter.Item{Invoice: it.ID, Issued: it.Issue, Due: it.Due, DaysPastDue: it.PastDue,
			Ask: letter.Money{Minor: ask, Currency: it.Currency}, Interest: letter.Money{Currency: it.Currency}}
		if overdue && it.PastDue <= 0 {
			l.Soon = append(l.Soon, item)
			continue
		}
		t := total(it.Currency)
		t.Items.Minor += ask
		if n.interest != nil {
			item.Interest.Minor, item.Basis = n.interest.ItemInterest(it, n.asOf)
			t.Interest.Minor += item.Interest.Minor
		}
		l.Items = append(l.Items, item)
	}
	for i := range c.Items {
		if it := &c.Items[i]; it.Open < 0 && slices.ContainsFunc(l.Items, func(o letter.Item) bool { return o.Ask.Currency == it.Currency }) {
			total(it.Currency).OnAccount.Minor -= it.Open
		}
	}
	for i := range l.Totals {
		t := &l.Totals[i]
		t.Ask.Minor = t.Items.Minor - t.OnAccount.Minor
	}
	return l
}

// instructions are the ways to pay in a language, else in any that everybody may be able to read.
func (n *night) instructions(language string) string {
	by := n.cfg.Letters.Instructions
	for _, l := range []string{language, letter.Fallback, n.cfg.Letters.Language} {
		if by[l] != "" {
			return by[l]
		}
	}
	return ""
}

// sayHowToPay is the first line of the ways to pay, for who is asked on the phone; "" without any.
func (n *night) sayHowToPay(c *customer) string {
	line, _, _ := strings.Cut(n.instructions(n.language(c)), "\n")
	if line == "" {
		return ""
	}
	return n.voc().say(sayToPay, line)
}
