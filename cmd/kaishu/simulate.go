package main

import (
	"errors"

	"github.com/spf13/cobra"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/simulate"
)

func newSimulate(c *common) *cobra.Command {
	var s simulate.Settings
	var dir, path, nature string
	cmd := &cobra.Command{
		Use:   "simulate --customers N --days D --replications R --capacity tight|medium|loose --seed S -o DIR",
		Short: "play the pipeline forward against customers that react, and compare policies",
		Long: "Simulate plays business day after business day against a generated portfolio: rows as they become\n" +
			"known, the night's own code, the worklist within the day's capacity, and customers that react by types\n" +
			"which the configuration does not know. Policies share luck. It shows a table and writes\n" +
			"simulate.parquet and simulate.html.",
		Example: "  kaishu simulate --customers 1500 --days 90 --replications 8 --capacity tight --seed 1 -o played",
		Args:    exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path != "" {
				cfg, err := config.Load(path)
				if err != nil {
					return usageError{err}
				}
				s.Config = cfg
			}
			s.Nature = fixtures.Nature(nature)
			if err := s.Check(); err != nil {
				return usageError{err}
			}
			log, err := c.logger(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			s.Progress = func(done, total int) { log.Info("played", "policies", done, "of", total) }
			r, err := simulate.Run(cmd.Context(), s)
			if err != nil {
				return err
			}
			return errors.Join(r.Write(dir), r.Print(cmd.OutOrStdout()))
		},
	}
	f := cmd.Flags()
	f.IntVar(&s.Customers, "customers", 1000, "customers of the portfolio")
	f.IntVar(&s.Invoices, "invoices", 0, "invoices of its history, in all (default: 24 a customer)")
	f.IntVar(&s.Days, "days", 90, "business days to play")
	f.IntVar(&s.Replications, "replications", 4, "portfolios to play; standard errors are over them")
	f.StringVar(&s.Capacity, "capacity", "medium", "`tight|medium|loose`: 1.3, 4 or 10 calls a day for 100 accounts overdue at first")
	f.StringVar(&nature, "nature", string(fixtures.Typical), "what customers are like: `typical|lognormal|alike|confounded|shifting|divided`")
	f.Uint64Var(&s.Seed, "seed", 1, "another seed is another portfolio")
	f.StringSliceVar(&s.Policies, "policy", nil, "play only this `policy` (and nothing); may be repeated")
	f.IntVar(&s.Workers, "workers", 0, "replications side by side (default: one a core); the result does not depend on it")
	f.StringVarP(&path, "config", "c", "", "configuration `file` whose actions, policy, risk and minute cost to play with (default: the defaults)")
	f.StringVarP(&dir, "output", "o", "simulated", "`folder` for simulate.parquet and simulate.html")
	return cmd
}
