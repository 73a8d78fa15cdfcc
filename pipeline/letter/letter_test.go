package letter

import (
	"strings"
	"testing"

	"kaishu/scoring"
)

// owed is a letter about two invoices, in a currency with decimals.
func owed(t *testing.T) *Letter {
	t.Helper()
	usd, err := scoring.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	day := scoring.MakeDay(2026, 3, 2)
	m := func(v int64) Money { return Money{v, usd} }
	return &Letter{
		Date: day, Customer: "C000123", Name: "Kestrel Packaging AB", Contact: "Sato (accounts)", PayBy: day + 7, Sender: "Kaishu Trading",
		Instructions: "bank transfer to Example Bank 123-456\nor https://pay.example/C",
		Items: []Item{
			{Invoice: "INV-7", Issued: day - 90, Due: day - 60, DaysPastDue: 60, Ask: m(123_456), Interest: m(609), Basis: "3 % a year"},
			{Invoice: "INV-8", Issued: day - 60, Due: day - 30, DaysPastDue: 30, Ask: m(100_000), Interest: m(0)},
		},
		Totals: []Total{{Items: m(223_456), OnAccount: m(20_000), Ask: m(203_456), Interest: m(609)}},
	}
}

// What a demand must state: what was delivered by invoice and date, the amounts, when they were due, by when
// payment is asked for, how to pay and what to quote, and what follows.
func TestADemandStatesWhatIsOwedAndWhatFollows(t *testing.T) {
	s, err := Parse("")
	if err != nil {
		t.Fatal(err)
	}
	for language, more := range map[string][]string{
		"en": {"goods and services", "due 2026-01-01 (60 days ago)", "2026-03-09", "Late interest to date on INV-7: 6.09 USD (3 % a year)", "Please quote: C000123", "further steps that our agreement and the law provide for", "instalments"},
		"ja": {"商品・役務", "お支払期日 2026年1月1日（60日経過）", "2026年3月9日", "INV-7 の遅延損害金（本日まで） 6.09 USD", "ご依頼番号：C000123", "法令の定めに従った手続き", "分割"},
	} {
		subject, body, err := s.Write(language, Demand, owed(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range append(more, "INV-7", "INV-8", "1,234.56 USD", "1,000.00 USD", "200.00 USD", "2,034.56 USD", "Kestrel Packaging AB", "Sato (accounts)", "https://pay.example/C", "Kaishu Trading") {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %q in\n%s", language, want, body)
			}
		}
		if strings.Contains(body, "INV-8 の遅延") || strings.Contains(body, "on INV-8: ") || strings.Contains(subject, "\n") || !strings.Contains(subject, "C000123") {
			t.Errorf("%s: %q\n%s", language, subject, body)
		}
	}
}

// A letter to a person is to that person, not to the company as well; a paragraph is one line, since where it is read breaks it.
func TestAJapaneseLetterIsAddressedOnceAndBreaksNoSentence(t *testing.T) {
	s, err := Parse("")
	if err != nil {
		t.Fatal(err)
	}
	to := owed(t)
	_, body, err := s.Write("ja", Demand, to)
	if err != nil || strings.Contains(body, "御中") || !strings.Contains(body, "Sato (accounts) 様\n") {
		t.Errorf("%v\n%s", err, body)
	}
	to.Contact = ""
	if _, body, err = s.Write("ja", Demand, to); err != nil || !strings.Contains(body, "Kestrel Packaging AB 御中\n") || strings.Contains(body, " 様") {
		t.Errorf("%v\n%s", err, body)
	}
	for _, line := range strings.Split(body, "\n") {
		if len([]rune(line)) > 50 && !strings.HasSuffix(line, "。") && !strings.HasPrefix(line, "  ") {
			t.Errorf("%q is broken off", line)
		}
	}
}

// The earlier the letter, the less it says: no interest and nothing that follows before a demand, and not a
// word in any of them that threatens, shames or hurries.
func TestNoLetterThreatens(t *testing.T) {
	s, err := Parse("")
	if err != nil {
		t.Fatal(err)
	}
	harsh := []string{"court", "lawyer", "attorney", "police", "seize", "blacklist", "credit bureau", "immediately", "final warning", "last warning", "or else", "threat",
		"criminal", "fail to", "failure", "shame", "must", "urgent", "!", "裁判", "弁護士", "警察", "差し押", "差押", "直ちに", "至急", "最終通告", "刑事", "ブラックリスト", "誠意", "法的措置", "強制"}
	for _, language := range []string{"en", "ja"} {
		for _, kind := range Kinds() {
			subject, body, err := s.Write(language, kind, owed(t))
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range harsh {
				if strings.Contains(strings.ToLower(subject+"\n"+body), word) && !(word == "court" && strings.Contains(body, "courte")) {
					t.Errorf("%s/%s says %q:\n%s", language, kind, word, body)
				}
			}
			interest := strings.Contains(body, "6.09 USD")
			if (kind == Firm || kind == Demand) != interest || !strings.Contains(body, "C000123") || !strings.Contains(body, "INV-7") {
				t.Errorf("%s/%s: interest %v\n%s", language, kind, interest, body)
			}
			if follows := strings.Contains(body, "further steps") || strings.Contains(body, "手続きを検討"); follows != (kind == Demand) {
				t.Errorf("%s/%s: says what follows: %v", language, kind, follows)
			}
		}
	}
}

func TestWithoutInstructionsTheInvoicesSayHowToPay(t *testing.T) {
	s, err := Parse("")
	if err != nil {
		t.Fatal(err)
	}
	l := owed(t)
	l.Instructions, l.Name, l.Contact, l.Sender = "", "", "", ""
	_, body, err := s.Write("en", Reminder, l)
	if err != nil || !strings.Contains(body, "How to pay: to the account stated on the invoices.") || strings.Contains(body, "Attention") {
		t.Errorf("%v\n%s", err, body)
	}
}

func TestOwnTemplatesTakeThePlaceOfTheBuiltInOnes(t *testing.T) {
	s, err := Parse(`{{define "de/reminder/subject"}}Erinnerung {{.Customer}}{{end}}{{define "de/reminder"}}Bitte bis {{.PayBy}}.{{end}}{{define "en/pay"}}Cash only.{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Language("de", Reminder); got != "de" {
		t.Errorf("a reminder in German is in %s", got)
	}
	if got := s.Language("de", Demand); got != "en" {
		t.Errorf("a demand in German is in %s", got)
	}
	if subject, body, err := s.Write("de", Reminder, owed(t)); err != nil || subject != "Erinnerung C000123" || body != "Bitte bis 2026-03-09.\n" {
		t.Errorf("%q %q %v", subject, body, err)
	}
	if _, body, err := s.Write("en", Demand, owed(t)); err != nil || !strings.Contains(body, "Cash only.") || strings.Contains(body, "Please quote") {
		t.Errorf("%v %s", err, body)
	}
	for text, want := range map[string]string{
		`{{define "en/reminder"}}{{.Colour}}{{end}}`: "can't evaluate field Colour",
		`{{define "de/reminder"}}x{{end}}`:           "de/reminder: has a body or a subject only",
		`{{define "en/reminder"}}`:                   "unexpected EOF",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
