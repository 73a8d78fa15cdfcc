package table

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// encodings are the accepted values of Options.Encoding besides UTF-8. Their decoders put
// U+FFFD where the bytes make no character. The one for cp932 knows the extensions of
// NEC and IBM.
var encodings = []struct {
	name string
	enc  encoding.Encoding
}{
	{"cp932", japanese.ShiftJIS},
	{"euc-jp", japanese.EUCJP},
	{"utf-16", unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)},
	{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	{"windows-1252", charmap.Windows1252},
}

func isUTF8(encoding string) bool { return encoding == "" || strings.EqualFold(encoding, "utf-8") }

// largestWindow limits the memory that a zstd stream may ask for, as the zstd command does.
const largestWindow = 128 << 20

// input is a text file being read: its stored bytes on one side, its decoded text on the
// other. Of a plain UTF-8 file the two are the same, and whoever reads it hashes it.
type input struct {
	path   string
	file   *os.File
	text   io.Reader
	plain  bool
	zipped string // ending of the name that tells the compression
	sum    hash.Hash
	stored int64 // bytes hashed
	close  func()
}

// openInput opens a file for reading as text.
func openInput(path, encodingName string) (*input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, "", err)
	}
	in := &input{path: path, file: f, zipped: compression(path), sum: sha256.New()}
	in.close = func() { f.Close() }
	in.plain = in.zipped == "" && isUTF8(encodingName)
	if in.plain {
		in.text = f
		return in, nil
	}
	in.text = (*stored)(in)
	switch in.zipped {
	case ".gz":
		z, err := gzip.NewReader(in.text)
		if err != nil {
			in.close()
			return nil, in.failure(err)
		}
		in.text = z
	case ".zst":
		z, err := zstd.NewReader(in.text, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(largestWindow))
		if err != nil {
			in.close()
			return nil, in.failure(err)
		}
		in.text = z
		in.close = func() { z.Close(); f.Close() }
	}
	if !isUTF8(encodingName) {
		i := slices.IndexFunc(encodings, func(e struct {
			name string
			enc  encoding.Encoding
		}) bool {
			return strings.EqualFold(e.name, encodingName)
		})
		if i < 0 {
			in.close()
			return nil, &Error{File: path, Msg: fmt.Sprintf("encoding %q is not known", encodingName), Hint: "known are utf-8, cp932, euc-jp, utf-16, utf-16le, utf-16be and windows-1252"}
		}
		in.text = transform.NewReader(in.text, encodings[i].enc.NewDecoder())
	}
	return in, nil
}

// stored reads the bytes of a file as stored and hashes them in passing.
type stored input

func (s *stored) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	s.sum.Write(p[:n])
	s.stored += int64(n)
	return n, err
}

// failure explains an error of reading the text.
func (in *input) failure(err error) error {
	kind := map[string]string{".gz": "gzip", ".zst": "zstd"}[in.zipped]
	switch {
	case errors.Is(err, unicode.ErrMissingBOM):
		return &Error{File: in.path, Msg: "has no UTF-16 byte order mark", Hint: "set encoding: utf-16le or utf-16be"}
	case kind == "" || errors.Is(err, os.ErrClosed):
		return fileError(in.path, "reading", err)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return &Error{File: in.path, Msg: "the " + kind + " stream is truncated", Err: io.ErrUnexpectedEOF, Hint: "was the file cut short while it was written or copied?"}
	}
	e := fileError(in.path, "the "+kind+" stream is damaged", err)
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, zstd.ErrMagicMismatch) {
		e.Hint = "was all of it written by " + kind + "? a file that is not compressed has a name without " + in.zipped
	}
	return e
}

// drain reads the stored bytes that the decoders left alone.
func (in *input) drain() error {
	if in.plain {
		return nil
	}
	if _, err := io.Copy(io.Discard, (*stored)(in)); err != nil {
		return fileError(in.path, "reading", err)
	}
	return nil
}

// unchanged checks that the file is the one seen before.
func (in *input) unchanged(before os.FileInfo) error {
	now, err := in.file.Stat()
	if err != nil {
		return fileError(in.path, "", err)
	}
	if now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) || !os.SameFile(now, before) {
		return in.changed()
	}
	return nil
}

// reopen opens a file again and checks that it is the one seen before.
func reopen(path string, before os.FileInfo) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, "", err)
	}
	if err := (&input{path: path, file: f}).unchanged(before); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// hashFile reads a whole file as stored, which must be the one seen before.
func hashFile(ctx context.Context, path string, before os.FileInfo, sum *[32]byte) error {
	f, err := reopen(path, before)
	if err != nil {
		return err
	}
	defer f.Close()
	in := &input{path: path, file: f}
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for size := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		size += int64(n)
		if err == io.EOF {
			h.Sum(sum[:0])
			if size != before.Size() {
				return in.changed()
			}
			return in.unchanged(before)
		}
		if err != nil {
			return fileError(path, "reading", err)
		}
	}
}

func (in *input) changed() error {
	return &Error{File: in.path, Msg: "changed while it was read", Hint: "start after the export has been written"}
}
