package publish

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The layout of run.json to the byte: people and programs read it.
func TestRunJSONLayout(t *testing.T) {
	m := &Manifest{Version: "1", AsOf: night, ConfigSHA256: "c",
		Inputs:   []Input{{Export: "invoices", Path: "<&>.csv", Bytes: 1, SHA256: "a", Rows: 2}},
		Sections: map[string]json.RawMessage{"zulu": json.RawMessage(`{"b":1.50,"a":"<&>"}`), "alpha": json.RawMessage("[]")},
		Outputs:  []Output{{Name: "model.json", Bytes: 3, SHA256: "d"}, {Name: "rejects.parquet", Rows: new(int64(0)), Bytes: 4, SHA256: "e"}}}
	data, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "version": "1",
  "as_of": "2026-02-28",
  "config_sha256": "c",
  "inputs": [
    {
      "export": "invoices",
      "path": "<&>.csv",
      "bytes": 1,
      "sha256": "a",
      "rows": 2,
      "skipped": 0,
      "rejected": 0
    }
  ],
  "alpha": [],
  "zulu": {
    "b": 1.50,
    "a": "<&>"
  },
  "outputs": [
    {
      "name": "model.json",
      "bytes": 3,
      "sha256": "d"
    },
    {
      "name": "rejects.parquet",
      "rows": 0,
      "bytes": 4,
      "sha256": "e"
    }
  ],
  "night_sha256": "` + m.NightSHA256 + `",
  "measured": {
    "seconds": 0,
    "peak_bytes": 0,
    "machine": {
      "os": "",
      "arch": "",
      "cpus": 0,
      "go": ""
    }
  }
}
`
	if string(data) != want {
		t.Errorf("run.json is\n%s", data)
	}
	if head, _, _ := strings.Cut(want, "  \"night_sha256\""); hash([]byte(head)) != m.NightSHA256 {
		t.Error("night_sha256 is not the hash of the lines before it")
	}
	if !json.Valid(data) {
		t.Error("not JSON")
	}
}

func TestIdenticalRunsDifferOnlyInMeasured(t *testing.T) {
	var heads [2]string
	for i := range heads {
		dir := t.TempDir()
		h := lock(t, dir)
		s, m, err := fill(h, night, "same")
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(s.Path(runName))
		if err != nil {
			t.Fatal(err)
		}
		before := m.NightSHA256
		m.Measured.Seconds = float64(i) + .25
		again, err := m.encode()
		if err != nil || m.NightSHA256 != before {
			t.Errorf("measured changes the hash: %v", err)
		}
		heads[i], _, _ = strings.Cut(string(again), "\"measured\"")
		if first, _, _ := strings.Cut(string(data), "\"measured\""); first != heads[i] {
			t.Error("measured changes what stands before it")
		}
	}
	if heads[0] != heads[1] {
		t.Error("identical runs differ")
	}
}

func TestSameRunComparesWhatTheNightDependsOn(t *testing.T) {
	make := func() *Manifest {
		return &Manifest{Version: "1", AsOf: night, ConfigSHA256: "c", Inputs: []Input{{Export: "e", Path: "p", Bytes: 1, SHA256: "s"}}}
	}
	m := make()
	m.Inputs[0].Rows, m.Measured.Seconds, m.NightSHA256 = 9, 9, "x"
	if !m.SameRun(make()) {
		t.Error("rows, seconds and results do not make another run")
	}
	for i, change := range []func(*Manifest){
		func(m *Manifest) { m.Version = "2" }, func(m *Manifest) { m.AsOf = "2026-03-01" }, func(m *Manifest) { m.ConfigSHA256 = "d" },
		func(m *Manifest) { m.Inputs = nil }, func(m *Manifest) { m.Inputs[0].SHA256 = "t" }, func(m *Manifest) { m.Inputs[0].Path = "q" },
		func(m *Manifest) { m.Inputs[0].Export = "f" }, func(m *Manifest) { m.Inputs[0].Bytes = 2 },
	} {
		other := make()
		if change(other); m.SameRun(other) {
			t.Errorf("change %d makes another run", i)
		}
	}
}
