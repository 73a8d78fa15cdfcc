package table

import (
	"math/bits"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/rle"
	"pgregory.net/rapid"
)

// The library's decoder reads what is written here, whatever runs follow one another.
func TestCodesReadBackFromRunsAndGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SampledFrom([]int{1, 2, 3, 8, 9, 255, 256, 257, 65536, 81919}).Draw(t, "entries")
		var codes []int32
		for _, n := range rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 7, 8, 9, 15, 31, 33, 64, 300}), 1, 30).Draw(t, "runs") {
			for code := rapid.Int32Range(0, int32(entries-1)).Draw(t, "code"); n > 0; n-- {
				codes = append(codes, code)
			}
		}
		b := appendCodes([]byte("before"), codes, entries)
		if string(b[:6]) != "before" || int(b[6]) != bits.Len(uint(entries-1)) {
			t.Fatalf("begins with %q", b[:7])
		}
		got, err := (&rle.DictionaryEncoding{}).DecodeInt32(nil, b[6:])
		if err != nil || len(got) < len(codes) || len(got) >= len(codes)+8 || !slices.Equal(got[:len(codes)], codes) {
			t.Fatalf("%d codes of %d, %v", len(got), len(codes), err)
		}
	})
}

// A run of a customer's rows is a head and a code wherever it begins.
func TestRunsOfCodesTakeTheirHeadAndCode(t *testing.T) {
	var codes []int32
	for i := range int32(300) {
		for range 50 {
			codes = append(codes, i)
		}
	}
	if b := appendCodes(nil, codes, 300); len(b) != 1+300*3 {
		t.Errorf("%d bytes of 300 runs", len(b))
	}
}
