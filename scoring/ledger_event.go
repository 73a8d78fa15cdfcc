package scoring

import (
	"cmp"
	"slices"

	"github.com/zeebo/xxh3"
)

// phase orders what happens on one day: what is owed before what pays it, money with a name
// before money without, and what is taken back last.
type phase uint8

const (
	phaseReplaced phase = iota // a node leaves: an earlier duplicate became known
	phaseInvoice
	phaseCreditNote
	phaseNamed   // cash that names an invoice
	phaseUnnamed // cash that does not
	phaseDiscount
	phaseWriteOff
	phaseReturned
	phaseTaken // refunds and other negative amounts
)

// event is a node entering or leaving the ledger. at orders events by the day on which they
// became known, then by value date.
type event struct {
	at    uint64
	phase phase
	node  int32
}

func (e event) known() Day { return Day(uint32(e.at>>32) ^ 1<<31) }

// moment orders a day on which something became known and a value date as event.at does.
func moment(known, value Day) uint64 {
	return uint64(uint32(known)^1<<31)<<32 | uint64(uint32(value)^1<<31)
}

// at is when a node enters.
func (n *node) at() uint64 { return moment(n.known, n.value) }

func makeEvent(known, value Day, p phase, node int32) event {
	return event{at: moment(known, value), phase: p, node: node}
}

// entry is the event of a node entering.
func (l *ledger) entry(i int32) event {
	n := &l.nodes[i]
	var p phase
	switch n.class {
	case claim:
		p = phaseInvoice
	case creditNote:
		p = phaseCreditNote
	case cash:
		if p = phaseNamed; n.names == none {
			p = phaseUnnamed
		}
	case discount:
		p = phaseDiscount
	case writeOff:
		p = phaseWriteOff
	case returned:
		p = phaseReturned
	default:
		p = phaseTaken
	}
	return makeEvent(n.known, n.value, p, i)
}

// compare is the canonical order of events. It is total: two nodes that agree in all of it
// are duplicates, of which only one can be in the ledger on a day.
func (l *ledger) compare(a, b event) int {
	if a.at != b.at {
		return cmp.Compare(a.at, b.at)
	}
	if a.phase != b.phase {
		return cmp.Compare(a.phase, b.phase)
	}
	x, y := &l.nodes[a.node], &l.nodes[b.node]
	if c := cmp.Compare(l.id(x), l.id(y)); c != 0 {
		return c
	}
	if x.names != y.names && x.names != none && y.names != none {
		return cmp.Compare(l.groups[x.names].name, l.groups[y.names].name)
	}
	return cmp.Or(cmp.Compare(min(x.names, 0), min(y.names, 0)), cmp.Compare(x.instalment, y.instalment),
		cmp.Compare(x.class, y.class), cmp.Compare(x.kind, y.kind))
}

// order lines up the events of all nodes.
func (l *ledger) order() {
	for i := range l.nodes {
		n := &l.nodes[i]
		if n.until != NoDay {
			if n.until <= n.known {
				continue // replaced before it was known
			}
			l.events = append(l.events, makeEvent(n.until, NoDay, phaseReplaced, int32(i)))
		}
		l.events = append(l.events, l.entry(int32(i)))
	}
	l.sortEvents()
}

// sortEvents puts the events in order. Exports mostly list their rows by date, so it merges the
// ascending runs that there are, pair by pair.
func (l *ledger) sortEvents() {
	from, to := l.events, resize(l.merged, len(l.events))
	ends := l.runs[:0]
	for i := 1; i <= len(from); i++ {
		if i == len(from) || from[i-1].at > from[i].at || from[i-1].at == from[i].at && l.compare(from[i-1], from[i]) > 0 {
			ends = append(ends, i)
		}
	}
	for len(ends) > 1 {
		kept, start := ends[:0], 0
		for i := 0; i < len(ends); i += 2 {
			mid, end := ends[i], ends[min(i+1, len(ends)-1)]
			l.mergeRuns(to[start:end], from[start:end], mid-start)
			kept, start = append(kept, end), end
		}
		ends, from, to = kept, to, from
	}
	l.events, l.merged, l.runs = from, to, ends[:0]
}

// mergeRuns merges two ascending runs, the second of which begins at mid. Which one is next is anybody's
// guess, so there is no branch on it.
func (l *ledger) mergeRuns(to, from []event, mid int) {
	a, b := 0, mid
	for a < mid && b < len(from) {
		second := from[b].at < from[a].at
		if from[b].at == from[a].at {
			second = l.compare(from[a], from[b]) > 0
		}
		next, step := a, 0
		if second {
			next, step = b, 1
		}
		to[0], to = from[next], to[1:]
		a, b = a+1-step, b+step
	}
	copy(to, from[a:mid])
	copy(to[mid-a:], from[b:])
}

// table is an open-addressed hash table of indices; the caller compares what they stand for. A slot has the hash above 1 +
// the index, so that what is meant is looked at only where the hashes are the same; 0 is free.
type table struct {
	slots []uint64
	mask  uint32
}

// reset empties the table and makes room for n entries.
func (t *table) reset(n int) {
	size := 16
	for size <= 2*n {
		size *= 2
	}
	if cap(t.slots) < size {
		t.slots = make([]uint64, size)
	} else {
		t.slots = t.slots[:size]
		clear(t.slots)
	}
	t.mask = uint32(size - 1)
}

// put adds index number n-1 to the table at a free slot, which has now n entries, and doubles it when it is half full.
func (t *table) put(at, hash uint32, index int32, n int) {
	t.slots[at] = uint64(hash)<<32 | uint64(index+1)
	if 2*n < len(t.slots) {
		return
	}
	old := t.slots
	t.slots = make([]uint64, 2*len(old))
	t.mask = uint32(len(t.slots) - 1)
	for _, v := range old {
		if v != 0 {
			at := uint32(v>>32) & t.mask
			for t.slots[at] != 0 {
				at = (at + 1) & t.mask
			}
			t.slots[at] = v
		}
	}
}

// group is the group of an invoice id, made when there is none.
func (l *ledger) group(name string, hash64 uint64) int32 {
	hash := uint32(hash64)
	at := hash & l.names.mask
	for ; l.names.slots[at] != 0; at = (at + 1) & l.names.mask {
		if slot := l.names.slots[at]; uint32(slot>>32) == hash {
			if g := int32(uint32(slot)) - 1; l.groups[g].name == name {
				return g
			}
		}
	}
	g := len(l.groups)
	l.groups = extend(l.groups)
	v := &l.groups[g] // filled in place: to make one and to copy it has the processor wait for what it just wrote
	v.name = name
	v.rows, v.items, v.first, v.last, v.disputes, v.promises = none, none, none, none, none, none
	v.keyed = false
	l.names.put(at, hash, int32(g), g+1)
	return int32(g)
}

// extend makes a slice longer by one element, of whatever value.
func extend[T any](s []T) []T {
	if len(s) == cap(s) {
		s = slices.Grow(s, 1)
	}
	return s[:len(s)+1]
}

// named is the group of an invoice id that a row names, none without a name.
func (l *ledger) named(name string) int32 {
	if name == "" {
		return none
	}
	return l.group(name, xxh3.HashString(name))
}

// newNode adds a node of a row with an id.
func (l *ledger) newNode(id string) *node {
	i := len(l.nodes)
	l.nodes = l.nodes[:i+1] // reset has made room
	n := &l.nodes[i]
	*n = node{}
	n.hash = xxh3.HashString(id)
	n.clear()
	return n
}

// clear says that a node is in no chain and nothing has come of it yet.
func (n *node) clear() {
	n.until, n.counted, n.reopened, n.settled = NoDay, NoDay, NoDay, NoDay
	n.of, n.names, n.next, n.later, n.edges, n.follow = none, none, none, none, none, none
}

// sameItem returns the node of the invoices export that was met first with the id and the instalment of node i, and
// whether that is another one.
func (l *ledger) sameItem(i int32) (first int32, met bool) {
	g := &l.groups[l.nodes[i].of]
	switch {
	case g.rows == none: // as of nearly all
		g.rows = i
		return i, false
	case !g.keyed:
		g.keyed = true
		l.sameKey(g.rows)
	}
	first = l.sameKey(i)
	return first, first != i
}

// sameKey returns the node that was met first with the key of node i, or i itself.
func (l *ledger) sameKey(i int32) int32 {
	n := &l.nodes[i]
	payment, hash := n.of == none, uint32(n.key())
	at := hash & l.keys.mask
	for ; l.keys.slots[at] != 0; at = (at + 1) & l.keys.mask {
		slot := l.keys.slots[at]
		if uint32(slot>>32) != hash {
			continue
		}
		met := int32(uint32(slot)) - 1
		if o := &l.nodes[met]; o.of == n.of && o.instalment == n.instalment &&
			(!payment || o.kind == n.kind && o.names == n.names && l.id(o) == l.id(n)) {
			return met
		}
	}
	l.keyed++
	l.keys.put(at, hash, i, l.keyed)
	return i
}

// key is a hash of what makes two rows of an export the same.
func (n *node) key() uint64 {
	hash := n.hash ^ uint64(n.instalment)*0x9e3779b97f4a7c15
	if n.of == none {
		hash = scramble(hash ^ uint64(uint32(n.names))<<8 ^ uint64(n.kind+1))
	}
	return hash
}

// scramble spreads the bits of v over all of 64 (the finaliser of splitmix64).
func scramble(v uint64) uint64 {
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
