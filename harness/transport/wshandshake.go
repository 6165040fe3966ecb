package transport

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// maxHead bounds the head of an HTTP request or response in bytes.
const maxHead = 8 << 10

// head buffers the head of an HTTP message, up to its empty line.
type head struct{ bytes []byte }

var endOfHead = []byte("\r\n\r\n")

// add buffers bytes of the stream. Once the head is complete, rest is what follows it.
func (h *head) add(in []byte) (rest []byte, complete bool, err error) {
	searched := max(0, len(h.bytes)-len(endOfHead))
	h.bytes = append(h.bytes, in...)
	if i := bytes.Index(h.bytes[searched:], endOfHead); i >= 0 {
		end := searched + i + len(endOfHead)
		rest, h.bytes = h.bytes[end:], h.bytes[:end]
		complete = true
	}
	if len(h.bytes) > maxHead {
		return nil, false, &websocket.ProtocolError{Reason: fmt.Sprintf("an HTTP head over the limit of %d bytes", maxHead)}
	}
	return rest, complete, nil
}

func (h *head) reader() *bufio.Reader { return bufio.NewReader(bytes.NewReader(h.bytes)) }

// Upgrade is a client's side of the handshake without I/O.
type Upgrade struct {
	request UpgradeRequest
	key     string // key that the answer has to match
	answer  head
	deflate *Deflation // agreed; nil for none
}

// Deflation returns the compression that was agreed, once the answer is complete; nil for
// none.
func (u *Upgrade) Deflation() *Deflation { return u.deflate }

// NewUpgrade begins a handshake with a host, which is that of the address, with a port or
// without one. It returns the request that the client has to send.
func NewUpgrade(host string, r UpgradeRequest) (u *Upgrade, request string) {
	var nonce [16]byte
	rand.Read(nonce[:])
	key := base64.StdEncoding.EncodeToString(nonce[:])
	return &Upgrade{request: r, key: key}, r.Head(host, key, 13)
}

// Answer takes bytes of the server's answer. Once that is complete, rest is what
// follows it, which are frames. The error is a *websocket.ProtocolError if the server
// did not accept.
func (u *Upgrade) Answer(in []byte) (rest []byte, complete bool, err error) {
	rest, complete, err = u.answer.add(in)
	if err != nil || !complete {
		return nil, false, err
	}
	if reason := u.refusal(u.answer.reader()); reason != "" {
		return rest, true, &websocket.ProtocolError{Reason: reason}
	}
	return rest, true, nil
}

// refusal returns in what a response does not accept the request; "" if it does.
func (u *Upgrade) refusal(response *bufio.Reader) string {
	answer, err := http.ReadResponse(response, nil)
	if err != nil {
		return fmt.Sprintf("the answer to the upgrade is not HTTP: %.200s", u.request.Conceal(err.Error()))
	}
	switch {
	case answer.StatusCode != http.StatusSwitchingProtocols && u.Insists(answer.Header):
		return fmt.Sprintf("the server answered the upgrade with %.100q: %s", u.request.Conceal(answer.Status), insists)
	case answer.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Sprintf("the server answered the upgrade with %.100q, not with 101", u.request.Conceal(answer.Status))
	case !strings.EqualFold(answer.Header.Get("Upgrade"), "websocket"), !hasToken(answer.Header, "Connection", "upgrade"):
		return "the answer to the upgrade names no WebSocket"
	case answer.Header.Get("Sec-WebSocket-Accept") != websocket.AcceptKey(u.key):
		return "the answer to the upgrade has a wrong Sec-WebSocket-Accept"
	}
	return u.WrongChoice(answer.Header)
}

// WrongChoice returns what a server has chosen that was not offered to it, or the reverse,
// by the head of an answer that accepts the request; "" if all is as it was offered.
func (u *Upgrade) WrongChoice(answer http.Header) string {
	if u.Insists(answer) {
		return insists
	}
	if u.request.Compression {
		var err error
		if u.deflate, err = parseDeflation(answer.Values("Sec-WebSocket-Extensions")); err != nil {
			return err.Error()
		}
	}
	switch chosen, offered := answer.Get("Sec-WebSocket-Protocol"), u.request.Subprotocol; {
	case chosen == offered:
		return ""
	case chosen == "":
		return fmt.Sprintf("the server did not choose the subprotocol %q that was offered: leave --ws-subprotocol out, or name one that it has", offered)
	case offered == "":
		return fmt.Sprintf("the server chose the subprotocol %.100q, which was not offered: offer it with --ws-subprotocol", chosen)
	default:
		return fmt.Sprintf("the server chose the subprotocol %.100q, and %q was offered", chosen, offered)
	}
}

// insists is the advice about a server that compresses whatever it is offered.
const insists = "it insists on compression (permessage-deflate), which was not offered: --ws-compression offers it"

// Insists reports whether a server wants to compress messages, by the head of its answer,
// although that was not offered.
func (u *Upgrade) Insists(answer http.Header) bool {
	return !u.request.Compression && strings.Contains(strings.Join(answer.Values("Sec-WebSocket-Extensions"), ","), "permessage-deflate")
}

// handshakeOutcome is a server's reaction to a request (§2).
type handshakeOutcome uint8

const (
	upgraded handshakeOutcome = iota + 1
	refused                   // answered with 400 or 404
	ignored                   // no answer at all
)

// answerUpgrade decides on a request as the observed server does (§2): a request for
// the path without an upgrade is refused, and with the quirk other paths are ignored.
// That other versions than 8 and 13 are refused is a choice that was not observed. The
// error is the reason for a refusal.
func answerUpgrade(request *bufio.Reader, quirks Quirks) (answer string, outcome handshakeOutcome, err error) {
	r, err := http.ReadRequest(request)
	if err != nil {
		return badRequest, refused, &websocket.ProtocolError{Reason: "the request is not HTTP: " + err.Error()}
	}
	switch {
	case r.RequestURI == wire.WebSocketPath:
	case quirks.MuteOtherPaths:
		return "", ignored, nil
	case r.URL.Path != wire.WebSocketPath, quirks.QueryRefused && r.URL.RawQuery != "":
		return notFound, refused, &websocket.ProtocolError{Reason: fmt.Sprintf("a request for the path %q", r.URL.Path)}
	}
	key := r.Header.Get("Sec-WebSocket-Key")
	switch version := r.Header.Get("Sec-WebSocket-Version"); {
	case r.Method != http.MethodGet, key == "",
		!hasToken(r.Header, "Upgrade", "websocket"), !hasToken(r.Header, "Connection", "upgrade"):
		return badRequest, refused, &websocket.ProtocolError{Reason: "a request without an upgrade"}
	case version != "8" && version != "13":
		return badRequest, refused, &websocket.ProtocolError{Reason: fmt.Sprintf("version %q: 8 and 13 are accepted", version)}
	}
	return "HTTP/1.1 101 Switching Protocols\r\n" +
		"Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + websocket.AcceptKey(key) + "\r\n\r\n", upgraded, nil
}

const (
	badRequest = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
	notFound   = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)

// hasToken reports whether the comma-separated list of a header has a token, in any
// case.
func hasToken(header http.Header, name, token string) bool {
	for _, line := range header.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}
