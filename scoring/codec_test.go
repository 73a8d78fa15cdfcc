package scoring

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRowsComeBackGroupedByCustomer puts rows of every kind, by themselves and in forms, into several blobs, and compares what
// a reader makes of them with a map from customer to rows.
func TestRowsComeBackGroupedByCustomer(t *testing.T) {
	var reader RowReader // shared, so that what earlier rounds leave behind would show
	rapid.Check(t, func(t *rapid.T) {
		blobs := make([][]byte, rapid.IntRange(0, 3).Draw(t, "blobs"))
		forms := []*Forms{new(Forms), new(Forms)}
		writers := []*RowWriter{NewRowWriter(forms[0]), NewRowWriter(forms[0]), NewRowWriter(forms[1])}
		in := make([]*Forms, len(blobs))
		want := map[string]*Rows{}
		of := func(customer string) *Rows {
			if want[customer] == nil {
				want[customer] = &Rows{Customer: customer}
			}
			return want[customer]
		}
		for i := range blobs {
			writer := rapid.IntRange(0, 2).Draw(t, "writer")
			in[i] = forms[writer/2]
			w := writers[writer]
			for range rapid.IntRange(0, 12).Draw(t, "rows") {
				b := &blobs[i]
				switch rapid.IntRange(0, 6).Draw(t, "kind") {
				case 5:
					v := anyInvoice().Draw(t, "invoice")
					*b, of(v.Customer).Invoices = w.AppendInvoice(*b, CustomerHash(v.Customer), &v), append(of(v.Customer).Invoices, v)
				case 6:
					v := anyPayment().Draw(t, "payment")
					*b, of(v.Customer).Payments = w.AppendPayment(*b, CustomerHash(v.Customer), &v), append(of(v.Customer).Payments, v)
				case 0:
					v := anyInvoice().Draw(t, "invoice")
					*b, of(v.Customer).Invoices = AppendInvoice(*b, &v), append(of(v.Customer).Invoices, v)
				case 1:
					v := anyPayment().Draw(t, "payment")
					*b, of(v.Customer).Payments = AppendPayment(*b, &v), append(of(v.Customer).Payments, v)
				case 2:
					v := anyMaster().Draw(t, "master")
					*b, of(v.Customer).Masters = AppendMaster(*b, &v), append(of(v.Customer).Masters, v)
				case 3:
					v := anyActivity().Draw(t, "activity")
					*b, of(v.Customer).Activities = AppendActivity(*b, &v), append(of(v.Customer).Activities, v)
				case 4:
					v := anyDispute().Draw(t, "dispute")
					*b, of(v.Customer).Disputes = AppendDispute(*b, &v), append(of(v.Customer).Disputes, v)
				}
			}
		}
		files := make([]Blob, len(blobs))
		for i, b := range blobs {
			files[i] = Blob{Rows: b, Forms: in[i]}
			if rapid.Bool().Draw(t, "kept") {
				var err error
				if files[i].Forms, err = ReadForms(in[i].Append(nil)); err != nil {
					t.Fatal(err)
				}
			}
		}
		reader.Packed = rapid.Bool().Draw(t, "packed")
		got, err := readAll(&reader, files)
		if err != nil {
			t.Fatal(err)
		}
		wanted := make([]Rows, 0, len(want))
		for _, r := range want {
			wanted = append(wanted, *r)
		}
		sort.Slice(wanted, func(i, j int) bool { return wanted[i].Customer < wanted[j].Customer })
		if len(got) != len(wanted) || len(got) > 0 && !reflect.DeepEqual(got, wanted) {
			t.Fatalf("got  %+v\nwant %+v", got, wanted)
		}
	})
}

// readAll copies what a reader reads, customer by customer; its texts hold until the reader's next Open.
func readAll(r *RowReader, blobs []Blob) (all []Rows, err error) {
	customers, err := r.Open(blobs)
	if err != nil {
		return nil, err
	}
	for {
		of, err := r.Next()
		if err != nil {
			return nil, err
		}
		if of == nil {
			break
		}
		if of.packed != nil {
			if err := unpacked(of); err != nil {
				return nil, err
			}
		}
		all = append(all, Rows{Customer: of.Customer, Masters: append([]Master(nil), of.Masters...), Invoices: append([]Invoice(nil), of.Invoices...),
			Payments: append([]Payment(nil), of.Payments...), Activities: append([]Activity(nil), of.Activities...), Disputes: append([]Dispute(nil), of.Disputes...)})
	}
	if len(all) != customers {
		return nil, fmt.Errorf("%d customers, not the %d there were to be", len(all), customers)
	}
	return all, nil
}

// unpacked decodes what was read packed, and compares the two.
func unpacked(rows *Rows) error {
	p := rows.packed
	var ids []string
	for _, list := range [][]packedRow{p.invoices, p.payments} {
		for i := range list {
			id, err := p.text(&list[i])
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
	}
	if err := p.unpack(); err != nil {
		return err
	}
	for i, row := range p.invoices {
		v := &rows.Invoices[i]
		if got := (Invoice{Customer: v.Customer, ID: ids[i], Issue: row.day, Due: row.due, Amount: Decimal{row.amount, row.digits}, Currency: row.currency,
			Terms: v.Terms, Kind: v.Kind, Known: v.Known, Pos: v.Pos}); got != *v || row.known != max(v.Issue, v.Known) || row.odd != (v.Kind != KindInvoice) || row.of != noID {
			return fmt.Errorf("packed %+v, decoded %+v", got, *v)
		}
	}
	for i, row := range p.payments {
		v := &rows.Payments[i]
		named := ""
		if row.of != noID {
			of := row
			of.id = row.of
			var err error
			if named, err = p.text(&of); err != nil {
				return err
			}
		}
		if got := (Payment{Customer: v.Customer, ID: ids[len(p.invoices)+i], Invoice: named, Paid: row.day, Amount: Decimal{row.amount, row.digits}, Currency: row.currency,
			Kind: v.Kind, Known: v.Known, Pos: v.Pos}); got != *v || row.known != max(v.Paid, v.Known) || row.odd != (v.Kind != KindPayment) {
			return fmt.Errorf("packed %+v, decoded %+v", got, *v)
		}
	}
	return nil
}

func TestUnknownBureauScoreStaysUnknown(t *testing.T) {
	rows, err := ReadRows(AppendMaster(nil, &Master{Customer: "C", Bureau: math.NaN(), Since: NoDay}))
	if err != nil || !math.IsNaN(rows[0].Masters[0].Bureau) || rows[0].Masters[0].Since != NoDay {
		t.Errorf("%+v, %v", rows, err)
	}
}

// TestEncodingStaysReadable holds the bytes of version 3: blobs of an older program must be
// readable or refused, never read as something else. A change here needs another version.
func TestEncodingStaysReadable(t *testing.T) {
	inv, pay := sampleInvoice(7), samplePayment(7)
	forms := new(Forms)
	w := NewRowWriter(forms)
	for _, c := range []struct {
		got  []byte
		want string
	}{
		// Code of the form; numbers 10327 and 7 of their patterns, place 651, and as below.
		{w.AppendInvoice(nil, CustomerHash(inv.Customer), &inv), "40" + "572800" + "070000" + "8b0200" + "dab101" + "4104" + "33"},
		{w.AppendPayment(nil, CustomerHash(pay.Customer), &pay), "41" + "572800" + "070000" + "070000" + "300200" + "dab101" + "fb03"},
		// Version, three templates, two forms: patterns 0 and 1, no more texts, EUR, two decimals; widths 3, 3, 0, 0, 3, 3, 2, 1, 0, no
		// day of knowledge, 0. The same with patterns 0, 2 and 1, a payment, file 1, no due day.
		{forms.Append(nil), "03" + "03" + "09433030303030303030" + "0c494e56303030303030303030" + "0c504159303030303030303030" +
			"02" + "02030000b2160200" + "33003312f0000000" + "02040300b216c200" + "330333f2f0000000"},
		// Tag, size, upper half of the hash, customer.
		{AppendInvoice(nil, &inv), "3029" + "704ea974" + "09433030303130333237" +
			// 0x02839462: 2 bytes of the place, none of the file, 3 of the mantissa, 2 of the day, 1 of the due day, no day of
			// knowledge, none of the instalment, kind 0, a currency, 2 decimals, no further texts.
			"62948302" + "8b02" + "dab101" + "4104" + // place 651, 55,533 (zigzag), 2023-04-08
			"3c" + "b216" + "0c494e56303030303030303037"}, // due 30 days later, EUR, id
		{AppendPayment(nil, &pay), "3136" + "704ea974" + "09433030303130333237" +
			"6af48312" + "3002" + "01" + "dab101" + "fb03" + // no due day, a further text; place 560, file 1, amount, 2023-05-13
			"b216" + "0c504159303030303030303037" + "0c494e56303030303030303037"}, // EUR, id, invoice
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("\ngot  %s\nwant %s", got, c.want)
		}
	}
}

func mustCurrency(s string) Currency {
	c, err := ParseCurrency(s)
	if err != nil {
		panic(err)
	}
	return c
}

func TestDamagedBlobsAreErrors(t *testing.T) {
	inv := sampleInvoice(1)
	whole := AppendInvoice(AppendInvoice(nil, &inv), &inv)
	size := len(whole) / 2
	for cut := 1; cut < len(whole); cut++ {
		if cut == size {
			continue
		}
		if _, err := ReadRows(whole[:cut]); err == nil {
			t.Errorf("blob cut at byte %d of %d was read", cut, len(whole))
		}
	}
	for _, c := range []struct {
		name   string
		change func(b []byte) []byte
		want   string
	}{
		{"tag of another version", func(b []byte) []byte { b[size] = 0x11; return b }, "blob 2 of 2: row at byte 41: unknown tag 0x11"},
		{"tag of no kind", func(b []byte) []byte { b[0] = tagEnd; return b }, "blob 2 of 2: row at byte 0: unknown tag 0x35"},
		{"size past the end", func(b []byte) []byte { b[size+1] = 0x7f; return b }, "row at byte 41: cut short"},
		{"fields past the row's size", func(b []byte) []byte { b[1]--; return slices.Delete(b, size-1, size) }, "damaged"},
		{"room after the fields", func(b []byte) []byte { b[1] += byte(size); return b }, "row at byte 0: damaged"},
		{"customer longer than its row", func(b []byte) []byte { b[6] = 0x7f; return b }, "row at byte 0: damaged"},
		{"kind that is none", func(b []byte) []byte { b[18] |= 0x60; return b }, "row at byte 0: damaged"},
		{"hash of another customer", func(b []byte) []byte { b[2]++; return b }, "row at byte 0: damaged"},
		{"more bytes of a place than it has", func(b []byte) []byte { b[16] |= 7; return b }, "row at byte 0: damaged"},
		{"bits that mean nothing", func(b []byte) []byte { b[19] |= 0x80; return b }, "row at byte 0: damaged"},
	} {
		b := slices.Clone(whole)
		if _, err := ReadRows(nil, c.change(b)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// Rows encoded as of file 0 are, read as a blob of a file, those encoded as of that file.
func TestBlobsCountTheirFilesFromTheirOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var blobs []Blob
		var want [][]byte
		for range rapid.IntRange(1, 3).Draw(t, "blobs") {
			inv, pay, master := anyInvoice().Draw(t, "invoice"), anyPayment().Draw(t, "payment"), anyMaster().Draw(t, "master")
			act, dispute := anyActivity().Draw(t, "activity"), anyDispute().Draw(t, "dispute")
			place := rapid.Int64Range(0, 1<<44-1).Draw(t, "place")
			encode := func(file int) []byte {
				pos := MakePos(file, place)
				inv.Pos, pay.Pos, master.Pos, act.Pos, dispute.Pos = pos, pos, pos, pos, pos
				return AppendDispute(AppendActivity(AppendMaster(AppendPayment(AppendInvoice(nil, &inv), &pay), &master), &act), &dispute)
			}
			file := rapid.IntRange(0, 1<<20-1).Draw(t, "file")
			blobs, want = append(blobs, Blob{Rows: encode(0), File: file}), append(want, encode(file))
		}
		got, err := readAll(new(RowReader), blobs)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := ReadRows(want...)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encodeRows(got), encodeRows(plain)) {
			t.Fatalf("%+v\nwant %+v", got, plain)
		}
	})
}

// EachInvoice finds what ReadRows finds, in the order of the blob.
func TestEachInvoiceFindsThoseOfTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		invoices := rapid.SliceOfN(anyInvoice(), 0, 5).Draw(t, "invoices")
		var blob, want, got []byte
		w := NewRowWriter(new(Forms))
		for i := range invoices {
			invoices[i].Pos = MakePos(1, int64(i))
			pay := samplePayment(i)
			if rapid.Bool().Draw(t, "by itself") {
				blob = AppendPayment(AppendInvoice(blob, &invoices[i]), &pay)
			} else {
				blob = w.AppendPayment(w.AppendInvoice(blob, CustomerHash(invoices[i].Customer), &invoices[i]), CustomerHash(pay.Customer), &pay)
			}
			want = AppendInvoice(want, &invoices[i])
		}
		if err := EachInvoice(Blob{Rows: blob, Forms: w.forms}, func(v *Invoice) { got = AppendInvoice(got, v) }); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%x, %v\nwant %x", got, err, want)
		}
		if len(blob) > 0 {
			if err := EachInvoice(Blob{Rows: blob[:len(blob)-1], Forms: w.forms}, func(*Invoice) {}); err == nil {
				t.Fatal("a blob cut short is no error")
			}
		}
	})
}

// TestRowsOfOneCustomerCannotOverwriteTheNext appends to a customer's slice.
func TestRowsOfOneCustomerCannotOverwriteTheNext(t *testing.T) {
	var blob []byte
	for _, id := range []string{"A", "B"} {
		blob = AppendInvoice(blob, &Invoice{Customer: id, ID: id})
	}
	rows, err := ReadRows(blob)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(rows[0].Invoices, Invoice{ID: "X"})
	if got := rows[1].Invoices[0].ID; got != "B" {
		t.Errorf("the next customer's invoice is now %q", got)
	}
}

// TestCustomerHashIsPublished compares with XXH3 of the reference implementation (64 bits, seed
// 0), so that other programs can route rows alike.
func TestCustomerHashIsPublished(t *testing.T) {
	for id, want := range map[string]uint64{
		"": 0x2d06800538d394c2, "0042": 0xf3d4897ca61cfce0, "C00000001": 0xba9416b557b31df3, "得意先-0001": 0x4adfddd55066c93a,
	} {
		if got := CustomerHash(id); got != want {
			t.Errorf("%q: %#x, want %#x", id, got, want)
		}
	}
}

// FuzzReadRows reads anything without a panic, and what it accepts survives another round, by itself and in forms.
func FuzzReadRows(f *testing.F) {
	inv, pay := sampleInvoice(3), samplePayment(4)
	f.Add([]byte(nil), AppendPayment(AppendInvoice(nil, &inv), &pay))
	f.Add([]byte(nil), AppendMaster(nil, &Master{Customer: "C", Name: strings.Repeat("n", 200), Since: NoDay}))
	f.Add([]byte(nil), AppendActivity(nil, &Activity{Customer: "C", PromiseDate: 20100, Known: NoDay}))
	f.Add([]byte(nil), AppendDispute(nil, &Dispute{Customer: "C", Closed: NoDay, Known: 20001}))
	w := NewRowWriter(new(Forms))
	raw := inv
	raw.ID, raw.Terms, raw.AppliesTo, raw.Instalment, raw.Known = strings.Repeat("#", 70), "30", "A-1/20-01", 3, 20000
	rows := w.AppendInvoice(w.AppendPayment(w.AppendInvoice(nil, CustomerHash(inv.Customer), &inv), CustomerHash(pay.Customer), &pay), CustomerHash(raw.Customer), &raw)
	f.Add(w.forms.Append(nil), AppendInvoice(rows, &inv))
	f.Fuzz(func(t *testing.T, forms, rows []byte) {
		blob := Blob{Rows: rows}
		if len(forms) > 0 {
			var err error
			if blob.Forms, err = ReadForms(forms); err != nil {
				return
			}
			if !bytes.Equal(blob.Forms.Append(nil), forms) {
				t.Fatalf("forms become %x", blob.Forms.Append(nil))
			}
		}
		first, err := readAll(new(RowReader), []Blob{blob})
		packed, packedErr := readAll(&RowReader{Packed: true}, []Blob{blob})
		if err != nil {
			return
		}
		again := encodeRows(first)
		if packedErr != nil || !bytes.Equal(again, encodeRows(packed)) {
			t.Fatalf("first  %+v\npacked %+v: %v", first, packed, packedErr)
		}
		second, err := ReadRows(again)
		if err != nil {
			t.Fatalf("encoded again: %v", err)
		}
		if len(second) != len(first) || !bytes.Equal(again, encodeRows(second)) {
			t.Fatalf("first  %+v\nsecond %+v", first, second)
		}
		w := NewRowWriter(new(Forms))
		third, err := readAll(new(RowReader), []Blob{{Rows: encodeInForms(w, first), Forms: w.forms}})
		if err != nil {
			t.Fatalf("encoded in forms: %v", err)
		}
		if !bytes.Equal(again, encodeRows(third)) {
			t.Fatalf("first  %+v\nthird %+v", first, third)
		}
	})
}

// encodeInForms is encodeRows in forms.
func encodeInForms(w *RowWriter, rows []Rows) (b []byte) {
	for _, r := range rows {
		for i := range r.Invoices {
			b = w.AppendInvoice(b, CustomerHash(r.Customer), &r.Invoices[i])
		}
		for i := range r.Payments {
			b = w.AppendPayment(b, CustomerHash(r.Customer), &r.Payments[i])
		}
		r.Invoices, r.Payments = nil, nil
		b = append(b, encodeRows([]Rows{r})...)
	}
	return b
}

func encodeRows(rows []Rows) (b []byte) {
	for _, r := range rows {
		for i := range r.Masters {
			b = AppendMaster(b, &r.Masters[i])
		}
		for i := range r.Invoices {
			b = AppendInvoice(b, &r.Invoices[i])
		}
		for i := range r.Payments {
			b = AppendPayment(b, &r.Payments[i])
		}
		for i := range r.Activities {
			b = AppendActivity(b, &r.Activities[i])
		}
		for i := range r.Disputes {
			b = AppendDispute(b, &r.Disputes[i])
		}
	}
	return b
}
