package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"kaishu/fixtures"
	"kaishu/pipeline"
	"kaishu/scoring"
)

// published are the flags that name a published night.
type published struct{ dir, asOf string }

func (p *published) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&p.dir, "output", "o", "nights", "`folder` that holds the nights")
	cmd.Flags().StringVar(&p.asOf, "as-of", "", "`date` of the night (default: the latest)")
}

func (p *published) check() error {
	if p.asOf == "" {
		return nil
	}
	if _, err := scoring.ParseDay(p.asOf); err != nil {
		return usageError{fmt.Errorf("--as-of: %w", err)}
	}
	return nil
}

func newExplain(*common) *cobra.Command {
	var p published
	cmd := &cobra.Command{
		Use:     "explain -o DIR CUSTOMER",
		Short:   "one customer's arithmetic from a published night",
		Example: "  kaishu explain -o nights C0000042\n  kaishu explain -o nights --as-of 2026-02-28 C0000042",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.check(); err != nil {
				return err
			}
			return beside(cmd.Context(), func() error { return pipeline.Explain(p.dir, p.asOf, args[0], cmd.OutOrStdout()) })
		},
	}
	p.flags(cmd)
	return cmd
}

func newVerify() *cobra.Command {
	var p published
	cmd := &cobra.Command{
		Use:     "verify -o DIR",
		Short:   "re-hash a published night against its manifest and re-check its totals",
		Example: "  kaishu verify -o nights\n  kaishu verify -o nights --as-of 2026-02-28",
		Args:    exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.check(); err != nil {
				return err
			}
			return beside(cmd.Context(), func() error { return pipeline.Verify(p.dir, p.asOf, cmd.OutOrStdout()) })
		},
	}
	p.flags(cmd)
	return cmd
}

func newGenerate() *cobra.Command {
	var o fixtures.Options
	var dir, asOf string
	var agencies int
	cmd := &cobra.Command{
		Use:     "generate --customers N --seed S -o DIR",
		Short:   "write a synthetic, realistic set of exports and a matching kaishu.yaml",
		Example: "  kaishu generate --customers 2000 --seed 1 -o demo\n  kaishu run -c demo/kaishu.yaml",
		Args:    exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := scoring.ParseDay(asOf)
			if err != nil {
				return usageError{fmt.Errorf("--as-of: %w", err)}
			}
			o.AsOf = day
			if agencies < 0 || agencies > 9 {
				return usageError{fmt.Errorf("--agencies: %d is not between 0 and 9", agencies)}
			}
			o.Agencies = fixtures.Agencies(agencies)
			if err := o.Check(); err != nil {
				return usageError{err}
			}
			var summary fixtures.Summary
			err = beside(cmd.Context(), func() (err error) {
				summary, err = fixtures.Generate(dir, o)
				return err
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d customers, %d invoices (%d open on %s), %d payment rows in %s\n",
				summary.Customers, summary.Invoices, summary.Open, asOf, summary.Payments, dir)
			if err == nil && agencies > 0 {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d accounts placed with agencies\n", summary.Placements)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Customers, "customers", 2000, "number of customers")
	f.IntVar(&o.Invoices, "invoices", 0, "number of invoices, about (default: 50 a customer)")
	f.Uint64Var(&o.Seed, "seed", 1, "the same seed gives the same bytes")
	f.StringVarP(&dir, "output", "o", "exports", "`folder` to write to")
	f.StringVar(&o.Format, "format", "csv", "`csv|csv.gz|csv.zst|parquet`")
	f.StringVar(&asOf, "as-of", "2026-02-28", "`date` up to which the history is told; some facts lie after it")
	f.StringVar(&o.Currency, "currency", "JPY", "reporting currency")
	f.BoolVar(&o.Multi, "multi", false, "some customers in other currencies, with a rates export")
	f.BoolVar(&o.KnownAt, "known-at", false, "with known_at columns: the day on which a fact was known")
	f.IntVar(&agencies, "agencies", 0, "`number` of collection agencies with which old accounts are placed: 0 to 9")
	f.BoolVar(&o.Dirty, "dirty", false, "some rows wrong on purpose, listed in dirty.csv")
	return cmd
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "version, Go, modules",
		Example: "  kaishu version",
		Args:    exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "kaishu %s %s %s/%s\n", pipeline.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return nil
			}
			for _, m := range info.Deps {
				if m.Replace != nil {
					m = m.Replace
				}
				fmt.Fprintf(out, "  %s %s\n", m.Path, m.Version)
			}
			return nil
		},
	}
}
