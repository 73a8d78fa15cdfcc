package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// backtestFolder is the name of a backtest's folder beside the nights.
const backtestFolder = "backtest"

// backtestColumns are the columns of backtest.parquet: one row per origin x horizon x model, and
// one without an origin for the mean over the origins.
func backtestColumns() []table.OutColumn {
	columns := []table.OutColumn{odate("origin"), num("horizon_days"), str("model"), num("items"), num("excluded")}
	for _, v := range new(figure).values() {
		columns = append(columns, odbl(v.name))
	}
	return columns
}

func (b *backtest) fillFigures(s *sheet, full func() error) error {
	for i := range b.figures {
		f := &b.figures[i]
		s.day(f.origin).int(f.horizon).text(f.rival).int(int32(f.items)).int(int32(f.excluded))
		for _, v := range f.values() {
			s.share(*v.at)
		}
		s.row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// backtestManifest is run.json of a backtest. Nothing in it depends on when or where it ran.
type backtestManifest struct {
	Version      string            `json:"version"`
	ConfigSHA256 string            `json:"config_sha256"`
	Data         string            `json:"data_until"` // outcomes are known up to this date
	Inputs       []backtestFile    `json:"inputs"`
	Origins      []backtestOrigin  `json:"origins"`
	Models       map[string]string `json:"models"`
	Outputs      []backtestFile    `json:"outputs"`
}

type backtestFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// backtestOrigin says what stands behind the figures of an origin, and what is wrong with them.
type backtestOrigin struct {
	Date    string          `json:"date"`
	Items   int             `json:"open_items"`
	Unknown int             `json:"without_outcome"`
	Models  []backtestModel `json:"models"`
	Changed int             `json:"changed_later"` // items whose features the full exports give otherwise
	Leaks   []leak          `json:"leaks"`
}

// backtestModel is a model as it was fitted at an origin.
type backtestModel struct {
	Name     string `json:"name"` // as asked for: night, hazard, trees
	Kind     string `json:"kind"` // what it is: hazard, boost, pooled
	Fallback string `json:"fallback,omitempty"`
	Payments int    `json:"payments"`
}

func (b *backtest) manifest() *backtestManifest {
	m := &backtestManifest{Version: Version, ConfigSHA256: b.configHash(), Data: b.end.String(), Models: b.rivalWords(&backtestEnglish)}
	for _, s := range b.sources {
		m.Inputs = append(m.Inputs, backtestFile{s.written, s.result.Bytes, hex.EncodeToString(s.result.SHA256[:])})
	}
	for _, o := range b.origins {
		at := backtestOrigin{Date: o.day.String(), Items: len(o.items), Unknown: o.unknown, Changed: o.changed, Leaks: append([]leak{}, o.leaks...)}
		for i, model := range o.models {
			facts := modelFactsOf(model)
			at.Models = append(at.Models, backtestModel{b.models[i], facts.kind, facts.fallback, facts.training.Payments})
		}
		m.Origins = append(m.Origins, at)
	}
	return m
}

// publishBacktest writes the files into a folder of their own and moves it into place, where it
// takes the place of the backtest before.
func (b *backtest) publishBacktest() (folder string, err error) {
	staging := filepath.Join(b.output, ".staging")
	if err := os.MkdirAll(staging, 0o755); err != nil {
		return "", fmt.Errorf("writing the backtest: %w", err)
	}
	made, err := os.MkdirTemp(staging, "backtest-*")
	if err != nil {
		return "", fmt.Errorf("writing the backtest: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(made)) }()
	fresh := filepath.Join(made, "new")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return "", fmt.Errorf("writing the backtest: %w", err)
	}
	if err := b.writeFiles(fresh); err != nil {
		return "", err
	}
	folder = filepath.Join(b.output, backtestFolder)
	if err := os.Rename(folder, filepath.Join(made, "old")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("writing the backtest: %w", err)
	}
	if err := os.Rename(fresh, folder); err != nil {
		return "", fmt.Errorf("writing the backtest: %w", err)
	}
	return folder, nil
}

func (b *backtest) writeFiles(folder string) error {
	const figures, page = "backtest.parquet", "backtest.html"
	if _, err := writeTable(filepath.Join(folder, figures), &output{name: figures, columns: backtestColumns(), fill: b.fillFigures}); err != nil {
		return err
	}
	html, err := b.page()
	if err != nil {
		return fmt.Errorf("writing %s: %w", page, err)
	}
	if err := publish.WriteSynced(filepath.Join(folder, page), html); err != nil {
		return fmt.Errorf("writing %s: %w", page, err)
	}
	m := b.manifest()
	for _, name := range []string{page, figures} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return fmt.Errorf("writing the manifest: %w", err)
		}
		sum := sha256.Sum256(data)
		m.Outputs = append(m.Outputs, backtestFile{name, int64(len(data)), hex.EncodeToString(sum[:])})
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = publish.WriteSynced(filepath.Join(folder, "run.json"), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return nil
}

// mean is the averaged figure of a model at a horizon; nil where no origin reaches it.
func (b *backtest) mean(horizon int32, rival string) *figure {
	return b.find(scoring.NoDay, horizon, rival)
}

func (b *backtest) find(origin scoring.Day, horizon int32, rival string) *figure {
	for i := range b.figures {
		if f := &b.figures[i]; f.origin == origin && f.horizon == horizon && f.rival == rival {
			return f
		}
	}
	return nil
}
