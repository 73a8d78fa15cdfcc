package table

import (
	"slices"
	"strings"
	"testing"
)

// Identifiers that passed through floating point are refused with the way out or, where the
// source says so, repaired; in Parquet as in CSV.
func TestFloatIDsAreRefusedOrRepaired(t *testing.T) {
	schema := Schema{{Name: "invoice_id", Required: true}, {Name: "applies_to", ID: true}, {Name: "terms"}}
	const text = "invoice_id,applies_to,terms\n1930438491.0,7.0,30.0\n007,,EOM+1/31\n1.50,8.0,x\nA.0,1,y\n"
	for _, c := range []struct {
		ids  string
		rows string
	}{
		{"", "007|-|EOM+1/31 1.50|-|x A.0|1|y"},
		{"repair_decimal", "1930438491|7|30.0 007|-|EOM+1/31 1.50|8|x A.0|1|y"},
	} {
		body := text
		if c.ids == "" {
			body = strings.Replace(text, "1.50,8.0", "1.50,", 1)
		}
		rows, result, err := scanText(openText(t, body, schema, Options{IDs: c.ids}), schema, 1)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.cells)
		}
		if strings.Join(got, " ") != c.rows {
			t.Errorf("ids %q: %q, want %q", c.ids, got, c.rows)
		}
		if c.ids == "" && (len(result.Rejects) != 1 || !strings.Contains(result.Rejects[0].Cause, "ids: repair_decimal")) {
			t.Errorf("refused %+v, want the first row and the way out", result.Rejects)
		}
	}
	type row struct {
		Invoice string  `parquet:"invoice_id"`
		Applies float64 `parquet:"applies_to"`
	}
	path := writeRows(t, []row{{"1930438491.0", 7}, {"007", 8}})
	in := Schema{{Name: "invoice_id", Required: true}, {Name: "applies_to", ID: true}}
	checkScan(t, path, in, Options{IDs: "repair_decimal"}, "1930438491|7", "007|8")
	if _, err := scanFile(path, in, Options{}, 1); err == nil || !strings.Contains(err.Error(), "ids are stored as numbers") {
		t.Errorf("numbers with decimals as ids: %v", err)
	}
}

// Sentinel dates and placeholders are nothing, where the source lists them.
func TestSentinelDatesAndPlaceholdersAreEmpty(t *testing.T) {
	schema := Schema{{Name: "invoice_id", Required: true}, {Name: "due_date", Type: Date}, {Name: "amount", Type: Decimal}, {Name: "kind", OneOf: []string{"invoice"}}, {Name: "customer_id"}}
	opt := Options{Null: []string{"9999-12-31", "8130-06-30", "NULL", "-", "#N/A"}}
	const text = "invoice_id,due_date,amount,kind,customer_id\n1,9999-12-31,-,NULL,#N/A\n2,8130-06-30,1.5,invoice, - \n3,2024-02-29,NULL,-,NULLS\n-,2024-02-29,1,-,x\n"
	rows, result, err := scanText(openText(t, text, schema, opt), schema, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.cells)
	}
	if want := []string{"1|-|-|-|-", "2|-|15e-1|invoice|-", "3|2024-02-29|-|-|NULLS"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(result.Rejects) != 1 || result.Rejects[0].Column != "invoice_id" {
		t.Errorf("refused %+v, want the row without an id", result.Rejects)
	}
	// Without the list a sentinel is a date too far away to be one, not a due date in 8130.
	_, result, err = scanText(openText(t, text, schema, Options{}), schema, 1)
	if err != nil || len(result.Rejects) < 2 || !strings.Contains(result.Rejects[0].Cause, "9999-12-31") {
		t.Errorf("%+v, %v", result.Rejects, err)
	}
}
