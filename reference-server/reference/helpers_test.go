package reference_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/internal/childprocess"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// patience is the time after which a test over real sockets gives up. No test depends on
// how long anything took.
const patience = 20 * time.Second

const anyPort = "127.0.0.1:0"

// testsAtOnce is the number of parallel tests that run at the same time, whatever the number
// of processors: over sockets they wait most of the time.
const testsAtOnce = "8"

// serving is the environment variable that makes this test binary a server.
const serving = "REFERENCE_SERVER"

// serve is a server with a control API, in a process of its own. It says where it
// listens and ends with its standard input.
func serve() error {
	s, err := reference.Start(everywhere(transport.OS{}))
	if err != nil {
		return err
	}
	defer s.Close()
	return childprocess.Serve([]string{s.Address(wire.WS), s.ControlAddress()})
}

func TestMain(m *testing.M) {
	if os.Getenv(serving) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	if err := flag.Set("test.parallel", testsAtOnce); err != nil {
		panic(err) // the flag is the testing package's own
	}
	m.Run()
}

// onNetworks runs a test over the machine's network and, inside a bubble whose
// end shows that no goroutine is left, over the one in memory.
func onNetworks(t *testing.T, test func(t *testing.T, n transport.Network)) {
	t.Run("os", func(t *testing.T) { test(t, transport.OS{}) })
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, memory.New()) })
	})
}

// everywhere is a configuration with a port on each transport.
func everywhere(network transport.Network) reference.Config {
	return reference.Config{
		Network: network, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
		Modes: timing.DefaultModes(), Limits: server.DefaultLimits, Version: "test",
	}
}

// start starts a reference server; it is closed with the test.
func start(t *testing.T, config reference.Config) *reference.Server {
	t.Helper()
	s, err := reference.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// startObserved starts a server that is like the observed one in everything.
func startObserved(t *testing.T, network transport.Network, modes timing.Modes) *reference.Server {
	t.Helper()
	config := everywhere(network)
	config.Modes, config.AsObserved = modes, true
	return start(t, config)
}

// startServer starts a reference server on every transport; it is closed with
// the test.
func startServer(t *testing.T, network transport.Network, modes timing.Modes) *reference.Server {
	t.Helper()
	config := everywhere(network)
	config.Modes = modes
	return start(t, config)
}

// peer is a client's end of a connection.
type peer struct {
	*testing.T
	transport.Conn
	user string // that has logged in last
}

// dial connects to a server; the connection is dropped with the test.
func dial(t *testing.T, network transport.Network, s *reference.Server, kind wire.Transport, o transport.Options) *peer {
	t.Helper()
	conn, err := transport.Dial(context.Background(), network, kind, s.Address(kind), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Abort() })
	if err := conn.SetReceiveDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &peer{T: t, Conn: conn}
}

func (p *peer) send(m wire.Message) {
	p.Helper()
	if err := p.Conn.Send(m.Append(nil)); err != nil {
		p.Fatalf("sending %s: %v", m, err)
	}
}

// receive reads one message.
func (p *peer) receive() wire.Message {
	p.Helper()
	body, err := p.Conn.Receive()
	if err != nil {
		p.Fatalf("receiving: %v", err)
	}
	m, err := wire.Decode(body)
	if err != nil {
		p.Fatalf("received %q: %v", body, err)
	}
	return m
}

// expect reads one message of a type.
func (p *peer) expect(want wire.Type) wire.Message {
	p.Helper()
	m := p.receive()
	if m.Type != want {
		p.Fatalf("received %s, want a %s", m, want)
	}
	return m
}

// login logs in, and waits until the user is registered.
func (p *peer) login(user string) {
	p.Helper()
	p.send(loginMessage(user))
	p.expect(wire.TypeLoginResponse)
	p.keepAlive(user)
	p.user = user
}

func (p *peer) keepAlive(user string) {
	p.Helper()
	p.send(wire.NewKeepAlive(user))
	p.expect(wire.TypeKeepAliveResponse)
}

// expectEnd reads the end of the connection, which the server has to cause; on
// WebSocket with a close code (§2). A reset is one too: it comes when more was
// sent than the server read.
func (p *peer) expectEnd(code websocket.CloseCode) {
	p.Helper()
	ended := p.end()
	if ended.Reason != transport.ByPeer && ended.Reason != transport.Reset {
		p.Fatalf("the connection ended so: %v", ended)
	}
	if p.Transport() == wire.WS && ended.Reason == transport.ByPeer && ended.Code != code {
		p.Fatalf("close code %d, want %d", ended.Code, code)
	}
}

// end reads the end of the connection, of whatever kind.
func (p *peer) end() *transport.CloseError {
	p.Helper()
	body, err := p.Conn.Receive()
	ended, ok := errors.AsType[*transport.CloseError](err)
	if !ok {
		p.Fatalf("%s: received %.20q and %v, want the end of the connection", p.user, body, err)
	}
	return ended
}

// eventually reports whether a condition becomes true before a test gives up.
func eventually(condition func() bool) bool {
	again, tooLong := time.NewTicker(time.Millisecond), time.NewTimer(patience)
	defer again.Stop()
	defer tooLong.Stop()
	for !condition() {
		select {
		case <-again.C:
		case <-tooLong.C:
			return condition()
		}
	}
	return true
}

func loginMessage(user string) wire.Message {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some(user), Token: wire.Some("t")})
}

// certificate makes a server's TLS configuration for 127.0.0.1, and one for
// clients that trust it.
func certificate(t *testing.T) (forServer, forClients *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(parsed)
	own := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return &tls.Config{Certificates: []tls.Certificate{own}}, &tls.Config{RootCAs: trusted}
}
