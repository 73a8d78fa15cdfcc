package pipeline

// screenWords are the labels of what `run` prints in one language; its sentences are in the vocabulary. Gaps are numbered as there.
type screenWords struct {
	Unchanged string // folder
	AsOf      string // date, customers, money, amount
	Empty     string
	First     string // shown, all

	Rank, Customer, Name, Action, Ask, PastDue, Adds, Minutes, PerEffort, Why string // columns of the worklist

	Plan           string // money, per cent
	Used, Slots    string // of minutes and of slots: used, of
	Hour, Slot     string // what one more is worth: amount
	NoPartPayments string // payments, needed, key
	Files          string // folder
}

// screen are the labels in the night's language.
func (n *night) screen() *screenWords { return wordsIn(n.voc(), &screenEnglish, &screenJapanese) }

var screenEnglish = screenWords{
	Unchanged: "nothing to do: %[1]s was made from the same inputs, configuration and version",
	AsOf:      "as of %[1]s: %[2]d customers, %[3]s open, %[4]s overdue",
	Empty:     "the worklist is empty: nothing is worth its effort today",
	First:     "worklist: the first %[1]d of %[2]d",
	Rank:      "rank", Customer: "customer", Name: "name", Action: "action", Ask: "ask", PastDue: "past due", Adds: "adds", Minutes: "min", PerEffort: "per effort", Why: "why",
	Plan: "plan: adds %[1]s over business as usual; at most %.3[2]f %% below the best possible",
	Used: "%[1]d of %[2]d minutes used", Slots: "%[1]d of %[2]d used",
	Hour: "; one more hour is worth %[1]s", Slot: "; one more is worth %[1]s",
	NoPartPayments: "part payments do not count: %[1]d payments to learn from, %[2]d are needed (%[3]s)",
	Files:          "files in %[1]s",
}

var screenJapanese = screenWords{
	Unchanged: "処理不要：%[1]sは同じデータ・設定・バージョンで作成済み",
	AsOf:      "%[1]s現在：取引先%[2]d社、売掛残高%[3]s、うち延滞%[4]s",
	Empty:     "ワークリストは空です。本日は手間に見合う対応がありません",
	First:     "ワークリスト：全%[2]d件のうち上位%[1]d件",
	Rank:      "順位", Customer: "取引先コード", Name: "取引先名", Action: "対応", Ask: "請求額", PastDue: "延滞日数", Adds: "上積み", Minutes: "分", PerEffort: "手間あたり", Why: "理由",
	Plan: "計画：何もしない場合より%[1]s多く回収する見込み。最良の計画との差は最大%.3[2]f%%",
	Used: "%[2]d分中%[1]d分を使用", Slots: "%[2]d件中%[1]d件を使用",
	Hour: "。あと1時間あれば%[1]sの上積み", Slot: "。あと1件あれば%[1]sの上積み",
	NoPartPayments: "一部入金は見込みに含めない：学習できる入金が%[1]d件で、必要な%[2]d件に満たない（%[3]s）",
	Files:          "出力先：%[1]s",
}
