package pipeline

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kaishu/pipeline/table"
)

// Every column of every export stands on the page, under its export, with those required in bold; and no other.
func TestInputsPageNamesEveryColumn(t *testing.T) {
	page, err := os.ReadFile("../docs/inputs.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(string(page), "\n## ")[1:] {
		name, body, _ := strings.Cut(s, ":")
		sections[name] = body
	}
	for name, schema := range map[string]table.Schema{"invoices": invoiceSchema(), "payments": paymentSchema(), "customers": masterSchema(),
		"activities": activitySchema(), "disputes": disputeSchema(), "rates": rateSchema()} {
		var got, want []string
		for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(sections[name], -1) {
			for _, cell := range regexp.MustCompile(`(?:\*\*)?[\x60][a-z_]+[\x60](?:\*\*)?`).FindAllString(row[1], -1) {
				got = append(got, strings.ReplaceAll(cell, "`", ""))
			}
		}
		for _, c := range schema {
			if c.Required {
				want = append(want, "**"+c.Name+"**")
			} else {
				want = append(want, c.Name)
			}
			for _, one := range c.OneOf {
				if !strings.Contains(sections[name], "`"+one+"`") {
					t.Errorf("%s: %s: %s is not on the page", name, c.Name, one)
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: on the page %v, read are %v", name, got, want)
		}
	}
}
