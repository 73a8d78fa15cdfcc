package scoring

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// Rows are written by themselves, as here, or in Forms. Rows by themselves are
//
//	tag byte | uvarint size of what follows | hash, 4 bytes | customer | body
//
// where the tag's high half is the version of the encoding, its low half the kind of row, and
// the hash is the upper half of CustomerHash, little-endian. So rows can be told apart, counted by
// customer and skipped without reading them whole, and blobs of rows can be put together end to end.
// Bodies are made of uvarints (numbers with a sign zigzagged), strings after their length,
// and flag bits for what is mostly absent; those of invoices and payments begin with figures. Days are
// written relative to one another.

// codecVersion is the high half of a tag. Any change to a row must raise it.
const codecVersion = 3 << 4

// The kinds of rows, the low half of a tag.
const (
	tagInvoice = codecVersion | iota
	tagPayment
	tagMaster
	tagActivity
	tagDispute
	tagEnd
)

// kindOf is the kind of rows that have a tag, counted from 0.
func kindOf(tag byte) uint8 { return tag - codecVersion }

// dayBase is the day that the first day of a row is written relative to: 2024-10-04. Days
// within 8,191 of it, 2002 to 2047, take two bytes.
const dayBase = 20000

// CustomerHash routes a customer to a shard and orders samples: XXH3 of the id's bytes, the
// same on every machine and in every version.
func CustomerHash(id string) uint64 { return xxh3.HashString(id) }

// AppendInvoice appends the encoding of v to dst.
func AppendInvoice(dst []byte, v *Invoice) []byte {
	return appendHashedInvoice(dst, CustomerHash(v.Customer), v)
}

// appendHashedInvoice is AppendInvoice where the CustomerHash of the row's customer is known.
func appendHashedInvoice(dst []byte, hash uint64, v *Invoice) []byte {
	dst = slices.Grow(dst, largestHead+figuresRoom+len(v.Customer)+len(v.ID)+len(v.AppliesTo)+len(v.Terms)+3*binary.MaxVarintLen64)
	row := dst[len(dst):cap(dst)]
	at := putHead(row, tagInvoice, hash, v.Customer)
	var f figures // field by field: a literal is put together elsewhere and copied, which stalls on its small fields
	f.pos, f.amount.Mantissa, f.amount.Digits, f.currency, f.kind = v.Pos, v.Amount.Mantissa, v.Amount.Digits, v.Currency, uint8(v.Kind)
	f.day, f.due, f.known, f.instalment = v.Issue, v.Due, v.Known, v.Instalment
	f.texts = flag(v.AppliesTo != "", 0) | flag(v.Terms != "", 1)
	at += putFigures((*[figuresRoom]byte)(row[at:]), &f)
	at = putString(row, at, v.ID)
	if v.AppliesTo != "" {
		at = putString(row, at, v.AppliesTo)
	}
	if v.Terms != "" {
		at = putString(row, at, v.Terms)
	}
	return endRow(dst[:len(dst)+at], len(dst)+2)
}

// AppendPayment appends the encoding of v to dst.
func AppendPayment(dst []byte, v *Payment) []byte {
	return appendHashedPayment(dst, CustomerHash(v.Customer), v)
}

// appendHashedPayment is AppendPayment where the CustomerHash of the row's customer is known.
func appendHashedPayment(dst []byte, hash uint64, v *Payment) []byte {
	dst = slices.Grow(dst, largestHead+figuresRoom+len(v.Customer)+len(v.ID)+len(v.Invoice)+2*binary.MaxVarintLen64)
	row := dst[len(dst):cap(dst)]
	at := putHead(row, tagPayment, hash, v.Customer)
	var f figures
	f.pos, f.amount.Mantissa, f.amount.Digits, f.currency, f.kind = v.Pos, v.Amount.Mantissa, v.Amount.Digits, v.Currency, uint8(v.Kind)
	f.day, f.due, f.known, f.instalment = v.Paid, NoDay, v.Known, v.Instalment
	f.texts = flag(v.Invoice != "", 0)
	at += putFigures((*[figuresRoom]byte)(row[at:]), &f)
	at = putString(row, at, v.ID)
	if v.Invoice != "" {
		at = putString(row, at, v.Invoice)
	}
	return endRow(dst[:len(dst)+at], len(dst)+2)
}

// AppendMaster appends the encoding of v to dst.
func AppendMaster(dst []byte, v *Master) []byte {
	dst, start := beginRow(dst, tagMaster, v.Customer)
	dst = append(dst, flag(v.HasLimit, 0)|flag(v.HasMargin, 1)|flag(v.HasCollateral, 2)|
		flag(v.DoNotContact, 3)|flag(v.Insolvent, 4)|flag(v.Represented, 5)|byte(v.Relationship&3)<<6)
	dst = appendPos(dst, v.Pos)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(v.Currency))
	for _, s := range [...]string{v.Name, v.Parent, v.Terms, v.Segment, v.Region, v.Language,
		v.Collector, v.Email, v.Phone, v.Contacts, v.Guarantor} {
		dst = appendString(dst, s)
	}
	for _, d := range [...]Decimal{v.CreditLimit, v.AnnualMargin, v.Collateral} {
		dst = appendDecimal(dst, d)
	}
	dst = appendFloat(dst, v.TravelMinutes)
	dst = appendFloat(dst, v.Bureau)
	dst = appendInt(dst, int64(v.Since)-dayBase)
	return endRow(dst, start)
}

// AppendActivity appends the encoding of v to dst.
func AppendActivity(dst []byte, v *Activity) []byte {
	dst, start := beginRow(dst, tagActivity, v.Customer)
	dst = append(dst, flag(v.HasPromise, 0)|flag(v.Randomised, 1)|flag(v.PromiseDate != NoDay, 2)|flag(v.Known != NoDay, 3)|
		flag(v.Agency != "", 4))
	dst = appendPos(dst, v.Pos)
	for _, s := range [...]string{v.ID, v.Action, v.Outcome, v.Reason, v.Collector, v.Invoice} {
		dst = appendString(dst, s)
	}
	dst = appendInt(dst, int64(v.Done)-dayBase)
	dst = appendDecimal(dst, v.PromiseAmount)
	dst = appendFloat(dst, v.Minutes)
	if v.PromiseDate != NoDay {
		dst = appendInt(dst, int64(v.PromiseDate)-int64(v.Done))
	}
	if v.Known != NoDay {
		dst = appendInt(dst, int64(v.Known)-int64(v.Done))
	}
	if v.Agency != "" {
		dst = appendString(dst, v.Agency)
	}
	return endRow(dst, start)
}

// AppendDispute appends the encoding of v to dst.
func AppendDispute(dst []byte, v *Dispute) []byte {
	dst, start := beginRow(dst, tagDispute, v.Customer)
	dst = append(dst, flag(v.HasAmount, 0)|flag(v.Closed != NoDay, 1)|flag(v.Known != NoDay, 2))
	dst = appendPos(dst, v.Pos)
	for _, s := range [...]string{v.ID, v.Invoice, v.Reason} {
		dst = appendString(dst, s)
	}
	dst = appendInt(dst, int64(v.Opened)-dayBase)
	dst = appendDecimal(dst, v.Amount)
	if v.Closed != NoDay {
		dst = appendInt(dst, int64(v.Closed)-int64(v.Opened))
	}
	if v.Known != NoDay {
		dst = appendInt(dst, int64(v.Known)-int64(v.Opened))
	}
	return endRow(dst, start)
}

// largestHead is the most that putHead writes besides the customer.
const largestHead = 2 + hashBytes + binary.MaxVarintLen64

// hashBytes is how much of a customer's hash a row has.
const hashBytes = 4

// rowHash is the part of a customer's hash that its rows have. Shards are chosen by the lower half.
func rowHash(hash uint64) uint32 { return uint32(hash >> 32) }

// putHead writes the tag, a byte left for the size, the hash and the customer at the beginning of row, and gives the place
// after them.
func putHead(row []byte, tag byte, hash uint64, customer string) int {
	row[0], row[1] = tag, 0
	binary.LittleEndian.PutUint32(row[2:], rowHash(hash))
	return putString(row, 2+hashBytes, customer)
}

// putString writes a string at a place where there is room for it and gives the place after it.
func putString(row []byte, at int, s string) int {
	if len(s) < 0x80 {
		row[at] = byte(len(s))
		at++
	} else {
		at += binary.PutUvarint(row[at:], uint64(len(s)))
	}
	if n := len(s); n >= 8 && n <= 16 { // as most identifiers are: two words that overlap
		from, to := unsafe.Slice(unsafe.StringData(s), n), row[at:at+n]
		head, tail := binary.LittleEndian.Uint64(from), binary.LittleEndian.Uint64(from[n-8:])
		binary.LittleEndian.PutUint64(to, head)
		binary.LittleEndian.PutUint64(to[n-8:], tail)
		return at + n
	}
	return at + copy(row[at:], s)
}

// beginRow appends the head of a row. start is where what its size counts begins.
func beginRow(dst []byte, tag byte, customer string) (_ []byte, start int) {
	dst = slices.Grow(dst, largestHead+len(customer))
	at := putHead(dst[len(dst):cap(dst)], tag, CustomerHash(customer), customer)
	return dst[:len(dst)+at], len(dst) + 2
}

// endRow writes the size of what begins at start, moving that along when the size takes more than the
// one byte left for it.
func endRow(dst []byte, start int) []byte {
	size := uint64(len(dst) - start)
	if size < 0x80 {
		dst[start-1] = byte(size)
		return dst
	}
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], size)
	dst = append(dst, head[1:n]...) // room for it
	copy(dst[start-1+n:], dst[start:start+int(size)])
	copy(dst[start-1:], head[:n])
	return dst
}

// flag is bit number at when set, else 0.
func flag(set bool, at int) byte {
	if set {
		return 1 << at
	}
	return 0
}

func appendString(dst []byte, s string) []byte {
	if len(s) < 0x80 {
		dst = append(dst, byte(len(s)))
	} else {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
	}
	return append(dst, s...)
}

func appendInt(dst []byte, v int64) []byte {
	return binary.AppendUvarint(dst, zigzag(v))
}

func appendDecimal(dst []byte, d Decimal) []byte {
	return append(appendInt(dst, d.Mantissa), d.Digits)
}

func appendFloat(dst []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
}

// appendPos writes the place and the file apart: as one number a second file would always
// take seven bytes.
func appendPos(dst []byte, p Pos) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(dst, uint64(p.Place())), uint64(p.File()))
}
