package scoring

import "slices"

// findCurrencies lists the currencies that the rows may be in, ascending.
func (r *Rebuilder) findCurrencies() {
	l := &r.ledger
	found := append(make([]Currency, 0, 8), r.env.Reporting)
	note := func(c Currency) {
		if c != NoCurrency && c != found[len(found)-1] && !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	note(l.home)
	for i := range r.rows.Invoices {
		note(r.rows.Invoices[i].Currency)
	}
	for i := range r.rows.Payments {
		note(r.rows.Payments[i].Currency)
	}
	if p := r.even.packed; p != nil {
		for i := range p.invoices {
			note(p.invoices[i].currency)
		}
		for i := range p.payments {
			note(p.payments[i].currency)
		}
	}
	slices.Sort(found)
	if cap(l.sides) < len(found) {
		l.sides = append(l.sides[:cap(l.sides)], make([]side, len(found)-cap(l.sides))...)
	}
	l.sides = l.sides[:len(found)] // those beyond the length keep their memory
	for i, c := range found {
		s := &l.sides[i]
		*s = side{currency: c, cash: s.cash[:0], other: s.other[:0], debts: s.debts[:0],
			fresh: s.fresh[:0], book: s.book[:0], receipts: s.receipts[:0]}
	}
}

// side is the index of a currency that findCurrencies found.
func (l *ledger) side(c Currency) uint8 {
	for i := range l.sides {
		if l.sides[i].currency == c {
			return uint8(i)
		}
	}
	panic("scoring: a currency that no row has")
}

// infer is the currency of a payment that has none, as far as is known on the day: that of the
// invoice it names, else the customer's, else the reporting currency.
func (l *ledger) infer(n *node) uint8 {
	if n.names != none {
		if at := l.groups[n.names].items; at != none {
			return l.nodes[at].cur
		}
	}
	if l.home != NoCurrency {
		return l.side(l.home)
	}
	return l.side(l.env.Reporting)
}

// guess gives a payment without a currency, while its row is at hand, that of the invoice it names as far as that has
// been met. It is nearly always the one to be inferred, and then the amount is there already.
func (l *ledger) guess(n *node, amount Decimal) {
	var cur uint8
	if n.names != none && l.groups[n.names].rows != none {
		cur = l.nodes[l.groups[n.names].rows].cur
	} else if l.home != NoCurrency {
		cur = l.side(l.home)
	} else {
		cur = l.side(l.env.Reporting)
	}
	if v, err := l.env.minor(amount, l.sides[cur].currency); err == nil {
		n.guessed, n.cur, n.amount = true, cur, max(v, -v)
	}
}

// denominate gives a payment without a currency one.
func (l *ledger) denominate(n *node, cur uint8) error {
	v, err := l.env.minor(l.payments[n.row].Amount, l.sides[cur].currency)
	if err != nil {
		return err
	}
	n.cur, n.amount = cur, max(v, -v)
	return nil
}

// redenominate corrects the currency of payments that named an invoice before it was known.
func (l *ledger) redenominate(group int32, cur uint8) {
	var wrong []int32
	for i := l.groups[group].first; i != none; i = l.nodes[i].later {
		if n := &l.nodes[i]; n.inferred && n.present && n.cur != cur {
			wrong = append(wrong, i)
		}
	}
	for _, i := range wrong {
		n := &l.nodes[i]
		if v, err := l.env.minor(l.payments[n.row].Amount, l.sides[cur].currency); err == nil {
			l.retract(i)
			n.cur, n.amount, n.pooled = cur, max(v, -v), false
			l.enter(i)
		}
	}
}
