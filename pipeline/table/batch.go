package table

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Type is the logical type of a column of an export.
type Type uint8

// The logical types. In a Batch a String is a Go string and all others are arrow arrays: a
// Date a Date32, an Int an Int64, a Float a Float64, a Bool a Boolean, and a Decimal two: the
// mantissa as Int64 and, next to it, the number of decimals as written as Uint8.
const (
	String Type = iota
	Date
	Decimal
	Int
	Float
	Bool
)

// Column declares one column of an export.
type Column struct {
	Name     string
	Type     Type
	Required bool     // the export must have the column and no cell may be empty
	ID       bool     // a String column of identifiers, as those are whose name ends in _id
	OneOf    []string // accepted values of a String column; nil accepts any
}

// Schema declares the columns of an export, by canonical name.
type Schema []Column

// Options tell how the files of one export are written. The zero value is a CSV file in
// UTF-8 with commas or, by its name, a Parquet file.
type Options struct {
	Columns    map[string]string // canonical name -> name in the file
	DateFormat string            // Go layout; "" is YYYY-MM-DD
	Encoding   string            // utf-8 (default), cp932, euc-jp, utf-16, utf-16le, utf-16be, windows-1252
	Delimiter  byte              // 0 is found from the header line: comma, tab or semicolon
	Numbers    string            // "" strict, "lenient"
	IDs        string            // "": an identifier written as a decimal number is refused; "repair_decimal": its ".0" is taken off
	Null       []string          // cells equal to one of these count as empty
	Present    []string          // canonical columns; a row in which one of them is empty is skipped, not refused (a column that the file lacks skips nothing)
}

// Reject is a row that could not be read. Row counts from 1 over the data rows of the file,
// Line is the line in the (decoded) text on which the row starts, counting the header and
// from 1; Line is 0 for Parquet.
type Reject struct {
	File   int // index of the file, as given to Open
	Row    int64
	Line   int64
	Place  int64 // as in Batch.Place
	Column string
	Cause  string
	Raw    string
}

// Batch is a run of rows of one file as typed columns. The batch and everything reached
// through it, the bytes of its strings too, belong to the reader and are valid only until the
// callback that got it returns.
//
// Texts, most of a row, are views of the block of text that was read, or of a copy of what was
// chosen from a page. An arrow array of them would be one copy more.
type Batch struct {
	Record  arrow.Record // columns of the schema that are no texts, in order; a Decimal takes two places
	File    int          // index of the file
	Place   []int64      // per row: byte offset of the row in the decoded text, or row number in a Parquet file
	cols    []column
	columns []int // schema index -> arrow column
}

// Rows is the number of rows.
func (b *Batch) Rows() int { return len(b.Place) }

// Given tells whether column i of the schema has a value in any row. What most exports lack
// need not be looked for in each.
func (b *Batch) Given(i int) bool { return b.cols[i].nullN < len(b.Place) }

// Strings is column i of the schema, a String column, "" where a row has no value: an empty
// cell is none.
func (b *Batch) Strings(i int) []string { return b.cols[i].texts[:len(b.Place)] }

// Dates is column i of the schema, a Date column, as day numbers since 1970-01-01.
func (b *Batch) Dates(i int) *array.Date32 { return b.Record.Column(b.columns[i]).(*array.Date32) }

// Decimals is column i of the schema, a Decimal column: mantissas and, for each, the number
// of decimals as written.
func (b *Batch) Decimals(i int) (*array.Int64, *array.Uint8) {
	at := b.columns[i]
	return b.Record.Column(at).(*array.Int64), b.Record.Column(at + 1).(*array.Uint8)
}

// Ints is column i of the schema, an Int column.
func (b *Batch) Ints(i int) *array.Int64 { return b.Record.Column(b.columns[i]).(*array.Int64) }

// Floats is column i of the schema, a Float column.
func (b *Batch) Floats(i int) *array.Float64 {
	return b.Record.Column(b.columns[i]).(*array.Float64)
}

// Bools is column i of the schema, a Bool column.
func (b *Batch) Bools(i int) *array.Boolean { return b.Record.Column(b.columns[i]).(*array.Boolean) }

// arrowSchema lays the columns of the schema that are no texts out as arrow fields and tells
// where each starts.
func arrowSchema(s Schema) (*arrow.Schema, []int) {
	var fields []arrow.Field
	at := make([]int, len(s))
	for i, c := range s {
		at[i] = len(fields)
		f := arrow.Field{Name: c.Name, Nullable: !c.Required}
		switch c.Type {
		case String:
			continue
		case Date:
			f.Type = arrow.FixedWidthTypes.Date32
		case Decimal, Int:
			f.Type = arrow.PrimitiveTypes.Int64
		case Float:
			f.Type = arrow.PrimitiveTypes.Float64
		case Bool:
			f.Type = arrow.FixedWidthTypes.Boolean
		default:
			panic(fmt.Sprintf("table: column %s has no type", c.Name))
		}
		fields = append(fields, f)
		if c.Type == Decimal {
			fields = append(fields, arrow.Field{Name: c.Name + ".decimals", Type: arrow.PrimitiveTypes.Uint8, Nullable: !c.Required})
		}
	}
	return arrow.NewSchema(fields, nil), at
}
