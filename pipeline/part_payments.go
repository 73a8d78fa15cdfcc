package pipeline

import (
	"kaishu/scoring/hazard"
)

// partWindows is the most windows behind the part-payment factors: they settle a factor to within a few
// per cent, and a thousandth of a second makes thousands of them.
const partWindows = 30_000

// learnPartPayments estimates by how much sooner than the whole of an item a unit of it comes in, from the landmarks of every sixth
// week: their windows have passed and do not overlap. Of more than partWindows those with the lowest sampling keys stand for all.
func (n *night) learnPartPayments() {
	n.parts = nil
	if n.cfg.Risk.PartPayments == "off" {
		return
	}
	var at []int
	for i := range n.landmarks { // in the order of their keys
		if age := int32(n.asOf) - n.landmarks[i].Date; age > 0 && age%hazard.CameDays == 0 {
			if at = append(at, i); len(at) == partWindows {
				break
			}
		}
	}
	windows := make([]hazard.PartWindow, len(at))
	const block = 256
	_ = n.inParallel((len(at)+block-1)/block, func(_, b int) error {
		for i := b * block; i < min((b+1)*block, len(at)); i++ {
			l := &n.landmarks[at[i]]
			curve := n.scorer().Curve(l, n.days)
			windows[i] = l.PartWindow(&curve)
		}
		return nil
	})
	n.parts = hazard.LearnPartPayments(windows, n.cfg.Risk.MinEvents)
}
