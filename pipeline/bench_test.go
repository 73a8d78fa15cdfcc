package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
)

// nightStages are the stages of Run but the last, which moves the folder into place, and scan: the exports
// split and typed, and dropped. What read takes beyond scan is routing.
var nightStages = []string{"scan", "read", "rebuild", "fit", "appraise", "plan", "write"}

// BenchmarkStage measures one stage of a night on generated exports. Times, allocations and rows are of the
// stage; the stages before it run too, unmeasured. Rows are those of the exports.
func BenchmarkStage(b *testing.B) {
	const customers = 400
	for _, format := range []string{"csv", "parquet"} {
		dir := b.TempDir()
		if _, err := fixtures.Generate(dir, fixtures.Options{Customers: customers, Seed: 5, Format: format}); err != nil {
			b.Fatal(err)
		}
		cfg, err := config.Load(filepath.Join(dir, "kaishu.yaml"))
		if err != nil {
			b.Fatal(err)
		}
		cfg.Items = "all"
		for _, stage := range nightStages {
			if format == "parquet" && stage != "scan" && stage != "read" {
				continue // the same rows whatever the format
			}
			b.Run(fmt.Sprintf("stage=%s/format=%s/customers=%d", stage, format, customers), func(b *testing.B) {
				var sum stageCost
				for b.Loop() {
					sum.add(benchNight(b, cfg, stage))
				}
				sum.report(b)
			})
		}
	}
}

// stageCost is what a stage took.
type stageCost struct {
	time          time.Duration
	allocs, bytes uint64
	rows, read    int64 // rows and bytes of the exports
}

func (c *stageCost) add(o stageCost) {
	c.time += o.time
	c.allocs += o.allocs
	c.bytes += o.bytes
	c.rows += o.rows
	c.read += o.read
}

func (c *stageCost) report(b *testing.B) {
	n := float64(b.N)
	b.ReportMetric(float64(c.time.Nanoseconds())/n, "ns/op")
	b.ReportMetric(float64(c.allocs)/n, "allocs/op")
	b.ReportMetric(float64(c.bytes)/n, "B/op")
	b.ReportMetric(float64(c.rows)/c.time.Seconds(), "rows/s")
	b.ReportMetric(float64(c.read)/1e6/c.time.Seconds(), "MB/s")
}

// benchNight runs a night up to a stage and measures that.
func benchNight(b *testing.B, cfg *config.Config, last string) (cost stageCost) {
	b.Helper()
	ctx := context.Background()
	n, err := newNight(cfg, Options{Output: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer n.close()
	n.closed = &closedItems{dir: n.output}
	held, err := publish.Lock(n.output)
	if err != nil {
		b.Fatal(err)
	}
	defer held.Release()
	if err := n.open(); err != nil {
		b.Fatal(err)
	}
	for _, s := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"scan", n.scanOnly}, {"read", n.read}, {"rebuild", n.rebuild}, {"tie", n.tie}, {"fit", n.fit},
		{"appraise", n.appraise}, {"plan", n.plan}, {"write", func(ctx context.Context) error { return n.writeOnly(ctx, held) }},
	} {
		if s.name == "scan" && last != "scan" {
			continue
		}
		cost = measure(b, func() error { return s.do(ctx) })
		if s.name == last {
			break
		}
	}
	for _, s := range n.sources {
		cost.rows += s.result.Rows
		cost.read += s.result.Bytes
	}
	return cost
}

func measure(b *testing.B, do func() error) stageCost {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	err := do()
	cost := stageCost{time: time.Since(began)}
	runtime.ReadMemStats(&after)
	if err != nil {
		b.Fatal(err)
	}
	cost.allocs, cost.bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	return cost
}

// scanOnly reads the exports and drops the rows.
func (n *night) scanOnly(ctx context.Context) (err error) {
	for _, s := range n.sources {
		if s.result, err = s.file.Scan(ctx, n.workers, func(int, *table.Batch) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (n *night) writeOnly(ctx context.Context, held *publish.Held) error {
	stage, err := held.Stage(n.asOf.String())
	if err != nil {
		return err
	}
	defer stage.Discard()
	return n.write(ctx, stage)
}
