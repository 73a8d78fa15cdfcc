package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"kaishu/pipeline/publish"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// before is what the night before said of one customer.
type before struct {
	rank        int32  // 0 when it was not on the worklist
	action      string // chosen then
	collectable int64
	paid        float64 // P(paid) without the action
	why         string  // of being left alone
	known       bool    // it had an account

	pastDueMax  int32
	utilization float64
	grade       string
	exposure    int64
	reviews     []earlier // what was recommended about it
}

// readBefore reads the tables of the night before that this one is compared with.
func (n *night) readBefore() error {
	n.before = map[string]before{}
	if n.previous == nil {
		return nil
	}
	read := func(file string, into func(f *table.Frame, i int, b *before), columns ...string) error {
		path := filepath.Join(publish.Folder(n.output, n.previous.asOf), file)
		if len(columns) > 0 {
			columns = append([]string{"customer_id"}, columns...)
		}
		f, err := table.ReadColumns(path, columns...)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a night of a version, or with stages, that did not write it
		}
		if err != nil {
			return damaged(n.output, n.previous.asOf, fmt.Errorf("reading %s of %s: %w", file, n.previous.asOf, err))
		}
		id := f.Column("customer_id")
		for i := range f.Len() {
			key := f.StringAt(id, i)
			b := n.before[key]
			into(f, i, &b)
			n.before[key] = b
		}
		return nil
	}
	err := read("accounts.parquet", func(f *table.Frame, i int, b *before) {
		b.known = true
		b.pastDueMax = int32(f.IntAt(f.Column("days_past_due_max"), i))
		b.utilization = nan
		if c := f.Column("utilization"); !f.IsNull(c, i) {
			b.utilization = f.DoubleAt(c, i)
		}
		b.grade = f.StringAt(f.Column("risk_grade"), i)
		b.exposure = f.DecimalAt(f.Column("exposure"), i)
		b.collectable = f.DecimalAt(f.Column("collectable_amount"), i)
	}, "days_past_due_max", "utilization", "risk_grade", "exposure", "collectable_amount")
	if err != nil {
		return err
	}
	err = read("worklist.parquet", func(f *table.Frame, i int, b *before) {
		b.rank = int32(f.IntAt(f.Column("rank"), i))
		b.action = f.StringAt(f.Column("action"), i)
		b.paid = f.DoubleAt(f.Column("p_paid"), i)
	}, "rank", "action", "p_paid")
	if err != nil {
		return err
	}
	err = read("left_alone.parquet", func(f *table.Frame, i int, b *before) {
		b.why = f.StringAt(f.Column("why"), i)
	}, "why")
	if err != nil {
		return err
	}
	return read("reviews.parquet", func(f *table.Frame, i int, b *before) {
		r := earlier{kind: f.StringAt(f.Column("review"), i), since: scoring.NoDay, listedOn: scoring.NoDay}
		if k := f.Column("since"); k >= 0 { // a night of an earlier version has neither column
			r.since = scoring.Day(f.DateAt(k, i))
		}
		if k := f.Column("listed_on"); k >= 0 && !f.IsNull(k, i) {
			r.listedOn = scoring.Day(f.DateAt(k, i))
		}
		b.reviews = append(b.reviews, r)
	})
}
