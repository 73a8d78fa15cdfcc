package pipeline

import (
	"fmt"
	"os"
	"sync"

	"github.com/zeebo/xxh3"

	"kaishu/scoring"
)

// store keeps the encoded rows of every shard between routing and rebuilding: in memory up to
// a budget, beyond it in one temporary file. The file is unlinked as soon as it is open
// where the system allows, so that even a killed run leaves nothing behind. Rows that lie in a
// file already, those of a state folder, stay there.
type store struct {
	dir    string // where a spill file goes
	budget int64
	forms  *scoring.Forms // of the rows put

	mu      sync.Mutex
	shards  [][]chunk
	held    int64 // bytes in memory
	spill   *os.File
	spilled int64
	others  []*os.File // that chunks lie in, for close
}

// chunk is a run of encoded rows of one shard: in memory, or at off in a file.
type chunk struct {
	data []byte
	file *os.File
	off  int64
	size int
	sum  uint64

	forms *scoring.Forms // of the rows
	base  int            // that their files count from
}

func newStore(shards int, budget int64, dir string) *store {
	return &store{dir: dir, budget: budget, forms: new(scoring.Forms), shards: make([][]chunk, shards)}
}

// put adds rows to a shard. It reports whether it kept data itself, in which case the caller
// must not write to it again.
func (s *store) put(shard int, data []byte) (kept bool, err error) {
	return s.putFrom(shard, data, s.forms, 0)
}

// putFrom is put of rows in other forms, whose files count from base.
func (s *store) putFrom(shard int, data []byte, forms *scoring.Forms, base int) (kept bool, err error) {
	s.mu.Lock()
	if s.held+int64(len(data)) <= s.budget {
		s.held += int64(len(data))
		s.shards[shard] = append(s.shards[shard], chunk{data: data, size: len(data), forms: forms, base: base})
		s.mu.Unlock()
		return true, nil
	}
	if s.spill == nil {
		if s.spill, err = createSpill(s.dir); err != nil {
			s.mu.Unlock()
			return false, err
		}
	}
	off := s.spilled
	s.spilled += int64(pages(len(data)))
	file := s.spill
	s.shards[shard] = append(s.shards[shard], chunk{file: file, off: off, size: len(data), sum: xxh3.Hash(data), forms: forms, base: base})
	s.mu.Unlock()
	if whole := pages(len(data)); whole <= cap(data) {
		data = data[:whole]
	}
	if _, err := file.WriteAt(data, off); err != nil {
		return false, fmt.Errorf("spilling rows to %s: %w", file.Name(), err)
	}
	return false, nil
}

// spillPage is what chunks begin and mostly end at multiples of in the spill file: the system then takes whole pages,
// which costs it half of what pieces of pages do (writing, reading and dropping 600 MB in chunks of 16 KB: .37 s, not .67).
const spillPage = 4 << 10

// pages is a size rounded up to whole pages.
func pages(size int) int { return (size + spillPage - 1) &^ (spillPage - 1) }

// refer adds rows that lie in a file, the chunk of each shard, and keeps the file for close.
func (s *store) refer(file *os.File, chunks []chunk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.others = append(s.others, file)
	for shard, c := range chunks {
		if c.size > 0 {
			s.shards[shard] = append(s.shards[shard], c)
		}
	}
}

// take returns the chunks of a shard as read does, and forgets them: each shard is taken once.
func (s *store) take(shard int, room []byte) (blobs []scoring.Blob, grown []byte, err error) {
	blobs, grown, err = s.read(shard, room)
	s.shards[shard] = nil
	return blobs, grown, err
}

// read returns the chunks of a shard, after the last put. room is reused for chunks that lie in a file
// and returned, possibly grown. The bytes must not be changed.
func (s *store) read(shard int, room []byte) (blobs []scoring.Blob, grown []byte, err error) {
	chunks := s.shards[shard]
	need := 0
	for _, c := range chunks {
		if c.data == nil {
			need += c.size
		}
	}
	if cap(room) < need {
		room = make([]byte, need)
	}
	free := room[:need]
	for _, c := range chunks {
		if c.data != nil {
			blobs = append(blobs, scoring.Blob{Rows: c.data, Forms: c.forms, File: c.base})
			continue
		}
		part := free[:c.size]
		free = free[c.size:]
		if _, err := c.file.ReadAt(part, c.off); err != nil {
			return nil, room, fmt.Errorf("reading rows back from %s: %w", c.file.Name(), err)
		}
		if xxh3.Hash(part) != c.sum {
			return nil, room, fmt.Errorf("reading rows back from %s: the bytes at %d are not those written", c.file.Name(), c.off)
		}
		blobs = append(blobs, scoring.Blob{Rows: part, Forms: c.forms, File: c.base})
	}
	return blobs, room, nil
}

// close frees the files.
func (s *store) close() error {
	for _, f := range s.others {
		_ = f.Close() // only read from
	}
	if s.spill == nil {
		return nil
	}
	err := s.spill.Close()
	_ = os.Remove(s.spill.Name()) // gone already where unlinking an open file works
	return err
}

func createSpill(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for spilled rows: %w", err)
	}
	f, err := os.CreateTemp(dir, ".kaishu-spill-*")
	if err != nil {
		return nil, fmt.Errorf("opening a file for spilled rows: %w", err)
	}
	_ = os.Remove(f.Name()) // fails where open files cannot be unlinked; close removes it there
	return f, nil
}
