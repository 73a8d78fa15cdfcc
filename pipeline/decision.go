package pipeline

import (
	"cmp"

	"kaishu/scoring"
	"kaishu/scoring/treatment"
)

// decision is what is decided about a customer, and what it takes to decide over all customers at once: all that
// a night keeps of each in memory beside the book.
type decision struct {
	id          string
	at          int   // index into night.cases
	key         int32 // index into night.keys
	pastDue     int32 // PastDueMax
	open        int64
	overdue     int64
	collectable int64

	choices []allowed // of the options those that nothing forbids, in the order of the menu
	rank    int       // place on the worklist, from 1; 0 is not on it
	chosen  int       // action: index into the menu and the customer's options, -1 without
	draw    *draw     // near the cut line, where something is left to the lot
	held    bool      // by the lot, out of everything optional
	out     bool      // and nothing is owed: all options are forbidden
	talks   bool      // a talk is worth its price: formal letters are forbidden
	duty    string    // what is owed to the customer, "" for nothing
	turn    int       // place on the collector's own list, from 1

	team      int // of those who can work it: index into crew.teams
	collector string
	effort    float64 // price of the chosen option's effort, minor units
}

// decide is a decision about which nothing is decided yet. The id is a text of its own.
func decide(a *scoring.Account, id string, key int32) decision {
	return decision{id: id, key: key, pastDue: a.PastDueMax, open: a.Open, overdue: a.Overdue, collectable: a.Collectable, chosen: -1}
}

// allowed is an option that nothing forbids, as far as it takes part in the plan.
type allowed struct {
	action  int32 // of the menu
	value   int64
	units   int64
	minutes float64
}

// allow picks the options that nothing forbids.
func allow(options []treatment.Option) []allowed {
	free := 0
	for i := range options {
		if options[i].BlockedBy == treatment.Free {
			free++
		}
	}
	if free == 0 {
		return nil
	}
	out := make([]allowed, 0, free)
	for i := range options {
		if o := &options[i]; o.BlockedBy == treatment.Free {
			out = append(out, allowed{int32(o.Action), o.Value, o.Units, o.Minutes})
		}
	}
	return out
}

// choice is the allowed option of an action.
func (d *decision) choice(action int) *allowed {
	for k := range d.choices {
		if int(d.choices[k].action) == action {
			return &d.choices[k]
		}
	}
	return nil
}

// pick is the option that is chosen.
func (d *decision) pick() *allowed { return d.choice(d.chosen) }

// inOrder compares decisions by the bytes of the customers' ids.
func inOrder(a, b *decision) int { return cmp.Compare(a.id, b.id) }
