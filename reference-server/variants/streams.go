package variants

import (
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/websocket"
	"imcheck/reference-server/behaviour"
)

// violationVariants close on a violation in other ways than RFC 6455 says.
func violationVariants() []Variant {
	closedBy := func(how websocket.Violations) func(*transport.Quirks) {
		return func(q *transport.Quirks) { q.Violations = how }
	}
	return []Variant{
		{Name: "close-frames-two", Freedom: violationsOpen, Does: "sends a second close frame with 1000 after the first", FallsShort: true, Listener: closedBy(websocket.ClosedTwice)},
		{Name: "close-frame-1000-only", Freedom: violationsOpen, Does: "closes with 1000 whatever the violation", FallsShort: true, Listener: closedBy(websocket.ClosedWith1000)},
		{Name: "close-reset", Freedom: closesAsItCan, Does: "ends a connection with a reset after a violation or a length that is refused",
			Listener: func(q *transport.Quirks) { q.ResetOnViolation = true }},
		{Name: "reserved-bits-ignored", Freedom: "the reserved bits are not checked", Does: "accepts WebSocket frames with reserved bits", FallsShort: true,
			Listener: func(q *transport.Quirks) { q.ReservedBitsIgnored = true }},
	}
}

// streamVariants split and join what is written to streams.
func streamVariants() []Variant {
	return []Variant{
		{Name: "bytes-one-by-one", Freedom: streamsAsBytes, Does: "writes the first 2 KiB of everything byte by byte",
			Streams: byteByByte},
		{Name: "writes-split-odd", Freedom: streamsAsBytes, Does: "cuts writes at random",
			Streams: anywhere},
		{Name: "writes-joined", Freedom: streamsAsBytes, Does: "holds writes for 20 ms and joins them", Streams: joinedWrites},
	}
}

// datagramVariants impair the path of datagrams.
func datagramVariants() []Variant {
	return []Variant{
		{Name: "datagrams-lost", Freedom: udpLoses, Does: "loses 5 % of the datagrams in either direction", Loses: true,
			Path: func(p *behaviour.Path) { p.Loss = 0.05 }},
		{Name: "datagrams-doubled", Freedom: udpLoses, Does: "duplicates 10 % of the datagrams in either direction", Loses: true,
			Path: func(p *behaviour.Path) { p.Duplication = 0.1 }},
		{Name: "datagrams-reordered", Freedom: udpLoses, Does: "delays 10 % of the datagrams in either direction by up to 20 ms", Loses: true,
			Path: func(p *behaviour.Path) { p.Reordering = 0.1 }},
		{Name: "datagrams-late", Freedom: udpLoses, Does: "is up to 80 ms late with datagrams in either direction", Loses: true,
			Path: func(p *behaviour.Path) { p.Jitter = 80 * time.Millisecond }},
		{Name: "deaf-after-end", Freedom: "what comes right after the end of a UDP session is lost", Does: "loses datagrams for 100 ms after one that ended its session", Loses: true,
			Policy: func(c *server.Config) { c.Policy.DeafTime = max(c.Policy.DeafTime, 100*time.Millisecond) }},
	}
}
