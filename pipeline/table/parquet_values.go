package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// vector holds the values of a page or a dictionary in the type of a column of the schema.
// Its slices are used again for the next page.
type vector struct {
	col  *column
	leaf *leaf

	n      int
	ints   []int64 // Int, and the mantissas of Decimal
	scales []uint8 // of Decimal
	days   []int32
	floats []float64
	bools  []bool
	text   []byte // of String; the page's memory or own
	spans  []span // of value i in text
	own    []byte

	odd    bool    // some state is not stateGood
	states []uint8 // per value; not looked at while not odd
	faults map[int32]string
}

// span is where a text lies. Both ends stand together because texts of a dictionary are looked up in any order.
type span struct{ from, to uint32 }

// The states of a value.
const (
	stateGood = iota
	stateNull // counts as empty
	stateBad  // faults tells why
)

// setState notes that a value is not good.
func (v *vector) setState(i int, state uint8) {
	if !v.odd {
		v.odd = true
		v.states = grow(v.states, v.n)
		clear(v.states)
		clear(v.faults)
	}
	v.states[i] = state
}

func (v *vector) refuse(i int, cell []byte, err error) {
	v.setState(i, stateBad)
	if v.faults == nil {
		v.faults = make(map[int32]string)
	}
	v.faults[int32(i)] = cause(cell, err)
}

// load fills the vector with n values of a page or a dictionary. It is an error, of the
// whole file, when the column turns out not to hold what its type promised.
func (v *vector) load(in encoding.Values, n int) error {
	v.n, v.odd = n, false
	switch v.leaf.class {
	case classText:
		v.loadText(in)
	case classInt:
		return v.fromInts(v.loadInts(in))
	case classDecimal:
		return v.loadDecimals(in)
	case classDouble:
		return v.fromDoubles(v.loadDoubles(in))
	case classBool:
		v.loadBools(in.Boolean())
	case classDay:
		v.days = grow(v.days, n)
		copy(v.days, in.Int32()[:n])
		v.checkDays()
	case classTime:
		v.loadTimes(in)
	}
	return nil
}

// loadInts widens integers.
func (v *vector) loadInts(in encoding.Values) []int64 {
	v.ints = grow(v.ints, v.n)
	switch {
	case v.leaf.kind == parquet.Int32 && v.leaf.unsigned:
		for i, x := range in.Uint32()[:v.n] {
			v.ints[i] = int64(x)
		}
	case v.leaf.kind == parquet.Int32:
		for i, x := range in.Int32()[:v.n] {
			v.ints[i] = int64(x)
		}
	default:
		copy(v.ints, in.Int64()[:v.n])
		if v.leaf.unsigned {
			for i, x := range v.ints {
				if x < 0 {
					v.refuse(i, strconv.AppendUint(nil, uint64(x), 10), errDigits)
				}
			}
		}
	}
	return v.ints
}

// maxMantissa is the first number with more than maxDigits digits.
const maxMantissa = 1_000_000_000_000_000_000

// fromInts types whole numbers.
func (v *vector) fromInts(ints []int64) error {
	switch v.col.Type {
	case String:
		v.textOf(func(b []byte, i int) []byte { return strconv.AppendInt(b, ints[i], 10) })
	case Decimal:
		v.scales = grow(v.scales, v.n)
		clear(v.scales)
		for i, x := range ints {
			if x <= -maxMantissa || x >= maxMantissa {
				v.refuse(i, strconv.AppendInt(nil, x, 10), errDigits)
			}
		}
	case Float:
		v.floats = grow(v.floats, v.n)
		for i, x := range ints {
			v.floats[i] = float64(x)
		}
	case Bool:
		v.bools = grow(v.bools, v.n)
		for i, x := range ints {
			v.bools[i] = x == 1
			if x != 0 && x != 1 {
				v.refuse(i, strconv.AppendInt(nil, x, 10), errNotBool)
			}
		}
	}
	return nil
}

// loadDoubles widens floating-point numbers.
func (v *vector) loadDoubles(in encoding.Values) []float64 {
	v.floats = grow(v.floats, v.n)
	if v.leaf.kind == parquet.Double {
		copy(v.floats, in.Double()[:v.n])
	} else {
		for i, x := range in.Float()[:v.n] {
			v.floats[i] = float64(x)
		}
	}
	return v.floats
}

// fromDoubles types floating-point numbers. NaN, which several programs write for a missing
// value, counts as empty.
func (v *vector) fromDoubles(floats []float64) error {
	bits := 64
	if v.leaf.kind == parquet.Float {
		bits = 32
	}
	v.ints, v.scales, v.bools = grow(v.ints, v.n), grow(v.scales, v.n), grow(v.bools, v.n)
	for i, x := range floats {
		if math.IsNaN(x) {
			v.setState(i, stateNull)
			continue
		}
		whole := x == math.Trunc(x) && math.Abs(x) < 1e15
		var err error
		switch {
		case math.IsInf(x, 0):
			err = errNotFloat
		case v.col.Type == Decimal:
			v.ints[i], v.scales[i], err = shortestDecimal(x, bits)
		case v.col.Type == String && !whole:
			return v.decimalsInText(strconv.AppendFloat(nil, x, 'f', -1, bits))
		case v.col.Type == Int && !whole:
			err = errNotInt
		case v.col.Type == Bool && x != 0 && x != 1:
			err = errNotBool
		case v.col.Type != Float:
			v.ints[i], v.bools[i] = int64(x), x == 1
		}
		if err != nil {
			v.refuse(i, strconv.AppendFloat(nil, x, 'f', -1, bits), err)
		}
	}
	if v.col.Type == String {
		ints := v.ints
		v.textOf(func(b []byte, i int) []byte { return strconv.AppendInt(b, ints[i], 10) })
	}
	return nil
}

// decimalsInText is the error of a text column that is stored as numbers and has one with
// decimals.
func (v *vector) decimalsInText(cell []byte) error {
	return &Error{Column: v.col.Name, Msg: fmt.Sprintf("texts are stored as numbers with decimals, such as %s", cell),
		Hint: "export the column as text"}
}

// shortestDecimal is the decimal with the fewest digits that reads back as x.
func shortestDecimal(x float64, bits int) (int64, uint8, error) {
	if bits == 64 {
		// A decimal of up to 15 digits is the only one of its float64, so the first that
		// reads back is the shortest.
		for scale := range 5 {
			m := math.Round(x * pow10[scale])
			if math.Abs(m) < 1e15 && m/pow10[scale] == x {
				return int64(m), uint8(scale), nil
			}
		}
	}
	var room [32]byte
	return parseDecimal(strconv.AppendFloat(room[:0], x, 'f', -1, bits), false)
}

func (v *vector) loadBools(bits []byte) {
	v.bools = grow(v.bools, v.n)
	for i := range v.n {
		v.bools[i] = bit(bits, i)
	}
	if v.col.Type == String {
		bools := v.bools
		v.textOf(func(b []byte, i int) []byte { return strconv.AppendBool(b, bools[i]) })
	}
}

// loadTimes floors instants to their day in UTC.
func (v *vector) loadTimes(in encoding.Values) {
	v.days = grow(v.days, v.n)
	if v.leaf.kind == parquet.Int96 {
		const epoch = 2440588 // the Julian day of 1970-01-01
		for i, x := range in.Int96()[:v.n] {
			v.days[i] = int32(int64(x[2]) - epoch) // below it the nanoseconds of the day
		}
	} else {
		for i, x := range in.Int64()[:v.n] {
			day := x / v.leaf.perDay
			if x < 0 && x%v.leaf.perDay != 0 {
				day--
			}
			v.days[i] = int32(max(math.MinInt32, min(math.MaxInt32, day)))
		}
	}
	v.checkDays()
}

// checkDays refuses dates out of range, but for those that stand for no date.
func (v *vector) checkDays() {
	first, end := monthStart[0], monthStart[len(monthStart)-1]
	sentinels := len(v.col.nulls.cells) > 0
	for i, day := range v.days {
		if day >= first && day < end && !sentinels {
			continue
		}
		cell := appendDate(nil, day)
		switch {
		case v.col.nulls.has(cell):
			v.setState(i, stateNull)
		case day < first || day >= end:
			v.refuse(i, cell, errDateRange)
		}
	}
}

// textOf makes the values texts, those that are not good empty ones, and types them as such.
func (v *vector) textOf(write func(b []byte, i int) []byte) {
	v.own = v.own[:0]
	v.spans = grow(v.spans, v.n)
	for i := range v.n {
		from := uint32(len(v.own))
		if !v.odd || v.states[i] == stateGood {
			v.own = write(v.own, i)
		}
		v.spans[i] = span{from, uint32(len(v.own))}
	}
	v.text = v.own
	if v.col.OneOf != nil || len(v.col.nulls.cells) > 0 {
		written := slices.Clone(v.own)
		v.own = v.own[:0]
		for i := range v.n {
			if !v.odd || v.states[i] == stateGood {
				v.setText(i, written[v.spans[i].from:v.spans[i].to])
			}
		}
		v.text = v.own
	}
}

// bytesAt is value i of a column of bytes.
func bytesAt(in encoding.Values, kind parquet.Kind, i int) []byte {
	if kind == parquet.FixedLenByteArray {
		data, size := in.FixedLenByteArray()
		return data[i*size : (i+1)*size]
	}
	data, offsets := in.ByteArray()
	return data[offsets[i]:offsets[i+1]]
}
