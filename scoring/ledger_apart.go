package scoring

// Most customers' rows are invoices and the money for them. Then no row of one invoice ever meets one of another: money
// that is left over stays on account, and nothing takes it from there. Such a customer is played invoice by invoice,
// by the same functions as otherwise, and to the same end: the one row or two of an invoice are in order nearly
// always, where to bring all rows of a customer into one order takes a pass over them for every part in which the
// export was read; and which of an invoice and a payment comes next is no surprise to the processor.

// manyDigits bounds the sum of all digits as written up to which no sum of a customer's amounts can leave 64 bits,
// in whatever order they are added: no currency has more than four minor digits.
const manyDigits = (1<<63 - 1) / 10_000

// weigh adds an amount to a sum of digits up to manyDigits.
func weigh(gross *uint64, d Decimal) {
	*gross = min(*gross+min(magnitude(d.Mantissa), manyDigits+1), manyDigits+1)
}

// playsApart reports whether items of customers are played one by one where they can be with the ledger only: nothing is wanted of a
// day between but the period ends, and nothing on account looks for an item.
func (e *Env) playsApart() bool {
	return e.LedgerOnly && e.Unapplied == UnappliedHold && e.LandmarkWeeks == 0 && len(e.LandmarkDays) == 0 && !e.HistoryKept &&
		e.WindowWeeks == 0 && e.TrialFrom == 0
}

// apart reports whether the items of a customer can be played one by one: every row is used, and there is none that takes back,
// or that items share; and what is wanted of a day between can be told without the ledger of that day.
func (r *Rebuilder) apart(duplicates int) bool {
	const alone = 1<<claim | 1<<cash | 1<<discount | 1<<writeOff
	e, l := r.env, &r.ledger
	if e.Unapplied != UnappliedHold || duplicates > 0 || len(r.notes.promises) > 0 || l.classes&^alone != 0 || l.gross+r.even.gross > manyDigits || r.together {
		return false
	}
	if e.LedgerOnly {
		return e.playsApart()
	}
	return r.steady()
}

// playApart does what play does, invoice by invoice.
func (r *Rebuilder) playApart() {
	l, f := &r.ledger, &r.flows
	if !r.env.LedgerOnly {
		if r.even.packed == nil { // else they are planned already
			r.back.plan(&r.marks, r.env)
		}
		r.back.lay(len(l.sides))
	}
	f.held = resize(f.held, len(l.sides))
	clear(f.held)
	l.heads, l.links = resize(l.heads, len(l.groups)), resize(l.links, len(l.nodes))
	for i := range l.heads {
		l.heads[i] = none
	}
	for i := len(l.nodes) - 1; i >= 0; i-- { // the last first, so that the chains are in the order of the rows
		n := &l.nodes[i]
		l.links[i] = none
		switch {
		case n.of != none:
			l.links[i], l.heads[n.of] = l.heads[n.of], int32(i)
		case n.names != none:
			l.links[i], l.heads[n.names] = l.heads[n.names], int32(i)
		default:
			r.playChain(int32(i))
		}
	}
	for _, first := range l.heads {
		if first != none {
			r.playChain(first)
		}
	}
	for i := range f.held {
		for k := PeriodEnds - 1; k > 0; k-- {
			r.hold(k, i, f.held[i][k])
		}
	}
	r.playEven()
	if r.env.LedgerOnly {
		r.receiveLatest()
	} else {
		r.lookBack()
	}
}

// playChain plays the rows of one invoice.
func (r *Rebuilder) playChain(first int32) {
	l := &r.ledger
	if l.plain(first) {
		r.playPlain(first)
		return
	}
	first = l.orderChain(first)
	looks, open := !r.env.LedgerOnly, false
	for i := first; i != none; {
		day := l.nodes[i].known
		r.passTo(first, day, open)
		for ; i != none && l.nodes[i].known == day; i = l.links[i] {
			l.takeNode(i)
			if looks {
				r.putBy(&l.nodes[i])
			}
		}
		r.closeDay(day)
		open = l.anyOpen(first)
	}
	if open { // of nothing there is nothing to count, and nearly all old invoices are settled
		r.passTo(first, r.env.AsOf, true)
	}
}

// plain reports whether a chain is what nearly all are: an item, and credits in its currency that came after it, in order.
func (l *ledger) plain(first int32) bool {
	item := &l.nodes[first]
	if item.of == none {
		return false
	}
	earliest := item.at() // of the item's day it may be, since items come first
	for i := l.links[first]; i != none; i = l.links[i] {
		n := &l.nodes[i]
		at := n.at()
		if n.of != none || n.cur != item.cur || n.inferred && !n.guessed || !n.matches(item) || at < earliest {
			return false
		}
		earliest = at + 1
	}
	return true
}

// playPlain plays a plain chain. It comes to what the functions for all kinds of rows come to, in half the steps, and leaves
// out what only those ask for: that an item is live while it is open, that a credit waits.
func (r *Rebuilder) playPlain(first int32) {
	l, looks := &r.ledger, !r.env.LedgerOnly
	item := &l.nodes[first]
	item.present, item.open = true, item.amount
	l.groups[item.of].items = first
	if l.first == NoDay || item.value < l.first {
		l.first = item.value
	}
	balance, held := item.amount, false
	r.passTo(first, item.known, false)
	if looks {
		r.putBy(item)
	}
	for i := l.links[first]; i != none; {
		day, before, came := l.nodes[i].known, item.open, int64(0)
		r.passTo(first, day, before > 0 || held)
		for ; i != none && l.nodes[i].known == day; i = l.links[i] {
			n := &l.nodes[i]
			amount := min(n.amount, item.open)
			n.present, n.open = true, n.amount-amount
			balance -= n.amount
			held = held || n.open > 0
			if amount > 0 {
				item.open -= amount
				l.cover(i, first, amount, n.value)
				if n.class == cash {
					came += amount
				}
			}
			if looks {
				r.putBy(n)
			}
		}
		if item.open < before {
			item.cashDay = came
			r.closeItem(first, day)
		}
	}
	l.sides[item.cur].balance += balance
	if item.open > 0 {
		l.reopen(first)
	}
	if item.open > 0 || held { // of nothing there is nothing to count, and nearly all old invoices are settled
		r.passTo(first, r.env.AsOf, true)
	}
}

// anyOpen tells whether anything of an invoice is open, or on account of the money for it.
func (l *ledger) anyOpen(first int32) bool {
	for i := first; i != none; i = l.links[i] {
		if l.nodes[i].open != 0 {
			return true
		}
	}
	return false
}

// passTo goes on to a day with the rows of an invoice. What is open of them is counted at the period ends before it, and
// seen on the days looked at before it.
func (r *Rebuilder) passTo(first int32, day Day, open bool) {
	f, b := &r.flows, &r.back
	end := f.spans.end(day)
	if open && end < f.next {
		r.standBefore(first, end)
	}
	f.next = end
	if r.env.LedgerOnly {
		return
	}
	rank := b.rank(day)
	if open && b.next < rank {
		r.lookBefore(first, rank)
	}
	b.next, r.past.on = rank, &b.steps[rank].sums
}

// orderChain puts the rows of one invoice in the order of events and returns the first one. Nearly always they are.
func (l *ledger) orderChain(first int32) int32 {
	ordered, before := true, l.nodes[first].at()
	for i := l.links[first]; i != none; i = l.links[i] {
		at := l.nodes[i].at()
		ordered, before = ordered && before < at, at
	}
	if ordered {
		return first
	}
	l.events = l.events[:0]
	for i := first; i != none; i = l.links[i] {
		l.events = append(l.events, l.entry(i))
	}
	l.sortEvents()
	next := none
	for k := len(l.events) - 1; k >= 0; k-- {
		i := l.events[k].node
		l.links[i], next = next, i
	}
	return next
}

// standBefore counts what is open of an invoice, and on account of the money for it, at the period ends from flows.next down to
// the one after another.
func (r *Rebuilder) standBefore(first int32, end int) {
	l, f := &r.ledger, &r.flows
	for i := first; i != none; i = l.links[i] {
		n := &l.nodes[i]
		if n.open == 0 {
			continue
		}
		for k := f.next; k > end; k-- {
			if n.class == claim {
				r.standing(k, n.cur, n.due, n.known, n.open)
			} else {
				f.held[n.cur][k].Add(n.open)
			}
		}
	}
}

// receiveLatest counts the cash by the day it came in, of the days that the pattern is looked for in or, without any, of the
// last one: with the ledger only, nobody asks for more.
func (r *Rebuilder) receiveLatest() {
	l := &r.ledger
	l.apart = false
	if r.receiveSince(r.env.AsOf - patternDays + 1) {
		return
	}
	last := r.even.last
	for i := range l.nodes {
		if n := &l.nodes[i]; n.class == cash && n.present {
			last = max(last, n.value)
		}
	}
	r.receiveSince(last)
}

// receiveSince counts the cash from a day on, and tells whether there is any.
func (r *Rebuilder) receiveSince(day Day) (any bool) {
	l, v := &r.ledger, &r.even
	for i := range l.nodes {
		if n := &l.nodes[i]; n.value >= day && n.class == cash && n.present {
			l.receive(n.cur, n.value, n.known, n.amount, 1)
			any = true
		}
	}
	if v.count == 0 || v.last < day {
		return any
	}
	for i := range v.items {
		it := &v.items[i]
		if it.settled < day || !it.even() {
			continue
		}
		for k := it.payments; k != none; k = v.links[k] {
			if paid := &v.packed.payments[k]; paid.day >= day {
				amount, _ := it.minor(paid)
				l.receive(it.side, paid.day, paid.known, amount, 1)
			}
		}
	}
	return true
}
