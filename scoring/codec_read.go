package scoring

import (
	"fmt"
	"slices"
	"strings"
)

// ReadRows decodes the blobs of one shard, of rows by themselves, and groups its rows by customer, customers ascending
// by the bytes of their ids; within a customer the rows stand in the order of the blobs.
// Strings point into the blobs, which must not change while the rows are in use. A damaged
// blob is an error that names the blob and the place.
func ReadRows(blobs ...[]byte) ([]Rows, error) {
	all := make([]Blob, len(blobs))
	for i, b := range blobs {
		all[i].Rows = b
	}
	var r RowReader
	customers, err := r.Open(all)
	if err != nil {
		return nil, err
	}
	rows := make([]Rows, 0, customers)
	for range customers {
		of, err := r.Next()
		if err != nil {
			return nil, err
		}
		rows = append(rows, *of)
		of.Masters, of.Invoices, of.Payments, of.Activities, of.Disputes = nil, nil, nil, nil, nil // the next has its own
	}
	return rows, nil
}

// Blob is encoded rows, the forms they are written in, which may be nil where they are written by themselves, and the file
// that they count theirs from: File is added to that of every row's Pos, so that rows encoded before it was known
// which file of a run theirs would be can be read where they belong.
type Blob struct {
	Rows  []byte
	Forms *Forms
	File  int
}

// RowReader reads the rows of shard after shard, customer by customer, into the same memory: Open goes over the heads
// of a shard's rows to find those of each customer, Next decodes those of the next one, so that only one
// customer's rows are held decoded. The zero value is ready for use; it serves one goroutine.
type RowReader struct {
	// Packed leaves the invoices and payments of a customer packed where they can be, for a Rebuilder whose Env.Packed
	// makes use of them: the Rows of Next are then without those.
	Packed bool

	blobs     []Blob
	customers []customerRows
	slots     []uint64 // open addressing: hash above 1 + index of a customer, 0 is empty
	owners    []uint32 // of each row in order: index of its customer
	found     []rowPlace
	places    []rowPlace // those found, by customer
	order     []uint32   // customers by id
	next      int        // in order
	rows      Rows
	forms     formReader
	numbered  []uint32 // open addressing: 1 + index of a customer by number, 0 is empty
	packed    packedRows
	families  families
}

// rowPlace is where a row begins: its blob in the upper 24 bits, the byte there in the lower 40.
type rowPlace uint64

const (
	placeBits = 40
	maxBlobs  = 1 << (64 - placeBits)
)

func (p rowPlace) blob() int  { return int(p >> placeBits) }
func (p rowPlace) start() int { return int(p & (1<<placeBits - 1)) }

// kinds is the number of kinds of rows.
const kinds = tagEnd - codecVersion

// customerRows is a customer of the shard.
type customerRows struct {
	id    string
	count [kinds]uint32 // of rows, by kind
	hash  uint32
	loose bool // has rows that cannot be packed
	end   int  // in places, of those put there so far

	pattern *pattern // of the id, nil where no row in a form has been met
	number  uint64   // in that
}

// Open looks over the blobs of a shard and tells how many customers there are. The blobs must not change until the
// next Open. A damaged blob is an error that names the blob and the place.
func (r *RowReader) Open(blobs []Blob) (customers int, err error) {
	r.reset(blobs)
	if len(blobs) > maxBlobs {
		return 0, fmt.Errorf("%d blobs in a shard, the most are %d", len(blobs), maxBlobs)
	}
	for i := range blobs {
		if start, err := r.look(i); err != nil {
			return 0, r.damage(i, start, err)
		}
	}
	r.lay()
	return len(r.customers), nil
}

// damage says where a blob is damaged.
func (r *RowReader) damage(blob, start int, err error) error {
	return damage(blob, len(r.blobs), start, err)
}

func damage(blob, blobs, start int, err error) error {
	return fmt.Errorf("blob %d of %d: row at byte %d: %w", blob+1, blobs, start, err)
}

// reset forgets the rows read before but keeps the memory.
func (r *RowReader) reset(blobs []Blob) {
	r.blobs, r.next = blobs, 0
	r.customers, r.owners, r.found = r.customers[:0], r.owners[:0], r.found[:0]
	r.forms.texts.used = 0
	if r.Packed {
		r.families.find(blobs)
	}
	clear(r.slots)
	clear(r.numbered)
	if r.slots == nil {
		r.slots, r.numbered = make([]uint64, 1024), make([]uint32, 1024)
	}
}

// look reads the head of every row of a blob and notes whose it is. An error comes with the start of the row it is
// in.
func (r *RowReader) look(blob int) (start int, err error) {
	b := r.blobs[blob].Rows
	if len(b) >= 1<<placeBits {
		return 0, fmt.Errorf("%d bytes are more than a blob may have", len(b))
	}
	forms := r.blobs[blob].Forms.list()
	for start < len(b) {
		var kind uint8
		var owner, end int
		loose := false
		if b[start] >= formTag {
			f := formAt(b, start, forms)
			if f == nil {
				return start, errNoForm
			}
			if end = start + f.size; end > len(b) || f.raw {
				if end, err = f.end(b, start); err != nil {
					return start, err
				}
			}
			kind, owner, loose = f.rowKind(), r.ownerOf(b, start, f), !f.packs
		} else {
			var hash uint32
			var from, body int
			if kind, hash, from, body, end, err = getHead(b, start); err != nil {
				return start, err
			}
			owner, loose = r.find(hash, textAt(b, from, body)), kind != kindOf(tagMaster)
		}
		if owner < 0 {
			return start, errDamaged
		}
		c := &r.customers[owner]
		c.count[kind]++
		c.loose = c.loose || loose
		r.owners = append(r.owners, uint32(owner))
		r.found = append(r.found, rowPlace(blob)<<placeBits|rowPlace(start))
		start = end
	}
	return start, nil
}

// lay puts customers in order and the places of their rows side by side.
func (r *RowReader) lay() {
	r.order = resize(r.order, len(r.customers))
	for i := range r.order {
		r.order[i] = uint32(i)
	}
	slices.SortFunc(r.order, func(a, b uint32) int {
		return strings.Compare(r.customers[a].id, r.customers[b].id)
	})
	total := 0
	for _, at := range r.order {
		c := &r.customers[at]
		c.end = total
		for _, n := range c.count {
			total += int(n)
		}
	}
	r.places = resize(r.places, total)
	for i, owner := range r.owners {
		c := &r.customers[owner]
		r.places[c.end] = r.found[i]
		c.end++
	}
}

// resize gives a slice n elements, in the same memory where that is large enough.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Next decodes the rows of the next customer, in ascending order of the ids' bytes; nil after the last. They are
// overwritten by the next Next, but for the strings, which point into the blobs or into room that the next Open uses again.
func (r *RowReader) Next() (*Rows, error) {
	if r.next == len(r.order) {
		return nil, nil
	}
	c := &r.customers[r.order[r.next]]
	from := 0
	if r.next > 0 {
		from = r.customers[r.order[r.next-1]].end
	}
	r.next++
	rows, places := &r.rows, r.places[from:c.end]
	rows.Customer, rows.packed = c.id, nil
	if r.Packed && !c.loose && r.families.ok {
		if r.pack(c, places) {
			rows.packed = &r.packed
			return rows, nil
		}
	}
	return rows, r.decodeAll(c, places)
}

// decodeAll decodes the rows of a customer that begin at some places.
func (r *RowReader) decodeAll(c *customerRows, places []rowPlace) error {
	rows := &r.rows
	rows.Invoices = resize(rows.Invoices, int(c.count[kindOf(tagInvoice)]))
	rows.Payments = resize(rows.Payments, int(c.count[kindOf(tagPayment)]))
	rows.Masters = resize(rows.Masters, int(c.count[kindOf(tagMaster)]))
	rows.Activities = resize(rows.Activities, int(c.count[kindOf(tagActivity)]))
	rows.Disputes = resize(rows.Disputes, int(c.count[kindOf(tagDispute)]))
	var n [kinds]int
	for len(places) > 0 {
		some, tags := r.fetch(&places)
		for i, place := range some {
			tag, blob := tags[i&(rowsAhead-1)], &r.blobs[place.blob()]
			if ok := tag >= formTag && r.decodeFormed(blob, place.start(), &n, c.id) || tag < formTag && r.decode(blob, place.start(), tag, &n, c.id); !ok {
				return r.damage(place.blob(), place.start(), errDamaged)
			}
		}
	}
	return nil
}

// fetch takes the next places off a list, with the tags of the rows there. Rows of one customer lie far apart: the first
// bytes of several are fetched at once.
func (r *RowReader) fetch(places *[]rowPlace) (some []rowPlace, tags [rowsAhead]byte) {
	some = (*places)[:min(len(*places), rowsAhead)]
	*places = (*places)[len(some):]
	for i, place := range some {
		tags[i&(rowsAhead-1)] = r.blobs[place.blob()].Rows[place.start()]
	}
	return some, tags
}

// rowsAhead is how many rows are fetched at once, a power of two.
const rowsAhead = 16

// decodeFormed decodes a row in a form, after n others of each kind, and tells whether it is sound.
func (r *RowReader) decodeFormed(blob *Blob, start int, n *[kinds]int, customer string) (ok bool) {
	f := formAt(blob.Rows, start, blob.Forms.forms) // found before
	if f.payment {
		v := &r.rows.Payments[n[kindOf(tagPayment)]]
		n[kindOf(tagPayment)]++
		ok = r.forms.payment(blob.Rows, start, f, v)
		v.Customer = customer
		v.Pos += MakePos(blob.File, 0)
		return ok
	}
	v := &r.rows.Invoices[n[kindOf(tagInvoice)]]
	n[kindOf(tagInvoice)]++
	ok = r.forms.invoice(blob.Rows, start, f, v)
	v.Customer = customer
	v.Pos += MakePos(blob.File, 0)
	return ok
}

// decode decodes a row by itself, after n others of each kind, and tells whether it is sound.
func (r *RowReader) decode(blob *Blob, start int, tag byte, n *[kinds]int, customer string) (ok bool) {
	b, base := blob.Rows, MakePos(blob.File, 0)
	kind := kindOf(tag)
	to := n[kind]
	n[kind]++
	_, _, _, at, end, _ := getHead(b, start) // read before without an error
	switch kind {
	case kindOf(tagInvoice):
		v := &r.rows.Invoices[to]
		at = getInvoice(b, at, v, customer)
		v.Pos += base
	case kindOf(tagPayment):
		v := &r.rows.Payments[to]
		at = getPayment(b, at, v, customer)
		v.Pos += base
	case kindOf(tagMaster):
		v := &r.rows.Masters[to]
		at = getMaster(b, at, v, customer)
		v.Pos += base
	case kindOf(tagActivity):
		v := &r.rows.Activities[to]
		at = getActivity(b, at, v, customer)
		v.Pos += base
	case kindOf(tagDispute):
		v := &r.rows.Disputes[to]
		at = getDispute(b, at, v, customer)
		v.Pos += base
	}
	return at == end
}

// EachInvoice decodes the invoices among the rows of a blob, in their order, and calls fn with each:
// for who looks for a few of them. The invoice and its strings are overwritten by the next one. A damaged blob is an
// error.
func EachInvoice(blob Blob, fn func(v *Invoice)) error {
	var v Invoice
	var forms formReader
	for start := 0; start < len(blob.Rows); {
		is, end, err := forms.ifInvoice(blob, start, &v)
		if err != nil {
			return damage(0, 1, start, err)
		}
		if start = end; is {
			v.Pos += MakePos(blob.File, 0)
			fn(&v)
		}
	}
	return nil
}

// ifInvoice decodes the row at start if it is an invoice.
func (r *formReader) ifInvoice(blob Blob, start int, v *Invoice) (is bool, end int, err error) {
	b := blob.Rows
	if b[start] < formTag {
		kind, _, from, body, end, err := getHead(b, start)
		is = kind == kindOf(tagInvoice)
		if err == nil && is && getInvoice(b, body, v, textAt(b, from, body)) != end {
			err = errDamaged
		}
		return is, end, err
	}
	f := formAt(b, start, blob.Forms.list())
	if f == nil {
		return false, 0, errNoForm
	}
	if end, err = f.end(b, start); err != nil || f.payment {
		return false, end, err
	}
	r.texts.used = 0
	customer, ok := r.customer(b, start, f)
	if !r.invoice(b, start, f, v) || !ok {
		err = errDamaged
	}
	v.Customer = customer
	return true, end, err
}
