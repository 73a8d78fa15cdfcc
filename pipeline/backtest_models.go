package pipeline

import (
	"slices"
	"strings"
)

// The names of the models that a backtest can compare. The naive baselines are beside them always.
const (
	rivalModel  = "night"  // what the night would have used: the hazard or, where they passed the gate, trees
	rivalHazard = "hazard" // the linear model
	rivalTrees  = "trees"  // the challenger, promoted or not
)

// BacktestModels lists the models that a backtest can compare.
func BacktestModels() []string { return []string{rivalModel, rivalHazard, rivalTrees} }

// chosenModels checks the names of models, each once in the order given; without any it is the night's.
func chosenModels(names []string) (out []string, err error) {
	for _, name := range names {
		if !slices.Contains(BacktestModels(), name) {
			return nil, usage("--model: %q is none of %s (the baselines %s are beside them always)", name, strings.Join(BacktestModels(), ", "), strings.Join(naiveNames[:], ", "))
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if out == nil {
		out = []string{rivalModel}
	}
	return out, nil
}

// names are those of all that is compared: the models, then the baselines.
func (b *backtest) names() []string { return slices.Concat(b.models, naiveNames[:]) }

// lead is the model that the page is about; the others are beside it.
func (b *backtest) lead() string { return b.models[0] }

// rivalWords says what each of the names is, for readers of the table and the page.
func (b *backtest) rivalWords() map[string]string {
	words := map[string]string{
		rivalModel:   "what the nightly run would have used under this configuration",
		rivalHazard:  "the linear time-to-pay model, fitted on what was known at the origin",
		rivalTrees:   "boosted trees on the rows of the linear model, promoted or not",
		rivalBase:    "the share of all open items that used to be paid within the horizon; dates: the median days late of all",
		rivalRatio:   "the share of the customer's own open items that used to be, shrunk to the base rate",
		rivalCurve:   "the customer's settled invoices: of those that were as late, the share paid within the horizon",
		rivalMedian:  "due date plus the customer's median days late",
		rivalLargest: "largest open amount first",
		rivalOldest:  "most days past due first",
	}
	for name := range words {
		if !slices.Contains(b.names(), name) {
			delete(words, name)
		}
	}
	return words
}
