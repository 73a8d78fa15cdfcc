package pipeline

import (
	"context"
	"errors"
	"sync"
)

// inTurns is inParallel, with so many workers, for tasks of which each, from turns.wait on to its end, has its turn in the order of their
// numbers. When one fails, those that wait end.
func (n *night) inTurns(ctx context.Context, workers, tasks int, do func(worker, i int, turns *turns) error) error {
	turns := newTurns()
	return parallel(workers, tasks, func(worker, i int) error {
		passed := false
		defer func() { // also where the task panics
			if !passed {
				turns.stop()
			}
		}()
		if err := ctx.Err(); err != nil {
			return err
		}
		switch err := do(worker, i, turns); {
		case errors.Is(err, errNoTurn):
			return nil
		case err != nil:
			return err
		}
		turns.next()
		passed = true
		return nil
	})
}

// turns lets workers that finish in any order go on in the order of their tasks.
type turns struct {
	mu      sync.Mutex
	changed *sync.Cond
	at      int
	stopped bool
}

func newTurns() *turns {
	t := &turns{}
	t.changed = sync.NewCond(&t.mu)
	return t
}

// errNoTurn ends a task that waited in vain: the error that counts is another's.
var errNoTurn = errors.New("another task failed")

// wait returns when it is task i's turn, and errNoTurn when there will be none.
func (t *turns) wait(i int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.at != i && !t.stopped {
		t.changed.Wait()
	}
	if t.stopped {
		return errNoTurn
	}
	return nil
}

func (t *turns) next() {
	t.mu.Lock()
	t.at++
	t.mu.Unlock()
	t.changed.Broadcast()
}

// stop ends all waiting.
func (t *turns) stop() {
	t.mu.Lock()
	t.stopped = true
	t.mu.Unlock()
	t.changed.Broadcast()
}
