package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/xuri/excelize/v2"
)

// What a worksheet and a cell hold (ECMA-376 as Excel has it): beyond, files do not open.
const (
	sheetRows = 1<<20 - 1 // below the header
	cellUnits = 32_767    // of UTF-16
)

// Spreadsheets count days from 1899-12-30 on, since they take 1900 for a leap year: from that March on they are right.
const (
	firstDay = 25_569
	leapDay  = 61
)

// exactNumbers is where whole numbers stop being exact in a spreadsheet, which shows 15 digits.
const exactNumbers = 1_000_000_000_000_000

// pageWidth is what fits the width of a printed page, in characters, at the smallest scale that is pleasant to read.
const pageWidth = 220

// Layout is how the sheets of a workbook look.
type Layout struct {
	Name     string                           // of the sheet; further ones have a number too
	Keep     int                              // columns at the left that stay in sight, and are on every printed page
	Headings []string                         // of the columns, no two alike; nil: the columns' names
	Words    func(column, text string) string // what a cell of texts shows; nil: the text
}

// XLSXWriter writes frames as a workbook for people: a header that stays in sight, a filter on every column, dates and
// numbers as such with the decimals of their column, columns as wide as their first rows need. Nulls are empty cells. What no longer fits
// a sheet goes on in another one. On paper, header and kept columns are repeated.
//
// Texts are never formulas; as in a CSV, one that a spreadsheet would take for a formula has an apostrophe in front, so that
// it stays harmless when the sheet is saved as CSV. A text longer than a cell can be is cut and ends in an ellipsis; decimals
// of more than 15 digits, which a spreadsheet would round, are texts. The same frames make the same bytes.
type XLSXWriter struct {
	path       string
	look       Layout
	book       *excelize.File
	sheet      *excelize.StreamWriter
	columns    []OutColumn
	most       int // rows a sheet
	styles     []int
	head       int // style of the header
	widths     []float64
	sheets, at int // at counts the rows of this sheet
	rows       int64
	cells      []any
	err        error
}

// CreateXLSX begins a workbook; nothing is on the disk before Close.
func CreateXLSX(path string, columns []OutColumn, look Layout) (*XLSXWriter, error) {
	w := &XLSXWriter{path: path, look: look, book: excelize.NewFile(), columns: columns, most: sheetRows, cells: make([]any, len(columns))}
	var err error
	if w.head, err = w.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "center"}}); err != nil {
		return nil, w.failed(err)
	}
	type kind struct {
		format string
		text   bool
	}
	known := map[kind]int{}
	for _, c := range columns {
		k := kind{c.cellFormat(), c.Type == OutString}
		style, ok := known[k]
		if !ok {
			s := &excelize.Style{}
			if k.format != "" {
				s.CustomNumFmt = &k.format
			}
			if k.text { // away from the number on its left
				s.Alignment = &excelize.Alignment{Horizontal: "left", Indent: 1}
			}
			if style, err = w.book.NewStyle(s); err != nil {
				return nil, w.failed(err)
			}
			known[k] = style
		}
		w.styles = append(w.styles, style)
	}
	return w, nil
}

// heading is what the header calls a column.
func (w *XLSXWriter) heading(col int) string {
	if w.look.Headings != nil {
		return w.look.Headings[col]
	}
	return w.columns[col].Name
}

// cellFormat is how a spreadsheet shows a column, "" for as it likes.
func (c *OutColumn) cellFormat() string {
	switch c.Type {
	case OutDate:
		return "yyyy-mm-dd"
	case OutDecimal:
		if c.Scale > 0 {
			return "#,##0." + strings.Repeat("0", c.Scale)
		}
		return "#,##0"
	case OutDouble:
		return "#,##0.00##"
	}
	return ""
}

func (w *XLSXWriter) failed(err error) error {
	w.err = writeError(w.path, err)
	return w.err
}

// Write writes the rows of a frame with the writer's columns.
func (w *XLSXWriter) Write(f *Frame) error {
	if !sameColumns(f.columns, w.columns) {
		panic("table: the frame has other columns than the file " + w.path)
	}
	if w.err != nil {
		return w.err
	}
	if w.widths == nil {
		w.widths = w.measure(f)
	}
	for row := range f.rows() {
		if w.sheet == nil || w.at == w.most {
			if err := w.begin(); err != nil {
				return w.failed(err)
			}
		}
		for col := range w.columns {
			w.cells[col] = nil
			if !f.IsNull(col, row) {
				w.cells[col] = excelize.Cell{StyleID: w.styles[col], Value: w.cellAt(f, col, row)}
			}
		}
		w.at++
		if err := w.sheet.SetRow(fmt.Sprintf("A%d", w.at+1), w.cells); err != nil {
			return w.failed(err)
		}
		w.rows++
	}
	return nil
}

// begin ends the sheet and begins the next.
func (w *XLSXWriter) begin() error {
	if err := w.end(); err != nil {
		return err
	}
	name := w.look.Name
	if w.sheets++; w.sheets == 1 {
		if err := w.book.SetSheetName("Sheet1", name); err != nil {
			return err
		}
	} else {
		name = fmt.Sprintf("%s %d", name, w.sheets)
		if _, err := w.book.NewSheet(name); err != nil {
			return err
		}
	}
	err := w.setPaper(name)
	if err != nil {
		return err
	}
	if w.sheet, err = w.book.NewStreamWriter(name); err != nil {
		return err
	}
	w.at = 0
	for col, width := range w.widths {
		if err := w.sheet.SetColWidth(col+1, col+1, width); err != nil {
			return err
		}
	}
	corner, err := excelize.CoordinatesToCellName(w.look.Keep+1, 2)
	if err != nil {
		return err
	}
	if err := w.sheet.SetPanes(&excelize.Panes{Freeze: true, XSplit: w.look.Keep, YSplit: 1, TopLeftCell: corner, ActivePane: "bottomRight"}); err != nil {
		return err
	}
	for col := range w.columns {
		w.cells[col] = excelize.Cell{StyleID: w.head, Value: w.heading(col)}
	}
	return w.sheet.SetRow("A1", w.cells, excelize.RowOpts{Height: 20})
}

// setPaper says how a sheet is printed: as few pages wide as can be read, each with the header and the kept columns.
func (w *XLSXWriter) setPaper(name string) error {
	all, kept := 0.0, 0.0
	for col, width := range w.widths {
		all += width
		if col < w.look.Keep {
			kept += width
		}
	}
	wide, long := 1, 0 // pages; 0: as many as it takes
	if all > pageWidth {
		wide = int(math.Ceil((all - kept) / max(pageWidth-kept, 1)))
	}
	landscape, fit := "landscape", true
	if err := w.book.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &wide, FitToHeight: &long}); err != nil {
		return err
	}
	if err := w.book.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := w.book.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L&A&R&P / &N"}); err != nil {
		return err
	}
	titles := fmt.Sprintf("'%s'!$1:$1", name)
	if w.look.Keep > 0 {
		last, err := excelize.ColumnNumberToName(w.look.Keep)
		if err != nil {
			return err
		}
		titles = fmt.Sprintf("'%s'!$A:$%s,", name, last) + titles
	}
	return w.book.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: name})
}

// end puts the filter on a sheet and writes out its rows.
func (w *XLSXWriter) end() error {
	if w.sheet == nil {
		return nil
	}
	if w.at > 0 {
		last, err := excelize.CoordinatesToCellName(len(w.columns), w.at+1)
		if err != nil {
			return err
		}
		if err := w.sheet.AddTable(&excelize.Table{Range: "A1:" + last, Name: fmt.Sprintf("rows%d", w.sheets), StyleName: "TableStyleLight1"}); err != nil {
			return err
		}
	}
	return w.sheet.Flush()
}

// Close writes the file, waits until the disk has it and returns the number of rows. After an error it only lets go of
// what it holds, and returns the error again.
func (w *XLSXWriter) Close() (int64, error) {
	defer w.book.Close()
	if w.err != nil {
		return w.rows, w.err
	}
	if w.sheet == nil { // no rows: the header alone
		w.widths = w.measure(NewFrame(w.columns))
		if err := w.begin(); err != nil {
			return 0, w.failed(err)
		}
	}
	if err := w.end(); err != nil {
		return w.rows, w.failed(err)
	}
	file, err := os.Create(w.path)
	if err != nil {
		return w.rows, w.failed(err)
	}
	if err = w.save(file); err == nil {
		err = file.Sync()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return w.rows, w.failed(err)
	}
	w.err = errors.New("writing " + w.path + ": the file is closed")
	return w.rows, nil
}

// save writes the parts of the workbook in the order of their names: the library lists those of several sheets as a map has them.
func (w *XLSXWriter) save(to io.Writer) error {
	book, err := w.book.WriteToBuffer()
	if err != nil {
		return err
	}
	parts, err := zip.NewReader(bytes.NewReader(book.Bytes()), int64(book.Len()))
	if err != nil {
		return err
	}
	slices.SortFunc(parts.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(to)
	for _, part := range parts.File {
		if err := out.Copy(part); err != nil {
			return err
		}
	}
	return out.Close()
}

// cellAt is a cell that is not null as the sheet shows it.
func (w *XLSXWriter) cellAt(f *Frame, col, row int) any {
	if w.look.Words != nil && w.columns[col].Type == OutString {
		return cellText(w.look.Words(w.columns[col].Name, f.StringAt(col, row)))
	}
	return f.cellAt(col, row)
}

// cellAt is a cell that is not null as a spreadsheet is to have it.
func (f *Frame) cellAt(col, row int) any {
	switch spec := &f.columns[col]; spec.Type {
	case OutString:
		return cellText(f.StringAt(col, row))
	case OutDate:
		if day := f.DateAt(col, row) + firstDay; day >= leapDay {
			return day
		}
		return f.Text(col, row)
	case OutDecimal:
		v := f.DecimalAt(col, row)
		if v >= exactNumbers || v <= -exactNumbers {
			return f.Text(col, row)
		}
		return float64(v) / math.Pow10(spec.Scale)
	case OutDouble:
		return f.DoubleAt(col, row)
	case OutBool:
		return f.BoolAt(col, row)
	default:
		if v := f.IntAt(col, row); v < exactNumbers && v > -exactNumbers {
			return v
		}
		return f.Text(col, row)
	}
}

// cellText is a text that is no formula and fits a cell.
func cellText(s string) string {
	if startsFormula([]byte(s)) {
		s = "'" + s
	}
	if len(s) <= cellUnits {
		return s
	}
	units, cut := 0, 0 // cut is the last place before which a text and an ellipsis fit
	for i, r := range s {
		if units < cellUnits {
			cut = i
		}
		if units += max(1, utf16.RuneLen(r)); units > cellUnits {
			return s[:cut] + "…"
		}
	}
	return s
}

// measure is how wide the columns are to be: as the widest of the header and the first rows, in characters, within bounds.
func (w *XLSXWriter) measure(f *Frame) []float64 {
	const rows, least, widest = 200, 6, 80
	widths := make([]float64, len(w.columns))
	for col, c := range w.columns {
		width := text.StringWidthWithoutEscSequences(w.heading(col)) + 2 // the filter's button
		for row := range min(rows, f.rows()) {
			shown := f.Text(col, row)
			if w.look.Words != nil && c.Type == OutString && shown != "" {
				shown = w.look.Words(c.Name, shown)
			}
			if c.Type == OutDouble && shown != "" {
				shown = fmt.Sprintf("%.4f", f.DoubleAt(col, row))
			}
			room := text.StringWidthWithoutEscSequences(shown)
			if c.Type == OutDecimal || c.Type == OutDouble {
				room += room / 3 // for the separators of thousands
			}
			width = max(width, room)
		}
		widths[col] = float64(min(max(width, least), widest)) + 1.5
	}
	return widths
}
