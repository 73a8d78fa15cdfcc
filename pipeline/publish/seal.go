package publish

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Seal ends the writing of a night: it hashes every file, completes the manifest and writes it as
// run.json, and returns when all of it is on the disk. It is an error when an output that
// the manifest lists was not written. After Seal nothing may be written to the stage.
func (s *Stage) Seal(m *Manifest) error {
	if err := s.seal(m); err != nil {
		return fmt.Errorf("sealing the night: %w", err)
	}
	return nil
}

func (s *Stage) seal(m *Manifest) error {
	if s.path == "" || s.sealed != "" {
		return errors.New("it is not open")
	}
	if m.AsOf != s.asOf {
		return fmt.Errorf("the manifest is of %q, the stage of %s", m.AsOf, s.asOf)
	}
	rows := map[string]*int64{}
	for _, out := range m.Outputs {
		if _, twice := rows[out.Name]; twice {
			return fmt.Errorf("%s is listed twice", out.Name)
		}
		rows[out.Name] = out.Rows
	}
	names, folders, err := list(s.path)
	if err != nil {
		return err
	}
	if slices.Contains(names, runName) {
		return fmt.Errorf("%s is written by Seal", runName)
	}
	outputs, err := s.hash(names)
	if err != nil {
		return err
	}
	for i := range outputs {
		outputs[i].Rows = rows[outputs[i].Name]
		delete(rows, outputs[i].Name)
	}
	for _, out := range m.Outputs {
		if _, left := rows[out.Name]; left {
			return fmt.Errorf("%s is listed but was not written", out.Name)
		}
	}
	m.Outputs = outputs
	data, err := m.encode()
	if err != nil {
		return err
	}
	if err := WriteSynced(s.Path(runName), data); err != nil {
		return err
	}
	if err := syncDirs(folders...); err != nil {
		return err
	}
	s.sealed = m.NightSHA256
	return nil
}

// hash reads every file, several side by side, and returns when all are on the disk.
func (s *Stage) hash(names []string) ([]Output, error) {
	outputs := make([]Output, len(names))
	errs := make([]error, len(names))
	var files errgroup.Group
	files.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		files.Go(func() error {
			out := &outputs[i]
			out.Name = name
			out.Bytes, out.SHA256, errs[i] = hashFile(s.Path(name), true)
			return nil
		})
	}
	_ = files.Wait()                // errors are in errs
	return outputs, cmp.Or(errs...) // the first by name
}

// list is the names of the files in a night's folder, sorted, and the folders that hold them,
// inner ones first. Anything but files and folders is an error.
func list(root string) (names, folders []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			folders = append(folders, path)
			return nil
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a folder", path)
		}
		name, err := filepath.Rel(root, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	slices.Sort(names)
	slices.Reverse(folders)
	return names, folders, err
}

// hashFile is the size and the SHA-256 of a file. With sync the file is on the disk when it returns.
func hashFile(path string, sync bool) (size int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return 0, "", err
	}
	if sync {
		err = f.Sync()
	}
	return size, hex.EncodeToString(h.Sum(nil)), err
}
