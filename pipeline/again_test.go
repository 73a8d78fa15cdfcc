package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kaishu/pipeline"
	"kaishu/scoring"
)

// foreseesWrong makes exports whose customers all lie in the first of 64 shards, so that a night that goes by the first ones
// thins its landmarks much too far.
func foreseesWrong(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var invoices, payments strings.Builder
	invoices.WriteString("invoice_id,customer_id,issue_date,due_date,amount\n")
	payments.WriteString("payment_id,customer_id,invoice_id,paid_on,amount\n")
	first := scoring.MakeDay(2024, 9, 2)
	for customer := range 2000 {
		id := fmt.Sprintf("C%05d", customer)
		if scoring.CustomerHash(id)&63 >= 2 {
			continue
		}
		for k := range 76 {
			issue := first + scoring.Day(7*k)
			fmt.Fprintf(&invoices, "%s-%d,%s,%s,%s,%d\n", id, k, id, issue, issue+14, 1000+k)
			fmt.Fprintf(&payments, "P-%s-%d,%s,%s-%d,%s,%d\n", id, k, id, id, k, issue+scoring.Day(10+(customer*7+k*5)%20), 1000+k)
		}
	}
	for name, text := range map[string]string{"invoices.csv": invoices.String(), "payments.csv": payments.String(),
		"kaishu.yaml": "as_of: 2026-02-28\nexports: {invoices: {path: invoices.csv}, payments: {path: payments.csv}}\nrisk: {max_rows: 10000}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestNightDoneAgainHasTheSameBytesAndCountsFromTheFirstTime(t *testing.T) {
	s := &stateNights{dir: foreseesWrong(t), state: filepath.Join(t.TempDir(), "state")}
	s.want = nightHash(t, runNight(t, s.dir, pipeline.Options{Shards: 1})) // a single shard has nothing to foresee
	for night, want := range []int{0, 2} {
		from := s.same(t, pipeline.Options{Shards: 64, Workers: 1})
		if !strings.Contains(s.log.String(), "thinned more than need be") {
			t.Fatalf("the night was done in one go\n%s", &s.log)
		}
		if len(from) != want {
			t.Errorf("night %d: from the state folder %q, want %d", night, from, want)
		}
	}
	var stages []string
	folder := runNight(t, s.dir, pipeline.Options{Shards: 64, Workers: 1})
	for _, e := range manifestOf(t, folder).Measured.Stages {
		stages = append(stages, e.Stage)
	}
	if want := []string{"open", "read", "rebuild", "open", "read", "rebuild", "tie"}; len(stages) < len(want) || !slices.Equal(stages[:len(want)], want) {
		t.Errorf("stages %q, want those of the first time and then all: %q", stages, want)
	}
}
