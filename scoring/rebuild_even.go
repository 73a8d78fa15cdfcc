package scoring

import "math/bits"

// Most invoices of a customer are even: the money that names them is of the same currency, no older, known no earlier, and
// comes to just their amount. Where items can be played apart (playApart), all that matters of an even one is when it was settled and what of
// it was open at the period ends, and that is the same in whatever order its money is taken. So even invoices and their
// payments, mostly nine tenths of all rows, are found while rows are packed, numbers among numbers, and added up: no text is
// put together for them, and they never enter the ledger. With ten million invoices that takes a third off the rebuild.

// evens are the even invoices of a customer.
type evens struct {
	packed *packedRows // nil without
	items  []evenItem  // of every packed invoice
	links  []int32     // of every packed payment: the one before it of the same invoice
	slots  []uint32    // open addressing: 1 + index of a packed invoice by its id, 0 is empty
	places []rowPlace  // scratch: of the other rows
	ids    []string    // of every packed invoice, where closed has put them together

	count int // even ones
	gross uint64
	first Day // earliest issue
	last  Day // latest payment, NoDay without
	sums  []evenSum
}

// evenItem is an invoice that may be even.
type evenItem struct {
	left     int64 // minor units that no payment has covered so far
	amount   int64
	hash     uint64 // of the id, where seen
	payments int32  // latest of the chain
	count    int32  // in the chain
	settled  Day    // the latest day of a payment
	known    Day    // from which all of them exist
	currency Currency
	digits   uint8 // decimals of the currency
	side     uint8
	odd      bool // not even, whatever it comes to
	seen     bool // was open on a day looked at
}

// evenSum is what the even items in the currency of a side come to. Their amounts are bounded by plainAmount.
type evenSum struct {
	items, payments int64
	amount          int64
	days            Sum // cash times the days that it took
}

// mostParts is the most payments of an even invoice. To compare every two of them takes less time than a table of all.
const mostParts = 8

// Packed reports whether a Rebuilder makes use of rows that a RowReader leaves packed.
func (e *Env) Packed() bool {
	if e.KnownLag > 0 {
		return false
	}
	if e.LedgerOnly {
		return e.playsApart()
	}
	return e.Unapplied == UnappliedHold && !e.HistoryKept && e.TrialFrom == 0
}

// split finds the even invoices among packed rows and decodes the others.
func (r *Rebuilder) split() error {
	v, p := &r.even, r.rows.packed
	v.packed, v.count, v.gross, v.first, v.last, v.sums = p, 0, 0, NoDay, NoDay, v.sums[:0]
	if p == nil {
		return nil
	}
	if !r.env.Packed() {
		v.packed = nil
		return p.unpack()
	}
	r.findItems()
	v.places = v.places[:0]
	payments := r.matchPayments()
	if !r.env.LedgerOnly {
		r.back.plan(&r.marks, r.env)
	}
	invoices := 0
	for i := range v.items {
		it := &v.items[i]
		if it.even() {
			r.admitEven(&p.invoices[i], it)
			if !r.env.LedgerOnly {
				if err := r.admitSeen(&p.invoices[i], it); err != nil {
					return err
				}
			}
			continue
		}
		invoices++
		v.places = append(v.places, p.invoices[i].place)
		for k := it.payments; k != none; k = v.links[k] {
			payments++
			v.places = append(v.places, p.payments[k].place)
		}
	}
	return p.decode(invoices, payments, v.places)
}

// findItems enters the packed invoices into the table of their ids.
func (r *Rebuilder) findItems() {
	v, rows := &r.even, r.even.packed.invoices
	v.items = resize(v.items, len(rows))
	size := 1 << bits.Len(uint(max(8, 2*len(rows))))
	v.slots = resize(v.slots, size)
	clear(v.slots)
	mask := uint64(size - 1)
	oldest := int64(NoDay)
	if !r.env.LedgerOnly { // what is so old that no recency weights are kept for it is for play
		oldest = int64(r.env.AsOf) - keptWeights
	}
	for i := range rows {
		row, it := &rows[i], &v.items[i]
		it.payments, it.count, it.settled, it.known, it.currency = none, 0, NoDay, NoDay, row.currency
		if it.currency == NoCurrency {
			if it.currency = r.ledger.home; it.currency == NoCurrency {
				it.currency = r.env.Reporting
			}
		}
		it.digits = currencyDigits[it.currency&(1<<15-1)] // one that no amount has where it is not known
		amount, ok := it.minor(row)
		it.left, it.amount = amount, amount
		it.odd = !ok || row.odd || row.known > r.env.AsOf || int64(row.day) <= oldest
		at := idSlot(row.id) & mask
		for ; v.slots[at] != 0; at = (at + 1) & mask {
			if same := int(v.slots[at]) - 1; rows[same].id == row.id { // with it everything that names them
				it.odd, v.items[same].odd = true, true
			}
		}
		v.slots[at] = uint32(i + 1)
	}
}

// idSlot is where a packed id is looked for first, before it is cut to the size of the table.
func idSlot(id uint64) uint64 { return id * hashFactor >> 32 }

// matchPayments puts the packed payments to the invoices that they name, and lists those for which there is none, so
// many of them.
func (r *Rebuilder) matchPayments() (others int) {
	v, p := &r.even, r.even.packed
	v.links = resize(v.links, len(p.payments))
	mask := uint64(len(v.slots) - 1)
	for k := range p.payments {
		row := &p.payments[k]
		found := none
		if row.of != noID {
			for at := idSlot(row.of) & mask; v.slots[at] != 0; at = (at + 1) & mask {
				if i := int32(v.slots[at]) - 1; p.invoices[i].id == row.of {
					found = i
					break
				}
			}
		}
		if found == none {
			others++
			v.places = append(v.places, row.place)
			continue
		}
		it := &v.items[found]
		amount, ok := it.minor(row)
		it.odd = it.odd || !ok || row.odd || it.count == mostParts ||
			row.currency != NoCurrency && row.currency != it.currency || row.day < p.invoices[found].day ||
			row.known < p.invoices[found].known || row.known > r.env.AsOf
		for other := it.payments; other != none && !it.odd; other = v.links[other] {
			it.odd = p.payments[other].id == row.id
		}
		it.left -= amount
		it.settled, it.known = max(it.settled, row.day), max(it.known, row.known)
		v.links[k], it.payments = it.payments, int32(k)
		it.count++
	}
	return others
}

// admitEven counts the rows of an even invoice.
func (r *Rebuilder) admitEven(row *packedRow, it *evenItem) {
	v := &r.even
	v.count++
	if v.first == NoDay || row.day < v.first {
		v.first = row.day
	}
	v.last = max(v.last, it.settled)
	amount := Decimal{row.amount, row.digits}
	weigh(&v.gross, amount)
	r.count(Invoices, row.currency, amount, used)
	for k := it.payments; k != none; k = v.links[k] {
		paid := &v.packed.payments[k]
		amount := Decimal{paid.amount, paid.digits}
		weigh(&v.gross, amount)
		r.count(Payments, paid.currency, amount, used)
	}
}

// minor is the amount of a row in minor units of the item's currency; ok is false where an even item has no such amount.
func (it *evenItem) minor(row *packedRow) (amount int64, ok bool) {
	if amount = row.amount; row.digits != it.digits {
		var err error
		if amount, err = minorOf(Decimal{amount, row.digits}, it.currency); err != nil {
			return 0, false
		}
	}
	return amount, 0 < amount && amount <= plainAmount
}

// even reports whether it is.
func (it *evenItem) even() bool { return it.left == 0 && !it.odd }
