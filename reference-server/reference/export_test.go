package reference

import (
	"net"

	"imcheck/protocol/wire"
)

// Tap puts faults around a stream as a listener does; nil when none of them works
// on the streams of that transport.
func Tap(c net.Conn, t wire.Transport, faults ...Fault) net.Conn {
	return tapOf(Config{Faults: faults}, c, t)
}

// TapVariants does so with variants.
func TapVariants(c net.Conn, t wire.Transport, seed uint64, variants ...Variant) net.Conn {
	return tapOf(Config{Variants: variants, Seed: seed}, c, t)
}

func tapOf(config Config, c net.Conn, t wire.Transport) net.Conn {
	b := newBehaviour(config)
	if b.streams[t] == nil {
		return nil
	}
	return b.streams[t](c)
}
