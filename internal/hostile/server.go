package hostile

import (
	"crypto/tls"
	"net"
	"net/netip"
	"sync"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
)

// Server is a target that has been started on one transport of loopback.
type Server struct {
	Address string // host:port

	target  Target
	on      wire.Transport
	closers []func() error // the Close methods of the listener and of its connections
	ended   chan struct{}
	mu      sync.Mutex
	serving sync.WaitGroup
}

// Start listens on a transport, with TLS if there is a configuration.
func (t Target) Start(on wire.Transport, secure *tls.Config) (*Server, error) {
	s := &Server{target: t, on: on, ended: make(chan struct{})}
	if on == wire.UDP {
		return s, s.listenPackets()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.Address = listener.Addr().String()
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	s.keep(listener.Close)
	s.serving.Go(func() { s.accept(listener) })
	return s, nil
}

// Close closes the listener and all connections.
func (s *Server) Close() {
	s.mu.Lock()
	close(s.ended)
	for _, end := range s.closers {
		_ = end()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// keep registers a function for Close to call.
func (s *Server) keep(end func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ended:
		_ = end()
	default:
		s.closers = append(s.closers, end)
	}
}

func (s *Server) accept(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		s.keep(c.Close)
		s.serving.Go(func() { s.serve(c) })
	}
}

func (s *Server) serve(c net.Conn) {
	if s.target.accept != nil {
		s.target.accept(c)
		return
	}
	if s.on == wire.WS {
		if _, err := ws.Upgrade(c); err == nil {
			s.logIn(&webSocketLink{newStreamLink(c)})
		}
		return
	}
	s.logIn(&tcpLink{newStreamLink(c)})
}

// logIn answers probes until a login arrives, answers that, and starts the session.
func (s *Server) logIn(l link) {
	for {
		body, err := l.receive()
		if err != nil {
			return
		}
		m, err := wire.Decode(body)
		if err != nil || m.Type != wire.TypeLogin {
			_ = l.send(wire.NewEchoResponse(m).Append(nil)) // an error shows at the next receive
			continue
		}
		user := m.From.Value()
		if l.send(wire.NewLoginResponse(user, wire.CodeOK, 1).Append(nil)) == nil {
			s.target.session(l, user)
		}
		return
	}
}

// waitingDatagrams is the number of one client's datagrams that are queued.
const waitingDatagrams = 64

func (s *Server) listenPackets() error {
	socket, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		return err
	}
	s.Address = socket.LocalAddr().String()
	s.keep(socket.Close)
	s.serving.Go(func() { s.receive(socket) })
	return nil
}

// receive hands each client's datagrams to its link.
func (s *Server) receive(socket *net.UDPConn) {
	links := map[netip.AddrPort]*packetLink{}
	for {
		buffer := make([]byte, 2*wire.MaxDatagram)
		n, peer, err := socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		l := links[peer]
		if l == nil {
			l = &packetLink{socket, peer, make(chan []byte, waitingDatagrams), s.ended}
			links[peer] = l
			s.serving.Go(func() { s.logIn(l) })
		}
		select {
		case l.in <- buffer[:n]:
		default: // dropped, as by a full buffer of the system
		}
	}
}
