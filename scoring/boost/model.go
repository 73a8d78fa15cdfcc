package boost

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"

	"kaishu/scoring/hazard"
)

// Version is the format of a serialised Model, and Kind its kind.
const (
	Version = 1
	Kind    = "boost"
)

// Model is a fitted sum of trees. Its exported fields are all there is: a Model that went
// through json.Marshal and Load gives the same bits. A Model is read-only and safe for concurrent use.
type Model struct {
	Version     int                      `json:"version"`
	Kind        string                   `json:"kind"`
	Fallback    string                   `json:"fallback,omitempty"` // why there is no tree
	Columns     []string                 `json:"columns"`            // names of the values, as in hazard.Columns
	Intercept   float64                  `json:"intercept"`
	Trees       []Tree                   `json:"trees"`
	Pooled      hazard.Pooled            `json:"pooled"`
	Calibration hazard.Calibration       `json:"calibration"`
	LogRate     float64                  `json:"log_rate"` // mean log pooled hazard per business day over the next 30 days
	Peers       [hazard.Families]float64 `json:"peers"`    // median headline value by family, see hazard.Reason
	Training    hazard.Training          `json:"training"`
	Validation  Validation               `json:"validation"`

	explain     sync.Once
	explanation explanation
}

// Load reads a Model written by json.Marshal.
func Load(data []byte) (*Model, error) {
	m := new(Model)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("reading trees: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("reading trees: %w", err)
	}
	return m, nil
}

// Kappa is the shape of the gamma frailty that customers share, before their own history: estimated
// on the book of the trees' own fit.
func (m *Model) Kappa() float64 { return m.Pooled.Kappa }

// Shape is the shape of the frailty that is left given a customer's history, as of hazard.Model.
func (m *Model) Shape(p *hazard.Past) float64 {
	if p == nil {
		return m.Pooled.Kappa
	}
	return m.Pooled.Kappa + p.Paid
}

// check tells what keeps m from being used.
func (m *Model) check() error {
	if m.Version != Version || m.Kind != Kind {
		return fmt.Errorf("kind %q, version %d; this program reads %q, %d", m.Kind, m.Version, Kind, Version)
	}
	var names []string
	for _, c := range hazard.Columns() {
		names = append(names, c.Name)
	}
	if !slices.Equal(m.Columns, names) {
		return fmt.Errorf("columns %v; this program has %v", m.Columns, names)
	}
	if !(m.Calibration.Factor > 0) || !(m.Pooled.Kappa > 0) {
		return fmt.Errorf("calibration factor %v and kappa %v must be positive", m.Calibration.Factor, m.Pooled.Kappa)
	}
	for b, r := range m.Pooled.Rates {
		if !(r > 0) || !finite(r) {
			return fmt.Errorf("hazard %v of age bin %d must be positive", r, b)
		}
	}
	for i := range m.Trees {
		if err := m.Trees[i].check(len(names)); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	return nil
}

// predict is the log hazard over the exposure that the trees give to a row, before calibration.
func (m *Model) predict(values []float64) float64 {
	eta := m.Intercept
	for i := range m.Trees {
		eta += m.Trees[i].at(values)
	}
	return eta
}

// Curve computes the curve of l.
func (m *Model) Curve(l *hazard.Landmark, cal *hazard.Calendar) hazard.Curve {
	var row hazard.Row
	var cum [hazard.Intervals]float64
	shift := math.Log(m.Calibration.Factor)
	w := m.Pooled.Walk(l, cal, &row)
	sum := 0.0
	for w.Next(&row) {
		sum += row.Hazard(m.predict(row.Values[:]) + shift)
		cum[row.Interval] = sum
	}
	return w.Curve(&cum)
}

// Prospect fills into for a customer with a past.
func (m *Model) Prospect(ahead *hazard.Ahead, past *hazard.Past, into *hazard.Prospect) {
	m.Pooled.Prospect(ahead, past, into)
}

// Look is Curve and, where effects is given, the Effects of ReasonsOn by family: trees see nothing of a customer that they need not
// see again of the next item.
func (m *Model) Look(l *hazard.Landmark, p *hazard.Prospect, c *hazard.Curve, effects *[hazard.Families]float64) {
	*c = m.Curve(l, p.Calendar())
	if effects == nil {
		return
	}
	*effects = [hazard.Families]float64{}
	for _, r := range m.ReasonsOn(l, p.Calendar(), nil) {
		effects[r.Family] = r.Effect
	}
}
