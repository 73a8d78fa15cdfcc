package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"time"

	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
	"kaishu/scoring"
)

// Version is the version of the program; it is part of every manifest. A release sets it at link time.
var Version = "0.1.0-dev"

// Options are how a run is called, beyond its configuration.
type Options struct {
	Output   string   // folder of the nights; "" is the configuration's
	Replace  bool     // replace a night of the date that came from other inputs
	Accept   []string // gates to pass this once, by name
	Stages   string   // "" or "all"; "ledger" stops after accounts and open items
	Workers  int      // 0: one a core; results do not depend on it
	Shards   int      // 0: by size; results do not depend on it
	Log      *slog.Logger
	Progress func(done, total int64) // bytes read; nil shows none
}

// Result is what a finished run tells its caller.
type Result struct {
	AsOf      scoring.Day
	Folder    string // of the published night
	Unchanged bool   // the night was there already, from the same inputs
	night     *night
}

// Run is the nightly job. It publishes one folder for the as-of date or returns an error and leaves
// what was published before as it was.
func Run(ctx context.Context, cfg *config.Config, o Options) (*Result, error) {
	n, err := newNight(cfg, o)
	if err != nil {
		return nil, err
	}
	n.foresees = true
	result, err := n.run(ctx)
	if errors.Is(err, errForeseen) {
		if n, err = n.again(); err == nil {
			result, err = n.run(ctx)
		}
	}
	return result, err
}

// again is the night to be done once more, without foresight. What it took, and what the state folder had, is counted from
// the first time.
func (n *night) again() (*night, error) {
	second, err := newNight(n.cfg, n.options)
	if err != nil {
		return nil, err
	}
	second.began, second.spent, second.recalled, second.isAgain = n.began, n.spent, n.recalled, true
	return second, nil
}

// run is Run in one go, which may end in errForeseen where the night foresees how thin the sample of landmarks will be.
func (n *night) run(ctx context.Context) (*Result, error) {
	defer n.close()
	held, err := publish.Lock(n.output)
	if err != nil {
		return nil, cannotLock(err)
	}
	defer held.Release()

	if err := n.stage("open", n.open); err != nil {
		return nil, err
	}
	if done, err := n.already(ctx); done != nil || err != nil {
		return done, err
	}
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"read", n.read}, {"rebuild", n.rebuild}, {"tie", n.tie},
		{"fit", n.fit}, {"appraise", n.appraise}, {"plan", n.plan}, {"doubt", n.doubts},
	}
	if n.cfg.Items == "all" {
		n.closed = &closedItems{dir: n.spillFolder()}
	}
	if n.ledgerOnly {
		steps = steps[:3]
	}
	for _, s := range steps {
		if err := n.stage(s.name, func() error { return s.do(ctx) }); err != nil {
			return nil, err
		}
	}
	stage, err := held.Stage(n.asOf.String())
	if err != nil {
		return nil, err
	}
	defer stage.Discard()
	if err := n.stage("write", func() error { return n.write(ctx, stage) }); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := n.publish(stage); err != nil {
		return nil, err
	}
	return &Result{AsOf: n.asOf, Folder: filepath.Join(n.output, "as_of="+n.asOf.String()), night: n}, nil
}

// Check reads configuration and exports as a run would, up to the gates, and prints what it found.
// It writes nothing.
func Check(ctx context.Context, cfg *config.Config, o Options, w io.Writer) error {
	n, err := newNight(cfg, o)
	if err != nil {
		return err
	}
	defer n.close()
	n.readOnly = true
	if err := n.open(); err != nil {
		return err
	}
	for _, do := range []func(context.Context) error{n.read, n.rebuild} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	if err := n.nameRejects(ctx); err != nil {
		return err
	}
	tied := n.tie(ctx)
	if err := n.printCheck(w); err != nil {
		return err
	}
	return tied
}

func newNight(cfg *config.Config, o Options) (*night, error) {
	if err := checkAccept(o.Accept); err != nil {
		return nil, err
	}
	if o.Workers < 0 || o.Workers > config.MaxWorkers {
		return nil, usage("--workers: %d is not in 0..%d", o.Workers, config.MaxWorkers)
	}
	if o.Shards < 0 || o.Shards > maxShards {
		return nil, usage("--shards: %d is not in 0..%d", o.Shards, maxShards)
	}
	if o.Workers == 0 {
		o.Workers = cfg.Workers
	}
	n := &night{cfg: cfg, options: o, log: o.Log, workers: o.Workers, asOf: scoring.NoDay, began: time.Now()}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if n.workers <= 0 {
		n.workers = runtime.GOMAXPROCS(0)
	}
	switch o.Stages {
	case "", "all":
	case "ledger":
		n.ledgerOnly = true
	default:
		return nil, usage("--stages: %q is neither all nor ledger", o.Stages)
	}
	n.output = o.Output
	if n.output == "" {
		n.output = cfg.Output
	}
	var err error
	if n.currency, err = scoring.ParseCurrency(cfg.Currency); err != nil {
		return nil, usage("currency: %v", err)
	}
	if cfg.Interest.Table != "none" && cfg.Interest.Table != "" {
		if n.interest, err = scoring.ParseInterest(cfg.Interest.Table); err != nil {
			return nil, usage("interest: table: %v", err)
		}
	}
	if cfg.AsOf != "" {
		if n.asOf, err = scoring.ParseDay(cfg.AsOf); err != nil {
			return nil, fmt.Errorf("as_of: %w", err)
		}
	}
	return n, nil
}
