package table

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
)

// locate reads the row groups again in which the places lie.
func (p *parquetExport) locate(ctx context.Context, places []int64) (found []Reject, err error) {
	defer func() {
		if v := recover(); v != nil {
			found, err = nil, damaged(p.path, v)
		}
	}()
	in, err := p.reopen()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	base := int64(0)
	for g, group := range p.file.RowGroups() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		first := len(found)
		for len(places) > 0 && places[0] >= base && places[0] < base+group.NumRows() {
			found = append(found, Reject{File: p.index, Row: places[0] + 1, Place: places[0]})
			places = places[1:]
		}
		if err := p.quote(in, g, base, found[first:]); err != nil {
			return nil, err
		}
		base += group.NumRows()
	}
	if len(places) > 0 {
		return nil, &Error{File: p.path, Msg: fmt.Sprintf("there is no row %d", places[0]+1)}
	}
	return found, nil
}

// quote puts rows of a row group in order of their Place and fills in Raw: their cells in the columns of
// the schema as NAME IN THE FILE=VALUE, joined by semicolons.
func (p *parquetExport) quote(in *os.File, group int, base int64, rows []Reject) error {
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b Reject) int { return cmp.Compare(a.Place, b.Place) })
	texts := make([][]byte, len(rows))
	for i, c := range p.schema {
		if p.mapping[i] < 0 {
			continue
		}
		l := &p.leaves[p.mapping[i]]
		if err := p.quoteColumn(in, group, base, l, rows, texts); err != nil {
			return &Error{File: p.path, Column: c.Name, Msg: "is damaged", Err: err}
		}
	}
	for i := range rows {
		rows[i].Raw = rawRow(texts[i])
	}
	return nil
}
