package pipeline

import (
	"fmt"
	"sync"
	"sync/atomic"

	"kaishu/pipeline/table"
)

// parallel calls do for 0 <= i < count from several workers, in order of i as they become free, and
// returns the error of the lowest i that failed; the rest is not begun after a failure. A panic
// becomes an error that names the task.
func parallel(workers, count int, do func(worker, i int) error) error {
	var next, failed atomic.Int64
	failed.Store(int64(count))
	errs := make([]error, count)
	var wait sync.WaitGroup
	for w := range min(workers, count) {
		wait.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= count || int64(i) > failed.Load() {
					return
				}
				if errs[i] = guard(func() error { return do(w, i) }); errs[i] != nil {
					for at := failed.Load(); int64(i) < at && !failed.CompareAndSwap(at, int64(i)); at = failed.Load() {
					}
				}
			}
		})
	}
	wait.Wait()
	if at := failed.Load(); at < int64(count) {
		return errs[at]
	}
	return nil
}

// guard turns a panic into an error, so that a fault in one customer's rows ends the run in order. What no column of a
// table holds is no fault of the program: each amount that it came from was good.
func guard(do func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *table.TooWide:
			err = &Refused{Msg: "writing the tables: " + p.Error(), Hint: hintTooLarge}
		default:
			err = fmt.Errorf("internal fault: %v", p)
		}
	}()
	return do()
}
