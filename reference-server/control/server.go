package control

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of what callers may take, and for how long.
const (
	// MaxStreams bounds the streams of events that are open at once. A further one is
	// refused with 503.
	MaxStreams = 64
	// MaxConnections bounds the connections that are open at once, streams included.
	// Further ones wait until one of them has ended.
	MaxConnections = 256
	// RequestTimeout bounds how long a request may take to arrive, head and body.
	RequestTimeout = 10 * time.Second
	// WriteTimeout bounds how long a caller may take to read an answer, or a batch of
	// events. It is longer than a tester may be stopped for a moment.
	WriteTimeout = 30 * time.Second
	// IdleTimeout bounds how long a connection is kept for a further request.
	IdleTimeout = 2 * time.Minute

	maxHeader = 16 << 10 // about how many bytes the head of a request may have
)

// NewServer makes the HTTP server of the API. host is the host to listen on as it was
// given: a name, an IP address, or empty for every address. Streams of events end when
// done is closed. more are further handlers, by their
// pattern. Serve a listener with it that Limit made.
func NewServer(server Server, log *Log, host string, done <-chan struct{}, more map[string]http.Handler) *http.Server {
	return &http.Server{
		Handler:           guarded(host, handler(server, log, done, more)),
		ReadHeaderTimeout: RequestTimeout,
		ReadTimeout:       RequestTimeout,
		WriteTimeout:      WriteTimeout,
		IdleTimeout:       IdleTimeout,
		MaxHeaderBytes:    maxHeader,
	}
}

// Limit returns a listener that has at most MaxConnections open.
func Limit(l net.Listener) net.Listener {
	return &limited{Listener: l, places: make(chan struct{}, MaxConnections), closed: make(chan struct{})}
}

// limited is a listener with a fixed number of places for connections.
type limited struct {
	net.Listener
	places  chan struct{}
	closing sync.Once
	closed  chan struct{}
}

// Accept waits for a place, and then for a connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &placed{Conn: c, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

func (l *limited) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// placed is a connection that has a place until it is closed.
type placed struct {
	net.Conn
	leave func()
}

func (c *placed) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// CloseWrite sends a FIN, as net/http does before it drops a request that it has
// not read to its end: else the answer could be lost in a reset.
func (c *placed) CloseWrite() error {
	if stream, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return stream.CloseWrite()
	}
	return nil
}
