package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// open finds the files of every configured export and looks at their headers.
func (n *night) open() error {
	exports := &n.cfg.Exports
	for _, e := range []struct {
		export scoring.Export
		spec   *config.Source
		schema table.Schema
	}{
		{scoring.Invoices, &exports.Invoices, invoiceSchema()},
		{scoring.Payments, &exports.Payments, paymentSchema()},
		{scoring.Customers, &exports.Customers, masterSchema()},
		{scoring.Activities, &exports.Activities, activitySchema()},
		{scoring.Disputes, &exports.Disputes, disputeSchema()},
		{exchangeRates, &exports.Rates, rateSchema()},
	} {
		if e.spec.Path == "" {
			continue
		}
		paths, err := table.Expand(e.spec.Path)
		if err != nil {
			return fmt.Errorf("reading %s: %w", exportName(e.export), notThere(err, e.export, e.spec))
		}
		for _, path := range paths {
			file, err := table.Open(path, len(n.sources), e.schema, sourceOptions(e.spec))
			if err != nil {
				return fmt.Errorf("reading %s: %w", exportName(e.export), err)
			}
			n.sources = append(n.sources, &source{export: e.export, spec: e.spec, path: path, written: written(e.spec, path), file: file, weight: weight(path)})
		}
	}
	return n.needDueDates()
}

// needDueDates refuses exports that can give no invoice a due date.
func (n *night) needDueDates() error {
	for _, s := range n.sources {
		if s.export == scoring.Customers && !slices.Contains(s.file.Missing(), "terms") {
			return nil
		}
	}
	for _, s := range n.sources {
		missing := s.file.Missing()
		if s.export == scoring.Invoices && slices.Contains(missing, "due_date") && slices.Contains(missing, "terms") {
			return fmt.Errorf("reading invoices: %w", &table.Error{File: s.path, Column: "due_date",
				Msg:  "no column \"due_date\" and none \"terms\"; the file has: " + strings.Join(s.file.Columns(), ", "),
				Hint: "map the file's name for it under exports.invoices.columns"})
		}
	}
	return nil
}

func sourceOptions(s *config.Source) table.Options {
	o := table.Options{Columns: s.Columns, DateFormat: s.DateFormat, Encoding: s.Encoding, Numbers: s.Numbers, IDs: s.IDs, Null: s.Null, Present: s.Present}
	if s.Delimiter != "" {
		o.Delimiter = s.Delimiter[0]
	}
	return o
}

// written is the name of a file as the manifest shows it: the configured path or, of a glob or
// folder, the file's own name in its place, so that moving the whole changes nothing.
func written(s *config.Source, path string) string {
	if path == s.Path {
		return s.Written
	}
	base := s.Path
	if at := strings.IndexAny(base, "*?["); at >= 0 {
		base = filepath.Dir(base[:at] + "x")
	}
	rel, err := filepath.Rel(base, path)
	if err != nil {
		return filepath.Base(path)
	}
	folder := s.Written
	if at := strings.IndexAny(folder, "*?["); at >= 0 {
		folder = filepath.Dir(folder[:at] + "x")
	}
	return filepath.ToSlash(filepath.Join(folder, rel))
}

// read types the rows of every file, refuses what cannot be read and routes the rest to shards by
// customer. Disputes name an invoice, not a customer, so they are read first and follow the
// invoice they name.
func (n *night) read(ctx context.Context) error {
	if err := n.settings(); err != nil {
		return err
	}
	shards := n.shardCount()
	budget := n.memoryBudget()
	buffer := bufferSize(budget, shards*n.workers)
	n.store = newStore(shards, budget-min(budget, int64(buffer*shards*n.workers)), n.spillFolder())
	lanes := make([]*lane, n.workers)
	for i := range lanes {
		lanes[i] = newLane(n.store, buffer, int(n.inputSize()*3/8/int64(shards*n.workers)))
	}
	known, err := n.readDisputes(ctx, lanes)
	if err != nil {
		return err
	}
	var routed []int
	for i, s := range n.sources {
		if routeOf(s.export) != nil {
			routed = append(routed, i)
		}
	}
	if routed, err = n.recall(ctx, routed, lanes); err != nil {
		return err
	}
	for _, i := range routed {
		s := n.sources[i]
		route := routeOf(s.export)
		err := n.scan(ctx, s, func(worker int, b *table.Batch) error { return route(lanes[worker], b) })
		if err != nil {
			return err
		}
	}
	if err := n.routeDisputes(lanes, known); err != nil {
		return err
	}
	if err := n.inParallel(len(lanes), func(_, i int) error { return lanes[i].flush() }); err != nil {
		return err
	}
	return n.gather(lanes)
}

// routeOf is how a lane routes the rows of an export, nil for one whose rows are not routed as they are
// read.
func routeOf(e scoring.Export) func(*lane, *table.Batch) error {
	switch e {
	case scoring.Invoices:
		return (*lane).invoices
	case scoring.Payments:
		return (*lane).payments
	case scoring.Customers:
		return (*lane).masters
	case scoring.Activities:
		return (*lane).activities
	}
	return nil
}

// settings makes what the rows are read against: calendar and exchange rates.
func (n *night) settings() (err error) {
	closures := make([]scoring.Day, len(n.cfg.Calendar.Closures))
	for i, c := range n.cfg.Calendar.Closures {
		if closures[i], err = scoring.ParseDay(c); err != nil {
			return fmt.Errorf("calendar: closures: %w", err)
		}
	}
	n.calendar, err = scoring.NewCalendar(n.cfg.Calendar.Country, closures)
	return err
}

// scan reads one file and keeps what it says about the whole of it.
func (n *night) scan(ctx context.Context, s *source, fn func(worker int, b *table.Batch) error) (err error) {
	if s.result, err = s.file.Scan(ctx, n.workers, fn); err != nil {
		return fmt.Errorf("reading %s: %w", exportName(s.export), err)
	}
	n.log.Debug("read", "export", exportName(s.export), "file", s.written, "rows", s.result.Rows, "refused", len(s.result.Rejects))
	return nil
}

// readDisputes reads the disputes and tells every lane which invoices they name; it reads the
// exchange rates too, since both must be there before anything is routed.
func (n *night) readDisputes(ctx context.Context, lanes []*lane) (all []scoring.Dispute, err error) {
	n.rates = scoring.NewRates(n.currency, n.cfg.Ledger.RateMaxAge)
	var rates []rateRow
	for _, s := range n.sources {
		var mu sync.Mutex
		switch s.export {
		case scoring.Disputes:
			err = n.scan(ctx, s, func(_ int, b *table.Batch) error {
				mu.Lock()
				defer mu.Unlock()
				all = disputes(b, all)
				return nil
			})
		case exchangeRates:
			err = n.scan(ctx, s, func(_ int, b *table.Batch) error {
				mu.Lock()
				defer mu.Unlock()
				rates = appendRates(b, rates)
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
	}
	if err := n.addRates(rates); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b scoring.Dispute) int { return int(int64(a.Pos) - int64(b.Pos)) })
	for i := range all {
		if all[i].Customer != "" {
			continue
		}
		for _, l := range lanes {
			if l.disputed == nil {
				l.disputed = map[string]*[]owner{}
			}
			l.disputed[all[i].Invoice] = new([]owner)
		}
	}
	return all, nil
}

// existsOn is the day from which a fact exists: it must have happened and be known.
func (n *night) existsOn(value, known scoring.Day) scoring.Day {
	if known == scoring.NoDay {
		known = n.calendar.Add(value, n.cfg.Ledger.KnownLag)
	}
	return max(value, known)
}

// routeDisputes sends every dispute after its invoice, as far as that exists on the as-of date. One whose invoice belongs to several customers
// is refused; one that names no invoice of the export is counted.
func (n *night) routeDisputes(lanes []*lane, all []scoring.Dispute) error {
	asOf := n.asOf
	if asOf == scoring.NoDay { // then it is the latest date
		for _, l := range lanes {
			asOf = max(asOf, l.latest)
		}
	}
	for i := range all {
		d := &all[i]
		if d.Customer == "" {
			var owners []string
			for _, l := range lanes {
				for _, o := range *l.disputed[d.Invoice] {
					if n.existsOn(o.issue, o.known) <= asOf {
						owners = append(owners, o.customer)
					}
				}
			}
			slices.Sort(owners)
			owners = slices.Compact(owners)
			switch len(owners) {
			case 0:
				n.orphans = append(n.orphans, *d)
				continue
			case 1:
				d.Customer = owners[0]
			default:
				n.refuse(d.Pos, "invoice_id", fmt.Sprintf("invoice %q belongs to %d customers; add a customer_id column to the disputes", d.Invoice, len(owners)))
				continue
			}
		}
		if err := lanes[0].dispute(d); err != nil {
			return err
		}
	}
	return nil
}

func (n *night) refuse(pos scoring.Pos, column, cause string) {
	n.late = append(n.late, lateReject{file: pos.File(), place: pos.Place(), column: column, cause: cause})
}

// gather adds up what the lanes saw.
func (n *night) gather(lanes []*lane) error {
	n.latest = scoring.NoDay
	for i := range n.totals {
		n.totals[i] = map[scoring.Currency]*readTotal{}
	}
	for _, l := range lanes {
		n.latest = max(n.latest, l.latest)
		n.late = append(n.late, l.refused...)
		for i := range l.read {
			for c, t := range l.read[i] {
				sum := n.totals[i][c]
				if sum == nil {
					sum = &readTotal{}
					n.totals[i][c] = sum
				}
				sum.rows += t.rows
				sum.amount.AddSum(t.amount)
			}
		}
	}
	if n.asOf == scoring.NoDay {
		if n.latest == scoring.NoDay {
			return &Refused{Gate: gateEmpty, Msg: "the exports hold no facts, so there is no latest date to describe", Hint: "name the date with --as-of, and see that the exports are whole"}
		}
		n.asOf = n.latest
	}
	return nil
}

// rateRow is one row of the rates export.
type rateRow struct {
	pos      scoring.Pos
	on       scoring.Day
	currency string
	rate     scoring.Decimal
}

func appendRates(b *table.Batch, out []rateRow) []rateRow {
	mantissa, decimals := b.Decimals(rateRate)
	for i, rows := 0, b.Rows(); i < rows; i++ {
		out = append(out, rateRow{
			pos: scoring.MakePos(b.File, b.Place[i]), on: day(b.Dates(rateDate), i), currency: strings.Clone(b.Strings(rateCurrency)[i]),
			rate: scoring.Decimal{Mantissa: mantissa.Value(i), Digits: decimals.Value(i)},
		})
	}
	return out
}

// addRates enters the rates in the order of the export; a row that makes no rate is refused.
func (n *night) addRates(rows []rateRow) error {
	slices.SortFunc(rows, func(a, b rateRow) int { return int(int64(a.pos) - int64(b.pos)) })
	for _, r := range rows {
		c, err := scoring.ParseCurrency(r.currency)
		if err != nil {
			n.refuse(r.pos, "currency", err.Error())
			continue
		}
		if c == n.currency {
			continue // a unit of the reporting currency is a unit
		}
		if err := n.rates.Add(r.on, c, r.rate); err != nil {
			n.refuse(r.pos, "rate", err.Error())
		}
	}
	return nil
}

// maxShards is the most shards that a run can be told to have: each takes a page of buffer for every worker.
const maxShards = 1 << 16

// shardCount follows the size of the inputs, so that a shard's rows fit a core's cache whatever
// the whole weighs. Results do not depend on it.
func (n *night) shardCount() int {
	if n.cfg.State != "" {
		return shardsForState(n.shardsBySize())
	}
	return n.shardsBySize()
}

func (n *night) shardsBySize() int {
	if n.options.Shards > 0 {
		return n.options.Shards
	}
	const each = 512 << 10 // bytes of text a shard, about 8,000 rows
	return int(min(max(n.inputSize()/each, int64(n.workers)), 1024))
}

// inputSize is about how many bytes of plain text all exports have. Encoded, their rows take some three eighths of that.
func (n *night) inputSize() (sum int64) {
	for _, s := range n.sources {
		sum += s.weight
	}
	return sum
}

// weight is about how many bytes of plain text a file holds.
func weight(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0 // reading it will say what is wrong
	}
	switch filepath.Ext(path) {
	case ".gz", ".zst", ".parquet":
		return info.Size() * 5
	}
	return info.Size()
}

// bufferSize is the size of a routing buffer, in whole pages: all of them together take a quarter of the budget. Small ones
// would be spilled in as many small pieces.
func bufferSize(budget int64, buffers int) int {
	return int(min(max(budget/4/int64(buffers), spillPage), 64<<10)) &^ (spillPage - 1)
}

func (n *night) spillFolder() string {
	if n.cfg.TempDir != "" {
		return n.cfg.TempDir
	}
	return filepath.Join(n.output, ".staging")
}
