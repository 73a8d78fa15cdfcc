package scoring

import (
	"fmt"

	"kaishu/scoring/hazard"
)

// Unapplied says what becomes of money that names no invoice: cash on account and credit
// notes that belong to no invoice.
type Unapplied uint8

// The ways with unapplied money.
const (
	UnappliedHold            Unapplied = iota // it stays on account until a row says otherwise
	UnappliedOldestFirst                      // it settles open items by due date, then id
	UnappliedExactThenOldest                  // first what it matches exactly, then the oldest
)

// Env is what is the same for every customer of a run. It is only read, and shared by
// goroutines. Rates and Calendar must be set.
type Env struct {
	AsOf      Day
	Reporting Currency
	Rates     *Rates
	Calendar  *Calendar
	Roll      Roll // of due dates that come from terms

	// ItemDigits are the decimals with which amounts of items are written, where those are more than the currency's own: an
	// amount that has more than 18 digits then is refused.
	ItemDigits int

	Grace     int32 // days past due up to which an invoice counts as on time
	Horizon   int32 // days within which what falls due is collectable already
	Unapplied Unapplied
	// ChargesFirst lets money that names no invoice settle debit notes before invoices, where it goes
	// to the oldest.
	ChargesFirst bool
	// BankFee is by how much cash may fall short of what it matches exactly, since banks keep
	// their fee, in minor units of the reporting currency. The shortfall stays open.
	BankFee int64
	// KnownLag is the business days from the value date of a row that has no known_at to the
	// day it is taken to have been known. 0: known on the value date.
	KnownLag         int32
	PromiseTolerance int32 // business days after its date before a promise counts as broken
	// PlacementTerm is the days that a placement with an agency lasts, the day itself included, and PlacementTerms those of
	// agencies that have other ones. 0: until it is ended, or paid.
	PlacementTerm  int32
	PlacementTerms map[string]int32

	LedgerOnly    bool  // leave out what only the models need: landmarks, of items too, and Outcome.Life
	LandmarkWeeks int32 // past landmarks at AsOf-7k days, k = 1..LandmarkWeeks; 0 for none
	LandmarkDays  []Day // where given, past landmarks at these days before AsOf instead, ascending, each once
	HistoryKept   bool  // keep Account.History
	ClosedKept    bool  // list Outcome.Closed
	TrialFrom     Day   // the first day of a comparison, see Trial; 0 for none
	WindowWeeks   int32 // contacts of the last 7k days are followed, see Window; 0 for none
}

// Export names one of the inputs that hold rows of customers.
type Export uint8

// The exports.
const (
	Invoices Export = iota
	Payments
	Customers
	Activities
	Disputes
	Exports = 5
)

var exportNames = [Exports]string{"invoices", "payments", "customers", "activities", "disputes"}

// String is the export's name in the configuration.
func (e Export) String() string {
	if int(e) < len(exportNames) {
		return exportNames[e]
	}
	return fmt.Sprintf("Export(%d)", uint8(e))
}

// Refusal is a row that could be read but not used: a duplicate key, an amount with more
// decimals than its currency has, unknown terms.
type Refusal struct {
	Export Export
	Pos    Pos
	Column string
	Cause  string
}

// Warnings counts what was odd but no fault of a row's own, as of the date.
type Warnings struct {
	UnknownInvoices int64 // payments that name an invoice or instalment nobody knows: on account
	OtherCurrency   int64 // payments in another currency than the invoice they name: on account
	OverAllocated   int64 // payments beyond the balance of the invoice they name: the rest is on account
	UnknownCredits  int64 // credit notes that belong to an invoice nobody knows: on account
	Uncovered       int64 // reversals and refunds of money that never came in: owed by the customer
	UnknownDisputes int64 // open disputes about an invoice nobody knows
	LagAssumed      int64 // rows without known_at that were taken to be known KnownLag days later
}

// Merge adds o to w.
func (w *Warnings) Merge(o *Warnings) {
	w.UnknownInvoices += o.UnknownInvoices
	w.OtherCurrency += o.OtherCurrency
	w.OverAllocated += o.OverAllocated
	w.UnknownCredits += o.UnknownCredits
	w.Uncovered += o.Uncovered
	w.UnknownDisputes += o.UnknownDisputes
	w.LagAssumed += o.LagAssumed
}

// Outcome is what Rebuild makes of one customer's rows. Strings in it point to where those of
// the rows point. A Rebuilder's outcome holds until its next customer; of what it points to, the
// slices of the Account are its own and stay.
type Outcome struct {
	Account  Account
	Refused  []Refusal      // by export, then place
	Counts   [Exports]Fates // rows by export
	Written  []Written      // rows and amounts by currency as written, ascending
	Totals   []Totals       // by currency, ascending
	Life     hazard.LifeTable
	Closed   []Closed // items with a balance of zero, in the order of Account.Items; only where Env.ClosedKept
	Warnings Warnings
	// Tied is nil when the customer's ledger adds up, else which of its identities does not
	// hold. It is never an error of the input.
	Tied error
}

// Rebuilder turns one customer's rows after another's into accounts, reusing its memory. The
// zero value is ready; a Rebuilder serves one goroutine.
type Rebuilder struct {
	// WindowsBelow and LotBelow are the bounds under which the key of a contact must lie for it to be
	// followed, where Env.WindowWeeks asks for that: of one that was made or withheld by lot, LotBelow.
	WindowsBelow, LotBelow uint64

	env  *Env
	rows *Rows
	out  Outcome

	alike    [Payments + 1]alike
	fetched  byte // of no meaning: keeps the reads of fetchInvoices and fetchPayments
	terms    termsCache
	ledger   ledger
	past     history
	back     lookback
	risk     atRisk
	notes    notes
	marks    marks
	flows    flows
	unit     []float64 // of the latest view
	nominals nominals
	weighted []weighted // scratch

	closedAt   []closedAt
	closedList []Closed
	even       evens
	watch      watch
	tried      bool // the account before Env.TrialFrom has been looked at
	together   bool // never play items apart; of tests
}

// Rebuild turns one customer's rows into its account as of a date, as a Rebuilder does.
func Rebuild(rows *Rows, env *Env, below uint64) (*Outcome, error) {
	return new(Rebuilder).Rebuild(rows, env, below)
}

// Rebuild turns one customer's rows into its account as of a date. It is a pure function: the
// order of the rows does not matter, and rows dated or known after the date change nothing
// but the counts of rows not yet known.
//
//  1. Rows that exist as of the date are admitted: dated, in minor units, without duplicates.
//  2. They are played in the order in which they became known, so that after each day the
//     ledger is what a run as of that day would have found. Landmarks of past dates are
//     taken on the way; those with a LandmarkGate below `below` are kept.
//  3. What is open or settled at the end is the account.
//
// An error is only what must stop the run, a currency without a usable rate (NoRate) or amounts that come to
// more than 18 digits (TooLarge), and names the customer.
func (r *Rebuilder) Rebuild(rows *Rows, env *Env, below uint64) (*Outcome, error) {
	r.env, r.rows, r.marks.below = env, rows, below
	defer func() { r.rows = nil }()
	if err := r.begin(); err != nil {
		return nil, fmt.Errorf("customer %s: %w", rows.Customer, err)
	}
	if r.ledger.apart {
		r.playApart()
	} else {
		r.play()
	}
	r.refuseBad()
	if err := r.account(); err != nil {
		return nil, fmt.Errorf("customer %s: %w", rows.Customer, err)
	}
	r.total()
	r.portfolio()
	if env.ClosedKept {
		if err := r.closed(); err != nil {
			return nil, fmt.Errorf("customer %s: %w", rows.Customer, err)
		}
	}
	return &r.out, nil
}

// begin admits the rows. Where only some of those that were packed have been, and they turn out to be no such that can be
// played apart, it begins anew with all of them.
func (r *Rebuilder) begin() error {
	for {
		r.out = Outcome{
			Account: Account{Customer: r.rows.Customer, Master: Master{Customer: r.rows.Customer, Since: NoDay, Bureau: nan}},
			Written: r.out.Written[:0], Totals: r.out.Totals[:0],
		}
		if err := r.admit(); err != nil {
			return err
		}
		packed := r.even.packed
		if packed == nil || r.ledger.apart {
			return nil
		}
		if err := packed.unpack(); err != nil {
			return err
		}
	}
}

// play applies the admitted rows in the order in which they became known.
func (r *Rebuilder) play() {
	events, l := r.ledger.events, &r.ledger
	r.tried = false
	stop := r.nextStop()
	for i := 0; i < len(events); {
		day := events[i].known()
		if day > stop {
			r.stopBefore(day)
			stop = r.nextStop()
		}
		if r.notes.waiting() {
			r.notes.openPromises(r, day-1)
		}
		for {
			e := events[i]
			l.take(e)
			if i++; i < len(events) && events[i].at == e.at {
				continue // all of one moment first
			}
			if l.env.Unapplied != UnappliedHold && e.phase != phaseReplaced { // what replaces it follows
				l.match()
			}
			if i == len(events) || events[i].known() != day {
				break
			}
		}
		r.closeDay(day)
	}
	r.stopBefore(r.env.AsOf)
	r.trialBefore(r.env.AsOf + 1)
	r.endLandmarks()
}

// refuseBad refuses the rows that turned out to be bad while they were played.
func (r *Rebuilder) refuseBad() {
	l := &r.ledger
	for _, b := range l.bad {
		n := &l.nodes[b.node]
		if n.until == NoDay { // else refused as a duplicate already
			v := &r.rows.Payments[n.row]
			r.refuse(Payments, v.Pos, "amount", b.cause.Error())
			r.recount(Payments, v.Currency, v.Amount)
		}
	}
}

// stopBefore takes from the ledger what is wanted of it at the end of dates before a day; the ledger is at
// the end of the last day before it on which anything became known.
func (r *Rebuilder) stopBefore(day Day) {
	r.landmarksBefore(day)
	r.windowsBefore(day)
	r.trialBefore(day)
	r.endsBefore(day)
}

// nextStop is the first date for which stopBefore has something to do.
func (r *Rebuilder) nextStop() Day {
	stop := r.marks.next
	if w := &r.watch; w.next < len(w.list) {
		stop = min(stop, w.list[w.next].On-1)
	}
	if from := r.env.TrialFrom; from != 0 && !r.tried {
		stop = min(stop, from-1)
	}
	if f := &r.flows; f.next > 0 {
		stop = min(stop, f.ends[f.next])
	}
	return stop
}

// closeDay draws the conclusions of a day on which something became known: which items are
// settled now, which landmarks have seen their payment, what the day's promises are about.
func (r *Rebuilder) closeDay(day Day) {
	l := &r.ledger
	for _, i := range l.touched {
		l.nodes[i].touched = false
		r.closeItem(i, day)
	}
	l.touched = l.touched[:0]
	if r.notes.waiting() {
		r.notes.openPromises(r, day)
	}
}

// closeItem draws the conclusions about an item that changed on a day.
func (r *Rebuilder) closeItem(i int32, day Day) {
	n := &r.ledger.nodes[i]
	if n.follow != none {
		r.marks.follow(n, day)
	}
	if n.cashDay > 0 && n.open > (n.open+n.cashDay)/20 {
		r.past.on.parted++
	}
	n.cashDay = 0
	r.resettle(i, day)
}
