package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"kaishu/pipeline/table"
)

// reject is a refused row, as rejects.parquet shows it.
type reject struct {
	source *source
	table.Reject
}

// nameRejects lists every refused row: those that could not be read, and those refused later (a
// duplicate, an amount with more decimals than its currency has), whose line and text are looked
// up in their file again.
func (n *night) nameRejects(ctx context.Context) error {
	byFile := map[int][]lateReject{}
	for _, l := range n.late {
		byFile[l.file] = append(byFile[l.file], l)
	}
	n.rejects = nil
	for i, s := range n.sources {
		for _, r := range s.result.Rejects {
			n.rejects = append(n.rejects, reject{source: s, Reject: r})
		}
		late := byFile[i]
		if len(late) == 0 {
			continue
		}
		slices.SortFunc(late, func(a, b lateReject) int {
			return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.column, b.column), cmp.Compare(a.cause, b.cause))
		})
		late = slices.CompactFunc(late, func(a, b lateReject) bool { return a.place == b.place })
		places := make([]int64, len(late))
		for k, l := range late {
			places[k] = l.place
		}
		found, err := s.file.Locate(ctx, places)
		if err != nil {
			return fmt.Errorf("looking up refused rows of %s: %w", exportName(s.export), err)
		}
		if len(found) != len(late) {
			return fmt.Errorf("looking up refused rows of %s: %s: %d of %d rows are still there; has the file changed?", exportName(s.export), s.path, len(found), len(late))
		}
		for k, r := range found {
			r.Column, r.Cause = late[k].column, late[k].cause
			n.rejects = append(n.rejects, reject{source: s, Reject: r})
		}
		s.late = int64(len(late))
	}
	slices.SortStableFunc(n.rejects, func(a, b reject) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Place, b.Place))
	})
	return nil
}

func (n *night) fillRejects(s *sheet, full func() error) error {
	for i := range n.rejects {
		r := &n.rejects[i]
		s.text(exportName(r.source.export)).text(r.source.written).long(r.Row)
		if r.Line > 0 {
			s.long(r.Line)
		} else {
			s.null()
		}
		s.maybeText(r.Column).text(r.Cause).text(r.Raw).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}
