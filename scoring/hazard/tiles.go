package hazard

// tiles are sums of first and second derivatives by places: those by what every row has side by side, those by levels each
// for itself. Each sum is added to in the order of the rows, however many are added to at once. Second derivatives are
// minus them, each once: for two coefficients the one whose column comes first.
type tiles struct {
	item     [itemRoom]float64 // first derivatives
	period   [periodRoom]float64
	landmark [itemRoom][itemRoom]float64
	across   [itemRoom][periodRoom]float64
	interval [periodRoom][periodRoom]float64
	levels   []levelTile
	pairs    []float64 // of two levels
}

// levelTile are the derivatives by the coefficient of a level, and by that and those of what every row has.
type levelTile struct {
	slope  float64
	item   [itemRoom]float64
	period [periodRoom]float64
}

func newTiles(levels int) tiles {
	return tiles{levels: make([]levelTile, levels), pairs: make([]float64, levels*levels)}
}

// clear makes the sums zero, but for second derivatives that are not wanted.
func (t *tiles) clear(upTo order) {
	levels, pairs := t.levels, t.pairs
	if upTo == withInformation {
		clear(pairs)
	}
	if upTo >= withGradient {
		clear(levels)
		*t = tiles{levels: levels, pairs: pairs}
	}
}

// gradient adds the first derivatives of the rows of a frame.
func (t *tiles) gradient(f *frame) {
	for i := range f.landmarks[:f.count] {
		at := &f.landmarks[i]
		for _, place := range at.level[:at.levels] {
			t.levels[place].slope += at.slopes
		}
	}
	for j, places := range f.place[:f.rows] {
		for _, place := range places {
			if int(place) < len(t.levels) {
				t.levels[place].slope += f.slope[j]
			}
		}
	}
	if vectors {
		t.slopes4(f)
	} else {
		t.slopes(f)
	}
}

// slopes is the part of gradient that can be done with vectors.
func (t *tiles) slopes(f *frame) {
	for i := range f.landmarks[:f.count] {
		at := &f.landmarks[i]
		for k, x := range &at.item {
			t.item[k] += float64(at.slopes * x)
		}
	}
	for j, slope := range f.slope[:f.rows] {
		for i, x := range &f.period[j] {
			t.period[i] += float64(slope * x)
		}
	}
}

// information adds the second derivatives of the rows of a frame. The matrix of a landmark's rows has the outer product of its
// own columns as a factor, which is taken once for all of them together.
func (t *tiles) information(f *frame) {
	for j := range f.place[:f.rows] {
		places := &f.place[j]
		for g, place := range places {
			t.pair(place, places[g:], f.bend[j])
		}
	}
	var room [periodGroups * Intervals]run
	var cross [periodRoom]float64
	for i := range f.landmarks[:f.count] {
		at := &f.landmarks[i]
		own := at.level[:at.levels]
		for k, place := range own {
			t.pair(place, own[k:], at.bends)
		}
		runs := at.runs(f, uint8(len(t.levels)), room[:0])
		for k := range runs {
			for _, place := range own {
				t.pairs[int(place)*len(t.levels)+int(runs[k].place)] += runs[k].bends
			}
		}
		if vectors {
			t.within4(f, at, &cross)
			t.own4(at, runs, &cross)
		} else {
			t.within(f, at, &cross)
			t.own(at, runs, &cross)
		}
	}
}

// pair adds a second derivative by a level and each of others.
func (t *tiles) pair(place uint8, others []uint8, bend float64) {
	n := len(t.levels)
	if int(place) >= n {
		return
	}
	for _, other := range others {
		if int(other) < n {
			t.pairs[int(place)*n+int(other)] += bend
		}
	}
}

// run is rows of a landmark that have the same level of a group: they follow one another.
type run struct {
	place uint8
	bends float64
}

// runs appends those of levels that have a column.
func (at *framed) runs(f *frame, nowhere uint8, out []run) []run {
	for g := range periodGroups {
		for j := at.from; j < at.to; {
			place, sum := f.place[j][g], 0.0
			for ; j < at.to && f.place[j][g] == place; j++ {
				sum += f.bend[j]
			}
			if place != nowhere {
				out = append(out, run{place, sum})
			}
		}
	}
	return out
}

// within adds the second derivatives by the coefficients of a landmark's intervals; cross becomes those by them and the intercept.
func (t *tiles) within(f *frame, at *framed, cross *[periodRoom]float64) {
	clear(cross[:])
	for j := at.from; j < at.to; j++ {
		v := &f.period[j]
		var bent [periodRoom]float64
		for i, x := range v {
			be := float64(f.bend[j] * x)
			bent[i] = be
			cross[i] += be
			line := &t.interval[i]
			for k := i; k < periodRoom; k++ {
				line[k] += float64(be * v[k])
			}
		}
		for _, place := range f.place[j] {
			if int(place) < len(t.levels) {
				tile := &t.levels[place]
				for i, be := range &bent {
					tile.period[i] += be
				}
			}
		}
	}
}

// own adds the second derivatives by a landmark's own coefficients, and by them and those of its intervals.
func (t *tiles) own(at *framed, runs []run, cross *[periodRoom]float64) {
	var bent [itemRoom]float64
	for i, x := range &at.item {
		bent[i] = float64(at.bends * x)
		line := &t.landmark[i]
		for k := i; k < itemRoom; k++ {
			line[k] += float64(bent[i] * at.item[k])
		}
		to := &t.across[i]
		for k, c := range cross {
			to[k] += float64(x * c)
		}
	}
	for _, place := range at.level[:at.levels] {
		tile := &t.levels[place]
		for k, be := range &bent {
			tile.item[k] += be
		}
		for k, c := range cross {
			tile.period[k] += c
		}
	}
	for _, r := range runs {
		tile := &t.levels[r.place]
		for k, x := range &at.item {
			tile.item[k] += float64(r.bends * x)
		}
	}
}

// gather puts the sums in the order of the columns.
func (t *tiles) gather(d *design, upTo order, s *sums) {
	p := len(s.gradient)
	put := func(a, b int16, x float64) {
		if a != absent && b != absent {
			s.information[int(a)*p+int(b)] = x
		}
	}
	item := func(i int) int16 {
		switch {
		case i == 0:
			return 0
		case i <= itemNumbers:
			return d.itemNum[i-1]
		}
		return absent
	}
	period := func(i int) int16 {
		if i < periodNumbers {
			return d.periodNum[i]
		}
		return absent
	}
	for i, x := range t.item {
		if at := item(i); at != absent {
			s.gradient[at] = x
		}
	}
	for i, x := range t.period {
		if at := period(i); at != absent {
			s.gradient[at] = x
		}
	}
	for l, at := range d.layout.levels {
		s.gradient[at] = t.levels[l].slope
	}
	if upTo < withInformation {
		return
	}
	for i := range itemRoom {
		for k := i; k < itemRoom; k++ {
			put(item(i), item(k), t.landmark[i][k])
		}
		for k := range periodRoom {
			put(item(i), period(k), t.across[i][k])
		}
	}
	for i := range periodRoom {
		for k := i; k < periodRoom; k++ {
			put(period(i), period(k), t.interval[i][k])
		}
	}
	for l, at := range d.layout.levels {
		tile := &t.levels[l]
		for i, x := range tile.item {
			put(item(i), at, x)
		}
		for i, x := range tile.period {
			if to := period(i); to != absent {
				put(min(at, to), max(at, to), x)
			}
		}
		for k := l; k < len(d.layout.levels); k++ {
			put(at, d.layout.levels[k], t.pairs[l*len(t.levels)+k])
		}
	}
}
