package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Report is what Verify found.
type Report struct {
	AsOf   string
	Files  int   // hashed, run.json included
	Bytes  int64 // of them
	Damage []Damage
}

// Damage is what is wrong with one file of a night.
type Damage struct {
	File    string
	Problem string
}

// Err is nil when the night is whole, and else an error that lists the damage.
func (r *Report) Err() error {
	if len(r.Damage) == 0 {
		return nil
	}
	lines := make([]string, len(r.Damage))
	for i, d := range r.Damage {
		lines[i] = fmt.Sprintf("%s%s: %s: %s", nightPrefix, r.AsOf, d.File, d.Problem)
	}
	return errors.New(strings.Join(lines, "\n"))
}

func (r *Report) add(file, format string, args ...any) {
	r.Damage = append(r.Damage, Damage{file, fmt.Sprintf(format, args...)})
}

// Verify hashes every file of a night again and compares with its run.json, and run.json with
// its own hash. The error is ErrNoNight when there is no such night; what is wrong with a
// night that exists is in the report, all of it.
func Verify(dir, asOf string) (*Report, error) {
	folder := Folder(dir, asOf)
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s: %w", folder, ErrNoNight)
	} else if err != nil {
		return nil, fmt.Errorf("verifying the night: %w", err)
	}
	names, folders, err := list(folder)
	if err != nil {
		return nil, fmt.Errorf("verifying the night: %w", err)
	}
	r := &Report{AsOf: asOf}
	manifest, err := readRun(folder)
	if err != nil {
		r.add(runName, "%v", err)
		return r, nil
	}
	if manifest.night != manifest.NightSHA256 {
		r.add(runName, "was changed: its hash is %s, it says %s", manifest.night, manifest.NightSHA256)
	}
	if manifest.AsOf != asOf {
		r.add(runName, "is of %s", manifest.AsOf)
	}
	listed := []string{runName}
	for _, out := range manifest.Outputs {
		listed = append(listed, out.Name)
		if !slices.Contains(names, out.Name) {
			r.add(out.Name, "is missing")
		}
	}
	for _, name := range names {
		if !slices.Contains(listed, name) {
			r.add(name, "is not in run.json")
			continue
		}
		r.check(folder, name, manifest.Outputs)
	}
	r.checkFolders(folder, folders, listed)
	return r, nil
}

// checkFolders finds the folders, of which inner ones come first, in which no file of the night lies; of nested ones the outermost.
func (r *Report) checkFolders(root string, folders, listed []string) {
	strange := "/" // begins no name
	for _, folder := range slices.Backward(folders) {
		inner, err := filepath.Rel(root, folder)
		if err != nil || folder == root {
			continue
		}
		inner = filepath.ToSlash(inner) + "/"
		if strings.HasPrefix(inner, strange) || slices.ContainsFunc(listed, func(name string) bool { return strings.HasPrefix(name, inner) }) {
			continue
		}
		strange = inner
		r.add(inner, "is not in run.json")
	}
}

// check compares one file with what the manifest says of it.
func (r *Report) check(folder, name string, outputs []Output) {
	size, sum, err := hashFile(filepath.Join(folder, filepath.FromSlash(name)), false)
	if err != nil {
		r.add(name, "%v", err)
		return
	}
	r.Files, r.Bytes = r.Files+1, r.Bytes+size
	i := slices.IndexFunc(outputs, func(o Output) bool { return o.Name == name })
	switch {
	case i < 0: // run.json
	case outputs[i].Bytes != size:
		r.add(name, "has %d bytes, run.json says %d", size, outputs[i].Bytes)
	case outputs[i].SHA256 != sum:
		r.add(name, "was changed: its hash is %s, run.json says %s", sum, outputs[i].SHA256)
	}
}
