package target_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// A status that refuses the upgrade to WebSocket is that of something before the
// server, or of another server; whatever else comes is for cases to judge.
func TestProbeUpgrade(t *testing.T) {
	const head = "HTTP/1.1 "
	for _, test := range []struct {
		name, answer string
		hangUp       bool
		want         string // in the error; "" for none
		took         time.Duration
	}{
		{"bad gateway", head + "502 Bad Gateway\r\n\r\n", false, `answered with "502 Bad Gateway"`, 0},
		{"unavailable", head + "503 Service Unavailable\r\nContent-Length: 1000000\r\n\r\n", false, `"503 Service Unavailable"`, 0},
		{"timeout", head + "504 Gateway Timeout\r\n\r\n", true, `"504 Gateway Timeout"`, 0},
		{"not found", head + "404 Not Found\r\n\r\n", false, `"404 Not Found"`, 0},
		{"redirected", head + "302 \x1b[2J\r\nLocation: http://elsewhere/\r\n\r\n", false, `"302 \\x1b[2J"`, 0},
		{"upgraded", head + "101 Switching Protocols\r\n\r\n", false, "", 0},
		{"another HTTP", "HTTP/9.9 really\r\n\r\n", false, "", 0},
		{"no HTTP", "hello\r\n\r\n", false, "", 0},
		{"silent", "", false, "", wait},
		{"half a head", head + "502", false, "", wait},
		{"hung up", "", true, "", 0},
		{"endless", head + "502 Bad Gateway\r\n" + strings.Repeat("X: y\r\n", 10_000), false, "", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := memory.New()
			l, err := n.ListenStream(anyPort)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go answerUpgrade(l, test.answer, test.hangUp)
			described := target.Target{Network: n}
			described.Addresses[wire.WS] = l.Addr().String()
			begin := time.Now()
			err = described.Probe(t.Context(), wire.WS, wait)
			var unreachable *target.UnreachableError
			switch {
			case test.want == "" && err != nil, test.want != "" && (!errors.As(err, &unreachable) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%s: %v", test.name, err)
			case time.Since(begin) != test.took:
				t.Errorf("%s: it took %v", test.name, time.Since(begin))
			}
		})
	}
}

// answerUpgrade accepts one connection, reads a request, and answers it.
func answerUpgrade(l net.Listener, answer string, hangUp bool) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Read(make([]byte, 4096))
	_, _ = io.WriteString(conn, answer)
	if !hangUp {
		_, _ = io.Copy(io.Discard, conn)
	}
}
