package explore

import (
	"slices"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/server"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// freedom is one thing that the law leaves to a server, with the ways to do it.
type freedom struct {
	what    string // as docs/protocol.md says it
	ways    int
	apply   func(m *modelled, way int)
	applies func(*history) bool // whether a conversation may show it; nil when any may
	alone   bool                // its ways are not combined with those of others: there are many
}

// modelled has the settings of the model for a choice.
type modelled struct {
	quirks        server.Quirks
	phase         time.Duration // of the sweeps, from 0 to the sweep's period
	takeoversSeen bool          // the end of a replaced session is reported where that was seen
	takeoversLost bool          // the end of a replaced session takes the registration of the new one with it, each time or where it was reported
	asSeen        bool          // each retransmission has a time of its own in place of the sweeps
	before        bool          // what is due at the time of a step comes before what that causes
	strict        bool          // RFC 6455 where the observed server ignores it (§2 WebSocket)
	fragments     websocket.Fragments
	path          pathAnswer // of a request for another path
	query         pathAnswer // of a request for the path with a query
}

// sweepPhases is the number of phases of the sweeps that are tried.
const sweepPhases = 10

// freedoms lists what a server does in one way throughout a conversation. What it may do
// each time anew, such as the order of two sessions, is left to match.
var freedoms = [...]freedom{
	{what: "data in another user's name", ways: int(server.ForgedTaken) + 1, apply: func(m *modelled, way int) { m.quirks.ForgedFrom = server.ForgedFrom(way) }},
	{what: "QoS data between users without a fingerprint", ways: int(server.NamelessUntold) + 1, apply: func(m *modelled, way int) { m.quirks.NamelessC2C = server.NamelessC2C(way) }},
	{what: "data without a receiver", ways: int(server.ReceiverlessOffline) + 1, apply: func(m *modelled, way int) { m.quirks.Receiverless = server.Receiverless(way) }},
	{what: "a logout before the login", ways: 2, apply: func(m *modelled, way int) { m.quirks.EarlyLogoutIgnored = way == 1 }},
	{what: "a kicked UDP session", ways: 2, apply: func(m *modelled, way int) { m.quirks.KickedStays = way == 1 }},
	{what: "a bad datagram", ways: 2, apply: func(m *modelled, way int) { m.quirks.BadDatagramEnds = way == 1 }},
	{what: "the former user of a session", ways: int(server.FormerStays) + 1, apply: func(m *modelled, way int) { m.quirks.FormerUser = server.FormerUser(way) }},
	{what: "frames that RFC 6455 forbids", ways: 2, apply: func(m *modelled, way int) { m.strict = way == 1 }},
	{what: "a WebSocket message in fragments", ways: int(websocket.Refused) + 1, apply: func(m *modelled, way int) { m.fragments = websocket.Fragments(way) }},
	{what: "a request for another path", ways: int(pathMute) + 1, apply: func(m *modelled, way int) { m.path = pathAnswer(way) }},
	{what: "a request for the path with a query", ways: int(pathUpgraded) + 1, apply: func(m *modelled, way int) { m.query = pathAnswer(way) }},
	{what: "the end of a session that a new one replaces", ways: 4, apply: func(m *modelled, way int) {
		m.takeoversSeen, m.takeoversLost = way&1 != 0, way&2 != 0
	}},
	{what: "the times of retransmissions", ways: 2 * (sweepPhases + 1), alone: true, applies: (*history).sweeps, apply: func(m *modelled, way int) {
		m.phase, m.asSeen, m.before = time.Duration(way/2)*qos.SweepEvery/sweepPhases, way/2 == sweepPhases, way%2 == 0
	}},
}

// choice has a way for each freedom, counted from 0.
type choice [len(freedoms)]uint8

// with returns a choice with another way for one freedom.
func (c choice) with(freedom, way int) choice {
	c[freedom] = uint8(way)
	return c
}

// modelled returns what a choice makes of the model.
func (c choice) modelled() (m modelled) {
	for i, way := range c {
		freedoms[i].apply(&m, int(way))
	}
	return m
}

// sweeps reports whether a message may have waited for its ACK until a sweep.
func (h *history) sweeps() bool {
	return h.until >= qos.ServerPolicy.MinAge && slices.ContainsFunc(h.steps, func(p performed) bool { return p.step.QoS })
}

// retransmittedAfter returns the time from the first copy of a message to its
// retransmission, by the copies that came and by when it was lost, and else the latest.
func (h *history) retransmittedAfter(fingerprint string, sent time.Duration) time.Duration {
	earliest, latest := qos.ServerPolicy.MinAge, qos.ServerPolicy.MinAge+qos.SweepEvery
	for _, s := range h.seen {
		lost := s.kind == string(server.EventLost)
		if s.fingerprint != fingerprint || s.conn == application && !lost || s.conn != application && h.copied(s) {
			continue
		}
		after := h.crossing(fingerprint, s.at) - sent
		if lost {
			after -= qos.SweepEvery
		}
		if after >= earliest-h.limits.early && after <= latest+h.limits.late {
			return min(max(after, earliest), latest)
		}
	}
	return latest
}

// crossing returns when a message was sent again or given up that was seen at a time: when
// an ACK for it was under way by then, as the server would not have done it later.
func (h *history) crossing(fingerprint string, at time.Duration) time.Duration {
	for i := range h.steps {
		p := &h.steps[i]
		if p.step.Do == ACK && p.message.Fingerprint.Is(fingerprint) && p.at <= at && at <= p.at+h.limits.early {
			return p.at
		}
	}
	return at
}

// copied reports whether a message that came may be due to a copy of its client's: one that
// was sent within the silence after which the next step is taken. What comes later may be a
// retransmission.
func (h *history) copied(s observation) bool {
	return slices.ContainsFunc(h.steps, func(p performed) bool {
		return p.step.Do == Copy && p.message.Fingerprint.Is(s.fingerprint) && s.at >= p.at && s.at <= p.at+h.limits.quiet
	})
}

// takeoverAt returns what the end of a session that was replaced had for effects, as far as
// the application was told.
func (h *history) takeoverAt(user string, at time.Duration, with modelled) (reported, lost bool) {
	if !with.takeoversSeen {
		return false, with.takeoversLost
	}
	until := at + h.limits.late
	for i := range h.steps {
		if p := &h.steps[i]; p.step.Do == Login && p.at > at { // what comes from then on may be due to that one
			until = min(until, p.at)
			break
		}
	}
	reported = slices.ContainsFunc(h.seen, func(s observation) bool {
		return s.kind == replacedKind && s.user == user && s.at >= at-h.limits.early && s.at <= until
	})
	return reported, reported && with.takeoversLost
}

// replacedKind is the kind of the event that reports the end of a replaced session.
var replacedKind = observationOf(server.Event{Kind: server.EventLogout, Code: wire.KickDuplicateLogin}).kind
