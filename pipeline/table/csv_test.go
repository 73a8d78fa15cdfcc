package table

import (
	"slices"
	"strings"
	"testing"
)

// ruleSchema has a column of every type.
var ruleSchema = Schema{
	{Name: "invoice_id", Required: true},
	{Name: "name"},
	{Name: "due_date", Type: Date},
	{Name: "amount", Type: Decimal},
	{Name: "instalment", Type: Int},
	{Name: "score", Type: Float},
	{Name: "insolvent", Type: Bool},
	{Name: "kind", OneOf: []string{"invoice", "credit_note"}},
}

const ruleHeader = "invoice_id,name,due_date,amount,instalment,score,insolvent,kind\n"

func TestRowsAndRefusals(t *testing.T) {
	ids := Schema{{Name: "invoice_id", Required: true}, {Name: "name"}}
	long := strings.Repeat("長", 61)
	for _, c := range []struct {
		rule    string
		schema  Schema
		opt     Options
		text    string
		rows    []string
		refused []string
	}{
		{rule: "every type", schema: ruleSchema, text: ruleHeader + "007,Acme,2024-02-29,-12.50,3,1e3,Yes,Credit_Note\n",
			rows: []string{"007|Acme|2024-02-29|-1250e-2|3|1000|true|credit_note"}},
		{rule: "empty optional cells are null", schema: ruleSchema, text: ruleHeader + "1,,,,,,,\n", rows: []string{"1|-|-|-|-|-|-|-"}},
		{rule: "outer blanks, tabs and wide blanks go, inner ones stay", schema: ids,
			text: "invoice_id,name\n \t1\u3000,\u3000 two  words\t \n\" 3 \",\" \"\n", rows: []string{"1|two  words", "3|-"}},
		{rule: "kana that start like a wide blank stay", schema: ids, text: "invoice_id,name\n1,〒。ア\n", rows: []string{"1|〒。ア"}},
		{rule: "quoted fields", schema: ids, text: "invoice_id,name\n1,\"a,b\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n4,\"\"\n",
			rows: []string{"1|a,b", `2|say "hi"`, "3|two\nlines", "4|-"}},
		{rule: "CRLF and a last line without an end", schema: ids, text: "invoice_id,name\r\n1,a\r\n2,\"b\"\r\n3,c", rows: []string{"1|a", "2|b", "3|c"}},
		{rule: "a last line that ends in CR", schema: ids, text: "invoice_id,name\n1,a\r\n2,b\r", rows: []string{"1|a", "2|b"}},
		{rule: "a CR inside a line is data", schema: ids, text: "invoice_id,name\n1,a\rb\n2\r,c\r\r\n", rows: []string{"1|a\rb", "2\r|c\r"}},
		{rule: "empty lines are no rows but count as lines", schema: ids, text: "\n\ninvoice_id,name\n\n1,a\n\r\n\n2\n\n",
			rows: []string{"1|a"}, refused: []string{"2:8 has 1 field, the header has 2"}},
		{rule: "a byte order mark goes", schema: ids, text: "\uFEFFinvoice_id,name\n1,a\n", rows: []string{"1|a"}},
		{rule: "a bare quote is data", schema: ids, text: "invoice_id,name\n1,12\" pipe\n2, \"x\"\n", rows: []string{`1|12" pipe`, `2|"x"`}},
		{rule: "a quote that never closes costs its line", schema: ids, text: "invoice_id,name\n1,\"a\n2,b\n3,c\n",
			rows: []string{"2|b", "3|c"}, refused: []string{"1:2 " + causeQuote}},
		{rule: "a quote that is not doubled costs its line", schema: ids, text: "invoice_id,name\n1,\"12\" pipe\"\n2,\"x\" \n3,\"a\nb\"c\n4,d\n",
			rows: []string{"4|d"}, refused: []string{"1:2 " + causeQuote, "2:3 " + causeQuote, "3:4 " + causeQuote, "4:5 has 1 field, the header has 2"}},
		{rule: "ragged rows", schema: ids, text: "invoice_id,name\n1\n2,b,c\n3,\"c\",\n4,d\n", rows: []string{"4|d"},
			refused: []string{"1:2 has 1 field, the header has 2", "2:3 has 3 fields, the header has 2", "3:4 has 3 fields, the header has 2"}},
		{rule: "lines are counted through embedded line ends", schema: ids, text: "invoice_id,name\n1,\"a\n\nb\"\n,x\n", rows: []string{"1|a\n\nb"},
			refused: []string{"2:5 invoice_id: is empty"}},
		{rule: "a single column", schema: ids[:1], text: "invoice_id\n1\n\n \n\"\"\n2\n", rows: []string{"1", "2"},
			refused: []string{"2:4 invoice_id: is empty", "3:5 invoice_id: is empty"}},
		{rule: "a delimiter that dates have too", schema: messySchema, opt: Options{Delimiter: '-'}, text: "invoice_id-due_date-amount\n1-2024-01-31-5\n2--7\n",
			rows: []string{"2|-|7e-0"}, refused: []string{"1:2 has 5 fields, the header has 3"}},
		{rule: "one column of the file read as two", schema: messySchema, opt: Options{Columns: map[string]string{"due_date": "x", "amount": "x"}}, text: "invoice_id,x\n1,\n2,3\n",
			rows: []string{"1|-|-"}, refused: []string{`2:3 due_date: "3" is not a date (expected YYYY-MM-DD)`}},
		{rule: "words of a few values, each as it is written", schema: Schema{{Name: "kind", OneOf: []string{"invoice", "credit_note"}}, {Name: "x"}}, opt: Options{Null: []string{"none"}},
			text: "kind,x\ninvoice,1\nInvoice,2\ninvoice,3\nnone,4\nnone,5\n\"invoice\",6\n", rows: []string{"invoice|1", "invoice|2", "invoice|3", "-|4", "-|5", "invoice|6"}},
		{rule: "the first faulty column in schema order", schema: ruleSchema, text: ruleHeader + "1,a,2026-13-01,x,,,,\n",
			refused: []string{`1:2 due_date: "2026-13-01" is not a date (expected YYYY-MM-DD)`}},
		{rule: "causes", schema: ruleSchema, text: ruleHeader +
			"1,,,\"1,234.50\",,,,\n2,,,abc,,,,\n3,,9999-12-31,,,,,\n4,,,,1.5,,,\n5,,,,,nan,,\n6,,,,,,maybe,\n7,,,,,,,refund\n8,,,1234567890123456789,,,,\n1930438491.0,,,,,,,\n",
			refused: []string{
				`1:2 amount: "1,234.50" is not an amount; set numbers: lenient for thousands separators and currency signs`,
				`2:3 amount: "abc" is not an amount`,
				`3:4 due_date: "9999-12-31" is a date outside 1900-01-01..2199-12-31; list it under null: if it stands for no date`,
				`4:5 instalment: "1.5" is not a whole number`,
				`5:6 score: "nan" is not a number`,
				`6:7 insolvent: "maybe" is not yes or no (true, false, 1, 0, yes, no, y, n)`,
				`7:8 kind: "refund" is not one of invoice, credit_note`,
				`8:9 amount: "1234567890123456789" has more than 18 digits`,
				`9:10 invoice_id: "1930438491.0" is an identifier written as a decimal number; export the column as text, or set ids: repair_decimal`,
			}},
		{rule: "long cells are shortened in causes", schema: Schema{{Name: "due_date", Type: Date}}, text: "due_date\n" + long + "\n",
			refused: []string{`1:2 due_date: "` + strings.Repeat("長", 60) + `…" is not a date (expected YYYY-MM-DD)`}},
		{rule: "bad bytes and NUL in a needed cell, not in others", schema: ids, text: "invoice_id,name,note\n1,a,\xff\x00\n2,\xff,\n3\x00,c,\n4,é,\n",
			rows: []string{"1|a", "4|é"}, refused: []string{`2:3 name: "\xff" is not valid text in the file's encoding`, `3:4 invoice_id: "3\x00" has a NUL byte`}},
		{rule: "null cells", schema: ruleSchema, opt: Options{Null: []string{"NULL", "9999-12-31", "0"}},
			text: ruleHeader + "1,NULL,9999-12-31,0,0,0,0,NULL\nNULL,,,,,,,\n2,null, 9999-12-31 ,00,,,,\n",
			rows: []string{"1|-|-|-|-|-|-|-", "2|null|-|0e-0|-|-|-|-"}, refused: []string{"2:3 invoice_id: is empty"}},
		{rule: "rows without a present column are skipped before anything is refused", schema: ruleSchema, opt: Options{Present: []string{"due_date"}},
			text: ruleHeader + ",,,x,,,,\n1,,2024-01-01,,,,,\n2,, ,,,,,\n,,2024-01-01,,,,,\n", rows: []string{"1|-|2024-01-01|-|-|-|-|-"},
			refused: []string{"4:5 invoice_id: is empty"}},
		{rule: "tabs and semicolons are found", schema: ids, text: "invoice_id;name;\"a,b\"\n1;x,y;\n", rows: []string{"1|x,y"}},
		{rule: "commas are found between names in quotes", schema: ids, text: "\"invoice_id\",\"name\",\"a\"\n\"1\",\"x\",\n", rows: []string{"1|x"}},
		{rule: "semicolons are found between names in quotes", schema: ids, text: "\"invoice_id\";\"name\";\"a\"\n1;\"x,y\";\n", rows: []string{"1|x,y"}},
		{rule: "a delimiter that is told", schema: ids, opt: Options{Delimiter: '|'}, text: "invoice_id|name\n1|x,y\n", rows: []string{"1|x,y"}},
		{rule: "names are trimmed, mapped and found in any case", schema: ids, opt: Options{Columns: map[string]string{"name": "得意先名"}},
			text: "INVOICE_ID \u3000,\"得意先名\"\n1,甲\n", rows: []string{"1|甲"}},
		{rule: "other date layouts", schema: Schema{{Name: "due_date", Type: Date}}, opt: Options{DateFormat: "2006/1/2"},
			text: "due_date\n2013/1/2\n2013/01/02\n2013/2/30\n", rows: []string{"2013-01-02", "2013-01-02"},
			refused: []string{`3:4 due_date: "2013/2/30" is not a date (expected YYYY/M/D)`}},
		{rule: "lenient numbers", schema: Schema{{Name: "amount", Type: Decimal}, {Name: "score", Type: Float}}, opt: Options{Numbers: "lenient"},
			text: "amount;score\n¥1,234;１．５\n(1,234.50);1,000\n1,5;1\n", rows: []string{"1234e-0|1.5", "-12345e-1|1000"},
			refused: []string{`3:4 amount: "1,5" is not an amount`}},
		{rule: "a column of the schema that the file lacks is null", schema: ruleSchema, text: "invoice_id\n1\n2\n",
			rows: []string{"1|-|-|-|-|-|-|-", "2|-|-|-|-|-|-|-"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			f := openText(t, c.text, c.schema, c.opt)
			for _, f.allExact = range []bool{false, true} {
				rows, result, err := scanText(f, c.schema, 1)
				if err != nil {
					t.Fatal(err)
				}
				if got := cellsOf(rows); !slices.Equal(got, c.rows) {
					t.Errorf("exact %v: rows\n%q\nwant\n%q", f.allExact, got, c.rows)
				}
				if got := refusals(result.Rejects); !slices.Equal(got, c.refused) {
					t.Errorf("exact %v: refused\n%s\nwant\n%s", f.allExact, strings.Join(got, "\n"), strings.Join(c.refused, "\n"))
				}
				if got := int64(len(rows)+len(result.Rejects)) + result.Skipped; got != result.Rows {
					t.Errorf("%d rows, but good, refused and skipped are %d", result.Rows, got)
				}
			}
		})
	}
}

func TestDecodedTextIsReadAndBadBytesAreRefused(t *testing.T) {
	schema := Schema{{Name: "customer_id", Required: true}, {Name: "name"}, {Name: "amount", Type: Decimal}}
	opt := Options{Columns: map[string]string{"customer_id": "得意先コード"}}
	for _, c := range []struct{ encoding, text string }{
		// "得意先コード,name,amount\r\n001,株式会社①,1.5\r\n002,髙橋,2\r\n" and a row with bytes that are no character
		{"cp932", "\x93\xbe\x88\xd3\x90\xe6\x83R\x81[\x83h,name,amount\r\n001,\x8a\x94\x8e\xae\x89\xef\x8e\xd0\x87@,1.5\r\n002,\xfb\xfc\x8b\xb4,2\r\n003,\xfd\xfd,3\r\n"},
		{"euc-jp", "\xc6\xc0\xb0\xd5\xc0\xe8\xa5\xb3\xa1\xbc\xa5\xc9,name,amount\r\n001,\xb3\xf4\xbc\xb0\xb2\xf1\xbc\xd2\xad\xa1,1.5\r\n002,\x8f\xed\xf5\xb6\xb6,2\r\n003,\xff\xff,3\r\n"},
	} {
		opt.Encoding = c.encoding
		rows, result, err := scanText(openText(t, c.text, schema, opt), schema, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := cellsOf(rows)[0]; got != "001|株式会社①|15e-1" {
			t.Errorf("%s: %q", c.encoding, got)
		}
		last := result.Rejects[len(result.Rejects)-1]
		if result.Rows != 3 || last.Row != 3 || last.Line != 4 || last.Column != "name" || !strings.Contains(last.Cause, errUTF8.Error()) {
			t.Errorf("%s: %d rows, last refused %+v", c.encoding, result.Rows, last)
		}
		if c.encoding == "cp932" && cellsOf(rows)[1] != "002|髙橋|2e-0" {
			t.Errorf("%s: %q", c.encoding, cellsOf(rows))
		}
	}
}

func TestUTF16AndWindowsTextIsRead(t *testing.T) {
	schema := Schema{{Name: "customer_id", Required: true}, {Name: "name"}}
	const text = "customer_id,name\n1,Größe €\n"
	wide := func(big bool, mark bool) string {
		var b strings.Builder
		put := func(r rune) {
			hi, lo := byte(r>>8), byte(r)
			if !big {
				hi, lo = lo, hi
			}
			b.WriteByte(hi)
			b.WriteByte(lo)
		}
		if mark {
			put('\uFEFF')
		}
		for _, r := range text {
			put(r)
		}
		return b.String()
	}
	for _, c := range []struct{ encoding, text string }{
		{"utf-16", wide(true, true)}, {"utf-16", wide(false, true)},
		{"utf-16le", wide(false, false)}, {"utf-16be", wide(true, false)}, {"utf-16le", wide(false, true)},
		{"windows-1252", "customer_id,name\n1,Gr\xf6\xdfe \x80\n"}, {"UTF-8", text},
	} {
		rows, _, err := scanText(openText(t, c.text, schema, Options{Encoding: c.encoding}), schema, 2)
		if err != nil || !slices.Equal(cellsOf(rows), []string{"1|Größe €"}) {
			t.Errorf("%s: %q, %v", c.encoding, cellsOf(rows), err)
		}
	}
}

func TestRawIsCutBetweenCharactersAndShowsBadBytes(t *testing.T) {
	schema := Schema{{Name: "due_date", Type: Date}}
	for _, c := range []struct{ cell, raw string }{
		{"a\xffb", `a\xffb`},
		{strings.Repeat("x", 4095) + "é", strings.Repeat("x", 4095)},
		{strings.Repeat("x", 4094) + "é", strings.Repeat("x", 4094) + "é"},
		{"\"a\r\nb\"", "\"a\r\nb\""},
	} {
		_, r, err := scanText(openText(t, "due_date\r\n"+c.cell+"\r\n", schema, Options{}), schema, 1)
		if err != nil || len(r.Rejects) != 1 || r.Rejects[0].Raw != c.raw {
			t.Errorf("%.20q: %v, %+v", c.cell, err, r.Rejects)
		}
	}
}

func TestQuoteMustCloseWithinAMebibyte(t *testing.T) {
	schema := Schema{{Name: "invoice_id", Required: true}, {Name: "name"}}
	filler := strings.Repeat("x", 1<<20-3)
	for _, c := range []struct {
		field string
		good  int
	}{
		{`"` + filler + `"`, 2},
		{`"` + filler + `xx"`, 1},
		{`"` + strings.Repeat("x\n", 1<<18) + `"`, 2},
	} {
		for _, size := range []int{64, blockSize, 1 << 20} {
			f := openText(t, "invoice_id,name\n1,"+c.field+"\n2,b\n", schema, Options{})
			f.block = size
			rows, r, err := scanText(f, schema, 2)
			if err != nil || len(rows) != c.good || r.Rows != 2 {
				t.Errorf("field of %d bytes, blocks of %d: %d good rows of %d, %v", len(c.field), size, len(rows), r.Rows, err)
			}
		}
	}
}
