package scoring

import (
	"encoding/binary"
	"errors"
	"math"

	"kaishu/scoring/hazard"
)

// Accounts are encoded like rows, of uvarints, strings after their length and flag bits, so that the many that
// a night keeps take a fifth of the memory and none of the collector's time. Such bytes live no longer than the
// run that wrote them: they have no version.

// AppendAccount appends the encoding of an account to dst: all of it but History, Landmarks and Windows, which
// are taken from an account as soon as it is made. The items of an account share one Past.
func AppendAccount(dst []byte, a *Account) []byte {
	dst = appendString(dst, a.Customer)
	flags := a.flags()
	for i, set := range flags {
		if i%8 == 0 {
			dst = append(dst, 0)
		}
		dst[len(dst)-1] |= flag(*set, i%8)
	}
	dst[len(dst)-1] |= flag(a.Placed != nil, len(flags)%8)
	m := &a.Master
	dst = binary.LittleEndian.AppendUint16(dst, uint16(m.Currency))
	dst = append(dst, byte(m.Relationship), byte(a.PayWeekday), byte(a.PayMonthDay))
	dst = appendPos(dst, m.Pos)
	for _, s := range a.texts() {
		dst = appendString(dst, *s)
	}
	for _, d := range [...]Decimal{m.CreditLimit, m.AnnualMargin, m.Collateral} {
		dst = appendDecimal(dst, d)
	}
	for _, v := range a.amounts() {
		dst = appendInt(dst, *v)
	}
	for _, v := range a.numbers() {
		dst = appendInt(dst, int64(*v))
	}
	for _, d := range a.days() {
		dst = appendRare(dst, *d)
	}
	for _, v := range a.measures() {
		dst = appendMeasure(dst, *v)
	}
	dst = binary.AppendUvarint(dst, uint64(len(a.Taken)))
	for i := range a.Taken {
		t := &a.Taken[i]
		dst = append(appendRare(appendString(dst, t.Action), t.On), flag(t.Reached, 0))
	}
	if a.Placed != nil {
		dst = appendPlacement(dst, a.Placed)
	}
	return appendItems(dst, a.Items)
}

// ReadAccount reads an account back, and returns what follows it in b. Its texts point into b; it reuses the room
// of Taken and Items, and past for what the items share.
func ReadAccount(b []byte, a *Account, past *hazard.Past) (rest []byte, err error) {
	at := 0
	a.Customer, at = getString(b, at)
	bits, flags := byte(0), a.flags()
	for i, set := range flags {
		if i%8 == 0 {
			bits, at = getByte(b, at)
		}
		*set = bits&(1<<(i%8)) != 0
	}
	placed := bits&(1<<(len(flags)%8)) != 0
	m := &a.Master
	m.Currency, at = getCurrency(b, at)
	var small [3]byte
	for i := range small {
		small[i], at = getByte(b, at)
	}
	m.Relationship, a.PayWeekday, a.PayMonthDay = Relationship(small[0]), int8(small[1]), int8(small[2])
	m.Pos, at = getPos(b, at)
	for _, s := range a.texts() {
		*s, at = getString(b, at)
	}
	for _, d := range [...]*Decimal{&m.CreditLimit, &m.AnnualMargin, &m.Collateral} {
		*d, at = getDecimal(b, at)
	}
	for _, v := range a.amounts() {
		*v, at = getInt(b, at)
	}
	for _, v := range a.numbers() {
		*v, at = getInt32(b, at)
	}
	for _, d := range a.days() {
		*d, at = getRare(b, at)
	}
	for _, v := range a.measures() {
		*v, at = getMeasure(b, at)
	}
	count, at := getCount(b, at)
	a.Taken = resize(a.Taken, count)
	for i := range a.Taken {
		t := &a.Taken[i]
		var reached byte
		t.Action, at = getString(b, at)
		t.On, at = getRare(b, at)
		reached, at = getByte(b, at)
		t.Reached = reached != 0
	}
	if a.Placed = nil; placed {
		a.Placed = &Placement{}
		at = getPlacement(b, at, a.Placed)
	}
	if a.Items, at = getItems(b, at, a.Items, past); at > len(b) {
		return nil, errors.New("an encoded account is damaged")
	}
	a.History, a.Landmarks, a.Windows = nil, nil, nil
	return b[at:], nil
}

// The fields of an account by type, in the order in which they are encoded.

func (a *Account) flags() [9]*bool {
	m := &a.Master
	return [...]*bool{&a.HasRow, &a.HasLimit, &a.Trial.Seen, &m.HasLimit, &m.HasMargin, &m.HasCollateral,
		&m.DoNotContact, &m.Insolvent, &m.Represented}
}

func (a *Account) texts() [13]*string {
	m := &a.Master
	return [...]*string{&a.Reason, &m.Customer, &m.Name, &m.Parent, &m.Terms, &m.Segment, &m.Region, &m.Language,
		&m.Collector, &m.Email, &m.Phone, &m.Contacts, &m.Guarantor}
}

func (a *Account) amounts() [20]*int64 {
	b, t := &a.Bucket, &a.Trial
	return [...]*int64{&a.Open, &a.Overdue, &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &a.Unapplied, &a.Disputed,
		&a.Promised, &a.Collectable, &a.Exposure, &a.Limit, &a.Margin, &a.Collateral, &t.Open, &t.Prior, &t.Cash}
}

func (a *Account) numbers() [19]*int32 {
	return [...]*int32{&a.PastDueMax, &a.PastDueBest, &a.Settled, &a.Delays, &a.OpenOverdue, &a.OpenItems, &a.DaysLateMax,
		&a.Recent.Settled, &a.Recent.Late, &a.Recent.DaysLate, &a.Returned, &a.PromisesBroken, &a.PromisesKept,
		&a.PromisesPartly, &a.PromisesOpen, &a.PromiseLevel, &a.Contacts7, &a.Contacts30, &a.Trial.PastDue}
}

func (a *Account) days() [7]*Day {
	return [...]*Day{&a.PromiseUntil, &a.PromiseBroke, &a.CallBack, &a.LastPayment, &a.LastContact, &a.FirstInvoice, &a.Master.Since}
}

func (a *Account) measures() [6]*float64 {
	return [...]*float64{&a.PastDueWeighted, &a.DaysLateMean, &a.DaysToPay, &a.RightPartyRate, &a.Master.TravelMinutes, &a.Master.Bureau}
}

// Bits of the two bytes that an item begins with, beside the kind in the lowest of the first.
const (
	itemKinds      = 1<<2 - 1
	itemInstalment = 1 << 2
	itemPartly     = 1 << 3 // the open amount is not the whole
	itemCurrency   = 1 << 4 // another than that of the item before
	itemConverted  = 1 << 5 // the amount in the reporting currency is another
	itemDisputed   = 1 << 6
	itemOtherKind  = 1 << 7 // written out

	itemSeen    = 1 << 0
	itemPast    = 1 << 1
	itemPromise = 1 << 2
	itemBroken  = 1 << 3
)

var itemKindNames = [...]string{kindNames[0], kindNames[1], kindNames[2], paymentItem}

func appendItems(dst []byte, items []Item) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(items)))
	var past *hazard.Past
	before := Currency(0)
	for i := range items {
		it := &items[i]
		s := &it.Landmark
		if s.Past != nil {
			past = s.Past
		}
		kind := 0
		for kind < len(itemKindNames) && itemKindNames[kind] != it.Kind {
			kind++
		}
		other := kind == len(itemKindNames)
		dst = append(dst, byte(kind)&itemKinds|flag(it.Instalment != 0, 2)|flag(it.Open != it.Amount, 3)|flag(it.Currency != before, 4)|
			flag(it.OpenBase != it.Open, 5)|flag(it.Disputed != 0, 6)|flag(other, 7),
			flag(*s != Seen{}, 0)|flag(s.Past != nil, 1)|flag(s.PromiseDue != -1, 2)|flag(s.PromiseBroken, 3))
		if other {
			dst = appendString(dst, it.Kind)
		}
		dst = appendString(dst, it.ID)
		dst = append(appendInt(appendInt(appendInt(dst, int64(it.Issue)-dayBase), int64(it.Due)-int64(it.Issue)), int64(it.PastDue)), byte(it.Bucket))
		dst = appendInt(dst, it.Amount)
		if it.Instalment != 0 {
			dst = appendInt(dst, int64(it.Instalment))
		}
		if it.Open != it.Amount {
			dst = appendInt(dst, it.Open)
		}
		if it.Currency != before {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(it.Currency))
			before = it.Currency
		}
		if it.OpenBase != it.Open {
			dst = appendInt(dst, it.OpenBase)
		}
		if it.Disputed != 0 {
			dst = appendInt(dst, it.Disputed)
		}
		if (*s != Seen{}) {
			dst = binary.LittleEndian.AppendUint64(appendFloat(dst, s.Open), s.Key)
			if s.PromiseDue != -1 {
				dst = appendInt(dst, int64(s.PromiseDue))
			}
		}
	}
	if past != nil {
		dst = appendPast(dst, past)
	}
	return dst
}

func getItems(b []byte, at int, items []Item, past *hazard.Past) ([]Item, int) {
	count, at := getCount(b, at)
	items = resize(items, count)
	before, shared := Currency(0), false
	for i := range items {
		it := &items[i]
		var head, more, bucket byte
		head, at = getByte(b, at)
		more, at = getByte(b, at)
		if it.Kind = itemKindNames[head&itemKinds]; head&itemOtherKind != 0 {
			it.Kind, at = getString(b, at)
		}
		it.ID, at = getString(b, at)
		it.Issue, at = getDay(b, at, dayBase)
		it.Due, at = getDay(b, at, int64(it.Issue))
		it.PastDue, at = getInt32(b, at)
		bucket, at = getByte(b, at)
		it.Bucket = Bucket(bucket)
		it.Amount, at = getInt(b, at)
		if it.Instalment = 0; head&itemInstalment != 0 {
			it.Instalment, at = getInt32(b, at)
		}
		if it.Open = it.Amount; head&itemPartly != 0 {
			it.Open, at = getInt(b, at)
		}
		if head&itemCurrency != 0 {
			before, at = getCurrency(b, at)
		}
		it.Currency = before
		if it.OpenBase = it.Open; head&itemConverted != 0 {
			it.OpenBase, at = getInt(b, at)
		}
		if it.Disputed = 0; head&itemDisputed != 0 {
			it.Disputed, at = getInt(b, at)
		}
		if it.Landmark = (Seen{}); more&itemSeen != 0 {
			s := &it.Landmark
			s.Open, at = getFloat(b, at)
			s.Key, at = getFixed(b, at)
			if s.PromiseDue = -1; more&itemPromise != 0 {
				s.PromiseDue, at = getInt32(b, at)
			}
			if s.PromiseBroken = more&itemBroken != 0; more&itemPast != 0 {
				s.Past, shared = past, true
			}
		}
	}
	if shared {
		at = getPast(b, at, past)
	}
	return items, at
}

// appendPast writes what the items share: of the lists only what is not zero.
func appendPast(dst []byte, p *hazard.Past) []byte {
	for _, v := range pastMeasures(p) {
		dst = appendMeasure(dst, *v)
	}
	for _, v := range pastNumbers(p) {
		dst = appendInt(dst, int64(*v))
	}
	r := &p.Rhythm
	dst = append(dst, r.Runs[0].Slot, r.Runs[1].Slot, r.Runs[2].Slot)
	dst = appendSparse(dst, []float32{r.Runs[0].Share, r.Runs[1].Share, r.Runs[2].Share, r.Days, p.PayMonthEnd})
	dst = appendSparse(dst, r.Weekday[:])
	dst = appendSparse(dst, p.Exposed[:])
	return appendSparse(dst, p.PaidAt[:])
}

func getPast(b []byte, at int, p *hazard.Past) int {
	for _, v := range pastMeasures(p) {
		*v, at = getMeasure(b, at)
	}
	for _, v := range pastNumbers(p) {
		*v, at = getInt32(b, at)
	}
	r := &p.Rhythm
	for i := range r.Runs {
		r.Runs[i].Slot, at = getByte(b, at)
	}
	var alone [len(r.Runs) + 2]float32
	at = getSparse(b, at, alone[:])
	for i := range r.Runs {
		r.Runs[i].Share = alone[i]
	}
	r.Days, p.PayMonthEnd = alone[len(r.Runs)], alone[len(r.Runs)+1]
	at = getSparse(b, at, r.Weekday[:])
	at = getSparse(b, at, p.Exposed[:])
	return getSparse(b, at, p.PaidAt[:])
}

func pastMeasures(p *hazard.Past) [7]*float64 {
	return [...]*float64{&p.Paid, &p.LateMean, &p.LateShare, &p.LateWeight, &p.LogMean, &p.Utilization, &p.Bureau}
}

func pastNumbers(p *hazard.Past) [8]*int32 {
	return [...]*int32{&p.Settled, &p.OpenItems, &p.OpenOverdue, &p.Tenure, &p.Kept, &p.Broken, &p.SinceContact, &p.Parted}
}

// appendSparse writes which of at most 32 floats are not zero, and those.
func appendSparse(dst []byte, list []float32) []byte {
	mask := uint64(0)
	for i, v := range list {
		if math.Float32bits(v) != 0 {
			mask |= 1 << i
		}
	}
	dst = binary.AppendUvarint(dst, mask)
	for _, v := range list {
		if bits := math.Float32bits(v); bits != 0 {
			dst = binary.LittleEndian.AppendUint32(dst, bits)
		}
	}
	return dst
}

func getSparse(b []byte, at int, list []float32) int {
	mask, at := getUint(b, at)
	for i := range list {
		if list[i] = 0; mask>>i&1 != 0 {
			if at+4 > len(b) {
				return nowhere
			}
			list[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[at:]))
			at += 4
		}
	}
	return at
}

// appendMeasure writes a float: one byte for zero and for missing, nine for others.
func appendMeasure(dst []byte, v float64) []byte {
	switch math.Float64bits(v) {
	case 0:
		return append(dst, 0)
	case math.Float64bits(nan):
		return append(dst, 1)
	}
	return appendFloat(append(dst, 2), v)
}

func getMeasure(b []byte, at int) (float64, int) {
	head, at := getByte(b, at)
	switch head {
	case 0:
		return 0, at
	case 1:
		return nan, at
	}
	return getFloat(b, at)
}

// appendRare writes a day that is often missing: as 0 then.
func appendRare(dst []byte, d Day) []byte {
	if d == NoDay {
		return append(dst, 0)
	}
	v := int64(d) - dayBase
	return binary.AppendUvarint(dst, (uint64(v)<<1^uint64(v>>63))+1)
}

func getRare(b []byte, at int) (Day, int) {
	v, at := getUint(b, at)
	if v == 0 {
		return NoDay, at
	}
	v--
	return Day(int64(v>>1) ^ -int64(v&1) + dayBase), at
}

// getCount reads the length of a list, each element of which takes a byte at least.
func getCount(b []byte, at int) (int, int) {
	v, at := getUint(b, at)
	if at > len(b) || v > uint64(len(b)-at) {
		return 0, nowhere
	}
	return int(v), at
}

// getFixed reads eight bytes.
func getFixed(b []byte, at int) (uint64, int) {
	if at+8 > len(b) {
		return 0, nowhere
	}
	return binary.LittleEndian.Uint64(b[at:]), at + 8
}
