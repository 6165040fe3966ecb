package plan

import (
	"slices"

	"imcheck/protocol/wire"
)

// Flow is the direction of a message: its kind of sender and of receiver.
type Flow uint8

// Flows.
const (
	ToServer   Flow = iota // C → S
	ToClient               // C → C
	FromServer             // S → C
	Echoed                 // C → S and back
	Flows      = 4
)

var flowNames = [Flows]string{"c2s", "c2c", "s2c", "echo"}

// String returns the name of the flow in reports.
func (f Flow) String() string { return flowNames[f] }

// ParseFlow returns the flow of that name; ok is false when there is none.
func ParseFlow(name string) (f Flow, ok bool) {
	i := slices.Index(flowNames[:], name)
	return Flow(max(0, i)), i >= 0
}

// FlowOf returns the flow of a QoS message.
func FlowOf(m wire.Message) Flow {
	switch {
	case m.To.Is(wire.ServerID):
		return ToServer
	case m.From.Is(wire.ServerID):
		return FromServer
	}
	return ToClient
}

// Arrives reports whether clients see the messages of a flow arrive; of the others they
// see the ACK, or the answer.
func (f Flow) Arrives() bool { return f == ToClient || f == FromServer }
