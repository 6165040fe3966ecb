package fuzz

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Parts of a request that send replaces by those that the target gets: inputs do not depend
// on it, and say nothing of its headers, which may be secret.
const (
	anyPath = " " + wire.WebSocketPath + " "
	anyHost = "Host: localhost\r\n"
)

// upgradeRequest asks for a WebSocket, with a key that is drawn.
func upgradeRequest(r *rand.Rand) []byte {
	key := base64.StdEncoding.EncodeToString(noise(r, 16))
	return []byte(transport.UpgradeRequest{}.Head("localhost", key, 13))
}

// addressed returns a request as the target gets it: for its path, with its headers.
func addressed(request []byte, wanted transport.UpgradeRequest) []byte {
	if wanted.Path != "" {
		request = bytes.Replace(request, []byte(anyPath), []byte(" "+wanted.Path+" "), 1)
	}
	host, others := anyHost, ""
	for _, h := range wanted.Header {
		line := h.Name + ": " + h.Value + "\r\n"
		if h.Name == "Host" {
			host = line
		} else {
			others += line
		}
	}
	if wanted.Subprotocol != "" {
		others += "Sec-WebSocket-Protocol: " + wanted.Subprotocol + "\r\n"
	}
	return bytes.Replace(request, []byte(anyHost), []byte(host+others), 1)
}

// replaced is a request with one part in place of another.
func replaced(before, after string) func(*rand.Rand, []byte) []byte {
	return func(_ *rand.Rand, request []byte) []byte {
		return bytes.Replace(request, []byte(before), []byte(after), 1)
	}
}

// headerAdded is a request with another header, or several, after the first line.
func headerAdded(headers func(r *rand.Rand) string) func(*rand.Rand, []byte) []byte {
	return func(r *rand.Rand, request []byte) []byte {
		return bytes.Replace(request, []byte("Host:"), []byte(headers(r)+"Host:"), 1)
	}
}

// handshakes are ways to ask for a WebSocket that no client has. Of most of them a server
// cannot know that they will not become right, so that they wait.
var handshakes = []framing{
	{"another method", func(r *rand.Rand, request []byte) []byte {
		return bytes.Replace(request, []byte("GET"), []byte(pick(r, []string{"POST", "HEAD", "CONNECT", "get", "", strings.Repeat("G", 9000)})), 1)
	}},
	{"another path", func(r *rand.Rand, request []byte) []byte {
		path := pick(r, []string{"/", "/websocket/", "/WebSocket", "/websocket?x=1", "*", "", "//websocket", "/%77ebsocket", "/../websocket", "http://x/websocket", "/\x00", "/" + strings.Repeat("a", pick(r, []int{4000, 9000, 100_000}))})
		return bytes.Replace(request, []byte(wire.WebSocketPath), []byte(path), 1)
	}},
	{"another HTTP version", func(r *rand.Rand, request []byte) []byte {
		return bytes.Replace(request, []byte("HTTP/1.1"), []byte(pick(r, []string{"HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1.1", "HTTP/", "", "HTTP/4294967297.1"})), 1)
	}},
	{"another WebSocket version", func(r *rand.Rand, request []byte) []byte {
		return bytes.Replace(request, []byte("Version: 13"), []byte("Version: "+pick(r, []string{"", "0", "7", "8", "99", "13, 8", "-13", "x"})), 1)
	}},
	{"no upgrade", replaced("Upgrade: websocket\r\n", "")},
	{"no connection header", replaced("Connection: Upgrade\r\n", "")},
	{"no key", replaced("Sec-WebSocket-Key", "X-Key")},
	{"bad key", func(r *rand.Rand, request []byte) []byte {
		return bytes.Replace(request, []byte("Key: "), []byte("Key: "+pick(r, []string{"x", "====", "\xff\xff", strings.Repeat("A", 5000)})), 1)
	}},
	{"long header", headerAdded(func(r *rand.Rand) string {
		return "X-Long: " + strings.Repeat("a", pick(r, []int{4000, 8100, 9000, 100_000})) + "\r\n"
	})},
	{"many headers", headerAdded(func(r *rand.Rand) string { return strings.Repeat("X-Many: a\r\n", pick(r, []int{50, 500, 10_000})) })},
	{"odd header", headerAdded(func(r *rand.Rand) string {
		return pick(r, []string{"no colon\r\n", ": no name\r\n", " folded\r\n", "X\x00: y\r\n", "X: \xff\r\n", "X : y\r\n", "\r\r\n", "Upgrade: h2c\r\n", "Sec-WebSocket-Protocol: \r\n", "Sec-WebSocket-Extensions: permessage-deflate; x=\"\r\n", "Expect: 100-continue\r\n"})
	})},
	{"body", headerAdded(func(r *rand.Rand) string {
		return pick(r, []string{"Content-Length: 5\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", "Content-Length: 1000000\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n"})
	})},
	{"LF alone", func(_ *rand.Rand, request []byte) []byte {
		return bytes.ReplaceAll(request, []byte("\r\n"), []byte("\n"))
	}},
	{"no end", func(_ *rand.Rand, request []byte) []byte { return bytes.TrimSuffix(request, []byte("\r\n")) }},
	{"cut off", func(r *rand.Rand, request []byte) []byte { return request[:r.IntN(len(request))] }},
	{"twice", func(_ *rand.Rand, request []byte) []byte { return bytes.Repeat(request, 2) }},
	{"many at once", func(_ *rand.Rand, request []byte) []byte { return bytes.Repeat(request, 50) }},
	{"TLS", func(r *rand.Rand, _ []byte) []byte {
		return append([]byte{22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, noise(r, 512)...)
	}},
	{"HTTP/2", func(*rand.Rand, []byte) []byte {
		return []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
	}},
	{"TCP frame in place of it", func(r *rand.Rand, _ []byte) []byte { return wire.AppendFrame(nil, login(r).Append(nil)) }},
}
