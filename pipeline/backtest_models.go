package pipeline

import (
	"maps"
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

// rivalWords says what each of the names is, for readers of the table and the page, in the words of a language.
func (b *backtest) rivalWords(of *backtestWords) map[string]string {
	words := maps.Clone(of.Rivals)
	for name := range words {
		if !slices.Contains(b.names(), name) {
			delete(words, name)
		}
	}
	return words
}
