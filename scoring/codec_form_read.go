package scoring

import (
	"encoding/binary"
	"errors"
)

// list is the forms there are; rows by themselves need none.
func (f *Forms) list() []form {
	if f == nil {
		return nil
	}
	return f.forms
}

var (
	errCut    = errors.New("cut short")
	errNoForm = errors.New("in a form that is not among those of its blob")
)

// formAt is the form of the row at start, whose tag is that of a form; nil when there is none.
func formAt(b []byte, start int, forms []form) *form {
	code := int(b[start]) - formTag
	if code >= shortForms {
		code = longFormAt(b, start)
	}
	if uint(code) >= uint(len(forms)) {
		return nil
	}
	return &forms[code]
}

// longFormAt is the number of a form whose code takes two bytes.
func longFormAt(b []byte, start int) int {
	if start+1 == len(b) {
		return maxForms
	}
	return shortForms + int(b[start]&15)<<8 + int(b[start+1])
}

// rowKind is the kind of the rows in a form.
func (f *form) rowKind() uint8 {
	if f.payment {
		return kindOf(tagPayment)
	}
	return kindOf(tagInvoice)
}

// end is where the row at start ends.
func (f *form) end(b []byte, start int) (int, error) {
	end := start + f.size
	if end > len(b) {
		return 0, errCut
	}
	if f.raw {
		for i, text := range f.text {
			if text == rawText {
				n := f.number(b, start, i)
				if n > uint64(len(b)-end) {
					return 0, errCut
				}
				end += int(n)
			}
		}
	}
	return end, nil
}

// number is a field of the row at start.
func (f *form) number(b []byte, start, field int) uint64 {
	at := start + int(f.at[field])
	if at+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[at:]) & f.mask[field]
	}
	var last [8]byte
	copy(last[:], b[at:])
	return binary.LittleEndian.Uint64(last[:]) & f.mask[field]
}

// formReader reads rows in forms. Their texts are put together in room of its own, where they do not lie in the blob.
type formReader struct {
	texts texts
	last  [formRoom]byte // the last rows of a blob, after which there is none of its bytes
}

// formedRow is a row that is being read.
type formedRow struct {
	*form
	b     *[formRoom]byte // its numbers
	wrong uint64          // 0 while nothing is
}

// at is the row at start.
func (r *formReader) at(b []byte, start int, f *form) formedRow {
	if f.room > len(r.texts.room)-r.texts.used {
		r.texts.need(f.room)
	}
	row := formedRow{form: f, b: &r.last}
	if start+formRoom <= len(b) {
		row.b = (*[formRoom]byte)(b[start:])
	} else {
		copy(r.last[:], b[start:])
	}
	return row
}

// field is a number of the row.
func (r *formedRow) field(i int) uint64 {
	at := uint(r.at[i]) & 63
	return binary.LittleEndian.Uint64(r.b[at:at+8]) & r.mask[i]
}

// text is a text of the row, "" where it is raw.
func (r *formedRow) text(field int, t *texts) string {
	p := r.pattern[field]
	if p == nil {
		return ""
	}
	s, wrong := t.add(p, r.field(field))
	r.wrong |= wrong
	return s
}

// day is the day that the others are counted from, before it is known to fit.
func (r *formedRow) day() int64 {
	day := unzigzag(r.field(fieldDay)) + dayBase
	r.wrong |= uint64(day ^ int64(Day(day)))
	return day
}

// dueDay is the due day.
func (r *formedRow) dueDay(day int64) Day {
	if !r.due {
		return NoDay
	}
	due := unzigzag(r.field(fieldDue)) + dueBase + day
	r.wrong |= uint64(due ^ int64(Day(due)))
	return Day(due)
}

// knownDay is the day of knowledge.
func (r *formedRow) knownDay(day int64) Day {
	if !r.known {
		return NoDay
	}
	known := unzigzag(r.field(fieldKnown)) + day
	r.wrong |= uint64(known ^ int64(Day(known)))
	return Day(known)
}

// pos is the row's place.
func (r *formedRow) pos() Pos {
	place, file := r.field(fieldPlace), r.field(fieldFile)+uint64(r.file)
	r.wrong |= place>>44 | file>>20
	return MakePos(int(file), int64(place))
}

// invoice reads the invoice at start, which look has found whole, and tells whether it is sound.
func (r *formReader) invoice(b []byte, start int, f *form, v *Invoice, customer string) (ok bool) {
	row := r.at(b, start, f)
	v.Customer, v.Currency, v.Kind = customer, f.currency, InvoiceKind(f.kind)
	v.ID, v.AppliesTo, v.Terms = row.text(fieldID, &r.texts), row.text(fieldOf, &r.texts), row.text(fieldTerms, &r.texts)
	day := row.day()
	v.Issue, v.Due, v.Known = Day(day), row.dueDay(day), row.knownDay(day)
	v.Pos, v.Instalment = row.pos(), int32(unzigzag(row.field(fieldPart)))
	v.Amount.Mantissa, v.Amount.Digits = unzigzag(row.field(fieldAmount)), f.digits
	if f.raw {
		row.raws(b, start+f.size, [...]*string{nil, &v.ID, &v.AppliesTo, &v.Terms})
	}
	return row.wrong == 0
}

// payment is invoice for payments.
func (r *formReader) payment(b []byte, start int, f *form, v *Payment, customer string) (ok bool) {
	row := r.at(b, start, f)
	v.Customer, v.Currency, v.Kind = customer, f.currency, PaymentKind(f.kind)
	v.ID, v.Invoice = row.text(fieldID, &r.texts), row.text(fieldOf, &r.texts)
	day := row.day()
	v.Paid, v.Known = Day(day), row.knownDay(day)
	v.Pos, v.Instalment = row.pos(), int32(unzigzag(row.field(fieldPart)))
	v.Amount.Mantissa, v.Amount.Digits = unzigzag(row.field(fieldAmount)), f.digits
	if f.raw {
		row.raws(b, start+f.size, [...]*string{nil, &v.ID, &v.Invoice, nil})
	}
	return row.wrong == 0
}

// raws are the texts of the row that lie in the blob from a place on; of what is nil the reader has no need.
func (r *formedRow) raws(b []byte, from int, texts [fieldTexts]*string) {
	for i, how := range r.form.text {
		if how != rawText {
			continue
		}
		to := from + int(r.field(i))
		if texts[i] != nil {
			*texts[i] = textAt(b, from, to)
		}
		from = to
	}
}

// customer is the customer of the row at start.
func (r *formReader) customer(b []byte, start int, f *form) (id string, ok bool) {
	if p := f.pattern[fieldCustomer]; p != nil {
		r.texts.need(p.room())
		id, wrong := r.texts.add(p, f.number(b, start, fieldCustomer))
		return id, wrong == 0
	}
	if f.text[fieldCustomer] == rawText {
		from := start + f.size
		id = textAt(b, from, from+int(f.number(b, start, fieldCustomer)))
	}
	return id, true
}

// owners finds customers by the numbers of their ids within their patterns. The zero value is empty.
type owners struct {
	slots []ownerSlot // open addressing, a power of two; those of no pattern are empty
	used  int
}

type ownerSlot struct {
	number  uint64
	pattern *pattern
	owner   int
}

// slot is where a customer is, or shall be.
func (o *owners) slot(p *pattern, number uint64) *ownerSlot {
	mask := uint64(len(o.slots) - 1)
	for at := (number ^ p.hash) * hashFactor >> 32; ; at++ {
		s := &o.slots[at&mask]
		if s.pattern == nil || s.number == number && (s.pattern == p || s.pattern.template == p.template) {
			return s
		}
	}
}

// reset forgets all customers.
func (o *owners) reset() {
	clear(o.slots)
	if o.used = 0; o.slots == nil {
		o.slots = make([]ownerSlot, 1024)
	}
}

// enter notes a customer in the slot that was found for it.
func (o *owners) enter(s *ownerSlot, p *pattern, number uint64, owner int) {
	*s = ownerSlot{number, p, owner}
	if o.used++; 2*o.used > len(o.slots) {
		was := o.slots
		o.slots = make([]ownerSlot, 2*len(was))
		for _, s := range was {
			if s.pattern != nil {
				*o.slot(s.pattern, s.number) = s
			}
		}
	}
}

// ownerOf is the index of the customer of the row at start, -1 when it has none.
func (r *RowReader) ownerOf(b []byte, start int, f *form) int {
	p := f.pattern[fieldCustomer]
	if p == nil {
		id, _ := r.forms.customer(b, start, f)
		return r.findText(id)
	}
	number := f.number(b, start, fieldCustomer)
	s := r.byNumber.slot(p, number)
	if s.pattern != nil {
		return s.owner
	}
	id, ok := r.forms.customer(b, start, f)
	if !ok {
		return -1
	}
	owner := r.findText(id) // who may have other rows by itself
	r.byNumber.enter(s, p, number, owner)
	return owner
}

// findText is find of an id whose hash is not known.
func (r *RowReader) findText(id string) int { return r.find(rowHash(CustomerHash(id)), id) }
