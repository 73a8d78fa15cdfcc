package pipeline_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/pipeline/config"
)

// smallDisk is an empty folder on a disk of the given size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mounting a small tmpfs needs privileges: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDiskIsAnErrorWithANextStepAndNothingStays(t *testing.T) {
	dir := generated(t, fixtures.Options{Customers: 40})
	for _, c := range []struct {
		name, size, want, hint string
		temporary              bool
	}{
		{"of temporary files", "64k", "spilling rows: write ", "temp_dir", true},
		{"of the nights", "100k", "no space left on device", "-o", false},
	} {
		disk := smallDisk(t, c.size)
		var o pipeline.Options
		if !c.temporary {
			o.Output = disk
		}
		_, err := tryNight(t, dir, o, func(own *config.Config) {
			if c.temporary {
				own.TempDir, own.Memory = disk, 64<<10
			}
		})
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), c.want) || !strings.Contains(pipeline.Hint(err), c.hint) {
			t.Errorf("a disk %s that is full: %v, hint %q", c.name, err, pipeline.Hint(err))
		}
		left, err := os.ReadDir(disk)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range left {
			if e.Name() != ".lock" {
				t.Errorf("a disk %s that is full: left behind %s", c.name, e.Name())
			}
		}
	}
}
