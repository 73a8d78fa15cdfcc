package table

import (
	"cmp"
	"context"
	"os"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// scan reads row groups side by side.
func (p *parquetExport) scan(ctx context.Context, workers int, fn func(int, *Batch) error) (Result, error) {
	in, err := p.reopen()
	if err != nil {
		return Result{}, err
	}
	defer in.Close()
	result := Result{Rows: p.file.NumRows(), Bytes: p.info.Size()}
	groups := p.file.RowGroups()
	bases := make([]int64, len(groups))
	for i := 1; i < len(groups); i++ {
		bases[i] = bases[i-1] + groups[i-1].NumRows()
	}
	var next, refused atomic.Int64
	readers := make([]*groupReader, max(1, min(workers, len(groups))))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return hashFile(ctx, p.path, p.info, &result.SHA256) }) // beside the pages that are decoded
	for w := range readers {
		r := newGroupReader(p, in, &refused)
		readers[w] = r
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(groups) {
					return nil
				}
				if err := r.guard(ctx, i, bases[i], func(b *Batch) error { return fn(w, b) }); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return Result{}, err
	}
	if err := p.unchanged(in); err != nil {
		return Result{}, err
	}
	for _, r := range readers {
		result.Skipped += r.skipped
		result.Rejects = append(result.Rejects, r.rejects...)
	}
	slices.SortFunc(result.Rejects, func(a, b Reject) int { return cmp.Compare(a.Place, b.Place) })
	return result, nil
}

// reopen opens the file again and checks that it is the one whose footer was read.
func (p *parquetExport) reopen() (*os.File, error) { return reopen(p.path, p.info) }

func (p *parquetExport) unchanged(in *os.File) error {
	check := input{path: p.path, file: in}
	return check.unchanged(p.info)
}
