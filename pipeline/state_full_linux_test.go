package pipeline_test

import (
	"strings"
	"syscall"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
)

func TestANightGoesOnWhenTheStateFolderIsFull(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	s.state = smallDisk(t, "64k")
	for range 2 { // the second night finds the entries that there was room for
		from := s.same(t, pipeline.Options{Stages: "ledger"})
		if len(from) > 9 || strings.Count(s.log.String(), "level=WARN") != 1 {
			t.Errorf("%d inputs from the state folder, which is full, want one warning\n%s", len(from), &s.log)
		}
		for _, e := range s.entries(t) {
			if !strings.HasSuffix(e, ".rows") {
				t.Errorf("left behind: %s", e)
			}
		}
	}
}

func TestANightReadsAStateFolderItCannotWrite(t *testing.T) {
	s := newStateNights(t, fixtures.Options{Customers: 20})
	s.state = smallDisk(t, "4m")
	ledger := pipeline.Options{Stages: "ledger"}
	s.same(t, ledger)
	changeByte(t, s.dir+"/payments/b.csv")
	s.want = ""
	if err := syscall.Mount("", s.state, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if from := s.same(t, ledger); len(from) != 9 || strings.Count(s.log.String(), "level=WARN") != 1 {
		t.Errorf("%d inputs from the state folder, want 9 and one warning\n%s", len(from), &s.log)
	}
}
