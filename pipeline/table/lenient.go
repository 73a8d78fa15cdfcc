package table

import "unicode/utf8"

// The signs that narrow makes of characters outside ASCII.
const (
	signCurrency = 'C'
	signBelow    = 'T' // △ or ▲
)

// lenientDecimal reads the ways in which people and spreadsheets write amounts: 1,234,567
// ¥1,234 $5 €5 £5 (1,234) △1,234 1,234- and full-width forms of all these. A separator must
// stand before a group of three digits, so that a decimal comma is never taken for one.
func lenientDecimal(cell []byte) (int64, uint8, error) {
	var room [64]byte
	text, ok := narrow(room[:0], cell)
	if !ok {
		return 0, 0, errNotAmount
	}
	var negative, signed, paren, currency bool
front:
	for len(text) > 0 {
		switch b := text[0]; b {
		case ' ':
		case signCurrency:
			if currency {
				return 0, 0, errNotAmount
			}
			currency = true
		case '-', '+', '(', signBelow:
			if signed {
				return 0, 0, errNotAmount
			}
			signed, negative, paren = true, b != '+', b == '('
		default:
			break front
		}
		text = text[1:]
	}
	for len(text) > 0 && !isDigit(text[len(text)-1]) {
		switch b := text[len(text)-1]; {
		case b == ' ':
		case b == signCurrency && !currency:
			currency = true
		case b == ')' && paren:
			paren = false
		case b == '-' && !signed:
			signed, negative = true, true
		default:
			return 0, 0, errNotAmount
		}
		text = text[:len(text)-1]
	}
	text, ok = dropSeparators(text)
	if paren || !ok {
		return 0, 0, errNotAmount
	}
	m, digits, err := strictDecimal(text)
	if negative {
		m = -m
	}
	return m, digits, err
}

// narrow writes a cell in ASCII, full-width characters and signs replaced. It refuses cells
// with anything else, or longer than an amount can be.
func narrow(out, cell []byte) ([]byte, bool) {
	for len(cell) > 0 && len(out) < cap(out) {
		r, size := utf8.DecodeRune(cell)
		cell = cell[size:]
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch r {
		case '¥', '￥', '$', '€', '£', '円':
			r = signCurrency
		case '△', '▲':
			r = signBelow
		case '−':
			r = '-'
		case '\u3000', '\u00a0', '\t':
			r = ' '
		case signCurrency, signBelow:
			return nil, false
		}
		if r >= utf8.RuneSelf {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, len(cell) == 0
}

// dropSeparators takes the commas out of an amount without signs, in place. Where there is
// one, all groups but the first must have three digits.
func dropSeparators(text []byte) ([]byte, bool) {
	out := text[:0]
	group, commas := 0, 0
	for i, b := range text {
		switch {
		case b == ',':
			if group == 0 || group > 3 || commas > 0 && group != 3 {
				return nil, false
			}
			commas++
			group = 0
			continue
		case isDigit(b):
			group++
		case b == '.':
			if commas > 0 && group != 3 {
				return nil, false
			}
			return append(out, text[i:]...), true
		default:
			return nil, false
		}
		out = append(out, b)
	}
	return out, commas == 0 || group == 3
}
