package scoring

import (
	"math"

	"kaishu/scoring/hazard"
)

// marks takes landmarks of past dates while the ledger is played, and follows their items to
// the payment.
type marks struct {
	next     Day               // date of the next landmark
	dates    []Day             // of those after it, where they are given
	list     []hazard.Landmark // kept from one customer to the next, without what its elements point to
	seen     []follower        // of each in list
	kept     []int32           // scratch
	customer uint64            // hash
	below    uint64            // bound on LandmarkGate
}

// follower watches one item for one landmark.
type follower struct {
	before int32 // the follower before it of the same item
	node   int32 // the item, and
	later  int32 // the follower of the next one of the same day; of lookback
	window int32 // 1 + index of the Window that it belongs to; 0 for landmarks of their own
	open   int64 // at the landmark
	need   int64 // cash that makes 95 % of it
	cash   int64 // since the landmark
	last   Day   // on which cash counts for Came
	done   bool
}

// share is the part of what was open that has come in cash and was not taken back.
func (f *follower) share() float32 {
	return float32(min(max(float64(f.cash)/float64(f.open), 0), 1))
}

func (m *marks) reset(env *Env, customer string) {
	m.next, m.dates = env.AsOf-7*Day(env.LandmarkWeeks), nil
	if len(env.LandmarkDays) > 0 {
		m.next, m.dates = env.LandmarkDays[0], env.LandmarkDays[1:]
	}
	m.list, m.seen = m.list[:0], m.seen[:0]
	m.customer = scramble(CustomerHash(customer))
	if m.below == 0 {
		m.next = env.AsOf
	} else if !m.drawn() {
		m.step(env)
	}
}

// key is the key of an item at a date. It depends on nothing else, so that a run
// over more customers, or as of another day, picks the same landmarks.
func (m *marks) key(n *node, date Day) uint64 {
	return scramble(scramble(m.customer^n.hash) + uint64(uint32(n.instalment))<<32 + uint64(uint32(date)))
}

// Landmarks are sampled in two stages that share the thinning: to keep a share q of them a customer's day is
// drawn with probability √q and, on such a day, each item with √q. A day that is not drawn costs a hash, where
// landmarks drawn one by one have every open item of every week looked at; and what is seen of the customer serves all that is
// kept of the day. The price is that items of a day are alike. For predictions as precise as with landmarks drawn one by one it
// takes 1.1 to 1.9 times as many, the fewer are kept the nearer to 1; whole days take 1.3 to 6 times as many, and customers
// and their items 2 to 10, since what a customer is stays the same on all its days (docs/figures.md).
//
// A draw is a number of 32 bits, uniform by hash, and the gate the square of the larger one: it lies below
// q·2^64 with probability q.

// dayDraw is the draw of a customer's day.
func dayDraw(customer uint64, date Day) uint64 {
	return scramble(customer+uint64(uint32(date))*0x9e3779b97f4a7c15) >> 32 // SplitMix64: Steele, Lea and Flood, OOPSLA 2014
}

// itemDraw is the draw of an item on a day, by its key.
func itemDraw(key uint64) uint64 { return key >> 32 }

// LandmarkGate is what the bound of Rebuild is held against: a landmark is kept where its gate lies below.
func LandmarkGate(l *hazard.Landmark) uint64 {
	draw := max(dayDraw(l.Customer, Day(l.Date)), itemDraw(l.Key))
	return draw * draw
}

// drawn tells whether the day of m.next is.
func (m *marks) drawn() bool {
	draw := dayDraw(m.customer, m.next)
	return draw*draw < m.below
}

// landmarksBefore takes the landmarks of the dates before a day; the ledger is at the end of
// the last day before it on which anything became known.
func (r *Rebuilder) landmarksBefore(day Day) {
	m := &r.marks
	for ; m.next < day && m.next < r.env.AsOf; m.step(r.env) {
		r.landmarksAt(m.next)
	}
}

// step moves to the date of the next landmark: to the next one that is drawn, or the as-of date where there is none.
func (m *marks) step(env *Env) {
	for {
		switch {
		case len(env.LandmarkDays) == 0:
			m.next += 7
		case len(m.dates) == 0:
			m.next = env.AsOf
		default:
			m.next, m.dates = m.dates[0], m.dates[1:]
		}
		if m.next >= env.AsOf {
			m.next = env.AsOf
			return
		}
		if m.drawn() {
			return
		}
	}
}

// landmarksAt keeps a landmark for every sampled item open at the end of a day.
func (r *Rebuilder) landmarksAt(day Day) {
	m := &r.marks
	m.kept = m.kept[:0]
	for _, i := range r.openItems() {
		if draw := itemDraw(m.key(&r.ledger.nodes[i], day)); draw*draw < m.below {
			m.kept = append(m.kept, i)
		}
	}
	if len(m.kept) == 0 {
		return
	}
	v := r.see(day, r.openItems())
	for _, i := range m.kept {
		n := &r.ledger.nodes[i]
		mark := r.landmark(n, n.open, &v)
		if math.IsNaN(mark.Open) {
			continue // no rate of its currency that old
		}
		m.begin(n, mark, follower{last: day + hazard.CameDays})
	}
}

// begin begins to follow an item for a landmark, and returns the place of both.
func (m *marks) begin(n *node, mark hazard.Landmark, f follower) int32 {
	f.before, f.open, f.need = n.follow, n.open, n.open-n.open/20
	m.list, m.seen = append(m.list, mark), append(m.seen, f)
	n.follow = int32(len(m.seen) - 1)
	return n.follow
}

// landmark is an item of which so much is open in a view of the customer.
func (r *Rebuilder) landmark(n *node, open int64, v *view) hazard.Landmark {
	due, broken := r.notes.promiseOn(&r.ledger, n, v.day)
	return hazard.Landmark{
		Date: int32(v.day), Issue: int32(n.value), Due: int32(n.due),
		Open:     float64(float64(open) * v.unit[n.cur]),
		Disputed: r.disputed(n, v.day) > 0, PromiseDue: due, PromiseBroken: broken,
		Past: v.past, Key: r.marks.key(n, v.day), Customer: r.marks.customer,
	}
}

// follow tells the landmarks of an item what a day brought: the first day on which cash since
// the landmark makes 95 % of what was open then is its payment; an item that reaches zero
// otherwise, or is withdrawn, is not followed any longer.
func (m *marks) follow(n *node, day Day) {
	at := &n.follow
	for *at != none {
		i := *at
		f := &m.seen[i]
		f.cash += n.cashDay
		if n.cashDay != 0 && day <= f.last {
			m.list[i].Came = f.share()
		}
		paid := f.cash >= f.need
		if !paid && n.present && n.open > 0 {
			at = &f.before
			continue
		}
		mark := &m.list[i]
		mark.Follow, mark.Paid = int32(day)-mark.Date, paid
		f.done = true
		*at = f.before
	}
}

// endLandmarks censors what is still followed on the as-of date, and hands the list over.
func (r *Rebuilder) endLandmarks() {
	m := &r.marks
	for i := range m.list {
		if !m.seen[i].done {
			m.list[i].Follow = int32(r.env.AsOf) - m.list[i].Date
		}
	}
	all := m.list
	r.endWindows()
	if len(m.list) > 0 {
		r.out.Account.Landmarks = append(make([]hazard.Landmark, 0, len(m.list)), m.list...)
	}
	clear(all)
}
