// Package table moves rows between files and batches of typed columns, Arrow arrays but for
// texts: text files (CSV, plain or compressed) and Parquet files in, batches and refused rows
// out. It knows no invoice.
//
// The other way, a Frame is a run of rows by columns (OutColumn), which a ParquetWriter or a CSVWriter
// puts into a file; ReadColumns reads such a file again.
//
// There are only a few types. A Schema of Columns declares what an export holds and
// Options how its files are written. Open gives a File; its Scan hands out a Batch at a
// time and ends with a Result, in which every row that could not be read is a Reject. A
// fault of the whole file is an Error.
//
// Nothing is inferred: a cell is read as its column's Type or its row is refused, with
// the file, row, line, column and cause. The same file gives the same rows and the same
// rejects whatever the number of workers.
package table

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MaxRejects is the number of refused rows past which Scan gives up on a file.
const MaxRejects = 1_000_000

// File is an export's file whose columns are known. It holds no open file and may be
// scanned more than once.
type File struct {
	path    string
	format  format
	ignored []string
	missing []string
}

// format is what a kind of file has to offer; openCSV and openParquet make them.
type format interface {
	columns() []string
	opened() os.FileInfo
	scan(ctx context.Context, workers int, fn func(int, *Batch) error) (Result, error)
	locate(ctx context.Context, places []int64) ([]Reject, error)
}

// Result is what a scan has to tell besides the rows.
type Result struct {
	Rows    int64    // data rows seen: good, refused and skipped
	Skipped int64    // rows without a value in a column of Options.Present
	Rejects []Reject // sorted by Place
	Bytes   int64    // size of the file as stored
	SHA256  [32]byte // of the file as stored
}

// Open looks at the header line of a text file or the footer of a Parquet file and checks
// that it has the schema's required columns. The kind follows from the name: .csv, .tsv
// and .txt, each also with .gz or .zst, are text, and .parquet is Parquet. The index is
// what batches and rejects carry as File. Errors are of type *Error.
func Open(path string, index int, schema Schema, opt Options) (f *File, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, &Error{File: path, Msg: fmt.Sprintf("is damaged (%v)", p)}
		}
	}()
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fileError(path, "", err)
	case !info.Mode().IsRegular():
		return nil, &Error{File: path, Msg: "is not a file"}
	case info.Size() == 0:
		return nil, &Error{File: path, Msg: "is empty", Hint: emptyHint}
	}
	var form format
	switch kindOf(path) {
	case textFile:
		form, err = openCSV(path, index, schema, opt)
	case parquetFile:
		form, err = openParquet(path, index, schema, opt)
	default:
		return nil, &Error{File: path, Msg: "has a name that tells no format",
			Hint: "names end in .csv, .tsv, .txt (also with .gz or .zst) or .parquet"}
	}
	if err != nil {
		return nil, err
	}
	f = &File{path: path, format: form}
	f.compare(schema, opt)
	return f, nil
}

// compare fills in which columns of the file and of the schema have no counterpart.
func (f *File) compare(schema Schema, opt Options) {
	names := f.format.columns()
	used := make([]bool, len(names))
	for _, c := range schema {
		at := findColumn(names, opt.nameOf(c.Name))
		switch {
		case len(at) > 0:
			used[at[0]] = true
		case !c.Required:
			f.missing = append(f.missing, c.Name)
		}
	}
	for i, name := range names {
		if !used[i] {
			f.ignored = append(f.ignored, name)
		}
	}
}

// Columns are the names found in the file, as written but for outer blanks.
func (f *File) Columns() []string { return slices.Clone(f.format.columns()) }

// Ignored are the columns of the file that the schema does not ask for.
func (f *File) Ignored() []string { return slices.Clone(f.ignored) }

// Missing are the optional columns of the schema, by canonical name, that the file does
// not have. Their cells are null in every batch.
func (f *File) Missing() []string { return slices.Clone(f.missing) }

// Scan reads all rows and calls fn from up to workers goroutines, each with its own number
// from 0 to workers-1, with batches in no particular order. An error of fn ends the scan and
// is returned as it is; so is the context's. Every other error is of type *Error: the file
// is damaged or cut short, it changed since Open, or more than MaxRejects rows were refused.
// A panic while decoding, on a file that defeats the decoder, is such an error too.
func (f *File) Scan(ctx context.Context, workers int, fn func(worker int, b *Batch) error) (Result, error) {
	return f.format.scan(ctx, max(workers, 1), fn)
}

// Size is the size of the file as stored, when it was opened.
func (f *File) Size() int64 { return f.format.opened().Size() }

// Hash is the SHA-256 of the file as stored, what a Result of Scan says of it, without reading its
// rows. An error but the context's is of type *Error: the file cannot be read, or changed since Open.
func (f *File) Hash(ctx context.Context) (sum [32]byte, err error) {
	err = hashFile(ctx, f.path, f.format.opened(), &sum)
	return sum, err
}

// Locate finds rows again by their Place, for rows that are refused only later, such as
// duplicates: File, Row, Line, Place and Raw of the rejects are filled, sorted by Place.
// It reads the file once more, up to the last of them.
func (f *File) Locate(ctx context.Context, places []int64) ([]Reject, error) {
	if len(places) == 0 {
		return nil, nil
	}
	places = slices.Clone(places)
	slices.Sort(places)
	return f.format.locate(ctx, slices.Compact(places))
}

const emptyHint = "was it written in full? an export without rows still has its header line"

// The kinds of file, told by name.
const (
	otherFile = iota
	textFile
	parquetFile
)

// kindOf tells the kind of a file by its name.
func kindOf(path string) int {
	name := strings.ToLower(filepath.Base(path))
	if strings.HasSuffix(name, ".parquet") {
		return parquetFile
	}
	switch filepath.Ext(strings.TrimSuffix(name, compression(name))) {
	case ".csv", ".tsv", ".txt":
		return textFile
	}
	return otherFile
}

// compression is the ending of a name that tells how the file is compressed, or "".
func compression(path string) string {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".gz", ".zst":
		return ext
	}
	return ""
}

// Expand turns a configured path (a file, a glob or a directory) into the sorted list of
// the files it stands for. Of a directory these are the files in it, not in its
// subfolders, whose names tell a format and do not start with a dot or an underscore. It is
// an error when there is none.
func Expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return expandFolder(path)
	case err == nil:
		return []string{path}, nil
	case !strings.ContainsAny(path, "*?["):
		return nil, fileError(path, "", err)
	}
	found, err := filepath.Glob(path)
	if err != nil {
		return nil, &Error{File: path, Msg: "is not a valid pattern", Err: err}
	}
	found = slices.DeleteFunc(found, func(p string) bool {
		info, err := os.Stat(p)
		return err != nil || info.IsDir()
	})
	if len(found) == 0 {
		return nil, &Error{File: path, Msg: "no file matches"}
	}
	slices.Sort(found)
	return found, nil
}

func expandFolder(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fileError(path, "", err)
	}
	var found []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || kindOf(name) == otherFile {
			continue
		}
		found = append(found, filepath.Join(path, name))
	}
	if len(found) == 0 {
		return nil, &Error{File: path, Msg: "the folder has no .csv, .tsv, .txt (also with .gz or .zst) or .parquet file"}
	}
	slices.Sort(found)
	return found, nil
}
