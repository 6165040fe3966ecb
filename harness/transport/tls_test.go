package transport_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// secureSetup is a server with a certificate of its own making, and clients
// that trust it.
func secureSetup(t *testing.T) setup {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "test"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		// The bubbles' time starts in the year 2000.
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:  time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return setup{
		server: transport.Options{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}},
		client: transport.Options{TLS: &tls.Config{RootCAs: roots}},
	}
}

func TestTLS(t *testing.T) {
	onServers(t, streams, secureSetup(t), func(b *bench) {
		c := b.dial()
		b.expect("open")
		largest := strings.Repeat("a", b.kind.MaxMessage())
		b.send(c, largest)
		link := b.expectMessage(largest).link
		link.Send([]byte(largest))
		b.receive(c, largest)
		// A deadline does not harm the TLS stream.
		_ = c.SetReceiveDeadline(time.Unix(1, 0))
		if ended := b.closeReason(c); ended.Reason != transport.Timeout {
			b.Errorf("with a deadline that has passed: %v", ended)
		}
		_ = c.SetReceiveDeadline(time.Now().Add(patience))
		link.Send([]byte("kick-out"))
		link.Close()
		b.receive(c, "kick-out")
		if ended := b.closeReason(c); ended.Reason != transport.ByPeer || ended.Code != b.code1000() || ended.Err != nil {
			b.Errorf("at the client: %v", ended)
		}
		if ended := b.reasonAtServer(); ended.Reason != transport.ByUs {
			b.Errorf("at the server: %v", ended)
		}
	})
}

func TestTLSClosedByTheClient(t *testing.T) {
	onServers(t, streams, secureSetup(t), func(b *bench) {
		c := b.dial()
		b.expect("open")
		b.send(c, "last")
		b.expectMessage("last")
		_ = c.Close()
		if ended := b.reasonAtServer(); ended.Reason != transport.ByPeer || ended.Err != nil {
			b.Errorf("at the server after Close: %v", ended)
		}
		c = b.dial()
		b.expect("open")
		b.send(c, "last")
		b.expectMessage("last")
		_ = c.Abort()
		if ended := b.reasonAtServer(); ended.Reason != transport.Reset {
			b.Errorf("at the server after Abort: %v", ended)
		}
	})
}

func TestTLSHandshakeThatFails(t *testing.T) {
	s := secureSetup(t)
	s.client.TLS = &tls.Config{} // trusts nobody of ours
	onServers(t, streams, s, func(b *bench) {
		_, err := transport.Dial(b.Context(), b.network, b.kind, b.address, b.options)
		if err == nil || !strings.Contains(err.Error(), "TLS handshake") {
			b.Errorf("Dial: %v, want a failed TLS handshake", err)
		}
		b.expect("open")
		b.expect("closed")
	})
}

// What is no TLS at all ends the link, after it was announced.
func TestPlainBytesForATLSServer(t *testing.T) {
	onServers(t, streams, secureSetup(t), func(b *bench) {
		raw := b.dialRaw()
		b.expect("open")
		b.write(raw, b.frameOf("a message that is long enough for the header of TLS"))
		if ended := b.reasonAtServer(); ended.Reason != transport.Broken {
			b.Errorf("at the server: %v", ended)
		}
	})
}

func TestALinkIsClosedDuringItsTLSHandshake(t *testing.T) {
	onServers(t, streams, secureSetup(t), func(b *bench) {
		raw := b.dialRaw()
		link := b.expect("open").link
		link.Send([]byte("never seen"))
		link.Close()
		if ended := b.reasonAtServer(); ended.Reason != transport.ByUs {
			b.Errorf("at the server: %v", ended)
		}
		if _, err := raw.Read(make([]byte, 1)); err == nil {
			b.Error("the client got bytes, want the end of the stream")
		}
	})
}

func TestTLSWithoutCertificate(t *testing.T) {
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		if _, err := transport.Listen(transport.OS{}, kind, "127.0.0.1:0", transport.Options{TLS: &tls.Config{}}); err == nil {
			t.Errorf("%s listens with TLS and no certificate", kind)
		}
	}
}
