package table

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packed compresses text as the ending of a name says.
func packed(t *testing.T, ending, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch ending {
	case ".gz":
		w = gzip.NewWriter(&b)
	case ".zst":
		var err error
		if w, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	default:
		return text
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestResultIsOfTheFileAsStored(t *testing.T) {
	text := "invoice_id,due_date,amount\n" + strings.Repeat("1,2024-01-01,5\n", 50000)
	for _, ending := range []string{"", ".gz", ".zst"} {
		stored := packed(t, ending, text)
		f, err := Open(textFileOf(t, "x.csv"+ending, stored), 3, messySchema, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		r, err := f.Scan(context.Background(), 1, func(_ int, b *Batch) error {
			if b.File != 3 {
				t.Errorf("file %d", b.File)
			}
			rows += b.Rows()
			return nil
		})
		if err != nil || rows != 50000 || r.Rows != 50000 || r.Bytes != int64(len(stored)) || r.SHA256 != sha256.Sum256([]byte(stored)) {
			t.Errorf("%s: %d rows, %+v, %v", ending, rows, r, err)
		}
		if sum, err := f.Hash(context.Background()); err != nil || sum != r.SHA256 || f.Size() != r.Bytes {
			t.Errorf("%s: without its rows %x of %d bytes, %v", ending, sum, f.Size(), err)
		}
	}
}

func TestDamagedFilesAreErrors(t *testing.T) {
	text := "invoice_id,due_date,amount\n" + strings.Repeat("1,2024-01-01,5\n", 50000)
	random := text
	for i := range 3000 { // keeps the compressed file from being tiny
		random += time.Unix(int64(i*i*7919), 0).UTC().Format("200601021504,2006-01-02,05.04\n")
	}
	gz, zst := packed(t, ".gz", random), packed(t, ".zst", random)
	for _, c := range []struct{ name, stored, want, hint string }{
		{"a.csv", "", "is empty", "header line"},
		{"a.csv", "\uFEFF\n\r\n", "is empty", "header line"},
		{"a.csv.gz", packed(t, ".gz", ""), "is empty", "header line"},
		{"a.csv.gz", gz[:len(gz)-1], "the gzip stream is truncated: unexpected EOF", "cut short"},
		{"a.csv.gz", gz[:len(gz)/2], "the gzip stream is truncated", "cut short"},
		{"a.csv.gz", gz[:5], "the gzip stream is truncated", "cut short"},
		{"a.csv.gz", text, "the gzip stream is damaged", "without .gz"},
		{"a.csv.gz", gz + text, "the gzip stream is damaged", "written by gzip"},
		{"a.csv.zst", zst[:len(zst)-1], "the zstd stream is truncated", "cut short"},
		{"a.csv.zst", zst[:len(zst)/2], "the zstd stream is truncated", "cut short"},
		{"a.csv.zst", text, "the zstd stream is damaged", "without .zst"},
		{"a.csv", gz, "is not a text file", "end in .gz"},
		{"a.csv", "PAR1\x00\x00abc", "is not a text file", "end in .parquet"},
		{"a.csv", "\xff\xfei\x00d\x00", "is not a text file", "encoding: utf-16"},
		{"a.csv", "a,b\nx,\x00\n", "is not a text file", ""},
		{"a.csv", "a,b\nx,1\n", `no column "invoice_id"; the file has: a, b`, "columns:"},
		{"a.csv", "invoice_id|due_date\nx|1\n", `no column "invoice_id"; the file has: invoice_id|due_date`, "delimiter"},
		{"a.csv", "\x93\xbe\x88\xd3,b\nx,1\n", `no column "invoice_id"`, "encoding"},
		{"a.csv", "invoice_id,a,Invoice_ID,invoice_id\n", `invoice_id: the file has 2 columns named "invoice_id"`, "rename"},
		{"a.csv", "\n\"invoice_id,a\n1,2\n", "a.csv:2: the header line: " + causeQuote, ""},
		{"a.csv", "a,\"b\r\nc\"\nx,1\n", `the file has: a, "b\r\nc"`, "columns:"},
		{"a.csv", "invoice_id,a\r1,2\r", "a.csv:1: the header line: has a CR that no LF follows", "LF or CRLF"},
		{"a.csv", "invoice_id,a\r,b\n1,2,3\n", "a.csv:1: the header line: has a CR that no LF follows", "LF or CRLF"},
		{"a.csv", strings.Repeat("x", 2<<20), "the header line does not end within", ""},
		{"a.csv", "invoice_id\n" + strings.Repeat("x", longestRow+2<<20), "longer than 16 MiB", ""},
		{"a.xlsx", "x", "has a name that tells no format", ".csv"},
	} {
		f, err := Open(textFileOf(t, c.name, c.stored), 0, messySchema, Options{})
		if err == nil {
			_, err = f.Scan(context.Background(), 2, func(int, *Batch) error { return nil })
		}
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.name) || !strings.Contains(err.Error(), c.want) || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%s with %.20q: %+v, want %s (%s)", c.name, c.stored, err, c.want, c.hint)
		}
	}
}

func TestWrongNamesUnderColumnsAreAllListed(t *testing.T) {
	opt := Options{Columns: map[string]string{"due_date": "期日", "amount": "金額"}}
	_, err := Open(textFileOf(t, "a.csv", "invoice_id\n"), 0, messySchema, opt)
	if err == nil || !strings.Contains(err.Error(), `no column "期日" (for due_date), "金額" (for amount)`) {
		t.Error(err)
	}
}

// As spreadsheets write a heading that somebody broke into two lines.
func TestAHeadingInQuotesMayHoldAnyLineEnd(t *testing.T) {
	for _, end := range []string{"\r", "\n", "\r\n"} {
		text := "x,\"Rechnungs" + end + "nummer\",\"due" + end + "\",\"amount\"\r\n1,A7,2024-01-02,5\r\n"
		f, err := Open(textFileOf(t, "a.csv", text), 0, messySchema, Options{Columns: map[string]string{"invoice_id": "Rechnungs" + end + "nummer"}})
		if err != nil {
			t.Fatalf("%q: %v", end, err)
		}
		var got []string
		r, err := f.Scan(context.Background(), 1, func(_ int, b *Batch) error {
			got = append(got, strings.Clone(b.Strings(0)[0]))
			return nil
		})
		if err != nil || r.Rows != 1 || len(got) != 1 || got[0] != "A7" || f.Columns()[1] != "Rechnungs"+end+"nummer" {
			t.Errorf("%q: %q of columns %q, %v", end, got, f.Columns(), err)
		}
	}
}

func TestHeaderOnlyIsFine(t *testing.T) {
	for _, text := range []string{"invoice_id,x", "invoice_id,x\n", "\r\ninvoice_id,x\r\n\r\n"} {
		f, err := Open(textFileOf(t, "a.csv", text), 0, messySchema, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := f.Scan(context.Background(), 1, nil); err != nil || r.Rows != 0 {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
		if !slices.Equal(f.Columns(), []string{"invoice_id", "x"}) || !slices.Equal(f.Ignored(), []string{"x"}) || !slices.Equal(f.Missing(), []string{"due_date", "amount"}) {
			t.Error(f.Columns(), f.Ignored(), f.Missing())
		}
	}
}

func TestFileThatChangesWhileItIsReadIsAnError(t *testing.T) {
	text := "invoice_id\n" + strings.Repeat("1\n", 200000)
	for name, change := range map[string]func(path string) error{
		"longer": func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString("2\n")
			return err
		},
		"shorter": func(path string) error { return os.Truncate(path, 20) },
		"touched": func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1e9, 0)) },
		"replaced": func(path string) error {
			if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
	} {
		for _, during := range []bool{false, true} {
			if during && name == "replaced" {
				continue // what is open stays whole
			}
			path := textFileOf(t, "a.csv", text)
			f, err := openCSV(path, 0, messySchema[:1], Options{})
			if err != nil {
				t.Fatal(err)
			}
			f.(*csvFile).block = 1000
			if !during {
				if err := change(path); err != nil {
					t.Fatal(err)
				}
			}
			if !during {
				if _, err := (&File{path: path, format: f}).Hash(context.Background()); err == nil || !strings.Contains(err.Error(), "changed while it was read") {
					t.Errorf("%s, before it was hashed: %v", name, err)
				}
			}
			changed := false
			_, err = f.scan(context.Background(), 1, func(int, *Batch) error {
				if !changed && during {
					changed = true
					return change(path)
				}
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), "changed while it was read") {
				t.Errorf("%s, during the scan %v: %v", name, during, err)
			}
		}
	}
}

func TestExpandListsFilesInOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.csv", "a.csv.gz", "c.parquet", "notes.md", ".hidden.csv", "_SUCCESS.csv", "x[1].csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "d.csv"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want []string
	}{
		{"", []string{"a.csv.gz", "b.csv", "c.parquet", "x[1].csv"}},
		{"b.csv", []string{"b.csv"}},
		{"x[1].csv", []string{"x[1].csv"}},
		{"[ab].csv*", []string{"a.csv.gz", "b.csv"}},
		{"none*.csv", nil}, {"none.csv", nil}, {"d.csv", nil}, {"[", nil},
	} {
		got, err := Expand(filepath.Join(dir, c.path))
		for i := range got {
			got[i] = filepath.Base(got[i])
		}
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %q, %v", c.path, got, err)
		}
	}
	if _, err := Expand(filepath.Join(dir, "none.csv")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
