package table

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// cellReader reads the cells of one column of a row group as the file has them, one by one: for the texts of refused rows, and for
// looking into tables of our own. Where rows are read for a run, chunkReader does, by whole pages.
type cellReader struct {
	pages  pageReader
	row    int             // of the page: cells up to it have been passed
	value  int             // likewise, among the values that are not null
	codes  []int32         // places in the dictionary; nil where the page has the values itself
	values encoding.Values // of the page or, with codes, of the dictionary

	codeRoom   codeRoom
	entries    encoding.Values
	hasEntries bool
}

func newCellReader(l *leaf) *cellReader {
	return &cellReader{pages: pageReader{leaf: l, stored: new([]byte)}}
}

// next goes on to the next page that has rows; io.EOF when there is none.
func (r *cellReader) next() (err error) {
	p := &r.pages
	if err := p.next(); err != nil {
		return err
	}
	r.row, r.value, r.codes = 0, 0, nil
	switch {
	case p.count == 0: // all are null
		return nil
	case !p.hasCodes():
		r.values, err = p.decode()
		return err
	}
	if r.codes, err = p.decodeCodes(&r.codeRoom); err != nil {
		return err
	}
	if !r.hasEntries {
		if r.entries, err = p.decodeEntries(); err != nil {
			return err
		}
		r.hasEntries = true
	}
	r.values = r.entries
	return nil
}

// at is the place in values of the cell in a row of the page that has not been passed, -1 for a null.
func (r *cellReader) at(row int) (int, error) {
	levels := r.pages.levels
	if levels == nil {
		r.value += row - r.row
	} else {
		r.value += bytes.Count(levels[r.row:row], []byte{1})
	}
	r.row = row
	switch {
	case r.pages.count == 0 || levels != nil && levels[row] == 0:
		return -1, nil
	case r.codes == nil:
		return r.value, nil
	}
	code := int(r.codes[r.value])
	if code < 0 || code >= r.pages.entryCount {
		return 0, fmt.Errorf("entry %d of a dictionary that has %d", code, r.pages.entryCount)
	}
	return code, nil
}

// quoteColumn appends the cells of one column to the texts of rows of a row group, sorted by Place. The first row of the
// group is row base of the file.
func (p *parquetExport) quoteColumn(in io.ReaderAt, group int, base int64, l *leaf, rows []Reject, texts [][]byte) error {
	r := newCellReader(l)
	if err := r.pages.open(p.file, in, group); err != nil {
		return err
	}
	for i := 0; i < len(rows); {
		err := r.next()
		if errors.Is(err, io.EOF) {
			return errPagesEnd
		}
		if err != nil {
			return err
		}
		end := base + int64(r.pages.rows)
		for ; i < len(rows) && rows[i].Place < end; i++ {
			at, err := r.at(int(rows[i].Place - base))
			if err != nil {
				return err
			}
			if len(texts[i]) > 0 {
				texts[i] = append(texts[i], "; "...)
			}
			texts[i] = append(append(texts[i], l.name...), '=')
			if at >= 0 {
				texts[i] = l.appendRaw(texts[i], r.values, at)
			}
		}
		base = end
	}
	return nil
}

// appendRaw prints value i as the file has it.
func (l *leaf) appendRaw(b []byte, values encoding.Values, i int) []byte {
	switch {
	case l.class == classDay:
		return appendDate(b, values.Int32()[i])
	case l.class == classTime && l.kind == parquet.Int64:
		perSecond := l.perDay / 86400
		ticks := values.Int64()[i] % perSecond
		seconds := values.Int64()[i] / perSecond
		if ticks < 0 {
			ticks += perSecond
			seconds--
		}
		return time.Unix(seconds, ticks*(1e9/perSecond)).UTC().AppendFormat(b, "2006-01-02T15:04:05.999999999")
	case l.class == classDecimal && l.kind == parquet.Int32:
		return append(b, decimalText(big.NewInt(int64(values.Int32()[i])), l.scale)...)
	case l.class == classDecimal && l.kind == parquet.Int64:
		return append(b, decimalText(big.NewInt(values.Int64()[i]), l.scale)...)
	case l.class == classDecimal:
		return append(b, decimalText(bigDecimal(bytesAt(values, l.kind, i)), l.scale)...)
	}
	switch l.kind {
	case parquet.Boolean:
		return strconv.AppendBool(b, bit(values.Boolean(), i))
	case parquet.Int32:
		if l.unsigned {
			return strconv.AppendUint(b, uint64(values.Uint32()[i]), 10)
		}
		return strconv.AppendInt(b, int64(values.Int32()[i]), 10)
	case parquet.Int64:
		if l.unsigned {
			return strconv.AppendUint(b, values.Uint64()[i], 10)
		}
		return strconv.AppendInt(b, values.Int64()[i], 10)
	case parquet.Float:
		return strconv.AppendFloat(b, float64(values.Float()[i]), 'f', -1, 32)
	case parquet.Double:
		return strconv.AppendFloat(b, values.Double()[i], 'f', -1, 64)
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return append(b, bytesAt(values, l.kind, i)...)
	}
	v := values.Int96()[i]
	return append(b, strings.ToUpper(hex.EncodeToString(parquet.Int96Value(v).Bytes()))...)
}
