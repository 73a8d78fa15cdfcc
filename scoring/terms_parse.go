package scoring

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// ParseTerms reads payment terms in one of these forms. Capitals, blanks and full-width
// characters make no difference.
//
//	30  net 30  30 days         30 calendar days; also 30日以内, 30日後
//	EOM                         the end of the invoice's month
//	EOM+1/31                    closed at the end of the month, paid at the end of the next
//	20+1/10                     closed on the 20th, paid on the 10th of the next month
//	EOM+30                      30 days after the end of the month
//	月末締め翌月末払い          EOM+1/31
//	20日締め翌々月15日払い      20+2/15; also 当月, 3か月後, 末日, 〆
//
// Day 31 is the end of the month. Terms that would be due before they close, such as
// 20+0/10, are an error.
func ParseTerms(s string) (Terms, error) {
	if days, ok := number(s); ok && days <= maxTermsDays {
		return Terms{days: uint16(days)}, nil
	}
	text := strings.Map(squeeze, norm.NFKC.String(s))
	p := termsText{text}
	t, ok := p.english()
	if !ok {
		p.rest = text
		t, ok = p.japanese()
	}
	if !ok {
		return Terms{}, fmt.Errorf("terms %q are not understood; write 30, EOM+1/31, 20+1/10, EOM+30 or 月末締め翌月末払い", s)
	}
	if err := t.check(); err != nil {
		return Terms{}, fmt.Errorf("terms %q: %w", s, err)
	}
	return t, nil
}

// squeeze drops blanks and separators and lowers ASCII capitals.
func squeeze(r rune) rune {
	switch {
	case r == ' ' || r == '\t' || r == '、' || r == '・' || r == ',':
		return -1
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	}
	return r
}

// check refuses days that no month has and terms due before they close.
func (t Terms) check() error {
	switch {
	case t.form != closingDay:
		return nil
	case t.close < 1 || t.close > endOfMonth:
		return fmt.Errorf("closing day %d is not in 1..31", t.close)
	case t.pay < 1 || t.pay > endOfMonth:
		return fmt.Errorf("pay day %d is not in 1..31", t.pay)
	case t.months == 0 && t.pay < t.close:
		return fmt.Errorf("the pay day (%d) comes before the closing day (%d) of the same month", t.pay, t.close)
	}
	return nil
}

// termsText is what is left to read.
type termsText struct{ rest string }

// skip takes the first of the words that the text goes on with.
func (p *termsText) skip(words ...string) bool {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(p.rest, w); ok {
			p.rest = rest
			return true
		}
	}
	return false
}

// number takes a run of digits of at most limit; larger ones are no terms at all.
func (p *termsText) number(limit int) (int, bool) {
	end := 0
	for end < len(p.rest) && p.rest[end]-'0' <= 9 {
		end++
	}
	n, ok := number(p.rest[:end])
	if !ok || n > limit {
		return 0, false
	}
	p.rest = p.rest[end:]
	return n, true
}

// english reads the short and the English forms.
func (p *termsText) english() (Terms, bool) {
	if p.skip("dueonreceipt") {
		return Terms{}, p.rest == ""
	}
	if p.skip("net", "n") {
		days, ok := p.number(maxTermsDays)
		p.skip("days", "day")
		return Terms{days: uint16(days)}, ok && p.rest == ""
	}
	t := Terms{form: closingDay, close: endOfMonth, pay: endOfMonth}
	if p.skip("eom") {
		if p.rest == "" {
			return t, true
		}
	} else {
		n, ok := p.number(maxTermsDays)
		if !ok {
			return t, false
		}
		if p.skip("days", "day"); p.rest == "" {
			return Terms{days: uint16(n)}, true
		}
		t.close = dayOfMonth(n)
	}
	if !p.skip("+") {
		return t, false
	}
	n, ok := p.number(maxTermsDays)
	if !ok {
		return t, false
	}
	if !p.skip("/") {
		p.skip("days", "day")
		plus := Terms{form: monthEndPlus, days: uint16(n)}
		return plus, t.close == endOfMonth && p.rest == ""
	}
	if n > maxTermsMonths {
		return t, false
	}
	t.months = uint8(n)
	if !p.skip("eom") {
		day, ok := p.number(maxTermsDays)
		if !ok {
			return t, false
		}
		t.pay = dayOfMonth(day)
	}
	return t, p.rest == ""
}

// dayOfMonth keeps a day that is too large too large, for check to refuse it.
func dayOfMonth(n int) uint8 { return uint8(min(n, 255)) }

// japanese reads a closing day, a month and a pay day, as in 20日締め翌月10日払い, or days as in
// 30日以内.
func (p *termsText) japanese() (Terms, bool) {
	p.skip("毎月", "当月")
	t := Terms{form: closingDay}
	day, ok := p.monthDay()
	if !ok {
		return p.japaneseDays()
	}
	t.close = day
	if !p.skip("締め切り", "締切り", "締切", "締め", "締", "〆切り", "〆切", "〆め", "〆", "しめ") {
		return t, false
	}
	switch {
	case p.skip("当月", "同月"):
	case p.skip("翌々々月"):
		t.months = 3
	case p.skip("翌々月", "翌翌月", "翌々", "翌翌"):
		t.months = 2
	case p.skip("翌月", "翌"):
		t.months = 1
	default:
		n, ok := p.number(maxTermsMonths)
		if !ok || !p.skip("か月後", "ヶ月後", "カ月後", "ケ月後", "ヵ月後", "ヵ月後", "箇月後", "個月後", "月後") {
			return t, false
		}
		t.months = uint8(n)
		p.skip("の")
	}
	if t.pay, ok = p.monthDay(); !ok {
		return t, false
	}
	p.skip("お")
	p.skip("支払い", "支払", "払い", "払", "振込み", "振込", "入金", "決済")
	return t, p.rest == ""
}

// monthDay takes the end of the month or a day like 20日.
func (p *termsText) monthDay() (uint8, bool) {
	if p.skip("月末日", "月末", "末日", "末") {
		return endOfMonth, true
	}
	was := p.rest
	n, ok := p.number(maxTermsDays)
	if !ok || !p.skip("日") || strings.HasPrefix(p.rest, "以内") || strings.HasPrefix(p.rest, "後") {
		p.rest = was
		return 0, false
	}
	return dayOfMonth(n), true
}

// japaneseDays reads 30日以内 or 30日後.
func (p *termsText) japaneseDays() (Terms, bool) {
	n, ok := p.number(maxTermsDays)
	ok = ok && p.skip("日以内", "日後")
	p.skip("払い", "払")
	return Terms{days: uint16(n)}, ok && p.rest == ""
}
