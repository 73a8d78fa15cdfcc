//go:build goexperiment.simd && amd64 && go1.26 && !go1.27

package hazard

import "simd/archsimd"

// add4 adds by*x to four sums.
func add4(to, x *four, by archsimd.Float64x4) {
	archsimd.LoadFloat64x4(to).Add(archsimd.LoadFloat64x4(x).Mul(by)).Store(to)
}

// standardise4 is standardise.
func (f *frame) standardise4(l *layout) {
	m0, m1 := archsimd.LoadFloat64x4((*four)(l.mean[0:])), archsimd.LoadFloat64x4((*four)(l.mean[4:]))
	s0, s1 := archsimd.LoadFloat64x4((*four)(l.scale[0:])), archsimd.LoadFloat64x4((*four)(l.scale[4:]))
	for j := range f.period[:f.rows] {
		v := &f.period[j]
		a, b := (*four)(v[0:]), (*four)(v[4:])
		archsimd.LoadFloat64x4(a).Sub(m0).Div(s0).Store(a)
		archsimd.LoadFloat64x4(b).Sub(m1).Div(s1).Store(b)
	}
	archsimd.ClearAVXUpperBits()
}

// addNumeric4 is addNumeric of four rows at a time.
func (f *frame) addNumeric4(c *coefficients) {
	j := 0
	for ; j+4 <= f.rows; j += 4 {
		to := (*four)(f.hazard[j:])
		eta := archsimd.LoadFloat64x4(to)
		for half := 0; half < periodRoom; half += 4 {
			a, b := archsimd.LoadFloat64x4((*four)(f.period[j][half:])), archsimd.LoadFloat64x4((*four)(f.period[j+1][half:]))
			x, y := archsimd.LoadFloat64x4((*four)(f.period[j+2][half:])), archsimd.LoadFloat64x4((*four)(f.period[j+3][half:]))
			// Rows become columns: those 0 and 2 of two rows each, those 1 and 3.
			ab0, ab1 := a.SelectFromPairGrouped(0, 2, b), a.SelectFromPairGrouped(1, 3, b)
			xy0, xy1 := x.SelectFromPairGrouped(0, 2, y), x.SelectFromPairGrouped(1, 3, y)
			by := (*four)(c.period[half:])
			eta = eta.Add(ab0.Select128FromPair(0, 2, xy0).Mul(archsimd.BroadcastFloat64x4(by[0])))
			eta = eta.Add(ab1.Select128FromPair(0, 2, xy1).Mul(archsimd.BroadcastFloat64x4(by[1])))
			eta = eta.Add(ab0.Select128FromPair(1, 3, xy0).Mul(archsimd.BroadcastFloat64x4(by[2])))
			eta = eta.Add(ab1.Select128FromPair(1, 3, xy1).Mul(archsimd.BroadcastFloat64x4(by[3])))
		}
		eta.Store(to)
	}
	archsimd.ClearAVXUpperBits()
	f.addNumeric(c, j)
}

// slopes4 is slopes.
func (t *tiles) slopes4(f *frame) {
	for i := range f.landmarks[:f.count] {
		at := &f.landmarks[i]
		by := archsimd.BroadcastFloat64x4(at.slopes)
		for k := 0; k < itemRoom; k += 4 {
			add4((*four)(t.item[k:]), (*four)(at.item[k:]), by)
		}
	}
	a, b := (*four)(t.period[0:]), (*four)(t.period[4:])
	s0, s1 := archsimd.LoadFloat64x4(a), archsimd.LoadFloat64x4(b)
	for j, slope := range f.slope[:f.rows] {
		v, by := &f.period[j], archsimd.BroadcastFloat64x4(slope)
		s0 = s0.Add(archsimd.LoadFloat64x4((*four)(v[0:])).Mul(by))
		s1 = s1.Add(archsimd.LoadFloat64x4((*four)(v[4:])).Mul(by))
	}
	s0.Store(a)
	s1.Store(b)
	archsimd.ClearAVXUpperBits()
}

// within4 is within.
func (t *tiles) within4(f *frame, at *framed, cross *[periodRoom]float64) {
	var c0, c1 archsimd.Float64x4
	var bent [periodRoom]float64
	for j := at.from; j < at.to; j++ {
		v, bend := &f.period[j], archsimd.BroadcastFloat64x4(f.bend[j])
		v0, v1 := archsimd.LoadFloat64x4((*four)(v[0:])), archsimd.LoadFloat64x4((*four)(v[4:]))
		b0, b1 := v0.Mul(bend), v1.Mul(bend)
		c0, c1 = c0.Add(b0), c1.Add(b1)
		b0.Store((*four)(bent[0:]))
		b1.Store((*four)(bent[4:]))
		for i := range 4 {
			by := archsimd.BroadcastFloat64x4(bent[i])
			to0, to1 := (*four)(t.interval[i][0:]), (*four)(t.interval[i][4:])
			archsimd.LoadFloat64x4(to0).Add(v0.Mul(by)).Store(to0)
			archsimd.LoadFloat64x4(to1).Add(v1.Mul(by)).Store(to1)
			by = archsimd.BroadcastFloat64x4(bent[4+i])
			to1 = (*four)(t.interval[4+i][4:])
			archsimd.LoadFloat64x4(to1).Add(v1.Mul(by)).Store(to1)
		}
		for _, place := range f.place[j] {
			if int(place) < len(t.levels) {
				to := &t.levels[place].period
				to0, to1 := (*four)(to[0:]), (*four)(to[4:])
				archsimd.LoadFloat64x4(to0).Add(b0).Store(to0)
				archsimd.LoadFloat64x4(to1).Add(b1).Store(to1)
			}
		}
	}
	c0.Store((*four)(cross[0:]))
	c1.Store((*four)(cross[4:]))
	archsimd.ClearAVXUpperBits()
}

// own4 is own.
func (t *tiles) own4(at *framed, runs []run, cross *[periodRoom]float64) {
	c0, c1 := archsimd.LoadFloat64x4((*four)(cross[0:])), archsimd.LoadFloat64x4((*four)(cross[4:]))
	bends := archsimd.BroadcastFloat64x4(at.bends)
	var bent [itemRoom]float64
	for i := 0; i < itemRoom; i += 4 {
		archsimd.LoadFloat64x4((*four)(at.item[i:])).Mul(bends).Store((*four)(bent[i:]))
	}
	for i, be := range &bent {
		line, by := &t.landmark[i], archsimd.BroadcastFloat64x4(be)
		for k := i &^ 3; k < itemRoom; k += 4 {
			add4((*four)(line[k:]), (*four)(at.item[k:]), by)
		}
		x, to := archsimd.BroadcastFloat64x4(at.item[i]), &t.across[i]
		to0, to1 := (*four)(to[0:]), (*four)(to[4:])
		archsimd.LoadFloat64x4(to0).Add(c0.Mul(x)).Store(to0)
		archsimd.LoadFloat64x4(to1).Add(c1.Mul(x)).Store(to1)
	}
	for _, place := range at.level[:at.levels] {
		tile := &t.levels[place]
		for k := 0; k < itemRoom; k += 4 {
			to := (*four)(tile.item[k:])
			archsimd.LoadFloat64x4(to).Add(archsimd.LoadFloat64x4((*four)(bent[k:]))).Store(to)
		}
		to0, to1 := (*four)(tile.period[0:]), (*four)(tile.period[4:])
		archsimd.LoadFloat64x4(to0).Add(c0).Store(to0)
		archsimd.LoadFloat64x4(to1).Add(c1).Store(to1)
	}
	for _, r := range runs {
		tile, by := &t.levels[r.place], archsimd.BroadcastFloat64x4(r.bends)
		for k := 0; k < itemRoom; k += 4 {
			add4((*four)(tile.item[k:]), (*four)(at.item[k:]), by)
		}
	}
	archsimd.ClearAVXUpperBits()
}
