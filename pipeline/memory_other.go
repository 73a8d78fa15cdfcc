//go:build !linux

package pipeline

import "runtime"

// peakMemory is, where the system's own figure is not at hand, what Go has obtained, in bytes.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
