package treatment

import (
	"math"
	"slices"
)

// Anew appends to out[i] what Options of menus[i] has that nothing forbids, with values and without probabilities.
// The menus must be m's With other effects, so that they forbid the same: what is asked for and what is forbidden is
// worked out once, each curve is read once, and nothing is valued of what is forbidden.
func (m *Menu) Anew(c *Case, horizon int32, menus []*Menu, out [][]Option) error {
	all, err := m.offer(c, horizon, c.offered[:0])
	c.offered = all
	if err != nil {
		return err
	}
	free := slices.DeleteFunc(all, func(o Option) bool { return o.BlockedBy != Free })
	r := m.record(c)
	c.levers = c.levers[:0]
	for _, menu := range menus {
		for k := range free {
			c.levers = append(c.levers, menu.lever(c, free[k].Action, &r))
		}
	}
	m.pull(c, c.claims, false)
	m.pull(c, c.disputes, true)
	for at := range menus {
		for k, o := range free {
			l := &c.levers[at*len(free)+k]
			if o.Value = int64(math.Round(l.gain)) - o.Money; l.by != nil {
				o.Agency = l.by.Name
			}
			out[at] = append(out[at], o)
		}
	}
	return nil
}

// pull adds up what claims bring by the levers that are about disputes, or by the others.
func (m *Menu) pull(c *Case, claims []claim, disputed bool) {
	if !slices.ContainsFunc(c.levers, func(l lever) bool { return l.disputed == disputed }) {
		return
	}
	for i := range claims {
		cl := &claims[i]
		self := m.read(c, cl)
		for k := range c.levers {
			if l := &c.levers[k]; l.disputed == disputed {
				gain, _, _ := m.gain(c, l, cl, l.strength(&m.Limits, self))
				l.gain += float64(cl.worth() * gain)
			}
		}
	}
}
