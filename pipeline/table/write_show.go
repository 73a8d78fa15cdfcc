package table

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
)

// Scale is the number of decimals of a column, 0 of one that is no OutDecimal.
func (f *Frame) Scale(col int) int { return f.columns[col].Scale }

// Text is a cell as the CSV writer would write it, before quoting; "" of a null.
func (f *Frame) Text(col, row int) string {
	if f.IsNull(col, row) {
		return ""
	}
	switch c := f.columns[col]; c.Type {
	case OutString:
		return f.StringAt(col, row)
	case OutDate:
		return string(appendDate(nil, f.DateAt(col, row)))
	case OutDecimal:
		return string(appendDecimal(nil, f.DecimalAt(col, row), c.Scale))
	case OutDouble:
		return string(appendDouble(nil, f.DoubleAt(col, row)))
	case OutBool:
		return strconv.FormatBool(f.BoolAt(col, row))
	}
	return strconv.FormatInt(f.IntAt(col, row), 10)
}

// writeError names the file that could not be written, once.
func writeError(path string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("writing %s: %w", path, err)
}
