package servercases

import (
	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// fromCases check data whose from is not the user of the login. The observed server
// accepts it (§4, C → C); safety asks that it be refused, since whoever is logged in
// could write in the name of anybody. No server may do something in between.
var fromCases = []suite.Case{
	{
		ID:          "qos/c2c-from-of-another",
		Requirement: "A message between users in another's name is refused, or passed on unchanged and acknowledged to the session that sent it.",
		Covers:      []string{"c2c-from", "c2c-ack", "ack-form"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b, c, m := inAnothersName(s)
			if a.Accepts(m) {
				b.Expect(m)
				b.SendUnanswered(wire.NewReceived(m))
			}
			b.KeepAlive() // and nothing comes that was refused
			c.KeepAlive() // and no ACK comes
			deliver(s, c, b)
		}),
	},
	{
		ID:          "qos/c2c-forged-from-refused",
		Requirement: "A message between users in another's name is refused.",
		Covers:      []string{"c2c-from"}, Level: reports.Should, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b, c, m := inAnothersName(s)
			s.Expect(a.Accepts(m)).To(gomega.BeFalse(), "the server takes a message from %q of the session of %q", c.User, a.User)
			b.KeepAlive()
			deliver(s, c, b)
		}),
	},
	{
		ID:          "qos/c2s-from-of-another",
		Requirement: "A message to the server in another's name is refused, or acknowledged to the session that sent it, addressed to its from.",
		Covers:      []string{"c2s-ack", "ack-form"}, Level: reports.Must, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			handOver(s, a)
			a.Accepts(wire.NewQoSData(b.User, wire.ServerID, "hi", s.Fingerprint()))
			b.KeepAlive() // and no ACK comes
			handOver(s, b)
		}),
	},
	{
		ID:          "qos/c2s-forged-from-refused",
		Requirement: "A message to the server in another's name is refused.",
		Covers:      []string{"c2c-from"}, Level: reports.Should, Transports: everywhere,
		Run: server.Func(func(s *server.Scene) {
			a, b := twoUsers(s)
			handOver(s, a)
			m := wire.NewQoSData(b.User, wire.ServerID, "hi", s.Fingerprint())
			s.Expect(a.Accepts(m)).To(gomega.BeFalse(), "the server takes a message from %q of the session of %q", b.User, a.User)
			handOver(s, b)
		}),
	},
}

// inAnothersName returns a message to b in the name of c, for a to send. It first shows
// that a reaches b in its own name.
func inAnothersName(s *server.Scene) (a, b, c *server.Peer, m wire.Message) {
	peers := s.LoginAll(s.User("a"), s.User("b"), s.User("c"))
	a, b, c = peers[0], peers[1], peers[2]
	deliver(s, a, b)
	return a, b, c, wire.NewQoSData(c.User, b.User, "trust me", s.Fingerprint())
}
