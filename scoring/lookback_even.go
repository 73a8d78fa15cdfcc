package scoring

import "github.com/zeebo/xxh3"

// At night, too, even invoices are only added up: all that a later day asks of one is how large it was, when its money came in
// and when it was settled. One that was open on a day looked at is played for that day, all by itself and by the numbers of
// its rows; only for its landmarks its id is put together. With ten million invoices that takes a third off the rebuild of a night.

// admitSeen tells whether an even invoice was open on a day looked at, and hashes the id of such a one.
func (r *Rebuilder) admitSeen(row *packedRow, it *evenItem) error {
	b := &r.back
	if it.seen = b.rank(row.known) < b.rank(it.known); !it.seen {
		return nil
	}
	id, err := r.even.packed.text(row)
	it.hash = xxh3.HashString(id)
	return err
}

// putByEven notes what an even invoice and the money for it leave behind.
func (r *Rebuilder) putByEven(row *packedRow, it *evenItem) {
	b, v := &r.back, &r.even
	k := b.rank(row.known)
	step, side := &b.steps[k], &b.sides[k*len(r.ledger.sides)+int(it.side)]
	side.logSum += fixedLog(it.amount)
	side.logCount++
	if step.first == NoDay || row.day < step.first {
		step.first = row.day
	}
	for p := it.payments; p != none; p = v.links[p] {
		paid := &v.packed.payments[p]
		amount, _ := it.minor(paid)
		b.receive(r.env.AsOf, paid.day, paid.known, amount, it.side)
	}
	b.next, r.past.on = k, &step.sums
	if it.seen || it.count > 1 { // else what comes is gone before anybody looks
		side.balance += it.amount
		r.playParts(row, it)
	}
	r.rememberItem(row.day, row.due, it.settled, it.known, it.settled > row.day, 1)
}

// playParts plays the money for an even invoice, day by day.
func (r *Rebuilder) playParts(row *packedRow, it *evenItem) {
	b, v, l := &r.back, &r.even, &r.ledger
	var room [mostParts]int32
	parts := v.byKnown(it, room[:0])
	i, open := none, it.amount
	if it.seen {
		i = l.standIn(row, it)
	}
	for len(parts) > 0 {
		day, came := v.packed.payments[parts[0]].known, int64(0)
		for len(parts) > 0 && v.packed.payments[parts[0]].known == day {
			amount, _ := it.minor(&v.packed.payments[parts[0]])
			came, parts = came+amount, parts[1:]
		}
		rank := b.rank(day)
		if i != none {
			r.lookAtItem(i, rank)
		}
		b.next, r.past.on = rank, &b.steps[rank].sums
		b.sides[rank*len(l.sides)+int(it.side)].balance -= came
		if open-came > open/20 {
			r.past.on.parted++
		}
		if open -= came; i == none {
			continue
		}
		n := &l.nodes[i]
		n.open, n.cashDay = open, came
		if n.follow != none {
			r.marks.follow(n, day)
		}
	}
	if i != none {
		l.nodes[i].present = false // it has never been in the ledger
	}
}

// byKnown appends the payments of an even invoice in the order in which they became known.
func (v *evens) byKnown(it *evenItem, to []int32) []int32 {
	for p := it.payments; p != none; p = v.links[p] {
		at := len(to)
		to = append(to, p)
		for ; at > 0 && v.packed.payments[to[at-1]].known > v.packed.payments[p].known; at-- {
			to[at] = to[at-1]
		}
		to[at] = p
	}
	return to
}

// standIn adds a node for an even invoice, for landmarks and views of days on which it was open.
func (l *ledger) standIn(row *packedRow, it *evenItem) int32 {
	i := len(l.nodes)
	l.nodes = extend(l.nodes)
	n := &l.nodes[i]
	*n = node{hash: it.hash, amount: it.amount, open: it.amount, value: row.day, due: row.due, known: row.known, cur: it.side, present: true}
	n.clear()
	return int32(i)
}

// openDays adds the even invoices that were known to be settled on a day.
func (v *evens) openDays(to []openDays, day Day) []openDays {
	if v.count == 0 {
		return to
	}
	for i := range v.items {
		if it := &v.items[i]; it.even() && it.known <= day {
			to = append(to, openDays{v.packed.invoices[i].day, v.packed.invoices[i].due, it.settled})
		}
	}
	return to
}
