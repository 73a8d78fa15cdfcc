package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"kaishu/pipeline/config"
	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// ledgerSum is what the ledgers of all customers add up to.
type ledgerSum struct {
	counts        [scoring.Exports]scoring.Fates
	written       []scoring.Written // rows and amounts by currency as written
	totals        []scoring.Totals  // by currency
	warnings      scoring.Warnings
	untied        []string // customers whose own ledger does not add up; never a fault of the input
	newestPayment scoring.Day
	dueSince      int64 // items that fell due within the days of the truncation gate

	open, overdue, unapplied          int64       // of the accounts, minor units
	openSum, overdueSum, unappliedSum scoring.Sum // the same, whatever they come to
	largest                           biggest
	invoices                          int // open or settled
	items                             itemCounts
	placed                            int // rows of placements.parquet
}

// account adds what comes of one customer's account.
func (l *ledgerSum) account(c *customer) {
	l.open += c.Open
	l.overdue += c.Overdue
	l.unapplied += c.Unapplied
	l.openSum.Add(c.Open)
	l.overdueSum.Add(c.Overdue)
	l.unappliedSum.Add(c.Unapplied)
	l.largest.meet(c.Customer, max(c.Open, c.Unapplied))
	l.invoices += int(c.Settled) + int(c.OpenItems)
	open := int64(len(c.Items))
	l.items.Open += open
	l.items.Settled += int64(c.Settled)
	l.items.Closed += c.allItems() - open
}

func (l *ledgerSum) merge(o *ledgerSum) {
	for e := range l.counts {
		l.counts[e].Merge(o.counts[e])
	}
	l.written = scoring.MergeWritten(l.written, o.written)
	l.totals = scoring.MergeTotals(l.totals, o.totals)
	l.warnings.Merge(&o.warnings)
	l.untied = append(l.untied, o.untied...)
	l.newestPayment = max(l.newestPayment, o.newestPayment)
	l.dueSince += o.dueSince
	l.open += o.open
	l.overdue += o.overdue
	l.unapplied += o.unapplied
	l.openSum.AddSum(o.openSum)
	l.overdueSum.AddSum(o.overdueSum)
	l.unappliedSum.AddSum(o.unappliedSum)
	l.largest.meet(o.largest.customer, o.largest.amount)
	l.invoices += o.invoices
	l.items.Open += o.items.Open
	l.items.Settled += o.items.Settled
	l.items.Closed += o.items.Closed
	l.placed += o.placed
}

// shardSum is what one shard comes to.
type shardSum struct {
	cases     []*customer // where they are kept
	drawer    drawer      // else
	kin       []kin       // those with a parent
	ledger    ledgerSum
	life      hazard.LifeTable
	refused   []scoring.Refusal
	landmarks []hazard.Landmark
	segments  segmentLabels
	faults    []masterFault
	windows   []scoring.Window
}

// rebuildWorker is what a worker keeps from shard to shard. The portfolio is not kept by shard: it takes some hundred
// kilobytes.
type rebuildWorker struct {
	rebuilder scoring.Rebuilder
	reader    scoring.RowReader
	room      []byte
	filing    filing
	portfolio portfolio
	closed    closedWriter
	block     []customer // of a shard, where they are not kept
}

// customers is room for the customers of a shard. Where they are encoded with the shard it is the same for all of them: fresh
// memory for each had the system clear a quarter of a gigabyte at ten million invoices.
func (w *rebuildWorker) customers(count int, kept bool) []customer {
	if kept {
		return make([]customer, count)
	}
	w.block = slices.Grow(w.block[:0], count)[:count]
	return w.block
}

// mostGroups is the groups of customers, of some ten kilobytes each, that a Rebuilder's portfolio may have before they
// go into the worker's.
const mostGroups = 128

// rebuild turns every customer's rows into its account, shard by shard, and puts the customers in
// order of their ids.
func (n *night) rebuild(ctx context.Context) error {
	env, err := n.env()
	if err != nil {
		return err
	}
	sample := newSampler(n.cfg.Risk.MaxRows)
	if n.foresees {
		sample.ahead.shards = len(n.store.shards)
	}
	return n.rebuildIn(ctx, env, sample)
}

// rebuildIn is rebuild in a given environment, with a given sample of its landmarks.
func (n *night) rebuildIn(ctx context.Context, env *scoring.Env, sample *sampler) error {
	fetch := n.store.take
	if n.replays {
		fetch = n.store.read
	} else {
		n.book = &book{blobs: &blobs{budget: n.memoryBudget(), dir: n.spillFolder()}}
	}
	n.contacts = newContacts(env)
	shards := make([]shardSum, len(n.store.shards))
	workers := make([]rebuildWorker, n.workers)
	err := n.inParallel(len(shards), func(worker, i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		w := &workers[worker]
		blobs, room, err := fetch(i, w.room)
		if err != nil {
			return err
		}
		w.room = room
		if w.portfolio == nil {
			w.portfolio = portfolio{}
		}
		if err := n.rebuildShard(&shards[i], w, blobs, env, sample); err != nil {
			return err
		}
		sample.done(i, shards[i].landmarks) // not kept by shard either
		shards[i].landmarks = nil
		return nil
	})
	if err != nil {
		return n.findTooLarge(ctx, err)
	}
	if !sample.proved() {
		n.log.Info("thinned more than need be, to be done again without foresight", "level", sample.level)
		return errForeseen
	}
	n.ledger.newestPayment = scoring.NoDay
	n.portfolio, n.faults = portfolio{}, nil
	var labels segmentLabels
	for i := range workers {
		w := &workers[i]
		w.portfolio.add(w.rebuilder.TakePortfolio(), env.Reporting)
		n.portfolio.merge(w.portfolio)
	}
	var kin []kin
	var drawers []*drawer
	landmarks := make([][]hazard.Landmark, len(shards))
	for i := range shards {
		s := &shards[i]
		n.kept = append(n.kept, s.cases...)
		drawers = append(drawers, &s.drawer)
		kin = append(kin, s.kin...)
		n.ledger.merge(&s.ledger)
		n.life.Merge(&s.life)
		n.faults = append(n.faults, s.faults...)
		for _, r := range s.refused {
			n.refuse(r.Pos, r.Column, r.Cause)
		}
		landmarks[i] = labels.take(&s.segments, sample.shard(i))
		n.contacts.take(s.windows, labels.renumber(&s.segments))
		*s = shardSum{drawer: s.drawer}
	}
	n.landmarks = sample.sorted(landmarks)
	n.segments = labels.names
	n.countOrphans()
	if err := n.bind(drawers); err != nil {
		return err
	}
	slices.Sort(n.ledger.untied)
	return n.findGroups(kin)
}

// bind puts the customers, and a decision about each, in order of their ids.
func (n *night) bind(drawers []*drawer) error {
	enter := func(d *decision, key int32) {
		d.at, d.key = len(n.cases), key
		n.cases = append(n.cases, d)
	}
	if n.book == nil {
		slices.SortFunc(n.kept, func(a, b *customer) int { return cmp.Compare(a.Customer, b.Customer) })
		for _, c := range n.kept {
			enter(c.decision, n.keys.of(keyOf(&c.Master)))
		}
		return nil
	}
	if n.ledgerOnly {
		return n.book.bind(n.workers, drawers, nil)
	}
	return n.book.bind(n.workers, drawers, func(d *drawer, entry int) {
		of := &d.decisions[entry]
		enter(of, n.keys.take(&d.keys, of.key))
	})
}

// countOrphans counts the disputes that no customer's ledger has seen.
func (n *night) countOrphans() {
	fates := &n.ledger.counts[scoring.Disputes]
	for i := range n.orphans {
		d := &n.orphans[i]
		if n.existsOn(d.Opened, d.Known) > n.asOf {
			fates.NotYet++
			continue
		}
		fates.Used++
		n.ledger.warnings.UnknownDisputes++
	}
}

// env is what is the same for every customer.
func (n *night) env() (*scoring.Env, error) {
	l, a := &n.cfg.Ledger, &n.cfg.Allocation
	env := &scoring.Env{
		AsOf: n.asOf, Reporting: n.currency, Rates: n.rates, Calendar: n.calendar, ItemDigits: n.itemDigits(),
		Grace: int32(l.Grace), Horizon: int32(l.Horizon), BankFee: n.minor(a.BankFee), ChargesFirst: a.ChargesFirst,
		KnownLag: int32(l.KnownLag), PromiseTolerance: int32(l.PromiseTolerance),
		PlacementTerm: int32(n.cfg.Reviews.AgencyTerm), PlacementTerms: map[string]int32{},
	}
	for _, a := range n.cfg.Reviews.Agencies {
		if a.Term > 0 {
			env.PlacementTerms[a.Name] = int32(a.Term)
		}
	}
	env.ClosedKept = n.closed != nil
	if env.LedgerOnly = n.ledgerOnly; !n.ledgerOnly {
		env.LandmarkWeeks = int32(n.cfg.Risk.Weeks)
		if l := &n.cfg.Learning; (l.Effects != config.LearnOff || l.Agencies != config.LearnOff) && !n.replays {
			env.WindowWeeks = env.LandmarkWeeks
		}
		if since := n.holdoutSince(); since != scoring.NoDay && !n.replays {
			env.TrialFrom = since
		}
	}
	var err error
	if env.Roll, err = scoring.ParseRoll(n.cfg.Calendar.Roll); err != nil {
		return nil, fmt.Errorf("calendar: roll: %w", err)
	}
	switch a.Unapplied {
	case "oldest_first":
		env.Unapplied = scoring.UnappliedOldestFirst
	case "exact_then_oldest":
		env.Unapplied = scoring.UnappliedExactThenOldest
	}
	return env, nil
}

func (n *night) rebuildShard(s *shardSum, w *rebuildWorker, blobs []scoring.Blob, env *scoring.Env, sample *sampler) error {
	reader, r, closed := &w.reader, &w.rebuilder, &w.closed
	reader.Packed = env.Packed()
	customers, err := reader.Open(blobs)
	if err != nil {
		return fmt.Errorf("rebuilding the ledger: %w", err)
	}
	s.ledger.newestPayment = scoring.NoDay
	has := n.masterColumns()
	since := n.asOf - scoring.Day(n.cfg.Gates.TruncatedDays)
	space := &arena{}
	block := w.customers(customers, n.replays)
	decisions := make([]decision, 0, customers)
	var landmarks [][]hazard.Landmark // by customer
	for i := range block {
		rows, err := reader.Next()
		if err != nil {
			return fmt.Errorf("rebuilding the ledger: %w", err)
		}
		n.contacts.bound(r)
		out, err := r.Rebuild(rows, env, sample.below())
		if err != nil {
			return cannotRebuild(err)
		}
		l := &s.ledger
		for e := range l.counts {
			l.counts[e].Merge(out.Counts[e])
		}
		l.written = scoring.MergeWritten(l.written, out.Written)
		l.totals = scoring.MergeTotals(l.totals, out.Totals)
		l.warnings.Merge(&out.Warnings)
		if !n.ledgerOnly {
			s.life.Merge(&out.Life)
		}
		if r.PortfolioGroups() >= mostGroups {
			w.portfolio.add(r.TakePortfolio(), env.Reporting)
		}
		for _, f := range out.Refused {
			f.Cause = strings.Clone(f.Cause)
			s.refused = append(s.refused, f)
		}
		a := &out.Account
		if out.Tied != nil {
			l.untied = append(l.untied, strings.Clone(a.Customer)+": "+out.Tied.Error())
		}
		l.newestPayment = max(l.newestPayment, a.LastPayment)
		for k := range a.Items {
			if it := &a.Items[k]; it.Open > 0 && it.Due > since && it.Due <= n.asOf {
				l.dueSince++
			}
		}
		if len(a.Landmarks) > 0 {
			sample.add(a.Landmarks)
			s.segments.put(a.Master.Segment, a.Landmarks)
			landmarks = append(landmarks, a.Landmarks)
			a.Landmarks = nil
		}
		if len(a.Windows) > 0 {
			n.contacts.add(s, a, n.cfg.Actions)
		}
		if !exists(out) {
			continue
		}
		if listsPlacement(a.Placed, n.asOf) {
			l.placed++
		}
		c := &block[i]
		c.Account = *a
		for _, f := range scoring.MasterFaults(rows, a, func(column string) bool { return has[column] }) {
			s.faults = append(s.faults, masterFault{strings.Clone(a.Customer), f})
		}
		if env.ClosedKept {
			closed.add(c, out.Closed)
		}
		s.cases = append(s.cases, c)
		if a.Master.Parent != "" && a.Master.Parent != a.Customer {
			s.kin = append(s.kin, kinOf(c))
		}
		if n.ledgerOnly {
			continue
		}
		decisions = append(decisions, decide(a, strings.Clone(a.Customer), s.drawer.keys.of(keyOf(&a.Master))))
		c.decision = &decisions[len(decisions)-1]
	}
	s.landmarks = sample.join(landmarks)
	s.windows = n.contacts.filter(s.windows)
	if err := n.closed.put(closed); err != nil {
		return err
	}
	for _, c := range s.cases {
		s.ledger.account(c)
	}
	if n.replays {
		for _, c := range s.cases {
			space.account(&c.Account)
		}
		space.settle()
		return nil
	}
	s.drawer.decisions = decisions
	cases := s.cases
	s.cases = nil
	defer clear(block)
	return s.drawer.file(cases, n.book.blobs, &w.filing)
}

// exists reports whether there is anything of the customer as of the date. Of one that only later
// facts speak of, a night of this date knows nothing.
func exists(out *scoring.Outcome) bool {
	for _, f := range out.Counts {
		if f.Used > 0 {
			return true
		}
	}
	return false
}
