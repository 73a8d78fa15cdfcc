package scoring

import (
	"slices"
	"strings"
	"testing"
)

func TestCurrenciesHaveTheMinorDigitsOfISO4217(t *testing.T) {
	// Every code of ISO 4217 list one (2026-01-01) with other than two digits, and the young ones.
	want := map[string]int{"SLE": 2, "ZWG": 2, "VED": 2, "XCG": 2, "XAD": 2, "CHE": 2, "MGA": 2, "MRU": 2, "HRK": 2, "BGN": 2, "CLF": 4, "UYW": 4}
	for _, code := range strings.Fields("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF BYR") {
		want[code] = 0
	}
	for _, code := range strings.Fields("BHD IQD JOD KWD LYD OMR TND") {
		want[code] = 3
	}
	codes := 0
	for i, digits := range currencyDigits {
		if digits == unknownDigits {
			continue
		}
		codes++
		code := Currency(i).String()
		expect, listed := want[code]
		if !listed {
			expect = 2
		}
		if code != "MGF" && code != "TRL" && Currency(i).Digits() != expect { // withdrawn, no minor unit
			t.Errorf("%s has %d digits, want %d", code, Currency(i).Digits(), expect)
		}
		delete(want, code)
	}
	if len(want) > 0 || codes != 165+33 {
		t.Errorf("%d codes; missing %v", codes, want)
	}
}

func TestCurrenciesCompareInAlphabeticalOrder(t *testing.T) {
	codes := []string{"ZWG", "EUR", "USD", "AED", "JPY", "EGP", "USN"}
	var packed []Currency
	for _, code := range codes {
		c, err := ParseCurrency(code)
		if err != nil || c.String() != code {
			t.Fatalf("%s: %v, %v", code, c, err)
		}
		packed = append(packed, c)
	}
	slices.Sort(codes)
	slices.Sort(packed)
	for i, c := range packed {
		if c.String() != codes[i] {
			t.Errorf("place %d: %v, want %s", i, c, codes[i])
		}
	}
	if packed[0] <= NoCurrency || NoCurrency.String() != "" || NoCurrency.Digits() != 0 {
		t.Error("NoCurrency is not the first")
	}
}

func TestUnknownCurrencyNamesTheNearest(t *testing.T) {
	for s, hint := range map[string]string{
		"usd": "did you mean USD?", " EUR": "did you mean EUR?", "UDS": "did you mean USD?", "JPX": "did you mean JPY?",
		"QQQ": `"QQQ" is not an ISO 4217 currency`, "": `"" is not an ISO 4217 currency`, "¥": "is not an ISO 4217 currency",
		"XAU": "did you mean", "AAAA": "is not an ISO 4217 currency", "\xff\xff\xff": "is not an ISO 4217 currency",
	} {
		c, err := ParseCurrency(s)
		if err == nil || c != NoCurrency || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v, %v, want %q", s, c, err, hint)
		}
	}
}
