package pipeline

// backtestWords are the words of backtest.html in one language. Gaps are numbered as in the vocabulary.
type backtestWords struct {
	Lang                                              string
	Title, Intro, Each, Until                         string // month-ends; dates, items; models; date
	Care, Pooled, Changed, Leak                       string // model, why; changed, items, place; column, auc, auc
	ByMonth, Right, RightNote, Where, WhereNote       string
	Figures, FiguresNote, Groups, GroupsNote          string // file
	Group, Items, Observed, Expected, Ratio           string // model
	PastDue, Segment                                  string
	Within                                            string // days
	LogLoss, Calibration, ECE, Cash, DaysError, Late  string
	Higher, Lower, Floor, IsRight, Chance, Best       string // floor; value, name
	Against, Better                                   string // model
	PaidWithin, Told, Said                            string // days; model, predicted, paid, items
	Found, FoundNote, FoundLate, FoundLateNote        string // within
	Noise, Slope, Intercept, CashRatio, CashTop, Loss string
	TableOf                                           string // days, items, share, left out
	Rivals                                            map[string]string
}

// words are those of the page in the configuration's language.
func (b *backtest) words() *backtestWords {
	return wordsIn(b.voc(), &backtestEnglish, &backtestJapanese)
}

var backtestEnglish = backtestWords{
	Lang: "en", Title: "Backtest of %[1]s",
	Intro: "%[1]s: %[2]d open items, each predicted from what was known on its date by the code of the nightly run%[3]s. Outcomes until %[4]s.", Each: ", with each of %[1]s",
	Care: "Read the figures with care", Pooled: "%[1]s is the pooled life table: %[2]s",
	Changed: "%[1]d of %[2]d items look different from the full exports: facts were changed after the date, see changed_later in run.json",
	Leak:    "column %[1]s has no date and by itself orders the outcomes (auc %.3[2]f) better than the customers' own record (%.3[3]f): it seems to know the future, and so does a model that is given it",
	ByMonth: "Month-end by month-end", Right: "Are the probabilities right?",
	RightNote: "Ten groups of items by rising probability, all month-ends together. On the dashed line, what was predicted happened.",
	Where:     "Is the money where the ranking says?", WhereNote: "Items in the order of each ranking; mean over the month-ends.",
	Figures: "Figures", FiguresNote: "Means over the month-ends; every month-end by itself is in backtest.parquet. The best of a column is shaded. \"Noise\" is about the calibration error that a perfect model would show by chance.",
	Groups: "By days past due and by segment", GroupsNote: "Observed against expected payments. Shaded: off by more than 15 % and by more than three standard errors; items of one customer move together, so a z of 3 is less than it looks.",
	Group: "group", Items: "items", Observed: "observed", Expected: "%[1]s: expected", Ratio: "observed / expected", PastDue: "past due", Segment: "segment",
	Within: "%[1]d days", LogLoss: "Log loss", Calibration: "Calibration error", ECE: "Calibration error (ECE)", Cash: "Expected / actual cash", DaysError: "Days error", Late: "Late money in the top tenth",
	Higher: "higher is better", Lower: "lower is better", Floor: "dashed: what chance alone would show", IsRight: "1 is right", Chance: "chance alone would show about %[1]s", Best: "best baseline %[1]s (%[2]s)",
	Against: "Log loss against %[1]s", Better: "per cent better, below 0 worse", PaidWithin: "Paid within %[1]s", Told: "paid (up) against predicted (right)",
	Said:  "%[1]s said %.1[2]f %%, paid %.1[3]f %%, %[4]d items",
	Found: "Cash found", FoundNote: "share of the cash of %[1]s, by share of the items taken first",
	FoundLate: "Late money found", FoundLateNote: "share of the money past due after %[1]s, by share of the items taken first",
	Noise: "noise", Slope: "slope", Intercept: "intercept", CashRatio: "cash e/a", CashTop: "cash, top tenth", Loss: "late money, top tenth",
	TableOf: "Paid within %[1]d days: %[2]d items with an outcome, %[3]s paid, %[4]d left out (credited, written off)",
	Rivals: map[string]string{
		rivalModel:   "what the nightly run would have used under this configuration",
		rivalHazard:  "the linear time-to-pay model, fitted on what was known at the origin",
		rivalTrees:   "boosted trees on the rows of the linear model, promoted or not",
		rivalBase:    "the share of all open items that used to be paid within the horizon; dates: the median days late of all",
		rivalRatio:   "the share of the customer's own open items that used to be, shrunk to the base rate",
		rivalCurve:   "the customer's settled invoices: of those that were as late, the share paid within the horizon",
		rivalMedian:  "due date plus the customer's median days late",
		rivalLargest: "largest open amount first",
		rivalOldest:  "most days past due first",
	},
}

var backtestJapanese = backtestWords{
	Lang: "ja", Title: "過去検証（%[1]s）",
	Intro: "%[1]s。未収明細%[2]d件について、各時点で判明していた情報だけを使い、夜間処理と同じ計算で予測%[3]s。結果は%[4]sまで。", Each: "（%[1]sのそれぞれで予測）",
	Care: "数値をご覧になる前に", Pooled: "%[1]sは予測モデルではなく、延滞日数ごとの平均を使用（%[2]s）",
	Changed: "%[2]d件中%[1]d件は、現在のデータから見た姿と異なる。基準日より後に事実が変更されている。run.jsonのchanged_laterを参照",
	Leak:    "列%[1]sには日付がなく、この列だけで結果の順序が取引先の実績（AUC %.3[3]f）よりよく当たる（AUC %.3[2]f）。将来の情報を含む疑いがあり、この列を使うモデルも同様",
	ByMonth: "月末ごとの推移", Right: "確率は正しいか",
	RightNote: "明細を確率の低い順に10組に分け、全月末をまとめた結果。破線上にあれば予測どおり。",
	Where:     "順位づけどおりに入金があるか", WhereNote: "各順位づけの順に明細を並べた場合。月末の平均。",
	Figures: "指標", FiguresNote: "月末の平均。月末ごとの値はbacktest.parquetにあります。色付きは列の中で最良の値。「偶然の誤差」は、完全なモデルでも偶然に生じる較正誤差の目安です。",
	Groups: "延滞日数別・区分別", GroupsNote: "実際の入金と見込みの比較。色付きは15%を超え、かつ標準誤差の3倍を超えるずれ。同じ取引先の明細は連動するため、zが3でも見かけほど確かではありません。",
	Group: "組", Items: "明細", Observed: "実績", Expected: "%[1]sの見込み", Ratio: "実績／見込み", PastDue: "延滞日数", Segment: "区分",
	Within: "%[1]d日", LogLoss: "対数損失", Calibration: "較正誤差", ECE: "較正誤差（ECE）", Cash: "見込み／実際の入金額", DaysError: "日数の誤差", Late: "上位1割に含まれる延滞額",
	Higher: "高いほどよい", Lower: "低いほどよい", Floor: "破線は偶然に生じる水準", IsRight: "1が正しい", Chance: "偶然だけでも約%[1]s", Best: "単純な方法の最良は%[1]s（%[2]s）",
	Against: "対数損失（%[1]sとの比較）", Better: "改善した割合（%）、0未満は悪化", PaidWithin: "%[1]s以内の入金", Told: "縦は実際の入金、横は予測",
	Said:  "%[1]s：予測%.1[2]f%%、入金%.1[3]f%%、%[4]d件",
	Found: "入金額の捕捉", FoundNote: "%[1]s以内の入金額のうち、先に取り上げた明細に含まれる割合",
	FoundLate: "延滞額の捕捉", FoundLateNote: "%[1]s後に延滞している額のうち、先に取り上げた明細に含まれる割合",
	Noise: "偶然の誤差", Slope: "傾き", Intercept: "切片", CashRatio: "入金額の見込み／実際", CashTop: "上位1割の入金額", Loss: "上位1割の延滞額",
	TableOf: "%[1]d日以内の入金：結果の判明した明細%[2]d件、うち入金%[3]s、対象外%[4]d件（赤伝・貸倒）",
	Rivals: map[string]string{
		rivalModel:   "この設定で夜間処理が使うモデル",
		rivalHazard:  "各時点までの情報で学習した、入金までの日数の線形モデル",
		rivalTrees:   "線形モデルと同じデータで学習した決定木のモデル（採用の有無を問わない）",
		rivalBase:    "全体の未収明細のうち、その日数以内に入金された割合。日付は全体の遅れ日数の中央値",
		rivalRatio:   "その取引先の未収明細のうち入金された割合を、全体の割合に寄せたもの",
		rivalCurve:   "その取引先の入金済み請求のうち、同じだけ遅れたものがその日数以内に入金された割合",
		rivalMedian:  "支払期日に取引先の遅れ日数の中央値を加えた日",
		rivalLargest: "残高の大きい順",
		rivalOldest:  "延滞日数の長い順",
	},
}
