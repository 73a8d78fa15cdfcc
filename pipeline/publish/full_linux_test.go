package publish

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestFullDiskKeepsTheOldNight(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("mounting a small tmpfs needs privileges: %v", err)
	}
	t.Cleanup(func() { // after the lock is released
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	h := lock(t, dir)
	put(t, h, night, "one", false)
	s, err := h.Stage(night)
	if err != nil {
		t.Fatal(err)
	}
	filler := os.WriteFile(s.Path("big"), []byte(strings.Repeat("x", 1<<17)), 0o644)
	if !errors.Is(filler, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", filler)
	}
	err = s.Seal(&Manifest{AsOf: night})
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), "sealing the night: ") {
		t.Errorf("error %v", err)
	}
	if err := s.Publish(true); err == nil {
		t.Error("a night that could not be sealed is published")
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
	put(t, h, night, "two", true)
	if got := whole(t, dir, night); got != "two" {
		t.Errorf("night %q", got)
	}
}
