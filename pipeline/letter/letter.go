// Package letter writes what goes to a customer on paper or by e-mail: what is owed for what, since when,
// by when it is asked for, and how it is paid.
//
// There are only a few types: a Letter is the facts of one, with its Items, Totals and Money as they are printed,
// and a Set is the templates (text/template), the built-in ones in English and Japanese and, on top of
// them, a house's own. Every language has four kinds: before the due date, a friendly reminder, a firm
// one, and a demand. The built-in wording is courteous and threatens nobody; a test keeps it so.
package letter

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"kaishu/scoring"
)

// The kinds of letters, from the friendliest on.
const (
	PreDue   = "pre_due"
	Reminder = "reminder"
	Firm     = "firm"
	Demand   = "demand"
)

// Kinds lists them.
func Kinds() []string { return []string{PreDue, Reminder, Firm, Demand} }

// Fallback is the language of letters to customers whose own has no templates.
const Fallback = "en"

// Letter is the facts of one letter. Texts are as they are in the exports and the configuration.
type Letter struct {
	Date         scoring.Day // on which it is sent
	Customer     string      // its id, which is the reference to quote
	Name         string      // "" where unknown
	Contact      string      // the person, "" for nobody in particular
	Items        []Item      // what is asked for, oldest first
	Totals       []Total     // by currency
	Soon         []Item      // not due yet, and mentioned only
	PayBy        scoring.Day
	Contacts     int    // contacts since the oldest item fell due
	Instructions string // ways to pay, "" where the invoices say it
	Sender       string
}

// Item is one invoice, or an instalment of one.
type Item struct {
	Invoice     string
	Issued, Due scoring.Day
	DaysPastDue int32 // 0 or less before it is due
	Ask         Money // what is open of it and not in dispute
	Interest    Money // late interest to the as-of date, 0 without any
	Basis       string
}

// Total is the sum in one currency.
type Total struct {
	Items     Money // of the items
	OnAccount Money // received and not yet assigned, as a positive amount
	Ask       Money // Items less OnAccount
	Interest  Money // beside Ask, 0 without any
}

// Money is an amount that prints itself.
type Money struct {
	Minor    int64 // minor units
	Currency scoring.Currency
}

// String is "1,234,567 JPY".
func (m Money) String() string {
	return scoring.FormatAmount(m.Minor, m.Currency) + " " + m.Currency.String()
}

//go:embed letters.tmpl
var builtIn string

// Set is the templates of all letters. It is read-only and may be shared by goroutines.
type Set struct{ all *template.Template }

// Parse reads templates that add to the built-in ones or take their places: text/template with
// {{define "en/reminder"}} for the body and {{define "en/reminder/subject"}} for the subject of a kind in
// a language. Each is tried on a sample, so that a field that does not exist is an error here and not at
// night.
func Parse(text string) (*Set, error) {
	all := template.New("letters").Option("missingkey=error").Funcs(template.FuncMap{"ja": japanese})
	if _, err := all.Parse(builtIn); err != nil {
		return nil, err
	}
	if _, err := all.Parse(text); err != nil {
		return nil, err
	}
	s := &Set{all}
	for _, t := range all.Templates() {
		language, rest, ok := strings.Cut(t.Name(), "/")
		kind, _ := strings.CutSuffix(rest, "/subject")
		if !ok || !isKind(kind) {
			continue // a part that others use
		}
		if all.Lookup(language+"/"+kind+"/subject") == nil || all.Lookup(language+"/"+kind) == nil {
			return nil, fmt.Errorf("%s/%s: has a body or a subject only", language, kind)
		}
		if _, _, err := s.Write(language, kind, sample()); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func isKind(word string) bool {
	for _, kind := range Kinds() {
		if word == kind {
			return true
		}
	}
	return false
}

// Language is the one that a letter of a kind to a customer of a language is written in: its own where there
// are templates, else Fallback.
func (s *Set) Language(wanted, kind string) string {
	if s.all.Lookup(wanted+"/"+kind) != nil {
		return wanted
	}
	return Fallback
}

// Write is a letter: its subject on one line, and its body.
func (s *Set) Write(language, kind string, l *Letter) (subject, body string, err error) {
	var out strings.Builder
	if err := s.all.ExecuteTemplate(&out, language+"/"+kind+"/subject", l); err != nil {
		return "", "", err
	}
	subject = strings.Join(strings.Fields(out.String()), " ")
	out.Reset()
	if err := s.all.ExecuteTemplate(&out, language+"/"+kind, l); err != nil {
		return "", "", err
	}
	return subject, strings.TrimSpace(out.String()) + "\n", nil
}

// japanese writes dates and amounts the way Japanese letters do.
func japanese(v any) string {
	switch v := v.(type) {
	case scoring.Day:
		y, m, d := v.Date()
		return fmt.Sprintf("%d年%d月%d日", y, int(m), d)
	case Money:
		if v.Currency.String() == "JPY" {
			return scoring.FormatAmount(v.Minor, v.Currency) + "円"
		}
	}
	return fmt.Sprint(v)
}

// sample is a letter that has everything.
func sample() *Letter {
	day := scoring.MakeDay(2026, 3, 2)
	jpy, err := scoring.ParseCurrency("JPY")
	if err != nil {
		panic("letter: " + err.Error())
	}
	yen := func(v int64) Money { return Money{v, jpy} }
	return &Letter{
		Date: day, Customer: "C1", Name: "Sample", Contact: "Sato", PayBy: day + 7, Contacts: 2, Instructions: "by transfer", Sender: "us",
		Soon:   []Item{{Invoice: "INV-2", Issued: day - 20, Due: day + 3, DaysPastDue: -3, Ask: yen(500)}},
		Items:  []Item{{Invoice: "INV-1", Issued: day - 60, Due: day - 30, DaysPastDue: 30, Ask: yen(1000), Interest: yen(2), Basis: "3 % a year"}},
		Totals: []Total{{Items: yen(1000), OnAccount: yen(100), Ask: yen(900), Interest: yen(2)}},
	}
}
