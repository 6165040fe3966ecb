package swarm

import (
	"math"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// member is one client of a worker. There are many, so it is small.
type member struct {
	rules client.Client
	link  engine.Link // nil without a connection
	index plan.Client
	seat  plan.Seat

	serial    plan.Connection
	messages  uint32        // messages that do not count, sent so far
	dialBegan time.Duration // time at which the dial of the connection began
	latest    time.Duration // time of the last call of the rules, which must not go back
	heartbeat heartbeatCheck
	excess    excess // the connection's excess
	begun     bool   // its login was asked for
	connected bool   // there has been a connection
	online    bool   // as counted
	served    bool   // it has been online
	transport wire.Transport
	node      books.NodeID // address of the target that its connection leads to
}

// at is the rules' time for something that happened at now.
func (m *member) at(start time.Time, now time.Duration) time.Time {
	m.latest = max(m.latest, now)
	return start.Add(m.latest)
}

// drop gives the connection up, if there is one; messages that still arrive from it
// are ignored.
func (m *member) drop() {
	m.serial++
	if m.link != nil {
		m.link.Close()
		m.link = nil
	}
}

// heartbeatCheck knows how long the server has heard nothing of a client. Every
// message counts (§3).
type heartbeatCheck struct {
	last    time.Duration // time of the latest message
	longest int32         // silence between two messages of this session, in ms
}

// begin starts with a login.
func (h *heartbeatCheck) begin(now time.Duration) { *h = heartbeatCheck{last: now} }

// sent notes a message.
func (h *heartbeatCheck) sent(now time.Duration) {
	h.longest = max(h.longest, h.since(now))
	h.last = now
}

// since returns how long nothing has been sent, in ms.
func (h *heartbeatCheck) since(now time.Duration) int32 {
	return int32(min(max(now-h.last, 0).Milliseconds(), math.MaxInt32))
}

// onTheWay is the time before the expiry from which a silence counts as too
// long: the two ends do not see it to be equally long.
const onTheWay = 500 * time.Millisecond

// late reports whether the server may have expired the session for a silence
// of ours.
func (h *heartbeatCheck) late(now, expiry time.Duration) bool {
	longest := time.Duration(max(h.longest, h.since(now))) * time.Millisecond
	return longest >= expiry-onTheWay
}

// peer is the record that a client keeps of one other that it writes to or hears from:
// the number of messages sent there that count, and the window of those that
// came from there.
type peer struct {
	sent  uint32
	heard books.Window
}
