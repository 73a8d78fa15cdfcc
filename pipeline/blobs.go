package pipeline

import (
	"bytes"
	"fmt"
	"os"
	"sync"

	"github.com/zeebo/xxh3"
)

// blobs keeps pieces of bytes that are read more than once: in memory up to a budget, beyond it in one
// temporary file, which is unlinked as soon as it is open where the system allows that.
type blobs struct {
	budget int64
	dir    string // of the file

	mu   sync.Mutex
	held int64
	file *os.File
	size int64
}

// blob is one piece: its bytes, or where they lie in the file.
type blob struct {
	data []byte
	off  int64
	size int
	sum  uint64
}

// put keeps a copy of a piece.
func (s *blobs) put(data []byte) (b blob, err error) {
	s.mu.Lock()
	if s.held+int64(len(data)) <= s.budget {
		s.held += int64(len(data))
		s.mu.Unlock()
		return blob{data: bytes.Clone(data), size: len(data)}, nil
	}
	if s.file == nil {
		if s.file, err = createSpill(s.dir); err != nil {
			s.mu.Unlock()
			return blob{}, err
		}
	}
	b = blob{off: s.size, size: len(data), sum: xxh3.Hash(data)}
	s.size += int64(len(data))
	s.mu.Unlock()
	if _, err := s.file.WriteAt(data, b.off); err != nil {
		return blob{}, cannotSpill("spilling accounts", err)
	}
	return b, nil
}

// get returns the bytes of a piece, which must not be changed: its own, or read into room, which is returned,
// possibly grown.
func (s *blobs) get(b *blob, room []byte) (data, grown []byte, err error) {
	if b.data != nil || b.size == 0 {
		return b.data, room, nil
	}
	if cap(room) < b.size {
		room = make([]byte, b.size)
	}
	data = room[:b.size]
	if _, err := s.file.ReadAt(data, b.off); err != nil {
		return nil, room, fmt.Errorf("reading accounts back from %s: %w", s.file.Name(), err)
	}
	if xxh3.Hash(data) != b.sum {
		return nil, room, fmt.Errorf("reading accounts back from %s: the bytes at %d are not those written", s.file.Name(), b.off)
	}
	return data, room, nil
}

// drop forgets a piece and gives the memory it held back to the budget.
func (s *blobs) drop(b *blob) {
	if b.data != nil {
		s.mu.Lock()
		s.held -= int64(len(b.data))
		s.mu.Unlock()
	}
	*b = blob{}
}

// close frees the file.
func (s *blobs) close() error { return closeSpill(s.file) }
