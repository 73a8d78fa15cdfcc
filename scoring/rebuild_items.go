package scoring

import (
	"cmp"
	"math"
	"slices"
)

// kindNames are the kinds of items from the invoices export.
var kindNames = [...]string{KindInvoice: "invoice", KindCreditNote: "credit_note", KindDebitNote: "debit_note"}

const paymentItem = "payment"

func (n *node) kindName() string {
	switch {
	case n.of == none:
		return paymentItem
	case n.class == creditNote:
		return kindNames[KindCreditNote]
	}
	return kindNames[n.kind]
}

// items lists what is open: items of the invoices export, and the rows of the payments export
// that are not used up, one item for all rows of a payment in one currency.
func (r *Rebuilder) items(a *Account, v *view) {
	l := &r.ledger
	open := l.freed[:0]
	for i := range l.nodes {
		if n := &l.nodes[i]; n.open > 0 {
			open = append(open, int32(i))
		}
	}
	l.freed = open
	if len(open) == 0 {
		return
	}
	slices.SortFunc(open, func(x, y int32) int {
		p, q := &l.nodes[x], &l.nodes[y]
		if p.due != q.due {
			return cmp.Compare(p.due, q.due)
		}
		return cmp.Or(cmp.Compare(l.id(p), l.id(q)), cmp.Compare(p.instalment, q.instalment),
			cmp.Compare(p.kindName(), q.kindName()), cmp.Compare(p.cur, q.cur), cmp.Compare(p.class, q.class),
			cmp.Compare(r.place(p), r.place(q)))
	})
	a.Items = make([]Item, 0, len(open))
	var money map[[2]string]int
	for _, i := range open {
		n := &l.nodes[i]
		it := Item{
			ID: l.id(n), Instalment: n.instalment, Kind: n.kindName(), Issue: n.value, Due: n.due,
			Amount: n.amount, Open: n.open, Currency: l.sides[n.cur].currency,
			PastDue: int32(r.env.AsOf - n.due),
		}
		if n.of == none {
			it.Instalment = 0
		}
		if n.class.credits() {
			it.Amount, it.Open, it.Bucket = -it.Amount, -it.Open, OnAccount
		} else {
			it.Bucket = bucketOf(it.PastDue)
			it.Disputed = r.disputed(n, r.env.AsOf)
			if !r.env.LedgerOnly {
				it.Landmark = seen(r.landmark(n, n.open, v))
			}
		}
		if n.of == none && n.class.credits() {
			key := [2]string{l.id(n), it.Currency.String()}
			if at, met := money[key]; met {
				a.Items[at].Amount = r.plus(a.Items[at].Amount, it.Amount)
				a.Items[at].Open = r.plus(a.Items[at].Open, it.Open)
				continue
			}
			if money == nil {
				money = map[[2]string]int{}
			}
			money[key] = len(a.Items)
		}
		a.Items = append(a.Items, it)
	}
}

// bucketOf is the aging bucket of days past due, of thirty days each up to 120. It has no branches: the days of one item after
// another are anybody's guess.
func bucketOf(pastDue int32) Bucket {
	return Bucket(uint32(min(max(pastDue, 0), 121)+29) / 30)
}

// settledItems fills in what settled items come to, and lists them where they are kept: in the
// order in which they became known.
func (r *Rebuilder) settledItems(a *Account) {
	l, h := &r.ledger, &r.past
	a.Settled, a.DaysLateMean = h.now.items, nan
	a.Delays += h.late
	if a.Settled == 0 {
		return
	}
	a.DaysLateMean = float64(h.daysSum) / float64(a.Settled)
	worst := int32(math.MinInt32)
	var latest latestSettled
	for i := len(l.nodes) - 1; i >= 0; i-- { // exports mostly list the latest last
		n := &l.nodes[i]
		if n.settled == NoDay {
			continue
		}
		late := int32(n.settled - n.due)
		latest.add(n.settled, late)
		worst = max(worst, late)
	}
	r.even.latest(&latest, &worst)
	a.DaysLateMax, a.Recent = worst, latest.recent(r.env.Grace)
	if !r.env.HistoryKept {
		return
	}
	a.History = make([]Settled, 0, a.Settled)
	for _, e := range l.events {
		n := &l.nodes[e.node]
		if n.settled == NoDay || e.phase != phaseInvoice {
			continue
		}
		a.History = append(a.History, Settled{
			ID: l.id(n), Instalment: n.instalment, Kind: n.kindName(), Issue: n.value, Due: n.due, Amount: n.amount,
			Currency: l.sides[n.cur].currency, On: n.settled, DaysLate: int32(n.settled - n.due), DaysToPay: int32(n.settled - n.value),
			Cash: l.anyCash(n),
		})
	}
}

// latestSettled keeps the items settled last. Of items settled on one day the later ones count as the
// latest, so that the order in which they became known does not matter.
type latestSettled struct {
	n    int
	day  [recentItems]Day // falling, ties by falling days late
	late [recentItems]int32
}

// recentItems is the number of items behind Recent.
const recentItems = 10

func (s *latestSettled) add(day Day, late int32) {
	at := s.n
	if at == recentItems && day < s.day[at-1] {
		return
	}
	for at > 0 && (day > s.day[at-1] || day == s.day[at-1] && late > s.late[at-1]) {
		at--
	}
	if at == recentItems {
		return
	}
	s.n = min(s.n+1, recentItems)
	copy(s.day[at+1:s.n], s.day[at:])
	copy(s.late[at+1:s.n], s.late[at:])
	s.day[at], s.late[at] = day, late
}

func (s *latestSettled) recent(grace int32) Recent {
	late := s.late // a copy
	list := late[:s.n]
	r := Recent{Settled: int32(s.n)}
	for _, days := range list {
		if days > grace {
			r.Late++
		}
	}
	if s.n > 0 {
		slices.Sort(list)
		r.DaysLate = list[(s.n-1)/2]
	}
	return r
}

// anyCash tells whether cash covers any part of an item.
func (l *ledger) anyCash(n *node) bool {
	for e := n.edges; e != none; e = l.edges[e].beforeThat {
		if g := &l.edges[e]; g.amount > 0 && l.nodes[g.from].class == cash {
			return true
		}
	}
	return false
}
