package scoring

// PlacementEnd says how a placement with an agency ended.
type PlacementEnd uint8

// The ways in which a placement ends.
const (
	PlacementRuns PlacementEnd = iota
	PaidInFull                 // nothing is open any more of what was placed
	Recalled                   // by us: an activity says so
	HandedBack                 // by the agency: an activity says so
	TermOver                   // the agency's days are over
	PlacedAnew                 // with another agency
	placementEnds = 6
)

var placementEndNames = [placementEnds]string{"running", "paid", "recalled", "handed_back", "term_over", "placed_anew"}

// String is the name of the end in placements.parquet.
func (e PlacementEnd) String() string { return placementEndNames[e] }

// recalls and handBacks are the outcomes of an activity with an agency that end its placement: because we took the account
// back, or because the agency gave it up.
var (
	recalls   = [...]string{"recalled", "recall", "taken_back"}
	handBacks = [...]string{"closed", "handed_back", "returned", "uncollectible", "uncollectable"}
)

// endsPlacement is how an activity ends the placement with its agency, PlacementRuns where it does not.
func (a *Activity) endsPlacement() PlacementEnd {
	switch {
	case a.Agency == "":
	case oneOf(recalls[:], a.Outcome):
		return Recalled
	case oneOf(handBacks[:], a.Outcome):
		return HandedBack
	}
	return PlacementRuns
}

// Placement is what is known of an account's latest placement with an agency. What was placed are the items that were past due on
// the day, or all that were open where none was. Amounts are minor units of the reporting currency at the as-of date's rates,
// without items in currencies that have none.
type Placement struct {
	Agency string
	On     Day
	Until  Day // last day of the agency's term, NoDay without one
	Ended  Day // last day with the agency, NoDay while it runs
	End    PlacementEnd
	Amount int64 // open on the day before it was placed
	Came   int64 // cash for it, from the day on which it was placed to the end
	Open   int64 // of it, as of the date
}

// Runs reports whether an account is with the agency on a day from the as-of date on, and more than a residue is: at least
// so much, minor units of the reporting currency.
func (p *Placement) Runs(on Day, least int64) bool {
	return p != nil && p.End == PlacementRuns && (p.Until == NoDay || p.Until >= on) && p.Open >= least
}

// Had reports whether an agency has had its time with the account since a day: it is not placed there once more. What was
// recalled, or paid, may be.
func (p *Placement) Had(agency string, since Day) bool {
	return p != nil && p.Agency == agency && p.On >= since && p.End != PaidInFull && p.End != Recalled
}

// placing is a placement, and the contact that began it.
type placing struct {
	Placement
	first int32
}

// placings are the placements on record as of the date, oldest first. An activity that names an agency begins one, or goes on
// with the one that runs with the same agency, or ends it. A placement ends with that, with its term, where the
// account is placed with another agency, and with the day on which all that was placed is paid; the last is known only once
// the ledger is played.
func (r *Rebuilder) placings(played bool) []placing {
	o := &r.notes
	list := o.placings[:0]
	for i := range o.contacts {
		c := &o.contacts[i]
		if c.action.Agency == "" || !c.at(r.env.AsOf) {
			continue
		}
		var now *placing
		if n := len(list); n > 0 {
			if r.lapse(&list[n-1], c.done, played); list[n-1].End == PlacementRuns {
				now = &list[n-1]
			}
		}
		end, same := c.action.endsPlacement(), now != nil && now.Agency == c.action.Agency
		switch {
		case end != PlacementRuns && same:
			now.End, now.Ended = end, c.done
		case end != PlacementRuns, same, !c.contact || !landed(c.action, c.reached): // of none that runs, more of it, not taken
		default:
			if now != nil {
				now.End, now.Ended = PlacedAnew, max(now.On, c.done-1)
			}
			list = append(list, placing{Placement{Agency: c.action.Agency, On: c.done, Until: r.env.placedUntil(c.action.Agency, c.done), Ended: NoDay}, int32(i)})
		}
	}
	if n := len(list); n > 0 {
		r.lapse(&list[n-1], r.env.AsOf, played)
	}
	o.placings = list
	return list
}

// placedUntil is the last day of the term of a placement, NoDay without one.
func (e *Env) placedUntil(agency string, on Day) Day {
	term, own := e.PlacementTerms[agency]
	if !own {
		term = e.PlacementTerm
	}
	if term == 0 {
		return NoDay
	}
	return on + Day(term) - 1
}

// lapse ends a running placement whose term was over before a day, or of which all was paid then.
func (r *Rebuilder) lapse(p *placing, day Day, played bool) {
	if p.End != PlacementRuns {
		return
	}
	if p.Until != NoDay && p.Until < day {
		p.End, p.Ended = TermOver, p.Until
	}
	if !played {
		return
	}
	if lot := r.placedLot(&p.Placement); lot.open == 0 && lot.settled <= day && (p.Ended == NoDay || lot.settled <= p.Ended) {
		p.End, p.Ended = PaidInFull, max(p.On, lot.settled)
	}
}

// placement fills in the account's latest placement.
func (r *Rebuilder) placement(a *Account) {
	if !r.notes.placed {
		return
	}
	list := r.placings(true)
	if len(list) == 0 {
		return
	}
	p := list[len(list)-1].Placement
	lot := r.placedLot(&p)
	p.Amount, p.Came, p.Open = lot.amount, lot.came, lot.left
	a.Placed = &p
}

// placedLot is what became of items that were placed together.
type placedLot struct {
	count, open        int // items, and of them those still open
	settled            Day // the latest day on which one was settled
	amount, came, left int64
}

// add adds an item of which so much was placed, came and is left, minor units of a currency.
func (lot *placedLot) add(r *Rebuilder, settled Day, amount, came, left int64, c Currency) {
	if lot.count++; left > 0 {
		lot.open++
	} else {
		lot.settled = max(lot.settled, settled)
	}
	to := [...]*int64{&lot.amount, &lot.came, &lot.left}
	for i, minor := range [...]int64{amount, came, left} {
		if base, err := r.base(minor, c); err == nil {
			*to[i] = r.plus(*to[i], base)
		}
	}
}

// placedLot looks up what was placed, among the items of the ledger and the even ones.
func (r *Rebuilder) placedLot(p *Placement) placedLot {
	pastDue, all := placedLot{settled: p.On}, placedLot{settled: p.On}
	last := p.Ended
	if last == NoDay {
		last = r.env.AsOf
	}
	l := &r.ledger
	for i := range l.nodes {
		n := &l.nodes[i]
		if n.class != claim || !n.present || n.value > p.On || n.open == 0 && (n.settled == NoDay || n.settled < p.On) {
			continue
		}
		covered, came := l.coveredFrom(n, p.On, last)
		c := l.sides[n.cur].currency
		if all.add(r, n.settled, n.open+covered, came, n.open, c); n.due < p.On {
			pastDue.add(r, n.settled, n.open+covered, came, n.open, c)
		}
	}
	v := &r.even
	for i := range v.items {
		if v.count == 0 {
			break // those of a customer before
		}
		it, row := &v.items[i], &v.packed.invoices[i]
		if !it.even() || row.day > p.On || it.settled < p.On {
			continue
		}
		amount, came := v.paidFrom(it, p.On, last)
		if all.add(r, it.settled, amount, came, 0, it.currency); row.due < p.On {
			pastDue.add(r, it.settled, amount, came, 0, it.currency)
		}
	}
	if pastDue.count > 0 {
		return pastDue
	}
	return all
}

// coveredFrom is what came to cover an item from a day on, and of that the cash until another one.
func (l *ledger) coveredFrom(n *node, from, to Day) (all, cashUntil int64) {
	for e := n.edges; e != none; e = l.edges[e].beforeThat {
		g := &l.edges[e]
		if g.value < from {
			continue
		}
		if all += g.amount; l.nodes[g.from].class == cash && g.value <= to {
			cashUntil += g.amount
		}
	}
	return all, cashUntil
}

// paidFrom is what was paid of an even invoice from a day on, and of that until another one.
func (v *evens) paidFrom(it *evenItem, from, to Day) (all, until int64) {
	for k := it.payments; k != none; k = v.links[k] {
		paid := &v.packed.payments[k]
		if paid.day < from {
			continue
		}
		minor, _ := it.minor(paid)
		if all += minor; paid.day <= to {
			until += minor
		}
	}
	return all, until
}

// appendPlacement writes what is known of the few accounts that were placed.
func appendPlacement(dst []byte, p *Placement) []byte {
	dst = append(appendString(dst, p.Agency), byte(p.End))
	for _, d := range [...]Day{p.On, p.Until, p.Ended} {
		dst = appendRare(dst, d)
	}
	for _, v := range [...]int64{p.Amount, p.Came, p.Open} {
		dst = appendInt(dst, v)
	}
	return dst
}

func getPlacement(b []byte, at int, p *Placement) int {
	var end byte
	p.Agency, at = getString(b, at)
	end, at = getByte(b, at)
	p.End = PlacementEnd(end)
	for _, d := range [...]*Day{&p.On, &p.Until, &p.Ended} {
		*d, at = getRare(b, at)
	}
	for _, v := range [...]*int64{&p.Amount, &p.Came, &p.Open} {
		*v, at = getInt(b, at)
	}
	return at
}
