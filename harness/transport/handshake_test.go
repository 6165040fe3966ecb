package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// The key and the answer to it that RFC 6455 §1.3 gives as its example.
const (
	exampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// upgradeRequest is a request that is accepted; the replacements are made in
// it, pair by pair.
func upgradeRequest(replacements ...string) string {
	request := "GET /websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + exampleKey + "\r\nSec-WebSocket-Version: 13\r\n\r\n"
	return strings.NewReplacer(replacements...).Replace(request)
}

// dialHalf makes a client whose server is the test: it has written the
// handshake, if there is one, and nothing else.
func (b *bench) dialHalf() (transport.Conn, net.Conn) {
	b.Helper()
	address, accepted := stuckServer(b.T, b.network)
	servers := make(chan net.Conn, 1)
	go func() {
		server := <-accepted
		if b.kind == wire.WS {
			answerHandshake(server, "101 Switching Protocols", "")
		}
		servers <- server
	}()
	c, err := transport.Dial(b.Context(), b.network, b.kind, address, b.options)
	if err != nil {
		b.Fatal(err)
	}
	server := <-servers
	b.Cleanup(func() { _, _ = c.Abort(), server.Close() })
	_ = c.SetReceiveDeadline(time.Now().Add(patience))
	return c, server
}

// answerHandshake reads a request and answers it; the accept key is right
// unless another is given.
func answerHandshake(server net.Conn, status, accept string) {
	r, err := http.ReadRequest(bufio.NewReader(server))
	if err != nil {
		return
	}
	if accept == "" {
		accept = websocket.AcceptKey(r.Header.Get("Sec-WebSocket-Key"))
	}
	_, _ = io.WriteString(server, "HTTP/1.1 "+status+"\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+accept+"\r\n\r\n")
}

func TestHandshakeAccepted(t *testing.T) {
	tests := map[string]string{
		"version 13":         upgradeRequest(),
		"version 8":          upgradeRequest("Version: 13", "Version: 8"),
		"lists and case":     upgradeRequest("Connection: Upgrade", "connection: keep-alive, uPGRADE", "websocket\r\n", "foo, WebSocket\r\n"),
		"more headers":       upgradeRequest("\r\n\r\n", "\r\nOrigin: http://example.org\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
		"as large as can be": upgradeRequest("\r\n\r\n", "\r\nX: "+strings.Repeat("x", 8<<10-len(upgradeRequest())-len("X: \r\n"))+"\r\n\r\n"),
	}
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			onServers(t, []wire.Transport{wire.WS}, setup{}, func(b *bench) {
				raw := b.dialRaw()
				link := b.expect("open").link
				link.Send([]byte("queued during the handshake"))
				// The first frame comes together with the request.
				b.write(raw, []byte(request), b.frameOf("hello"))
				b.expectMessage("hello")
				in := bufio.NewReader(raw)
				answer, err := http.ReadResponse(in, nil)
				if err != nil {
					b.Fatal(err)
				}
				if answer.StatusCode != http.StatusSwitchingProtocols || answer.Header.Get("Sec-WebSocket-Accept") != exampleAccept ||
					answer.Header.Get("Sec-WebSocket-Protocol") != "" || answer.Header.Get("Sec-WebSocket-Extensions") != "" {
					b.Errorf("answer %s with %v", answer.Status, answer.Header)
				}
				want := b.answerOf("queued during the handshake")
				got := make([]byte, len(want))
				if _, err := io.ReadFull(in, got); err != nil || string(got) != string(want) {
					b.Errorf("after the answer came %q, %v; want %q", got, err, want)
				}
			})
		})
	}
}

func TestHandshakeRefused(t *testing.T) {
	tests := map[string]string{
		"no upgrade":         "GET /websocket HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"no Upgrade header":  upgradeRequest("Upgrade: websocket\r\n", ""),
		"no Connection":      upgradeRequest("Connection: Upgrade\r\n", ""),
		"no key":             upgradeRequest("Sec-WebSocket-Key: "+exampleKey+"\r\n", ""),
		"no version":         upgradeRequest("Sec-WebSocket-Version: 13\r\n", ""),
		"version 7":          upgradeRequest("Version: 13", "Version: 7"),
		"version 14":         upgradeRequest("Version: 13", "Version: 14"),
		"POST":               upgradeRequest("GET", "POST"),
		"another protocol":   upgradeRequest("Upgrade: websocket", "Upgrade: h2c"),
		"not HTTP":           "hello\r\n\r\n",
		"head without bound": "GET /websocket HTTP/1.1\r\nX: " + strings.Repeat("x", 9<<10),
	}
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			onServers(t, []wire.Transport{wire.WS}, setup{}, func(b *bench) {
				raw := b.dialRaw()
				b.expect("open")
				b.write(raw, []byte(request))
				answer, err := http.ReadResponse(bufio.NewReader(raw), nil)
				if err != nil {
					b.Fatal(err)
				}
				if answer.StatusCode != http.StatusBadRequest {
					b.Errorf("answer %s, want 400", answer.Status)
				}
				if _, ok := b.expect("closed").reason.(*websocket.ProtocolError); !ok {
					b.Error("the reason is not a *ProtocolError")
				}
				if _, err := raw.Read(make([]byte, 1)); err != io.EOF {
					b.Errorf("after the answer: %v, want the end of the stream", err)
				}
			})
		})
	}
}

// At the observed server another path, and the path with a query, get no answer
// until someone closes (§2). That there is none is shown by what the stream holds in the end.
func TestHandshakeIgnored(t *testing.T) {
	tests := map[string]string{
		"another path":   upgradeRequest("/websocket", "/"),
		"longer path":    upgradeRequest("/websocket", "/websocket/"),
		"query":          upgradeRequest("/websocket", "/websocket?token=1"),
		"no upgrade":     "GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"whole address":  upgradeRequest("/websocket", "http://localhost/websocket"),
		"unfinished":     strings.TrimSuffix(upgradeRequest(), "\r\n"),
		"nothing at all": "",
	}
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			onServers(t, []wire.Transport{wire.WS}, observed, func(b *bench) {
				raw := b.dialRaw()
				link := b.expect("open").link
				b.write(raw, []byte(request), []byte("discarded"))
				if b.network != (transport.OS{}) {
					synctest.Wait()
				}
				link.Send([]byte("never seen"))
				link.Close()
				if rest, err := io.ReadAll(raw); err != nil || len(rest) > 0 {
					b.Errorf("the client read %q, %v; want the end of the stream", rest, err)
				}
				if ended := b.reasonAtServer(); ended.Reason != transport.ByUs {
					b.Errorf("at the server: %v", ended)
				}
			})
		})
	}
}

// Without the quirk they are answered as HTTP has it.
func TestHandshakeOnOtherPaths(t *testing.T) {
	tests := map[string]struct {
		request string
		status  int
	}{
		"another path":               {upgradeRequest("/websocket", "/"), http.StatusNotFound},
		"longer path":                {upgradeRequest("/websocket", "/websocket/"), http.StatusNotFound},
		"another path, no upgrade":   {"GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n", http.StatusNotFound},
		"query":                      {upgradeRequest("/websocket", "/websocket?token=1"), http.StatusSwitchingProtocols},
		"whole address":              {upgradeRequest("/websocket", "http://localhost/websocket"), http.StatusSwitchingProtocols},
		"query, no upgrade":          {"GET /websocket?a HTTP/1.1\r\nHost: localhost\r\n\r\n", http.StatusBadRequest},
		"not the path but the query": {upgradeRequest("/websocket", "/?/websocket"), http.StatusNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			onServers(t, []wire.Transport{wire.WS}, setup{}, func(b *bench) {
				raw := b.dialRaw()
				b.expect("open")
				b.write(raw, []byte(test.request))
				answer, err := http.ReadResponse(bufio.NewReader(raw), nil)
				if err != nil {
					b.Fatal(err)
				}
				if answer.StatusCode != test.status {
					b.Errorf("answer %s, want %d", answer.Status, test.status)
				}
			})
		})
	}
}

// A server may refuse the query only.
func TestHandshakeWithQueryRefused(t *testing.T) {
	for target, status := range map[string]int{
		"/websocket?token=1": http.StatusNotFound,
		"/websocket":         http.StatusSwitchingProtocols,
	} {
		onServers(t, []wire.Transport{wire.WS}, setup{server: transport.Options{Quirks: transport.Quirks{QueryRefused: true}}}, func(b *bench) {
			raw := b.dialRaw()
			b.expect("open")
			b.write(raw, []byte(upgradeRequest("/websocket", target)))
			answer, err := http.ReadResponse(bufio.NewReader(raw), nil)
			if err != nil || answer.StatusCode != status {
				b.Errorf("%s: answer %v, %v; want %d", target, answer, err, status)
			}
		})
	}
}

func TestHandshakeThatTheClientRefuses(t *testing.T) {
	tests := map[string]func(net.Conn){
		"400":             func(c net.Conn) { answerHandshake(c, "400 Bad Request", "") },
		"a long status":   func(c net.Conn) { answerHandshake(c, "400 "+strings.Repeat("x", 7<<10), "") },
		"a long line":     func(c net.Conn) { _, _ = io.WriteString(c, strings.Repeat("x", 7<<10)+"\r\n\r\n") },
		"wrong accept":    func(c net.Conn) { answerHandshake(c, "101 Switching Protocols", exampleAccept) },
		"not HTTP":        func(c net.Conn) { _, _ = io.WriteString(c, "hello\r\n\r\n") },
		"no end":          func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 101 X\r\nX: "+strings.Repeat("x", 9<<10)) },
		"without headers": func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 101 X\r\n\r\n") },
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			onNetworks(t, func(t *testing.T, n transport.Network) {
				address, accepted := stuckServer(t, n)
				go func() {
					c := <-accepted
					answer(c)
					_, _ = io.Copy(io.Discard, c) // until the client gives up
					_ = c.Close()
				}()
				_, err := transport.Dial(t.Context(), n, wire.WS, address, transport.Options{})
				if _, ok := errors.AsType[*websocket.ProtocolError](err); !ok || len(err.Error()) > 500 {
					t.Errorf("Dial: %.1000v, want a *ProtocolError that quotes a little of the answer", err)
				}
			})
		})
	}
}

func TestDialErrorsNameTransportAndAddress(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		l, err := n.ListenStream("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close() // so that nothing listens there
		for _, kind := range streams {
			_, err := transport.Dial(t.Context(), n, kind, address, transport.Options{})
			if err == nil || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), kind.String()) {
				t.Errorf("Dial: %v, want an error with %s and %s", err, kind, address)
			}
		}
		for _, kind := range everyTransport {
			for _, bad := range []string{"", "localhost", "127.0.0.1:70000"} {
				if _, err := transport.Dial(t.Context(), n, kind, bad, transport.Options{}); err == nil {
					t.Errorf("Dial of %q by %s succeeded", bad, kind)
				}
				if _, err := transport.Listen(n, kind, bad, transport.Options{}); err == nil && bad != "" {
					t.Errorf("Listen on %q by %s succeeded", bad, kind)
				}
			}
		}
	})
}

func TestOptionsThatCannotWork(t *testing.T) {
	n := memory.New()
	for _, kind := range everyTransport {
		if _, err := transport.Listen(n, kind, "127.0.0.1:0", transport.Options{MaxMessage: -1}); err == nil {
			t.Errorf("a negative limit was accepted by %s", kind)
		}
		if _, err := transport.Dial(t.Context(), n, kind, "127.0.0.1:1", transport.Options{MaxMessage: -1}); err == nil {
			t.Errorf("a negative limit was accepted by %s", kind)
		}
	}
	if _, err := transport.Listen(n, 7, "127.0.0.1:0", transport.Options{}); err == nil {
		t.Error("an unknown transport was accepted")
	}
}

// A server that accepts and then says nothing holds Dial up for as long as the
// context allows, and for DialTimeout at most.
func TestDialIsBounded(t *testing.T) {
	tests := []struct {
		name   string
		within time.Duration
		want   time.Duration
	}{
		{"by the context", 3 * time.Second, 3 * time.Second},
		{"by itself", time.Hour, transport.DialTimeout},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := memory.New()
				address, accepted := stuckServer(t, n)
				defer func() { _ = (<-accepted).Close() }()
				ctx, cancel := context.WithTimeout(t.Context(), test.within)
				defer cancel()
				start := time.Now()
				_, err := transport.Dial(ctx, n, wire.WS, address, transport.Options{})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Dial: %v", err)
				}
				if took := time.Since(start); took != test.want {
					t.Errorf("Dial took %s, want %s", took, test.want)
				}
			})
		})
	}
}
