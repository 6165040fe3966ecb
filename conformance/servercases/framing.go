package servercases

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

func framingCases() []suite.Case {
	return slices.Concat(tcpFramingCases, udpFramingCases, badFrameCases(), webSocketCases, fragmentCases, handshakeCases)
}

// tcpFramingCases check the 4-byte length before a body (§2).
var tcpFramingCases = []suite.Case{
	{
		ID:          "framing/tcp-split",
		Requirement: "A frame may arrive split at any byte.",
		Covers:      []string{"tcp-chunks", "tcp-length"}, Level: reports.Must, Transports: tcpOnly,
		Run: server.Func(splitEverywhere),
	},
	{
		ID:          "framing/tcp-pause",
		Requirement: "The rest of a frame may come later than its start.",
		Covers:      []string{"tcp-chunks"}, Level: reports.Must, Transports: tcpOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			echo, frame := echoFrame(p, "in two halves")
			p.SendBytes(frame[:len(frame)/2])
			s.Wait(time.Second)
			p.SendBytes(frame[len(frame)/2:])
			p.Expect(wire.NewEchoResponse(echo))
			p.KeepAlive()
		}),
	},
	{
		ID:          "framing/tcp-several-in-one-segment",
		Requirement: "Several frames may arrive in one segment; they are answered in order.",
		Covers:      []string{"tcp-chunks"}, Level: reports.Must, Transports: tcpOnly,
		Run: server.Func(severalAtOnce),
	},
	{
		ID:          "framing/tcp-largest-body",
		Requirement: "A body of the largest size, 6144 bytes unless the profile says otherwise, is accepted.",
		Covers:      []string{"tcp-limit"}, Level: reports.Must, Transports: tcpOnly,
		Run: server.Func(func(s *server.Scene) { echoOfLargestSize(s) }),
	},
	{
		ID:          "framing/tcp-body-too-large",
		Requirement: "A body of one byte more than the largest closes the connection.",
		Covers:      []string{"tcp-limit"}, Level: reports.Must, Transports: tcpOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			p.SendBytes(wire.AppendFrame(nil, paddedEcho(p, s.Target.MaxMessage(s.Transport)+1).Append(nil)))
			p.ExpectDropped()
			s.Login(p.User)
		}),
	},
	{
		ID:          "framing/tcp-negative-length",
		Requirement: "A negative length closes the connection.",
		Covers:      []string{"tcp-negative"}, Level: reports.Must, Transports: tcpOnly,
		Run: server.Func(func(s *server.Scene) { closedByLength(s, math.MaxUint32) }),
	},
	{
		ID:          "framing/tcp-huge-length",
		Requirement: "A length of 2147483647 closes the connection at once.",
		Covers:      []string{"tcp-limit"}, Level: reports.Must, Transports: tcpOnly,
		Run: server.Func(func(s *server.Scene) { closedByLength(s, math.MaxInt32) }),
	},
}

// udpFramingCases check that one datagram is one message (§2).
var udpFramingCases = []suite.Case{
	{
		ID:          "framing/udp-empty",
		Requirement: "An empty datagram is not answered, and touches no session but that of the address it comes from.",
		Covers:      []string{"empty-datagram"}, Level: reports.Must, Transports: udpOnly,
		Run: server.Func(func(s *server.Scene) {
			other, p := s.Login(s.User("other")), s.Login(s.User("u"))
			for range 3 {
				p.SendBodyUnanswered(nil)
				p.KeepAliveOrNotLoggedIn()
			}
			other.KeepAlive()
			s.Login(s.User("later"))
		}),
	},
	{
		ID:          "framing/udp-empty-from-stranger",
		Requirement: "An empty datagram from an address without a session is not answered, and changes nothing.",
		Covers:      []string{"empty-datagram-stranger"}, Level: reports.Must, Transports: udpOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Connect("stranger")
			p.Probe()
			p.SendBodyUnanswered(nil)
			p.Probe()
			s.WaitForCopies()
			p.User = s.User("u")
			p.Login(0)
			p.KeepAlive()
		}),
	},
	{
		ID:          "framing/udp-largest-datagram",
		Requirement: "A datagram of the largest size, 2048 bytes unless the profile says otherwise, is accepted.",
		Covers:      []string{"datagram", "datagram-limit"}, Level: reports.Must, Transports: udpOnly,
		Run: server.Func(func(s *server.Scene) { echoOfLargestSize(s) }),
	},
	{
		ID:          "framing/udp-datagram-too-large",
		Requirement: "A datagram of one byte more than the largest is cut, so that it is no message and gets no answer.",
		Covers:      []string{"datagram-limit"}, Level: reports.Must, Transports: udpOnly,
		Run: server.Func(func(s *server.Scene) {
			p := s.Login(s.User("u"))
			p.SendUnanswered(paddedEcho(p, s.Target.MaxMessage(s.Transport)+1))
			p.KeepAliveOrNotLoggedIn()
			s.Login(s.User("later"))
		}),
	},
}

func echoFrame(p *server.Peer, content string) (wire.Message, []byte) {
	echo := wire.NewEcho(p.User, content)
	return echo, wire.AppendMessageFrame(nil, echo)
}

// splitEverywhere cuts a frame in two at each of its bytes. The round trip of
// another connection gives the server time to read the first part alone.
func splitEverywhere(s *server.Scene) {
	p, other := s.Login(s.User("u")), s.Connect("other")
	echo, frame := echoFrame(p, "split")
	for cut := 1; cut < len(frame); cut++ {
		p.SendBytes(frame[:cut])
		other.Probe()
		p.SendBytes(frame[cut:])
		p.Expect(wire.NewEchoResponse(echo))
	}
	p.KeepAlive()
}

func severalAtOnce(s *server.Scene) {
	p := s.Login(s.User("u"))
	var segment []byte
	var echoes []wire.Message
	for _, content := range []string{"one", "two", "three", "four", "five"} {
		echo, frame := echoFrame(p, content)
		segment, echoes = append(segment, frame...), append(echoes, echo)
	}
	var answers []*server.MessageWant
	for _, echo := range echoes {
		answers = append(answers, p.Gets(wire.NewEchoResponse(echo)))
	}
	p.SendBytes(segment)
	for _, answer := range answers {
		answer.Expect()
	}
	server.ExpectInOrder(answers...)
	p.KeepAlive()
}

// paddedEcho returns an echo whose body has this size in bytes.
func paddedEcho(p *server.Peer, size int) wire.Message {
	return wire.NewEcho(p.User, longText(size-len(wire.NewEcho(p.User, "").Append(nil))))
}

func echoOfLargestSize(s *server.Scene) {
	p := s.Login(s.User("u"))
	echo := paddedEcho(p, s.Target.MaxMessage(s.Transport))
	p.SendUntil(echo, p.Gets(wire.NewEchoResponse(echo)))
	p.KeepAlive()
}

// closedByLength sends a length of a body that the server must not wait for.
func closedByLength(s *server.Scene, length uint32) {
	p := s.Login(s.User("u"))
	p.SendBytes(binary.BigEndian.AppendUint32(nil, length))
	p.ExpectDropped()
	s.Login(p.User)
}
