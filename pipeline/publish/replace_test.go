package publish

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestPublishedNightIsReplacedOnlyWhenAsked(t *testing.T) {
	dir := t.TempDir()
	h := lock(t, dir)
	put(t, h, night, "one", false)
	s, _, err := fill(h, night, "two")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(false); !errors.Is(err, ErrExists) {
		t.Errorf("error %v", err)
	}
	if got := whole(t, dir, night); got != "one" {
		t.Errorf("night %q", got)
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
	put(t, h, night, "two", true)
	put(t, h, night, "three", true)
	checkReplaced(t, dir, "three", "one", "two")
}

// checkReplaced checks the night in its place and those that it replaced, in their order.
func checkReplaced(t *testing.T, dir, now string, before ...string) {
	t.Helper()
	if got := whole(t, dir, night); got != now {
		t.Errorf("night %q, want %q", got, now)
	}
	var got []string
	for i := range before {
		got = append(got, wholeReplaced(t, dir, fmt.Sprintf("as_of=%s.%d", night, i+1)))
	}
	if !slices.Equal(got, before) || len(entries(t, filepath.Join(dir, replaceName))) != len(before) {
		t.Errorf("replaced %q, want %q", got, before)
	}
	if left := entries(t, filepath.Join(dir, stagingName)); len(left) != 0 {
		t.Errorf("left in staging: %q", left)
	}
}

// wholeReplaced verifies an old night where it was put aside.
func wholeReplaced(t testing.TB, dir, name string) string {
	t.Helper()
	as := filepath.Join(t.TempDir(), name)
	defer os.RemoveAll(as)
	if err := os.CopyFS(Folder(as, night), os.DirFS(filepath.Join(dir, replaceName, name))); err != nil {
		t.Fatal(err)
	}
	return whole(t, as, night)
}

func TestReplacingWithoutExchange(t *testing.T) {
	dir := t.TempDir()
	h := lock(t, dir)
	h.exchange = func(string, string) error { return fmt.Errorf("here: %w", errors.ErrUnsupported) }
	put(t, h, night, "one", false)
	put(t, h, night, "two", true)
	put(t, h, night, "three", true)
	checkReplaced(t, dir, "three", "one", "two")
}

func TestFailedReplacementChangesNothing(t *testing.T) {
	dir := t.TempDir()
	h := lock(t, dir)
	put(t, h, night, "one", false)
	h.exchange = func(string, string) error { return syscall.EIO }
	s, _, err := fill(h, night, "two")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(true); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
	checkReplaced(t, dir, "one")
}

func TestReplacementThatCannotMoveTheNewNightLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	h := lock(t, dir)
	put(t, h, night, "one", false)
	s, _, err := fill(h, night, "two")
	if err != nil {
		t.Fatal(err)
	}
	// No system moves a folder into itself.
	if err := os.Symlink(s.path, filepath.Join(dir, replaceName)); err != nil {
		t.Skip(err)
	}
	if err := s.Publish(true); err == nil || !strings.HasPrefix(err.Error(), "publishing the night: ") {
		t.Errorf("error %v", err)
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
	if got := whole(t, dir, night); got != "one" {
		t.Errorf("night %q", got)
	}
	if left := entries(t, filepath.Join(dir, stagingName)); len(left) != 0 {
		t.Errorf("left in staging: %q", left)
	}
}

func TestFileInThePlaceOfANightIsNotTakenForOne(t *testing.T) {
	for _, replace := range []bool{false, true} {
		dir := t.TempDir()
		h := lock(t, dir)
		if err := os.WriteFile(Folder(dir, night), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		s, _, err := fill(h, night, "one")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(replace); err == nil || errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "as_of="+night+" is in the way") {
			t.Errorf("replace %v: error %v", replace, err)
		}
		if data, err := os.ReadFile(Folder(dir, night)); err != nil || string(data) != "mine" {
			t.Errorf("replace %v: the file says %q, %v", replace, data, err)
		}
	}
}

// A run can die between any two steps of a replacement; each step is played by making the
// next one fail without the cleaning up that an error gets.
func TestNextLockSettlesAReplacementThatDied(t *testing.T) {
	type step struct {
		name   string
		die    func(aside, target, staged string) error
		now    string
		before []string
	}
	for _, c := range []step{
		{"before the exchange", func(string, string, string) error { return nil }, "one", nil},
		{"after the exchange", func(aside, target, _ string) error { return exchange(aside, target) }, "two", []string{"one"}},
		{"swap, new night back in staging", func(aside, _, staged string) error { return os.Rename(aside, staged) }, "one", nil},
		{"swap, no night in its place", func(aside, target, staged string) error {
			return errors.Join(os.Rename(aside, staged), os.Rename(target, aside))
		}, "one", nil},
		{"swap, done", func(aside, target, staged string) error {
			return errors.Join(os.Rename(aside, staged), os.Rename(target, aside), os.Rename(staged, target))
		}, "two", []string{"one"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			h := lock(t, dir)
			put(t, h, night, "one", false)
			s, _, err := fill(h, night, "two")
			if err != nil {
				t.Fatal(err)
			}
			died := errors.New("died")
			h.exchange = func(aside, target string) error {
				if err := c.die(aside, target, s.path); errors.Is(err, errors.ErrUnsupported) {
					t.Skip("no exchange here")
				} else if err != nil {
					t.Fatal(err)
				}
				panic(died)
			}
			func() {
				defer func() {
					if r := recover(); r != died {
						panic(r)
					}
				}()
				_ = s.Publish(true)
			}()
			if err := h.Release(); err != nil {
				t.Fatal(err)
			}
			lock(t, dir)
			checkReplaced(t, dir, c.now, c.before...)
		})
	}
}
