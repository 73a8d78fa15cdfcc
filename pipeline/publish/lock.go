package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Held is the lock on the folder of the nights. The system gives it up when the process ends,
// however it ends.
type Held struct {
	dir      string
	lock     *flock.Flock
	exchange func(a, b string) error // lets two folders change places
}

// holder is what the lock file says about who holds it: for messages only.
type holder struct {
	PID   int    `json:"pid"`
	Since string `json:"since"`
}

// Lock takes the lock on dir, making the folder where there is none, and removes what a run
// that died left in it. The error is ErrLocked, with the holder where it is known, when
// another run holds the lock. The lock file DIR/.lock stays behind and means nothing by itself.
func Lock(dir string) (*Held, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the output folder: %w", err)
	}
	path := filepath.Join(dir, lockName)
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the output folder: %w", err)
	}
	if !got {
		return nil, fmt.Errorf("%s: %w%s", dir, ErrLocked, describeHolder(path))
	}
	h := &Held{dir: dir, lock: lock, exchange: exchange}
	data, err := json.Marshal(holder{os.Getpid(), time.Now().Format(time.RFC3339)})
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), 0o644)
	}
	if err == nil {
		err = h.clean()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking the output folder: %w", err), lock.Unlock())
	}
	return h, nil
}

// describeHolder says who holds the lock, as far as the file tells.
func describeHolder(path string) string {
	var by holder
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &by) != nil || by.PID == 0 {
		return ""
	}
	return fmt.Sprintf(" (process %d, since %s)", by.PID, by.Since)
}

// Release gives up the lock. Stages that are neither published nor discarded are removed by the
// next Lock.
func (h *Held) Release() error {
	_ = os.Remove(filepath.Join(h.dir, stagingName))   // only when it is empty
	_ = os.Truncate(filepath.Join(h.dir, lockName), 0) // its content is for messages only
	if err := h.lock.Unlock(); err != nil {
		return fmt.Errorf("releasing the lock: %w", err)
	}
	return nil
}

// clean removes what a dead run left in DIR/.staging, after finishing or undoing a
// replacement that it died in.
func (h *Held) clean() error {
	staging := filepath.Join(h.dir, stagingName)
	if err := h.settle(filepath.Join(staging, markerName)); err != nil {
		return err
	}
	return os.RemoveAll(staging)
}

// settle ends a replacement that was begun. The folder in .replaced is either the old night:
// then it goes back if its place is empty, and else stays. Or it is the new one, which never
// got to its place: then it goes. A night equal to the new one to the byte is no loss.
func (h *Held) settle(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var m marker
	if json.Unmarshal(data, &m) != nil || !isDate(m.AsOf) || filepath.Base(m.Name) != m.Name || m.Name == "." || m.Name == ".." {
		return nil // cut short while it was written: nothing had been moved yet
	}
	aside, target := filepath.Join(h.dir, replaceName, m.Name), Folder(h.dir, m.AsOf)
	if _, err := os.Lstat(aside); err != nil {
		return nil // the new night had not left the staging folder
	}
	if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(aside, target); err != nil {
			return err
		}
		return syncDirs(h.dir, filepath.Join(h.dir, replaceName))
	}
	if file, err := readRun(aside); err == nil && file.night == m.Night {
		return os.Rename(aside, filepath.Join(filepath.Dir(path), m.Name)) // clean removes it
	}
	return nil
}
