package table

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// Refused rows come by column, and their cells lie on pages of different lengths: each text is that of its own row.
func TestTextsOfRefusedRowsAreTheirOwnWhateverColumnAndPage(t *testing.T) {
	type row struct {
		ID   string  `parquet:"id"`
		Due  int32   `parquet:"due,date"`
		Note *string `parquet:"note"`
		Kind *string `parquet:"kind,dict"`
		Yes  *bool   `parquet:"yes"`
	}
	const n = 3000
	rows := make([]row, n)
	for i := range rows {
		r := &rows[i]
		r.ID, r.Due = fmt.Sprint(i), int32(i)
		note, kind, yes := strings.Repeat("x", i%90), fmt.Sprint("kind ", i%7), i%3 == 0
		if i%4 > 0 {
			r.Note, r.Kind = &note, &kind
		}
		if i%5 > 0 {
			r.Yes = &yes
		}
	}
	for _, i := range []int{7, 2500, 1999} {
		rows[i].ID = ""
	}
	for _, i := range []int{2700, 3, 1400} {
		rows[i].Due = 1 << 30
	}
	path := writeRows(t, rows, parquet.PageBufferSize(700), parquet.MaxRowsPerRowGroup(2600))
	schema := Schema{{Name: "due", Type: Date}, {Name: "id", Required: true}, {Name: "note"}, {Name: "kind"}, {Name: "yes", Type: Bool}}
	s, err := scanFile(path, schema, Options{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []int{3, 7, 1400, 1999, 2500, 2700}
	if len(s.Rejects) != len(want) {
		t.Fatalf("%d rows are refused", len(s.Rejects))
	}
	for k, r := range s.Rejects {
		i := want[k]
		text := func(v *string) string {
			if v == nil {
				return ""
			}
			return *v
		}
		yes := ""
		if v := rows[i].Yes; v != nil {
			yes = fmt.Sprint(*v)
		}
		raw := fmt.Sprintf("due=%s; id=%s; note=%s; kind=%s; yes=%s", appendDate(nil, rows[i].Due), rows[i].ID, text(rows[i].Note), text(rows[i].Kind), yes)
		if r.Row != int64(i+1) || r.Raw != raw {
			t.Errorf("row %d is %q, want %d: %q", r.Row, r.Raw, i+1, raw)
		}
	}
}

// In every encoding that other programs use, of truth values in runs too.
func TestTextsOfRefusedRowsAreThoseOfTheirCSV(t *testing.T) {
	in, err := os.Open("testdata/parquet/rows.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	all, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	schema := Schema{{Name: "part", Type: Int, Required: true}} // which is empty in half of the rows
	for _, name := range all[0] {
		if name != "part" && name != "share" { // written in other ways
			schema = append(schema, Column{Name: name})
		}
	}
	for _, path := range foreignFiles(t) {
		schema := schema
		for i, c := range schema {
			switch c.Name {
			case "issued", "due":
				schema[i].Type = Date
			case "amount", "open":
				schema[i].Type = Decimal
			case "paid":
				schema[i].Type = Bool
			}
		}
		s, err := scanFile(path, schema, Options{}, 1)
		if err != nil || len(s.Rejects) < 100 {
			t.Fatalf("%s: %d rows are refused, %v", filepath.Base(path), len(s.Rejects), err)
		}
		for _, r := range s.Rejects {
			var want []string
			for _, c := range schema {
				for col, name := range all[0] {
					if name == c.Name {
						want = append(want, name+"="+all[r.Row][col])
					}
				}
			}
			if got := strings.Join(want, "; "); r.Raw != got {
				t.Fatalf("%s, row %d: %q, want %q", filepath.Base(path), r.Row, r.Raw, got)
			}
		}
	}
}
