package scoring

import (
	"slices"
	"strings"
	"testing"
)

func TestMasterDataFaultsNameTheColumnAndWhatToDo(t *testing.T) {
	all := func(string) bool { return true }
	faults := func(text string, change func(*Rows), known func(string) bool) []string {
		rows := parseRows(t, text)
		if change != nil {
			change(rows)
		}
		env := testEnv(t, "2024-03-31")
		if err := env.Rates.Add(env.AsOf, usd, decimal("0.9")); err != nil {
			t.Fatal(err)
		}
		o := mustRebuild(t, rows, env, 0)
		var out []string
		for _, f := range MasterFaults(rows, &o.Account, known) {
			if f.Fault == "" || f.Do == "" {
				t.Errorf("%+v says too little", f)
			}
			out = append(out, f.Column)
		}
		return out
	}
	reachable := func(r *Rows) {
		for i := range r.Masters {
			r.Masters[i].Email, r.Masters[i].Phone, r.Masters[i].Contacts = "a@example.com", "1", "A"
		}
	}
	const open = "\ninvoice A issued=03-01 due=03-31 amount=1.00"
	for _, c := range []struct {
		name, rows string
		change     func(*Rows)
		known      func(string) bool
		want       string
	}{
		{"nothing wrong", "customer One limit=1.00" + open, reachable, all, ""},
		{"no row", open, nil, all, "customer_id"},
		{"no row and nothing open", open + "\npayment P on=03-02 amount=1.00 for=A", nil, all, ""},
		{"nobody to reach, no limit", "customer One" + open, nil, all, "credit_limit email phone contacts"},
		{"gaps do not matter when nothing is open", "customer One", nil, all, ""},
		{"a column that the export does not have", "customer One" + open, nil, func(c string) bool { return c == "phone" }, "phone"},
		{"only another currency", "customer One limit=1.00 cur=EUR\ninvoice A issued=03-01 due=03-31 amount=1.00 cur=USD", reachable, all, "currency"},
		{"another currency beside its own", "customer One limit=1.00 cur=EUR\ninvoice A issued=03-01 due=03-31 amount=1.00 cur=USD" + strings.ReplaceAll(open, "A", "B"), reachable, all, ""},
		{"terms that are none", "customer One limit=1.00 terms=soon" + open, reachable, all, "terms"},
		{"two rows", "customer One limit=1.00\ncustomer Two limit=2.00", reachable, all, "name credit_limit"},
		{"the same row twice", "customer One limit=1.00\ncustomer One limit=1.00" + open, reachable, all, ""},
		{"no address", "customer One limit=1.00" + open, func(r *Rows) { reachable(r); r.Masters[0].Email = "none" }, all, "email"},
	} {
		if got := strings.Join(faults(c.rows, c.change, c.known), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	// The row used is the first of the export; the order of the rows does not matter.
	forward := faults("customer One\ncustomer Two", nil, all)
	backward := faults("customer One\ncustomer Two", func(r *Rows) { slices.Reverse(r.Masters) }, all)
	if d := equal(forward, backward); d != "" {
		t.Error(d)
	}
}
