package scoring

import (
	"fmt"
	"slices"
	"strings"
)

// ReadRows decodes the blobs of one shard and groups its rows by customer, customers ascending
// by the bytes of their ids; within a customer the rows stand in the order of the blobs.
// Strings point into the blobs, which must not change while the rows are in use. A damaged
// blob is an error that names the blob and the place.
func ReadRows(blobs ...[]byte) ([]Rows, error) {
	var r RowReader
	return r.Read(blobs...)
}

// RowReader reads shard after shard into the same memory: rows and the slices in them are
// overwritten by the next Read. The zero value is ready for use; it serves one goroutine.
type RowReader struct {
	customers  []customerRows
	slots      []uint32 // open addressing: 1 + index of a customer, 0 is empty
	owner      []uint32 // of each row in order: index of its customer
	order      []uint32 // customers by id
	rows       []Rows
	invoices   []Invoice
	payments   []Payment
	masters    []Master
	activities []Activity
	disputes   []Dispute
}

// kinds is the number of kinds of rows.
const kinds = tagEnd - codecVersion

// customerRows is a customer while rows are counted and then placed.
type customerRows struct {
	id   string
	hash uint64
	next [kinds]uint32 // by kind: first the number of rows, then the place of the next
}

// Read is ReadRows into the reader's memory. It goes over the blobs twice: first over the heads
// of the rows, to count those of each customer, then to decode them to where they belong.
func (r *RowReader) Read(blobs ...[]byte) ([]Rows, error) {
	all := make([]Blob, len(blobs))
	for i, b := range blobs {
		all[i].Rows = b
	}
	return r.ReadBlobs(all)
}

// Blob is encoded rows and the file that they count theirs from: File is added to that of every
// row's Pos, so that rows encoded before it was known which file of a run theirs would be can be
// read where they belong.
type Blob struct {
	Rows []byte
	File int
}

// ReadBlobs is Read of blobs whose files count from different ones.
func (r *RowReader) ReadBlobs(blobs []Blob) ([]Rows, error) {
	r.reset()
	for i := range blobs {
		if start, err := r.count(blobs[i].Rows); err != nil {
			return nil, damage(i, len(blobs), start, err)
		}
	}
	r.lay()
	owners := r.owner
	for i := range blobs {
		start, n, err := r.place(blobs[i].Rows, MakePos(blobs[i].File, 0), owners)
		if err != nil {
			return nil, damage(i, len(blobs), start, err)
		}
		owners = owners[n:]
	}
	return r.rows, nil
}

// damage says where a blob is damaged.
func damage(blob, blobs, start int, err error) error {
	return fmt.Errorf("blob %d of %d: row at byte %d: %w", blob+1, blobs, start, err)
}

// reset forgets the rows read before but keeps the memory.
func (r *RowReader) reset() {
	r.customers, r.owner = r.customers[:0], r.owner[:0]
	clear(r.slots)
	if r.slots == nil {
		r.slots = make([]uint32, 1024)
	}
}

// count reads the head of every row of a blob: how many rows of each kind each customer has.
// An error comes with the start of the row it is in.
func (r *RowReader) count(b []byte) (start int, err error) {
	last := -1
	for start < len(b) {
		kind, at, end, err := getHead(b, start)
		if err != nil {
			return start, err
		}
		id, at := getString(b, at)
		if at > end {
			return start, errDamaged
		}
		if last < 0 || r.customers[last].id != id {
			last = r.find(id)
		}
		r.customers[last].next[kind]++
		r.owner = append(r.owner, uint32(last))
		start = end
	}
	return start, nil
}

// find is the index of a customer, which is new when it is not known yet.
func (r *RowReader) find(id string) int {
	hash := CustomerHash(id)
	mask := uint64(len(r.slots) - 1)
	at := hash >> 20 & mask // the low bits chose the shard
	for ; r.slots[at] != 0; at = (at + 1) & mask {
		if c := &r.customers[r.slots[at]-1]; c.hash == hash && c.id == id {
			return int(r.slots[at] - 1)
		}
	}
	r.customers = append(r.customers, customerRows{id: id, hash: hash})
	r.slots[at] = uint32(len(r.customers))
	if len(r.customers)*2 > len(r.slots) {
		r.grow()
	}
	return len(r.customers) - 1
}

// grow doubles the table of customers.
func (r *RowReader) grow() {
	r.slots = make([]uint32, 2*len(r.slots))
	mask := uint64(len(r.slots) - 1)
	for i := range r.customers {
		at := r.customers[i].hash >> 20 & mask
		for r.slots[at] != 0 {
			at = (at + 1) & mask
		}
		r.slots[at] = uint32(i + 1)
	}
}

// lay gives every customer, in order, its part of the slices.
func (r *RowReader) lay() {
	r.order = resize(r.order, len(r.customers))
	for i := range r.order {
		r.order[i] = uint32(i)
	}
	slices.SortFunc(r.order, func(a, b uint32) int {
		return strings.Compare(r.customers[a].id, r.customers[b].id)
	})
	var total [kinds]uint32
	for _, c := range r.order {
		for kind, n := range r.customers[c].next {
			r.customers[c].next[kind] = total[kind]
			total[kind] += n
		}
	}
	r.invoices = resize(r.invoices, int(total[kindOf(tagInvoice)]))
	r.payments = resize(r.payments, int(total[kindOf(tagPayment)]))
	r.masters = resize(r.masters, int(total[kindOf(tagMaster)]))
	r.activities = resize(r.activities, int(total[kindOf(tagActivity)]))
	r.disputes = resize(r.disputes, int(total[kindOf(tagDispute)]))
	r.rows = resize(r.rows, len(r.order))
	for i, c := range r.order {
		from, to := r.customers[c].next, total
		if i+1 < len(r.order) {
			to = r.customers[r.order[i+1]].next
		}
		r.rows[i] = Rows{
			Customer:   r.customers[c].id,
			Invoices:   part(r.invoices, from, to, tagInvoice),
			Payments:   part(r.payments, from, to, tagPayment),
			Masters:    part(r.masters, from, to, tagMaster),
			Activities: part(r.activities, from, to, tagActivity),
			Disputes:   part(r.disputes, from, to, tagDispute),
		}
	}
}

// resize gives a slice n elements, in the same memory where that is large enough.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// part is a customer's share of all rows of a kind, without room to grow into the next
// customer's; nil when empty.
func part[T any](s []T, from, to [kinds]uint32, tag byte) []T {
	at, end := from[kindOf(tag)], to[kindOf(tag)]
	if at == end {
		return nil
	}
	return s[at:end:end]
}

// place decodes the rows of a blob, whose positions count from base, to where their customers have
// them, and tells how many there were. An error comes with the start of the row it is in.
func (r *RowReader) place(b []byte, base Pos, owners []uint32) (start, n int, err error) {
	for start < len(b) {
		kind, at, end, _ := getHead(b, start) // read before without an error
		c := &r.customers[owners[n]]
		to := c.next[kind]
		c.next[kind]++
		n++
		at = skipString(b, at) // the customer
		switch kind {
		case kindOf(tagInvoice):
			at = getInvoice(b, at, &r.invoices[to], c.id)
			r.invoices[to].Pos += base
		case kindOf(tagPayment):
			at = getPayment(b, at, &r.payments[to], c.id)
			r.payments[to].Pos += base
		case kindOf(tagMaster):
			at = getMaster(b, at, &r.masters[to], c.id)
			r.masters[to].Pos += base
		case kindOf(tagActivity):
			at = getActivity(b, at, &r.activities[to], c.id)
			r.activities[to].Pos += base
		case kindOf(tagDispute):
			at = getDispute(b, at, &r.disputes[to], c.id)
			r.disputes[to].Pos += base
		}
		if at != end {
			return start, n, errDamaged
		}
		start = end
	}
	return start, n, nil
}

// EachInvoice decodes the invoices among the rows of a blob, in their order, and calls fn with each:
// for who looks for a few of them. The invoice is overwritten by the next one, and its strings point into
// the blob. A damaged blob is an error.
func EachInvoice(b []byte, fn func(v *Invoice)) error {
	var v Invoice
	for start := 0; start < len(b); {
		kind, at, end, err := getHead(b, start)
		if err != nil {
			return damage(0, 1, start, err)
		}
		if kind == kindOf(tagInvoice) {
			customer, at := getString(b, at)
			if getInvoice(b, at, &v, customer) != end {
				return damage(0, 1, start, errDamaged)
			}
			fn(&v)
		}
		start = end
	}
	return nil
}
