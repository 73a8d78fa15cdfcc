package scoring

import (
	"cmp"
	"math"
	"slices"
)

// match applies the run's policy to credits on account, after all rows of one moment have
// entered. Money is matched when it comes in or when something to pay does, with what is known
// then, and stays where it was put; rows that name an invoice come first because they have
// entered already.
func (l *ledger) match() {
	for i := range l.sides {
		s := &l.sides[i]
		if len(s.cash) == 0 && len(s.other) == 0 {
			continue
		}
		l.openBook(s)
		s.cash = l.spend(s, s.cash)
		s.other = l.spend(s, s.other)
	}
}

// openBook puts the open items of a side in order: by due date, id, instalment.
func (l *ledger) openBook(s *side) {
	kept := s.book[:0]
	for _, b := range s.book {
		if n := &l.nodes[b.node]; n.open > 0 && n.present {
			b.open = n.open
			kept = append(kept, b)
		} else {
			n.booked = false
		}
	}
	fresh := s.fresh[:0]
	for _, i := range s.fresh {
		if n := &l.nodes[i]; n.open > 0 && n.present {
			fresh = append(fresh, i)
		} else {
			n.booked = false
		}
	}
	slices.SortFunc(fresh, l.compareDue)
	for range fresh {
		kept = append(kept, line{})
	}
	a, b := len(kept)-len(fresh)-1, len(fresh)-1
	for to := len(kept) - 1; b >= 0; to-- {
		if a >= 0 && l.compareDue(kept[a].node, fresh[b]) > 0 {
			kept[to] = kept[a]
			a--
		} else {
			n := &l.nodes[fresh[b]]
			kept[to] = line{open: n.open, due: n.due, node: fresh[b]}
			b--
		}
	}
	s.book, s.fresh = kept, fresh[:0]
}

func (l *ledger) compareDue(a, b int32) int {
	x, y := &l.nodes[a], &l.nodes[b]
	if x.due != y.due {
		return cmp.Compare(x.due, y.due)
	}
	return cmp.Or(cmp.Compare(l.id(x), l.id(y)), cmp.Compare(x.instalment, y.instalment))
}

// spend uses the credits of a queue for the open items in the book, and returns the queue
// without the used ones.
func (l *ledger) spend(s *side, queue []int32) []int32 {
	left := queue[:0]
	for _, i := range queue {
		n := &l.nodes[i]
		if l.sides[n.cur].currency != s.currency {
			continue // it went to another side since
		}
		if n.present && n.open > 0 && len(s.book) > 0 {
			if l.env.Unapplied == UnappliedExactThenOldest {
				l.spendExactly(s, i)
			}
			l.spendOldest(s, i)
		}
		if n.present && n.open > 0 {
			left = append(left, i)
		} else {
			n.pooled = false
		}
	}
	return left
}

// give uses a credit on account for an item; it counts from the later of its own day and the
// item's issue.
func (l *ledger) give(from int32, to *line) {
	c, d := &l.nodes[from], &l.nodes[to.node]
	if c.open > 0 && d.open > 0 {
		l.allocate(from, to.node, min(c.open, d.open), max(c.value, d.value))
		to.open = d.open
	}
}

// spendOldest uses a credit for the oldest items, and drops those it settles from the front of
// the book.
//
// With ChargesFirst debit notes, by which costs and interest are charged, come before invoices,
// whatever their due dates: costs before interest before principal (Japan's Civil Code 489).
func (l *ledger) spendOldest(s *side, i int32) {
	if l.env.ChargesFirst {
		for k := range s.book {
			if n := &l.nodes[s.book[k].node]; n.class == claim && InvoiceKind(n.kind) == KindDebitNote {
				l.give(i, &s.book[k])
			}
		}
	}
	done := 0
	for ; done < len(s.book) && l.nodes[i].open > 0; done++ {
		to := &s.book[done]
		l.give(i, to)
		if to.open > 0 {
			break
		}
		l.nodes[to.node].booked = false
	}
	s.book = s.book[done:]
}

// largestSet is the most open items among which a set that sums to a credit is looked for.
const largestSet = 12

// spendExactly uses a credit for what it matches exactly: one item; all items of one due date,
// as a closing statement lists them; the same with a bank's fee short; else the only set of items
// that sums to it. Of several single items or due dates the earliest is taken.
func (l *ledger) spendExactly(s *side, i int32) {
	n, fee := &l.nodes[i], int64(0)
	if n.class == cash {
		fee = l.bankFee(s, n.value)
	}
	from, to := matching(s.book, n.open, fee)
	if from == to {
		l.spendOnSet(s, i)
		return
	}
	for k := from; k < to; k++ {
		l.give(i, &s.book[k])
	}
}

// matching finds the run of lines that an amount is for: one line, or all of one due date, that
// sum to it; else to at most short more. from = to when there is none.
func matching(book []line, amount, short int64) (from, to int) {
	type run struct{ from, to int }
	var all, nearOne, nearAll run
	for start := 0; start < len(book); {
		end, sum, whole := start, int64(0), true
		for due := book[start].due; end < len(book) && book[end].due == due; end++ {
			open := book[end].open
			if open == amount {
				return end, end + 1
			}
			if open > amount && open-amount <= short && nearOne.to == 0 {
				nearOne = run{end, end + 1}
			}
			if sum > math.MaxInt64-largestAmount {
				whole = false
			} else {
				sum += open
			}
		}
		if whole && sum == amount && all.to == 0 {
			all = run{start, end}
		}
		if whole && sum > amount && sum-amount <= short && nearAll.to == 0 {
			nearAll = run{start, end}
		}
		start = end
	}
	for _, r := range [...]run{all, nearOne, nearAll} {
		if r.to != 0 {
			return r.from, r.to
		}
	}
	return 0, 0
}

// bankFee is the tolerated shortfall in a side's minor units; 0 where the rate of the day is
// not known.
func (l *ledger) bankFee(s *side, on Day) int64 {
	if l.env.BankFee <= 0 || s.currency == l.env.Reporting {
		return max(l.env.BankFee, 0)
	}
	const probe = 1_000_000
	worth, err := l.env.Rates.Convert(probe, s.currency, on)
	if err != nil || worth <= 0 {
		return 0
	}
	fee := float64(l.env.BankFee) * probe / float64(worth)
	return int64(min(fee, largestAmount))
}

// spendOnSet uses a credit for the only set of open items that sums to it, if there is one.
func (l *ledger) spendOnSet(s *side, i int32) {
	var open [largestSet]*line
	count := 0
	for k := range s.book {
		if s.book[k].open == 0 {
			continue
		}
		if count == largestSet {
			return
		}
		open[count] = &s.book[k]
		count++
	}
	amount, found := l.nodes[i].open, 0
	for set := 1; set < 1<<count; set++ {
		rest := amount
		for k := 0; k < count && rest >= 0; k++ {
			if set>>k&1 != 0 {
				rest -= open[k].open
			}
		}
		if rest == 0 {
			if found != 0 {
				return // ambiguous
			}
			found = set
		}
	}
	for k := range count {
		if found>>k&1 != 0 {
			l.give(i, open[k])
		}
	}
}
