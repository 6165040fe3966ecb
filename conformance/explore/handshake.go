package explore

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// handshake is a request for a WebSocket, on a connection of its own, and what the law has
// the server answer (docs/protocol.md §2 WebSocket).
type handshake struct {
	request func(transport.UpgradeRequest) transport.UpgradeRequest // from that of a client
	version int                                                     // of the WebSocket protocol; 0 asks for no upgrade
	answers string                                                  // always; "" where the law leaves it open
	query   bool                                                    // the path has one that a client's lacks
}

// handshakeKinds lists the kinds of requests.
var handshakeKinds = []string{"without upgrade", "version 8", "version 13", "another path", "path with a query"}

// handshakes has the request of each kind.
var handshakes = map[string]handshake{
	"without upgrade":   {request: asIs, answers: "status 400"},
	"version 8":         {request: asIs, version: 8, answers: upgraded},
	"version 13":        {request: asIs, version: 13, answers: upgraded},
	"another path":      {request: transport.UpgradeRequest.Elsewhere, version: 13},
	"path with a query": {request: transport.UpgradeRequest.WithParameter, version: 13, query: true},
}

func asIs(r transport.UpgradeRequest) transport.UpgradeRequest { return r }

const (
	upgraded = "the upgrade"
	refused  = "an HTTP error"
)

// pathAnswer is an answer to a request for another path, or for the served one with a query.
type pathAnswer uint8

const (
	pathRefused  pathAnswer = iota // by an HTTP error
	pathMute                       // not at all
	pathUpgraded                   // by the upgrade
)

// answer returns the model's answer to a request; "" for none.
func (m *model) answer(h handshake) string {
	how := m.path
	if h.query {
		how = m.query
	}
	switch {
	case h.answers != "":
		return h.answers
	case how == pathMute:
		return ""
	case how == pathUpgraded:
		return upgraded
	}
	return refused
}

// handshakePlace is the place of answers to requests among the connections.
const handshakePlace = -2

// answered returns the observation of an answer to a request of a kind.
func answered(at time.Duration, kind, answer string) observation {
	return observation{at: at, conn: handshakePlace, kind: "answer to the request " + kind, text: answer + " to the request " + kind}
}

// shake sends a request and notes the answer. The connection is closed at the end of the
// conversation, so that a server which does not answer has the time to.
func (p *player) shake(ctx context.Context, done *performed) error {
	conn, err := p.target.DialBytes(ctx, wire.WS)
	if err != nil {
		return err
	}
	p.requests = append(p.requests, conn)
	h := handshakes[done.step.Kind]
	done.at = time.Since(p.start)
	_, _ = io.WriteString(conn.Raw(), h.head(p.target.UpgradeRequest(), p.target.Host(wire.WS))) // an end shows to the reader
	p.readers.Go(func() {
		if answer := answerOf(conn.Raw(), h); answer != "" {
			p.note(answered(0, done.step.Kind, answer), nil)
		}
	})
	return nil
}

// head returns the head of a request.
func (h handshake) head(of transport.UpgradeRequest, host string) string {
	if h.version == 0 {
		return h.request(of).Get(host)
	}
	return h.request(of).Head(host, requestKey, h.version)
}

// requestKey is the Sec-WebSocket-Key of each request.
var requestKey = base64.StdEncoding.EncodeToString([]byte("sixteen bytes, \n"))

// answerOf reads the answer to a request; it is "" when the stream ends before one.
func answerOf(stream io.Reader, h handshake) string {
	in := bufio.NewReader(stream)
	if _, err := in.Peek(1); err != nil {
		return ""
	}
	response, err := http.ReadResponse(in, nil)
	switch {
	case err != nil:
		return fmt.Sprintf("no HTTP response (%v)", err)
	case response.StatusCode == http.StatusSwitchingProtocols && response.Header.Get("Sec-WebSocket-Accept") != websocket.AcceptKey(requestKey):
		return "an upgrade with a wrong Sec-WebSocket-Accept"
	case response.StatusCode == http.StatusSwitchingProtocols:
		return upgraded
	case h.answers == "" && response.StatusCode >= http.StatusMultipleChoices:
		return refused
	}
	return fmt.Sprint("status ", response.StatusCode)
}
