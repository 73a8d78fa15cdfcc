package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Manifest is run.json: what a night was made from and what it consists of. In the file the
// members stand in the order of the fields, Sections one by one under their own names; then come
// night_sha256, which Seal makes, and measured.
//
// night_sha256 is the SHA-256 of the bytes of the file before the line it stands on:
//
//	sed '/^  "night_sha256": /,$d' run.json | sha256sum
//
// Two runs over the same inputs give the same file up to and including that line.
type Manifest struct {
	Version      string  // of the program
	AsOf         string  // YYYY-MM-DD
	ConfigSHA256 string  // of the effective configuration
	Inputs       []Input // in the order in which they were read
	// Sections hold what the caller wants to say, as JSON: gates, totals, model, plan. Names are
	// words in snake case, other than those of the other members.
	Sections map[string]json.RawMessage
	// Outputs are the files of the night but run.json, by name. Before Seal it need only give
	// the rows of tables; Seal fills in the rest and adds the other files.
	Outputs []Output
	// NightSHA256 is set by Seal and Read.
	NightSHA256 string
	// Measured is the only part in which identical runs may differ.
	Measured Measured
}

// Input is one file that a run read.
type Input struct {
	Export   string `json:"export"`
	Path     string `json:"path"` // as written in the configuration, or the match of a glob
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	Rows     int64  `json:"rows"`
	Skipped  int64  `json:"skipped"`
	Rejected int64  `json:"rejected"`
}

// Output is one file of a night.
type Output struct {
	Name   string `json:"name"`           // folders separated by slashes
	Rows   *int64 `json:"rows,omitempty"` // nil for what is no table
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Measured is what a run cost, and where.
type Measured struct {
	Started   string    `json:"started,omitempty"` // RFC 3339
	Seconds   float64   `json:"seconds"`
	PeakBytes int64     `json:"peak_bytes"` // of memory, the most the process had at once
	Stages    []Elapsed `json:"stages,omitempty"`
	FromState []string  `json:"from_state,omitempty"` // paths of the inputs whose rows were there from a night before
	Machine   Machine   `json:"machine"`
}

// Elapsed is the time and the memory of one stage of a run.
type Elapsed struct {
	Stage     string  `json:"stage"`
	Seconds   float64 `json:"seconds"`
	PeakBytes int64   `json:"peak_bytes"`
}

// Machine is where a run took place.
type Machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"` // version
}

// SameRun tells whether two manifests are of the same version, date, configuration and input
// files, so that their nights must be the same.
func (m *Manifest) SameRun(o *Manifest) bool {
	same := func(a, b Input) bool {
		return a.Export == b.Export && a.Path == b.Path && a.Bytes == b.Bytes && a.SHA256 == b.SHA256
	}
	return m.Version == o.Version && m.AsOf == o.AsOf && m.ConfigSHA256 == o.ConfigSHA256 && slices.EqualFunc(m.Inputs, o.Inputs, same)
}

// ownMembers are the names that sections cannot have.
var ownMembers = [...]string{"version", "as_of", "config_sha256", "inputs", "outputs", "night_sha256", "measured"}

// nightLine begins the line of the night's hash. No other line of the file begins so: everything
// deeper is indented further.
const nightLine = "\n  \"night_sha256\": "

// encode is the content of run.json. It sets NightSHA256.
func (m *Manifest) encode() ([]byte, error) {
	var out bytes.Buffer
	var failed error
	member := func(name string, value any) {
		data, err := indented(value)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
		fmt.Fprintf(&out, "\n  %q: %s", name, data)
	}
	hashed := func(name string, value any) {
		member(name, value)
		out.WriteByte(',')
	}
	out.WriteByte('{')
	hashed("version", m.Version)
	hashed("as_of", m.AsOf)
	hashed("config_sha256", m.ConfigSHA256)
	hashed("inputs", nonNil(m.Inputs))
	for _, name := range slices.Sorted(maps.Keys(m.Sections)) {
		if slices.Contains(ownMembers[:], name) || !isWord(name) {
			failed = errors.Join(failed, fmt.Errorf("%q cannot be the name of a section", name))
		}
		hashed(name, m.Sections[name])
	}
	hashed("outputs", nonNil(m.Outputs))
	m.NightSHA256 = hash([]byte(out.String() + "\n"))
	hashed("night_sha256", m.NightSHA256)
	member("measured", m.Measured)
	out.WriteString("\n}\n")
	return out.Bytes(), failed
}

// run is run.json as it was read.
type run struct {
	Manifest
	night string // the hash that the file should have: NightSHA256 unless someone changed it
}

// decode takes run.json apart. Only what is hashed and the measured part can say anything.
func decode(data []byte) (*run, error) {
	at := bytes.Index(data, []byte(nightLine))
	if at < 0 {
		return nil, errors.New("has no night_sha256")
	}
	r := &run{night: hash(data[:at+1])}
	body := slices.Concat(bytes.TrimSuffix(data[:at], []byte(",")), []byte("}"))
	if err := json.Unmarshal(body, &r.Sections); err != nil {
		return nil, err
	}
	for name, into := range map[string]any{"version": &r.Version, "as_of": &r.AsOf, "config_sha256": &r.ConfigSHA256,
		"inputs": &r.Inputs, "outputs": &r.Outputs} {
		if err := json.Unmarshal(r.Sections[name], into); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		delete(r.Sections, name)
	}
	var tail struct {
		Night    string   `json:"night_sha256"`
		Measured Measured `json:"measured"`
	}
	if err := json.Unmarshal(slices.Concat([]byte("{"), data[at:]), &tail); err != nil {
		return nil, err
	}
	r.NightSHA256, r.Measured = tail.Night, tail.Measured
	return r, nil
}

// readRun reads the run.json in the folder of a night.
func readRun(folder string) (*run, error) {
	path := filepath.Join(folder, runName)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Read reads the manifest of a night. The error is ErrNoNight when there is no such night. It
// does not check the hashes; Verify does.
func Read(dir, asOf string) (*Manifest, error) {
	if _, err := os.Stat(Folder(dir, asOf)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", Folder(dir, asOf), ErrNoNight)
	}
	r, err := readRun(Folder(dir, asOf))
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	return &r.Manifest, nil
}

// hash is the SHA-256 of data in hexadecimal.
func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// nonNil is an empty list instead of none, which JSON tells apart.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// isWord tells whether s is in snake case.
func isWord(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}

// indented is JSON as it stands in run.json, one level deep; <, > and & stay as they are.
func indented(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
