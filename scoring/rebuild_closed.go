package scoring

import (
	"cmp"
	"slices"
)

// Closed is an item of the invoices export with a balance of zero on the as-of date: a settled
// invoice, a credit note that is used up, or an item that was of nothing from the first.
type Closed struct {
	ID         string
	Instalment int32
	Currency   Currency
	Kind       string // invoice, credit_note, debit_note
	Issue, Due Day
	Amount     int64 // minor units of Currency, negative for credits
	On         Day   // on which the balance reached zero, by value dates; NoDay of an item of nothing
}

// closedAt is the node of a closed item, or one less than minus the index of an even one, and what the order of items begins with.
type closedAt struct {
	due  Day
	node int32
}

// closed lists the closed items in the order of Account.Items.
func (r *Rebuilder) closed() error {
	l := &r.ledger
	at := r.closedAt[:0]
	for i := range l.nodes {
		if n := &l.nodes[i]; n.of != none && n.present && n.open == 0 {
			at = append(at, closedAt{n.due, int32(i)})
		}
	}
	at, err := r.even.closed(at)
	if err != nil {
		return err
	}
	r.closedAt = at
	slices.SortFunc(at, func(x, y closedAt) int {
		if x.due != y.due {
			return cmp.Compare(x.due, y.due)
		}
		id, part := r.closedKey(x.node)
		other, otherPart := r.closedKey(y.node) // no two of an id and instalment are present
		return cmp.Or(cmp.Compare(id, other), cmp.Compare(part, otherPart))
	})
	list := r.closedList[:0]
	for _, c := range at {
		if c.node < 0 {
			list = append(list, r.even.item(int(-1-c.node)))
			continue
		}
		n := &l.nodes[c.node]
		item := Closed{ID: l.id(n), Instalment: n.instalment, Currency: l.sides[n.cur].currency, Kind: n.kindName(),
			Issue: n.value, Due: n.due, Amount: n.amount, On: n.settled}
		if n.class == creditNote {
			item.Amount, item.On = -n.amount, l.usedUp(n)
		}
		list = append(list, item)
	}
	r.closedList, r.out.Closed = list, list
	return nil
}

// closedKey is the id and the instalment of a closed item.
func (r *Rebuilder) closedKey(node int32) (id string, part int32) {
	if node < 0 {
		return r.even.ids[-1-node], 0
	}
	n := &r.ledger.nodes[node]
	return r.ledger.id(n), n.instalment
}

// usedUp is the day, by value dates, from which the whole of a credit covers items that were there by
// then; NoDay of a credit of nothing.
func (l *ledger) usedUp(n *node) Day {
	day := NoDay
	for e := n.edges; e != none; e = l.edges[e].before {
		if g := &l.edges[e]; g.amount > 0 {
			day = max(day, n.value, g.value, l.nodes[g.to].value)
		}
	}
	return day
}
