package publish

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const night = "2026-02-28"

// lock takes the lock until the test ends.
func lock(t testing.TB, dir string) *Held {
	t.Helper()
	h, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Release() })
	return h
}

// fill stages and seals a night whose files all say text.
func fill(h *Held, asOf, text string) (*Stage, *Manifest, error) {
	s, err := h.Stage(asOf)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(s.Path("parts"), 0o755); err != nil {
		return nil, nil, err
	}
	names := []string{"accounts.parquet", "worklist.csv", "parts/1.bin"}
	for _, name := range names {
		if err := os.WriteFile(s.Path(name), []byte(strings.Repeat(text+" "+name+"\n", 50)), 0o644); err != nil {
			return nil, nil, err
		}
	}
	m := &Manifest{Version: "1.2.3", AsOf: asOf, ConfigSHA256: strings.Repeat("ab", 32),
		Inputs:   []Input{{Export: "invoices", Path: "exports/<a>&b.csv", Bytes: 12, SHA256: "cd", Rows: 3, Rejected: 1}},
		Sections: map[string]json.RawMessage{"totals": json.RawMessage(`{"JPY":{"open":12345678901234567890,"x":[1,2]}}`), "gates": json.RawMessage(`[]`), "text": json.RawMessage(`"` + text + `"`)},
		Outputs:  []Output{{Name: "accounts.parquet", Rows: new(int64(0))}, {Name: "worklist.csv", Rows: new(int64(7))}},
		Measured: Measured{Seconds: 1.5, PeakBytes: 1 << 20, Stages: []Elapsed{{"read", 1, 2}}, Machine: Machine{"linux", "amd64", 2, "go1.26"}},
	}
	return s, m, s.Seal(m)
}

// put publishes a night.
func put(t testing.TB, h *Held, asOf, text string, replace bool) {
	t.Helper()
	s, _, err := fill(h, asOf, text)
	if err == nil {
		err = s.Publish(replace)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// whole verifies a folder that holds a night and tells which text it says.
func whole(t testing.TB, dir, asOf string) string {
	t.Helper()
	r, err := Verify(dir, asOf)
	if err == nil {
		err = r.Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(dir, asOf)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	if err := json.Unmarshal(m.Sections["text"], &text); err != nil {
		t.Fatal(err)
	}
	for _, out := range m.Outputs {
		data, err := os.ReadFile(filepath.Join(Folder(dir, asOf), out.Name))
		if want := strings.Repeat(text+" "+out.Name+"\n", 50); err != nil || string(data) != want {
			t.Fatalf("%s of night %q: %.60q, %v", out.Name, text, data, err)
		}
	}
	return text
}

// entries lists a folder.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestNightAppearsWholeAndNotBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "nights")
	h := lock(t, dir)
	s, m, err := fill(h, night, "one")
	if err != nil {
		t.Fatal(err)
	}
	if nights, err := Nights(dir); err != nil || len(nights) != 0 {
		t.Errorf("nights before publishing: %q, %v", nights, err)
	}
	if err := s.Publish(false); err != nil {
		t.Fatal(err)
	}
	if got := whole(t, dir, night); got != "one" {
		t.Errorf("night %q", got)
	}
	got, err := Read(dir, night)
	if err != nil {
		t.Fatal(err)
	}
	for _, sections := range []map[string]json.RawMessage{got.Sections, m.Sections} {
		for name, raw := range sections { // the file indents them
			var v any
			d := json.NewDecoder(strings.NewReader(string(raw)))
			d.UseNumber()
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
			sections[name], _ = json.Marshal(v)
		}
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("read %+v\nwrote %+v", got, m)
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
	if err := h.Release(); err != nil {
		t.Error(err)
	}
	if got := entries(t, dir); !slices.Equal(got, []string{".lock", "as_of=" + night}) {
		t.Errorf("left in the folder: %q", got)
	}
	r, err := Verify(dir, night)
	if err != nil || r.Files != 4 || r.Bytes < 4000 {
		t.Errorf("report %+v, %v", r, err)
	}
}

func TestLockRemovesWhatADeadRunLeft(t *testing.T) {
	dir := t.TempDir()
	h := lock(t, dir)
	put(t, h, night, "one", false)
	if _, _, err := fill(h, "2026-03-01", "dead"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{markerName, "stray"} {
		if err := os.WriteFile(filepath.Join(dir, stagingName, name), []byte(`{"as_of":"2026-02`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	mine := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(mine, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := h.Release(); err != nil {
		t.Fatal(err)
	}
	lock(t, dir)
	if got := entries(t, dir); !slices.Equal(got, []string{".lock", "as_of=" + night, "mine.txt"}) {
		t.Errorf("left: %q", got)
	}
}

func TestStagesOfOneRunDoNotDisturbEachOther(t *testing.T) {
	dir := t.TempDir()
	h := lock(t, dir)
	a, _, err := fill(h, "2026-01-31", "a")
	if err != nil {
		t.Fatal(err)
	}
	put(t, h, night, "b", false)
	if _, err := h.Stage("2026-01-31"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second stage of a date: %v", err)
	}
	if err := a.Publish(false); err != nil {
		t.Fatal(err)
	}
	if got := whole(t, dir, "2026-01-31"); got != "a" {
		t.Errorf("night %q", got)
	}
}

func TestSealRefusesWhatIsNotANight(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(s *Stage, m *Manifest) error
		want  string
	}{
		"missing output": {func(s *Stage, m *Manifest) error { return os.Remove(s.Path("worklist.csv")) }, "worklist.csv is listed but was not written"},
		"listed twice":   {func(s *Stage, m *Manifest) error { m.Outputs = append(m.Outputs, m.Outputs[0]); return nil }, "accounts.parquet is listed twice"},
		"another date":   {func(s *Stage, m *Manifest) error { m.AsOf = "2026-03-01"; return nil }, `the manifest is of "2026-03-01", the stage of 2026-02-28`},
		"own run.json":   {func(s *Stage, m *Manifest) error { return os.WriteFile(s.Path(runName), nil, 0o644) }, "run.json is written by Seal"},
		"link":           {func(s *Stage, m *Manifest) error { return os.Symlink("/dev/zero", s.Path("link")) }, "link is neither a file nor a folder"},
		"section's name": {func(s *Stage, m *Manifest) error { m.Sections["outputs"] = nil; return nil }, `"outputs" cannot be the name of a section`},
		"section's JSON": {func(s *Stage, m *Manifest) error { m.Sections["totals"] = json.RawMessage("{"); return nil }, "totals: "},
	} {
		t.Run(name, func(t *testing.T) {
			h := lock(t, t.TempDir())
			s, err := h.Stage(night)
			if err != nil {
				t.Fatal(err)
			}
			m := &Manifest{AsOf: night, Sections: map[string]json.RawMessage{}, Outputs: []Output{{Name: "accounts.parquet"}, {Name: "worklist.csv"}}}
			for _, out := range m.Outputs {
				if err := os.WriteFile(s.Path(out.Name), []byte("x"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.spoil(s, m); err != nil {
				t.Fatal(err)
			}
			if err := s.Seal(m); err == nil || !strings.HasPrefix(err.Error(), "sealing the night: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v", err)
			}
			if err := s.Publish(false); err == nil {
				t.Error("an unsealed night is published")
			}
		})
	}
}

func TestNightsAreSortedDates(t *testing.T) {
	dir := t.TempDir()
	if _, err := Latest(dir); !errors.Is(err, ErrNoNight) {
		t.Errorf("error %v", err)
	}
	for _, name := range []string{"as_of=2026-02-28", "as_of=2025-12-31", "as_of=2026-01-31", "as_of=2026-02-30", "as_of=x", ".replaced", "2026-01-01"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "as_of=2026-03-31"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Nights(dir)
	if want := []string{"2025-12-31", "2026-01-31", "2026-02-28"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if last, err := Latest(dir); err != nil || last != "2026-02-28" {
		t.Errorf("latest %q, %v", last, err)
	}
	for asOf, want := range map[string]string{"2025-12-31": "", "2026-01-01": "2025-12-31", "2026-02-28": "2026-01-31", "2030-01-01": "2026-02-28"} {
		if before, err := Before(dir, asOf); err != nil || before != want {
			t.Errorf("before %s: %q, %v", asOf, before, err)
		}
	}
	if _, err := Nights(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
