package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// Sections of run.json beside those of package publish.
const (
	sectionFrom     = "as_of_from"
	sectionCurrency = "currency"
	sectionLanguage = "language" // of the sentences; English goes without saying
	sectionTotals   = "control_totals"
	sectionGates    = "gates"
	sectionModel    = "model"
	sectionTrees    = "challenger"
	sectionPlan     = "plan"
	sectionBefore   = "night_before"
	sectionOpen     = "open_amount"
	sectionFolio    = "portfolio"
	sectionDrift    = "drift"
	sectionCash     = "cash_forecast"
	sectionItems    = "items"
	sectionLearning = "learning"
	sectionParts    = "part_payments"
)

// asOfFrom says where the as-of date came from.
func (n *night) asOfFrom() string {
	if n.cfg.AsOf != "" {
		return "given"
	}
	return "exports"
}

// previousNight is what a run knows of the night before it: the latest published one of an earlier
// date, in the same folder.
type previousNight struct {
	asOf string
	sha  string
	rows map[string]int64
	open int64
	rank map[string]int32
}

// already reports a night that was made from the same inputs, configuration and version; the run
// has then nothing to do. A night of the given date that was made from others is refused early,
// before the work is done, unless it is to be replaced.
func (n *night) already(ctx context.Context) (*Result, error) {
	nights, err := publish.Nights(n.output)
	if err != nil {
		return nil, err
	}
	var hashed []publish.Input
	for _, date := range nights {
		if n.cfg.AsOf != "" && date != n.cfg.AsOf {
			continue
		}
		m, err := publish.Read(n.output, date)
		if err != nil {
			return nil, damaged(n.output, date, err)
		}
		if n.cfg.AsOf == "" && section(m, sectionFrom) != n.asOfFrom() {
			continue
		}
		if m.Version == Version && m.ConfigSHA256 == n.configHash() {
			if hashed == nil {
				if hashed, err = n.hashInputs(ctx); err != nil {
					return nil, err
				}
			}
			if m.SameRun(&publish.Manifest{Version: Version, AsOf: date, ConfigSHA256: m.ConfigSHA256, Inputs: hashed}) {
				day, err := scoring.ParseDay(date)
				return &Result{AsOf: day, Folder: publish.Folder(n.output, date), Unchanged: true, night: n}, err
			}
		}
		if n.cfg.AsOf != "" && !n.options.Replace {
			return nil, n.exists(date)
		}
	}
	return nil, nil
}

// exists refuses to touch a night that came from other inputs.
func (n *night) exists(date string) error {
	return &Refused{Msg: fmt.Sprintf("%s is there already, from other inputs, settings or version", publish.Folder(n.output, date)),
		Hint: "--replace publishes this run in its place and keeps the old night under .replaced"}
}

func section(m *publish.Manifest, name string) string {
	var s string
	_ = json.Unmarshal(m.Sections[name], &s) // a section of another shape is not the text looked for
	return s
}

// configHash is the hash of the configuration and of what the call adds to it.
func (n *night) configHash() string {
	if n.ledgerOnly {
		return n.cfg.Hash() + "+ledger"
	}
	return n.cfg.Hash()
}

func (n *night) hashInputs(ctx context.Context) ([]publish.Input, error) {
	inputs := make([]publish.Input, len(n.sources))
	err := n.inParallel(len(n.sources), func(_, i int) error {
		s := n.sources[i]
		size, sum, err := hashFile(ctx, s.path)
		inputs[i] = publish.Input{Export: exportName(s.export), Path: s.written, Bytes: size, SHA256: sum}
		if err != nil {
			return fmt.Errorf("reading %s: %w", exportName(s.export), err)
		}
		return nil
	})
	return inputs, err
}

// hashFile is the size and the SHA-256 of a file.
func hashFile(ctx context.Context, path string) (int64, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	size := int64(0)
	for buf := make([]byte, 1<<20); ; {
		if err := ctx.Err(); err != nil {
			return 0, "", err
		}
		k, err := f.Read(buf)
		h.Write(buf[:k])
		size += int64(k)
		if err == io.EOF {
			return size, hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return 0, "", err
		}
	}
}

// findPrevious reads what the run wants to know of the night before.
func (n *night) findPrevious() error {
	date, err := publish.Before(n.output, n.asOf.String())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a check before the first night
	}
	if err != nil || date == "" {
		return err
	}
	m, err := publish.Read(n.output, date)
	if err != nil {
		return damaged(n.output, date, err)
	}
	p := &previousNight{asOf: date, sha: m.NightSHA256, rows: map[string]int64{}, rank: map[string]int32{}}
	for _, in := range m.Inputs {
		p.rows[in.Export] += in.Rows
	}
	_ = json.Unmarshal(m.Sections[sectionOpen], &p.open) // a night of another shape has no amount to compare
	list, err := table.ReadColumns(filepath.Join(publish.Folder(n.output, date), "worklist.parquet"), "customer_id", "rank")
	switch {
	case err == nil:
		id, rank := list.Column("customer_id"), list.Column("rank")
		for i := range list.Len() {
			p.rank[list.StringAt(id, i)] = int32(list.IntAt(rank, i))
		}
	case !errors.Is(err, fs.ErrNotExist):
		return damaged(n.output, date, fmt.Errorf("reading the worklist of %s: %w", date, err))
	}
	n.previous = p
	return nil
}

// publish seals the staging folder with its manifest and renames it into place.
func (n *night) publish(stage *publish.Stage) error {
	m := &publish.Manifest{Version: Version, AsOf: n.asOf.String(), ConfigSHA256: n.configHash(), Sections: map[string]json.RawMessage{}}
	for _, s := range n.sources {
		m.Inputs = append(m.Inputs, publish.Input{
			Export: exportName(s.export), Path: s.written, Bytes: s.result.Bytes, SHA256: hex.EncodeToString(s.result.SHA256[:]),
			Rows: s.result.Rows, Skipped: s.result.Skipped, Rejected: int64(len(s.result.Rejects)) + s.late,
		})
	}
	for name, rows := range n.rows {
		m.Outputs = append(m.Outputs, publish.Output{Name: name, Rows: &rows})
	}
	for name, value := range n.sections() {
		data, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("writing the manifest: %s: %w", name, err)
		}
		m.Sections[name] = data
	}
	m.Measured = n.measured()
	if err := stage.Seal(m); err != nil {
		return err
	}
	err := stage.Publish(n.options.Replace)
	if errors.Is(err, publish.ErrExists) {
		return n.exists(m.AsOf)
	}
	return err
}

// sections is what the manifest says of the night beyond its files.
func (n *night) sections() map[string]any {
	out := map[string]any{
		sectionFrom: n.asOfFrom(), sectionCurrency: n.currency.String(), sectionTotals: n.controlTotals(), sectionGates: n.gates, sectionOpen: n.ledger.open,
		sectionFolio: n.portfolioSection(),
	}
	if n.voc() != &english {
		out[sectionLanguage] = n.cfg.Language
	}
	if n.previous != nil {
		out[sectionBefore] = map[string]string{"as_of": n.previous.asOf, "night_sha256": n.previous.sha}
	}
	if n.closed != nil {
		out[sectionItems] = n.itemCounts()
	}
	if n.ledgerOnly {
		return out
	}
	m := modelFactsOf(n.scorer())
	out[sectionModel] = map[string]any{"kind": m.kind, "fallback": m.fallback, "training": m.training, "metrics": m.metrics, "calibration": m.calibration, "refit": n.refit}
	out[sectionDrift] = n.drift
	out[sectionCash] = n.forecastSection()
	if n.parts != nil {
		out[sectionParts] = n.parts
	}
	if n.verdict != nil {
		out[sectionTrees] = n.verdict
	}
	out[sectionPlan] = n.planSection()
	if s := n.learningSection(); s != nil {
		out[sectionLearning] = s
	}
	return out
}

// planSection is the plan in run.json. Prices are in units of the reporting currency: of a minute, or of
// a slot.
func (n *night) planSection() any {
	type used struct {
		Resource string  `json:"resource"`
		Unit     string  `json:"unit"`
		Capacity float64 `json:"capacity"`
		Used     float64 `json:"used"`
		Price    float64 `json:"price"`
		Wage     float64 `json:"wage"`
		Binding  bool    `json:"binding"`
	}
	s := n.solution
	resources := []used{}
	for i, r := range n.resources {
		u := used{r.label(), "slot", float64(r.capacity), float64(s.Used[i]), r.price / n.unit(), r.wage / n.unit(), s.Binding[i]}
		if r.minutes {
			u.Unit = "minute"
			u.Capacity, u.Used, u.Price, u.Wage = u.Capacity/60, u.Used/60, u.Price*60, u.Wage*60
		}
		resources = append(resources, u)
	}
	return map[string]any{
		"candidates": n.problem.Accounts(), "chosen": len(n.worklist), "duties": n.duties(), "iterations": s.Iterations,
		"if_effects_were": n.doubted,
		"value":           scoring.FormatMinor(n.worth(), n.currency.Digits()), "net_value": scoring.FormatMinor(s.Value, n.currency.Digits()),
		"net_bound": s.Bound / n.unit(), "gap": s.Gap, "resources": resources,
	}
}

// worth is the value of all actions on the worklist, minor units.
func (n *night) worth() int64 {
	sum := int64(0)
	for _, c := range n.worklist {
		sum += c.pick().value
	}
	return sum
}

func (n *night) measured() publish.Measured {
	return publish.Measured{Started: n.began.UTC().Format(time.RFC3339), Seconds: time.Since(n.began).Seconds(), PeakBytes: peakMemory(), Machine: publish.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.GOMAXPROCS(0), Go: runtime.Version()}, Stages: n.spent, FromState: n.recalled}
}

// writeModel writes model.json: the model that scored the night.
func (n *night) writeModel(stage *publish.Stage) error {
	data, err := encodeModel(n.scorer())
	if err != nil {
		return fmt.Errorf("writing model.json: %w", err)
	}
	if err := os.WriteFile(stage.Path("model.json"), data, 0o644); err != nil {
		return fmt.Errorf("writing model.json: %w", err)
	}
	return nil
}
