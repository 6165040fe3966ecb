package servercases

import (
	"bufio"
	"io"
	"net/http"

	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// handshakeCases check the answers to upgrade requests (§2).
var handshakeCases = []suite.Case{
	{
		ID:          "framing/ws-without-upgrade",
		Requirement: "A request for the path without an upgrade gets status 400.",
		Covers:      []string{"ws-no-upgrade"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(requestWithoutUpgrade),
	},
	{
		ID:          "framing/ws-other-path",
		Requirement: "A request for another path is not upgraded.",
		Covers:      []string{"ws-other-paths"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			if response := requestUpgrade(s, s.Target.UpgradeRequest().Elsewhere(), 13); response != nil {
				s.Expect(response.StatusCode).To(gomega.BeNumerically(">=", http.StatusMultipleChoices), "status of the response")
			}
			s.Login(s.User("u"))
		}),
	},
	{
		ID:          "framing/ws-other-path-answered",
		Requirement: "A request for another path gets an HTTP error, not silence.",
		Covers:      []string{"ws-other-paths"}, Level: reports.Should, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			s.Login(s.User("u"))
			response := requestUpgrade(s, s.Target.UpgradeRequest().Elsewhere(), 13)
			s.Expect(response).NotTo(gomega.BeNil(), "an HTTP error; nothing came")
			s.Expect(response.StatusCode).To(gomega.And(
				gomega.BeNumerically(">=", http.StatusBadRequest), gomega.BeNumerically("<", http.StatusInternalServerError)), "status of the response")
		}),
	},
	{
		ID:          "framing/ws-path-with-query-answered",
		Requirement: "A request for the path with a query is upgraded or gets an HTTP error, not silence.",
		Covers:      []string{"ws-other-paths"}, Level: reports.Should, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			s.Login(s.User("u"))
			response := requestUpgrade(s, s.Target.UpgradeRequest().WithParameter(), 13)
			s.Expect(response).NotTo(gomega.BeNil(), "an answer of any kind; nothing came")
		}),
	},
	{
		ID:          "framing/ws-version-8",
		Requirement: "Version 8 of the WebSocket protocol is accepted as well as 13.",
		Covers:      []string{"ws-versions"}, Level: reports.Must, Transports: webSocketOnly,
		Run: server.Func(func(s *server.Scene) {
			for _, version := range []int{13, 8} {
				upgradeByHand(s, version).echo("by hand")
			}
		}),
	},
}

func requestWithoutUpgrade(s *server.Scene) {
	stream := s.OpenStream(wire.WS)
	_, err := io.WriteString(stream, s.Target.UpgradeRequest().Get(s.Target.Host(wire.WS)))
	s.Expect(err).NotTo(gomega.HaveOccurred(), "sending the request")
	response, err := http.ReadResponse(bufio.NewReader(stream), nil)
	s.Expect(err).NotTo(gomega.HaveOccurred(), "reading the response")
	s.Expect(response.StatusCode).To(gomega.Equal(http.StatusBadRequest), "status of the response")
	s.Login(s.User("u"))
}

// The example of RFC 6455 §1.3: a key, and the value with which a server accepts it.
const (
	exampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// writeUpgrade sends a request for an upgrade.
func writeUpgrade(s *server.Scene, stream io.Writer, request transport.UpgradeRequest, version int) {
	_, err := io.WriteString(stream, request.Head(s.Target.Host(wire.WS), exampleKey, version))
	s.Expect(err).NotTo(gomega.HaveOccurred(), "sending the request")
}

// requestUpgrade sends an upgrade request itself. It returns nil when nothing came
// within the time for an answer, or the stream was closed without one.
func requestUpgrade(s *server.Scene, request transport.UpgradeRequest, version int) *http.Response {
	stream := s.OpenStream(wire.WS)
	writeUpgrade(s, stream, request, version)
	incoming := bufio.NewReader(stream)
	if _, err := incoming.Peek(1); err != nil {
		return nil
	}
	response, err := http.ReadResponse(incoming, nil)
	s.Expect(err).NotTo(gomega.HaveOccurred(), "reading the response")
	return response
}
