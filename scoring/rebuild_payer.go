package scoring

import "math/bits"

// weighted sums cash, and cash times the days that it took.
type weighted struct{ cash, days Sum }

// daysToPay is the mean of paid less issued, weighted by allocated cash. In several
// currencies the weights are at the rates of the date; a currency that has none, which
// then nothing is open in, is left out.
func (r *Rebuilder) daysToPay(a *Account, unit []float64) {
	l := &r.ledger
	sums := resize(r.weighted, len(l.sides))
	clear(sums)
	r.weighted = sums
	for i, even := range r.even.sums {
		sums[i] = weighted{days: even.days}
		sums[i].cash.Add(even.amount)
	}
	for i := range l.edges {
		e := &l.edges[i]
		from, to := &l.nodes[e.from], &l.nodes[e.to]
		if e.amount > 0 && from.class == cash && to.class == claim {
			s := &sums[to.cur]
			s.cash.Add(e.amount)
			addProduct(&s.days, e.amount, int64(e.value-to.value))
		}
	}
	cash, days, found := 0.0, 0.0, 0
	for i, s := range sums {
		if s.cash.IsZero() {
			continue
		}
		if found++; found == 1 {
			a.DaysToPay = sumFloat(s.days) / sumFloat(s.cash)
		}
		if unit[i] == unit[i] { // has a rate
			cash += float64(sumFloat(s.cash) * unit[i])
			days += float64(sumFloat(s.days) * unit[i])
		}
	}
	switch {
	case found == 0 || found > 1 && cash == 0:
		a.DaysToPay = nan
	case found > 1:
		a.DaysToPay = days / cash
	}
}

// lastPayment is the latest day on which cash came in.
func (r *Rebuilder) lastPayment() Day {
	last := NoDay
	for i := range r.ledger.sides {
		receipts := r.ledger.sides[i].receipts
		for k := len(receipts) - 1; k >= 0; k-- {
			if receipts[k].rows > 0 {
				last = max(last, receipts[k].day)
				break
			}
		}
	}
	return last
}

// Patterns are looked for in the last year's cash, and need so many days with cash.
const (
	patternDays = 365
	patternLow  = 4
)

// pattern finds the weekday and the day of the month that at least half of the last year's cash
// came in on. Cash on the first business day after holidays counts for the holidays too, and
// cash on a month's last business day for the 31st, so that rolled due dates show.
func (r *Rebuilder) pattern(a *Account, unit []float64) {
	a.PayWeekday, a.PayMonthDay = -1, 0
	var weekday [7]float64
	var monthDay [32]float64
	total, count := 0.0, 0
	for i := range r.ledger.sides {
		if unit[i] != unit[i] {
			continue
		}
		receipts := r.ledger.sides[i].receipts
		for _, c := range receipts[receiptsBefore(receipts, r.env.AsOf-patternDays+1):] {
			if c.rows <= 0 || c.amount <= 0 {
				continue
			}
			v := float64(float64(c.amount) * unit[i])
			total += v
			count++
			weekday[c.day.Weekday()] += v
			for days := r.nominals.on(r.env, c.day); days != 0; days &= days - 1 {
				monthDay[bits.TrailingZeros32(days)] += v
			}
		}
	}
	if count < patternLow {
		return
	}
	for d, v := range weekday {
		if v >= total/2 && (a.PayWeekday < 0 || v > weekday[a.PayWeekday]) {
			a.PayWeekday = int8(d)
		}
	}
	for d, v := range monthDay {
		if d > 0 && v >= total/2 && v > monthDay[a.PayMonthDay] {
			a.PayMonthDay = int8(d)
		}
	}
}

// nominals keeps the set of days of the month that a payment on a day may have been due on, of the days of
// the last year: it is the same for every customer.
type nominals struct {
	calendar *Calendar
	asOf     Day
	days     [patternDays]uint32 // by asOf less the day; 0 while not looked up
}

func (n *nominals) on(env *Env, d Day) uint32 {
	if n.calendar != env.Calendar || n.asOf != env.AsOf {
		*n = nominals{calendar: env.Calendar, asOf: env.AsOf}
	}
	days := &n.days[env.AsOf-d]
	if *days == 0 {
		*days = nominal(env.Calendar, d)
	}
	return *days
}

// nominal is the set of days of the month that a payment on d may have been due on.
func nominal(c *Calendar, d Day) (days uint32) {
	_, month, day := d.Date()
	days = 1 << day
	for back := d - 1; back > d-7 && c.Business(d) && !c.Business(back); back-- {
		_, _, day := back.Date()
		days |= 1 << day
	}
	if _, next, _ := c.Add(d, 1).Date(); next != month {
		days |= 1 << 31
	}
	return days
}
