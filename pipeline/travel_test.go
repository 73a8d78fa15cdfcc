package pipeline_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
)

// A night of a past date is the same when the rows of its future are others: other amounts, of
// other customers, under ids that past rows have, and first in their files.
func TestAScrambledFutureChangesNothing(t *testing.T) {
	dir := generated(t, fixtures.Options{KnownAt: true})
	const date = "2025-06-30"
	edit(t, filepath.Join(dir, "kaishu.yaml"), "as_of: 2026-02-28", "as_of: "+date)
	want := tables(t, runNight(t, dir, pipeline.Options{}))
	random := rand.New(rand.NewPCG(11, 12))
	customers := column(t, filepath.Join(dir, "customers.csv"), "customer_id")
	for _, f := range []struct{ name, id, day string }{
		{"invoices", "invoice_id", "issue_date"}, {"payments", "payment_id", "paid_on"},
		{"activities", "activity_id", "done_on"}, {"disputes", "dispute_id", "opened_on"},
	} {
		scramble(t, filepath.Join(dir, f.name+".csv"), f.id, f.day, date, customers, random)
	}
	sameTables(t, want, tables(t, runNight(t, dir, pipeline.Options{})))
}

// column is one column of a file.
func column(t *testing.T, path, name string) []string {
	t.Helper()
	rows := readCSV(t, path)
	at := slices.Index(rows[0], name)
	if at < 0 {
		t.Fatalf("%s: no column %s", path, name)
	}
	var out []string
	for _, r := range rows[1:] {
		out = append(out, r[at])
	}
	return out
}

// scramble changes the rows known or dated after a date and puts them first.
func scramble(t *testing.T, path, id, day, date string, customers []string, random *rand.Rand) {
	t.Helper()
	rows := readCSV(t, path)
	at := func(name string) int { return slices.Index(rows[0], name) }
	known, dated, key, amount, customer := at("known_at"), at(day), at(id), at("amount"), at("customer_id")
	var past, future [][]string
	for _, r := range rows[1:] {
		if r[dated] > date || r[known] > date {
			future = append(future, r)
		} else {
			past = append(past, r)
		}
	}
	if len(future) == 0 || len(past) == 0 {
		t.Fatalf("%s: %d rows before %s, %d after", path, len(past), date, len(future))
	}
	for _, r := range future {
		if random.IntN(2) == 0 {
			r[key] = past[random.IntN(len(past))][key]
		}
		if amount >= 0 && r[amount] != "" {
			r[amount] = strconv.Itoa(1 + random.IntN(1_000_000))
		}
		if customer >= 0 {
			r[customer] = customers[random.IntN(len(customers))]
		}
	}
	random.Shuffle(len(future), func(i, j int) { future[i], future[j] = future[j], future[i] })
	writeCSV(t, path, slices.Concat(rows[:1], future, past))
}
