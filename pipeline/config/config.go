// Package config reads kaishu.yaml, the one file that configures a run.
//
// There are only a few types: a Config of plain sections (Exports, Gates, Allocation, Ledger,
// Calendar, Risk, Actions, Capacity, Policy, Reviews, Interest, Learning) in which every default is filled in, and Faults,
// everything that is wrong with a file, each with its line. The file is read strictly: unknown
// and repeated keys, values of the wrong type or out of range are faults, and all of them are
// reported together. docs/configuration.md lists every key with its default; a test keeps
// that page and this package in step.
package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// MaxWorkers is the most goroutines that a run can be told to have.
const MaxWorkers = 4096

// maxFile is the size above which a file is not taken for a configuration.
const maxFile = 1 << 20

// Config is the effective configuration of a run: what the file says, and the defaults
// for what it does not say.
type Config struct {
	// Dir is the folder of the file; the relative paths in it start there.
	Dir string `json:"-"`

	// Currency is the reporting currency, three letters. Default JPY. Every amount in the
	// configuration is in units (not minor units) of it.
	Currency string `json:"currency"`
	// Language is that of the sentences in the tables: "en" (default) or "ja". Names of columns and codes
	// stay as they are. It is what collectors read, not what customers are written in.
	Language string `json:"language"`
	// AsOf is the close of business the run describes, YYYY-MM-DD, or "" for the latest date
	// in the exports.
	AsOf string `json:"-"`
	// Output is the folder of the nights. Default "nights" beside the file.
	Output string `json:"-"`
	// Items is "open" (default), or "all" to write settled invoices too.
	Items string `json:"items"`
	// Memory is what a run is meant to keep in memory, in bytes: rows beyond an eighth of it, and accounts beyond another,
	// are spilled. Default 1 GiB.
	Memory int64 `json:"-"`
	// TempDir is where shards are spilled when memory is short, or "" for beside the output.
	TempDir string `json:"-"`
	// State is the folder in which rows once read are kept for the nights after, or "" for none.
	State string `json:"-"`
	// Workers is the number of goroutines that compute, or 0 for one per processor.
	Workers int `json:"-"`

	Exports    Exports    `json:"exports"`
	Gates      Gates      `json:"gates"`
	Allocation Allocation `json:"allocation"`
	Ledger     Ledger     `json:"ledger"`
	Calendar   Calendar   `json:"calendar"`
	Risk       Risk       `json:"risk"`
	Actions    Actions    `json:"actions"`
	Capacity   Capacity   `json:"capacity"`
	Policy     Policy     `json:"policy"`
	Interest   Interest   `json:"interest"`
	Learning   Learning   `json:"learning"`
	Reviews    Reviews    `json:"reviews"`
	Letters    Letters    `json:"letters"`
}

// Load reads the configuration in the file at path. The error is a *Faults when the
// content is wrong, and another one when the file cannot be read.
func Load(path string) (*Config, error) {
	data, err := readText(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(path, data, filepath.Dir(path))
}

// readText reads a regular file of at most maxFile bytes.
func readText(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxFile)
	}
	return data, nil
}

// Canonical is the effective configuration as JSON, defaults included. It is the same
// bytes for every file that means the same: order of keys, layout, comments and defaults written
// out do not matter. Left out is what does not change a result: the as-of date (it names
// the night), output, memory, temp_dir, state and workers. Paths stand as they are written, so that a
// folder can be moved; the dates of a closures file stand in its place. Canonical is itself a
// valid configuration.
func (c *Config) Canonical() []byte {
	data, err := encode(c)
	if err != nil { // no value of a Config is one that JSON cannot hold
		panic(fmt.Sprintf("config: %v", err))
	}
	return data
}

// Hash is the SHA-256 of Canonical in hexadecimal: the config hash of the manifest.
func (c *Config) Hash() string {
	sum := sha256.Sum256(c.Canonical())
	return hex.EncodeToString(sum[:])
}

// encode is compact JSON that leaves <, > and & as they are.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// encodeObject is a JSON object with n members in the given order.
func encodeObject(n int, member func(i int) (name string, value any)) ([]byte, error) {
	out := []byte{'{'}
	for i := range n {
		name, value := member(i)
		key, err := encode(name)
		if err != nil {
			return nil, err
		}
		data, err := encode(value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, key...), ':'), data...)
	}
	return append(out, '}'), nil
}
