package scoring

import (
	_ "embed"
	"fmt"
	"strings"
)

// Currency is an ISO 4217 alphabetic code, three letters packed into 15 bits, so that
// currencies compare in alphabetical order.
type Currency uint16

// NoCurrency stands for a currency that is not given.
const NoCurrency Currency = 0

// currencyData lists the codes of ISO 4217 (list one, and those withdrawn since 2005 that old
// ledgers still hold) with their minor digits. Metals, test codes and the like are left
// out: nobody is invoiced in them.
//
//go:embed data/currencies.txt
var currencyData string

// unknownDigits marks the packed codes that are no currency.
const unknownDigits = 0xff

// currencyDigits holds the minor digits of every packed code.
var currencyDigits = readCurrencies(currencyData)

func readCurrencies(data string) *[1 << 15]uint8 {
	digits := new([1 << 15]uint8)
	for i := range digits {
		digits[i] = unknownDigits
	}
	for line := range strings.Lines(data) {
		if line[0] == '#' {
			continue
		}
		c, ok := packCurrency(line)
		if !ok {
			panic("scoring: currencies.txt: " + line)
		}
		digits[c] = line[4] - '0'
	}
	return digits
}

// packCurrency packs the first three letters of s.
func packCurrency(s string) (Currency, bool) {
	if len(s) < 3 {
		return NoCurrency, false
	}
	a, b, c := s[0]-'A', s[1]-'A', s[2]-'A'
	if a > 25 || b > 25 || c > 25 {
		return NoCurrency, false
	}
	return Currency(a+1)<<10 | Currency(b+1)<<5 | Currency(c+1), true
}

// ParseCurrency reads an ISO 4217 code in capitals. The error of an unknown one names the
// nearest code there is.
func ParseCurrency(s string) (Currency, error) {
	if len(s) == 3 {
		if c, ok := packCurrency(s); ok && currencyDigits[c] != unknownDigits {
			return c, nil
		}
	}
	if near := nearestCurrency(s); near != NoCurrency {
		return NoCurrency, fmt.Errorf("%q is not an ISO 4217 currency; did you mean %s?", s, near)
	}
	return NoCurrency, fmt.Errorf("%q is not an ISO 4217 currency", s)
}

// nearestCurrency is the first code that differs from s in capitals, after trimming, by at
// most one letter or by two neighbours that changed places; NoCurrency when there is none.
func nearestCurrency(s string) Currency {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 3 {
		return NoCurrency
	}
	best, least := NoCurrency, 2
	for i, digits := range currencyDigits {
		if digits == unknownDigits {
			continue
		}
		code, far := Currency(i).String(), 0
		for k := range 3 {
			if code[k] != s[k] {
				far++
			}
		}
		if swapped(code, s) {
			far = 1
		}
		if far < least {
			best, least = Currency(i), far
		}
	}
	return best
}

// swapped tells whether b is a with two neighbouring letters exchanged.
func swapped(a, b string) bool {
	return a[0] == b[1] && a[1] == b[0] && a[2] == b[2] || a[0] == b[0] && a[1] == b[2] && a[2] == b[1]
}

// Digits is the number of minor digits of c: 2 for USD, 0 for JPY, 3 for KWD, 4 for CLF.
// It is 0 for NoCurrency.
func (c Currency) Digits() int {
	if d := currencyDigits[c&(1<<15-1)]; d != unknownDigits {
		return int(d)
	}
	return 0
}

// String is the code of c, or "" for NoCurrency.
func (c Currency) String() string {
	if c == NoCurrency {
		return ""
	}
	return string([]byte{'A' - 1 + byte(c>>10&31), 'A' - 1 + byte(c>>5&31), 'A' - 1 + byte(c&31)})
}
