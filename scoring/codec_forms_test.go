package scoring

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// templateWith is the template of a text, made the plain way.
func templateWith(s string) string {
	b := []byte(s)
	for i := max(len(b)-16, 0); i < len(b); i++ {
		if b[i] >= '0' && b[i] <= '9' {
			b[i] = '0'
		}
	}
	return string(b)
}

// A text is a number of every pattern whose template it has and of no other, and comes back from it.
func TestTextsComeBackFromTheirPatterns(t *testing.T) {
	identifier := rapid.OneOf(rapid.StringMatching(`[A-Z/ -]{0,4}[0-9]{0,9}[-/A]?[0-9]{0,9}`), rapid.StringN(0, 20, 70),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte("0199/:\x00\xb0\xff")), 0, 40), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		s := identifier.Draw(t, "text")
		p, ok := newPattern(s)
		if want := len(s) > 0 && len(s) < longPattern; ok != want {
			t.Fatalf("has a pattern: %v, want %v", ok, want)
		} else if !ok {
			return
		}
		if p.template != templateWith(s) || !p.is(s, templateOf(s)) || p.last != templateOf(p.template) {
			t.Fatalf("template %q, last %x and %x", p.template, p.last, templateOf(s))
		}
		other := []byte(s)
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			other[rapid.IntRange(0, len(s)-1).Draw(t, "at")] = rapid.OneOf(rapid.ByteRange('0', '9'), rapid.Byte()).Draw(t, "byte")
		}
		for _, s := range []string{s, string(other), s + "0", s[1:], identifier.Draw(t, "another")} {
			v, ok := p.number(s)
			if want := templateWith(s) == p.template; ok != want || p.is(s, templateOf(s)) != want {
				t.Fatalf("%q is of the pattern %q: %v and %v, want %v", s, p.template, ok, p.is(s, templateOf(s)), want)
			}
			if !ok {
				continue
			}
			var room texts
			room.need(p.room())
			if again, wrong := room.add(p, v); again != s || wrong != 0 || room.used > p.room() {
				t.Fatalf("%q comes back as %q, wrong %x, in %d of %d bytes", s, again, wrong, room.used, p.room())
			}
		}
	})
}

// FuzzPattern looks for a text that a pattern takes wrongly, or does not give back byte for byte.
func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{"INV-000000376", "INV-999999999"}, {"00000000000000000000", "00009999999999999999"}, {"A1", "A\x00"},
		{"INV-010423-0010", "INV-010423/0010"}, {"請求2024-000000000017", "請求2024-123456789012"}, {"1234567", "123456:"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, of, s string) {
		p, ok := newPattern(of)
		if !ok {
			return
		}
		v, ok := p.number(s)
		if want := templateWith(of) == templateWith(s); ok != want || p.is(s, templateOf(s)) != want {
			t.Fatalf("%q is of the pattern of %q: %v and %v, want %v", s, of, ok, p.is(s, templateOf(s)), want)
		}
		var room texts
		room.need(p.room())
		if again, wrong := room.add(p, v); ok && (again != s || wrong != 0) {
			t.Fatalf("%q comes back as %q, wrong %x", s, again, wrong)
		}
	})
}

// A number that no text of the pattern has is found out, and never another text.
func TestNumbersOfNoTextAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, ok := newPattern(rapid.StringMatching(`[A-Z]{0,3}[0-9]{1,8}-?[0-9]{0,8}`).Draw(t, "text"))
		if !ok {
			t.Skip()
		}
		v := rapid.OneOf(rapid.Uint64Max(1e6), rapid.Uint64Max(2e16), rapid.Uint64()).Draw(t, "number")
		var room texts
		room.need(p.room())
		s, wrong := room.add(p, v)
		digits := fmt.Sprintf("%016d", v)
		is := len(digits) == 16
		for i := 1; is && i <= 16; i++ {
			if i > len(p.template) || p.template[len(p.template)-i] != '0' {
				is = digits[16-i] == '0'
			}
		}
		if is != (wrong == 0) {
			t.Fatalf("number %d of %q: wrong %x", v, p.template, wrong)
		}
		if again, ok := p.number(s); is && (!ok || again != v) {
			t.Fatalf("number %d of %q is %q, which is %d", v, p.template, s, again)
		}
	})
}

// Rows for which there is no room among the forms, or whose texts have none among the patterns, come back all the same.
func TestRowsBeyondTheFormsComeBack(t *testing.T) {
	forms := new(Forms)
	w := NewRowWriter(forms)
	var blob []byte
	var want []Invoice
	for i := range 2 * maxForms {
		v := Invoice{Customer: "C", ID: fmt.Sprintf("%c%c%04d", 'A'+i%7, 'a'+i/200%26, i), Currency: Currency(i), Due: NoDay, Known: NoDay, Pos: MakePos(i%10, int64(i))}
		if i%2 == 1 {
			v.Due = v.Issue
		}
		want = append(want, v)
		blob = w.AppendInvoice(blob, CustomerHash(v.Customer), &v)
	}
	if len(forms.forms) != maxForms || len(forms.patterns) != maxPatterns+1 {
		t.Fatalf("%d forms, %d patterns", len(forms.forms), len(forms.patterns))
	}
	kept, err := ReadForms(forms.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*Forms{forms, kept} {
		rows, err := readAll(new(RowReader), []Blob{{Rows: blob, Forms: f}})
		if err != nil || len(rows) != 1 || !slices.Equal(rows[0].Invoices, want) {
			t.Fatalf("other rows come back, %v", err)
		}
	}
}

// Writers that find forms at the same time write rows that one reader reads.
func TestWritersShareTheirForms(t *testing.T) {
	forms := new(Forms)
	blobs := make([]Blob, 4)
	const each = 2000
	var all sync.WaitGroup
	for i := range blobs {
		all.Go(func() {
			w := NewRowWriter(forms)
			for k := range each {
				pay := samplePayment(k * (i + 1))
				pay.Currency, pay.Customer = Currency(k%100), fmt.Sprint("C", k%50)
				blobs[i].Rows = w.AppendPayment(blobs[i].Rows, CustomerHash(pay.Customer), &pay)
			}
			blobs[i].Forms = forms
		})
	}
	all.Wait()
	rows, err := readAll(new(RowReader), blobs)
	if err != nil || len(rows) != 50 {
		t.Fatalf("%d customers, %v", len(rows), err)
	}
	got := map[string]int{}
	for _, of := range rows {
		for i := range of.Payments {
			got[string(AppendPayment(nil, &of.Payments[i]))]++
		}
	}
	for i := range blobs {
		for k := range each {
			pay := samplePayment(k * (i + 1))
			pay.Currency, pay.Customer = Currency(k%100), fmt.Sprint("C", k%50)
			got[string(AppendPayment(nil, &pay))]--
		}
	}
	for row, n := range got {
		if n != 0 {
			t.Fatalf("%x: %d more than were written", row, n)
		}
	}
}

func TestTypicalRowsInFormsAreSmall(t *testing.T) {
	w := NewRowWriter(new(Forms))
	inv, pay := sampleInvoice(1_234_567), samplePayment(1_234_567)
	if a, b := len(w.AppendInvoice(nil, 0, &inv)), len(w.AppendPayment(nil, 0, &pay)); a != 17 || b != 19 {
		t.Errorf("an invoice takes %d bytes, a payment %d", a, b)
	}
	buf := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { buf = w.AppendInvoice(buf[:0], 0, &inv) }); n != 0 {
		t.Errorf("%v allocations on appending an invoice", n)
	}
}

func TestDamagedRowsInFormsAreErrors(t *testing.T) {
	forms := new(Forms)
	w := NewRowWriter(forms)
	inv, raw := sampleInvoice(1), sampleInvoice(2)
	raw.ID = strings.Repeat("#", 80)
	inv.Pos = MakePos(0, 1<<40)
	whole := w.AppendInvoice(w.AppendInvoice(nil, CustomerHash(inv.Customer), &inv), CustomerHash(raw.Customer), &raw)
	size := len(w.AppendInvoice(nil, CustomerHash(inv.Customer), &inv))
	read := func(b []byte, f *Forms) error {
		_, err := readAll(new(RowReader), []Blob{{Rows: b, Forms: f}})
		return err
	}
	if err := read(whole, forms); err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < len(whole); cut++ {
		if err := read(whole[:cut], forms); (err == nil) != (cut == size) {
			t.Errorf("cut at byte %d of %d: %v", cut, len(whole), err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(b []byte)
		forms  *Forms
		want   error
	}{
		{"no forms", func([]byte) {}, nil, errNoForm},
		{"others", func([]byte) {}, new(Forms), errNoForm},
		{"another form", func(b []byte) { b[0] = formTag + 2 }, forms, errNoForm},
		{"a form of two bytes", func(b []byte) { b[0] = longForm }, forms, errNoForm},
		{"a form of two bytes, of which one is there", func(b []byte) { b[len(b)-1] = longForm }, forms, errNoForm},
		{"a place of more than 44 bits", func(b []byte) { b[12] = 0xff }, forms, errDamaged},
	} {
		b := slices.Clone(whole)
		if c.change(b); b[len(b)-1] == longForm {
			b = b[len(b)-1:]
		}
		if err := read(b, c.forms); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}

// What Append writes is read as the same, and nothing else is read but what could have been written.
func TestFormsComeBackOrAreErrors(t *testing.T) {
	forms := new(Forms)
	w := NewRowWriter(forms)
	inv, pay := sampleInvoice(1), samplePayment(2)
	w.AppendPayment(w.AppendInvoice(nil, 0, &inv), 0, &pay)
	whole := forms.Append(nil)
	for i := range len(whole) * 8 {
		b := slices.Clone(whole)
		b[i/8] ^= 1 << (i % 8)
		if f, err := ReadForms(b); err == nil && !bytes.Equal(f.Append(nil), b) {
			t.Errorf("bit %d changed: read as %x, not %x", i, f.Append(nil), b)
		}
		if _, err := ReadForms(whole[:i/8]); err == nil {
			t.Errorf("read when cut to %d bytes", i/8)
		}
	}
	for name, b := range map[string][]byte{
		"another version":             {2, 0, 0},
		"more bytes":                  {3, 0, 0, 0},
		"a pattern twice":             {3, 2, 1, 'A', 1, 'A', 0},
		"no template":                 {3, 1, 1, '7', 0},
		"a pattern of none":           {3, 1, 0, 0},
		"a form twice":                append([]byte{3, 0, 2}, make([]byte, 32)...),
		"a pattern that is not there": append([]byte{3, 0, 1, 2}, make([]byte, 15)...),
	} {
		if _, err := ReadForms(b); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	if _, err := ReadForms(append([]byte{3, 0, 1}, make([]byte, 16)...)); err != nil {
		t.Errorf("a form of nothing: %v", err)
	}
}
