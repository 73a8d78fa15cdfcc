package pipeline

// explainWords are what `explain` prints around the figures of a night, in one language. Gaps are numbered as in the
// vocabulary, and stand for texts.
type explainWords struct {
	voc *vocabulary

	Head                                        string   // customer, date, currency
	Items                                       []string // columns
	Open                                        string   // money: open, then the buckets
	Overdue, NotOverdue                         string   // money, days, days; money
	Exposure                                    string   // money: exposure, open, unapplied; limit, share
	Collectable                                 string   // money: collectable, disputed, promised, unapplied
	Record, NoRecord                            string   // settled, delays, share, days, days, days; delays
	Risk                                        string   // share, share, score, grade, money
	Reason                                      string   // number, reason
	LeftAlone                                   string   // why, date
	Placed                                      string   // agency, date, until when, money: placed, came, open
	PlacedRuns, PlacedUntil, PlacedEnded        string   // date; how, date
	Options                                     []string // columns
	OptionsNote, ForbiddenNote                  string
	Chosen, Elsewhere, NoRoom, LessOver, NotFit string // verdicts
	Forbidden                                   string // why

	Rank, RankAlone          string   // rank, place, collector, action, channel, tone; rank, action, channel, tone
	Ask, Contact, IfNot, Say string   // money, currency, date; contact; next step; text
	Value                    []string // columns
	Interest, Part           string   // further columns
	Claim, ClaimInterest     string
	AddsFormula, PartNote    string // claim
	Multiplier, Range        string // multiplier, factors; low, high
	Together                 string // sum, costs, value
	Effect                   string // action, source
	AllSegments, OneSegment  string // segment
	EffectOf                 string // segments, multiplier, low, high, configured
	EffectFrom               string // contacts, payments, expected, at work
	EffectReach              string // reach, configured, attempts
	EffectChosen             string // contacts, multiplier, caveat
	Price                    string // resource, amount, unit, wage, scarcity, worth
	Minute, Slot             [2]string
	PerEffort                string // value, worth, key
	Reviews, Review          string // review, advice, rule
	Since, Nothing, Changed  string // date; column, then, now
	Columns                  map[string]string
}

// explainIn are the words of a language as the configuration names it.
func explainIn(language string) *explainWords {
	return wordsIn(vocabularyIn(language), &explainEnglish, &explainJapanese)
}

var explainEnglish = explainWords{
	voc:         &english,
	Head:        "%[1]s on %[2]s, amounts in %[3]s",
	Items:       []string{"item", "kind", "issued", "due", "open", "", "in base", "past due", "bucket", "disputed", "P(30 d)", "expected"},
	Open:        "open        %[1]s = not due %[2]s + 1-30 %[3]s + 31-60 %[4]s + 61-90 %[5]s + 91-120 %[6]s + over 120 %[7]s",
	Overdue:     "overdue     %[1]s, the oldest item %[2]s days, weighted by amount %[3]s days",
	NotOverdue:  "overdue     %[1]s",
	Exposure:    "exposure    %[1]s = open %[2]s - unapplied %[3]s; limit %[4]s, used %[5]s",
	Collectable: "collectable %[1]s, after disputed %[2]s, promised %[3]s and unapplied %[4]s",
	Record:      "record      %[1]s settled, %[2]s delays (share %[3]s), %[4]s days late on average, %[5]s at most; %[6]s days to pay by cash",
	NoRecord:    "record      nothing settled yet, %[1]s delays",
	Risk:        "risk        P(paid in 30 days) %[1]s, P(90+ past due in 180 days) %[2]s, score %[3]s (%[4]s), expected loss %[5]s",
	Reason:      "            %[1]s. %[2]s",
	LeftAlone:   "left alone: %[1]s; look again on %[2]s",
	Options:     []string{"action", "P(paid)", "with it", "adds", "of costs", "min", "effort worth", "left over", "per effort", "verdict"},
	OptionsNote: "adds: what it adds to business as usual, after its costs; left over: adds - effort worth; per effort: adds / effort worth",
	Placed:      "placed      with %[1]s on %[2]s, %[3]s: of %[4]s came %[5]s, %[6]s is open",
	PlacedRuns:  "until it is ended or paid", PlacedUntil: "until %[1]s", PlacedEnded: "%[1]s on %[2]s",
	ForbiddenNote: "of what is forbidden: as if it were not; that nobody is contacted while an action works takes nothing off",
	Chosen:        "chosen", Elsewhere: "its effort is worth more elsewhere", NoRoom: "no capacity was left", LessOver: "leaves less over than the chosen one",
	NotFit: "did not fit into what was left of the capacity", Forbidden: "forbidden: %[1]s",

	Rank: "rank %[1]s, number %[2]s on the list of %[3]s: %[4]s (%[5]s, %[6]s)", RankAlone: "rank %[1]s: %[2]s (%[3]s, %[4]s)",
	Ask: "ask for %[1]s %[2]s by %[3]s", Contact: "contact %[1]s", IfNot: "if it does not help: %[1]s", Say: "say: %[1]s",
	Value:    []string{"item", "past due", "claim", "P(30 d)", "multiplier", "reach", "promise", "P(paid)", "with it", "discount", "tail", "sooner", "adds"},
	Interest: "interest", Part: "part payment", Claim: "claim", ClaimInterest: "(claim + interest)",
	AddsFormula: "adds = %[1]s x ((with it - P(paid)) x discount x (1 - tail) + sooner): paid that would not be, and paid earlier",
	PartNote:    "P(paid), with it: share of the claim that comes in; part payments make a unit of it come in at the item's rate x part payment",
	Multiplier:  "multiplier = 1 + (%[1]s - 1) x %[2]s for the reason for arrears x %[3]s for contacts before x %[4]s for being likely to pay alone", Range: "%[1]s to %[2]s",
	Together: "%[1]s together - costs %[2]s = %[3]s",
	Effect:   "effect of %[1]s: %[2]s", AllSegments: "all segments", OneSegment: "segment %[1]s",
	EffectOf:     "%[1]s: multiplier %[2]s (%[3]s to %[4]s), configured %[5]s",
	EffectFrom:   "from %[1]s contacts by lot with %[2]s payments (%[3]s expected without them, the effect at work on %[4]s)",
	EffectReach:  "reach %[1]s, configured %[2]s, from %[3]s attempts",
	EffectChosen: "%[1]s chosen contacts alone: %[2]s (%[3]s)",
	Price:        "%[1]s: %[2]s %[3]s x (wage %[4]s + scarcity %[5]s) = %[6]s", Minute: [2]string{"minute", "minutes"}, Slot: [2]string{"slot", "slots"},
	PerEffort: "per effort: %[1]s / %[2]s = %[3]s",
	Reviews:   "for the credit manager:", Review: "%[1]s: %[2]s (%[3]s)",
	Since: "since %[1]s:", Nothing: "nothing changed", Changed: "%[1]s: %[2]s -> %[3]s",
}

var explainJapanese = explainWords{
	voc:         &japanese,
	Head:        "%[1]s（%[2]s現在、金額の単位は%[3]s）",
	Items:       []string{"明細", "種類", "発行日", "支払期日", "未回収額", "", "換算額", "延滞日数", "区分", "係争額", "30日入金確率", "入金見込日"},
	Open:        "売掛残高 %[1]s = 期日前 %[2]s + 1～30日 %[3]s + 31～60日 %[4]s + 61～90日 %[5]s + 91～120日 %[6]s + 121日以上 %[7]s",
	Overdue:     "延滞残高 %[1]s、最も古い債権は%[2]s日超過、金額加重で%[3]s日",
	NotOverdue:  "延滞残高 %[1]s",
	Exposure:    "与信残高 %[1]s = 売掛残高 %[2]s - 仮受金 %[3]s、限度額 %[4]s、使用率 %[5]s",
	Collectable: "請求可能 %[1]s（係争中 %[2]s、支払約束 %[3]s、仮受金 %[4]sを控除後）",
	Record:      "入金実績 入金済み%[1]s件、遅延%[2]s件（割合%[3]s）、遅れは平均%[4]s日・最大%[5]s日、発行から入金まで金額加重で%[6]s日",
	NoRecord:    "入金実績 入金済みなし、遅延%[1]s件",
	Risk:        "リスク   30日以内の入金確率%[1]s、180日以内に90日以上延滞する確率%[2]s、スコア%[3]s（格付%[4]s）、予想損失%[5]s",
	Reason:      "         %[1]s. %[2]s",
	LeftAlone:   "見送り：%[1]s。次に確認する日は%[2]s",
	Options:     []string{"対応", "入金確率", "対応時", "上積み", "費用", "分", "手間の価値", "差引", "手間あたり", "判定"},
	OptionsNote: "上積み：何もしない場合との差（費用控除後）。差引：上積み - 手間の価値。手間あたり：上積み / 手間の価値",
	Placed:      "回収委託 %[1]s（%[2]s委託、%[3]s）：委託額%[4]s、回収%[5]s、残高%[6]s",
	PlacedRuns:  "終了または完済まで", PlacedUntil: "%[1]sまで", PlacedEnded: "%[2]s%[1]s",
	ForbiddenNote: "不可の対応は、可能だった場合の値。対応の効果を待つ間は連絡できないことは差し引いていない",
	Chosen:        "選定", Elsewhere: "その手間は他の取引先に使う方が有利", NoRoom: "対応枠の残りなし", LessOver: "選定した対応より差引が小さい",
	NotFit: "残りの対応枠に収まらない", Forbidden: "不可：%[1]s",

	Rank: "順位%[1]s（%[3]sの担当分の%[2]s番目）：%[4]s（%[5]s、%[6]s）", RankAlone: "順位%[1]s：%[2]s（%[3]s、%[4]s）",
	Ask: "%[3]sまでに%[1]s %[2]sの入金を依頼", Contact: "連絡先：%[1]s", IfNot: "入金がない場合：%[1]s", Say: "話す内容：%[1]s",
	Value:    []string{"明細", "延滞日数", "請求額", "30日入金確率", "倍率", "接触率", "約束", "入金確率", "対応時", "割引", "最終回収率", "早期化", "上積み"},
	Interest: "遅延損害金", Part: "一部入金", Claim: "請求額", ClaimInterest: "(請求額 + 遅延損害金)",
	AddsFormula: "上積み = %[1]s × ((対応時 - 入金確率) × 割引 × (1 - 最終回収率) + 早期化)：本来ない入金と、早まる入金",
	PartNote:    "入金確率・対応時：請求額のうち入金される割合。一部入金により、明細の入金率 × 一部入金の割合で入金が進む",
	Multiplier:  "倍率 = 1 + (%[1]s - 1) × %[2]s（延滞の理由） × %[3]s（これまでの連絡） × %[4]s（自然に入金される見込み）", Range: "%[1]s～%[2]s",
	Together: "合計%[1]s - 費用%[2]s = %[3]s",
	Effect:   "%[1]sの効果：%[2]s", AllSegments: "全区分", OneSegment: "区分%[1]s",
	EffectOf:     "%[1]s：倍率%[2]s（%[3]s～%[4]s）、設定値%[5]s",
	EffectFrom:   "抽選による連絡%[1]s件、入金%[2]s件（連絡がない場合の見込み%[3]s件、うち効果が及ぶ分%[4]s件）による",
	EffectReach:  "接触率%[1]s、設定値%[2]s、試行%[3]s件による",
	EffectChosen: "担当者が選んだ連絡%[1]s件のみの場合：%[2]s（%[3]s）",
	Price:        "%[1]s：%[2]s%[3]s × (単価%[4]s + 希少価値%[5]s) = %[6]s", Minute: [2]string{"分", "分"}, Slot: [2]string{"件", "件"},
	PerEffort: "手間あたり：%[1]s / %[2]s = %[3]s",
	Reviews:   "与信管理責任者への推奨：", Review: "%[1]s：%[2]s（%[3]s）",
	Since: "%[1]sからの変化：", Nothing: "変化なし", Changed: "%[1]s：%[2]s → %[3]s",
	Columns: map[string]string{
		"open_amount": "売掛残高", "overdue_amount": "延滞残高", "collectable_amount": "請求可能額", "disputed_amount": "係争額", "promised_amount": "支払約束の額", "unapplied_amount": "仮受金",
		"exposure": "与信残高", "days_past_due_max": "延滞日数（最大）", "invoices_settled": "入金済みの件数", "broken_promises": "不履行の支払約束", "kept_promises": "履行された支払約束",
		"last_payment_on": "最終入金日", "last_contact_on": "最終連絡日", "p_paid_30": "30日以内の入金確率", "p_90dpd": "90日以上延滞する確率", "risk_grade": "格付",
		"rank": "順位", "action": "対応", "ask_amount": "請求額", "expected_recovery": "上積み", "recovery_per_effort": "手間あたり", "why": "見送りの理由",
	},
}
