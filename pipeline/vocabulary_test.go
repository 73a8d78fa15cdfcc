package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
	"kaishu/scoring/hazard"
	"kaishu/scoring/treatment"
)

// gaps are the arguments of a format string with their verbs, such as 1d and 2s.
var gaps = regexp.MustCompile(`%(?:\.\d)?\[(\d)\](?:\.\d)?([a-z])`)

// Every phrase is there in every language, with the same facts in it.
func TestNoPhraseIsMissingInALanguage(t *testing.T) {
	find := func(p phrase, v *vocabulary) (out []string) {
		for _, m := range gaps.FindAllStringSubmatch(v.phrases[p], -1) {
			out = append(out, m[1]+m[2])
		}
		if strings.Count(v.phrases[p], "%") != len(out)+2*strings.Count(v.phrases[p], "%%") {
			t.Errorf("phrase %d: %q has a gap without a number", p, v.phrases[p])
		}
		slices.Sort(out)
		return out
	}
	for p := range phrases {
		en, ja := find(p, &english), find(p, &japanese)
		if english.phrases[p] == "" || japanese.phrases[p] == "" {
			t.Errorf("phrase %d: %q, %q", p, english.phrases[p], japanese.phrases[p])
		}
		if p != paysOnDay && !slices.Equal(en, ja) {
			t.Errorf("%q has the facts %v, %q %v", english.phrases[p], en, japanese.phrases[p], ja)
		}
		if strings.ContainsFunc(gaps.ReplaceAllString(japanese.phrases[p], ""), latin) {
			t.Errorf("%q is not Japanese", japanese.phrases[p])
		}
	}
	for code, word := range japanese.names {
		if word == "" || strings.ContainsFunc(word, latin) {
			t.Errorf("%s: %q", code, word)
		}
	}
	for _, v := range []*vocabulary{&english, &japanese} {
		for u := range counted {
			if !strings.Contains(v.count(1, u), "1") || !strings.Contains(v.count(7, u), "7") {
				t.Errorf("%q, %q", v.count(1, u), v.count(7, u))
			}
		}
		if v.median[0] == "" || v.median[1] == "" || v.and == "" || v.percent == "" {
			t.Errorf("%q, %q, %q", v.median, v.and, v.percent)
		}
		for d, name := range v.weekdays {
			if name == "" {
				t.Errorf("no name of weekday %d", d)
			}
		}
	}
}

// latin tells the letters that a Japanese sentence has none of but in codes of currencies.
func latin(r rune) bool { return r < 0x250 && unicode.IsLetter(r) }

// Names that a night is written with by default have a word in Japanese.
func TestEveryActionDutyAndBlockHasAJapaneseName(t *testing.T) {
	for _, a := range reviewNight(t, "").cfg.Actions {
		if strings.ContainsFunc(japanese.name(a.Name), latin) {
			t.Errorf("%s has no Japanese name", a.Name)
		}
	}
	for _, d := range dutyOrder[:len(dutyOrder)-1] {
		if strings.ContainsFunc(japanese.name(d), latin) {
			t.Errorf("%s has no Japanese name", d)
		}
	}
	source, err := os.ReadFile("../scoring/treatment/block.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`Block += "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	for _, b := range blocks {
		if !treatment.IsBlock(b[1]) || strings.ContainsFunc(japanese.name(b[1]), latin) {
			t.Errorf("the block %s has no Japanese name", b[1])
		}
	}
	if len(blocks) < 20 {
		t.Errorf("only %d blocks", len(blocks))
	}
	if english.name("my_own_step") != "my own step" || japanese.name("my_own_step") != "my own step" {
		t.Error("a name of one's own is not kept")
	}
}

func TestLatenessInWords(t *testing.T) {
	for _, v := range []struct {
		recent  scoring.Recent
		settled int32
		pastDue int32
		en, ja  string
	}{
		{scoring.Recent{Settled: 10, Late: 7, DaysLate: 12}, 31, 21, "late 7 of the last 10, usually 12 days; now 21 days past due", "直近10件中7件が遅延、通常12日遅れ。現在21日超過"},
		{scoring.Recent{Settled: 10, Late: 7, DaysLate: 1}, 31, 1, "late 7 of the last 10, usually 1 day; now 1 day past due", "直近10件中7件が遅延、通常1日遅れ。現在1日超過"},
		{scoring.Recent{Settled: 4, DaysLate: -3}, 4, 0, "none of the last 4 late, usually 3 days early", "直近4件に遅延なし、通常は期日の3日前に入金"},
		{scoring.Recent{Settled: 10, Late: 2}, 12, 0, "late 2 of the last 10, usually on the day", "直近10件中2件が遅延、通常は期日どおり"},
		{scoring.Recent{}, 0, 5, "no record, 2 items overdue", "入金実績なし、2件が期日超過"},
	} {
		a := &scoring.Account{Recent: v.recent, Settled: v.settled, PastDueMax: v.pastDue}
		if v.pastDue > 0 {
			a.OpenOverdue = 2
		}
		for _, l := range []struct{ language, want string }{{"en", v.en}, {"ja", v.ja}} {
			n := &night{cfg: &config.Config{Language: l.language}}
			if got := n.lateness(a, ""); got != l.want {
				t.Errorf("%q, want %q", got, l.want)
			}
		}
	}
}

func TestReasonsStandBesideTheMedianOfAll(t *testing.T) {
	a := &customer{}
	a.Recent, a.Settled, a.PastDueMax = scoring.Recent{Settled: 10, Late: 7, DaysLate: 12}, 31, 21
	a.HasLimit, a.Limit, a.Exposure = true, 200, 180
	for _, v := range []struct {
		language string
		family   hazard.Family
		peer     float64
		want     string
	}{
		{"en", hazard.Lateness, 3.4, "late 7 of the last 10, usually 12 days (median of all: 3 days late); now 21 days past due"},
		{"ja", hazard.Lateness, 3.4, "直近10件中7件が遅延、通常12日遅れ（全体の中央値は3日遅れ）。現在21日超過"},
		{"en", hazard.Exposure, .416, "uses 90 % of its credit limit (median of all: 42 %)"},
		{"ja", hazard.Exposure, .416, "与信限度額の90%を使用（全体の中央値は42%）"},
	} {
		n := &night{cfg: &config.Config{Language: v.language}, model: &hazard.Model{}}
		n.model.Peers[v.family] = v.peer
		n.peers = n.peerWords()
		if got := n.words(a, v.family); got != v.want {
			t.Errorf("%q, want %q", got, v.want)
		}
	}
}

// Whatever is known of an account, every family of reasons has words in both languages or in neither,
// without a gap left open; the Japanese ones are Japanese.
func TestEveryFamilyOfReasonsIsSaidInEveryLanguage(t *testing.T) {
	base := reviewNight(t, "")
	yen, err := scoring.ParseCurrency("JPY")
	if err != nil {
		t.Fatal(err)
	}
	met := map[hazard.Family]map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Int32Range(0, 40)
		c := &customer{}
		c.Account = scoring.Account{HasRow: true, OpenItems: small.Draw(t, "items") + 1, Settled: small.Draw(t, "settled"), PastDueMax: small.Draw(t, "past due") - 20,
			OpenOverdue: small.Draw(t, "overdue"), Exposure: rapid.Int64Range(-10, 1e9).Draw(t, "exposure"), Limit: 1e8, HasLimit: rapid.Bool().Draw(t, "limit"),
			PromisesBroken: small.Draw(t, "broken") / 20, PromisesKept: small.Draw(t, "kept"), PromiseUntil: scoring.NoDay, Disputed: rapid.Int64Range(0, 2).Draw(t, "disputed"),
			LastContact: scoring.NoDay, PayWeekday: int8(rapid.IntRange(-1, 6).Draw(t, "weekday")), PayMonthDay: int8(rapid.IntRange(0, 31).Draw(t, "day")),
			Recent: scoring.Recent{Settled: 10, Late: small.Draw(t, "late") % 11, DaysLate: small.Draw(t, "days") - 20},
			Items:  []scoring.Item{{Open: 100, OpenBase: 100, Due: base.asOf, Issue: base.asOf - 30}}}
		c.Master.Bureau = rapid.SampledFrom([]float64{math.NaN(), 612}).Draw(t, "bureau")
		if rapid.Bool().Draw(t, "promise") {
			c.PromiseUntil = base.asOf + 3
		}
		if rapid.Bool().Draw(t, "contact") {
			c.LastContact = base.asOf - 9
		}
		for f := range hazard.Family(hazard.Families) {
			peer := rapid.SampledFrom([]float64{math.NaN(), -2, 0, .4, 33}).Draw(t, "peer")
			said := map[string]string{}
			for _, language := range []string{"en", "ja"} {
				n := &night{cfg: &config.Config{Language: language}, asOf: base.asOf, currency: yen, model: &hazard.Model{}}
				n.model.Peers[f] = peer
				n.peers = n.peerWords()
				said[language] = n.words(c, f)
				if strings.Contains(said[language], "%!") || strings.Contains(said[language], "NaN") {
					t.Fatalf("%s: %q", f, said[language])
				}
			}
			if (said["en"] == "") != (said["ja"] == "") || strings.ContainsFunc(said["ja"], latin) {
				t.Fatalf("%s: %q in English, %q in Japanese", f, said["en"], said["ja"])
			}
			if said["ja"] != "" {
				if met[f] == nil {
					met[f] = map[string]bool{}
				}
				met[f][said["ja"]] = true
			}
		}
	})
	for f := range hazard.Family(hazard.Families) {
		if len(met[f]) == 0 {
			t.Errorf("%s was never said", f)
		}
	}
}

// A night in Japanese is the night in English but for its sentences.
func TestTheLanguageChangesSentencesAndNothingElse(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 60, Seed: 4})
	out := t.TempDir()
	night := func(language, asOf string) string {
		return runIn(t, path, asOf, filepath.Join(out, language), func(c *config.Config) { c.Language = language }).Folder
	}
	night("en", "2026-02-27")
	night("ja", "2026-02-27")
	en, ja := night("en", "2026-02-28"), night("ja", "2026-02-28")
	said := 0
	for file, sentences := range map[string][]string{
		"worklist.parquet":      {"reason_1", "reason_2", "reason_3", "reason_4", "why", "contact", "next_step", "moved", "say"},
		"accounts.parquet":      {"reason_1", "reason_2", "reason_3", "reason_4"},
		"reviews.parquet":       {"rule", "advice", "reason_1", "reason_2", "reason_3", "reason_4"},
		"left_alone.parquet":    nil,
		"options.parquet":       nil,
		"open_items.parquet":    nil,
		"values.parquet":        nil,
		"cash_forecast.parquet": nil,
	} {
		a, err := table.ReadColumns(filepath.Join(en, file))
		if err != nil {
			t.Fatal(err)
		}
		b, err := table.ReadColumns(filepath.Join(ja, file))
		if err != nil {
			t.Fatal(err)
		}
		if a.Len() != b.Len() || a.Len() == 0 {
			t.Fatalf("%s: %d rows and %d", file, a.Len(), b.Len())
		}
		for k, c := range a.Columns() {
			for i := range a.Len() {
				if a.IsNull(k, i) != b.IsNull(k, i) {
					t.Fatalf("%s: %s of row %d is missing in one language", file, c.Name, i)
				}
				if a.IsNull(k, i) {
					continue
				}
				if x, y := a.Text(k, i), b.Text(k, i); !slices.Contains(sentences, c.Name) {
					if x != y {
						t.Fatalf("%s: %s of row %d is %q in English, %q in Japanese", file, c.Name, i, x, y)
					}
				} else if c.Name != "contact" && strings.ContainsFunc(y, latin) {
					t.Errorf("%s: %s of row %d: %q", file, c.Name, i, y)
				} else if x != y {
					said++
				}
			}
		}
	}
	if said < 200 {
		t.Errorf("only %d sentences", said)
	}
}

// The record of the last ten items is that of the history, sorted.
func TestRecentItemsAreTheLastOfTheHistory(t *testing.T) {
	cfg, err := config.Load(generatedExports(t, fixtures.Options{Customers: 60, Seed: 4}))
	if err != nil {
		t.Fatal(err)
	}
	base, err := newNight(cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(base.close)
	if err := base.open(); err != nil {
		t.Fatal(err)
	}
	if err := base.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := base.at(base.asOf)
	env, err := n.env()
	if err != nil {
		t.Fatal(err)
	}
	env.HistoryKept = true
	if err := n.rebuildIn(t.Context(), env, newSampler(1000)); err != nil {
		t.Fatal(err)
	}
	most := int32(0)
	for _, c := range n.kept {
		list := slices.Clone(c.History)
		slices.SortFunc(list, func(a, b scoring.Settled) int {
			return cmp.Or(cmp.Compare(b.On, a.On), cmp.Compare(b.DaysLate, a.DaysLate))
		})
		list = list[:min(len(list), 10)]
		want := scoring.Recent{Settled: int32(len(list))}
		var days []int32
		for _, s := range list {
			days = append(days, s.DaysLate)
			if s.DaysLate > env.Grace {
				want.Late++
			}
		}
		if slices.Sort(days); len(days) > 0 {
			want.DaysLate = days[(len(days)-1)/2]
		}
		if c.Recent != want {
			t.Fatalf("%s: %+v, want %+v of %v", c.Customer, c.Recent, want, fmt.Sprint(days))
		}
		most = max(most, c.Settled)
	}
	if most < 30 {
		t.Errorf("no history of more than %d", most)
	}
}
