package pipeline

import (
	"context"
	"sync"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// itemsTable is the table of all items, open and settled, of a run with items: all.
const itemsTable = "items.parquet"

// settledBucket stands in items.parquet where open items have their ageing bucket.
const settledBucket = "settled"

// allItemColumns are the columns of items.parquet; own and base as for itemColumns.
func allItemColumns(own, base int) []table.OutColumn {
	return []table.OutColumn{
		str("customer_id"), str("invoice_id"), onum("instalment"), str("kind"), date("issue_date"), date("due_date"),
		dec("amount", own), dec("open_amount", own), str("currency"), dec("open_amount_base", base),
		onum("days_past_due"), str("bucket"), dec("disputed_amount", own),
		odate("settled_on"), onum("days_late"), onum("days_to_pay"),
	}
}

// The columns by place.
const (
	itemCustomer = iota
	itemID
	itemInstalment
	itemKind
	itemIssue
	itemDue
	itemAmount
	itemOpen
	itemCurrency
	itemBase
	itemPastDue
	itemBucket
	itemDisputed
	itemSettled
	itemLate
	itemToPay
)

// allItems is how many rows of a customer items.parquet has.
func (c *customer) allItems() int64 {
	if len(c.closed) == 0 {
		return int64(len(c.Items))
	}
	rows := int64(0)
	for i := range c.closed {
		rows += int64(c.closed[i].rows)
	}
	return rows
}

// itemCounts is the section items of run.json.
type itemCounts struct {
	Open    int64 `json:"open"`
	Settled int64 `json:"settled"` // invoices and instalments, as in accounts
	Closed  int64 `json:"closed"`  // the settled ones, credit notes used up, and items of nothing
}

// itemCounts adds up what the ledgers of all customers have.
func (n *night) itemCounts() itemCounts { return n.ledger.items }

// itemsFrom is where a row group of items.parquet begins.
type itemsFrom struct {
	page int   // of the book
	row  int64 // of that page
}

// writeItems writes items.parquet, whose rows are many: each worker encodes a row group of its own, and
// they are appended in their order.
func (n *night) writeItems(ctx context.Context, path string) (int64, error) {
	columns := allItemColumns(n.itemDigits(), n.currency.Digits())
	out, err := table.CreateParquet(path, columns, nil)
	if err != nil {
		return 0, err
	}
	if err := n.fillAllItems(ctx, out, columns); err != nil {
		_, _ = out.Close() // the first error counts
		return 0, err
	}
	return out.Close()
}

func (n *night) fillAllItems(ctx context.Context, out *table.ParquetWriter, columns []table.OutColumn) error {
	starts, total := n.itemGroups()
	if total == 0 {
		return nil
	}
	workers := make([]itemWriter, n.workers)
	for i := range workers {
		workers[i] = itemWriter{night: n, reader: reader{night: n}, sheet: newSheet(columns), digits: n.itemDigits()}
	}
	if err := workers[0].rows(starts[0], min(total, table.FrameRows), out.Settle); err != nil {
		return err
	}
	for i := range workers {
		workers[i].group = out.NewGroup()
	}
	turns := newTurns()
	return n.inParallel(len(starts), func(worker, i int) (err error) {
		passed := false
		defer func() {
			if !passed {
				turns.stop()
			}
		}()
		if err := ctx.Err(); err != nil {
			return err
		}
		w := &workers[worker]
		if err := w.rows(starts[i], min(table.GroupRows, total-int64(i)*table.GroupRows), w.group.Write); err != nil {
			return err
		}
		if !turns.wait(i) {
			return nil // the error is another's
		}
		if err := out.Append(w.group); err != nil {
			return err
		}
		turns.next()
		passed = true
		return nil
	})
}

// itemGroups tells where the row groups begin, and how many rows there are.
func (n *night) itemGroups() (starts []itemsFrom, total int64) {
	for i := range n.book.pages {
		rows := n.book.pages[i].rows
		for at := int64(len(starts)) * table.GroupRows; at < total+rows; at += table.GroupRows {
			starts = append(starts, itemsFrom{i, at - total})
		}
		total += rows
	}
	return starts, total
}

// itemWriter fills pages of items.parquet, one worker's.
type itemWriter struct {
	*night
	reader reader
	sheet  *sheet
	group  *table.RowGroup
	digits int
	filled int // rows of the page
	alike  int // the latest of them, closed items of one customer, whose common cells are missing
	room   []byte
	scale  int64 // of coin, the currency met last
	code   string
	coin   scoring.Currency
}

// walk goes over the customers who have some of count rows, and tells how many of their rows come before and are
// among them.
func (w *itemWriter) walk(from itemsFrom, count int64, do func(c *customer, skip, rows int64) error) error {
	skip := from.row
	for page := from.page; count > 0; page++ {
		list, err := w.reader.page(page)
		if err != nil {
			return err
		}
		for _, c := range list {
			all := c.allItems()
			if skip >= all {
				skip -= all
				continue
			}
			rows := min(all-skip, count)
			if rows == 0 {
				return nil
			}
			if err := do(c, skip, rows); err != nil {
				return err
			}
			count, skip = count-rows, 0
		}
	}
	return nil
}

// rows gives some rows to write, a page at a time.
func (w *itemWriter) rows(from itemsFrom, count int64, write func(*table.Frame) error) error {
	data, err := w.read(from, count)
	if err != nil {
		return err
	}
	return w.walk(from, count, func(c *customer, skip, rows int64) error {
		if len(c.closed) == 0 {
			for k := skip; k < skip+rows; k++ {
				w.open(c, &c.Items[k])
				if err := w.page(c, &count, write); err != nil {
					return err
				}
			}
			return nil
		}
		for i := range c.closed {
			b := &c.closed[i]
			if skip >= int64(b.rows) {
				skip -= int64(b.rows)
				continue
			}
			if rows == 0 {
				break
			}
			took := min(int64(b.rows)-skip, rows)
			if err := w.block(c, b, data[0], skip, &count, write); err != nil {
				return err
			}
			data, skip, rows = data[1:], 0, rows-took
		}
		return nil
	})
}

// read fetches the blocks of some rows, in their order.
func (w *itemWriter) read(from itemsFrom, count int64) (data [][]byte, err error) {
	var blocks []closedBlock
	err = w.walk(from, count, func(c *customer, skip, rows int64) error {
		for i := range c.closed {
			b := &c.closed[i]
			if skip >= int64(b.rows) {
				skip -= int64(b.rows)
				continue
			}
			if rows <= 0 {
				break
			}
			blocks = append(blocks, *b)
			rows -= int64(b.rows) - skip
			skip = 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	data, w.room, err = w.closed.read(blocks, w.room)
	return data, err
}

// block gives the rows of a block to write, but for the first skip.
func (w *itemWriter) block(c *customer, b *closedBlock, data []byte, skip int64, count *int64, write func(*table.Frame) error) error {
	var row closedRow
	open, at := false, int(b.open)
	for i := int64(0); i < int64(b.rows) && *count > 0; i++ {
		if data, open = row.next(data); open {
			at++
		}
		if i < skip {
			continue
		}
		if open {
			w.open(c, &c.Items[at-1])
		} else {
			w.closedRow(&row)
		}
		if err := w.page(c, count, write); err != nil {
			return err
		}
	}
	w.alikeDone(c)
	return nil
}

// page counts a row, and hands a full or the last page over.
func (w *itemWriter) page(c *customer, count *int64, write func(*table.Frame) error) error {
	*count--
	w.filled++
	if w.filled < table.FrameRows && *count > 0 {
		return nil
	}
	w.alikeDone(c)
	err := write(w.sheet.Frame)
	w.sheet.Reset()
	w.filled = 0
	return err
}

// scaled is an amount of a currency at the scale of the column; code is then that currency's.
func (w *itemWriter) scaled(amount int64, c scoring.Currency) int64 {
	if c != w.coin {
		w.coin, w.scale, w.code = c, scaleOf(c, w.digits), c.String()
	}
	return amount * w.scale
}

func (w *itemWriter) open(c *customer, it *scoring.Item) {
	w.alikeDone(c)
	w.sheet.item(c, it, scaleOf(it.Currency, w.digits)).null().null().null().row()
}

// closedRow fills in what differs between the closed items of a customer, and leaves the rest to
// alikeDone: a cell of its own for each would take as long as all else.
func (w *itemWriter) closedRow(r *closedRow) {
	w.alike++
	s := w.sheet
	s.Bytes(itemID, r.id)
	if r.instalment > 0 {
		s.Int32(itemInstalment, r.instalment)
	} else {
		s.Null(itemInstalment)
	}
	s.String(itemKind, r.kind)
	s.Date(itemIssue, int32(r.issue))
	s.Date(itemDue, int32(r.due))
	s.Decimal(itemAmount, w.scaled(r.amount, r.currency))
	s.String(itemCurrency, w.code)
	if r.on == scoring.NoDay {
		s.Null(itemSettled)
	} else {
		s.Date(itemSettled, int32(r.on))
	}
	if r.on == scoring.NoDay || r.amount < 0 {
		s.Null(itemLate)
		s.Null(itemToPay)
	} else {
		s.Int32(itemLate, int32(r.on-r.due))
		s.Int32(itemToPay, int32(r.on-r.issue))
	}
}

// alikeDone fills in the cells that the closed items of a customer have in common.
func (w *itemWriter) alikeDone(c *customer) {
	s, n := w.sheet, w.alike
	w.alike = 0
	s.RepeatString(itemCustomer, c.Customer, n)
	s.RepeatDecimal(itemOpen, 0, n)
	s.RepeatDecimal(itemBase, 0, n)
	s.RepeatNull(itemPastDue, n)
	s.RepeatString(itemBucket, settledBucket, n)
	s.RepeatDecimal(itemDisputed, 0, n)
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

// wait returns when it is task i's turn, and false when there will be none.
func (t *turns) wait(i int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.at != i && !t.stopped {
		t.changed.Wait()
	}
	return !t.stopped
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
