package pipeline

import (
	"context"
	"slices"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/scoring/treatment"
)

// What the options of a customer have in common with those of the one before is copied: every row says what it would say alone, also where
// people have figures of their own, effects differ by segment, a menu is cut short and a sheet is emptied between two customers.
func TestEveryOptionSaysWhatItWouldSayAlone(t *testing.T) {
	cfg, err := config.Load(generatedExports(t, fixtures.Options{Customers: 300, Seed: 4}))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Risk.MaxRows = 20_000
	minutes := func(v float64) []config.Resource { return []config.Resource{{Name: "minutes", PerDay: v}} }
	cfg.Capacity.Collectors = []config.Collector{
		{Name: "col001", PerDay: minutes(30)}, {Name: "col002", PerDay: minutes(60)}, {Name: "zoe", Languages: []string{"ja"}, PerDay: minutes(45)},
	}
	n, err := newNight(cfg, Options{Output: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	open := func(context.Context) error { return n.open() }
	for _, do := range []func(context.Context) error{open, n.read, n.rebuild, n.tie, n.fit, n.appraise, n.plan} {
		if err := do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list := decoded(t, n)
	for i, c := range list[:100] { // an effect of its own for some segment of some action
		act := &n.menu.Actions[i%len(n.menu.Actions)]
		act.Segments = append(act.Segments, treatment.SegmentEffect{Segment: c.Master.Segment, Source: "learned"})
	}
	for i, c := range list {
		switch {
		case i%7 == 0:
			c.options = c.options[:len(c.options)/2]
		case i%11 == 0:
			slices.Reverse(c.options)
		}
	}
	s := newSheet(optionColumns(n.currency.Digits()))
	draws, sources := map[string]bool{}, map[string]bool{}
	filled, first := 0, 0 // customers, and the first of them in the sheet
	check := func() error {
		if filled++; filled < len(list) && filled%50 != 0 {
			return nil
		}
		row := 0
		for _, c := range list[first:filled] {
			for k := range c.options {
				o := &c.options[k]
				act, pools := &n.menu.Actions[o.Action], n.pools(c.decision, o.Action)
				_, source := act.On(c.Master.Segment)
				draws[n.drawsOn(pools)], sources[source] = true, true
				for col, want := range map[int]string{optionCustomer: c.id, optionAction: act.Name, optionResource: act.Resource,
					optionDrawsOn: n.drawsOn(pools), optionSource: source, optionBlockedBy: string(o.BlockedBy), optionTone: o.Tone} {
					if got := s.StringAt(col, row); got != want {
						t.Fatalf("%s, %s: column %d says %q, want %q", c.id, act.Name, col, got, want)
					}
				}
				if got, want := s.DoubleAt(optionPrice, row), n.priced(pools, o.Units)/n.unit(); got != want {
					t.Fatalf("%s, %s: price %v, want %v", c.id, act.Name, got, want)
				}
				row++
			}
		}
		if row != s.Len() {
			t.Fatalf("%d rows of %d options", s.Len(), row)
		}
		s.Reset()
		first = filled
		return nil
	}
	list = slices.DeleteFunc(list, func(c *customer) bool { return len(c.options) == 0 })
	if err := n.fillOptions(s, 0, list, check); err != nil {
		t.Fatal(err)
	}
	if filled != len(list) || len(draws) < 3 || len(sources) < 2 {
		t.Errorf("%d of %d customers; they draw on %v, effects are %v", filled, len(list), draws, sources)
	}
}
