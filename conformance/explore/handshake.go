package explore

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// handshake is a request for a WebSocket, on a connection of its own, and what the law has
// the server answer (docs/protocol.md §2 WebSocket).
type handshake struct {
	path    string
	version int    // of the WebSocket protocol; 0 asks for no upgrade
	answers string // always; "" where the law leaves it open
	query   bool   // the path has one
}

// handshakeKinds lists the kinds of requests.
var handshakeKinds = []string{"without upgrade", "version 8", "version 13", "another path", "path with a query"}

// handshakes has the request of each kind.
var handshakes = map[string]handshake{
	"without upgrade":   {path: wire.WebSocketPath, answers: "status 400"},
	"version 8":         {path: wire.WebSocketPath, version: 8, answers: upgraded},
	"version 13":        {path: wire.WebSocketPath, version: 13, answers: upgraded},
	"another path":      {path: wire.WebSocketPath + "-that-is-none", version: 13},
	"path with a query": {path: wire.WebSocketPath + "?token=1", version: 13, query: true},
}

const (
	upgraded = "the upgrade"
	refused  = "an HTTP error"
)

// pathAnswer is how a server answers a request for another path, or for its own with a query.
type pathAnswer uint8

const (
	pathRefused  pathAnswer = iota // by an HTTP error
	pathMute                       // not at all
	pathUpgraded                   // by the upgrade
)

// answer is what the model answers to a request; "" for nothing.
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

// answered is what the answer to a request of a kind shows.
func answered(at time.Duration, kind, answer string) observation {
	return observation{at: at, conn: handshakePlace, kind: "answer to the request " + kind, text: answer + " to the request " + kind}
}

// shake sends a request and notes the answer. The connection is closed at the end of the
// conversation, so that a server which does not answer has the time to.
func (p *player) shake(ctx context.Context, done *performed) error {
	stream, err := p.target.DialStream(ctx, wire.WS)
	if err != nil {
		return err
	}
	p.streams = append(p.streams, stream)
	h := handshakes[done.step.Kind]
	key := base64.StdEncoding.EncodeToString([]byte("sixteen bytes, \n"))
	done.at = time.Since(p.start)
	_, _ = io.WriteString(stream, h.request(p.target.Addresses[wire.WS], key)) // an end shows to the reader
	p.readers.Go(func() {
		if answer := answerOf(stream, key, h); answer != "" {
			p.note(answered(0, done.step.Kind, answer), nil)
		}
	})
	return nil
}

// request is the text of a request.
func (h handshake) request(host, key string) string {
	text := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\n", h.path, host)
	if h.version > 0 {
		text += fmt.Sprintf("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: %d\r\n", key, h.version)
	}
	return text + "\r\n"
}

// answerOf reads the answer to a request; it is "" when the stream ends before one.
func answerOf(stream io.Reader, key string, h handshake) string {
	in := bufio.NewReader(stream)
	if _, err := in.Peek(1); err != nil {
		return ""
	}
	response, err := http.ReadResponse(in, nil)
	switch {
	case err != nil:
		return fmt.Sprintf("no HTTP response (%v)", err)
	case response.StatusCode == http.StatusSwitchingProtocols && response.Header.Get("Sec-WebSocket-Accept") != websocket.AcceptKey(key):
		return "an upgrade with a wrong Sec-WebSocket-Accept"
	case response.StatusCode == http.StatusSwitchingProtocols:
		return upgraded
	case h.answers == "" && response.StatusCode >= http.StatusMultipleChoices:
		return refused
	}
	return fmt.Sprint("status ", response.StatusCode)
}
