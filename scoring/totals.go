package scoring

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Fates counts the rows of one export by what became of them.
type Fates struct{ Used, Rejected, NotYet int64 }

// Merge adds o to f.
func (f *Fates) Merge(o Fates) {
	f.Used += o.Used
	f.Rejected += o.Rejected
	f.NotYet += o.NotYet
}

// Tally is a number of rows and the sum of their amounts.
type Tally struct {
	Rows   int64
	Amount Sum
}

func (t *Tally) add(rows int64, amount Sum) {
	t.Rows += rows
	t.Amount.AddSum(amount)
}

// Movement is what became of the rows of the invoices or payments export that one currency is
// written on. Amounts are as written, at four decimals (Decimal.AtFour).
type Movement struct{ Used, Rejected, NotYet Tally }

func (m *Movement) merge(o *Movement) {
	m.Used.add(o.Used.Rows, o.Used.Amount)
	m.Rejected.add(o.Rejected.Rows, o.Rejected.Amount)
	m.NotYet.add(o.NotYet.Rows, o.NotYet.Amount)
}

// Total is the rows and the amount of all three.
func (m *Movement) Total() Tally {
	t := m.Used
	t.add(m.Rejected.Rows, m.Rejected.Amount)
	t.add(m.NotYet.Rows, m.NotYet.Amount)
	return t
}

// Written holds the movements of one currency as written, NoCurrency where the rows have none.
// Over all customers they come to what was read.
type Written struct {
	Currency Currency
	Invoices Movement
	Payments Movement
}

// Totals are the sums of the ledger in one currency, in its minor units; all but Used of
// rows that count as of the date. They add up over customers, and tie:
//
//	Invoiced - Credited - Paid + Returned - WrittenOff - Discounts = Open - OnAccount
//	the buckets but OnAccount sum to Open, that one to OnAccount
//	Claims - Allocated = Open, Credits - Allocated = OnAccount
type Totals struct {
	Currency Currency

	Invoiced   Tally // invoices and debit notes
	Credited   Tally // credit notes, positive
	Paid       Tally // cash
	Returned   Tally // reversals and refunds, positive
	WrittenOff Tally // less those taken back
	Discounts  Tally // less those taken back

	Claims    Sum // what raises the balance
	Credits   Sum // what lowers it
	Allocated Sum // what of the one covers what of the other
	Open      Sum // positive open items
	OnAccount Sum // cash on account and open credit notes, positive
	Items     int64
	Bucket    [Buckets]Sum // of the open items; OnAccount positive
}

// merge adds o to t.
func (t *Totals) merge(o *Totals) {
	for _, p := range [...]struct{ to, of *Tally }{
		{&t.Invoiced, &o.Invoiced}, {&t.Credited, &o.Credited}, {&t.Paid, &o.Paid},
		{&t.Returned, &o.Returned}, {&t.WrittenOff, &o.WrittenOff}, {&t.Discounts, &o.Discounts},
	} {
		p.to.add(p.of.Rows, p.of.Amount)
	}
	t.Claims.AddSum(o.Claims)
	t.Credits.AddSum(o.Credits)
	t.Allocated.AddSum(o.Allocated)
	t.Open.AddSum(o.Open)
	t.OnAccount.AddSum(o.OnAccount)
	t.Items += o.Items
	for b := range t.Bucket {
		t.Bucket[b].AddSum(o.Bucket[b])
	}
}

// Tied is nil when the identities of Totals hold, else the first one that does not.
func (t *Totals) Tied() error {
	balance := t.Invoiced.Amount
	balance.AddSum(t.Returned.Amount)
	for _, s := range [...]Sum{t.Credited.Amount, t.Paid.Amount, t.WrittenOff.Amount, t.Discounts.Amount} {
		balance.Sub(s)
	}
	open := t.Open
	open.Sub(t.OnAccount)
	if balance != open {
		return t.apart("invoices less payments and other allocations", balance, "open items less credits", open)
	}
	var buckets Sum
	for b := NotDue; b < OnAccount; b++ {
		buckets.AddSum(t.Bucket[b])
	}
	if buckets != t.Open {
		return t.apart("the buckets", buckets, "the open items", t.Open)
	}
	if t.Bucket[OnAccount] != t.OnAccount {
		return t.apart("the credits among the items", t.Bucket[OnAccount], "the credits of the ledger", t.OnAccount)
	}
	claims, credits := t.Claims, t.Credits
	claims.Sub(t.Allocated)
	credits.Sub(t.Allocated)
	if claims != t.Open {
		return t.apart("claims less allocations", claims, "the open items", t.Open)
	}
	if credits != t.OnAccount {
		return t.apart("credits less allocations", credits, "what is on account", t.OnAccount)
	}
	return nil
}

func (t *Totals) apart(one string, a Sum, other string, b Sum) error {
	digits := t.Currency.Digits()
	return fmt.Errorf("%s: %s are %s, %s %s", t.Currency, one, a.String(digits), other, b.String(digits))
}

// MergeTotals adds src to dst, both ascending by currency, and returns dst.
func MergeTotals(dst, src []Totals) []Totals {
	for i := range src {
		at, found := slices.BinarySearchFunc(dst, src[i].Currency, func(t Totals, c Currency) int { return cmp.Compare(t.Currency, c) })
		if !found {
			dst = slices.Insert(dst, at, Totals{Currency: src[i].Currency})
		}
		dst[at].merge(&src[i])
	}
	return dst
}

// MergeWritten adds src to dst, both ascending by currency, and returns dst.
func MergeWritten(dst, src []Written) []Written {
	for i := range src {
		w := &src[i]
		at, found := slices.BinarySearchFunc(dst, w.Currency, func(t Written, c Currency) int { return cmp.Compare(t.Currency, c) })
		if !found {
			dst = slices.Insert(dst, at, Written{Currency: w.Currency})
		}
		dst[at].Invoices.merge(&w.Invoices)
		dst[at].Payments.merge(&w.Payments)
	}
	return dst
}

// fate is what became of a row.
type fate uint8

const (
	used fate = iota
	rejected
	notYet
)

// movement is the place where rows of an export written in a currency are counted.
func (r *Rebuilder) movement(e Export, c Currency) *Movement {
	list := r.out.Written
	at := 0
	for at < len(list) && list[at].Currency < c {
		at++
	}
	if at == len(list) || list[at].Currency != c {
		list = slices.Insert(list, at, Written{Currency: c})
		r.out.Written = list
	}
	if e == Invoices {
		return &list[at].Invoices
	}
	return &list[at].Payments
}

// count notes the fate of a row with an amount. Rows used are counted by export here, the
// others where they are turned away.
func (r *Rebuilder) count(e Export, c Currency, amount Decimal, f fate) {
	if f == used {
		q := &r.alike[e]
		if q.currency != c || q.digits != amount.Digits || amount.Digits > fourDigits {
			r.countAlike(e)
			*q = alike{currency: c, digits: amount.Digits}
		}
		q.tally.add(1, Sum{Hi: amount.Mantissa >> 63, Lo: uint64(amount.Mantissa)})
		return
	}
	m := r.movement(e, c)
	if f == rejected {
		m.Rejected.add(1, amount.AtFour())
	} else {
		m.NotYet.add(1, amount.AtFour())
	}
}

// alike are rows used, one after another, whose amounts are written in the same way and add up before they are
// brought to four decimals. Those with more lose some in that, and stand alone.
type alike struct {
	currency Currency
	digits   uint8
	tally    Tally
}

// countAlike moves the rows of an export in r.alike to where they belong.
func (r *Rebuilder) countAlike(e Export) {
	q := &r.alike[e]
	if q.tally.Rows == 0 {
		return
	}
	r.out.Counts[e].Used += q.tally.Rows
	m := r.movement(e, q.currency)
	if q.digits > fourDigits {
		m.Used.add(q.tally.Rows, Decimal{int64(q.tally.Amount.Lo), q.digits}.AtFour())
	} else {
		for range fourDigits - q.digits {
			q.tally.Amount.times10()
		}
		m.Used.add(q.tally.Rows, q.tally.Amount)
	}
	q.tally = Tally{}
}

// recount moves a row from used to rejected.
func (r *Rebuilder) recount(e Export, c Currency, amount Decimal) {
	r.countAlike(e)
	v := amount.AtFour()
	m := r.movement(e, c)
	m.Rejected.add(1, v)
	m.Used.Rows--
	m.Used.Amount.Sub(v)
	r.out.Counts[e].Used--
}

// total sums the ledger up and proves it, by currency.
func (r *Rebuilder) total() {
	l := &r.ledger
	sums, bounded := l.sums(), true
	totals := resize(r.out.Totals, len(l.sides))
	clear(totals)
	for i := range l.nodes {
		n := &l.nodes[i]
		if uint64(n.open) > uint64(n.amount) {
			bounded = false
		}
		if n.present {
			sums[n.cur][n.class].add(n)
		}
	}
	for i := range l.edges {
		e := &l.edges[i]
		totals[l.nodes[e.to].cur].Allocated.Add(e.amount)
	}
	for i, even := range r.even.sums {
		sums[i][claim].addAll(even.items, even.amount)
		sums[i][cash].addAll(even.payments, even.amount)
		totals[i].Allocated.Add(even.amount)
	}
	items := r.out.Account.Items
	for i := range items {
		it := &items[i]
		t := &totals[l.side(it.Currency)]
		t.Items++
		t.Bucket[it.Bucket].Add(max(it.Open, -it.Open))
	}
	for i := range totals {
		totals[i].Currency = l.sides[i].currency
		totals[i].fill(&sums[i])
	}
	r.out.Totals = slices.DeleteFunc(totals, func(t Totals) bool { return t == Totals{Currency: t.Currency} })
	r.out.Tied = r.tied(bounded)
}

// classSum are the present nodes of one class.
type classSum struct {
	rows         int64
	amount, open Sum
}

func (s *classSum) add(n *node) {
	s.rows++
	s.amount.Add(n.amount)
	s.open.Add(n.open)
}

// addAll adds so many nodes of which nothing is open.
func (s *classSum) addAll(rows, amount int64) {
	s.rows += rows
	s.amount.Add(amount)
}

// sums is scratch for the sums of every side and class.
func (l *ledger) sums() [][classes]classSum {
	l.classSums = resize(l.classSums, len(l.sides))
	clear(l.classSums)
	return l.classSums
}

// fill fills in what the present nodes come to.
func (t *Totals) fill(sums *[classes]classSum) {
	for c := range sums {
		s := &sums[c]
		if class(c).credits() {
			t.Credits.AddSum(s.amount)
			t.OnAccount.AddSum(s.open)
		} else {
			t.Claims.AddSum(s.amount)
			t.Open.AddSum(s.open)
		}
	}
	for _, v := range [...]struct {
		to   *Tally
		from class
	}{{&t.Invoiced, claim}, {&t.Credited, creditNote}, {&t.Paid, cash}, {&t.Returned, returned}, {&t.Returned, refund},
		{&t.WrittenOff, writeOff}, {&t.Discounts, discount}} {
		v.to.add(sums[v.from].rows, sums[v.from].amount)
	}
	for _, v := range [...]struct {
		to   *Tally
		from class
	}{{&t.WrittenOff, undoWriteOff}, {&t.Discounts, undoDiscount}} {
		v.to.Rows += sums[v.from].rows
		v.to.Amount.Sub(sums[v.from].amount)
	}
}

// tied proves the customer's identities: those of every currency, those of single rows, and
// that the account's columns sum up. bounded says that of no row more is open than its amount, nor less than nothing.
func (r *Rebuilder) tied(bounded bool) error {
	var faults []error
	for i := range r.out.Totals {
		if err := r.out.Totals[i].Tied(); err != nil {
			faults = append(faults, err)
		}
	}
	l := &r.ledger
	for i := 0; i < len(l.nodes) && !bounded; i++ {
		if n := &l.nodes[i]; n.open < 0 || n.open > n.amount {
			faults = append(faults, fmt.Errorf("%s: open amount %d is outside 0..%d", l.id(n), n.open, n.amount))
		}
	}
	a := &r.out.Account
	buckets := int64(0)
	for b := NotDue; b < OnAccount; b++ {
		buckets += a.Bucket[b]
	}
	if buckets != a.Open || a.Open-a.Bucket[NotDue] != a.Overdue {
		faults = append(faults, fmt.Errorf("buckets sum to %d, open amount is %d, overdue %d", buckets, a.Open, a.Overdue))
	}
	return errors.Join(faults...)
}
