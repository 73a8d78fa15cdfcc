package scoring

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sync"
)

// Forms is what many rows of invoices and payments have in common: patterns of their texts, and forms, which say all
// of a row but some numbers, and how many bytes each of those takes. A row in a form is
//
//	code of the form, one or two bytes | numbers, little-endian | texts without a pattern
//
// and takes 16 to 20 bytes where it would take 45 to 60 by itself: identifiers are mostly a prefix and a number, a
// file has few currencies, and so on. Forms are found while rows are written, by several RowWriters at once, and numbered in the order in
// which they were found, which is not the same in two runs; the rows read are. Rows in forms can be read only with the
// Forms that they were written with, which Append writes and ReadForms reads, once nobody
// writes any more. The zero value is ready for use.
//
// There is room for 4,272 forms and 160 patterns, 40 of each kind of identifier. Rows and texts of no form and no pattern
// are written by themselves.
type Forms struct {
	mu       sync.Mutex
	patterns []*pattern // only added to, as are forms
	forms    []form
	byText   map[string]bool
	byKey    map[formKey]bool
	of       [columns]int // patterns, by what they were found in
}

// formKey is what a form says. The first number holds
//
//	bits   what
//	0-31   how the texts are written, a byte each: noText, rawText, or firstPattern plus the number of their pattern
//	32-47  currency
//	48-51  decimals of the amount
//	52-53  kind of the invoice or payment
//	54     a payment
//	55-58  file, manyFiles where it is a number of the row
//
// and the second the bytes of each field, four bits each in the order of the fields; noDay for a day not given.
type formKey struct{ what, widths uint64 }

// The fields of a row in a form, in their order. A text is its number within its pattern, or its length.
const (
	fieldCustomer = iota
	fieldID
	fieldOf    // the invoice that a payment names, or that a credit note belongs to
	fieldTerms // of invoices only
	fieldPlace
	fieldAmount // zigzagged
	fieldDay    // from dayBase, zigzagged
	fieldDue    // from the day and dueBase, zigzagged
	fieldFile
	fieldKnown // from the day, zigzagged
	fieldPart  // the instalment, zigzagged
	fields

	fieldTexts = fieldTerms + 1 // the first ones

	noText       = 0
	rawText      = 1
	firstPattern = 2

	manyFiles = 8
	noDay     = 15

	mostDecimals = 15

	// dueBase makes due days from 8 days before to 119 days after the issue fit a byte.
	dueBase = 56
)

const (
	// formTag is the first code of a form, beyond the tags of rows by themselves. Those below longForm take one byte.
	formTag  = 0x40
	longForm = 0xf0

	shortForms  = longForm - formTag
	maxForms    = shortForms + 16<<8
	maxPatterns = 40 // of a kind of texts

	// formRoom is what the numbers of a row in a form take at most with its code, 66 bytes, of which the last four begin at 62,
	// where eight are written and read at a time; and a round number.
	formRoom = 72
)

// The kinds of texts that patterns are looked for in.
const (
	columnCustomer = iota
	columnInvoice
	columnPayment
	columnTerms
	columns
)

// widthOf is, for each field, the bytes that a number of so many bits takes: few widths, so that there are few forms.
// Of the numbers that are mostly zero, zero takes none.
var widthOf = widthTables([fields][]uint8{
	fieldPlace: {3, 4, 6}, fieldFile: {0, 1, 3}, fieldAmount: {2, 3, 4, 8}, fieldDay: {2, 5}, fieldDue: {1, 2, 5},
	fieldKnown: {0, 1, 2, 5}, fieldPart: {0, 1, 4},
}, []uint8{0, 3, 4, 5, 7})

// widthTables makes those tables from the widths that a field may have, and those of texts.
func widthTables(of [fields][]uint8, texts []uint8) (tables [fields][65]uint8) {
	for f := range tables {
		widths := of[f]
		if f < fieldTexts {
			widths = texts
		}
		for n := range tables[f] {
			for _, w := range widths {
				if tables[f][n] = w; int(w)*8 >= n {
					break
				}
			}
		}
	}
	return tables
}

// form is a form laid out for reading and writing.
type form struct {
	formKey
	size     int           // of a row but for its raw texts
	raw      bool          // it has such texts
	rare     bool          // it has fields from fieldFile on
	room     int           // that its other texts take when they are read
	at       [fields]uint8 // where each field begins
	mask     [fields]uint64
	text     [fieldTexts]uint8
	pattern  [fieldTexts]*pattern // nil of no text and raw ones
	currency Currency
	digits   uint8
	kind     uint8
	payment  bool
	due      bool // given
	known    bool // given
	file     uint32
	packs    bool // rows can be packed, see packedRow
}

// lay lays a form out as number `code` of its Forms; ok is false when the key says what no row is.
func (f *form) lay(k formKey, code int, patterns []*pattern) (ok bool) {
	*f = form{formKey: k, currency: Currency(k.what >> 32), digits: uint8(k.what >> 48 & 15), kind: uint8(k.what >> 52 & 3),
		payment: k.what>>54&1 != 0, due: true, known: true}
	file := uint32(k.what >> 55)
	if ok = file <= manyFiles && k.widths>>(4*fields) == 0; file < manyFiles {
		f.file = file
	}
	f.size = 1
	if code >= shortForms {
		f.size = 2
	}
	for i := range f.at {
		w := int(k.widths >> (4 * i) & 15)
		switch {
		case i < fieldTexts:
			f.text[i] = uint8(k.what >> (8 * i))
			f.raw = f.raw || f.text[i] == rawText
			of := int(f.text[i]) - firstPattern
			if of >= len(patterns) || f.text[i] == noText && w != 0 {
				return false
			}
			if of >= 0 {
				f.pattern[i] = patterns[of]
				f.room += patterns[of].room()
			}
		case w == noDay && i == fieldDue:
			f.due, w = false, 0
		case w == noDay && i == fieldKnown:
			f.known, w = false, 0
		}
		f.rare = f.rare || i >= fieldFile && w > 0
		f.at[i] = uint8(f.size)
		f.mask[i] = lowBytes[w]
		f.size += w
		ok = ok && w <= 8
	}
	for i := range f.at {
		ok = ok && bits.Len64(f.mask[i]) <= 8*int(widthOf[i][64]) // the most it ever takes
	}
	if file < manyFiles {
		ok = ok && f.mask[fieldFile] == 0
	}
	f.packs = f.canPack()
	if f.payment {
		return ok && !f.due && f.text[fieldTerms] == noText
	}
	return ok && f.kind <= uint8(KindDebitNote)
}

// addPattern adds the pattern of a text, if it is not there and there is room.
func (f *Forms) addPattern(column int, s string) []*pattern {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, ok := newPattern(s); ok && !f.byText[p.template] && f.of[column] < maxPatterns && len(f.patterns) < columns*maxPatterns {
		if f.byText == nil {
			f.byText = map[string]bool{}
		}
		f.byText[p.template] = true
		f.patterns = append(f.patterns, p)
		f.of[column]++
	}
	return f.patterns
}

// addForm adds a form, if it is not there and there is room.
func (f *Forms) addForm(k formKey) []form {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byKey == nil {
		f.byKey = map[formKey]bool{}
	}
	if len(f.forms) < maxForms && !f.byKey[k] {
		var of form
		if of.lay(k, len(f.forms), f.patterns) {
			f.byKey[k] = true
			f.forms = append(f.forms, of)
		}
	}
	return f.forms
}

// formsVersion begins what Append writes. Any change to the forms, or to how rows are written in them, must raise it.
const formsVersion = 3

// Append appends the forms, for ReadForms:
//
//	formsVersion | number of patterns | their templates | number of forms | their keys, 16 bytes each
//
// with numbers as uvarints and templates after their length.
func (f *Forms) Append(dst []byte) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	dst = binary.AppendUvarint(append(dst, formsVersion), uint64(len(f.patterns)))
	for i := range f.patterns {
		dst = appendString(dst, f.patterns[i].template)
	}
	dst = binary.AppendUvarint(dst, uint64(len(f.forms)))
	for i := range f.forms {
		dst = binary.LittleEndian.AppendUint64(dst, f.forms[i].what)
		dst = binary.LittleEndian.AppendUint64(dst, f.forms[i].widths)
	}
	return dst
}

// ReadForms reads what Append wrote.
func ReadForms(b []byte) (*Forms, error) {
	if len(b) == 0 || b[0] != formsVersion {
		return nil, errors.New("forms of rows are of another version")
	}
	f := &Forms{byText: map[string]bool{}, byKey: map[formKey]bool{}}
	count, at := getCount(b, 1)
	for range min(count, columns*maxPatterns) {
		var template string
		template, at = getString(b, at)
		p, ok := newPattern(template)
		if !ok || p.template != template || f.byText[template] {
			return nil, fmt.Errorf("forms of rows: pattern %d: %w", len(f.patterns), errDamaged)
		}
		f.byText[p.template] = true
		f.patterns = append(f.patterns, p)
	}
	forms, at := getCount(b, at)
	f.forms = make([]form, min(forms, maxForms))
	for i := range f.forms {
		var k formKey
		k.what, at = getFixed(b, at)
		k.widths, at = getFixed(b, at)
		if !f.forms[i].lay(k, i, f.patterns) || f.byKey[k] {
			return nil, fmt.Errorf("forms of rows: form %d: %w", i, errDamaged)
		}
		f.byKey[k] = true
	}
	if !bytes.Equal(f.Append(nil), b) { // also where there is more, or a number is written longer than need be
		return nil, fmt.Errorf("forms of rows: %w", errDamaged)
	}
	return f, nil
}
