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
	by := make([]*Agency, len(free))
	for k := range free {
		if act := &m.Actions[free[k].Action]; act.Channel == "agency" {
			by[k] = m.agency(c, act)
			free[k].Agency = by[k].Name // without one it would be forbidden
		}
	}
	c.gains = slices.Grow(c.gains[:0], len(free)*len(menus))[:len(free)*len(menus)]
	clear(c.gains)
	m.gainAnew(c, menus, free, by, false)
	m.gainAnew(c, menus, free, by, true)
	for at := range menus {
		gains := c.gains[at*len(free):]
		for k, o := range free {
			o.Value = int64(math.Round(gains[k])) - o.Money
			out[at] = append(out[at], o)
		}
	}
	return nil
}

// gainAnew adds up what the options about disputes, or the others, bring by each menu.
func (m *Menu) gainAnew(c *Case, menus []*Menu, options []Option, by []*Agency, disputed bool) {
	if !slices.ContainsFunc(options, func(o Option) bool { return m.Actions[o.Action].Disputed == disputed }) {
		return
	}
	claims, r := c.claims, m.record(c)
	if disputed {
		claims = c.disputes
	}
	for i := range claims {
		cl := &claims[i]
		self := m.read(c, cl)
		for at, menu := range menus {
			of, gains := menu.on(c), c.gains[at*len(options):]
			for k := range options {
				action := options[k].Action
				if m.Actions[action].Disputed != disputed {
					continue
				}
				gain, _, _ := menu.gain(c, of.kernels[action], action, cl, by[k], menu.strength(of, action, self, &r))
				gains[k] += float64(cl.worth() * gain)
			}
		}
	}
}
