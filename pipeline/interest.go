package pipeline

import (
	"fmt"
	"math"

	"kaishu/scoring"
)

// fillInterest writes what an open item bears in late interest, and why: nothing where none is
// configured or none has run yet. scale takes its currency's minor units to those of the table.
func (n *night) fillInterest(s *sheet, it *scoring.Item, scale int64) error {
	if n.interest == nil {
		s.null().null()
		return nil
	}
	v, basis := n.interest.ItemInterest(it, n.asOf)
	if basis == "" {
		s.null().null()
		return nil
	}
	if v > math.MaxInt64/scale {
		return fmt.Errorf("the interest on %s has more digits than the table holds", it.ID)
	}
	s.money(v * scale).text(basis)
	return nil
}
