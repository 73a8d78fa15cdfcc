package hazard

import (
	"encoding/json"
	"fmt"
)

// Version is the format of a serialised Model.
const Version = 1

// The kinds of Model: fitted coefficients, or the pooled life table and the customer's
// frailty alone.
const (
	KindHazard = "hazard"
	KindPooled = "pooled"
)

// Term is one coefficient. A numeric term has no Level and enters as
// Coefficient*(value-Mean)/Scale; a level of a group enters as Coefficient where the
// landmark has that level, Mean is then the share of landmarks that do, and Scale 1.
// Means are over training landmarks and, for terms that vary by interval, over their first 30 days.
type Term struct {
	Name        string  `json:"name"`
	Level       string  `json:"level,omitempty"`
	Family      string  `json:"family"`
	Coefficient float64 `json:"coefficient"`
	Mean        float64 `json:"mean"`
	Scale       float64 `json:"scale"`
}

// Model is a fitted time-to-pay model. Its exported fields are all there is: a Model that
// went through json.Marshal and Load gives the same bits. The hazard of payment of a
// landmark in interval j is
//
//	calibration * exposure_j * exp(intercept + terms)
//
// where exposure_j adds, over the business days of the interval, the pooled life table's
// hazard at the item's age that day. A Model is read-only and safe for concurrent use.
type Model struct {
	Version     int               `json:"version"`
	Kind        string            `json:"kind"`
	Fallback    string            `json:"fallback,omitempty"` // why the kind is pooled
	Intercept   float64           `json:"intercept"`
	Terms       []Term            `json:"terms"`
	Pooled      Pooled            `json:"pooled"`
	Calibration Calibration       `json:"calibration"`
	LogRate     float64           `json:"log_rate"` // mean log pooled hazard per business day over the next 30 days
	Peers       [Families]float64 `json:"peers"`    // median headline value by family, see Reason
	Training    Training          `json:"training"`
	Metrics     Metrics           `json:"metrics"`

	scale weights
}

// Training says what a model was fitted on. Days are day numbers since 1970-01-01.
type Training struct {
	From       int32   `json:"from_day"` // first and last landmark date
	To         int32   `json:"to_day"`
	Cut        int32   `json:"cut_day"` // nothing after this day was used
	Landmarks  int     `json:"landmarks"`
	Rows       int     `json:"rows"`        // person-periods
	Events     int     `json:"events"`      // person-periods with a payment
	Payments   int     `json:"payments"`    // the same, each payment once: overlapping landmarks see one several times
	SampleRate float64 `json:"sample_rate"` // share of the given landmarks that was kept
	Ridge      float64 `json:"ridge"`
}

// Metrics says how the fit went. The figures at 30 days are over the landmarks of the last
// four weeks whose 30 days had passed by the cut; they are in-sample, for comparing models
// fitted on the same data. They are 0 where there is no such landmark or only one outcome.
type Metrics struct {
	Iterations int     `json:"iterations"`
	Converged  bool    `json:"converged"`
	LogLoss    float64 `json:"log_loss"` // mean per person-period
	Matured    int     `json:"matured"`  // landmarks behind the next two
	LogLoss30  float64 `json:"log_loss_30"`
	AUC30      float64 `json:"auc_30"`
}

// weights is a Model laid out for scoring: the coefficient of every term that can be, 0
// where the model has none.
type weights struct {
	base        float64
	itemNum     [itemNumbers]line
	itemLevel   [itemGroups][maxLevels]line
	periodNum   [periodNumbers]line
	periodLevel [periodGroups][maxLevels]line
	absent      [Families]float64 // effect of the groups on a landmark that has no level of any: what their means take off
}

// line is slope*(x-mean).
type line struct{ slope, mean float64 }

func (w line) at(x float64) float64 {
	if x != x {
		return 0
	}
	return float64(w.slope * (x - w.mean))
}

// Limits of the linear predictor, against a landmark unlike any in training.
const (
	minPredictor = -20
	maxPredictor = 8
)

// Load reads a Model written by json.Marshal.
func Load(data []byte) (*Model, error) {
	m := new(Model)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("reading model: %w", err)
	}
	if m.Version != Version {
		return nil, fmt.Errorf("reading model: version %d, this program reads %d", m.Version, Version)
	}
	if m.Kind != KindHazard && m.Kind != KindPooled {
		return nil, fmt.Errorf("reading model: kind %q is neither %q nor %q", m.Kind, KindHazard, KindPooled)
	}
	if err := m.compile(); err != nil {
		return nil, fmt.Errorf("reading model: %w", err)
	}
	return m, nil
}

// Kappa is the shape of the gamma frailty that customers share, before their own history.
func (m *Model) Kappa() float64 { return m.Pooled.Kappa }

// Shape is the shape of the frailty that is left given a customer's history: kappa plus
// the payments seen. The more is known of a customer, the less its items move together unforeseen.
func (m *Model) Shape(p *Past) float64 {
	if p == nil {
		return m.Pooled.Kappa
	}
	return m.Pooled.Kappa + p.Paid
}

// compile lays the model out for scoring.
func (m *Model) compile() error {
	if !(m.Calibration.Factor > 0) || !(m.Pooled.Kappa > 0) {
		return fmt.Errorf("calibration factor %v and kappa %v must be positive", m.Calibration.Factor, m.Pooled.Kappa)
	}
	for b, r := range m.Pooled.Rates {
		if !(r > 0) || !finite(r) {
			return fmt.Errorf("hazard %v of age bin %d must be positive", r, b)
		}
	}
	m.scale = weights{base: m.Intercept + ln(m.Calibration.Factor)}
	for _, t := range m.Terms {
		at := m.scale.line(t.Name, t.Level)
		if at == nil {
			return fmt.Errorf("unknown term %q, level %q", t.Name, t.Level)
		}
		*at = line{slope: t.Coefficient / t.Scale, mean: t.Mean}
	}
	for g, t := range itemGroup {
		m.scale.absent[t.family] += noLevel(&m.scale.itemLevel[g])
	}
	for g, t := range periodGroup {
		m.scale.absent[t.family] += noLevel(&m.scale.periodLevel[g])
	}
	return nil
}

// noLevel is the effect of a group on a landmark that has none of its levels.
func noLevel(levels *[maxLevels]line) (sum float64) {
	for _, l := range levels {
		sum += l.at(0)
	}
	return sum
}

// line finds the place of a term by its names; nil if there is none.
func (w *weights) line(name, level string) *line {
	if level == "" {
		for i, t := range itemNumeric {
			if t.name == name {
				return &w.itemNum[i]
			}
		}
		for i, t := range periodNumeric {
			if t.name == name {
				return &w.periodNum[i]
			}
		}
		return nil
	}
	for g, t := range itemGroup {
		if at := t.find(name, level); at >= 0 {
			return &w.itemLevel[g][at]
		}
	}
	for g, t := range periodGroup {
		if at := t.find(name, level); at >= 0 {
			return &w.periodLevel[g][at]
		}
	}
	return nil
}

// find is the index of a level of the group of that name, -1 if it is not here.
func (g *group) find(name, level string) int {
	if g.name == name {
		for i, l := range g.levels {
			if l == level {
				return i
			}
		}
	}
	return -1
}

// item is the part of the linear predictor that all intervals share.
func (w *weights) item(f *features) float64 {
	sum := w.base
	for i, x := range f.num {
		sum += w.itemNum[i].at(x)
	}
	for g, l := range f.level {
		sum += w.itemLevel[g][l].slope
	}
	return sum
}

// period is an interval's part of the linear predictor.
func (w *weights) period(p *period) float64 {
	sum := 0.0
	for i, x := range p.num {
		sum += w.periodNum[i].at(x)
	}
	for g, l := range p.level {
		sum += w.periodLevel[g][l].slope
	}
	return sum
}
