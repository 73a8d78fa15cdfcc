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

// numbers is the numbers of the row at start, before whose texts are put together.
func (r *formReader) numbers(b []byte, start int, f *form) *[formRoom]byte {
	if f.room > len(r.texts.room)-r.texts.used {
		r.texts.need(f.room)
	}
	return r.window(b, start)
}

// window is what a row in a form that begins at start may take.
func (r *formReader) window(b []byte, start int) *[formRoom]byte {
	if start+formRoom <= len(b) {
		return (*[formRoom]byte)(b[start:])
	}
	copy(r.last[:], b[start:])
	return &r.last
}

// in is a field of a row with these numbers.
func (f *form) in(b *[formRoom]byte, field int) uint64 {
	at := uint(f.at[field]) & 63
	return binary.LittleEndian.Uint64(b[at:at+8]) & f.mask[field]
}

// invoice reads the invoice at start, which look has found whole, but for its customer, and tells whether it is sound.
func (r *formReader) invoice(b []byte, start int, f *form, v *Invoice) (ok bool) {
	x := r.numbers(b, start, f)
	v.Currency, v.Kind, v.Amount.Digits = f.currency, InvoiceKind(f.kind), f.digits
	v.ID, v.AppliesTo, v.Terms = "", "", ""
	var wrong, more uint64
	if p := f.pattern[fieldID]; p != nil {
		v.ID, wrong = r.texts.add(p, f.in(x, fieldID))
	}
	if p := f.pattern[fieldOf]; p != nil {
		v.AppliesTo, more = r.texts.add(p, f.in(x, fieldOf))
		wrong |= more
	}
	if p := f.pattern[fieldTerms]; p != nil {
		v.Terms, more = r.texts.add(p, f.in(x, fieldTerms))
		wrong |= more
	}
	if f.raw {
		f.raws(x, b, start+f.size, [...]*string{nil, &v.ID, &v.AppliesTo, &v.Terms})
	}
	v.Amount.Mantissa = unzigzag(f.in(x, fieldAmount))
	day := unzigzag(f.in(x, fieldDay)) + dayBase
	due := int64(NoDay)
	if f.due {
		due = unzigzag(f.in(x, fieldDue)) + dueBase + day
	}
	v.Issue, v.Due = Day(day), Day(due)
	wrong |= uint64(day^int64(v.Issue)) | uint64(due^int64(v.Due))
	v.Pos, v.Known, v.Instalment, more = f.rest(x, day)
	return wrong|more == 0
}

// payment is invoice for payments.
func (r *formReader) payment(b []byte, start int, f *form, v *Payment) (ok bool) {
	x := r.numbers(b, start, f)
	v.Currency, v.Kind, v.Amount.Digits = f.currency, PaymentKind(f.kind), f.digits
	v.ID, v.Invoice = "", ""
	var wrong, more uint64
	if p := f.pattern[fieldID]; p != nil {
		v.ID, wrong = r.texts.add(p, f.in(x, fieldID))
	}
	if p := f.pattern[fieldOf]; p != nil {
		v.Invoice, more = r.texts.add(p, f.in(x, fieldOf))
		wrong |= more
	}
	if f.raw {
		f.raws(x, b, start+f.size, [...]*string{nil, &v.ID, &v.Invoice, nil})
	}
	v.Amount.Mantissa = unzigzag(f.in(x, fieldAmount))
	day := unzigzag(f.in(x, fieldDay)) + dayBase
	v.Paid = Day(day)
	wrong |= uint64(day ^ int64(v.Paid))
	v.Pos, v.Known, v.Instalment, more = f.rest(x, day)
	return wrong|more == 0
}

// rest is what is mostly absent, and the place. wrong is not zero when some of it cannot be.
func (f *form) rest(x *[formRoom]byte, day int64) (pos Pos, known Day, part int32, wrong uint64) {
	place, file := f.in(x, fieldPlace), uint64(f.file)
	known = NoDay
	if f.rare || f.known {
		file += f.in(x, fieldFile)
		part = int32(unzigzag(f.in(x, fieldPart)))
		if f.known {
			on := unzigzag(f.in(x, fieldKnown)) + day
			known = Day(on)
			wrong = uint64(on ^ int64(known))
		}
	}
	return MakePos(int(file), int64(place)), known, part, wrong | place>>44 | file>>20
}

// raws are the texts of the row that lie in the blob from a place on; of what is nil the reader has no need.
func (f *form) raws(x *[formRoom]byte, b []byte, from int, texts [fieldTexts]*string) {
	for i, how := range f.text {
		if how != rawText {
			continue
		}
		to := from + int(f.in(x, i))
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
