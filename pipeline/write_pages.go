package pipeline

import (
	"cmp"
	"context"

	"kaishu/pipeline/table"
)

// pagesAtOnce are the pages of customers that a worker makes rows of before it gives them away in its turn: enough
// to seldom wait for the others, and a few megabytes of rows.
const pagesAtOnce = 4

// pageFiller makes the rows of one page of customers; it calls full after every row or so.
type pageFiller func(s *sheet, page int, list []*customer, full func() error) error

// writePages writes the tables whose rows follow the customers. Their pages are decoded once for all of these tables:
// decoding took a third of writing when each table did it for itself. Workers make the rows of some pages each
// and append them in the order of the pages.
func (n *night) writePages(ctx context.Context, path func(name string) string, outputs []output) (rows []int64, err error) {
	var files []*table.ParquetWriter
	for _, o := range outputs {
		var file *table.ParquetWriter
		if file, err = table.CreateParquet(path(o.name), o.columns, nil); err != nil {
			break
		}
		files = append(files, file)
	}
	if err == nil {
		err = n.fillPages(ctx, outputs, files)
	}
	rows = make([]int64, len(files))
	errs := make([]error, len(files))
	closing := n.inParallel(len(files), func(_, i int) error { // each waits for the disk
		rows[i], errs[i] = files[i].Close()
		return nil // also after an error the others are closed
	})
	return rows, cmp.Or(err, cmp.Or(errs...), closing) // the first error counts
}

func (n *night) fillPages(ctx context.Context, outputs []output, files []*table.ParquetWriter) error {
	pages := n.pages()
	// One more than there are processors, unless one is all there may be: what one leaves idle while it waits for its turn, or for the disk,
	// another uses. At ten million invoices that is .3 of the 3.4 s of two processors that writing takes, for 25 MB.
	workers := make([]pageWriter, n.workers+min(n.workers-1, 1))
	return n.inTurns(ctx, len(workers), (pages+pagesAtOnce-1)/pagesAtOnce, func(worker, i int, turns *turns) error {
		w := &workers[worker]
		if w.sheets == nil {
			w.start(n, outputs, files, turns)
		}
		w.turn, w.has = i, false
		for page := i * pagesAtOnce; page < min((i+1)*pagesAtOnce, pages); page++ {
			list, err := w.reader.page(page)
			if err != nil {
				return err
			}
			for k := range outputs {
				if err := outputs[k].page(w.sheets[k], page, list, w.full[k]); err != nil {
					return err
				}
			}
		}
		for k := range outputs {
			if err := w.give(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// pageWriter makes rows of pages, one worker's.
type pageWriter struct {
	reader reader
	files  []*table.ParquetWriter
	sheets []*sheet // of the tables
	full   []func() error
	turns  *turns
	turn   int
	has    bool // it has its turn
}

func (w *pageWriter) start(n *night, outputs []output, files []*table.ParquetWriter, t *turns) {
	w.reader.night, w.files, w.turns = n, files, t
	for k, o := range outputs {
		w.sheets = append(w.sheets, newSheet(o.columns))
		w.full = append(w.full, func() error {
			if w.sheets[k].Len() < table.FrameRows {
				return nil
			}
			return w.give(k) // waits for its turn early, so that a page of any size takes a bounded room
		})
	}
}

// give appends a sheet's rows to the file when it is their turn.
func (w *pageWriter) give(k int) error {
	if !w.has {
		if err := w.turns.wait(w.turn); err != nil {
			return err
		}
		w.has = true
	}
	err := w.files[k].Write(w.sheets[k].Frame)
	w.sheets[k].Reset()
	return err
}
