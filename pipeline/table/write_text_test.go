package table

import (
	"fmt"
	"testing"
)

// Sentences of a review differ in a number between the same words. With keys of their ends alone all of
// them met in one slot, and a lookup compared as many texts as there were entries.
func TestSentencesThatDifferInsideHaveHashesOfTheirOwn(t *testing.T) {
	const n = 100_000
	met := map[uint64]bool{}
	for i := range n {
		met[keyOf(fmt.Appendf(nil, "oldest item %d days past due", 100_000+i)).hash()] = true
	}
	if len(met) != n { // by chance two of them meet once in four billion times
		t.Errorf("%d hashes of %d sentences", len(met), n)
	}
}
