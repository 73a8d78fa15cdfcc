package hazard

import "math"

// spread accumulates the weighted mean and spread of a numeric term.
type spread struct {
	weight, sum, squares float64
	lo, hi               float64
}

func (s *spread) clear() { *s = spread{lo: math.Inf(1), hi: math.Inf(-1)} }

func (s *spread) see(x, w float64) {
	if x != x {
		return
	}
	s.weight += w
	s.sum += float64(w * x)
	s.squares += float64(float64(w*x) * x)
	s.lo, s.hi = min(s.lo, x), max(s.hi, x)
}

func (s *spread) add(o *spread) {
	s.weight += o.weight
	s.sum += o.sum
	s.squares += o.squares
	s.lo, s.hi = min(s.lo, o.lo), max(s.hi, o.hi)
}

func (s *spread) mean() float64 { return s.sum / s.weight }

func (s *spread) deviation() float64 {
	m := s.mean()
	return math.Sqrt(max(s.squares/s.weight-float64(m*m), 0))
}

// varies tells whether a term took values different enough to be fitted.
func (s *spread) varies() bool { return s.hi > s.lo && s.deviation() > 1e-9*(1+math.Abs(s.mean())) }

// moments are what the columns are chosen and scaled by. ahead is over the first 30 days
// of every landmark, whatever was observed of them.
type moments struct {
	rows, events int
	weight       float64 // of the rows
	expected     float64 // weighted exposure
	paid         float64 // weighted events
	landmarks    float64 // weighted
	from, to     int32   // dates

	itemNum    [itemNumbers]spread
	itemLevel  [itemGroups][maxLevels]float64 // weight of landmarks
	itemRows   [itemGroups][maxLevels]float64 // weight of rows
	periodNum  [periodNumbers]spread          // over rows
	periodRows [periodGroups][maxLevels]float64
	ahead      outlook // weighted by landmark
}

func (m *moments) clear() {
	*m = moments{from: math.MaxInt32, to: math.MinInt32}
	for i := range m.itemNum {
		m.itemNum[i].clear()
	}
	for i := range m.periodNum {
		m.periodNum[i].clear()
	}
}

func (m *moments) add(o *moments) {
	m.rows += o.rows
	m.events += o.events
	m.weight += o.weight
	m.expected += o.expected
	m.paid += o.paid
	m.landmarks += o.landmarks
	m.from, m.to = min(m.from, o.from), max(m.to, o.to)
	m.ahead.add(&o.ahead, 1)
	for i := range m.itemNum {
		m.itemNum[i].add(&o.itemNum[i])
	}
	for i := range m.periodNum {
		m.periodNum[i].add(&o.periodNum[i])
	}
	for g := range m.itemLevel {
		for l := range m.itemLevel[g] {
			m.itemLevel[g][l] += o.itemLevel[g][l]
			m.itemRows[g][l] += o.itemRows[g][l]
		}
	}
	for g := range m.periodRows {
		for l := range m.periodRows[g] {
			m.periodRows[g][l] += o.periodRows[g][l]
		}
	}
}

// see adds the landmark at a place of d.use.
func (m *moments) see(d *design, at int32) {
	var f features
	var r rowWalker
	l := &d.all[d.use[at]]
	w := d.landmarkWeight(l)
	r.open(d, l, &f)
	ahead := r.walker
	rows := 0.0
	store := d.kept.open(at, &f, &r, w)
	for r.row() {
		if len(store) > 0 {
			store[0], store = r.stretched, store[1:]
		}
		rows += w
		m.rows++
		m.expected += float64(w * r.exposure)
		if r.paid {
			m.events++
			m.paid += w
		}
		for i, x := range r.num {
			m.periodNum[i].see(x, w)
		}
		for g, lv := range r.level {
			m.periodRows[g][lv] += w
		}
	}
	m.weight += rows
	m.landmarks += w
	m.from, m.to = min(m.from, l.Date), max(m.to, l.Date)
	for i, x := range f.num {
		m.itemNum[i].see(x, w)
	}
	for g, lv := range f.level {
		m.itemLevel[g][lv] += w
		m.itemRows[g][lv] += rows
	}
	var next outlook
	next.look(&ahead)
	m.ahead.add(&next, w)
}

// moments goes through all rows once.
func (d *design) moments() *moments {
	total := new(moments)
	total.clear()
	sumBlocks(d, make([]moments, lanes), func(b int, m *moments) {
		m.clear()
		for at := d.blocks[b]; at < d.blocks[b+1]; at++ {
			m.see(d, at)
		}
	}, func(m *moments) { total.add(m) })
	return total
}

// columnsFrom chooses the columns: terms that never vary have none, nor has the commonest level of a group.
func (d *design) columnsFrom(m *moments) {
	d.columns = append(d.columns[:0], column{name: "intercept", scale: 1})
	for i, t := range itemNumeric {
		s := &m.itemNum[i]
		d.itemNum[i] = absent
		if s.weight > 0 && s.varies() {
			d.itemNum[i] = d.column(column{t.name, "", t.family, s.mean(), s.deviation(), 0})
		}
	}
	if at := d.itemNum[numFrailty]; at != absent { // slope 1, as in the pooled model
		d.columns[at].prior = d.columns[at].scale
	}
	for g, t := range itemGroup {
		d.levelColumns(&d.itemLevel[g], &t, &m.itemRows[g], &m.itemLevel[g], m.landmarks)
	}
	d.items = len(d.columns)
	for i, t := range periodNumeric {
		s := &m.periodNum[i]
		d.periodNum[i] = absent
		if s.weight > 0 && s.varies() {
			d.periodNum[i] = d.column(column{t.name, "", t.family, m.ahead.num[i] / m.landmarks, s.deviation(), 0})
		}
	}
	for g, t := range periodGroup {
		d.levelColumns(&d.periodLevel[g], &t, &m.periodRows[g], &m.ahead.level[g], m.landmarks)
	}
	d.lay()
}

// column appends a column and returns its index.
func (d *design) column(c column) int16 {
	d.columns = append(d.columns, c)
	return int16(len(d.columns) - 1)
}

// levelColumns gives every level that has rows a column, but for the one that has most.
func (d *design) levelColumns(at *[maxLevels]int16, t *group, rows, shares *[maxLevels]float64, all float64) {
	reference := 0
	for l, r := range rows {
		if r > rows[reference] {
			reference = l
		}
	}
	for l := range at {
		at[l] = absent
		if l < len(t.levels) && l != reference && rows[l] > 0 {
			at[l] = d.column(column{t.name, t.levels[l], t.family, shares[l] / all, 1, 0})
		}
	}
}
