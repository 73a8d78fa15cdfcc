package scoring

// packedRow is an invoice or payment as a number of its form says it: without texts, which take as long to put
// together as everything else of a row, and which nobody looks at of what is settled. Only rows as nearly all are can be
// packed: see canPack.
type packedRow struct {
	id, of   uint64 // see familyShift; of is noID where the row names no invoice
	amount   int64  // as written, never negative
	place    rowPlace
	day, due Day
	known    Day // the day from which the row exists
	currency Currency
	digits   uint8
	odd      bool // neither an invoice nor a payment, but something else that they are exports of
}

// packedRows are those of a customer, in no particular order.
type packedRows struct {
	reader   *RowReader
	customer *customerRows
	places   []rowPlace
	invoices []packedRow
	payments []packedRow
}

// The number of a text takes the lower familyShift bits of a packed id, above it stands which pattern it is of: two packed
// ids are the same where the texts are.
const (
	familyShift  = 54 // patternDigits is less than 1<<54
	mostFamilies = 1 << (64 - familyShift)
	noID         = 1<<64 - 1
)

// families numbers the patterns of all blobs of a shard by their templates: blobs may have Forms of their own.
type families struct {
	ok       bool // there are not too many
	patterns []*pattern
	byText   map[string]uint64
	of       [][]uint64          // by blob, by the number of a pattern in its Forms: the family, shifted
	known    map[*Forms][]uint64 // likewise
}

// find numbers the patterns of some blobs. Those of blobs before keep theirs.
func (s *families) find(blobs []Blob) {
	if s.byText == nil {
		s.byText, s.known = map[string]uint64{}, map[*Forms][]uint64{}
	}
	s.of = s.of[:0]
	for i := range blobs {
		forms := blobs[i].Forms
		of := s.known[forms]
		if forms != nil && len(of) < len(forms.patterns) {
			for _, p := range forms.patterns[len(of):] {
				family, met := s.byText[p.template]
				if !met {
					family = uint64(len(s.patterns)) << familyShift
					s.byText[p.template] = family
					s.patterns = append(s.patterns, p)
				}
				of = append(of, family)
			}
			s.known[forms] = of
		}
		s.of = append(s.of, of)
	}
	s.ok = len(s.patterns) < mostFamilies // and no id is noID
}

// canPack reports whether rows in a form can be packed: an invoice with a due date, or a payment, discount or write-off,
// with an id and without an instalment.
func (f *form) canPack() bool {
	if f.raw || f.mask[fieldPart] != 0 || f.pattern[fieldID] == nil {
		return false
	}
	if f.payment {
		return PaymentKind(f.kind) != KindReversal
	}
	return f.due && f.text[fieldOf] == noText && InvoiceKind(f.kind) != KindCreditNote
}

// pack packs the rows of a customer that begin at some places; ok is false when one cannot be packed.
func (r *RowReader) pack(c *customerRows, places []rowPlace) (ok bool) {
	p := &r.packed
	p.reader, p.customer, p.places = r, c, places
	p.invoices = resize(p.invoices, int(c.count[kindOf(tagInvoice)]))
	p.payments = resize(p.payments, int(c.count[kindOf(tagPayment)]))
	rows := &r.rows
	rows.Masters = resize(rows.Masters, int(c.count[kindOf(tagMaster)]))
	rows.Invoices, rows.Payments, rows.Activities, rows.Disputes = rows.Invoices[:0], rows.Payments[:0], rows.Activities[:0], rows.Disputes[:0]
	var n [kinds]int
	invoices, payments := 0, 0
	for len(places) > 0 {
		some, tags := r.fetch(&places)
		for i, place := range some {
			blob := &r.blobs[place.blob()]
			if tag := tags[i&(rowsAhead-1)]; tag < formTag {
				if !r.decode(blob, place.start(), tag, &n, c.id) {
					return false
				}
				continue
			}
			f := formAt(blob.Rows, place.start(), blob.Forms.forms)
			var row *packedRow
			if f.payment {
				row = &p.payments[payments]
				payments++
			} else {
				row = &p.invoices[invoices]
				invoices++
			}
			row.place = place
			if !r.packRow(blob.Rows, f, r.families.of[place.blob()], row) {
				return false
			}
		}
	}
	return true
}

// packRow packs a row in a form; ok is false when it cannot be, and when it is damaged. That a number has digits where its
// pattern has none is found when its text is put together.
func (r *RowReader) packRow(b []byte, f *form, families []uint64, row *packedRow) (ok bool) {
	x := r.forms.window(b, row.place.start())
	id := f.in(x, fieldID)
	row.id, row.of = id|families[f.text[fieldID]-firstPattern], noID
	if how := f.text[fieldOf]; how >= firstPattern {
		of := f.in(x, fieldOf)
		row.of = of | families[how-firstPattern]
		id |= of
	}
	row.amount = unzigzag(f.in(x, fieldAmount))
	day := unzigzag(f.in(x, fieldDay)) + dayBase
	due := day
	if f.due {
		due += unzigzag(f.in(x, fieldDue)) + dueBase
	}
	known := day
	if f.known {
		known = max(day, day+unzigzag(f.in(x, fieldKnown)))
	}
	row.day, row.due, row.known = Day(day), Day(due), Day(known)
	row.currency, row.digits, row.odd = f.currency, f.digits, f.kind != 0
	return id>>familyShift == 0 && row.amount >= 0 && day == int64(row.day) && due == int64(row.due) && known == int64(row.known)
}

// unpack decodes all rows that are packed.
func (p *packedRows) unpack() error {
	p.reader.rows.packed = nil
	return p.reader.decodeAll(p.customer, p.places)
}

// decode decodes some of the rows that are packed, so many of each export.
func (p *packedRows) decode(invoices, payments int, places []rowPlace) error {
	r := p.reader
	r.rows.Invoices, r.rows.Payments = resize(r.rows.Invoices, invoices), resize(r.rows.Payments, payments)
	var n [kinds]int
	for _, place := range places {
		if !r.decodeFormed(&r.blobs[place.blob()], place.start(), &n, r.rows.Customer) {
			return r.damage(place.blob(), place.start(), errDamaged)
		}
	}
	return nil
}

// text is the id of a packed row put together. It stays until the next Open.
func (p *packedRows) text(row *packedRow) (string, error) {
	r := p.reader
	of := r.families.patterns[row.id>>familyShift]
	r.forms.texts.need(of.room())
	s, wrong := r.forms.texts.add(of, row.id&(1<<familyShift-1))
	if wrong != 0 {
		return "", r.damage(row.place.blob(), row.place.start(), errDamaged)
	}
	return s, nil
}
