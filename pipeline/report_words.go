package pipeline

// reportWords are the labels of report.html in one language; its sentences are in the vocabulary.
type reportWords struct {
	Title, Subtitle, Since                               string // as-of date; customers, currency; night before
	Care, Open, Change, Overdue, OfOpen                  string
	DSO, DSONote, MonthBefore, CashWeek, Adds, FromRows  string
	Ageing, AgeingNote, Cash, CashNote                   string
	OverdueShare, OverdueNote, PastDue                   string
	Worklist, WorklistNote, Empty                        string // shown, all
	Rank, Customer, Action, Collector, Ask, By, Days     string
	Adding, Minutes, Why                                 string
	Capacity, Plan, Resource, Used, Of, Worth, WorthNote string
	ByAction, ByCollector, Rows, Time, Nobody            string
	Reviews, ReviewsNote, Review, Stand, Fresh, Listed   string
	Exposure                                             string
	Came, CameNote, Items, Observed, Expected, Ratio     string
	Drift, DriftNote, Feature, Index, Limit              string
	Learned, Exports, Export, UsedRows, Refused          string
	Gate, Result                                         string
	Footer                                               string
	Buckets                                              map[string]string
	Lang, Book, Hours                                    string
	Yen                                                  string      // after amounts in it, "" as after any other
	Large                                                []largeUnit // descending
}

// largeUnit is a word for many, such as a million.
type largeUnit struct {
	of   float64
	name string
}

// bucket is an ageing bucket or all of them in words; days are the same in every language.
func (w *reportWords) bucket(name string) string {
	if word, ok := w.Buckets[name]; ok {
		return word
	}
	return name
}

var reportEnglish = reportWords{
	Title: "Receivables as of %s", Subtitle: "%s customers, amounts in %s", Since: "the night before was %s",
	Care: "Before these figures are trusted", Open: "Open", Change: "%+.1f %% since %s", Overdue: "Overdue", OfOpen: "%s of what is open",
	DSO: "Days sales outstanding", DSONote: "over 365 days, at month-ends; grey: best possible, with nothing overdue", MonthBefore: "%s at the month-end before",
	CashWeek: "Cash expected in 7 days", Adds: "The worklist adds", FromRows: "%d actions, over business as usual",
	Ageing: "How old it is", AgeingNote: "open amount by days past due", Cash: "Cash expected by week", CashNote: "from what is open now, week beginning; line: 80 % interval",
	OverdueShare: "Overdue, per cent", OverdueNote: "of what is open, at month-ends", PastDue: "days past due",
	Worklist: "Worklist", WorklistNote: "the first %d of %d; all of it is in worklist.xlsx, .csv and .parquet", Empty: "Nothing is worth its effort today.",
	Rank: "#", Customer: "customer", Action: "action", Collector: "collector", Ask: "ask for", By: "by", Days: "past due",
	Adding: "adds", Minutes: "min", Why: "why",
	Capacity: "The day's capacity", Plan: "The plan adds %s over business as usual, at most %.3f %% below the best possible.", Resource: "resource", Used: "used", Of: "of",
	Worth: "one more is worth", WorthNote: "One more hour, letter or slot would add this much; without a figure there is enough of it.",
	ByAction: "By action", ByCollector: "By collector", Rows: "rows", Time: "time", Nobody: "(nobody in particular)",
	Reviews: "For the credit manager", ReviewsNote: "Recommendations that stand; those to decide on now are in reviews.csv.", Review: "recommendation", Stand: "stand", Fresh: "new", Listed: "listed",
	Exposure: "exposure",
	Came:     "Did what was expected come in?", CameNote: "Items open on %s, paid within 30 days. Shaded: further off than chance explains.", Items: "items", Observed: "paid", Expected: "expected", Ratio: "paid / expected",
	Drift: "What has changed since the model's training", DriftNote: "Features whose stability index is above its limit: probabilities may be off.", Feature: "feature", Index: "index", Limit: "limit",
	Learned: "What contacts did", Exports: "What was read", Export: "export", UsedRows: "used", Refused: "refused",
	Gate: "gate", Result: "result",
	Footer:  "Every figure here is in the tables of this folder and in run.json; kaishu explain CUSTOMER shows one customer's arithmetic.",
	Buckets: map[string]string{"not_due": "not due", "over_120": "over 120", "on_account": "on account", "all": "all"},
	Lang:    "en", Book: "What is open", Hours: "%.1f h", Large: []largeUnit{{1e9, " bn"}, {1e6, " m"}, {1e3, " k"}},
}

var reportJapanese = reportWords{
	Title: "売掛金の状況 %s 現在", Subtitle: "取引先%s社、金額の単位は%s", Since: "前回は%s",
	Care: "数値をご覧になる前に", Open: "売掛残高", Change: "%+.1f%%（%s比）", Overdue: "延滞残高", OfOpen: "残高の%s",
	DSO: "売上債権回転日数（DSO）", DSONote: "365日基準、月末ごと。灰色は延滞がない場合の最良値", MonthBefore: "前月末は%s日",
	CashWeek: "今後7日間の入金見込み", Adds: "ワークリストによる上積み", FromRows: "対応%d件、何もしない場合との差",
	Ageing: "延滞日数別の残高", AgeingNote: "支払期日からの日数別", Cash: "週別の入金見込み", CashNote: "現在の残高からの入金、各週の初日。線は80%の予測区間",
	OverdueShare: "延滞率（％）", OverdueNote: "残高に占める割合、月末ごと", PastDue: "延滞日数",
	Worklist: "ワークリスト", WorklistNote: "%[2]d件のうち上位%[1]d件。全件は worklist.xlsx、.csv、.parquet にあります", Empty: "本日は手間に見合う対応がありません。",
	Rank: "順位", Customer: "取引先", Action: "対応", Collector: "担当", Ask: "請求額", By: "期限", Days: "延滞日数",
	Adding: "上積み", Minutes: "分", Why: "理由",
	Capacity: "本日の対応枠", Plan: "計画は何もしない場合より%s多く回収する見込みです。最良の計画との差は最大%.3f%%です。", Resource: "種類", Used: "使用", Of: "上限",
	Worth: "あと1単位の価値", WorthNote: "価値は1時間、1通または1枠が増えた場合の上積みです。空欄のものは余裕があります。",
	ByAction: "対応別", ByCollector: "担当別", Rows: "件数", Time: "時間", Nobody: "（担当の指定なし）",
	Reviews: "与信担当者へ", ReviewsNote: "現在の推奨事項です。今判断すべきものは reviews.csv にあります。", Review: "推奨", Stand: "継続中", Fresh: "新規", Listed: "今回の一覧",
	Exposure: "与信残高",
	Came:     "見込みどおり入金されたか", CameNote: "%s時点の未収明細の30日以内の入金。色付きは偶然では説明しにくい差です。", Items: "明細", Observed: "入金", Expected: "見込み", Ratio: "入金／見込み",
	Drift: "学習時からの変化", DriftNote: "安定度指数が上限を超えた特徴量です。確率がずれている可能性があります。", Feature: "特徴量", Index: "指数", Limit: "上限",
	Learned: "連絡の効果", Exports: "読み込んだデータ", Export: "データ", UsedRows: "使用", Refused: "除外",
	Gate: "チェック項目", Result: "結果",
	Footer:  "ここにある数字はすべて同じフォルダーの表と run.json にあります。取引先ごとの計算は kaishu explain で確認できます。",
	Buckets: map[string]string{"not_due": "期日前", "1-30": "1～30日", "31-60": "31～60日", "61-90": "61～90日", "91-120": "91～120日", "over_120": "121日以上", "on_account": "仮受", "all": "全体"},
	Lang:    "ja", Book: "売掛金の内訳", Hours: "%.1f時間", Yen: "円", Large: []largeUnit{{1e12, "兆"}, {1e8, "億"}, {1e4, "万"}},
}
