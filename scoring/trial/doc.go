// Package trial leaves things to the lot and reads what came of it: who is held out, who is drawn for a
// day, and what the difference in cash between two arms is worth. It knows numbers only.
//
// There are only a few types: a Unit is one customer or group in an arm, a Lift is the difference between the
// arms with its interval and how much more is needed to see it. Draw is the lot: a keyed hash, so that
// an assignment needs no memory and cannot be guessed without the key.
package trial

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// Draw are two independent numbers between 0 (included) and 1 for a purpose, a unit and a day (0 for what does
// not depend on one): HMAC-SHA256 of them under the salt.
func Draw(salt, purpose, unit string, day int32) (u, coin float64) {
	h := hmac.New(sha256.New, []byte(salt))
	h.Write([]byte(purpose))
	var at [5]byte // a byte 0 that ends the purpose, and the day
	binary.BigEndian.PutUint32(at[1:], uint32(day))
	h.Write(at[:])
	h.Write([]byte(unit))
	sum := h.Sum(nil)
	share := func(b []byte) float64 { return float64(binary.BigEndian.Uint64(b)>>11) / (1 << 53) }
	return share(sum), share(sum[8:])
}
