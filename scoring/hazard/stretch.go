package hazard

// stretch is one interval of a landmark as the walk over its days found it: all that takes a walk.
// The rest of a period follows from it and the landmark.
type stretch struct {
	exposure float64 // of the period
	share    float64 // of its business days that are month-end days
	inclined float64 // log of the habit's mean
	curve    float64 // log of the customer's own departure
}

// carried is what the periods of a landmark share.
type carried struct {
	begin     int32   // age of the item on the first day after the landmark
	promise   int32   // Landmark.PromiseDue
	monthEnds float64 // the customer's share of payments at month end over the pooled share
	logZ      float64 // logarithm of the customer's frailty
}

// terms fills in the terms of interval j.
func (p *period) terms(j int, s *stretch, c *carried) {
	p.exposure = s.exposure
	s.numbers(j, c, &p.num)
	p.level = [periodGroups]uint8{
		groupAge:      uint8(AgeBin(c.begin + start(j))),
		groupInterval: uint8(j),
		groupPromise:  promiseLevel(c.promise, j),
	}
}

// numbers fills in the numeric terms of interval j.
func (s *stretch) numbers(j int, c *carried, num *[periodNumbers]float64) {
	num[numMonthEnd] = s.share
	num[numMonthEndHabit] = float64(s.share * c.monthEnds)
	num[numHabit], num[numHabitOff] = max(s.inclined, 0), min(s.inclined, 0)
	num[numHabitLate] = float64(s.inclined * lateParts[min(max(c.begin+start(j), 0), lateHabit)])
	num[numOwnCurve] = s.curve
	num[numFrailtyFar] = float64(c.logZ * fars[j])
	num[numOwnFar] = float64(s.curve * fars[j])
}

// lateParts is what numHabitLate takes of the inclination, by days past due.
var lateParts = func() (parts [lateHabit + 1]float64) {
	for age := range parts {
		parts[age] = float64(age) / lateHabit
	}
	return parts
}()

// fars is how far off the intervals begin, in units of farDays.
var fars = func() (far [Intervals]float64) {
	for j := range far {
		far[j] = float64(start(j)) / farDays
	}
	return far
}()

// kept holds the rows of a design, so that the walk over the calendar is made once and not for
// every step of a fit: 32 bytes a row and some 120 a landmark.
type kept struct {
	items []keptItem // in the order of design.use
	rows  []stretch
}

// keptItem is a landmark of the design.
type keptItem struct {
	carried
	features
	row    int32 // of its first stretch; the next item's follow on
	count  uint8 // rows
	paid   bool  // in the last of them
	weight float64
}

// keep makes moments keep the rows that it sees.
func (d *design) keep() {
	k := &kept{items: make([]keptItem, len(d.use))}
	row := 0
	for at, i := range d.use {
		n := d.rows(&d.all[i])
		k.items[at].row, k.items[at].count = int32(row), uint8(n)
		row += n
	}
	k.rows = make([]stretch, row)
	d.kept = k
}

// open fills in the landmark at a place, whose walk is about to begin, and returns where its rows go. A nil
// kept keeps nothing.
func (k *kept) open(at int32, f *features, r *rowWalker, weight float64) []stretch {
	if k == nil {
		return nil
	}
	it := &k.items[at]
	it.features, it.carried, it.weight = *f, r.carried, weight
	it.paid = it.count > 0 && r.event && r.follow <= Grid[it.count-1]
	return k.rows[it.row:][:it.count]
}
