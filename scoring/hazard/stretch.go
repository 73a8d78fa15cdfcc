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
	age := c.begin + start(j)
	far := float64(start(j)) / farDays
	p.exposure = s.exposure
	p.num = [periodNumbers]float64{
		numMonthEnd:      s.share,
		numMonthEndHabit: float64(s.share * c.monthEnds),
		numHabit:         max(s.inclined, 0),
		numHabitOff:      min(s.inclined, 0),
		numHabitLate:     float64(s.inclined * clamp(float64(age)/lateHabit, 0, 1)),
		numOwnCurve:      s.curve,
		numFrailtyFar:    float64(c.logZ * far),
		numOwnFar:        float64(s.curve * far),
	}
	p.level = [periodGroups]uint8{
		groupAge:      uint8(AgeBin(age)),
		groupInterval: uint8(j),
		groupPromise:  promiseLevel(c.promise, j),
	}
}

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
