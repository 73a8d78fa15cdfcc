package hazard

// RunSlots is the number of days of the month on which a payment run can be held:
//
//	1..30   that day of the month or, where it is no business day, the next one
//	31      the last business day
//	32..61  the days 1..30 or, where that is no business day, the one before
//
// A run stays within its month: the 30th of February is its last business day, and so is a 30th whose
// next business day is in March; a 1st without a business day before it in the month is the first one.
const RunSlots = 62

// lastRunSlot is that of the last business day of a month.
const lastRunSlot = 31

// RunDays tells on which day a run of each slot is held in each month, over a table of days.
// It is read-only and may be shared.
type RunDays struct {
	first int32
	month []uint16          // of day first+i, counted from the month of first
	held  [][RunSlots]int32 // by month; slot 0 is unused
	slots []uint64          // of day first+i: those whose run is held then, as bits
}

// NewRunDays makes the table from prefix counts of business days as in Calendar. first must be the first
// day of a month, the last day of the table the last of one; monthDays are the numbers of
// days of those months.
func NewRunDays(first int32, business []int32, monthDays []int) *RunDays {
	r := &RunDays{first: first, month: make([]uint16, len(business)), held: make([][RunSlots]int32, len(monthDays)),
		slots: make([]uint64, len(business))}
	open := func(i int) bool {
		before := int32(0)
		if i > 0 {
			before = business[i-1]
		}
		return business[i] != before
	}
	at := 0
	for m, days := range monthDays {
		for i := range days {
			r.month[at+i] = uint16(m)
		}
		// after[i] is the first business day from day i of the month on, before[i] the last one up to it.
		var after, before [31]int
		next, last := -1, -1
		for i := days - 1; i >= 0; i-- {
			if open(at + i) {
				next = i
			}
			after[i] = next
		}
		for i := range days {
			if open(at + i) {
				last = i
			}
			before[i] = last
		}
		if last < 0 { // a month without any: runs are held on its last day
			last = days - 1
		}
		r.held[m] = heldIn(first+int32(at), days, &after, &before, int32(last))
		for k, day := range &r.held[m] {
			if k > 0 {
				r.slots[day-first] |= 1 << k
			}
		}
		at += days
	}
	return r
}

// heldIn is a month's row of the table. last is its last business day, as an index.
func heldIn(first int32, days int, after, before *[31]int, last int32) (held [RunSlots]int32) {
	held[0], held[lastRunSlot] = first, first+last
	for k := 1; k < lastRunSlot; k++ {
		i := min(k, days) - 1
		held[k], held[lastRunSlot+k] = first+last, first+last
		if after[i] >= 0 {
			held[k] = first + int32(after[i])
		}
		switch {
		case before[i] >= 0:
			held[lastRunSlot+k] = first + int32(before[i])
		case after[i] >= 0:
			held[lastRunSlot+k] = first + int32(after[i])
		}
	}
	return held
}

// On is the set of slots, as bits, whose run is held on a day; none outside the table.
func (r *RunDays) On(day int32) (slots uint64) {
	if r == nil {
		return 0
	}
	at := int64(day) - int64(r.first)
	if uint64(at) >= uint64(len(r.slots)) {
		return 0
	}
	return r.slots[at]
}

// upTo is the number of runs of a slot up to and including a day, from the table's first on. Outside
// the table they come twelve times in 365 days.
func (r *RunDays) upTo(slot uint8, day int32) int32 {
	at := int64(day) - int64(r.first)
	if n := int64(len(r.month)); uint64(at) >= uint64(n) {
		if at < 0 {
			return int32(floorDiv(12*at, 365))
		}
		return int32(int64(len(r.held)) + floorDiv(12*(at-n+1), 365))
	}
	m := r.month[at]
	n := int32(m)
	if day >= r.held[m][slot] {
		n++
	}
	return n
}
