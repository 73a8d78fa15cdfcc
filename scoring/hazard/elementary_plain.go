//go:build !(goexperiment.simd && amd64 && go1.26 && !go1.27)

package hazard

// vectors tells that there are none: the loops that all builds have do all the work.
const vectors = false

func fade4(xs []float64) []float64 { return xs }
