package servercases

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// infoCases measure what the protocol leaves open. They never fail.
var infoCases = []suite.Case{
	{
		ID:          "framing/udp-largest-found",
		Requirement: "How large a datagram may be.",
		Covers:      []string{"datagram-limit"}, Level: reports.Info, Transports: udpOnly,
		Run: server.Func(findLargestDatagram),
	},
	{
		ID:          "framing/ws-unsupported-version",
		Requirement: "What a request for version 7 of the WebSocket protocol is answered with.",
		Covers:      []string{"ws-versions"}, Level: reports.Info, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			response := requestUpgrade(s, s.Target.UpgradeRequest(), 7)
			if response == nil {
				s.Found("no answer")
				return
			}
			s.Found("status %s, Sec-WebSocket-Version %q", response.Status, response.Header.Get("Sec-WebSocket-Version"))
			if response.StatusCode == http.StatusSwitchingProtocols {
				s.Found("it is accepted")
			}
		}),
	},
	{
		ID:          "kick/equal-login-winner",
		Requirement: "Who is reached when two sessions of a user log in at once with the same first login time.",
		Covers:      []string{"equal-takes-over"}, Level: reports.Info, Transports: everywhere,
		Opens: 11,
		Run:   server.Func(findWinner),
	},
	{
		ID:          "login/registration-gap",
		Requirement: "How often a message finds the user offline that is sent as soon as the login response is there.",
		Covers:      []string{"registered-after"}, Level: reports.Info, Transports: everywhere,
		Opens: 21,
		Run:   server.Func(measureRegistrationGap),
	},
	{
		ID:          "qos/c2c-prompt-ack",
		Requirement: "How many messages come once more although they are acknowledged at once, one after the other.",
		Covers:      []string{"ack-missed"}, Level: reports.Info, Transports: everywhere,
		Run: server.Func(countMissedACKs),
	},
	{
		ID:          "qos/prompt-ack-in-a-burst",
		Requirement: "How many messages of a burst come once more although each is acknowledged at once, and at which rate.",
		Covers:      []string{"ack-missed"}, Level: reports.Info, Transports: everywhere,
		Run: server.Func(measureBursts),
	},
	{
		ID:          "qos/retransmission-phase",
		Requirement: "When the second copies come of messages that are sent a second apart.",
		Covers:      []string{"retransmitted"}, Level: reports.Info, Transports: everywhere,
		Opens: 6,
		Run:   server.Func(measureRetransmissionPhase),
	},
}

// Bounds of the search: the least that a 6.x server accepts, and the largest datagram
// over IPv4, less the byte by which an answer is longer.
const (
	smallestLimit = 512
	largestLimit  = 65507 - 1
)

// findLargestDatagram does a binary search for the largest datagram that is answered.
func findLargestDatagram(s *server.Scene) {
	p := s.Connect("stranger")
	answered := func(size int) bool {
		echo := paddedEcho(p, size)
		p.SendUnanswered(echo)
		p.Probe()
		return contains(p.Gather(), wire.NewEchoResponse(echo))
	}
	largest, tooLarge := smallestLimit, largestLimit+1
	for tooLarge-largest > 1 {
		if size := (largest + tooLarge) / 2; answered(size) {
			largest = size
		} else {
			tooLarge = size
		}
	}
	if largest == smallestLimit && !answered(smallestLimit) {
		s.Found("not even one of %d bytes is answered", smallestLimit)
		return
	}
	s.Found("%d bytes are answered, %d are not", largest, tooLarge)
}

// contains reports whether a message is among those that came.
func contains(arrivals []server.Arrival, m wire.Message) bool {
	return slices.ContainsFunc(arrivals, func(a server.Arrival) bool {
		a.Message.ServerTime = m.ServerTime // the server may stamp
		return a.Message == m
	})
}

func findWinner(s *server.Scene) {
	const rounds = 5
	sender := s.Login(s.User("sender"))
	reached := map[string]int{}
	for range rounds {
		first, second := s.Connect("first"), s.Connect("second")
		first.User = s.User("u")
		second.User = first.User
		login := first.LoginMessage(storedTime)
		first.Send(login)
		second.SendUntil(login, second.GetsLoginResponse(wire.CodeOK))
		m := wire.NewData(sender.User, first.User, "who is there?")
		sender.SendUnanswered(m)
		s.WaitForEffects()
		sender.KeepAlive()
		switch one, other := contains(first.Gather(), m), contains(second.Gather(), m); {
		case one && other:
			reached["both"]++
		case one:
			reached["the one that asked first"]++
		case other:
			reached["the one that asked last"]++
		default:
			reached["neither"]++
		}
	}
	s.Found("of %d times reached: %s", rounds, countsText(reached))
}

// countsText writes counts as "the first 2, the second 3".
func countsText(counts map[string]int) string {
	var parts []string
	for what, n := range counts {
		parts = append(parts, fmt.Sprintf("%s %d", what, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func measureRegistrationGap(s *server.Scene) {
	const logins = 20
	sender := s.Login(s.User("sender"))
	greeted := map[*server.Peer]wire.Message{}
	for range logins {
		p, _ := s.LoginAt(s.Transport, s.User("u"), 0)
		greeted[p] = wire.NewData(sender.User, p.User, "welcome")
		sender.Send(greeted[p])
	}
	s.WaitForEffects()
	missed := 0
	for p, m := range greeted {
		if !contains(p.Gather(), m) {
			missed++
		}
	}
	s.Found("%d of %d", missed, logins)
}

// measureRetransmissionPhase sends to receivers of their own, which echoes keep
// logged in.
func measureRetransmissionPhase(s *server.Scene) {
	const messages = 5
	sender := s.Login(s.User("sender"))
	var receivers []*server.Peer
	for range messages {
		receivers = append(receivers, s.Login(s.User("receiver")))
	}
	sent := make([]wire.Message, messages)
	copies := make([][]time.Time, messages)
	started := time.Now()
	for second := time.Duration(0); second*time.Second < latestCopy+(messages+1)*time.Second; second++ {
		s.WaitUntil(started.Add(second * time.Second))
		if i := int(second); i < messages {
			sent[i] = wire.NewQoSData(sender.User, receivers[i].User, "again?", s.Fingerprint())
			sender.Send(sent[i])
		}
		sender.Probe()
		for i, p := range receivers {
			p.Probe()
			for _, a := range p.Gather() {
				if a.Message.Fingerprint == sent[i].Fingerprint {
					copies[i] = append(copies[i], a.At)
				}
			}
		}
	}
	var after []string
	for i, at := range copies {
		if len(at) < 2 {
			after = append(after, fmt.Sprintf("never (%d copies)", len(at)))
			continue
		}
		s.Measure(fmt.Sprintf("second copy of message %d", i+1), at[0], at[1], earliestCopy, latestCopy)
		after = append(after, at[1].Sub(at[0]).Round(100*time.Millisecond).String())
	}
	s.Found("after %s", strings.Join(after, ", "))
}

// countMissedACKs acknowledges messages as soon as they come. A server that notes a
// message only after it has written it does not find such an ACK (§7).
func countMissedACKs(s *server.Scene) {
	const messages = 50
	a, b := twoUsers(s)
	loop := s.StartKeepAlives(a, b)
	var sent []wire.Message
	for range messages {
		m := wire.NewQoSData(a.User, b.User, "at once", s.Fingerprint())
		a.SendUntil(m, b.Gets(m))
		b.SendUnanswered(wire.NewReceived(m))
		sent = append(sent, m)
	}
	loop.WaitUntil(time.Now().Add(latestCopy + time.Second))
	again := b.Gather()
	copied := 0
	for _, m := range sent {
		if contains(again, m) {
			copied++
		}
	}
	s.Found("%d of %d came once more", copied, messages)
}
