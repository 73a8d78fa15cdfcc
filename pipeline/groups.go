package pipeline

import (
	"cmp"
	"fmt"
	"slices"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// parentGroup is a topmost parent with every customer below it, who share its limit.
type parentGroup struct {
	id       string
	exposure scoring.Sum
	limit    int64 // of the topmost parent itself
	hasLimit bool
}

// masterFault is a fault in a customer's master data.
type masterFault struct {
	of *customer
	scoring.MasterFault
}

// masterColumns tells which columns the customers export has; none without one.
func (n *night) masterColumns() map[string]bool {
	has := map[string]bool{}
	for _, s := range n.sources {
		if s.export != scoring.Customers {
			continue
		}
		for _, c := range masterSchema() {
			if !slices.Contains(s.file.Missing(), c.Name) {
				has[c.Name] = true
			}
		}
	}
	return has
}

// find is the customer of an id, nil when no row names it.
func (n *night) find(id string) *customer {
	at, found := slices.BinarySearchFunc(n.cases, id, func(c *customer, id string) int { return cmp.Compare(c.Customer, id) })
	if !found {
		return nil
	}
	return n.cases[at]
}

// findGroups puts customers with a parent, and their parents, into groups, adds up what each group
// owes, and lists parents that are unknown or their own descendants. A customer that names itself
// as its parent is a topmost one.
func (n *night) findGroups() error {
	has := n.masterColumns()["parent_id"]
	groups := map[string]*parentGroup{}
	join := func(c *customer, id string) {
		g := groups[id]
		if g == nil {
			g = &parentGroup{id: id}
			if top := n.find(id); top != nil {
				g.limit, g.hasLimit = top.Limit, top.HasLimit
			}
			groups[id] = g
		}
		c.group = g
		g.exposure.Add(c.Exposure)
	}
	var tops []*customer
	for _, c := range n.cases {
		if c.Master.Parent == "" || c.Master.Parent == c.Customer {
			continue
		}
		top, whole := n.topmost(c)
		if !whole {
			n.faults = append(n.faults, masterFault{c, scoring.MasterFault{Column: "parent_id",
				Fault: fmt.Sprintf("leads from %q back to where it came from", c.Master.Parent), Do: "correct the parents: they must end at one customer"}})
			continue
		}
		join(c, top)
		if t := n.find(top); t != nil {
			tops = append(tops, t)
		}
		if p := n.find(c.Master.Parent); has && (p == nil || !p.HasRow) {
			n.faults = append(n.faults, masterFault{c, scoring.MasterFault{Column: "parent_id",
				Fault: fmt.Sprintf("%q is not in the customers export", c.Master.Parent), Do: "add the parent to the customers export, with the limit that the group shares"}})
		}
	}
	for _, t := range tops {
		if t.group == nil {
			join(t, t.Customer)
		}
	}
	for _, g := range groups {
		if _, ok := g.exposure.Int64(); !ok {
			return fmt.Errorf("rebuilding the ledger: group %s: its exposure is more than 64 bits hold", g.id)
		}
	}
	slices.SortStableFunc(n.faults, func(a, b masterFault) int { return cmp.Compare(a.of.Customer, b.of.Customer) })
	return nil
}

// topmost follows a customer's parents to the last one; whole is false when they go in a circle.
func (n *night) topmost(c *customer) (id string, whole bool) {
	seen := []string{c.Customer}
	for c.Master.Parent != "" && c.Master.Parent != c.Customer {
		id = c.Master.Parent
		if slices.Contains(seen, id) {
			return "", false
		}
		seen = append(seen, id)
		if c = n.find(id); c == nil {
			return id, true
		}
	}
	return c.Customer, true
}

// masterFaultColumns are the columns of master_faults.parquet.
func masterFaultColumns() []table.OutColumn {
	return []table.OutColumn{str("customer_id"), str("column"), str("fault"), str("what_to_do")}
}

func (n *night) fillMasterFaults(s *sheet, full func() error) error {
	for i := range n.faults {
		f := &n.faults[i]
		s.text(f.of.Customer).text(f.Column).text(f.Fault).text(f.Do).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// groupColumns are the columns of accounts.parquet about a customer's group and what secures it.
func groupColumns(base int) []table.OutColumn {
	return []table.OutColumn{ostr("group_id"), odec("group_exposure", base), odec("group_limit", base), odbl("group_utilization"),
		ostr("guarantor"), odec("collateral_amount", base), num("days_past_due_max_best"), num("days_past_due_max_worst")}
}

// fillGroup writes those columns. The best case of days past due uses what is on account for the
// oldest items of its currency, the worst leaves it where it is.
func (s *sheet) fillGroup(c *customer) *sheet {
	if g := c.group; g != nil {
		exposure, _ := g.exposure.Int64() // fits: findGroups has seen to it
		s.text(g.id).money(exposure).maybeMoney(g.limit, g.hasLimit).share(ratio(exposure, g.limit, g.hasLimit))
	} else {
		s.null().null().null().null()
	}
	return s.maybeText(c.Master.Guarantor).maybeMoney(c.Collateral, c.Master.HasCollateral).int(c.PastDueBest).int(c.PastDueMax)
}
