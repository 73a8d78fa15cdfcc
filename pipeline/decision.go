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

	options []treatment.Option // the whole menu, only for accounts that something can be asked of
	rank    int                // place on the worklist, from 1; 0 is not on it
	chosen  int                // index into options, -1 without
	draw    *draw              // near the cut line, where something is left to the lot
	held    bool               // by the lot, out of everything optional
	duty    string             // what is owed to the customer, "" for nothing
	turn    int                // place on the collector's own list, from 1

	team      int // of those who can work it: index into crew.teams
	collector string
	effort    float64 // price of the chosen option's effort, minor units
	why       string  // of being left alone
	recheck   scoring.Day
}

// decide is a decision about which nothing is decided yet. The id is a text of its own.
func decide(a *scoring.Account, id string, key int32) decision {
	return decision{id: id, key: key, pastDue: a.PastDueMax, open: a.Open, overdue: a.Overdue, collectable: a.Collectable, chosen: -1}
}

// inOrder compares decisions by the bytes of the customers' ids.
func inOrder(a, b *decision) int { return cmp.Compare(a.id, b.id) }
