package pipeline

import (
	"context"
	"slices"

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
		workers[i] = itemWriter{night: n, frame: table.NewFrame(columns), digits: n.itemDigits()}
	}
	if err := workers[0].write(starts[0], min(total, table.FrameRows), out.Settle); err != nil {
		return err
	}
	for i := range workers {
		workers[i].group = out.NewGroup()
	}
	return n.inTurns(ctx, n.workers, len(starts), func(worker, i int, turns *turns) error {
		w := &workers[worker]
		if err := w.write(starts[i], min(table.GroupRows, total-int64(i)*table.GroupRows), w.group.Write); err != nil {
			return err
		}
		if err := turns.wait(i); err != nil {
			return err
		}
		return out.Append(w.group)
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
	frame  *table.Frame
	group  *table.RowGroup
	digits int

	runs   []itemRun
	blocks []closedBlock // of the runs
	rooms  [2][]byte     // of pages of the book and of blocks
	rows   itemRows      // of the block at hand

	// What is made of them.
	issue, settled, toPay []int32
	dated, aged           []byte // levels: rows with a day of settlement, and with days late and to pay
}

// itemRun is rows of one block that follow one another.
type itemRun struct {
	customer   string
	skip, rows int32
}

// write gives some rows to write, a page at a time.
func (w *itemWriter) write(from itemsFrom, count int64, write func(*table.Frame) error) error {
	if err := w.find(from, count); err != nil {
		return err
	}
	data, room, err := w.closed.read(w.blocks, w.rooms[1])
	w.rooms[1] = room
	if err != nil {
		return err
	}
	filled := 0
	for i, run := range w.runs {
		if err := w.rows.decode(data[i]); err != nil {
			return err
		}
		w.finish()
		for at, end := int(run.skip), int(run.skip+run.rows); at < end; {
			to := min(end, at+table.FrameRows-filled)
			w.add(run.customer, at, to)
			filled, at = filled+to-at, to
			if filled == table.FrameRows {
				err = write(w.frame)
				w.frame.Reset()
				filled = 0
			}
			if err != nil {
				return err
			}
		}
	}
	if filled == 0 {
		return nil
	}
	defer w.frame.Reset()
	return write(w.frame)
}

// find lists where count rows lie.
func (w *itemWriter) find(from itemsFrom, count int64) (err error) {
	w.runs, w.blocks = w.runs[:0], w.blocks[:0]
	var data, entry, id []byte
	skip := from.row
	for page := from.page; count > 0; page++ {
		if data, w.rooms[0], err = w.book.get(&w.book.pages[page].accounts, w.rooms[0]); err != nil {
			return err
		}
		for len(data) > 0 && count > 0 {
			if entry, data, err = cut(data); err != nil {
				return err
			}
			had := len(w.blocks)
			if id, w.blocks, err = readOwner(entry, w.blocks); err != nil {
				return err
			}
			customer, blocks := string(id), w.blocks[had:]
			w.blocks = w.blocks[:had]
			for _, b := range blocks {
				if skip >= int64(b.rows) {
					skip -= int64(b.rows)
					continue
				}
				rows := min(int64(b.rows)-skip, count)
				if rows == 0 {
					break
				}
				w.runs, w.blocks = append(w.runs, itemRun{customer, int32(skip), int32(rows)}), append(w.blocks, b)
				count, skip = count-rows, 0
			}
		}
	}
	return nil
}

// finish makes of a block's columns those of the table.
func (w *itemWriter) finish() {
	r := &w.rows
	n := r.rows()
	for _, c := range []*[]int32{&w.issue, &w.settled, &w.toPay} {
		*c = slices.Grow((*c)[:0], n)[:n]
	}
	for _, l := range []*[]byte{&w.dated, &w.aged} {
		*l = slices.Grow((*l)[:0], n)[:n]
	}
	for i, due := range r.due {
		issue, settled := due-r.terms[i], due+r.late[i]
		w.issue[i], w.settled[i], w.toPay[i], w.dated[i], w.aged[i] = issue, settled, settled-issue, 1, 1
		switch r.state[i] {
		case rowUsedUp:
			r.late[i], w.toPay[i], w.aged[i] = 0, 0, 0
		case rowEmpty, rowOpen:
			w.settled[i], w.toPay[i], w.dated[i], w.aged[i] = 0, 0, 0, 0
		}
	}
}

// add appends rows from up to to of the block at hand.
func (w *itemWriter) add(customer string, from, to int) {
	f, r := w.frame, &w.rows
	f.RepeatString(itemCustomer, customer, to-from)
	text := r.text[:r.bytes(0, to)]
	f.AppendTexts(itemID, text[r.bytes(0, from):], r.length[from:to])
	eachRun(r.instalment[from:to], func(v int32, _, n int) {
		if v == 0 {
			f.RepeatNull(itemInstalment, n)
			return
		}
		for range n {
			f.Int32(itemInstalment, v)
		}
	})
	eachRun(r.kind[from:to], func(v int32, _, n int) { f.RepeatString(itemKind, itemKinds[v], n) })
	f.AppendInt32s(itemIssue, w.issue[from:to], nil)
	f.AppendInt32s(itemDue, r.due[from:to], nil)
	eachRun(r.currency[from:to], func(v int32, at, n int) {
		c := scoring.Currency(v)
		amounts := r.amount[from+at:][:n]
		if scale := scaleOf(c, w.digits); scale != 1 {
			for i := range amounts {
				f.Decimal(itemAmount, amounts[i]*scale)
			}
		} else {
			f.AppendDecimals(itemAmount, amounts)
		}
		f.RepeatString(itemCurrency, c.String(), n)
	})
	w.addOpen(from, to)
	f.AppendInt32s(itemSettled, w.settled[from:to], w.dated[from:to])
	f.AppendInt32s(itemLate, r.late[from:to], w.aged[from:to])
	f.AppendInt32s(itemToPay, w.toPay[from:to], w.aged[from:to])
}

// addOpen appends the columns that say something of open rows only.
func (w *itemWriter) addOpen(from, to int) {
	f, r := w.frame, &w.rows
	closed := func(n int) {
		f.RepeatDecimal(itemOpen, 0, n)
		f.RepeatDecimal(itemBase, 0, n)
		f.RepeatNull(itemPastDue, n)
		f.RepeatString(itemBucket, settledBucket, n)
		f.RepeatDecimal(itemDisputed, 0, n)
	}
	for k, at := range r.at {
		if int(at) < from {
			continue
		}
		if int(at) >= to {
			break
		}
		closed(int(at) - from)
		scale := scaleOf(scoring.Currency(r.currency[at]), w.digits)
		f.Decimal(itemOpen, r.open[k]*scale)
		f.Decimal(itemBase, r.base[k])
		f.Int32(itemPastDue, r.pastDue[k])
		f.String(itemBucket, bucketNames[r.bucket[k]])
		f.Decimal(itemDisputed, r.disputed[k]*scale)
		from = int(at) + 1
	}
	closed(to - from)
}

// eachRun calls do for every run of a value: where it begins, and how long it is.
func eachRun(v []int32, do func(v int32, at, n int)) {
	for at := 0; at < len(v); {
		end := at + 1
		for end < len(v) && v[end] == v[at] {
			end++
		}
		do(v[at], at, end-at)
		at = end
	}
}
