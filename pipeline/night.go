package pipeline

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"kaishu/pipeline/config"
	"kaishu/pipeline/letter"
	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
	"kaishu/scoring"
	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
	"kaishu/scoring/rank"
	"kaishu/scoring/treatment"
)

// night is a run on its way through the stages. Each stage fills its own part and only reads the
// parts before it.
type night struct {
	cfg        *config.Config
	options    Options
	log        *slog.Logger
	workers    int
	ledgerOnly bool
	replays    bool // a backtest: the rows are rebuilt more than once
	bare       bool // a Desk: nobody reads reasons and days of payment
	readOnly   bool // a check: the state folder stays as it is
	isAgain    bool // it was done before, with too much foresight
	foresees   bool // the sample of landmarks is thinned ahead, which errForeseen may come of
	output     string
	currency   scoring.Currency
	interest   *scoring.InterestTable // nil for none
	asOf       scoring.Day            // NoDay until read, when neither flag nor configuration names a date
	began      time.Time
	spent      []publish.Elapsed

	// open
	sources []*source

	// read
	store    *store
	recalled []string // inputs whose rows the state folder had, as the manifest shows them
	totals   [2]map[scoring.Currency]*readTotal
	late     []lateReject
	orphans  []scoring.Dispute // disputes about invoices that are not in the export
	latest   scoring.Day
	calendar *scoring.Calendar
	rates    *scoring.Rates

	// rebuild, in order of customer ids
	book      *book       // nil where customers are kept whole
	kept      []*customer // those of a day that is played, or played again
	cases     []*decision // one a customer; none with ledger only
	keys      caseKeys    // of them
	groupOf   map[string]*parentGroup
	ledger    ledgerSum
	landmarks []hazard.Landmark
	closed    *closedItems // with items: all, else nil
	segments  []string     // of the customers export, by Group of the landmarks
	life      hazard.LifeTable
	contacts  *contacts // of the past, nil where nothing is learned from them
	portfolio portfolio
	faults    []masterFault // in the customers' master data

	// tie
	previous *previousNight // nil when this is the first night of the folder
	gates    []gateResult

	// fit
	model   *hazard.Model
	days    *hazard.Calendar
	ahead   *hazard.Ahead // of the as-of date
	refit   *refit        // which model the night uses
	drift   *drift
	verdict *boost.Verdict       // on the challenger, nil where none was asked for
	trees   *boost.Model         // the challenger, in place of model where it was promoted
	learned *learned             // from contacts, nil where nothing is
	parts   *hazard.PartPayments // nil where they are not valued
	placed  *placings            // what agencies did with what they were given, nil where that is not looked at

	comparesTrees bool         // a backtest that looks at the challenger, promoted or not
	challenger    *boost.Model // fitted where comparesTrees

	peers [hazard.Families]string // medians of the training in words, by family of reasons

	// score
	cash      []cashWeek // expected, by currency of the items
	cashBase  []cashWeek // the whole in the reporting currency
	cashStray float64    // the share of it by which all customers stray together

	// value and plan
	workDay    scoring.Day // on which the worklist is worked: the business day after the as-of date
	weekday    string      // of that day, in small letters
	menu       *treatment.Menu
	asks       bool       // some rule or action asks for the facts of an account
	resources  []resource // those of the menu, then pools of them
	resourceOf []int      // by action of the menu: what it draws on, index into resources, -1 for nothing
	crew       crew
	before     map[string]before
	planned    []*decision // of the problem, in its order
	problem    *rank.Problem
	solution   *rank.Plan
	doubted    []doubt
	worklist   []*decision // by rank
	top        []*customer // the first rows of it
	comparison *comparison // with those held out, nil without any

	// write
	letters  *letter.Set
	standing []standing // recommendations to the credit manager, by customer
	rejects  []reject
	rows     map[string]int64 // of every table written
}

// source is one file of an export.
type source struct {
	export  scoring.Export
	spec    *config.Source
	path    string
	written string // the path as messages and the manifest show it
	file    *table.File
	weight  int64 // about its bytes as plain text
	result  table.Result
	late    int64 // rows refused after reading
}

// customer is one customer from the ledger on, as it is decoded from the book.
type customer struct {
	scoring.Account
	*decision                // nil with ledger only
	past      hazard.Past    // room for that of the items
	group     *parentGroup   // nil without a parent or children
	closed    []closedBlock  // with items: all, where there are any
	curves    []hazard.Curve // of the positive items; nil after appraise
	items     []itemScore    // of the positive items
	paid30    float64
	p90       float64
	score     float64
	grade     string
	loss      int64
	reasons   []string
	options   []treatment.Option // the whole menu, in its order, only for accounts that something can be asked of
}

// itemScore is what the model says about one open item.
type itemScore struct {
	paid30      float64
	expected    scoring.Day
	early, late scoring.Day // the ends of the 80 % interval; NoDay beyond half a year
}

// stage runs one stage, and notes what it cost.
func (n *night) stage(name string, do func() error) error {
	began := time.Now()
	err := do()
	cost := publish.Elapsed{Stage: name, Seconds: time.Since(began).Seconds(), PeakBytes: peakMemory()}
	n.spent = append(n.spent, cost)
	if err == nil {
		n.log.Info("stage done", "stage", name, "seconds", fmt.Sprintf("%.3f", cost.Seconds), "peak_mb", cost.PeakBytes>>20)
	}
	return err
}

func (n *night) close() {
	if n.store != nil {
		if err := n.store.close(); err != nil {
			n.log.Warn("closing the spill file", "cause", err)
		}
	}
	if n.book != nil {
		if err := n.book.close(); err != nil {
			n.log.Warn("closing the file of accounts", "cause", err)
		}
	}
	if n.closed != nil {
		if err := n.closed.close(); err != nil {
			n.log.Warn("closing the file of settled items", "cause", err)
		}
	}
}

// memoryBudget is the bytes that rows may take between reading and rebuilding, the buffers of routing among them, and
// those that accounts may take from then on: an eighth of what the run may have each. There is a time when both are
// there; what is at work (files being read and written, shards being rebuilt, the sample of the fit, the plan) and what
// the collector lets lie take the rest. What a container allows is twice what the run may have.
func (n *night) memoryBudget() int64 {
	memory := n.cfg.Memory
	if limit := containerMemory(os.DirFS("/")); limit > 0 {
		memory = min(memory, limit/2)
	}
	return memory / 8
}

// containerMemory is the limit that the control group of a container sets, in bytes, 0 without one:
// version 2 of the interface, else version 1, as a container sees its own group.
func containerMemory(root fs.FS) int64 {
	for _, name := range []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err != nil || limit >= 1<<60 {
			return 0 // "max", or the largest number that version 1 knows
		}
		return limit
	}
	return 0
}

// inParallel calls do for 0 <= i < count from the run's workers, each worker with its own index,
// and returns the error of the lowest i that failed.
func (n *night) inParallel(count int, do func(worker, i int) error) error {
	return parallel(n.workers, count, do)
}
