package scoring

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// notes is what activities and disputes say, and when.
type notes struct {
	contacts []contact // of all activities, by day and id
	promises []promise // by day and id
	disputes []dispute

	byKnown []int32 // promises by the day they became known
	next    int     // in byKnown
	needs   []int64 // of promises without an amount: what was overdue, by side

	// As judged last:
	kept, partly, broken int32
	level                int32   // broken since the last kept one
	running              []int32 // promises
	forAll               int32   // latest promise that names no invoice

	placed   bool      // an activity names an agency
	placings []placing // scratch

	cash []int64 // scratch: running sums of every side's receipts, one after another
	got  []int64 // scratch
	rows []span
}

// span is when a row counts: from the day it became known until an earlier duplicate did.
type span struct {
	known, until Day
	row          int32
	bad          bool
}

func (s *span) at(day Day) bool {
	return !s.bad && s.known <= day && (s.until == NoDay || day < s.until)
}

// contact is an activity.
type contact struct {
	span
	done    Day
	action  *Activity
	contact bool // we turned to the customer: not a promise, dispute or note for itself, nor the end of a placement
	reached bool // the right person heard it
}

// notContacts are the actions that only put something on record.
var notContacts = [...]string{"promise", "promise_to_pay", "ptp", "dispute", "note", "comment", "reason", LeftAlone}

// rightParty are the outcomes that only the right person can give.
var rightParty = [...]string{"reached", "right_party", "promise", "promised", "paid", "dispute", "disputed",
	"agreed", "plan", "refused", "withdrawn"}

// undelivered are the outcomes of messages that nobody got.
var undelivered = [...]string{"bounced", "undelivered", "undeliverable", "returned", "failed", "wrong_address", "blocked"}

// callBacks are the outcomes with which we promise to come back: on the row's promise_date or,
// without one, the next business day. That date is no promise of payment.
var callBacks = [...]string{"call_back", "callback", "call_back_promised"}

func oneOf(list []string, word string) bool {
	for _, w := range list {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// talks tells actions in which somebody answers or does not from messages that arrive or do not.
func talks(action string) bool {
	return strings.Contains(action, "call") || strings.Contains(action, "visit") || strings.Contains(action, "meeting") ||
		strings.Contains(action, "phone")
}

// landed tells whether an action came through: a talk with the right person, a message that
// was not returned.
func landed(a *Activity, reached bool) bool {
	return reached || !talks(a.Action) && !oneOf(undelivered[:], a.Outcome)
}

func (o *notes) admit(r *Rebuilder) {
	o.contacts, o.promises, o.disputes = o.contacts[:0], o.promises[:0], o.disputes[:0]
	o.byKnown, o.next, o.needs = o.byKnown[:0], 0, o.needs[:0]
	o.kept, o.partly, o.broken, o.level, o.forAll = 0, 0, 0, 0, none
	o.running, o.placed = o.running[:0], false
	if len(r.rows.Activities) > 0 {
		o.admitActivities(r)
	}
	if len(r.rows.Disputes) > 0 {
		o.admitDisputes(r)
	}
}

// spans are the rows of an export that exist as of the date and when each counts; on every day
// the first in the export of those with the same id. The others are refused.
func (o *notes) spans(r *Rebuilder, e Export, count int, row func(i int) (id string, value, known Day, pos Pos)) []span {
	o.rows = o.rows[:0]
	for i := range count {
		_, value, known, _ := row(i)
		if on := r.exists(e, value, known); on != NoDay {
			o.rows = append(o.rows, span{known: on, until: NoDay, row: int32(i)})
			r.out.Counts[e].Used++
		}
	}
	slices.SortFunc(o.rows, func(a, b span) int {
		x, _, _, px := row(int(a.row))
		y, _, _, py := row(int(b.row))
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(px, py))
	})
	column := map[Export]string{Activities: "activity_id", Disputes: "dispute_id"}[e]
	for i := 1; i < len(o.rows); i++ {
		id, _, _, pos := row(int(o.rows[i].row))
		if before, _, _, _ := row(int(o.rows[i-1].row)); before != id {
			continue
		}
		p := &o.rows[i-1]
		o.rows[i].until = p.known
		if p.until != NoDay {
			o.rows[i].until = min(p.known, p.until)
		}
		r.out.Counts[e].Used--
		r.refuse(e, pos, column, fmt.Sprintf("duplicate %s %q", column, id))
	}
	return o.rows
}

func (o *notes) admitActivities(r *Rebuilder) {
	rows := r.rows.Activities
	for _, s := range o.spans(r, Activities, len(rows), func(i int) (string, Day, Day, Pos) {
		return rows[i].ID, rows[i].Done, rows[i].Known, rows[i].Pos
	}) {
		a := &rows[s.row]
		reached := oneOf(rightParty[:], a.Outcome)
		o.placed = o.placed || a.Agency != ""
		o.contacts = append(o.contacts, contact{
			span: s, done: a.Done, action: a, reached: reached,
			contact: a.Action != "" && !oneOf(notContacts[:], a.Action) && a.endsPlacement() == PlacementRuns,
		})
		if withdrawn := strings.EqualFold(a.Outcome, "withdrawn"); (a.PromiseDate != NoDay || withdrawn) && !oneOf(callBacks[:], a.Outcome) {
			o.promises = append(o.promises, promise{
				span: s, id: a.ID, done: a.Done, date: a.PromiseDate, group: r.ledger.named(a.Invoice), withdraws: withdrawn,
				before: none, needs: -1,
			})
		}
	}
	slices.SortFunc(o.contacts, func(a, b contact) int {
		return cmp.Or(cmp.Compare(a.done, b.done), cmp.Compare(a.action.ID, b.action.ID), cmp.Compare(a.action.Pos, b.action.Pos))
	})
	slices.SortFunc(o.promises, func(a, b promise) int {
		return cmp.Or(cmp.Compare(a.done, b.done), cmp.Compare(a.id, b.id), cmp.Compare(rows[a.row].Pos, rows[b.row].Pos))
	})
	for i := range o.promises {
		p := &o.promises[i]
		if p.date != NoDay {
			p.deadline = r.env.Calendar.Add(p.date, int(r.env.PromiseTolerance))
		}
		if p.group != none {
			g := &r.ledger.groups[p.group]
			p.before, g.promises = g.promises, int32(i)
		}
		o.byKnown = append(o.byKnown, int32(i))
	}
	slices.SortStableFunc(o.byKnown, func(a, b int32) int { return cmp.Compare(o.promises[a].known, o.promises[b].known) })
}

// lastContact is the day of the latest contact known on a day, NoDay without one.
func (o *notes) lastContact(day Day) Day {
	for i := len(o.contacts) - 1; i >= 0; i-- {
		if c := &o.contacts[i]; c.contact && c.at(day) {
			return c.done
		}
	}
	return NoDay
}

// takenDays is how far back Account.Taken goes.
const takenDays = 400

// contacts fills in the account's columns about contacts.
func (r *Rebuilder) contacts(a *Account) {
	asOf := r.env.AsOf
	a.LastContact, a.CallBack = r.notes.lastContact(asOf), NoDay
	total, reached := 0, 0
	for i := range r.notes.contacts {
		c := &r.notes.contacts[i]
		if !c.at(asOf) {
			continue
		}
		if c.action.Reason != "" {
			a.Reason = c.action.Reason
		}
		if !c.contact {
			continue
		}
		if oneOf(callBacks[:], c.action.Outcome) {
			if a.CallBack = c.action.PromiseDate; a.CallBack == NoDay {
				a.CallBack = r.env.Calendar.Add(c.done, 1)
			}
		} else if landed(c.action, c.reached) {
			a.CallBack = NoDay
		}
		total++
		if c.reached {
			reached++
		}
		age := asOf - c.done
		if age < 7 {
			a.Contacts7++
		}
		if age < 30 {
			a.Contacts30++
		}
		if age < takenDays {
			a.Taken = append(a.Taken, Taken{Action: c.action.Action, On: c.done, Reached: landed(c.action, c.reached)})
		}
	}
	a.RightPartyRate = nan
	if total > 0 {
		a.RightPartyRate = float64(reached) / float64(total)
	}
}

// dispute is one row of the disputes export.
type dispute struct {
	span
	closed Day // NoDay while open
	before int32
}

func (o *notes) admitDisputes(r *Rebuilder) {
	rows := r.rows.Disputes
	for _, s := range o.spans(r, Disputes, len(rows), func(i int) (string, Day, Day, Pos) {
		return rows[i].ID, rows[i].Opened, rows[i].Known, rows[i].Pos
	}) {
		v := &rows[s.row]
		d := dispute{span: s, closed: v.Closed, before: none}
		if v.Closed != NoDay && v.Known == NoDay {
			d.closed = r.env.knownOn(v.Closed, NoDay)
		}
		if at := r.ledger.named(v.Invoice); at != none {
			g := &r.ledger.groups[at]
			d.before, g.disputes = g.disputes, int32(len(o.disputes))
		}
		o.disputes = append(o.disputes, d)
	}
}

func (d *dispute) open(day Day) bool { return d.at(day) && (d.closed == NoDay || d.closed > day) }

// disputed is how much of an item's open amount is disputed on a day: that of its invoice's open
// disputes, the items due first first.
func (r *Rebuilder) disputed(n *node, day Day) int64 {
	if n.of == none || r.ledger.groups[n.of].disputes == none {
		return 0
	}
	l := &r.ledger
	total, whole := Sum{}, false
	for at := l.groups[n.of].disputes; at != none; at = r.notes.disputes[at].before {
		d := &r.notes.disputes[at]
		if !d.open(day) {
			continue
		}
		v := &r.rows.Disputes[d.row]
		if !v.HasAmount {
			whole = true
		} else if amount, err := minorOf(v.Amount, l.sides[n.cur].currency); err == nil {
			total.Add(max(amount, 0))
		}
	}
	if whole {
		return n.open
	}
	rest, ok := total.Int64()
	if !ok {
		return n.open
	}
	for at := l.groups[n.of].items; at != none && rest > 0; at = l.nodes[at].next {
		o := &l.nodes[at]
		if o.class != claim || o.cur != n.cur {
			continue
		}
		if o == n {
			return min(rest, n.open)
		}
		rest -= o.open
	}
	return 0
}

// checkDisputes refuses disputes whose amount cannot be in the currency of their invoice, and
// counts those about invoices nobody knows.
func (r *Rebuilder) checkDisputes() {
	l := &r.ledger
	for i := range r.notes.disputes {
		d := &r.notes.disputes[i]
		v := &r.rows.Disputes[d.row]
		if d.until != NoDay {
			continue
		}
		item := none
		if at := l.named(v.Invoice); at != none {
			item = l.groups[at].items
		}
		if item == none {
			if d.open(r.env.AsOf) {
				r.out.Warnings.UnknownDisputes++
			}
			continue
		}
		if !v.HasAmount {
			continue
		}
		if _, err := minorOf(v.Amount, l.sides[l.nodes[item].cur].currency); err != nil {
			r.refuse(Disputes, v.Pos, "amount", err.Error())
			r.out.Counts[Disputes].Used--
		}
	}
}
