package pipeline

import (
	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
)

// trialRows caps the person-periods on which a trial of the challenger fits each model: three origins
// are fitted besides the night's own model.
const trialRows = 300_000

// maxChallengerRows caps the person-periods of the challenger's fit.
const maxChallengerRows = 1_000_000

// challenge lets boosted trees try against the linear model, where the configuration asks for it,
// and fits them for this night if they pass the gate. It needs the landmarks.
func (n *night) challenge() error {
	if n.comparesTrees {
		var err error
		if n.challenger, err = n.fitTrees(); err != nil {
			return err
		}
	}
	r := &n.cfg.Risk
	if r.Challenger != "auto" {
		return nil
	}
	invoices := n.ledger.invoices
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
	n.trees = n.challenger
	if n.trees == nil {
		var err error
		if n.trees, err = n.fitTrees(); err != nil {
			return err
		}
	}
	if n.trees.Fallback != "" {
		verdict.Promoted, verdict.Reason = false, "no tree could be fitted: "+n.trees.Fallback
		n.trees = nil
	}
	return nil
}

// fitTrees fits the challenger to the night's landmarks, as it would score the night.
func (n *night) fitTrees() (*boost.Model, error) {
	r := &n.cfg.Risk
	return boost.Fit(n.landmarks, &n.life, n.days, boost.Settings{
		MaxRows: min(r.MaxRows, maxChallengerRows), MinEvents: r.MinEvents, Workers: n.workers, Cut: int32(n.asOf),
	})
}
