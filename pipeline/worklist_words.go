package pipeline

import (
	"slices"

	"kaishu/pipeline/table"
)

// worklistCodes are the columns of the worklist that hold codes. Its tables keep them in every language; the workbook, which people
// work in, has words for them.
var worklistCodes = []string{"action", "channel", "tone", "duty", "effect_source"}

// worklistLayout is how worklist.xlsx looks. In English headings and codes are those of the other tables.
func (n *night) worklistLayout(columns []table.OutColumn) table.Layout {
	look := table.Layout{Name: "worklist", Keep: 3} // rank, customer and name
	v := n.voc()
	if v != &japanese {
		return look
	}
	look.Name = worklistJapanese.sheet
	for _, c := range columns {
		look.Headings = append(look.Headings, worklistJapanese.headings[c.Name])
	}
	look.Words = func(column, text string) string {
		if slices.Contains(worklistCodes, column) {
			return v.name(text)
		}
		return text
	}
	return look
}

// worklistJapanese are the words of the Japanese workbook; docs/columns.md lists the headings.
var worklistJapanese = struct {
	sheet    string
	headings map[string]string // by column
}{"ワークリスト", map[string]string{
	"rank": "順位", "customer_id": "取引先コード", "name": "取引先名", "action": "対応", "channel": "手段", "tone": "調子", "collector": "担当",
	"ask_amount": "請求額", "ask_by": "支払依頼日", "expected_recovery": "回収の上積み", "effort_minutes": "所要時間（分）", "recovery_per_effort": "手間あたりの上積み", "currency": "通貨",
	"days_past_due_max": "延滞日数", "open_amount": "売掛残高", "collectable_amount": "請求可能額", "p_paid": "入金確率", "p_paid_action": "対応時の入金確率", "score": "スコア",
	"reason_1": "遅れの理由1", "reason_2": "遅れの理由2", "reason_3": "遅れの理由3", "reason_4": "遅れの理由4", "why": "選定の理由", "contact": "連絡先", "next_step": "次の対応", "items": "請求書番号",
	"rank_before": "前回の順位", "moved": "順位の変化", "duty": "必須の対応", "turn": "担当内の順番", "say": "話す内容", "effect_source": "効果の根拠", "randomised": "抽選による選定",
}}
