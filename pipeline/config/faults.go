package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fault is one thing that is wrong with a configuration. Line and Column count from 1; Key is
// the path of the key, such as exports.payments.path; Hint is what to do, where that is known.
type Fault struct {
	Line, Column int
	Key          string
	Msg, Hint    string
}

// Faults is everything that is wrong with a configuration, in the order of its lines.
type Faults struct {
	File string
	List []Fault
}

// Error prints a line per fault, kaishu.yaml:12: exports.payment: unknown key, and a hint
// line after it where there is one.
func (f *Faults) Error() string {
	var out strings.Builder
	for i, fault := range f.List {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%s:%d: ", f.File, fault.Line)
		if fault.Key != "" {
			out.WriteString(fault.Key + ": ")
		}
		out.WriteString(fault.Msg)
		if fault.Hint != "" {
			out.WriteString("\nhint: " + fault.Hint)
		}
	}
	return out.String()
}

// sort puts the faults in the order of the file.
func (f *Faults) sort() {
	slices.SortStableFunc(f.List, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// suggest is a hint that names the word nearest to the one written, or lists the words when
// none is near.
func suggest(written string, words []string) string {
	if hint := nearest(written, words); hint != "" || len(words) == 0 {
		return hint
	}
	return "known here: " + strings.Join(words, ", ")
}

// nearest is a hint that names the word nearest to the one written, "" when none is near.
func nearest(written string, words []string) string {
	best := Nearest(written, words)
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}

// Nearest is the first of the words that are nearest to the one written, in any case, "" when none is near: when a
// third of its letters are wrong, unless one is the beginning of the other.
func Nearest(written string, words []string) string {
	best, least := "", 1+max(1, utf8.RuneCountInString(written)/3)
	for _, w := range words {
		d := distance(strings.ToLower(written), strings.ToLower(w))
		if d > 1 && len(written) > 2 && (strings.HasPrefix(w, written) || strings.HasPrefix(written, w)) {
			d = 1
		}
		if d < least {
			best, least = w, d
		}
	}
	return best
}

// Misspelt tells whether a name is so near another one that it may be meant: when a quarter of its letters are wrong, or one.
// That is less than nearest asks for: there the name is wrong in any case, here it may be a column of its own, as
// base_date beside due_date. Names of fewer than four letters are alike too soon to tell.
func Misspelt(written, name string) bool {
	return len(name) >= 4 && distance(strings.ToLower(written), name) <= max(1, utf8.RuneCountInString(written)/4)
}

// distance is the least number of letters to insert, delete, replace or swap with their
// neighbour that turns a into b (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 { // no key is that long
		return max(len(x), len(y))
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := last[j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
