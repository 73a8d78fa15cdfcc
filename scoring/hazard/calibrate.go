package hazard

// Calibration is the last step of a fit: over the person-periods that finished in the last 35
// days before the cut, Factor = (Observed+50)/(Expected+50) within 0.5..2 multiplies
// every hazard. It follows a change of pace that the coefficients, fitted over the whole
// window, average out; 50 keeps small portfolios from following noise.
type Calibration struct {
	Observed float64   `json:"observed"` // payments
	Expected float64   `json:"expected"` // sum of probabilities before the factor
	Factor   float64   `json:"factor"`
	From     int32     `json:"from_day"` // first day of the window
	Rows     int       `json:"rows"`
	Buckets  []AgeRate `json:"buckets"` // the same by days past due at the start of the period
}

// AgeRate is observed and expected payments of one ageing bucket, before the factor.
type AgeRate struct {
	Bucket   string  `json:"bucket"`
	Observed float64 `json:"observed"`
	Expected float64 `json:"expected"`
}

// Calibration's constants.
const (
	recentDays     = 35
	recentStrength = 50
	minFactor      = 0.5
	maxFactor      = 2
)

var bucketNames = [...]string{"not_due", "1-30", "31-60", "61-90", "91-120", "over_120"}

var bucketEdges = [...]int32{1, 31, 61, 91, 121}

// add sums two windows.
func (c *Calibration) add(o *Calibration) {
	c.Observed += o.Observed
	c.Expected += o.Expected
	c.Rows += o.Rows
	for i := range c.Buckets {
		c.Buckets[i].Observed += o.Buckets[i].Observed
		c.Buckets[i].Expected += o.Buckets[i].Expected
	}
}

func newCalibration() Calibration {
	c := Calibration{Buckets: make([]AgeRate, len(bucketNames))}
	for i, n := range bucketNames {
		c.Buckets[i].Bucket = n
	}
	return c
}

// calibrate computes the factor. Rows count once each, whatever their weight, so that the
// shrinkage is by payments seen.
func (m *Model) calibrate(d *design) {
	total := newCalibration()
	total.From = m.Training.Cut - recentDays + 1
	work := make([]Calibration, lanes)
	for i := range work {
		work[i] = newCalibration()
	}
	sumBlocks(d, work, func(b int, c *Calibration) {
		*c = newCalibration()
		for _, i := range d.block(b) {
			if l := &d.all[i]; l.Date+Grid[Intervals-1] >= total.From {
				m.recent(d, l, total.From, c)
			}
		}
	}, total.add)
	total.Factor = clamp((total.Observed+recentStrength)/(total.Expected+recentStrength), minFactor, maxFactor)
	m.Calibration = total
}

// recent adds the rows of l that finished on or after day from.
func (m *Model) recent(d *design, l *Landmark, from int32, c *Calibration) {
	var f features
	var r rowWalker
	r.open(d, l, &f)
	item := m.scale.item(&f)
	for {
		begin := r.day
		if !r.row() {
			return
		}
		if r.day < from {
			continue
		}
		bucket := &c.Buckets[bin(begin+1-r.due, bucketEdges[:])]
		h := r.exposure * exp(clamp(item+m.scale.period(&r.period), minPredictor, maxPredictor))
		p := -expm1(-h)
		c.Rows++
		c.Expected += p
		bucket.Expected += p
		if r.paid {
			c.Observed++
			bucket.Observed++
		}
	}
}

// maturedDays is the length of the window of landmarks that measure a fit, and
// maturedHorizon the days over which they are followed.
const (
	maturedDays    = 28
	maturedHorizon = 30
)

// measure fills in the metrics at 30 days.
func (m *Model) measure(d *design) {
	last := m.Training.Cut - maturedHorizon
	var recent []Landmark
	for _, i := range d.use {
		if day := d.all[i].Date; day > last-maturedDays && day <= last {
			recent = append(recent, d.all[i])
		}
	}
	s := m.Test(recent, d.cal, m.Training.Cut, maturedHorizon)
	m.Metrics.Matured = len(s.P)
	if auc := s.AUC(); finite(auc) {
		m.Metrics.AUC30, m.Metrics.LogLoss30 = auc, s.LogLoss()
	}
}

// Test scores landmarks whose outcome after h days is known by the cut: those followed to h
// days or paid before. Landmarks that ended otherwise (credited, written off, not old enough) are left out.
// Weights are the landmarks'.
func (m *Model) Test(ls []Landmark, cal *Calendar, cut, h int32) Sample {
	var s Sample
	for i := range ls {
		l := &ls[i]
		paid := l.Paid && l.Follow <= h
		if int64(l.Date)+int64(h) > int64(cut) || l.Follow < h && !paid {
			continue
		}
		c := m.Curve(l, cal)
		s.P = append(s.P, c.Paid(h))
		s.Paid = append(s.Paid, paid)
		w := l.Weight
		if w == 0 {
			w = 1
		}
		s.Weight = append(s.Weight, w)
	}
	return s
}
