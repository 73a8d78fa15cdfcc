package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/cheggaaa/pb/v3"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// profiles are the flags that make a run write profiles of itself.
type profiles struct {
	cpu, mem, trace    string
	cpuFile, traceFile *os.File
}

func (p *profiles) flags(f *pflag.FlagSet) {
	f.StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile to `file`")
	f.StringVar(&p.mem, "memprofile", "", "write a heap profile to `file`")
	f.StringVar(&p.trace, "trace", "", "write an execution trace to `file`")
}

func (p *profiles) start() (err error) {
	if p.cpu != "" {
		if p.cpuFile, err = os.Create(p.cpu); err != nil {
			return fmt.Errorf("--cpuprofile: %w", err)
		}
		if err := pprof.StartCPUProfile(p.cpuFile); err != nil {
			return fmt.Errorf("--cpuprofile: %w", err)
		}
	}
	if p.trace != "" {
		if p.traceFile, err = os.Create(p.trace); err != nil {
			return fmt.Errorf("--trace: %w", err)
		}
		if err := trace.Start(p.traceFile); err != nil {
			return fmt.Errorf("--trace: %w", err)
		}
	}
	return nil
}

func (p *profiles) stop() error {
	if p.cpuFile != nil {
		pprof.StopCPUProfile()
		if err := p.cpuFile.Close(); err != nil {
			return fmt.Errorf("--cpuprofile: %w", err)
		}
	}
	if p.traceFile != nil {
		trace.Stop()
		if err := p.traceFile.Close(); err != nil {
			return fmt.Errorf("--trace: %w", err)
		}
	}
	if p.mem == "" {
		return nil
	}
	f, err := os.Create(p.mem)
	if err != nil {
		return fmt.Errorf("--memprofile: %w", err)
	}
	defer f.Close()
	runtime.GC() // so that the profile shows what is live, not what is waiting to be freed
	if err := pprof.WriteHeapProfile(f); err != nil {
		return fmt.Errorf("--memprofile: %w", err)
	}
	return f.Close()
}

// progressBar shows how far reading has come, on a terminal only; elsewhere it is nil.
func progressBar(c *common, stderr io.Writer) func(done, total int64) {
	f, ok := stderr.(*os.File)
	if !ok || c.quiet || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var bar *pb.ProgressBar
	return func(done, total int64) {
		if bar == nil {
			bar = pb.New64(total).SetWriter(f).Set(pb.Bytes, true).Start()
		}
		bar.SetCurrent(done)
		if done >= total {
			bar.Finish()
		}
	}
}
