package cli_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// proxy NAME SERVER LOGINS: a proxy in front of the WebSocket port of a server, at
// NAME_WS. As soon as so many users have logged in at the server it drops what is open,
// and answers every request with 502; with 0 from the start.
func startProxy(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ts.Defer(cancel)
	ts.Defer(func() { listener.Close() })
	ts.Setenv(args[0]+"_WS", listener.Addr().String())
	p := &proxy{to: ts.Getenv(args[1] + "_WS"), broken: args[2] == "0"}
	if !p.broken {
		reached := afterLogins(ctx, ts, args[1], args[2])
		go func() {
			if <-reached {
				p.breakDown()
			}
		}()
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go p.forward(conn)
			}
		}
	}()
}

// proxy forwards connections until it breaks down.
type proxy struct {
	to string

	mu     sync.Mutex
	broken bool
	open   []net.Conn
}

func (p *proxy) breakDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = true
	for _, conn := range p.open {
		conn.Close()
	}
}

// forward connects to the server, unless the proxy is broken: then it refuses.
func (p *proxy) forward(conn net.Conn) {
	defer conn.Close()
	p.mu.Lock()
	broken := p.broken
	p.open = append(p.open, conn)
	p.mu.Unlock()
	if broken {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, conn)
		_ = server.(*net.TCPConn).CloseWrite() // the end goes on
	}()
	_, _ = io.Copy(conn, server)
}
