package pipeline

import (
	"reflect"
	"strings"
	"testing"
)

// Every label of the report is there in both languages, with the same facts in it.
func TestNoLabelOfTheReportIsMissingInALanguage(t *testing.T) {
	en, ja := reflect.ValueOf(reportEnglish), reflect.ValueOf(reportJapanese)
	for i := range en.NumField() {
		name := en.Type().Field(i).Name
		if en.Field(i).Kind() != reflect.String || name == "Yen" || name == "Lang" {
			continue
		}
		a, b := en.Field(i).String(), ja.Field(i).String()
		if a == "" || b == "" || strings.Count(a, "%") != strings.Count(b, "%") {
			t.Errorf("%s: %q, %q", name, a, b)
		}
		if a == b && name != "Rank" {
			t.Errorf("%s: %q is in both", name, a)
		}
	}
	for _, name := range append(bucketNames[:len(bucketNames)-1], "all") {
		if reportJapanese.bucket(name) == name {
			t.Errorf("%s has no Japanese name", name)
		}
	}
	for _, kind := range reviewOrder {
		if kind != reviewAgency && strings.ContainsFunc(japanese.name(kind), latin) {
			t.Errorf("%s has no Japanese name", kind)
		}
	}
}

func TestShortAmountsHaveThreeDigits(t *testing.T) {
	for x, want := range map[float64][2]string{
		0: {"0", "0"}, 7.4: {"7", "7"}, 999: {"999", "999"}, 999.6: {"1.00 k", "1,000"}, 1000: {"1.00 k", "1,000"}, 12_345: {"12.3 k", "1.23万"},
		999_499: {"999 k", "99.9万"}, 999_500: {"1.00 m", "100万"}, 13_938_055: {"13.9 m", "1,394万"}, 3_859_103_698: {"3.86 bn", "38.6億"},
		2_500_000_000_000: {"2,500 bn", "2.50兆"}, -45_600: {"-45.6 k", "-4.56万"},
	} {
		if en, ja := reportEnglish.shortNumber(x), reportJapanese.shortNumber(x); en != want[0] || ja != want[1] {
			t.Errorf("%g is %q, %q, want %q", x, en, ja, want)
		}
	}
	if got := reportEnglish.axisNumber(2_500_000); got != "2.5 m" {
		t.Error(got)
	}
}
