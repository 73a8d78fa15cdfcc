package pipeline

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"kaishu/scoring"
)

// pageSize is the customers of a page; the last one has fewer. Floating sums over customers run over
// pages, in their order.
const pageSize = 256

// book is the accounts of a night in order of the customers' ids, and later what the model says of them, encoded,
// in pages. A stage decodes the pages one at a time, several workers side by side, so that the accounts take the
// memory that blobs allows, however many there are.
type book struct {
	*blobs
	pages []page
	count int // customers
}

// page is some customers that follow one another.
type page struct {
	accounts blob // an entry a customer
	scores   blob // likewise, after appraise
	first    string
	count    int
	items    int   // positive open items
	rows     int64 // of items.parquet
}

// drawer is the accounts of one shard on their way into the book, in order of ids.
type drawer struct {
	pieces    []piece
	count     int        // customers
	middle    string     // id of the one in the middle
	decisions []decision // of the customers; none with ledger only
	keys      caseKeys
}

// piece is some customers of a drawer that follow one another.
type piece struct {
	blob
	first string // id
	count int
	both  bool // halves of the book have customers of it
}

// pieceSize is about the bytes of an encoded piece of a shard, which is freed as a whole. With the entry that reaches it a
// piece is as a rule within 32 KB: beyond that memory is handed out in steps of 8 KB, a fifth more for pieces of 33.
const pieceSize = 31 << 10

// filing is room to encode in, kept from shard to shard.
type filing struct{ entry, piece []byte }

// file encodes the customers of a shard.
func (d *drawer) file(customers []*customer, to *blobs, room *filing) error {
	if d.count = len(customers); d.count > 0 {
		d.middle = strings.Clone(customers[d.count/2].Customer)
	}
	data, from := room.piece[:0], 0
	defer func() { room.piece = data }()
	for i, c := range customers {
		room.entry = appendEntry(room.entry[:0], c)
		data = append(binary.AppendUvarint(data, uint64(len(room.entry))), room.entry...)
		if len(data) < pieceSize && i < len(customers)-1 {
			continue
		}
		b, err := to.put(data)
		if err != nil {
			return err
		}
		d.pieces = append(d.pieces, piece{blob: b, first: strings.Clone(customers[from].Customer), count: i + 1 - from})
		data, from = data[:0], i+1
	}
	return nil
}

// appendEntry encodes a customer: the id, what is counted by page, its blocks of settled items, its account.
func appendEntry(dst []byte, c *customer) []byte {
	dst = append(binary.AppendUvarint(dst, uint64(len(c.Customer))), c.Customer...)
	dst = binary.AppendUvarint(dst, uint64(c.OpenItems))
	dst = binary.AppendUvarint(dst, uint64(c.allItems()))
	dst = binary.AppendUvarint(dst, uint64(len(c.closed)))
	for i := range c.closed {
		b := &c.closed[i]
		dst = binary.LittleEndian.AppendUint64(binary.AppendUvarint(dst, uint64(b.off)), b.sum)
		for _, v := range [...]int32{b.size, b.rows} {
			dst = binary.AppendUvarint(dst, uint64(v))
		}
	}
	return scoring.AppendAccount(dst, &c.Account)
}

var errEntry = errors.New("an entry of the book of accounts is damaged")

// cut takes the next entry, or the next piece of text, off encoded bytes.
func cut(b []byte) (part, rest []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, errEntry
	}
	return b[n : n+int(size)], b[n+int(size):], nil
}

// numbers reads some numbers off the front of b.
func numbers(b []byte, into ...*uint64) (rest []byte, err error) {
	for _, v := range into {
		x, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errEntry
		}
		*v, b = x, b[n:]
	}
	return b, nil
}

// readEntry decodes an entry into a customer whose room is reused; its texts point into the entry.
func readEntry(b []byte, c *customer) error {
	_, b, err := cut(b)
	if err != nil {
		return err
	}
	var items, rows, blocks uint64
	if b, err = numbers(b, &items, &rows, &blocks); err != nil {
		return err
	}
	if c.closed, b, err = readBlocks(b, int(blocks), c.closed[:0]); err != nil {
		return err
	}
	_, err = scoring.ReadAccount(b, &c.Account, &c.past)
	return err
}

// readOwner decodes of an entry only whose it is and where its rows of items.parquet lie, which are appended.
func readOwner(b []byte, to []closedBlock) (id []byte, blocks []closedBlock, err error) {
	if id, b, err = cut(b); err != nil {
		return nil, to, err
	}
	var items, rows, count uint64
	if b, err = numbers(b, &items, &rows, &count); err != nil {
		return nil, to, err
	}
	blocks, _, err = readBlocks(b, int(count), to)
	return id, blocks, err
}

// readBlocks appends the blocks at the beginning of b and returns what follows.
func readBlocks(b []byte, count int, to []closedBlock) (blocks []closedBlock, rest []byte, err error) {
	for range count {
		var off, size, rows uint64
		if b, err = numbers(b, &off); err != nil || len(b) < 8 {
			return to, nil, errEntry
		}
		sum := binary.LittleEndian.Uint64(b)
		if b, err = numbers(b[8:], &size, &rows); err != nil {
			return to, nil, err
		}
		to = append(to, closedBlock{off: int64(off), sum: sum, size: int32(size), rows: int32(rows)})
	}
	return to, b, nil
}

// find decodes the customer of an id, nil when no row names it.
func (b *book) find(id string) (*customer, error) {
	at, exact := slices.BinarySearchFunc(b.pages, id, func(p page, id string) int { return strings.Compare(p.first, id) })
	if !exact {
		at--
	}
	if at < 0 {
		return nil, nil
	}
	data, _, err := b.get(&b.pages[at].accounts, nil)
	for err == nil && len(data) > 0 {
		var entry, name []byte
		if entry, data, err = cut(data); err != nil {
			break
		}
		if name, _, err = cut(entry); err != nil {
			break
		}
		if string(name) == id {
			c := &customer{}
			return c, readEntry(entry, c)
		}
	}
	return nil, err
}
