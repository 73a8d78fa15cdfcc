package table

import "slices"

// RepeatString appends a text n times.
func (f *Frame) RepeatString(col int, v string, n int) {
	if n == 0 {
		return
	}
	f.String(col, v)
	c := &f.cells[col]
	one := c.text[c.offsets[len(c.offsets)-2]:] // what String made of it
	c.text = slices.Grow(c.text, (n-1)*len(one))
	for range n - 1 {
		c.text = append(c.text, one...)
		c.offsets = append(c.offsets, uint32(len(c.text)))
	}
	f.repeatLevels(col, 1, n-1)
}

// RepeatDecimal appends a decimal n times.
func (f *Frame) RepeatDecimal(col int, v int64, n int) {
	if n == 0 {
		return
	}
	f.Decimal(col, v)
	c := &f.cells[col]
	for range n - 1 {
		c.words = append(c.words, v)
	}
	f.repeatLevels(col, 1, n-1)
}

// RepeatNull appends n nulls.
func (f *Frame) RepeatNull(col, n int) {
	for range n {
		f.Null(col)
	}
}

func (f *Frame) repeatLevels(col int, level byte, n int) {
	if !f.columns[col].Null {
		return
	}
	c := &f.cells[col]
	for range n {
		c.levels = append(c.levels, level)
	}
}
