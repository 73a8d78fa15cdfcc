package table

import (
	"reflect"
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
	if many.rows() != 8 || !reflect.DeepEqual(one, many) {
		t.Errorf("repeated %+v, one by one %+v", many.cells, one.cells)
	}
}
