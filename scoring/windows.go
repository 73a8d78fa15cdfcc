package scoring

import (
	"slices"

	"kaishu/scoring/hazard"
)

// LeftAlone is the action of an activity that says that a customer was left alone by lot: with
// `randomised` it is the counterpart of the contacts that the lot has made. It is no contact.
const LeftAlone = "left_alone"

// Window is one contact of the past (or one that the lot withheld) with the items that were open
// on the day before, as they were known then, and what became of them. Time begins with the contact:
// an item that was paid before it is not in the window, and what was paid on the day itself may have
// come before the telephone rang, so that whoever counts begins with the day after.
type Window struct {
	Action     string // LeftAlone for a contact withheld
	On         Day    // of the contact; the landmarks of Items are of the day before
	Until      Day    // last day of the window: the day before the next contact that came through, of a placement its last day with the agency, else the as-of date
	Landed     bool   // it came through
	Randomised bool   // made, or withheld, by lot
	Quiet      bool   // no other contact came through in the quietDays days before
	Contacts30 int32  // contacts that came through in the 30 days before
	Reason     string // latest reason for arrears on record before; like Action it lives as long as the rows
	Agency     string // likewise: with which the account was placed, "" for a contact of our own
	GaveUp     bool   // of a placement: the agency handed it back
	Key        uint64 // hash of customer and day: the deterministic sampling key
	Items      []hazard.Landmark
}

// quietDays is how long before a window another contact must lie for the window to be Quiet.
const quietDays = 30

// PlacedDays is the days from the eve of a placement with an agency in which cash counts for Landmark.Came of its
// items, at most: what an agency recovers at all it mostly recovers within half a year.
const PlacedDays = 180

// watch follows contacts while the ledger is played. Its landmarks are followed by marks, like
// the others, and told from them by follower.window.
type watch struct {
	list     []Window
	contacts []int32 // of notes, of each in list
	next     int     // in list
}

// planWindows lists the contacts to follow: those of the last env.WindowWeeks weeks whose key lies below
// the bound. What came of a talk must be on record; without it nobody knows whether anybody was
// reached. Placements with agencies are few and are thinned like contacts by lot.
func (r *Rebuilder) planWindows() {
	w := &r.watch
	w.list, w.contacts, w.next = nil, w.contacts[:0], 0
	if r.env.WindowWeeks == 0 || len(r.notes.contacts) == 0 {
		return
	}
	asOf := r.env.AsOf
	from := asOf - 7*Day(r.env.WindowWeeks)
	var placings []placing
	if r.notes.placed {
		placings = r.placings(false)
	}
	for i := range r.notes.contacts {
		c := &r.notes.contacts[i]
		withheld := c.action.Action == LeftAlone
		if c.done <= from || c.done >= asOf || !c.at(asOf) || !c.contact && !withheld || withheld && !c.action.Randomised ||
			!withheld && c.action.Outcome == "" && talks(c.action.Action) {
			continue
		}
		key := scramble(r.marks.customer ^ scramble(uint64(uint32(c.done))))
		below := r.WindowsBelow
		if c.action.Randomised || c.action.Agency != "" {
			below = r.LotBelow
		}
		at := slices.IndexFunc(placings, func(p placing) bool { return p.first == int32(i) })
		if key >= below || c.action.Agency != "" && at < 0 { // what only goes on with a placement is none
			continue
		}
		one := Window{Action: c.action.Action, On: c.done, Until: asOf, Randomised: c.action.Randomised, Quiet: true, Key: key, Agency: c.action.Agency,
			Landed: !withheld && landed(c.action, c.reached)}
		r.surround(&one, i)
		if at >= 0 {
			one.endAs(&placings[at].Placement)
		}
		if one.Until <= one.On {
			continue
		}
		w.list, w.contacts = append(w.list, one), append(w.contacts, int32(i))
	}
}

// surround fills in what the contacts before and after contact i mean for its window. Of two that came
// through on one day the later one has the window.
func (r *Rebuilder) surround(w *Window, i int) {
	asOf := r.env.AsOf
	for k := i - 1; k >= 0 && w.Reason == ""; k-- {
		if c := &r.notes.contacts[k]; c.done < w.On && c.at(asOf) {
			w.Reason = c.action.Reason
		}
	}
	for k := i - 1; k >= 0; k-- {
		c := &r.notes.contacts[k]
		if w.On-c.done > quietDays {
			break
		}
		if !c.contact || !c.at(asOf) || c.done == w.On {
			continue
		}
		if !landed(c.action, c.reached) {
			continue
		}
		w.Quiet = false
		if w.On-1-c.done < 30 {
			w.Contacts30++
		}
	}
	for k := i + 1; k < len(r.notes.contacts) && w.Agency == ""; k++ {
		c := &r.notes.contacts[k]
		if c.contact && c.at(asOf) && landed(c.action, c.reached) {
			w.Until = min(w.Until, c.done-1)
			return
		}
	}
}

// endAs ends the window of a placement with it.
func (w *Window) endAs(p *Placement) {
	for _, day := range [...]Day{p.Until, p.Ended} {
		if day != NoDay {
			w.Until = min(w.Until, day)
		}
	}
	w.GaveUp = p.End == HandedBack
}

// windowsBefore opens the windows whose contact's eve lies before a day; the ledger is at the
// end of the last day before it on which anything became known.
func (r *Rebuilder) windowsBefore(day Day) {
	w := &r.watch
	for w.next < len(w.list) && w.list[w.next].On-1 < day {
		eve := w.list[w.next].On - 1
		open := false
		for _, i := range r.openItems() {
			open = open || r.ledger.nodes[i].due-eve <= Day(r.env.Horizon)
		}
		if !open { // nothing to ask for: nothing to follow
			for ; w.next < len(w.list) && w.list[w.next].On-1 == eve; w.next++ {
			}
			continue
		}
		v := r.see(eve, r.openItems())
		for ; w.next < len(w.list) && w.list[w.next].On-1 == eve; w.next++ {
			r.openWindow(&v)
		}
	}
}

// openWindow takes landmarks of the undisputed items that can be asked for.
func (r *Rebuilder) openWindow(v *view) {
	m, index := &r.marks, int32(r.watch.next)
	last := v.day + hazard.CameDays
	if w := &r.watch.list[index]; w.Agency != "" {
		last = min(v.day+PlacedDays, w.Until)
	}
	for _, i := range r.openItems() {
		n := &r.ledger.nodes[i]
		if n.due-v.day > Day(r.env.Horizon) {
			continue
		}
		mark := r.landmark(n, n.open, v)
		if mark.Disputed || mark.Open != mark.Open {
			continue
		}
		m.begin(n, mark, follower{last: last, window: index + 1})
	}
}

// endWindows takes the windows' landmarks out of the list of all, which have been followed to
// their end, and hands the windows over.
func (r *Rebuilder) endWindows() {
	w, m := &r.watch, &r.marks
	if len(w.list) == 0 {
		return
	}
	left := m.list[:0]
	for i := range m.list {
		if at := m.seen[i].window; at > 0 {
			one := &w.list[at-1]
			one.Items = append(one.Items, m.list[i])
		} else {
			left = append(left, m.list[i])
		}
	}
	m.list = left
	kept := w.list[:0]
	for i := range w.list {
		if len(w.list[i].Items) > 0 && !r.notes.contacts[w.contacts[i]].bad { // not refused while it was played
			kept = append(kept, w.list[i])
		}
	}
	r.out.Account.Windows, w.list = kept, nil
}
