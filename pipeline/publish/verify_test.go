package publish

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyFindsEveryKindOfDamage(t *testing.T) {
	edit := func(name, old, by string) func(string) error {
		return func(folder string) error {
			path := filepath.Join(folder, name)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if !bytes.Contains(data, []byte(old)) {
				return errors.New(name + " does not contain " + old)
			}
			return os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(by), 1), 0o644)
		}
	}
	for name, c := range map[string]struct {
		spoil func(folder string) error
		want  string // of the one line of damage; "" for none
	}{
		"nothing":           {func(string) error { return nil }, ""},
		"measured":          {edit(runName, `"seconds": 1.5`, `"seconds": 2.5`), ""},
		"a byte":            {edit("worklist.csv", "one", "two"), "worklist.csv: was changed: its hash is "},
		"a byte more":       {edit("worklist.csv", "one", "ones"), "worklist.csv: has 851 bytes, run.json says 850"},
		"a file gone":       {func(f string) error { return os.Remove(filepath.Join(f, "parts", "1.bin")) }, "parts/1.bin: is missing"},
		"a file more":       {func(f string) error { return os.WriteFile(filepath.Join(f, "parts", "2.bin"), nil, 0o644) }, "parts/2.bin: is not in run.json"},
		"a folder more":     {func(f string) error { return os.MkdirAll(filepath.Join(f, "new", "er"), 0o755) }, "new/: is not in run.json"},
		"a total":           {edit(runName, "12345678901234567890", "12345678901234567891"), "run.json: was changed: its hash is "},
		"its hash":          {edit(runName, `"night_sha256": "`, `"night_sha256": "0`), "run.json: was changed: its hash is "},
		"no hash":           {edit(runName, `"night_sha256"`, `"sha256"`), "has no night_sha256"},
		"no JSON":           {edit(runName, `"inputs"`, `inputs`), "invalid character"},
		"no run.json":       {func(f string) error { return os.Remove(filepath.Join(f, runName)) }, "no such file or directory"},
		"an empty run.json": {func(f string) error { return os.Truncate(filepath.Join(f, runName), 0) }, "has no night_sha256"},
		"outputs after the hash": {edit(runName, `"measured": {`, `"outputs": [],
  "measured": {`), ""}, // says nothing: the hashed list counts
		"text after the end": {func(f string) error {
			data, err := os.ReadFile(filepath.Join(f, runName))
			return errors.Join(err, os.WriteFile(filepath.Join(f, runName), append(data, "{}"...), 0o644))
		}, "invalid character '{' after top-level value"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, lock(t, dir), night, "one", false)
			if err := c.spoil(Folder(dir, night)); err != nil {
				t.Fatal(err)
			}
			r, err := Verify(dir, night)
			if err != nil {
				t.Fatal(err)
			}
			err = r.Err()
			switch {
			case c.want == "" && err != nil:
				t.Errorf("damage %v", err)
			case c.want != "" && (len(r.Damage) != 1 || !strings.HasPrefix(err.Error(), "as_of="+night+": ") || !strings.Contains(err.Error(), c.want)):
				t.Errorf("damage %v, want %q", err, c.want)
			}
		})
	}
}

func TestVerifyListsAllDamageAtOnce(t *testing.T) {
	dir := t.TempDir()
	put(t, lock(t, dir), night, "one", false)
	folder := Folder(dir, night)
	err := errors.Join(os.Remove(filepath.Join(folder, "accounts.parquet")), os.Truncate(filepath.Join(folder, "worklist.csv"), 5),
		os.WriteFile(filepath.Join(folder, "extra"), nil, 0o644))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Verify(dir, night)
	if err != nil || len(r.Damage) != 3 || strings.Count(r.Err().Error(), "\n") != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestNightUnderAnotherDateIsDamage(t *testing.T) {
	dir := t.TempDir()
	put(t, lock(t, dir), night, "one", false)
	if err := os.Rename(Folder(dir, night), Folder(dir, "2026-03-01")); err != nil {
		t.Fatal(err)
	}
	r, err := Verify(dir, "2026-03-01")
	if err != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), "run.json: is of 2026-02-28") {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := Verify(dir, night); !errors.Is(err, ErrNoNight) {
		t.Errorf("error %v", err)
	}
	if _, err := Read(dir, night); !errors.Is(err, ErrNoNight) {
		t.Errorf("error %v", err)
	}
}
