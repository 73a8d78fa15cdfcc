package scoring

import "slices"

// The ledger of one customer is a set of nodes and edges. A node is a row that raises what the
// customer owes (a claim: an invoice, a reversal, a refund) or lowers it (a credit: cash, a
// credit note, a write-off, a discount). An edge is an allocation: so much of this credit
// covers so much of that claim. What no edge covers is open. Rows enter in the order in which they
// became known and nothing looks ahead, so the ledger after a day is the ledger of that day.

// group is what goes by one invoice id.
type group struct {
	name        string
	rows        int32 // the first node of that id
	items       int32 // the present nodes of that id, by due date and instalment
	first, last int32 // credits that name it and were not used up by it, in order of arrival
	disputes    int32 // latest dispute about it
	promises    int32 // latest promise about it
	keyed       bool  // its rows are in ledger.keys: there are several
}

// side is one currency's part of the ledger.
type side struct {
	currency Currency
	rate     rateSpan // of the date looked at last
	balance  int64    // claims less credits
	cash     []int32  // credits on account in order of arrival: cash, and
	other    []int32  // everything else; both may hold used ones
	debts    []int32  // claims from the payments export that nothing covers
	fresh    []int32  // open items that entered since the book was last put in order
	book     []line   // open items by due date, id, instalment; may hold settled ones

	receipts []receipt // cash by the day it came in
	estimate receiptEstimate
	logSum   int64 // of the logs of claims in units of 2^-32, so that it adds up in any order
	logCount int32
}

// line is an open item in a side's book.
type line struct {
	open int64 // as of the last match
	due  Day
	node int32
}

// receipt is the cash of one day in one currency.
type receipt struct {
	day      Day
	known    Day // the first of its rows
	rows     int32
	amount   int64 // less what bounced later
	monthEnd bool  // among the last three business days of the month; not where only the ledger is wanted
}

// id is the id of a node's row.
func (l *ledger) id(n *node) string {
	if n.of != none {
		return l.invoices[n.row].ID
	}
	return l.payments[n.row].ID
}

// ledger is the state of one customer's account, and its memory from one customer to the next.
type ledger struct {
	env      *Env
	invoices []Invoice
	payments []Payment
	home     Currency // the customer's own, or NoCurrency

	nodes   []node
	edges   []edge
	groups  []group
	sides   []side // by currency, ascending
	events  []event
	names   table // invoice id -> group
	keys    table // key of a row -> node
	keyed   int   // in keys
	touched []int32
	live    []int32      // open claims of the invoices export; may hold settled ones
	byID    []hashedNode // credits of the payments export by hash and id, made when first needed
	bad     []badRow

	first   Day     // earliest issue of an invoice present, NoDay without
	gross   uint64  // the digits of all amounts as written, up to manyDigits
	classes uint16  // a bit for each class that a row has
	apart   bool    // receipts are counted afterwards, see playApart
	heads   []int32 // scratch: of playApart
	links   []int32 // scratch: likewise

	freed, again []int32             // scratch
	merged       []event             // scratch
	runs         []int               // scratch
	classSums    [][classes]classSum // scratch
	overflow     bool
}

// hashedNode is a node with the hash of its id.
type hashedNode struct {
	hash uint64
	node int32
}

// badRow is a row refused while playing.
type badRow struct {
	node  int32
	cause error
}

func (l *ledger) reset(env *Env, rows *Rows) {
	l.env, l.invoices, l.payments = env, rows.Invoices, rows.Payments
	size := len(rows.Invoices) + len(rows.Payments)
	l.nodes, l.events = slices.Grow(l.nodes[:0], size), slices.Grow(l.events[:0], size)
	l.edges, l.groups = slices.Grow(l.edges[:0], len(rows.Payments)), slices.Grow(l.groups[:0], len(rows.Invoices))
	l.touched, l.live = l.touched[:0], l.live[:0]
	l.byID, l.bad, l.overflow = l.byID[:0], l.bad[:0], false
	l.first, l.gross, l.classes, l.apart = NoDay, 0, 0, false
	l.names.reset(len(rows.Invoices))
	l.keys.reset(len(rows.Payments)) // and invoices of which there are several with an id
	l.keyed = 0
}

// take applies an event.
func (l *ledger) take(e event) {
	if e.phase != phaseReplaced {
		l.takeNode(e.node)
	} else if l.nodes[e.node].present {
		l.retract(e.node)
	}
}

// takeNode enters a node, in the currency that is inferred for it where its row has none.
func (l *ledger) takeNode(i int32) {
	n := &l.nodes[i]
	if n.inferred {
		if cur := l.infer(n); !n.guessed || cur != n.cur {
			if err := l.denominate(n, cur); err != nil {
				l.bad = append(l.bad, badRow{node: i, cause: err})
				return
			}
		}
	}
	l.enter(i)
}

// enter puts a node into the ledger.
func (l *ledger) enter(i int32) {
	n := &l.nodes[i]
	n.present, n.open = true, n.amount
	s := &l.sides[n.cur]
	switch {
	case n.class == claim:
		l.add(s, n.amount)
		if l.first == NoDay || n.value < l.first {
			l.first = n.value
		}
		if n.amount > 0 {
			l.size(s, n.amount, 1)
			l.reopen(i)
		}
		l.chain(i)
		if l.groups[n.of].first != none { // credits wait for it
			l.redenominate(n.of, n.cur)
			l.pull(n.of)
		}
	case n.class.credits():
		l.add(s, -n.amount)
		if n.class == creditNote {
			l.chain(i)
		} else if n.class == cash {
			l.receive(n.cur, n.value, n.known, n.amount, 1)
		}
		l.settle(i)
		if n.open > 0 {
			l.wait(i)
		}
		if len(s.debts) > 0 {
			l.meetDebts(i)
		}
		if n.open > 0 {
			l.keep(i)
		}
	default:
		l.add(s, n.amount)
		l.takeBack(i)
	}
}

// add changes a side's balance.
func (l *ledger) add(s *side, v int64) {
	sum := s.balance + v
	if (sum > s.balance) != (v > 0) && v != 0 {
		l.overflow = true
	}
	s.balance = sum
}

// size adds the logarithm of a claim's amount to those of its side, or takes it off.
func (l *ledger) size(s *side, amount int64, sign int32) {
	if !l.env.LedgerOnly && !l.apart {
		s.logSum += int64(sign) * fixedLog(amount)
		s.logCount += sign
	}
}

// allocate covers amount of a claim by a credit.
func (l *ledger) allocate(from, to int32, amount int64, value Day) {
	c, d := &l.nodes[from], &l.nodes[to]
	c.open -= amount
	d.open -= amount
	l.cover(from, to, amount, value)
	l.moved(c, d, to, amount)
}

// cover notes that amount of a credit covers a claim.
func (l *ledger) cover(from, to int32, amount int64, value Day) {
	c, d := &l.nodes[from], &l.nodes[to]
	i := int32(len(l.edges))
	l.edges = extend(l.edges)
	e := &l.edges[i]
	e.from, e.to, e.amount, e.value, e.before, e.beforeThat = from, to, amount, value, c.edges, d.edges
	c.edges, d.edges = i, i
}

// release takes amount of an allocation back.
func (l *ledger) release(e int32, amount int64) {
	g := &l.edges[e]
	g.amount -= amount
	c, d := &l.nodes[g.from], &l.nodes[g.to]
	c.open += amount
	d.open += amount
	l.moved(c, d, g.to, -amount)
	if d.class == claim {
		l.reopen(g.to)
	}
}

// moved notes that amount of a credit came to cover a claim or, when negative, no longer does.
func (l *ledger) moved(c, d *node, to int32, amount int64) {
	if d.class == claim {
		l.touch(to)
		if c.class == cash {
			d.cashDay += amount
		}
	} else if d.class == returned && c.class == cash {
		l.receive(c.cur, c.value, c.known, -amount, 0) // cash that bounced was never received
	}
}

func (l *ledger) touch(i int32) {
	if n := &l.nodes[i]; !n.touched {
		n.touched = true
		l.touched = append(l.touched, i)
	}
}

// reopen puts a claim where open items are looked for.
func (l *ledger) reopen(i int32) {
	n := &l.nodes[i]
	if !n.live {
		n.live = true
		l.live = append(l.live, i)
	}
	if !n.booked && l.env.Unapplied != UnappliedHold {
		n.booked = true
		s := &l.sides[n.cur]
		s.fresh = append(s.fresh, i)
	}
}

// receive records cash on the day it came in.
func (l *ledger) receive(cur uint8, day, known Day, amount int64, rows int32) {
	if l.apart {
		return
	}
	s := &l.sides[cur]
	at := len(s.receipts) - 1
	for at >= 0 && s.receipts[at].day > day {
		at--
	}
	if at < 0 || s.receipts[at].day != day {
		at++
		on := receipt{day: day, known: known, rows: rows, amount: amount, monthEnd: !l.env.LedgerOnly && l.env.Calendar.MonthEnd(day)}
		if at == len(s.receipts) { // mostly
			s.receipts = append(s.receipts, on)
		} else {
			s.receipts = slices.Insert(s.receipts, at, on)
			s.estimate.changed(at)
		}
		return
	}
	p := &s.receipts[at]
	sum := p.amount + amount
	if (sum > p.amount) != (amount > 0) && amount != 0 {
		l.overflow = true
	}
	if (p.rows > 0) != (p.rows+rows > 0) {
		s.estimate.changed(at)
	}
	p.amount, p.rows, p.known = sum, p.rows+rows, min(p.known, known)
}

// chain puts a node of the invoices export among the items of its id.
func (l *ledger) chain(i int32) {
	n := &l.nodes[i]
	at := &l.groups[n.of].items
	for *at != none {
		o := &l.nodes[*at]
		if o.due > n.due || o.due == n.due && o.instalment > n.instalment {
			break
		}
		at = &o.next
	}
	n.next, *at = *at, i
}

// unchain takes it out again.
func (l *ledger) unchain(i int32) {
	for at := &l.groups[l.nodes[i].of].items; *at != none; at = &l.nodes[*at].next {
		if *at == i {
			*at = l.nodes[i].next
			return
		}
	}
}
