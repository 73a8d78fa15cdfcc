package pipeline

import (
	"math"
	"strings"

	"kaishu/scoring"
	"kaishu/scoring/treatment"
)

// What a row of the worklist is about: its action, its items, its amount.

// concerned are the items that the row is about, oldest first: those that payment is asked for, or those
// in dispute where that is the work.
func (n *night) concerned(c *customer) []*scoring.Item {
	var out []*scoring.Item
	disputes := n.chosen(c.decision).Disputed
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open <= 0 || it.PastDue < -int32(n.cfg.Ledger.Horizon) {
			continue
		}
		if disputes && it.Disputed > 0 || !disputes && (it.Disputed < it.Open || !n.cfg.Policy.WaitDispute) {
			out = append(out, it)
		}
	}
	return out
}

// chosen is the action of a row.
func (n *night) chosen(c *decision) *treatment.Action {
	return &n.menu.Actions[c.chosen]
}

// itemList is the ids of those items, joined by semicolons.
func (n *night) itemList(c *customer) string {
	var ids []string
	for _, it := range n.concerned(c) {
		ids = append(ids, it.ID)
	}
	return strings.Join(ids, ";")
}

// ask is the amount that is asked for or, of work on a dispute, the amount in dispute.
func (n *night) ask(c *customer) int64 {
	if n.chosen(c.decision).Disputed {
		sum := int64(0)
		for _, it := range n.concerned(c) {
			sum += int64(math.Round(float64(it.OpenBase) * float64(it.Disputed) / float64(it.Open)))
		}
		return sum
	}
	if n.cfg.Policy.WaitDispute {
		return c.Collectable
	}
	return c.Collectable + c.Disputed
}
