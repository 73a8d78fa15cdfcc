package pipeline
import ("testing";"kaishu/fixtures";"os")
func TestZZ(t *testing.T){
	path := generatedExports(t, fixtures.Options{Customers: 840, Invoices: 42000, Seed: 3, After: 100})
	b := backtested(t, path, "2025-09-30", "2026-02-28", (mustDay(t, "2026-02-28") + 60).String(), Options{})
	b.Print(os.Stdout)
	for _, g := range b.run.groups(1) { t.Log(g.Kind, g.Name, g.Items, g.Expected, g.Observed, g.Ratio, g.Z) }
}
