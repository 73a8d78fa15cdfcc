package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// FrameRows is the number of rows per page of a ParquetWriter. Frames of just this many rows
// are written without being copied first.
const FrameRows = pageRows

// Rows are cut into pages and row groups at the same places whatever the frames they came
// in, so that the bytes of a file depend on its rows only.
const (
	pageRows     = 16 << 10
	rowGroupRows = 16 * pageRows
)

const (
	parquetMagic   = "PAR1"
	encryptedMagic = "PARE" // of a file whose footer is encrypted
)

// ParquetWriter writes frames as a Parquet file: zstd where it pays, dictionaries for texts
// that repeat, statistics per column chunk and page. Equal rows, columns and metadata give
// equal bytes. It encodes the columns of a page side by side on all processors.
//
// It is built on the format, thrift and encoding packages of parquet-go instead of that
// library's writer, which takes each cell as a Value of its own: more than twice the
// processor time for the tables written here.
type ParquetWriter struct {
	path    string
	file    *os.File
	columns []OutColumn
	held    *Frame    // less than a page of rows
	group   *RowGroup // being collected
	zip     *zstd.Encoder
	offset  int64
	begun   int64      // what the disk was told to take by now
	syncing chan error // the end of that, nil when nothing is under way
	footer  pq.FileMetaData
	indexes []pageIndex // of all row groups, in the order of the column chunks
	rows    int64
	err     error // the first error; nothing is written after it
}

// pageIndex says where the pages of a column chunk are and what they hold.
type pageIndex struct {
	columns pq.ColumnIndex
	offsets pq.OffsetIndex
}

// CreateParquet creates the file, or empties the one there. The metadata is kept in the
// file's footer, sorted by key.
func CreateParquet(path string, columns []OutColumn, meta map[string]string) (*ParquetWriter, error) {
	if len(columns) == 0 {
		panic("table: a Parquet file needs columns")
	}
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithZeroFrames(true), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, writeError(path, err)
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, writeError(path, err)
	}
	w := &ParquetWriter{path: path, file: file, columns: columns, held: NewFrame(columns)}
	w.footer = pq.FileMetaData{Version: 2, CreatedBy: "kaishu", Schema: schemaElements(columns)}
	w.zip = zip
	w.group = w.NewGroup()
	for range columns {
		w.footer.ColumnOrders = append(w.footer.ColumnOrders, pq.ColumnOrder{Value: &pq.TypeDefinedOrder{}})
	}
	for key, value := range meta {
		w.footer.KeyValueMetadata = append(w.footer.KeyValueMetadata, pq.KeyValue{Key: key, Value: value})
	}
	slices.SortFunc(w.footer.KeyValueMetadata, func(a, b pq.KeyValue) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	w.write([]byte(parquetMagic))
	return w, nil
}

// Write writes the rows of a frame with the writer's columns. The frame is the caller's
// again when Write returns.
func (w *ParquetWriter) Write(f *Frame) error {
	if !sameColumns(f.columns, w.columns) {
		panic("table: the frame has other columns than the file " + w.path)
	}
	n := f.rows()
	for from := 0; from < n && w.err == nil; {
		held := w.held.Len()
		if held == 0 && n-from >= pageRows {
			w.page(f, from, from+pageRows)
			from += pageRows
			continue
		}
		to := min(n, from+pageRows-held)
		w.held.appendRows(f, from, to)
		from = to
		if w.held.Len() == pageRows {
			w.page(w.held, 0, pageRows)
			w.held.Reset()
		}
	}
	return w.err
}

// Close writes what is left, waits until the disk has it, closes the file and returns the
// number of rows. After an error it only closes, and returns the error again.
func (w *ParquetWriter) Close() (int64, error) {
	if n := w.held.Len(); n > 0 {
		w.page(w.held, 0, n)
		w.held.Reset()
	}
	w.flush(w.group)
	w.finish()
	if w.syncing != nil {
		w.fail(<-w.syncing)
		w.syncing = nil
	}
	if w.err == nil {
		w.fail(w.file.Sync())
	}
	err := w.err
	if e := w.file.Close(); e != nil && err == nil {
		err = fmt.Errorf("closing %s: %w", w.path, e)
	}
	w.fail(errors.New("the file is closed"))
	return w.rows, err
}

// fail keeps the first error.
func (w *ParquetWriter) fail(err error) {
	if err != nil && w.err == nil {
		w.err = writeError(w.path, err)
	}
}

func (w *ParquetWriter) write(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.file.Write(b)
	w.offset += int64(n)
	w.fail(err)
	if w.offset-w.begun >= syncAhead {
		w.syncSome()
	}
}

// syncAhead is after how many bytes the disk is told to take them while more are being encoded: left to
// Close, the wait for 165 MB is 0.17 s in which nothing else is done.
const syncAhead = 32 << 20

// syncSome begins to sync what is written, unless the disk is still at it. What goes wrong is an error of the file, since
// the system may tell it only once.
func (w *ParquetWriter) syncSome() {
	if w.syncing == nil {
		w.syncing = make(chan error, 1)
	} else {
		select {
		case err := <-w.syncing:
			w.fail(err)
		default:
			return
		}
	}
	w.begun = w.offset
	go func(done chan<- error) { done <- w.file.Sync() }(w.syncing)
}

// page encodes rows from up to to of f as one page of each column.
func (w *ParquetWriter) page(f *Frame, from, to int) {
	if w.err != nil {
		return
	}
	workers := 1
	// A short page is done before another processor has woken up.
	if to-from > pageRows/8 {
		workers = runtime.GOMAXPROCS(0)
	}
	if err := w.group.page(f, from, to, workers); err != nil {
		w.fail(err)
		return
	}
	w.rows += int64(to - from)
	if w.group.rows == rowGroupRows {
		w.flush(w.group)
	}
}

// flush writes a row group, if there is anything in it, and empties it.
func (w *ParquetWriter) flush(g *RowGroup) {
	if g.rows == 0 || w.err != nil {
		return
	}
	ordinal := len(w.footer.RowGroups)
	if ordinal == math.MaxInt16 {
		w.fail(fmt.Errorf("more than %d rows", int64(math.MaxInt16)*rowGroupRows))
		return
	}
	group := pq.RowGroup{NumRows: g.rows, FileOffset: w.offset, Ordinal: int16(ordinal)}
	for i := range g.columns {
		c := &g.columns[i]
		dictionary, err := c.dictionaryPage(&g.rooms[0])
		if err != nil {
			w.fail(err)
			return
		}
		start := w.offset
		w.write(dictionary)
		meta, index := c.chunk(start, w.offset)
		w.write(c.pages)
		group.Columns = append(group.Columns, pq.ColumnChunk{MetaData: meta})
		group.TotalByteSize += meta.TotalUncompressedSize
		group.TotalCompressedSize += meta.TotalCompressedSize
		w.indexes = append(w.indexes, index)
	}
	w.footer.RowGroups = append(w.footer.RowGroups, group)
	w.footer.NumRows += g.rows
	g.reset()
}

// finish writes the page indexes and the footer.
func (w *ParquetWriter) finish() {
	chunk := func(i int) *pq.ColumnChunk {
		return &w.footer.RowGroups[i/len(w.columns)].Columns[i%len(w.columns)]
	}
	for i := range w.indexes {
		chunk(i).ColumnIndexOffset = w.offset
		chunk(i).ColumnIndexLength = int32(w.thrift(&w.indexes[i].columns))
	}
	for i := range w.indexes {
		chunk(i).OffsetIndexOffset = w.offset
		chunk(i).OffsetIndexLength = int32(w.thrift(&w.indexes[i].offsets))
	}
	if w.footer.RowGroups == nil {
		w.footer.RowGroups = []pq.RowGroup{} // the field is required
	}
	size := w.thrift(&w.footer)
	w.write(binary.LittleEndian.AppendUint32(nil, uint32(size)))
	w.write([]byte(parquetMagic))
}

// thrift writes a value in the compact protocol and returns its size.
func (w *ParquetWriter) thrift(v any) int {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	w.fail(err)
	w.write(b)
	return len(b)
}
