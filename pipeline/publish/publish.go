// Package publish turns a folder of finished files into a published night: whole, or not at all.
//
// There are only a few types: Held is the lock on the folder of the nights, Stage is a night
// in the making, Manifest is its run.json, and Report is what Verify finds. The package knows
// only files; what they mean is the caller's business. A run goes
//
//	held, err := publish.Lock(dir)          // one run at a time
//	stage, err := held.Stage("2026-02-28")  // DIR/.staging/as_of=2026-02-28
//	... write stage.Path("accounts.parquet") and so on ...
//	err = stage.Seal(manifest)              // hashes, run.json, everything synced
//	err = stage.Publish(false)              // one rename to DIR/as_of=2026-02-28
//	err = held.Release()
//
// Whenever a run is killed, DIR/as_of=DATE is the whole night before or the whole new one, and
// the next Lock removes what the dead run left.
package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The errors that callers tell apart.
var (
	// ErrLocked: another run holds the lock on the folder.
	ErrLocked = errors.New("another run holds the lock")
	// ErrExists: the night has been published before.
	ErrExists = errors.New("the night is already published")
	// ErrNoNight: there is no such night.
	ErrNoNight = errors.New("no such night")
)

// The names inside the folder of the nights. Those that begin with a dot are no nights.
const (
	nightPrefix = "as_of="
	lockName    = ".lock"
	stagingName = ".staging"
	replaceName = ".replaced"
	markerName  = "replacing.json"
	runName     = "run.json"
)

// Folder is the folder of a night in dir.
func Folder(dir, asOf string) string { return filepath.Join(dir, nightPrefix+asOf) }

// isDate tells whether s is a day of the calendar written YYYY-MM-DD.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil && len(s) == len(time.DateOnly)
}

// Nights lists the dates of the nights in dir, ascending. A folder that does not exist is
// an error.
func Nights(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing nights: %w", err)
	}
	var nights []string
	for _, e := range entries {
		if date, ok := strings.CutPrefix(e.Name(), nightPrefix); ok && e.IsDir() && isDate(date) {
			nights = append(nights, date)
		}
	}
	slices.Sort(nights)
	return nights, nil
}

// Latest is the date of the latest night in dir; the error is ErrNoNight when there is none.
func Latest(dir string) (string, error) {
	nights, err := Nights(dir)
	if err != nil {
		return "", err
	}
	if len(nights) == 0 {
		return "", fmt.Errorf("%s: %w", dir, ErrNoNight)
	}
	return nights[len(nights)-1], nil
}

// Before is the date of the latest night in dir that is before the date, "" when there is none.
func Before(dir, asOf string) (string, error) {
	nights, err := Nights(dir)
	if err != nil {
		return "", err
	}
	i, _ := slices.BinarySearch(nights, asOf)
	if i == 0 {
		return "", nil
	}
	return nights[i-1], nil
}

// Stage is a night in the making: a folder that nobody sees until it is published.
type Stage struct {
	held   *Held
	asOf   string
	path   string // of the folder, "" when it is published or discarded
	sealed string // the night's hash, "" before Seal
}

// Stage makes the folder for a night. Only one stage of a date can exist at a time.
func (h *Held) Stage(asOf string) (*Stage, error) {
	if !isDate(asOf) {
		return nil, fmt.Errorf("staging the night: %q is not a date", asOf)
	}
	staging := filepath.Join(h.dir, stagingName)
	if err := os.MkdirAll(staging, 0o755); err != nil {
		return nil, fmt.Errorf("staging the night: %w", err)
	}
	s := &Stage{held: h, asOf: asOf, path: filepath.Join(staging, nightPrefix+asOf)}
	if err := os.Mkdir(s.path, 0o755); err != nil {
		return nil, fmt.Errorf("staging the night: %w", err)
	}
	return s, nil
}

// Path is where to write the file of that name; a name may have folders, separated by slashes.
// It is for use before Seal.
func (s *Stage) Path(name string) string { return filepath.Join(s.path, filepath.FromSlash(name)) }

// Discard removes what is staged. After Publish, or again, it does nothing.
func (s *Stage) Discard() error {
	if s.path == "" {
		return nil
	}
	path := s.path
	s.path, s.sealed = "", ""
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("discarding the staged night: %w", err)
	}
	return nil
}

// Publish moves the sealed night to its place. Where the date has a night already, it is
// ErrExists without replace; with replace the old night moves to DIR/.replaced/as_of=DATE.N,
// N = 1, 2, ... On Linux the two change places in one step, so that DIR/as_of=DATE is a
// whole night at every instant. Elsewhere, and on file systems that cannot exchange, there is
// an instant without the night; when the run dies in it, the next Lock puts the old one back.
func (s *Stage) Publish(replace bool) error {
	if s.sealed == "" {
		return errors.New("publishing the night: it is not sealed")
	}
	target := Folder(s.held.dir, s.asOf)
	there, err := os.Lstat(target)
	switch {
	case err == nil && !there.IsDir():
		return fmt.Errorf("publishing the night: %s is in the way: it is no folder", target)
	case err == nil && !replace:
		return fmt.Errorf("%s: %w", target, ErrExists)
	case err == nil:
		err = s.replace(target)
	case errors.Is(err, fs.ErrNotExist):
		err = os.Rename(s.path, target)
	}
	if err != nil {
		return fmt.Errorf("publishing the night: %w", err)
	}
	s.path, s.sealed = "", ""
	if err := syncDirs(s.held.dir, filepath.Join(s.held.dir, stagingName)); err != nil {
		return fmt.Errorf("publishing the night: %w", err)
	}
	return nil
}

// marker says which night is being replaced, so that the next run can tell the old night from
// the new one if this one dies on the way.
type marker struct {
	AsOf  string `json:"as_of"`
	Name  string `json:"name"`         // in .replaced
	Night string `json:"night_sha256"` // of the new night
}

// replace lets the staged night change places with the one at target.
func (s *Stage) replace(target string) error {
	staging, replaced := filepath.Join(s.held.dir, stagingName), filepath.Join(s.held.dir, replaceName)
	if err := os.MkdirAll(replaced, 0o755); err != nil {
		return err
	}
	name, err := freeName(replaced, s.asOf)
	if err != nil {
		return err
	}
	data, err := json.Marshal(marker{s.asOf, name, s.sealed})
	if err != nil {
		return err
	}
	mark, aside := filepath.Join(staging, markerName), filepath.Join(replaced, name)
	err = s.moveAside(mark, data, aside)
	if err == nil {
		err = s.held.exchange(aside, target)
		if errors.Is(err, errors.ErrUnsupported) {
			err = s.swap(aside, target)
		}
	}
	if err != nil {
		return errors.Join(err, s.undo(mark, aside))
	}
	if err := syncDirs(s.held.dir, replaced); err != nil {
		return err
	}
	return os.Remove(mark)
}

// moveAside marks what is about to happen and moves the new night to where the old one will be, so that the exchange is
// the last step.
func (s *Stage) moveAside(mark string, data []byte, aside string) error {
	staging := filepath.Dir(mark)
	if err := WriteSynced(mark, data); err != nil {
		return err
	}
	if err := syncDirs(staging, s.held.dir); err != nil {
		return err
	}
	if err := os.Rename(s.path, aside); err != nil {
		return err
	}
	return syncDirs(staging, filepath.Dir(aside))
}

// undo takes back what a replacement did that failed before the exchange: the new night goes back to where Discard finds
// it, and nothing else stays of it.
func (s *Stage) undo(mark, aside string) error {
	back := os.Rename(aside, s.path)
	if errors.Is(back, fs.ErrNotExist) { // it had not left
		back = nil
	}
	gone := os.Remove(mark)
	if errors.Is(gone, fs.ErrNotExist) {
		gone = nil
	}
	return errors.Join(back, gone)
}

// swap is the exchange of the new night at aside with the old one at target in three renames.
func (s *Stage) swap(aside, target string) error {
	if err := os.Rename(aside, s.path); err != nil {
		return err
	}
	if err := os.Rename(target, aside); err != nil {
		return errors.Join(err, os.Rename(s.path, aside))
	}
	if err := os.Rename(s.path, target); err != nil {
		return errors.Join(err, os.Rename(aside, target), os.Rename(s.path, aside))
	}
	return nil
}

// freeName is the first unused name for an old night of the date.
func freeName(replaced, asOf string) (string, error) {
	for n := 1; ; n++ {
		name := nightPrefix + asOf + "." + strconv.Itoa(n)
		if _, err := os.Lstat(filepath.Join(replaced, name)); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", err
		}
	}
}

// WriteSynced writes a file that is on the disk when it returns.
func WriteSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDirs makes renames in folders last. Where folders cannot be synced there is nothing to do.
func syncDirs(dirs ...string) error {
	for _, dir := range dirs {
		d, err := os.Open(dir)
		if err != nil {
			return err
		}
		err = d.Sync()
		if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
			err = nil
		}
		if err := errors.Join(err, d.Close()); err != nil {
			return err
		}
	}
	return nil
}
