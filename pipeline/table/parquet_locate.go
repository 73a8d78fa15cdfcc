package table

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
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

// quote fills in Raw of rows of a row group, sorted by Place: their cells in the columns of
// the schema as NAME IN THE FILE=VALUE, joined by semicolons.
func (p *parquetExport) quote(in *os.File, group int, base int64, rows []Reject) error {
	if len(rows) == 0 {
		return nil
	}
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

// quoteColumn appends the cells of one column to the texts of the rows.
func (p *parquetExport) quoteColumn(in *os.File, group int, base int64, l *leaf, rows []Reject, texts [][]byte) error {
	pages, err := openPages(p.file, in, group, l.at)
	if err != nil {
		return err
	}
	defer pages.Close()
	for i := 0; i < len(rows); {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return errors.New("its pages end before its row group")
		}
		if err != nil {
			return err
		}
		end := base + page.NumRows()
		for ; i < len(rows) && rows[i].Place < end; i++ {
			at := rows[i].Place - base
			one := page.Slice(at, at+1)
			var value [1]parquet.Value
			if _, err := one.Values().ReadValues(value[:]); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if len(texts[i]) > 0 {
				texts[i] = append(texts[i], "; "...)
			}
			texts[i] = append(append(texts[i], l.name...), '=')
			texts[i] = l.appendRaw(texts[i], value[0])
			parquet.Release(one)
		}
		base = end
		parquet.Release(page)
	}
	return nil
}

// appendRaw prints a value as the file has it.
func (l *leaf) appendRaw(b []byte, v parquet.Value) []byte {
	switch {
	case v.IsNull():
		return b
	case l.class == classDay:
		return appendDate(b, v.Int32())
	case l.class == classTime && l.kind == parquet.Int64:
		perSecond := l.perDay / 86400
		ticks := v.Int64() % perSecond
		seconds := v.Int64() / perSecond
		if ticks < 0 {
			ticks += perSecond
			seconds--
		}
		return time.Unix(seconds, ticks*(1e9/perSecond)).UTC().AppendFormat(b, "2006-01-02T15:04:05.999999999")
	case l.class == classDecimal && (l.kind == parquet.Int32 || l.kind == parquet.Int64):
		x := int64(0)
		if l.kind == parquet.Int32 {
			x = int64(v.Int32())
		} else {
			x = v.Int64()
		}
		return append(b, decimalText(big.NewInt(x), l.scale)...)
	case l.class == classDecimal:
		return append(b, decimalText(bigDecimal(v.ByteArray()), l.scale)...)
	}
	switch l.kind {
	case parquet.Boolean:
		return strconv.AppendBool(b, v.Boolean())
	case parquet.Int32:
		if l.unsigned {
			return strconv.AppendUint(b, uint64(v.Uint32()), 10)
		}
		return strconv.AppendInt(b, int64(v.Int32()), 10)
	case parquet.Int64:
		if l.unsigned {
			return strconv.AppendUint(b, v.Uint64(), 10)
		}
		return strconv.AppendInt(b, v.Int64(), 10)
	case parquet.Float:
		return strconv.AppendFloat(b, float64(v.Float()), 'f', -1, 32)
	case parquet.Double:
		return strconv.AppendFloat(b, v.Double(), 'f', -1, 64)
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return append(b, v.ByteArray()...)
	}
	return append(b, strings.ToUpper(hex.EncodeToString(v.Bytes()))...)
}
