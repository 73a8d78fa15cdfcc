package scoring

import "testing"

func TestLateInterestOfAnItemStatesItsBasis(t *testing.T) { // case 21
	for _, c := range []struct {
		table, rows, asOf string
		want              int64
		basis             string
	}{
		{"10%", "invoice A issued=01-01 due=01-31 amount=100.00", "2024-02-15", 41, "10 % a year, simple, 15 days from 2024-02-01"},
		{"10%", "invoice A issued=01-01 due=01-31 amount=200.00\npayment P on=02-01 amount=100.00 for=A", "2024-02-15", 41, "10 % a year, simple, 15 days from 2024-02-01"},
		{"10%", "invoice A issued=01-01 due=01-31 amount=100.00", "2024-01-31", 0, ""},
		{"10%", "invoice A issued=01-01 due=01-31 amount=-100.00", "2024-02-15", 0, ""},
		{"10%", "payment A on=01-01 amount=-100.00", "2024-02-15", 0, ""},
		{"jp-statutory", "invoice A issued=01-01 due=01-31 amount=1000000 cur=JPY", "2024-03-02", 2547, "jp-statutory, 3 % a year, simple, 31 days from 2024-02-01"},
		{"jp-subcontract", "invoice A issued=01-10 due=02-10 amount=1000000 cur=JPY", "2024-03-19", 4000, "jp-subcontract, 14.6 % a year, simple, 10 days from 2024-03-10"},
		{"jp-subcontract", "invoice A issued=01-10 due=02-10 amount=1000000 cur=JPY", "2024-03-09", 0, ""},
		{"eu-2011-7", "invoice A issued=06-01 due=06-20 amount=10000.00", "2024-07-10", 67_80, "eu-2011-7, 12.5 %, then 12.25 % a year, simple, 20 days from 2024-06-21; plus 40.00 EUR a claim"},
	} {
		env := testEnv(t, c.asOf)
		if err := env.Rates.Add(env.AsOf, jpy, decimal("0.006")); err != nil {
			t.Fatal(err)
		}
		o := rebuilt(t, env, c.rows)
		got, basis := mustInterest(c.table).ItemInterest(&o.Account.Items[0], env.AsOf)
		if got != c.want || basis != c.basis {
			t.Errorf("%s on %s: %d, %q; want %d, %q", c.table, c.asOf, got, basis, c.want, c.basis)
		}
		if accrued := mustInterest(c.table).Accrued(&o.Account.Items[0], env.AsOf); accrued != c.want {
			t.Errorf("%s on %s: %d accrued", c.table, c.asOf, accrued)
		}
	}
}
