package scoring

import "math"

// promise is an activity that names a day of payment, or that withdraws such a promise.
type promise struct {
	span
	id        string
	done      Day // when it was given
	date      Day
	deadline  Day   // date and tolerance
	group     int32 // the invoice it is about, none for all
	before    int32 // the promise before it about the same invoice
	cur       uint8
	amount    int64
	needs     int32 // without an amount: index of what it is about, by side; -1 with one
	withdraws bool
	state     promiseState
}

type promiseState uint8

const (
	promiseAbsent promiseState = iota
	promiseRunning
	promiseKept
	promisePartly
	promiseBroken
	promiseReplaced // by a later one, or withdrawn
)

// waiting tells whether openPromises has anything left to do.
func (o *notes) waiting() bool { return o.next < len(o.byKnown) }

// openPromises settles what the promises that became known up to a day are about. Without an
// amount that is what was overdue when they were given or, with nothing overdue, all that was open.
func (o *notes) openPromises(r *Rebuilder, day Day) {
	for ; o.next < len(o.byKnown); o.next++ {
		p := &o.promises[o.byKnown[o.next]]
		if p.known > day {
			return
		}
		if p.withdraws {
			continue
		}
		a := &r.rows.Activities[p.row]
		if a.HasPromise && a.PromiseAmount.Mantissa > 0 {
			n := node{names: p.group}
			p.cur = r.ledger.infer(&n)
			amount, err := minorOf(a.PromiseAmount, r.ledger.sides[p.cur].currency)
			if err != nil {
				o.refusePromise(r, p, err)
				continue
			}
			p.amount = amount
			continue
		}
		p.needs = int32(len(o.needs))
		for range r.ledger.sides {
			o.needs = append(o.needs, 0)
		}
		if !o.sumNeeds(r, p, true) {
			o.sumNeeds(r, p, false)
		}
	}
}

// sumNeeds sums what a promise without an amount is about, and tells whether that is anything.
func (o *notes) sumNeeds(r *Rebuilder, p *promise, overdue bool) (any bool) {
	need := o.needs[p.needs:]
	for _, i := range r.openItems() {
		n := &r.ledger.nodes[i]
		if (p.group == none || p.group == n.of) && (!overdue || n.due < p.done) {
			need[n.cur] = min(need[n.cur], math.MaxInt64-n.open) + n.open
			any = true
		}
	}
	return any
}

// refusePromise refuses a promise whose amount cannot be in its currency, as a contact too.
func (o *notes) refusePromise(r *Rebuilder, p *promise, cause error) {
	p.bad = true
	for i := range o.contacts {
		if o.contacts[i].row == p.row {
			o.contacts[i].bad = true
		}
	}
	if p.until == NoDay { // else refused as a duplicate already
		r.refuse(Activities, r.rows.Activities[p.row].Pos, "promise_amount", cause.Error())
		r.out.Counts[Activities].Used--
	}
}

// judge says of every promise how it stands at the end of a day, by what the ledger holds then:
// kept when cash of that amount came in from the day it was given to its date and tolerance
// (for the invoice it names, if it does), partly kept or broken when that has passed, else running.
// A later promise about the same, or about everything, replaces one that still runs.
func (o *notes) judge(r *Rebuilder, day Day, unit []float64) {
	o.openPromises(r, day)
	o.kept, o.partly, o.broken, o.level, o.forAll = 0, 0, 0, 0, none
	o.running = o.running[:0]
	if len(o.promises) == 0 {
		return
	}
	o.sumCash(&r.ledger)
	for i := range o.promises {
		p := &o.promises[i]
		p.state = promiseAbsent
		if !p.at(day) {
			continue
		}
		still := o.running[:0]
		for _, k := range o.running {
			q := &o.promises[k]
			if p.group != none && p.group != q.group {
				still = append(still, k)
			} else if o.conclude(r, q, p.done, unit); q.state == promiseRunning {
				q.state = promiseReplaced
			}
		}
		o.running = still
		if !p.withdraws {
			p.state = promiseRunning
			o.running = append(o.running, int32(i))
			if p.group == none {
				o.forAll = int32(i)
			}
		}
	}
	still := o.running[:0]
	for _, k := range o.running {
		if o.conclude(r, &o.promises[k], day, unit); o.promises[k].state == promiseRunning {
			still = append(still, k)
		}
	}
	o.running = still
	o.countPromises()
}

func (o *notes) countPromises() {
	for i := range o.promises {
		switch o.promises[i].state {
		case promiseKept:
			o.kept++
			o.level = 0
		case promisePartly:
			o.partly++
		case promiseBroken:
			o.broken++
			o.level++
		}
	}
}

// conclude sets how a running promise stands on a day.
func (o *notes) conclude(r *Rebuilder, p *promise, day Day, unit []float64) {
	any := o.received(r, p, min(day, p.deadline))
	switch {
	case o.enough(p, unit):
		p.state = promiseKept
	case day <= p.deadline:
	case any:
		p.state = promisePartly
	default:
		p.state = promiseBroken
	}
}

// need is what a promise is about in one side's currency.
func (o *notes) need(p *promise, side int) int64 {
	if p.needs >= 0 {
		return o.needs[int(p.needs)+side]
	}
	if side == int(p.cur) {
		return p.amount
	}
	return 0
}

// enough tells whether o.got covers a promise: in every currency, or together at the rates of
// the day.
func (o *notes) enough(p *promise, unit []float64) bool {
	all, need, got := true, 0.0, 0.0
	for i, g := range o.got {
		n := o.need(p, i)
		all = all && g >= n
		if n != 0 {
			need += float64(float64(n) * unit[i])
		}
		if g != 0 {
			got += float64(float64(g) * unit[i])
		}
	}
	return all || len(o.got) > 1 && got >= need
}

// received puts into o.got the cash of every side from the day of a promise up to a day, and
// tells whether there is any.
func (o *notes) received(r *Rebuilder, p *promise, to Day) (any bool) {
	l := &r.ledger
	o.got = o.got[:0]
	for range l.sides {
		o.got = append(o.got, 0)
	}
	if p.group == none {
		at := 0
		for i := range l.sides {
			receipts := l.sides[i].receipts
			sums := o.cash[at : at+len(receipts)+1]
			at += len(receipts) + 1
			o.got[i] = sums[receiptsBefore(receipts, to+1)] - sums[receiptsBefore(receipts, p.done)]
			any = any || o.got[i] > 0
		}
		return any
	}
	for at := l.groups[p.group].items; at != none; at = l.nodes[at].next {
		for e := l.nodes[at].edges; e != none; e = l.edges[e].beforeThat {
			g := &l.edges[e]
			if from := &l.nodes[g.from]; g.to == at && from.class == cash && from.value >= p.done && from.value <= to {
				o.got[from.cur] += g.amount
				any = any || g.amount > 0
			}
		}
	}
	return any
}

// sumCash makes the running sums of receipts.
func (o *notes) sumCash(l *ledger) {
	o.cash = o.cash[:0]
	for i := range l.sides {
		sum := int64(0)
		o.cash = append(o.cash, 0)
		for _, c := range l.sides[i].receipts {
			sum += c.amount
			o.cash = append(o.cash, sum)
		}
	}
}

// receiptsBefore is the number of receipts before a day.
func receiptsBefore(receipts []receipt, day Day) int {
	lo, hi := 0, len(receipts)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if receipts[mid].day < day {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// promiseOn says of an item in how many days a running promise falls due, -1 without one, and
// whether the latest promise about it was broken. Promises must have been judged for the day.
func (o *notes) promiseOn(l *ledger, n *node, day Day) (due int32, broken bool) {
	latest := o.forAll
	about := none
	if n.of != none {
		for about = l.groups[n.of].promises; about != none && o.promises[about].state == promiseAbsent; {
			about = o.promises[about].before
		}
	}
	due = -1
	for _, k := range [...]int32{latest, about} {
		if k == none {
			continue
		}
		if p := &o.promises[k]; p.state == promiseRunning {
			if left := max(int32(p.date-day), 0); due < 0 || left < due {
				due = left
			}
		}
	}
	if latest = max(latest, about); latest != none {
		broken = o.promises[latest].state == promiseBroken
	}
	return due, broken
}
