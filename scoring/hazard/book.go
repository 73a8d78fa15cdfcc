package hazard

import (
	"fmt"
	"math"
)

// Book is the person-periods of landmarks as they were seen by a cut: the rows on which Fit
// fits, for a model that is fitted elsewhere and shares the life table, the calibration and
// the curves. A Book is read-only and safe for concurrent use.
type Book struct {
	d      design
	counts []int // rows before each block, and of all
}

// OpenBook chooses the rows of the landmarks as Fit does with the same settings, of which MaxRows,
// Workers and Cut count. pooled is what an earlier book, or a Model, has pooled; nil pools anew,
// with the life table.
func OpenBook(ls []Landmark, life *LifeTable, pooled *Pooled, cal *Calendar, s Settings) (*Book, error) {
	if s.MaxRows < 0 || s.Workers < 0 {
		return nil, fmt.Errorf("opening the rows of landmarks: negative settings: %+v", s)
	}
	if err := checkLandmarks(ls); err != nil {
		return nil, fmt.Errorf("opening the rows of landmarks: %w", err)
	}
	s = s.defaults(ls)
	b := &Book{d: design{all: ls, cal: cal, cut: s.Cut, workers: s.Workers}}
	b.d.choose(s.MaxRows)
	if pooled == nil {
		if life == nil {
			life = new(LifeTable)
		}
		own := b.d.pool(life)
		pooled = &own
	}
	b.d.pooled = pooled
	total := 0
	for i := range len(b.d.blocks) - 1 {
		b.counts = append(b.counts, total)
		for _, at := range b.d.block(i) {
			total += b.d.rows(&ls[at])
		}
	}
	b.counts = append(b.counts, total)
	return b, nil
}

// Pooled is what the rows were computed with.
func (b *Book) Pooled() *Pooled { return b.d.pooled }

// Rows is the number of rows.
func (b *Book) Rows() int { return b.counts[len(b.counts)-1] }

// Blocks is the number of blocks of rows.
func (b *Book) Blocks() int { return len(b.counts) - 1 }

// First is the index of the first row of a block; First(Blocks()) is Rows().
func (b *Book) First(block int) int { return b.counts[block] }

// Block calls visit for the rows of a block, in order. The row is valid during the call.
func (b *Book) Block(block int, visit func(row *Row)) {
	var row Row
	for _, i := range b.d.block(block) {
		b.walk(&b.d.all[i], &row, visit)
	}
}

// walk visits the rows of l.
func (b *Book) walk(l *Landmark, row *Row, visit func(row *Row)) {
	var f features
	var r rowWalker
	r.open(&b.d, l, &f)
	row.item(&f, l, l.past())
	row.Weight = b.d.landmarkWeight(l)
	for {
		row.Begin = r.day + 1 - r.due
		if !r.row() {
			return
		}
		row.period(&r)
		visit(row)
	}
}

// Training describes the rows, and logRate is the mean log pooled hazard per business day over the
// next 30 days of their landmarks.
func (b *Book) Training() (t Training, logRate float64) {
	t = Training{Cut: b.d.cut, SampleRate: 1 / b.d.weight, Landmarks: len(b.d.use)}
	if len(b.d.use) == 0 {
		return t, 0
	}
	m := b.d.moments()
	t.From, t.To, t.Rows, t.Events = m.from, m.to, m.rows, m.events
	t.Payments = b.d.payments()
	return t, m.ahead.logRate / m.landmarks
}

// Peers is the median headline value of every family, see Reason.
func (b *Book) Peers() [Families]float64 { return b.d.peers() }

// Calibrate is the calibration of a model that gives a row the hazard Row.Hazard(eta(row)),
// as Fit does it for its own.
func (b *Book) Calibrate(eta func(row *Row) float64) Calibration {
	total := newCalibration()
	total.From = b.d.cut - recentDays + 1
	work := make([]Calibration, lanes)
	sumBlocks(&b.d, work, func(block int, c *Calibration) {
		*c = newCalibration()
		var row Row
		visit := func(row *Row) {
			if row.Last < total.From {
				return
			}
			p := Chance(row.Hazard(eta(row)))
			bucket := &c.Buckets[bin(row.Begin, bucketEdges[:])]
			c.Rows++
			c.Expected += p
			bucket.Expected += p
			if row.Paid {
				c.Observed++
				bucket.Observed++
			}
		}
		for _, i := range b.d.block(block) {
			if l := &b.d.all[i]; l.Date+Grid[Intervals-1] >= total.From {
				b.walk(l, &row, visit)
			}
		}
	}, total.add)
	total.Factor = clamp((total.Observed+recentStrength)/(total.Expected+recentStrength), minFactor, maxFactor)
	return total
}

// LifeOf is the life table that the landmarks themselves show by a cut: each item is followed
// from one landmark to the next, a week or what else the smallest distance between landmark
// dates is. Where landmarks are a sample, so is the table.
func LifeOf(ls []Landmark, cal *Calendar, cut int32) *LifeTable {
	d := design{all: ls, cal: cal, cut: cut}
	d.choose(math.MaxInt)
	gap := landmarkGap(ls, d.use)
	t := new(LifeTable)
	for _, i := range d.use {
		l := &ls[i]
		follow, _, paid := d.observed(l)
		var w walker
		w.cal, w.date = cal, l.Date
		w.due = farDue(l)
		w.seek(0)
		day := weekday(w.due)
		for end := l.Date + min(follow, gap); w.day < end; {
			b, n, _ := w.segment(end)
			t.Exposed[b] += int64(n)
			t.ExposedDue[day][b] += int64(n)
		}
		if paid && follow <= gap {
			b := AgeBin(l.Date + follow - w.due)
			t.Paid[b]++
			t.PaidDue[day][b]++
		}
	}
	return t
}
