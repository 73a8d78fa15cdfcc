package table

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// textRow is one good row as a test sees it: its cells joined by "|", nulls as "-".
type textRow struct {
	place int64
	cells string
}

// showBatch writes out the rows of a batch.
func showBatch(schema Schema, b *Batch) []textRow {
	rows := make([]textRow, b.Rows())
	for k := range rows {
		cells := make([]string, len(schema))
		for i, c := range schema {
			cells[i] = "-"
			switch c.Type {
			case String:
				if a := b.Strings(i); a[k] != "" {
					cells[i] = strings.Clone(a[k])
				}
			case Date:
				if a := b.Dates(i); a.IsValid(k) {
					cells[i] = time.Unix(int64(a.Value(k))*86400, 0).UTC().Format(time.DateOnly)
				}
			case Decimal:
				if a, scales := b.Decimals(i); a.IsValid(k) {
					cells[i] = fmt.Sprintf("%de-%d", a.Value(k), scales.Value(k))
				}
			case Int:
				if a := b.Ints(i); a.IsValid(k) {
					cells[i] = fmt.Sprint(a.Value(k))
				}
			case Float:
				if a := b.Floats(i); a.IsValid(k) {
					cells[i] = fmt.Sprint(a.Value(k))
				}
			case Bool:
				if a := b.Bools(i); a.IsValid(k) {
					cells[i] = fmt.Sprint(a.Value(k))
				}
			}
		}
		rows[k] = textRow{b.Place[k], strings.Join(cells, "|")}
	}
	return rows
}

// scanText reads a file and gives its good rows in the order of the file.
func scanText(f format, schema Schema, workers int) ([]textRow, Result, error) {
	var mu sync.Mutex
	var rows []textRow
	r, err := f.scan(context.Background(), workers, func(_ int, b *Batch) error {
		got := showBatch(schema, b)
		mu.Lock()
		defer mu.Unlock()
		rows = append(rows, got...)
		return nil
	})
	slices.SortFunc(rows, func(a, b textRow) int { return cmp.Compare(a.place, b.place) })
	return rows, r, err
}

// textFileOf writes a file for a test.
func textFileOf(tb testing.TB, name, text string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// openText opens text as a CSV file.
func openText(tb testing.TB, text string, schema Schema, opt Options) *csvFile {
	tb.Helper()
	f, err := openCSV(textFileOf(tb, "export.csv", text), 0, schema, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return f.(*csvFile)
}

// cellsOf are the cells of rows without their places.
func cellsOf(rows []textRow) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, r.cells)
	}
	return out
}

// refusals are rejects as "row:line column: cause".
func refusals(rejects []Reject) []string {
	out := []string{}
	for _, r := range rejects {
		column := r.Column
		if column != "" {
			column += ": "
		}
		out = append(out, fmt.Sprintf("%d:%d %s%s", r.Row, r.Line, column, r.Cause))
	}
	return out
}

func TestFileWhoseLinesEndInCRAloneIsAnErrorThatSaysSo(t *testing.T) {
	for _, text := range []string{"invoice_id,name\r1,a\r2,b\r", "\"invoice_id\",\"name\"\r\"1\",\"a\"\r"} {
		path := filepath.Join(t.TempDir(), "t.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, 0, Schema{{Name: "invoice_id"}}, Options{})
		if err == nil || !strings.Contains(err.Error(), "the header line: has a CR that no LF follows") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
