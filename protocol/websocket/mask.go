package websocket

import (
	"encoding/binary"
	"math/rand/v2"
)

// newMask picks a masking key. Clients have to choose keys that their users
// cannot predict (RFC 6455 §5.3), which the random source of the runtime is.
func newMask() (mask [4]byte) {
	binary.LittleEndian.PutUint32(mask[:], rand.Uint32())
	return mask
}

// applyMask masks a payload in place, or unmasks it (RFC 6455 §5.3).
func applyMask(payload []byte, mask [4]byte) {
	word := uint64(binary.LittleEndian.Uint32(mask[:]))
	word |= word << 32
	for len(payload) >= 32 { // several times as fast as word by word
		b := payload[:32]
		binary.LittleEndian.PutUint64(b[0:], binary.LittleEndian.Uint64(b[0:])^word)
		binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(b[8:])^word)
		binary.LittleEndian.PutUint64(b[16:], binary.LittleEndian.Uint64(b[16:])^word)
		binary.LittleEndian.PutUint64(b[24:], binary.LittleEndian.Uint64(b[24:])^word)
		payload = payload[32:]
	}
	for len(payload) >= 8 {
		binary.LittleEndian.PutUint64(payload, binary.LittleEndian.Uint64(payload)^word)
		payload = payload[8:]
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
}
