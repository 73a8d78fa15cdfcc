package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// dictionary numbers the distinct texts of a column chunk in the order they come in.
type dictionary struct {
	text    []byte
	offsets []uint32 // one more than there are entries, from 0
	keys    []textKey
	slots   []int32 // open addressing by the keys' hashes; an entry's number plus 1, 0 where free
	pages   []int32 // per entry, the last page it was met on, counted from 1
	page    int32
}

// textKey is all there is of a text of up to 16 bytes, and of a longer one enough to tell it from nearly
// all others.
type textKey struct {
	head, tail uint64 // the first and the last 8 bytes; of a shorter text all, and 0
	middle     uint64 // a hash of what lies between them: sentences often differ in a number inside
	length     uint32
}

func keyOf(v []byte) textKey {
	k := textKey{length: uint32(len(v))}
	if len(v) >= 8 {
		k.head, k.tail = binary.LittleEndian.Uint64(v), binary.LittleEndian.Uint64(v[len(v)-8:])
		for at := 8; at < len(v)-8; at += 8 {
			k.middle = (k.middle ^ binary.LittleEndian.Uint64(v[at:])) * golden // the last one reaches into the tail
			k.middle ^= k.middle >> 32
		}
		return k
	}
	for i, b := range v {
		k.head |= uint64(b) << (8 * i)
	}
	return k
}

// golden is 2^64 over the golden ratio, an odd constant that spreads bits.
const golden = 0x9E3779B97F4A7C15

// hash is a multiplicative hash with two odd constants (golden and xxHash's prime 2).
func (k textKey) hash() uint64 {
	h := (k.head ^ bits.RotateLeft64(k.tail, 23) ^ uint64(k.length)) * golden
	h = (h ^ h>>32 ^ k.tail ^ k.middle) * 0xC2B2AE3D27D4EB4F
	return h ^ h>>29
}

func (d *dictionary) len() int { return len(d.keys) }

func (d *dictionary) entry(code int32) []byte { return d.text[d.offsets[code]:d.offsets[code+1]] }

func (d *dictionary) reset() {
	d.text, d.offsets, d.keys, d.pages = d.text[:0], append(d.offsets[:0], 0), d.keys[:0], d.pages[:0]
	clear(d.slots)
	d.page = 0
}

// encode fills codes, as long as cells, with the codes of a page, adding entries as needed, and returns the least and
// the greatest text of the page. A cell is the number of its text, as in a frameColumn; met has room for the code of every text, plus 1, and is 0.
func (d *dictionary) encode(codes, met []int32, text []byte, offsets []uint32, cells []int32) (low, high []byte) {
	if len(d.offsets) == 0 {
		d.reset()
	}
	d.page++
	for i, at := range cells {
		if met[at] > 0 {
			codes[i] = met[at] - 1
			continue
		}
		v := text[offsets[at]:offsets[at+1]]
		code := d.code(v)
		codes[i], met[at] = code, code+1
		if d.pages[code] == d.page {
			continue
		}
		d.pages[code] = d.page
		if low == nil || bytes.Compare(v, low) < 0 {
			low = v
		}
		if high == nil || bytes.Compare(v, high) > 0 {
			high = v
		}
	}
	return low, high
}

// code is the number of an entry, which is added if need be.
func (d *dictionary) code(v []byte) int32 {
	if 2*len(d.keys) >= len(d.slots) {
		d.grow()
	}
	key := keyOf(v)
	mask := uint64(len(d.slots) - 1)
	at := key.hash() & mask
	for d.slots[at] != 0 {
		code := d.slots[at] - 1
		if d.keys[code] == key && (key.length <= 16 || bytes.Equal(d.entry(code), v)) {
			return code
		}
		at = (at + 1) & mask
	}
	d.text = append(d.text, v...)
	d.offsets = append(d.offsets, uint32(len(d.text)))
	d.keys = append(d.keys, key)
	d.pages = append(d.pages, 0)
	d.slots[at] = int32(len(d.keys))
	return int32(len(d.keys) - 1)
}

func (d *dictionary) grow() {
	d.slots = make([]int32, max(1<<10, 2*len(d.slots)))
	mask := uint64(len(d.slots) - 1)
	for code, key := range d.keys {
		at := key.hash() & mask
		for d.slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = int32(code + 1)
	}
}

// putText puts a page of texts into the body and returns their encoding, the least and the
// greatest of them.
func (c *columnWriter) putText(text []byte, offsets []uint32, cells []int32) (pq.Encoding, []byte, []byte, error) {
	d := &c.dictionary
	if c.coding == codingDictionary && (d.len() > dictionaryEntries || len(d.text) > dictionaryBytes) {
		c.coding = codingPlain
	}
	if c.coding != codingPlain {
		c.codes = slices.Grow(c.codes[:0], len(cells))[:len(cells)]
		c.met = slices.Grow(c.met[:0], len(offsets)-1)[:len(offsets)-1]
		clear(c.met)
		low, high := d.encode(c.codes, c.met, text, offsets, cells)
		if c.coding == codingOpen && 2*d.len() > len(cells) {
			c.coding = codingPlain
			d.reset()
		} else {
			c.coding = codingDictionary
			c.body = appendCodes(c.body, c.codes, d.len())
			return pq.RLEDictionary, bytes.Clone(low), bytes.Clone(high), nil
		}
	}
	var low, high []byte
	before := int32(-1)
	for _, at := range cells {
		if at == before {
			continue
		}
		before = at
		v := text[offsets[at]:offsets[at+1]]
		if low == nil || bytes.Compare(v, low) < 0 {
			low = v
		}
		if high == nil || bytes.Compare(v, high) > 0 {
			high = v
		}
	}
	return pq.DeltaByteArray, bytes.Clone(low), bytes.Clone(high), c.putFrontCoded(text, offsets, cells)
}

// putFrontCoded puts a page of texts into the body as DELTA_BYTE_ARRAY: how many bytes each has in common
// with the one before, how many more, and those.
func (c *columnWriter) putFrontCoded(text []byte, offsets []uint32, cells []int32) error {
	n := len(cells)
	c.halves = slices.Grow(c.halves[:0], 2*n)[:2*n]
	common, more := c.halves[:n], c.halves[n:]
	c.rest = c.rest[:0]
	var before []byte
	for i, at := range cells {
		v := text[offsets[at]:offsets[at+1]]
		k := commonPrefix(before, v)
		common[i], more[i] = int32(k), int32(len(v)-k)
		c.rest = append(c.rest, v[k:]...)
		before = v
	}
	for _, lengths := range [][]int32{common, more} {
		var err error
		if c.part, err = (&delta.BinaryPackedEncoding{}).EncodeInt32(c.part, lengths); err != nil {
			return err
		}
		c.body = append(c.body, c.part...)
	}
	c.body = append(c.body, c.rest...)
	return nil
}

// commonPrefix is the number of bytes with which both a and b begin.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	k := 0
	for ; k+8 <= n; k += 8 {
		if x := binary.LittleEndian.Uint64(a[k:]) ^ binary.LittleEndian.Uint64(b[k:]); x != 0 {
			return k + bits.TrailingZeros64(x)/8
		}
	}
	for k < n && a[k] == b[k] {
		k++
	}
	return k
}

// dictionaryPage is the encoded dictionary of the row group, empty where no page uses one.
func (c *columnWriter) dictionaryPage(room *pageRoom) ([]byte, error) {
	c.pageRoom = room
	d := &c.dictionary
	if d.len() == 0 {
		return nil, nil
	}
	c.body = c.body[:0]
	for code := range int32(d.len()) {
		v := d.entry(code)
		c.body = binary.LittleEndian.AppendUint32(c.body, uint32(len(v)))
		c.body = append(c.body, v...)
	}
	body := c.body
	if c.zipped {
		c.squeezed = c.zip.EncodeAll(c.body, c.squeezed[:0])
		body = c.squeezed
	}
	header := pq.PageHeader{
		Type:                 pq.DictionaryPage,
		UncompressedPageSize: int32(len(c.body)),
		CompressedPageSize:   int32(len(body)),
		CRC:                  int32(crc32.ChecksumIEEE(body)),
		DictionaryPageHeader: thrift.New(pq.DictionaryPageHeader{NumValues: int32(d.len()), Encoding: pq.Plain}),
	}
	head, err := thrift.Marshal(new(thrift.CompactProtocol), &header)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", c.spec.Name, err)
	}
	c.raw += int64(len(head) + len(c.body))
	c.encodings = append(c.encodings, pq.PageEncodingStats{PageType: pq.DictionaryPage, Encoding: pq.Plain, Count: 1})
	return append(head, body...), nil
}
