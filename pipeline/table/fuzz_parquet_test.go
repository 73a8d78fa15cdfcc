package table

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// FuzzParquetOpen opens and scans any bytes as a Parquet file: rows or an error that names the file,
// never a panic.
func FuzzParquetOpen(f *testing.F) {
	type row struct {
		ID    string  `parquet:"id"`
		Few   *string `parquet:"few,dict"`
		Money int64   `parquet:"money,decimal(2:18)"`
		Day   int32   `parquet:"day,date"`
	}
	few := "x"
	for _, o := range [][]parquet.WriterOption{nil, {parquet.Compression(&parquet.Snappy)}, {parquet.Compression(&parquet.Lz4Raw)}} {
		path := filepath.Join(f.TempDir(), "seed.parquet")
		if err := parquet.WriteFile(path, []row{{"1", &few, 1, 2}, {"2", nil, 3, 4}, {"3", &few, 5, 6}}, o...); err != nil {
			f.Fatal(err)
		}
		seed, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
		f.Add(seed[:len(seed)-9])
	}
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		path := filepath.Join(t.TempDir(), "t.parquet")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := scanFile(path, damageSchema, Options{}, 1)
		var e *Error
		switch {
		case err == nil && int64(len(s.rows)+len(s.Rejects)) != s.Rows:
			t.Fatalf("%d rows and %d rejects of %d", len(s.rows), len(s.Rejects), s.Rows)
		case err != nil && (!errors.As(err, &e) || e.File != path):
			t.Fatalf("an error of type %T: %v", err, err)
		}
	})
}

// FuzzParquetTexts reads texts of any file as the library does, where both accept it.
func FuzzParquetTexts(f *testing.F) {
	for _, path := range foreignFiles(f) {
		seed, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed, uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if len(data) > 1<<16 {
			return
		}
		path := filepath.Join(t.TempDir(), "t.parquet")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		compareTexts(t, path, Options{Null: []string{"two words"}}, rand.New(rand.NewPCG(seed, 7)))
	})
}
