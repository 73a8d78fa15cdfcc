package scoring

import (
	"cmp"
	"slices"
)

// matches tells whether a row that names an invoice, and perhaps an instalment of it, means
// this item.
func (n *node) matches(item *node) bool {
	return n.class == creditNote || n.instalment == 0 || n.instalment == item.instalment
}

// settle uses a credit for the open items of the invoice it names, by due date.
func (l *ledger) settle(i int32) {
	n := &l.nodes[i]
	if n.names == none {
		return
	}
	for at := l.groups[n.names].items; at != none && n.open > 0; at = l.nodes[at].next {
		d := &l.nodes[at]
		if d.class == claim && d.open > 0 && d.cur == n.cur && n.matches(d) {
			l.allocate(i, at, min(n.open, d.open), n.value)
		}
	}
}

// keep puts what is left of a credit on account. It goes on waiting for the invoice it names,
// and first covers what was paid out before it came in.
func (l *ledger) keep(i int32) {
	n := &l.nodes[i]
	if n.open == 0 {
		return
	}
	l.wait(i)
	s := &l.sides[n.cur]
	for len(s.debts) > 0 && n.open > 0 {
		to := s.debts[0]
		if d := &l.nodes[to]; d.present && d.open > 0 {
			l.allocate(i, to, min(n.open, d.open), n.value)
			if d.open > 0 {
				break
			}
		}
		s.debts = s.debts[1:]
	}
	if n.open > 0 && !n.pooled {
		n.pooled = true
		if n.class == cash {
			s.cash = append(s.cash, i)
		} else {
			s.other = append(s.other, i)
		}
	}
}

// wait queues a credit that names an invoice and is not used up: it takes the invoice when that is
// re-opened or arrives late. It must be queued before debts are met with it, since meeting one may
// re-open just that invoice.
func (l *ledger) wait(i int32) {
	n := &l.nodes[i]
	if n.open == 0 || n.names == none || n.waiting {
		return
	}
	n.waiting, n.later = true, none
	g := &l.groups[n.names]
	if g.first == none {
		g.first = i
	} else {
		l.nodes[g.last].later = i
	}
	g.last = i
}

// pull lets the credits that wait for an invoice have its open items.
func (l *ledger) pull(group int32) {
	g := &l.groups[group]
	last := none
	for i := g.first; i != none; {
		n := &l.nodes[i]
		next := n.later
		if n.present && n.open > 0 {
			l.settle(i)
		}
		if n.open == 0 || !n.present {
			n.waiting, n.later = false, none
			if last == none {
				g.first = next
			} else {
				l.nodes[last].later = next
			}
		} else {
			last = i
		}
		i = next
	}
	g.last = last
}

// takeBack lets a reversal, a refund or a negative write-off or discount take what it is
// about, then credits on account. What nothing covers is owed.
func (l *ledger) takeBack(i int32) {
	l.takeOwn(i)
	l.takeFromAccount(i)
	if d := &l.nodes[i]; d.open > 0 {
		s := &l.sides[d.cur]
		s.debts = append(s.debts, i)
	}
	l.pullAgain()
}

// takeOwn takes what a claim from the payments export is about: allocations of the payment or
// invoice it names, and what they have on account.
func (l *ledger) takeOwn(i int32) {
	d := &l.nodes[i]
	l.again = l.again[:0]
	if d.names != none {
		if d.class == refund {
			l.takeNamed(i)
		} else {
			l.takeFromID(i, true)
		}
		l.takeFromItems(i)
	}
	if d.class != refund {
		l.takeFromID(i, false)
	}
	l.takeSameID(i)
	if d.names != none {
		l.takeNamed(i)
	}
}

// meetDebts lets claims that were known before the credit they are about take it.
func (l *ledger) meetDebts(i int32) {
	n := &l.nodes[i]
	for _, k := range l.sides[n.cur].debts {
		d := &l.nodes[k]
		if d.present && d.open > 0 && (d.class != refund && d.hash == n.hash && l.id(d) == l.id(n) || d.names != none && d.names == n.names) {
			l.takeOwn(k)
			l.pullAgain()
		}
	}
}

// pullAgain offers re-opened items to the credits that wait for their invoices.
func (l *ledger) pullAgain() {
	for len(l.again) > 0 {
		i := l.again[len(l.again)-1]
		l.again = l.again[:len(l.again)-1]
		l.pull(l.nodes[i].of)
	}
}

// use covers a claim from the payments export by what a credit has on account.
func (l *ledger) use(from, to int32) {
	c, d := &l.nodes[from], &l.nodes[to]
	if c.present && c.open > 0 && d.open > 0 && c.cur == d.cur {
		l.allocate(from, to, min(c.open, d.open), d.value)
	}
}

// undo takes an allocation back and covers a claim from the payments export with it.
func (l *ledger) undo(e, to int32) {
	g, d := &l.edges[e], &l.nodes[to]
	item := &l.nodes[g.to]
	if g.amount == 0 || d.open == 0 || item.class != claim || l.nodes[g.from].class != d.class.takes() || item.cur != d.cur {
		return
	}
	amount, from := min(g.amount, d.open), g.from
	l.again = append(l.again, g.to)
	item.reopened = max(item.reopened, d.value)
	l.release(e, amount)
	l.allocate(from, to, amount, d.value)
}

// takeFromID undoes, latest first, what the payment of the same id settled; only of the
// invoice that the claim names when named is set.
func (l *ledger) takeFromID(i int32, named bool) {
	d := &l.nodes[i]
	rows := l.sameID(d)
	for k := len(rows) - 1; k >= 0 && d.open > 0; k-- {
		for e := l.nodes[rows[k].node].edges; e != none && d.open > 0; e = l.edges[e].before {
			item := &l.nodes[l.edges[e].to]
			if !named || item.of == d.names && d.matches(item) {
				l.undo(e, i)
			}
		}
	}
}

// takeFromItems undoes, latest due and latest allocation first, what settled the invoice named.
func (l *ledger) takeFromItems(i int32) {
	d := &l.nodes[i]
	l.freed = l.freed[:0]
	for at := l.groups[d.names].items; at != none; at = l.nodes[at].next {
		l.freed = append(l.freed, at)
	}
	for k := len(l.freed) - 1; k >= 0 && d.open > 0; k-- {
		item := &l.nodes[l.freed[k]]
		if !d.matches(item) {
			continue
		}
		for e := item.edges; e != none && d.open > 0; e = l.edges[e].beforeThat {
			l.undo(e, i)
		}
	}
}

// takeSameID uses what the payment of the same id has on account.
func (l *ledger) takeSameID(i int32) {
	for _, from := range l.sameID(&l.nodes[i]) {
		l.use(from.node, i)
	}
}

// takeNamed uses the open credit note that is named, and credits that wait for the invoice.
func (l *ledger) takeNamed(i int32) {
	g := &l.groups[l.nodes[i].names]
	for at := g.items; at != none; at = l.nodes[at].next {
		if n := &l.nodes[at]; n.class == creditNote && l.nodes[i].matches(n) {
			l.use(at, i)
		}
	}
	for at := g.first; at != none; at = l.nodes[at].later {
		l.use(at, i)
	}
}

// takeFromAccount uses cash on account, then other credits, in order of arrival.
func (l *ledger) takeFromAccount(i int32) {
	s := &l.sides[l.nodes[i].cur]
	s.cash = l.drain(s.cash, i)
	s.other = l.drain(s.other, i)
}

// drain uses credits from the front of a queue and returns the queue without the used ones.
func (l *ledger) drain(queue []int32, to int32) []int32 {
	for len(queue) > 0 && l.nodes[to].open > 0 {
		from := queue[0]
		l.use(from, to)
		if n := &l.nodes[from]; n.cur == l.nodes[to].cur { // else it went to another side since
			if n.present && n.open > 0 {
				break
			}
			n.pooled = false
		}
		queue = queue[1:]
	}
	return queue
}

// sameID are the credits of the payments export that go by the id of a node, in order of arrival.
func (l *ledger) sameID(d *node) []hashedNode {
	if len(l.byID) == 0 {
		for i := range l.nodes {
			if n := &l.nodes[i]; n.class.credits() && n.class != creditNote {
				l.byID = append(l.byID, hashedNode{n.hash, int32(i)})
			}
		}
		slices.SortFunc(l.byID, func(a, b hashedNode) int {
			if a.hash != b.hash { // as of nearly all: their ids need not be looked at
				return cmp.Compare(a.hash, b.hash)
			}
			x, y := &l.nodes[a.node], &l.nodes[b.node]
			if c := cmp.Compare(l.id(x), l.id(y)); c != 0 {
				return c
			}
			return l.compare(l.entry(a.node), l.entry(b.node))
		})
	}
	from, _ := slices.BinarySearchFunc(l.byID, d, func(c hashedNode, d *node) int {
		if c.hash != d.hash {
			return cmp.Compare(c.hash, d.hash)
		}
		return cmp.Compare(l.id(&l.nodes[c.node]), l.id(d))
	})
	to := from
	for to < len(l.byID) && l.byID[to].hash == d.hash && l.id(&l.nodes[l.byID[to].node]) == l.id(d) {
		to++
	}
	return l.byID[from:to]
}

// retract takes a node out of the ledger: a row that an earlier duplicate of the export
// replaces. What it covered or was covered by is free again and finds its place anew.
func (l *ledger) retract(i int32) {
	n := &l.nodes[i]
	var freed []int32
	l.again = l.again[:0]
	for e := n.edges; e != none; {
		g := l.edges[e]
		if g.amount > 0 {
			l.release(e, g.amount)
			if n.class.credits() {
				l.again = append(l.again, g.to)
			} else {
				freed = append(freed, g.from)
			}
		}
		if n.class.credits() {
			e = g.before
		} else {
			e = g.beforeThat
		}
	}
	n.present = false
	s := &l.sides[n.cur]
	switch {
	case n.class == claim:
		l.add(s, -n.amount)
		l.findFirst()
		if n.amount > 0 {
			l.size(s, n.amount, -1)
			l.touch(i)
		}
		l.unchain(i)
	case n.class.credits():
		l.add(s, n.amount)
		if n.class == creditNote {
			l.unchain(i)
		} else if n.class == cash {
			l.receive(n.cur, n.value, n.known, -n.amount, -1)
		}
	default:
		l.add(s, -n.amount)
	}
	n.open = 0
	l.place(freed)
}

// place finds new work for freed credits, and new cover for the claims in l.again.
func (l *ledger) place(freed []int32) {
	again := slices.Clone(l.again)
	for k := len(freed) - 1; k >= 0; k-- {
		l.settle(freed[k])
		l.keep(freed[k])
	}
	for _, to := range again {
		if d := &l.nodes[to]; d.class == claim {
			l.pull(d.of)
		} else if d.present && d.open > 0 {
			l.takeFromAccount(to)
			if d.open > 0 {
				s := &l.sides[d.cur]
				s.debts = append(s.debts, to)
			}
		}
	}
}

// findFirst looks for the earliest invoice again.
func (l *ledger) findFirst() {
	l.first = NoDay
	for i := range l.nodes {
		if n := &l.nodes[i]; n.present && n.class == claim && (l.first == NoDay || n.value < l.first) {
			l.first = n.value
		}
	}
}
