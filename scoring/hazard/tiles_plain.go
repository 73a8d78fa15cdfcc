//go:build !(goexperiment.simd && amd64 && go1.26 && !go1.27)

package hazard

func (f *frame) standardise4(*layout) {}

func (f *frame) addNumeric4(*coefficients) {}

func (t *tiles) slopes4(*frame) {}

func (t *tiles) within4(*frame, *framed, *[periodRoom]float64) {}

func (t *tiles) own4(*framed, []run, *[periodRoom]float64) {}
