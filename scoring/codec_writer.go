package scoring

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// RowWriter encodes rows in forms, which it shares with other writers. It serves one goroutine.
type RowWriter struct {
	forms *Forms

	patterns     []*pattern // those known here, as are forms
	known        []form
	recent       [columns]recentPattern
	patternSlots [1 << patternSlotBits]uint8 // open addressing: 1 + number of a pattern, 0 is empty
	formSlots    [1 << formSlotBits]uint16   // the same of forms
	full         [columns]bool               // no more patterns are found
	fullForms    bool
}

// The tables of a RowWriter are at most half full.
const (
	patternSlotBits = 9
	formSlotBits    = 14

	hashFactor = 0x9e3779b97f4a7c15
)

// NewRowWriter makes a writer.
func NewRowWriter(forms *Forms) *RowWriter { return &RowWriter{forms: forms} }

// recentPattern is the pattern of the text before, nil before the first one.
type recentPattern struct {
	pattern *pattern
	how     uint64 // as in packed
}

// numbers is what is written of a row besides its form.
type numbers [fields]uint64

// AppendInvoice appends the encoding of v to dst. The hash is the CustomerHash of its customer.
func (w *RowWriter) AppendInvoice(dst []byte, hash uint64, v *Invoice) []byte {
	if v.Amount.Digits > mostDecimals {
		return appendHashedInvoice(dst, hash, v)
	}
	var x numbers
	k := x.texts(w.text(columnCustomer, v.Customer), w.text(columnInvoice, v.ID))
	if v.AppliesTo != "" {
		k = x.moreText(k, fieldOf, w.text(columnInvoice, v.AppliesTo))
	}
	if v.Terms != "" {
		k = x.moreText(k, fieldTerms, w.text(columnTerms, v.Terms))
	}
	k.what |= uint64(v.Currency)<<32 | uint64(v.Amount.Digits)<<48 | uint64(v.Kind&3)<<52
	if v.Due != NoDay {
		k.widths |= x.set(fieldDue, zigzag(int64(v.Due)-int64(v.Issue)-dueBase))
	} else {
		k.widths |= noDay << (4 * fieldDue)
	}
	k = x.common(k, v.Pos, v.Amount.Mantissa, v.Issue, v.Known, v.Instalment)
	form := w.form(k)
	if form < 0 {
		return appendHashedInvoice(dst, hash, v)
	}
	f := &w.known[form]
	if dst = f.put(dst, form, &x); f.raw {
		dst = f.putRaw(dst, v.Customer, v.ID, v.AppliesTo, v.Terms)
	}
	return dst
}

// AppendPayment appends the encoding of v to dst. The hash is the CustomerHash of its customer.
func (w *RowWriter) AppendPayment(dst []byte, hash uint64, v *Payment) []byte {
	if v.Amount.Digits > mostDecimals {
		return appendHashedPayment(dst, hash, v)
	}
	var x numbers
	k := x.texts(w.text(columnCustomer, v.Customer), w.text(columnPayment, v.ID))
	if v.Invoice != "" {
		k = x.moreText(k, fieldOf, w.text(columnInvoice, v.Invoice))
	}
	k.what |= uint64(v.Currency)<<32 | uint64(v.Amount.Digits)<<48 | uint64(v.Kind&3)<<52 | 1<<54
	k.widths |= noDay << (4 * fieldDue)
	k = x.common(k, v.Pos, v.Amount.Mantissa, v.Paid, v.Known, v.Instalment)
	form := w.form(k)
	if form < 0 {
		return appendHashedPayment(dst, hash, v)
	}
	f := &w.known[form]
	if dst = f.put(dst, form, &x); f.raw {
		dst = f.putRaw(dst, v.Customer, v.ID, v.Invoice, "")
	}
	return dst
}

// The key of a form is handed from function to function and not kept with the numbers: or-ed together in memory, each of its parts
// waits for the one before.

// set notes a number and gives its part of the key's widths.
func (x *numbers) set(field int, v uint64) (widths uint64) {
	x[field] = v
	return uint64(widthOf[field][bits.Len64(v)]) << (4 * field)
}

// texts notes the two texts that every row has.
func (x *numbers) texts(customer, id packed) formKey {
	return formKey{customer.how<<(8*fieldCustomer) | id.how<<(8*fieldID), x.set(fieldCustomer, customer.number) | x.set(fieldID, id.number)}
}

// moreText notes another text.
func (x *numbers) moreText(k formKey, field int, t packed) formKey {
	k.what |= t.how << (8 * field)
	k.widths |= x.set(field, t.number)
	return k
}

// packed is a text as it is written: noText, rawText or firstPattern and the number of its pattern, and its length or number.
type packed struct{ how, number uint64 }

// common notes what invoices and payments both have.
func (x *numbers) common(k formKey, pos Pos, amount int64, day, known Day, part int32) formKey {
	k.widths |= x.set(fieldPlace, uint64(pos.Place())) | x.set(fieldAmount, zigzag(amount)) | x.set(fieldDay, zigzag(int64(day)-dayBase))
	if file := uint64(pos.File()); file < manyFiles {
		k.what |= file << 55
	} else {
		k.what |= manyFiles << 55
		k.widths |= x.set(fieldFile, file)
	}
	if known != NoDay {
		k.widths |= x.set(fieldKnown, zigzag(int64(known)-int64(day)))
	} else {
		k.widths |= noDay << (4 * fieldKnown)
	}
	if part != 0 {
		k.widths |= x.set(fieldPart, zigzag(int64(part)))
	}
	return k
}

// text tells how a text is written. Those of a kind mostly have the pattern of the one before.
func (w *RowWriter) text(column int, s string) packed {
	if r := &w.recent[column]; r.pattern != nil {
		if v, ok := r.pattern.number(s); ok {
			return packed{r.how, v}
		}
	}
	return w.otherText(column, s)
}

// otherText is text for one of another pattern than the one before.
func (w *RowWriter) otherText(column int, s string) packed {
	if s == "" {
		return packed{noText, 0}
	}
	last := templateOf(s)
	at := w.pattern(s, last)
	if at < 0 {
		if at = w.newPattern(column, s, last); at < 0 {
			return packed{rawText, uint64(len(s))}
		}
	}
	r := &w.recent[column]
	r.pattern, r.how = w.patterns[at], firstPattern+uint64(at)
	v, _ := r.pattern.number(s)
	return packed{r.how, v}
}

func patternSlot(last [2]uint64) uint64 {
	return (last[0]*hashFactor ^ last[1]) * hashFactor >> (64 - patternSlotBits)
}

// pattern is the number of the pattern of a text, -1 where there is none yet.
func (w *RowWriter) pattern(s string, last [2]uint64) int {
	for slot := patternSlot(last); ; slot = (slot + 1) % uint64(len(w.patternSlots)) {
		at := int(w.patternSlots[slot]) - 1
		if at < 0 || w.patterns[at].is(s, last) {
			return at
		}
	}
}

// newPattern is the number of a pattern that others have found since, or that it adds; -1 where there is no room for it.
func (w *RowWriter) newPattern(column int, s string, last [2]uint64) int {
	if w.full[column] || len(s) >= longPattern {
		return -1
	}
	all := w.forms.addPattern(column, s)
	for i := len(w.patterns); i < len(all); i++ {
		slot := patternSlot(all[i].last)
		for w.patternSlots[slot] != 0 {
			slot = (slot + 1) % uint64(len(w.patternSlots))
		}
		w.patternSlots[slot] = uint8(i) + 1
	}
	w.patterns = all
	at := w.pattern(s, last)
	w.full[column] = at < 0
	return at
}

func formSlot(k formKey) uint64 {
	return (k.what*hashFactor ^ k.widths) * hashFactor >> (64 - formSlotBits)
}

// form is the number of a form, -1 where there is none and no room for it.
func (w *RowWriter) form(k formKey) int {
	for slot := formSlot(k); ; slot = (slot + 1) % uint64(len(w.formSlots)) {
		at := int(w.formSlots[slot]) - 1
		if at < 0 {
			return w.newForm(k)
		}
		if w.known[at].formKey == k {
			return at
		}
	}
}

// newForm is the number of a form that others have found since, or that it adds; -1 where there is no room for it.
func (w *RowWriter) newForm(k formKey) int {
	if w.fullForms {
		return -1
	}
	all := w.forms.addForm(k)
	found := -1
	for i := len(w.known); i < len(all); i++ {
		slot := formSlot(all[i].formKey)
		for w.formSlots[slot] != 0 {
			slot = (slot + 1) % uint64(len(w.formSlots))
		}
		w.formSlots[slot] = uint16(i) + 1
		if all[i].formKey == k {
			found = i
		}
	}
	w.known = all
	w.fullForms = len(all) == maxForms
	return found
}

// put appends the numbers of a row.
func (f *form) put(dst []byte, form int, x *numbers) []byte {
	dst = slices.Grow(dst, formRoom)
	at := len(dst)
	row := (*[formRoom]byte)(dst[at : at+formRoom])
	if code := form - shortForms; code >= 0 {
		row[0], row[1] = longForm|byte(code>>8), byte(code)
	} else {
		row[0] = formTag + byte(form)
	}
	// In the order of the fields: what is written past the end of one is the place of the next.
	f.putField(row, x, fieldCustomer)
	f.putField(row, x, fieldID)
	f.putField(row, x, fieldOf)
	f.putField(row, x, fieldTerms)
	f.putField(row, x, fieldPlace)
	f.putField(row, x, fieldAmount)
	f.putField(row, x, fieldDay)
	f.putField(row, x, fieldDue)
	if f.rare {
		f.putField(row, x, fieldFile)
		f.putField(row, x, fieldKnown)
		f.putField(row, x, fieldPart)
	}
	return dst[:at+f.size]
}

func (f *form) putField(row *[formRoom]byte, x *numbers, field int) {
	to := uint(f.at[field]) & 63
	binary.LittleEndian.PutUint64(row[to:to+8], x[field])
}

// putRaw appends the texts of a row that have no pattern.
func (f *form) putRaw(dst []byte, texts ...string) []byte {
	for i, s := range texts {
		if f.text[i] == rawText {
			dst = append(dst, s...)
		}
	}
	return dst
}
