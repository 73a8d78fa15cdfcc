package scoring

// playEven does for the even invoices what playApart does for the others.
func (r *Rebuilder) playEven() {
	v, l := &r.even, &r.ledger
	v.sums = resize(v.sums, len(l.sides))
	clear(v.sums)
	if v.count == 0 {
		return
	}
	if l.first == NoDay || v.first < l.first {
		l.first = v.first
	}
	side := l.side(r.env.Reporting)
	for i := range v.items {
		row, it := &v.packed.invoices[i], &v.items[i]
		if !it.even() {
			continue
		}
		if l.sides[side].currency != it.currency {
			side = l.side(it.currency)
		}
		it.side = side
		if r.env.LedgerOnly {
			r.past.settle(int32(it.settled-row.due), r.env.Grace, 1)
		} else {
			r.putByEven(row, it)
		}
		r.sell(side, row.day, it.amount, false, 1)
		sum := &v.sums[side]
		sum.items++
		sum.payments += int64(it.count)
		sum.amount += it.amount
		for k := it.payments; k != none; k = v.links[k] {
			paid := &v.packed.payments[k]
			amount, _ := it.minor(paid)
			addProduct(&sum.days, amount, int64(paid.day-row.day))
		}
		r.standEven(row, it)
	}
}

// standEven counts what was open of an even invoice at the period ends.
func (r *Rebuilder) standEven(row *packedRow, it *evenItem) {
	v, spans := &r.even, &r.flows.spans
	last := spans.end(it.known)
	for k := spans.end(row.known); k > last; k-- {
		open := it.amount
		if it.count > 1 {
			for p := it.payments; p != none; p = v.links[p] {
				if paid := &v.packed.payments[p]; paid.known <= r.flows.ends[k] {
					amount, _ := it.minor(paid)
					open -= amount
				}
			}
		}
		r.standing(k, it.side, row.due, row.known, open)
	}
}

// latest adds the even invoices to those settled last, and to how late the worst one was.
func (v *evens) latest(to *latestSettled, worst *int32) {
	if v.count == 0 {
		return
	}
	for i := len(v.items) - 1; i >= 0; i-- { // exports mostly list the latest last
		if it := &v.items[i]; it.even() {
			late := int32(it.settled - v.packed.invoices[i].due)
			to.add(it.settled, late)
			*worst = max(*worst, late)
		}
	}
}

// closed adds the even invoices to a list of closed items, and puts their ids together.
func (v *evens) closed(to []closedAt) ([]closedAt, error) {
	if v.count == 0 {
		return to, nil
	}
	v.ids = resize(v.ids, len(v.items))
	for i := range v.items {
		if !v.items[i].even() {
			continue
		}
		row := &v.packed.invoices[i]
		var err error
		if v.ids[i], err = v.packed.text(row); err != nil {
			return nil, err
		}
		to = append(to, closedAt{row.due, int32(-1 - i)})
	}
	return to, nil
}

// item is even invoice number i as a closed item.
func (v *evens) item(i int) Closed {
	row, it := &v.packed.invoices[i], &v.items[i]
	return Closed{ID: v.ids[i], Currency: it.currency, Kind: kindNames[KindInvoice], Issue: row.day, Due: row.due, Amount: it.amount, On: it.settled}
}
