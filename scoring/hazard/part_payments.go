package hazard

// Part payments. The model's event is that 95 % of an item has come; until then, a unit of the item may have come
// with a part. A customer's payments being parts or the whole by chance, with c the mean share that a part leaves
// open and q the chance of a part, payments at a hazard h make the event at (1-q)h and bring a unit in at
// (1-qc)h: a unit has the item's hazard times (1-qc)/(1-q), at whatever age and over whatever horizon. That
// factor is what is estimated, and by which Curve.Cash multiplies the hazard. The share of a unit that comes in
// never passes 1, and an action that multiplies the hazard of payments multiplies both. To first order it is the
// part-payment factor by which an amount is multiplied (share that comes over probability of the event), which falls towards 1 as
// the probability rises and so would be another one for every action and horizon.

// CameDays is the days after a landmark within which cash counts for Landmark.Came: 30 business days, over
// which a contact is valued.
const CameDays = 42

// The strength of what is believed of a factor before, in expected payments, is that of the calibration; and its
// bounds are far outside of what customers do who ever pay an item up.
const (
	partStrength = recentStrength
	minPart      = .5
	maxPart      = 5
)

// PartRecord is what a customer's own record says of part payments.
type PartRecord uint8

// The records, by the share of a customer's payments of items that left more than a twentieth open.
const (
	PartUnknown PartRecord = iota // fewer than five payments
	PartRarely                    // under 5 %
	PartSometimes
	PartOften  // from 10 % on
	PartMostly // from 30 % on
	partRecords
)

var partNames = [partRecords]string{"unknown", "rarely", "sometimes", "often", "mostly"}

// String is the record's name in outputs.
func (r PartRecord) String() string { return partNames[r] }

// leastRecord is the payments below which a customer has no record of its own.
const leastRecord = 5

// PartRecord is the record that a past shows. Settled items stand for the payments that were no parts.
func (p *Past) PartRecord() PartRecord {
	if p == nil {
		return PartUnknown
	}
	parts := int64(p.Parted)
	switch all := parts + int64(p.Settled); {
	case all < leastRecord:
		return PartUnknown
	case 20*parts < all:
		return PartRarely
	case 10*parts < all:
		return PartSometimes
	case 10*parts < 3*all:
		return PartOften
	}
	return PartMostly
}

// PartWindow is the CameDays after a landmark of the past.
type PartWindow struct {
	Record PartRecord
	Hazard float64 // of payment by the model, up to the end of the window or to where the item ended without payment
	Paid   bool    // within it
	Came   float64 // share of the open amount, see Landmark.Came
}

// PartWindow is the window of l as a model's curve of l sees it.
func (l *Landmark) PartWindow(curve *Curve) PartWindow {
	days := int32(CameDays)
	if !l.Paid {
		days = min(days, l.Follow)
	}
	return PartWindow{l.past().PartRecord(), curve.Hazard(days), l.Paid && l.Follow <= CameDays, float64(l.Came)}
}

// PartPayment is the factor of one record, or of all, and what it comes from.
type PartPayment struct {
	Record   string  `json:"record"`
	Windows  int     `json:"windows"`
	Paid     int     `json:"paid"`     // of them, within the window
	Came     float64 `json:"came"`     // sum of the shares that came in
	Expected float64 `json:"expected"` // payments by the model
	Factor   float64 `json:"factor"`
}

// PartPayments are the factors of all records.
type PartPayments struct {
	All     PartPayment              `json:"all"`
	Records [partRecords]PartPayment `json:"records"`
	Default bool                     `json:"default"` // too few payments were seen: every factor is 1
}

// Of is the factor of a customer's past; 1 where p is nil.
func (p *PartPayments) Of(past *Past) float64 {
	if p == nil {
		return 1
	}
	return p.Records[past.PartRecord()].Factor
}

// LearnPartPayments estimates the factors from windows that do not overlap. With fewer payments than least all are 1.
//
// The hazard of the event is first set to what was seen, so that an error of the model's level, or an old
// pace, is not taken for part payments: m solves k(m0-m) + Σ(Paid - 1 + exp(-m·Hazard)) = 0. Then the factor f solves
// the same equation for Came and m·Hazard: k(f0-f) + Σ(Came - 1 + exp(-f·m·Hazard)) = 0. The first term is a
// gamma prior's as long as hazards are small (methods 3.4), with the weight of k = 50 expected payments; m0 and f0 are 1
// for all records together, and those of all for each.
func LearnPartPayments(windows []PartWindow, least int) *PartPayments {
	p := new(PartPayments)
	var by [partRecords][]PartWindow
	for _, w := range windows {
		by[w.Record] = append(by[w.Record], w)
	}
	level := p.All.learn("all", windows, 1, 1)
	for r := range by {
		p.Records[r].learn(PartRecord(r).String(), by[r], level, p.All.Factor)
	}
	if p.Default = p.All.Paid < least; p.Default {
		p.All.Factor = 1
		for r := range p.Records {
			p.Records[r].Factor = 1
		}
	}
	return p
}

// learn fills p from some windows, and returns by how much more than the model expects is paid.
func (p *PartPayment) learn(record string, windows []PartWindow, level, factor float64) float64 {
	p.Record, p.Windows = record, len(windows)
	for i := range windows {
		w := &windows[i]
		if w.Paid {
			p.Paid++
		}
		p.Came += w.Came
		p.Expected += -expm1(-w.Hazard)
	}
	level = solvePart(windows, level, 1, float64(p.Paid))
	p.Factor = clamp(solvePart(windows, factor, level, p.Came), minPart, maxPart)
	return level
}

// solvePart is the root f of k(prior-f) + seen - Σ(1 - exp(-f·scale·Hazard)). The function falls and is convex, so
// that Newton's steps from 0 rise to the root and never pass it.
func solvePart(windows []PartWindow, prior, scale, seen float64) float64 {
	f := 0.0
	for range 100 {
		value, slope := float64(partStrength*(prior-f))+seen, -float64(partStrength)
		for i := range windows {
			h := float64(scale * windows[i].Hazard)
			left := exp(-float64(f * h))
			value -= 1 - left
			slope -= float64(h * left)
		}
		step := -value / slope
		f += step
		if step <= 1e-12*f {
			break
		}
	}
	return f
}
