package hazard

// Rooms for the values of a row that every row has, side by side: the intercept with the numeric terms of a landmark, and
// the numeric terms of an interval. They are whole vectors of four; what is over, and what has no column, is 0, and
// adding 0 changes no sum.
const (
	itemRoom   = (itemNumbers + 1 + 3) / 4 * 4
	periodRoom = (periodNumbers + 3) / 4 * 4
)

// layout says where the columns of a design lie in frames and tiles. The intercept and numeric terms have fixed places in
// their rooms. The columns of levels are counted through; the place after the last is that of every level without a column.
type layout struct {
	levels      []int16 // the columns
	itemLevel   [itemGroups][maxLevels]uint8
	periodLevel [periodGroups][maxLevels]uint8
	mean, scale [periodRoom]float64
}

// nowhere is the place of a level without a column.
func (l *layout) nowhere() uint8 { return uint8(len(l.levels)) }

// lay finds the places of the columns, and turns the kept landmarks' own terms into values and places of theirs, which
// are the same in every step of a fit.
func (d *design) lay() {
	d.layout = layout{}
	l := &d.layout
	listed := func(at *[maxLevels]int16) {
		for _, c := range at {
			if c != absent {
				l.levels = append(l.levels, c)
			}
		}
	}
	for g := range d.itemLevel {
		listed(&d.itemLevel[g])
	}
	for g := range d.periodLevel {
		listed(&d.periodLevel[g])
	}
	next := uint8(0)
	place := func(to *[maxLevels]uint8, at *[maxLevels]int16) {
		for i, c := range at {
			if to[i] = l.nowhere(); c != absent {
				to[i] = next
				next++
			}
		}
	}
	for g := range d.itemLevel {
		place(&l.itemLevel[g], &d.itemLevel[g])
	}
	for g := range d.periodLevel {
		place(&l.periodLevel[g], &d.periodLevel[g])
	}
	for i, at := range d.periodNum {
		if l.scale[i] = 1; at != absent {
			l.mean[i], l.scale[i] = d.columns[at].mean, d.columns[at].scale
		}
	}
	if d.kept == nil {
		return
	}
	for i := range d.kept.items {
		f := &d.kept.items[i].features
		for k, x := range f.num {
			if f.num[k] = 0; d.itemNum[k] != absent && x == x {
				c := &d.columns[d.itemNum[k]]
				f.num[k] = (x - c.mean) / c.scale
			}
		}
		for g, level := range f.level {
			f.level[g] = l.itemLevel[g][level]
		}
	}
}

// coefficients are those of the columns by their places; those of levels without a column are 0.
type coefficients struct {
	item   [itemRoom]float64
	period [periodRoom]float64
	level  []float64
}

func (d *design) coefficients(beta []float64) *coefficients {
	c := &coefficients{level: make([]float64, len(d.layout.levels)+1)}
	c.item[0] = beta[0]
	for i, at := range d.itemNum {
		if at != absent {
			c.item[1+i] = beta[at]
		}
	}
	for i, at := range d.periodNum {
		if at != absent {
			c.period[i] = beta[at]
		}
	}
	for i, at := range d.layout.levels {
		c.level[i] = beta[at]
	}
	return c
}

// frame holds some landmarks in work: the values of their columns, and what the likelihood of their rows says. Several at once,
// since a loop over the seven rows of a landmark spends a third of its time on its beginning and its end.
type frame struct {
	count     int // landmarks
	rows      int
	landmarks [frameRows]framed

	// Of each row.
	period   [frameRows][periodRoom]float64
	place    [frameRows][periodGroups]uint8 // of levels
	paid     [frameRows]bool
	weight   [frameRows]float64
	exposure [frameRows]float64
	hazard   [frameRows]float64
	slope    [frameRows]float64 // derivatives of the weighted log likelihood, see likelihood
	bend     [frameRows]float64
}

// frameRows is the number of rows that a frame has room for.
const frameRows = 64

// framed is a landmark in a frame.
type framed struct {
	item          [itemRoom]float64
	level         [itemGroups]uint8 // places of its own levels that have a column
	levels        int               // of them
	from, to      int               // rows
	slopes, bends float64           // of its rows
}

// fits tells whether a landmark has room.
func (f *frame) fits(it *keptItem) bool { return f.rows+int(it.count) <= frameRows }

// add adds a kept landmark.
func (f *frame) add(d *design, it *keptItem) {
	l := &d.layout
	at := &f.landmarks[f.count]
	f.count++
	at.item[0] = 1
	copy(at.item[1:], it.num[:])
	at.levels = 0
	for _, place := range it.level {
		if place != l.nowhere() {
			at.level[at.levels] = place
			at.levels++
		}
	}
	at.from, at.to = f.rows, f.rows+int(it.count)
	rows := d.kept.rows[it.row:][:it.count]
	age, interval, promise := &l.periodLevel[groupAge], &l.periodLevel[groupInterval], &l.periodLevel[groupPromise]
	for j := range rows {
		i := f.rows + j
		rows[j].numbers(j, &it.carried, (*[periodNumbers]float64)(f.period[i][:]))
		f.place[i] = [periodGroups]uint8{
			groupAge:      age[AgeBin(it.begin+start(j))],
			groupInterval: interval[j],
			groupPromise:  promise[promiseLevel(it.promise, j)],
		}
		f.exposure[i], f.weight[i], f.paid[i] = rows[j].exposure, it.weight, false
	}
	f.rows = at.to
	f.paid[f.rows-1] = it.paid
}

// standardise turns the numeric terms of intervals into the values of their columns.
func (f *frame) standardise(l *layout) {
	for j := range f.period[:f.rows] {
		v := &f.period[j]
		for i, x := range v {
			v[i] = (x - l.mean[i]) / l.scale[i]
		}
	}
}

// evaluate computes the likelihood of the rows at some coefficients, and returns logLik with theirs added.
func (f *frame) evaluate(c *coefficients, logLik float64) float64 {
	f.predict(c)
	Fade(f.hazard[:f.rows])
	for j := range f.hazard[:f.rows] {
		w := f.weight[j]
		one, slope, bend := likelihood(float64(f.exposure[j]*f.hazard[j]), f.paid[j])
		logLik += float64(w * one)
		f.slope[j], f.bend[j] = float64(w*slope), float64(w*bend)
	}
	for i := range f.landmarks[:f.count] {
		at := &f.landmarks[i]
		at.slopes, at.bends = 0, 0
		for j := at.from; j < at.to; j++ {
			at.slopes += f.slope[j]
			at.bends += f.bend[j]
		}
	}
	return logLik
}

// predict puts minus the linear predictor of every row where its hazard is to be.
func (f *frame) predict(c *coefficients) {
	for i := range f.landmarks[:f.count] {
		at := &f.landmarks[i]
		own := 0.0
		for k, x := range &at.item {
			own += float64(c.item[k] * x)
		}
		for _, place := range at.level[:at.levels] {
			own += c.level[place]
		}
		for j := range f.hazard[at.from:at.to] {
			f.hazard[at.from+j] = own
		}
	}
	if vectors {
		f.addNumeric4(c)
	} else {
		f.addNumeric(c, 0)
	}
	for j, places := range f.place[:f.rows] {
		eta := f.hazard[j]
		for _, place := range places {
			eta += c.level[place]
		}
		f.hazard[j] = -clamp(eta, minPredictor, maxPredictor)
	}
}

// addNumeric adds the numeric terms of intervals to the predictors of the rows from one on.
func (f *frame) addNumeric(c *coefficients, from int) {
	for j := from; j < f.rows; j++ {
		eta := f.hazard[j]
		for i, x := range &f.period[j] {
			eta += float64(c.period[i] * x)
		}
		f.hazard[j] = eta
	}
}
