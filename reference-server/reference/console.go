package reference

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// ConsoleURL returns the address of the console's page, "" without a control API. Where it
// listens beyond loopback the address has the token that the console wants.
func (s *Server) ConsoleURL() string {
	if s.control == nil {
		return ""
	}
	url := "http://" + s.ControlAddress() + "/"
	if s.token != "" {
		url += "#token=" + s.token
	}
	return url
}

// Sessions describes up to limit sessions in the order in which their users came online; see
// gateway.Gateway.
func (s *Server) Sessions(after uint64, limit int) []gateway.SessionInfo {
	return s.gateway.Sessions(after, limit)
}

// Session describes the session of a user; false for one who is not online.
func (s *Server) Session(user string) (gateway.SessionInfo, bool) { return s.gateway.Session(user) }

// OnlineCounts returns the number of users who are online, by transport.
func (s *Server) OnlineCounts() [len(wire.Transports)]int { return s.gateway.OnlineCounts() }

// Dial connects to the server over one of its transports, from this machine.
func (s *Server) Dial(ctx context.Context, t wire.Transport) (transport.Conn, error) {
	address, err := netip.ParseAddrPort(s.Address(t))
	if err != nil {
		return nil, fmt.Errorf("the server is not served on %s", t)
	}
	if address.Addr().IsUnspecified() {
		loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
		if address.Addr().Is6() {
			loopback = netip.IPv6Loopback()
		}
		address = netip.AddrPortFrom(loopback, address.Port())
	}
	return transport.Dial(ctx, s.config.Network, t, address.String(), transport.Options{TLS: s.ownTLS(t)})
}

// ownTLS returns the TLS by which the server reaches itself: it knows its own certificate,
// whatever names that has.
func (s *Server) ownTLS(t wire.Transport) *tls.Config {
	if s.config.TLS == nil || t == wire.UDP {
		return nil
	}
	return &tls.Config{
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			for _, own := range s.config.TLS.Certificates {
				if len(state.PeerCertificates) > 0 && bytes.Equal(own.Certificate[0], state.PeerCertificates[0].Raw) {
					return nil
				}
			}
			return errors.New("somebody else answers in the server's place")
		},
	}
}

// exposed reports whether other machines can reach an address, by the host that was configured
// and the address that was bound for it.
func exposed(host string, bound net.Addr) bool {
	if configured, err := netip.ParseAddr(host); host == "" || err == nil && !configured.Unmap().IsLoopback() {
		return true
	}
	address, err := netip.ParseAddrPort(bound.String())
	return err != nil || !address.Addr().Unmap().IsLoopback()
}
