package pipeline

import (
	"encoding/json"
	"fmt"

	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
)

// scorer is a model that can score a night: *hazard.Model, the linear one, or *boost.Model, trees. All
// of what a night says of payment comes from one of them, and only through this.
type scorer interface {
	Curve(l *hazard.Landmark, days *hazard.Calendar) hazard.Curve
	ReasonsOn(l *hazard.Landmark, days *hazard.Calendar, out []hazard.Reason) []hazard.Reason
	// Prospect and Look are Curve, and the effects of ReasonsOn, for the items of one customer after another.
	Prospect(ahead *hazard.Ahead, past *hazard.Past, into *hazard.Prospect)
	Look(l *hazard.Landmark, p *hazard.Prospect, c *hazard.Curve, effects *[hazard.Families]float64)
	// Kappa is the shape of the frailty that customers share, Shape what it is given a customer's past.
	Kappa() float64
	Shape(p *hazard.Past) float64
}

// scorer is the model that the night uses: trees where they were promoted, else the linear one.
func (n *night) scorer() scorer {
	if n.trees != nil {
		return n.trees
	}
	return n.model
}

// curve is what the night's model says about an open item, and what is known of part payments.
func (n *night) curve(l *hazard.Landmark) hazard.Curve {
	c := n.scorer().Curve(l, n.days)
	c.Part = n.parts.Of(l.Past)
	return c
}

// modelFacts is what is said of either kind of model.
type modelFacts struct {
	kind, fallback string
	training       hazard.Training
	calibration    hazard.Calibration
	metrics        any                      // of the fit: hazard.Metrics or boost.Validation
	peers          [hazard.Families]float64 // median headline values
}

func modelFactsOf(m scorer) modelFacts {
	if t, ok := m.(*boost.Model); ok {
		return modelFacts{t.Kind, t.Fallback, t.Training, t.Calibration, t.Validation, t.Peers}
	}
	h := m.(*hazard.Model)
	return modelFacts{h.Kind, h.Fallback, h.Training, h.Calibration, h.Metrics, h.Peers}
}

// encodeModel is model.json: all that it takes to score again, to the bit. Trees stand on one line.
func encodeModel(m scorer) ([]byte, error) {
	if t, ok := m.(*boost.Model); ok {
		data, err := json.Marshal(t)
		return append(data, '\n'), err
	}
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}

// decodeModel reads model.json, whichever kind it holds.
func decodeModel(data []byte) (scorer, error) {
	var what struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(data, &what); err != nil {
		return nil, fmt.Errorf("reading model: %w", err)
	}
	if what.Kind == boost.Kind {
		return boost.Load(data)
	}
	return hazard.Load(data)
}
