package pipeline

import (
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// lane is one worker's part of routing: it encodes rows into buffers of its own, one a shard,
// and hands full ones to the store. Nothing in it is shared while rows are read.
//
// The rows of a batch go to all shards in turn, and the ends of as many buffers do not stay in a core's cache. So
// a few rows of each shard are gathered in a place that does and moved to its buffer together.
type lane struct {
	store    *store
	rows     *scoring.RowWriter
	size     int // bytes of a buffer when it is handed over
	first    int // bytes of a shard's first buffer, if more are not to be expected
	shards   [][]byte
	gathered []byte   // of each shard in turn, gatherSize bytes
	used     []uint16 // of them

	latest   scoring.Day // latest date of a fact
	read     [2]map[scoring.Currency]*readTotal
	recent   [2][recentTotals]recentTotal
	refused  []lateReject
	disputed map[string]*[]owner // disputed invoice id -> the rows met with it
}

// recentTotal is a total met before, for each remainder of the currencies' codes the last one.
type recentTotal struct {
	of    scoring.Currency
	total *readTotal
}

// recentTotals is a prime, so that the few currencies of an export mostly have places of their own.
const recentTotals = 61

// readTotal is what the invoices or payments export holds in one currency as written: typed
// rows, and their amounts at four decimals.
type readTotal struct {
	rows   int64
	amount scoring.Sum
}

// lateReject is a row refused after it was read; the file gives its line and text later.
type lateReject struct {
	file   int
	place  int64
	column string
	cause  string
}

// Indices into lane.read.
const (
	readInvoices = iota
	readPayments
)

func newLane(s *store, size, first int) *lane {
	shards := len(s.shards)
	l := &lane{store: s, rows: scoring.NewRowWriter(s.forms), size: size, first: min(size, first), shards: make([][]byte, shards), latest: scoring.NoDay,
		gathered: make([]byte, shards*gatherSize), used: make([]uint16, shards)}
	for i := range l.read {
		l.read[i] = map[scoring.Currency]*readTotal{}
	}
	return l
}

// shard is the buffer that the rows of a customer of that hash go to.
func (l *lane) shard(hash uint64) int {
	n := uint64(len(l.shards))
	if n&(n-1) == 0 { // as of large runs: a division takes 4 ns, one in twenty of what a row takes to be routed
		return int(hash & (n - 1))
	}
	return int(hash % n)
}

const (
	// gatherSize is what is gathered of a shard's rows: with as many shards as there can be, half of a megabyte.
	gatherSize = 512
	// gatherRoom is kept free for the next row, which mostly fits it.
	gatherRoom = 96
)

// buffer is what the next row of a shard is appended to.
func (l *lane) buffer(shard int) []byte {
	at := shard * gatherSize
	return l.gathered[at : at+int(l.used[shard]) : at+gatherSize]
}

// keep takes a buffer back that a row was appended to.
func (l *lane) keep(shard int, buf []byte) error {
	if len(buf) <= gatherSize-gatherRoom && cap(buf) == gatherSize {
		l.used[shard] = uint16(len(buf))
		return nil
	}
	l.used[shard] = 0
	return l.add(shard, buf)
}

// add adds rows to the shard's buffer, handing over what it holds when they do not fit.
func (l *lane) add(shard int, rows []byte) error {
	to := l.shards[shard]
	if to == nil {
		to = make([]byte, 0, max(l.first, len(rows))) // growing it step by step would copy as much as it holds
	}
	if len(to)+len(rows) > max(cap(to), l.size) {
		kept, err := l.store.put(shard, to)
		if err != nil {
			return err
		}
		if to = to[:0]; kept {
			to = make([]byte, 0, max(l.size, len(rows)))
		}
	}
	l.shards[shard] = append(to, rows...)
	return nil
}

// flush hands over what the buffers still hold.
func (l *lane) flush() error {
	for i := range l.shards {
		if n := int(l.used[i]); n > 0 {
			if err := l.add(i, l.gathered[i*gatherSize:][:n]); err != nil {
				return err
			}
			l.used[i] = 0
		}
		if len(l.shards[i]) == 0 {
			continue
		}
		if _, err := l.store.put(i, l.shards[i]); err != nil {
			return err
		}
		l.shards[i] = nil
	}
	return nil
}

func (l *lane) refuse(b *table.Batch, row int, column, cause string) {
	l.refused = append(l.refused, lateReject{file: b.File, place: b.Place[row], column: column, cause: cause})
}

func (l *lane) fact(d scoring.Day) {
	if d > l.latest {
		l.latest = d
	}
}

func (l *lane) count(export int, c scoring.Currency, amount scoring.Decimal) {
	r := &l.recent[export][c%recentTotals]
	if r.of != c || r.total == nil {
		*r = recentTotal{c, l.total(export, c)}
	}
	r.total.rows++
	r.total.amount.AddSum(amount.AtFour())
}

func (l *lane) total(export int, c scoring.Currency) *readTotal {
	t := l.read[export][c]
	if t == nil {
		t = &readTotal{}
		l.read[export][c] = t
	}
	return t
}
