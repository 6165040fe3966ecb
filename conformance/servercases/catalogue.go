// Package servercases is the catalogue of conformance cases against a server, one file
// an area.
//
// A case that expects silence, or a closed connection, shows before and after
// it that the server answers: a server that only accepts connections passes
// none of them.
package servercases

import (
	"slices"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// All lists every case, area by area.
func All() []suite.Case {
	return withUsers(slices.Concat(
		loginCases, sessionCases, kickCases, heartbeatCases,
		qosCases(), bridgeCases(), framingCases(), messageCases(), infoCases,
	))
}

// Transports that a case runs on.
var (
	everywhere    = []wire.Transport{wire.UDP, wire.TCP, wire.WS}
	streams       = []wire.Transport{wire.TCP, wire.WS}
	udpOnly       = []wire.Transport{wire.UDP}
	tcpOnly       = []wire.Transport{wire.TCP}
	webSocketOnly = []wire.Transport{wire.WS}
)

// WebSocket opcodes of RFC 6455 §5.2.
const (
	opContinuation = websocket.OpContinuation
	opText         = websocket.OpText
	opBinary       = websocket.OpBinary
	opClose        = websocket.OpClose
	opPing         = websocket.OpPing
)

// textFrame returns a valid frame with one message.
func textFrame(body []byte) websocket.Frame {
	return websocket.Frame{Fin: true, Opcode: opText, Masked: true, Payload: body}
}

// twoUsers logs two users in on the case's transport.
func twoUsers(s *server.Scene) (a, b *server.Peer) {
	peers := s.LoginAll(s.User("a"), s.User("b"))
	return peers[0], peers[1]
}

// deliver sends a QoS message from one peer to another, which shows that the
// receiver's user is reached on this session, and acknowledges it.
func deliver(s *server.Scene, from, to *server.Peer) {
	deliverMessage(from, to, wire.NewQoSData(from.User, to.User, "is anybody there?", s.Fingerprint()))
}

// deliverMessage sends a QoS message, which has to arrive and to be acknowledged,
// in whatever order (§7).
func deliverMessage(from, to *server.Peer, m wire.Message) {
	from.SendUntil(m, to.Gets(m), from.Gets(server.ServerACK(m)))
	to.SendUnanswered(wire.NewReceived(m))
	to.KeepAlive()
}

// handOver sends a QoS message to the server, which shows that the server acknowledges
// such messages. wants are further effects to wait for.
func handOver(s *server.Scene, p *server.Peer, wants ...server.Want) wire.Message {
	m := wire.NewQoSData(p.User, wire.ServerID, "for the application", s.Fingerprint())
	acknowledged(p, m, wants...)
	return m
}

// acknowledged sends a QoS message that the server has to acknowledge.
func acknowledged(p *server.Peer, m wire.Message, wants ...server.Want) {
	p.SendUntil(m, append([]server.Want{p.Gets(server.ServerACK(m))}, wants...)...)
}

// needs names the capabilities of a case.
func needs(capabilities ...controlapi.Capability) []string {
	return controlapi.Capabilities(capabilities).Names()
}
