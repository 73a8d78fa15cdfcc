package pipeline

import (
	"encoding/json"
	"fmt"
	"os"

	"kaishu/pipeline/publish"
	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
)

// challengerFile is the file of the challenger's model, in nights that used it.
const challengerFile = "challenger.json"

// trialRows caps the person-periods on which a trial of the challenger fits each model: three origins
// are fitted besides the night's own model.
const trialRows = 300_000

// challenge lets boosted trees try against the linear model, where the configuration asks for it,
// and fits them for this night if they pass the gate. It needs the landmarks.
func (n *night) challenge() error {
	r := &n.cfg.Risk
	if r.Challenger != "auto" {
		return nil
	}
	invoices := 0
	for _, c := range n.cases {
		invoices += int(c.Settled) + int(c.OpenItems)
	}
	linear := hazard.Settings{Ridge: r.Ridge, MaxRows: min(r.MaxRows, trialRows), MinEvents: r.MinEvents, Workers: n.workers}
	trees := boost.Settings{MaxRows: linear.MaxRows, MinEvents: r.MinEvents, Workers: n.workers, Cut: int32(n.asOf)}
	var trials []boost.Trial
	if invoices >= boost.MinInvoices {
		var err error
		if trials, err = boost.Trials(n.landmarks, n.days, linear, trees); err != nil {
			return err
		}
	}
	verdict := boost.Gate(invoices, trials)
	n.verdict = &verdict
	n.log.Info("challenger", "promoted", verdict.Promoted, "reason", verdict.Reason)
	if !verdict.Promoted {
		return nil
	}
	trees.MaxRows = min(r.MaxRows, maxChallengerRows)
	var err error
	n.trees, err = boost.Fit(n.landmarks, &n.life, n.days, trees)
	return err
}

// maxChallengerRows caps the person-periods of the challenger's fit.
const maxChallengerRows = 1_000_000

// curve is what the night's model says about an open item.
func (n *night) curve(l *hazard.Landmark) hazard.Curve {
	if n.trees != nil {
		return n.trees.Curve(l, n.days)
	}
	return n.model.Curve(l, n.days)
}

// itemReasons are the reasons of the night's model for an open item.
func (n *night) itemReasons(l *hazard.Landmark, out []hazard.Reason) []hazard.Reason {
	if n.trees != nil {
		return n.trees.Reasons(l, n.days, out)
	}
	return n.model.ReasonsOn(l, n.days, out)
}

// writeChallenger writes the challenger's model, where the night used it.
func (n *night) writeChallenger(stage *publish.Stage) error {
	if n.trees == nil {
		return nil
	}
	data, err := json.Marshal(n.trees)
	if err != nil {
		return fmt.Errorf("writing %s: %w", challengerFile, err)
	}
	if err := os.WriteFile(stage.Path(challengerFile), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", challengerFile, err)
	}
	return nil
}
