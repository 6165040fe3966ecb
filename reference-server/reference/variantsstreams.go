package reference

import (
	"sync/atomic"
	"time"

	"imcheck/protocol/websocket"
)

// violationVariants close on a violation otherwise than RFC 6455 has it.
func violationVariants() []Variant {
	closedBy := func(how websocket.Violations) func(*behaviour) {
		return func(b *behaviour) { b.listening.Violations = how }
	}
	return []Variant{
		{Name: "close-frames-two", Freedom: violationsOpen, Does: "sends a second close frame with 1000 after the first", FallsShort: true, apply: closedBy(websocket.ClosedTwice)},
		{Name: "close-frame-1000-only", Freedom: violationsOpen, Does: "closes with 1000 whatever the violation", FallsShort: true, apply: closedBy(websocket.ClosedWith1000)},
		{Name: "close-reset", Freedom: closesAsItCan, Does: "ends a connection with a reset after a violation or a length that is refused",
			apply: func(b *behaviour) { b.listening.ResetOnViolation = true }},
		{Name: "reserved-bits-ignored", Freedom: "the reserved bits are not looked at", Does: "takes WebSocket frames with reserved bits", FallsShort: true,
			apply: func(b *behaviour) { b.listening.ReservedBitsIgnored = true }},
	}
}

// streamVariants write streams in other pieces.
func streamVariants() []Variant {
	return []Variant{
		{Name: "bytes-one-by-one", Freedom: streamsAsBytes, Does: "writes the first 2 KiB of everything byte by byte",
			apply: chop(func() func(done, left int) int { return byteByByte })},
		{Name: "writes-split-odd", Freedom: streamsAsBytes, Does: "cuts writes at random",
			apply: func(b *behaviour) {
				var streams atomic.Uint64
				chop(func() func(done, left int) int { return anywhere(b.Seed, &streams) })(b)
			}},
		{Name: "writes-joined", Freedom: streamsAsBytes, Does: "holds writes for 20 ms and joins them", apply: onStreams(newJoining)},
	}
}

// datagramVariants have a bad path.
func datagramVariants() []Variant {
	return []Variant{
		{Name: "datagrams-lost", Freedom: udpLoses, Does: "loses 5 % of the datagrams in either direction", Loses: true,
			apply: func(b *behaviour) { b.path.lost = 0.05 }},
		{Name: "datagrams-doubled", Freedom: udpLoses, Does: "doubles 10 % of the datagrams in either direction", Loses: true,
			apply: func(b *behaviour) { b.path.doubled = 0.1 }},
		{Name: "datagrams-reordered", Freedom: udpLoses, Does: "holds 10 % of the datagrams in either direction for up to 20 ms", Loses: true,
			apply: func(b *behaviour) { b.path.reordered = 0.1 }},
		{Name: "datagrams-late", Freedom: udpLoses, Does: "is up to 80 ms late with datagrams in either direction", Loses: true,
			apply: func(b *behaviour) { b.path.jitter = 80 * time.Millisecond }},
		{Name: "deaf-after-end", Freedom: "what comes right after the end of a UDP session is lost", Does: "loses datagrams for 100 ms after one that ended its session", Loses: true,
			apply: func(b *behaviour) { b.Policy.DeafTime = max(b.Policy.DeafTime, 100*time.Millisecond) }},
	}
}
