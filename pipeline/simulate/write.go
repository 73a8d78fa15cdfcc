package simulate

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"kaishu/pipeline/table"
)

// Write puts simulate.parquet, one row per policy and replication, and simulate.html, the same as
// a picture, into a folder that it makes when needed. Files of these names are replaced.
func (r *Result) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing the simulation: %w", err)
	}
	if err := r.writeParquet(filepath.Join(dir, "simulate.parquet")); err != nil {
		return fmt.Errorf("writing the simulation: %w", err)
	}
	var page bytes.Buffer
	r.page(&page)
	if err := os.WriteFile(filepath.Join(dir, "simulate.html"), page.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing the simulation: %w", err)
	}
	return nil
}

func (r *Result) writeParquet(path string) error {
	money := func(name string) table.OutColumn {
		return table.OutColumn{Name: name, Type: table.OutDecimal, Scale: r.Currency.Digits()}
	}
	number := func(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutInt} }
	f := table.NewFrame([]table.OutColumn{
		{Name: "policy", Type: table.OutString}, number("replication"), {Name: "capacity", Type: table.OutString},
		{Name: "nature", Type: table.OutString}, {Name: "currency", Type: table.OutString}, number("days"), money("cash"),
		money("incremental_cash"), {Name: "cash_days", Type: table.OutDouble}, {Name: "minutes", Type: table.OutDouble},
		number("contacts"), number("people_contacts"), number("wasted_contacts"), number("customers_lost"),
		{Name: "expected_cash", Type: table.OutDouble},
	})
	for i := range r.Figures {
		g := &r.Figures[i]
		f.String(0, g.Policy)
		f.Int(1, int64(g.Replication))
		f.String(2, r.Settings.Capacity)
		f.String(3, string(r.Settings.Nature))
		f.String(4, r.Currency.String())
		f.Int(5, int64(r.Settings.Days))
		f.Decimal(6, g.Cash)
		f.Decimal(7, g.Incremental)
		f.Double(8, cashDays(g)/math.Pow10(r.Currency.Digits()))
		f.Double(9, g.Minutes)
		for c, v := range []int{g.Contacts, g.People, g.Wasted, g.Lost} {
			f.Int(10+c, int64(v))
		}
		f.Double(14, g.Expected/math.Pow10(r.Currency.Digits()))
	}
	w, err := table.CreateParquet(path, f.Columns(), map[string]string{"seed": fmt.Sprint(r.Settings.Seed)})
	if err != nil {
		return err
	}
	if err := w.Write(f); err != nil {
		w.Close()
		return err
	}
	_, err = w.Close()
	return err
}
