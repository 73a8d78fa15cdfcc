package pipeline

import (
	"strings"

	"kaishu/scoring"
)

// arena moves the strings of accounts out of the shard's rows, so that those can be freed: it
// collects pointers to them and gives them all one new backing.
type arena struct {
	at   []*string
	size int
}

func (a *arena) text(s *string) {
	if *s != "" {
		a.at = append(a.at, s)
		a.size += len(*s)
	}
}

func (a *arena) account(c *scoring.Account) {
	m := &c.Master
	for _, s := range []*string{&c.Customer, &c.Reason, &m.Customer, &m.Name, &m.Parent, &m.Terms, &m.Segment, &m.Region,
		&m.Language, &m.Collector, &m.Email, &m.Phone, &m.Contacts, &m.Guarantor} {
		a.text(s)
	}
	for i := range c.Items {
		a.text(&c.Items[i].ID)
	}
	if c.Placed != nil {
		a.text(&c.Placed.Agency)
	}
	for i := range c.Taken {
		a.text(&c.Taken[i].Action)
	}
	for i := range c.History {
		a.text(&c.History[i].ID)
	}
}

// settle moves every string collected.
func (a *arena) settle() {
	var b strings.Builder
	b.Grow(a.size)
	for _, s := range a.at {
		b.WriteString(*s)
	}
	all := b.String()
	for _, s := range a.at {
		n := len(*s)
		*s, all = all[:n], all[n:]
	}
	a.at = nil
}
