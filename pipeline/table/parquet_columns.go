package table

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	pq "github.com/parquet-go/parquet-go/format"
)

// ReadColumns reads columns of a file made by a ParquetWriter, all of them where none is
// named, in the order asked for. It is meant for looking into results, not for exports: the
// whole columns are held in memory. Errors are of type *Error.
func ReadColumns(path string, names ...string) (f *Frame, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, damaged(path, p)
		}
	}()
	in, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, "", err)
	}
	defer in.Close()
	file, err := parquetFooter(in, path)
	if err != nil {
		return nil, err
	}
	fields := file.Root().Columns()
	if len(names) == 0 {
		for _, c := range fields {
			names = append(names, c.Name())
		}
	}
	var columns []OutColumn
	var leaves []leaf
	for _, name := range names {
		c := file.Root().Column(name)
		if c == nil {
			return nil, &Error{File: path, Msg: fmt.Sprintf("no column %q; the file has: %s", name, listNames(fieldNames(file)))}
		}
		spec, ok := outColumnOf(c)
		if !ok {
			return nil, &Error{File: path, Column: name, Msg: "is of a type that kaishu does not write: " + typeName(c)}
		}
		l := leaf{name: name, at: c.Index(), optional: c.Optional()}
		l.classify(c.Type())
		columns, leaves = append(columns, spec), append(leaves, l)
	}
	f = NewFrame(columns)
	for g, group := range file.RowGroups() {
		for col := range leaves {
			before := f.length(col)
			if err := readChunk(f, col, file, in, g, &leaves[col]); err != nil {
				return nil, &Error{File: path, Column: columns[col].Name, Msg: "is damaged", Err: err}
			}
			if got := int64(f.length(col) - before); got != group.NumRows() {
				return nil, &Error{File: path, Column: columns[col].Name,
					Msg: fmt.Sprintf("row group %d is damaged: it has %d rows instead of %d", g, got, group.NumRows())}
			}
		}
	}
	return f, nil
}

// outColumnOf is the output column that a file's column was written from.
func outColumnOf(c *parquet.Column) (OutColumn, bool) {
	spec := OutColumn{Name: c.Name(), Null: c.Optional()}
	if !c.Leaf() || c.Repeated() {
		return spec, false
	}
	var logical pq.LogicalTypeValue
	if t := c.Type().LogicalType(); t != nil {
		logical = t.Value
	}
	kind := c.Type().Kind()
	switch t := logical.(type) {
	case *pq.StringType:
		spec.Type = OutString
		return spec, kind == parquet.ByteArray
	case *pq.DateType:
		spec.Type = OutDate
		return spec, kind == parquet.Int32
	case *pq.DecimalType:
		spec.Type, spec.Scale = OutDecimal, int(t.Scale)
		return spec, kind == parquet.Int64 && t.Precision == outDigits
	}
	switch kind {
	case parquet.Double:
		spec.Type = OutDouble
	case parquet.Int64:
		spec.Type = OutInt
	case parquet.Int32:
		spec.Type = OutInt32
	case parquet.Boolean:
		spec.Type = OutBool
	default:
		return spec, false
	}
	return spec, true
}

// readChunk appends the cells of a leaf in a row group to column col.
func readChunk(f *Frame, col int, file *parquet.File, in io.ReaderAt, group int, l *leaf) error {
	r := newCellReader(l)
	if err := r.pages.open(file, in, group); err != nil {
		return err
	}
	for {
		err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for row := range r.pages.rows {
			at, err := r.at(row)
			if err != nil {
				return err
			}
			if at < 0 {
				f.Null(col)
				continue
			}
			appendValue(f, col, r.values, at)
		}
	}
}

// appendValue appends value i to column col, which is of its type.
func appendValue(f *Frame, col int, values encoding.Values, i int) {
	switch f.columns[col].Type {
	case OutString:
		f.String(col, string(bytesAt(values, parquet.ByteArray, i)))
	case OutDate:
		f.Date(col, values.Int32()[i])
	case OutDecimal:
		f.Decimal(col, values.Int64()[i])
	case OutDouble:
		f.Double(col, values.Double()[i])
	case OutInt:
		f.Int(col, values.Int64()[i])
	case OutInt32:
		f.Int32(col, values.Int32()[i])
	case OutBool:
		f.Bool(col, bit(values.Boolean(), i))
	}
}
