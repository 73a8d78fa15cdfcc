package table

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// loadText types texts by the same rules as the cells of a text file.
func (v *vector) loadText(in encoding.Values) {
	v.size()
	v.spans = grow(v.spans, v.n)
	if v.leaf.kind == parquet.FixedLenByteArray {
		data, size := in.FixedLenByteArray()
		data = data[:v.n*size]
		for i := range v.n {
			v.spans[i] = span{uint32(i * size), uint32((i + 1) * size)}
		}
		v.loadCells(data, plainText(data))
		return
	}
	data, offsets := in.ByteArray()
	offsets = offsets[:v.n+1]
	for i := range v.n {
		v.spans[i] = span{offsets[i], offsets[i+1]}
	}
	v.loadCells(data, plainText(data[offsets[0]:offsets[v.n]]))
}

// loadCells types the texts that lie in the spans of the data. With plain, they are ASCII without NUL: for most of
// what is read, a loop that leaves the spans alone takes a twentieth off a scan.
func (v *vector) loadCells(data []byte, plain bool) {
	v.text, v.own = data, v.own[:0]
	c := v.col
	quick := plain && c.Type == String && c.OneOf == nil
	for i, s := range v.spans[:v.n] {
		if n := int(s.to - s.from); quick && !c.nulls.maybe(n) {
			if cell := data[s.from:s.to]; cell[0] > ' ' && cell[n-1] > ' ' && !(c.id && cell[n-1] == '0') {
				continue
			}
		}
		v.loadCell(i, data, s.from, s.to, plain)
	}
	if c.OneOf != nil {
		v.text = v.own
	}
}

// size makes room for n values of the column's type.
func (v *vector) size() {
	switch v.col.Type {
	case String:
		v.spans = grow(v.spans, v.n)
	case Date:
		v.days = grow(v.days, v.n)
	case Decimal:
		v.ints, v.scales = grow(v.ints, v.n), grow(v.scales, v.n)
	case Int:
		v.ints = grow(v.ints, v.n)
	case Float:
		v.floats = grow(v.floats, v.n)
	case Bool:
		v.bools = grow(v.bools, v.n)
	}
}

// loadCell types data[from:to] as value i. With plain, the data are ASCII without NUL.
func (v *vector) loadCell(i int, data []byte, from, to uint32, plain bool) {
	cell := data[from:to]
	trimmed := trim(cell)
	if v.col.nulls.has(trimmed) {
		v.blank(i)
		v.setState(i, stateNull)
		return
	}
	if !plain {
		if err := cleanText(trimmed, false); err != nil {
			v.blank(i)
			v.refuse(i, trimmed, err)
			return
		}
	}
	if v.col.id && v.col.repair && floatID(trimmed) {
		trimmed = trimmed[:len(trimmed)-2]
	}
	if v.col.Type == String && v.col.OneOf == nil && !(v.col.id && floatID(trimmed)) {
		// What trim cut off in front is what the capacity has lost.
		from += uint32(cap(cell) - cap(trimmed))
		v.spans[i] = span{from, from + uint32(len(trimmed))}
		return
	}
	v.parse(i, trimmed)
}

// blank makes value i an empty text.
func (v *vector) blank(i int) {
	if v.col.Type == String {
		v.spans[i] = span{}
	}
}

// parse types a trimmed cell that is not empty; of texts only those that are looked into.
func (v *vector) parse(i int, cell []byte) {
	c := v.col
	var err error
	switch c.Type {
	case String:
		v.blank(i)
		if c.OneOf == nil {
			err = errFloatID
			break
		}
		var value string
		if value, err = oneOf(cell, c.OneOf); err == nil {
			v.addOwn(i, value)
		}
	case Date:
		if v.days[i], err = c.layout.parse(cell); err != nil {
			err = c.layout.explain(err)
		}
	case Decimal:
		v.ints[i], v.scales[i], err = parseDecimal(cell, c.lenient)
	case Int:
		v.ints[i], err = parseInt(cell, c.lenient)
	case Float:
		v.floats[i], err = parseFloat(cell, c.lenient)
	case Bool:
		v.bools[i], err = parseBool(cell)
	}
	if err != nil {
		v.refuse(i, cell, err)
	}
}

// addOwn makes a text that does not stand in the page value i.
func (v *vector) addOwn(i int, text string) {
	from := uint32(len(v.own))
	v.own = append(v.own, text...)
	v.spans[i] = span{from, uint32(len(v.own))}
}

// setText types the text of a number or truth value as value i of a String column.
func (v *vector) setText(i int, cell []byte) {
	v.blank(i)
	switch {
	case v.col.nulls.has(cell):
		v.setState(i, stateNull)
	case v.col.OneOf != nil:
		v.parse(i, cell)
	default:
		v.addOwn(i, view(cell))
	}
}

// plainText tells whether text is ASCII without NUL bytes.
func plainText(text []byte) bool {
	const low, high = 0x0101010101010101, 0x8080808080808080
	odd := uint64(0)
	for len(text) >= 8 {
		w := binary.LittleEndian.Uint64(text)
		odd |= w | (w - low) // the second has a high bit where a byte of ASCII is 0
		text = text[8:]
	}
	for _, b := range text {
		odd |= uint64(b | (b - 1))
	}
	return odd&high == 0 && odd&0x80 == 0
}
