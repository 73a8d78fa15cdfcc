package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// sampleEntry writes an entry of the invoices of some customers and returns its path and key, and the
// invoices as they were encoded, sorted.
func sampleEntry(t testing.TB, dir string, customers []string) (string, *stateKey, []string) {
	t.Helper()
	rows := newStore(stateBuckets, 1<<30, dir)
	l := newLane(rows, 64, 64)
	var all []string
	for i, c := range customers {
		v := scoring.Invoice{Customer: c, ID: fmt.Sprint("I-", i), Issue: 20000, Due: scoring.NoDay, Known: scoring.NoDay, Pos: scoring.MakePos(0, int64(i))}
		at := l.shard(scoring.CustomerHash(c))
		if err := l.keep(at, l.rows.AppendInvoice(l.buffer(at), scoring.CustomerHash(c), &v)); err != nil {
			t.Fatal(err)
		}
		all = append(all, string(scoring.AppendInvoice(nil, &v)))
	}
	slices.Sort(all)
	if err := l.flush(); err != nil {
		t.Fatal(err)
	}
	k := &stateKey{reading: "reading", sum: strings.Repeat("ab", 32), size: 7}
	facts := &stateFacts{Reading: k.reading, SHA256: k.sum, Bytes: k.size, Latest: 20000}
	var file bytes.Buffer
	if err := writeEntry(&file, facts, rows); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "entry")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, k, all
}

func TestEntriesServeAnyNumberOfShards(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		customers := rapid.SliceOfN(rapid.StringN(0, 8, 20), 0, 40).Draw(rt, "customers")
		shards := shardsForState(rapid.IntRange(0, 3000).Draw(rt, "shards"))
		base := rapid.IntRange(0, 1000).Draw(rt, "base")
		path, k, want := sampleEntry(t, dir, customers)
		e, err := openEntry(path, k, shards, base, nil)
		if err != nil {
			rt.Fatal(err)
		}
		referred, copied := newStore(shards, 1<<30, dir), newStore(shards, 1<<30, dir)
		referred.refer(e.file, e.chunks)
		defer referred.close()
		again, err := openEntry(path, k, shards, base, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if err := again.copy(copied); err != nil {
			rt.Fatal(err)
		}
		for _, s := range []*store{referred, copied} {
			if got := storedRows(rt, s, base); !slices.Equal(got, want) {
				rt.Fatalf("%d shards: %d rows of %d", shards, len(got), len(want))
			}
		}
	})
}

// storedRows are the invoices of a store, encoded as of file 0 and sorted. Each must be in its shard and of the
// file base.
func storedRows(t *rapid.T, s *store, base int) []string {
	var all []string
	var r scoring.RowReader
	for shard := range s.shards {
		blobs, _, err := s.take(shard, nil)
		if err != nil {
			t.Fatal(err)
		}
		customers, err := r.Open(blobs)
		if err != nil {
			t.Fatal(err)
		}
		for range customers {
			rows, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if got := int(scoring.CustomerHash(rows.Customer) % uint64(len(s.shards))); got != shard {
				t.Fatalf("%q is in shard %d, not %d", rows.Customer, shard, got)
			}
			for _, v := range rows.Invoices {
				if v.Pos.File() != base {
					t.Fatalf("%q is of file %d, not %d", v.ID, v.Pos.File(), base)
				}
				v.Pos = scoring.MakePos(0, v.Pos.Place())
				all = append(all, string(scoring.AppendInvoice(nil, &v)))
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestShardsForStateArePowersOfTwo(t *testing.T) {
	for shards, want := range map[int]int{-1: 1, 0: 1, 1: 1, 2: 2, 3: 4, 512: 512, 513: 1024, 1024: 1024, 4096: 1024} {
		if got := shardsForState(shards); got != want {
			t.Errorf("%d shards become %d, want %d", shards, got, want)
		}
	}
}

func TestEveryDamagedByteOfAnEntryIsFound(t *testing.T) {
	dir := t.TempDir()
	path, k, _ := sampleEntry(t, dir, []string{"A", "B", "C", "D"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	refused := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if e, err := openEntry(path, k, 4, 0, map[string]*[]owner{"I-1": nil}); err == nil {
			e.file.Close()
			t.Errorf("%s: taken for whole", what)
		}
	}
	for i, was := range whole {
		_, err := file.WriteAt([]byte{was ^ 1<<(i%8)}, int64(i))
		refused(fmt.Sprintf("byte %d of %d", i, len(whole)), err)
		if _, err := file.WriteAt([]byte{was}, int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := openEntry(path, k, 4, 0, nil); err != nil {
		t.Fatalf("whole again: %v", err)
	} else {
		e.file.Close()
	}
	_, err = file.WriteAt(whole, int64(len(whole)))
	refused("twice", err)
	refused("one more byte", file.Truncate(int64(len(whole)+1)))
	for i := len(whole) - 1; i >= 0; i -= 1 + i/50 {
		refused(fmt.Sprintf("cut to %d", i), file.Truncate(int64(i)))
	}
}

func TestAnEntryOfOtherOriginIsNotUsed(t *testing.T) {
	path, k, _ := sampleEntry(t, t.TempDir(), []string{"A"})
	for name, other := range map[string]stateKey{
		"read otherwise": {reading: "otherwise", sum: k.sum, size: k.size},
		"other bytes":    {reading: k.reading, sum: strings.Repeat("cd", 32), size: k.size},
		"another size":   {reading: k.reading, sum: k.sum, size: 8},
	} {
		if e, err := openEntry(path, &other, 1, 0, nil); err == nil {
			e.file.Close()
			t.Errorf("%s: used", name)
		}
	}
}

// short is a disk with room for so many bytes.
type short struct{ room int }

func (s *short) Write(p []byte) (int, error) {
	if s.room -= len(p); s.room < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestAnEntryThatDoesNotFitIsAnError(t *testing.T) {
	for _, room := range []int{0, 100, 1 << 20} {
		rows := newStore(stateBuckets, 1<<30, "")
		if _, err := rows.put(7, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		if err := writeEntry(&short{room}, &stateFacts{}, rows); err == nil {
			t.Errorf("an entry of more than a megabyte was written to %d bytes", room)
		}
	}
}

// What a file gave besides its rows comes back for whatever place it has in the run.
func TestFactsComeBackForAnyFile(t *testing.T) {
	jpy, err := scoring.ParseCurrency("JPY")
	if err != nil {
		t.Fatal(err)
	}
	text := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }) // any bytes
	rapid.Check(t, func(rt *rapid.T) {
		file := rapid.IntRange(0, 9).Draw(rt, "file")
		r := table.Result{Rows: rapid.Int64Range(0, 1<<40).Draw(rt, "rows"), Skipped: 3, Bytes: 12}
		copy(r.SHA256[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "sum"))
		lanes := []*lane{newLane(newStore(1, 0, ""), 0, 0), newLane(newStore(1, 0, ""), 0, 0)}
		for i := range rapid.IntRange(0, 4).Draw(rt, "rejects") {
			r.Rejects = append(r.Rejects, table.Reject{Row: int64(i), Line: 2, Place: 3, Column: "amount", Cause: text.Draw(rt, "cause"), Raw: text.Draw(rt, "raw")})
			l := lanes[i%2]
			l.refused = append(l.refused, lateReject{place: int64(i), column: "currency", cause: text.Draw(rt, "cause")})
			l.count(readInvoices, jpy, scoring.Decimal{Mantissa: rapid.Int64().Draw(rt, "amount")})
			l.count(readPayments, scoring.NoCurrency, scoring.Decimal{Mantissa: 5})
			l.fact(scoring.Day(rapid.Int32().Draw(rt, "day")))
		}
		told := factsOf(&r, lanes)
		k := &stateKey{reading: "r", sum: told.SHA256, size: 12}
		told.Reading = "r"
		var entry bytes.Buffer
		if err := writeEntry(&entry, told, newStore(stateBuckets, 0, "")); err != nil {
			rt.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "e")
		if err := os.WriteFile(path, entry.Bytes(), 0o600); err != nil {
			rt.Fatal(err)
		}
		e, err := openEntry(path, k, 1, 0, nil)
		if err != nil {
			rt.Fatal(err)
		}
		defer e.file.Close()

		want, one := night{}, night{asOf: 1}
		want.asOf = 1
		for _, l := range lanes {
			for i := range l.refused {
				l.refused[i].file = file
			}
		}
		if err := want.gather(lanes); err != nil {
			rt.Fatal(err)
		}
		l := newLane(newStore(1, 0, ""), 0, 0)
		e.facts.tell(l, file)
		if err := one.gather([]*lane{l}); err != nil {
			rt.Fatal(err)
		}
		if fmt.Sprint(want.late, want.latest) != fmt.Sprint(one.late, one.latest) {
			rt.Fatalf("%v %v, want %v %v", one.late, one.latest, want.late, want.latest)
		}
		for i := range want.totals {
			for c, sum := range want.totals[i] {
				if got := one.totals[i][c]; got == nil || *got != *sum || len(one.totals[i]) != len(want.totals[i]) {
					rt.Fatalf("%v: %+v, want %+v", c, got, sum)
				}
			}
		}
		for i := range r.Rejects {
			r.Rejects[i].File = file
		}
		if got := e.facts.result(file); fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", r) {
			rt.Fatalf("%#v\nwant %#v", got, r)
		}
	})
}
