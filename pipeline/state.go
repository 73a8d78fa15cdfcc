package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kaishu/pipeline/table"
)

// state is the folder in which a night leaves the rows of its input files, typed and routed, for the
// nights after it, which then read only the files that changed. It holds one entry a file, named
// after what it was made from:
//
//	<path>-<reading>-<bytes>-<SHA-256>.rows
//
// where reading stands for all but the file's bytes that shapes its rows: the export, how it is written,
// and the very program, so that no entry outlives a change of the code. A name only tells where to look:
// the input is hashed every night, and an entry is used when the whole of it has the checksum in it and
// says the same of its origin. Whatever else is found is made anew: what a night finds in a state folder,
// or cannot write there, is never an error, and the folder can be deleted at any time. Only
// bytes that change after they were checked are one, as those of a spill file are.
type state struct {
	night   *night
	dir     string
	program string              // SHA-256 of the executable
	there   map[string][]string // names of entries when the night began, by reading and size

	open atomic.Int32 // entries that the store refers to
	full atomic.Bool  // an entry could not be written, so no more are

	mu   sync.Mutex
	used map[string]bool // names of the entries used
}

const (
	// stateMakers is the number of entries that are made at once: while one is written, which takes one
	// core, the rows of the next are read.
	stateMakers = 2
	// stateFiles is the number of entries that stay open while a night runs, well below the 1,024 files
	// that systems allow. The rows of further ones are copied into the store.
	stateFiles = 500
	// stateKeeps is how long an entry is kept that no night uses.
	stateKeeps = 30 * 24 * time.Hour
	// stateTemp begins the names of entries while they are written. Those of killed runs are removed
	// after a day.
	stateTemp = ".new-"
)

// stateKey is what an entry was made from.
type stateKey struct {
	path    string // SHA-256 of where the input lies
	reading string // SHA-256 of what shapes its rows besides its bytes
	size    int64
	sum     string // SHA-256 of its bytes
}

// slot is the part of a name that can be told without reading the input.
func (k *stateKey) slot() string { return k.reading[:16] + "-" + strconv.FormatInt(k.size, 10) }

func (k *stateKey) name() string { return k.path[:16] + "-" + k.slot() + "-" + k.sum + ".rows" }

// recall fetches the rows of sources, given by index, from the state folder, and makes the entries that are
// not there. It returns the sources whose rows are still to be read: all of them without a
// folder. An error is one of an input.
func (n *night) recall(ctx context.Context, sources []int, lanes []*lane) (left []int, err error) {
	if n.cfg.State == "" {
		return sources, nil
	}
	st, err := n.openState(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		n.log.Warn("the state folder is not used", "cause", err)
		return sources, nil
	}
	there := make([]bool, len(n.sources))
	err = n.inParallel(len(sources), func(worker, i int) (err error) {
		there[sources[i]], err = st.find(ctx, sources[i], lanes[worker])
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, at := range sources {
		switch {
		case !there[at]:
			left = append(left, at)
		case !n.isAgain: // else it may have come there the first time
			n.recalled = append(n.recalled, n.sources[at].written)
		}
	}
	unchanged := len(sources) - len(left)
	if !n.readOnly {
		missing := left
		err = parallel(min(stateMakers, n.workers), len(missing), func(worker, i int) (err error) {
			there[missing[i]], err = st.make(ctx, missing[i], lanes[worker])
			return err
		})
		if err != nil {
			return nil, err
		}
		st.prune()
		left = slices.DeleteFunc(slices.Clone(left), func(at int) bool { return there[at] })
	}
	n.log.Info("state", "files", len(sources), "unchanged", unchanged, "not_kept", len(left))
	return left, nil
}

// openState looks at what there is in the folder.
func (n *night) openState(ctx context.Context) (*state, error) {
	st := &state{night: n, dir: n.cfg.State, there: map[string][]string{}, used: map[string]bool{}}
	self, err := os.Executable()
	if err == nil {
		_, st.program, err = hashFile(ctx, self)
	}
	if err != nil {
		return nil, fmt.Errorf("telling which program this is: %w", err)
	}
	if !n.readOnly {
		if err := os.MkdirAll(st.dir, 0o700); err != nil {
			return nil, err
		}
	}
	files, err := os.ReadDir(st.dir)
	if err != nil && !(n.readOnly && errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	for _, f := range files {
		if part := strings.Split(f.Name(), "-"); len(part) == 4 && strings.HasSuffix(f.Name(), ".rows") {
			slot := part[1] + "-" + part[2]
			st.there[slot] = append(st.there[slot], f.Name())
		}
	}
	return st, nil
}

// key is what is known of a source before it is read: all but sum.
func (st *state) key(s *source) stateKey {
	path, err := filepath.Abs(s.path)
	if err != nil {
		path = s.path
	}
	reading, err := json.Marshal(struct {
		Program, Export, Ending string
		Options                 table.Options
	}{st.program, exportName(s.export), ending(path), sourceOptions(s.spec)})
	if err != nil {
		panic("pipeline: " + err.Error()) // no value of these is one that JSON cannot hold
	}
	hash := func(data []byte) string {
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:])
	}
	return stateKey{path: hash([]byte(path)), reading: hash(reading), size: s.file.Size()}
}

// ending is the part of a name that tells how the file is read: .csv, .csv.gz, .parquet.
func ending(path string) string {
	name := strings.ToLower(filepath.Base(path))
	last := filepath.Ext(name)
	if last == ".gz" || last == ".zst" {
		return filepath.Ext(strings.TrimSuffix(name, last)) + last
	}
	return last
}

// find fetches the rows of a source where there is an entry of it, and tells whether there was.
func (st *state) find(ctx context.Context, at int, l *lane) (found bool, err error) {
	s := st.night.sources[at]
	k := st.key(s)
	names := st.there[k.slot()]
	if len(names) == 0 {
		return false, nil // so there is no need to read the input twice
	}
	sum, err := s.file.Hash(ctx)
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", exportName(s.export), err)
	}
	k.sum = hex.EncodeToString(sum[:])
	for _, name := range names {
		if !strings.HasSuffix(name, "-"+k.sum+".rows") {
			continue
		}
		if found, err := st.use(name, at, &k, l); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// use puts the rows of an entry into the store and what else it says where the night keeps it. It
// tells whether it could.
func (st *state) use(name string, at int, k *stateKey, l *lane) (bool, error) {
	n := st.night
	e, err := openEntry(filepath.Join(st.dir, name), k, len(n.store.shards), at, l.disputed)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil // another run has removed it since
	case err != nil:
		n.log.Warn("an entry of the state folder cannot be used; its input is read again", "file", n.sources[at].written, "entry", name, "cause", err)
		if system := (*fs.PathError)(nil); !n.readOnly && !errors.As(err, &system) {
			_ = os.Remove(filepath.Join(st.dir, name)) // or every night would try it again
		}
		return false, nil
	}
	if st.open.Add(1) <= stateFiles {
		n.store.refer(e.file, e.chunks)
	} else if err := e.copy(n.store); err != nil {
		return false, err
	}
	n.sources[at].result = e.facts.result(at)
	e.facts.tell(l, at)
	for i := range e.met {
		l.meet(&e.met[i])
	}
	st.mu.Lock()
	st.used[name] = true
	st.mu.Unlock()
	if !n.readOnly {
		now := time.Now()
		_ = os.Chtimes(filepath.Join(st.dir, name), now, now) // else it is removed a little too soon
	}
	n.log.Debug("recalled", "export", exportName(n.sources[at].export), "file", n.sources[at].written, "rows", e.facts.Rows)
	return true, nil
}

// unkept is an error of keeping rows, not of reading them.
type unkept struct{ error }

// make reads a source, writes its entry and uses it. Where that cannot be written it says so once, and
// made is false.
func (st *state) make(ctx context.Context, at int, l *lane) (made bool, err error) {
	if st.full.Load() {
		return false, nil
	}
	n := st.night
	s := n.sources[at]
	file, err := os.CreateTemp(st.dir, stateTemp+"*")
	if err != nil {
		st.stop(err)
		return false, nil
	}
	defer os.Remove(file.Name()) // in vain once it has its own name
	defer file.Close()
	budget := n.memoryBudget() / stateMakers
	rows := newStore(stateBuckets, budget, n.spillFolder())
	defer rows.close()
	facts, err := n.readApart(ctx, s, rows, bufferSize(budget, stateBuckets*n.workers))
	if cause := (unkept{}); errors.As(err, &cause) {
		st.stop(cause.error)
		return false, nil
	} else if err != nil {
		return false, err
	}
	k := st.key(s)
	k.sum = facts.SHA256
	facts.Reading = k.reading
	if err := writeEntry(file, facts, rows); err != nil {
		st.stop(err)
		return false, nil
	}
	if err := os.Rename(file.Name(), filepath.Join(st.dir, k.name())); err != nil {
		st.stop(err)
		return false, nil
	}
	return st.use(k.name(), at, &k, l)
}

// stop says, once, that no more entries are written.
func (st *state) stop(cause error) {
	if !st.full.Swap(true) {
		st.night.log.Warn("rows cannot be kept in the state folder; the night goes on without", "cause", cause)
	}
}

// readApart reads a source into rows, a shard a bucket, as if it were the only file of the run.
func (n *night) readApart(ctx context.Context, s *source, rows *store, size int) (*stateFacts, error) {
	lanes := make([]*lane, n.workers)
	each := int(s.weight * 3 / 8 / int64(stateBuckets*len(lanes)))
	for i := range lanes {
		lanes[i] = newLane(rows, size, each)
	}
	route := routeOf(s.export)
	err := n.scan(ctx, s, func(worker int, b *table.Batch) error {
		own := *b
		own.File = 0
		if err := route(lanes[worker], &own); err != nil {
			return unkept{err}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, l := range lanes {
		if err := l.flush(); err != nil {
			return nil, unkept{err}
		}
	}
	return factsOf(&s.result, lanes), nil
}

// prune removes the entries that the night has no use for: those of the same inputs when they were
// others, and those that nobody has used for long. What cannot be removed stays.
func (st *state) prune() {
	files, err := os.ReadDir(st.dir)
	if err != nil {
		return
	}
	inputs := map[string]bool{}
	for _, s := range st.night.sources {
		k := st.key(s)
		inputs[k.path[:16]] = true
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || st.used[f.Name()] {
			continue
		}
		age := time.Since(info.ModTime())
		path, _, _ := strings.Cut(f.Name(), "-")
		entry := strings.HasSuffix(f.Name(), ".rows")
		if entry && (inputs[path] || age > stateKeeps) || strings.HasPrefix(f.Name(), stateTemp) && age > 24*time.Hour {
			_ = os.Remove(filepath.Join(st.dir, f.Name()))
		}
	}
}
