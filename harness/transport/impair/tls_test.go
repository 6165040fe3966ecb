package impair_test

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// selfSigned makes the configurations of a server on loopback and of a client
// that trusts it.
func selfSigned(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(certificate)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}}, &tls.Config{RootCAs: trusted}
}

// Every round trip of the handshakes takes as long as one of a message: TLS 1.3
// has one, WebSocket another.
func TestTLSOverAnImpairedPath(t *testing.T) {
	for kind, roundTrips := range map[wire.Transport]time.Duration{wire.TCP: 1, wire.WS: 2} {
		t.Run(kind.String(), func(t *testing.T) {
			serverTLS, clientTLS := selfSigned(t)
			inMemory(t, func(t *testing.T, n transport.Network) {
				l, err := transport.Listen(n, kind, "127.0.0.1:0", transport.Options{TLS: serverTLS})
				if err != nil {
					t.Fatal(err)
				}
				go func() { _ = l.Serve(echo{}) }()
				defer l.Close()
				path := pathOf(t, "out: delay=100ms", "in: delay=1s")
				defer path.Settle()
				start := time.Now()
				c, err := transport.Dial(t.Context(), path.Network(n, kind), kind, l.Addr().String(), transport.Options{TLS: clientTLS})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				took(t, "dialing", start, roundTrips*1100*ms)
				start = time.Now()
				if err := c.Send([]byte("hello")); err != nil {
					t.Fatal(err)
				}
				if got, err := c.Receive(); err != nil || string(got) != "hello" {
					t.Errorf("Receive: %q, %v", got, err)
				}
				took(t, "the echo", start, 1100*ms)
			})
		})
	}
}
