package scoring

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustTerms(s string) Terms {
	t, err := ParseTerms(s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestClosingDayTermsGoldenTable holds published cases: a close, a month, a pay day, and the roll
// over weekends by the Japanese bank calendar.
func TestClosingDayTermsGoldenTable(t *testing.T) {
	for _, c := range []struct {
		terms, base string
		roll        Roll
		want        string
	}{
		{"月末締め翌月末払い", "2026-01-10", RollNone, "2026-02-28"},
		{"月末締め翌月末払い", "2026-01-10", RollFollowing, "2026-03-02"}, // 28 February is a Saturday
		{"月末締め翌月末払い", "2026-01-10", RollPreceding, "2026-02-27"},
		{"月末締め翌月末払い", "2026-01-10", RollModifiedFollowing, "2026-02-27"},
		{"20日締め翌月10日払い", "2026-01-20", RollFollowing, "2026-02-10"},
		{"20日締め翌月10日払い", "2026-01-21", RollFollowing, "2026-03-10"},
		{"月末締め翌々月15日払い", "2025-12-31", RollNone, "2026-02-15"},
		{"月末締め翌々月15日払い", "2025-12-31", RollFollowing, "2026-02-16"}, // a Sunday
		{"月末締め翌月末払い", "2028-01-31", RollFollowing, "2028-02-29"},
		{"25日締め翌月25日払い", "2026-05-25", RollFollowing, "2026-06-25"},
		{"25日締め翌月25日払い", "2026-05-26", RollFollowing, "2026-07-27"}, // 25 July is a Saturday
		{"10日締め当月末払い", "2026-12-10", RollFollowing, "2027-01-04"},   // banks open on the 4th
		{"EOM+1/31", "2016-01-22", RollNone, "2016-02-29"},
		{"EOM+1/31", "2017-01-22", RollNone, "2017-02-28"},
		{"30", "2016-01-22", RollFollowing, "2016-02-21"}, // a Sunday: net days are not moved
		{"net 30", "2016-01-22", RollPreceding, "2016-02-21"},
		{"EOM", "2026-01-10", RollFollowing, "2026-02-02"}, // 31 January is a Saturday
		{"EOM", "2026-01-31", RollPreceding, "2026-01-30"},
		{"EOM+30", "2026-01-10", RollFollowing, "2026-03-02"},
		{"EOM+30", "2026-03-01", RollFollowing, "2026-04-30"},
		{"30+1/30", "2026-01-31", RollNone, "2026-03-30"}, // after January's close, so February's: the 28th
		{"31+2/31", "2025-12-15", RollNone, "2026-02-28"},
		{"15+12/15", "2026-02-16", RollNone, "2027-03-15"},
	} {
		if got := mustTerms(c.terms).Due(mustDay(c.base), japanCalendar, c.roll); got.String() != c.want {
			t.Errorf("%s from %s %v: %v, want %s", c.terms, c.base, c.roll, got, c.want)
		}
	}
	if got := mustTerms("EOM").Due(NoDay, japanCalendar, RollFollowing); got != NoDay {
		t.Errorf("due date of no day: %v", got)
	}
}

func TestTermsAreReadInEveryForm(t *testing.T) {
	for s, want := range map[string]string{
		"30": "30", "0": "0", "030": "30", " 30 ": "30", "net 30": "30", "NET30": "30", "n30": "30", "30 days": "30", "1 Day": "1", "Net 45 days": "45",
		"Due on receipt": "0", "３０": "30", "30日以内": "30", "60日後払い": "60",
		"EOM": "EOM+0/31", "eom + 1 / 31": "EOM+1/31", "EOM+1/EOM": "EOM+1/31", "ＥＯＭ＋１／３１": "EOM+1/31", "EOM+30": "EOM+30", "EOM + 30 days": "EOM+30",
		"20+1/10": "20+1/10", "31+1/31": "EOM+1/31",
		"月末締め翌月末払い": "EOM+1/31", "月末締翌月末払": "EOM+1/31", "末締め翌末": "EOM+1/31", "末日締め、翌月末日払い": "EOM+1/31", "月末締め・翌月末日お支払い": "EOM+1/31",
		"20日締め翌月10日払い": "20+1/10", "２０日締め 翌月１０日払い": "20+1/10", "毎月20日〆翌10日払": "20+1/10", "20日締め翌月10日振込": "20+1/10",
		"月末締め翌々月15日払い": "EOM+2/15", "25日締め翌翌月5日払": "25+2/5", "15日締め当月末払い": "15+0/31", "10日締め当月25日払い": "10+0/25",
		"月末締め3か月後10日払い": "EOM+3/10", "月末締め３ヶ月後の末日払い": "EOM+3/31", "20日締切翌々々月20日支払い": "20+3/20",
	} {
		got, err := ParseTerms(s)
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v; want %s", s, got, err, want)
		}
	}
}

func TestOtherTermsAreRefused(t *testing.T) {
	for s, want := range map[string]string{
		"": "not understood", "soon": "not understood", "-1": "not understood", "3651": "not understood", "99999999999": "not understood",
		"30日": "not understood", "2/10 net 30": "not understood", "20日締め": "not understood", "翌月末払い": "not understood", "EOM+": "not understood",
		"EOM+1/": "not understood", "20+30": "not understood", "net": "not understood", "30 EOM": "not understood", "EOM+25/1": "not understood",
		"20日締め翌月10日払い10日": "not understood", "\xff\xfe": "not understood",
		"0+1/10": "closing day 0 is not in 1..31", "32+1/10": "closing day 32", "300+1/10": "closing day 255", "20+1/0": "pay day 0", "20日締め翌月32日払い": "pay day 32",
		"20+0/10": "the pay day (10) comes before the closing day (20)", "月末締め当月25日払い": "comes before the closing day",
	} {
		got, err := ParseTerms(s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", s, got, err, want)
		}
	}
}

// anyTerms draws terms of every form, through the parser.
func anyTerms() *rapid.Generator[Terms] {
	return rapid.Custom(func(t *rapid.T) Terms {
		v := Terms{form: termsForm(rapid.IntRange(0, 2).Draw(t, "form"))}
		if v.form != closingDay {
			v.days = rapid.Uint16Max(maxTermsDays).Draw(t, "days")
		} else {
			v.close, v.pay = rapid.Uint8Range(1, 31).Draw(t, "close"), rapid.Uint8Range(1, 31).Draw(t, "pay")
			if v.months = rapid.Uint8Max(maxTermsMonths).Draw(t, "months"); v.months == 0 && v.pay < v.close {
				v.pay = v.close
			}
		}
		return v
	})
}

func TestTermsPropertiesHoldForEveryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms().Draw(t, "terms")
		if back, err := ParseTerms(terms.String()); err != nil || back != terms {
			t.Fatalf("%v came back as %v, %v", terms, back, err)
		}
		base := Day(rapid.Int32Range(-10000, 60000).Draw(t, "base"))
		roll := Roll(rapid.Uint8Max(3).Draw(t, "roll"))
		due := terms.Due(base, japanCalendar, roll)
		if next := terms.Due(base+1, japanCalendar, roll); next < due {
			t.Fatalf("%v %v: %v is due %v, but %v is due %v", terms, roll, base, due, base+1, next)
		}
		plain := terms.Due(base, japanCalendar, RollNone)
		if plain < base || roll == RollFollowing && due < plain || roll == RollPreceding && due > plain {
			t.Fatalf("%v: %v is due %v, %v %v", terms, base, plain, roll, due)
		}
		if terms.form != netDays && roll != RollNone && !japanCalendar.Business(due) {
			t.Fatalf("%v %v: %v is due %v, no business day", terms, roll, base, due)
		}
	})
}

// TestEveryDateHasOneClosingPeriod walks ten years day by day: the close is the first closing
// day on or after a date, so that the periods neither overlap nor leave a gap.
func TestEveryDateHasOneClosingPeriod(t *testing.T) {
	for closing := 1; closing <= 31; closing++ {
		terms := Terms{form: closingDay, close: uint8(closing), months: 1, pay: 31}
		last, closes := Day(0), 0
		for d := MakeDay(2019, 1, 1); d < MakeDay(2029, 1, 1); d++ {
			close := terms.closing(d)
			year, month, day := close.Date()
			if day != min(closing, DaysIn(year, month)) || close < d || close-d > 30 {
				t.Fatalf("closing day %d: %v closes on %v", closing, d, close)
			}
			if close != last {
				if closes > 0 && d != last+1 {
					t.Fatalf("closing day %d: the period after %v begins on %v", closing, last, d)
				}
				last, closes = close, closes+1
			}
			if due := terms.unrolled(d); due < close {
				t.Fatalf("closing day %d: %v closes on %v, due %v", closing, d, close, due)
			}
		}
		if closes < 120 || closes > 121 {
			t.Errorf("closing day %d: %d periods in ten years", closing, closes)
		}
	}
}

// FuzzTerms reads anything without a panic; what it accepts has a short form that reads the same
// and due dates that are not before the invoice.
func FuzzTerms(f *testing.F) {
	for _, s := range []string{"30", "net 30", "EOM+1/31", "20+1/10", "EOM+30", "月末締め翌月末払い", "20日締め翌々月15日払い", "３０日以内"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		terms, err := ParseTerms(s)
		if err != nil {
			return
		}
		if back, err := ParseTerms(terms.String()); err != nil || back != terms {
			t.Fatalf("%q is %v, which is %v, %v", s, terms, back, err)
		}
		base := MakeDay(2028, 1, 31)
		if due := terms.Due(base, japanCalendar, RollFollowing); due < base || due > base+maxTermsDays+60 {
			t.Fatalf("%q: due %v", s, due)
		}
	})
}

func BenchmarkParseTerms(b *testing.B) {
	for _, s := range []string{"30", "EOM+1/31", "20日締め翌月10日払い"} {
		b.Run("terms="+s, func(b *testing.B) {
			for b.Loop() {
				if _, err := ParseTerms(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
