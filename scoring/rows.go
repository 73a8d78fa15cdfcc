package scoring

// Pos is where a row stands in the exports: the file's index in the run's list in the
// upper 20 bits, the row's place within the file (a byte offset or a row number) in the
// lower 44. It orders the rows of one export, so that "the first row" has a meaning
// whatever the order in which rows are processed.
type Pos uint64

// MakePos packs a file index and a place within that file.
func MakePos(file int, place int64) Pos { return Pos(uint64(file)<<44 | uint64(place)&(1<<44-1)) }

// File is the index of the file in the run's list of input files.
func (p Pos) File() int { return int(p >> 44) }

// Place is the row's place within its file.
func (p Pos) Place() int64 { return int64(p & (1<<44 - 1)) }

// InvoiceKind tells what a row of the invoices export is.
type InvoiceKind uint8

// The kinds of the invoices export. The zero kind is an ordinary invoice; a negative amount
// makes any kind a credit note.
const (
	KindInvoice InvoiceKind = iota
	KindCreditNote
	KindDebitNote
)

// PaymentKind tells what a row of the payments export is.
type PaymentKind uint8

// The kinds of the payments export.
const (
	KindPayment PaymentKind = iota
	KindReversal
	KindWriteOff
	KindDiscount
)

// Invoice is one row of the invoices export. Strings may point into a shard's blob and
// live as long as it does.
type Invoice struct {
	Customer   string
	ID         string
	AppliesTo  string // the invoice a credit note belongs to, or ""
	Instalment int32  // 0 where the export has none
	Issue      Day
	Due        Day    // NoDay where only Terms is given
	Terms      string // "" where Due is given
	Amount     Decimal
	Currency   Currency // NoCurrency where the export has none
	Kind       InvoiceKind
	Known      Day // NoDay where the export has no known_at
	Pos        Pos
}

// Payment is one row of the payments export.
type Payment struct {
	Customer   string
	ID         string
	Invoice    string // what it settles, or ""
	Instalment int32
	Paid       Day
	Amount     Decimal // as written; a reversal may be written with either sign
	Currency   Currency
	Kind       PaymentKind
	Known      Day
	Pos        Pos
}

// Relationship is how much the tie to a customer matters, from the customers export.
type Relationship uint8

// The relationships; the zero value is regular.
const (
	Regular Relationship = iota
	Strategic
	Minor
)

// Master is one row of the customers export. Amounts are as written; their currency is
// Currency, else the reporting currency.
type Master struct {
	Customer      string
	Name          string
	Parent        string
	Currency      Currency
	CreditLimit   Decimal
	HasLimit      bool
	Terms         string
	Segment       string
	Region        string
	Language      string
	Relationship  Relationship
	AnnualMargin  Decimal
	HasMargin     bool
	Collector     string
	TravelMinutes float64 // 0 where unknown
	Email         string
	Phone         string
	Contacts      string
	Guarantor     string
	Collateral    Decimal
	HasCollateral bool
	Bureau        float64 // NaN where unknown
	DoNotContact  bool
	Insolvent     bool
	Represented   bool
	Since         Day
	Pos           Pos
}

// Activity is one row of the activities export: a contact, a promise, a reason for arrears.
type Activity struct {
	Customer      string
	ID            string
	Done          Day
	Action        string
	Outcome       string
	Reason        string
	PromiseDate   Day // NoDay without a promise
	PromiseAmount Decimal
	HasPromise    bool // a promise amount is given
	Minutes       float64
	Collector     string
	Invoice       string
	Randomised    bool
	Agency        string // with which the account was placed, "" where it was not
	Known         Day
	Pos           Pos
}

// Dispute is one row of the disputes export, with the customer that owns the invoice
// filled in by whoever routes it.
type Dispute struct {
	Customer  string
	ID        string
	Invoice   string
	Opened    Day
	Closed    Day // NoDay while open
	Amount    Decimal
	HasAmount bool // without one the whole open amount is disputed
	Reason    string
	Known     Day
	Pos       Pos
}

// Rows is everything the exports say about one customer. Slices are in no particular
// order; Rebuild orders them by their keys.
type Rows struct {
	Customer   string
	Masters    []Master // more than one is a duplicate key
	Invoices   []Invoice
	Payments   []Payment
	Activities []Activity
	Disputes   []Dispute

	packed *packedRows // invoices and payments that are not in those slices yet; nil without
}
