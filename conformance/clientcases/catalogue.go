// Package clientcases is the catalogue of conformance cases against a client, one file an
// area.
//
// Every case begins with a login of the client: a driver that does nothing passes none.
package clientcases

import (
	"slices"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// All lists every case, area by area.
func All() []suite.Case {
	return slices.Concat(loginCases, heartbeatCases, giveUpCases, outageCases, networkCases, qosCases, sendCases, kickCases, logoutCases, messageCases, infoCases)
}

// Transports that a case runs on.
var (
	everywhere    = []wire.Transport{wire.UDP, wire.TCP, wire.WS}
	streams       = []wire.Transport{wire.TCP, wire.WS}
	udpOnly       = []wire.Transport{wire.UDP}
	tcpOnly       = []wire.Transport{wire.TCP}
	webSocketOnly = []wire.Transport{wire.WS}
)

// must returns a MUST case that covers one requirement.
func must(id, covers, requirement string, on []wire.Transport, run func(*client.Scene)) suite.Case {
	return suite.Case{ID: id, Requirement: requirement, Covers: []string{covers}, Level: reports.Must, Transports: on, Run: client.Func(run)}
}

// relyingOn returns the case with a requirement that it needs on its way.
func relyingOn(requirement string, c suite.Case) suite.Case {
	c.Relies = append(c.Relies, requirement)
	return c
}

// should returns a SHOULD case that covers one requirement.
func should(id, covers, requirement string, on []wire.Transport, run func(*client.Scene)) suite.Case {
	c := must(id, covers, requirement, on, run)
	c.Level = reports.Should
	return c
}

// expectShown waits until the client shows a message, and compares what it shows.
func expectShown(s *client.Scene, m wire.Message) {
	want := driverapi.Event{Kind: driverapi.EventMessage, Fingerprint: m.Fingerprint, From: m.From, DataContent: m.DataContent, UserType: m.UserType}
	s.ExpectEvent("the event "+want.String(), driverapi.EventMessage, func(e driverapi.Event) bool { return shows(e, m) })
}

// shows reports whether an event shows a message. The fingerprint of one without QoS means
// nothing.
func shows(e driverapi.Event, m wire.Message) bool {
	return e.From == m.From && e.DataContent == m.DataContent && e.UserType == m.UserType &&
		(e.Fingerprint == m.Fingerprint || !m.QoS)
}

// stillShows shows that the client takes what it is sent: a message that needs no answer.
func stillShows(s *client.Scene, l *client.Link) {
	m := wire.NewData(wire.ServerID, s.User, s.Unique("still there"))
	l.Send(m)
	expectShown(s, m)
}
