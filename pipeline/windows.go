package pipeline

import (
	"slices"
	"strings"

	"kaishu/pipeline/config"
	"kaishu/scoring"
)

// The most items of windows that are kept of contacts made by lot and of others. Those of the lot
// settle a multiplier to within two per cent; of the others fifty expected payments count at most.
const (
	lotItems    = 300_000
	chosenItems = 50_000
)

// contacts are the windows of past contacts as the shards make them, thinned like landmarks so that
// memory does not grow with history.
type contacts struct {
	lot, chosen *sampler
	list        []scoring.Window // of the night, of no order; Group of their items labels the segment
	placed      []scoring.Window // likewise: of accounts that were placed with agencies
}

// newContacts is nil where nothing is learned.
func newContacts(env *scoring.Env) *contacts {
	if env.WindowWeeks == 0 {
		return nil
	}
	return &contacts{lot: newSampler(lotItems), chosen: newSampler(chosenItems)}
}

// of is the sampler of a window.
func (c *contacts) of(w *scoring.Window) *sampler {
	if w.Randomised || w.Agency != "" {
		return c.lot
	}
	return c.chosen
}

// bound tells a rebuilder which contacts to follow.
func (c *contacts) bound(r *scoring.Rebuilder) {
	r.WindowsBelow, r.LotBelow = 0, 0
	if c != nil {
		r.WindowsBelow, r.LotBelow = c.chosen.below(), c.lot.below()
	}
}

// add takes the windows of one customer into a shard: those of actions that the configuration knows,
// with the items that such an action is about; of those that name an agency, whatever the action is called.
func (c *contacts) add(s *shardSum, a *scoring.Account, actions config.Actions) {
	for i := range a.Windows {
		w := a.Windows[i]
		least := int32(1) // days past due
		if w.Agency != "" {
			if w.Agency = strings.Clone(w.Agency); !w.Landed {
				continue // handed back
			}
			w.Action = ""
		} else if act := actions.Find(w.Action); act != nil {
			w.Action = act.Name // not the row's, which goes with the shard
			least = int32(min(1, act.MinDaysPastDue))
		} else if w.Action == scoring.LeftAlone {
			w.Action = scoring.LeftAlone
		} else {
			continue
		}
		kept := w.Items[:0]
		for _, l := range w.Items {
			if l.Date-l.Due >= least && l.Follow > 1 { // what is paid on the day may have been paid before
				kept = append(kept, l)
			}
		}
		if w.Items = kept; len(kept) == 0 {
			continue
		}
		w.Reason = strings.Clone(w.Reason) // like the action
		s.segments.put(a.Master.Segment, w.Items)
		c.of(&w).count(w.Key, len(w.Items))
		s.windows = append(s.windows, w)
	}
	a.Windows = nil
}

// take adds a shard's windows to those of the night, with the labels that the shard's have there.
func (c *contacts) take(ws []scoring.Window, labels []uint16) {
	if c == nil {
		return
	}
	for _, w := range c.filter(ws) {
		for k := range w.Items {
			w.Items[k].Group = labels[w.Items[k].Group]
		}
		if w.Agency != "" {
			c.placed = append(c.placed, w)
			continue
		}
		c.list = append(c.list, w)
	}
}

// filter drops windows beyond the bounds.
func (c *contacts) filter(ws []scoring.Window) []scoring.Window {
	if len(ws) == 0 {
		return nil
	}
	return slices.DeleteFunc(ws, func(w scoring.Window) bool { return w.Key >= c.of(&w).below() })
}
