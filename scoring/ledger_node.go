package scoring

// class is what a node does to the balance.
type class uint8

const (
	claim class = iota // an invoice or debit note
	// Claims from the payments export: they take back credits of the class in takes.
	returned     // a reversal
	refund       // a negative payment
	undoWriteOff // a negative write-off
	undoDiscount // a negative discount
	creditNote   // a credit from the invoices export
	cash         // credits from the payments export
	discount
	writeOff
	classes = iota
)

func (c class) credits() bool { return c >= creditNote }

// takes is the class of credits that a claim from the payments export takes back.
func (c class) takes() class {
	switch c {
	case undoWriteOff:
		return writeOff
	case undoDiscount:
		return discount
	}
	return cash
}

// none ends a chain of nodes, edges and so on.
const none = int32(-1)

// node is one row of the invoices or payments export. It holds no pointer, so that neither the collector nor who clears one
// has to mind; its id is that of the row.
type node struct {
	hash   uint64 // of the id
	amount int64  // minor units, never negative
	open   int64  // what no edge covers, 0..amount

	value    Day // issued or paid on
	due      Day
	known    Day
	until    Day // the row is replaced by an earlier duplicate that becomes known then, or NoDay
	counted  Day // up to when history.open counts it, NoDay where it does not
	reopened Day // the latest day on which an allocation was taken back
	settled  Day // the day the balance reached zero, NoDay while it has not

	of    int32 // group of the node's own id (invoices export)
	names int32 // group it names: the invoice paid, or the one a credit note belongs to
	next  int32 // in the chain of the group of its own id
	later int32 // in the chain of the group it names

	edges   int32 // latest edge
	follow  int32 // latest landmark that follows the item
	cashDay int64 // cash allocated on the day being played, less what was taken back

	instalment int32
	row        int32 // in its export
	kind       uint8 // InvoiceKind or PaymentKind
	class      class
	cur        uint8

	inferred bool // the currency is not the row's own and depends on what is known
	guessed  bool // the amount has been put into the currency that is mostly inferred
	present  bool // has entered and was not replaced
	touched  bool // in ledger.touched
	live     bool // in ledger.live
	waiting  bool // in the chain of the group it names
	pooled   bool // in the side's credits on account
	booked   bool // in the side's book of open items
	paid     bool // settled by cash, while settled is set
}

// edge is an allocation.
type edge struct {
	from, to   int32 // credit and claim
	amount     int64
	value      Day   // from when it counts
	before     int32 // the edge before it of the same credit
	beforeThat int32 // the edge before it of the same claim
}
