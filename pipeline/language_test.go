package pipeline

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kaishu/pipeline/table"
)

// sameWords checks that what one language says the other says too, with the same facts in it, and that the Japanese is Japanese.
func sameWords(t *testing.T, name string, en, ja reflect.Value) {
	t.Helper()
	switch en.Kind() {
	case reflect.String:
		var facts [2][]string
		for i, s := range []string{en.String(), ja.String()} {
			for _, m := range gaps.FindAllStringSubmatch(s, -1) {
				facts[i] = append(facts[i], m[1]+m[2])
			}
			if strings.Count(s, "%") != len(facts[i])+2*strings.Count(s, "%%") {
				t.Errorf("%s: %q has a gap without a number", name, s)
			}
			slices.Sort(facts[i])
		}
		if (en.String() == "") != (ja.String() == "") || !slices.Equal(facts[0], facts[1]) {
			t.Errorf("%s: %q, %q", name, en, ja)
		}
		if strings.ContainsFunc(gaps.ReplaceAllString(ja.String(), ""), latin) {
			t.Errorf("%s: %q is not Japanese", name, ja)
		}
	case reflect.Slice, reflect.Array:
		if en.Len() != ja.Len() {
			t.Errorf("%s: %v, %v", name, en, ja)
			return
		}
		for i := range en.Len() {
			sameWords(t, name, en.Index(i), ja.Index(i))
		}
	case reflect.Struct:
		for i := range en.NumField() {
			sameWords(t, name+"."+en.Type().Field(i).Name, en.Field(i), ja.Field(i))
		}
	case reflect.Map, reflect.Pointer: // names of columns, which English has by itself; the vocabulary
	default:
		t.Errorf("%s is a %s", name, en.Kind())
	}
}

// Whatever is printed in one language can be printed in the other.
func TestNoLabelOfTheScreenIsMissingInALanguage(t *testing.T) {
	sameWords(t, "run", reflect.ValueOf(screenEnglish), reflect.ValueOf(screenJapanese))
	sameWords(t, "explain", reflect.ValueOf(explainEnglish), reflect.ValueOf(explainJapanese))
	for column, word := range explainJapanese.Columns {
		if word == "" || strings.ContainsFunc(word, latin) {
			t.Errorf("%s: %q", column, word)
		}
	}
	if explainIn("") != &explainEnglish || explainIn("ja") != &explainJapanese {
		t.Error("a night that does not say its language is English")
	}
}

// Codes that pages and screens show have a word in Japanese.
func TestEveryGateExportFeatureAndUnitHasAJapaneseName(t *testing.T) {
	codes := []string{gateRejects, gateTotals, gateEmpty, gateTruncated, gateNewest, gateUnapplied, gateRowChange, gateOpenChange,
		"passed", "warned", "accepted", "refused", "off", "default", "elicited", "learned", "learned, observational",
		"friendly", "neutral", "firm", "formal", "invoice", "credit_note", "debit_note", "payment", "p_paid_30"}
	n := reviewNight(t, "")
	for _, a := range n.cfg.Actions {
		codes = append(codes, a.Channel, a.Resource)
	}
	for e := range exchangeRates + 1 {
		codes = append(codes, exportName(e))
	}
	for _, f := range driftFeatures {
		codes = append(codes, f.name)
	}
	for _, code := range codes {
		if strings.ContainsFunc(japanese.code(code), latin) {
			t.Errorf("%s has no Japanese name", code)
		}
		if english.code(code) != code {
			t.Errorf("%s is %q on an English screen", code, english.code(code))
		}
	}
}

// The Japanese workbook has a heading for every column, no two alike, and a word for every code.
func TestEveryColumnOfTheWorklistHasAJapaneseHeading(t *testing.T) {
	columns := worklistColumns(0)
	n := reviewNight(t, "")
	if look := n.worklistLayout(columns); look.Headings != nil || look.Words != nil || look.Name != "worklist" {
		t.Errorf("in English: %+v", look)
	}
	n.cfg.Language = "ja"
	look := n.worklistLayout(columns)
	met := map[string]bool{}
	for i, c := range columns {
		if h := look.Headings[i]; h == "" || met[h] || strings.ContainsFunc(h, latin) {
			t.Errorf("%s: %q", c.Name, h)
		}
		met[look.Headings[i]] = true
	}
	doc, err := os.ReadFile("../docs/columns.md")
	if err != nil || !strings.Contains(string(doc), strings.Join(look.Headings, "、")+".\n") {
		t.Errorf("docs/columns.md lists other headings, %v", err)
	}
	if len(worklistJapanese.headings) != len(columns) {
		t.Errorf("%d headings of %d columns", len(worklistJapanese.headings), len(columns))
	}
	if got := look.Words("action", "call") + look.Words("name", "call"); got != "電話call" {
		t.Error(got)
	}
	for _, column := range worklistCodes {
		if !slices.ContainsFunc(columns, func(c table.OutColumn) bool { return c.Name == column && c.Type == table.OutString }) {
			t.Errorf("%s is no column of texts", column)
		}
	}
}

// The page of a backtest says the same in both languages; its Japanese has but the names of figures and files in other letters.
func TestNoLabelOfTheBacktestIsMissingInALanguage(t *testing.T) {
	ja := backtestJapanese
	for _, field := range []*string{&ja.FiguresNote, &ja.GroupsNote, &ja.Changed, &ja.Leak, &ja.ECE} {
		for _, name := range []string{"backtest.parquet", "run.json", "changed_later", "AUC", "ECE", "z"} {
			*field = strings.ReplaceAll(*field, name, "")
		}
	}
	en := backtestEnglish
	if ja.Lang != "ja" || en.Lang != "en" {
		t.Error(en.Lang, ja.Lang)
	}
	ja.Lang, en.Lang = "言", "a"
	// A per cent sign that is no gap.
	for _, field := range []*string{&ja.GroupsNote, &ja.Better, &en.GroupsNote} {
		*field = strings.ReplaceAll(*field, "%", "")
	}
	sameWords(t, "backtest", reflect.ValueOf(en), reflect.ValueOf(ja))
	for name, words := range backtestEnglish.Rivals {
		if in := backtestJapanese.Rivals[name]; words == "" || in == "" || strings.ContainsFunc(in, latin) || strings.ContainsFunc(japanese.name(name), latin) {
			t.Errorf("%s: %q, %q", name, words, in)
		}
	}
	if len(backtestEnglish.Rivals) != len(backtestJapanese.Rivals) {
		t.Error(len(backtestEnglish.Rivals), len(backtestJapanese.Rivals))
	}
}
