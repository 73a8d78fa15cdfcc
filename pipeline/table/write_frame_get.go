package table

// Column is the index of the column of that name, -1 without one.
func (f *Frame) Column(name string) int {
	for i, c := range f.columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// IsNull tells whether a cell is null.
func (f *Frame) IsNull(col, row int) bool {
	return f.columns[col].Null && f.cells[col].levels[row] == 0
}

// get is column col, which must be of type t.
func (f *Frame) get(col int, t OutType) *frameColumn {
	if f.columns[col].Type != t {
		f.wrong(col, t)
	}
	return &f.cells[col]
}

// StringAt is the text of a cell, "" of a null.
func (f *Frame) StringAt(col, row int) string { return string(f.textAt(col, row)) }

// textAt is StringAt in the frame's own memory.
func (f *Frame) textAt(col, row int) []byte {
	c := f.get(col, OutString)
	if f.IsNull(col, row) {
		return nil
	}
	return c.text[c.offsets[c.codes[row]]:c.offsets[c.codes[row]+1]]
}

// DateAt is the day of a cell, 0 of a null.
func (f *Frame) DateAt(col, row int) int32 { return f.get(col, OutDate).halves[row] }

// DecimalAt is the value of a cell times ten to the column's Scale, 0 of a null.
func (f *Frame) DecimalAt(col, row int) int64 { return f.get(col, OutDecimal).words[row] }

// DoubleAt is the number in a cell, 0 of a null.
func (f *Frame) DoubleAt(col, row int) float64 { return f.get(col, OutDouble).doubles[row] }

// IntAt is the integer in a cell of an OutInt or OutInt32 column, 0 of a null.
func (f *Frame) IntAt(col, row int) int64 {
	if f.columns[col].Type == OutInt32 {
		return int64(f.cells[col].halves[row])
	}
	return f.get(col, OutInt).words[row]
}

// BoolAt is the truth value of a cell, false of a null.
func (f *Frame) BoolAt(col, row int) bool { return f.get(col, OutBool).bools[row] }
