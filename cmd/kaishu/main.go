// Kaishu (回収, recovery) is the nightly job that tells a collections team whom to call first.
//
// The command turns flags and files into a call of a package and an error into an exit code and
// two lines of text; it decides nothing itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"kaishu/pipeline"
	"kaishu/pipeline/publish"
)

// Exit statuses, as the contract with schedulers has them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2 // usage or configuration
	exitRefused = 3 // a gate refused the run
	exitLocked  = 4 // another run holds the lock
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main with its surroundings as arguments.
func run(args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "kaishu: internal fault: %v; nothing was published\n%s", p, debug.Stack())
			code = exitFailed
		}
	}()
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		if s, ok := <-signals; ok {
			signal.Stop(signals) // so that a second one ends the program at once, which a night survives like any other end
			stop(stopped{s.(syscall.Signal)})
		}
	}()
	defer close(signals)

	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var by stopped
	if errors.As(context.Cause(ctx), &by) {
		fmt.Fprintf(stderr, "kaishu: %v\n", by)
		return 128 + int(by.signal)
	}
	say(stderr, err)
	return status(err)
}

// beside does what cannot be stopped beside the command, which a signal then ends without waiting for it.
func beside(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("internal fault: %v\n%s", p, debug.Stack())
			}
		}()
		done <- do()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stopped is the cause of a context that a signal ended.
type stopped struct{ signal syscall.Signal }

func (s stopped) Error() string {
	return fmt.Sprintf("stopped by %v; nothing was published", s.signal)
}

// usageError is a fault in how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func status(err error) int {
	var usage usageError
	var call *pipeline.Usage
	var gate *pipeline.Refused
	switch {
	case errors.As(err, &usage), errors.As(err, &call):
		return exitUsage
	case errors.As(err, &gate):
		return exitRefused
	case errors.Is(err, publish.ErrLocked):
		return exitLocked
	}
	return exitFailed
}

// say prints an error as a line that names it and, where a next step is known, a hint line.
func say(w io.Writer, err error) {
	fmt.Fprintf(w, "kaishu: %v\n", err)
	if hint := pipeline.Hint(err); hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}

// common are the flags that every command understands.
type common struct {
	format  string
	quiet   bool
	verbose bool
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	c := &common{}
	root := &cobra.Command{
		Use:           "kaishu",
		Short:         "kaishu tells a collections team every night whom to call first",
		Long:          "kaishu (回収, recovery) reads invoice and payment exports, rebuilds the receivables ledger as of a date,\nestimates when each item will be paid, values each possible action and writes worklists ranked by\nexpected recovery per unit of effort.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{fmt.Errorf("%w (see kaishu --help)", err)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.PersistentFlags().StringVar(&c.format, "log-format", "text", "messages on standard error as `text|json`")
	root.PersistentFlags().BoolVarP(&c.quiet, "quiet", "q", false, "only errors")
	root.PersistentFlags().BoolVarP(&c.verbose, "verbose", "v", false, "more messages")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
	})
	root.AddCommand(newRun(c), newCheck(c), newBacktest(c), newExplain(c), newGenerate(), newSimulate(c), newVerify(), newVersion())
	return root
}

// logger is where the messages of a command go.
func (c *common) logger(stderr io.Writer) (*slog.Logger, error) {
	level := slog.LevelInfo
	switch {
	case c.quiet:
		level = slog.LevelError
	case c.verbose:
		level = slog.LevelDebug
	}
	o := &slog.HandlerOptions{Level: level}
	switch c.format {
	case "json":
		return slog.New(slog.NewJSONHandler(stderr, o)), nil
	case "text":
		o.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{} // the scheduler's log has its own clock
			}
			return a
		}
		return slog.New(slog.NewTextHandler(stderr, o)), nil
	}
	return nil, usageError{fmt.Errorf("--log-format: %q is neither text nor json", c.format)}
}

// exactly is cobra.ExactArgs with an error that counts as usage.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
		}
		return nil
	}
}
