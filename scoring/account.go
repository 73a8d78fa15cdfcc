package scoring

import "kaishu/scoring/hazard"

// Bucket is an aging bucket.
type Bucket uint8

// The aging buckets: days past due 0 or less, 1-30, 31-60, 61-90, 91-120, over 120, and
// credits (cash on account, open credit notes).
const (
	NotDue Bucket = iota
	Days1To30
	Days31To60
	Days61To90
	Days91To120
	Over120
	OnAccount
	Buckets = 7
)

// Item is one open item: an invoice, an instalment, a credit note or cash on account with a
// balance other than zero on the as-of date. Amounts are in minor units of Currency; Base
// amounts in minor units of the reporting currency.
type Item struct {
	ID         string
	Instalment int32
	Kind       string // invoice, credit_note, debit_note, payment
	Issue, Due Day    // of cash on account: the day it came in
	Amount     int64
	Open       int64 // negative for credits
	Currency   Currency
	OpenBase   int64
	PastDue    int32 // as-of less due, negative before it is due
	Bucket     Bucket
	Disputed   int64 // minor units of Currency
	Landmark   Seen  // as of the as-of date; zero for credits
}

// Seen is what the landmark of an open item holds beyond the item itself: a quarter of its size, for the
// millions of items that are kept until they are scored.
type Seen struct {
	Open          float64      // in major units of the reporting currency, NaN without a rate
	Key           uint64       // as hazard.Landmark has it
	Past          *hazard.Past // shared by the items of a customer
	PromiseDue    int32        // days until a running promise falls due, -1 without one
	PromiseBroken bool         // the latest promise was broken
}

func seen(l hazard.Landmark) Seen {
	return Seen{Open: l.Open, Key: l.Key, Past: l.Past, PromiseDue: l.PromiseDue, PromiseBroken: l.PromiseBroken}
}

// AsLandmark is a positive item as the model sees it on the as-of date, without the customer's hash: it is only
// needed for fitting.
func (it *Item) AsLandmark() hazard.Landmark {
	s := &it.Landmark
	return hazard.Landmark{
		Date: int32(it.Due) + it.PastDue, Issue: int32(it.Issue), Due: int32(it.Due), Open: s.Open, Disputed: it.Disputed > 0,
		PromiseDue: s.PromiseDue, PromiseBroken: s.PromiseBroken, Past: s.Past, Key: s.Key,
	}
}

// Settled is an invoice (or instalment) whose balance reached zero on or before the as-of date.
type Settled struct {
	ID         string
	Instalment int32
	Kind       string
	Issue, Due Day
	Amount     int64
	Currency   Currency
	On         Day   // the day the balance reached zero
	DaysLate   int32 // On less Due, signed
	DaysToPay  int32 // On less Issue
	Cash       bool  // settled by cash at least in part; false when credited or written off
}

// Recent is how the latest settled items were paid, ten at most.
type Recent struct {
	Settled  int32 // items
	Late     int32 // of them, beyond the grace
	DaysLate int32 // median, the lower of two middle ones; signed
}

// Taken is one contact of the last 400 days: an action, its day, and whether somebody was
// reached (an undelivered letter or an unanswered call is an attempt).
type Taken struct {
	Action  string
	On      Day
	Reached bool
}

// Account is one customer on the as-of date. Amounts are minor units of the reporting
// currency. The columns of accounts.parquet are its fields under the contract's names.
type Account struct {
	Customer string
	Master   Master // zero but for Customer when the customers export has no such row
	HasRow   bool   // the customers export has a row

	Open, Overdue   int64
	Bucket          [Buckets]int64 // by bucket, of positive items; OnAccount is unused here
	Unapplied       int64          // cash on account and open credit notes, as a positive number
	Disputed        int64
	Promised        int64 // running promises
	Collectable     int64
	Exposure        int64
	Limit           int64
	HasLimit        bool
	Margin          int64 // annual margin, 0 where unknown
	Collateral      int64
	PastDueMax      int32
	PastDueBest     int32   // the same if the unapplied amount were used for the oldest items of its currency
	PastDueWeighted float64 // NaN without overdue items
	Settled         int32   // count of settled invoices
	Delays          int32
	OpenOverdue     int32
	OpenItems       int32   // positive ones
	DaysLateMean    float64 // NaN without settled invoices
	DaysLateMax     int32
	Recent          Recent
	DaysToPay       float64 // weighted by allocated cash, NaN without any
	Returned        int32   // reversals: returned debits, bounced cheques
	PromisesBroken  int32
	PromisesKept    int32
	PromisesPartly  int32
	PromisesOpen    int32
	PromiseLevel    int32 // promises broken since the last kept one
	PromiseUntil    Day   // latest date of a running promise, NoDay without
	PromiseBroke    Day   // last day, tolerance included, of the latest promise not kept in full, NoDay without
	CallBack        Day   // the day on which a call back was promised and has not come, NoDay without
	LastPayment     Day   // NoDay without
	LastContact     Day   // NoDay without
	Contacts7       int32
	Contacts30      int32
	RightPartyRate  float64 // NaN without contacts
	Reason          string  // latest reason for arrears
	FirstInvoice    Day
	PayWeekday      int8 // the weekday most cash comes in on (0 Sunday), -1 without a pattern
	PayMonthDay     int8 // the day of month most cash comes in on, 0 without a pattern

	Placed *Placement // with an agency, the latest; nil where it never was

	Taken []Taken // contacts of the last 400 days, oldest first

	Items     []Item            // sorted by due, id, instalment
	History   []Settled         // settled invoices as they became known; only where Env.HistoryKept
	Landmarks []hazard.Landmark // past weekly landmarks, sampled, by date; only where Env.LandmarkWeeks or LandmarkDays
	Trial     Trial             // only where Env.TrialFrom
	Windows   []Window          // contacts followed, by day; only where Env.WindowWeeks
}
