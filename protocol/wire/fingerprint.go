package wire

import (
	"crypto/rand"
	"encoding/hex"
)

// NewFingerprint returns a unique id for a QoS message: a random UUID in its
// usual form, as the clients in the field use (docs/protocol.md §1).
func NewFingerprint() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	id[6] = id[6]&0x0F | 0x40
	id[8] = id[8]&0x3F | 0x80
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
