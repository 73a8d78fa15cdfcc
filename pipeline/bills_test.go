package pipeline

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"kaishu/scoring"
)

// bill is an invoice of the raw files with what became of it.
type bill struct {
	id, customer     string
	issue, due, paid scoring.Day
	amount           float64
}

func (b *bill) late() bool        { return b.paid > b.due }
func (b *bill) daysLate() float64 { return float64(b.paid - b.due) }

func sharedData(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s: the real data are not part of the project", path)
	}
	return path
}

func rawRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func rawDay(t *testing.T, layout, text string) scoring.Day {
	t.Helper()
	d, err := time.Parse(layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return scoring.Day(d.Unix() / 86400)
}

func rawAmount(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func tradeCredit(t *testing.T) []bill {
	folder := sharedData(t, "trade_credit")
	paid := map[string]scoring.Day{}
	for _, r := range rawRows(t, filepath.Join(folder, "payments.csv")) {
		paid[r["invoice_id"]] = rawDay(t, time.DateOnly, r["paid_on"])
	}
	var out []bill
	for _, r := range rawRows(t, filepath.Join(folder, "invoices.csv")) {
		out = append(out, bill{r["invoice_id"], r["customer_id"], rawDay(t, time.DateOnly, r["issue_date"]), rawDay(t, time.DateOnly, r["due_date"]),
			paid[r["invoice_id"]], rawAmount(t, r["amount"])})
	}
	return out
}

func ibm(t *testing.T) []bill {
	const layout = "1/2/2006"
	var out []bill
	for _, r := range rawRows(t, filepath.Join(sharedData(t, "ibm_ar"), "WA_Fn-UseC_-Accounts-Receivable.csv")) {
		out = append(out, bill{r["invoiceNumber"], r["customerID"], rawDay(t, layout, r["InvoiceDate"]), rawDay(t, layout, r["DueDate"]),
			rawDay(t, layout, r["SettledDate"]), rawAmount(t, r["InvoiceAmount"])})
	}
	return out
}

func byCustomer(all []bill) map[string][]*bill {
	out := map[string][]*bill{}
	for i := range all {
		out[all[i].customer] = append(out[all[i].customer], &all[i])
	}
	return out
}

func byID(all []bill) map[string]*bill {
	out := map[string]*bill{}
	for i := range all {
		out[all[i].id] = &all[i]
	}
	return out
}
