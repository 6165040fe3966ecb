package servercases

import (
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var heartbeatCases = []suite.Case{
	{
		ID:          "heartbeat/answered",
		Requirement: "Every keep-alive is answered with \"{}\", addressed to the user of the session.",
		Covers:      []string{"keep-alive-response", "keep-alive-to"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			for range 5 {
				p.KeepAlive()
			}
		}),
	},
	{
		ID:          "heartbeat/from-not-looked-at",
		Requirement: "The response goes to the user of the session; the from of a keep-alive is not looked at.",
		Covers:      []string{"keep-alive-to"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			a.SendUntil(wire.NewKeepAlive(b.User), a.Gets(wire.NewKeepAliveResponse(a.User)))
			b.KeepAlive()
		}),
	},
	{
		ID:          "heartbeat/stays-logged-in",
		Requirement: "A client that sends keep-alives at the pace of its sense mode stays logged in.",
		Covers:      []string{"heartbeat-pace"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			s.KeepSilent()
			p := s.Login(s.User("u"))
			s.StartKeepAlives(p).WaitUntil(time.Now().Add(s.Expiry() + s.Mode().Heartbeat()))
		}),
	},
	{
		ID:          "heartbeat/expiry",
		Requirement: "A session without an inbound message for the time of its sense mode is closed.",
		Covers:      []string{"expiry", "expired-datagram", "server-closes", "ws-close-code"}, Level: reports.Must, Transports: everywhere,
		Tags: []string{suite.TagExpiry},
		Run: server.Func(func(s *server.Scene) {
			goSilent(s, "expiry", func([]*server.Peer, []server.Activity) {})
		}),
	},
	{
		ID:          "heartbeat/keep-alive-counts",
		Requirement: "A keep-alive counts as activity.",
		Covers:      []string{"activity"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			measureExpiry(s, "expiry after a keep-alive", (*server.Peer).KeepAlive)
		}),
	},
	{
		ID:          "heartbeat/expiry-before-login",
		Requirement: "A connection that never says anything is closed after the same time.",
		Covers:      []string{"expiry-unlogged"}, Level: reports.Must, Transports: streams,
		Tags: []string{suite.TagExpiry},
		Run:  server.Func(silentFromTheStart),
	},
	{
		ID:          "heartbeat/echo-counts",
		Requirement: "An echo counts as activity.",
		Covers:      []string{"activity"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			measureExpiry(s, "expiry after an echo", (*server.Peer).Probe)
		}),
	},
	{
		ID:          "heartbeat/data-counts",
		Requirement: "Data counts as activity.",
		Covers:      []string{"activity"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			measureExpiry(s, "expiry after data", unanswered(func(p *server.Peer) wire.Message {
				return wire.NewData(p.User, wire.ServerID, "hi")
			}))
		}),
	},
	{
		ID:          "heartbeat/ack-counts",
		Requirement: "An ACK counts as activity.",
		Covers:      []string{"activity"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			measureExpiry(s, "expiry after an ACK", unanswered(func(p *server.Peer) wire.Message {
				return wire.NewReceived(wire.NewQoSData(wire.ServerID, p.User, "", s.Fingerprint()))
			}))
		}),
	},
	{
		ID:          "heartbeat/login-counts",
		Requirement: "A further login on a session that is logged in counts as activity.",
		Covers:      []string{"activity"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			measureExpiry(s, "expiry after a login", func(p *server.Peer) server.Activity {
				return p.SendUntil(p.LoginMessage(storedTime), p.GetsLoginResponse(wire.CodeOK))
			})
		}),
	},
	{
		ID:          "heartbeat/unknown-type-counts",
		Requirement: "A message of an unknown type counts as activity.",
		Covers:      []string{"activity"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			measureExpiry(s, "expiry after a message of an unknown type", unanswered(func(p *server.Peer) wire.Message {
				return wire.New(99, p.User, wire.ServerID)
			}))
		}),
	},
	{
		ID:          "heartbeat/sent-by-server-does-not-count",
		Requirement: "What the server sends does not count as activity.",
		Covers:      []string{"no-activity-sent"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityS2C),
		Tags:  []string{suite.TagExpiry},
		Run: server.Func(func(s *server.Scene) {
			measureExpiryDespite(s, "expiry despite what the server sends", func(p *server.Peer) {
				m := wire.NewData(wire.ServerID, p.User, "news")
				s.PushUntil(m, p.Gets(m))
			})
		}),
	},
	{
		ID:          "heartbeat/ping-does-not-count",
		Requirement: "A WebSocket ping is answered and does not count as activity.",
		Covers:      []string{"ws-ping-no-activity"}, Level: reports.Must, Transports: webSocketOnly,
		Tags: []string{suite.TagExpiry},
		Run: server.Func(func(s *server.Scene) {
			measureExpiryDespite(s, "expiry despite a ping", func(p *server.Peer) {
				p.SendFrame(websocket.Frame{Fin: true, Opcode: opPing, Masked: true, Payload: []byte("tick")})
				p.ExpectPong([]byte("tick"))
			})
		}),
	},
	{
		ID:          "heartbeat/incomplete-frame-does-not-count",
		Requirement: "The bytes of a frame that is not complete yet do not count: a client that trickles one byte a second is closed on time.",
		Covers:      []string{"no-activity-partial"}, Level: reports.Must, Transports: streams,
		Tags: []string{suite.TagExpiry},
		Run:  server.Func(trickle),
	},
	{
		ID:          "heartbeat/expiry-reported",
		Requirement: "The logout of a session that expired is reported once, with -1.",
		Covers:      []string{"told-logout"}, Level: reports.Must, Transports: everywhere,
		Needs: needs(controlapi.CapabilityEvents),
		Tags:  []string{suite.TagExpiry},
		Run: server.Func(func(s *server.Scene) {
			s.KeepSilent()
			p := s.Login(s.User("u"))
			last, logout := p.KeepAlive(), s.NotifiedOnce(controlapi.EventLogout, server.OfUser(p.User))
			s.ExpectCode(logout.ExpectUntil(last.Answered.Add(s.Expiry()+overdue)), notKicked)
			s.MeasureEventAfter("logout", last, logout, s.Expiry())
			p.ExpectEnded()
			s.Login(s.User("later"))
		}),
	},
}

// overdue is added to the time of an event while waiting for it, where the time itself
// is not what the case checks.
const overdue = 3 * time.Second

// measureExpiry measures when a session ends that was active for the last time
// at half of its time: had that not counted, it would end too early.
func measureExpiry(s *server.Scene, name string, act func(p *server.Peer) server.Activity) {
	goSilent(s, name, func(peers []*server.Peer, last []server.Activity) {
		s.WaitUntil(last[0].Sent.Add(s.Expiry() / 2))
		for i, p := range peers {
			last[i] = act(p)
		}
	})
}

// unanswered returns an activity that gets no answer.
func unanswered(message func(p *server.Peer) wire.Message) func(p *server.Peer) server.Activity {
	return func(p *server.Peer) server.Activity { return p.SendUnanswered(message(p)) }
}

// measureExpiryDespite measures when a session ends on which something happens
// at half of its time that must not count.
func measureExpiryDespite(s *server.Scene, name string, act func(p *server.Peer)) {
	goSilent(s, name, func(peers []*server.Peer, last []server.Activity) {
		s.WaitUntil(last[0].Sent.Add(s.Expiry() / 2))
		for _, p := range peers {
			act(p)
		}
	})
}

// goSilent logs in, lets something happen that may move the time of the last
// activity, and measures when the session ends. On UDP that takes two sessions,
// one to be asked before and one after that time.
func goSilent(s *server.Scene, name string, meanwhile func(peers []*server.Peer, last []server.Activity)) {
	s.KeepSilent()
	peers := []*server.Peer{s.Login(s.User("u"))}
	if !s.Transport.Connected() {
		peers = append(peers, s.Login(s.User("u")))
	}
	last := make([]server.Activity, len(peers))
	for i, p := range peers {
		last[i] = p.KeepAlive()
	}
	meanwhile(peers, last)
	if s.Transport.Connected() {
		s.MeasureClosed(peers[0], name, last[0], s.Expiry())
	} else {
		s.MeasureForgotten(peers[0], peers[1], name, last[0], last[1], s.Expiry())
	}
	s.Login(s.User("later"))
}

// silentFromTheStart measures a connection on which nothing is ever sent. A later
// connection shows that this server answers clients that send something, and by when it
// must have accepted the silent one.
func silentFromTheStart(s *server.Scene) {
	s.KeepSilent()
	connecting := time.Now()
	silent, control := s.Connect("silent"), s.Connect("control")
	accepted := server.Activity{Sent: connecting, Answered: control.Probe().Answered}
	s.MeasureClosed(silent, "expiry of a connection that never said anything", accepted, s.Expiry())
	s.Connect("control").Probe()
}

// frameBytes returns a message as it is sent on a stream.
func frameBytes(t wire.Transport, body []byte) []byte {
	if t == wire.TCP {
		return wire.AppendFrame(nil, body)
	}
	return textFrame(body).Append(nil)
}

// trickle sends the bytes of one long frame, one a second.
func trickle(s *server.Scene) {
	goSilent(s, "expiry of a client that trickles", func(peers []*server.Peer, last []server.Activity) {
		p := peers[0]
		for i, b := range frameBytes(s.Transport, wire.NewEcho(p.User, longText(512)).Append(nil)) {
			at := last[0].Sent.Add(time.Duration(i+1) * time.Second)
			if !at.Before(last[0].Sent.Add(s.Expiry())) {
				break
			}
			s.WaitUntil(at)
			p.SendBytes([]byte{b})
		}
	})
}
