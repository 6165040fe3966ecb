package transport

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"imcheck/protocol/wire"
)

// HeaderField is one line of an HTTP head.
type HeaderField struct{ Name, Value string }

// UpgradeRequest describes how a client requests a WebSocket. The zero value requests
// wire.WebSocketPath, with nothing that is not needed.
type UpgradeRequest struct {
	Path        string        // percent-encoded, with its query; "" means wire.WebSocketPath
	Header      []HeaderField // sent besides what the handshake needs; Host replaces that of the address
	Subprotocol string        // offered, and has to be chosen; "" offers none
	Compression bool          // permessage-deflate is offered
}

// reservedHeaders are those that the handshake itself is made of.
var reservedHeaders = []string{
	"Upgrade", "Connection", "Content-Length", "Transfer-Encoding", "Sec-WebSocket-Key",
	"Sec-WebSocket-Version", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions",
}

// tokenCharacters are those of RFC 9110 §5.6.2, of which names and subprotocols are made.
const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func isToken(text string) bool { return text != "" && strings.Trim(text, tokenCharacters) == "" }

// ParseHeaderField reads "Name: value". The error does not quote the value, which may be
// secret.
func ParseHeaderField(text string) (HeaderField, error) {
	name, value, found := strings.Cut(text, ":")
	f := HeaderField{http.CanonicalHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)}
	switch {
	case !found:
		return f, fmt.Errorf("there is no colon in it: write it as 'Name: value'")
	case !isToken(strings.TrimSpace(name)):
		return f, fmt.Errorf("%.40q is not the name of a header: write it as 'Name: value'", name)
	case f.Value == "":
		return f, fmt.Errorf("%s has no value: write it as '%s: value'", f.Name, f.Name)
	case strings.ContainsFunc(f.Value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return f, fmt.Errorf("the value of %s has a control character, such as a line break: leave it out", f.Name)
	case strings.EqualFold(f.Name, "Sec-WebSocket-Protocol"):
		return f, fmt.Errorf("%s is set by the subprotocol (--ws-subprotocol)", f.Name)
	case slices.ContainsFunc(reservedHeaders, func(reserved string) bool { return strings.EqualFold(reserved, f.Name) }):
		return f, fmt.Errorf("%s belongs to the handshake itself: leave it out", f.Name)
	}
	return f, nil
}

// CheckSubprotocol refuses what cannot be the name of a subprotocol.
func CheckSubprotocol(name string) error {
	if !isToken(name) {
		return fmt.Errorf("%q is not the name of a subprotocol: use letters, digits and the likes of - and . only", name)
	}
	return nil
}

// maxRequest bounds the head of a request in bytes, as servers do.
const maxRequest = maxHead

// Check refuses a request that is longer than servers accept.
func (r UpgradeRequest) Check() error {
	if size := len(r.Head("", strings.Repeat("k", 24), 13)); size > maxRequest {
		return fmt.Errorf("the request for a WebSocket has %d bytes with its path and its headers: at most %d are allowed", size, maxRequest)
	}
	return nil
}

// Get returns the head of a plain request for the path, without an upgrade. host is that
// of the address, with a port or without one.
func (r UpgradeRequest) Get(host string) string { return r.head(host, "") }

// Head returns the head of a request for a WebSocket, for a version of the protocol.
func (r UpgradeRequest) Head(host, key string, version int) string {
	upgrade := "Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + key + "\r\n" +
		fmt.Sprintf("Sec-WebSocket-Version: %d\r\n", version)
	if r.Subprotocol != "" {
		upgrade += "Sec-WebSocket-Protocol: " + r.Subprotocol + "\r\n"
	}
	if r.Compression {
		upgrade += "Sec-WebSocket-Extensions: " + deflateOffer + "\r\n"
	}
	return r.head(host, upgrade)
}

func (r UpgradeRequest) head(host, upgrade string) string {
	var more strings.Builder
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, "Host") {
			host = f.Value
			continue
		}
		fmt.Fprintf(&more, "%s: %s\r\n", f.Name, f.Value)
	}
	return "GET " + cmp.Or(r.Path, wire.WebSocketPath) + " HTTP/1.1\r\nHost: " + withoutZone(host) + "\r\n" +
		upgrade + more.String() + "\r\n"
}

// Elsewhere returns the request for a path beside that of r, which no server serves.
func (r UpgradeRequest) Elsewhere() UpgradeRequest {
	path, query, found := strings.Cut(cmp.Or(r.Path, wire.WebSocketPath), "?")
	if r.Path = path + "-that-is-none"; found {
		r.Path += "?" + query
	}
	return r
}

// WithParameter returns the request with one parameter more in its query.
func (r UpgradeRequest) WithParameter() UpgradeRequest {
	separator := "?"
	if strings.Contains(r.Path, "?") {
		separator = "&"
	}
	r.Path = cmp.Or(r.Path, wire.WebSocketPath) + separator + "token=1"
	return r
}

// Conceal replaces the values of headers and of the query in a text that a server sent: it
// may quote them.
func (r UpgradeRequest) Conceal(text string) string {
	for _, f := range r.Header {
		text = conceal(text, f.Value)
	}
	_, query, _ := strings.Cut(r.Path, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		_, value, _ := strings.Cut(parameter, "=")
		text = conceal(text, value)
		if plain, err := url.QueryUnescape(value); err == nil {
			text = conceal(text, plain)
		}
	}
	return text
}

// conceal replaces a value and the longer words of it.
func conceal(text, value string) string {
	if len(value) >= minConcealed {
		text = strings.ReplaceAll(text, value, "…")
	}
	for part := range strings.FieldsSeq(value) {
		if len(part) >= minConcealedPart {
			text = strings.ReplaceAll(text, part, "…")
		}
	}
	return text
}

// The lengths from which a value is replaced, and a word of one: shorter ones are such as
// "1", or "Bearer".
const (
	minConcealed     = 4
	minConcealedPart = 7
)
