package config

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Capacity is what a day's work can use.
type Capacity struct {
	// Resources are the resources that actions name, by name.
	Resources []Resource
	// MinuteCost is the least that a minute of work is worth, in the reporting currency: the
	// price of minutes when there are enough of them. Default .6 EUR, JPY 90.
	MinuteCost float64
	// Collectors are the people who work, by name. Without any, the collectors that the customers
	// export names share the work evenly.
	Collectors []Collector
	// Days are the capacities of single dates, which take the place of the others: by date,
	// collector and resource.
	Days []DayCapacity
}

// Resource is one thing that is scarce. PerDay is in minutes or slots, as its actions use it.
type Resource struct {
	Name   string
	PerDay float64
}

// Collector is one person who works the list: how much of which resource a day, and for whom.
// Where some collector has a figure for a resource, the resource is what they have together.
type Collector struct {
	Name string `json:"name"`
	// Languages, Regions and Segments are those of the customers that the person can take that
	// have no fixed collector; empty is any.
	Languages []string `json:"languages"`
	Regions   []string `json:"regions"`
	Segments  []string `json:"segments"`
	// PerDay are the person's own resources, by name.
	PerDay []Resource `json:"per_day"`
}

// MarshalJSON writes the mapping that the file holds: {"name":"col001","minutes":420}.
func (c Collector) MarshalJSON() ([]byte, error) {
	lists := []struct {
		key  string
		list []string
	}{{"languages", c.Languages}, {"regions", c.Regions}, {"segments", c.Segments}}
	return encodeObject(1+len(lists)+len(c.PerDay), func(i int) (string, any) {
		switch {
		case i == 0:
			return "name", c.Name
		case i <= len(lists):
			return lists[i-1].key, append([]string{}, lists[i-1].list...)
		}
		r := c.PerDay[i-1-len(lists)]
		return r.Name, r.PerDay
	})
}

// DayCapacity is the capacity of one resource on one date: of one collector, or with Collector ""
// of all together.
type DayCapacity struct {
	Date      string  `json:"date"`
	Resource  string  `json:"resource"`
	Collector string  `json:"collector,omitempty"`
	PerDay    float64 `json:"amount"`
}

// The keys of the capacity mapping that are no resources.
const (
	minuteCost    = "minute_cost"
	collectorsKey = "collectors"
	daysKey       = "days"
)

// reserved tells whether a name cannot be a resource's.
func reserved(name string) bool {
	return slices.Contains([]string{minuteCost, collectorsKey, daysKey, "name", "languages", "regions", "segments"}, name)
}

// PerDay is the capacity of the resource of that name, 0 when there is none.
func (c *Capacity) PerDay(name string) float64 {
	if r := c.find(name); r != nil {
		return r.PerDay
	}
	return 0
}

func (c *Capacity) find(name string) *Resource { return findResource(c.Resources, name) }

func findResource(list []Resource, name string) *Resource {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

// On is the capacity of a date, YYYY-MM-DD: resources and collectors with the figures of that date
// in their places. A resource of which some collector has a figure is what the collectors have
// together, unless the date gives it a figure of its own.
func (c *Capacity) On(date string) ([]Resource, []Collector) {
	resources, collectors := slices.Clone(c.Resources), slices.Clone(c.Collectors)
	for i := range collectors {
		collectors[i].PerDay = slices.Clone(collectors[i].PerDay)
	}
	for _, d := range c.Days {
		for i := range collectors {
			if p := &collectors[i]; d.Date == date && d.Collector == p.Name {
				p.PerDay = setResource(p.PerDay, d.Resource, d.PerDay)
			}
		}
	}
	for i := range resources {
		sum, any := 0.0, false
		for k := range collectors {
			if r := findResource(collectors[k].PerDay, resources[i].Name); r != nil {
				sum, any = sum+r.PerDay, true
			}
		}
		if any {
			resources[i].PerDay = sum
		}
	}
	for _, d := range c.Days {
		if d.Date == date && d.Collector == "" {
			resources = setResource(resources, d.Resource, d.PerDay)
		}
	}
	return resources, collectors
}

// setResource gives a resource its capacity and keeps the list in order.
func setResource(list []Resource, name string, perDay float64) []Resource {
	if r := findResource(list, name); r != nil {
		r.PerDay = perDay
		return list
	}
	list = append(list, Resource{name, perDay})
	slices.SortFunc(list, func(a, b Resource) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// MarshalJSON writes the mapping that the file holds: {"minute_cost":90,"minutes":960}.
func (c Capacity) MarshalJSON() ([]byte, error) {
	type member struct {
		name  string
		value any
	}
	list := []member{{minuteCost, c.MinuteCost}}
	if len(c.Collectors) > 0 {
		list = append(list, member{collectorsKey, c.Collectors})
	}
	if len(c.Days) > 0 {
		list = append(list, member{daysKey, c.Days})
	}
	for _, r := range c.Resources {
		list = append(list, member{r.Name, r.PerDay})
	}
	return encodeObject(len(list), func(i int) (string, any) { return list[i].name, list[i].value })
}

// parse reads capacities: of the resources that come with the defaults, and of those that
// an action names.
func (c *Capacity) parse(m *mapping, actions Actions, dir string) {
	m.number(minuteCost, &c.MinuteCost, 0, 1e12)
	var names []string
	for _, r := range c.Resources {
		names = append(names, r.Name)
	}
	for _, a := range actions {
		if isName(a.Resource) && !reserved(a.Resource) {
			names = append(names, a.Resource)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		if v, ok := m.given(name); ok {
			c.Resources = setResource(c.Resources, name, v)
		}
	}
	c.parseCollectors(m, names)
	c.parseDays(m, names, dir)
	m.done()
}

// given is the number at a key, if there is one.
func (m *mapping) given(key string) (float64, bool) {
	v := math.NaN()
	m.number(key, &v, 0, 1e12)
	return v, !math.IsNaN(v)
}

// list reads a list of mappings.
func (m *mapping) list(key string) []*mapping {
	n := m.get(key)
	if n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		m.fault(n, m.join(key), "", "is %s, not a list", describe(n))
		return nil
	}
	var out []*mapping
	for i, at := range n.Content {
		out = append(out, newMapping(m.faults, m.join(key)+"["+strconv.Itoa(i)+"]", at, at))
	}
	return out
}

func (c *Capacity) parseCollectors(m *mapping, resources []string) {
	for _, sub := range m.list(collectorsKey) {
		var p Collector
		if !sub.text("name", &p.Name) && !sub.broken {
			sub.fault(sub.node, sub.path, "", "has no name")
		}
		if slices.ContainsFunc(c.Collectors, func(o Collector) bool { return o.Name == p.Name }) {
			sub.fault(sub.keyNode("name"), sub.join("name"), "", "%q is there twice", shorten(p.Name))
		}
		p.Languages, _ = sub.texts("languages")
		p.Regions, _ = sub.texts("regions")
		p.Segments, _ = sub.texts("segments")
		for _, name := range resources {
			if v, ok := sub.given(name); ok {
				p.PerDay = append(p.PerDay, Resource{name, v})
			}
		}
		sub.done()
		c.Collectors = append(c.Collectors, p)
	}
	slices.SortFunc(c.Collectors, func(a, b Collector) int { return cmp.Compare(a.Name, b.Name) })
}

// parseDays reads the capacities of single dates: a list, or the path of a CSV file with the columns
// date, resource, amount and, where they are a collector's own, collector.
func (c *Capacity) parseDays(m *mapping, resources []string, dir string) {
	if n := m.get(daysKey); n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && n.Value != "" {
		c.readDays(m, n, resources, resolve(dir, n.Value))
	} else {
		for _, sub := range m.list(daysKey) {
			var d DayCapacity
			sub.date("date", &d.Date)
			sub.text("resource", &d.Resource)
			sub.text("collector", &d.Collector)
			d.PerDay = math.NaN()
			sub.number("amount", &d.PerDay, 0, 1e12)
			sub.done()
			if d.Date == "" || d.Resource == "" || math.IsNaN(d.PerDay) {
				sub.fault(sub.node, sub.path, "", "needs date, resource and amount")
				continue
			}
			if msg := c.wrong(&d, resources); msg != "" {
				sub.fault(sub.node, sub.path, "", "%s", msg)
			}
			c.Days = append(c.Days, d)
		}
	}
	slices.SortStableFunc(c.Days, func(a, b DayCapacity) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Collector, b.Collector), cmp.Compare(a.Resource, b.Resource))
	})
}

// wrong says what is wrong with a capacity of a date, "" when nothing is.
func (c *Capacity) wrong(d *DayCapacity, resources []string) string {
	switch {
	case !slices.Contains(resources, d.Resource):
		return strconv.Quote(shorten(d.Resource)) + " is not a resource of the menu"
	case d.Collector != "" && !slices.ContainsFunc(c.Collectors, func(p Collector) bool { return p.Name == d.Collector }):
		return strconv.Quote(shorten(d.Collector)) + " is not among the collectors"
	}
	return ""
}

// readDays reads the file of capacities by date. Lines about unknown resources or collectors are
// faults: they would go unnoticed.
func (c *Capacity) readDays(m *mapping, n *yaml.Node, resources []string, path string) {
	fault := func(format string, args ...any) { m.fault(n, m.join(daysKey), "", format, args...) }
	if strings.ContainsAny(path, "\x00\n\r") {
		fault("is %s, not a list or the path of a file", describe(n))
		return
	}
	data, err := readText(path)
	if err != nil {
		fault("reading capacities: %v", err)
		return
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := r.Read()
	if err != nil {
		fault("%s: has no header line", n.Value)
		return
	}
	at := func(row []string, name string) string {
		if i := slices.Index(header, name); i >= 0 {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	for _, name := range []string{"date", "resource", "amount"} {
		if !slices.Contains(header, name) {
			fault("%s: has no column %s", n.Value, name)
			return
		}
	}
	for bad := 0; bad < 3; {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			fault("%s: %v", n.Value, err)
			return
		}
		d := DayCapacity{Date: at(row, "date"), Resource: at(row, "resource"), Collector: at(row, "collector")}
		d.PerDay, err = strconv.ParseFloat(at(row, "amount"), 64)
		msg := c.wrong(&d, resources)
		switch {
		case !isDate(d.Date):
			msg = strconv.Quote(shorten(d.Date)) + " is not a date"
		case err != nil || !plainNumber(at(row, "amount")) || d.PerDay < 0 || d.PerDay > 1e12:
			msg = strconv.Quote(shorten(at(row, "amount"))) + " is not an amount"
		}
		if msg != "" {
			bad++
			fault("%s:%d: %s", n.Value, line, msg)
		}
		c.Days = append(c.Days, d)
	}
}
