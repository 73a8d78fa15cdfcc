package pipeline

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"strings"

	"github.com/zeebo/xxh3"

	"kaishu/scoring"
)

// An entry of a state folder is
//
//	magic | sizes of facts, forms, lengths and rows, 8 bytes each, little-endian | facts | forms | lengths | rows | XXH3-128 of all before
//
// Facts are JSON, forms those of the rows (scoring.Forms). Rows are encoded as in a store, in stateBuckets buckets by the low bits of the
// customers' hash; lengths are the buckets' sizes in bytes as uvarints. Buckets are in order of their
// number read backwards, bit by bit, so that for any number of shards that is a power of two
// a shard's buckets lie side by side and it is one read.

// entryMagic begins every entry. Any change to the format must raise the number.
const entryMagic = "kaishu rows v3\n\x00"

// stateBuckets is the number of buckets of an entry, and the most shards of a night that has a state folder:
// of a hundred million invoices a shard is then some 12 MB of text.
const (
	stateBuckets    = 1 << stateBucketBits
	stateBucketBits = 10
)

// entryHead is the size of what stands before the facts, entryTail of what stands after the rows.
const (
	entryHead = len(entryMagic) + 4*8
	entryTail = 16
)

// bucketAt is the bucket at a place in the order of an entry, and the other way round.
func bucketAt(place int) int { return int(bits.Reverse16(uint16(place)) >> (16 - stateBucketBits)) }

// shardsForState is the next number of shards that entries can be read for.
func shardsForState(shards int) int {
	return min(1<<bits.Len(uint(max(shards, 1)-1)), stateBuckets)
}

// writeEntry writes what is known of an input and its rows, which have a shard a bucket.
func writeEntry(to io.Writer, facts *stateFacts, rows *store) error {
	told, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	var lengths []byte
	size := int64(0)
	for place := range stateBuckets {
		bucket := int64(0)
		for _, c := range rows.shards[bucketAt(place)] {
			bucket += int64(c.size)
		}
		lengths = binary.AppendUvarint(lengths, uint64(bucket))
		size += bucket
	}
	sum := xxh3.New()
	buffered := bufio.NewWriterSize(to, 1<<20)
	w := io.MultiWriter(sum, buffered)
	head, forms := []byte(entryMagic), rows.forms.Append(nil)
	for _, n := range []int64{int64(len(told)), int64(len(forms)), int64(len(lengths)), size} {
		head = binary.LittleEndian.AppendUint64(head, uint64(n))
	}
	for _, part := range [][]byte{head, told, forms, lengths} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	var room []byte
	for place := range stateBuckets {
		blobs, grown, err := rows.take(bucketAt(place), room)
		if err != nil {
			return err
		}
		room = grown
		for _, b := range blobs {
			if _, err := w.Write(b.Rows); err != nil {
				return err
			}
		}
	}
	tail := sum.Sum128().Bytes()
	if _, err := buffered.Write(tail[:]); err != nil {
		return err
	}
	return buffered.Flush()
}

// entry is an entry that was found whole.
type entry struct {
	file   *os.File
	facts  *stateFacts
	forms  *scoring.Forms
	chunks []chunk           // by shard
	met    []scoring.Invoice // those that disputes name
}

// openEntry reads an entry from end to end, once, and checks that it is whole and made from what
// the key says. Disputed are the invoices whose customers are looked for, base is the file that
// the rows shall be of.
func openEntry(path string, k *stateKey, shards, base int, disputed map[string]*[]owner) (e *entry, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	e = &entry{file: file}
	sum := xxh3.New()
	told, forms, lengths, err := readEntryHead(file, sum)
	if err != nil {
		return nil, err
	}
	if e.forms, err = scoring.ReadForms(forms); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotWhole, err)
	}
	if err := e.lay(int64(entryHead+len(told)+len(forms)+len(lengths)), lengths, shards, base); err != nil {
		return nil, err
	}
	if err := e.check(sum, disputed); err != nil {
		return nil, err
	}
	e.facts, err = readFacts(told, k)
	return e, err
}

var errNotWhole = errors.New("is not whole")

// readEntryHead reads facts, forms and lengths, once the sizes come to that of the file.
func readEntryHead(file *os.File, sum *xxh3.Hasher) (told, forms, lengths []byte, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, nil, nil, err
	}
	head := make([]byte, entryHead)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, nil, nil, errNotWhole
	}
	sizes, ok := bytes.CutPrefix(head, []byte(entryMagic))
	if !ok {
		return nil, nil, nil, errors.New("is of another format")
	}
	left := uint64(info.Size()) - uint64(entryHead)
	var size [4]uint64
	for i := range size {
		size[i] = binary.LittleEndian.Uint64(sizes[8*i:])
		if size[i] > left {
			return nil, nil, nil, errNotWhole
		}
		left -= size[i]
	}
	if left != entryTail {
		return nil, nil, nil, errNotWhole
	}
	all := make([]byte, size[0]+size[1]+size[2])
	if _, err := file.ReadAt(all, int64(entryHead)); err != nil {
		return nil, nil, nil, err
	}
	_, _ = sum.Write(head) // never an error
	_, _ = sum.Write(all)
	return all[:size[0]], all[size[0]:][:size[1]], all[size[0]+size[1]:], nil
}

// lay finds out where each shard's rows lie: buckets of one shard side by side.
func (e *entry) lay(at int64, lengths []byte, shards, base int) error {
	e.chunks = make([]chunk, shards)
	each := stateBuckets / shards
	for place := range stateBuckets {
		n, read := binary.Uvarint(lengths)
		if read <= 0 || n > 1<<50 {
			return errNotWhole
		}
		lengths = lengths[read:]
		c := &e.chunks[bucketAt(place)&(shards-1)]
		if place%each == 0 {
			*c = chunk{file: e.file, off: at, forms: e.forms, base: base}
		}
		c.size += int(n)
		at += int64(n)
	}
	info, err := e.file.Stat()
	if err != nil {
		return err
	}
	if len(lengths) > 0 || at != info.Size()-entryTail {
		return errNotWhole
	}
	return nil
}

// check reads the rows, compares the sum of the whole with what it should be, and keeps the sums of the
// shards' parts and the invoices that are looked for.
func (e *entry) check(sum *xxh3.Hasher, disputed map[string]*[]owner) error {
	shards := len(e.chunks)
	shift := 16 - (bits.Len(uint(shards)) - 1)
	var room []byte
	for i := range shards {
		c := &e.chunks[bits.Reverse16(uint16(i))>>shift] // in order of the file; shift of 16 gives shard 0
		if cap(room) < c.size {
			room = make([]byte, c.size)
		}
		rows := room[:c.size]
		if _, err := e.file.ReadAt(rows, c.off); err != nil {
			return err
		}
		c.sum = xxh3.Hash(rows)
		_, _ = sum.Write(rows)
		if disputed == nil {
			continue
		}
		err := scoring.EachInvoice(scoring.Blob{Rows: rows, Forms: e.forms}, func(v *scoring.Invoice) {
			if disputed[v.ID] != nil {
				met := *v
				met.ID, met.Customer = strings.Clone(v.ID), strings.Clone(v.Customer)
				e.met = append(e.met, met)
			}
		})
		if err != nil {
			return fmt.Errorf("%w: %w", errNotWhole, err)
		}
	}
	var tail [entryTail]byte
	info, err := e.file.Stat()
	if err != nil {
		return err
	}
	if _, err := e.file.ReadAt(tail[:], info.Size()-entryTail); err != nil {
		return err
	}
	if sum.Sum128().Bytes() != tail {
		return errNotWhole
	}
	return nil
}

// copy puts the rows into a store and closes the file.
func (e *entry) copy(to *store) error {
	defer e.file.Close()
	for shard, c := range e.chunks {
		if c.size == 0 {
			continue
		}
		rows := make([]byte, c.size)
		if _, err := e.file.ReadAt(rows, c.off); err != nil {
			return err
		}
		if xxh3.Hash(rows) != c.sum {
			return errNotWhole
		}
		if _, err := to.putFrom(shard, rows, e.forms, c.base); err != nil {
			return err
		}
	}
	return nil
}
