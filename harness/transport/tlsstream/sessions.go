package tlsstream

import (
	"cmp"
	"crypto/tls"
	"sync/atomic"
)

// maxTicket is the largest session ticket in bytes that is kept. Servers send some
// hundred bytes, and a hostile one up to 64 KiB to each of ten thousand clients.
const maxTicket = 4 << 10

// Sessions has the TLS configurations of many clients. Each resumes the last session of
// its own, as devices do that connect again: the first handshake of a client is a full
// one.
type Sessions struct {
	config *tls.Config
	seats  []*tls.Config
}

// NewSessions returns the configurations of clients that use config. If that has a session
// cache, all share it.
func NewSessions(config *tls.Config) *Sessions {
	config = config.Clone()
	config.Renegotiation = tls.RenegotiateNever // it would be a handshake amid reads, which do not wait
	return &Sessions{config: config}
}

// Config returns the configuration of the client with a seat, counted from 0, that connects
// to a server with a name, unless the configuration itself names one.
func (s *Sessions) Config(seat int, server string) *tls.Config {
	server = cmp.Or(s.config.ServerName, server)
	if s.config.ClientSessionCache != nil && s.config.ServerName == server {
		return s.config
	}
	for len(s.seats) <= seat {
		s.seats = append(s.seats, nil)
	}
	if before := s.seats[seat]; before == nil || before.ServerName != server {
		c := s.config.Clone()
		c.ServerName = server
		if c.ClientSessionCache == nil {
			c.ClientSessionCache = &session{}
		}
		s.seats[seat] = c
	}
	return s.seats[seat]
}

// session is a cache with the last session of one client.
type session struct {
	last atomic.Pointer[tls.ClientSessionState]
}

func (s *session) Get(string) (state *tls.ClientSessionState, ok bool) {
	state = s.last.Load()
	return state, state != nil
}

func (s *session) Put(_ string, state *tls.ClientSessionState) {
	if ticket, _, err := state.ResumptionState(); err != nil || len(ticket) > maxTicket {
		state = nil
	}
	s.last.Store(state)
}
