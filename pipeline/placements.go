package pipeline

import (
	"fmt"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// placedKept is for how many days from its beginning on a placement that has ended is listed: as long as contacts are.
const placedKept = 400

// listsPlacement reports whether placements.parquet has a row of an account.
func listsPlacement(p *scoring.Placement, asOf scoring.Day) bool {
	return p != nil && (p.End == scoring.PlacementRuns || asOf-p.On < placedKept)
}

// placementColumns are the columns of placements.parquet.
func placementColumns(base int) []table.OutColumn {
	return []table.OutColumn{str("customer_id"), ostr("name"), str("agency"), str("status"), date("placed_on"), odate("until"), odate("ended_on"),
		str("currency"), dec("placed_amount", base), dec("recovered_amount", base), dec("open_amount", base)}
}

// fillPlacements writes what is, or was, with agencies.
func (n *night) fillPlacements(s *sheet, _ int, list []*customer, full func() error) error {
	currency := n.currency.String()
	for _, c := range list {
		p := c.Placed
		if !listsPlacement(p, n.asOf) {
			continue
		}
		s.text(c.id).maybeText(c.Master.Name).text(p.Agency).text(p.End.String()).day(p.On).day(p.Until).day(p.Ended).
			text(currency).money(p.Amount).money(p.Came).money(p.Open).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// placement prints the account's latest placement with an agency.
func (e *explanation) placement() error {
	p, at, err := e.one("placements.parquet")
	if err != nil || at < 0 {
		return err
	}
	v := func(column string) string { return p.show(column, at) }
	when := e.words.PlacedRuns
	switch {
	case v("status") != scoring.PlacementRuns.String():
		when = fmt.Sprintf(e.words.PlacedEnded, e.words.voc.code(v("status")), v("ended_on"))
	case v("until") != "-":
		when = fmt.Sprintf(e.words.PlacedUntil, v("until"))
	}
	e.line("", e.words.Placed, v("agency"), v("placed_on"), when, v("placed_amount"), v("recovered_amount"), v("open_amount"))
	fmt.Fprintln(e.w)
	return nil
}
