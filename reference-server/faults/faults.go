// Package faults has the defects that a reference server can be given, so that a suite
// of tests can be seen to notice them. Its files are named by the place that they change:
//
//   - policy.go, application.go, activity.go: configuration, application, what counts as activity
//   - inbound*.go: messages on their way to the rules
//   - effects*.go: what the rules decide to send, close and report
//   - asked.go, logouts.go, routing.go, takeovers.go: effects that depend on what came in
//   - tcp.go, websocket*.go: the bytes of streams
//   - planted.go: those that only exploring finds, wherever they sit
//   - underload.go: those that show only under load
package faults

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
	"imcheck/reference-server/bridge"
)

// Fault is one defect of a server. Of the fields below Name and Does one is set: the place
// where the fault sits. Functions that remember something are made anew for each server
// (Hooks) or stream (TCP, WebSocket); the others remember nothing.
type Fault struct {
	Name string
	Does string // behaviour of the faulty server, in place of the protocol's

	// Policy changes the configuration of the rules: times, limits, quirks.
	Policy func(*server.Config)
	// Listener changes how the listeners of streams treat what RFC 6455 leaves to them.
	Listener func(*transport.Quirks)
	// Application replaces answers of the application.
	Application *Answers
	// Activity picks the messages for which the rule of what counts as activity of a
	// session is inverted (§3 Expiry). sent is true for messages that the server sends.
	Activity func(t wire.Type, sent bool) bool
	// Inbound replaces messages that arrive before the rules get to see them.
	Inbound func(from *server.Session, in server.Inbound) server.Inbound
	// Effects replaces an effect that the rules have decided on by others, or by none.
	Effects func(server.Effect) []server.Effect
	// Hooks makes the hooks of one server, given its configuration: for faults that change
	// both Inbound and Effects, or remember something.
	Hooks func(server.Config) server.Hooks
	// Bridge changes how the bridge treats the broker.
	Bridge func(*bridge.Quirks)
	// TCP and WebSocket put something around a stream, between the socket, or TLS, and
	// the listener.
	TCP, WebSocket func(net.Conn) net.Conn
}

// Place names where a fault sits.
type Place string

// The places, from the configuration of the rules to the bytes of a stream.
const (
	PlacePolicy      Place = "policy"      // times, limits and quirks of the rules
	PlaceListener    Place = "listener"    // quirks of the listeners of streams
	PlaceApplication Place = "application" // answers of the application
	PlaceActivity    Place = "activity"    // the events that keep a session alive
	PlaceInbound     Place = "inbound"     // messages on their way to the rules
	PlaceEffects     Place = "effects"     // the effects that the rules have decided
	PlaceBridge      Place = "bridge"      // what passes between the bridge and its broker
	PlaceTCP         Place = "tcp"         // bytes of a TCP stream
	PlaceWebSocket   Place = "websocket"   // handshake and frames of a WebSocket stream
)

// Places lists where the fault sits: in one place, or on the way in and in the effects.
func (f Fault) Places() (places []Place) {
	var hooks server.Hooks
	if f.Hooks != nil {
		hooks = f.Hooks(server.Config{})
	}
	for _, in := range []struct {
		place Place
		used  bool
	}{
		{PlacePolicy, f.Policy != nil},
		{PlaceListener, f.Listener != nil},
		{PlaceApplication, f.Application != nil},
		{PlaceActivity, f.Activity != nil},
		{PlaceInbound, f.Inbound != nil || hooks.Inbound != nil},
		{PlaceEffects, f.Effects != nil || hooks.Interpose != nil},
		{PlaceBridge, f.Bridge != nil},
		{PlaceTCP, f.TCP != nil},
		{PlaceWebSocket, f.WebSocket != nil},
	} {
		if in.used {
			places = append(places, in.place)
		}
	}
	return places
}

// Where joins the places where the fault sits, such as "policy" or "inbound+effects".
func (f Fault) Where() string {
	var names []string
	for _, place := range f.Places() {
		names = append(names, string(place))
	}
	return strings.Join(names, "+")
}

// Apply gives a server the fault, on top of those that it has.
func (f Fault) Apply(c *behaviour.Config) {
	if f.Policy != nil {
		f.Policy(&c.Config)
	}
	if f.Listener != nil {
		f.Listener(&c.Listening)
	}
	if f.Application != nil {
		c.Application = answering{c.Application, *f.Application}
	}
	if f.Activity != nil {
		c.Miscount(f.Activity)
	}
	c.AddHooks(server.Hooks{Inbound: f.Inbound, Interpose: f.Effects})
	if f.Hooks != nil {
		c.AddHooks(f.Hooks(c.Config))
	}
	if f.Bridge != nil {
		f.Bridge(&c.Bridge)
	}
	if f.TCP != nil {
		c.WrapStreams(wire.TCP, f.TCP)
	}
	if f.WebSocket != nil {
		c.WrapStreams(wire.WS, f.WebSocket)
	}
}

// Find looks faults up by name. The error names the first that does not exist.
func Find(names []string) ([]Fault, error) {
	known := slices.Concat(All(), Planted(), UnderLoad())
	found := make([]Fault, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(known, func(f Fault) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown fault %q: --list-faults names them all", name)
		}
		found = append(found, known[i])
	}
	return found, nil
}

// All lists every fault that the catalogue of cases notices, in the order in which they
// are documented.
func All() []Fault {
	return slices.Concat(
		expiryFaults(), qosFaults(), limitFaults(), applicationFaults(),
		decodingFaults(), typeFaults(), activityFaults(), takeoverFaults(), routingFaults(),
		sessionFaults(), deliveryFaults(), stampFaults(), closeFaults(), reportFaults(), eventFaults(), askedFaults(), logoutFaults(), bridgeFaults(),
		tcpFaults(), frameFaults(), webSocketCloseFaults(), handshakeFaults(), quirkFaults(),
	)
}
