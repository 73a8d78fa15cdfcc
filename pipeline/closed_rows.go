package pipeline

import (
	"encoding/binary"
	"errors"
	"slices"

	"kaishu/scoring"
)

// itemRows is a block of rows of items.parquet, all of one customer, by columns: so they are encoded when the ledger
// is rebuilt and so they are written, since copying a column takes a fraction of the time of its cells one by one.
type itemRows struct {
	text       []byte  // ids, one behind another
	length     []int32 // of the ids
	due        []int32 // days
	terms      []int32 // due less issue
	amount     []int64 // minor units
	currency   []int32
	kind       []int32 // index into itemKinds
	instalment []int32 // 0 without
	state      []int32
	late       []int32 // the day it was settled less due; 0 of a row without such a day

	// Open rows, which are few, have more to them.
	at             []int32 // which row
	pastDue        []int32
	bucket         []int32
	open           []int64
	base, disputed []int64
}

// States of a row.
const (
	rowSettled = iota // a claim that is paid
	rowUsedUp         // a credit that is used up: there is a day, but nothing was late
	rowEmpty          // an item that was of nothing from the first: there is no day
	rowOpen
)

var itemKinds = [...]string{"invoice", "credit_note", "debit_note", "payment"}

func (r *itemRows) rows() int { return len(r.length) }

// narrow and wide are the columns as they are encoded, those of all rows before those of open ones.
func (r *itemRows) narrow() (all [8]*[]int32, open [3]*[]int32) {
	return [...]*[]int32{&r.length, &r.due, &r.terms, &r.currency, &r.kind, &r.instalment, &r.state, &r.late}, [...]*[]int32{&r.at, &r.pastDue, &r.bucket}
}

func (r *itemRows) wide() (all *[]int64, open [3]*[]int64) {
	return &r.amount, [...]*[]int64{&r.open, &r.base, &r.disputed}
}

// bytes is the size of the ids of some rows.
func (r *itemRows) bytes(from, to int) int {
	size := 0
	for _, n := range r.length[from:to] {
		size += int(n)
	}
	return size
}

// resize makes room for so many rows and so many open ones, whose cells are then to be set.
func (r *itemRows) resize(rows, open int) {
	all, some := r.narrow()
	for _, c := range all {
		*c = slices.Grow((*c)[:0], rows)[:rows]
	}
	for _, c := range some {
		*c = slices.Grow((*c)[:0], open)[:open]
	}
	amount, sums := r.wide()
	*amount = slices.Grow((*amount)[:0], rows)[:rows]
	for _, c := range sums {
		*c = slices.Grow((*c)[:0], open)[:open]
	}
	r.text = r.text[:0]
}

// put sets row i to what closed and open items have in common.
func (r *itemRows) put(i int, id, kind string, instalment int32, issue, due scoring.Day, amount int64, currency scoring.Currency) {
	r.text = append(r.text, id...)
	r.length[i], r.due[i], r.terms[i], r.amount[i], r.currency[i] = int32(len(id)), int32(due), int32(due-issue), amount, int32(currency)
	r.kind[i], r.instalment[i], r.late[i] = int32(slices.Index(itemKinds[:], kind)), instalment, 0
}

func (r *itemRows) putClosed(i int, c *scoring.Closed) {
	r.put(i, c.ID, c.Kind, c.Instalment, c.Issue, c.Due, c.Amount, c.Currency)
	switch {
	case c.On == scoring.NoDay:
		r.state[i] = rowEmpty
		return
	case c.Amount < 0:
		r.state[i] = rowUsedUp
	default:
		r.state[i] = rowSettled
	}
	r.late[i] = int32(c.On - c.Due)
}

func (r *itemRows) putOpen(i int, it *scoring.Item) {
	r.put(i, it.ID, it.Kind, it.Instalment, it.Issue, it.Due, it.Amount, it.Currency)
	r.state[i] = rowOpen
	r.at, r.pastDue, r.bucket = append(r.at, int32(i)), append(r.pastDue, it.PastDue), append(r.bucket, int32(it.Bucket))
	r.open, r.base, r.disputed = append(r.open, it.Open), append(r.base, it.OpenBase), append(r.disputed, it.Disputed)
}

// encode appends the block: its rows, its open rows, then every column.
func (r *itemRows) encode(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.rows()))
	b = binary.AppendUvarint(b, uint64(len(r.at)))
	all, open := r.narrow()
	amount, sums := r.wide()
	for _, c := range all {
		b = appendColumn(b, *c)
	}
	b = appendColumn(b, *amount)
	for _, c := range open {
		b = appendColumn(b, *c)
	}
	for _, c := range sums {
		b = appendColumn(b, *c)
	}
	return append(b, r.text...)
}

var errItemRows = errors.New("a block of settled items is damaged")

// decode reads a block; text points into it.
func (r *itemRows) decode(b []byte) (err error) {
	var rows, open uint64
	if b, err = numbers(b, &rows, &open); err != nil || rows > blockRows || open > rows {
		return errItemRows
	}
	r.resize(int(rows), int(open))
	all, some := r.narrow()
	amount, sums := r.wide()
	for _, c := range all {
		if b, err = readColumn(b, *c); err != nil {
			return err
		}
	}
	if b, err = readColumn(b, *amount); err != nil {
		return err
	}
	for _, c := range some {
		if b, err = readColumn(b, *c); err != nil {
			return err
		}
	}
	for _, c := range sums {
		if b, err = readColumn(b, *c); err != nil {
			return err
		}
	}
	if r.bytes(0, r.rows()) != len(b) {
		return errItemRows
	}
	r.text = b
	return nil
}

// appendColumn appends the least value and how many bytes (0, 1, 2, 4, 8) the differences to it take, then those.
// A column that says the same throughout, as most do, has none.
func appendColumn[T int32 | int64](b []byte, v []T) []byte {
	if len(v) == 0 {
		return b
	}
	low, high := v[0], v[0]
	for _, x := range v[1:] {
		low, high = min(low, x), max(high, x)
	}
	b = binary.AppendVarint(b, int64(low))
	switch spread := uint64(high) - uint64(low); {
	case spread == 0:
		return append(b, 0)
	case spread < 1<<8:
		b = slices.Grow(append(b, 1), len(v))
		for _, x := range v {
			b = append(b, byte(x-low))
		}
	case spread < 1<<16:
		b = slices.Grow(append(b, 2), 2*len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint16(b, uint16(x-low))
		}
	case spread < 1<<32:
		b = slices.Grow(append(b, 4), 4*len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(x-low))
		}
	default:
		b = slices.Grow(append(b, 8), 8*len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, uint64(x-low))
		}
	}
	return b
}

// readColumn fills v and returns what follows.
func readColumn[T int32 | int64](b []byte, v []T) ([]byte, error) {
	if len(v) == 0 {
		return b, nil
	}
	least, n := binary.Varint(b)
	if n <= 0 || len(b) <= n || uint64(len(b)-n-1) < uint64(b[n])*uint64(len(v)) {
		return nil, errItemRows
	}
	low, width := T(least), int(b[n])
	b = b[n+1:]
	switch width {
	case 0:
		for i := range v {
			v[i] = low
		}
	case 1:
		for i, x := range b[:len(v)] {
			v[i] = low + T(x)
		}
	case 2:
		for i := range v {
			v[i] = low + T(binary.LittleEndian.Uint16(b[2*i:]))
		}
	case 4:
		for i := range v {
			v[i] = low + T(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case 8:
		for i := range v {
			v[i] = low + T(binary.LittleEndian.Uint64(b[8*i:]))
		}
	default:
		return nil, errItemRows
	}
	return b[width*len(v):], nil
}
