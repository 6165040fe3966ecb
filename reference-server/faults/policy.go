package faults

import (
	"math"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// expiryFaults get the expiry time of §3 wrong by a second, each on one transport.
func expiryFaults() (faults []Fault) {
	for _, t := range wire.Transports {
		faults = append(faults,
			Fault{Name: "expiry-early-" + t.String(), Does: "sessions on " + t.String() + " expire a second early",
				Policy: func(c *server.Config) { c.Policy.Expiry[t] -= time.Second }},
			Fault{Name: "expiry-late-" + t.String(), Does: "sessions on " + t.String() + " expire a second late",
				Policy: func(c *server.Config) { c.Policy.Expiry[t] += time.Second }})
	}
	return faults
}

// qosFaults break the retransmission and the dedup of §4.
func qosFaults() []Fault {
	return []Fault{
		{Name: "retransmission-missing", Does: "unacknowledged messages are not sent again", Policy: func(c *server.Config) { c.Policy.Retransmission.Retries = 0 }},
		{Name: "retransmission-twice", Does: "unacknowledged messages are sent again twice", Policy: func(c *server.Config) { c.Policy.Retransmission.Retries = 2 }},
		{Name: "retransmission-endless", Does: "unacknowledged messages are sent again at every sweep", Policy: func(c *server.Config) { c.Policy.Retransmission.Retries = math.MaxInt }},
		{Name: "retransmission-late", Does: "unacknowledged messages are sent again only after 7.5 s", Policy: func(c *server.Config) { c.Policy.Retransmission.MinAge = 7500 * time.Millisecond }},
		{Name: "retransmission-early", Does: "unacknowledged messages are sent again within a second", Policy: func(c *server.Config) {
			c.Policy.Retransmission.MinAge, c.Policy.Retransmission.Sweep = 0, time.Second
		}},
		{Name: "dedup-too-short", Does: "fingerprints are forgotten within 200 ms", Policy: func(c *server.Config) {
			c.Policy.DedupMemory, c.Policy.DedupSweep = 100*time.Millisecond, 100*time.Millisecond
		}},
		{Name: "dedup-memory-short", Does: "fingerprints are forgotten after 4 minutes", Policy: func(c *server.Config) { c.Policy.DedupMemory = 4 * time.Minute }},
		{Name: "dedup-memory-long", Does: "fingerprints are remembered for a day", Policy: func(c *server.Config) { c.Policy.DedupMemory = 24 * time.Hour }},
	}
}

// limitFaults get the size of the largest message (§2) wrong by a byte.
func limitFaults() []Fault {
	shift := func(t wire.Transport, by int) func(*server.Config) {
		return func(c *server.Config) { c.Limits.MaxMessage[t] = t.MaxMessage() + by }
	}
	return []Fault{
		{Name: "datagram-limit-low", Does: "datagrams are cut after 2047 bytes", Policy: shift(wire.UDP, -1)},
		{Name: "tcp-limit-low", Does: "a TCP body of 6144 bytes closes the connection", Policy: shift(wire.TCP, -1)},
		{Name: "tcp-limit-high", Does: "a TCP body of 6145 bytes is accepted", Policy: shift(wire.TCP, 1)},
		{Name: "datagram-limit-high", Does: "datagrams are cut after 2049 bytes", Policy: shift(wire.UDP, 1)},
		{Name: "ws-limit-high", Does: "a WebSocket frame of 65537 bytes is accepted", Policy: shift(wire.WS, 1)},
		{Name: "ws-limit-low", Does: "a WebSocket frame of 65536 bytes closes the connection", Policy: shift(wire.WS, -1)},
	}
}

// quirkFaults behave like the observed server where a SHOULD asks for more. All of them
// together make reference.Config.AsObserved, except that it is late as well.
func quirkFaults() []Fault {
	return []Fault{
		{Name: "from-unchecked", Does: "data is accepted whatever its from says", Policy: func(c *server.Config) { c.Quirks.ForgedFrom = server.ForgedTaken }},
		{Name: "kicked-stays", Does: "a kicked UDP session stays logged in", Policy: func(c *server.Config) { c.Quirks.KickedStays = true }},
		{Name: "bad-datagram-ends", Does: "a bad datagram ends the session", Policy: func(c *server.Config) { c.Quirks.BadDatagramEnds = true }},
		{Name: "fragments-refused", Does: "a fragmented WebSocket message closes the connection", Listener: func(q *transport.Quirks) { q.Fragments = websocket.Refused }},
		{Name: "other-paths-mute", Does: "a request for another path, or with a query, gets no answer", Listener: func(q *transport.Quirks) { q.MuteOtherPaths = true }},
	}
}
