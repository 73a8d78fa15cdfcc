package scoring

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"kaishu/scoring/hazard"
)

// lookback is what landmarks take of a customer that is played invoice by invoice. No such customer is ever as it stood on
// a day of the past: what changes is put by for the first of the days looked at that knows of it, and the days are looked at
// in turn when all has been played, each with what was put by up to it. The features of nearly all customers
// come out of a few passes over their rows so, in no order that would have to be made first.
type lookback struct {
	days  []Day      // looked at, ascending: those of landmarks that are drawn
	drawn []uint64   // a bit for each of days, that of days[0] first
	ranks []int32    // how many of days lie before those of each of drawn
	next  int        // how many of days lie before the day being played
	steps []lookStep // one for each of days, and for the as-of date
	sides []sideStep // likewise, by step and side
	open  []openThen
	seen  []int32      // scratch: open items
	lots  []settledLot // what settled, in no order
	same  []int32      // of each of lots, another one of its day
	order dayOrder     // of lots
	cash  []cashOf     // in no order
	came  dayOrder     // of cash
}

// lookStep is what became known after the day looked at before and up to one, and what is looked at then.
type lookStep struct {
	sums        pastSums
	first       Day   // earliest issue of an invoice, NoDay without
	open        int32 // latest of lookback.open, none without
	marks, last int32 // first and last landmark of the day, none without
}

// sideStep is the part of a lookStep in one currency.
type sideStep struct {
	balance, logSum int64
	logCount        int32
	total, monthEnd float64 // of receiptEstimate
}

// cashOf is the cash of one day in one currency.
type cashOf struct {
	receipt
	side, same int32 // another of the day, none without
}

// openThen is an item that was open on a day looked at.
type openThen struct{ node, before int32 }

// steady reports whether nothing but the ledger's rows up to a day is needed for how a customer that can be played apart
// stood then: nothing is disputed, no contact followed, all amounts are in the currency that they end in from the first, and no
// date is so old that recency weights are not kept for it.
func (r *Rebuilder) steady() bool {
	e, l := r.env, &r.ledger
	if len(r.watch.list) > 0 || len(r.notes.disputes) > 0 || e.TrialFrom != 0 || e.HistoryKept {
		return false
	}
	usual := l.infer(&node{names: none})
	for i := range l.nodes {
		n := &l.nodes[i]
		if int64(e.AsOf)-int64(n.value) >= keptWeights {
			return false
		}
		if n.of != none {
			if l.nodes[l.groups[n.of].rows].cur != n.cur {
				return false
			}
			continue
		}
		if n.inferred && (!n.guessed || n.cur != usual && l.nodes[l.groups[n.names].rows].at() > n.at()) {
			return false // of another currency until its invoice is known
		}
	}
	return true
}

// plan lists the days looked at.
func (b *lookback) plan(m *marks, env *Env) {
	b.days, b.drawn, b.ranks, b.next, b.open = b.days[:0], b.drawn[:0], b.ranks[:0], 0, b.open[:0]
	b.lots, b.same, b.cash = b.lots[:0], b.same[:0], b.cash[:0]
	for ; m.next < env.AsOf; m.step(env) {
		if len(b.days) > 0 && m.next == b.days[len(b.days)-1] {
			continue
		}
		b.days = append(b.days, m.next)
		at := int(m.next - b.days[0])
		for len(b.drawn) <= at/64 {
			b.drawn, b.ranks = append(b.drawn, 0), append(b.ranks, int32(len(b.days)-1))
		}
		b.drawn[at/64] |= 1 << (at % 64)
	}
}

// lay makes room for what is put by for the days looked at, in so many currencies.
func (b *lookback) lay(sides int) {
	b.steps = resize(b.steps, len(b.days)+1)
	for i := range b.steps {
		b.steps[i] = lookStep{first: NoDay, open: none, marks: none, last: none}
	}
	b.sides = resize(b.sides, len(b.steps)*sides)
	clear(b.sides)
}

// rank is how many of the days looked at lie before a day.
func (b *lookback) rank(day Day) int {
	if len(b.days) == 0 || day <= b.days[0] {
		return 0
	}
	i := int(day - b.days[0])
	if i/64 >= len(b.drawn) {
		return len(b.days)
	}
	return int(b.ranks[i/64]) + bits.OnesCount64(b.drawn[i/64]&(1<<(i%64)-1))
}

// putBy notes what a node that has entered adds to the ledger's sums.
func (r *Rebuilder) putBy(n *node) {
	b := &r.back
	if n.class == cash {
		b.receive(r.env.AsOf, n.value, n.known, n.amount, n.cur)
	}
	side := &b.sides[b.next*len(r.ledger.sides)+int(n.cur)]
	if n.class != claim {
		side.balance -= n.amount
		return
	}
	side.balance += n.amount
	if n.amount > 0 {
		side.logSum += fixedLog(n.amount)
		side.logCount++
	}
	if s := &b.steps[b.next]; s.first == NoDay || n.value < s.first {
		s.first = n.value
	}
}

// lookBefore notes what is open of an invoice on the days looked at from lookback.next to the one before another, and its
// landmarks of those days begin to follow it.
func (r *Rebuilder) lookBefore(first int32, rank int) {
	l := &r.ledger
	for i := first; i != none; i = l.links[i] {
		if n := &l.nodes[i]; n.class == claim && n.open != 0 {
			r.lookAtItem(i, rank)
		}
	}
}

// lookAtItem is lookBefore of one open item.
func (r *Rebuilder) lookAtItem(i int32, rank int) {
	b, m, n := &r.back, &r.marks, &r.ledger.nodes[i]
	for k := b.next; k < rank; k++ {
		s, date := &b.steps[k], b.days[k]
		b.open = append(b.open, openThen{i, s.open})
		s.open = int32(len(b.open) - 1)
		if draw := itemDraw(m.key(n, date)); draw*draw >= m.below {
			continue
		}
		at := m.begin(n, hazard.Landmark{Date: int32(date)}, follower{last: date + hazard.CameDays, node: i, later: none})
		if s.last == none {
			s.marks = at
		} else {
			m.seen[s.last].later = at
		}
		s.last = at
	}
}

// lookBack looks at the customer on the days wanted, and brings it to the as-of date.
func (r *Rebuilder) lookBack() {
	l, b, h := &r.ledger, &r.back, &r.past
	r.orderSettled()
	r.orderCash()
	h.on, l.first = &h.now, NoDay
	for i := range l.sides {
		s := &l.sides[i]
		s.balance, s.estimate = 0, receiptEstimate{counted: len(s.receipts)}
	}
	var marks []hazard.Landmark
	if len(r.marks.list) > 0 {
		marks = make([]hazard.Landmark, 0, len(r.marks.list))
	}
	for k, day := range b.days {
		r.goOn(k)
		if b.steps[k].marks != none {
			marks = r.lookAtMarks(k, day, marks)
		}
	}
	r.goOn(len(b.days))
	if len(marks) > 0 {
		r.out.Account.Landmarks = marks
	}
}

// goOn adds what was put by for a step.
func (r *Rebuilder) goOn(k int) {
	l, b := &r.ledger, &r.back
	step := &b.steps[k]
	r.past.now.add(&step.sums)
	if step.first != NoDay && (l.first == NoDay || step.first < l.first) {
		l.first = step.first
	}
	for i := range l.sides {
		s, by := &l.sides[i], &b.sides[k*len(l.sides)+i]
		s.balance += by.balance
		s.logSum += by.logSum
		s.logCount += by.logCount
		s.estimate.total += by.total
		s.estimate.monthEnd += by.monthEnd
	}
}

// lookAtMarks adds the landmarks of a day, as they ended, with what was seen of the customer then.
func (r *Rebuilder) lookAtMarks(k int, day Day, to []hazard.Landmark) []hazard.Landmark {
	b, m := &r.back, &r.marks
	b.seen = b.seen[:0]
	for i := b.steps[k].open; i != none; i = b.open[i].before {
		b.seen = append(b.seen, b.open[i].node)
	}
	v := r.see(day, b.seen)
	for i := b.steps[k].marks; i != none; i = m.seen[i].later {
		f, end := &m.seen[i], &m.list[i]
		mark := r.landmark(&r.ledger.nodes[f.node], f.open, &v)
		if math.IsNaN(mark.Open) {
			continue // no rate of its currency that old
		}
		mark.Came, mark.Follow, mark.Paid = end.Came, end.Follow, end.Paid
		if !f.done {
			mark.Follow = int32(r.env.AsOf - day)
		}
		to = append(to, mark)
	}
	return to
}

// settle notes items that settled.
func (b *lookback) settle(asOf Day, lot *settledLot) {
	of := b.order.of(asOf - lot.day)
	for i := *of; i != none; i = b.same[i] {
		if v := &b.lots[i]; v.bin == lot.bin && v.known == lot.known {
			v.merge(lot)
			return
		}
	}
	b.lots, b.same = extend(b.lots), append(b.same, *of)
	*of = int32(len(b.lots) - 1)
	b.lots[*of].set(lot)
}

// orderSettled puts what settled in the order of history.settled, and its payments in that of history.pays.
func (r *Rebuilder) orderSettled() {
	h, b := &r.past, &r.back
	h.settled = h.settled[:0]
	for _, i := range b.order.sorted() {
		from := len(h.settled)
		for ; i != none; i = b.same[i] {
			h.settled = append(h.settled, b.lots[i])
		}
		if lots := h.settled[from:]; len(lots) > 1 {
			slices.SortFunc(lots, func(a, b settledLot) int { return cmp.Compare(a.bin, b.bin) })
		}
	}
	for i := range h.settled {
		if v := &h.settled[i]; v.bin != none {
			h.pay(v.known, v.items, r.env.Calendar)
		}
	}
}

// receive notes cash of a day in a side's currency.
func (b *lookback) receive(asOf, day, known Day, amount int64, side uint8) {
	of := b.came.of(asOf - day)
	for i := *of; i != none; i = b.cash[i].same {
		if c := &b.cash[i]; c.side == int32(side) {
			c.known, c.rows, c.amount = min(c.known, known), c.rows+1, c.amount+amount
			return
		}
	}
	b.cash = extend(b.cash)
	c := &b.cash[len(b.cash)-1]
	c.day, c.known, c.rows, c.amount, c.side, c.same = day, known, 1, amount, int32(side), *of
	*of = int32(len(b.cash) - 1)
}

// orderCash makes the receipts of the cash.
func (r *Rebuilder) orderCash() {
	l, b, weights := &r.ledger, &r.back, r.past.weigh(keptWeights-1)
	for _, i := range b.came.sorted() {
		monthEnd, w := r.env.Calendar.MonthEnd(b.cash[i].day), weights[r.env.AsOf-b.cash[i].day]
		for ; i != none; i = b.cash[i].same {
			c := &b.cash[i]
			s, by := &l.sides[c.side], &b.sides[b.rank(c.known)*len(l.sides)+int(c.side)]
			s.receipts = extend(s.receipts)
			to := &s.receipts[len(s.receipts)-1]
			to.day, to.known, to.rows, to.amount, to.monthEnd = c.day, c.known, c.rows, c.amount, monthEnd
			by.total += w
			if monthEnd {
				by.monthEnd += w
			}
		}
	}
	l.apart = false
}

// dayOrder keeps a number for each of days that are less than keptWeights before the as-of date, and brings those numbers into
// the order of the days: in as many steps as there are days, whatever order they come in.
type dayOrder struct {
	used    [keptWeights / 64]uint64 // a bit for each age that has a number
	numbers [keptWeights]int32       // by age
	list    []int32
	oldest  int // of used
}

// of is the number of the day that lies so many days back, none at first.
func (o *dayOrder) of(age Day) *int32 {
	word, bit := int(age)/64, uint64(1)<<(age%64)
	if o.used[word]&bit == 0 {
		o.used[word] |= bit
		o.numbers[age], o.oldest = none, max(o.oldest, word)
	}
	return &o.numbers[age]
}

// sorted are the numbers, that of the oldest day first; they are forgotten. It holds until the next call.
func (o *dayOrder) sorted() []int32 {
	list := o.list[:0]
	for word := o.oldest; word >= 0; word-- {
		for set := o.used[word]; set != 0; {
			age := bits.Len64(set) - 1
			set &^= 1 << age
			list = append(list, o.numbers[64*word+age])
		}
		o.used[word] = 0
	}
	o.list, o.oldest = list, 0
	return list
}
