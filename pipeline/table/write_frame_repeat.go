package table

// RepeatString appends a text n times.
func (f *Frame) RepeatString(col int, v string, n int) {
	if n == 0 {
		return
	}
	f.String(col, v)
	c := &f.cells[col]
	code := c.codes[len(c.codes)-1]
	for range n - 1 {
		c.codes = append(c.codes, code)
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
