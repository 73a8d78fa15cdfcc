package hazard

// AgeBins is the number of bins of days relative to the due date over which the pooled life
// table and a customer's exposure are kept.
const AgeBins = 24

// ageEdges are the lower edges of the bins 1..AgeBins-1, in days relative to the due date.
// Bin 0 is everything before the first edge.
var ageEdges = [AgeBins - 1]int32{firstEdge, -45, -30, -21, -14, -10, -7, -4, -2, 0, 1, 3, 6, 9, 13, 18, 25, 32, 46, 61, 91, 121, lastEdge}

// The first edge and the last, and the days between them.
const (
	firstEdge, lastEdge = -60, 181
	ageSpan             = lastEdge - firstEdge
)

// Past is what one customer's history says at one date, whatever the item. It is shared by
// the landmarks of that customer at that date. It holds only what was known then.
type Past struct {
	// Paid and Exposed are the frailty's sums (methods: O and E): Paid counts payment events
	// with weight exp(-age/365 days); Exposed[b] is the business days that items of the
	// customer spent open in age bin b, same weights. Open items count for the time they
	// have been open. The expected count under a life table is the dot product with it.
	Paid    float64
	Exposed [AgeBins]float32
	PaidAt  [AgeBins]float32 // Paid by the age bin of the payment; all zero where it is not kept

	LateMean     float64 // recency-weighted mean days late of settled items, open overdue items counted at their age when above it; NaN without any
	LateShare    float64 // recency-weighted share of items late, same population; NaN without any
	LateWeight   float64 // the sum of those weights
	Settled      int32   // settled items
	LogMean      float64 // mean log amount of the customer's items, NaN without any
	OpenItems    int32
	OpenOverdue  int32
	Utilization  float64 // exposure / limit, NaN without a limit
	Tenure       int32   // days since the first invoice or customer_since
	Kept, Broken int32   // promises
	Parted       int32   // payments that left more than a twentieth of an item open; not in the model, see PartRecord
	Rhythm       Rhythm  // the days on which the customer pays
	PayMonthEnd  float32 // recency-weighted share of payments in the last three business days of a month
	Bureau       float64 // outside score, NaN without
	SinceContact int32   // days since the last contact, -1 without
}

// Landmark is one open item seen at one date, with what was known then and, for past dates,
// what happened next. Days are day numbers since 1970-01-01; amounts are in major units of
// the reporting currency (they enter only through logarithms).
type Landmark struct {
	Date          int32
	Issue, Due    int32
	Open          float64 // open amount at Date
	Disputed      bool
	PromiseDue    int32   // days until a running promise falls due, -1 without one
	PromiseBroken bool    // the latest promise was broken
	Group         uint16  // any label of the caller's; the model does not look at it
	Came          float32 // outcome, for PartPayments: the share of Open that came in cash within CameDays (of a placement: see scoring.PlacedDays), up to the payment where there was one
	Past          *Past

	// Outcome, only for fitting and testing: Follow is the number of days after Date that
	// the item was followed, Paid whether it was paid on that day (cash of at least 95 % of Open),
	// else it is censored there: still open at the cut, credited, written off.
	Follow int32
	Paid   bool

	Key      uint64  // hash of customer, item and date: the order in which a fit takes landmarks, and leaves them out
	Customer uint64  // hash of the customer: landmarks of one customer are not independent
	Weight   float64 // 1 / sampling rate; 0 means 1
}

// Periods is the number of person-periods of a landmark that is followed to the cut: the intervals of Grid that begin before
// its follow-up ends.
func (l *Landmark) Periods() int { return periods(l.Follow) }

// periods is the number of intervals that begin before the follow-up ends.
func periods(follow int32) (n int) {
	for n < Intervals && start(n) < follow {
		n++
	}
	return n
}
