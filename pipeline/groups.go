package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	of string
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

// kin is what groups are made of: a customer's parent, and what the group adds up or shares.
type kin struct {
	id, parent string // the parent "" or the customer itself at the top
	hasRow     bool
	exposure   int64
	limit      int64
	hasLimit   bool
}

func kinOf(c *customer) kin {
	return kin{strings.Clone(c.Customer), strings.Clone(c.Master.Parent), c.HasRow, c.Exposure, c.Limit, c.HasLimit}
}

// family finds customers by their ids, those with a parent and any other.
type family struct {
	*night
	met map[string]*kin // nil of an id that no row names
}

func (f *family) find(id string) (*kin, error) {
	k, met := f.met[id]
	if met {
		return k, nil
	}
	c, err := f.night.find(id)
	if err != nil {
		return nil, err
	}
	if c != nil {
		one := kinOf(c)
		k = &one
	}
	f.met[id] = k
	return k, nil
}

// find is the customer of an id, nil when no row names it.
func (n *night) find(id string) (*customer, error) {
	if n.book != nil {
		return n.book.find(id)
	}
	at, found := slices.BinarySearchFunc(n.kept, id, func(c *customer, id string) int { return cmp.Compare(c.Customer, id) })
	if !found {
		return nil, nil
	}
	return n.kept[at], nil
}

// findGroups puts customers with a parent, which are given, and their parents, into groups, adds up what each group
// owes, and lists parents that are unknown or their own descendants. A customer that names itself
// as its parent is a topmost one.
func (n *night) findGroups(below []kin) error {
	has := n.masterColumns()["parent_id"]
	slices.SortFunc(below, func(a, b kin) int { return cmp.Compare(a.id, b.id) })
	f := &family{night: n, met: map[string]*kin{}}
	for i := range below {
		f.met[below[i].id] = &below[i]
	}
	n.groupOf = map[string]*parentGroup{}
	groups := map[string]*parentGroup{}
	join := func(c, top *kin, id string) {
		g := groups[id]
		if g == nil {
			g = &parentGroup{id: id}
			if top != nil {
				g.limit, g.hasLimit = top.limit, top.hasLimit
			}
			groups[id] = g
		}
		n.groupOf[c.id] = g
		g.exposure.Add(c.exposure)
	}
	var tops []*kin
	for i := range below {
		c := &below[i]
		id, whole, err := f.topmost(c)
		if err != nil {
			return err
		}
		if !whole {
			n.faults = append(n.faults, masterFault{c.id, scoring.MasterFault{Column: "parent_id",
				Fault: fmt.Sprintf("leads from %q back to where it came from", c.parent), Do: "correct the parents: they must end at one customer"}})
			continue
		}
		top, err := f.find(id)
		if err != nil {
			return err
		}
		join(c, top, id)
		if top != nil {
			tops = append(tops, top)
		}
		p, err := f.find(c.parent)
		if err != nil {
			return err
		}
		if has && (p == nil || !p.hasRow) {
			n.faults = append(n.faults, masterFault{c.id, scoring.MasterFault{Column: "parent_id",
				Fault: fmt.Sprintf("%q is not in the customers export", c.parent), Do: "add the parent to the customers export, with the limit that the group shares"}})
		}
	}
	for _, t := range tops {
		if n.groupOf[t.id] == nil {
			join(t, t, t.id)
		}
	}
	for _, g := range groups {
		if _, ok := g.exposure.Int64(); !ok {
			return fmt.Errorf("rebuilding the ledger: group %s: its exposure is more than 64 bits hold", g.id)
		}
	}
	for _, c := range n.kept {
		c.group = n.groupOf[c.Customer]
	}
	slices.SortStableFunc(n.faults, func(a, b masterFault) int { return cmp.Compare(a.of, b.of) })
	return nil
}

// topmost follows a customer's parents to the last one; whole is false when they go in a circle.
func (f *family) topmost(c *kin) (id string, whole bool, err error) {
	seen := []string{c.id}
	for c.parent != "" && c.parent != c.id {
		id = c.parent
		if slices.Contains(seen, id) {
			return "", false, nil
		}
		seen = append(seen, id)
		if c, err = f.find(id); c == nil {
			return id, true, err
		}
	}
	return c.id, true, nil
}

// masterFaultColumns are the columns of master_faults.parquet.
func masterFaultColumns() []table.OutColumn {
	return []table.OutColumn{str("customer_id"), str("column"), str("fault"), str("what_to_do")}
}

func (n *night) fillMasterFaults(s *sheet, full func() error) error {
	for i := range n.faults {
		f := &n.faults[i]
		s.text(f.of).text(f.Column).text(f.Fault).text(f.Do).row()
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
