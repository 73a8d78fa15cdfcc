package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kaishu/pipeline"
	"kaishu/scoring"
)

func newBacktest(c *common) *cobra.Command {
	var n night
	var o pipeline.BacktestOptions
	var from, to string
	cmd := &cobra.Command{
		Use:   "backtest -c kaishu.yaml --from DATE --to DATE",
		Short: "replay past month-ends through the same code and compare with what happened",
		Long: "Backtest rebuilds, fits and scores every month-end between two dates as the night of that date would\n" +
			"have, from what was known then, and measures it against what happened within 7, 30, 60 and 90 days, as far\n" +
			"as the exports reach, beside naive baselines. It writes DIR/backtest: a table, a page and a manifest.\n" +
			"--as-of is here the date up to which outcomes are taken from the exports. --model compares several models on\n" +
			"the same month-ends: night (what the nightly run would have used), hazard (the linear model), trees (the challenger).",
		Example: "  kaishu backtest -c kaishu.yaml --from 2025-06-01 --to 2025-12-31\n  kaishu backtest -c kaishu.yaml --from 2025-06-01 --to 2025-12-31 --model hazard,trees -o nights",
		Args:    exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := n.load()
			if err != nil {
				return err
			}
			for _, d := range []struct {
				flag, text string
				to         *scoring.Day
			}{{"from", from, &o.From}, {"to", to, &o.To}} {
				if d.text == "" {
					return usageError{fmt.Errorf("--%s is needed (see kaishu backtest --help)", d.flag)}
				}
				if *d.to, err = scoring.ParseDay(d.text); err != nil {
					return usageError{fmt.Errorf("--%s: %w", d.flag, err)}
				}
			}
			if o.Log, err = c.logger(cmd.ErrOrStderr()); err != nil {
				return err
			}
			o.Progress = progressBar(c, cmd.ErrOrStderr())
			result, err := pipeline.Backtest(cmd.Context(), cfg, o)
			if err != nil {
				return err
			}
			return result.Print(cmd.OutOrStdout())
		},
	}
	n.flags(cmd)
	cmd.Flags().StringVar(&from, "from", "", "first `date`; month-ends from here on are replayed")
	cmd.Flags().StringVar(&to, "to", "", "last `date`")
	cmd.Flags().StringSliceVar(&o.Models, "model", nil, "`models` to compare, by commas or repeated: "+strings.Join(pipeline.BacktestModels(), ", ")+" (default night)")
	cmd.Flags().StringVarP(&o.Output, "output", "o", "", "`folder` that holds the nights; the backtest goes into its folder backtest (default: output of the configuration)")
	cmd.Flags().IntVar(&o.Workers, "workers", 0, "goroutines at work (default: one a core); the result does not depend on it")
	return cmd
}
