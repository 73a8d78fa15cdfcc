package table

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Repeating a cell is the same as appending it as often, in columns with nulls and without.
func TestRepeatedCellsAreThoseAppendedOneByOne(t *testing.T) {
	columns := []OutColumn{{Name: "a", Type: OutString}, {Name: "b", Type: OutString, Null: true}, {Name: "c", Type: OutDecimal}, {Name: "d", Type: OutDecimal, Null: true}, {Name: "e", Type: OutInt32, Null: true}}
	one, many := NewFrame(columns), NewFrame(columns)
	for _, n := range []int{2, 0, 1, 5} {
		many.RepeatString(0, "bad \xff", n)
		many.RepeatString(1, "é", n)
		many.RepeatDecimal(2, 7, n)
		many.RepeatDecimal(3, -7, n)
		many.RepeatNull(4, n)
		for range n {
			one.String(0, "bad \xff")
			one.Bytes(1, []byte("é"))
			one.Decimal(2, 7)
			one.Decimal(3, -7)
			one.Null(4)
		}
	}
	for i := range columns { // how lucky a column was is none of a row's business
		one.cells[i].recent, many.cells[i].recent = nil, nil
	}
	if many.rows() != 8 || !reflect.DeepEqual(one, many) {
		t.Errorf("repeated %+v, one by one %+v", many.cells, one.cells)
	}
}

// Texts that come again are there once; whatever their order, between nulls, broken or empty, every cell says what was put there, in the
// frame and in a frame to which its rows are appended in pieces.
func TestEveryCellSaysTheTextThatWasPutThere(t *testing.T) {
	columns := []OutColumn{{Name: "a", Type: OutString, Null: true}}
	r := rand.New(rand.NewPCG(7, 1))
	for range 200 {
		f, held := NewFrame(columns), NewFrame(columns)
		var want []string // "-" is a null
		words := 1 + r.IntN(200)
		for range r.IntN(500) {
			v := strings.ToValidUTF8(strings.Repeat("é\xff", r.IntN(2))+fmt.Sprint("word ", r.IntN(words)), "\uFFFD")
			switch r.IntN(8) {
			case 0:
				f.Null(0)
				v = "-"
			case 1:
				f.String(0, "")
				v = ""
			case 2:
				f.String(0, strings.ReplaceAll(v, "\uFFFD", "\xff"))
			case 3:
				v = fmt.Sprint("other ", r.IntN(words))
				f.AppendTexts(0, []byte(v+v), []int32{int32(len(v)), int32(len(v))})
				want = append(want, v)
			case 4:
				f.RepeatString(0, v, 2)
				want = append(want, v)
			default:
				f.Bytes(0, []byte(v))
			}
			want = append(want, v)
		}
		for from := 0; from < f.Len(); {
			to := from + r.IntN(f.Len()-from+1)
			held.appendRows(f, from, to)
			from = to
		}
		for _, frame := range []*Frame{f, held} {
			var got []string
			for i := range frame.Len() {
				if frame.IsNull(0, i) {
					got = append(got, "-")
				} else {
					got = append(got, frame.StringAt(0, i))
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("cells %q, put there %q", got, want)
			}
		}
	}
}

// Again is the same as appending the last cells one by one.
func TestCellsSaidAgainAreThoseBefore(t *testing.T) {
	f := NewFrame([]OutColumn{{Name: "a", Type: OutString, Null: true}, {Name: "b", Type: OutString}})
	for _, v := range []string{"x", "y", ""} {
		f.String(1, v)
		if v == "" {
			f.Null(0)
		} else {
			f.String(0, v)
		}
	}
	for col := range 2 {
		f.Again(col, 2)
		f.Again(col, 0)
		if got := []string{f.StringAt(col, 3), f.StringAt(col, 4)}; !slices.Equal(got, []string{"y", ""}) {
			t.Errorf("column %d: %q", col, got)
		}
	}
	if !f.IsNull(0, 4) || f.IsNull(0, 3) || f.cells[0].nulls != 2 {
		t.Errorf("nulls: %+v", f.cells[0])
	}
}

// The words of a menu come by turns, and are there once each.
func TestWordsThatComeByTurnsAreThereOnce(t *testing.T) {
	f := NewFrame([]OutColumn{{Name: "a", Type: OutString}})
	words := []string{"email", "letter", "call", "visit", "demand", "meeting"}
	for i := range 1000 {
		f.String(0, words[i%len(words)])
	}
	if texts := len(f.cells[0].offsets) - 1; texts != len(words) {
		t.Errorf("%d texts of %d words", texts, len(words))
	}
}
