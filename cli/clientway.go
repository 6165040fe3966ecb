package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"time"

	"imcheck/conformance/client"
	"imcheck/harness/driver"
)

// Clients that run at the same time unless --parallel says otherwise: those that are
// started, each of which is a process and may be a JVM, and those that come by themselves.
const (
	clientsAtOnce = 64
	comersAtOnce  = 8
)

// atOnce is the number of clients that run at the same time.
func (f *roleFlags) atOnce() int {
	if f.listen != "" {
		return comersAtOnce
	}
	return clientsAtOnce
}

// reach sets how the client under test is reached. stop ends that; it is never nil. An
// error is the user's.
func (f *roleFlags) reach(a *app, t *client.Target) (stop func(), err error) {
	if f.listen != "" {
		stop, err = f.listenHTTP(a, t)
		if err != nil {
			return func() {}, fmt.Errorf("--listen-http %s: %w", f.listen, err)
		}
		return stop, nil
	}
	command, err := driver.NewCommand(f.command)
	if err != nil {
		return func() {}, fmt.Errorf("--exec: %w", err)
	}
	t.Launcher = command
	return func() {}, nil
}

// Bounds of the requests of clients, and of the wait for the last of them.
const (
	requestTime = 10 * time.Second
	lastAnswers = time.Second
)

// listenHTTP waits for clients at an address, which it prints.
func (f *roleFlags) listenHTTP(a *app, t *client.Target) (stop func(), err error) {
	host, port, err := splitOnLoopback(f.listen)
	if err != nil {
		return nil, err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.IsUnspecified() {
		return nil, fmt.Errorf("%q has to be an IP address of this machine that the client can reach, such as 127.0.0.1", host)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails
	token := hex.EncodeToString(random[:])
	web := driver.NewWeb(token)
	t.Launcher, t.Host = web, host
	server := &http.Server{Handler: web, ReadHeaderTimeout: requestTime, ReadTimeout: requestTime, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }() // it ends with stop
	a.complain("the client under test comes to http://%s/%s", listener.Addr(), token)
	if !ip.IsLoopback() {
		a.complain("warning: --listen-http, and the servers that are played to clients, can be reached beyond this machine")
	}
	return func() {
		web.Close()
		ctx, cancel := context.WithTimeout(context.Background(), lastAnswers)
		defer cancel()
		_ = server.Shutdown(ctx) // who has not asked by then has gone
		_ = server.Close()
	}, nil
}
