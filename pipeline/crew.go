package pipeline

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"kaishu/pipeline/config"
	"kaishu/scoring"
)

// resource is one capacity of the day, in whole units: seconds where its actions take minutes,
// else slots. First come those of the menu, then of each the pools of its people.
type resource struct {
	name     string // on the menu
	people   string // of a pool: who has it, by name; "" is everyone
	minutes  bool
	inside   bool // all that draws on it is work inside the house
	capacity int64
	wage     float64 // what a unit of work costs even while capacity is left over, minor units; of a pool 0
	price    float64 // what it is worth today: the wage and what scarcity adds to it
}

// label is the resource in words: "minutes", "minutes of col001".
func (r *resource) label() string {
	if r.people == "" {
		return r.name
	}
	return r.name + " of " + r.people
}

// crew is the people of the day and what is theirs.
//
// A row that takes minutes takes them of the resource and, where people have figures of their own, of
// every pool that holds all the people who could work the row: the one collector of a customer with a
// fixed one, else those who take its language, region and segment. That is what any dealing out
// needs to come out even.
type crew struct {
	people []person
	byName map[string]int
	teams  []team // sets of people, as customers need them; the first is everyone
	teamOf map[caseKey]int
	pools  [][]int16 // per resource of the menu and team: the pools used
}

// caseKey is what decides who may work a customer.
type caseKey struct{ collector, language, region, segment string }

func keyOf(m *scoring.Master) caseKey { return caseKey{m.Collector, m.Language, m.Region, m.Segment} }

// caseKeys numbers the keys that there are, so that a decision can do with a number.
type caseKeys struct {
	list  []caseKey
	at    map[caseKey]int32
	taken []int32 // where others take them: their numbers there plus 1, 0 until they are asked for
}

// of is the number of a key, whose texts may go with a shard's rows.
func (k *caseKeys) of(key caseKey) int32 {
	at, met := k.at[key]
	if !met {
		if k.at == nil {
			k.at = map[caseKey]int32{}
		}
		for _, s := range []*string{&key.collector, &key.language, &key.region, &key.segment} {
			*s = strings.Clone(*s)
		}
		at = int32(len(k.list))
		k.list, k.at[key] = append(k.list, key), at
	}
	return at
}

// take is the number of a key that is number at of others: it is looked up once, not once a customer.
func (k *caseKeys) take(others *caseKeys, at int32) int32 {
	if others.taken == nil {
		others.taken = make([]int32, len(others.list))
	}
	if others.taken[at] == 0 {
		others.taken[at] = 1 + k.of(others.list[at])
	}
	return others.taken[at] - 1
}

// keyed is the key of a decision.
func (n *night) keyed(d *decision) *caseKey { return &n.keys.list[d.key] }

// person is one collector.
type person struct {
	config.Collector
	load float64 // minutes dealt out so far
	day  float64 // minutes there are, 0 where that is not said
	left []int64 // per resource of the menu, -1 where the person has no figure
}

// everyone is the team of work that does not stay with a customer's collector.
const everyone = 0

// team is a set of people, by place in the crew, ascending.
type team []int

// holds reports whether every one of o is in t.
func (t team) holds(o team) bool {
	for _, p := range o {
		if !slices.Contains(t, p) {
			return false
		}
	}
	return true
}

// makeResources takes the capacities that the menu draws on. The wage of a second is a
// sixtieth of the minute cost; that of a slot is the minute cost of the shortest action that uses
// it, at least a tenth of a minute, so that no effort is free.
func (n *night) makeResources() {
	resources, collectors := n.cfg.Capacity.On(n.workDay.String())
	at := map[string]int{}
	cost := n.unit() * n.cfg.Capacity.MinuteCost
	for _, r := range resources {
		res := resource{name: r.Name, capacity: int64(math.Floor(r.PerDay))}
		used, shortest := false, math.Inf(1)
		res.inside = true
		for _, a := range n.menu.Actions {
			if a.Resource == r.Name {
				used, res.minutes, shortest = true, a.PerMinute, min(shortest, a.Minutes)
				res.inside = res.inside && a.Channel == "internal"
			}
		}
		if !used {
			continue
		}
		if res.minutes {
			res.capacity, res.wage = units(r.PerDay, true), cost/60
		} else {
			res.wage = cost * max(shortest, .1)
		}
		at[res.name] = len(n.resources)
		n.resources = append(n.resources, res)
	}
	n.resourceOf = make([]int, len(n.menu.Actions))
	for k := range n.menu.Actions {
		r, known := at[n.menu.Actions[k].Resource]
		if n.resourceOf[k] = r; !known {
			n.resourceOf[k] = -1
		}
	}
	n.makeCrew(collectors, at)
}

// units is a capacity in units of its resource.
func units(perDay float64, minutes bool) int64 {
	if minutes {
		perDay *= 60
	}
	return int64(math.Floor(perDay))
}

// makeCrew gathers the people: those configured or else those whom the customers export names. The resources of the menu
// are at their names.
func (n *night) makeCrew(collectors []config.Collector, at map[string]int) {
	if len(collectors) == 0 {
		seen := map[string]bool{}
		for _, key := range n.keys.list {
			if name := key.collector; name != "" && !seen[name] {
				seen[name] = true
				collectors = append(collectors, config.Collector{Name: name})
			}
		}
		slices.SortFunc(collectors, func(a, b config.Collector) int { return cmp.Compare(a.Name, b.Name) })
	}
	crew := &n.crew
	*crew = crew.of(collectors, n.resources, at)
	menu := len(n.resources)
	all := make(team, len(crew.people))
	for i := range all {
		all[i] = i
	}
	crew.teams = []team{all}
	for _, c := range n.cases {
		if c.overdue > 0 || c.collectable > 0 {
			c.team = crew.find(n.keyed(c))
		}
	}
	for r := range menu {
		owned := slices.ContainsFunc(crew.people, func(p person) bool { return p.left[r] >= 0 })
		pool := make([]int, len(crew.teams)) // resource of each team's pool, 0 for none
		for t, people := range crew.teams {
			if owned && len(people) < len(crew.people) {
				pool[t] = len(n.resources)
				n.resources = append(n.resources, crew.pool(&n.resources[r], r, people))
			}
		}
		for _, people := range crew.teams {
			use := []int16{int16(r)}
			for t, wider := range crew.teams {
				if pool[t] > 0 && wider.holds(people) {
					use = append(use, int16(pool[t]))
				}
			}
			crew.pools = append(crew.pools, use)
		}
	}
}

func (crew) of(collectors []config.Collector, resources []resource, at map[string]int) crew {
	c := crew{byName: map[string]int{}, teamOf: map[caseKey]int{}}
	for i, p := range collectors {
		one := person{Collector: p, left: make([]int64, len(resources))}
		for r := range one.left {
			one.left[r] = -1
		}
		for _, own := range p.PerDay {
			if r, ok := at[own.Name]; ok {
				one.left[r] = units(own.PerDay, resources[r].minutes)
				if resources[r].minutes {
					one.day += own.PerDay
				}
			}
		}
		c.people, c.byName[p.Name] = append(c.people, one), i
	}
	if len(c.people) > 0 { // who has a figure of something that others have none of cannot do it
		for r := range resources {
			if slices.ContainsFunc(c.people, func(p person) bool { return p.left[r] >= 0 }) {
				for i := range c.people {
					c.people[i].left[r] = max(c.people[i].left[r], 0)
				}
			}
		}
	}
	return c
}

// pool is what some people have together of a resource of the menu.
func (c *crew) pool(of *resource, r int, people team) resource {
	p := resource{name: of.name, minutes: of.minutes, people: "nobody"}
	var names []string
	for _, i := range people {
		p.capacity += max(c.people[i].left[r], 0)
		names = append(names, c.people[i].Name)
	}
	if len(names) > 0 {
		p.people = strings.Join(names, "+")
	}
	return p
}

// find is the team of a customer: its fixed collector, where that is somebody of the crew, else all who
// take its language, region and segment.
func (c *crew) find(key *caseKey) int {
	if t, ok := c.teamOf[*key]; ok {
		return t
	}
	people := team{}
	if i, ok := c.byName[key.collector]; ok {
		people = append(people, i)
	} else {
		for i := range c.people {
			p := &c.people[i]
			if takes(p.Languages, key.language) && takes(p.Regions, key.region) && takes(p.Segments, key.segment) {
				people = append(people, i)
			}
		}
	}
	t := slices.IndexFunc(c.teams, func(o team) bool { return slices.Equal(o, people) })
	if t < 0 {
		t = len(c.teams)
		c.teams = append(c.teams, people)
	}
	c.teamOf[*key] = t
	return t
}

// takes reports whether a list that may be empty for "any" has a word.
func takes(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

// pools are the resources that an action draws on for a customer. They belong to the crew.
func (n *night) pools(c *decision, action int) []int16 {
	r := n.resourceOf[action]
	if r < 0 {
		return nil
	}
	return n.crew.pools[r*len(n.crew.teams)+n.teamFor(c, r)]
}

// uses appends those resources.
func (n *night) uses(out []int16, c *decision, action int32) []int16 {
	return append(out, n.pools(c, int(action))...)
}

// teamFor is the team that can do what draws on a resource of the menu for a customer: work inside the house
// goes to those who have figures of it, where somebody has, whoever the customer's collector is.
func (n *night) teamFor(c *decision, r int) int {
	if res := &n.resources[r]; res.inside && slices.ContainsFunc(n.crew.people, func(p person) bool { return p.left[r] >= 0 }) {
		return everyone
	}
	return c.team
}

// drawsOn names those resources, joined by semicolons.
func (n *night) drawsOn(pools []int16) string {
	if len(pools) == 1 { // as a rule
		return n.resources[pools[0]].label()
	}
	var labels []string
	for _, r := range pools {
		labels = append(labels, n.resources[r].label())
	}
	return strings.Join(labels, ";")
}

// dealOut names the collector of every chosen row: the customer's own, else the least loaded of those
// who can take it, the most valuable row first, ties by name. It returns the rows for which nobody has
// the minutes left, which happens when a day is cut too finely.
func (n *night) dealOut(rows []*decision) (over []*decision) {
	crew := &n.crew
	var free []*decision
	for _, c := range rows {
		r := n.resourceOf[c.chosen]
		passed := r >= 0 && c.team != everyone && n.teamFor(c, r) == everyone // on to whoever does it
		own := n.keyed(c).collector
		if i, ok := crew.byName[own]; ok && !passed {
			c.collector = own
			n.give(c, i)
		} else {
			free = append(free, c)
		}
	}
	slices.SortFunc(free, func(a, b *decision) int {
		return cmp.Or(-cmp.Compare(a.pick().value, b.pick().value), precedence(a, b))
	})
	for _, c := range free {
		o := c.pick()
		r := n.resourceOf[c.chosen]
		owned := r >= 0
		best := -1
		mustHave := false
		people := c.team
		if owned {
			people = n.teamFor(c, r)
		}
		for _, i := range crew.teams[people] {
			p := &crew.people[i]
			if owned && p.left[r] >= 0 {
				mustHave = true
				if p.left[r] < o.units {
					continue
				}
			}
			if best < 0 || p.share() < crew.people[best].share() {
				best = i
			}
		}
		switch {
		case best >= 0:
			c.collector = crew.people[best].Name
			n.give(c, best)
		case mustHave:
			over = append(over, c)
		}
	}
	return over
}

// share is how full a person's day is: of the minutes there are, or else in minutes.
func (p *person) share() float64 {
	if p.day > 0 {
		return p.load / p.day
	}
	return p.load
}

// give books a row on a person.
func (n *night) give(c *decision, i int) {
	p, o := &n.crew.people[i], c.pick()
	p.load += o.minutes
	if r := n.resourceOf[c.chosen]; r >= 0 && p.left[r] >= 0 {
		p.left[r] -= o.units
	}
}
